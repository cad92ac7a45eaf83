"""Write a drawing as BPMN 2.0, the same bytes for the same drawing."""

from lxml import etree

from engine.process.importing.drawing import Box, Drawing, Event, Flow, Lane, Node, Scope
from engine.process.importing.names import Names
from engine.process.importing.report import Report
from engine.process.importing.tags import BPMN, BPMNDI, DC, DI, TRINHKY, XSI

_NAMESPACES = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI}
_FORMAL = "bpmn:tFormalExpression"


def write_drawing(drawing: Drawing) -> bytes:
    """Return the file: UTF-8, indented, elements in the order they were read."""
    return _Writer(drawing).write()


class _Writer:
    """Write one drawing."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.names = Names(Report())
        self.names.reserve(drawing.list_ids())
        frame = {
            "definitions": f"definitions_{drawing.id}",
            "collaboration": f"collaboration_{drawing.id}",
            "lanes": f"lanes_{drawing.id}",
            "diagram": f"diagram_{drawing.id}",
            "plane": f"plane_{drawing.id}",
        }
        self.ids = {
            part: self.names.keep_or_fresh(drawing.ids.get(part, ""), wish)
            for part, wish in frame.items()
        }

    def write(self) -> bytes:
        drawing = self.drawing
        namespaces = _NAMESPACES | ({"trinhky": TRINHKY} if self._has_own_attributes() else {})
        root = etree.Element(f"{{{BPMN}}}definitions", nsmap=namespaces)
        root.set("id", self.ids["definitions"])
        root.set("targetNamespace", drawing.namespace)
        for message_id, name in drawing.messages.items():
            _add(root, "message", id=message_id, name=name)
        if drawing.pool is not None:
            collaboration = _add(root, "collaboration", id=self.ids["collaboration"])
            _add(
                collaboration,
                "participant",
                id=drawing.pool.id,
                name=drawing.pool.name,
                processRef=drawing.id,
            )
        process = _add(root, "process", id=drawing.id, name=drawing.name, isExecutable="true")
        if drawing.documentation:
            _add(process, "documentation").text = drawing.documentation
        self._lanes(process)
        self._scope(process, drawing.scope)
        self._diagram(root)
        etree.indent(root)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"

    def _has_own_attributes(self) -> bool:
        return any(
            name.startswith("trinhky:")
            for scope in self.drawing.scope.scopes()
            for node in scope.nodes.values()
            for name in node.attributes
        )

    def _lanes(self, process: etree._Element) -> None:
        if not self.drawing.lanes:
            return
        lane_set = _add(process, "laneSet", id=self.ids["lanes"])
        inside: dict[str, list[str]] = {}
        for node in self.drawing.scope.nodes.values():
            inside.setdefault(node.lane, []).append(node.id)
        for lane in self.drawing.lanes.values():
            element = _add(lane_set, "lane", id=lane.id, name=lane.name)
            for node_id in inside.get(lane.id, []):
                _add(element, "flowNodeRef").text = node_id

    def _scope(self, holder: etree._Element, scope: Scope) -> None:
        entering, leaving = scope.entering(), scope.leaving()
        for node in scope.nodes.values():
            element = _node(holder, node)
            for flow in entering[node.id]:
                _add(element, "incoming").text = flow.id
            for flow in leaving[node.id]:
                _add(element, "outgoing").text = flow.id
            if node.loop:
                _add(element, node.loop)
            for event in node.events:
                _event(element, event)
            if node.inner is not None:
                self._scope(element, node.inner)
        for flow in scope.flows.values():
            _flow(holder, flow)

    def _diagram(self, root: etree._Element) -> None:
        drawing = self.drawing
        diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", id=self.ids["diagram"])
        plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", id=self.ids["plane"])
        pool = drawing.pool
        plane.set("bpmnElement", drawing.id if pool is None else self.ids["collaboration"])
        for area in ([] if pool is None else [pool]) + list(drawing.lanes.values()):
            self._shape(plane, area)
        for scope in drawing.scope.scopes():
            for node in scope.nodes.values():
                self._shape(plane, node)
        for scope in drawing.scope.scopes():
            for flow in scope.flows.values():
                self._edge(plane, flow)

    def _shape(self, plane: etree._Element, thing: Node | Lane) -> None:
        if thing.box is None:
            return
        shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape")
        shape.set("id", self.names.fresh(f"{thing.id}_di"))
        shape.set("bpmnElement", thing.id)
        for name, value in thing.shape.items():
            shape.set(name, value)
        _bounds(shape, thing.box)
        if isinstance(thing, Node) and thing.label is not None:
            _bounds(etree.SubElement(shape, f"{{{BPMNDI}}}BPMNLabel"), thing.label)

    def _edge(self, plane: etree._Element, flow: Flow) -> None:
        if len(flow.points) < 2:
            return
        edge = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge")
        edge.set("id", self.names.fresh(f"{flow.id}_di"))
        edge.set("bpmnElement", flow.id)
        for x, y in flow.points:
            etree.SubElement(edge, f"{{{DI}}}waypoint", x=_number(x), y=_number(y))
        if flow.label is not None:
            _bounds(etree.SubElement(edge, f"{{{BPMNDI}}}BPMNLabel"), flow.label)


def _add(parent: etree._Element, local: str, **attributes: str) -> etree._Element:
    """Add an element of BPMN; attributes without a value are left out."""
    element = etree.SubElement(parent, f"{{{BPMN}}}{local}")
    for name, value in attributes.items():
        if value:
            element.set(name, value)
    return element


def _node(holder: etree._Element, node: Node) -> etree._Element:
    element = _add(holder, node.kind, id=node.id, name=node.name, default=node.default)
    for name, value in node.attributes.items():
        own = name.startswith("trinhky:")
        element.set(f"{{{TRINHKY}}}{name[8:]}" if own else name, value)
    if node.documentation:
        _add(element, "documentation").text = node.documentation
    return element


def _flow(holder: etree._Element, flow: Flow) -> None:
    element = _add(
        holder,
        "sequenceFlow",
        id=flow.id,
        name=flow.name,
        sourceRef=flow.source,
        targetRef=flow.target,
    )
    if flow.condition:
        condition = _add(element, "conditionExpression")
        condition.set(f"{{{XSI}}}type", _FORMAL)
        condition.text = flow.condition


def _event(holder: etree._Element, event: Event) -> None:
    element = _add(holder, event.kind)
    if event.kind == "messageEventDefinition" and event.reference:
        element.set("messageRef", event.reference)
    if event.kind == "linkEventDefinition" and event.reference:
        element.set("name", event.reference)
    if event.timer:
        timer = _add(element, event.timer)
        timer.set(f"{{{XSI}}}type", _FORMAL)
        timer.text = event.text


def _bounds(holder: etree._Element, box: Box) -> None:
    etree.SubElement(
        holder,
        f"{{{DC}}}Bounds",
        x=_number(box.x),
        y=_number(box.y),
        width=_number(box.width),
        height=_number(box.height),
    )


def _number(value: float) -> str:
    rounded = round(value, 2)
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)
