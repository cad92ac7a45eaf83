"""Set up one agency with its people, and draw small diagrams, for the tests of processes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from engine.model.organisation import (
    Actor,
    AgencyId,
    PersonId,
    Post,
    PostId,
    Role,
    UnitId,
    Validity,
)
from engine.process.definitions import DefinitionCache
from engine.process.model import Plain, Procedure, StepResult, WorkItem
from engine.process.runtime import Processes
from tests.fakes.process_store import FakeProcessStore
from workflows.incoming.procedure import PROCEDURE as INCOMING
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

NOW = datetime(2026, 1, 5, 2, 30, tzinfo=UTC)
AGENCY = AgencyId("so-noi-vu")
UNIT = UnitId("van-phong")


def an_actor(
    name: str, role: Role, *, unit: UnitId | None = None, agency: AgencyId = AGENCY
) -> Actor:
    person_id = PersonId(name)
    post = Post(
        id=PostId(f"post-{name}"),
        agency_id=agency,
        unit_id=unit,
        person_id=person_id,
        title=role.value,
        role=role,
        validity=Validity(since=date(2020, 1, 1)),
    )
    return Actor(person_id=person_id, full_name=f"Nguyễn {name}", posts=(post,))


DRAFTER = an_actor("drafter", Role.DESK_OFFICER, unit=UNIT)
HEAD = an_actor("head", Role.DIVISION_HEAD, unit=UNIT)
CLERK = an_actor("clerk", Role.CLERK)
LEADER = an_actor("leader", Role.LEADER)
ACTORS = {a.person_id: a for a in (DRAFTER, HEAD, CLERK, LEADER)}

OUTGOING_DATA: Mapping[str, Plain] = {
    "agency_id": AGENCY,
    "unit_id": UNIT,
    "drafter_id": DRAFTER.person_id,
    "signatory_id": None,
}

#: How each outgoing task is completed when all goes well.
FORWARD: Mapping[str, tuple[Actor, str, Mapping[str, Plain]]] = {
    "draft": (DRAFTER, "submit_draft", {"signatory_id": LEADER.person_id}),
    "review": (HEAD, "review_draft", {"approved": True}),
    "check_form": (CLERK, "check_form", {"form_ok": True}),
    "sign": (LEADER, "sign_document", {"signed": True}),
    "number": (CLERK, "number_document", {}),
    "seal": (CLERK, "seal_document", {}),
}


class Office:
    """One store, and processes that forget everything between two steps."""

    def __init__(self, *procedures: Procedure) -> None:
        self.store = FakeProcessStore()
        self.procedures = {p.id: p for p in procedures or (OUTGOING, INCOMING)}

    def processes(self) -> Processes:
        """Return the runtime of a worker that has just started."""
        return Processes(
            store=self.store, procedures=self.procedures, definitions=DefinitionCache()
        )

    def start_outgoing(self, business_key: str = "document-1") -> StepResult:
        return self.processes().start(
            "outgoing", business_key=business_key, data=OUTGOING_DATA, actor=DRAFTER, now=NOW
        )

    def forward(self, item: WorkItem) -> StepResult:
        actor, use_case, writes = FORWARD[item.node_id]
        return self.processes().complete(
            item.id, actor, use_case=use_case, now=NOW, outcome="done", writes=writes
        )

    def forward_to(self, node_id: str, business_key: str = "document-1") -> WorkItem:
        """Start an outgoing document and take it to the open task `node_id`."""
        item = self.start_outgoing(business_key).opened[0]
        while item.node_id != node_id:
            item = self.forward(item).opened[0]
        return item


_NS = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def draw(
    nodes: Sequence[str],
    flows: Sequence[str],
    *,
    lane: str = "chuyen_vien",
    inside: str = "",
    process_id: str = "flow",
    executable: str = "true",
) -> bytes:
    """Return a BPMN file.

    Args:
        nodes: `kind id`, or `kind id default_flow`.
        flows: `source target`, or `source target condition…`; the id is `source-target`.
        inside: raw XML put into the process.
    """
    parts: list[str] = []
    ids: list[str] = []
    for text in nodes:
        kind, node_id, *default = text.split()
        ids.append(node_id)
        extra = f' default="{default[0]}"' if default else ""
        parts.append(f'<{kind} id="{node_id}" name="{node_id}"{extra}/>')
    for text in flows:
        source, target, *words = text.split(maxsplit=2)
        head = f'id="{source}-{target}" sourceRef="{source}" targetRef="{target}"'
        condition = "".join(f"<conditionExpression>{w}</conditionExpression>" for w in words)
        parts.append(f"<sequenceFlow {head}>{condition}</sequenceFlow>")
    system = [n.split()[1] for n in nodes if n.startswith("serviceTask")]
    refs = "".join(f"<flowNodeRef>{i}</flowNodeRef>" for i in ids if i not in system)
    sys_refs = "".join(f"<flowNodeRef>{i}</flowNodeRef>" for i in system)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions {_NS}>'
        f'<process id="{process_id}" isExecutable="{executable}"><laneSet id="lanes">'
        f'<lane id="{lane}" name="Lane">{refs}</lane>'
        f'<lane id="he_thong" name="System">{sys_refs}</lane></laneSet>'
        f"{''.join(parts)}{inside}</process></definitions>"
    ).encode()
