"""Describe processes for the rest of the house: no SpiffWorkflow type leaves this room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from engine.model.organisation import AgencyId, PersonId, Role, UnitId

InstanceId = NewType("InstanceId", str)
TaskId = NewType("TaskId", str)

#: What process data may hold: a few routing values, under 1 KB in all.
Plain = str | int | bool | None


class InstanceStatus(StrEnum):
    """Name the states of an instance; the column decides, never the engine's own flag."""

    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


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
    """

    use_case: str
    agency_key: str = "agency_id"
    unit_key: str | None = None
    person_key: str | None = None
    writes: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()

    def allows(self, use_case: str) -> bool:
        """Tell whether `use_case` may complete the task."""
        return use_case == self.use_case or use_case in self.also


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """Hold a kind of business: its BPMN file and what its tasks mean.

    Args:
        id: process id in the BPMN file.
        bpmn: whole BPMN 2.0 XML.
        tasks: rule for each user task, by BPMN element id.
        operations: BPMN element ids of service tasks the house completes later.
        operation_writes: keys that completing an operation may set.
    """

    id: str
    bpmn: bytes
    tasks: Mapping[str, TaskRule]
    operations: frozenset[str] = frozenset()
    operation_writes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class StoredInstance:
    """Hold one process instance as a row: an opaque state under a version."""

    id: InstanceId
    definition_digest: str
    procedure_id: str
    business_key: str
    parent_id: InstanceId | None
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
        closed_by: who completed it, None while it is open.
        outcome: what was decided, such as `approved`; "" while it is open.
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
    closed_at: datetime | None = None
    closed_by: PersonId | None = None
    closed_by_name: str = ""
    outcome: str = ""


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """Hold one finished step; the history keeps what the pruned state forgets."""

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
