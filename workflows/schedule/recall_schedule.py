"""Take an approved week back before it is sealed, because something in it turned out wrong."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.model.schedule import WeekState
from engine.notifying import notify
from engine.ports import StartWork
from engine.process.model import TaskId
from workflows.schedule.weeks import (
    LATE_HOURS,
    MENDERS,
    check_free,
    find_task,
    people_of,
    record_schedule,
)

_USE_CASE = "recall_schedule"
_MAX_REASON_CHARS = 2000
#: How much of a reason a notice shows; the page has all of it.
_SHOWN_CHARS = 200


@dataclass(frozen=True, kw_only=True)
class RecallSchedule:
    """Use case: the clerk opens an approved week again instead of sealing it."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, reason: str) -> None:
        """Take back the week behind `task_id`; it is mended and approved anew.

        Raises:
            InvalidInputError: no reason given.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed, or somebody is sealing the week.
        """
        said = clean_remark(reason, field="reason", max_chars=_MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            schedule = find_task(work, task_id, actor, use_case=_USE_CASE)
            schedule.check_state(WeekState.APPROVED)
            check_free(work, schedule, now)
            approver, digest = schedule.approved_by, schedule.paper_digest or ""
            due_at = work.processes.calendar.add_working_hours(now, LATE_HOURS)
            schedule.recall(said, due_at, now)
            work.schedules.save(schedule)
            work.processes.complete(
                task_id,
                actor,
                use_case=_USE_CASE,
                now=now,
                outcome="returned",
                comment=said,
                writes={"sealed": False},
            )
            record_schedule(
                work,
                AuditEvent.SCHEDULE_RETURN,
                schedule,
                actor=actor,
                now=now,
                reason=said,
                digest=digest,
            )
            menders = people_of(work, schedule.agency_id, now, roles=MENDERS)
            notify(
                work,
                NoticeKind.SCHEDULE_RETURNED,
                dict.fromkeys([*menders, *([approver] if approver else [])]),
                subject_kind=SubjectKind.SCHEDULE,
                subject_id=schedule.id,
                title=schedule.title,
                now=now,
                actor=actor,
                reason=said[:_SHOWN_CHARS],
            )
            work.commit()
