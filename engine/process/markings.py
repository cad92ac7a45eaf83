"""Explore where the tokens of a diagram can be: none may be lost, none may meet another.

A marking names the flows that hold a token; a flow holds one at most. It also names the events
that do not interrupt and have happened while their task waits: each happens once. The exploration
answers two questions: whether a diagram is sound, and whether an instance may stand where somebody
wants to put it, after a way back or in another version.

Source: BPMN 2.0.2, clause 13.4; soundness as of workflow nets.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from engine.process.findings import Finding, LintRule
from engine.process.nodes import Diagram, Flow, Node, NodeKind

MAX_MARKINGS = 5_000

Marking = frozenset[str]


# No id of a diagram begins with this, so no flow is taken for an event.
_HAPPENED = "!"


@dataclass(frozen=True)
class _Move:
    """Hold what one node does with tokens.

    Args:
        gives: one of these is given; a choice and an interrupting event are alternatives.
        beside: what each event gives that happens while the task goes on waiting, by its mark.
    """

    parallel: bool
    entering: Marking
    gives: tuple[Marking, ...]
    beside: tuple[tuple[str, Marking], ...] = ()

    def steps(self, marking: Marking) -> Iterator[tuple[Marking, Marking]]:
        """Yield what the node may take and give."""
        if self.parallel:
            if self.entering <= marking:
                yield self.entering, self.gives[0]
            return
        happened = frozenset(mark for mark, _given in self.beside) & marking
        for taken in self.entering & marking:
            for given in self.gives:
                yield happened | {taken}, given
            for mark, given in self.beside:
                if mark not in happened:
                    yield frozenset(), given | {mark}


def token_findings(diagram: Diagram) -> Iterator[Finding]:
    """Yield why tokens may get lost or meet; the diagram has been checked in all else."""
    if not any(_makes_tokens(diagram, node) for node in diagram.nodes.values()):
        return
    # Nothing is kept: what is only looked at may never be put into force.
    for rule, element_id in _explore(*_moves_of(diagram))[1]:
        yield Finding(rule=rule, element_id=element_id)


def may_stand(diagram: Diagram, waiting: Iterable[tuple[str, str]]) -> bool:
    """Tell whether tokens may wait at these nodes together; see `find_sources`."""
    return find_sources(diagram, waiting) is not None


def find_sources(diagram: Diagram, waiting: Iterable[tuple[str, str]]) -> list[str] | None:
    """Return the nodes these tokens can have come from if they may wait together, else None.

    Args:
        waiting: node and the node its token came from; a join that still waits for others
            counts by its arrivals. A source that does not lead to the node stands for any way
            into it.

    Returns:
        A source for each token, in order; which one it is matters where a join counts by it.
    """
    wanted = [_ways_into(diagram, node, source) for node, source in waiting]
    if not wanted or not all(wanted):
        return None
    if len(wanted) == 1 and not any(_makes_tokens(diagram, n) for n in diagram.nodes.values()):
        return [wanted[0][0].source]
    bits, known = _known(*_moves_of(diagram))
    for choice in product(*wanted):
        held = {flow.id for flow in choice}
        if len(held) == len(choice) and sum(bits.get(flow, 0) for flow in held) in known:
            return [flow.source for flow in choice]
    return None


def _ways_into(diagram: Diagram, node_id: str, source: str) -> Sequence[Flow]:
    flows = diagram.flows_into(node_id)
    return [flow for flow in flows if flow.source == source] or flows


def _makes_tokens(diagram: Diagram, node: Node) -> bool:
    """Tell whether a node can give more tokens than it takes, or wait for several."""
    stays = any(event.event and not event.event.interrupts for event in diagram.events_on(node.id))
    return node.kind is NodeKind.PARALLEL or stays


@lru_cache(maxsize=64)
def _known(
    first: Marking, moves: tuple[tuple[str, _Move], ...]
) -> tuple[Mapping[str, int], frozenset[int]]:
    """Return a bit for each flow, and where tokens can be: a number for each marking.

    Numbers take a hundredth of the room that sets take.
    """
    bits = {flow: 1 << number for number, flow in enumerate(_flows_named(first, moves))}
    found = _explore(first, moves)[0]
    return bits, frozenset(sum(bits[flow] for flow in marking) for marking in found)


def _flows_named(first: Marking, moves: tuple[tuple[str, _Move], ...]) -> list[str]:
    return sorted(first.union(*(move.entering for _node, move in moves)))


def _explore(
    first: Marking, moves: tuple[tuple[str, _Move], ...]
) -> tuple[frozenset[Marking], tuple[tuple[LintRule, str], ...]]:
    seen: set[Marking] = {first}
    waiting = deque([first])
    while waiting:
        marking = waiting.popleft()
        steps = [(node, *step) for node, move in moves for step in move.steps(marking)]
        if marking and not steps:
            return _flows_of(seen), ((LintRule.JOIN_WAITS, _blocked(marking, moves)),)
        for node, taken, given in steps:
            rest = marking - taken
            if rest & given:
                return _flows_of(seen), ((LintRule.TOKENS_MEET, node),)
            following = rest | given
            if following not in seen:
                seen.add(following)
                waiting.append(following)
        if len(seen) > MAX_MARKINGS:
            return _flows_of(seen), ((LintRule.TOO_MANY_STATES, ""),)
    return _flows_of(seen), ()


def _flows_of(seen: Iterable[Marking]) -> frozenset[Marking]:
    """Return where tokens are, whatever has happened beside."""
    return frozenset(
        frozenset(held for held in marking if not held.startswith(_HAPPENED)) for marking in seen
    )


def _moves_of(diagram: Diagram) -> tuple[Marking, tuple[tuple[str, _Move], ...]]:
    start = diagram.of_kind(NodeKind.START)[0]
    first = frozenset(flow.id for flow in diagram.flows_from(start.id))
    moves = tuple(
        (node.id, _move(diagram, node))
        for node in diagram.nodes.values()
        if node.kind not in {NodeKind.START, NodeKind.BOUNDARY}
    )
    return first, moves


def _move(diagram: Diagram, node: Node) -> _Move:
    leaving = [flow.id for flow in diagram.flows_from(node.id)]
    entering = frozenset(flow.id for flow in diagram.flows_into(node.id))
    if node.kind is NodeKind.PARALLEL:
        return _Move(parallel=True, entering=entering, gives=(frozenset(leaving),))
    gives: list[Marking] = [frozenset({flow}) for flow in leaving] or [frozenset()]
    beside: list[tuple[str, Marking]] = []
    for event in diagram.events_on(node.id):
        out = frozenset(flow.id for flow in diagram.flows_from(event.id))
        if event.event and event.event.interrupts:
            gives.append(out)
        elif not _ends_at_once(diagram, event):
            beside.append((_HAPPENED + event.id, out))
    return _Move(parallel=False, entering=entering, gives=tuple(gives), beside=tuple(beside))


def _ends_at_once(diagram: Diagram, node: Node) -> bool:
    """Tell whether a token leaving `node` reaches an end within the same step, as a notice does.

    Such a token is never seen beside another, however often its task comes round.
    """
    seen: set[str] = set()
    while node.kind is not NodeKind.END:
        flows = diagram.flows_from(node.id)
        if len(flows) != 1 or node.id in seen:
            return False
        seen.add(node.id)
        node = diagram.nodes[flows[0].target]
        if node.kind not in {NodeKind.END, NodeKind.THROW, NodeKind.DECISION}:
            return False
    return True


def _blocked(marking: Marking, moves: tuple[tuple[str, _Move], ...]) -> str:
    """Return a join that holds some of the tokens and waits for the others."""
    return next((node for node, move in moves if move.entering & marking), "")
