"""Say what the runtime needs kept: definitions, instances, work items, history.

Every method works inside the caller's transaction; none of them commits.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from engine.process.model import HistoryEntry, InstanceId, StoredInstance, TaskId, WorkItem


class ProcessStore(Protocol):
    """Keep processes as rows; implemented over SQL and by a fake."""

    def add_definition(self, digest: str, procedure_id: str, xml: bytes, at: datetime) -> None:
        """Keep a BPMN file under its SHA-256; adding it again changes nothing."""
        ...

    def find_definition_xml(self, digest: str) -> bytes | None:
        """Return the BPMN file with this SHA-256, exactly as it was added."""
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

    def add_work_items(self, items: Sequence[WorkItem]) -> None:
        """Add open work items; none is allowed to exist."""
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

    def add_history(self, entry: HistoryEntry) -> None:
        """Append one finished step; (instance, sequence) is unique."""
        ...

    def list_history(self, instance_id: InstanceId) -> Sequence[HistoryEntry]:
        """Return the finished steps of an instance, in order of `sequence`."""
        ...
