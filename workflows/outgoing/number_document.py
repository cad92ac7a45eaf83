"""Number and date a signed document: a line in the register, four fields in the PDF."""

from dataclasses import dataclass
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ConflictError, ErrorCode
from engine.layout.symbols import full_symbol, number_text, symbol_tail
from engine.model.document import (
    Digest,
    Document,
    DocumentNumber,
    DocumentStatus,
    Stage,
)
from engine.model.kinds import get_kind
from engine.model.organisation import Actor
from engine.model.register import COMMON_SERIES, EntryState, RegisterBook, RegisterEntry
from engine.originals import OriginalReader
from engine.ports import ObjectStore, StartWork, UnitOfWork
from engine.ports_pdf import PdfSigner
from engine.ports_signing import DocumentStage, Verifier
from engine.process.model import TaskId
from engine.records import record_document
from engine.undertaking import check_revision
from workflows.outgoing.stages import document_of


@dataclass(frozen=True, kw_only=True)
class NumberDocument:
    """Use case: the clerk gives a signed document its number and date."""

    start_work: StartWork
    read_original: OriginalReader
    originals: ObjectStore
    signer: PdfSigner
    verifier: Verifier
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor) -> str:
        """Give the next number and today's date and fill them into the PDF.

        The number is bound to the document before the PDF is touched; a second try after a
        failure uses the same number and date, so the register has no gap.

        Returns:
            Number and symbol, such as `07/TB-SNV`.

        Raises:
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.

        Source: Decree 30/2020/NĐ-CP, Art. 15.
        """
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="number_document")
            document = document_of(work, task)
            document.check_status(DocumentStatus.SIGNED)
            entry = work.registers.find_for(RegisterBook.OUTGOING, document.id)
            if entry is None:
                entry = _bind_number(work, document, actor, now)
            work.commit()

        filled = self.signer.fill_number(
            self.read_original(document.current_revision().digest, document.id, actor),
            number=number_text(entry.number, entry.suffix),
            issued_on=entry.dated_on,
        )
        check_revision(self.verifier, filled, document.signatures, stage=DocumentStage.NUMBERED)
        digest = self.originals.add(filled)

        with self.start_work() as work:
            work.processes.check_may_complete(task_id, actor, use_case="number_document")
            document = work.documents.get(document.id)
            document.check_status(DocumentStatus.SIGNED)
            # Another clerk may have voided the number while the PDF was being filled.
            if work.registers.find_for(RegisterBook.OUTGOING, document.id) != entry:
                raise ConflictError(
                    f"{entry.symbol} is no longer bound", code=ErrorCode.REGISTER_ENTRY_CLOSED
                )
            _attach(document, entry, digest=digest, size_bytes=len(filled), actor=actor, now=now)
            work.documents.save(document)
            work.processes.complete(
                task_id,
                actor,
                use_case="number_document",
                now=now,
                outcome="numbered",
                comment=entry.symbol,
            )
            record_document(
                work,
                AuditEvent.DOCUMENT_NUMBER,
                document,
                actor=actor,
                now=now,
                digest=digest,
                symbol=entry.symbol,
            )
            work.commit()
        return entry.symbol


def get_bound_entry(work: UnitOfWork, document: Document) -> RegisterEntry:
    """Return the register's entry that the document's number stands for.

    Raises:
        ConflictError: the number was voided; the document cannot go out under it.
    """
    entry = work.registers.find_for(RegisterBook.OUTGOING, document.id)
    if entry is None or document.number is None or entry.symbol != document.number.symbol:
        raise ConflictError(
            f"no register entry for {document.id}", code=ErrorCode.REGISTER_ENTRY_CLOSED
        )
    return entry


def _bind_number(
    work: UnitOfWork, document: Document, actor: Actor, now: datetime
) -> RegisterEntry:
    agency = work.organisation.get_agency(document.agency_id)
    unit = work.organisation.get_unit(document.unit_id)
    content = document.content
    signatory = content.signatory_id and work.organisation.get_person(content.signatory_id)
    tail = symbol_tail(content.kind, agency.symbol, unit.symbol, profile=agency.profile)
    recipients = len(content.recipients)
    first = work.organisation.get_agency(content.recipients[0]).name
    today = local(now).date()
    # Taken last, so that the counter's row is held as shortly as can be.
    number = work.registers.take_next(agency.id, RegisterBook.OUTGOING, COMMON_SERIES, today.year)
    entry = RegisterEntry(
        agency_id=agency.id,
        book=RegisterBook.OUTGOING,
        series=COMMON_SERIES,
        year=today.year,
        number=number,
        suffix="",
        state=EntryState.BOUND,
        subject_id=document.id,
        symbol=full_symbol(number, tail),
        dated_on=today,
        title=f"{get_kind(content.kind).name}: {content.subject}",
        signatory=signatory.full_name if signatory else "",
        counterpart=first if recipients == 1 else f"{first} (+{recipients - 1})",
        entered_at=now,
        entered_by=actor.person_id,
    )
    work.registers.add(entry)
    record_document(
        work,
        AuditEvent.DOCUMENT_NUMBER_BIND,
        document,
        actor=actor,
        now=now,
        symbol=entry.symbol,
        date=today.isoformat(),
    )
    return entry


def _attach(
    document: Document,
    entry: RegisterEntry,
    *,
    digest: Digest,
    size_bytes: int,
    actor: Actor,
    now: datetime,
) -> None:
    document.number = DocumentNumber(
        series=entry.series,
        year=entry.year,
        number=entry.number,
        suffix=entry.suffix,
        symbol=entry.symbol,
        issued_on=entry.dated_on,
    )
    document.add_revision(
        Stage.NUMBERED, digest, size_bytes=size_bytes, by=actor.person_id, at=now
    )
    document.move(DocumentStatus.NUMBERED, now)
