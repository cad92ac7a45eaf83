"""Produce every rule of the linter by a small drawing, at the element that has to be mended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from engine.process.deployment import lint_files
from engine.process.diagram import MAX_BYTES
from engine.process.findings import LintRule
from engine.process.model import Procedure, TaskRule
from tests.unit.process.dmn_writer import a_file, a_table
from tests.unit.process.office import a_flow, boundary, draw, message, shape, timer

RULE = TaskRule(
    use_case="any", writes=frozenset({"ok"}), returns_to=frozenset({"a", "b", "c", "d"})
)
#: Consents by `ok`; nothing goes on to `b` when it does not.
DECIDING = replace(RULE, decides="ok", refusal_bars=frozenset({"b"}))
ROW = (["startEvent s", "userTask a", "endEvent e"], ["s a", "a e"])
SIMPLE = draw(*ROW)
TABLE = a_file(a_table(["kind"], ["way"], ["- -> 1"], policy="FIRST", decision_id="choose"))
CHILD = Procedure(
    id="child", bpmn=b"", tasks={}, starts_with=frozenset({"agency_id"}), may_be_called=True
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """Hold a drawing and the element at which its one fault is found."""

    at: str
    xml: bytes
    dmn: bytes = b""
    procedure: Procedure | None = None

    def found(self) -> list[tuple[LintRule, str]]:
        procedure = self.procedure or a_procedure(self.xml)
        known = {procedure.id: procedure, "child": CHILD}
        findings = lint_files(self.xml, self.dmn, known)
        return [(finding.rule, finding.element_id) for finding in findings]


def a_procedure(xml: bytes = SIMPLE, **changes: object) -> Procedure:
    """Return a procedure that knows the tasks `a` to `d` and the operation `w`."""
    procedure = replace(
        a_flow(xml, a=RULE, b=RULE, c=RULE, d=RULE),
        operations={"w": ""},
        starts_with=frozenset({"agency_id", "kind", "ok"}),
    )
    return replace(procedure, **changes)  # type: ignore[arg-type]


def changed(old: str, new: str) -> bytes:
    assert old in SIMPLE.decode()
    return SIMPLE.replace(old.encode(), new.encode())


def with_inside(inside: str) -> bytes:
    return changed("</process>", f"{inside}</process>")


def drawn(nodes: Sequence[str], flows: Sequence[str]) -> bytes:
    return draw([ROW[0][0], *nodes, ROW[0][2]], flows)


def with_task(task: str, *more: str) -> bytes:
    """Return the simple row with its task drawn another way, and nodes that belong to it."""
    return drawn([task, *more], ["s a", "a e", *(f"{_id(node)} e" for node in more)])


def with_operation(node: str) -> bytes:
    """Return the simple row with a node of the house after its task."""
    return drawn(["userTask a", node], ["s a", f"a {_id(node)}", f"{_id(node)} e"])


def _id(node: str) -> str:
    return (
        node.split('id="')[1].split('"', maxsplit=1)[0]
        if node.startswith("<")
        else node.split()[1]
    )


def fork(*tasks: str) -> bytes:
    nodes = ["parallelGateway f", "parallelGateway j", *(f"userTask {task}" for task in tasks)]
    flows = ["s f", "j e"]
    for task in tasks:
        flows += [f"f {task}", f"{task} j"]
    return drawn(nodes, flows)


MANY = [f"t{number}" for number in range(16)]
CASES = {
    LintRule.XML_TOO_LARGE: Case(at="", xml=SIMPLE + b" " * MAX_BYTES),
    LintRule.XML_NOT_UTF8: Case(at="", xml=SIMPLE.replace(b"Lane", b"\xff")),
    LintRule.XML_DOCTYPE: Case(at="", xml=b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'),
    LintRule.XML_BROKEN: Case(at="", xml=SIMPLE[:-5]),
    LintRule.NOT_BPMN: Case(at="", xml=b"<html/>"),
    LintRule.ONE_PROCESS: Case(
        at="",
        xml=changed("</definitions>", '<process id="p2" isExecutable="true"/></definitions>'),
    ),
    LintRule.NOT_EXECUTABLE: Case(at="flow", xml=draw(*ROW, executable="false")),
    LintRule.WRONG_PROCESS: Case(at="other", xml=draw(*ROW, process_id="other")),
    LintRule.TOO_MANY_NODES: Case(
        at="", xml=draw([f"endEvent t{number}" for number in range(501)], [])
    ),
    LintRule.UNSUPPORTED: Case(at="x", xml=with_inside('<scriptTask id="x"/>')),
    LintRule.ID_MISSING: Case(
        at="", xml=with_inside('<sequenceFlow sourceRef="s" targetRef="e"/>')
    ),
    LintRule.ID_NOT_ALLOWED: Case(at="End", xml=with_inside('<endEvent id="End"/>')),
    LintRule.ID_TWICE: Case(at="a", xml=changed('id="lanes"', 'id="a"')),
    LintRule.NAME_MISSING: Case(at="a", xml=changed('name="a"', 'name=" "')),
    LintRule.REFERENCE_UNKNOWN: Case(at="a-e", xml=changed('targetRef="e"', 'targetRef="no"')),
    LintRule.ATTRIBUTE_WRONG: Case(at="a", xml=with_task(shape("userTask", "a", passes="kind"))),
    LintRule.FLOW_TWICE: Case(
        at="x", xml=with_inside('<sequenceFlow id="x" sourceRef="a" targetRef="e"/>')
    ),
    LintRule.LANE_TWICE: Case(
        at="a",
        xml=with_inside(
            '<laneSet id="l2"><lane id="van_thu"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
        ),
    ),
    LintRule.LANE_WITHOUT_ROLE: Case(at="a", xml=draw(*ROW, lane="giam_doc")),
    LintRule.LANE_NOT_SYSTEM: Case(
        at="w",
        xml=with_operation("serviceTask w").replace(b'"he_thong"', b'"van_thu"'),
    ),
    LintRule.ONE_START: Case(
        at="flow", xml=drawn(["startEvent s2", "userTask a"], ["s a", "s2 a", "a e"])
    ),
    LintRule.FLOWS_ENTERING: Case(at="b", xml=drawn(["userTask a", "userTask b"],
                                                   ["s a", "a e", "b e"])),
    LintRule.FLOWS_LEAVING: Case(at="b", xml=drawn(
        ["userTask a", "exclusiveGateway g g-e", "userTask b"],
        ["s a", "a g", "g e", "g b ok"],
    )),
    LintRule.IMPLICIT_FORK: Case(
        at="a", xml=drawn(["userTask a", "endEvent f"], ["s a", "a e", "a f"])
    ),
    LintRule.DEFAULT_UNKNOWN: Case(
        at="g",
        xml=drawn(
            ["userTask a", "exclusiveGateway g g-x", "endEvent f"],
            ["s a", "a g", "g e ok", "g f not ok"],
        ),
    ),
    LintRule.CONDITION_MISSING: Case(
        at="g-f",
        xml=drawn(
            ["userTask a", "exclusiveGateway g", "endEvent f"], ["s a", "a g", "g e ok", "g f"]
        ),
    ),
    LintRule.CONDITION_MISPLACED: Case(at="a-e", xml=drawn(["userTask a"], ["s a", "a e ok"])),
    LintRule.CONDITION_REFUSED: Case(
        at="g-e",
        xml=drawn(
            ["userTask a", "exclusiveGateway g g-f", "endEvent f"],
            ["s a", "a g", "g e ok.real", "g f"],
        ),
    ),
    LintRule.NAME_UNWRITTEN: Case(
        at="g-e",
        xml=drawn(
            ["userTask a", "exclusiveGateway g g-f", "endEvent f"],
            ["s a", "a g", "g e signed", "g f"],
        ),
    ),
    LintRule.NAME_TOO_EARLY: Case(
        at="g-e",
        xml=drawn(
            ["exclusiveGateway g g-a", "userTask a"], ["s g", "g e signed", "g a", "a e"]
        ),
        procedure=a_procedure(tasks={"a": replace(RULE, writes=frozenset({"signed"}))}),
    ),
    LintRule.NAME_RESERVED: Case(
        at="x",
        xml=with_operation(shape("businessRuleTask", "x", decision="choose")),
        dmn=TABLE,
        procedure=a_procedure(tasks={"a": replace(RULE, writes=frozenset({"way"}))}),
    ),
    LintRule.NEVER_REACHED: Case(
        at="b",
        xml=drawn(
            ["userTask a", "userTask b", "exclusiveGateway g g-b"],
            ["s a", "a e", "b g", "g b", "g e ok"],
        ),
    ),
    LintRule.NO_WAY_OUT: Case(
        at="b",
        xml=drawn(
            ["userTask a", "exclusiveGateway g g-e", "userTask b", "exclusiveGateway h h-b",
             "userTask c"],
            ["s a", "a g", "g e", "g b ok", "b h", "h b", "h c ok", "c b"],
        ),
    ),
    LintRule.LOOP_WITHOUT_WAIT: Case(
        at="flow",
        xml=drawn(
            ["exclusiveGateway m", "exclusiveGateway g g-m", "userTask a"],
            ["s m", "m g", "g m", "g a ok", "a e"],
        ),
    ),
    LintRule.LOOP_WITHOUT_CHOICE: Case(
        at="flow",
        xml=drawn(["userTask a", "parallelGateway g"], ["s a", "a g", "g a", "g e"]),
    ),
    LintRule.JOIN_WAITS: Case(
        at="j",
        xml=drawn(
            ["userTask a", "exclusiveGateway x x-c", "userTask b", "userTask c",
             "parallelGateway j"],
            ["s a", "a x", "x b ok", "x c", "b j", "c j", "j e"],
        ),
    ),
    LintRule.TOKENS_MEET: Case(
        at="m",
        xml=drawn(
            ["parallelGateway f", "userTask b", "userTask c", "exclusiveGateway m", "userTask a"],
            ["s f", "f b", "f c", "b m", "c m", "m a", "a e"],
        ),
    ),
    LintRule.TOO_MANY_STATES: Case(
        at="", xml=fork(*MANY), procedure=a_procedure(tasks=dict.fromkeys(MANY, RULE))
    ),
    LintRule.EVENT_WRONG: Case(
        at="t", xml=with_task("userTask a", boundary("t", "a", ""))
    ),
    LintRule.TIMER_REFUSED: Case(
        at="a", xml=with_task(shape("userTask", "a", due="three days"))
    ),
    LintRule.BOUNDARY_WRONG: Case(
        at="t",
        xml=drawn(
            ["userTask a", "serviceTask w", boundary("t", "w", timer("P1D"))],
            ["s a", "a w", "w e", "t e"],
        ),
    ),
    LintRule.RETURN_WRONG: Case(
        at="a",
        xml=drawn([shape("userTask", "a", returnsTo="b"), "userTask b"], ["s a", "a b", "b e"]),
    ),
    LintRule.TIMER_MISSING: Case(
        at="a",
        xml=with_task("userTask a", boundary("t", "a", timer("P1D"), interrupts=False)),
        procedure=a_procedure(tasks={"a": replace(RULE, needs_timer=True)}),
    ),
    LintRule.RETURN_NOT_ALLOWED: Case(
        at="b",
        xml=drawn(["userTask a", shape("userTask", "b", returnsTo="a")], ["s a", "a b", "b e"]),
        procedure=a_procedure(tasks={"a": RULE, "b": replace(RULE, returns_to=frozenset("c"))}),
    ),
    LintRule.USE_CASE_MISSING: Case(
        at="a", xml=with_task(shape("userTask", "a", rule="nobody"))
    ),
    LintRule.OPERATION_UNKNOWN: Case(at="x", xml=with_operation("serviceTask x")),
    LintRule.DECISION_REFUSED: Case(
        at="choose",
        xml=SIMPLE,
        dmn=a_file(a_table(["kind"], ["way"], ["- -> 1", '"a" -> 2'], policy="FIRST")),
    ),
    LintRule.DECISION_UNKNOWN: Case(
        at="x", xml=with_operation(shape("businessRuleTask", "x", decision="no")), dmn=TABLE
    ),
    LintRule.CALL_UNKNOWN: Case(
        at="x", xml=with_operation(shape("callActivity", "x", calledElement="nobody"))
    ),
    LintRule.CALL_INCOMPLETE: Case(
        at="x", xml=with_operation(shape("callActivity", "x", calledElement="child"))
    ),
    LintRule.STEP_MISSING: Case(
        at="flow", xml=SIMPLE, procedure=a_procedure(required=frozenset({"b"}))
    ),
    LintRule.STEP_ORDER: Case(
        at="a",
        xml=drawn(["userTask a", "userTask b"], ["s a", "a b", "b e"]),
        procedure=a_procedure(order=(("b", "a"),)),
    ),
    LintRule.STEP_AFTER_REFUSAL: Case(
        at="b",
        xml=drawn(["userTask a", "userTask b"], ["s a", "a b", "b e"]),
        procedure=a_procedure(tasks={"a": DECIDING, "b": RULE}),
    ),
    LintRule.STEP_AGAIN: Case(
        at="b",
        xml=drawn(["userTask a", "userTask b"], ["s a", "a b", "b e"]),
        procedure=a_procedure(never_after=(("a", "b"),)),
    ),
    LintRule.OPENING_WAITS: Case(
        at="w",
        xml=drawn(["serviceTask w", "userTask a"], ["s w", "w a", "a e"]),
        procedure=a_procedure(opens_with=frozenset({"a"})),
    ),
}  # fmt: skip


def test_every_rule_has_a_drawing_that_breaks_it() -> None:
    assert set(CASES) == set(LintRule)


@pytest.mark.parametrize("rule", LintRule)
def test_rule_is_found_at_the_element_to_be_mended(rule: LintRule) -> None:
    case = CASES[rule]
    assert (rule, case.at) in case.found()


@pytest.mark.parametrize(
    "xml",
    [
        SIMPLE,
        fork("a", "b", "c"),
        with_operation("serviceTask w"),
        with_operation(shape("callActivity", "x", calledElement="child", passes="agency_id")),
        with_task(shape("userTask", "a", due="2 working days"), boundary("t", "a", timer("P1D"))),
        drawn(["userTask a", shape("userTask", "b", returnsTo="a")], ["s a", "a b", "b e"]),
    ],
)
def test_sound_drawing_has_no_findings(xml: bytes) -> None:
    assert Case(at="", xml=xml).found() == []


@pytest.mark.parametrize(
    ("nodes", "flows", "rule"),
    [
        # A timer beside the task leads back into it while it still waits.
        (["exclusiveGateway m", "userTask a", boundary("t", "a", timer("P1D"), interrupts=False),
          "exclusiveGateway g g-e"],
         ["s m", "m a", "a g", "g e", "g m ok", "t m"], LintRule.TOKENS_MEET),
        # The side way and the way on come to one gateway.
        (["userTask a", boundary("t", "a", timer("P1D"), interrupts=False), "exclusiveGateway m",
          "userTask b"],
         ["s a", "a m", "t m", "m b", "b e"], LintRule.TOKENS_MEET),
        # Only one of them is there when the timer did not happen.
        (["userTask a", boundary("t", "a", timer("P1D"), interrupts=False), "parallelGateway j",
          "userTask b"],
         ["s a", "a j", "t j", "j b", "b e"], LintRule.JOIN_WAITS),
        # An interrupting timer leaves the join without this branch.
        (["parallelGateway f", "userTask a", "userTask b", boundary("t", "a", timer("P1D")),
          "parallelGateway j", "endEvent d"],
         ["s f", "f a", "f b", "a j", "b j", "j e", "t d"], LintRule.JOIN_WAITS),
        # What is done beside is still at hand when the task comes round again.
        (["exclusiveGateway m", "userTask a", boundary("t", "a", timer("P1D"), interrupts=False),
          "userTask b", "exclusiveGateway g g-m", "endEvent d"],
         ["s m", "m a", "a g", "g m", "g e ok", "t b", "b d"], LintRule.TOKENS_MEET),
    ],
)  # fmt: skip
def test_events_are_refused_when_tokens_could_go_wrong(
    nodes: list[str], flows: list[str], rule: LintRule
) -> None:
    assert [found for found, _at in Case(at="", xml=drawn(nodes, flows)).found()] == [rule]


@pytest.mark.parametrize(
    ("nodes", "flows"),
    [
        # A notice that ends at once may come each time round.
        (["exclusiveGateway m", "userTask a", boundary("t", "a", timer("P1D"), interrupts=False),
          "exclusiveGateway g g-m", "endEvent d"],
         ["s m", "m a", "a g", "g m", "g e ok", "t d"]),
        # A task beside has an end of its own.
        (["userTask a", boundary("t", "a", timer("P1D"), interrupts=False), "userTask b",
          "endEvent d"],
         ["s a", "a e", "t b", "b d"]),
        # An interrupting timer inside a branch comes back to it before the join.
        (["parallelGateway f", "userTask a", "userTask b", boundary("t", "a", timer("P1D")),
          "userTask c", "exclusiveGateway m", "parallelGateway j"],
         ["s f", "f a", "f b", "a m", "t c", "c m", "m j", "b j", "j e"]),
    ],
)  # fmt: skip
def test_events_are_allowed_when_every_token_has_its_way(
    nodes: list[str], flows: list[str]
) -> None:
    assert Case(at="", xml=drawn(nodes, flows)).found() == []


@pytest.mark.parametrize("target", ["b", "a", "s", "nobody", "c", "w"])
def test_way_back_is_refused_when_it_does_not_lead_to_an_earlier_task(target: str) -> None:
    xml = drawn(
        [shape("userTask", "a", returnsTo=target), "exclusiveGateway g g-b", "userTask b",
         "userTask c", "serviceTask w"],
        ["s w", "w a", "a g", "g b", "g c ok", "b e", "c e"],
    )  # fmt: skip
    assert Case(at="", xml=xml).found() == [(LintRule.RETURN_WRONG, "a")]


def test_way_back_is_refused_when_it_leads_to_a_branch_beside() -> None:
    xml = drawn(
        ["parallelGateway f", "userTask a", shape("userTask", "b", returnsTo="a"),
         "parallelGateway j"],
        ["s f", "f a", "f b", "a j", "b j", "j e"],
    )  # fmt: skip
    assert Case(at="", xml=xml).found() == [(LintRule.RETURN_WRONG, "b")]


def test_all_that_is_wrong_in_one_stage_is_found_at_once() -> None:
    xml = drawn(
        [shape("userTask", "a", due="soon"), "userTask b", "exclusiveGateway g"],
        ["s a", "a b x", "b g", "g e", "g a"],
    )
    found = Case(at="", xml=xml).found()
    assert {rule for rule, _at in found} == {
        LintRule.TIMER_REFUSED,
        LintRule.CONDITION_MISPLACED,
        LintRule.CONDITION_MISSING,
    }
    assert len(found) == 4


@pytest.mark.parametrize("branches", [12, 16, 100])
def test_diagram_with_many_branches_is_judged_before_its_states_are_all_seen(
    branches: int,
) -> None:
    # There are more states of 100 branches than anything could ever visit.
    tasks = [f"t{number}" for number in range(branches)]
    procedure = a_procedure(tasks=dict.fromkeys(tasks, RULE))
    rules = [rule for rule, _at in Case(at="", xml=fork(*tasks), procedure=procedure).found()]
    assert rules == ([] if branches == 12 else [LintRule.TOO_MANY_STATES])


def test_task_with_many_events_is_judged_before_its_states_are_all_seen() -> None:
    events = [boundary(f"t{n}", "a", timer("P1D"), interrupts=False) for n in range(40)]
    ends = [f"endEvent d{n}" for n in range(40)]
    tasks = [f"userTask u{n}" for n in range(40)]
    flows = [pair for n in range(40) for pair in (f"t{n} u{n}", f"u{n} d{n}")]
    xml = drawn(["userTask a", *events, *tasks, *ends], ["s a", "a e", *flows])
    procedure = a_procedure(tasks={"a": RULE} | {f"u{n}": RULE for n in range(40)})
    found = Case(at="", xml=xml, procedure=procedure).found()
    assert [rule for rule, _at in found] == [LintRule.TOO_MANY_STATES]


@pytest.mark.parametrize(
    "dmn",
    [
        TABLE.replace(b"<text>-</text>", b"<text>__import__('os')</text>"),
        TABLE[:-20],
        b"not xml",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
    ],
)
def test_tables_that_cannot_be_read_are_a_finding(dmn: bytes) -> None:
    ((rule, _at),) = Case(at="", xml=SIMPLE, dmn=dmn).found()
    assert rule in {LintRule.DECISION_REFUSED, LintRule.XML_BROKEN, LintRule.XML_DOCTYPE}


def test_message_events_name_the_data_they_read() -> None:
    xml = draw(
        ["startEvent s", "userTask a",
         shape("intermediateCatchEvent", "c", message("answer"), correlation="number_key"),
         shape("intermediateThrowEvent", "t", message("answer"), correlation="kind",
               payload="secret_note"),
         "endEvent e"],
        ["s a", "a c", "c t", "t e"],
        messages=["answer"],
    )  # fmt: skip
    assert sorted(Case(at="", xml=xml).found()) == [
        (LintRule.NAME_UNWRITTEN, "c"),
        (LintRule.NAME_UNWRITTEN, "t"),
    ]
