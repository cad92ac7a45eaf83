"""Find what a task is about, and leave the audit leaf of what is done to the task."""

from dataclasses import dataclass
from datetime import datetime

from engine.audit import AuditEvent
from engine.model.delivery import Delivery, DeliveryId
from engine.model.document import Document, DocumentId
from engine.model.opinion import OPINION_PROCEDURE, OpinionId
from engine.model.organisation import Actor
from engine.ports import UnitOfWork
from engine.process.model import WorkItem
from engine.records import record_delivery, record_document

INCOMING = "incoming"


@dataclass(frozen=True, kw_only=True)
class TaskSubject:
    """Hold the document a task is about, and the arrival when it is the recipient's task."""

    document: Document
    delivery: Delivery | None = None

    @property
    def id(self) -> str:
        """Return the id of the arrival or the document."""
        return self.delivery.id if self.delivery is not None else self.document.id

    def record(
        self,
        work: UnitOfWork,
        event: AuditEvent,
        *,
        actor: Actor,
        now: datetime,
        reason: str,
        **details: str,
    ) -> None:
        """Append the leaf of an act on the task.

        Args:
            reason: told of the agency's own documents only: the sender of an arrival reads the
                trail too, and what its recipient says inside is not for the sender.
        """
        if self.delivery is not None:
            record_delivery(work, event, self.delivery, actor=actor, now=now, **details)
            return
        told = {"reason": reason} if reason else {}
        record_document(work, event, self.document, actor=actor, now=now, **told, **details)


def find_subject(work: UnitOfWork, task: WorkItem) -> TaskSubject:
    """Return what a task is about; of an opinion, what the opinion is about."""
    if task.procedure_id == OPINION_PROCEDURE:
        asked = work.opinions.get(OpinionId(task.business_key))
        return _subject(work, asked.document_id, asked.delivery_id)
    if task.procedure_id == INCOMING:
        return _subject(work, None, DeliveryId(task.business_key))
    return _subject(work, DocumentId(task.business_key), None)


def _subject(
    work: UnitOfWork, document_id: DocumentId | None, delivery_id: DeliveryId | None
) -> TaskSubject:
    delivery = work.deliveries.get(delivery_id) if delivery_id else None
    about = delivery.document_id if delivery is not None else document_id
    if about is None:
        raise ValueError("neither a document nor a delivery")
    return TaskSubject(document=work.documents.get(about), delivery=delivery)
