"""Certify a copy: a number of the register, the text mark, and the agency's signature."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import (
    ConflictError,
    ErrorCode,
    SignerUnavailableError,
    TrinhKyError,
)
from engine.layout.symbols import number_text
from engine.model.copy import (
    ABBREVIATIONS,
    COPY_SERIES,
    MARKS,
    CertifiedCopy,
    CertifiedFile,
    CopySealing,
    CopyStatus,
)
from engine.model.organisation import SYSTEM, Actor
from engine.model.outage import Service
from engine.model.register import EntryState, RegisterBook, RegisterEntry
from engine.model.signing_intent import TIMESTAMP_GRACE
from engine.originals import OriginalReader
from engine.outages import check_stamps_come, note_answer
from engine.pin_guard import PinGuard
from engine.ports import ObjectStore, StartWork, UnitOfWork
from engine.ports_copies import Marks, PageReader
from engine.ports_pdf import PdfSigner, SignatureAct
from engine.ports_signing import HolderKind, SignatureField, Verifier
from engine.presence import with_posts_today
from engine.process.model import TaskId
from engine.undertaking import check_not_stopped, check_signed, get_certificate
from workflows.copying.requests import find_task, mark_lines, record_copy

_USE_CASE = "certify_copy"


@dataclass(frozen=True, kw_only=True)
class _Begun:
    """Hold what was found and undertaken before the key is asked."""

    copy: CertifiedCopy
    entry: RegisterEntry
    sealing: CopySealing
    act: SignatureAct
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CertifyCopy:
    """Use case: the clerk numbers an approved copy and signs it with the agency's key."""

    start_work: StartWork
    read_original: OriginalReader
    originals: ObjectStore
    signer: PdfSigner
    verifier: Verifier
    pins: PinGuard
    marks: Marks
    pages: PageReader
    clock: Clock
    stamp_grace: timedelta = TIMESTAMP_GRACE

    def __call__(self, task_id: TaskId, actor: Actor, pin: str) -> str:
        """Certify the copy behind `task_id`; from here on its bytes never change.

        The number is bound before the key is asked; a second try after a failure uses the same
        number, so the register has no gap.

        Args:
            pin: of the agency's key, kept by the clerk; passed through, never kept.

        Returns:
            Number and symbol of the copy, such as `12/SY-SNV`.

        Raises:
            NotPermittedError: not this person's task.
            PinRejectedError: wrong PIN, or locked; the task stays open.
            CertificateRejectedError: missing, expired or revoked certificate.
            SignerUnavailableError: no key or no time-stamp, which is noted as an outage; or code
                TIMESTAMP_GRACE_OVER, none for so long that nothing is signed. The task stays open.
            ConflictError: the task is closed, or somebody is certifying the copy.

        Source: Decree 30/2020/NĐ-CP, Art. 25 and 26, Appendix I, part II.
        """
        begun = self._begin(task_id, actor)
        # No transaction is open while the key works.
        with self._or_void(begun, actor):
            file = self._sign(begun, actor, pin)
            self._keep(task_id, actor, begun, file)
        return begun.entry.symbol

    def _begin(self, task_id: TaskId, actor: Actor) -> _Begun:
        now = self.clock.now()
        with self.start_work() as work:
            check_stamps_come(work, now, self.stamp_grace)
            serving = with_posts_today(work.organisation, actor, now)
            copy = find_task(work, task_id, serving, use_case=_USE_CASE)
            copy.check_status(CopyStatus.APPROVED)
            _check_free(work, copy, now)
            agency = work.organisation.get_agency(copy.agency_id)
            certificate = get_certificate(work, HolderKind.AGENCY, agency.id, now)
            sealing = CopySealing(
                nonce=secrets.token_hex(16),
                certificate_id=certificate.id,
                actor_id=actor.person_id,
                begun_at=now,
            )
            copy.sealing = sealing
            record_copy(
                work,
                AuditEvent.COPY_CERTIFY_BEGIN,
                copy,
                actor=actor,
                now=now,
                certificate=certificate.id,
                nonce=sealing.nonce,
            )
            entry = work.registers.find_for(RegisterBook.COPIES, copy.id)
            if entry is None:
                entry = _bind_number(work, copy, agency.symbol, actor, now)
            copy.symbol = entry.symbol
            copy.updated_at = now
            work.copies.save(copy)
            work.commit()
        act = SignatureAct(
            field=SignatureField.MARK,
            certificate=certificate,
            appearance=b"",
            reason=f"{MARKS[copy.form]} {entry.symbol}",
            at=now,
        )
        lines = mark_lines(copy.form, agency, now)
        return _Begun(copy=copy, entry=entry, sealing=sealing, act=act, lines=lines)

    def _sign(self, begun: _Begun, actor: Actor, pin: str) -> CertifiedFile:
        scan = self.read_original(begun.copy.scan.digest, begun.copy.id, actor, kind="copy")
        mark = self.marks.draw(begun.lines, self.pages.first_page(scan))
        placed = self.signer.place(scan, SignatureField.MARK, mark.box)
        act = replace(begun.act, appearance=mark.appearance)
        with self.pins.open(act.certificate, pin, actor) as key:
            signed = self.signer.sign(placed, act, key)
        if not signed.is_stamped:
            with self.start_work() as work:
                note_answer(work, Service.TIMESTAMP, self.clock.now(), answers=False)
                work.commit()
            raise SignerUnavailableError("no time-stamp", code=ErrorCode.TIMESTAMP_UNAVAILABLE)
        signature = check_signed(
            signed.content,
            act.certificate.id,
            signer=self.signer,
            verifier=self.verifier,
            now=self.clock.now(),
        )
        return CertifiedFile(
            digest=self.originals.add(signed.content),
            size_bytes=len(signed.content),
            signature=signature,
        )

    def _keep(self, task_id: TaskId, actor: Actor, begun: _Begun, file: CertifiedFile) -> None:
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            work.processes.complete(
                task_id,
                serving,
                use_case=_USE_CASE,
                now=now,
                outcome="certified",
                comment=begun.entry.symbol,
            )
            check_not_stopped(work, begun.act.certificate.id)
            copy = work.copies.get(begun.copy.id)
            copy.certify(file, begun.sealing.nonce, now)
            work.copies.save(copy)
            # What was bound may have been voided while the key worked; then nothing is issued.
            bound = work.registers.find_for(RegisterBook.COPIES, copy.id)
            if bound is None or bound.symbol != copy.symbol:
                raise ConflictError(
                    f"{copy.symbol} is no longer bound", code=ErrorCode.REGISTER_ENTRY_CLOSED
                )
            work.registers.save(bound.issued())
            record_copy(
                work,
                AuditEvent.COPY_CERTIFY,
                copy,
                actor=actor,
                now=now,
                symbol=copy.symbol,
                certificate=file.signature.certificate_id,
                cms=file.signature.cms_sha256,
                nonce=begun.sealing.nonce,
                signed_digest=copy.scan.digest,
            )
            work.commit()

    @contextmanager
    def _or_void(self, begun: _Begun, actor: Actor) -> Iterator[None]:
        """Free the copy at once when the block fails; what stops the process frees it later."""
        try:
            yield
        except Exception as error:
            reason = error.code if isinstance(error, TrinhKyError) else ErrorCode.UNEXPECTED
            now = self.clock.now()
            with self.start_work() as work:
                copy = work.copies.get(begun.copy.id)
                if copy.sealing is not None and copy.sealing.nonce == begun.sealing.nonce:
                    copy.sealing = None
                    work.copies.save(copy)
                    record_copy(
                        work,
                        AuditEvent.COPY_CERTIFY_FAIL,
                        copy,
                        actor=actor,
                        now=now,
                        nonce=begun.sealing.nonce,
                        reason=reason,
                    )
                    work.commit()
            raise


def _check_free(work: UnitOfWork, copy: CertifiedCopy, now: datetime) -> None:
    """Check that nobody is certifying the copy; note what a crash left behind.

    Raises:
        ConflictError: somebody is, `params` say who and since when.
    """
    sealing = copy.sealing
    if sealing is None:
        return
    person = work.organisation.get_person(sealing.actor_id)
    if sealing.is_underway(now):
        raise ConflictError(
            f"copy {copy.id} is being certified",
            code=ErrorCode.SIGNING_UNDERWAY,
            by=person.full_name,
            at=f"{local(sealing.begun_at):%d/%m/%Y %H:%M}",
        )
    record_copy(
        work,
        AuditEvent.COPY_CERTIFY_FAIL,
        copy,
        actor=SYSTEM,
        now=now,
        nonce=sealing.nonce,
        reason="expired",
    )


def _bind_number(
    work: UnitOfWork, copy: CertifiedCopy, agency_symbol: str, actor: Actor, now: datetime
) -> RegisterEntry:
    today = local(now).date()
    approver = work.organisation.get_person(copy.approved_by) if copy.approved_by else None
    # Taken last, so that the counter's row is held as shortly as can be.
    number = work.registers.take_next(copy.agency_id, RegisterBook.COPIES, COPY_SERIES, today.year)
    entry = RegisterEntry(
        agency_id=copy.agency_id,
        book=RegisterBook.COPIES,
        series=COPY_SERIES,
        year=today.year,
        number=number,
        suffix="",
        state=EntryState.BOUND,
        subject_id=copy.id,
        symbol=f"{number_text(number)}/{ABBREVIATIONS[copy.form]}-{agency_symbol}",
        dated_on=today,
        title=f"{copy.original.kind} {copy.original.symbol}: {copy.original.subject}",
        signatory=approver.full_name if approver else "",
        counterpart=copy.original.issuer,
        entered_at=now,
        entered_by=actor.person_id,
    )
    work.registers.add(entry)
    record_copy(
        work,
        AuditEvent.COPY_NUMBER_BIND,
        copy,
        actor=actor,
        now=now,
        symbol=entry.symbol,
        date=today.isoformat(),
    )
    return entry
