"""Hold a foreign diagram while it is brought into the subset.

Unlike `engine.process.diagram` this keeps what we do not run, so that it can be named.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.process.nodes import NodeKind

GATEWAY_SIZE = 50.0
EVENT_SIZE = 36.0

_GATEWAYS = frozenset(
    {
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "complexGateway",
        "eventBasedGateway",
    }
)

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """Hold a rectangle of the drawing, in its units; y grows downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the x of the right border."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return the y of the lower border."""
        return self.y + self.height

    @property
    def middle(self) -> Point:
        """Return the centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def holds(self, other: "Box") -> bool:
        """Tell whether the centre of `other` lies inside."""
        x, y = other.middle
        return self.x <= x <= self.right and self.y <= y <= self.bottom

    def around(self, width: float, height: float) -> "Box":
        """Return a box of another size with the same centre."""
        x, y = self.middle
        return Box(x - width / 2, y - height / 2, width, height)

    def moved(self, by_x: float, by_y: float) -> "Box":
        """Return the box at another place."""
        return Box(self.x + by_x, self.y + by_y, self.width, self.height)

    def beside(self, width: float, height: float, *, gap: float = 30.0) -> "Box":
        """Return a box of another size to the right of this one, at the same height."""
        return Box(self.right + gap, self.middle[1] - height / 2, width, height)


@dataclass
class Event:
    """Hold one event definition: `kind` such as `timerEventDefinition`.

    Args:
        reference: id of the message, name of the link, "" when there is none.
        timer: tag of the timer (`timeDuration`, `timeDate`, `timeCycle`), "" when not a timer.
        text: of the timer or of what the event refers to.
    """

    kind: str
    reference: str = ""
    timer: str = ""
    text: str = ""


@dataclass
class Node:
    """Hold one node.

    Args:
        kind: local name of the element.
        attributes: kept ones, by local name or as `trinhky:name`.
        loop: local name of its loop characteristics, "" if none.
        inner: what a subprocess holds.
        removed: values that conversions ask for: `script`, `decision`, `called`, `message`.
    """

    id: str
    kind: str
    name: str = ""
    default: str = ""
    documentation: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    loop: str = ""
    compensation: bool = False
    inner: "Scope | None" = None
    removed: dict[str, str] = field(default_factory=dict)
    lane: str = ""
    box: Box | None = None
    label: Box | None = None
    shape: dict[str, str] = field(default_factory=dict)

    @property
    def is_gateway(self) -> bool:
        """Tell whether it is a gateway of any kind."""
        return self.kind in _GATEWAYS

    @property
    def is_outside_flow(self) -> bool:
        """Tell whether no sequence flow has to enter it."""
        triggered = self.attributes.get("triggeredByEvent") == "true"
        return triggered or self.compensation or self.kind == "boundaryEvent"

    def event(self, kind: str) -> Event | None:
        """Return its event definition if it has exactly this one."""
        if len(self.events) == 1 and self.events[0].kind == kind:
            return self.events[0]
        return None


@dataclass
class Flow:
    """Hold one sequence flow; `points` are the bends of its line, ends included."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str = ""
    points: list[Point] = field(default_factory=list)
    label: Box | None = None


@dataclass
class Lane:
    """Hold one lane."""

    id: str
    name: str
    box: Box | None = None
    shape: dict[str, str] = field(default_factory=dict)


@dataclass
class Scope:
    """Hold the nodes and flows of a process or a subprocess, in the order of the file."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)

    def leaving(self) -> defaultdict[str, list[Flow]]:
        """Return the flows by the node they leave."""
        found: defaultdict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows.values():
            found[flow.source].append(flow)
        return found

    def entering(self) -> defaultdict[str, list[Flow]]:
        """Return the flows by the node they enter."""
        found: defaultdict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows.values():
            found[flow.target].append(flow)
        return found

    def of_kind(self, *kinds: str) -> list[Node]:
        """Return the nodes of some kinds."""
        return [node for node in self.nodes.values() if node.kind in kinds]

    def scopes(self) -> Iterator["Scope"]:
        """Yield this scope and all inside it."""
        yield self
        for node in self.nodes.values():
            if node.inner is not None:
                yield from node.inner.scopes()

    def bypass(self, node: Node, leaving: Flow) -> bool:
        """Take `node` out; what entered it goes where its one flow `leaving` goes.

        A join counts the flows that enter it, so several ways through the node stay one flow: the
        node becomes a gateway that only merges.

        Returns:
            Whether the node is gone.
        """
        entering = [flow for flow in self.flows.values() if flow.target == node.id]
        target = self.nodes[leaving.target]
        if len(entering) > 1 and target.kind == NodeKind.PARALLEL:
            become_gateway(node, NodeKind.EXCLUSIVE)
            return False
        for flow in entering:
            flow.target = leaving.target
            flow.points = _through(flow.points, node.box, leaving.points)
        del self.flows[leaving.id], self.nodes[node.id]
        return True

    def has_forks(self) -> bool:
        """Tell whether more than one token may be under way."""
        leaving = self.leaving()
        single = {"exclusiveGateway", "eventBasedGateway"}
        return any(
            (len(leaving[node.id]) > 1 and node.kind not in single)
            or node.attributes.get("cancelActivity") == "false"
            for node in self.nodes.values()
        )

    def replace_node(self, node: Node, others: Iterable[Node]) -> None:
        """Put `others` where `node` is, in the order of the file."""
        rebuilt: dict[str, Node] = {}
        for key, kept in self.nodes.items():
            if key == node.id:
                rebuilt.update((other.id, other) for other in others)
            else:
                rebuilt[key] = kept
        self.nodes = rebuilt


@dataclass
class Drawing:
    """Hold one process with its lanes, pool and messages.

    Args:
        ids: of the frame: `definitions`, `collaboration`, `pool`, `lanes`, `diagram`, `plane`.
        messages: names by id.
    """

    id: str
    name: str
    namespace: str
    documentation: str
    scope: Scope
    ids: dict[str, str] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    pool: Lane | None = None

    def list_ids(self) -> list[str]:
        """Return the ids of all elements but those of the frame."""
        ids = [self.id, *self.lanes, *self.messages]
        for scope in self.scope.scopes():
            ids += [*scope.nodes, *scope.flows]
        return ids if self.pool is None else [*ids, self.pool.id]


def become_gateway(node: Node, kind: NodeKind) -> None:
    """Turn a node into a gateway at the same place."""
    node.kind = kind
    node.events.clear()
    node.attributes.clear()
    node.inner, node.loop, node.default, node.removed = None, "", "", {}
    node.shape = {"isMarkerVisible": "true"} if kind is NodeKind.EXCLUSIVE else {}
    if node.box is not None:
        node.box = node.box.around(GATEWAY_SIZE, GATEWAY_SIZE)


def _through(first: list[Point], box: Box | None, second: list[Point]) -> list[Point]:
    if not first or not second:
        return []
    return [*first[:-1], *([box.middle] if box is not None else ()), *second[1:]]
