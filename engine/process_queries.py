"""Describe what an administrator reads of the processes: versions, where what waits, incidents.

As in `engine.queries` these are rows ready to show; nothing here decides anything.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from engine.model.kinds import DocumentKind
from engine.model.organisation import Role
from engine.paging import Page
from engine.process.model import (
    Alert,
    DefinitionSource,
    DueKind,
    IncidentKind,
    InstanceId,
    InstanceStatus,
)

#: An instance nobody and nothing waits for may still be in the hands of a background job; after
#: this time without a step it counts as stuck.
STUCK_AFTER = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class ProcedureRow:
    """Hold one procedure: the version in force, and what runs on all its versions.

    Args:
        since: when the version in force was put there.
        waiting: open tasks of people.
        oldest_at: since when the first of them has been waiting; None when none does.
        overdue: open tasks past their deadline.
        incidents: open ones.
    """

    procedure_id: str
    digest: str
    number: int
    since: datetime
    versions: int
    running: int
    waiting: int
    oldest_at: datetime | None
    overdue: int
    incidents: int


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """Hold one version of a procedure and how many instances it has."""

    procedure_id: str
    digest: str
    number: int
    source: DefinitionSource
    added_at: datetime
    added_by_name: str
    note: str
    in_force: bool
    running: int
    completed: int
    cancelled: int


@dataclass(frozen=True, kw_only=True)
class HeatRow:
    """Hold how many wait at one node of a version, and since when.

    Args:
        median_at: half of them have been waiting for longer than since then.
        overdue: those past their deadline; only tasks of people have one.
    """

    node_id: str
    waiting: int
    oldest_at: datetime
    median_at: datetime
    overdue: int


class InstanceState(StrEnum):
    """Name the states a list of instances can be narrowed to."""

    RUNNING = "running"
    STUCK = "stuck"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class InstanceFilter:
    """Say which instances are wanted; "" and None leave everything in.

    Args:
        state: `STUCK` is one that runs though nothing waits for anybody or anything.
        digest: of the version they run on.
        node_id: where they wait; only running ones wait.
        started_before: aware UTC.
    """

    state: InstanceState = InstanceState.RUNNING
    procedure_id: str = ""
    digest: str = ""
    node_id: str = ""
    started_before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SubjectRow:
    """Hold what an instance is about: the document, or the document that was delivered.

    Args:
        key: business key; all there is when the instance is about no document.
        receiver_name: agency a delivery went to, "" otherwise.
    """

    key: str
    kind: DocumentKind | None = None
    subject: str = ""
    symbol: str = ""
    receiver_name: str = ""


@dataclass(frozen=True, kw_only=True)
class WaitingPlace:
    """Hold one place where an instance waits.

    Args:
        role: whose work it is, None for the house's own; `person_name` if it is one person's.
        since: of the house's own it is the instance's last step.
    """

    node_id: str
    since: datetime
    role: Role | None = None
    person_name: str = ""
    due_at: datetime | None = None
    alert: Alert = Alert.NONE


@dataclass(frozen=True, kw_only=True)
class InstanceRow:
    """Hold one instance and where it waits; `number` is its version of the procedure."""

    id: InstanceId
    procedure_id: str
    digest: str
    number: int
    status: InstanceStatus
    about: SubjectRow
    created_at: datetime
    updated_at: datetime
    places: Sequence[WaitingPlace] = ()


@dataclass(frozen=True, kw_only=True)
class IncidentRow:
    """Hold one incident.

    Args:
        procedure_id: "" for a message that has found no instance; `digest` too.
        code: of the error.
        reason: its detail for an administrator, English.
        can_retry: whether it is tried again by itself, and may be at once.
        is_over: it was closed, or the person's step has been made meanwhile.
    """

    id: str
    kind: IncidentKind
    procedure_id: str
    digest: str
    node_id: str
    about: SubjectRow
    code: str
    reason: str
    tries: int
    opened_at: datetime
    last_at: datetime
    next_try_at: datetime | None
    closed_at: datetime | None
    closed_by_name: str
    can_retry: bool
    is_over: bool


@dataclass(frozen=True, kw_only=True)
class TimerRow:
    """Hold one thing the scheduler will do; `tries` are those that failed."""

    id: str
    kind: DueKind
    procedure_id: str
    digest: str
    node_id: str
    about: SubjectRow
    due_at: datetime
    tries: int


class ProcessQueries(Protocol):
    """Answer an administrator's questions, each with a constant number of statements."""

    def list_procedures(self, now: datetime) -> Sequence[ProcedureRow]:
        """Return the procedures that have a version in force, in the order of their ids."""
        ...

    def list_versions(self, procedure_id: str) -> Sequence[VersionRow]:
        """Return the versions of a procedure, the newest first."""
        ...

    def list_heat(self, digest: str, now: datetime, *, is_forked: bool) -> Sequence[HeatRow]:
        """Return how many running instances of a version wait at each node, and how long.

        Args:
            is_forked: whether an instance may wait at several nodes at once; if not, those with
                a task for somebody need not be looked into.
        """
        ...

    def list_instances(
        self, wanted: InstanceFilter, now: datetime, *, cursor: str = "", limit: int = 50
    ) -> Page[InstanceRow]:
        """Return instances: those that run the oldest first, those that ended the newest first."""
        ...

    def list_subjects(self, procedure_id: str, keys: Collection[str]) -> Mapping[str, SubjectRow]:
        """Return what the instances of a procedure with these business keys are about."""
        ...

    def count_incidents(self) -> int:
        """Return how many incidents are open."""
        ...

    def list_incidents(
        self, *, is_over: bool, cursor: str = "", limit: int = 50
    ) -> Page[IncidentRow]:
        """Return incidents that are open, or those that are over; the newest first."""
        ...

    def count_overdue(self, now: datetime) -> int:
        """Return how many things the scheduler should have done a minute ago."""
        ...

    def list_timers(self, *, cursor: str = "", limit: int = 50) -> Page[TimerRow]:
        """Return what the scheduler will do, the next first."""
        ...
