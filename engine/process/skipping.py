"""Find the steps a procedure demands that a move to another version would leave out.

A version is checked from its start on. An instance that moves stands in the middle: what the new
drawing has put behind it would never be done, though every drawing demands it.
"""

from collections.abc import Sequence, Set

from engine.process.graph import graph_of, reach
from engine.process.model import Procedure
from engine.process.nodes import Diagram, Node, NodeKind


def list_skipped_steps(
    procedure: Procedure,
    old: Diagram,
    new: Diagram,
    standing: Sequence[str],
    done: Set[str],
) -> list[str]:
    """Return nodes of demanded steps that were to come in the old version and may not in the new.

    Args:
        standing: nodes with tokens, in both versions.
        done: steps that have been completed.
    """
    ahead_old, ahead_new = reach(graph_of(old), standing), reach(graph_of(new), standing)
    found: list[str] = []
    for step in sorted(procedure.required | {before for before, _after in procedure.order}):
        to_come = sorted(_nodes_of(old, step) & ahead_old)
        if not to_come or step in done or not _may_miss(procedure, new, step, standing):
            continue
        is_gone = not _nodes_of(new, step) & ahead_new
        if is_gone or not _may_miss(procedure, old, step, standing):
            found.append(to_come[0])
    return found


def _may_miss(procedure: Procedure, diagram: Diagram, step: str, standing: Sequence[str]) -> bool:
    """Tell whether tokens may come from here to what needs a step without the step."""
    needing = {
        node for b, after in procedure.order if b == step for node in _nodes_of(diagram, after)
    }
    if step in procedure.required:
        needing |= {node.id for node in diagram.of_kind(NodeKind.END)}
    done_by = _nodes_of(diagram, step)
    graph = {
        node_id: [
            *(flow.target for flow in diagram.flows_from(node_id) if node_id not in done_by),
            *(event.id for event in diagram.events_on(node_id)),
        ]
        for node_id in diagram.nodes
    }
    return bool(reach(graph, standing) & needing)


def _nodes_of(diagram: Diagram, step: str) -> set[str]:
    return {node.id for node in diagram.nodes.values() if step_of(node) == step}


def step_of(node: Node) -> str:
    """Return the step a node does: the rule of a user task, the id of any other node."""
    return node.work.rule if node.work is not None else node.id
