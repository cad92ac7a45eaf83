"""Keep processes: definitions, instances, work items and history; what waits is in `waits`."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.organisation import PersonId
from engine.process.model import (
    HistoryEntry,
    InstanceId,
    InstanceStatus,
    StoredDefinition,
    StoredInstance,
    TaskId,
    WorkItem,
)
from storage.errors import unique
from storage.repositories.base import by_key, missing
from storage.repositories.waits import SqlWaits
from storage.step_tally import count_closed
from storage.tables import processes as tables
from storage.work_list import list_positions, mark_returned

_definition = tables.definition
_current = tables.current_definition
_instance = tables.instance
_item = tables.work_item
_history = tables.history

_FIND_DEFINITION = sa.select(_definition).where(by_key(_definition.c.digest))
_COUNT_DEFINITIONS = sa.select(sa.func.count()).where(by_key(_definition.c.procedure_id))
_FIND_CURRENT = sa.select(_current.c.digest).where(by_key(_current.c.procedure_id))
_SET_CURRENT = sa.update(_current).where(by_key(_current.c.procedure_id))
_LIST_CHILDREN = (
    sa.select(_instance)
    .where(by_key(_instance.c.parent_task_id))
    .order_by(_instance.c.created_at, _instance.c.id)
)
_LIST_RUNNING = (
    sa.select(_instance)
    .where(
        by_key(_instance.c.definition_digest),
        _instance.c.status == InstanceStatus.RUNNING,
        _instance.c.id > sa.bindparam("after"),
    )
    .order_by(_instance.c.id)
    .limit(sa.bindparam("limit"))
)
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
_UPDATE_ITEM = sa.update(_item).where(by_key(_item.c.id), _item.c.state == tables.OPEN)
_CLOSE_ITEM = sa.update(_item).where(by_key(_item.c.id), _item.c.state == tables.OPEN)
_LAST_HISTORY = (
    sa.select(_history)
    .where(
        by_key(_history.c.instance_id),
        _history.c.actor_id != sa.bindparam("without_actor"),
        _history.c.outcome != sa.bindparam("without_outcome"),
    )
    .order_by(_history.c.sequence.desc())
    .limit(1)
)
_LIST_HISTORY = (
    sa.select(_history).where(by_key(_history.c.instance_id)).order_by(_history.c.sequence)
)


#: What may change of a work item while it is open.
_CHANGING = (
    "rule",
    "name",
    "role",
    "agency_id",
    "unit_id",
    "person_id",
    "due_at",
    "alert",
    "escalated_role",
    "escalated_unit_id",
    "asked",
)


class SqlProcessStore(SqlWaits):
    """Keep processes as rows; an instance is written only over the version that was read."""

    def add_definition(self, definition: StoredDefinition) -> None:
        """Keep a version under its digest; adding it again changes nothing.

        Raises:
            ConflictError: its number was given to another version meanwhile.
        """
        key = f"{definition.procedure_id} {definition.number}"
        with unique(ErrorCode.PROCESS_CONFLICT, key):
            self._insert_once(_definition, dict(vars(definition)), key=[_definition.c.digest])

    def find_definition(self, digest: str) -> StoredDefinition | None:
        """Return the version with this digest, its files exactly as they were added."""
        return self._find(StoredDefinition, _FIND_DEFINITION, key=digest)

    def count_definitions(self, procedure_id: str) -> int:
        """Return how many versions of a procedure there are."""
        return self._connection.execute(_COUNT_DEFINITIONS, {"key": procedure_id}).scalar_one()

    def set_current(self, procedure_id: str, digest: str, at: datetime) -> None:
        """Start new instances of a procedure on this version from now on."""
        row = {"procedure_id": procedure_id, "digest": digest, "since": at}
        if not self._insert_once(_current, row):
            self._changed(_SET_CURRENT, {"key": procedure_id, "digest": digest, "since": at})

    def find_current_digest(self, procedure_id: str) -> str | None:
        """Return the version new instances start on; None before the first."""
        return self._connection.execute(_FIND_CURRENT, {"key": procedure_id}).scalar_one_or_none()

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

    def list_children(self, task_id: TaskId) -> Sequence[StoredInstance]:
        """Return the instances a task started, oldest first."""
        return self._list(StoredInstance, _LIST_CHILDREN, key=task_id)

    def list_running(
        self, digest: str, *, after: InstanceId | None = None, limit: int = 100
    ) -> Sequence[StoredInstance]:
        """Return running instances of a version in the order of their ids."""
        return self._list(
            StoredInstance, _LIST_RUNNING, key=digest, after=after or "", limit=limit
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

    def update_work_item(self, item: WorkItem) -> None:
        """Write who an open item waits for, its deadline, alert, label and count of opinions.

        Raises:
            ConflictError: code TASK_CLOSED; somebody was first.
        """
        values = {name: getattr(item, name) for name in _CHANGING} | {"key": item.id}
        if self._changed(_UPDATE_ITEM, values) == 0:
            raise ConflictError(f"task {item.id} is closed", code=ErrorCode.TASK_CLOSED)

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
        count_closed(self._connection, item)

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

    def find_last_history(
        self, instance_id: InstanceId, *, without_actor: PersonId, without_outcome: str
    ) -> HistoryEntry | None:
        """Return the last finished step but for those of one actor and those with one outcome."""
        return self._find(
            HistoryEntry,
            _LAST_HISTORY,
            key=instance_id,
            without_actor=without_actor,
            without_outcome=without_outcome,
        )

    def list_history(self, instance_id: InstanceId) -> Sequence[HistoryEntry]:
        """Return the finished steps of an instance, in order of `sequence`."""
        return self._list(HistoryEntry, _LIST_HISTORY, key=instance_id)
