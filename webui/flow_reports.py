"""Say what the flow commands found: as one JSON object, or as lines in Vietnamese and English."""

from collections.abc import Iterator, Sequence

from engine.process.decision_tables import Decision
from engine.process.definitions import Definition
from engine.process.findings import Finding
from engine.process.graph import graph_of
from engine.process.importing import Change
from engine.process.migration import MigrationPlan
from engine.process.nodes import Diagram, Flow, Node, NodeKind
from engine.process_queries import VersionRow
from webui.i18n import mark as _l
from webui.i18n import translate
from webui.import_texts import change_sentence
from webui.lint_texts import lint_remedy, lint_sentence
from webui.process_words import NODES, PROBLEMS, SOURCES
from webui.reports import Json, time_text

#: Short words of the lines; the extractor of texts does not look into formatted strings.
RUNNING = _l("đang chạy")
WAITS_AT = _l("đang ở")
STAYS = _l("ở lại")
MOVES = _l("chuyển")
DEFAULT = _l("mặc định")
IF = _l("khi")


def both(text: str, **params: str) -> str:
    """Return a short text in both languages on one line."""
    return f"{translate(text, 'vi', **params)} / {translate(text, 'en', **params)}"


def version_report(version: VersionRow) -> dict[str, Json]:
    """Return the object that stands for one version."""
    return {
        "procedure": version.procedure_id,
        "version": version.number,
        "digest": version.digest,
        "in_force": version.in_force,
        "source": version.source,
        "added_at": time_text(version.added_at),
        "added_by": version.added_by_name,
        "note": version.note,
        "running": version.running,
    }


def version_lines(versions: Sequence[VersionRow]) -> Iterator[str]:
    """Yield one line a version: which, whether in force, whence, when, by whom, what runs."""
    for version in versions:
        mark = "*" if version.in_force else " "
        name = f"{version.procedure_id}/{version.number}"
        yield "  ".join(
            part
            for part in (
                f"{mark} {name:<14}",
                version.digest[:12],
                both(SOURCES[version.source]),
                time_text(version.added_at) or "",
                version.added_by_name,
                f"{both(RUNNING)}: {version.running}",
                version.note,
            )
            if part
        )


def finding_report(finding: Finding) -> dict[str, Json]:
    """Return the object that stands for one finding of the linter."""
    return {
        "rule": finding.rule,
        "element": finding.element_id,
        "message_vi": lint_sentence(finding, "vi"),
        "message_en": lint_sentence(finding, "en"),
        "mend_vi": lint_remedy(finding, "vi"),
        "mend_en": lint_remedy(finding, "en"),
        "detail": dict(finding.detail),
    }


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield what the linter found as lines: rule and element, then what is wrong and the cure."""
    for finding in findings:
        yield f"{finding.rule}  {finding.element_id}".rstrip()
        for locale in ("vi", "en"):
            yield f"  {lint_sentence(finding, locale)}"
            yield f"    → {lint_remedy(finding, locale)}"


def change_report(change: Change) -> dict[str, Json]:
    """Return the object that stands for one change of an import."""
    return {
        "kind": change.kind,
        "element": change.element_id,
        "message_vi": change_sentence(change, "vi"),
        "message_en": change_sentence(change, "en"),
        "detail": dict(change.detail),
    }


def change_lines(changes: Sequence[Change]) -> Iterator[str]:
    """Yield the changes of an import as lines."""
    for change in changes:
        yield f"{change.kind}  {change.element_id}"
        yield f"  {change_sentence(change, 'vi')}"
        yield f"  {change_sentence(change, 'en')}"


def nodes_in_order(diagram: Diagram) -> Sequence[Node]:
    """Return the nodes as one meets them from the start on; each node once."""
    graph = graph_of(diagram)
    waiting = [node.id for node in diagram.of_kind(NodeKind.START)]
    met = dict.fromkeys(waiting)
    for node_id in waiting:  # grows while it is walked
        ahead = [target for target in graph[node_id] if target not in met]
        met.update(dict.fromkeys(ahead))
        waiting += ahead
    return [diagram.nodes[node_id] for node_id in met]


def node_report(diagram: Diagram, node: Node) -> dict[str, Json]:
    """Return the object that stands for one node; what a node of its kind has not is absent."""
    found: dict[str, Json] = {
        "id": node.id,
        "name": node.name,
        "kind": node.kind,
        "lane": node.lane,
    }
    if node.work is not None:
        found |= {
            "rule": node.work.rule,
            "due": node.work.due,
            "returns_to": list(node.work.returns_to),
        }
    if node.event is not None:
        found |= {
            "timer": node.event.timer,
            "message": node.event.message,
            "attached_to": node.event.attached_to,
            "interrupts": node.event.interrupts,
        }
    if node.call is not None:
        found |= {"calls": node.call.procedure_id, "many": node.call.many}
    if node.decision:
        found["decision"] = node.decision
    found["next"] = [
        {"to": flow.target, "condition": flow.condition, "default": flow.id == node.default_flow}
        for flow in diagram.flows_from(node.id)
    ]
    return found


def definition_report(definition: Definition) -> dict[str, Json]:
    """Return the object that stands for what a version says."""
    diagram = definition.diagram
    return {
        "name": diagram.name,
        "lanes": dict(diagram.lanes),
        "nodes": [node_report(diagram, node) for node in nodes_in_order(diagram)],
        "decisions": [decision_report(each) for each in definition.decisions.values()],
    }


def decision_report(decision: Decision) -> dict[str, Json]:
    """Return the object that stands for one decision table."""
    return {
        "id": decision.id,
        "name": decision.name,
        "policy": decision.policy,
        "reads": sorted(decision.reads),
        "writes": sorted(decision.writes),
        "rules": len(decision.rules),
    }


def definition_lines(definition: Definition) -> Iterator[str]:
    """Yield a version as lines: each node with who does it and where it leads."""
    diagram = definition.diagram
    for number, node in enumerate(nodes_in_order(diagram), start=1):
        yield f"{number:>3}. {node.id}  {node.name}  [{both(NODES[node.kind])}]"
        yield from (f"       {line}" for line in _node_lines(diagram, node))
    for decision in definition.decisions.values():
        yield f"{both(NODES[NodeKind.DECISION])}: {decision.id}  {decision.name}"
        reads, writes = ", ".join(sorted(decision.reads)), ", ".join(sorted(decision.writes))
        yield f"       {reads} → {writes}  ({decision.policy}, {len(decision.rules)})"


def _node_lines(diagram: Diagram, node: Node) -> Iterator[str]:
    for label, value in _node_facts(diagram, node):
        if value:
            yield f"{both(label)}: {value}"
    for flow in diagram.flows_from(node.id):
        yield f"→ {flow.target}{_when(flow, node)}"


def _node_facts(diagram: Diagram, node: Node) -> Iterator[tuple[str, str]]:
    """Yield what is known of a node, each with its label; "" where there is nothing to say."""
    yield _l("làn"), f"{diagram.lanes.get(node.lane, '')} ({node.lane})" if node.lane else ""
    if node.work is not None:
        yield _l("quy tắc"), node.work.rule
        yield _l("hạn"), node.work.due
        yield _l("trả lại được tới"), ", ".join(node.work.returns_to)
    if node.event is not None:
        yield _l("hẹn giờ"), node.event.timer
        yield _l("thông điệp"), node.event.message
        yield _l("gắn ở bước"), node.event.attached_to
    if node.call is not None:
        yield _l("gọi quy trình khác"), node.call.procedure_id
    yield _l("bảng quyết định"), node.decision


def _when(flow: Flow, node: Node) -> str:
    if flow.id == node.default_flow:
        return f"  ({both(DEFAULT)})"
    return f"  ({both(IF)}: {flow.condition})" if flow.condition else ""


def plan_report(plan: MigrationPlan, label: str) -> dict[str, Json]:
    """Return the object that stands for what a migration means to one instance."""
    return {
        "instance": plan.instance_id,
        "business_key": plan.business_key,
        "label": label,
        "waits_at": list(plan.waiting),
        "moves": plan.is_possible,
        "problems": [
            {
                "problem": problem,
                "node": node,
                "message_vi": translate(PROBLEMS[problem], "vi", node=node),
                "message_en": translate(PROBLEMS[problem], "en", node=node),
            }
            for problem, node in plan.problems
        ],
        "skipped": list(plan.skipped),
        "added": list(plan.added),
        "dropped": list(plan.dropped),
    }


def plan_line(plan: MigrationPlan, label: str, old: Diagram, new: Diagram) -> str:
    """Return what a migration means to one instance as a line."""
    waits = f"{both(WAITS_AT)}: {_names(old, plan.waiting)}"
    where = "  ".join(part for part in (plan.business_key, label, waits) if part)
    if not plan.is_possible:
        reasons = [both(PROBLEMS[each], node=_names(old, [node])) for each, node in plan.problems]
        return f"{where}; {both(STAYS)}: {'; '.join(reasons)}"
    told = [
        f"{both(text)}: {_names(diagram, nodes)}"
        for text, diagram, nodes in (
            (_l("sẽ không làm"), new, plan.skipped),
            (_l("thêm"), new, plan.added),
            (_l("bớt"), old, plan.dropped),
        )
        if nodes
    ]
    return "; ".join([where, both(MOVES), *told])


def _names(diagram: Diagram, node_ids: Sequence[str]) -> str:
    return ", ".join(
        diagram.nodes[node_id].name or node_id if node_id in diagram.nodes else node_id
        for node_id in node_ids
    )
