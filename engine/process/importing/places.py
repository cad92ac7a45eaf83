"""Keep where things were drawn, and find a place for what has none.

Source: BPMN 2.0.2 (ISO/IEC 19510:2013), clause 12 (diagram interchange).
"""

import math
from collections.abc import Iterator

from lxml import etree

from engine.process.importing.drawing import Box, Drawing, Flow, Lane, Node, Point
from engine.process.importing.layout import lay_out
from engine.process.importing.names import Names
from engine.process.importing.report import ChangeKind, Report
from engine.process.importing.tags import BPMNDI, DC, DI, attributes_of, label_of, reference

_MAX_PLACE = 1_000_000.0
_SHAPE_ATTRIBUTES = ("isHorizontal", "isExpanded", "isMarkerVisible")
_STANDARD = frozenset(
    {
        *_SHAPE_ATTRIBUTES,
        *(
            "id",
            "bpmnElement",
            "labelStyle",
            "sourceElement",
            "targetElement",
            "choreographyActivityShape",
        ),
    }
)


def read_places(root: etree._Element, drawing: Drawing, names: Names, report: Report) -> None:
    """Read the drawing of what is kept; the shapes of everything else are left out."""
    nodes, flows = _everything(drawing)
    seen: set[str] = set()
    for shape in root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge"):
        element_id = names.find(reference(shape.get("bpmnElement")))
        if element_id in seen:
            continue
        seen.add(element_id)
        thing = nodes.get(element_id) or flows.get(element_id)
        if thing is None:
            continue
        for name, value in attributes_of(shape):
            if name.startswith("{") or name not in _STANDARD:
                report.count(ChangeKind.REMOVED_EXTENSION, label_of(shape, name), "", value)
        if isinstance(thing, Flow):
            thing.points = list(_points(shape))
            thing.label = _label(shape)
        else:
            _read_shape(shape, thing)
    for name in ("diagram", "plane"):
        found = root.find(f".//{{{BPMNDI}}}BPMN{name.capitalize()}")
        drawing.ids[name] = "" if found is None else reference(found.get("id"))


def _everything(drawing: Drawing) -> tuple[dict[str, Node | Lane], dict[str, Flow]]:
    nodes: dict[str, Node | Lane] = dict(drawing.lanes)
    flows: dict[str, Flow] = {}
    if drawing.pool is not None:
        nodes[drawing.pool.id] = drawing.pool
    for scope in drawing.scope.scopes():
        nodes.update(scope.nodes)
        flows.update(scope.flows)
    return nodes, flows


def _read_shape(shape: etree._Element, thing: Node | Lane) -> None:
    thing.box = _box(shape.find(f"{{{DC}}}Bounds"))
    thing.shape = {
        name: value
        for name in _SHAPE_ATTRIBUTES
        if (value := shape.get(name, "")) in {"true", "false"}
    }
    if isinstance(thing, Node):
        thing.label = _label(shape)


def _label(shape: etree._Element) -> Box | None:
    return _box(shape.find(f"{{{BPMNDI}}}BPMNLabel/{{{DC}}}Bounds"))


def _points(edge: etree._Element) -> Iterator[Point]:
    for point in edge.iterfind(f"{{{DI}}}waypoint"):
        x, y = _number(point.get("x")), _number(point.get("y"))
        if x is not None and y is not None:
            yield x, y


def _box(bounds: etree._Element | None) -> Box | None:
    if bounds is None:
        return None
    x, y, width, height = (_number(bounds.get(name)) for name in ("x", "y", "width", "height"))
    if x is None or y is None or not width or not height or width < 0 or height < 0:
        return None
    return Box(x, y, width, height)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    # Two decimals are finer than any screen, and read back as they were written.
    return round(number, 2) if math.isfinite(number) and abs(number) < _MAX_PLACE else None


def complete_places(drawing: Drawing, report: Report) -> None:
    """Give every node, lane and flow a place.

    Where something of the file itself has none, all of it is drawn anew, from left to right.
    """
    nodes = drawing.scope.nodes.values()
    placed = [node.box for node in nodes] + [lane.box for lane in drawing.lanes.values()]
    if not nodes:
        return
    if None in placed:
        lay_out(drawing)
        report.add(ChangeKind.LAID_OUT, drawing.id, missing=str(placed.count(None)))
    if drawing.pool is not None and drawing.pool.box is None:
        drawing.pool.box = _around(drawing)
    boxes = {node.id: node.box for node in nodes if node.box is not None}
    for flow in drawing.scope.flows.values():
        source, target = boxes[flow.source], boxes[flow.target]
        if not _is_docked(flow.points, source, target):
            flow.points, flow.label = route(source, target), None


def _around(drawing: Drawing) -> Box:
    places = [node.box for node in drawing.scope.nodes.values()]
    places += [lane.box for lane in drawing.lanes.values()]
    boxes = [box for box in places if box is not None]
    margin = 0 if drawing.lanes else 40
    x = min(box.x for box in boxes) - margin - 30
    y = min(box.y for box in boxes) - margin
    return Box(
        x,
        y,
        max(box.right for box in boxes) + margin - x,
        max(box.bottom for box in boxes) + margin - y,
    )


def _is_docked(points: list[Point], source: Box, target: Box) -> bool:
    """Tell whether a line begins at one box and ends at the other."""
    return len(points) > 1 and _touches(points[0], source) and _touches(points[-1], target)


def _touches(point: Point, box: Box) -> bool:
    x, y = point
    return box.x - 2 <= x <= box.right + 2 and box.y - 2 <= y <= box.bottom + 2


def route(source: Box, target: Box) -> list[Point]:
    """Return a line of right angles from one box to another."""
    (source_x, source_y), (target_x, target_y) = source.middle, target.middle
    if source.right <= target.x:
        if abs(source_y - target_y) < 1:
            return [(source.right, source_y), (target.x, source_y)]
        middle = round((source.right + target.x) / 2, 2)
        return [
            (source.right, source_y),
            (middle, source_y),
            (middle, target_y),
            (target.x, target_y),
        ]
    if target.y >= source.bottom or target.bottom <= source.y:
        down = target.y >= source.bottom
        start, end = (source.bottom, target.y) if down else (source.y, target.bottom)
        middle = round((start + end) / 2, 2)
        return [(source_x, start), (source_x, middle), (target_x, middle), (target_x, end)]
    # Back to something on the same height: round it from above.
    above = round(min(source.y, target.y) - 30, 2)
    return [(source_x, source.y), (source_x, above), (target_x, above), (target_x, target.y)]
