"""Cancel a signed document that will not be issued; its number, if any, is voided."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.document import DocumentId, DocumentStatus
from engine.model.organisation import Actor
from engine.model.register import RegisterBook
from engine.model.remarks import clean_remark
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from engine.records import record_document
from engine.undertaking import check_not_underway


@dataclass(frozen=True, kw_only=True)
class CancelDocument:
    """Use case: the clerk cancels a document between the leader's signature and the seal."""

    start_work: StartWork
    clock: Clock

    def __call__(self, document_id: DocumentId, actor: Actor, reason: str) -> None:
        """End the procedure; the number stays in the register as void, with the reason.

        Raises:
            InvalidInputError: no reason.
            NotPermittedError: not a clerk of the agency.
            ConflictError: not signed yet, sealed already, or sealing is under way.

        Source: Decree 30/2020/NĐ-CP, Art. 15 and 18.
        """
        said = clean_remark(reason, field="reason", max_chars=2000)
        now = self.clock.now()
        with self.start_work() as work:
            document = work.documents.get(document_id)
            check_permitted(
                Permission.DOCUMENT_CANCEL, actor, Subject(agency_id=document.agency_id)
            )
            document.check_status(DocumentStatus.SIGNED, DocumentStatus.NUMBERED)
            check_not_underway(work, document, now)
            entry = work.registers.find_for(RegisterBook.OUTGOING, document_id)
            if entry is not None:
                work.registers.save(entry.voided(said))
            document.move(DocumentStatus.CANCELLED, now)
            work.documents.save(document)
            work.processes.cancel(
                work.processes.get_instance_id("outgoing", document_id),
                actor=actor,
                now=now,
                reason=said,
            )
            record_document(
                work,
                AuditEvent.DOCUMENT_CANCEL,
                document,
                actor=actor,
                now=now,
                reason=said,
                symbol=entry.symbol if entry else "",
            )
            work.commit()
