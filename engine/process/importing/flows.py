"""Make every fork, choice, start and end explicit, as the engine wants them.

Source: BPMN 2.0.2 (ISO/IEC 19510:2013), clauses 8.3.13 (sequence flow) and 13.4 (gateways).
"""

from collections import defaultdict

from engine.process.importing.conditions import Translator, is_ours
from engine.process.importing.drawing import (
    EVENT_SIZE,
    GATEWAY_SIZE,
    Flow,
    Node,
    Scope,
    become_gateway,
)
from engine.process.importing.names import Names
from engine.process.importing.report import Attention, ChangeKind, Report
from engine.process.nodes import NodeKind

_START_NAME = "Bắt đầu"
_END_NAME = "Kết thúc"


def join_links(scope: Scope, report: Report) -> None:
    """Replace each pair of link events by the flow they stand for."""
    catches: defaultdict[str, list[Node]] = defaultdict(list)
    for node in scope.of_kind("intermediateCatchEvent"):
        if link := node.event("linkEventDefinition"):
            catches[link.reference].append(node)
    leaving = scope.leaving()
    joined: list[Node] = []
    for node in scope.of_kind("intermediateThrowEvent"):
        link = node.event("linkEventDefinition")
        partners = catches[link.reference] if link else []
        if len(partners) == 1 and not leaving[node.id] and len(leaving[partners[0].id]) == 1:
            _join_link(scope, node, partners[0])
            report.add(ChangeKind.JOINED_LINK, node.id, to=partners[0].id, name=node.name)
            joined.append(partners[0])
    for catch in {node.id: node for node in joined}.values():
        scope.bypass(catch, leaving[catch.id][0])


def _join_link(scope: Scope, throw: Node, catch: Node) -> None:
    """Let what enters the throwing event go on to the catching one, wherever it is drawn."""
    for flow in scope.flows.values():
        if flow.target == throw.id:
            flow.target, flow.points = catch.id, []
    del scope.nodes[throw.id]


def merge_flows(scope: Scope, report: Report) -> None:
    """Keep one flow where several join the same two nodes in the same direction."""
    pairs: defaultdict[tuple[str, str], list[Flow]] = defaultdict(list)
    for flow in scope.flows.values():
        pairs[flow.source, flow.target].append(flow)
    for (source_id, target_id), flows in pairs.items():
        source = scope.nodes[source_id]
        default = next((flow for flow in flows if flow.id == source.default), None)
        condition = _either(flows, default)
        if len(flows) < 2 or condition is None:
            continue
        first = flows[0]
        first.condition = condition
        if default is not None:
            source.default = first.id
        first.name = " / ".join(dict.fromkeys(flow.name for flow in flows if flow.name))
        for flow in flows[1:]:
            del scope.flows[flow.id]
            report.add(
                ChangeKind.MERGED_FLOWS,
                first.id,
                merged=flow.id,
                source=source_id,
                target=target_id,
                condition=first.condition,
            )


def _either(flows: list[Flow], default: Flow | None) -> str | None:
    """Return the condition that holds when any of the flows is taken, None if we cannot say."""
    if default is not None or any(not flow.condition for flow in flows):
        return ""
    different = list(dict.fromkeys(flow.condition for flow in flows))
    if len(different) == 1:
        return different[0]
    whole = " or ".join(f"({condition})" for condition in different)
    return whole if is_ours(whole) else None


def add_ends(scope: Scope, names: Names, report: Report) -> None:
    """Add the start and the ends that BPMN lets a drawing leave out."""
    entering, leaving = scope.entering(), scope.leaving()
    inside = [node for node in scope.nodes.values() if not node.is_outside_flow]
    # A node without any flow is not part of the flow, unless it is all there is.
    flowing = [n for n in inside if entering[n.id] or leaving[n.id]] or inside[:1]
    starts = [node for node in inside if node.kind == NodeKind.START]
    open_in = [n for n in flowing if not entering[n.id] and n.kind != NodeKind.START]
    if not starts and len(open_in) == 1:
        _add_start(scope, open_in[0], names, report)
    for node in [*flowing, *scope.of_kind("boundaryEvent")]:
        if not leaving[node.id] and not _ends_here(node):
            _add_end(scope, node, names, report)


def find_ways_in(scope: Scope, report: Report, owner: str) -> None:
    """Name the process when it has not one start, and the nodes no flow leads to."""
    entering = scope.entering()
    starts = scope.of_kind(NodeKind.START)
    if len(starts) != 1:
        report.attention(
            Attention.STARTS if scope.nodes else Attention.EMPTY, owner, count=str(len(starts))
        )
    for node in scope.nodes.values():
        if (node.kind == NodeKind.START) == bool(entering[node.id]) and not node.is_outside_flow:
            report.attention(Attention.NO_WAY_IN, node.id, name=node.name)


def _ends_here(node: Node) -> bool:
    """Tell whether nothing has to follow a node."""
    if node.kind == "intermediateThrowEvent" and node.event("linkEventDefinition"):
        return True
    return node.kind == NodeKind.END or node.event("compensateEventDefinition") is not None


def _add_start(scope: Scope, first: Node, names: Names, report: Report) -> None:
    start = Node(id=names.fresh("start"), kind="startEvent", name=_START_NAME, lane=first.lane)
    if first.box is not None:
        box = first.box.around(EVENT_SIZE, EVENT_SIZE)
        start.box = box.moved(-first.box.width / 2 - EVENT_SIZE / 2 - 40, 0)
    scope.replace_node(first, (start, first))
    _connect(scope, start, first, names)
    report.add(ChangeKind.ADDED_START, start.id, before=first.id)


def _add_end(scope: Scope, last: Node, names: Names, report: Report) -> None:
    end = Node(id=names.fresh("end"), kind="endEvent", name=_END_NAME, lane=last.lane)
    if last.box is not None:
        end.box = last.box.beside(EVENT_SIZE, EVENT_SIZE, gap=40)
    scope.nodes[end.id] = end
    _connect(scope, last, end, names)
    report.add(ChangeKind.ADDED_END, end.id, after=last.id)


def _connect(scope: Scope, source: Node, target: Node, names: Names) -> Flow:
    flow_id = names.fresh(f"to_{target.id}")
    scope.flows[flow_id] = Flow(id=flow_id, source=source.id, target=target.id)
    return scope.flows[flow_id]


def insert_gateways(scope: Scope, names: Names, report: Report) -> None:
    """Put a gateway where a task or an event has several flows out.

    All flows without a condition are a fork. With conditions it is, by the letter, a choice of
    any number; drawn like this it is nearly always meant as a choice of one, so that is what it
    becomes, and the report says so.
    """
    for node_id, flows in scope.leaving().items():
        node = scope.nodes[node_id]
        if len(flows) < 2 or node.is_gateway:
            continue
        choice = bool(node.default) or any(flow.condition for flow in flows)
        kind = NodeKind.EXCLUSIVE if choice else NodeKind.PARALLEL
        gateway = Node(id=names.fresh(f"after_{node.id}"), kind="", lane=node.lane)
        if node.box is not None:
            gateway.box = node.box.beside(GATEWAY_SIZE, GATEWAY_SIZE)
        become_gateway(gateway, kind)
        gateway.default, node.default = node.default, ""
        scope.replace_node(node, (node, gateway))
        for flow in flows:
            flow.source = gateway.id
            flow.points = []
        _connect(scope, node, gateway, names)
        was = "inclusive choice without a gateway" if choice else "fork without a gateway"
        report.add(ChangeKind.INSERTED_GATEWAY, gateway.id, after=node.id, gateway=kind, was=was)


def drop_unknown_references(top: Scope, report: Report) -> None:
    """Drop a default that is no flow of its node, and a host that is not there."""
    for scope in top.scopes():
        leaving = scope.leaving()
        for node in scope.nodes.values():
            if node.default not in {flow.id for flow in leaving[node.id]}:
                _drop_default(node, report)
            host = node.attributes.get("attachedToRef")
            if host is not None and host not in scope.nodes:
                report.count(ChangeKind.REMOVED_ATTRIBUTE, "attachedToRef", node.id)
                del node.attributes["attachedToRef"]


def settle_choices(scope: Scope, report: Report) -> None:
    """Leave conditions only where they decide, and mark the defaults."""
    leaving = scope.leaving()
    for node in scope.nodes.values():
        flows = leaving[node.id]
        if node.kind in {"inclusiveGateway", "complexGateway"}:
            continue  # named as unsupported; what it says is left as it is
        if node.kind != NodeKind.EXCLUSIVE or len(flows) < 2:
            _drop_default(node, report)
            for flow in flows:
                _drop_condition(flow, report)
            continue
        _settle_default(node, flows, report)


def _drop_default(node: Node, report: Report) -> None:
    if node.default:
        report.add(ChangeKind.REMOVED_ATTRIBUTE, node.id, what="default", value=node.default)
        node.default = ""


def _drop_condition(flow: Flow, report: Report) -> None:
    if flow.condition:
        report.add(ChangeKind.REMOVED_CONDITION, flow.id, condition=flow.condition)
        flow.condition = ""


def translate_conditions(scope: Scope, translator: Translator, report: Report) -> None:
    """Write conditions in our language where that is mechanical; leave the others."""
    for flow in scope.flows.values():
        translated = translator.translate(flow.condition) if flow.condition else None
        if translated is not None and translated != flow.condition:
            report.add(ChangeKind.CONVERTED_CONDITION, flow.id, was=flow.condition, now=translated)
            flow.condition = translated


def _settle_default(node: Node, flows: list[Flow], report: Report) -> None:
    if not node.default:
        _mark_default(node, flows, report)
    for flow in flows:
        if flow.id == node.default:
            _drop_condition(flow, report)
        elif not flow.condition:
            report.attention(Attention.NO_CONDITION, flow.id, gateway=node.id, name=flow.name)
        elif not is_ours(flow.condition):
            report.attention(
                Attention.CONDITION, flow.id, gateway=node.id, condition=flow.condition
            )


def _mark_default(node: Node, flows: list[Flow], report: Report) -> None:
    """Choose the default: the last flow without a condition, else the last we cannot read.

    When every flow has a condition we can read there is nothing to choose: it runs as drawn.
    """
    plain = [flow for flow in flows if not flow.condition]
    unread = [flow for flow in flows if not is_ours(flow.condition)]
    for candidates in (plain, unread):
        if candidates:
            node.default = candidates[-1].id
            report.add(
                ChangeKind.MARKED_DEFAULT, node.default, gateway=node.id, name=candidates[-1].name
            )
            return
