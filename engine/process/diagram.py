"""Read a BPMN file as untrusted bytes into nodes, flows and lanes.

Only the elements we run are accepted; everything else in the process is refused by name, so no
part of the file reaches the engine unseen.

Source: BPMN 2.0.2 (ISO/IEC 19510:2013), clauses 10 and 15.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from engine.errors import ErrorCode, InvalidInputError

MAX_BYTES = 2_000_000
MAX_NODES = 500

#: Lane of the service tasks; every other lane id is a `Role`.
SYSTEM_LANE = "he_thong"

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}", re.ASCII)
# Names SpiffWorkflow gives to nodes of its own.
_RESERVED = frozenset({"Start", "End", "Root"})
_TOP = frozenset({f"{_BPMN}collaboration", f"{_BPMN}process", f"{_DI}BPMNDiagram"})
_INSIDE = {
    f"{_BPMN}laneSet": frozenset({f"{_BPMN}lane"}),
    f"{_BPMN}lane": frozenset({f"{_BPMN}flowNodeRef"}),
    f"{_BPMN}sequenceFlow": frozenset({f"{_BPMN}conditionExpression"}),
}
_NODE_PARTS = frozenset({f"{_BPMN}incoming", f"{_BPMN}outgoing", f"{_BPMN}documentation"})


class NodeKind(StrEnum):
    """Name the kinds of node a diagram may have."""

    START = "startEvent"
    END = "endEvent"
    USER_TASK = "userTask"
    SERVICE_TASK = "serviceTask"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"


@dataclass(frozen=True, kw_only=True)
class Node:
    """Hold one node: element id, Vietnamese label, kind and the id of its lane ("" if none)."""

    id: str
    name: str
    kind: NodeKind
    lane: str
    default_flow: str = ""


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Hold one sequence flow; `condition` is "" when it has none."""

    id: str
    source: str
    target: str
    condition: str


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """Hold one process as drawn.

    Args:
        lanes: lane labels by lane id, in drawing order.
    """

    process_id: str
    name: str
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    lanes: Mapping[str, str]

    def flows_from(self, node_id: str) -> list[Flow]:
        """Return the flows that leave a node."""
        return [flow for flow in self.flows if flow.source == node_id]

    def flows_into(self, node_id: str) -> list[Flow]:
        """Return the flows that enter a node."""
        return [flow for flow in self.flows if flow.target == node_id]


def read_xml(xml: bytes) -> etree._Element:
    """Return the root of a hostile XML file.

    Raises:
        InvalidInputError: over 2 MB, not UTF-8, not XML, or it has a document type.
    """
    if len(xml) > MAX_BYTES:
        raise refused(f"the file has {len(xml)} bytes")
    try:
        text = xml.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused("the file is not UTF-8") from error
    # Refused before parsing: whatever a document type may do, it never gets the chance.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise refused("document types and entities are not allowed")
    parser = etree.XMLParser(
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
        raise refused("the file is not XML") from error


def read_diagram(root: etree._Element) -> Diagram:
    """Return the process drawn in a file.

    Raises:
        InvalidInputError: there is not exactly one executable process, or it has elements we do
            not run, references to nothing, or more than 500 nodes.
    """
    process = _only_process(root)
    _check_ids(root)
    lanes: dict[str, str] = {}
    lane_of: dict[str, str] = {}
    nodes: dict[str, Node] = {}
    flows: list[Flow] = []
    for element in process:
        _check_parts(element)
        if element.tag == f"{_BPMN}laneSet":
            _read_lanes(element, lanes, lane_of)
        elif element.tag == f"{_BPMN}sequenceFlow":
            flows.append(_read_flow(element))
        elif element.tag != f"{_BPMN}documentation":
            nodes[element.get("id", "")] = _read_node(element)
    if len(nodes) > MAX_NODES:
        raise refused(f"the process has {len(nodes)} nodes")
    _check_references(nodes, flows, lane_of)
    return Diagram(
        process_id=process.get("id", ""),
        name=process.get("name", ""),
        nodes={
            node_id: Node(
                id=node_id,
                name=node.name,
                kind=node.kind,
                lane=lane_of.get(node_id, ""),
                default_flow=node.default_flow,
            )
            for node_id, node in nodes.items()
        },
        flows=tuple(flows),
        lanes=lanes,
    )


def refused(reason: str) -> InvalidInputError:
    """Return the error that refuses a diagram for `reason`."""
    return InvalidInputError(reason, code=ErrorCode.PROCESS_INVALID, reasons=reason)


def _only_process(root: etree._Element) -> etree._Element:
    if root.tag != f"{_BPMN}definitions":
        raise refused("the file is not BPMN 2.0")
    for child in root:
        if child.tag not in _TOP:
            raise refused(f"element {_local(child)} is not supported")
        if child.tag == f"{_BPMN}collaboration" and any(
            part.tag != f"{_BPMN}participant" or len(part) for part in child
        ):
            raise refused("a collaboration may only hold pools")
    processes = list(root.iter(f"{_BPMN}process"))
    if len(processes) != 1 or processes[0].getparent() is not root:
        raise refused(f"the file has {len(processes)} processes")
    if processes[0].get("isExecutable") != "true":
        raise refused("the process is not executable")
    return processes[0]


def _check_ids(root: etree._Element) -> None:
    seen: set[str] = set()
    for element in root.iter():
        element_id = element.get("id")
        if element_id is None:
            continue
        if not _ID.fullmatch(element_id) or element_id in _RESERVED:
            raise refused(f"id {element_id[:64]!r} is not allowed")
        if element_id in seen:
            raise refused(f"id {element_id} is used twice")
        seen.add(element_id)


def _check_parts(element: etree._Element) -> None:
    for holder in element.iter():
        allowed = _INSIDE.get(str(holder.tag), _NODE_PARTS if holder is element else frozenset())
        for part in holder:
            if part.tag not in allowed:
                raise refused(f"element {_local(part)} is not supported")


def _read_lanes(element: etree._Element, lanes: dict[str, str], lane_of: dict[str, str]) -> None:
    for lane in element:
        lane_id = lane.get("id", "")
        lanes[lane_id] = lane.get("name", "")
        for reference in lane:
            node_id = (reference.text or "").strip()
            if node_id in lane_of:
                raise refused(f"node {node_id} is in two lanes")
            lane_of[node_id] = lane_id


def _read_flow(element: etree._Element) -> Flow:
    conditions = [part.text or "" for part in element]
    if len(conditions) > 1 or (conditions and not conditions[0].strip()):
        raise refused(f"flow {element.get('id')} has no proper condition")
    return Flow(
        id=element.get("id", ""),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        condition="".join(conditions).strip(),
    )


def _read_node(element: etree._Element) -> Node:
    name = str(element.tag).removeprefix(_BPMN)
    if name not in frozenset(NodeKind):
        raise refused(f"element {_local(element)} is not supported")
    if not element.get("id"):
        raise refused(f"a {name} has no id")
    return Node(
        id=element.get("id", ""),
        name=" ".join(element.get("name", "").split()),
        kind=NodeKind(name),
        lane="",
        default_flow=element.get("default", ""),
    )


def _check_references(
    nodes: Mapping[str, Node], flows: list[Flow], lane_of: Mapping[str, str]
) -> None:
    for node_id in _referenced(flows, lane_of):
        if node_id not in nodes:
            raise refused(f"node {node_id!r} does not exist")
    pairs = [(flow.source, flow.target) for flow in flows]
    if len(set(pairs)) != len(pairs):
        raise refused("two flows join the same two nodes")
    if any(not flow.id for flow in flows):
        raise refused("a flow has no id")


def _referenced(flows: list[Flow], lane_of: Mapping[str, str]) -> Iterator[str]:
    for flow in flows:
        yield flow.source
        yield flow.target
    yield from lane_of


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2][:64]
