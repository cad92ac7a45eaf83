"""Keep processes in memory, with the same rules as the real store."""

from collections.abc import Sequence
from datetime import datetime

from engine.errors import ConflictError, ErrorCode, NotFoundError
from engine.process.model import HistoryEntry, InstanceId, StoredInstance, TaskId, WorkItem


class FakeProcessStore:
    """Fake of `engine.process.store.ProcessStore`."""

    def __init__(self) -> None:
        self.definitions: dict[str, bytes] = {}
        self.instances: dict[InstanceId, StoredInstance] = {}
        self.items: dict[TaskId, WorkItem] = {}
        self.history: list[HistoryEntry] = []

    def add_definition(self, digest: str, procedure_id: str, xml: bytes, at: datetime) -> None:
        self.definitions.setdefault(digest, xml)

    def find_definition_xml(self, digest: str) -> bytes | None:
        return self.definitions.get(digest)

    def add_instance(self, instance: StoredInstance) -> None:
        if self.find_instance(instance.procedure_id, instance.business_key) is not None:
            raise ConflictError(f"{instance.procedure_id} {instance.business_key} exists")
        self.instances[instance.id] = instance

    def get_instance(self, instance_id: InstanceId) -> StoredInstance:
        if instance_id not in self.instances:
            raise NotFoundError(f"no instance {instance_id}")
        return self.instances[instance_id]

    def find_instance(self, procedure_id: str, business_key: str) -> StoredInstance | None:
        return next(
            (
                instance
                for instance in self.instances.values()
                if (instance.procedure_id, instance.business_key) == (procedure_id, business_key)
            ),
            None,
        )

    def update_instance(self, instance: StoredInstance, expected_version: int) -> None:
        held = self.instances.get(instance.id)
        if held is None or held.version != expected_version:
            raise ConflictError(
                f"instance {instance.id} moved on", code=ErrorCode.PROCESS_CONFLICT
            )
        self.instances[instance.id] = instance

    def add_work_items(self, items: Sequence[WorkItem]) -> None:
        self.items.update({item.id: item for item in items})

    def close_work_item(self, item: WorkItem) -> None:
        self.items[item.id] = item

    def get_work_item(self, task_id: TaskId) -> WorkItem:
        if task_id not in self.items:
            raise NotFoundError(f"no task {task_id}", code=ErrorCode.TASK_NOT_FOUND)
        return self.items[task_id]

    def list_open_work_items(self, instance_id: InstanceId) -> Sequence[WorkItem]:
        return [
            item
            for item in self.items.values()
            if item.instance_id == instance_id and item.closed_at is None
        ]

    def add_history(self, entry: HistoryEntry) -> None:
        self.history.append(entry)

    def list_history(self, instance_id: InstanceId) -> Sequence[HistoryEntry]:
        return [entry for entry in self.history if entry.instance_id == instance_id]
