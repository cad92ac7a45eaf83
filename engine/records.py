"""Leave the audit leaf of an act on a document or on one of its deliveries."""

from datetime import datetime

from engine.audit import AuditEvent
from engine.model.delivery import Delivery
from engine.model.document import Document
from engine.model.organisation import Actor
from engine.ports import UnitOfWork


def record_document(
    work: UnitOfWork,
    event: AuditEvent,
    document: Document,
    *,
    actor: Actor,
    now: datetime,
    **details: str,
) -> None:
    """Append the leaf of an act on a document."""
    work.audit.record(
        event,
        subject=f"document:{document.id}",
        group=document.id,
        actor=actor,
        at=now,
        details=details,
    )


def record_delivery(
    work: UnitOfWork,
    event: AuditEvent,
    delivery: Delivery,
    *,
    actor: Actor,
    now: datetime,
    **details: str,
) -> None:
    """Append the leaf of an act on a delivery; the document's trail shows it too."""
    work.audit.record(
        event,
        subject=f"delivery:{delivery.id}",
        group=delivery.document_id,
        actor=actor,
        at=now,
        details={"recipient": delivery.recipient_id, "digest": delivery.digest} | details,
    )
