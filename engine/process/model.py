"""Describe processes for the rest of the house: no SpiffWorkflow type leaves this room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from engine.model.organisation import AgencyId, PersonId, Power, Role, UnitId

InstanceId = NewType("InstanceId", str)
TaskId = NewType("TaskId", str)
#: Stands where no task is meant, as in the line of history of a start.
NO_TASK = TaskId("")

#: What process data may hold: a few routing values, under 1 KB in all.
Plain = str | int | bool | None


class InstanceStatus(StrEnum):
    """Name the states of an instance; the column decides, never the engine's own flag."""

    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Alert(StrEnum):
    """Name how near the deadline of a task is."""

    NONE = ""
    HALF = "half"
    NEAR = "near"
    OVERDUE = "overdue"


class DueKind(StrEnum):
    """Name what the scheduler does when an entry is due."""

    EVENT = "event"
    HALF = "half"
    NEAR = "near"
    OVERDUE = "overdue"
    MESSAGE = "message"
    RESUME = "resume"


#: What tells of the deadline of a task.
ALERT_KINDS = frozenset({DueKind.HALF, DueKind.NEAR, DueKind.OVERDUE})


class DefinitionSource(StrEnum):
    """Name where a version of a procedure came from."""

    RELEASE = "release"
    FILE = "file"
    EDITOR = "editor"


class IncidentKind(StrEnum):
    """Name what kind of step failed."""

    STEP = "step"
    TIMER = "timer"
    MESSAGE = "message"
    RESUME = "resume"


@dataclass(frozen=True, kw_only=True)
class TaskRule:
    """Say who gets a user task and which use case completes it.

    The role comes from the lane. The other three name keys of the process data.

    Args:
        use_case: name of the use case, for example `review_draft`.
        agency_key: key that holds the agency.
        unit_key: key that holds the unit; None when the whole agency's role may act.
        person_key: key that holds the one person who may act.
        writes: keys that completing the task sets, each time and no other: a decision left over
            from an earlier round never decides again.
        also: other use cases that may complete it, for example a refusal.
        may_hand_over: the holder may give it to somebody else of the same role; not where the
            document names who does it.
        decides: the one of `writes` that is True when the task consents and False when it
            refuses; "" when it cannot refuse.
        refusal_bars: rules and operations no refusal leads to before the task, or another by the
            same rule, has consented.
        returns_to: rules it may be sent back to.
        needs_timer: it ends by a timer when nobody completes it.
        power: what must have been delegated to complete it for somebody who is away; None when
            nobody does it for another.
    """

    use_case: str
    agency_key: str = "agency_id"
    unit_key: str | None = None
    person_key: str | None = None
    writes: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    may_hand_over: bool = True
    decides: str = ""
    refusal_bars: frozenset[str] = frozenset()
    returns_to: frozenset[str] = frozenset()
    needs_timer: bool = False
    power: Power | None = None

    def allows(self, use_case: str) -> bool:
        """Tell whether `use_case` may complete the task."""
        return use_case == self.use_case or use_case in self.also


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """Hold a kind of business: its BPMN file and what any version of it must keep to.

    Args:
        id: process id in the BPMN file.
        bpmn: whole BPMN 2.0 XML, as shipped.
        dmn: decision tables the file uses, b"" for none.
        tasks: rules by id; a user task names its rule, or has the id of it.
        operations: service tasks the house completes later, by BPMN element id, each with the
            job that does it; "" when something else does.
        operation_writes: keys that completing an operation may set.
        starts_with: keys the start sets.
        required: rules and operations on every way from the start to an end.
        order: pairs of them; the second is never reached without the first.
        never_after: pairs of them; the second is never reached once the first is done.
        opens_with: rules and operations of which one is the first to wait, on every way from the
            start; empty when any may be.
        may_be_called: a call activity may start it.
    """

    id: str
    bpmn: bytes
    tasks: Mapping[str, TaskRule]
    dmn: bytes = b""
    operations: Mapping[str, str] = field(default_factory=dict)
    operation_writes: frozenset[str] = frozenset()
    starts_with: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    order: tuple[tuple[str, str], ...] = ()
    never_after: tuple[tuple[str, str], ...] = ()
    opens_with: frozenset[str] = frozenset()
    may_be_called: bool = False


@dataclass(frozen=True, kw_only=True)
class StoredInstance:
    """Hold one process instance as a row: an opaque state under a version.

    Args:
        parent_id: instance that started this one.
        parent_task_id: task of the parent that started it.
    """

    id: InstanceId
    definition_digest: str
    procedure_id: str
    business_key: str
    parent_id: InstanceId | None
    parent_task_id: TaskId | None = None
    version: int
    codec: int
    state: bytes
    status: InstanceStatus
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """Hold one step for one person or role: the projection of a ready task.

    Args:
        node_id: BPMN element id; `name` is its label.
        rule: id of the rule it is done by.
        due_at: its deadline, aware UTC, None when it has none.
        alert: how near the deadline is, as far as it has been noted.
        escalated_role: whose list it is on besides, once it is overdue; of `agency_id`, and of
            `escalated_unit_id` unless that is None.
        asked: how many opinions have been asked for on it.
        closed_by: who completed it, None while it is open.
        outcome: what was decided, such as `approved`; "" while it is open.
        power: of its rule when it was opened, for the lists of those who act for others.
    """

    id: TaskId
    instance_id: InstanceId
    procedure_id: str
    business_key: str
    node_id: str
    name: str
    role: Role
    agency_id: AgencyId
    unit_id: UnitId | None
    person_id: PersonId | None
    opened_at: datetime
    rule: str = ""
    due_at: datetime | None = None
    alert: Alert = Alert.NONE
    escalated_role: Role | None = None
    escalated_unit_id: UnitId | None = None
    asked: int = 0
    closed_at: datetime | None = None
    closed_by: PersonId | None = None
    closed_by_name: str = ""
    outcome: str = ""
    power: Power | None = None


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """Hold one finished step; the history keeps what the pruned state forgets.

    Args:
        on_behalf_of: whose work `actor_id` did by delegation, None when it was their own.
    """

    instance_id: InstanceId
    sequence: int
    task_id: TaskId
    node_id: str
    name: str
    actor_id: PersonId
    actor_name: str
    at: datetime
    outcome: str
    comment: str
    on_behalf_of: PersonId | None = None
    on_behalf_of_name: str = ""


@dataclass(frozen=True, kw_only=True)
class StoredDefinition:
    """Hold one version of a procedure as a row.

    Args:
        number: version of the procedure, from 1, in the order they were added.
        note: why it was made, in the words of whoever made it.
    """

    digest: str
    procedure_id: str
    number: int
    xml: bytes
    dmn: bytes
    source: DefinitionSource
    added_at: datetime
    added_by: PersonId
    added_by_name: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class DueEntry:
    """Hold one thing the scheduler does at a time, exactly once.

    Args:
        task_id: task that waits for it; "" when none does.
        node_id: BPMN event, or the node that is resumed.
        subject_id: message it delivers, "" otherwise.
        due_at: when it is looked at; later after each failure.
        tries: failures so far.
    """

    id: str
    kind: DueKind
    instance_id: InstanceId
    task_id: TaskId
    node_id: str
    subject_id: str = ""
    due_at: datetime
    tries: int = 0


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Hold one wait for a message.

    Args:
        task_id: task that waits, or the task a boundary event sits on.
        correlation: SHA-256 of the name and the values that say which instance is meant, hex.
        payload: names of the data it takes; everything else of a message is dropped.
    """

    instance_id: InstanceId
    task_id: TaskId
    node_id: str
    name: str
    correlation: str
    payload: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Message:
    """Hold one message; one that nobody waits for yet is kept.

    Args:
        id: sending it twice delivers it once.
        payload: plain values by name.
        delivered_to: instance that took it, None while nobody has.
    """

    id: str
    name: str
    correlation: str
    payload: Mapping[str, Plain]
    sent_at: datetime
    sent_by: InstanceId | None = None
    delivered_to: InstanceId | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Countdown:
    """Hold how many answers or children a node still waits for.

    Args:
        task_id: task the children were started by; "" when answers are counted.
    """

    instance_id: InstanceId
    node_id: str
    task_id: TaskId
    total: int
    left: int


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Hold a step that failed and left everything as it was.

    Args:
        id: also the reference number people are shown.
        entry_id: entry of the scheduler that is tried again, "" for a person's step.
        version: of the instance when a person's step failed; the incident is over once it has
            moved on. 0 for the others.
        code: of the error; `reason` is its detail for an administrator.
        next_try_at: None when it is tried by hand only.
        outcome: how it ended, "" while it is open.
    """

    id: str
    instance_id: InstanceId
    kind: IncidentKind
    node_id: str
    entry_id: str
    code: str
    reason: str
    tries: int
    opened_at: datetime
    last_at: datetime
    version: int = 0
    next_try_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by_name: str = ""
    outcome: str = ""


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """Hold what a step opened: work items for people, operations for the house.

    Args:
        operations: element ids of service tasks that now wait for `complete_operation`.
    """

    instance_id: InstanceId
    opened: Sequence[WorkItem]
    operations: Sequence[str]
    status: InstanceStatus
