"""Take meetings of a week into its schedule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from engine.audit import AuditEvent
from engine.clock import VIETNAM, Clock, local
from engine.errors import ErrorCode, NotFoundError
from engine.model.meeting import Meeting, MeetingId, MeetingState
from engine.model.organisation import Actor, PersonId
from engine.model.schedule import (
    Week,
    WeekState,
    WorkSchedule,
)
from engine.model.schedule_entries import (
    DayPart,
    EntryId,
    EntryText,
    ScheduleId,
)
from engine.ports import StartWork, UnitOfWork
from workflows.schedule.weeks import (
    MAX_CONTENT_CHARS,
    MAX_LINE_CHARS,
    check_may_compile,
    check_room,
    clean_entry,
    list_leaders,
    new_entry,
    record_schedule,
)


@dataclass(frozen=True, kw_only=True)
class OfferedMeeting:
    """Hold a meeting of the week that leaders go to and the schedule does not have yet."""

    meeting: Meeting
    leader_ids: tuple[PersonId, ...]


@dataclass(frozen=True, kw_only=True)
class AddMeeting:
    """Use case: the office takes a meeting into a week that is being gathered."""

    start_work: StartWork
    clock: Clock

    def __call__(self, schedule_id: ScheduleId, meeting_id: MeetingId, actor: Actor) -> EntryId:
        """Add a line with the meeting's time, place and name, as they are now.

        Raises:
            NotPermittedError: the actor does not keep the agency's schedule.
            ConflictError: code SCHEDULE_CLOSED.
            NotFoundError: code MEETING_NOT_FOUND; it is not offered for this week.
        """
        now = self.clock.now()
        with self.start_work() as work:
            week = work.schedules.read_week(schedule_id)
            schedule = week.schedule
            check_may_compile(work, schedule.agency_id, actor, now)
            schedule.check_state(WeekState.GATHERING)
            check_room(week)
            offered = next(
                (each for each in list_offered(work, week, now) if each.meeting.id == meeting_id),
                None,
            )
            if offered is None:
                raise NotFoundError(
                    f"{meeting_id} is not offered", code=ErrorCode.MEETING_NOT_FOUND
                )
            text = clean_entry(work, schedule, _text(offered), now=now)
            entry = new_entry(schedule, text, actor=actor, now=now)
            work.schedules.add_entry(entry)
            schedule.updated_at = now
            work.schedules.save(schedule)
            record_schedule(
                work,
                AuditEvent.SCHEDULE_ENTER,
                schedule,
                actor=actor,
                now=now,
                entry=entry.id,
                day=text.day.isoformat(),
                content=text.content,
                meeting=meeting_id,
            )
            work.commit()
        return entry.id


def list_offered(work: UnitOfWork, week: Week, now: datetime) -> Sequence[OfferedMeeting]:
    """Return the week's meetings of the agency's leaders that the schedule does not have."""
    schedule = week.schedule
    since, until = _bounds(schedule)
    known = {entry.text.meeting_id for entry in week.entries}
    found: dict[MeetingId, OfferedMeeting] = {}
    for post in list_leaders(work, schedule.agency_id, now):
        for meeting in work.meetings.list_for_person(post.person_id, since=since, until=until):
            if meeting.id in known or meeting.state is MeetingState.CANCELLED:
                continue
            offered = found.setdefault(meeting.id, OfferedMeeting(meeting=meeting, leader_ids=()))
            leaders = (*offered.leader_ids, post.person_id)
            found[meeting.id] = replace(offered, leader_ids=leaders)
    return sorted(found.values(), key=lambda each: (each.meeting.plan.starts_at, each.meeting.id))


def _bounds(schedule: WorkSchedule) -> tuple[datetime, datetime]:
    start = datetime.combine(schedule.monday, time(), VIETNAM)
    return start, start + timedelta(days=len(schedule.days))


def _text(offered: OfferedMeeting) -> EntryText:
    plan = offered.meeting.plan
    starts, ends = local(plan.starts_at), local(plan.ends_at)
    chair = f"{offered.meeting.chair_title} {offered.meeting.chair_name}".strip()
    return EntryText(
        day=starts.date(),
        part=DayPart.MORNING,  # its time says which
        starts_at=starts.time().replace(second=0, microsecond=0),
        # A meeting that runs past midnight is written without an end.
        ends_at=ends.time().replace(second=0, microsecond=0)
        if ends.date() == starts.date()
        else None,
        content=plan.title[:MAX_CONTENT_CHARS],
        leader_ids=offered.leader_ids,
        chair=chair[:MAX_LINE_CHARS],
        place=plan.place[:MAX_LINE_CHARS],
        meeting_id=offered.meeting.id,
    )
