"""Give the engine our own nodes: a parallel join that is right in loops, and an operation.

SpiffWorkflow's join looks at the whole history of a gateway, so inside a rework loop it may fire
before every branch of the new round has arrived. Here an arrival is consumed exactly once.

Source: BPMN 2.0.2, clause 13.4.1 (a parallel gateway consumes one token from each incoming flow).
"""

from SpiffWorkflow.bpmn.specs.defaults import (  # type: ignore[import-untyped]
    ParallelGateway,
)
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import (  # type: ignore[import-untyped]
    BpmnSpecMixin,
)
from SpiffWorkflow.task import Task  # type: ignore[import-untyped]
from SpiffWorkflow.util.task import TaskState  # type: ignore[import-untyped]

_CONSUMED = "consumed"


class Operation(BpmnSpecMixin):  # type: ignore[misc]
    """Service task that the house completes later; the engine only waits."""

    def _run_hook(self, _my_task: Task) -> bool | None:
        return None  # the engine marks the task STARTED


class Join(ParallelGateway):  # type: ignore[misc]
    """Parallel gateway that consumes one arrival from each incoming flow."""

    def arrivals(self, my_task: Task) -> list[Task]:
        """Return the arrivals no firing has consumed, oldest first."""
        return sorted(
            (t for t in my_task.workflow.tasks.values() if t.task_spec is self and is_arrival(t)),
            key=lambda task: float(task.last_state_change),
        )

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
