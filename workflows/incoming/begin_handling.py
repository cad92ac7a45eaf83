"""Begin handling a document: status 05 to the sender; the task stays open."""

from dataclasses import dataclass

from engine.answers import answer_sender
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.delivery import DeliveryId, DeliveryStatus
from engine.model.organisation import Actor
from engine.ports import StartWork
from engine.process.model import TaskId
from engine.records import record_delivery


@dataclass(frozen=True, kw_only=True)
class BeginHandling:
    """Use case: the officer says that work has begun."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor) -> None:
        """Tell the sender that the document is being handled; once is enough.

        Raises:
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.
        """
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="handle_delivery")
            delivery = work.deliveries.get(DeliveryId(task.business_key))
            if delivery.status is not DeliveryStatus.ASSIGNED:
                return
            answer_sender(work, delivery, DeliveryStatus.IN_PROGRESS, actor=actor, now=now)
            record_delivery(work, AuditEvent.DELIVERY_BEGIN, delivery, actor=actor, now=now)
            work.commit()
