"""Keep processes in memory, with the same rules as the real store."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from engine.errors import ConflictError, ErrorCode, NotFoundError
from engine.model.organisation import PersonId
from engine.process.model import (
    ALERT_KINDS,
    Countdown,
    DueEntry,
    DueKind,
    HistoryEntry,
    Incident,
    InstanceId,
    InstanceStatus,
    Message,
    StoredDefinition,
    StoredInstance,
    Subscription,
    TaskId,
    WorkItem,
)


class FakeProcessStore:
    """Fake of `engine.process.store.ProcessStore`."""

    def __init__(self) -> None:
        self.definitions: dict[str, StoredDefinition] = {}
        self.current: dict[str, str] = {}
        self.instances: dict[InstanceId, StoredInstance] = {}
        self.items: dict[TaskId, WorkItem] = {}
        self.due: dict[str, DueEntry] = {}
        self.subscriptions: list[tuple[datetime, Subscription]] = []
        self.messages: dict[str, Message] = {}
        self.countdowns: dict[tuple[InstanceId, str], Countdown] = {}
        self.incidents: dict[str, Incident] = {}
        self.history: list[HistoryEntry] = []

    def add_definition(self, definition: StoredDefinition) -> None:
        if definition.digest in self.definitions:
            return
        key = (definition.procedure_id, definition.number)
        if key in {(held.procedure_id, held.number) for held in self.definitions.values()}:
            raise ConflictError(f"{key} is taken", code=ErrorCode.PROCESS_CONFLICT)
        self.definitions[definition.digest] = definition

    def find_definition(self, digest: str) -> StoredDefinition | None:
        return self.definitions.get(digest)

    def count_definitions(self, procedure_id: str) -> int:
        return sum(d.procedure_id == procedure_id for d in self.definitions.values())

    def set_current(self, procedure_id: str, digest: str, at: datetime) -> None:
        self.current[procedure_id] = digest

    def find_current_digest(self, procedure_id: str) -> str | None:
        return self.current.get(procedure_id)

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

    def list_children(self, task_id: TaskId) -> Sequence[StoredInstance]:
        found = [i for i in self.instances.values() if i.parent_task_id == task_id]
        return sorted(found, key=lambda child: (child.created_at, child.id))

    def list_running(
        self, digest: str, *, after: InstanceId | None = None, limit: int = 100
    ) -> Sequence[StoredInstance]:
        found = [
            instance
            for instance in self.instances.values()
            if instance.definition_digest == digest
            and instance.status is InstanceStatus.RUNNING
            and instance.id > (after or "")
        ]
        return sorted(found, key=lambda instance: instance.id)[:limit]

    def add_work_items(self, items: Sequence[WorkItem]) -> None:
        self.items.update({item.id: item for item in items})

    def update_work_item(self, item: WorkItem) -> None:
        if self.items[item.id].closed_at is not None:
            raise ConflictError(f"task {item.id} is closed", code=ErrorCode.TASK_CLOSED)
        self.items[item.id] = item

    def close_work_item(self, item: WorkItem) -> None:
        if self.items[item.id].closed_at is not None:
            raise ConflictError(f"task {item.id} is closed", code=ErrorCode.TASK_CLOSED)
        self.items[item.id] = item

    def get_work_item(self, task_id: TaskId) -> WorkItem:
        if task_id not in self.items:
            raise NotFoundError(f"no task {task_id}", code=ErrorCode.TASK_NOT_FOUND)
        return self.items[task_id]

    def list_open_work_items(self, instance_id: InstanceId) -> Sequence[WorkItem]:
        found = [
            item
            for item in self.items.values()
            if item.instance_id == instance_id and item.closed_at is None
        ]
        return sorted(found, key=lambda item: (item.opened_at, item.id))

    def add_due(self, entries: Sequence[DueEntry]) -> None:
        self.due.update({entry.id: entry for entry in entries})

    def list_due(self, now: datetime, limit: int) -> Sequence[DueEntry]:
        found = [entry for entry in self.due.values() if entry.due_at <= now]
        return sorted(found, key=lambda entry: (entry.due_at, entry.id))[:limit]

    def find_due(self, entry_id: str) -> DueEntry | None:
        return self.due.get(entry_id)

    def take_due(self, entry_id: str) -> bool:
        return self.due.pop(entry_id, None) is not None

    def put_off_due(self, entry: DueEntry) -> None:
        held = self.due.get(entry.id)
        if held is not None:
            self.due[entry.id] = replace(held, due_at=entry.due_at, tries=entry.tries)

    def remove_due(self, instance_id: InstanceId, task_id: TaskId | None = None) -> None:
        self.due = {
            entry.id: entry
            for entry in self.due.values()
            if entry.instance_id != instance_id
            or entry.kind is DueKind.MESSAGE
            or task_id not in {None, entry.task_id}
        }

    def remove_alerts(self, instance_id: InstanceId, task_id: TaskId) -> None:
        self.due = {
            entry.id: entry
            for entry in self.due.values()
            if (entry.instance_id, entry.task_id) != (instance_id, task_id)
            or entry.kind not in ALERT_KINDS
        }

    def add_subscription(self, subscription: Subscription, at: datetime) -> None:
        self.subscriptions.append((at, subscription))

    def find_subscription(self, correlation: str) -> Subscription | None:
        found = [
            (at, s.task_id, s) for at, s in self.subscriptions if s.correlation == correlation
        ]
        return min(found, key=lambda each: each[:2])[2] if found else None

    def remove_subscriptions(
        self, instance_id: InstanceId, task_id: TaskId | None = None, node_id: str | None = None
    ) -> None:
        def is_meant(held: Subscription) -> bool:
            return (
                held.instance_id == instance_id
                and task_id in {None, held.task_id}
                and node_id in {None, held.node_id}
            )

        self.subscriptions = [(at, s) for at, s in self.subscriptions if not is_meant(s)]

    def add_message(self, message: Message) -> bool:
        is_new = message.id not in self.messages
        self.messages.setdefault(message.id, message)
        return is_new

    def get_message(self, message_id: str) -> Message:
        if message_id not in self.messages:
            raise NotFoundError(f"no message {message_id}", code=ErrorCode.PROCESS_UNKNOWN)
        return self.messages[message_id]

    def find_kept_message(self, correlation: str) -> Message | None:
        found = [
            message
            for message in self.messages.values()
            if message.correlation == correlation and message.delivered_to is None
        ]
        return min(found, key=lambda message: (message.sent_at, message.id), default=None)

    def deliver_message(self, message_id: str, instance_id: InstanceId, at: datetime) -> bool:
        message = self.messages[message_id]
        if message.delivered_to is not None:
            return False
        self.messages[message_id] = replace(message, delivered_to=instance_id, delivered_at=at)
        return True

    def set_countdown(self, countdown: Countdown) -> None:
        self.countdowns[countdown.instance_id, countdown.node_id] = countdown

    def find_countdown(self, instance_id: InstanceId, node_id: str) -> Countdown | None:
        return self.countdowns.get((instance_id, node_id))

    def count_answer(self, instance_id: InstanceId, node_id: str) -> Countdown | None:
        return self._count(lambda c: (c.instance_id, c.node_id) == (instance_id, node_id))

    def count_child(self, task_id: TaskId) -> Countdown | None:
        return self._count(lambda countdown: countdown.task_id == task_id)

    def _count(self, is_meant: Callable[[Countdown], bool]) -> Countdown | None:
        for key, countdown in self.countdowns.items():
            if is_meant(countdown) and countdown.left > 0:
                self.countdowns[key] = replace(countdown, left=countdown.left - 1)
                return self.countdowns[key]
        return None

    def find_incident(
        self, instance_id: InstanceId, node_id: str, entry_id: str
    ) -> Incident | None:
        found = [
            incident
            for incident in self.incidents.values()
            if (incident.instance_id, incident.node_id, incident.entry_id)
            == (instance_id, node_id, entry_id)
            and incident.closed_at is None
        ]
        return max(found, key=lambda incident: incident.opened_at, default=None)

    def get_incident(self, incident_id: str) -> Incident:
        if incident_id not in self.incidents:
            raise NotFoundError(f"no incident {incident_id}", code=ErrorCode.PROCESS_UNKNOWN)
        return self.incidents[incident_id]

    def add_incident(self, incident: Incident) -> None:
        self.incidents[incident.id] = incident

    def save_incident(self, incident: Incident) -> None:
        if incident.id in self.incidents:
            self.incidents[incident.id] = incident

    def add_history(self, entry: HistoryEntry) -> None:
        self.history.append(entry)

    def find_last_history(
        self, instance_id: InstanceId, *, without_actor: PersonId, without_outcome: str
    ) -> HistoryEntry | None:
        found = [
            entry
            for entry in self.list_history(instance_id)
            if entry.actor_id != without_actor and entry.outcome != without_outcome
        ]
        return found[-1] if found else None

    def list_history(self, instance_id: InstanceId) -> Sequence[HistoryEntry]:
        found = [entry for entry in self.history if entry.instance_id == instance_id]
        return sorted(found, key=lambda entry: entry.sequence)
