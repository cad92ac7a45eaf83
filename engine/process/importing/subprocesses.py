"""Inline embedded subprocesses: their steps become steps of the process itself."""

from engine.process.importing.drawing import Flow, Node, Scope, become_gateway
from engine.process.importing.report import Attention, ChangeKind, Report
from engine.process.importing.tags import SUBPROCESSES
from engine.process.nodes import NodeKind


def may_inline(node: Node) -> bool:
    """Tell whether a node is a plain embedded subprocess with something in it."""
    return (
        node.kind == "subProcess"
        and node.inner is not None
        and bool(node.inner.nodes)
        and not (node.loop or node.compensation or node.events)
        and node.attributes.get("triggeredByEvent") != "true"
    )


def inline_subprocesses(scope: Scope, report: Report) -> None:
    """Inline what may be; name the others. The inside has been made explicit before."""
    hosts = {node.attributes.get("attachedToRef", "") for node in scope.of_kind("boundaryEvent")}
    for node in scope.of_kind(*SUBPROCESSES):
        inner = node.inner
        if inner is not None and not inner.nodes and node.kind == "subProcess":
            _become_task(node, report)
            continue
        reason = _reason_against(node, node.id in hosts)
        if reason or inner is None:
            report.attention(
                Attention.SUBPROCESS, node.id, name=node.name, element=node.kind, because=reason
            )
            continue
        _inline(scope, node, inner)
        report.add(
            ChangeKind.INLINED_SUBPROCESS, node.id, name=node.name, nodes=str(len(inner.nodes))
        )


def _become_task(node: Node, report: Report) -> None:
    """Take a subprocess without content for what it is to the reader: one step."""
    if node.loop or node.compensation or node.attributes.get("triggeredByEvent") == "true":
        report.attention(Attention.SUBPROCESS, node.id, name=node.name, because="empty")
        return
    report.add(ChangeKind.CONVERTED_TASK, node.id, was=node.kind, now="userTask")
    report.attention(Attention.EMPTY_SUBPROCESS, node.id, name=node.name)
    node.kind, node.inner, node.shape = "userTask", None, {}


def _reason_against(node: Node, hosts_boundary: bool) -> str:
    """Return why the steps of a subprocess may not stand in the process itself, "" if they may."""
    if not may_inline(node) or node.inner is None:
        return "kind"
    return "boundary" if hosts_boundary else _reason_inside(node.inner)


def _reason_inside(inner: Scope) -> str:
    starts, ends = inner.of_kind(NodeKind.START), {n.id for n in inner.of_kind(NodeKind.END)}
    if any(part.is_outside_flow and part.kind != "boundaryEvent" for part in inner.nodes.values()):
        return "inside"
    leaving, entering = inner.leaving(), inner.entering()
    if len(starts) != 1 or not leaving[starts[0].id] or entering[starts[0].id]:
        return "starts"
    # Every token inside has to end before the process goes on: plain for one token, else only
    # where all of them have been joined before the one end.
    ways = [flow for flow in inner.flows.values() if flow.target in ends]
    if not ways or any(leaving[end] for end in ends):
        return "ends"
    return "parallel" if len(ways) != 1 and inner.has_forks() else ""


def _inline(scope: Scope, node: Node, inner: Scope) -> None:
    for part in inner.nodes.values():
        part.lane = part.lane or node.lane
    if node.box is not None and any(
        part.box is None or not node.box.holds(part.box) for part in inner.nodes.values()
    ):
        # It was drawn on a sheet of its own: those places mean nothing on this one.
        for part in inner.nodes.values():
            part.box = None
    start = inner.of_kind(NodeKind.START)[0]
    leaving = [flow for flow in scope.flows.values() if flow.source == node.id]
    entering = [flow for flow in scope.flows.values() if flow.target == node.id]
    scope.replace_node(node, inner.nodes.values())
    scope.flows.update(inner.flows)
    for flow in entering:
        flow.target, flow.points = start.id, []
    _open_start(scope, start, entering)
    if leaving:
        _open_ends(scope, inner, leaving[0])


def _open_start(scope: Scope, start: Node, entering: list[Flow]) -> None:
    """Let what entered the subprocess go on with its first step."""
    if not entering:
        return  # the process starts with it
    flow = next(flow for flow in scope.flows.values() if flow.source == start.id)
    scope.bypass(start, flow)


def _open_ends(scope: Scope, inner: Scope, leaving: Flow) -> None:
    """Let every end of the subprocess go on with what followed it."""
    ends = inner.of_kind(NodeKind.END)
    target = leaving.target
    del scope.flows[leaving.id]
    first, others = ends[0], ends[1:]
    entering = [flow for flow in scope.flows.values() if flow.target in {e.id for e in ends}]
    for end in others:
        del scope.nodes[end.id]
    for flow in entering:
        if flow.target != first.id:
            flow.target, flow.points = first.id, []
    scope.flows[leaving.id] = Flow(
        id=leaving.id,
        source=first.id,
        target=target,
        name=leaving.name,
        condition=leaving.condition,
    )
    if len(entering) == 1:
        scope.bypass(first, scope.flows[leaving.id])
    else:
        become_gateway(first, NodeKind.EXCLUSIVE)
        first.name = ""
