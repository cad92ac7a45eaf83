"""Return an arrival to an earlier step: the leader to the clerk, the officer to the leader."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError
from engine.model.delivery import DeliveryId
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import TaskId
from engine.process.nodes import Node
from engine.process.runtime import Processes
from engine.records import record_delivery
from workflows.incoming.stages import undo


def list_targets(processes: Processes, task_id: TaskId) -> list[Node]:
    """Return the steps an arrival may go back to from a task, the nearest first."""
    return processes.reassignment.list_ways_back(processes.get_task(task_id))[::-1]


@dataclass(frozen=True, kw_only=True)
class ReturnDelivery:
    """Use case: the leader or the officer sends the arrival back with a reason."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, reason: str, *, to: str = "") -> None:
        """Send the arrival back.

        Args:
            to: element id of the step; "" is the nearest one it may go back to.

        Raises:
            InvalidInputError: no reason, or it does not go back there; code PROCESS_RETURN.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.
        """
        said = clean_remark(reason, field="reason", max_chars=2000)
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="return_delivery")
            delivery = work.deliveries.get(DeliveryId(task.business_key))
            target = to or next((n.id for n in list_targets(work.processes, task_id)), "")
            if not target:
                raise InvalidInputError(
                    f"{task.node_id} goes nowhere back", code=ErrorCode.PROCESS_RETURN
                )
            step = work.processes.reassignment.send_back(
                task_id,
                target,
                actor,
                use_case="return_delivery",
                now=now,
                outcome="returned",
                comment=said,
            )
            undo(delivery, step, now)
            work.deliveries.save(delivery)
            # The reason is in the history: the sender reads the trail, and it is not for them.
            record_delivery(
                work,
                AuditEvent.DELIVERY_RETURN,
                delivery,
                actor=actor,
                now=now,
                step=task.node_id,
            )
            work.commit()
