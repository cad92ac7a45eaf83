"""Finish handling a document: the result on record, status 06 to the sender."""

from dataclasses import dataclass

from engine.answers import answer_sender
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.delivery import DeliveryId, DeliveryStatus
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import TaskId
from engine.records import record_delivery


@dataclass(frozen=True, kw_only=True)
class HandleDelivery:
    """Use case: the officer reports the result."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, result: str) -> None:
        """Close the handling with its result.

        Raises:
            InvalidInputError: no result given.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.

        Source: Decree 30/2020/NĐ-CP, Art. 24.
        """
        said = clean_remark(result, field="result", max_chars=5000)
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="handle_delivery")
            delivery = work.deliveries.get(DeliveryId(task.business_key))
            delivery.result = said
            work.processes.complete(
                task_id,
                actor,
                use_case="handle_delivery",
                now=now,
                outcome="handled",
                comment=said,
            )
            answer_sender(work, delivery, DeliveryStatus.COMPLETED, actor=actor, now=now)
            record_delivery(work, AuditEvent.DELIVERY_HANDLE, delivery, actor=actor, now=now)
            work.commit()
