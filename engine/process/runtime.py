"""Start, move and end process instances; every step is one transaction of the caller.

A step reads the instance row, restores it, checks that the task waits and that the actor may act,
runs it, turns what changed into work items, and writes the row back under its version. Zero rows
written means that somebody was first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotFoundError
from engine.model.organisation import SYSTEM, Actor
from engine.process.codec import CODEC, TokenState, check_plain, decode, encode
from engine.process.definitions import Definition, DefinitionCache
from engine.process.execution import Execution
from engine.process.model import (
    HistoryEntry,
    InstanceId,
    InstanceStatus,
    Plain,
    Procedure,
    StepResult,
    StoredInstance,
    TaskId,
    TaskRule,
    WorkItem,
)
from engine.process.progress import NodeProgress, trace_progress
from engine.process.store import ProcessStore
from engine.process.work_items import bad_write, check_actor, check_writes, close_item, open_item

STARTED_OUTCOME = "started"
CANCELLED_OUTCOME = "cancelled"

_NO_WRITES: Mapping[str, Plain] = {}


@dataclass(frozen=True, kw_only=True)
class Processes:
    """Run the processes of the house over a store; holds no state of its own.

    Args:
        store: bound to the caller's transaction.
        procedures: by procedure id.
        definitions: shared by the whole operating-system process.
    """

    store: ProcessStore
    procedures: Mapping[str, Procedure]
    definitions: DefinitionCache

    def start(
        self,
        procedure_id: str,
        *,
        business_key: str,
        data: Mapping[str, Plain],
        actor: Actor,
        now: datetime,
        parent_id: InstanceId | None = None,
    ) -> StepResult:
        """Start a process about `business_key` and open its first tasks.

        Args:
            procedure_id: of one of the procedures.
            business_key: id of what it is about; one process of a procedure each.
            data: routing values, such as the agency and the people the rules name.
            actor: who starts it; the use case has checked that they may.
            now: aware UTC.
            parent_id: process that waits for this one.

        Raises:
            ConflictError: there is a process about `business_key` already.
            InvalidInputError: data is not plain, or a rule's key has no value in it.
        """
        if self.store.find_instance(procedure_id, business_key) is not None:
            raise ConflictError(f"{procedure_id} {business_key} exists")
        check_plain(data)
        definition = self.definitions.deploy(self._procedure(procedure_id))
        execution = Execution.begin(definition, data)
        instance = StoredInstance(
            id=InstanceId(str(uuid4())),
            definition_digest=definition.digest,
            procedure_id=procedure_id,
            business_key=business_key,
            parent_id=parent_id,
            version=0,
            codec=CODEC,
            state=b"",
            status=InstanceStatus.RUNNING,
            created_at=now,
            updated_at=now,
        )
        step = _Step(actor=actor, now=now, outcome=STARTED_OUTCOME)
        started = _moved(instance, execution, step)
        opened = self._open_items(started, definition, execution, frozenset())
        self.store.add_definition(definition.digest, procedure_id, definition.xml, now)
        self.store.add_instance(started)
        self.store.add_work_items(opened)
        start = definition.start_node()
        self.store.add_history(step.entry(instance, TaskId(""), start.id, start.name))
        return _result(started, opened, execution, frozenset())

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
        """Check that `actor` may complete the task by `use_case` now.

        Raises:
            NotFoundError: there is no such task.
            ConflictError: it is closed; `params` say by whom and when (local time).
            NotPermittedError: another use case completes it, or it is somebody else's;
                `params["predicate"]` names what failed.
        """
        item = self.store.get_work_item(task_id)
        check_actor(item, self._rule(item.procedure_id, item.node_id), actor, use_case)
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
        item = self.check_may_complete(task_id, actor, use_case=use_case)
        check_writes(writes, self._rule(item.procedure_id, item.node_id))
        instance = self._running(item.instance_id)
        step = _Step(actor=actor, now=now, outcome=outcome, comment=comment)
        return self._move(
            instance, task_id=task_id, node_id=item.node_id, writes=writes, step=step, item=item
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
        allowed = self._procedure(instance.procedure_id).operation_writes
        for key in sorted(writes.keys() - allowed):
            raise bad_write(key)
        check_plain(writes)
        for token in decode(instance.state, instance.codec).tokens:
            if token.node == node_id and token.state is TokenState.STARTED:
                step = _Step(actor=SYSTEM, now=now, outcome=outcome, comment=comment)
                return self._move(
                    instance, task_id=token.id, node_id=node_id, writes=writes, step=step
                )
        raise ConflictError(f"{node_id} of {instance_id} does not wait")

    def cancel(
        self, instance_id: InstanceId, *, actor: Actor, now: datetime, reason: str
    ) -> StoredInstance:
        """End an instance before its time and close its open tasks; returns its new row.

        Raises:
            NotFoundError: there is no such instance.
            ConflictError: it does not run any more.
        """
        instance = self._running(instance_id)
        ended = replace(
            instance,
            version=instance.version + 1,
            status=InstanceStatus.CANCELLED,
            updated_at=now,
        )
        self.store.update_instance(ended, instance.version)
        for item in self.store.list_open_work_items(instance_id):
            self.store.close_work_item(close_item(item, actor, now, CANCELLED_OUTCOME))
        diagram = self._definition(instance).diagram
        step = _Step(actor=actor, now=now, outcome=CANCELLED_OUTCOME, comment=reason)
        self.store.add_history(step.entry(instance, TaskId(""), diagram.process_id, diagram.name))
        return ended

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
            self._definition(instance).list_nodes(),
            self.store.list_history(instance_id),
            decode(instance.state, instance.codec),
            running=instance.status is InstanceStatus.RUNNING,
        )

    def get_diagram(self, instance_id: InstanceId) -> bytes:
        """Return the BPMN file the instance runs on, whatever ships today.

        Raises:
            NotFoundError: there is no such instance.
        """
        return self._definition(self.store.get_instance(instance_id)).xml

    def _move(
        self,
        instance: StoredInstance,
        *,
        task_id: TaskId,
        node_id: str,
        writes: Mapping[str, Plain],
        step: "_Step",
        item: WorkItem | None = None,
    ) -> StepResult:
        """Run the one step that completing `task_id` is; `item` is None for an operation."""
        definition = self._definition(instance)
        execution = Execution.restore(definition, decode(instance.state, instance.codec))
        before = execution.waiting_ids()
        execution.complete(task_id, writes)
        moved = _moved(instance, execution, step)
        opened = self._open_items(moved, definition, execution, before)
        self.store.update_instance(moved, instance.version)
        if item is not None:
            self.store.close_work_item(close_item(item, step.actor, step.now, step.outcome))
        self.store.add_work_items(opened)
        node = definition.diagram.nodes[node_id]
        self.store.add_history(step.entry(instance, task_id, node_id, node.name))
        return _result(moved, opened, execution, before)

    def _open_items(
        self,
        instance: StoredInstance,
        definition: Definition,
        execution: Execution,
        before: frozenset[TaskId],
    ) -> list[WorkItem]:
        data = execution.data
        return [
            open_item(
                task_id,
                definition.diagram.nodes[node_id],
                self._rule(instance.procedure_id, node_id),
                instance,
                data,
            )
            for task_id, node_id in execution.list_ready().items()
            if task_id not in before
        ]

    def _running(self, instance_id: InstanceId) -> StoredInstance:
        instance = self.store.get_instance(instance_id)
        if instance.status is not InstanceStatus.RUNNING:
            raise ConflictError(f"instance {instance_id} is {instance.status}")
        return instance

    def _procedure(self, procedure_id: str) -> Procedure:
        procedure = self.procedures.get(procedure_id)
        if procedure is None:
            raise InvalidInputError(f"no procedure {procedure_id!r}")
        return procedure

    def _rule(self, procedure_id: str, node_id: str) -> TaskRule:
        rule = self._procedure(procedure_id).tasks.get(node_id)
        if rule is None:
            # An old version had a task that no use case of this release completes.
            raise InvalidInputError(
                f"{procedure_id} has no rule for {node_id}", code=ErrorCode.PROCESS_INVALID
            )
        return rule

    def _definition(self, instance: StoredInstance) -> Definition:
        """Return the version the instance started with, from memory or from the store."""
        digest = instance.definition_digest
        found = self.definitions.find(digest)
        if found is not None:
            return found
        xml = self.store.find_definition_xml(digest)
        if xml is None:
            raise InvalidInputError(f"no definition {digest}", code=ErrorCode.PROCESS_INVALID)
        return self.definitions.load(xml, expected_digest=digest)


@dataclass(frozen=True, kw_only=True)
class _Step:
    """Hold who does a step, when, and what was decided."""

    actor: Actor
    now: datetime
    outcome: str
    comment: str = ""

    def entry(
        self, before: StoredInstance, task_id: TaskId, node_id: str, name: str
    ) -> HistoryEntry:
        # Each step adds one to the version and one entry, so the old version is the sequence.
        return HistoryEntry(
            instance_id=before.id,
            sequence=before.version,
            task_id=task_id,
            node_id=node_id,
            name=name,
            actor_id=self.actor.person_id,
            actor_name=self.actor.full_name,
            at=self.now,
            outcome=self.outcome,
            comment=self.comment,
        )


def _moved(instance: StoredInstance, execution: Execution, step: _Step) -> StoredInstance:
    completed = execution.is_completed
    return replace(
        instance,
        version=instance.version + 1,
        codec=CODEC,
        state=encode(execution.snapshot()),
        status=InstanceStatus.COMPLETED if completed else InstanceStatus.RUNNING,
        updated_at=step.now,
    )


def _result(
    instance: StoredInstance,
    opened: Sequence[WorkItem],
    execution: Execution,
    before: frozenset[TaskId],
) -> StepResult:
    started = execution.list_started().items()
    return StepResult(
        instance_id=instance.id,
        opened=opened,
        operations=[node_id for task_id, node_id in started if task_id not in before],
        status=instance.status,
    )
