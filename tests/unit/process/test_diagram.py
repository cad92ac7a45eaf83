import re
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ErrorCode, InvalidInputError
from engine.process.definitions import DefinitionCache
from engine.process.deployment import lint_files
from engine.process.diagram import MAX_BYTES, read_diagram, read_xml
from engine.process.findings import DiagramRefusedError, LintRule
from tests.unit.process.office import draw
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

SIMPLE = draw(["startEvent s", "userTask a", "endEvent e"], ["s a", "a e"])


def found(xml: bytes) -> list[tuple[LintRule, str]]:
    """Return what reading a file finds: rule and element."""
    with pytest.raises(DiagramRefusedError) as caught:
        read_diagram(read_xml(xml))
    assert caught.value.code is ErrorCode.PROCESS_INVALID
    return [(finding.rule, finding.element_id) for finding in caught.value.findings]


def with_inside(inside: str) -> bytes:
    return SIMPLE.replace(b"</process>", inside.encode() + b"</process>")


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><x>&l9;</x>'.encode()


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', LintRule.XML_DOCTYPE),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', LintRule.XML_DOCTYPE),
        (b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>', LintRule.XML_DOCTYPE),
        (b'<!DOCTYPE a PUBLIC "-//x//y" "http://192.0.2.1/x.dtd"><a/>', LintRule.XML_DOCTYPE),
        (_laughs(), LintRule.XML_DOCTYPE),
        (SIMPLE.replace(b"<process", b"<!DOCTYPE x><process"), LintRule.XML_DOCTYPE),
        # Read as UTF-7 this would be a document type with an entity.
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>', LintRule.XML_BROKEN),
        (SIMPLE.replace(b'name="a"', b'name="&undefined;"'), LintRule.XML_BROKEN),
        (SIMPLE + b" " * MAX_BYTES, LintRule.XML_TOO_LARGE),
        (SIMPLE.decode().replace("UTF-8", "UTF-16").encode("utf-16"), LintRule.XML_NOT_UTF8),
        (SIMPLE.replace(b"Lane", b"\xff\xfe"), LintRule.XML_NOT_UTF8),
        (b"", LintRule.XML_BROKEN),
        (b"not xml", LintRule.XML_BROKEN),
        (SIMPLE[:-20], LintRule.XML_BROKEN),
        (SIMPLE.replace(b'name="a"', b'name="a" name="b"'), LintRule.XML_BROKEN),
        (b"<a>" * 5000 + b"</a>" * 5000, LintRule.XML_BROKEN),
        (with_inside("<x>" * 5000 + "</x>" * 5000), LintRule.XML_BROKEN),
        (b"<definitions/>", LintRule.NOT_BPMN),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_file_is_refused_by_the_right_rule(xml: bytes, rule: LintRule) -> None:
    assert found(xml) == [(rule, "")]
    assert [finding.rule for finding in lint_files(xml, b"", {})] == [rule]
    with pytest.raises(InvalidInputError):
        DefinitionCache().load(xml)


@pytest.mark.parametrize(
    ("inside", "rule", "element_id"),
    [
        ('<scriptTask id="x"><script>import os</script></scriptTask>', LintRule.UNSUPPORTED, "x"),
        ('<subProcess id="x"/>', LintRule.UNSUPPORTED, "x"),
        ('<transaction id="x"/>', LintRule.UNSUPPORTED, "x"),
        ('<inclusiveGateway id="x"/>', LintRule.UNSUPPORTED, "x"),
        ('<eventBasedGateway id="x"/>', LintRule.UNSUPPORTED, "x"),
        ('<complexGateway id="x"/>', LintRule.UNSUPPORTED, "x"),
        ('<task id="x"/>', LintRule.UNSUPPORTED, "x"),
        ('<manualTask id="x"/>', LintRule.UNSUPPORTED, "x"),
        ('<dataObject id="x"/>', LintRule.UNSUPPORTED, "x"),
        ("<extensionElements/>", LintRule.UNSUPPORTED, "flow"),
        (
            '<userTask id="x"><multiInstanceLoopCharacteristics/></userTask>',
            LintRule.UNSUPPORTED,
            "x",
        ),
        (
            '<callActivity id="x"><standardLoopCharacteristics/></callActivity>',
            LintRule.UNSUPPORTED,
            "x",
        ),
        ('<userTask id="x"><ioSpecification/></userTask>', LintRule.UNSUPPORTED, "x"),
        ('<startEvent id="x"><timerEventDefinition/></startEvent>', LintRule.UNSUPPORTED, "x"),
        (
            '<endEvent id="x"><terminateEventDefinition id="y"/></endEvent>',
            LintRule.UNSUPPORTED,
            "y",
        ),
        ('<serviceTask id="x"><extensionElements/></serviceTask>', LintRule.UNSUPPORTED, "x"),
        ('<userTask xmlns="urn:other" id="x"/>', LintRule.UNSUPPORTED, "x"),
        (
            '<intermediateCatchEvent id="x"><signalEventDefinition id="y"/>'
            "</intermediateCatchEvent>",
            LintRule.UNSUPPORTED,
            "y",
        ),
        ('<userTask id="a"/>', LintRule.ID_TWICE, "a"),
        ('<userTask id="End"/>', LintRule.ID_NOT_ALLOWED, "End"),
        ('<userTask id="Root"/>', LintRule.ID_NOT_ALLOWED, "Root"),
        ('<userTask id="a.b"/>', LintRule.ID_NOT_ALLOWED, "a.b"),
        ('<userTask id="đơn"/>', LintRule.ID_NOT_ALLOWED, "đơn"),
        ("<userTask/>", LintRule.ID_MISSING, ""),
        (
            '<sequenceFlow id="x" sourceRef="a" targetRef="nowhere"/>',
            LintRule.REFERENCE_UNKNOWN,
            "x",
        ),
        ('<sequenceFlow id="x" sourceRef="a" targetRef="e"/>', LintRule.FLOW_TWICE, "x"),
        ('<sequenceFlow sourceRef="s" targetRef="e"/>', LintRule.ID_MISSING, ""),
        (
            '<sequenceFlow id="x" sourceRef="s" targetRef="e"><script/></sequenceFlow>',
            LintRule.UNSUPPORTED,
            "x",
        ),
        (
            '<sequenceFlow id="x" sourceRef="s" targetRef="e"><conditionExpression/>'
            "</sequenceFlow>",
            LintRule.CONDITION_REFUSED,
            "x",
        ),
        (
            '<sequenceFlow id="x" sourceRef="s" targetRef="e"><conditionExpression>a'
            "</conditionExpression><conditionExpression>a</conditionExpression></sequenceFlow>",
            LintRule.CONDITION_REFUSED,
            "x",
        ),
        (
            '<laneSet id="l2"><lane id="van_thu"><flowNodeRef>a</flowNodeRef></lane></laneSet>',
            LintRule.LANE_TWICE,
            "a",
        ),
        (
            '<laneSet id="l2"><lane id="van_thu"><childLaneSet/></lane></laneSet>',
            LintRule.UNSUPPORTED,
            "van_thu",
        ),
        (
            '<laneSet id="l2"><lane id="van_thu"><flowNodeRef>no</flowNodeRef></lane></laneSet>',
            LintRule.REFERENCE_UNKNOWN,
            "van_thu",
        ),
        (
            '<userTask id="x" xmlns:t="urn:trinhky:bpmn:1" t:script="os"/>',
            LintRule.ATTRIBUTE_WRONG,
            "x",
        ),
        (
            '<serviceTask id="x" xmlns:t="urn:trinhky:bpmn:1" t:due="P1D"/>',
            LintRule.ATTRIBUTE_WRONG,
            "x",
        ),
        (
            '<callActivity id="x" xmlns:t="urn:trinhky:bpmn:1" t:passes="__class__"/>',
            LintRule.ATTRIBUTE_WRONG,
            "x",
        ),
        (
            '<boundaryEvent id="x" attachedToRef="a"><messageEventDefinition messageRef="no"/>'
            "</boundaryEvent>",
            LintRule.EVENT_WRONG,
            "x",
        ),
        ('<boundaryEvent id="x" attachedToRef="a"/>', LintRule.EVENT_WRONG, "x"),
        (
            '<intermediateCatchEvent id="x"><timerEventDefinition/></intermediateCatchEvent>',
            LintRule.EVENT_WRONG,
            "x",
        ),
        (
            '<intermediateThrowEvent id="x"><timerEventDefinition><timeDuration>P1D'
            "</timeDuration></timerEventDefinition></intermediateThrowEvent>",
            LintRule.EVENT_WRONG,
            "x",
        ),
        (
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeCycle>R/P1D</timeCycle>'
            "</timerEventDefinition></intermediateCatchEvent>",
            LintRule.UNSUPPORTED,
            "x",
        ),
    ],
)
def test_element_is_refused_when_we_do_not_run_it(
    inside: str, rule: LintRule, element_id: str
) -> None:
    assert (rule, element_id) in found(with_inside(inside))


@pytest.mark.parametrize(
    ("old", "new", "rule", "element_id"),
    [
        (
            b'isExecutable="true"',
            b'isExecutable="false"',
            LintRule.NOT_EXECUTABLE,
            "flow",
        ),
        (
            b"</definitions>",
            b'<process id="p2" isExecutable="true"/></definitions>',
            LintRule.ONE_PROCESS,
            "",
        ),
        (b"</definitions>", b'<signal id="m"/></definitions>', LintRule.UNSUPPORTED, "m"),
        (
            b"</definitions>",
            b'<import location="http://192.0.2.1"/></definitions>',
            LintRule.UNSUPPORTED,
            "",
        ),
        (
            b"</definitions>",
            b'<collaboration id="c"><messageFlow id="m"/></collaboration></definitions>',
            LintRule.UNSUPPORTED,
            "m",
        ),
        (b"definitions", b"definitionz", LintRule.NOT_BPMN, ""),
        (b"<process ", b"<participant ", LintRule.XML_BROKEN, ""),
    ],
)
def test_file_is_refused_when_it_is_not_one_executable_process(
    old: bytes, new: bytes, rule: LintRule, element_id: str
) -> None:
    assert (rule, element_id) in found(SIMPLE.replace(old, new))


def test_file_is_refused_when_it_has_more_than_500_nodes() -> None:
    nodes = [f"userTask t{n}" for n in range(501)]
    with pytest.raises(DiagramRefusedError, match="501") as caught:
        read_diagram(read_xml(draw(nodes, [])))
    assert [finding.rule for finding in caught.value.findings] == [LintRule.TOO_MANY_NODES]


def test_everything_wrong_is_found_at_once() -> None:
    inside = '<task id="x"/><userTask id="a"/><sequenceFlow id="y" sourceRef="a" targetRef="no"/>'
    assert found(with_inside(inside)) == [
        (LintRule.ID_TWICE, "a"),
        (LintRule.UNSUPPORTED, "x"),
        (LintRule.REFERENCE_UNKNOWN, "y"),
    ]


def test_finding_shows_a_hostile_value_cut_short() -> None:
    inside = f'<sequenceFlow id="x" sourceRef="a" targetRef="{"n" * 100_000}"/>'
    with pytest.raises(DiagramRefusedError) as caught:
        read_diagram(read_xml(with_inside(inside)))
    assert len(str(caught.value)) < 3_000
    assert all(len(str(finding)) < 400 for finding in caught.value.findings)


def test_names_are_tidied_and_cut() -> None:
    xml = SIMPLE.replace(b'name="a"', b'name=" a  b&#10;' + b"c" * 500 + b'"')
    assert read_diagram(read_xml(xml)).nodes["a"].name == "a b " + "c" * 196


@given(st.integers(0, len(OUTGOING.bpmn)), st.integers(0, 200), st.binary(max_size=40))
def test_damaged_file_is_refused_or_read_and_nothing_else(at: int, cut: int, put: bytes) -> None:
    xml = OUTGOING.bpmn[:at] + put + OUTGOING.bpmn[at + cut :]
    with suppress(InvalidInputError):
        lint_files(xml, OUTGOING.dmn, {"outgoing": replace(OUTGOING, bpmn=xml)})
        DefinitionCache().load(xml)


PARTS = st.sampled_from(re.findall(rb"<[^>]+>", OUTGOING.bpmn))


@given(PARTS, PARTS)
def test_file_with_moved_parts_is_refused_or_read_and_nothing_else(old: bytes, new: bytes) -> None:
    xml = OUTGOING.bpmn.replace(old, new)
    with suppress(InvalidInputError):
        lint_files(xml, OUTGOING.dmn, {"outgoing": replace(OUTGOING, bpmn=xml)})
        DefinitionCache().load(xml)
