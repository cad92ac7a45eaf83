"""Void a number that will not be used: it stays in the register with its reason."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, NotFoundError
from engine.model.document import DocumentId, DocumentStatus
from engine.model.organisation import Actor
from engine.model.register import RegisterBook
from engine.model.remarks import clean_remark
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork


@dataclass(frozen=True, kw_only=True)
class VoidNumber:
    """Use case: the clerk voids a number that is bound but not yet in a PDF."""

    start_work: StartWork
    clock: Clock

    def __call__(self, document_id: DocumentId, actor: Actor, reason: str) -> None:
        """Void the number bound to a document; the next try takes a new one.

        Raises:
            NotPermittedError: not a clerk of the agency.
            NotFoundError: no number is bound.
            ConflictError: the number is already in the PDF, or issued.
        """
        said = clean_remark(reason, field="reason", max_chars=500)
        now = self.clock.now()
        with self.start_work() as work:
            document = work.documents.get(document_id)
            check_permitted(Permission.NUMBER_VOID, actor, Subject(agency_id=document.agency_id))
            document.check_status(DocumentStatus.SIGNED)
            entry = work.registers.find_for(RegisterBook.OUTGOING, document_id)
            if entry is None:
                raise NotFoundError(
                    f"no number bound to {document_id}", code=ErrorCode.REGISTER_ENTRY_CLOSED
                )
            work.registers.save(entry.voided(said))
            work.audit.record(
                AuditEvent.NUMBER_VOID,
                subject=f"register:{entry.agency_id}",
                group=document_id,
                actor=actor,
                at=now,
                details={"symbol": entry.symbol, "reason": said},
            )
            work.commit()
