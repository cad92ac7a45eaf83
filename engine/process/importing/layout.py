"""Draw a process from left to right, one band a lane, so that a modeller can open it."""

from collections import defaultdict, deque

from engine.process.importing.drawing import EVENT_SIZE, GATEWAY_SIZE, Box, Drawing, Node, Scope

_LEFT = 230.0
_TOP = 80.0
_COLUMN = 170.0
_ROW = 110.0
_POOL_X = 120.0
_HEADER = 30.0
_TASK = (120.0, 80.0)


def lay_out(drawing: Drawing) -> None:
    """Give every node, lane and the pool a box; lines are drawn afterwards."""
    scope = drawing.scope
    columns = _columns(scope)
    rows = [*drawing.lanes, ""]
    cells: defaultdict[tuple[str, int], list[Node]] = defaultdict(list)
    for node in scope.nodes.values():
        if node.kind != "boundaryEvent":
            cells[node.lane, columns[node.id]].append(node)
    width = _LEFT + _COLUMN * (max(columns.values(), default=0) + 1) - _POOL_X
    top = _TOP
    for row in rows:
        band = {column: nodes for (lane, column), nodes in cells.items() if lane == row}
        if not band and row not in drawing.lanes:
            continue
        height = _ROW * max((len(nodes) for nodes in band.values()), default=1) + 20
        if row in drawing.lanes:
            drawing.lanes[row].box = Box(_POOL_X + _HEADER, top, width - _HEADER, height)
            drawing.lanes[row].shape = {"isHorizontal": "true"}
        for column, nodes in band.items():
            _place(nodes, _LEFT + column * _COLUMN, top, height)
        top += height
    if drawing.pool is not None:
        drawing.pool.box = Box(_POOL_X, _TOP, width, top - _TOP)
        drawing.pool.shape = {"isHorizontal": "true"}
    _place_boundaries(scope)


def _place(nodes: list[Node], x: float, top: float, height: float) -> None:
    step = height / len(nodes)
    for number, node in enumerate(nodes):
        width, tall = _size(node)
        middle = top + step * (number + 0.5)
        node.box = Box(
            round(x + (_TASK[0] - width) / 2, 2), round(middle - tall / 2, 2), width, tall
        )
        node.label = None
        if node.inner is not None:
            node.shape = {"isExpanded": "false"}


def _size(node: Node) -> tuple[float, float]:
    if node.is_gateway:
        return GATEWAY_SIZE, GATEWAY_SIZE
    if node.kind.endswith("Event"):
        return EVENT_SIZE, EVENT_SIZE
    return _TASK


def _place_boundaries(scope: Scope) -> None:
    used: defaultdict[str, int] = defaultdict(int)
    for node in scope.of_kind("boundaryEvent"):
        host = scope.nodes.get(node.attributes.get("attachedToRef", ""))
        number = used[host.id if host else ""]
        used[host.id if host else ""] += 1
        box = host.box if host is not None and host.box is not None else Box(_LEFT, _TOP, 0, 0)
        x = box.right - EVENT_SIZE - 5 - number * (EVENT_SIZE + 4)
        node.box = Box(round(x, 2), round(box.bottom - EVENT_SIZE / 2, 2), EVENT_SIZE, EVENT_SIZE)
        node.label = None


def _columns(scope: Scope) -> dict[str, int]:
    """Return how many steps after the start each node stands, loops left out."""
    following = {
        node_id: [flow.target for flow in flows] for node_id, flows in scope.leaving().items()
    }
    for node in scope.of_kind("boundaryEvent"):
        host = node.attributes.get("attachedToRef", "")
        following.setdefault(host, []).append(node.id)
    forward = _without_loops(scope, following)
    waits = dict.fromkeys(scope.nodes, 0)
    for targets in forward.values():
        for target in targets:
            waits[target] += 1
    columns = dict.fromkeys(scope.nodes, 0)
    ready = deque(node_id for node_id, count in waits.items() if count == 0)
    while ready:
        node_id = ready.popleft()
        for target in forward.get(node_id, []):
            columns[target] = max(columns[target], columns[node_id] + 1)
            waits[target] -= 1
            if waits[target] == 0:
                ready.append(target)
    return columns


def _without_loops(scope: Scope, following: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the flows without those that lead back to a node under way (depth first)."""
    entered = {target for targets in following.values() for target in targets}
    order = [n for n in scope.nodes if n not in entered] + [n for n in scope.nodes if n in entered]
    forward: dict[str, list[str]] = defaultdict(list)
    state: dict[str, int] = {}
    for first in order:
        if first in state:
            continue
        state[first] = 1
        path = [(first, iter(following.get(first, [])))]
        while path:
            node_id, targets = path[-1]
            target = next(targets, None)
            if target is None:
                state[node_id] = 2
                path.pop()
            elif state.get(target) != 1:
                forward[node_id].append(target)
                if target not in state:
                    state[target] = 1
                    path.append((target, iter(following.get(target, []))))
    return forward
