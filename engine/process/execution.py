"""Run one instance in memory for the length of one step; nothing else touches SpiffWorkflow tasks.

An execution is made from a snapshot, moved, and turned into a snapshot again. Tasks keep their
ids through all of it.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.specs.defaults import EndEvent  # type: ignore[import-untyped]
from SpiffWorkflow.exceptions import SpiffWorkflowException  # type: ignore[import-untyped]
from SpiffWorkflow.task import Task  # type: ignore[import-untyped]
from SpiffWorkflow.util.task import TaskState  # type: ignore[import-untyped]

from engine.errors import ConflictError, ErrorCode, InvalidInputError, StorageError
from engine.process.codec import Snapshot, Token, TokenState
from engine.process.definitions import Definition
from engine.process.expressions import compile_expression
from engine.process.joins import Join, consume, is_arrival
from engine.process.model import Plain, TaskId

_LIVE: Mapping[int, TokenState] = {
    TaskState.READY: TokenState.READY,
    TaskState.STARTED: TokenState.STARTED,
    TaskState.WAITING: TokenState.WAITING,
}
_RESTORED = {
    TokenState.READY: TaskState.READY,
    TokenState.STARTED: TaskState.STARTED,
    TokenState.WAITING: TaskState.WAITING,
    TokenState.ARRIVED: TaskState.CANCELLED,
}


class ConditionEngine:
    """Stand where the engine expects a script engine, and only decide conditions."""

    def evaluate(
        self, task: Task, expression: str, external_context: Mapping[str, object] | None = None
    ) -> bool:
        """Return the truth of a condition over the instance's data."""
        del external_context  # the parameter is the engine's; data objects are not supported
        return compile_expression(expression).decide(task.workflow.data)

    def execute(self, *_args: object, **_kwargs: object) -> None:
        """Refuse every script.

        Raises:
            InvalidInputError: always.
        """
        raise InvalidInputError("scripts are never run", code=ErrorCode.PROCESS_INVALID)

    call_service = execute


_CONDITIONS = ConditionEngine()


class Execution:
    """Hold one running instance; made by `begin` or `restore`."""

    def __init__(self, workflow: BpmnWorkflow, ends: Sequence[str]) -> None:
        self._workflow = workflow
        self._ends = list(ends)

    @classmethod
    def begin(cls, definition: Definition, data: Mapping[str, Plain]) -> "Execution":
        """Start a new instance and run it to its first waiting tasks."""
        workflow = BpmnWorkflow(definition.spec, script_engine=_CONDITIONS)
        workflow.data.update(data)
        execution = cls(workflow, ())
        execution._advance()
        return execution

    @classmethod
    def restore(cls, definition: Definition, snapshot: Snapshot) -> "Execution":
        """Return the instance as it was when `snapshot` was taken.

        Raises:
            StorageError: the snapshot does not fit the definition.
        """
        spec = definition.spec
        workflow = BpmnWorkflow(spec, script_engine=_CONDITIONS, deserializing=True)
        workflow.data.update(snapshot.data)
        workflow.completed = not snapshot.tokens
        workflow.task_tree = Task(workflow, spec.start, state=TaskState.COMPLETED)
        live: list[Task] = []
        for token in snapshot.tokens:
            try:
                source, node = spec.task_specs[token.source], spec.task_specs[token.node]
                task_id = UUID(token.id)
            except (KeyError, ValueError) as error:
                raise StorageError(f"state names unknown node {token.node!r}") from error
            # The parent stands for the finished step the token came from.
            parent = Task(workflow, source, workflow.task_tree, state=TaskState.COMPLETED)
            consume(parent)
            state = _RESTORED[token.state]
            live.append(Task(workflow, node, parent, state=state, id=task_id))
        for task in live:
            if task.has_state(TaskState.NOT_FINISHED_MASK):
                task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
        return cls(workflow, snapshot.ends)

    def snapshot(self) -> Snapshot:
        """Return all that has to be kept; finished and predicted steps are left out."""
        found: list[tuple[float, Token]] = []
        for task in self._workflow.tasks.values():
            state = _LIVE.get(task.state)
            if state is None and isinstance(task.task_spec, Join) and is_arrival(task):
                state = TokenState.ARRIVED
            if state is not None:
                found.append((task.last_state_change, _token(task, state)))
        found.sort(key=lambda pair: pair[0])
        tokens = tuple(token for _at, token in found)
        return Snapshot(data=self.data, tokens=tokens, ends=tuple(self._ends))

    @property
    def data(self) -> Mapping[str, Plain]:
        """Return a copy of the process data."""
        return dict(self._workflow.data)

    @property
    def is_completed(self) -> bool:
        """Tell whether every token has reached an end."""
        return bool(self._workflow.completed)

    def list_ready(self) -> Mapping[TaskId, str]:
        """Return the user tasks that wait for people: task id to node id."""
        return self._in_state(TaskState.READY)

    def list_started(self) -> Mapping[TaskId, str]:
        """Return the operations that wait for the house: task id to node id."""
        return self._in_state(TaskState.STARTED)

    def waiting_ids(self) -> frozenset[TaskId]:
        """Return the ids of all that waits, for people or for the house."""
        return frozenset((*self.list_ready(), *self.list_started()))

    def complete(self, task_id: TaskId, writes: Mapping[str, Plain]) -> None:
        """Complete a waiting task or operation, set data, and run on to the next waiting tasks.

        Raises:
            ConflictError: exactly this task does not wait.
            InvalidInputError: a condition cannot decide, or the process would be stuck.
        """
        task = self._workflow.tasks.get(UUID(task_id))
        if task is None or task.state not in (TaskState.READY, TaskState.STARTED):
            raise ConflictError(f"task {task_id} does not wait")
        self._workflow.data.update(writes)
        if task.state == TaskState.READY:
            task.run()
        else:
            task.complete()
        self._advance()

    def _advance(self) -> None:
        try:
            self._workflow.do_engine_steps(did_complete_task=self._note_end)
        except SpiffWorkflowException as error:
            raise InvalidInputError(
                f"the process cannot go on: {error}", code=ErrorCode.PROCESS_DATA
            ) from error
        if not self.is_completed and not self.waiting_ids():
            raise InvalidInputError("the process is stuck", code=ErrorCode.PROCESS_INVALID)

    def _note_end(self, task: Task) -> None:
        if isinstance(task.task_spec, EndEvent):
            self._ends.append(task.task_spec.name)

    def _in_state(self, state: int) -> Mapping[TaskId, str]:
        return {
            TaskId(str(task.id)): task.task_spec.name
            for task in self._workflow.tasks.values()
            if task.state == state
        }


def _token(task: Task, state: TokenState) -> Token:
    return Token(
        id=TaskId(str(task.id)),
        node=task.task_spec.name,
        state=state,
        source=task.parent.task_spec.name,
    )
