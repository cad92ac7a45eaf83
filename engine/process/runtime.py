"""Start, move and end process instances; every step is one transaction of the caller.

`Processes` is what use cases see. How a step is made is in `stepping`, what the scheduler does in
`schedule`, versions in `deployment` and `migration`, work that is handed on in `reassignment`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from engine.calendar.working_time import WorkingCalendar
from engine.clock import local
from engine.deputising import Deputies
from engine.errors import ConflictError, NotFoundError
from engine.model.organisation import SYSTEM, Actor
from engine.process.admission import admit
from engine.process.codec import check_plain, decode
from engine.process.definitions import DefinitionCache
from engine.process.deployment import Deployment
from engine.process.library import Library
from engine.process.messages import correlation_of
from engine.process.migration import Migration
from engine.process.model import (
    NO_TASK,
    Countdown,
    HistoryEntry,
    InstanceId,
    InstanceStatus,
    Message,
    Plain,
    Procedure,
    StepResult,
    StoredInstance,
    TaskId,
    TaskRule,
    WorkItem,
)
from engine.process.nodes import NodeKind
from engine.process.places import message_entry, resume_entry
from engine.process.progress import NodeProgress, trace_progress
from engine.process.reassignment import Reassignment
from engine.process.schedule import Schedule
from engine.process.stepping import Stepper, find_started
from engine.process.steps import CANCELLED_OUTCOME, STARTED_OUTCOME, EnqueueJob, Step
from engine.process.store import ProcessStore
from engine.process.work_items import bad_write, check_writes

_NO_WRITES: Mapping[str, Plain] = {}


@dataclass(frozen=True)
class Processes:
    """Run the processes of the house over a store; holds no state of its own.

    Args:
        store: bound to the caller's transaction.
        procedures: by procedure id.
        definitions: shared by the whole operating-system process.
        calendar: of working time, for deadlines.
        enqueue: puts a job into the caller's transaction.
        deputies: know for whom people act in this transaction.
    """

    store: ProcessStore
    procedures: Mapping[str, Procedure]
    definitions: DefinitionCache
    calendar: WorkingCalendar
    enqueue: EnqueueJob
    deputies: Deputies = field(default_factory=Deputies)

    @cached_property
    def deployment(self) -> Deployment:
        """Return what puts versions into force."""
        return Deployment(
            store=self.store, procedures=self.procedures, definitions=self.definitions
        )

    @cached_property
    def migration(self) -> Migration:
        """Return what moves instances to another version."""
        return Migration(stepper=self._stepper)

    @cached_property
    def schedule(self) -> Schedule:
        """Return what does things when they are due."""
        return Schedule(stepper=self._stepper)

    @cached_property
    def reassignment(self) -> Reassignment:
        """Return what hands work on, takes it back and sends it back."""
        return Reassignment(stepper=self._stepper)

    @cached_property
    def _stepper(self) -> Stepper:
        library = Library(
            store=self.store, procedures=self.procedures, definitions=self.definitions
        )
        return Stepper(
            store=self.store,
            library=library,
            calendar=self.calendar,
            enqueue=self.enqueue,
            deputies=self.deputies,
        )

    def start(
        self,
        procedure_id: str,
        *,
        business_key: str,
        data: Mapping[str, Plain],
        actor: Actor,
        now: datetime,
        parent_id: InstanceId | None = None,
        parent_task_id: TaskId | None = None,
    ) -> StepResult:
        """Start a process about `business_key` on the version in force, and open its first tasks.

        Args:
            procedure_id: of one of the procedures.
            business_key: id of what it is about; one process of a procedure each.
            data: routing values, such as the agency and the people the rules name.
            actor: who starts it; the use case has checked that they may.
            now: aware UTC.
            parent_id: process this one belongs to.
            parent_task_id: task of the parent that is told when this one ends, or that takes it
                along when it ends itself.

        Raises:
            ConflictError: there is a process about `business_key` already.
            InvalidInputError: data is not plain, or a rule's key has no value in it.
        """
        if self.store.find_instance(procedure_id, business_key) is not None:
            raise ConflictError(f"{procedure_id} {business_key} exists")
        check_plain(data)
        return self._stepper.begin(
            self._stepper.library.current(procedure_id, now),
            procedure_id,
            business_key,
            data,
            Step(actor=actor, now=now, outcome=STARTED_OUTCOME),
            parent_id=parent_id,
            parent_task_id=parent_task_id,
        )

    def get_instance_id(self, procedure_id: str, business_key: str) -> InstanceId:
        """Return the id of the process about `business_key`.

        Raises:
            NotFoundError: there is none.
        """
        instance = self.store.find_instance(procedure_id, business_key)
        if instance is None:
            raise NotFoundError(f"no {procedure_id} about {business_key}")
        return instance.id

    def get_task(self, task_id: TaskId) -> WorkItem:
        """Return one task, open or closed.

        Raises:
            NotFoundError: there is no such task.
        """
        return self.store.get_work_item(task_id)

    def check_may_complete(self, task_id: TaskId, actor: Actor, *, use_case: str) -> WorkItem:
        """Check that `actor` may complete the task by `use_case` now, as holder or delegate.

        Raises:
            NotFoundError: there is no such task.
            ConflictError: it is closed; `params` say by whom and when (local time).
            NotPermittedError: another use case completes it, or it is somebody else's;
                `params["predicate"]` names what failed.
        """
        item = self.store.get_work_item(task_id)
        admit(self._stepper, item, actor, use_case)
        return item

    def complete(
        self,
        task_id: TaskId,
        actor: Actor,
        *,
        use_case: str,
        now: datetime,
        outcome: str,
        comment: str = "",
        writes: Mapping[str, Plain] = _NO_WRITES,
    ) -> StepResult:
        """Complete a task and open what comes next.

        Args:
            task_id: of an open task.
            actor: who completes it.
            use_case: name of the use case that does it.
            now: aware UTC.
            outcome: what was decided, such as `approved`.
            comment: opinion or reason, kept in the history only.
            writes: exactly the keys the task's rule names.

        Raises:
            NotFoundError, ConflictError, NotPermittedError: as `check_may_complete`; also a
                conflict when the process moved on meanwhile.
            InvalidInputError: `writes` are not those of the rule or not plain.
        """
        item = self.store.get_work_item(task_id)
        admit(self._stepper, item, actor, use_case, day=local(now).date())
        check_writes(writes, self._rule(item))
        instance = self._running(item.instance_id)
        step = Step(
            actor=actor,
            now=now,
            outcome=outcome,
            comment=comment,
            task_id=task_id,
            node_id=item.node_id,
            name=item.name,
            stand_in=self.deputies.find(actor.person_id),
        )
        return self._stepper.run(
            instance, step, lambda execution: execution.complete(task_id, writes), item=item
        )

    def complete_operation(
        self,
        instance_id: InstanceId,
        node_id: str,
        *,
        now: datetime,
        outcome: str = "",
        comment: str = "",
        writes: Mapping[str, Plain] = _NO_WRITES,
    ) -> StepResult:
        """Complete the waiting service task `node_id`; a job run twice fails the second time.

        Raises:
            NotFoundError: there is no such instance.
            ConflictError: the operation does not wait.
            InvalidInputError: `writes` are not those of the procedure or not plain.
        """
        instance = self._running(instance_id)
        allowed = self._stepper.library.procedure(instance.procedure_id).operation_writes
        for key in sorted(writes.keys() - allowed):
            raise bad_write(key)
        check_plain(writes)
        node = self._stepper.library.definition_of(instance).diagram.nodes.get(node_id)
        task_id = find_started(instance, node_id)
        is_operation = node is not None and node.kind is NodeKind.SERVICE_TASK
        if node is None or task_id is None or not is_operation:
            raise ConflictError(f"{node_id} of {instance_id} does not wait")
        step = Step(actor=SYSTEM, now=now, outcome=outcome, comment=comment).at(node, task_id)
        return self._stepper.run(
            instance, step, lambda execution: execution.complete(task_id, writes)
        )

    def cancel(
        self, instance_id: InstanceId, *, actor: Actor, now: datetime, reason: str
    ) -> StoredInstance:
        """End an instance before its time, with its open tasks; returns its new row.

        Raises:
            NotFoundError: there is no such instance.
            ConflictError: it does not run any more.
        """
        step = Step(actor=actor, now=now, outcome=CANCELLED_OUTCOME, comment=reason)
        return self._stepper.end(self._running(instance_id), step)

    def await_answers(self, instance_id: InstanceId, node_id: str, count: int) -> None:
        """Complete the operation `node_id` once it waits and `count` answers have come.

        Args:
            count: 1 or more; who waits for nobody does not wait.
        """
        if count < 1:
            raise ValueError(f"{node_id} of {instance_id} would wait for {count} answers")
        self.store.set_countdown(
            Countdown(
                instance_id=instance_id,
                node_id=node_id,
                task_id=NO_TASK,
                total=count,
                left=count,
            )
        )

    def count_answer(self, instance_id: InstanceId, node_id: str, now: datetime) -> int:
        """Count one answer and return how many are left; the last lets the scheduler go on."""
        countdown = self.store.count_answer(instance_id, node_id)
        if countdown is None:
            return 0
        if countdown.left == 0:
            self.store.add_due([resume_entry(countdown, now)])
        return countdown.left

    def start_children(
        self,
        task_id: TaskId,
        instance_id: InstanceId,
        node_id: str,
        children: Mapping[str, Mapping[str, Plain]],
        *,
        actor: Actor,
        now: datetime,
    ) -> Sequence[StepResult]:
        """Start one child for each of several things; the last to end resumes the call.

        Args:
            task_id: of the waiting call activity `node_id` of the instance.
            children: data by business key; at least one.

        Raises:
            ConflictError: the call does not wait, or its children are started already.
        """
        instance = self._running(instance_id)
        node = self._stepper.library.definition_of(instance).diagram.nodes[node_id]
        waits = any(t.id == task_id for t in decode(instance.state, instance.codec).tokens)
        if node.call is None or not waits or not children or self.store.list_children(task_id):
            raise ConflictError(f"{node_id} of {instance_id} starts no children now")
        count = len(children)
        self.store.set_countdown(
            Countdown(
                instance_id=instance_id, node_id=node_id, task_id=task_id, total=count, left=count
            )
        )
        return [
            self.start(
                node.call.procedure_id,
                business_key=business_key,
                data=data,
                actor=actor,
                now=now,
                parent_id=instance_id,
                parent_task_id=task_id,
            )
            for business_key, data in children.items()
        ]

    def send_message(
        self,
        name: str,
        *,
        message_id: str,
        correlation: Mapping[str, Plain],
        payload: Mapping[str, Plain],
        now: datetime,
    ) -> bool:
        """Send a message to the one instance that waits for it, now or later.

        Args:
            message_id: sending the same one twice delivers it once.
            correlation: values that say which instance is meant.
            payload: what it may carry; the receiver takes what it declares and no more.

        Returns:
            False when it was sent before.
        """
        check_plain(payload)
        message = Message(
            id=message_id,
            name=name,
            correlation=correlation_of(name, correlation),
            payload=payload,
            sent_at=now,
        )
        if not self.store.add_message(message):
            return False
        if self.store.find_subscription(message.correlation) is not None:
            self.store.add_due([message_entry(message, now)])
        return True

    def deliver_now(
        self, name: str, *, message_id: str, correlation: Mapping[str, Plain], now: datetime
    ) -> bool:
        """Send a message without payload to who waits for it, in this very step.

        For what must not be seen half done: the caller goes on with what the message opened.

        Returns:
            False when nobody waits for it, or it was sent before; nothing is kept then.
        """
        found = self.store.find_subscription(correlation_of(name, correlation))
        if found is None:
            return False
        message = Message(
            id=message_id, name=name, correlation=found.correlation, payload={}, sent_at=now
        )
        if not self.store.add_message(message):
            return False
        self.schedule.deliver(message, found, now)
        return True

    def list_open_tasks(self, procedure_id: str, business_key: str) -> Sequence[WorkItem]:
        """Return the open tasks of the process about `business_key`; none when there is none."""
        instance = self.store.find_instance(procedure_id, business_key)
        return self.store.list_open_work_items(instance.id) if instance is not None else ()

    def list_history(self, instance_id: InstanceId) -> Sequence[HistoryEntry]:
        """Return the finished steps of an instance, oldest first; the start is the first."""
        return self.store.list_history(instance_id)

    def describe(self, instance_id: InstanceId) -> Sequence[NodeProgress]:
        """Return every node of the diagram with its state: done, current or future.

        Raises:
            NotFoundError: there is no such instance.
        """
        instance = self.store.get_instance(instance_id)
        return trace_progress(
            self._stepper.library.definition_of(instance).diagram,
            self.store.list_history(instance_id),
            decode(instance.state, instance.codec),
            running=instance.status is InstanceStatus.RUNNING,
        )

    def get_diagram(self, instance_id: InstanceId) -> bytes:
        """Return the BPMN file the instance runs on, whatever ships today.

        Raises:
            NotFoundError: there is no such instance.
        """
        return self._stepper.library.definition_of(self.store.get_instance(instance_id)).xml

    def _running(self, instance_id: InstanceId) -> StoredInstance:
        return self._stepper.running(instance_id)

    def _rule(self, item: WorkItem) -> TaskRule:
        return self._stepper.library.rule(item.procedure_id, item.rule)
