"""Read a BPMN file as untrusted bytes into nodes, flows and lanes.

Only the elements we run are accepted; everything else in the process is refused by name, so no
part of the file reaches the engine unseen. All that can be found wrong is found at once.

Source: BPMN 2.0.2 (ISO/IEC 19510:2013), clauses 10 and 15.
"""

import re
from dataclasses import replace

from lxml import etree

from engine.process.findings import DiagramRefusedError, Finding, LintRule, refused
from engine.process.nodes import Call, Diagram, Event, Flow, Node, NodeKind, UserWork
from engine.process.reasons import Reason, Refusal

MAX_BYTES = 2_000_000
MAX_NODES = 500
MAX_NAME_CHARS = 200
#: Nobody mends more at once; a hostile file may hold a hundred thousand.
MAX_FINDINGS = 200

#: Our own attributes live here; modellers keep attributes of namespaces they do not know.
EXTENSION_NAMESPACE = "urn:trinhky:bpmn:1"

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_EXT = f"{{{EXTENSION_NAMESPACE}}}"
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}", re.ASCII)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
# Names SpiffWorkflow gives to nodes of its own.
_RESERVED = frozenset({"Start", "End", "Root"})
_TOP = frozenset(
    {f"{_BPMN}collaboration", f"{_BPMN}process", f"{_BPMN}message", f"{_DI}BPMNDiagram"}
)
_TIMER = f"{_BPMN}timerEventDefinition"
_MESSAGE = f"{_BPMN}messageEventDefinition"
_MANY = f"{_BPMN}multiInstanceLoopCharacteristics"
_TIMES = {f"{_BPMN}timeDuration": False, f"{_BPMN}timeDate": True}
_EVENT_KINDS = frozenset({NodeKind.CATCH, NodeKind.THROW, NodeKind.BOUNDARY})
_INSIDE = {
    f"{_BPMN}laneSet": frozenset({f"{_BPMN}lane"}),
    f"{_BPMN}lane": frozenset({f"{_BPMN}flowNodeRef"}),
    f"{_BPMN}sequenceFlow": frozenset({f"{_BPMN}conditionExpression"}),
    _TIMER: frozenset(_TIMES),
}
_NODE_PARTS = frozenset({f"{_BPMN}incoming", f"{_BPMN}outgoing", f"{_BPMN}documentation"})
_PARTS_OF = {
    **dict.fromkeys(_EVENT_KINDS, frozenset({_TIMER, _MESSAGE})),
    NodeKind.CALL: frozenset({_MANY}),
}
#: Which of our attributes a kind of node may carry.
_ATTRIBUTES = {
    NodeKind.USER_TASK: frozenset({"rule", "due", "returnsTo"}),
    NodeKind.DECISION: frozenset({"decision"}),
    NodeKind.CALL: frozenset({"passes", "takes"}),
    **dict.fromkeys(_EVENT_KINDS, frozenset({"correlation", "payload"})),
}


def read_xml(xml: bytes) -> etree._Element:
    """Return the root of a hostile XML file.

    Raises:
        DiagramRefusedError: over 2 MB, not UTF-8, not XML, or it has a document type.
    """
    if len(xml) > MAX_BYTES:
        raise refused(LintRule.XML_TOO_LARGE, bytes=str(len(xml)))
    try:
        text = xml.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(LintRule.XML_NOT_UTF8) from error
    # Refused before parsing: whatever a document type may do, it never gets the chance.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise refused(LintRule.XML_DOCTYPE)
    # Read as what was looked at: a declaration of UTF-7 could hide a document type.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise refused(LintRule.XML_BROKEN, reason=str(error)[:200]) from error


def read_diagram(root: etree._Element) -> Diagram:
    """Return the process drawn in a file.

    Raises:
        DiagramRefusedError: there is not exactly one executable process, or it has elements we
            do not run, references to nothing, or more than 500 nodes.
    """
    if root.tag != f"{_BPMN}definitions":
        raise refused(LintRule.NOT_BPMN)
    reader = _Reader(root)
    diagram = reader.read()
    if reader.findings:
        raise DiagramRefusedError(reader.findings)
    return diagram


class _Reader:
    """Hold what has been read and what was wrong with it."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.findings: list[Finding] = []
        self.lanes: dict[str, str] = {}
        self.lane_of: dict[str, str] = {}
        self.nodes: dict[str, Node] = {}
        self.flows: list[Flow] = []
        self.messages: dict[str, str] = {}

    def refuse(self, rule: LintRule, element_id: str | None = "", **detail: str) -> None:
        if len(self.findings) >= MAX_FINDINGS:
            return
        shown = {name: value[:MAX_NAME_CHARS] for name, value in detail.items()}
        self.findings.append(Finding(rule=rule, element_id=element_id or "", detail=shown))

    def read(self) -> Diagram:
        process = self._only_process()
        self._check_ids()
        for element in self.root.iterfind(f"{_BPMN}message"):
            self.messages[element.get("id", "")] = _label(element)
        for element in process:
            self._read_part(element)
        if len(self.nodes) > MAX_NODES:
            self.refuse(LintRule.TOO_MANY_NODES, count=str(len(self.nodes)))
        self._check_references()
        return Diagram(
            process_id=process.get("id", ""),
            name=_label(process),
            nodes={
                node_id: replace(node, lane=self.lane_of.get(node_id, ""))
                for node_id, node in self.nodes.items()
            },
            flows=tuple(self.flows),
            lanes=self.lanes,
        )

    def _only_process(self) -> etree._Element:
        for child in self.root:
            if child.tag not in _TOP:
                self._unsupported(child)
            if child.tag == f"{_BPMN}collaboration":
                for part in child:
                    if part.tag != f"{_BPMN}participant" or len(part):
                        self._unsupported(part)
        processes = list(self.root.iter(f"{_BPMN}process"))
        if len(processes) != 1 or processes[0].getparent() is not self.root:
            raise refused(LintRule.ONE_PROCESS, count=str(len(processes)))
        if processes[0].get("isExecutable") != "true":
            self.refuse(LintRule.NOT_EXECUTABLE, processes[0].get("id"))
        return processes[0]

    def _check_ids(self) -> None:
        seen: set[str] = set()
        for element in self.root.iter():
            element_id = element.get("id")
            if element_id is None:
                continue
            if not _ID.fullmatch(element_id) or element_id in _RESERVED:
                self.refuse(LintRule.ID_NOT_ALLOWED, element_id[:64])
            if element_id in seen:
                self.refuse(LintRule.ID_TWICE, element_id)
            seen.add(element_id)

    def _read_part(self, element: etree._Element) -> None:
        if element.tag == f"{_BPMN}laneSet":
            self._check_inside(element)
            self._read_lanes(element)
        elif element.tag == f"{_BPMN}sequenceFlow":
            self._check_inside(element)
            self._read_flow(element)
        elif element.tag != f"{_BPMN}documentation":
            self._read_node(element)

    def _check_inside(self, element: etree._Element, own: frozenset[object] = frozenset()) -> None:
        for holder in element.iter():
            allowed = _INSIDE.get(str(holder.tag), own if holder is element else frozenset())
            for part in holder:
                if part.tag not in allowed:
                    self._unsupported(part)

    def _unsupported(self, element: etree._Element) -> None:
        holder: etree._Element | None = element
        while holder is not None and holder.get("id") is None:
            holder = holder.getparent()
        element_id = "" if holder is None else holder.get("id")
        self.refuse(LintRule.UNSUPPORTED, element_id, element=_local(element))

    def _read_lanes(self, element: etree._Element) -> None:
        for lane in element:
            lane_id = lane.get("id", "")
            self.lanes[lane_id] = _label(lane)
            for reference in lane:
                node_id = (reference.text or "").strip()
                if node_id in self.lane_of:
                    self.refuse(LintRule.LANE_TWICE, node_id)
                self.lane_of[node_id] = lane_id

    def _read_flow(self, element: etree._Element) -> None:
        flow_id = element.get("id", "")
        conditions = [part.text or "" for part in element]
        if len(conditions) > 1 or (conditions and not conditions[0].strip()):
            told = Refusal(Reason.CONDITION_EMPTY).told()
            self.refuse(LintRule.CONDITION_REFUSED, flow_id, text="", **told)
        if not flow_id:
            self.refuse(LintRule.ID_MISSING, element="sequenceFlow")
        self.flows.append(
            Flow(
                id=flow_id,
                source=element.get("sourceRef", ""),
                target=element.get("targetRef", ""),
                condition="".join(conditions).strip(),
            )
        )

    def _read_node(self, element: etree._Element) -> None:
        name = str(element.tag).removeprefix(_BPMN)
        if name not in frozenset(NodeKind):
            self._unsupported(element)
            # Flows to it are not wrong as well: what to mend is said once.
            self.nodes[element.get("id", "")] = Node(id="", name="", kind=NodeKind.END)
            return
        kind = NodeKind(name)
        node_id = element.get("id", "")
        if not node_id:
            self.refuse(LintRule.ID_MISSING, element=name)
        self._check_inside(element, _NODE_PARTS | _PARTS_OF.get(kind, frozenset()))
        self._check_attributes(element, kind)
        self.nodes[node_id] = Node(
            id=node_id,
            name=_label(element),
            kind=kind,
            default_flow=element.get("default", ""),
            work=_work(element) if kind is NodeKind.USER_TASK else None,
            event=self._event(element, kind) if kind in _EVENT_KINDS else None,
            call=_call(element) if kind is NodeKind.CALL else None,
            decision=_own(element, "decision"),
        )

    def _check_attributes(self, element: etree._Element, kind: NodeKind) -> None:
        allowed = _ATTRIBUTES.get(kind, frozenset())
        for name in element.attrib:
            own = str(name).removeprefix(_EXT)
            if own != name and own not in allowed:
                self.refuse(LintRule.ATTRIBUTE_WRONG, element.get("id"), attribute=own)
        for name in ("correlation", "payload", "passes", "takes"):
            for key in _words(element, name):
                if not _KEY.fullmatch(key):
                    self.refuse(LintRule.ATTRIBUTE_WRONG, element.get("id"), attribute=name)

    def _event(self, element: etree._Element, kind: NodeKind) -> Event:
        definitions = [part for part in element if part.tag in {_TIMER, _MESSAGE}]
        times = [time for part in definitions for time in part]
        message_ids = [p.get("messageRef", "") for p in definitions if p.tag == _MESSAGE]
        message = self.messages.get(message_ids[0], "") if message_ids else ""
        well_formed = len(definitions) == 1 and (bool(message) or len(times) == 1)
        if not well_formed or (kind is NodeKind.THROW and not message):
            self.refuse(LintRule.EVENT_WRONG, element.get("id"))
        return Event(
            timer=(times[0].text or "").strip() if times else "",
            is_moment=bool(times) and _TIMES.get(str(times[0].tag), False),
            message=message,
            correlation=_words(element, "correlation"),
            payload=_words(element, "payload"),
            attached_to=element.get("attachedToRef", ""),
            interrupts=element.get("cancelActivity", "true") != "false",
        )

    def _check_references(self) -> None:
        pairs: set[tuple[str, str]] = set()
        for flow in self.flows:
            for node_id in (flow.source, flow.target):
                self._check_known(flow.id, node_id)
            if (flow.source, flow.target) in pairs:
                self.refuse(LintRule.FLOW_TWICE, flow.id)
            pairs.add((flow.source, flow.target))
        for node_id, lane in self.lane_of.items():
            self._check_known(lane, node_id)

    def _check_known(self, element_id: str, node_id: str) -> None:
        if node_id not in self.nodes:
            self.refuse(LintRule.REFERENCE_UNKNOWN, element_id, reference=node_id)


def _work(element: etree._Element) -> UserWork:
    return UserWork(
        rule=_own(element, "rule") or element.get("id", ""),
        due=_own(element, "due"),
        returns_to=tuple(dict.fromkeys(_words(element, "returnsTo"))),
    )


def _call(element: etree._Element) -> Call:
    return Call(
        procedure_id=element.get("calledElement", ""),
        passes=_words(element, "passes"),
        takes=_words(element, "takes"),
        many=element.find(_MANY) is not None,
    )


def _own(element: etree._Element, name: str) -> str:
    return " ".join(element.get(f"{_EXT}{name}", "").split())


def _words(element: etree._Element, name: str) -> tuple[str, ...]:
    return tuple(_own(element, name).split())


def _label(element: etree._Element) -> str:
    return " ".join(element.get("name", "").split())[:MAX_NAME_CHARS]


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2][:64]
