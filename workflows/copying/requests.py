"""Check what is said of a copy before any of it is stored, and find the copy behind a task."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import local
from engine.errors import ErrorCode, InvalidInputError, NotPermittedError
from engine.layout.marks import time_line
from engine.markable import MarkTrial
from engine.model.copy import (
    MARKS,
    MAX_FACT_CHARS,
    CertifiedCopy,
    CopyForm,
    CopyId,
    CopyStatus,
    PaperOriginal,
    Scan,
)
from engine.model.organisation import Actor, Agency, Role
from engine.model.remarks import check_unclassified
from engine.ports import ObjectStore, UnitOfWork
from engine.ports_copies import PdfIntake, Purpose
from engine.presence import with_posts_today
from engine.process.model import TaskId, WorkItem
from engine.text import clean_line

_MAX_PAGES_CHARS = 100
_GONE = "Người đề nghị không còn làm việc tại cơ quan."


def clean_original(original: PaperOriginal, now: datetime) -> PaperOriginal:
    """Return what the paper is, as it may be stored.

    Raises:
        InvalidInputError: a fact is missing, too long, classified, or the date lies ahead.
    """

    def line(name: str) -> str:
        return clean_line(getattr(original, name), field=name, max_chars=MAX_FACT_CHARS)

    said = replace(
        original,
        kind=line("kind"),
        symbol=line("symbol"),
        issuer=line("issuer"),
        subject=line("subject"),
    )
    check_unclassified(said.kind, said.symbol, said.issuer, said.subject)
    if said.dated_on > local(now).date():
        raise InvalidInputError("dated ahead", field="dated_on")
    return said


def clean_pages(form: CopyForm, pages: str) -> str:
    """Return which pages an extract holds; nothing for a whole copy.

    Raises:
        InvalidInputError: an extract that does not say which pages.
    """
    if form is not CopyForm.EXTRACT:
        return ""
    said = clean_line(pages, field="pages", max_chars=_MAX_PAGES_CHARS)
    check_unclassified(said)
    return said


def mark_lines(form: CopyForm, agency: Agency, at: datetime) -> tuple[str, str, str]:
    """Return what the mark on a copy says.

    Source: Decree 30/2020/NĐ-CP, Appendix I, part II.
    """
    return MARKS[form], agency.name, time_line(at)


def take_in_scan(
    intake: PdfIntake,
    originals: ObjectStore,
    pdf: bytes,
    lines: Sequence[str],
    try_mark: MarkTrial,
) -> Scan:
    """Take in and store a scan that can bear the mark `lines`.

    Raises:
        InvalidInputError: it may not enter; code UPLOAD_UNMARKABLE, it cannot be marked; or code
            UPLOAD_SIGNED: it carries signatures. There is no `sao y` from electronic to
            electronic: an electronic original is passed on.
        SignerUnavailableError: it could not be looked at now.

    Source: Decree 30/2020/NĐ-CP, Art. 25, clause 1.
    """
    taken = intake.take_in(pdf, Purpose.SCAN)
    if taken.is_signed:
        raise InvalidInputError("the file carries signatures", code=ErrorCode.UPLOAD_SIGNED)
    try_mark(taken.pdf, lines)
    return Scan(
        digest=originals.add(taken.pdf),
        size_bytes=len(taken.pdf),
        page_count=taken.page_count,
        warnings=taken.warnings,
    )


def copy_of(work: UnitOfWork, task: WorkItem) -> CertifiedCopy:
    """Return the copy a task is about.

    Raises:
        NotPermittedError: the task belongs to another agency than the copy.
    """
    copy = work.copies.get(CopyId(task.business_key))
    if task.agency_id != copy.agency_id:
        raise NotPermittedError(
            f"task {task.id} of {task.agency_id} on a copy of {copy.agency_id}",
            code=ErrorCode.TASK_NOT_YOURS,
            predicate="is_of_the_agency",
        )
    return copy


def find_task(work: UnitOfWork, task_id: TaskId, actor: Actor, *, use_case: str) -> CertifiedCopy:
    """Return the copy behind a task that `actor` may complete by `use_case`.

    Raises:
        NotPermittedError, ConflictError, NotFoundError: as `Processes.check_may_complete`.
    """
    task = work.processes.check_may_complete(task_id, actor, use_case=use_case)
    return copy_of(work, task)


def find_amendment(
    work: UnitOfWork, task_id: TaskId, actor: Actor, *, use_case: str, now: datetime
) -> CertifiedCopy:
    """Return the copy behind a task to amend; who steps in for somebody gone gets the task.

    Nothing is written when the actor has the task already, or may not step in.

    Raises:
        NotPermittedError, ConflictError, NotFoundError: as `Processes.check_may_complete`.
    """
    task = work.processes.get_task(task_id)
    copy = copy_of(work, task)
    if task.closed_at is None and may_step_in(work, copy, actor, now):
        work.processes.reassignment.hand_over(
            task_id,
            actor.person_id,
            actor=actor,
            now=now,
            reason=_GONE,
            as_superior=True,
        )
        # Whoever puts it forward now answers for it, also when it comes back once more.
        copy.requester_id = actor.person_id
    work.processes.check_may_complete(task_id, actor, use_case=use_case)
    return copy


def may_step_in(work: UnitOfWork, copy: CertifiedCopy, actor: Actor, now: datetime) -> bool:
    """Tell whether `actor` may amend or withdraw a copy because who asked for it is gone.

    Returned requests stay with who made them; only when that person serves the agency no more,
    any clerk or administrator who serves it takes them on.
    """
    roles = (Role.CLERK, Role.ADMINISTRATOR)
    serving = with_posts_today(work.organisation, actor, now)
    return (
        copy.status is CopyStatus.RETURNED
        and any(serving.has_role(role, copy.agency_id) for role in roles)
        and is_abandoned(work, copy, now)
    )


def is_abandoned(work: UnitOfWork, copy: CertifiedCopy, now: datetime) -> bool:
    """Tell whether who asked for a copy serves its agency no more."""
    posts = work.organisation.list_posts_of(copy.requester_id, local(now).date())
    return all(post.agency_id != copy.agency_id for post in posts)


def record_copy(
    work: UnitOfWork,
    event: AuditEvent,
    copy: CertifiedCopy,
    *,
    actor: Actor,
    now: datetime,
    **details: str,
) -> None:
    """Append the leaf of an act on a copy."""
    work.audit.record(
        event,
        subject=f"copy:{copy.id}",
        group=copy.id,
        actor=actor,
        at=now,
        details={"form": copy.form, "digest": copy.current_digest} | details,
    )
