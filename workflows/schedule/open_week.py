"""Open a week: the first version, or a change of what is published."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ConflictError, ErrorCode
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import Actor, AgencyId
from engine.model.remarks import clean_remark
from engine.model.schedule import (
    IN_PREPARATION,
    SCHEDULE_PROCEDURE,
    WeekState,
    WorkSchedule,
    check_week_ahead,
    monday_of,
    title_of,
)
from engine.model.schedule_entries import (
    ScheduleEntry,
    ScheduleId,
)
from engine.notifying import notify
from engine.ports import StartWork, UnitOfWork
from workflows.schedule.weeks import (
    carried_over,
    check_may_compile,
    gathering_end,
    people_of,
    record_schedule,
    reminding_time,
)

_MAX_REASON_CHARS = 1000


@dataclass(frozen=True, kw_only=True)
class OpenWeek:
    """Use case: the office opens a week, and the units add their entries."""

    start_work: StartWork
    clock: Clock

    def __call__(self, agency_id: AgencyId, day: date, actor: Actor) -> ScheduleId:
        """Open the week `day` lies in.

        Raises:
            NotPermittedError: the actor is neither clerk nor head of the clerks' unit.
            InvalidInputError: code SCHEDULE_WEEK_PAST; the week is over.
            ConflictError: code SCHEDULE_EXISTS; it is open or published already.
        """
        now, monday = self.clock.now(), monday_of(day)
        with self.start_work() as work:
            check_may_compile(work, agency_id, actor, now)
            check_week_ahead(monday, now)
            schedule = _new_version(work, agency_id, monday, actor=actor, now=now)
            if work.schedules.list_week(agency_id, monday):
                raise ConflictError(
                    f"{agency_id} has {monday}",
                    code=ErrorCode.SCHEDULE_EXISTS,
                    week=schedule.title,
                )
            _begin(work, schedule, (), actor=actor, now=now)
            record_schedule(
                work,
                AuditEvent.SCHEDULE_OPEN,
                schedule,
                actor=actor,
                now=now,
                due=schedule.due_at.isoformat(timespec="minutes"),
            )
            notify(
                work,
                NoticeKind.SCHEDULE_OPEN,
                people_of(work, agency_id, now),
                subject_kind=SubjectKind.SCHEDULE,
                subject_id=schedule.id,
                title=schedule.title,
                now=now,
                actor=actor,
                due=f"{local(schedule.due_at):%H:%M %d/%m/%Y}",
            )
            work.commit()
        return schedule.id


@dataclass(frozen=True, kw_only=True)
class ChangeWeek:
    """Use case: the office prepares a new version of a published week."""

    start_work: StartWork
    clock: Clock

    def __call__(self, schedule_id: ScheduleId, actor: Actor, reason: str) -> ScheduleId:
        """Open the next version with the entries in force; what is published stays as it is.

        Raises:
            NotPermittedError: the actor does not keep the agency's schedule.
            InvalidInputError: no reason; or code SCHEDULE_WEEK_PAST.
            ConflictError: code SCHEDULE_CLOSED, this is not the version in force; or
                SCHEDULE_EXISTS, a newer one is being prepared.
        """
        said = clean_remark(reason, field="reason", max_chars=_MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            week = work.schedules.read_week(schedule_id)
            base = week.schedule
            check_may_compile(work, base.agency_id, actor, now)
            base.check_state(WeekState.PUBLISHED)
            check_week_ahead(base.monday, now)
            newest = work.schedules.list_week(base.agency_id, base.monday)[0]
            if newest.state in IN_PREPARATION:
                raise ConflictError(
                    f"{newest.id} is being prepared",
                    code=ErrorCode.SCHEDULE_EXISTS,
                    week=base.title,
                )
            schedule = _new_version(
                work, base.agency_id, base.monday, actor=actor, now=now, base=base
            )
            schedule.reason, schedule.to_city = said, base.to_city
            entries = carried_over(week.entries, schedule.id)
            _begin(work, schedule, entries, actor=actor, now=now)
            record_schedule(
                work,
                AuditEvent.SCHEDULE_CHANGE,
                schedule,
                actor=actor,
                now=now,
                replaces=base.id,
                reason=said,
            )
            work.commit()
        return schedule.id


def _new_version(
    work: UnitOfWork,
    agency_id: AgencyId,
    monday: date,
    *,
    actor: Actor,
    now: datetime,
    base: WorkSchedule | None = None,
) -> WorkSchedule:
    return WorkSchedule(
        id=ScheduleId(uuid.uuid4().hex),
        agency_id=agency_id,
        monday=monday,
        number=base.number + 1 if base else 1,
        base_id=base.id if base else None,
        state=WeekState.GATHERING,
        title=title_of(monday),
        due_at=gathering_end(monday, now, work.processes.calendar),
        opened_by=actor.person_id,
        opened_at=now,
        updated_at=now,
    )


def _begin(
    work: UnitOfWork,
    schedule: WorkSchedule,
    entries: Sequence[ScheduleEntry],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    work.schedules.add(schedule, entries)
    work.processes.start(
        SCHEDULE_PROCEDURE,
        business_key=schedule.id,
        data={
            "agency_id": schedule.agency_id,
            "due_at": schedule.due_at.isoformat(),
            "remind_at": reminding_time(schedule.due_at, now).isoformat(),
        },
        actor=actor,
        now=now,
    )
