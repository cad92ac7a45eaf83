"""Move an instance by one step and turn what changed into rows.

A step restores the instance, acts on it in memory, compares what waits before and after, and
writes the difference: work items for people, entries for the scheduler, subscriptions for
messages, children for calls, jobs for operations. The instance row is written over the version
that was read; zero rows written means that somebody was first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from engine.calendar.working_time import WorkingCalendar
from engine.deputising import Deputies
from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.process.codec import CODEC, TokenState, decode, encode
from engine.process.definitions import Definition
from engine.process.execution import Execution
from engine.process.library import Library
from engine.process.messages import correlation_of
from engine.process.model import (
    NO_TASK,
    Countdown,
    DueEntry,
    DueKind,
    InstanceId,
    InstanceStatus,
    Message,
    Plain,
    StepResult,
    StoredInstance,
    Subscription,
    TaskId,
    WorkItem,
)
from engine.process.nodes import Node, NodeKind
from engine.process.places import Place, message_entry, resume_entry
from engine.process.specs import ThrownMessage, pick
from engine.process.steps import (
    CANCELLED_OUTCOME,
    STARTED_OUTCOME,
    EnqueueJob,
    Step,
    StepFailedError,
)
from engine.process.store import ProcessStore
from engine.process.work_items import close_item

#: Processes that may stand above one another, each started by a call of the one before.
MAX_DEPTH = 8

Act = Callable[[Execution], None]


@dataclass
class _Written:
    """Collect what a step opens, so that each kind of row is written at once."""

    items: list[WorkItem] = field(default_factory=list)
    due: list[DueEntry] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    operations: list[tuple[TaskId, Node]] = field(default_factory=list)
    calls: list[tuple[TaskId, Node]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Stepper:
    """Run steps over a store; holds no state of its own.

    Args:
        store: bound to the caller's transaction.
        library: over the same store.
        calendar: of working time.
        enqueue: puts a job into the caller's transaction.
        deputies: know for whom people act in this transaction.
    """

    store: ProcessStore
    library: Library
    calendar: WorkingCalendar
    enqueue: EnqueueJob
    deputies: Deputies = field(default_factory=Deputies)

    def begin(
        self,
        definition: Definition,
        procedure_id: str,
        business_key: str,
        data: Mapping[str, Plain],
        step: Step,
        *,
        parent_id: InstanceId | None = None,
        parent_task_id: TaskId | None = None,
    ) -> StepResult:
        """Start an instance and write what it opens; arguments as `Processes.start`."""
        execution = Execution.begin(definition, data)
        instance = StoredInstance(
            id=InstanceId(str(uuid4())),
            definition_digest=definition.digest,
            procedure_id=procedure_id,
            business_key=business_key,
            parent_id=parent_id,
            parent_task_id=parent_task_id,
            version=0,
            codec=CODEC,
            state=b"",
            status=InstanceStatus.RUNNING,
            created_at=step.now,
            updated_at=step.now,
        )
        started = _moved(instance, execution, step.now)
        # Found out before anything is written: a task for nobody is never opened.
        opened = self._collect(started, execution, {})
        self.store.add_instance(started)
        here = step.at(definition.start_node())
        return self._write(instance, started, execution, opened, here)

    def run(
        self, instance: StoredInstance, step: Step, act: Act, *, item: WorkItem | None = None
    ) -> StepResult:
        """Act on an instance and write what changed.

        Args:
            item: of the task that is completed, if the caller has read it.

        Raises:
            ConflictError: the instance moved on, or what `act` needs does not wait.
            StepFailedError: the process cannot go on; nothing may be committed.
        """
        try:
            return self._run(instance, step, act, item)
        except StepFailedError:
            raise
        except InvalidInputError as error:
            raise StepFailedError(error, instance.id, step.node_id) from error

    def _run(
        self, instance: StoredInstance, step: Step, act: Act, item: WorkItem | None
    ) -> StepResult:
        definition = self.library.definition_of(instance)
        execution = Execution.restore(definition, decode(instance.state, instance.codec))
        before = execution.waiting()
        act(execution)
        moved = _moved(instance, execution, step.now)
        opened = self._collect(moved, execution, before)
        self.store.update_instance(moved, instance.version)
        for task_id in before.keys() - execution.waiting().keys():
            known = item if item is not None and item.id == task_id else None
            self._close(instance, definition.diagram.nodes[before[task_id]], task_id, step, known)
        return self._write(instance, moved, execution, opened, step)

    def note(self, instance: StoredInstance, step: Step, data: Mapping[str, Plain]) -> None:
        """Write process data and a line of history; no token moves."""
        snapshot = decode(instance.state, instance.codec)
        noted = replace(
            instance,
            version=instance.version + 1,
            codec=CODEC,
            state=encode(replace(snapshot, data={**snapshot.data, **data})),
            updated_at=step.now,
        )
        self.store.update_instance(noted, instance.version)
        self.store.add_history(step.entry(instance))

    def end(self, instance: StoredInstance, step: Step) -> StoredInstance:
        """End an instance before its time, with all it waits for and all it has called."""
        ended = replace(
            instance,
            version=instance.version + 1,
            status=InstanceStatus.CANCELLED,
            updated_at=step.now,
        )
        self.store.update_instance(ended, instance.version)
        diagram = self.library.definition_of(instance).diagram
        for item in self.store.list_open_work_items(instance.id):
            self.store.close_work_item(close_item(item, step.actor, step.now, step.outcome))
        for token in decode(instance.state, instance.codec).tokens:
            self._end_children(token.id, step)
        self.store.remove_due(instance.id)
        self.store.remove_subscriptions(instance.id)
        here = replace(step, node_id=diagram.process_id, name=diagram.name)
        self.store.add_history(here.entry(instance))
        self._tell_parent(ended, step.follow_at)
        return ended

    def place(
        self, instance: StoredInstance, node: Node, task_id: TaskId, data: Mapping[str, Plain]
    ) -> Place:
        """Return a place where a token of the instance waits."""
        return Place(
            instance=instance,
            node=node,
            events=self.library.definition_of(instance).diagram.events_on(node.id),
            task_id=task_id,
            data=data,
            calendar=self.calendar,
        )

    def running(self, instance_id: InstanceId) -> StoredInstance:
        """Return an instance that runs.

        Raises:
            NotFoundError: there is no such instance.
            ConflictError: it has ended.
        """
        instance = self.store.get_instance(instance_id)
        if instance.status is not InstanceStatus.RUNNING:
            raise ConflictError(f"instance {instance_id} is {instance.status}")
        return instance

    def subscribe(
        self,
        subscriptions: Sequence[Subscription],
        now: datetime,
        *,
        take_at: datetime | None = None,
    ) -> None:
        """Wait for messages; one that came before is taken by the scheduler.

        Args:
            take_at: when it is taken; `now` unless told.
        """
        for subscription in subscriptions:
            self.store.add_subscription(subscription, now)
            kept = self.store.find_kept_message(subscription.correlation)
            if kept is not None:
                self.store.add_due([message_entry(kept, take_at or now)])

    def _collect(
        self, moved: StoredInstance, execution: Execution, before: Mapping[TaskId, str]
    ) -> _Written:
        definition, data = self.library.definition_of(moved), execution.data
        opened = _Written()
        for task_id, node_id in execution.waiting().items():
            if task_id not in before:
                self._open(moved, definition.diagram.nodes[node_id], task_id, data, opened)
        return opened

    def _write(
        self,
        before_row: StoredInstance,
        moved: StoredInstance,
        execution: Execution,
        written: _Written,
        step: Step,
    ) -> StepResult:
        self.store.add_work_items(written.items)
        for task_id, node in written.operations:
            self._open_operation(moved, node, task_id, written)
        if written.due:
            self.store.add_due(_paced(written.due, step))
        self.subscribe(written.subscriptions, step.now, take_at=step.follow_at)
        for task_id, node in written.calls:
            self._call(moved, node, task_id, execution.data, step)
        self.store.add_history(step.entry(before_row))
        self._send(moved, execution.thrown, step)
        if moved.status is InstanceStatus.COMPLETED:
            self._tell_parent(moved, step.follow_at)
        return StepResult(
            instance_id=moved.id,
            opened=written.items,
            operations=[node.id for _task_id, node in written.operations],
            status=moved.status,
        )

    def _open(
        self,
        instance: StoredInstance,
        node: Node,
        task_id: TaskId,
        data: Mapping[str, Plain],
        written: _Written,
    ) -> None:
        place = self.place(instance, node, task_id, data)
        written.due += place.event_entries()
        written.subscriptions += place.subscriptions()
        if node.work is not None:
            item = place.work_item(self.library.rule(instance.procedure_id, node.work.rule))
            written.items.append(item)
            written.due += place.alert_entries(item)
        elif node.call is not None and not node.call.many:
            written.calls.append((task_id, node))
        elif node.kind in {NodeKind.SERVICE_TASK, NodeKind.CALL}:
            written.operations.append((task_id, node))

    def _open_operation(
        self, instance: StoredInstance, node: Node, task_id: TaskId, written: _Written
    ) -> None:
        job = self.library.procedure(instance.procedure_id).operations.get(node.id, "")
        if job:
            payload = {"business_key": instance.business_key, "instance_id": instance.id}
            self.enqueue(job, f"{job}:{task_id}", payload)
        # Answers may all have come before the node that waits for them was reached.
        countdown = self.store.find_countdown(instance.id, node.id)
        if countdown is not None and not countdown.task_id and countdown.left == 0:
            written.due.append(resume_entry(countdown, instance.updated_at))

    def _call(
        self,
        instance: StoredInstance,
        node: Node,
        task_id: TaskId,
        data: Mapping[str, Plain],
        step: Step,
    ) -> None:
        if node.call is None:
            return
        self._check_depth(instance)
        counted = Countdown(
            instance_id=instance.id, node_id=node.id, task_id=task_id, total=1, left=1
        )
        self.store.set_countdown(counted)
        self.begin(
            self.library.current(node.call.procedure_id, step.now),
            node.call.procedure_id,
            task_id,
            pick(data, node.call.passes),
            Step(actor=step.actor, now=step.now, outcome=STARTED_OUTCOME, is_paced=step.is_paced),
            parent_id=instance.id,
            parent_task_id=task_id,
        )

    def _check_depth(self, instance: StoredInstance) -> None:
        """Check that calls do not go on for ever, as in a procedure that calls itself."""
        depth, above = 1, instance
        while above.parent_id is not None and above.parent_task_id is not None:
            depth, above = depth + 1, self.store.get_instance(above.parent_id)
        if depth >= MAX_DEPTH:
            raise InvalidInputError(
                f"{instance.procedure_id} calls more than {MAX_DEPTH} deep",
                code=ErrorCode.PROCESS_INVALID,
            )

    def _close(
        self,
        instance: StoredInstance,
        node: Node,
        task_id: TaskId,
        step: Step,
        known: WorkItem | None,
    ) -> None:
        """Drop what a task that waits no longer had on the lists of people and of the house."""
        waits = node.event is not None or bool(
            self.library.definition_of(instance).diagram.events_on(node.id)
        )
        if node.kind is NodeKind.USER_TASK:
            item = known or self.store.get_work_item(task_id)
            self.store.close_work_item(close_item(item, step.actor, step.now, step.outcome))
            waits = waits or item.due_at is not None
            if item.asked:
                self._end_children(task_id, step)
        if waits:
            self.store.remove_due(instance.id, task_id)
            self.store.remove_subscriptions(instance.id, task_id)

    def _end_children(self, task_id: TaskId, step: Step) -> None:
        # The task and what was said of it are the parent's.
        ended = replace(step, outcome=CANCELLED_OUTCOME, comment="", task_id=NO_TASK)
        for child in self.store.list_children(task_id):
            if child.status is InstanceStatus.RUNNING:
                self.end(child, ended)

    def _send(self, instance: StoredInstance, thrown: Sequence[ThrownMessage], step: Step) -> None:
        for number, each in enumerate(thrown):
            message = Message(
                id=f"{instance.id}:{instance.version}:{number}",
                name=each.name,
                correlation=correlation_of(each.name, each.correlation),
                payload=each.payload,
                sent_at=step.now,
                sent_by=instance.id,
            )
            self.store.add_message(message)
            self.store.add_due([message_entry(message, step.follow_at)])

    def _tell_parent(self, ended: StoredInstance, at: datetime) -> None:
        """Count an ended child; the last one lets the scheduler resume the parent."""
        if ended.parent_task_id is None:
            return
        countdown = self.store.count_child(ended.parent_task_id)
        if countdown is not None and countdown.left == 0:
            self.store.add_due([resume_entry(countdown, at)])


def _paced(entries: Sequence[DueEntry], step: Step) -> Sequence[DueEntry]:
    """Return entries that keep what the house does from going round without a pause."""
    paced = {DueKind.EVENT, DueKind.RESUME}
    return [
        replace(entry, due_at=max(entry.due_at, step.follow_at))
        if entry.kind in paced and entry.due_at <= step.now
        else entry
        for entry in entries
    ]


def find_started(instance: StoredInstance, node_id: str) -> TaskId | None:
    """Return the task of an operation, event or call that waits for the house."""
    for token in decode(instance.state, instance.codec).tokens:
        if token.node == node_id and token.state is TokenState.STARTED:
            return token.id
    return None


def _moved(instance: StoredInstance, execution: Execution, now: datetime) -> StoredInstance:
    completed, snapshot = execution.is_completed, execution.snapshot()
    # Which ends were reached is kept, not how often: the state must not grow with rework.
    kept = replace(snapshot, ends=tuple(dict.fromkeys(snapshot.ends)))
    return replace(
        instance,
        version=instance.version + 1,
        codec=CODEC,
        state=encode(kept),
        status=InstanceStatus.COMPLETED if completed else InstanceStatus.RUNNING,
        updated_at=now,
    )
