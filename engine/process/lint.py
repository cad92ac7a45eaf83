"""Decide whether a diagram may be deployed: shape, conditions, and no token lost or doubled."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from engine.errors import InvalidInputError
from engine.process.diagram import Diagram, Flow, Node, NodeKind
from engine.process.expressions import compile_expression

MAX_MARKINGS = 5_000

_TASKS = frozenset({NodeKind.USER_TASK, NodeKind.SERVICE_TASK})

Graph = Mapping[str, list[str]]
#: Where the tokens are: ids of the flows that hold one.
Marking = frozenset[str]


@dataclass(frozen=True)
class _Move:
    """Hold what one node does with tokens."""

    parallel: bool
    entering: Marking
    leaving: Marking

    @classmethod
    def of(cls, diagram: Diagram, node: Node) -> "_Move":
        return cls(
            node.kind is NodeKind.PARALLEL,
            frozenset(flow.id for flow in diagram.flows_into(node.id)),
            frozenset(flow.id for flow in diagram.flows_from(node.id)),
        )

    def steps(self, marking: Marking) -> Iterator[tuple[Marking, Marking]]:
        """Yield what the node may take and give; a choice may give any one flow."""
        if self.parallel:
            if self.entering <= marking:
                yield self.entering, self.leaving
            return
        for taken in self.entering & marking:
            for given in self.leaving or ("",):
                yield frozenset({taken}), frozenset({given} if given else ())


def lint_diagram(diagram: Diagram) -> list[str]:
    """Return the reasons why `diagram` may not run; empty when it may.

    (1) Every node has the flows its kind needs. (2) Conditions are in the language, and only on
    exclusive gateways. (3) Every node is on a way from the start to an end. (4) No loop runs for
    ever by itself. (5) No parallel branch is lost or arrives twice.
    """
    reasons = [*_node_reasons(diagram), *_condition_reasons(diagram)]
    if reasons:
        return reasons
    reasons = [*_way_reasons(diagram), *_loop_reasons(diagram)]
    if reasons:
        return reasons
    return list(_token_reasons(diagram))


def condition_names(diagram: Diagram) -> frozenset[str]:
    """Return the process data the conditions read; the diagram is linted."""
    return frozenset().union(
        *(compile_expression(flow.condition).names for flow in diagram.flows if flow.condition)
    )


def _node_reasons(diagram: Diagram) -> Iterator[str]:  # (1)
    starts = [node for node in diagram.nodes.values() if node.kind is NodeKind.START]
    if len(starts) != 1:
        yield f"the process has {len(starts)} start events"
    for node in diagram.nodes.values():
        leaving, entering = len(diagram.flows_from(node.id)), len(diagram.flows_into(node.id))
        if (node.kind is NodeKind.START) != (entering == 0):
            yield f"{node.id} has {entering} incoming flows"
        if (node.kind is NodeKind.END) != (leaving == 0):
            yield f"{node.id} has {leaving} outgoing flows"
        gateway = node.kind in {NodeKind.EXCLUSIVE, NodeKind.PARALLEL}
        if leaving > 1 and not gateway:
            yield f"{node.id} forks without a gateway"
        if node.kind in _TASKS and not node.name:
            yield f"{node.id} has no name"


def _condition_reasons(diagram: Diagram) -> Iterator[str]:  # (2)
    for node in diagram.nodes.values():
        leaving = diagram.flows_from(node.id)
        choice = node.kind is NodeKind.EXCLUSIVE and len(leaving) > 1
        if node.default_flow and node.default_flow not in {flow.id for flow in leaving}:
            yield f"{node.id} has an unknown default flow"
        for flow in leaving:
            yield from _flow_reasons(flow, node, choice=choice)


def _flow_reasons(flow: Flow, node: Node, *, choice: bool) -> Iterator[str]:
    conditional = choice and flow.id != node.default_flow
    if conditional and not flow.condition:
        yield f"flow {flow.id} has no condition"
    if flow.condition and not conditional:
        yield f"flow {flow.id} may not have a condition"
    if flow.condition:
        try:
            compile_expression(flow.condition)
        except InvalidInputError as error:
            yield f"flow {flow.id}: {error.params.get('reason', '')}"


def _way_reasons(diagram: Diagram) -> Iterator[str]:  # (3)
    start = _start(diagram)
    ends = [node.id for node in diagram.nodes.values() if node.kind is NodeKind.END]
    forward = _reach(_graph(diagram), [start])
    backward = _reach(_reversed(diagram), ends)
    for node_id in diagram.nodes:
        if node_id not in forward:
            yield f"{node_id} is never reached"
        if node_id not in backward:
            yield f"no end is reached from {node_id}"


def _loop_reasons(diagram: Diagram) -> Iterator[str]:  # (4)
    kinds = {node.id: node.kind for node in diagram.nodes.values()}
    without_tasks = {node_id for node_id, kind in kinds.items() if kind not in _TASKS}
    if _has_cycle(_graph(diagram), without_tasks):
        yield "a loop has no task"
    # The engine predicts future steps up to the next choice; a loop without one has no end.
    without_choices = {n for n, kind in kinds.items() if kind is not NodeKind.EXCLUSIVE}
    if _has_cycle(_graph(diagram), without_choices):
        yield "a loop has no way out"


def _token_reasons(diagram: Diagram) -> Iterator[str]:  # (5)
    if all(node.kind is not NodeKind.PARALLEL for node in diagram.nodes.values()):
        return
    first = frozenset(flow.id for flow in diagram.flows_from(_start(diagram)))
    moves = [_Move.of(diagram, node) for node in diagram.nodes.values()]
    seen: set[Marking] = {first}
    waiting = deque([first])
    while waiting:
        marking = waiting.popleft()
        steps = [step for move in moves for step in move.steps(marking)]
        if marking and not steps:
            yield "a parallel join may wait for ever"
            return
        for taken, given in steps:
            rest = marking - taken
            if rest & given:
                yield "two tokens may meet on one flow"
                return
            if (following := rest | given) not in seen:
                seen.add(following)
                waiting.append(following)
        if len(seen) > MAX_MARKINGS:
            yield "the parallel branches are too many to check"
            return


def _start(diagram: Diagram) -> str:
    return next(n.id for n in diagram.nodes.values() if n.kind is NodeKind.START)


def _graph(diagram: Diagram) -> Graph:
    return {n: [flow.target for flow in diagram.flows_from(n)] for n in diagram.nodes}


def _reversed(diagram: Diagram) -> Graph:
    return {n: [flow.source for flow in diagram.flows_into(n)] for n in diagram.nodes}


def _reach(graph: Graph, sources: Iterable[str]) -> set[str]:
    seen = set(sources)
    waiting = list(seen)
    while waiting:
        for node in graph[waiting.pop()]:
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return seen


def _has_cycle(graph: Graph, within: Set[str]) -> bool:
    """Tell whether the part of `graph` that lies `within` some nodes has a cycle."""
    entering = dict.fromkeys(within, 0)
    for node in within:
        for target in graph[node]:
            if target in entering:
                entering[target] += 1
    free = [node for node, count in entering.items() if count == 0]
    removed = 0
    while free:
        removed += 1
        for target in graph[free.pop()]:
            if target in entering:
                entering[target] -= 1
                if entering[target] == 0:
                    free.append(target)
    return removed < len(within)
