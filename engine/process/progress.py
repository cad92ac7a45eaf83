"""Tell how far an instance has come, for the diagram on the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.process.codec import Snapshot, TokenState
from engine.process.diagram import Node, NodeKind
from engine.process.model import HistoryEntry


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
    nodes: Sequence[Node],
    history: Iterable[HistoryEntry],
    snapshot: Snapshot,
    *,
    running: bool,
) -> list[NodeProgress]:
    """Return the state of every node, in the order of `nodes`.

    A return for rework takes back what came after the node it returns to: those steps have to be
    done again, so they are shown as future.
    """
    live = (TokenState.READY, TokenState.STARTED)
    current = {t.node for t in snapshot.tokens if running and t.state in live}
    done: list[str] = []
    for node_id in [entry.node_id for entry in history] + sorted(current):
        if node_id in done:
            del done[done.index(node_id) :]
        done.append(node_id)
    finished = {*done, *snapshot.ends}
    return [NodeProgress(node=n, state=_state(n, current, finished)) for n in nodes]


def _state(node: Node, current: set[str], finished: set[str]) -> Progress:
    if node.id in current:
        return Progress.CURRENT
    if node.kind is NodeKind.START or node.id in finished:
        return Progress.DONE
    return Progress.FUTURE
