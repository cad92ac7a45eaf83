"""Redraw the outgoing flow as an administrator might, and see what the procedure allows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from engine.process.deployment import lint_files
from engine.process.findings import Finding, LintRule
from engine.process.model import Procedure
from tests.unit.process.dmn_writer import a_file, a_table
from tests.unit.process.office import boundary, draw, message, shape, timer
from workflows.incoming.procedure import PROCEDURE as INCOMING
from workflows.opinion.procedure import PROCEDURE as OPINION
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

PROCEDURES = {procedure.id: procedure for procedure in (OUTGOING, INCOMING, OPINION)}
#: The incoming flow as if others might call it.
CALLABLE = {**PROCEDURES, "incoming": replace(INCOMING, may_be_called=True)}
LANES: Mapping[str, str] = {
    "draft": "chuyen_vien",
    "review": "lanh_dao_phong",
    "check_form": "van_thu",
    "sign": "lanh_dao",
    "number": "van_thu",
    "seal": "van_thu",
}
#: What each step decides by; a gateway behind it sends what is refused back to the first step.
DECIDED_BY: Mapping[str, str] = {
    "review": "approved",
    "review_again": "approved",
    "check_form": "form_ok",
    "sign": "signed",
}
OPERATIONS = ("dispatch", "await_receipts")
SHIPPED = ("draft", "review", "check_form", "sign", "number", "seal", *OPERATIONS)


def redraw(
    steps: Sequence[str],
    *,
    nodes: Mapping[str, str] | None = None,
    extra: Sequence[str] = (),
    flows: Sequence[str] = (),
    lanes: Mapping[str, str] | None = None,
    ungated: Collection[str] = (),
) -> bytes:
    """Return the outgoing flow as one row.

    Args:
        steps: ids in the order of the row; a gateway follows each that decides.
        nodes: steps drawn another way, as XML.
        extra: nodes beside the row, with `flows`.
        lanes: of steps that are not where they belong.
        ungated: steps that no gateway follows though they decide.
    """
    known = {**LANES, **dict.fromkeys(OPERATIONS, "he_thong"), **(lanes or {})}
    kinds = {step: "serviceTask" if step in OPERATIONS else "userTask" for step in steps}
    row = [(nodes or {}).get(step, shape(kinds[step], step)) for step in steps]
    gated = [step for step in steps if step in DECIDED_BY and step not in ungated]
    gates = [f"exclusiveGateway {step}_ok {step}_ok-{steps[0]}" for step in gated]
    way: list[str] = []
    for here, following in pairwise(("start", *steps, "end")):
        if here in gated:
            way += [
                f"{here} {here}_ok",
                f"{here}_ok {following} {DECIDED_BY[here]} == True",
                f"{here}_ok {steps[0]}",
            ]
        else:
            way.append(f"{here} {following}")
    xml = draw(
        ["startEvent start", *row, *gates, "endEvent end", *extra],
        [*way, *flows],
        process_id="outgoing",
    ).decode()
    for step in steps:
        lane = known.get(step, "chuyen_vien")
        xml = xml.replace(f"<flowNodeRef>{step}</flowNodeRef>", "")
        at = f'<lane id="{lane}"'
        if at not in xml:
            xml = xml.replace("</laneSet>", f'{at} name="{lane}"></lane></laneSet>')
        head, tail = xml.split(at, 1)
        xml = head + at + tail.replace(">", f"><flowNodeRef>{step}</flowNodeRef>", 1)
    return xml.encode()


def found(
    xml: bytes,
    dmn: bytes = OUTGOING.dmn,
    procedures: Mapping[str, Procedure] = PROCEDURES,
) -> list[Finding]:
    return lint_files(xml, dmn, procedures)


def rules(
    xml: bytes,
    dmn: bytes = OUTGOING.dmn,
    procedures: Mapping[str, Procedure] = PROCEDURES,
) -> set[tuple[LintRule, str]]:
    return {(each.rule, each.element_id) for each in found(xml, dmn, procedures)}


def test_shipped_row_may_be_put_into_force() -> None:
    assert rules(redraw(SHIPPED)) == set()


@pytest.mark.parametrize("step", ["review", "check_form", "await_receipts"])
def test_step_that_is_not_demanded_may_be_left_out(step: str) -> None:
    assert rules(redraw([each for each in SHIPPED if each != step])) == set()


@pytest.mark.parametrize("step", ["draft", "sign", "number", "seal", "dispatch"])
def test_step_that_is_demanded_may_not_be_left_out(step: str) -> None:
    findings = found(redraw([each for each in SHIPPED if each != step]))
    missing = [f.detail["step"] for f in findings if f.rule is LintRule.STEP_MISSING]
    assert missing == [step]


def test_second_review_may_be_added_by_the_same_rule() -> None:
    again = shape("userTask", "review_again", rule="review")
    steps = ["draft", "review", "review_again", *SHIPPED[2:]]
    assert rules(redraw(steps, nodes={"review_again": again})) == set()
    unnamed = shape("userTask", "review_again")
    assert rules(redraw(steps, nodes={"review_again": unnamed})) == {
        (LintRule.USE_CASE_MISSING, "review_again")
    }


@pytest.mark.parametrize(
    ("first", "second", "at"),
    [
        ("sign", "number", "number"),
        ("number", "seal", "seal"),
        ("seal", "dispatch", "dispatch"),
        ("dispatch", "await_receipts", "await_receipts"),
        ("draft", "review", "review"),
    ],
)
def test_order_may_not_be_changed(first: str, second: str, at: str) -> None:
    steps = list(SHIPPED)
    one, two = steps.index(first), steps.index(second)
    steps[one], steps[two] = second, first
    assert (LintRule.STEP_ORDER, at) in rules(redraw(steps))


def test_check_of_form_may_come_before_the_review() -> None:
    assert rules(redraw(["draft", "check_form", "review", *SHIPPED[3:]])) == set()


def test_signing_may_not_be_passed_by_a_choice() -> None:
    xml = redraw(
        [*SHIPPED[:3], "way", *SHIPPED[3:]],
        nodes={"way": '<exclusiveGateway id="way" name="way" default="way-sign"/>'},
        flows=["way number approved == True"],
    )
    assert rules(xml) == {
        (LintRule.STEP_MISSING, "outgoing"),
        (LintRule.STEP_ORDER, "number"),
    }


@pytest.mark.parametrize("interrupts", [True, False])
def test_signing_may_not_be_passed_by_a_timer_on_it(interrupts: bool) -> None:
    late = boundary("late", "sign", timer("P3D"), interrupts=interrupts)
    if interrupts:
        xml = redraw(SHIPPED, extra=[late], flows=["late number"])
        assert rules(xml) == {
            (LintRule.STEP_MISSING, "outgoing"),
            (LintRule.STEP_ORDER, "number"),
        }
        return
    again = shape("userTask", "number_again", rule="number")
    xml = redraw(
        SHIPPED,
        extra=[late, again, "endEvent done"],
        flows=["late number_again", "number_again done"],
        ungated=["sign"],
    )
    assert (LintRule.STEP_ORDER, "number_again") in rules(xml)


def test_step_that_is_demanded_may_not_end_by_a_timer_alone() -> None:
    late = boundary("late", "sign", timer("P3D"))
    xml = redraw(SHIPPED, extra=[late, "endEvent given_up"], flows=["late given_up"])
    missing = {f.detail["step"] for f in found(xml)}
    assert missing == {"sign", "number", "seal", "dispatch"}


def test_signing_may_not_be_passed_by_a_way_back() -> None:
    # In a loop every task is earlier than every other, so the order has to be looked at.
    xml = redraw(
        ["again", "draft", "review", "choice", "sign", "number", "seal", "dispatch"],
        nodes={
            "again": '<exclusiveGateway id="again" name="again"/>',
            "choice": '<exclusiveGateway id="choice" name="choice" default="choice-sign"/>',
            "review": shape("userTask", "review", returnsTo="number"),
            "seal": shape("userTask", "seal"),
        },
        extra=[
            '<exclusiveGateway id="redo" name="redo" default="redo-seal"/>',
        ],
        flows=["choice again approved == False", "number redo", "redo seal", "redo again"],
        ungated=["review", "sign"],
    )
    xml = xml.replace(
        b'<sequenceFlow id="number-seal" sourceRef="number" targetRef="seal"></sequenceFlow>', b""
    ).replace(
        b'<sequenceFlow id="redo-again" sourceRef="redo" targetRef="again"></sequenceFlow>',
        b'<sequenceFlow id="redo-again" sourceRef="redo" targetRef="again">'
        b"<conditionExpression>signed == False</conditionExpression></sequenceFlow>",
    )
    assert rules(xml) == {
        (LintRule.RETURN_NOT_ALLOWED, "review"),
        (LintRule.NAME_TOO_EARLY, "redo-again"),
        (LintRule.STEP_MISSING, "outgoing"),
        (LintRule.STEP_ORDER, "number"),
    }


def test_task_in_a_lane_of_no_role_is_found() -> None:
    assert rules(redraw(SHIPPED, lanes={"review": "he_thong"})) == {
        (LintRule.LANE_WITHOUT_ROLE, "review")
    }
    assert rules(redraw(SHIPPED, lanes={"dispatch": "van_thu"})) == {
        (LintRule.LANE_NOT_SYSTEM, "dispatch")
    }


def test_unknown_rule_decision_operation_and_procedure_are_found() -> None:
    nodes = {
        "extra": shape("userTask", "extra", rule="grant_budget"),
        "table": shape("businessRuleTask", "table", decision="step_dead"),
        "notify": shape("serviceTask", "notify"),
        "child": shape("callActivity", "child", calledElement="recall"),
    }
    lanes = dict.fromkeys(("table", "notify", "child"), "he_thong")
    assert rules(redraw(["draft", *nodes, *SHIPPED[1:]], nodes=nodes, lanes=lanes)) == {
        (LintRule.USE_CASE_MISSING, "extra"),
        (LintRule.DECISION_UNKNOWN, "table"),
        (LintRule.OPERATION_UNKNOWN, "notify"),
        (LintRule.CALL_UNKNOWN, "child"),
    }


def test_call_of_a_known_procedure_needs_the_data_it_starts_with() -> None:
    child = shape("callActivity", "child", calledElement="incoming", passes="agency_id kind")
    xml = redraw([*SHIPPED, "child"], nodes={"child": child}, lanes={"child": "he_thong"})
    (finding,) = found(xml, procedures=CALLABLE)
    assert (finding.rule, finding.element_id) == (LintRule.CALL_INCOMPLETE, "child")
    assert finding.detail["missing"] == "handler_id leader_id unit_id urgency"


def test_call_of_many_is_refused_when_nobody_starts_the_children() -> None:
    child = shape(
        "callActivity", "child", "<multiInstanceLoopCharacteristics/>", calledElement="incoming"
    )
    xml = redraw([*SHIPPED, "child"], nodes={"child": child}, lanes={"child": "he_thong"})
    assert rules(xml, procedures=CALLABLE) == {(LintRule.OPERATION_UNKNOWN, "child")}


def test_name_that_nothing_writes_is_found() -> None:
    due = shape("userTask", "review", due="review_days working days")
    (finding,) = found(redraw(SHIPPED, nodes={"review": due}))
    assert (finding.rule, finding.detail["name"]) == (LintRule.NAME_UNWRITTEN, "review_days")


def test_name_is_found_when_the_task_that_writes_it_was_left_out() -> None:
    steps = [step for step in SHIPPED if step != "review"]
    xml = redraw(
        ["draft", "way", *steps[1:]],
        nodes={"way": '<exclusiveGateway id="way" name="way" default="way-check_form"/>'},
        flows=["way draft approved == False"],
    )
    (finding,) = found(xml)
    assert (finding.rule, finding.element_id) == (LintRule.NAME_UNWRITTEN, "way-draft")


def test_deadline_may_be_set_by_the_table_of_the_procedure() -> None:
    nodes = {
        "table": shape("businessRuleTask", "table", decision="step_deadline"),
        "review": shape("userTask", "review", due="step_hours working hours"),
    }
    steps = ["draft", "table", *SHIPPED[1:]]
    assert rules(redraw(steps, nodes=nodes, lanes={"table": "he_thong"})) == set()


# --- who writes what, and when ---------------------------------------------------------------


def a_table_that_writes(name: str) -> bytes:
    return a_file(a_table(["kind"], [name], ['- -> "x"'], policy="FIRST", decision_id="choose"))


@pytest.mark.parametrize(
    "name", ["signed", "approved", "signatory_id", "agency_id", "drafter_id", "unit_id", "kind"]
)
def test_what_people_decide_is_not_written_by_a_table(name: str) -> None:
    nodes = {"table": shape("businessRuleTask", "table", decision="choose")}
    xml = redraw(["draft", "table", *SHIPPED[1:]], nodes=nodes, lanes={"table": "he_thong"})
    assert rules(xml, a_table_that_writes(name)) == {(LintRule.NAME_RESERVED, "table")}
    assert rules(xml, a_table_that_writes("way")) == set()


def test_what_people_decide_is_not_written_by_a_message_or_a_child() -> None:
    nodes = {
        "caught": shape(
            "intermediateCatchEvent", "caught", message("m"), correlation="kind", payload="signed"
        ),
        "child": shape(
            "callActivity",
            "child",
            calledElement="incoming",
            passes="agency_id unit_id kind urgency handler_id leader_id",
            takes="agency_id verdict",
        ),
    }
    on_review = boundary("late", "review", message("m"), correlation="kind", payload="approved")
    xml = redraw(
        ["draft", *nodes, *SHIPPED[1:]],
        nodes=nodes,
        lanes={"child": "he_thong"},
        extra=[on_review],
        flows=["late draft"],
    ).replace(b"<process ", b'<message id="m" name="m"/><process ')
    procedures = {
        **CALLABLE,
        "outgoing": replace(
            OUTGOING, starts_with=OUTGOING.starts_with | {"handler_id", "leader_id"}
        ),
    }
    assert rules(xml, procedures=procedures) == {
        (LintRule.NAME_RESERVED, "caught"),
        (LintRule.NAME_RESERVED, "child"),
        (LintRule.NAME_RESERVED, "late"),
    }


def test_deadline_may_not_be_read_before_the_table_that_writes_it() -> None:
    nodes = {
        "table": shape("businessRuleTask", "table", decision="step_deadline"),
        "review": shape("userTask", "review", due="step_hours working hours"),
        "check_form": shape("userTask", "check_form", due="step_hours working hours"),
    }
    steps = ["draft", "review", "table", *SHIPPED[2:]]
    xml = redraw(steps, nodes=nodes, lanes={"table": "he_thong"})
    assert rules(xml) == {(LintRule.NAME_TOO_EARLY, "review")}


def test_timer_on_a_task_reads_before_the_task_writes() -> None:
    late = boundary("late", "draft", timer("at meeting_at", date=True), interrupts=False)
    xml = redraw(SHIPPED, extra=[late, "endEvent reminded"], flows=["late reminded"])
    draft = replace(OUTGOING.tasks["draft"], writes=frozenset({"kind", "urgency", "meeting_at"}))
    outgoing = replace(OUTGOING, tasks={**OUTGOING.tasks, "draft": draft})
    assert rules(xml, procedures={"outgoing": outgoing}) == {(LintRule.NAME_TOO_EARLY, "late")}


def in_parallel(*, joined: str) -> bytes:
    """Return the flow with review and check side by side; the drafter goes on after both."""
    xml = redraw(
        ["draft", "fork", "review", "join", "joined", *SHIPPED[3:]],
        nodes={
            "fork": '<parallelGateway id="fork" name="fork"/>',
            "join": '<parallelGateway id="join" name="join"/>',
            "joined": '<exclusiveGateway id="joined" name="joined" default="joined-draft"/>',
        },
        extra=[shape("userTask", "check_form")],
        flows=["fork check_form", "check_form join", "joined draft"],
        ungated=["review"],
    ).decode()
    bare = '<sequenceFlow id="joined-sign" sourceRef="joined" targetRef="sign">'
    assert bare in xml
    xml = xml.replace(bare, f"{bare}<conditionExpression>{joined}</conditionExpression>")
    reference = "<flowNodeRef>check_form</flowNodeRef>"
    clerk = '<lane id="van_thu" name="van_thu">'
    return xml.replace(reference, "").replace(clerk, clerk + reference).encode()


@pytest.mark.parametrize(
    ("joined", "expected"),
    [
        ("form_ok == True and approved == True", set()),
        ("not (form_ok == False or approved == False)", set()),
        ("form_ok == True", {"review"}),
        ("form_ok == True or approved == True", {"review", "check_form"}),
    ],
)
def test_both_of_two_steps_side_by_side_have_to_consent(joined: str, expected: set[str]) -> None:
    findings = found(in_parallel(joined=joined))
    assert {(f.rule, f.element_id, f.detail["before"]) for f in findings} == {
        (LintRule.STEP_AFTER_REFUSAL, "sign", before) for before in expected
    }


# --- refusals, repetitions, openings ---------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "at"), [("review", "sign"), ("check_form", "sign"), ("sign", "number")]
)
def test_refusal_may_not_lead_on_when_no_gateway_asks(step: str, at: str) -> None:
    (finding,) = found(redraw(SHIPPED, ungated=[step]))
    assert (finding.rule, finding.element_id) == (LintRule.STEP_AFTER_REFUSAL, at)
    assert finding.detail["before"] == step


@pytest.mark.parametrize(
    "condition",
    [
        "signed == False",
        "signed != True",
        'kind == "cong_van"',
        'signed == True or kind == "cong_van"',
        "not signed",
    ],
)
def test_refusal_may_not_lead_on_when_the_gateway_asks_something_else(condition: str) -> None:
    xml = redraw(SHIPPED).replace(b"signed == True", condition.encode())
    assert (LintRule.STEP_AFTER_REFUSAL, "number") in rules(xml)


@pytest.mark.parametrize(
    "condition", ["signed", "not signed == False", 'signed and kind == "cong_van"']
)
def test_gateway_may_ask_for_consent_in_other_words(condition: str) -> None:
    findings = found(redraw(SHIPPED).replace(b"signed == True", condition.encode()))
    # Where more than the signature is asked for, what is signed may come back to the drafter.
    again = {f.rule for f in findings}
    assert again == ({LintRule.STEP_AGAIN} if "kind" in condition else set())


def test_refused_signing_may_not_come_to_the_number_by_another_draft() -> None:
    again = shape("userTask", "rewrite", rule="draft")
    xml = redraw(SHIPPED, extra=[again], flows=["rewrite number"])
    xml = xml.replace(b'default="sign_ok-draft"', b'default="sign_ok-rewrite"').replace(
        b'id="sign_ok-draft" sourceRef="sign_ok" targetRef="draft"',
        b'id="sign_ok-rewrite" sourceRef="sign_ok" targetRef="rewrite"',
    )
    assert rules(xml) == {(LintRule.STEP_AFTER_REFUSAL, "number")}


def test_review_may_be_passed_by_a_choice_when_the_draft_comes_again() -> None:
    xml = redraw(
        ["draft", "way", *SHIPPED[1:]],
        nodes={"way": '<exclusiveGateway id="way" name="way" default="way-review"/>'},
        flows=['way check_form urgency == "hoa_toc"'],
    )
    assert rules(xml) == set()


@pytest.mark.parametrize("rule", ["draft", "review", "check_form", "sign"])
def test_nothing_is_changed_once_it_is_signed(rule: str) -> None:
    again = shape("userTask", "again", rule=rule)
    xml = redraw([*SHIPPED[:4], "again", *SHIPPED[4:]], nodes={"again": again})
    assert (LintRule.STEP_AGAIN, "again") in rules(xml)


@pytest.mark.parametrize("rule", ["number", "seal"])
def test_number_and_seal_are_given_once(rule: str) -> None:
    again = shape("userTask", "again", rule=rule)
    at = SHIPPED.index(rule) + 1
    xml = redraw([*SHIPPED[:at], "again", *SHIPPED[at:]], nodes={"again": again})
    assert rules(xml) == {(LintRule.STEP_AGAIN, "again")}


def test_way_back_is_refused_when_the_rule_does_not_allow_it() -> None:
    nodes = {
        "number": shape("userTask", "number", returnsTo="sign"),
        "seal": shape("userTask", "seal", returnsTo="draft number"),
    }
    findings = found(redraw(SHIPPED, nodes=nodes))
    refused = [f for f in findings if f.rule is LintRule.RETURN_NOT_ALLOWED]
    assert [(f.element_id, f.detail["target"]) for f in refused] == [
        ("number", "sign"),
        ("seal", "draft"),
        ("seal", "number"),
    ]


@pytest.mark.parametrize("interrupts", [True, False])
def test_reminder_is_allowed_beside_a_step_and_not_instead_of_it(interrupts: bool) -> None:
    late = boundary("late", "review", timer("P1D"), interrupts=interrupts)
    findings = found(redraw(SHIPPED, extra=[late, "endEvent told"], flows=["late told"]))
    missing = {f.detail["step"] for f in findings if f.rule is LintRule.STEP_MISSING}
    assert missing == ({"sign", "number", "seal", "dispatch"} if interrupts else set())
    assert len(findings) == len(missing)


def test_nothing_waits_before_the_draft() -> None:
    wait = shape("intermediateCatchEvent", "wait", timer("PT1H"))
    xml = redraw(["wait", *SHIPPED], nodes={"wait": wait})
    assert (LintRule.OPENING_WAITS, "wait") in rules(xml)
    table = shape("businessRuleTask", "table", decision="choose")
    at_once = redraw(["table", *SHIPPED], nodes={"table": table}, lanes={"table": "he_thong"})
    from_start = a_file(
        a_table(["unit_id"], ["way"], ["- -> 1"], policy="FIRST", decision_id="choose")
    )
    assert rules(at_once, from_start) == set()


@pytest.mark.parametrize("first", [INCOMING, OPINION, OUTGOING])
def test_procedure_of_the_house_is_not_called_by_a_drawing(first: Procedure) -> None:
    child = shape("callActivity", "child", calledElement=first.id, passes="agency_id")
    xml = redraw([*SHIPPED, "child"], nodes={"child": child}, lanes={"child": "he_thong"})
    assert rules(xml) == {(LintRule.CALL_UNKNOWN, "child")}


# --- the other procedures --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("procedure", "was", "now", "expected"),
    [
        (INCOMING, "accepted == True", "accepted != None",
         {(LintRule.STEP_AFTER_REFUSAL, "present")}),
        (INCOMING, "step_hours working hours", "at due_at",
         {(LintRule.NAME_TOO_EARLY, node) for node in ("register", "present", "direct")}),
        (INCOMING, 'returnsTo="present"', 'returnsTo="register"',
         {(LintRule.RETURN_NOT_ALLOWED, "direct"), (LintRule.STEP_AGAIN, "register")}),
        (OPINION, '<bpmn:boundaryEvent id="unit_is_late"',
         '<bpmn:boundaryEvent cancelActivity="false" id="unit_is_late"',
         {(LintRule.TIMER_MISSING, "give_as_unit")}),
    ],
)  # fmt: skip
def test_shipped_flow_is_refused_when_it_is_redrawn_so(
    procedure: Procedure, was: str, now: str, expected: set[tuple[LintRule, str]]
) -> None:
    text = procedure.bpmn.decode()
    assert was in text
    assert rules(procedure.bpmn, procedure.dmn) == set()
    assert rules(text.replace(was, now).encode(), procedure.dmn) == expected


def test_opinion_may_not_end_before_anybody_was_asked() -> None:
    xml = draw(["startEvent s", "endEvent e"], ["s e"], process_id="opinion")
    assert rules(xml, b"") == {(LintRule.OPENING_WAITS, "e")}


def test_arrival_is_verified_before_anything_waits() -> None:
    xml = draw(
        ["startEvent s", shape("intermediateCatchEvent", "wait", timer("PT1H")),
         "serviceTask verify", shape("userTask", "register"), "endEvent e"],
        ["s wait", "wait verify", "verify register", "register e"],
        lane="van_thu",
        process_id="incoming",
    )  # fmt: skip
    assert rules(xml, b"") == {(LintRule.OPENING_WAITS, "wait")}


def test_arrival_is_verified_once() -> None:
    xml = draw(
        ["startEvent s", "serviceTask verify", shape("userTask", "register"),
         "exclusiveGateway g g-verify", "endEvent e"],
        ["s verify", "verify register", "register g", "g e accepted == True", "g verify"],
        lane="van_thu",
        process_id="incoming",
    )  # fmt: skip
    assert rules(xml, b"") == {(LintRule.STEP_AGAIN, "verify")}
