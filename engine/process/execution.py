"""Run one instance in memory for the length of one step; nothing else touches SpiffWorkflow tasks.

An execution is made from a snapshot, moved, and turned into a snapshot again. Tasks keep their
ids through all of it.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from SpiffWorkflow.bpmn import BpmnWorkflow  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.specs.defaults import EndEvent  # type: ignore[import-untyped]
from SpiffWorkflow.exceptions import SpiffWorkflowException  # type: ignore[import-untyped]
from SpiffWorkflow.task import Task  # type: ignore[import-untyped]
from SpiffWorkflow.util.task import TaskState  # type: ignore[import-untyped]

from engine.errors import ConflictError, ErrorCode, InvalidInputError, StorageError
from engine.process.codec import Snapshot, Token, TokenState
from engine.process.definitions import Definition
from engine.process.expressions import compile_expression
from engine.process.model import Plain, TaskId
from engine.process.nodes import Node
from engine.process.specs import Join, ThrownMessage, consume, is_arrival

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
_NO_WRITES: Mapping[str, Plain] = {}


class _Workflow(BpmnWorkflow):  # type: ignore[misc]
    """Keep the engine from walking its whole tree, and from describing states for its log."""

    def collect_log_extras(self, dct: dict[str, object] | None = None) -> dict[str, object]:
        return dct or {}

    def update_waiting_tasks(self) -> None:
        for task in [t for t in self.tasks.values() if t.state == TaskState.WAITING]:
            task.task_spec._update(task)


class Execution:
    """Hold one running instance; made by `begin` or `restore`."""

    def __init__(self, workflow: BpmnWorkflow, ends: Sequence[str]) -> None:
        self._workflow = workflow
        self._workflow.thrown = []
        self._ends = list(ends)

    @classmethod
    def begin(cls, definition: Definition, data: Mapping[str, Plain]) -> "Execution":
        """Start a new instance and run it to its first waiting tasks."""
        workflow = _Workflow(definition.spec, script_engine=_CONDITIONS)
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
        workflow = _Workflow(spec, script_engine=_CONDITIONS, deserializing=True)
        workflow.data.update(snapshot.data)
        workflow.completed = not snapshot.tokens
        workflow.task_tree = Task(workflow, spec.start, state=TaskState.COMPLETED)
        live: list[Task] = []
        for token in snapshot.tokens:
            try:
                task_id = UUID(token.id)
                live.append(_put(workflow, token.node, token.source, token.state, task_id))
            except (KeyError, ValueError) as error:
                raise StorageError(f"state names unknown node {token.node!r}") from error
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
    def thrown(self) -> Sequence[ThrownMessage]:
        """Return the messages this step has sent, in order."""
        return tuple(self._workflow.thrown)

    @property
    def is_completed(self) -> bool:
        """Tell whether every token has reached an end."""
        return bool(self._workflow.completed)

    def list_ready(self) -> Mapping[TaskId, str]:
        """Return the user tasks that wait for people: task id to node id."""
        return self._in_state(TaskState.READY)

    def list_started(self) -> Mapping[TaskId, str]:
        """Return what waits for the house: operations, events and calls, task id to node id."""
        return self._in_state(TaskState.STARTED)

    def waiting(self) -> Mapping[TaskId, str]:
        """Return all that waits, for people or for the house: task id to node id."""
        return {**self.list_ready(), **self.list_started()}

    def complete(self, task_id: TaskId, writes: Mapping[str, Plain]) -> None:
        """Complete a waiting task or operation, set data, and run on to the next waiting tasks.

        Raises:
            ConflictError: exactly this task does not wait.
            InvalidInputError: a condition cannot decide, or the process would be stuck.
        """
        task = self._waiting(task_id)
        self._workflow.data.update(writes)
        if task.state == TaskState.READY:
            task.run()
        else:
            task.complete()
        self._advance()

    def fire(self, host_id: TaskId, event: Node, writes: Mapping[str, Plain] = _NO_WRITES) -> None:
        """Let the boundary event on a waiting task happen, and run on.

        Raises:
            ConflictError: the task does not wait any more.
            InvalidInputError: as `complete`.
        """
        host = self._waiting(host_id)
        self._workflow.data.update(writes)
        if event.event is None or event.event.interrupts:
            host.cancel()
        self._place(event.id, host.task_spec.name)
        self._advance()

    def move(self, task_id: TaskId, target: str, source: str) -> None:
        """Take a waiting task away and put its token on another node, as if from `source`.

        Raises:
            ConflictError: the task does not wait any more.
        """
        self._waiting(task_id).cancel()
        self._place(target, source)
        self._advance()

    def _waiting(self, task_id: TaskId) -> Task:
        task = self._workflow.tasks.get(UUID(task_id))
        if task is None or task.state not in (TaskState.READY, TaskState.STARTED):
            raise ConflictError(f"task {task_id} does not wait")
        return task

    def _place(self, node_id: str, source: str) -> None:
        task = _put(self._workflow, node_id, source, TokenState.READY, uuid4())
        task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)

    def _advance(self) -> None:
        try:
            self._run_ready()
        except SpiffWorkflowException as error:
            raise InvalidInputError(
                f"the process cannot go on: {error}", code=ErrorCode.PROCESS_DATA
            ) from error
        if not self.is_completed and not self.waiting():
            raise InvalidInputError("the process is stuck", code=ErrorCode.PROCESS_INVALID)

    def _run_ready(self) -> None:
        # The engine's own loop walks the tree of tasks four times a step; there are few tasks.
        tasks = self._workflow.tasks
        while ready := [
            t for t in tasks.values() if t.state == TaskState.READY and not t.task_spec.manual
        ]:
            for task in ready:
                if task.state == TaskState.READY:
                    task.run()
                    self._note_end(task)

    def _note_end(self, task: Task) -> None:
        if isinstance(task.task_spec, EndEvent):
            self._ends.append(task.task_spec.name)

    def _in_state(self, state: int) -> Mapping[TaskId, str]:
        return {
            TaskId(str(task.id)): task.task_spec.name
            for task in self._workflow.tasks.values()
            if task.state == state
        }


def _put(
    workflow: BpmnWorkflow, node_id: str, source: str, state: TokenState, task_id: UUID
) -> Task:
    """Return a new task on a node; its parent stands for the finished step it came from."""
    specs = workflow.spec.task_specs
    node, came_from = specs[node_id], specs[source]
    parent = Task(workflow, came_from, workflow.task_tree, state=TaskState.COMPLETED)
    consume(parent)
    return Task(workflow, node, parent, state=_RESTORED[state], id=task_id)


def _token(task: Task, state: TokenState) -> Token:
    return Token(
        id=TaskId(str(task.id)),
        node=task.task_spec.name,
        state=state,
        source=task.parent.task_spec.name,
    )
