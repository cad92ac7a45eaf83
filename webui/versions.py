"""Read versions of procedures for the administrator's pages: names, changes, decision tables."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from engine.errors import ErrorCode, NotFoundError, TrinhKyError
from engine.ports import UnitOfWork
from engine.process.decision_tables import Decision
from engine.process.definitions import Definition
from engine.process.nodes import WAITING_KINDS, Diagram, Flow, Node, NodeKind
from engine.process_queries import VersionRow
from webui.i18n import mark as _l
from webui.i18n import say
from webui.process_words import POLICIES, node_name

ADDED = _l("Thêm")
REMOVED = _l("Bỏ")
CHANGED = _l("Đổi")

#: What may differ between two drawings of a node, in words.
_PARTS: Mapping[str, str] = {
    "name": _l("tên"),
    "kind": _l("loại"),
    "lane": _l("làn"),
    "default_flow": _l("nhánh mặc định"),
    "work": _l("nghiệp vụ, hạn hoặc nơi trả lại"),
    "event": _l("hẹn giờ hoặc thông điệp"),
    "call": _l("quy trình con"),
    "decision": _l("bảng quyết định"),
}
_CONDITION = _l("điều kiện")
_ENDS = _l("điểm đầu hoặc cuối")


@dataclass(frozen=True)
class Change:
    """Hold one difference between two versions: what was done, to which element, in which part."""

    act: str
    name: str
    parts: str = ""


@dataclass(frozen=True)
class TableView:
    """Hold a decision table as a page shows it: headings and rows of texts."""

    name: str
    policy: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def get_version(work: UnitOfWork, procedure_id: str, number: str) -> VersionRow:
    """Return one version of a procedure.

    Raises:
        NotFoundError: there is none; code `PROCESS_UNKNOWN`.
    """
    for row in work.queries.list_versions(procedure_id):
        if str(row.number) == number:
            return row
    raise NotFoundError(f"no version {procedure_id}/{number}", code=ErrorCode.PROCESS_UNKNOWN)


def load_definition(work: UnitOfWork, digest: str) -> Definition:
    """Return a version ready to be looked at, from memory if it was loaded before.

    Raises:
        NotFoundError: there is none; code `PROCESS_UNKNOWN`.
    """
    found = work.processes.definitions.find(digest)
    if found is not None:
        return found
    stored = work.processes.store.find_definition(digest)
    if stored is None:
        raise NotFoundError(f"no definition {digest}", code=ErrorCode.PROCESS_UNKNOWN)
    return work.processes.definitions.load(stored.xml, stored.dmn, expected_digest=digest)


def load_nodes(work: UnitOfWork, digests: Collection[str]) -> Mapping[str, Mapping[str, Node]]:
    """Return the nodes of some versions by id; none of one that cannot be read any more."""
    found: dict[str, Mapping[str, Node]] = {}
    for digest in set(digests) - {""}:
        try:
            found[digest] = load_definition(work, digest).diagram.nodes
        except TrinhKyError:
            # A list of what runs must be seen all the more when a version of it is broken.
            found[digest] = {}
    return found


def is_forked(diagram: Diagram) -> bool:
    """Tell whether an instance may wait at several nodes at once."""
    if diagram.of_kind(NodeKind.PARALLEL):
        return True
    return any(
        node.event is not None and not node.event.interrupts
        for node in diagram.of_kind(NodeKind.BOUNDARY)
    )


def waiting_nodes(diagram: Diagram) -> Sequence[Node]:
    """Return the nodes at which an instance can wait, in the order of the file."""
    return diagram.of_kind(*WAITING_KINDS)


def list_changes(old: Definition, new: Definition) -> list[Change]:
    """Return how two versions of a procedure differ, nodes before flows."""
    procedure_id = new.diagram.process_id
    nodes_old, nodes_new = old.diagram.nodes, new.diagram.nodes
    found = [
        Change(say(ADDED), node_name(procedure_id, nodes_new[each]))
        for each in nodes_new
        if each not in nodes_old
    ]
    found += [
        Change(say(REMOVED), node_name(procedure_id, nodes_old[each]))
        for each in nodes_old
        if each not in nodes_new
    ]
    for node_id, node in nodes_new.items():
        before = nodes_old.get(node_id)
        if before is not None and before != node:
            found.append(
                Change(say(CHANGED), node_name(procedure_id, node), _differing(before, node))
            )
    return [*found, *_flow_changes(old.diagram, new.diagram), *_table_changes(old, new)]


def table_view(decision: Decision) -> TableView:
    """Return a decision table as a page shows it."""
    return TableView(
        name=decision.name,
        policy=say(POLICIES[decision.policy]),
        headings=[
            *(column.label for column in decision.inputs),
            *(f"→ {column.label}" for column in decision.outputs),
        ],
        rows=[
            [
                *(cell.text or "-" for cell in rule.cells),
                *(output.text for output in rule.outputs),
            ]
            for rule in decision.rules
        ],
    )


def _differing(before: Node, after: Node) -> str:
    return ", ".join(
        say(_PARTS[part.name])
        for part in fields(Node)
        if part.name != "id" and getattr(before, part.name) != getattr(after, part.name)
    )


def _flow_changes(old: Diagram, new: Diagram) -> Iterator[Change]:
    before = {flow.id: flow for flow in old.flows}
    after = {flow.id: flow for flow in new.flows}
    for flow_id, flow in after.items():
        was = before.get(flow_id)
        if was is None:
            yield Change(say(ADDED), _flow_name(new, flow))
        elif was != flow:
            same_ends = (was.source, was.target) == (flow.source, flow.target)
            yield Change(
                say(CHANGED), _flow_name(new, flow), say(_CONDITION if same_ends else _ENDS)
            )
    for flow_id, flow in before.items():
        if flow_id not in after:
            yield Change(say(REMOVED), _flow_name(old, flow))


def _flow_name(diagram: Diagram, flow: Flow) -> str:
    ends = [diagram.nodes[node_id] for node_id in (flow.source, flow.target)]
    return " → ".join(node_name(diagram.process_id, node) for node in ends)


def _table_changes(old: Definition, new: Definition) -> Iterator[Change]:
    for decision_id in sorted(old.decisions.keys() | new.decisions.keys()):
        before, after = old.decisions.get(decision_id), new.decisions.get(decision_id)
        if before is None and after is not None:
            yield Change(say(ADDED), after.name, say(_PARTS["decision"]))
        elif after is None and before is not None:
            yield Change(say(REMOVED), before.name, say(_PARTS["decision"]))
        elif before is not None and after is not None and table_view(before) != table_view(after):
            yield Change(say(CHANGED), after.name, say(_PARTS["decision"]))
