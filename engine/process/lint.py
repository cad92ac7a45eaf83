"""Decide whether a diagram may run at all: shape, conditions, and no token lost or doubled.

What a procedure demands on top of that is in `engine.process.demands`.
"""

from collections.abc import Iterator
from functools import cache

from engine.errors import InvalidInputError
from engine.process.deadlines import Deadline, parse_moment
from engine.process.expressions import compile_condition
from engine.process.findings import Finding, LintRule
from engine.process.graph import Graph, graph_of, has_cycle, reach, reverse
from engine.process.markings import token_findings
from engine.process.nodes import WAITING_KINDS, Diagram, Flow, Node, NodeKind

_SOURCES = frozenset({NodeKind.START, NodeKind.BOUNDARY})
_GATEWAYS = frozenset({NodeKind.EXCLUSIVE, NodeKind.PARALLEL})
_NAMED = frozenset({NodeKind.USER_TASK, NodeKind.SERVICE_TASK, NodeKind.DECISION, NodeKind.CALL})


def lint_diagram(diagram: Diagram) -> list[Finding]:
    """Return what keeps `diagram` from running; empty when nothing does.

    (1) Every node has the flows its kind needs. (2) Conditions are in the language, and only on
    exclusive gateways. (3) Timers, boundary events and ways back are well formed. (4) Every node
    is on a way from the start to an end. (5) No loop runs for ever by itself. (6) No parallel
    branch is lost or arrives twice.
    """
    found = [
        *_node_findings(diagram),
        *_condition_findings(diagram),
        *_event_findings(diagram),
    ]
    if found:
        return found
    found = [*_way_findings(diagram), *_loop_findings(diagram)]
    if found:
        return found
    return list(token_findings(diagram))


def _finding(rule: LintRule, element_id: str, **detail: str) -> Finding:
    return Finding(rule=rule, element_id=element_id, detail=detail)


def _node_findings(diagram: Diagram) -> Iterator[Finding]:  # (1)
    starts = diagram.of_kind(NodeKind.START)
    if len(starts) != 1:
        yield _finding(LintRule.ONE_START, diagram.process_id, count=str(len(starts)))
    for node in diagram.nodes.values():
        leaving, entering = len(diagram.flows_from(node.id)), len(diagram.flows_into(node.id))
        if (node.kind in _SOURCES) != (entering == 0):
            yield _finding(LintRule.FLOWS_ENTERING, node.id, count=str(entering))
        if (node.kind is NodeKind.END) != (leaving == 0):
            yield _finding(LintRule.FLOWS_LEAVING, node.id, count=str(leaving))
        if leaving > 1 and node.kind not in _GATEWAYS:
            yield _finding(LintRule.IMPLICIT_FORK, node.id, count=str(leaving))
        if node.kind in _NAMED and not node.name:
            yield _finding(LintRule.NAME_MISSING, node.id)


def _condition_findings(diagram: Diagram) -> Iterator[Finding]:  # (2)
    for node in diagram.nodes.values():
        leaving = diagram.flows_from(node.id)
        choice = node.kind is NodeKind.EXCLUSIVE and len(leaving) > 1
        if node.default_flow and node.default_flow not in {flow.id for flow in leaving}:
            yield _finding(LintRule.DEFAULT_UNKNOWN, node.id, reference=node.default_flow)
        for flow in leaving:
            yield from _flow_findings(flow, node, choice=choice)


def _flow_findings(flow: Flow, node: Node, *, choice: bool) -> Iterator[Finding]:
    conditional = choice and flow.id != node.default_flow
    if conditional and not flow.condition:
        yield _finding(LintRule.CONDITION_MISSING, flow.id, gateway=node.id)
    if flow.condition and not conditional:
        yield _finding(LintRule.CONDITION_MISPLACED, flow.id, text=flow.condition[:200])
    if flow.condition:
        try:
            compile_condition(flow.condition)
        except InvalidInputError as error:
            told = {**error.params, "text": flow.condition[:200]}
            yield _finding(LintRule.CONDITION_REFUSED, flow.id, **told)


def _event_findings(diagram: Diagram) -> Iterator[Finding]:  # (3)
    graph = graph_of(diagram)
    after = cache(lambda target: reach(graph, [target]))
    for node in diagram.nodes.values():
        if text := _timer_text(node):
            try:
                _parse_timer(node, text)
            except InvalidInputError as error:
                told = {**error.params, "text": text[:200]}
                yield _finding(LintRule.TIMER_REFUSED, node.id, **told)
        if node.kind is NodeKind.BOUNDARY and node.event is not None:
            host = diagram.nodes.get(node.event.attached_to)
            if host is None or host.kind is not NodeKind.USER_TASK:
                yield _finding(LintRule.BOUNDARY_WRONG, node.id, host=node.event.attached_to)
        for target_id in node.work.returns_to if node.work else ():
            target = diagram.nodes.get(target_id)
            is_task = target is not None and target.kind is NodeKind.USER_TASK
            if not is_task or target_id == node.id or node.id not in after(target_id):
                yield _finding(LintRule.RETURN_WRONG, node.id, target=target_id)


def _timer_text(node: Node) -> str:
    if node.work is not None:
        return node.work.due
    return node.event.timer if node.event is not None else ""


def _parse_timer(node: Node, text: str) -> Deadline:
    is_moment = node.event is not None and node.event.is_moment
    return parse_moment(text) if is_moment else Deadline.parse(text)


def _way_findings(diagram: Diagram) -> Iterator[Finding]:  # (4)
    graph = graph_of(diagram)
    ends = [node.id for node in diagram.of_kind(NodeKind.END)]
    forward = reach(graph, [diagram.of_kind(NodeKind.START)[0].id])
    backward = reach(reverse(graph), ends)
    for node_id in diagram.nodes:
        if node_id not in forward:
            yield _finding(LintRule.NEVER_REACHED, node_id)
        if node_id not in backward:
            yield _finding(LintRule.NO_WAY_OUT, node_id)


def _loop_findings(diagram: Diagram) -> Iterator[Finding]:  # (5)
    graph: Graph = graph_of(diagram)
    kinds = {node.id: node.kind for node in diagram.nodes.values()}
    without_waits = {node_id for node_id, kind in kinds.items() if kind not in WAITING_KINDS}
    if has_cycle(graph, without_waits):
        yield _finding(LintRule.LOOP_WITHOUT_WAIT, diagram.process_id)
    # The engine predicts future steps up to the next choice; a loop without one has no end.
    choices = {NodeKind.EXCLUSIVE, NodeKind.BOUNDARY}
    without_choices = {node_id for node_id, kind in kinds.items() if kind not in choices}
    if has_cycle(graph, without_choices):
        yield _finding(LintRule.LOOP_WITHOUT_CHOICE, diagram.process_id)
