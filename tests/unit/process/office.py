"""Set up one agency with its people, and draw small diagrams, for the tests of processes."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from engine.calendar.working_time import vietnam_calendar
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
from engine.process.codec import TokenState, decode
from engine.process.definitions import DefinitionCache
from engine.process.model import (
    Plain,
    Procedure,
    StepResult,
    StoredInstance,
    TaskId,
    TaskRule,
    WorkItem,
)
from engine.process.runtime import Processes
from tests.fakes.process_store import FakeProcessStore
from workflows.incoming.procedure import PROCEDURE as INCOMING
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

CALENDAR = vietnam_calendar()
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

#: What submitting an outgoing draft writes.
SUBMITTED: Mapping[str, Plain] = {
    "signatory_id": LEADER.person_id,
    "kind": "cong_van",
    "urgency": "thuong",
}
#: What an arrival starts with.
INCOMING_DATA: Mapping[str, Plain] = {
    "agency_id": AGENCY,
    "leader_id": None,
    "unit_id": None,
    "handler_id": None,
    "kind": "cong_van",
    "urgency": "thuong",
}

#: How each outgoing task is completed when all goes well.
FORWARD: Mapping[str, tuple[Actor, str, Mapping[str, Plain]]] = {
    "draft": (DRAFTER, "submit_draft", SUBMITTED),
    "review": (HEAD, "review_draft", {"approved": True}),
    "check_form": (CLERK, "check_form", {"form_ok": True}),
    "sign": (LEADER, "sign_document", {"signed": True}),
    "number": (CLERK, "number_document", {}),
    "seal": (CLERK, "seal_document", {}),
}


def a_flow(xml: bytes, **tasks: TaskRule) -> Procedure:
    """Return a procedure called `flow`; without rules there is one for a task `a`."""
    return Procedure(id="flow", bpmn=xml, tasks=tasks or {"a": TaskRule(use_case="do_a")})


class Office:
    """One store, and processes that forget everything between two steps."""

    def __init__(self, *procedures: Procedure) -> None:
        self.store = FakeProcessStore()
        self.jobs: dict[str, tuple[str, Mapping[str, str]]] = {}
        self.procedures = {p.id: p for p in procedures or (OUTGOING, INCOMING)}

    def processes(self) -> Processes:
        """Return the runtime of a worker that has just started."""
        return Processes(
            store=self.store,
            procedures=self.procedures,
            definitions=DefinitionCache(),
            calendar=CALENDAR,
            enqueue=self.enqueue,
        )

    def enqueue(self, name: str, key: str, payload: Mapping[str, str]) -> None:
        """Keep what would be enqueued; a key is spent once."""
        self.jobs.setdefault(key, (name, payload))

    def settle(self, now: datetime) -> list[str]:
        """Do all that is due, as the scheduler does; return what was done, in order."""
        done: list[str] = []
        while due := self.processes().schedule.list_due(now):
            for entry in due:
                if self.processes().schedule.perform(entry, now):
                    done.append(f"{entry.kind} {entry.node_id}".strip())
        return done

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


class Running:
    """One instance of the procedure `flow`, whose tasks all belong to desk officers."""

    def __init__(
        self, office: Office, *, key: str = "one", now: datetime = NOW, **data: Plain
    ) -> None:
        self.office = office
        self.started = office.processes().start(
            "flow", business_key=key, data={"agency_id": AGENCY, **data}, actor=DRAFTER, now=now
        )
        self.id = self.started.instance_id

    @property
    def row(self) -> StoredInstance:
        return self.office.store.get_instance(self.id)

    @property
    def data(self) -> Mapping[str, Plain]:
        return decode(self.row.state).data

    def open(self) -> dict[str, WorkItem]:
        """Return the open tasks by node."""
        return {item.node_id: item for item in self.office.store.list_open_work_items(self.id)}

    def waiting(self) -> list[str]:
        """Return the nodes where a token waits for people or for the house."""
        live = (TokenState.READY, TokenState.STARTED)
        return sorted(t.node for t in decode(self.row.state).tokens if t.state in live)

    def task_id(self, node: str) -> TaskId:
        """Return the id of the token at a node."""
        (found,) = [token.id for token in decode(self.row.state).tokens if token.node == node]
        return found

    def do(self, node: str, now: datetime = NOW, **writes: Plain) -> StepResult:
        """Complete the open task of a node."""
        item = self.open()[node]
        rule = self.office.procedures["flow"].tasks[item.rule]
        return self.office.processes().complete(
            item.id, DRAFTER, use_case=rule.use_case, now=now, outcome="done", writes=writes
        )

    def operate(self, node: str, now: datetime = NOW, **writes: Plain) -> StepResult:
        """Complete a waiting operation."""
        return self.office.processes().complete_operation(self.id, node, now=now, writes=writes)

    def outcomes(self) -> list[tuple[str, str, str]]:
        """Return node, outcome and actor of each line of the history."""
        return [
            (entry.node_id, entry.outcome, entry.actor_id)
            for entry in self.office.store.list_history(self.id)
        ]


_NS = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:trinhky="urn:trinhky:bpmn:1"'
)
_SYSTEM_KINDS = ("serviceTask", "businessRuleTask", "callActivity")


def draw(
    nodes: Sequence[str],
    flows: Sequence[str],
    *,
    lane: str = "chuyen_vien",
    inside: str = "",
    process_id: str = "flow",
    executable: str = "true",
    messages: Sequence[str] = (),
) -> bytes:
    """Return a BPMN file.

    Args:
        nodes: `kind id`, `kind id default_flow`, or an element as XML (see `shape`).
        flows: `source target`, or `source target condition…`; the id is `source-target`.
        inside: raw XML put into the process.
        messages: names; each is its own id.
    """
    parts: list[str] = []
    lanes: dict[str, list[str]] = {lane: [], "he_thong": []}
    for text in nodes:
        element = text if text.startswith("<") else _element(text)
        parts.append(element)
        kind, node_id = re.findall(r'^<(\w+) id="([^"]*)"', element)[0]
        lanes["he_thong" if kind in _SYSTEM_KINDS else lane].append(node_id)
    parts += [_flow(text) for text in flows]
    held = "".join(f'<message id="{name}" name="{name}"/>' for name in messages)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions {_NS}>{held}'
        f'<process id="{process_id}" isExecutable="{executable}"><laneSet id="lanes">'
        f"{_lane(lane, 'Lane', lanes[lane])}{_lane('he_thong', 'System', lanes['he_thong'])}"
        f"</laneSet>{''.join(parts)}{inside}</process></definitions>"
    ).encode()


def shape(kind: str, node_id: str, inside: str = "", **own: str) -> str:
    """Return a node as XML; `own` are attributes of ours, or plain ones in camel case."""
    plain = {"attachedToRef", "cancelActivity", "calledElement", "default"}
    attributes = "".join(
        f' {name if name in plain else f"trinhky:{name}"}="{value}"' for name, value in own.items()
    )
    return f'<{kind} id="{node_id}" name="{node_id}"{attributes}>{inside}</{kind}>'


def timer(text: str, *, date: bool = False) -> str:
    """Return the definition of a timer event."""
    tag = "timeDate" if date else "timeDuration"
    return f"<timerEventDefinition><{tag}>{text}</{tag}></timerEventDefinition>"


def message(name: str) -> str:
    """Return the definition of a message event."""
    return f'<messageEventDefinition messageRef="{name}"/>'


def boundary(
    node_id: str, host: str, definition: str, *, interrupts: bool = True, **own: str
) -> str:
    """Return an event on a user task."""
    cancel = "true" if interrupts else "false"
    return shape(
        "boundaryEvent", node_id, definition, attachedToRef=host, cancelActivity=cancel, **own
    )


def _element(text: str) -> str:
    kind, node_id, *default = text.split()
    extra = f' default="{default[0]}"' if default else ""
    return f'<{kind} id="{node_id}" name="{node_id}"{extra}/>'


def _flow(text: str) -> str:
    source, target, *words = text.split(maxsplit=2)
    head = f'id="{source}-{target}" sourceRef="{source}" targetRef="{target}"'
    condition = "".join(f"<conditionExpression>{w}</conditionExpression>" for w in words)
    return f"<sequenceFlow {head}>{condition}</sequenceFlow>"


def _lane(lane_id: str, name: str, node_ids: Sequence[str]) -> str:
    refs = "".join(f"<flowNodeRef>{node_id}</flowNodeRef>" for node_id in node_ids)
    return f'<lane id="{lane_id}" name="{name}">{refs}</lane>'
