"""Play tokens on a BPMN file, by the words of the standard and nothing else.

This is the reference that the engine is compared with. It shares no code with it: it reads the
file itself, keeps tokens and marks on flows, and lets Python decide the conditions.

Source: BPMN 2.0.2, clauses 13.3 (activities), 13.4 (gateways) and 13.5 (events).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from xml.etree import ElementTree

Value = str | int | bool | None
Data = Mapping[str, Value]

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_OURS = "{urn:trinhky:bpmn:1}"
_NODE_ENDINGS = ("Event", "Task", "Gateway", "Activity")
#: Kinds at which a token waits for something outside.
WAITING_KINDS = frozenset({"userTask", "serviceTask", "intermediateCatchEvent", "callActivity"})


@dataclass(frozen=True)
class Flow:
    """Hold one sequence flow."""

    id: str
    source: str
    target: str
    condition: str


@dataclass(frozen=True)
class Thrown:
    """Hold one message that was sent."""

    node: str
    message: str
    correlation: Data
    payload: Data


@dataclass(frozen=True)
class Table:
    """Hold one decision table; the first rule that matches decides.

    Args:
        inputs: data it looks at.
        output: data it writes.
        rules: for each rule the values it accepts of every input, None for all of them, and
            what it answers.
    """

    inputs: Sequence[str]
    output: str
    rules: Sequence[tuple[Sequence[Sequence[Value] | None], Value]]

    def decide(self, data: Data) -> Data:
        for cells, answer in self.rules:
            seen = zip(cells, self.inputs, strict=True)
            if all(cell is None or data[name] in cell for cell, name in seen):
                return {self.output: answer}
        raise AssertionError("the last rule of a table accepts everything")


@dataclass
class Token:
    """Hold one token that waits at a node; `fired` names the boundary events that have fired."""

    node: str
    fired: set[str] = field(default_factory=set)


@dataclass(frozen=True, order=True)
class Move:
    """Name what may happen next: a token goes on, an event on its node fires, or it is sent back.

    Args:
        token: its number.
        boundary: event that fires, "" for none.
        target: earlier task it is sent back to, "" for none.
    """

    token: int
    node: str
    boundary: str = ""
    target: str = ""


class Graph:
    """Hold the nodes and flows of one BPMN file."""

    def __init__(self, xml: bytes) -> None:
        root = ElementTree.fromstring(xml)  # noqa: S314 the generator wrote it a moment ago
        process = root.find(f"{_BPMN}process")
        assert process is not None
        self.messages = {m.get("id"): m.get("name", "") for m in root.iter(f"{_BPMN}message")}
        self.elements = {
            element.get("id", ""): element
            for element in process
            if element.tag.endswith(_NODE_ENDINGS)
        }
        self.flows = [
            Flow(
                element.get("id", ""),
                element.get("sourceRef", ""),
                element.get("targetRef", ""),
                "".join(element.itertext()).strip(),
            )
            for element in process.iter(f"{_BPMN}sequenceFlow")
        ]

    def kind(self, node: str) -> str:
        return self.elements[node].tag.removeprefix(_BPMN)

    def leaving(self, node: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.source == node]

    def entering(self, node: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.target == node]

    def names(self, node: str, attribute: str) -> list[str]:
        return self.elements[node].get(f"{_OURS}{attribute}", "").split()

    def boundaries(self, node: str) -> list[str]:
        return [n for n, e in self.elements.items() if e.get("attachedToRef") == node]

    def interrupts(self, boundary: str) -> bool:
        return self.elements[boundary].get("cancelActivity", "true") == "true"

    def message(self, node: str) -> str:
        event = self.elements[node].find(f"{_BPMN}messageEventDefinition")
        assert event is not None
        return self.messages[event.get("messageRef")]


class TokenModel:
    """Play one instance; it stands at its first waiting tokens once it is made.

    Args:
        tables: by decision id.
    """

    def __init__(self, xml: bytes, data: Data, tables: Mapping[str, Table]) -> None:
        self.graph = Graph(xml)
        self.data: dict[str, Value] = dict(data)
        self.tables = tables
        self.waiting: dict[int, Token] = {}
        self.arrived: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()
        self.thrown: list[Thrown] = []
        self._numbers = count()
        start = next(n for n in self.graph.elements if self.graph.kind(n) == "startEvent")
        self._leave(start)

    @property
    def is_completed(self) -> bool:
        return not self.waiting and not self.arrived.total()

    def moves(self) -> list[Move]:
        """Return all that may happen next."""
        found = [Move(number, token.node) for number, token in self.waiting.items()]
        found += [
            Move(number, token.node, boundary)
            for number, token in self.waiting.items()
            for boundary in self.graph.boundaries(token.node)
            if boundary not in token.fired
        ]
        found += [
            Move(number, token.node, target=target)
            for number, token in self.waiting.items()
            for target in self.graph.names(token.node, "returnsTo")
        ]
        return sorted(found)

    def play(self, move: Move, writes: Data) -> None:
        """Set data, then make one of the moves."""
        self.data.update(writes)
        self.thrown = []
        if move.boundary and not self.graph.interrupts(move.boundary):
            self.waiting[move.token].fired.add(move.boundary)
        else:
            del self.waiting[move.token]
        if move.target:
            self.waiting[next(self._numbers)] = Token(move.target)
        else:
            self._leave(move.boundary or move.node)

    def _leave(self, node: str) -> None:
        for flow in self.graph.leaving(node):
            self._arrive(flow)

    def _arrive(self, flow: Flow) -> None:
        node, kind = flow.target, self.graph.kind(flow.target)
        if kind in WAITING_KINDS:
            self.waiting[next(self._numbers)] = Token(node)
        elif kind == "exclusiveGateway":
            self._arrive(self._chosen(node))
        elif kind == "parallelGateway":
            self.arrived[flow.id] += 1
            self._join(node)
        elif kind == "endEvent":
            self.ends[node] += 1
        else:
            self._act(node, kind)
            self._leave(node)

    def _join(self, node: str) -> None:
        entering = [flow.id for flow in self.graph.entering(node)]
        if all(self.arrived[flow] for flow in entering):
            self.arrived.subtract(entering)
            self._leave(node)

    def _chosen(self, node: str) -> Flow:
        leaving = self.graph.leaving(node)
        default = self.graph.elements[node].get("default", "")
        for flow in leaving:
            if flow.condition and eval(flow.condition, {}, self.data):  # noqa: S307 the oracle
                return flow
        return next(flow for flow in leaving if flow.id == default or len(leaving) == 1)

    def _act(self, node: str, kind: str) -> None:
        if kind == "businessRuleTask":
            (decision,) = self.graph.names(node, "decision")
            self.data.update(self.tables[decision].decide(self.data))
            return
        assert kind == "intermediateThrowEvent", kind
        correlation, payload = (
            {key: self.data[key] for key in self.graph.names(node, attribute)}
            for attribute in ("correlation", "payload")
        )
        self.thrown.append(Thrown(node, self.graph.message(node), correlation, payload))
