"""Tell how far an instance has come, for the diagram on the page."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import StrEnum

from engine.process.codec import Snapshot, TokenState
from engine.process.graph import graph_of, reach, reverse
from engine.process.model import HistoryEntry
from engine.process.nodes import Diagram, Node, NodeKind
from engine.process.reassignment import ASKED_OUTCOME, HANDED_OVER_OUTCOME

# Lines of history of a task that stays where it is.
_BESIDE = frozenset({HANDED_OVER_OUTCOME, ASKED_OUTCOME})
#: Kinds that a token passes without a line of history.
_SILENT_KINDS = (NodeKind.EXCLUSIVE, NodeKind.PARALLEL, NodeKind.DECISION, NodeKind.THROW)


class Progress(StrEnum):
    """Name the states of a node."""

    DONE = "done"
    CURRENT = "current"
    FUTURE = "future"


@dataclass(frozen=True, kw_only=True)
class NodeProgress:
    """Hold one node of the diagram and its state."""

    node: Node
    state: Progress


def trace_progress(
    diagram: Diagram,
    history: Iterable[HistoryEntry],
    snapshot: Snapshot,
    *,
    running: bool,
) -> list[NodeProgress]:
    """Return the state of every node, in the order of the file.

    A return for rework takes back what came after the node it returns to: those steps have to be
    done again, so they are shown as future.
    """
    live = (TokenState.READY, TokenState.STARTED)
    current = {t.node for t in snapshot.tokens if running and t.state in live}
    steps = [entry.node_id for entry in history if entry.outcome not in _BESIDE]
    done: list[str] = []
    for node_id in steps + sorted(current):
        if node_id in done:
            del done[done.index(node_id) :]
        done.append(node_id)
    finished = {node_id for node_id in (*done, *snapshot.ends) if node_id in diagram.nodes}
    finished |= _passed(diagram, finished - current, finished)
    return [
        NodeProgress(node=node, state=_state(node, current, finished))
        for node in diagram.nodes.values()
    ]


def _passed(diagram: Diagram, left: Set[str], reached: Set[str]) -> set[str]:
    """Return the silent nodes that lie between a node that is done and one that was reached."""
    silent = {node.id for node in diagram.of_kind(*_SILENT_KINDS)}
    starts = {node.id for node in diagram.of_kind(NodeKind.START)}
    forward = graph_of(diagram)
    backward = reverse(forward)
    others = forward.keys() - silent
    after = reach(forward, [n for node in left | starts for n in forward[node]], without=others)
    before = reach(backward, [n for node in reached for n in backward[node]], without=others)
    return after & before


def _state(node: Node, current: set[str], finished: set[str]) -> Progress:
    if node.id in current:
        return Progress.CURRENT
    if node.kind is NodeKind.START or node.id in finished:
        return Progress.DONE
    return Progress.FUTURE
