"""Hold the ways of a diagram against its procedure: what is on every way, what follows what.

A task that may refuse is done only once it has consented: the gateways that read its decision
are followed with the value a refusal writes, and with the one consent writes.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import InvalidInputError
from engine.process.expression_tokens import parse_expression
from engine.process.expressions import build_expression
from engine.process.findings import Finding, LintRule
from engine.process.graph import reach
from engine.process.model import Procedure, TaskRule
from engine.process.nodes import WAITING_KINDS, Diagram, Node, NodeKind


def order_findings(procedure: Procedure, diagram: Diagram) -> list[Finding]:
    """Return where the ways of a diagram leave out, turn round or repeat what they may not."""
    found = [
        *_opening_findings(procedure, diagram),
        *_missing_findings(procedure, diagram),
        *_order_findings(procedure, diagram),
    ]
    # What follows a decision makes sense only where the steps stand in order.
    return found or [
        *_refusal_findings(procedure, diagram),
        *_again_findings(procedure, diagram),
    ]


def _finding(rule: LintRule, element_id: str, **detail: str) -> Finding:
    return Finding(rule=rule, element_id=element_id, detail=detail)


def _opening_findings(procedure: Procedure, diagram: Diagram) -> Iterator[Finding]:
    """Find what holds a new instance up: whoever starts one goes on with its first step."""
    opening = _nodes_of(diagram, *procedure.opens_with)
    holding = {node.id for node in diagram.of_kind(NodeKind.END, *WAITING_KINDS)} | opening
    graph = {
        node_id: [flow.target for flow in diagram.flows_from(node_id) if node_id not in holding]
        for node_id in diagram.nodes
    }
    first = reach(graph, [node.id for node in diagram.of_kind(NodeKind.START)]) & holding
    if procedure.opens_with:
        expected = " ".join(sorted(procedure.opens_with))
        for node_id in sorted(first - opening):
            yield _finding(LintRule.OPENING_WAITS, node_id, expected=expected)


def _missing_findings(procedure: Procedure, diagram: Diagram) -> Iterator[Finding]:
    ends = {node.id for node in diagram.of_kind(NodeKind.END)}
    for step in sorted(procedure.required):
        # What a timer starts beside a task leaves the task, and the way on from it, in place.
        if _reached_without(diagram, step, beside=False) & ends:
            yield _finding(LintRule.STEP_MISSING, diagram.process_id, step=step)


def _order_findings(procedure: Procedure, diagram: Diagram) -> Iterator[Finding]:
    for before, after in procedure.order:
        reached = _reached_without(diagram, before)
        for node_id in sorted(_nodes_of(diagram, after) & reached):
            yield _finding(LintRule.STEP_ORDER, node_id, before=before)


def _reached_without(diagram: Diagram, step: str, *, beside: bool = True) -> set[str]:
    """Return the nodes a token may come to though `step` has never been completed.

    A task is left without being completed by an event that sits on it, and by a way back.

    Args:
        beside: follow the events that leave their task in place too.
    """
    done_by = _nodes_of(diagram, step)
    graph = {
        node_id: [
            *(flow.target for flow in diagram.flows_from(node_id) if node_id not in done_by),
            *_ways_beside(diagram, node_id, beside=beside),
        ]
        for node_id in diagram.nodes
    }
    return reach(graph, [node.id for node in diagram.of_kind(NodeKind.START)])


def _ways_beside(diagram: Diagram, node_id: str, *, beside: bool = True) -> Iterator[str]:
    """Return where a token may go that leaves a task without completing it."""
    for node in diagram.events_on(node_id):
        if beside or (node.event is not None and node.event.interrupts):
            yield node.id
    work = diagram.nodes[node_id].work
    yield from work.returns_to if work is not None else ()


def _refusal_findings(procedure: Procedure, diagram: Diagram) -> Iterator[Finding]:
    for step, rule in procedure.tasks.items():
        if not rule.decides:
            continue
        tasks = _nodes_of(diagram, step)
        # A round that opens anew before the task was ever reached is judged by the order.
        anew = _nodes_of(diagram, *procedure.opens_with) & _reached_without(diagram, step)
        barred = _nodes_of(diagram, *rule.refusal_bars)
        reached: set[str] = set()
        for task in sorted(tasks):
            walk = _Walk(procedure, diagram, task, rule, consents=False)
            reached |= walk.run(tasks | anew | barred)
        for node_id in sorted(reached & barred):
            yield _finding(
                LintRule.STEP_AFTER_REFUSAL,
                node_id,
                before=step,
                condition=f"{rule.decides} == True",
            )


def _again_findings(procedure: Procedure, diagram: Diagram) -> Iterator[Finding]:
    for before, after in procedure.never_after:
        again = _nodes_of(diagram, after)
        reached: set[str] = set()
        for task in sorted(_nodes_of(diagram, before)):
            rule = procedure.tasks.get(before)
            reached |= _Walk(procedure, diagram, task, rule, consents=True).run(again)
        for node_id in sorted(reached & again):
            yield _finding(LintRule.STEP_AGAIN, node_id, before=before)


@dataclass(frozen=True)
class _Walk:
    """Follow a token on from a completed step, as long as it is known what was decided there.

    Args:
        task_id: node of the step.
        rule: of the step; None for an operation.
        consents: what was decided, where the step decides.
    """

    procedure: Procedure
    diagram: Diagram
    task_id: str
    rule: TaskRule | None
    consents: bool

    def run(self, stops: Collection[str]) -> set[str]:
        """Return the nodes the token may come to; it does not go on from `stops`."""
        waiting = self._leave(self.task_id, known=bool(self.rule and self.rule.decides))
        seen: set[tuple[str, bool]] = set()
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            node_id, known = place
            if node_id not in stops:
                waiting += self._leave(node_id, known=known and not self._forgets(node_id))
                waiting += [(way, known) for way in _ways_beside(self.diagram, node_id)]
        return {node_id for node_id, _known in seen}

    def _leave(self, node_id: str, *, known: bool) -> list[tuple[str, bool]]:
        key = self.rule.decides if self.rule is not None else ""
        facts = ((key, self.consents),) if known else ()
        return [(target, known) for target in _targets(self.diagram, node_id, facts)]

    def _forgets(self, node_id: str) -> bool:
        """Tell whether another decision may have taken the place of this one behind a node."""
        node = self.diagram.nodes[node_id]
        if node.kind is NodeKind.PARALLEL and len(self.diagram.flows_into(node_id)) > 1:
            # A branch beside may have decided last.
            others = self.diagram.of_kind(NodeKind.USER_TASK)
            return any(self._decides(each) for each in others if each.id != self.task_id)
        return self._decides(node)

    def _decides(self, node: Node) -> bool:
        rule = self.procedure.tasks.get(rule_of(node))
        return rule is not None and self.rule is not None and self.rule.decides in rule.writes


def _targets(diagram: Diagram, node_id: str, facts: tuple[tuple[str, bool], ...]) -> list[str]:
    """Return where a token may go on to when only `facts` are known."""
    default = diagram.nodes[node_id].default_flow
    flows = diagram.flows_from(node_id)
    found: list[str] = []
    for flow in flows:
        if flow.id == default:
            continue
        truth = _truth(flow.condition, facts) if flow.condition else None
        if truth is not False:
            found.append(flow.target)
        if truth:
            # The first condition that holds decides.
            return found
    return [*found, *(flow.target for flow in flows if flow.id == default)]


@lru_cache(maxsize=1024)
def _truth(condition: str, facts: tuple[tuple[str, bool], ...]) -> bool | None:
    """Return what a condition says; None when that depends on more than `facts`."""
    return _truth_of(condition, parse_expression(condition), dict(facts))


def _truth_of(text: str, tree: ast.expr, facts: Mapping[str, bool]) -> bool | None:
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
        inner = _truth_of(text, tree.operand, facts)
        return None if inner is None else not inner
    if isinstance(tree, ast.BoolOp):
        # One false part decides an `and`, one true part an `or`, whatever the others say.
        deciding = isinstance(tree.op, ast.Or)
        parts = [_truth_of(text, part, facts) for part in tree.values]
        if deciding in parts:
            return deciding
        return None if None in parts else not deciding
    try:
        return build_expression(text, tree).decide(facts)
    except InvalidInputError:
        return None


def rule_of(node: Node) -> str:
    """Return what does a node: the rule of a user task, its own id for the others."""
    return node.work.rule if node.work is not None else node.id


def _nodes_of(diagram: Diagram, *steps: str) -> set[str]:
    """Return the nodes that do some steps: user tasks by their rule, operations by their id."""
    return {node.id for node in diagram.nodes.values() if rule_of(node) in steps}
