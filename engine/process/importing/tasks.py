"""Turn foreign tasks and events into the ones we run, where nothing has to be guessed."""

from collections.abc import Callable, Mapping

from engine.process.importing.drawing import (
    EVENT_SIZE,
    Drawing,
    Event,
    Flow,
    Node,
    Scope,
)
from engine.process.importing.names import Names
from engine.process.importing.report import Attention, ChangeKind, Report
from engine.process.importing.tags import SUBPROCESSES
from engine.process.importing.timers import translate_timer

_MESSAGE = "messageEventDefinition"
_SUPPORTED = frozenset(
    {
        "startEvent",
        "endEvent",
        "userTask",
        "serviceTask",
        "businessRuleTask",
        "callActivity",
        "exclusiveGateway",
        "parallelGateway",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    }
)


def convert_nodes(scope: Scope, names: Names, report: Report) -> None:
    """Convert the nodes of one scope."""
    hosts = {node.attributes.get("attachedToRef", "") for node in scope.of_kind("boundaryEvent")}
    for node in list(scope.nodes.values()):
        convert = _CONVERSIONS.get(node.kind)
        if node.kind in {"sendTask", "receiveTask"}:
            _convert_message_task(node, node.id in hosts, report)
        elif node.kind == "endEvent":
            _convert_end(scope, node, names, report)
        elif convert is not None:
            convert(node, report)


def drop_milestones(scope: Scope, report: Report) -> None:
    """Take out throw events that throw nothing: they only mark a place on the way."""
    for node in scope.of_kind("intermediateThrowEvent"):
        _drop_milestone(scope, node, report)


def find_leftovers(drawing: Drawing, report: Report) -> None:
    """Name what is left in the result although we do not run it."""
    for node in drawing.scope.nodes.values():
        if node.kind not in _SUPPORTED | SUBPROCESSES:
            report.attention(Attention.UNSUPPORTED, node.id, element=node.kind, name=node.name)
        if node.compensation:
            report.attention(Attention.COMPENSATION, node.id, name=node.name)
        if node.loop and node.kind not in SUBPROCESSES:
            _find_loop(node, report)
        if node.kind in {"userTask", "serviceTask"} and not node.name:
            report.attention(Attention.NO_NAME, node.id, element=node.kind)
        if node.kind == "callActivity" and not _is_literal(node.attributes.get("calledElement")):
            report.attention(Attention.CALLED, node.id, name=node.name)
        if node.kind == "businessRuleTask" and "trinhky:decision" not in node.attributes:
            report.attention(Attention.DECISION, node.id, name=node.name)
        _find_event(drawing, node, report)


def _find_loop(node: Node, report: Report) -> None:
    fan_out = node.kind == "callActivity" and node.loop == "multiInstanceLoopCharacteristics"
    if not fan_out or node.removed.get("sequential"):
        report.attention(Attention.LOOP, node.id, element=node.kind, loop=node.loop)


def _find_event(drawing: Drawing, node: Node, report: Report) -> None:
    if not node.kind.startswith("intermediate") and node.kind != "boundaryEvent":
        return
    if node.kind == "boundaryEvent":
        host = drawing.scope.nodes.get(node.attributes.get("attachedToRef", ""))
        if host is None or host.kind != "userTask":
            report.attention(Attention.BOUNDARY, node.id, name=node.name)
    timer, message = node.event("timerEventDefinition"), node.event(_MESSAGE)
    if message is not None:
        if message.reference not in drawing.messages:
            report.attention(Attention.MESSAGE, node.id, name=node.name)
    elif timer is not None and node.kind != "intermediateThrowEvent":
        _convert_timer(node, timer, report)
    elif node.event("linkEventDefinition") is not None:
        report.attention(Attention.LINK, node.id, name=node.name)
    else:
        kinds = " ".join(event.kind for event in node.events) or "none"
        refers = " ".join(event.text for event in node.events)
        report.attention(Attention.EVENT_DEFINITION, node.id, event=kinds, refers=refers)


def _convert_timer(node: Node, timer: Event, report: Report) -> None:
    translated = translate_timer(timer.timer, timer.text)
    if translated is None:
        report.attention(Attention.TIMER, node.id, timer=timer.timer, text=timer.text)
    elif translated != timer.text:
        report.add(ChangeKind.CONVERTED_TIMER, node.id, was=timer.text, now=translated)
        timer.text = translated


def _to_user_task(node: Node, report: Report) -> None:
    report.add(ChangeKind.CONVERTED_TASK, node.id, was=node.kind, now="userTask")
    node.kind = "userTask"


def _convert_script(node: Node, report: Report) -> None:
    report.add(ChangeKind.CONVERTED_TASK, node.id, was=node.kind, now="serviceTask")
    report.attention(
        Attention.SCRIPT, node.id, name=node.name, script=node.removed.get("script", "")
    )
    node.kind = "serviceTask"


def _convert_message_task(node: Node, is_host: bool, report: Report) -> None:
    """Turn a task that only sends or receives a message into the event that does."""
    message = node.removed.get("message", "")
    if not message or is_host or node.loop or node.compensation:
        if message:
            report.attention(Attention.MESSAGE_TASK, node.id, name=node.name, was=node.kind)
        _to_user_task(node, report)
        return
    kind = "intermediateThrowEvent" if node.kind == "sendTask" else "intermediateCatchEvent"
    report.add(ChangeKind.CONVERTED_TASK, node.id, was=node.kind, now=kind)
    node.kind = kind
    node.events = [Event(kind=_MESSAGE, reference=message)]
    if node.box is not None:
        node.box = node.box.around(EVENT_SIZE, EVENT_SIZE)


def _convert_rule(node: Node, report: Report) -> None:
    decision = node.removed.get("decision", "")
    if decision and "trinhky:decision" not in node.attributes and _is_literal(decision):
        node.attributes["trinhky:decision"] = decision
        report.add(ChangeKind.CONVERTED_TASK, node.id, decision=decision)


def _convert_call(node: Node, report: Report) -> None:
    called = node.removed.get("called", "")
    bare = called.rpartition(":")[2] if _is_literal(called.replace(":", "_")) else called
    if called:
        node.attributes["calledElement"] = bare
    if bare != called:
        report.add(ChangeKind.CONVERTED_TASK, node.id, was=called, now=bare)


def _convert_start(node: Node, report: Report) -> None:
    """Keep only that the process starts here: what starts it is the use case."""
    for event in node.events:
        report.add(ChangeKind.REMOVED_ELEMENT, node.id, element=event.kind, text=event.text)
        report.attention(Attention.START_TRIGGER, node.id, event=event.kind, text=event.text)
    node.events.clear()


def _convert_end(scope: Scope, node: Node, names: Names, report: Report) -> None:
    message = node.event(_MESSAGE)
    if message is not None and message.reference:
        _split_end(scope, node, message, names, report)
        return
    for event in node.events:
        report.add(ChangeKind.CONVERTED_EVENT, node.id, was=event.kind, now="endEvent")
        if event.kind == "terminateEventDefinition" and not scope.has_forks():
            continue  # nothing else is under way that it could end
        report.attention(Attention.END_RESULT, node.id, event=event.kind, text=event.text)
    node.events.clear()


def _split_end(scope: Scope, node: Node, message: Event, names: Names, report: Report) -> None:
    """Let a message be sent before the end instead of by it; nothing else changes."""
    throw = Node(
        id=names.fresh(f"{node.id}_send"),
        kind="intermediateThrowEvent",
        name=node.name,
        events=[message],
        lane=node.lane,
        box=node.box,
        attributes={k: v for k, v in node.attributes.items() if k.startswith("trinhky:")},
    )
    for key in throw.attributes:
        del node.attributes[key]
    for flow in scope.flows.values():
        if flow.target == node.id:
            flow.target = throw.id
    node.events = []
    if node.box is not None:
        node.box = node.box.beside(EVENT_SIZE, EVENT_SIZE)
    scope.replace_node(node, (throw, node))
    flow_id = names.fresh(f"to_{node.id}")
    scope.flows[flow_id] = Flow(id=flow_id, source=throw.id, target=node.id)
    report.add(ChangeKind.CONVERTED_EVENT, node.id, was=message.kind, now=throw.id)


def _drop_milestone(scope: Scope, node: Node, report: Report) -> None:
    leaving = [flow for flow in scope.flows.values() if flow.source == node.id]
    if node.events or len(leaving) != 1 or leaving[0].target == node.id:
        return
    was = node.kind
    if scope.bypass(node, leaving[0]):
        report.add(ChangeKind.REMOVED_ELEMENT, node.id, element=was, name=node.name)
    else:
        report.add(ChangeKind.CONVERTED_EVENT, node.id, was=was, now=node.kind)


def _is_literal(value: str | None) -> bool:
    return bool(value) and all(c.isalnum() or c in "_-." for c in value or "")


_CONVERSIONS: Mapping[str, Callable[[Node, Report], None]] = {
    "task": _to_user_task,
    "manualTask": _to_user_task,
    "scriptTask": _convert_script,
    "businessRuleTask": _convert_rule,
    "callActivity": _convert_call,
    "startEvent": _convert_start,
}
