"""Walk the graph of a diagram: what is reached, what is passed on every way, where loops are."""

from collections.abc import Iterable, Mapping, Sequence, Set

from engine.process.nodes import Diagram

Graph = Mapping[str, Sequence[str]]


def graph_of(diagram: Diagram) -> Graph:
    """Return the targets of each node; a task also leads to the events that sit on it."""
    return {
        node_id: [
            *(flow.target for flow in diagram.flows_from(node_id)),
            *(event.id for event in diagram.events_on(node_id)),
        ]
        for node_id in diagram.nodes
    }


def reverse(graph: Graph) -> Graph:
    """Return the sources of each node."""
    found: dict[str, list[str]] = {node: [] for node in graph}
    for source, targets in graph.items():
        for target in targets:
            found[target].append(source)
    return found


def reach(graph: Graph, sources: Iterable[str], *, without: Set[str] = frozenset()) -> set[str]:
    """Return the nodes that can be reached from `sources` without entering some."""
    seen = {source for source in sources if source not in without}
    waiting = list(seen)
    while waiting:
        for node in graph[waiting.pop()]:
            if node not in seen and node not in without:
                seen.add(node)
                waiting.append(node)
    return seen


def has_cycle(graph: Graph, within: Set[str]) -> bool:
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
