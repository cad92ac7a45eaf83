"""Register an arrival: the recipient's own number, and status 03 to the sender."""

from dataclasses import dataclass
from datetime import datetime

from engine.answers import answer_sender
from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ConflictError, ErrorCode
from engine.model.delivery import Delivery, DeliveryId, DeliveryStatus
from engine.model.kinds import get_kind
from engine.model.organisation import Actor
from engine.model.register import COMMON_SERIES, EntryState, RegisterBook, RegisterEntry
from engine.model.verification import Verdict
from engine.originals import OriginalReader
from engine.ports import StartWork, UnitOfWork
from engine.process.model import TaskId
from engine.records import record_delivery


@dataclass(frozen=True, kw_only=True)
class RegisterDelivery:
    """Use case: the recipient's clerk enters the document in the book of arrivals."""

    start_work: StartWork
    start_reading: StartWork
    read_original: OriginalReader
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor) -> int:
        """Register the delivery behind `task_id` and return its arrival number.

        Raises:
            NotPermittedError: not this person's task.
            ConflictError: the task is closed, or the signatures failed: it can only be refused.
            DigestMismatchError: the original was changed since it was sent.

        Source: Decree 30/2020/NĐ-CP, Art. 21-22.
        """
        with self.start_reading() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="register_delivery")
            delivery = work.deliveries.get(DeliveryId(task.business_key))
            receipts = work.attachments.list_receipts(delivery.id)
        # Every hop hashes the bytes again; what is registered is what was sealed.
        self.read_original(delivery.digest, delivery.document_id, actor)
        for receipt in receipts.values():
            self.read_original(receipt.digest, delivery.document_id, actor)

        now = self.clock.now()
        with self.start_work() as work:
            # Again, under the write lock: whoever was second is told by whom.
            work.processes.check_may_complete(task_id, actor, use_case="register_delivery")
            delivery = work.deliveries.get(delivery.id)
            if delivery.verdict == Verdict.FAILED:
                raise ConflictError(
                    f"delivery {delivery.id} failed verification",
                    code=ErrorCode.DELIVERY_NOT_VALID,
                    reason=delivery.verdict_reason,
                )
            number = _enter(work, delivery, actor, now)
            work.processes.complete(
                task_id,
                actor,
                use_case="register_delivery",
                now=now,
                outcome="registered",
                comment=str(number),
                writes={"accepted": True},
            )
            answer_sender(work, delivery, DeliveryStatus.REGISTERED, actor=actor, now=now)
            record_delivery(
                work,
                AuditEvent.DELIVERY_REGISTER,
                delivery,
                actor=actor,
                now=now,
                arrival_number=str(number),
            )
            work.commit()
        return number


def _enter(work: UnitOfWork, delivery: Delivery, actor: Actor, now: datetime) -> int:
    """Write the arrival's line in the recipient's book and return its number."""
    document = work.documents.get(delivery.document_id)
    sender = work.organisation.get_agency(delivery.sender_id)
    if document.number is None:
        raise ConflictError("no number", code=ErrorCode.DOCUMENT_STATE)
    year = local(now).year
    number = work.registers.take_next(
        delivery.recipient_id, RegisterBook.ARRIVALS, COMMON_SERIES, year
    )
    work.registers.add(
        RegisterEntry(
            agency_id=delivery.recipient_id,
            book=RegisterBook.ARRIVALS,
            series=COMMON_SERIES,
            year=year,
            number=number,
            suffix="",
            state=EntryState.ISSUED,
            subject_id=delivery.id,
            symbol=document.number.symbol,
            dated_on=document.number.issued_on,
            title=f"{get_kind(document.content.kind).name}: {document.content.subject}",
            signatory="",
            counterpart=sender.name,
            entered_at=now,
            entered_by=actor.person_id,
        )
    )
    delivery.arrival_number = number
    delivery.arrival_year = year
    delivery.registered_at = now
    return number
