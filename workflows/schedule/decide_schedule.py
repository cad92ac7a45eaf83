"""Decide on a week as a leader of the agency: approve it, or return it with a reason."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, NotPermittedError
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.model.schedule import WorkSchedule
from engine.notifying import notify
from engine.ports import ObjectStore, StartWork, UnitOfWork
from engine.ports_schedules import ScheduleLayout
from engine.process.model import TaskId
from workflows.schedule.papers import approver_line, compose_paper
from workflows.schedule.weeks import LATE_HOURS, MENDERS, find_task, people_of, record_schedule

_MAX_REASON_CHARS = 2000
#: How much of a reason a notice shows; the page has all of it.
_SHOWN_CHARS = 200


@dataclass(frozen=True, kw_only=True)
class ApproveSchedule:
    """Use case: a leader approves the week; the clerk seals exactly the paper of this moment."""

    start_work: StartWork
    start_reading: StartWork
    layout: ScheduleLayout
    originals: ObjectStore
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor) -> None:
        """Approve the week behind `task_id`.

        Raises:
            NotPermittedError: not this person's task; or code SCHEDULE_OWN, they submitted the
                week and would approve it for a leader who is away.
            ConflictError: the task is closed, or the week changed meanwhile.
        """
        now = self.clock.now()
        with self.start_reading() as work:
            schedule = find_task(work, task_id, actor, use_case="approve_schedule")
            _check_not_own(work, schedule, actor)
            week = work.schedules.read_week(schedule.id)
            approver = approver_line(work, actor, schedule.agency_id)
            paper = compose_paper(work, week, approver=approver, at=now)
        rendered = self.layout.render(paper)
        digest = self.originals.add(rendered.pdf)
        with self.start_work() as work:
            schedule = find_task(work, task_id, actor, use_case="approve_schedule")
            _check_not_own(work, schedule, actor)
            if schedule.version != week.schedule.version:
                raise ConflictError(f"{schedule.id} changed", code=ErrorCode.DOCUMENT_CHANGED)
            schedule.approve(actor.person_id, digest, page_count=rendered.page_count, at=now)
            work.schedules.save(schedule)
            work.processes.complete(
                task_id,
                actor,
                use_case="approve_schedule",
                now=now,
                outcome="approved",
                writes={"approved": True},
            )
            record_schedule(
                work, AuditEvent.SCHEDULE_APPROVE, schedule, actor=actor, now=now, digest=digest
            )
            work.commit()


@dataclass(frozen=True, kw_only=True)
class ReturnSchedule:
    """Use case: a leader returns the week to its office."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, reason: str) -> None:
        """Return the week behind `task_id`; units may mend their entries again.

        Raises:
            InvalidInputError: no reason given.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.
        """
        said = clean_remark(reason, field="reason", max_chars=_MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            schedule = find_task(work, task_id, actor, use_case="return_schedule")
            due_at = work.processes.calendar.add_working_hours(now, LATE_HOURS)
            schedule.send_back(said, due_at, now)
            work.schedules.save(schedule)
            work.processes.complete(
                task_id,
                actor,
                use_case="return_schedule",
                now=now,
                outcome="returned",
                comment=said,
                writes={"approved": False},
            )
            record_schedule(
                work, AuditEvent.SCHEDULE_RETURN, schedule, actor=actor, now=now, reason=said
            )
            notify(
                work,
                NoticeKind.SCHEDULE_RETURNED,
                people_of(work, schedule.agency_id, now, roles=MENDERS),
                subject_kind=SubjectKind.SCHEDULE,
                subject_id=schedule.id,
                title=schedule.title,
                now=now,
                actor=actor,
                reason=said[:_SHOWN_CHARS],
            )
            work.commit()


def _check_not_own(work: UnitOfWork, schedule: WorkSchedule, actor: Actor) -> None:
    """Check that whoever submitted the week does not approve it for somebody else.

    Raises:
        NotPermittedError: code SCHEDULE_OWN.
    """
    if schedule.submitted_by == actor.person_id and work.deputies.find(actor.person_id):
        raise NotPermittedError(
            f"{actor.person_id} submitted {schedule.id}",
            code=ErrorCode.SCHEDULE_OWN,
            predicate="is_not_the_submitter",
        )
