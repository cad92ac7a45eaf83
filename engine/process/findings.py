"""Name what is wrong with a diagram: a rule, an element and what the sentence about it needs.

The sentences, in both languages and with the way to mend it, belong to the pages and to the
command line; here a finding is data, so that a test, a page and a script can tell one from
another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.errors import ErrorCode, InvalidInputError


class LintRule(StrEnum):
    """Name every rule a diagram is held against; the names are stable."""

    XML_TOO_LARGE = "xml.too_large"
    XML_NOT_UTF8 = "xml.not_utf8"
    XML_DOCTYPE = "xml.doctype"
    XML_BROKEN = "xml.broken"
    NOT_BPMN = "bpmn.not_bpmn"
    ONE_PROCESS = "process.one"
    NOT_EXECUTABLE = "process.executable"
    WRONG_PROCESS = "process.id"
    TOO_MANY_NODES = "process.too_many_nodes"
    UNSUPPORTED = "element.unsupported"
    ID_MISSING = "id.missing"
    ID_NOT_ALLOWED = "id.not_allowed"
    ID_TWICE = "id.twice"
    NAME_MISSING = "name.missing"
    REFERENCE_UNKNOWN = "reference.unknown"
    ATTRIBUTE_WRONG = "attribute.wrong"
    FLOW_TWICE = "flow.twice"
    LANE_TWICE = "lane.twice"
    LANE_WITHOUT_ROLE = "lane.without_role"
    LANE_NOT_SYSTEM = "lane.not_system"
    ONE_START = "start.one"
    FLOWS_ENTERING = "flows.entering"
    FLOWS_LEAVING = "flows.leaving"
    IMPLICIT_FORK = "flows.implicit_fork"
    DEFAULT_UNKNOWN = "default.unknown"
    CONDITION_MISSING = "condition.missing"
    CONDITION_MISPLACED = "condition.misplaced"
    CONDITION_REFUSED = "condition.refused"
    NAME_UNWRITTEN = "condition.unwritten"
    NAME_TOO_EARLY = "condition.too_early"
    NAME_RESERVED = "data.reserved"
    NEVER_REACHED = "reach.never"
    NO_WAY_OUT = "reach.no_end"
    LOOP_WITHOUT_WAIT = "loop.without_wait"
    LOOP_WITHOUT_CHOICE = "loop.without_choice"
    JOIN_WAITS = "join.waits_for_ever"
    TOKENS_MEET = "join.tokens_meet"
    TOO_MANY_STATES = "join.too_many_states"
    EVENT_WRONG = "event.definition"
    TIMER_REFUSED = "timer.refused"
    BOUNDARY_WRONG = "boundary.attached"
    TIMER_MISSING = "boundary.timer_missing"
    RETURN_WRONG = "return.target"
    RETURN_NOT_ALLOWED = "return.not_allowed"
    USE_CASE_MISSING = "task.use_case"
    OPERATION_UNKNOWN = "operation.unknown"
    DECISION_REFUSED = "decision.refused"
    DECISION_UNKNOWN = "decision.unknown"
    CALL_UNKNOWN = "call.unknown"
    CALL_INCOMPLETE = "call.incomplete"
    STEP_MISSING = "step.missing"
    STEP_ORDER = "step.order"
    STEP_AFTER_REFUSAL = "step.after_refusal"
    STEP_AGAIN = "step.again"
    OPENING_WAITS = "step.opening"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Hold one thing that is wrong.

    Args:
        element_id: BPMN id of the element, "" for the file as a whole.
        detail: values for the sentence, such as the condition's text.
    """

    rule: LintRule
    element_id: str = ""
    detail: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        """Return one line for the log: rule, element, values."""
        values = ", ".join(f"{name}={value}" for name, value in self.detail.items())
        return " ".join(part for part in (self.rule, self.element_id, values) if part)


class DiagramRefusedError(InvalidInputError):
    """Refuse a diagram; `findings` say why, all that could be found at once."""

    default_code = ErrorCode.PROCESS_INVALID

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        reasons = "; ".join(map(str, self.findings))
        super().__init__(reasons[:2000], reasons=reasons[:2000])


def refused(rule: LintRule, element_id: str = "", **detail: str) -> DiagramRefusedError:
    """Return the error that refuses a diagram for one finding."""
    return DiagramRefusedError([Finding(rule=rule, element_id=element_id, detail=detail)])
