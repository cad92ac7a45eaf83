"""Read a foreign file into a drawing: choose the process, name every element, leave out the rest.

The file is untrusted; what cannot be read at all is refused as `engine.process.diagram` does.
"""

import codecs
import re
from collections.abc import Iterator

from lxml import etree

from engine.process.diagram import MAX_BYTES, read_xml
from engine.process.findings import LintRule, refused
from engine.process.importing.drawing import Drawing, Flow, Lane, Scope
from engine.process.importing.lanes import read_lanes
from engine.process.importing.names import Names
from engine.process.importing.nodes import NodeReader
from engine.process.importing.places import read_places
from engine.process.importing.removals import count_attributes, count_part
from engine.process.importing.report import Attention, ChangeKind, Report
from engine.process.importing.tags import (
    NODES,
    PARTS,
    SUBPROCESSES,
    local_of,
    local_of_parent,
    reference,
    tag,
    text_of,
)

MAX_ELEMENTS = 5_000
MAX_DEPTH = 20
MAX_ATTRIBUTES = 200

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARATION = re.compile(rb"""\s*<\?xml\s[^>]*encoding=["'](?P<encoding>[\w.-]+)["']""")
_ENCODINGS = frozenset(
    {"utf-16", "iso-8859-1", "iso-8859-15", "us-ascii", "windows-1252", "windows-1258"}
)
_NAMED = frozenset({"dataObjectReference", "dataStoreReference", "dataObject", "group"})
_KEPT_TOP = frozenset({"process", "collaboration", "message"})
_PROCESS_ATTRIBUTES = frozenset({"id", "name", "isExecutable"})
_MESSAGE_ATTRIBUTES = frozenset({"id", "name"})
_FLOW_ATTRIBUTES = frozenset({"id", "name", "sourceRef", "targetRef"})
_DEFINITION_ATTRIBUTES = frozenset({"id", "targetNamespace"})


def read_drawing(xml: bytes, report: Report) -> tuple[Drawing, Names]:
    """Return the process of a foreign file.

    Raises:
        InvalidInputError: it is not XML we read, not BPMN 2.0, has no process, or is too large.
    """
    root = read_xml(_in_utf8(xml, report))
    if root.tag != tag("definitions"):
        raise refused(LintRule.NOT_BPMN)
    process = _choose(root, report)
    _check_size(root, process)
    names = Names(report)
    reader = _Reader(root, process, names, report)
    drawing = reader.read()
    read_places(root, drawing, names, report)
    return drawing, names


def _in_utf8(xml: bytes, report: Report) -> bytes:
    """Return the file in UTF-8; some tools write UTF-16 or what their system writes."""
    encoding = "utf-16" if xml.startswith(_UTF16) else ""
    declared = _DECLARATION.match(xml[:200])
    if declared and not encoding:
        encoding = declared["encoding"].decode("ascii").lower()
    if encoding not in _ENCODINGS or len(xml) > 2 * MAX_BYTES:
        return xml
    try:
        text = xml.decode(encoding)
    except UnicodeDecodeError as error:
        raise refused(LintRule.XML_NOT_UTF8) from error
    report.add(ChangeKind.CONVERTED_ENCODING, "", was=encoding)
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1).encode("utf-8", "replace")


def _choose(root: etree._Element, report: Report) -> etree._Element:
    processes = [child for child in root if child.tag == tag("process")]
    if not processes:
        raise refused(LintRule.ONE_PROCESS, count="0")
    sizes = [sum(local_of(e) in NODES for e in process.iter()) for process in processes]
    chosen = processes[sizes.index(max(sizes))]
    for process, size in zip(processes, sizes, strict=True):
        if process is not chosen:
            report.add(
                ChangeKind.CHOSE_PROCESS,
                "",
                dropped=reference(process.get("id")),
                name=process.get("name", ""),
                nodes=str(size),
            )
    return chosen


def _check_size(root: etree._Element, process: etree._Element) -> None:
    # The parser takes quadratic time to list the attributes of one element.
    if any(len(element.attrib) > MAX_ATTRIBUTES for element in root.iter()):
        raise refused(LintRule.XML_BROKEN, reason="an element has too many attributes")
    counted = NODES | {"sequenceFlow", "lane"}
    count = sum(local_of(element) in counted for element in process.iter())
    count += sum(1 for _ in process.itersiblings(tag("message"), preceding=True))
    count += sum(1 for _ in process.itersiblings(tag("message")))
    if count > MAX_ELEMENTS:
        raise refused(LintRule.TOO_MANY_NODES, count=str(count))


class _Reader:
    """Read one process."""

    def __init__(
        self, root: etree._Element, process: etree._Element, names: Names, report: Report
    ) -> None:
        self.root = root
        self.process = process
        self.names = names
        self.report = report
        self.ids: dict[etree._Element, str] = {}
        self.referred = {
            reference(flow.get(end))
            for flow in process.iter(tag("sequenceFlow"))
            for end in ("sourceRef", "targetRef")
        }

    def read(self) -> Drawing:
        process_id = self.names.take(reference(self.process.get("id")), "process")
        self._name_all()
        drawing = Drawing(
            id=process_id,
            name=" ".join(self.process.get("name", "").split()),
            namespace=reference(self.root.get("targetNamespace")) or f"urn:trinhky:{process_id}",
            documentation=text_of(self.process.find(tag("documentation"))),
            scope=Scope(),
        )
        self._read_top(drawing)
        reader = NodeReader(self.root, self.ids, self.names, self.report)
        drawing.scope = self._scope(self.process, reader, 0)
        self._settle_flows(drawing.scope)
        self._drop_strangers(drawing.scope)
        self._read_notes()
        read_lanes(self.process, drawing, self.ids, self.names, self.report)
        self._process_attributes(process_id)
        return drawing

    def _name_all(self) -> None:
        """Give every element of the process its id, lanes first: theirs are roles."""
        for lane in self.process.iter(tag("lane")):
            self.ids[lane] = self.names.take(reference(lane.get("id")), "lane")
        for element in self.process.iter():
            local = local_of(element)
            if local == "sequenceFlow" or self._is_node(element):
                self.ids[element] = self.names.take(reference(element.get("id")), local)
        for message in self.root.iterchildren(tag("message")):
            self.ids[message] = self.names.take(reference(message.get("id")), "message")

    def _is_node(self, element: etree._Element) -> bool:
        local = local_of(element)
        if local in NODES:
            return True
        if local in PARTS or local_of_parent(element) not in SUBPROCESSES | {"process"}:
            return False
        return bool(local) and reference(element.get("id")) in self.referred - {""}

    def _read_top(self, drawing: Drawing) -> None:
        for child in self.root:
            local = local_of(child)
            if local == "message":
                message_id = self.ids[child]
                drawing.messages[message_id] = (
                    " ".join(child.get("name", "").split()) or message_id
                )
                count_attributes(self.report, child, message_id, _MESSAGE_ATTRIBUTES)
                for part in child:
                    count_part(self.report, part, message_id)
            elif local == "collaboration":
                self._read_pools(child, drawing)
            elif local not in _KEPT_TOP and not str(child.tag).endswith("}BPMNDiagram"):
                count_part(self.report, child, "")
        count_attributes(self.report, self.root, "", _DEFINITION_ATTRIBUTES)
        drawing.ids["definitions"] = reference(self.root.get("id"))
        lane_set = self.process.find(tag("laneSet"))
        drawing.ids["lanes"] = "" if lane_set is None else reference(lane_set.get("id"))

    def _read_pools(self, collaboration: etree._Element, drawing: Drawing) -> None:
        drawing.ids["collaboration"] = reference(collaboration.get("id"))
        own = reference(self.process.get("id"))
        for part in collaboration:
            target = reference(part.get("processRef"))
            mine = bool(own) and own in (target, target.rpartition(":")[2])
            if local_of(part) == "participant" and mine and drawing.pool is None:
                pool_id = self.names.take(reference(part.get("id")), "pool")
                drawing.pool = Lane(pool_id, " ".join(part.get("name", "").split()))
                for inside in part:
                    count_part(self.report, inside, pool_id)
            elif local_of(part) in {"participant", "messageFlow"}:
                self.report.add(
                    ChangeKind.REMOVED_ELEMENT,
                    drawing.id,
                    element=local_of(part),
                    name=part.get("name", ""),
                )
            else:
                count_part(self.report, part, drawing.id)

    def _scope(self, holder: etree._Element, reader: NodeReader, depth: int) -> Scope:
        if depth > MAX_DEPTH:
            raise refused(LintRule.XML_BROKEN, reason="subprocesses are nested too deep")
        scope = Scope()
        for child in holder:
            local = local_of(child)
            if local == "sequenceFlow":
                flow = self._flow(child)
                scope.flows[flow.id] = flow
            elif child in self.ids and local != "lane":
                node = reader.read(child)
                scope.nodes[node.id] = node
                if local in SUBPROCESSES:
                    node.inner = self._scope(child, reader, depth + 1)
            elif not self._is_read_elsewhere(holder, child):
                self._remove(child)
        return scope

    def _is_read_elsewhere(self, holder: etree._Element, child: etree._Element) -> bool:
        if holder is self.process:
            return local_of(child) in {"laneSet", "documentation"}
        return NodeReader.is_part(child)

    def _flow(self, element: etree._Element) -> Flow:
        flow_id = self.ids[element]
        condition = ""
        for part in element:
            if local_of(part) == "conditionExpression" and not condition:
                condition = text_of(part)
            else:
                count_part(self.report, part, flow_id)
        count_attributes(self.report, element, flow_id, _FLOW_ATTRIBUTES)
        return Flow(
            id=flow_id,
            source=self.names.find(reference(element.get("sourceRef"))),
            target=self.names.find(reference(element.get("targetRef"))),
            name=" ".join(element.get("name", "").split()),
            condition=condition,
        )

    def _settle_flows(self, top: Scope) -> None:
        """Put every flow where its two nodes are; some tools keep all flows in the process."""
        home = {node_id: scope for scope in top.scopes() for node_id in scope.nodes}
        for scope in list(top.scopes()):
            for flow in list(scope.flows.values()):
                target = home.get(flow.source)
                if target is None or target is not home.get(flow.target):
                    self._drop_flow(scope, flow, home)
                elif target is not scope:
                    target.flows[flow.id] = scope.flows.pop(flow.id)

    def _drop_strangers(self, top: Scope) -> None:
        """Take out what only a flow to nothing made a node."""
        for scope in top.scopes():
            flowing = {end for flow in scope.flows.values() for end in (flow.source, flow.target)}
            for node in list(scope.nodes.values()):
                if node.kind not in NODES and node.id not in flowing:
                    del scope.nodes[node.id]
                    self.report.add(ChangeKind.REMOVED_ELEMENT, node.id, element=node.kind)

    def _drop_flow(self, scope: Scope, flow: Flow, home: dict[str, Scope]) -> None:
        del scope.flows[flow.id]
        self.report.add(
            ChangeKind.REMOVED_ELEMENT, flow.id, element="sequenceFlow", name=flow.name
        )
        for end in (flow.source, flow.target):
            if end in home:
                self.report.attention(Attention.DANGLING, end, flow=flow.id)

    def _remove(self, element: etree._Element) -> None:
        local = local_of(element)
        if local in _NAMED:
            self.report.add(
                ChangeKind.REMOVED_ELEMENT,
                self.names.find(reference(self.process.get("id"))),
                element=local,
                name=element.get("name", "") or reference(element.get("id")),
            )
        elif local != "textAnnotation":
            count_part(self.report, element, "")

    def _read_notes(self) -> None:
        """Report the text of annotations under what they are tied to."""
        tied: dict[str, str] = {}
        for line in self.root.iter(tag("association")):
            ends = [reference(line.get("sourceRef")), reference(line.get("targetRef"))]
            for one, other in (ends, reversed(ends)):
                tied.setdefault(one, self.names.find(other))
        own = self.names.find(reference(self.process.get("id")))
        for note in self._notes():
            about = tied.get(reference(note.get("id"))) or own
            self.report.add(ChangeKind.REMOVED_NOTE, about, text=text_of(note))

    def _notes(self) -> Iterator[etree._Element]:
        yield from self.process.iter(tag("textAnnotation"))
        for collaboration in self.root.iterchildren(tag("collaboration")):
            yield from collaboration.iter(tag("textAnnotation"))

    def _process_attributes(self, process_id: str) -> None:
        if self.process.get("isExecutable") != "true":
            self.report.add(ChangeKind.MADE_EXECUTABLE, process_id)
        count_attributes(self.report, self.process, process_id, _PROCESS_ATTRIBUTES)
