"""Name the namespaces and elements of BPMN 2.0 that an import meets.

Source: BPMN 2.0.2 (ISO/IEC 19510:2013), clauses 7 to 12.
"""

from collections.abc import Iterator

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TRINHKY = "urn:trinhky:bpmn:1"

SUBPROCESSES = frozenset({"subProcess", "adHocSubProcess", "transaction"})
#: Elements a sequence flow may join; another is a node only if a flow refers to it.
NODES = SUBPROCESSES | {
    "startEvent",
    "endEvent",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "boundaryEvent",
    "task",
    "userTask",
    "manualTask",
    "serviceTask",
    "scriptTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "callActivity",
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "complexGateway",
    "eventBasedGateway",
}
#: Elements that are never nodes, whatever refers to them.
PARTS = frozenset(
    {
        "incoming",
        "outgoing",
        "documentation",
        "extensionElements",
        "laneSet",
        "childLaneSet",
        "lane",
        "flowNodeRef",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "textAnnotation",
        "association",
        "group",
        "ioSpecification",
        "sequenceFlow",
        "process",
    }
)
LOOPS = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})
TIMERS = ("timeDuration", "timeDate", "timeCycle")
#: Who is to do a task, in the standard's own words.
PERFORMERS = frozenset({"potentialOwner", "humanPerformer", "performer", "resourceRole"})


def tag(local: str) -> str:
    """Return the full tag of a BPMN element."""
    return f"{{{BPMN}}}{local}"


def local_of(element: etree._Element) -> str:
    """Return the local name of an element of BPMN, "" of any other."""
    namespace, _, local = str(element.tag).rpartition("}")
    return local if namespace == f"{{{BPMN}" else ""


def local_of_parent(element: etree._Element) -> str:
    """Return the local name of the element this one stands in."""
    parent = element.getparent()
    return "" if parent is None else local_of(parent)


def label_of(element: etree._Element, name: str | None = None) -> str:
    """Return what a reader calls an element or one of its attributes: `camunda:formKey`."""
    full = str(element.tag) if name is None else name
    namespace, _, local = full.rpartition("}")
    namespace = namespace.removeprefix("{")
    if not namespace or namespace == BPMN:
        return local[:80]
    known = (prefix for prefix, uri in element.nsmap.items() if uri == namespace and prefix)
    return f"{next(known, 'other')}:{local}"[:80]


def attributes_of(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield the attributes of an element, by full name."""
    for name, value in element.items():
        yield str(name), str(value)


def text_of(element: etree._Element | None) -> str:
    """Return all text inside an element, trimmed."""
    return "" if element is None else "".join(str(part) for part in element.itertext()).strip()


def reference(value: str | None) -> str:
    """Return a reference of the file without blanks around it."""
    return (value or "").strip()
