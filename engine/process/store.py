"""Say what the runtime needs kept: definitions, instances, work items, timers, messages, history.

Every method works inside the caller's transaction; none of them commits.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from engine.model.organisation import PersonId
from engine.process.model import (
    Countdown,
    DueEntry,
    HistoryEntry,
    Incident,
    InstanceId,
    Message,
    StoredDefinition,
    StoredInstance,
    Subscription,
    TaskId,
    WorkItem,
)


class ProcessStore(Protocol):
    """Keep processes as rows; implemented over SQL and by a fake."""

    def add_definition(self, definition: StoredDefinition) -> None:
        """Keep a version under its digest; adding it again changes nothing.

        Raises:
            ConflictError: its number is another version's; code `PROCESS_CONFLICT`.
        """
        ...

    def find_definition(self, digest: str) -> StoredDefinition | None:
        """Return the version with this digest, its files exactly as they were added."""
        ...

    def count_definitions(self, procedure_id: str) -> int:
        """Return how many versions of a procedure there are."""
        ...

    def set_current(self, procedure_id: str, digest: str, at: datetime) -> None:
        """Start new instances of a procedure on this version from now on."""
        ...

    def find_current_digest(self, procedure_id: str) -> str | None:
        """Return the version new instances start on; None before the first."""
        ...

    def add_instance(self, instance: StoredInstance) -> None:
        """Add a new instance.

        Raises:
            ConflictError: the business key already has a process of this procedure.
        """
        ...

    def get_instance(self, instance_id: InstanceId) -> StoredInstance:
        """Return one instance.

        Raises:
            NotFoundError: there is no such instance.
        """
        ...

    def find_instance(self, procedure_id: str, business_key: str) -> StoredInstance | None:
        """Return the instance of `procedure_id` about `business_key`."""
        ...

    def update_instance(self, instance: StoredInstance, expected_version: int) -> None:
        """Replace the row of `instance` if it still has `expected_version`.

        Raises:
            ConflictError: no row has that version; code `PROCESS_CONFLICT`.
        """
        ...

    def list_children(self, task_id: TaskId) -> Sequence[StoredInstance]:
        """Return the instances a task started, oldest first."""
        ...

    def list_running(
        self, digest: str, *, after: InstanceId | None = None, limit: int = 100
    ) -> Sequence[StoredInstance]:
        """Return running instances of a version in the order of their ids."""
        ...

    def add_work_items(self, items: Sequence[WorkItem]) -> None:
        """Add open work items; none is allowed to exist."""
        ...

    def update_work_item(self, item: WorkItem) -> None:
        """Write who an open item waits for, its deadline, alert, label and count of opinions."""
        ...

    def close_work_item(self, item: WorkItem) -> None:
        """Record `closed_at`, `closed_by`, `closed_by_name` and `outcome` of `item`."""
        ...

    def get_work_item(self, task_id: TaskId) -> WorkItem:
        """Return one work item, open or closed.

        Raises:
            NotFoundError: there is no such task; code `TASK_NOT_FOUND`.
        """
        ...

    def list_open_work_items(self, instance_id: InstanceId) -> Sequence[WorkItem]:
        """Return the open work items of an instance, oldest first."""
        ...

    def add_due(self, entries: Sequence[DueEntry]) -> None:
        """Add entries for the scheduler."""
        ...

    def list_due(self, now: datetime, limit: int) -> Sequence[DueEntry]:
        """Return entries that are due, the longest due first."""
        ...

    def take_due(self, entry_id: str) -> bool:
        """Take an entry out; return False when somebody else was first."""
        ...

    def find_due(self, entry_id: str) -> DueEntry | None:
        """Return one entry that is still to come."""
        ...

    def put_off_due(self, entry: DueEntry) -> None:
        """Write when an entry is looked at again and how often it has failed."""
        ...

    def remove_due(self, instance_id: InstanceId, task_id: TaskId | None = None) -> None:
        """Drop the entries of a task, or of the whole instance but for messages it has sent."""
        ...

    def remove_alerts(self, instance_id: InstanceId, task_id: TaskId) -> None:
        """Drop the entries that tell of the deadline of a task; its timers stay."""
        ...

    def add_subscription(self, subscription: Subscription, at: datetime) -> None:
        """Wait for a message."""
        ...

    def find_subscription(self, correlation: str) -> Subscription | None:
        """Return who has waited longest for messages with this hash."""
        ...

    def remove_subscriptions(
        self, instance_id: InstanceId, task_id: TaskId | None = None, node_id: str | None = None
    ) -> None:
        """Wait no longer: the whole instance, one task of it, or one event on the task."""
        ...

    def add_message(self, message: Message) -> bool:
        """Keep a message; return False when one with its id was sent before."""
        ...

    def get_message(self, message_id: str) -> Message:
        """Return one message.

        Raises:
            NotFoundError: there is none with this id.
        """
        ...

    def find_kept_message(self, correlation: str) -> Message | None:
        """Return the oldest message with this hash that nobody has taken."""
        ...

    def deliver_message(self, message_id: str, instance_id: InstanceId, at: datetime) -> bool:
        """Note who took a message; return False when it was taken before."""
        ...

    def set_countdown(self, countdown: Countdown) -> None:
        """Wait for so many answers or children at a node; an older count is replaced."""
        ...

    def find_countdown(self, instance_id: InstanceId, node_id: str) -> Countdown | None:
        """Return what a node waits for."""
        ...

    def count_answer(self, instance_id: InstanceId, node_id: str) -> Countdown | None:
        """Take one off what a node waits for and return the rest; None when nothing is left."""
        ...

    def count_child(self, task_id: TaskId) -> Countdown | None:
        """Take one off the children a task waits for, as `count_answer`."""
        ...

    def find_incident(
        self, instance_id: InstanceId, node_id: str, entry_id: str
    ) -> Incident | None:
        """Return the open incident of a step or of an entry."""
        ...

    def get_incident(self, incident_id: str) -> Incident:
        """Return one incident.

        Raises:
            NotFoundError: there is none with this id.
        """
        ...

    def add_incident(self, incident: Incident) -> None:
        """Put an incident on the list."""
        ...

    def save_incident(self, incident: Incident) -> None:
        """Write what became of an incident."""
        ...

    def add_history(self, entry: HistoryEntry) -> None:
        """Append one finished step; (instance, sequence) is unique."""
        ...

    def find_last_history(
        self, instance_id: InstanceId, *, without_actor: PersonId, without_outcome: str
    ) -> HistoryEntry | None:
        """Return the last finished step but for those of one actor and those with one outcome."""
        ...

    def list_history(self, instance_id: InstanceId) -> Sequence[HistoryEntry]:
        """Return the finished steps of an instance, in order of `sequence`."""
        ...
