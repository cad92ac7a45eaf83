"""Seal the approved paper with the agency's key and publish it."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import (
    ConflictError,
    ErrorCode,
    SignerUnavailableError,
    TrinhKyError,
)
from engine.layout.marks import time_line
from engine.layout.schedule import NOTES
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import Actor
from engine.model.outage import Service
from engine.model.schedule import (
    ScheduleSealing,
    SealedSchedule,
    WeekState,
    WorkSchedule,
)
from engine.model.schedule_entries import (
    ChangeKind,
    EntryChange,
)
from engine.model.signing_intent import TIMESTAMP_GRACE
from engine.notifying import notify
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
from workflows.schedule.weeks import check_free, find_task, people_of, record_schedule

_USE_CASE = "publish_schedule"
_SHOWN_CHARS = 400


@dataclass(frozen=True, kw_only=True)
class _Begun:
    """Hold what was undertaken before the key is asked."""

    schedule: WorkSchedule
    sealing: ScheduleSealing
    act: SignatureAct
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PublishSchedule:
    """Use case: the clerk seals an approved week, and the agency sees it."""

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

    def __call__(self, task_id: TaskId, actor: Actor, pin: str) -> None:
        """Seal and publish the week behind `task_id`; from here on its bytes never change.

        Args:
            pin: of the agency's key, kept by the clerk; passed through, never kept.

        Raises:
            NotPermittedError: not this person's task.
            PinRejectedError: wrong PIN, or locked; the task stays open.
            CertificateRejectedError: missing, expired or revoked certificate.
            SignerUnavailableError: no key or no time-stamp, which is noted as an outage; or code
                TIMESTAMP_GRACE_OVER, none for so long that nothing is signed. The task stays open.
            ConflictError: the task is closed, or somebody is sealing the week.

        Source: Decree 30/2020/NĐ-CP, Appendix I (agency's name and time of signing).
        """
        begun = self._begin(task_id, actor)
        # No transaction is open while the key works.
        with self._or_void(begun, actor):
            file = self._seal(begun, actor, pin)
            self._keep(task_id, actor, begun, file)

    def _begin(self, task_id: TaskId, actor: Actor) -> _Begun:
        now = self.clock.now()
        with self.start_work() as work:
            check_stamps_come(work, now, self.stamp_grace)
            serving = with_posts_today(work.organisation, actor, now)
            schedule = find_task(work, task_id, serving, use_case=_USE_CASE)
            schedule.check_state(WeekState.APPROVED)
            check_free(work, schedule, now)
            agency = work.organisation.get_agency(schedule.agency_id)
            certificate = get_certificate(work, HolderKind.AGENCY, agency.id, now)
            schedule.sealing = ScheduleSealing(
                nonce=secrets.token_hex(16),
                certificate_id=certificate.id,
                actor_id=actor.person_id,
                begun_at=now,
            )
            work.schedules.save(schedule)
            record_schedule(
                work,
                AuditEvent.SCHEDULE_SEAL_BEGIN,
                schedule,
                actor=actor,
                now=now,
                certificate=certificate.id,
                digest=schedule.paper_digest or "",
                nonce=schedule.sealing.nonce,
            )
            work.commit()
        act = SignatureAct(
            field=SignatureField.MARK,
            certificate=certificate,
            appearance=b"",
            reason=schedule.title,
            at=now,
        )
        lines = (agency.name, time_line(now))
        return _Begun(schedule=schedule, sealing=schedule.sealing, act=act, lines=lines)

    def _seal(self, begun: _Begun, actor: Actor, pin: str) -> SealedSchedule:
        schedule = begun.schedule
        if schedule.paper_digest is None:
            raise ConflictError(f"{schedule.id} has no paper", code=ErrorCode.SCHEDULE_UNSIGNED)
        paper = self.read_original(schedule.paper_digest, schedule.id, actor, kind="schedule")
        mark = self.marks.draw(begun.lines, self.pages.first_page(paper))
        placed = self.signer.place(paper, SignatureField.MARK, mark.box)
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
        return SealedSchedule(
            digest=self.originals.add(signed.content),
            size_bytes=len(signed.content),
            page_count=schedule.paper_pages,
            signature=signature,
        )

    def _keep(self, task_id: TaskId, actor: Actor, begun: _Begun, file: SealedSchedule) -> None:
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            work.processes.complete(
                task_id,
                serving,
                use_case=_USE_CASE,
                now=now,
                outcome="published",
                writes={"sealed": True},
            )
            check_not_stopped(work, begun.act.certificate.id)
            schedule = work.schedules.get(begun.schedule.id)
            schedule.publish(file, begun.sealing.nonce, actor.person_id, now)
            if schedule.base_id is not None:
                base = work.schedules.get(schedule.base_id)
                base.supersede(now)
                work.schedules.save(base)
            work.schedules.save(schedule)
            changes = work.schedules.read_week(schedule.id).changes()
            record_schedule(
                work,
                AuditEvent.SCHEDULE_PUBLISH,
                schedule,
                actor=actor,
                now=now,
                certificate=file.signature.certificate_id,
                cms=file.signature.cms_sha256,
                digest=file.digest,
                nonce=begun.sealing.nonce,
                signed_digest=schedule.paper_digest or "",
                **count_changes(changes),
            )
            _tell(work, schedule, changes, actor=actor, now=now)
            work.commit()

    @contextmanager
    def _or_void(self, begun: _Begun, actor: Actor) -> Iterator[None]:
        """Free the week at once when the block fails; what stops the process frees it later."""
        try:
            yield
        except Exception as error:
            reason = error.code if isinstance(error, TrinhKyError) else ErrorCode.UNEXPECTED
            now = self.clock.now()
            with self.start_work() as work:
                schedule = work.schedules.get(begun.schedule.id)
                sealing = schedule.sealing
                if sealing is not None and sealing.nonce == begun.sealing.nonce:
                    schedule.sealing = None
                    work.schedules.save(schedule)
                    record_schedule(
                        work,
                        AuditEvent.SCHEDULE_SEAL_FAIL,
                        schedule,
                        actor=actor,
                        now=now,
                        nonce=begun.sealing.nonce,
                        reason=reason,
                    )
                    work.commit()
            raise


def count_changes(changes: Sequence[EntryChange]) -> dict[str, str]:
    """Return how many entries were added, removed, moved and edited, for a leaf or a notice."""
    counts = {kind: sum(each.kind is kind for each in changes) for kind in ChangeKind}
    return {kind.value: str(count) for kind, count in counts.items() if count}


def say_changes(changes: Sequence[EntryChange]) -> str:
    """Return what changed in words, as much of it as a notice holds; the page lists all."""
    said = "; ".join(
        f"{NOTES[each.kind]}: {each.entry.text.content} ({each.entry.text.day:%d/%m})"
        for each in changes
    )
    return said if len(said) <= _SHOWN_CHARS else f"{said[: _SHOWN_CHARS - 1]}…"


def _tell(
    work: UnitOfWork,
    schedule: WorkSchedule,
    changes: Sequence[EntryChange],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Tell the agency; of a change also what it is, and nothing where its readers see none."""
    is_first = schedule.base_id is None
    if not is_first and not changes:
        return
    notify(
        work,
        NoticeKind.SCHEDULE_PUBLISHED if is_first else NoticeKind.SCHEDULE_CHANGED,
        people_of(work, schedule.agency_id, now),
        subject_kind=SubjectKind.SCHEDULE,
        subject_id=schedule.id,
        title=schedule.title,
        now=now,
        actor=actor,
        changes=say_changes(changes),
    )
