"""Give the engine nodes of our own: a join that is right in loops, and nodes that only wait.

SpiffWorkflow's join looks at the whole history of a gateway, so inside a rework loop it may fire
before every branch of the new round has arrived. Here an arrival is consumed exactly once. Its
timers, messages, call activities and rule tasks are not used at all: what waits is a row that the
house looks after, so a state holds nothing but tokens.

Source: BPMN 2.0.2, clause 13.4.1 (a parallel gateway consumes one token from each incoming flow).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import (  # type: ignore[import-untyped]
    ParallelGateway,
)
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import (  # type: ignore[import-untyped]
    BpmnSpecMixin,
)
from SpiffWorkflow.task import Task  # type: ignore[import-untyped]
from SpiffWorkflow.util.task import TaskState  # type: ignore[import-untyped]

from engine.errors import ErrorCode, InvalidInputError
from engine.process.decisions import Decision
from engine.process.model import Plain
from engine.process.nodes import Event

_CONSUMED = "consumed"


@dataclass(frozen=True, kw_only=True)
class ThrownMessage:
    """Hold a message as a step sends it: only what its event declares.

    Args:
        correlation: values, by the name of the process data they come from.
    """

    node_id: str
    name: str
    correlation: Mapping[str, Plain]
    payload: Mapping[str, Plain]


class Waiting(BpmnSpecMixin):  # type: ignore[misc]
    """Node that the house completes later; the engine only waits."""

    def _run_hook(self, _my_task: Task) -> bool | None:
        return None  # the engine marks the task STARTED


class Passing(BpmnSpecMixin):  # type: ignore[misc]
    """Node that a token is put on and leaves at once: a boundary event that has happened."""


class Resolve(BpmnSpecMixin):  # type: ignore[misc]
    """Rule task: writes what its decision table says into the process data."""

    def __init__(self, *args: Any, decision: Decision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision = decision

    def _run_hook(self, my_task: Task) -> bool:
        data = my_task.workflow.data
        data.update(self.decision.decide(data))
        return True


class Throw(BpmnSpecMixin):  # type: ignore[misc]
    """Event that sends a message; the step hands it over when all of it has run."""

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event

    def _run_hook(self, my_task: Task) -> bool:
        data = my_task.workflow.data
        my_task.workflow.thrown.append(
            ThrownMessage(
                node_id=self.name,
                name=self.event.message,
                correlation=pick(data, self.event.correlation),
                payload=pick(data, self.event.payload),
            )
        )
        return True


class Join(ParallelGateway):  # type: ignore[misc]
    """Parallel gateway that consumes one arrival from each incoming flow."""

    def arrivals(self, my_task: Task) -> list[Task]:
        """Return the arrivals no firing has consumed, oldest first."""
        return sorted(
            (t for t in my_task.workflow.tasks.values() if t.task_spec is self and is_arrival(t)),
            key=lambda task: float(task.last_state_change),
        )

    def _predict_hook(self, my_task: Task) -> None:
        # The engine keeps a tree: what follows a join would be foreseen once for each way into it,
        # and again at the next join, so a row of them would take 2 to the power of its length.
        if len(self._inputs) == 1 or my_task.parent.state == TaskState.COMPLETED:
            super()._predict_hook(my_task)

    def _update_hook(self, my_task: Task) -> bool:
        fires: bool = super()._update_hook(my_task)
        if fires:
            # A task that ends hands its token to the children foreseen for it.
            self._predict(my_task, mask=TaskState.NOT_FINISHED_MASK)
        return fires

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        return set(self._inputs) <= {t.parent.task_spec.name for t in self.arrivals(my_task)}

    def _run_hook(self, my_task: Task) -> bool:
        # Process data belongs to the instance, so there is nothing to merge.
        served: set[str] = set()
        for task in self.arrivals(my_task):
            source = task.parent.task_spec.name
            if source not in served:
                served.add(source)
                consume(task)
        return True


def pick(data: Mapping[str, Plain], names: tuple[str, ...]) -> dict[str, Plain]:
    """Return the values of some process data and of nothing else.

    Raises:
        InvalidInputError: one has no value; code `PROCESS_DATA`.
    """
    for name in names:
        if name not in data:
            raise InvalidInputError(
                f"process data has no {name!r}", code=ErrorCode.PROCESS_DATA, key=name
            )
    return {name: data[name] for name in names}


def consume(task: Task) -> None:
    """Mark a task as no arrival any more."""
    task.internal_data[_CONSUMED] = True


def is_arrival(task: Task) -> bool:
    """Tell whether a join's task is an arrival that no firing has consumed."""
    return (
        not task.has_state(TaskState.PREDICTED_MASK)
        and task.parent is not None
        and task.parent.state == TaskState.COMPLETED
        and _CONSUMED not in task.internal_data
    )
