import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DigestMismatchError, ErrorCode, InvalidInputError
from engine.process.definitions import DefinitionCache, check_procedure, definition_digest
from engine.process.diagram import NodeKind, read_diagram, read_xml
from engine.process.model import Procedure, TaskRule
from tests.unit.process.office import draw
from workflows.incoming.procedure import PROCEDURE as INCOMING
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

SIMPLE = draw(["startEvent s", "userTask a", "endEvent e"], ["s a", "a e"])
RULES = {"a": TaskRule(use_case="do_a")}


def a_procedure(xml: bytes, **tasks: TaskRule) -> Procedure:
    return Procedure(id="flow", bpmn=xml, tasks=tasks or RULES)


def reasons(procedure: Procedure) -> str:
    with pytest.raises(InvalidInputError) as caught:
        check_procedure(procedure)
    assert caught.value.code is ErrorCode.PROCESS_INVALID
    return caught.value.params["reasons"]


@pytest.mark.parametrize("procedure", [OUTGOING, INCOMING], ids=lambda p: p.id)
def test_shipped_procedures_may_be_deployed(procedure: Procedure) -> None:
    check_procedure(procedure)


@pytest.mark.parametrize(
    "xml",
    [
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>',
        b'<!DOCTYPE a PUBLIC "-//x//y" "http://192.0.2.1/x.dtd"><a/>',
        SIMPLE.replace(b"<process", b"<!DOCTYPE x><process"),
        SIMPLE.replace(b'name="a"', b'name="&undefined;"'),
        SIMPLE + b" " * 2_000_000,
        SIMPLE.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        SIMPLE.replace(b"Lane", b"\xff\xfe"),
        b"",
        b"not xml",
        b"<a>" * 5000 + b"</a>" * 5000,
        b"<definitions/>",
        SIMPLE[:-20],
    ],
)
def test_hostile_file_is_refused(xml: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        DefinitionCache().load(xml)
    assert caught.value.code is ErrorCode.PROCESS_INVALID


@pytest.mark.parametrize(
    "inside",
    [
        '<scriptTask id="x"><script>import os</script></scriptTask>',
        '<callActivity id="x" calledElement="other"/>',
        '<subProcess id="x"/>',
        '<inclusiveGateway id="x"/>',
        '<eventBasedGateway id="x"/>',
        '<businessRuleTask id="x"/>',
        '<task id="x"/>',
        '<dataObject id="x"/>',
        '<boundaryEvent id="x" attachedToRef="a"/>',
        "<extensionElements/>",
        '<userTask id="x"><multiInstanceLoopCharacteristics/></userTask>',
        '<userTask id="x"><ioSpecification/></userTask>',
        '<startEvent id="x"><timerEventDefinition/></startEvent>',
        '<endEvent id="x"><terminateEventDefinition/></endEvent>',
        '<serviceTask id="x"><extensionElements/></serviceTask>',
        '<sequenceFlow id="x" sourceRef="a" targetRef="e"><script/></sequenceFlow>',
        '<userTask xmlns="urn:other" id="x"/>',
        '<userTask id="a"/>',
        '<userTask id="End"/>',
        '<userTask id="a.b"/>',
        "<userTask/>",
        '<sequenceFlow id="x" sourceRef="a" targetRef="nowhere"/>',
        '<sequenceFlow id="x" sourceRef="a" targetRef="e"/>',
        '<sequenceFlow sourceRef="s" targetRef="e"/>',
        '<laneSet id="l2"><lane id="van_thu"><flowNodeRef>a</flowNodeRef></lane></laneSet>',
        '<laneSet id="l2"><lane id="van_thu"><childLaneSet/></lane></laneSet>',
    ],
)
def test_element_is_refused_when_we_do_not_run_it(inside: str) -> None:
    xml = SIMPLE.replace(b"</process>", inside.encode() + b"</process>")
    with pytest.raises(InvalidInputError):
        DefinitionCache().load(xml)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'isExecutable="true"', b'isExecutable="false"'),
        (b"</definitions>", b'<process id="p2" isExecutable="true"/></definitions>'),
        (b"</definitions>", b'<message id="m" name="m"/></definitions>'),
        (b"</definitions>", b'<import location="http://192.0.2.1"/></definitions>'),
        (b"</definitions>", b'<collaboration id="c"><messageFlow/></collaboration></definitions>'),
        (b"definitions", b"definitionz"),
    ],
)
def test_file_is_refused_when_it_is_not_one_executable_process(old: bytes, new: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_diagram(read_xml(SIMPLE.replace(old, new)))


def test_file_is_refused_when_it_has_more_than_500_nodes() -> None:
    nodes = [f"userTask t{n}" for n in range(501)]
    with pytest.raises(InvalidInputError, match="501 nodes"):
        read_diagram(read_xml(draw(nodes, [])))


@pytest.mark.parametrize(
    ("nodes", "flows", "reason"),
    [
        (["userTask a", "endEvent e"], ["a e"], "0 start events"),
        (["startEvent s", "startEvent s2", "userTask a", "endEvent e"],
         ["s a", "s2 a", "a e"], "2 start events"),
        (["startEvent s", "userTask a", "endEvent e"], ["s a"], "a has 0 outgoing"),
        (["startEvent s", "userTask a", "endEvent e", "endEvent f"],
         ["s a", "a e", "a f"], "a forks without a gateway"),
        (["startEvent s", "userTask a", "endEvent e"], ["s a", "a e x == 1"], "may not have"),
        (["startEvent s", "userTask a", "exclusiveGateway g", "endEvent e", "endEvent f"],
         ["s a", "a g", "g e ok", "g f"], "g-f has no condition"),
        (["startEvent s", "userTask a", "exclusiveGateway g g-x", "endEvent e", "endEvent f"],
         ["s a", "a g", "g e ok", "g f not ok"], "unknown default"),
        (["startEvent s", "userTask a", "exclusiveGateway g g-f", "endEvent e", "endEvent f"],
         ["s a", "a g", "g e ok.real", "g f"], "Attribute is not in the language"),
        (["startEvent s", "userTask a", "endEvent e", "userTask b", "userTask c"],
         ["s a", "a e", "b c", "c b"], "b is never reached"),
        (["startEvent s", "exclusiveGateway m", "exclusiveGateway g g-m", "userTask a",
          "endEvent e"],
         ["s m", "m g", "g m", "g a ok", "a e"], "a loop has no task"),
        (["startEvent s", "userTask a", "parallelGateway g", "endEvent e"],
         ["s a", "a g", "g a", "g e"], "a loop has no way out"),
        (["startEvent s", "userTask a", "parallelGateway f", "userTask b", "userTask c",
          "exclusiveGateway m", "endEvent e"],
         ["s a", "a f", "f b", "f c", "b m", "c m", "m e"], "two tokens"),
        (["startEvent s", "userTask a", "exclusiveGateway x x-c", "userTask b", "userTask c",
          "parallelGateway j", "endEvent e"],
         ["s a", "a x", "x b ok", "x c", "b j", "c j", "j e"], "wait for ever"),
        (["startEvent s", "parallelGateway j", "userTask a", "exclusiveGateway g g-e",
          "endEvent e"],
         ["s j", "j a", "a g", "g j ok", "g e"], "wait for ever"),
    ],
)  # fmt: skip
def test_diagram_is_refused_when_tokens_could_go_wrong(
    nodes: Sequence[str], flows: Sequence[str], reason: str
) -> None:
    assert reason in reasons(a_procedure(draw(nodes, flows)))


def test_procedure_is_refused_when_a_user_task_has_no_rule() -> None:
    assert "a is not both" in reasons(a_procedure(SIMPLE, b=TaskRule(use_case="b")))


def test_procedure_is_refused_when_the_lane_is_no_role() -> None:
    xml = SIMPLE.replace(b'lane id="chuyen_vien"', b'lane id="giam_doc"')
    assert "a is in no lane of a role" in reasons(a_procedure(xml))


def test_procedure_is_refused_when_an_operation_is_not_known() -> None:
    xml = draw(
        ["startEvent s", "userTask a", "serviceTask w", "endEvent e"], ["s a", "a w", "w e"]
    )
    assert "w is not both a service task" in reasons(a_procedure(xml))
    check_procedure(replace(a_procedure(xml), operations=frozenset({"w"})))
    moved = xml.replace(b'"he_thong"', b'"van_thu"')
    assert "not in the lane of the system" in reasons(
        replace(a_procedure(moved), operations=frozenset({"w"}))
    )


def test_procedure_is_refused_when_nothing_writes_what_a_condition_reads() -> None:
    xml = draw(
        ["startEvent s", "userTask a", "exclusiveGateway g g-a", "endEvent e"],
        ["s a", "a g", "g a", "g e ok == True"],
    )
    assert "nothing writes 'ok'" in reasons(a_procedure(xml))
    check_procedure(a_procedure(xml, a=TaskRule(use_case="a", writes=frozenset({"ok"}))))


def test_procedure_is_refused_when_the_process_has_another_id() -> None:
    assert "not 'flow'" in reasons(
        a_procedure(SIMPLE.replace(b'process id="flow"', b'process id="other"'))
    )


def test_procedure_is_refused_when_a_task_has_no_name() -> None:
    assert "a has no name" in reasons(a_procedure(SIMPLE.replace(b'name="a"', b'name=" "')))


def test_definition_lists_nodes_with_vietnamese_names_and_lanes() -> None:
    nodes = {n.id: n for n in DefinitionCache().deploy(OUTGOING).list_nodes()}
    assert nodes["review"].name == "Trưởng phòng duyệt"
    assert nodes["review"].lane == "lanh_dao_phong"
    assert nodes["dispatch"].kind is NodeKind.SERVICE_TASK
    assert nodes["dispatch"].lane == "he_thong"


def test_cache_returns_the_same_definition_when_the_file_is_the_same() -> None:
    cache = DefinitionCache()
    assert cache.deploy(OUTGOING) is cache.deploy(OUTGOING)
    assert cache.find(definition_digest(OUTGOING.bpmn)) is cache.load(OUTGOING.bpmn)


def test_cache_refuses_a_file_when_its_digest_is_another() -> None:
    with pytest.raises(DigestMismatchError):
        DefinitionCache().load(SIMPLE, expected_digest="0" * 64)


def test_diagram_is_refused_when_its_branches_are_too_many_to_check() -> None:
    nodes, flows = ["startEvent s", "parallelGateway f", "parallelGateway j", "endEvent e"], []
    tasks = [f"t{n}" for n in range(16)]
    for task in tasks:
        nodes.append(f"userTask {task}")
        flows += [f"f {task}", f"{task} j"]
    xml = draw(nodes, ["s f", "j e", *flows])
    rules = {task: TaskRule(use_case="any") for task in tasks}
    assert "too many to check" in reasons(a_procedure(xml, **rules))


def test_flow_is_refused_when_its_condition_is_empty_or_double() -> None:
    for condition in (
        "<conditionExpression/>",
        "<conditionExpression>a</conditionExpression>" * 2,
    ):
        xml = SIMPLE.replace(b'targetRef="e">', f'targetRef="e">{condition}'.encode())
        with pytest.raises(InvalidInputError, match="no proper condition"):
            read_diagram(read_xml(xml))


def test_file_may_have_documentation() -> None:
    inside = "<documentation>Đọc kỹ</documentation>"
    documented = SIMPLE.replace(b"</process>", f"{inside}</process>".encode())
    check_procedure(a_procedure(documented.replace(b'name="a"/>', b'name="a"></userTask>')))
    user_task = f'name="a">{inside}</userTask>'.encode()
    check_procedure(a_procedure(documented.replace(b'name="a"/>', user_task)))


@given(st.integers(0, len(OUTGOING.bpmn)), st.integers(0, 200), st.binary(max_size=40))
def test_damaged_file_is_refused_or_read_and_nothing_else(at: int, cut: int, put: bytes) -> None:
    xml = OUTGOING.bpmn[:at] + put + OUTGOING.bpmn[at + cut :]
    with suppress(InvalidInputError):
        check_procedure(replace(OUTGOING, bpmn=xml))
        DefinitionCache().load(xml)


PARTS = st.sampled_from(re.findall(rb"<[^>]+>", OUTGOING.bpmn))


@given(PARTS, PARTS)
def test_file_with_moved_parts_is_refused_or_read_and_nothing_else(old: bytes, new: bytes) -> None:
    xml = OUTGOING.bpmn.replace(old, new)
    with suppress(InvalidInputError):
        check_procedure(replace(OUTGOING, bpmn=xml))
        DefinitionCache().load(xml)
