"""Hold a diagram against its procedure: who does what, what is known, what must not be left out.

An administrator may redraw a flow: leave out a review, add a second one, change the order, set
deadlines. What the use cases rely on is said here, so that no drawing can bring a document to a
task nobody can complete.
"""

from collections.abc import Iterator, Mapping

from engine.model.organisation import Role
from engine.process.decisions import Decision
from engine.process.demand_names import name_findings
from engine.process.demand_order import order_findings, rule_of
from engine.process.findings import Finding, LintRule
from engine.process.model import Procedure
from engine.process.nodes import SYSTEM_LANE, Call, Diagram, Node, NodeKind

_ROLES = frozenset(role.value for role in Role)
_OF_THE_HOUSE = (NodeKind.SERVICE_TASK, NodeKind.DECISION, NodeKind.CALL)


def lint_demands(
    procedure: Procedure,
    diagram: Diagram,
    decisions: Mapping[str, Decision],
    procedures: Mapping[str, Procedure],
) -> list[Finding]:
    """Return where a sound diagram does not keep to its procedure; empty if nowhere.

    (1) It is a version of this procedure. (2) Each user task has a role and a rule, and goes back
    where the rule allows. (3) What the house does, it knows how to do. (4) What is read has been
    written, by who may write it. (5) What may not be left out is on every way, in order, and
    nothing goes on that was refused.

    Args:
        procedures: of the house, by id; a call activity may start any of them.
    """
    return [
        *_identity_findings(procedure, diagram),
        *_task_findings(procedure, diagram),
        *_house_findings(procedure, diagram, decisions, procedures),
        *name_findings(procedure, diagram, decisions),
        *order_findings(procedure, diagram),
    ]


def _finding(rule: LintRule, element_id: str, **detail: str) -> Finding:
    return Finding(rule=rule, element_id=element_id, detail=detail)


def _identity_findings(procedure: Procedure, diagram: Diagram) -> Iterator[Finding]:  # (1)
    if diagram.process_id != procedure.id:
        yield _finding(LintRule.WRONG_PROCESS, diagram.process_id, expected=procedure.id)


def _task_findings(procedure: Procedure, diagram: Diagram) -> Iterator[Finding]:  # (2)
    for node in diagram.of_kind(NodeKind.USER_TASK):
        if node.lane not in _ROLES:
            yield _finding(LintRule.LANE_WITHOUT_ROLE, node.id, lane=node.lane)
        rule = procedure.tasks.get(rule_of(node))
        if rule is None:
            known = " ".join(sorted(procedure.tasks))
            yield _finding(LintRule.USE_CASE_MISSING, node.id, named=rule_of(node), known=known)
            continue
        if rule.needs_timer and not any(
            _ends_by_timer(each) for each in diagram.events_on(node.id)
        ):
            yield _finding(LintRule.TIMER_MISSING, node.id)
        for target in node.work.returns_to if node.work is not None else ():
            if rule_of(diagram.nodes[target]) not in rule.returns_to:
                allowed = " ".join(sorted(rule.returns_to)) or "–"
                yield _finding(
                    LintRule.RETURN_NOT_ALLOWED, node.id, target=target, allowed=allowed
                )


def _ends_by_timer(event: Node) -> bool:
    return event.event is not None and event.event.interrupts and bool(event.event.timer)


def _house_findings(  # (3)
    procedure: Procedure,
    diagram: Diagram,
    decisions: Mapping[str, Decision],
    procedures: Mapping[str, Procedure],
) -> Iterator[Finding]:
    for node in diagram.of_kind(*_OF_THE_HOUSE):
        if node.lane != SYSTEM_LANE:
            yield _finding(LintRule.LANE_NOT_SYSTEM, node.id, lane=node.lane)
        if node.kind is NodeKind.SERVICE_TASK and node.id not in procedure.operations:
            known = " ".join(sorted(procedure.operations))
            yield _finding(LintRule.OPERATION_UNKNOWN, node.id, known=known)
        if node.kind is NodeKind.DECISION and node.decision not in decisions:
            yield _finding(LintRule.DECISION_UNKNOWN, node.id, reference=node.decision)
        if node.call is not None:
            yield from _call_findings(node.id, node.call, procedure.operations, procedures)


def _call_findings(
    node_id: str, call: Call, operations: Mapping[str, str], procedures: Mapping[str, Procedure]
) -> Iterator[Finding]:
    called = procedures.get(call.procedure_id)
    if called is None or not called.may_be_called:
        yield _finding(LintRule.CALL_UNKNOWN, node_id, reference=call.procedure_id)
        return
    if call.many and node_id not in operations:
        # Nobody would start the children, so nobody would ever end the wait for them.
        yield _finding(LintRule.OPERATION_UNKNOWN, node_id, known=" ".join(sorted(operations)))
    # Where a use case starts the children, it gives each its data.
    missing = called.starts_with - set(call.passes)
    if missing and not call.many:
        yield _finding(LintRule.CALL_INCOMPLETE, node_id, missing=" ".join(sorted(missing)))
