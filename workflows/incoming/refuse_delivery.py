"""Refuse an arrival: status 02 with the reason; the sender sees it at once."""

from dataclasses import dataclass

from engine.answers import answer_sender
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.delivery import DeliveryId, DeliveryStatus
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor, Role
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import TaskId
from engine.records import record_delivery
from engine.telling import list_holders, tell_of_document


@dataclass(frozen=True, kw_only=True)
class RefuseDelivery:
    """Use case: the recipient's clerk sends the document back."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, reason: str) -> None:
        """Refuse the delivery behind `task_id`.

        Raises:
            InvalidInputError: no reason.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.

        Source: Decree 30/2020/NĐ-CP, Art. 21; QCVN 102:2016, status 02.
        """
        said = clean_remark(reason, field="reason", max_chars=2000)
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="refuse_delivery")
            delivery = work.deliveries.get(DeliveryId(task.business_key))
            delivery.refusal_reason = said
            work.processes.complete(
                task_id,
                actor,
                use_case="refuse_delivery",
                now=now,
                outcome="refused",
                comment=said,
                writes={"accepted": False},
            )
            answer_sender(
                work, delivery, DeliveryStatus.REFUSED, actor=actor, now=now, reason=said
            )
            record_delivery(
                work, AuditEvent.DELIVERY_REFUSE, delivery, actor=actor, now=now, reason=said
            )
            document = work.documents.get(delivery.document_id)
            clerks = list_holders(work, Role.CLERK, document.agency_id, None, now)
            tell_of_document(
                work,
                NoticeKind.DELIVERY_REFUSED,
                [document.drafter_id, *clerks],
                document,
                now=now,
                actor=actor,
                agency=work.organisation.get_agency(delivery.recipient_id).name,
            )
            work.commit()
