"""Read one node of a foreign file: what we run, what has to be named, what is left out."""

from lxml import etree

from engine.process.importing.drawing import Event, Node
from engine.process.importing.names import Names
from engine.process.importing.removals import count_extension, count_part
from engine.process.importing.report import Attention, ChangeKind, Report
from engine.process.importing.tags import (
    LOOPS,
    PERFORMERS,
    SUBPROCESSES,
    TIMERS,
    TRINHKY,
    attributes_of,
    label_of,
    local_of,
    reference,
    tag,
    text_of,
)

_BOOLEANS = frozenset({"cancelActivity", "triggeredByEvent", "isForCompensation"})
_ASSIGNMENTS = frozenset({"assignee", "candidateGroups", "candidateUsers", "owner"})
_QUANTITIES = frozenset({"startQuantity", "completionQuantity"})
_HANDLED = frozenset({"id", "name", "default", "attachedToRef", "calledElement", "messageRef"})
#: Extension elements and attributes of other engines that say what ours says otherwise.
_CALLED = {"calledElement": "processId", "calledDecision": "decisionId"}


class NodeReader:
    """Read nodes; what is left out goes to the report."""

    def __init__(
        self,
        root: etree._Element,
        ids: dict[etree._Element, str],
        names: Names,
        report: Report,
    ) -> None:
        self.ids = ids
        self.names = names
        self.report = report
        self._by_id = {reference(child.get("id")): child for child in root if child.get("id")}

    @staticmethod
    def is_part(element: etree._Element) -> bool:
        """Tell whether a child of a subprocess says something of the subprocess itself."""
        local = local_of(element)
        return local in LOOPS | PERFORMERS | {
            "incoming",
            "outgoing",
            "documentation",
            "extensionElements",
            "ioSpecification",
        } or local.endswith("EventDefinition")

    def read(self, element: etree._Element) -> Node:
        """Return a node without its place and its lane."""
        node = Node(
            id=self.ids[element],
            kind=local_of(element),
            name=" ".join(element.get("name", "").split()),
            default=self.names.find(reference(element.get("default"))),
        )
        if element.get("default") and not node.default:
            self.report.count(
                ChangeKind.REMOVED_ATTRIBUTE, "default", node.id, element.get("default", "")
            )
        self._attributes(element, node)
        for part in element:
            self._part(part, node)
        return node

    def _attributes(self, element: etree._Element, node: Node) -> None:
        for name, value in attributes_of(element):
            if name.startswith(f"{{{TRINHKY}}}"):
                node.attributes[f"trinhky:{name.partition('}')[2]}"] = value
            elif name.startswith("{"):
                self._foreign(element, name, value, node)
            elif name not in _HANDLED:
                self._standard(name, value, node)
        node.compensation = node.attributes.get("isForCompensation") == "true"
        if attached := reference(element.get("attachedToRef")):
            node.attributes["attachedToRef"] = self.names.find(attached)
        if called := reference(element.get("calledElement")):
            node.removed["called"] = called
        if message := reference(element.get("messageRef")):
            node.removed["message"] = self.names.find(message)

    def _foreign(self, element: etree._Element, name: str, value: str, node: Node) -> None:
        local = name.partition("}")[2]
        if local in _ASSIGNMENTS:
            self.report.add(ChangeKind.REMOVED_ASSIGNMENT, node.id, **{local: value})
            return
        if local == "decisionRef":
            node.removed["decision"] = value
        self.report.count(ChangeKind.REMOVED_EXTENSION, label_of(element, name), node.id, value)

    def _standard(self, name: str, value: str, node: Node) -> None:
        if name in _BOOLEANS and (value == "true" or (name, value) == ("cancelActivity", "false")):
            node.attributes[name] = value
            return
        if name in _QUANTITIES and value.strip() != "1":
            self.report.attention(Attention.QUANTITY, node.id, **{name: value})
        self.report.count(ChangeKind.REMOVED_ATTRIBUTE, name, node.id, value)

    def _part(self, part: etree._Element, node: Node) -> None:
        local = local_of(part)
        readers = {
            "documentation": self._documentation,
            "extensionElements": self._extensions,
            "eventDefinitionRef": self._event_reference,
            "script": self._script,
            **dict.fromkeys(LOOPS, self._loop),
            **dict.fromkeys(PERFORMERS, self._performer),
        }
        if local.endswith("EventDefinition"):
            node.events.append(self._event(part, node))
        elif local not in {"incoming", "outgoing"}:
            readers.get(local, self._other)(part, node)

    def _performer(self, part: etree._Element, node: Node) -> None:
        text = " ".join(text_of(part).split()) or part.get("name", "")
        self.report.add(ChangeKind.REMOVED_ASSIGNMENT, node.id, **{local_of(part): text})

    @staticmethod
    def _script(part: etree._Element, node: Node) -> None:
        node.removed["script"] = text_of(part)

    def _other(self, part: etree._Element, node: Node) -> None:
        if node.kind in SUBPROCESSES and not self.is_part(part):
            return  # the reader of the process goes into it
        count_part(self.report, part, node.id)

    def _documentation(self, part: etree._Element, node: Node) -> None:
        text = text_of(part)
        node.documentation = "\n".join(filter(None, (node.documentation, text)))

    def _loop(self, part: etree._Element, node: Node) -> None:
        node.loop = local_of(part)
        if part.get("isSequential") == "true":
            node.removed["sequential"] = "true"
        told = {label_of(inside): text_of(inside) for inside in part}
        told |= {
            label_of(part, name): value for name, value in attributes_of(part) if name != "id"
        }
        for what, value in told.items():
            self.report.add(
                ChangeKind.REMOVED_ELEMENT, node.id, element=node.loop, what=what, value=value
            )

    def _event(self, part: etree._Element, node: Node) -> Event:
        local = local_of(part)
        event = Event(kind=local)
        if local == "timerEventDefinition":
            self._timer(part, event)
        elif local == "messageEventDefinition":
            event.reference = self.names.find(reference(part.get("messageRef")))
        elif local == "linkEventDefinition":
            event.reference = " ".join(part.get("name", "").split()) or node.name
        else:
            event.text = self._referred(part)
        return event

    @staticmethod
    def _timer(part: etree._Element, event: Event) -> None:
        for timer in TIMERS:
            found = part.find(tag(timer))
            if found is not None and not event.timer:
                event.timer, event.text = timer, text_of(found)

    def _event_reference(self, part: etree._Element, node: Node) -> None:
        name = text_of(part)
        found = self._by_id.get(name, self._by_id.get(name.rpartition(":")[2]))
        if found is not None and local_of(found).endswith("EventDefinition"):
            node.events.append(self._event(found, node))

    def _referred(self, part: etree._Element) -> str:
        """Return the name of the signal, error or escalation an event refers to."""
        for name, value in attributes_of(part):
            if name.endswith("Ref"):
                found = self._by_id.get(reference(value).rpartition(":")[2])
                return value if found is None else found.get("name", value)
        return text_of(part)

    def _extensions(self, holder: etree._Element, node: Node) -> None:
        for extension in holder:
            local = str(extension.tag).rpartition("}")[2]
            told = {key: extension.get(key, "") for key in _ASSIGNMENTS if extension.get(key)}
            if told:
                self.report.add(
                    ChangeKind.REMOVED_ASSIGNMENT, node.id, **dict(sorted(told.items()))
                )
                continue
            count_extension(self.report, extension, node.id)
            value = extension.get(_CALLED[local], "").strip() if local in _CALLED else ""
            if value:
                node.removed["called" if local == "calledElement" else "decision"] = value
