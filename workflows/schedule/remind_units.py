"""Remind the units that have added nothing to a week before its time is up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import SYSTEM, PersonId, Role
from engine.model.schedule import (
    Week,
    WeekState,
)
from engine.model.schedule_entries import (
    ScheduleId,
)
from engine.notifying import notify
from engine.ports import StartWork, UnitOfWork
from engine.process.model import InstanceId
from engine.process.progress import Progress
from workflows.schedule.weeks import record_schedule

_OPERATION = "remind_units"


@dataclass(frozen=True, kw_only=True)
class RemindUnits:
    """Job: the heads of units without an entry are told; harmless when repeated."""

    start_work: StartWork
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:
        """Tell them, and let the process go on.

        Args:
            payload: `business_key`, the version; `instance_id`, its process.

        Raises:
            ConflictError: somebody else did it at the same moment.
        """
        now = self.clock.now()
        with self.start_work() as work:
            week = work.schedules.read_week(ScheduleId(payload["business_key"]))
            schedule = week.schedule
            instance_id = InstanceId(payload["instance_id"])
            if schedule.state is WeekState.DISCARDED or not _waits(work, instance_id):
                return
            people = _silent_heads(work, week, now)
            if schedule.state is WeekState.GATHERING:
                notify(
                    work,
                    NoticeKind.SCHEDULE_REMINDER,
                    people,
                    subject_kind=SubjectKind.SCHEDULE,
                    subject_id=schedule.id,
                    title=schedule.title,
                    now=now,
                    due=f"{local(schedule.due_at):%H:%M %d/%m/%Y}",
                )
            work.processes.complete_operation(instance_id, _OPERATION, now=now, outcome="reminded")
            record_schedule(
                work,
                AuditEvent.SCHEDULE_REMIND,
                schedule,
                actor=SYSTEM,
                now=now,
                people=str(len(people)),
            )
            work.commit()


def _waits(work: UnitOfWork, instance_id: InstanceId) -> bool:
    nodes = work.processes.describe(instance_id)
    return any(each.node.id == _OPERATION and each.state is Progress.CURRENT for each in nodes)


def _silent_heads(work: UnitOfWork, week: Week, now: datetime) -> Sequence[PersonId]:
    """Return who heads a unit that has no entry in the week."""
    heard = {entry.unit_id for entry in week.entries}
    heads = work.organisation.list_posts(
        week.schedule.agency_id, local(now).date(), role=Role.DIVISION_HEAD
    )
    return [post.person_id for post in heads if post.unit_id not in heard]
