"""Answer the sender of a delivery, and close the sender's wait when the last one has answered."""

from datetime import datetime

from engine.audit import AuditEvent
from engine.model.delivery import ANSWERED, Delivery, DeliveryStatus
from engine.model.organisation import SYSTEM, Actor
from engine.ports import UnitOfWork


def answer_sender(
    work: UnitOfWork,
    delivery: Delivery,
    status: DeliveryStatus,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    """Move the delivery to `status` and save it; the sender's light changes with it.

    Raises:
        ConflictError: the status cannot follow the present one, or somebody was first.
    """
    was_open = delivery.status not in ANSWERED
    changed = delivery.answer(
        status, actor_id=actor.person_id, actor_name=actor.full_name, at=now, reason=reason
    )
    work.deliveries.save(delivery)
    if not (changed and was_open and status in ANSWERED):
        return
    sending = work.processes.get_instance_id("outgoing", delivery.document_id)
    if work.processes.count_answer(sending, "await_receipts", now) == 0:
        work.audit.record(
            AuditEvent.DOCUMENT_RECEIPTS,
            subject=f"document:{delivery.document_id}",
            group=delivery.document_id,
            actor=SYSTEM,
            at=now,
        )
