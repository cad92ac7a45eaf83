"""Keep processes: definitions, instances, work items and history."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.process.model import HistoryEntry, InstanceId, StoredInstance, TaskId, WorkItem
from storage.errors import unique
from storage.repositories.base import Repository, by_key, missing
from storage.tables import processes as tables
from storage.work_list import list_positions, mark_returned

_definition = tables.definition
_instance = tables.instance
_item = tables.work_item
_history = tables.history

_FIND_XML = sa.select(_definition.c.xml).where(by_key(_definition.c.digest))
_GET_INSTANCE = sa.select(_instance).where(by_key(_instance.c.id))
_FIND_INSTANCE = sa.select(_instance).where(
    by_key(_instance.c.business_key), _instance.c.procedure_id == sa.bindparam("procedure_id")
)
_UPDATE_INSTANCE = sa.update(_instance).where(
    by_key(_instance.c.id), _instance.c.version == sa.bindparam("expected_version")
)
_GET_ITEM = sa.select(*tables.WORK_ITEM_COLUMNS).where(by_key(_item.c.id))
_LIST_OPEN = (
    sa.select(*tables.WORK_ITEM_COLUMNS)
    .where(by_key(_item.c.instance_id), _item.c.state == tables.OPEN)
    .order_by(_item.c.opened_at, _item.c.id)
)
_CLOSE_ITEM = sa.update(_item).where(by_key(_item.c.id), _item.c.state == tables.OPEN)
_LIST_HISTORY = (
    sa.select(_history).where(by_key(_history.c.instance_id)).order_by(_history.c.sequence)
)


class SqlProcessStore(Repository):
    """Keep processes as rows; an instance is written only over the version that was read."""

    def add_definition(self, digest: str, procedure_id: str, xml: bytes, at: datetime) -> None:
        """Keep a BPMN file under its SHA-256; adding it again changes nothing."""
        self._insert_once(
            _definition,
            {"digest": digest, "procedure_id": procedure_id, "xml": xml, "added_at": at},
        )

    def find_definition_xml(self, digest: str) -> bytes | None:
        """Return the BPMN file with this SHA-256, exactly as it was added."""
        return self._connection.execute(_FIND_XML, {"key": digest}).scalar_one_or_none()

    def add_instance(self, instance: StoredInstance) -> None:
        """Add a new instance.

        Raises:
            ConflictError: the business key already has a process of this procedure.
        """
        key = f"{instance.procedure_id} {instance.business_key}"
        with unique(ErrorCode.PROCESS_CONFLICT, key):
            self._insert(_instance, dict(vars(instance)))

    def get_instance(self, instance_id: InstanceId) -> StoredInstance:
        """Return one instance.

        Raises:
            NotFoundError: there is no such instance.
        """
        found = self._find(StoredInstance, _GET_INSTANCE, key=instance_id)
        return found or missing("instance", instance_id)

    def find_instance(self, procedure_id: str, business_key: str) -> StoredInstance | None:
        """Return the instance of `procedure_id` about `business_key`."""
        return self._find(
            StoredInstance, _FIND_INSTANCE, key=business_key, procedure_id=procedure_id
        )

    def update_instance(self, instance: StoredInstance, expected_version: int) -> None:
        """Replace the row of `instance` if it still has `expected_version`.

        Raises:
            ConflictError: no row has that version; code `PROCESS_CONFLICT`.
        """
        values = {**vars(instance), "key": instance.id, "expected_version": expected_version}
        if self._changed(_UPDATE_INSTANCE, values) == 0:
            raise ConflictError(
                f"instance {instance.id} is no longer {expected_version}",
                code=ErrorCode.PROCESS_CONFLICT,
            )

    def add_work_items(self, items: Sequence[WorkItem]) -> None:
        """Add open work items; none is allowed to exist."""
        if items:
            rows = [
                {**vars(item), "state": tables.OPEN, **vars(position)}
                for item, position in zip(
                    items, list_positions(self._connection, items), strict=True
                )
            ]
            self._insert(_item, rows)

    def close_work_item(self, item: WorkItem) -> None:
        """Record `closed_at`, `closed_by`, `closed_by_name` and `outcome` of `item`.

        Raises:
            ConflictError: code TASK_CLOSED; somebody was first.
        """
        values = {
            "key": item.id,
            "state": tables.CLOSED,
            "closed_at": item.closed_at,
            "closed_by": item.closed_by,
            "closed_by_name": item.closed_by_name,
            "outcome": item.outcome,
        }
        if self._changed(_CLOSE_ITEM, values) == 0:
            raise ConflictError(f"task {item.id} is closed", code=ErrorCode.TASK_CLOSED)

    def get_work_item(self, task_id: TaskId) -> WorkItem:
        """Return one work item, open or closed.

        Raises:
            NotFoundError: there is no such task; code `TASK_NOT_FOUND`.
        """
        found = self._find(WorkItem, _GET_ITEM, key=task_id)
        return found or missing("task", task_id, ErrorCode.TASK_NOT_FOUND)

    def list_open_work_items(self, instance_id: InstanceId) -> Sequence[WorkItem]:
        """Return the open work items of an instance, oldest first."""
        return self._list(WorkItem, _LIST_OPEN, key=instance_id)

    def add_history(self, entry: HistoryEntry) -> None:
        """Append one finished step; (instance, sequence) is unique."""
        self._insert(_history, dict(vars(entry)))
        mark_returned(self._connection, entry)

    def list_history(self, instance_id: InstanceId) -> Sequence[HistoryEntry]:
        """Return the finished steps of an instance, in order of `sequence`."""
        return self._list(HistoryEntry, _LIST_HISTORY, key=instance_id)
