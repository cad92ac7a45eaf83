"""Hold the process data of a diagram against its procedure: who writes it, and before what.

What a person decided is written by their task alone: a decision table or a message that could
write `signed` or the agency would decide in their place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.process.deadlines import Deadline, parse_moment
from engine.process.decisions import Decision
from engine.process.expressions import compile_expression
from engine.process.findings import Finding, LintRule
from engine.process.model import Procedure
from engine.process.nodes import Diagram, Node, NodeKind


@dataclass(frozen=True)
class _Reading:
    """Hold one reading of a name: by a node, written at an element of the diagram."""

    name: str
    node_id: str
    element_id: str


def name_findings(
    procedure: Procedure, diagram: Diagram, decisions: Mapping[str, Decision]
) -> Iterator[Finding]:
    """Return which process data is written that may not be, or read before it is written.

    Args:
        decisions: of the definition, by id.
    """
    reserved = _reserved(procedure)
    writes = {node.id: _drawn_writes(node, decisions) for node in diagram.nodes.values()}
    for node_id, names in writes.items():
        for name in sorted(names & reserved):
            yield Finding(rule=LintRule.NAME_RESERVED, element_id=node_id, detail={"name": name})
    for node in diagram.nodes.values():
        writes[node.id] |= _own_writes(procedure, node)
    yield from _reading_findings(procedure, diagram, decisions, writes)


def _reading_findings(
    procedure: Procedure,
    diagram: Diagram,
    decisions: Mapping[str, Decision],
    writes: Mapping[str, frozenset[str]],
) -> Iterator[Finding]:
    readings: dict[str, list[_Reading]] = {}
    for reading in _readings(diagram, decisions):
        readings.setdefault(reading.name, []).append(reading)
    for name in sorted(readings.keys() - procedure.starts_with):
        detail = {"name": name}
        writers = {node_id for node_id, names in writes.items() if name in names}
        if not writers:
            at = readings[name][0].element_id
            yield Finding(rule=LintRule.NAME_UNWRITTEN, element_id=at, detail=detail)
            continue
        early = _reached_before(diagram, writers)
        for at in dict.fromkeys(r.element_id for r in readings[name] if r.node_id in early):
            yield Finding(rule=LintRule.NAME_TOO_EARLY, element_id=at, detail=detail)


def _reserved(procedure: Procedure) -> frozenset[str]:
    """Return what only the start, the tasks of people and the operations write."""
    rules = procedure.tasks.values()
    keys = {key for rule in rules for key in (rule.agency_key, rule.unit_key, rule.person_key)}
    return frozenset(
        {key for key in keys if key is not None}.union(
            procedure.starts_with, procedure.operation_writes, *(rule.writes for rule in rules)
        )
    )


def _drawn_writes(node: Node, decisions: Mapping[str, Decision]) -> frozenset[str]:
    """Return what a node writes because it is drawn so."""
    if node.call is not None:
        return frozenset(node.call.takes)
    if node.event is not None and node.kind is not NodeKind.THROW:
        return frozenset(node.event.payload)
    decision = decisions.get(node.decision)
    return frozenset(decision.writes) if decision is not None else frozenset()


def _own_writes(procedure: Procedure, node: Node) -> frozenset[str]:
    """Return what a node writes because of the use case behind it."""
    if node.kind is NodeKind.SERVICE_TASK:
        return procedure.operation_writes
    rule = procedure.tasks.get(node.work.rule) if node.work is not None else None
    return rule.writes if rule is not None else frozenset()


def _readings(diagram: Diagram, decisions: Mapping[str, Decision]) -> Iterator[_Reading]:
    for flow in diagram.flows:
        if flow.condition:
            for name in sorted(compile_expression(flow.condition).names):
                yield _Reading(name, flow.source, flow.id)
    for node in diagram.nodes.values():
        for name in _names_read(node, decisions):
            # A timer on a task starts with the task.
            where = node.event.attached_to if node.event is not None else ""
            yield _Reading(name, where or node.id, node.id)


def _names_read(node: Node, decisions: Mapping[str, Decision]) -> list[str]:
    names: list[str] = []
    if node.work is not None and node.work.due:
        names += Deadline.parse(node.work.due).names
    if node.event is not None:
        names += node.event.correlation
        if node.event.timer:
            parse = parse_moment if node.event.is_moment else Deadline.parse
            names += parse(node.event.timer).names
        if node.kind is NodeKind.THROW:
            names += node.event.payload
    if node.call is not None:
        names += node.call.passes
    decision = decisions.get(node.decision)
    return sorted([*names, *(decision.reads if decision is not None else ())])


def _reached_before(diagram: Diagram, writers: set[str]) -> set[str]:
    """Return the nodes a token may come to though none of `writers` has been completed.

    A join needs all its branches, so it comes after a writer that any of them has to pass.
    """
    seen: set[str] = set()
    passed: set[str] = set()
    waiting = [node.id for node in diagram.of_kind(NodeKind.START)]
    while waiting:
        node = diagram.nodes[waiting.pop()]
        entering = {flow.id for flow in diagram.flows_into(node.id)}
        if node.id in seen or (node.kind is NodeKind.PARALLEL and not entering <= passed):
            continue
        seen.add(node.id)
        waiting += [event.id for event in diagram.events_on(node.id)]
        waiting += node.work.returns_to if node.work is not None else ()
        if node.id not in writers:
            passed |= {flow.id for flow in diagram.flows_from(node.id)}
            waiting += [flow.target for flow in diagram.flows_from(node.id)]
    return seen
