import copy
import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from lxml import etree

from engine.errors import ErrorCode, InvalidInputError
from engine.process.diagram import read_diagram, read_xml
from engine.process.findings import DiagramRefusedError, Finding
from engine.process.importing import Attention, Change, ChangeKind, Imported, normalise
from engine.process.importing.conditions import Translator
from engine.process.importing.lanes import role_of
from engine.process.importing.timers import translate_timer
from engine.process.lint import lint_diagram
from engine.process.nodes import Diagram, NodeKind
from workflows.incoming.procedure import PROCEDURE as INCOMING
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

FOREIGN = Path(__file__).parent / "foreign"
FILES = sorted(FOREIGN.glob("*.bpmn"))
CLEAN = [path for path in FILES if path.stem != "unsupported"]
NS = {
    "b": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "d": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}


def sample(name: str) -> bytes:
    return (FOREIGN / f"{name}.bpmn").read_bytes()


def drawn(inside: str, *, top: str = "") -> bytes:
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
        'xmlns:trinhky="urn:trinhky:bpmn:1" targetNamespace="t">'
        f'{top}<process id="p" isExecutable="true">{inside}</process></definitions>'
    ).encode()


def flows(*pairs: str) -> str:
    return "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(pair.split() for pair in pairs)
    )


def lint(xml: bytes) -> list[Finding]:
    try:
        return lint_diagram(read_diagram(read_xml(xml)))
    except DiagramRefusedError as error:
        return list(error.findings)


def diagram(imported: Imported) -> Diagram:
    return read_diagram(read_xml(imported.xml))


def of_kind(imported: Imported, kind: ChangeKind) -> dict[str, dict[str, str]]:
    return {c.element_id: dict(c.detail) for c in imported.changes if c.kind is kind}


def attention(imported: Imported) -> set[tuple[str, str]]:
    return {
        (change.element_id, change.detail["reason"])
        for change in imported.changes
        if change.kind is ChangeKind.NEEDS_ATTENTION
    }


def made(imported: Imported) -> list[Change]:
    return [c for c in imported.changes if c.kind is not ChangeKind.NEEDS_ATTENTION]


def canonical(xml: bytes) -> str:
    root = etree.fromstring(xml, etree.XMLParser(remove_blank_text=True))
    shapes = root.iter("{*}BPMNShape", "{*}BPMNEdge")
    order = {shape.get("id", ""): shape for shape in shapes}
    for plane in root.iter("{*}BPMNPlane"):
        plane[:] = [order[name] for name in sorted(order)]
    return etree.canonicalize(etree.tostring(root, encoding="unicode"))


@pytest.mark.parametrize("procedure", [OUTGOING, INCOMING], ids=lambda p: p.id)
def test_import_changes_nothing_when_the_file_is_ours(procedure: object) -> None:
    xml = procedure.bpmn  # type: ignore[attr-defined]
    imported = normalise(xml)
    assert imported.changes == []
    assert canonical(imported.xml) == canonical(xml)


@pytest.mark.parametrize("path", CLEAN, ids=lambda p: p.stem)
def test_import_gives_what_may_run_when_the_file_is_ordinary(path: Path) -> None:
    assert lint(path.read_bytes())
    assert lint(normalise(path.read_bytes()).xml) == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_import_changes_nothing_when_done_again(path: Path) -> None:
    first = normalise(path.read_bytes())
    again = normalise(first.xml)
    assert again.xml == first.xml
    assert made(again) == []
    assert attention(again) <= attention(first)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_import_gives_the_same_when_the_file_is_the_same(path: Path) -> None:
    assert normalise(path.read_bytes()) == normalise(path.read_bytes())


def test_import_names_all_that_it_cannot_bring() -> None:
    imported = normalise(sample("unsupported"))
    assert attention(imported) >= {
        ("many", Attention.LOOP),
        ("any", Attention.UNSUPPORTED),
        ("signal", Attention.EVENT_DEFINITION),
        ("adhoc", Attention.SUBPROCESS),
        ("tx", Attention.SUBPROCESS),
        ("handler", Attention.SUBPROCESS),
        ("complex", Attention.UNSUPPORTED),
        ("events", Attention.UNSUPPORTED),
        ("cycle", Attention.TIMER),
        ("undo", Attention.COMPENSATION),
        ("b", Attention.EVENT_DEFINITION),
    }
    refused = {finding.element_id for finding in lint(imported.xml)}
    assert {"any", "signal", "adhoc", "tx", "handler", "complex", "events"} <= refused


# Tasks and events


def test_import_makes_user_tasks_of_tasks_nobody_else_does() -> None:
    imported = normalise(sample("signavio"))
    nodes = diagram(imported).nodes
    assert {nodes[n].kind for n in ("sid-den", "sid-a", "sid-b")} == {NodeKind.USER_TASK}
    converted = of_kind(imported, ChangeKind.CONVERTED_TASK)
    assert converted["sid-a"] == {"was": "manualTask", "now": "userTask"}
    assert "sid-b" not in converted


def test_import_makes_events_of_message_tasks_when_they_name_a_message() -> None:
    inside = (
        '<startEvent id="s"/><sendTask id="a" name="Gửi" messageRef="m"/>'
        '<receiveTask id="b" name="Chờ" messageRef="m"/><sendTask id="c" name="Báo"/>'
        '<endEvent id="e"/>' + flows("s a", "a b", "b c", "c e")
    )
    imported = normalise(drawn(inside, top='<message id="m" name="tra_loi"/>'))
    nodes = diagram(imported).nodes
    assert [nodes[n].kind for n in "abc"] == [NodeKind.THROW, NodeKind.CATCH, NodeKind.USER_TASK]
    assert nodes["b"].event is not None
    assert nodes["b"].event.message == "tra_loi"
    assert lint(imported.xml) == []


def test_import_keeps_a_user_task_when_a_boundary_event_sits_on_a_receive_task() -> None:
    inside = (
        '<startEvent id="s"/><receiveTask id="a" name="Chờ" messageRef="m"/><endEvent id="e"/>'
        '<boundaryEvent id="t" attachedToRef="a"><timerEventDefinition>'
        "<timeDuration>P7D</timeDuration></timerEventDefinition></boundaryEvent>"
        + flows("s a", "a e", "t e")
    )
    imported = normalise(drawn(inside, top='<message id="m" name="m"/>'))
    assert diagram(imported).nodes["a"].kind is NodeKind.USER_TASK
    assert ("a", Attention.MESSAGE_TASK) in attention(imported)


def test_import_takes_the_script_out_and_says_what_it_was() -> None:
    imported = normalise(sample("camunda_modeler"))
    assert diagram(imported).nodes["Activity_tinh"].kind is NodeKind.SERVICE_TASK
    assert b"setVariable" not in imported.xml
    scripts = [c.detail["script"] for c in imported.changes if "script" in c.detail]
    assert scripts == ['execution.setVariable("han", 5)']


def test_import_keeps_decision_and_called_procedure_of_another_engine() -> None:
    nodes = diagram(normalise(sample("camunda_cloud"))).nodes
    assert nodes["phanLoai"].decision == "phan_loai"
    assert nodes["xuLy"].call is not None
    assert nodes["xuLy"].call.procedure_id == "xu_ly_ho_so"


def test_import_sends_the_message_of_an_end_before_the_end() -> None:
    found = diagram(normalise(sample("camunda_cloud")))
    (flow,) = found.flows_into("ketThuc")
    assert found.nodes[flow.source].kind is NodeKind.THROW
    assert found.nodes["ketThuc"].kind is NodeKind.END


def test_import_asks_for_attention_when_the_start_had_a_trigger() -> None:
    imported = normalise(sample("bizagi"))
    assert ("n_Start", Attention.START_TRIGGER) in attention(imported)


def test_import_keeps_our_own_attributes() -> None:
    inside = (
        '<startEvent id="s"/><userTask id="a" name="A" trinhky:due="3 working days" '
        'camunda:dueDate="2026-01-01"/><endEvent id="e"/>' + flows("s a", "a e")
    )
    imported = normalise(drawn(inside))
    work = diagram(imported).nodes["a"].work
    assert work is not None
    assert work.due == "3 working days"
    assert of_kind(imported, ChangeKind.REMOVED_EXTENSION)["p"]["what"] == "camunda:dueDate"


# Flows


def test_import_puts_a_gateway_where_a_task_forks() -> None:
    imported = normalise(sample("signavio"))
    found = diagram(imported)
    (inserted,) = of_kind(imported, ChangeKind.INSERTED_GATEWAY).items()
    assert inserted[1]["gateway"] == NodeKind.PARALLEL
    assert {f.target for f in found.flows_from(inserted[0])} == {"sid-a", "sid-b"}
    assert [f.target for f in found.flows_from("sid-den")] == [inserted[0]]


def test_import_makes_a_choice_of_one_when_a_task_has_conditions_and_says_so() -> None:
    imported = normalise(sample("adonis"))
    found = diagram(imported)
    gateway = found.nodes["after_obj_2"]
    assert gateway.kind is NodeKind.EXCLUSIVE
    assert gateway.default_flow == "con_3"
    assert "inclusive" in of_kind(imported, ChangeKind.INSERTED_GATEWAY)["after_obj_2"]["was"]


def test_import_adds_the_start_and_the_ends_that_were_left_out() -> None:
    imported = normalise(sample("adonis"))
    assert of_kind(imported, ChangeKind.ADDED_START) == {"start": {"before": "obj_1"}}
    assert [d["after"] for d in of_kind(imported, ChangeKind.ADDED_END).values()] == [
        "obj_3",
        "obj_4",
    ]


def choice(*conditions: str, default: str = "") -> Imported:
    lines = "".join(
        f'<sequenceFlow id="c{n}" name="Hướng {n}" sourceRef="g" targetRef="t{n}">'
        + (f"<conditionExpression>{text}</conditionExpression>" if text else "")
        + f'</sequenceFlow><userTask id="t{n}" name="T"/>'
        f'<sequenceFlow id="e{n}" sourceRef="t{n}" targetRef="e"/>'
        for n, text in enumerate(conditions)
    )
    marked = f' default="{default}"' if default else ""
    inside = f'<startEvent id="s"/><exclusiveGateway id="g"{marked}/><endEvent id="e"/>{lines}'
    return normalise(drawn(inside + flows("s g")))


def default_of(imported: Imported) -> str:
    gateway = read_xml(imported.xml).find(".//b:exclusiveGateway", NS)
    assert gateway is not None
    return gateway.get("default", "")


def test_import_marks_the_one_flow_without_condition_as_default() -> None:
    imported = choice("a", "", "b")
    assert default_of(imported) == "c1"
    assert lint(imported.xml) == []


def test_import_marks_the_last_flow_and_names_the_others_when_none_has_a_condition() -> None:
    imported = choice("", "", "")
    assert default_of(imported) == "c2"
    named = {e: r for e, r in attention(imported) if e.startswith("c")}
    assert named == {"c0": Attention.NO_CONDITION, "c1": Attention.NO_CONDITION}


def test_import_leaves_a_choice_alone_when_every_flow_has_a_condition_we_read() -> None:
    imported = choice("a", "not a")
    assert default_of(imported) == ""
    assert [change.kind for change in made(imported)] == [ChangeKind.LAID_OUT]
    assert lint(imported.xml) == []


def test_import_makes_the_flow_it_cannot_read_the_default_and_keeps_its_text_in_the_report() -> (
    None
):
    imported = choice("${a}", "${bean.check(doc)}")
    assert default_of(imported) == "c1"
    dropped = of_kind(imported, ChangeKind.REMOVED_CONDITION)
    assert dropped == {"c1": {"condition": "${bean.check(doc)}"}}


def test_import_keeps_a_condition_it_cannot_read_when_it_is_not_the_default() -> None:
    imported = choice("${bean.check(doc)}", "")
    assert ("c0", Attention.CONDITION) in attention(imported)
    assert [str(finding.rule) for finding in lint(imported.xml)] == ["condition.refused"]


def test_import_drops_the_condition_of_a_default() -> None:
    imported = choice("a", "b", default="c1")
    assert of_kind(imported, ChangeKind.REMOVED_CONDITION) == {"c1": {"condition": "b"}}
    assert lint(imported.xml) == []


def test_import_merges_two_flows_between_the_same_nodes() -> None:
    lines = "".join(
        f'<sequenceFlow id="{i}" sourceRef="g" targetRef="a">'
        f"<conditionExpression>{c}</conditionExpression></sequenceFlow>"
        for i, c in (("x", "kind == 'mat'"), ("y", "kind == 'khan'"))
    )
    inside = (
        '<startEvent id="s"/><exclusiveGateway id="g" default="f1"/><userTask id="a" name="A"/>'
        '<userTask id="b" name="B"/><endEvent id="e"/>' + lines + flows("s g", "g b", "a e", "b e")
    )
    imported = normalise(drawn(inside))
    (flow,) = (f for f in diagram(imported).flows if f.target == "a")
    assert flow.condition == "(kind == 'mat') or (kind == 'khan')"
    assert of_kind(imported, ChangeKind.MERGED_FLOWS)["x"]["merged"] == "y"
    assert lint(imported.xml) == []


def test_import_inlines_a_subprocess_joins_links_and_drops_milestones() -> None:
    imported = normalise(sample("drawing_tool"))
    found = diagram(imported)
    assert {"n2", "n3", "n4", "n5"}.isdisjoint(found.nodes)
    assert {"n21", "n23"} <= found.nodes.keys()
    assert found.nodes["n6"].kind is NodeKind.USER_TASK
    assert ("n6", Attention.EMPTY_SUBPROCESS) in attention(imported)
    assert of_kind(imported, ChangeKind.INLINED_SUBPROCESS)["n2"]["name"] == "Thẩm tra"
    assert list(of_kind(imported, ChangeKind.JOINED_LINK)) == ["n4"]


def subprocess(inner: str, *, attributes: str = "", beside: str = "") -> Imported:
    return normalise(
        drawn(
            f'<startEvent id="s"/><subProcess id="sub" name="Con"{attributes}>{inner}</subProcess>'
            f'<endEvent id="e"/>{beside}'
            '<sequenceFlow id="o1" sourceRef="s" targetRef="sub"/>'
            '<sequenceFlow id="o2" sourceRef="sub" targetRef="e"/>'
        )
    )


TWO = '<userTask id="a" name="A"/><userTask id="b" name="B"/>'


def test_import_leaves_a_subprocess_when_its_branches_end_apart() -> None:
    imported = subprocess(f'<parallelGateway id="g"/>{TWO}' + flows("g a", "g b"))
    assert ("sub", Attention.SUBPROCESS) in attention(imported)
    assert {f.element_id for f in lint(imported.xml)} == {"sub"}


def test_import_inlines_a_subprocess_when_its_branches_are_joined() -> None:
    gates = '<parallelGateway id="g"/><parallelGateway id="j"/>'
    imported = subprocess(gates + TWO + flows("g a", "g b", "a j", "b j"))
    assert lint(imported.xml) == []
    assert {"a", "b", "g", "j"} <= diagram(imported).nodes.keys()


def test_import_leaves_a_subprocess_when_an_event_sits_on_it() -> None:
    event = (
        '<boundaryEvent id="t" attachedToRef="sub"><timerEventDefinition><timeDuration>P1D'
        "</timeDuration></timerEventDefinition></boundaryEvent>"
    )
    imported = subprocess('<userTask id="a" name="A"/>', beside=event)
    assert ("sub", Attention.SUBPROCESS) in attention(imported)


def test_import_inlines_a_subprocess_inside_a_subprocess() -> None:
    inner = '<subProcess id="deep" name="Sâu"><userTask id="a" name="A"/></subProcess>'
    imported = subprocess(inner)
    assert list(diagram(imported).nodes) == ["s", "a", "e"]
    assert lint(imported.xml) == []


def test_import_leaves_several_starts_for_a_person() -> None:
    inside = (
        '<startEvent id="s"/><startEvent id="t"/><userTask id="a" name="A"/><endEvent id="e"/>'
        + flows("s a", "t a", "a e")
    )
    imported = normalise(drawn(inside))
    assert ("p", Attention.STARTS) in attention(imported)
    assert [str(f.rule) for f in lint(imported.xml)] == ["start.one"]


def office(inside: str, *pairs: str, top: str = "") -> Imported:
    """Import a start, two user tasks a and b, an end and what is put between."""
    nodes = f'<startEvent id="s"/>{TWO}<endEvent id="e"/>{inside}'
    return normalise(drawn(nodes + flows(*pairs), top=top))


def test_import_makes_a_milestone_a_merge_when_a_join_follows() -> None:
    imported = office(
        '<parallelGateway id="g"/><parallelGateway id="j"/><exclusiveGateway id="x" default="f4"/>'
        '<userTask id="c" name="C"/><intermediateThrowEvent id="m"/>'
        '<sequenceFlow id="xc" sourceRef="x" targetRef="c">'
        "<conditionExpression>go</conditionExpression></sequenceFlow>",
        *("s g", "g x", "g b", "x m", "x a", "a m", "m j", "b j", "j e", "c m"),
    )
    assert of_kind(imported, ChangeKind.CONVERTED_EVENT)["m"]["now"] == NodeKind.EXCLUSIVE


def test_import_keeps_flows_apart_when_their_conditions_cannot_be_joined() -> None:
    lines = "".join(
        f'<sequenceFlow id="{i}" sourceRef="g" targetRef="a">'
        f"<conditionExpression>{c}</conditionExpression></sequenceFlow>"
        for i, c in (("x", "bean.one()"), ("y", "bean.two()"))
    )
    imported = office('<exclusiveGateway id="g"/>' + lines, "s g", "g b", "a e", "b e")
    assert ChangeKind.MERGED_FLOWS not in {change.kind for change in imported.changes}
    assert {"x", "y"} <= {element for element, _ in attention(imported)}


def test_import_keeps_the_default_when_it_is_merged() -> None:
    imported = office(
        '<exclusiveGateway id="g" default="d"/>'
        '<sequenceFlow id="c" sourceRef="g" targetRef="a"/>'
        '<sequenceFlow id="d" sourceRef="g" targetRef="a"/>'
        '<sequenceFlow id="x" sourceRef="g" targetRef="b"><conditionExpression>go'
        "</conditionExpression></sequenceFlow>",
        *("s g", "a e", "b e"),
    )
    assert default_of(imported) == "c"
    assert lint(imported.xml) == []


def test_import_leaves_links_without_a_partner() -> None:
    link = '<linkEventDefinition name="A"/>'
    imported = office(
        f'<intermediateThrowEvent id="t">{link}</intermediateThrowEvent>', "s a", "a b", "b t"
    )
    assert ("t", Attention.LINK) in attention(imported)
    assert not of_kind(imported, ChangeKind.ADDED_END)


def test_import_names_compensation_and_error_events() -> None:
    imported = office(
        '<boundaryEvent id="u" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
        '<boundaryEvent id="v" attachedToRef="a"><eventDefinitionRef>t:err</eventDefinitionRef>'
        '</boundaryEvent><boundaryEvent id="w" attachedToRef="nobody">'
        "<eventDefinitionRef>gone</eventDefinitionRef></boundaryEvent>",
        *("s a", "a b", "b e", "v e", "w e"),
        top='<errorEventDefinition id="err" errorRef="t:E"/><error id="E" name="Lỗi"/>',
    )
    named = {c.element_id: dict(c.detail) for c in imported.changes if "event" in c.detail}
    assert named["u"]["event"] == "compensateEventDefinition"
    assert named["v"]["refers"] == "Lỗi"
    assert named["w"]["event"] == "none"
    assert ("w", Attention.BOUNDARY) in attention(imported)


def test_import_says_who_was_to_do_a_task_and_what_it_was_called_with() -> None:
    imported = office(
        '<businessRuleTask id="r" name="R" camunda:decisionRef="phan_loai"/>'
        '<callActivity id="k" name="K" calledElement="t:con"/>'
        '<callActivity id="l" name="L" calledElement="${x}"/>'
        '<userTask id="u" name="U" startQuantity="2"><potentialOwner>'
        "<resourceAssignmentExpression><formalExpression>van-thu</formalExpression>"
        "</resourceAssignmentExpression></potentialOwner>"
        "<documentation>Một</documentation><documentation>Hai</documentation></userTask>"
        '<callActivity id="n" name="N" calledElement="con"><multiInstanceLoopCharacteristics>'
        "<loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></callActivity>",
        *("s a", "a b", "b r", "r k", "k l", "l u", "u n", "n e"),
    )
    nodes = diagram(imported).nodes
    assert nodes["r"].decision == "phan_loai"
    assert nodes["k"].call is not None
    assert nodes["k"].call.procedure_id == "con"
    assert nodes["n"].call is not None
    assert nodes["n"].call.many
    assert attention(imported) >= {("l", Attention.CALLED), ("u", Attention.QUANTITY)}
    assert "n" not in {element for element, _ in attention(imported)}
    assert of_kind(imported, ChangeKind.REMOVED_ASSIGNMENT)["u"] == {"potentialOwner": "van-thu"}
    assert "Một\nHai" in imported.xml.decode()


def test_import_names_missing_names_decisions_and_messages() -> None:
    imported = office(
        '<businessRuleTask id="r" name="R"/><serviceTask id="n"/><intermediateCatchEvent id="m">'
        '<messageEventDefinition messageRef="gone"/></intermediateCatchEvent>',
        *("s a", "a b", "b r", "r n", "n m", "m e"),
    )
    assert attention(imported) >= {
        ("r", Attention.DECISION),
        ("n", Attention.NO_NAME),
        ("m", Attention.MESSAGE),
    }


def test_import_puts_flows_into_the_subprocess_their_nodes_are_in() -> None:
    inside = (
        '<startEvent id="s"/><endEvent id="e"/><subProcess id="sub" name="Con">'
        f"{TWO}<dataObject id='d'/></subProcess>" + flows("s sub", "sub e", "a b")
    )
    imported = normalise(drawn(inside))
    assert [f.target for f in diagram(imported).flows_from("a")] == ["b"]
    assert lint(imported.xml) == []


@pytest.mark.parametrize(
    "inner",
    [
        '<startEvent id="x"/><startEvent id="y"/><userTask id="a" name="A"/>'
        + flows("x a", "y a"),
        '<startEvent id="x"/><userTask id="a" name="A"/><endEvent id="y"/>'
        + flows("x a", "a y", "y a"),
        '<userTask id="a" name="A"/><subProcess id="y" triggeredByEvent="true" name="Y"/>',
        '<startEvent id="x"/><userTask id="a" name="A"/>' + flows("x a", "a x"),
    ],
    ids=["starts", "ends", "inside", "loop"],
)
def test_import_leaves_a_subprocess_when_its_shape_is_unclear(inner: str) -> None:
    imported = subprocess(inner)
    assert ("sub", Attention.SUBPROCESS) in attention(imported)
    assert b'id="sub"' in imported.xml


def test_import_leaves_an_empty_subprocess_when_it_is_no_step() -> None:
    imported = subprocess("", attributes=' isForCompensation="true"')
    assert ("sub", Attention.SUBPROCESS) in attention(imported)


def test_import_takes_out_what_only_a_flow_to_nothing_meant() -> None:
    imported = office(
        '<widget id="w"/><sequenceFlow id="x" sourceRef="w" targetRef="gone"/>',
        *("s a", "a b", "b e"),
    )
    assert of_kind(imported, ChangeKind.REMOVED_ELEMENT)["w"] == {"element": "widget"}
    assert lint(imported.xml) == []


def test_import_keeps_an_unknown_element_in_the_flow_for_the_linter_to_name() -> None:
    imported = office('<widget id="w"/>', "s a", "a w", "w b", "b e")
    assert ("w", Attention.UNSUPPORTED) in attention(imported)
    assert [f.element_id for f in lint(imported.xml)] == ["w"]


# Conditions and timers


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        ("${approved}", "approved"),
        ("#{approved == true}", "approved == True"),
        ("${isApproved && !isUrgent}", "is_approved and not is_urgent"),
        ("${a || b && c}", "a or b and c"),
        ("${(a || b) && c}", "(a or b) and c"),
        ("${kind eq 'mat' and count ge 3}", 'kind == "mat" and count >= 3'),
        ("${not (a == 1)}", "not (a == 1)"),
        ('=kind = "mat"', 'kind == "mat"'),
        ('= not(a) or kind in ("x", "y")', 'not (a) or kind in ("x", "y")'),
        ("=kind in [\"x\", 'y']", 'kind in ("x", "y")'),
        ("note != null", "note != null"),
        ("${note != null}", "note != None"),
        ("a === 1", "a == 1"),
        ("a <> 1", "a != 1"),
        ("Đồng_ý", "dong_y"),
        ("${text == 'say \"a\"'}", "text == 'say \"a\"'"),
    ],
)
def test_condition_is_translated_when_it_is_mechanical(foreign: str, ours: str) -> None:
    assert Translator().translate(foreign) == ours


@pytest.mark.parametrize(
    "foreign",
    [
        "${bean.check(doc)}",
        "${doc.status == 'x'}",
        "${execution.getVariable('x')}",
        "${a + 1 > 2}",
        "${!a == b}",
        "${a == b == c}",
        "${empty list}",
        "if a then b else c",
        "${price > 1.5}",
        "Nếu lãnh đạo đồng ý",
        "${a",
        "${a)}",
        "${}",
        "=",
        "",
        "(" * 60 + "a" + ")" * 60,
        "${" + "a && " * 300 + "a}",
        "a;b",
        "(a",
        "${if}",
        "${and}",
        "__import__('os')",
    ],
)
def test_condition_is_left_when_it_would_have_to_be_guessed(foreign: str) -> None:
    assert Translator().translate(foreign) is None


def test_condition_is_left_when_two_names_would_become_one() -> None:
    translator = Translator()
    assert translator.translate("${isOk}") == "is_ok"
    assert translator.translate("${is_OK}") is None
    assert translator.translate("${isOk && done}") == "is_ok and done"


@pytest.mark.parametrize(
    ("timer", "foreign", "ours"),
    [
        ("timeDuration", "PT2H", "PT2H"),
        ("timeDuration", '"PT2H"', "PT2H"),
        ("timeDuration", "'P1W'", "P1W"),
        ("timeDuration", '=duration("P3D")', "P3D"),
        ("timeDuration", '${"PT30M"}', "PT30M"),
        ("timeDuration", " pt4h ", "PT4H"),
        ("timeDuration", "3 working days", "3 working days"),
        ("timeDate", "2026-03-01T09:00:00+07:00", "2026-03-01T09:00:00+07:00"),
        ("timeDate", '=date and time("2026-03-01T09:00:00Z")', "2026-03-01T09:00:00Z"),
        ("timeDate", "${due_at}", "at due_at"),
        ("timeDuration", "P1M", None),
        ("timeDuration", "${hạn}", None),
        ("timeDuration", "", None),
        ("timeDate", "2026-03-01T09:00:00", None),
        ("timeDate", "due_at", None),
        ("timeCycle", "R3/P1D", None),
        ("timeCycle", "P1D", None),
    ],
)
def test_timer_is_translated_only_when_it_is_mechanical(
    timer: str, foreign: str, ours: str | None
) -> None:
    assert translate_timer(timer, foreign) == ours


# Ids, pools, lanes, notes


def test_import_gives_legal_ids_everywhere_at_once() -> None:
    imported = normalise(sample("bizagi"))
    renamed = {d["old"]: e for e, d in of_kind(imported, ChangeKind.RENAMED_ID).items()}
    assert renamed["Start"] == "n_Start"
    assert renamed["Đạt yêu cầu?"] == "dat_yeu_cau"
    assert renamed["7f2c.4e"] == "n_7f2c_4e"
    assert diagram(imported).flows_from("dat_yeu_cau")[0].condition == "dat == true"


def test_import_gives_different_ids_when_two_would_become_one() -> None:
    inside = (
        '<startEvent id="a.b"/><userTask id="a b" name="A"/><userTask id="a_b" name="B"/>'
        '<endEvent id="he_thong"/>' + flows("a.b a_b")
    ) + (
        '<sequenceFlow id="g" sourceRef="a_b" targetRef="a b"/>'
        '<sequenceFlow id="h" sourceRef="a b" targetRef="he_thong"/>'
    )
    imported = normalise(drawn(inside))
    assert lint(imported.xml) == []
    assert len(diagram(imported).nodes) == 4
    assert "he_thong" not in diagram(imported).nodes


def test_import_takes_the_largest_process_and_names_what_it_left_out() -> None:
    imported = normalise(sample("signavio"))
    (chosen,) = (c for c in imported.changes if c.kind is ChangeKind.CHOSE_PROCESS)
    assert chosen.detail["dropped"] == "sid-p1"
    assert b"sid-cong-ty" not in imported.xml
    assert b"sid-pool" in imported.xml


def test_import_gives_lanes_the_roles_their_names_mean() -> None:
    imported = normalise(sample("camunda_modeler"))
    assert list(diagram(imported).lanes) == ["chuyen_vien", "lanh_dao_phong", "he_thong"]
    assert diagram(imported).nodes["Activity_duyet"].lane == "lanh_dao_phong"


def test_import_keeps_only_the_innermost_lanes_and_names_unknown_ones() -> None:
    imported = normalise(sample("signavio"))
    assert list(diagram(imported).lanes) == ["van_thu", "chuyen_vien", "sid-l3"]
    assert list(of_kind(imported, ChangeKind.FLATTENED_LANES)) == ["sid-l0"]
    assert ("sid-l3", Attention.LANE) in attention(imported)


def test_import_keeps_what_a_process_says_of_itself_and_counts_the_rest() -> None:
    lanes = (
        "<documentation>Quy trình</documentation><laneSet><extensionElements>"
        '<camunda:x>1</camunda:x></extensionElements><lane id="x" name="A">'
        "<flowNodeRef>a</flowNodeRef>"
        '<partitionElement/><childLaneSet><lane id="y" name="Văn thư"><flowNodeRef>a</flowNodeRef>'
        "</lane></childLaneSet><flowNodeRef>a</flowNodeRef></lane></laneSet>"
    )
    inside = (
        '<startEvent id="s"/><userTask id="a" name="A"/><endEvent id="e" trinhky:payload="so">'
        '<messageEventDefinition messageRef="m"/></endEvent>' + flows("s a", "a e")
    )
    top = (
        '<collaboration><participant processRef="p" id="pool"/><documentation/></collaboration>'
        '<message id="m" name="m"/>'
    )
    imported = normalise(drawn(lanes + inside, top=top))
    found = diagram(imported)
    assert (found.nodes["a"].lane, list(found.lanes)) == ("van_thu", ["van_thu"])
    assert found.nodes["e_send"].event is not None
    assert found.nodes["e_send"].event.payload == ("so",)
    assert "Quy trình" in imported.xml.decode()
    counted = {c.detail.get("what") for c in imported.changes}
    assert counted >= {"camunda:x", "partitionElement", "documentation"}


def test_import_bends_a_line_through_what_it_takes_out() -> None:
    inside = '<startEvent id="s"/><intermediateThrowEvent id="m"/><endEvent id="e"/>' + flows(
        "s m", "m e"
    )
    line = (
        '<bpmndi:BPMNEdge bpmnElement="f{}"><di:waypoint x="{}" y="18"/>'
        '<di:waypoint x="{}" y="18"/>'
        "</bpmndi:BPMNEdge></bpmndi:BPMNPlane>"
    )
    places = sheet(s=(0, 0, 36, 36), m=(100, 0, 36, 36), e=(200, 0, 36, 36))
    for number, start, end in ((0, 36, 100), (1, 136, 200)):
        places = places.replace("</bpmndi:BPMNPlane>", line.format(number, start, end))
    edge = read_xml(normalise(drawn(inside, top=places)).xml).find(".//d:BPMNEdge", NS)
    assert edge is not None
    points = [point.get("x") for point in edge.iterfind("di:waypoint", NS)]
    assert points == ["36", "118", "200"]


def test_import_names_the_second_lane_of_a_role() -> None:
    lanes = (
        '<laneSet><lane id="x" name="Chuyên viên A"><flowNodeRef>s</flowNodeRef></lane>'
        '<lane id="y" name="Chuyên viên B"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
    )
    inside = '<startEvent id="s"/><userTask id="a" name="A"/><endEvent id="e"/>' + flows(
        "s a", "a e"
    )
    imported = normalise(drawn(lanes + inside))
    assert list(diagram(imported).lanes) == ["chuyen_vien", "y"]
    assert ("y", Attention.LANE_TWICE) in attention(imported)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Chuyên viên", "chuyen_vien"),
        ("CHUYÊN VIÊN phòng Tổng hợp", "chuyen_vien"),
        ("Văn thư cơ quan", "van_thu"),
        ("Trưởng phòng", "lanh_dao_phong"),
        ("Phó trưởng phòng", "lanh_dao_phong"),
        ("Lãnh đạo phòng", "lanh_dao_phong"),
        ("Lãnh đạo", "lanh_dao"),
        ("Lãnh đạo cơ quan", "lanh_dao"),
        ("Giám đốc Sở Nội vụ", "lanh_dao"),
        ("Phó Chủ tịch UBND", "lanh_dao"),
        ("Hệ thống", "he_thong"),
        ("Quản trị hệ thống", "quan_tri"),
        ("Lãnh đạo đoàn thanh tra", ""),
        ("Chuyên viên\u200b", "chuyen_vien"),
        ("Systematik", ""),
        ("Người dân", ""),
        ("", ""),
    ],
)
def test_role_is_found_when_the_name_of_a_lane_says_it(name: str, role: str) -> None:
    assert role_of(name) == role


def test_import_keeps_notes_and_assignments_in_the_report() -> None:
    imported = normalise(sample("camunda_modeler"))
    assert of_kind(imported, ChangeKind.REMOVED_NOTE) == {
        "Activity_duyet": {"text": "Không quá 3 ngày làm việc"}
    }
    assigned = of_kind(imported, ChangeKind.REMOVED_ASSIGNMENT)
    assert assigned["Activity_duyet"] == {"candidateGroups": "truong-phong"}
    assert assigned["Activity_soan"] == {"assignee": "${starter}"}


def test_import_leaves_nothing_of_other_engines() -> None:
    for path in FILES:
        root = read_xml(normalise(path.read_bytes()).xml)
        spaces = {str(e.tag).partition("}")[0].strip("{") for e in root.iter()}
        spaces |= {n.partition("}")[0].strip("{") for e in root.iter() for n in map(str, e.keys())
                   if n.startswith("{")}  # fmt: skip
        known = {*NS.values(), "urn:trinhky:bpmn:1", "http://www.w3.org/2001/XMLSchema-instance"}
        assert spaces <= known


# The drawing


def boxes(root: etree._Element) -> dict[str, tuple[float, float, float, float]]:
    found = {}
    for shape in root.iterfind(".//d:BPMNShape", NS):
        bounds = shape.find("dc:Bounds", NS)
        assert bounds is not None
        x, y, width, height = (float(bounds.get(k, "")) for k in ("x", "y", "width", "height"))
        found[shape.get("bpmnElement", "")] = (x, y, x + width, y + height)
    return found


@pytest.mark.parametrize("path", CLEAN, ids=lambda p: p.stem)
def test_import_draws_every_node_lane_and_flow(path: Path) -> None:
    imported = normalise(path.read_bytes())
    found, root = diagram(imported), read_xml(imported.xml)
    places = boxes(root)
    assert found.nodes.keys() | found.lanes.keys() <= places.keys()
    lines = {edge.get("bpmnElement"): edge for edge in root.iterfind(".//d:BPMNEdge", NS)}
    assert lines.keys() == {flow.id for flow in found.flows}
    for flow in found.flows:
        points = lines[flow.id].findall("di:waypoint", NS)
        for point, node in ((points[0], flow.source), (points[-1], flow.target)):
            x1, y1, x2, y2 = places[node]
            assert x1 - 2 <= float(point.get("x", "")) <= x2 + 2
            assert y1 - 2 <= float(point.get("y", "")) <= y2 + 2


@pytest.mark.parametrize("name", ["adonis", "bizagi", "camunda_cloud", "drawing_tool"])
def test_import_draws_nodes_apart_when_the_file_has_no_drawing(name: str) -> None:
    imported = normalise(sample(name))
    assert ChangeKind.LAID_OUT in {change.kind for change in imported.changes}
    nodes = diagram(imported).nodes
    places = {n: box for n, box in boxes(read_xml(imported.xml)).items() if n in nodes}
    for (_, a), (_, b) in combinations(places.items(), 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_import_keeps_where_things_were_drawn() -> None:
    imported = normalise(sample("camunda_modeler"))
    before, after = boxes(read_xml(sample("camunda_modeler"))), boxes(read_xml(imported.xml))
    assert after["Activity_duyet"] == before["Activity_duyet"]
    assert after["lanh_dao_phong"] == before["Lane_tp"]
    assert ChangeKind.LAID_OUT not in {change.kind for change in imported.changes}
    assert "TextAnnotation_1" not in after


SHEETS = """
<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI">
<bpmndi:BPMNPlane bpmnElement="p">{shapes}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
"""


def sheet(**places: tuple[int, int, int, int]) -> str:
    shapes = "".join(
        f'<bpmndi:BPMNShape bpmnElement="{name}">'
        f'<dc:Bounds x="{x}" y="{y}" width="{w}" height="{h}"/></bpmndi:BPMNShape>'
        for name, (x, y, w, h) in places.items()
    )
    return SHEETS.format(shapes=shapes)


SUB = '<subProcess id="sub" name="Con"><userTask id="a" name="A"/></subProcess>'


def test_import_keeps_the_places_inside_a_subprocess_it_inlines() -> None:
    shapes = sheet(sub=(100, 100, 400, 200), a=(200, 150, 100, 80))
    imported = normalise(drawn(SUB, top=shapes))
    assert list(diagram(imported).nodes) == ["start_2", "a", "end_2"]
    assert boxes(read_xml(imported.xml))["a"] == (200, 150, 300, 230)
    assert ChangeKind.LAID_OUT not in {change.kind for change in imported.changes}


def test_import_draws_anew_when_a_subprocess_was_on_a_sheet_of_its_own() -> None:
    shapes = sheet(sub=(100, 100, 100, 80), a=(900, 900, 100, 80))
    imported = normalise(drawn(SUB, top=shapes))
    assert ChangeKind.LAID_OUT in {change.kind for change in imported.changes}


def test_import_places_what_it_puts_in_beside_what_was_drawn() -> None:
    inside = (
        TWO
        + '<sendTask id="c" name="C" messageRef="m"/><endEvent id="e">'
        + (
            '<messageEventDefinition messageRef="m"/></endEvent>'
            + flows("a b", "a c", "b e", "c e")
        )
    )
    shapes = sheet(
        a=(100, 100, 100, 80), b=(400, 100, 100, 80), c=(400, 300, 100, 80), e=(600, 120, 36, 36)
    )
    imported = normalise(drawn(inside, top=shapes + '<message id="m" name="m"/>'))
    places = boxes(read_xml(imported.xml))
    assert places["after_a"] == (230, 115, 280, 165)
    assert places["c"] == (432, 322, 468, 358)
    assert places["e_send"] == (600, 120, 636, 156)
    assert places["start"][2] < 100
    assert places["e"][0] > 636


def test_import_leaves_lines_it_cannot_read_and_draws_others() -> None:
    xml = sample("camunda_modeler").replace(b'<di:waypoint x="238"', b'<di:waypoint x="?"')
    edge = read_xml(normalise(xml).xml).find(".//d:BPMNEdge[@bpmnElement='Flow_1']", NS)
    assert edge is not None
    assert [p.get("x") for p in edge.iterfind("di:waypoint", NS)] == ["238", "290"]


@pytest.mark.parametrize("x", ["nan", "inf", "1e400", "", "rộng", "-5000000"])
def test_import_draws_anew_when_a_place_is_no_number(x: str) -> None:
    xml = sample("camunda_modeler").replace(b'x="290" y="105"', f'x="{x}" y="105"'.encode())
    imported = normalise(xml)
    assert ChangeKind.LAID_OUT in {change.kind for change in imported.changes}
    assert lint(imported.xml) == []


# What cannot be read


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"not xml",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        drawn("").replace(b"<process", b"<!DOCTYPE x><process"),
        drawn("").replace(b"process", b"choreography"),
        drawn("").replace(b"20100524", b"20090524"),
        b"\xff\xfe" + b"\x00" * 3,
        drawn("") + b" " * 2_000_000,
        drawn('<subProcess id="x">' * 22 + "</subProcess>" * 22),
        drawn('<task id="t"/>' * 5_001),
        drawn("<task " + " ".join(f'a{n}="1"' for n in range(201)) + "/>"),
        b'<?xml version="1.0" encoding="utf-8"?>' + drawn("").replace(b'id="p"', b'id="\xe9"'),
    ],
    ids=range(13),
)
def test_import_refuses_what_cannot_be_read_at_all(xml: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        normalise(xml)
    assert caught.value.code is ErrorCode.PROCESS_INVALID


def test_import_names_an_empty_process() -> None:
    imported = normalise(drawn(""))
    assert ("p", Attention.EMPTY) in attention(imported)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-16", "UTF-16"), ("windows-1252", "windows-1252"), ("iso-8859-1", "ISO-8859-1")],
)
def test_import_reads_other_encodings_and_says_so(encoding: str, declared: str) -> None:
    inside = '<startEvent id="s"/><userTask id="a" name="Révision"/><endEvent id="e"/>'
    text = f'<?xml version="1.0" encoding="{declared}"?>' + drawn(
        inside + flows("s a", "a e")
    ).decode("utf-8")
    imported = normalise(text.encode(encoding))
    assert diagram(imported).nodes["a"].name == "Révision"
    assert imported.changes[0].kind is ChangeKind.CONVERTED_ENCODING


def mutations(seed: int) -> Iterator[bytes]:
    """Yield broken variants of one sample: cut, with other bytes, with moved elements."""
    dice = random.Random(seed)  # noqa: S311 not a secret, a test that can be repeated
    xml = dice.choice(FILES).read_bytes()
    yield xml[: dice.randrange(len(xml))]
    damaged = bytearray(xml)
    for _ in range(3):
        damaged[dice.randrange(len(damaged))] = dice.randrange(256)
    yield bytes(damaged)
    root = etree.fromstring(xml)
    for _ in range(6):
        elements = list(root.iter("*"))
        _mutate(dice, dice.choice(elements), dice.choice(elements))
        yield etree.tostring(root)


def _mutate(dice: random.Random, one: etree._Element, other: etree._Element) -> None:
    what, parent = dice.choice(["drop", "copy", "retag", "value", "refer"]), one.getparent()
    if what == "drop" and parent is not None and len(parent) > 1:
        parent.remove(one)
    elif what == "copy":
        one.append(copy.deepcopy(other))
    elif what == "retag" and parent is not None:
        one.tag = other.tag
    elif what == "value" and one.attrib:
        one.set(dice.choice(one.keys()), dice.choice(["", "x:y", "đ", "End", "a" * 80, "nan"]))
    elif what == "refer":
        for name in {"sourceRef", "targetRef", "default", "attachedToRef"} & set(one.keys()):
            one.set(name, other.get("id", "q"))


@pytest.mark.parametrize("seed", range(60))
def test_import_refuses_or_gives_xml_when_the_file_is_damaged(seed: int) -> None:
    for xml in mutations(seed):
        try:
            imported = normalise(xml)
        except InvalidInputError:
            continue
        lint(imported.xml)
        assert len({e.get("id") for e in read_xml(imported.xml).iter() if e.get("id")}) == sum(
            1 for e in read_xml(imported.xml).iter() if e.get("id")
        )
