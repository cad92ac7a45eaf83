"""Mend a request for a copy that came back, or withdraw it."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.markable import MarkTrial
from engine.model.copy import CopyForm, CopyStatus, PaperOriginal
from engine.model.organisation import Actor
from engine.ports import ObjectStore, StartWork
from engine.ports_copies import PdfIntake
from engine.process.model import TaskId
from workflows.copying.requests import (
    clean_original,
    clean_pages,
    find_amendment,
    mark_lines,
    record_copy,
    take_in_scan,
)


@dataclass(frozen=True, kw_only=True)
class AmendCopy:
    """Use case: who asked for the copy mends the request and puts it forward again.

    For somebody who has left the agency, any of its clerks or administrators does it.
    """

    start_work: StartWork
    intake: PdfIntake
    try_mark: MarkTrial
    originals: ObjectStore
    clock: Clock

    def __call__(
        self,
        task_id: TaskId,
        form: CopyForm,
        original: PaperOriginal,
        scan: bytes,
        actor: Actor,
        *,
        pages: str = "",
    ) -> None:
        """Replace what was said, and the scan if another one is given.

        Args:
            scan: PDF of the paper; b"" keeps the one there is.

        Raises:
            InvalidInputError: as `RequestCopy`; nothing is stored.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.
        """
        now = self.clock.now()
        cleaned, extract = clean_original(original, now), clean_pages(form, pages)
        with self.start_work() as work:
            # What this hands over is not committed: the scan may yet be refused.
            copy = find_amendment(work, task_id, actor, use_case="amend_copy", now=now)
            agency = work.organisation.get_agency(copy.agency_id)
        lines = mark_lines(form, agency, now)
        other = (
            take_in_scan(self.intake, self.originals, scan, lines, self.try_mark) if scan else None
        )
        with self.start_work() as work:
            copy = find_amendment(work, task_id, actor, use_case="amend_copy", now=now)
            copy.check_status(CopyStatus.RETURNED)
            copy.form, copy.original, copy.pages = form, cleaned, extract
            copy.scan = other or copy.scan
            copy.move(CopyStatus.AWAITING_APPROVAL, now)
            work.copies.save(copy)
            work.processes.complete(
                task_id,
                actor,
                use_case="amend_copy",
                now=now,
                outcome="submitted",
                writes={"withdrawn": False},
            )
            record_copy(
                work,
                AuditEvent.COPY_AMEND,
                copy,
                actor=actor,
                now=now,
                original=cleaned.symbol,
                issuer=cleaned.issuer,
            )
            work.commit()


@dataclass(frozen=True, kw_only=True)
class WithdrawCopy:
    """Use case: who asked for the copy gives it up; or, once they left, a clerk of the agency."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor) -> None:
        """End the request behind `task_id`.

        Raises:
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.
        """
        now = self.clock.now()
        with self.start_work() as work:
            copy = find_amendment(work, task_id, actor, use_case="withdraw_copy", now=now)
            copy.check_status(CopyStatus.RETURNED)
            copy.move(CopyStatus.WITHDRAWN, now, reason=copy.reason)
            work.copies.save(copy)
            work.processes.complete(
                task_id,
                actor,
                use_case="withdraw_copy",
                now=now,
                outcome="withdrawn",
                writes={"withdrawn": True},
            )
            record_copy(work, AuditEvent.COPY_WITHDRAW, copy, actor=actor, now=now)
            work.commit()
