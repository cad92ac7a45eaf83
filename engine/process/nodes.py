"""Describe a process as drawn: nodes, flows and lanes, free of XML and of the engine.

Source: BPMN 2.0.2 (ISO/IEC 19510:2013), clause 10.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

#: Lane of what the house does by itself; every other lane id is a `Role`.
SYSTEM_LANE = "he_thong"


class NodeKind(StrEnum):
    """Name the kinds of node a diagram may have, by their BPMN element."""

    START = "startEvent"
    END = "endEvent"
    USER_TASK = "userTask"
    SERVICE_TASK = "serviceTask"
    DECISION = "businessRuleTask"
    CALL = "callActivity"
    CATCH = "intermediateCatchEvent"
    THROW = "intermediateThrowEvent"
    BOUNDARY = "boundaryEvent"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"


#: Kinds that hold a token until somebody or something lets it go on.
WAITING_KINDS = frozenset(
    {NodeKind.USER_TASK, NodeKind.SERVICE_TASK, NodeKind.CALL, NodeKind.CATCH}
)


@dataclass(frozen=True, kw_only=True)
class UserWork:
    """Hold what a user task says about the work.

    Args:
        rule: id of the task rule that says who may do it and how.
        due: deadline text, "" for none; see `engine.process.deadlines`.
        returns_to: earlier user tasks it may be sent back to.
    """

    rule: str
    due: str = ""
    returns_to: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Event:
    """Hold what an event waits for or sends: a timer or a message.

    Args:
        timer: its text, "" for a message.
        is_moment: the timer names a point in time, not a length.
        message: name of the message, "" for a timer.
        correlation: process data whose values say which instance is meant.
        payload: the only data that travels.
        attached_to: user task a boundary event sits on, "" for the others.
        interrupts: a boundary event that ends the task it sits on.
    """

    timer: str = ""
    is_moment: bool = False
    message: str = ""
    correlation: tuple[str, ...] = ()
    payload: tuple[str, ...] = ()
    attached_to: str = ""
    interrupts: bool = True


@dataclass(frozen=True, kw_only=True)
class Call:
    """Hold what a call activity starts.

    Args:
        procedure_id: of the child.
        passes: process data the child gets.
        takes: process data the child gives back at its end.
        many: the use case starts one child for each of several things.
    """

    procedure_id: str
    passes: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True, kw_only=True)
class Node:
    """Hold one node: element id, Vietnamese label, kind and the id of its lane ("" if none)."""

    id: str
    name: str
    kind: NodeKind
    lane: str = ""
    default_flow: str = ""
    work: UserWork | None = None
    event: Event | None = None
    call: Call | None = None
    decision: str = ""


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

    @cached_property
    def _leaving(self) -> Mapping[str, list[Flow]]:
        return _group(self.flows, [flow.source for flow in self.flows])

    @cached_property
    def _entering(self) -> Mapping[str, list[Flow]]:
        return _group(self.flows, [flow.target for flow in self.flows])

    @cached_property
    def _boundary(self) -> Mapping[str, list[Node]]:
        events = [node for node in self.nodes.values() if node.kind is NodeKind.BOUNDARY]
        hosts = [node.event.attached_to if node.event else "" for node in events]
        found: dict[str, list[Node]] = {}
        for host, node in zip(hosts, events, strict=True):
            found.setdefault(host, []).append(node)
        return found

    def flows_from(self, node_id: str) -> Sequence[Flow]:
        """Return the flows that leave a node."""
        return self._leaving.get(node_id, ())

    def flows_into(self, node_id: str) -> Sequence[Flow]:
        """Return the flows that enter a node."""
        return self._entering.get(node_id, ())

    def events_on(self, node_id: str) -> Sequence[Node]:
        """Return the boundary events that sit on a node."""
        return self._boundary.get(node_id, ())

    def of_kind(self, *kinds: NodeKind) -> Sequence[Node]:
        """Return the nodes of some kinds, in the order of the file."""
        return [node for node in self.nodes.values() if node.kind in kinds]


def _group(flows: Sequence[Flow], keys: Sequence[str]) -> Mapping[str, list[Flow]]:
    found: dict[str, list[Flow]] = {}
    for key, flow in zip(keys, flows, strict=True):
        found.setdefault(key, []).append(flow)
    return found
