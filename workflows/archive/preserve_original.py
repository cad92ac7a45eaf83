"""Take an original one step further: evidence, archive time-stamp, renewal.

Deliveries keep the original they received; the archive is the sender's.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, NotFoundError, SigningError, StorageError, TrinhKyError
from engine.model.document import Digest, Document, DocumentId, DocumentStatus
from engine.model.organisation import SYSTEM
from engine.model.outage import Service
from engine.model.preservation import Preservation, PreservationLevel, PreservationPlan
from engine.model.verification import Verdict
from engine.outages import note_answer
from engine.ports import ObjectStore, StartWork
from engine.ports_preservation import ArchivedPdf, Preserver
from engine.ports_signing import Verifier
from engine.records import record_document
from engine.undertaking import expected_signatures

_log = logging.getLogger(__name__)
_EVENTS = {
    PreservationLevel.STAMPED: AuditEvent.ARCHIVE_EVIDENCE,
    PreservationLevel.EVIDENCED: AuditEvent.ARCHIVE_STAMP,
    PreservationLevel.ARCHIVED: AuditEvent.ARCHIVE_RENEW,
}


@dataclass(frozen=True, kw_only=True)
class PreserveOriginal:
    """Job: do the next step of one original; what cannot be done is listed with its reason.

    Running it again is harmless: a step that was done moves the row on, and only what is due,
    or asked for, is done.

    Args:
        plan: the times of the installation.
    """

    start_work: StartWork
    clock: Clock
    originals: ObjectStore
    preserver: Preserver
    verifier: Verifier
    plan: PreservationPlan

    def __call__(self, payload: Mapping[str, str]) -> None:
        """Do the next step.

        Args:
            payload: `document_id`, and `goal`: `archive` to archive at once, whatever is due.

        Source: ETSI EN 319 142-1, clause 6.
        """
        now = self.clock.now()
        with self.start_work() as work:
            row = work.preservations.get(DocumentId(payload["document_id"]))
            document = work.documents.get(row.document_id)
        at_once = payload.get("goal") == "archive" and row.level is not PreservationLevel.ARCHIVED
        if not at_once and now < row.due_at:
            return
        if row.level is PreservationLevel.EVIDENCED and not at_once and not _has_left(document):
            self._save(row.postponed(now), row)
            return
        try:
            after, event = self._next(row, document, now, at_once=at_once)
        except TrinhKyError as error:
            self._note_failure(row, document, error, now)
            return
        with self.start_work() as work:
            work.preservations.save(after, seen=row)
            record_document(
                work,
                event,
                document,
                actor=SYSTEM,
                now=now,
                original=row.original,
                copy=after.copy or "",
                level=after.level,
            )
            work.commit()

    def _next(
        self, row: Preservation, document: Document, now: datetime, *, at_once: bool
    ) -> tuple[Preservation, AuditEvent]:
        """Make, check and store the next copy; return what is to be recorded.

        Raises:
            SigningError: it cannot be made, or does not verify.
            StorageError: the objects cannot be read or written, or one is missing.
        """
        source = self._read(row.source)
        evidenced = self.preserver.add_evidence(source, at=now)
        if row.level is PreservationLevel.STAMPED and not at_once:
            self._check(evidenced, row, document, PreservationLevel.EVIDENCED)
            after = row.evidenced(self.originals.add(evidenced), now, self.plan)
            return after, _EVENTS[row.level]
        self.preserver.check_lasts(evidenced, at=now)
        archived = self.preserver.stamp(evidenced)
        _check_longer(row, archived)
        self._check(archived.content, row, document, PreservationLevel.ARCHIVED)
        digest = self.originals.add(archived.content)
        after = row.archived(digest, now, renew_by=archived.renew_by, plan=self.plan)
        return after, AuditEvent.ARCHIVE_STAMP if at_once else _EVENTS[row.level]

    def _check(
        self, copy: bytes, row: Preservation, document: Document, level: PreservationLevel
    ) -> None:
        """Check a copy as a judge would who sees it first.

        Raises:
            SigningError: code PRESERVATION_REFUSED; the original is not its beginning, or it
                does not pass at `level`.
        """
        report = self.verifier.verify(copy, expected=expected_signatures(document.signatures))
        levels = {entry.level for entry in report.signatures if entry.level}
        begins = copy.startswith(self._read(row.original))
        if report.verdict is not Verdict.PASSED or levels != {level.value} or not begins:
            raise SigningError(
                f"the copy is {report.verdict} {report.reason} at {sorted(levels)}, "
                f"begins with the original: {begins}",
                code=ErrorCode.PRESERVATION_REFUSED,
            )

    def _read(self, digest: Digest) -> bytes:
        """Return a stored file.

        Raises:
            StorageError: it cannot be read; code OBJECT_MISSING: it is not there.
        """
        try:
            return self.originals.read(digest)
        except NotFoundError as error:
            raise StorageError(error.detail, code=ErrorCode.OBJECT_MISSING) from error

    def _note_failure(
        self, row: Preservation, document: Document, error: TrinhKyError, now: datetime
    ) -> None:
        _log.warning("preservation of %s: %s", row.document_id, error)
        after = row.failed(error.code, now, try_later=error.retryable)
        with self.start_work() as work:
            work.preservations.save(after, seen=row)
            if error.code is ErrorCode.TIMESTAMP_UNAVAILABLE:
                note_answer(work, Service.TIMESTAMP, now, answers=False)
            # Waiting is no news; what went wrong is, the first time.
            if not error.retryable and row.reason != error.code:
                record_document(
                    work,
                    AuditEvent.ARCHIVE_FAIL,
                    document,
                    actor=SYSTEM,
                    now=now,
                    reason=error.code,
                )
            work.commit()

    def _save(self, after: Preservation, seen: Preservation) -> None:
        with self.start_work() as work:
            work.preservations.save(after, seen=seen)
            work.commit()


def _has_left(document: Document) -> bool:
    return document.status is DocumentStatus.DISPATCHED


def _check_longer(row: Preservation, archived: ArchivedPdf) -> None:
    """Check that a renewal proves for longer than what it renews.

    Raises:
        SigningError: code TIMESTAMP_ENDING; the authority still uses the certificate that ends.
    """
    if row.renew_by is not None and archived.renew_by <= row.renew_by:
        raise SigningError(
            f"the authority's certificate ends at {archived.renew_by.isoformat()}",
            code=ErrorCode.TIMESTAMP_ENDING,
        )
