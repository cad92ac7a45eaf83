"""Send a sealed document: one delivery a recipient, each with the digest fixed at sealing."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode
from engine.model.delivery import Delivery, DeliveryId, DeliveryStatus
from engine.model.document import DocumentId, DocumentStatus
from engine.model.organisation import SYSTEM
from engine.ports import StartWork
from engine.records import record_document


@dataclass(frozen=True, kw_only=True)
class DispatchDocument:
    """Job: hand a sealed document over to every recipient's queue."""

    start_work: StartWork
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:
        """Open one delivery a recipient; running it again does nothing.

        Args:
            payload: `business_key`, the document's id.

        Raises:
            ConflictError: the document is not sealed; nothing unsigned is sent.
        """
        now = self.clock.now()
        # Jobs enqueued by the first release call it `document_id`.
        document_id = payload.get("business_key") or payload["document_id"]
        with self.start_work() as work:
            document = work.documents.get(DocumentId(document_id))
            if document.status is DocumentStatus.DISPATCHED:
                return
            document.check_status(DocumentStatus.SEALED)
            digest = document.original_digest()
            if digest is None:
                raise ConflictError("no original", code=ErrorCode.DOCUMENT_STATE)
            for recipient_id in document.content.recipients:
                delivery = Delivery(
                    id=DeliveryId(uuid.uuid4().hex),
                    document_id=document.id,
                    sender_id=document.agency_id,
                    recipient_id=recipient_id,
                    digest=digest,
                    status=DeliveryStatus.QUEUED,
                    sent_at=now,
                    updated_at=now,
                )
                work.deliveries.add(delivery)
                work.jobs.enqueue(
                    "receive",
                    f"dispatch:{document.id}:{recipient_id}",
                    {"delivery_id": delivery.id},
                )
            document.move(DocumentStatus.DISPATCHED, now)
            work.documents.save(document)
            sending = work.processes.get_instance_id("outgoing", document.id)
            work.processes.await_answers(
                sending, "await_receipts", len(document.content.recipients)
            )
            work.processes.complete_operation(sending, "dispatch", now=now, outcome="dispatched")
            record_document(
                work,
                AuditEvent.DOCUMENT_DISPATCH,
                document,
                actor=SYSTEM,
                now=now,
                digest=digest,
                recipients=str(len(document.content.recipients)),
            )
            work.commit()
