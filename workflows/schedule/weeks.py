"""Share what the use cases of schedules do: find the week behind a task, tell who may, record."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from engine.audit import AuditEvent
from engine.calendar.working_time import WorkingCalendar
from engine.clock import VIETNAM, local
from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.model.organisation import (
    SYSTEM,
    Actor,
    AgencyId,
    PersonId,
    Post,
    PostId,
    Role,
    UnitId,
)
from engine.model.remarks import check_unclassified
from engine.model.schedule import (
    GATHERED_BY,
    MAX_ENTRIES,
    Week,
    WorkSchedule,
)
from engine.model.schedule_entries import (
    EntryId,
    EntryText,
    ScheduleEntry,
    ScheduleId,
    check_times,
)
from engine.permissions import Permission, Subject, check_permitted, is_permitted
from engine.ports import UnitOfWork
from engine.process.model import TaskId
from engine.text import clean_line, clean_text

MAX_CONTENT_CHARS = 600
MAX_LINE_CHARS = 200
MAX_PEOPLE_CHARS = 400
#: A week opened when its units should have been ready leaves them this much working time.
LATE_HOURS = 4
_LONGEST_HOLIDAY = 30
#: Who mends a week that a leader returned.
MENDERS = frozenset({Role.CLERK, Role.DIVISION_HEAD})


def find_task(work: UnitOfWork, task_id: TaskId, actor: Actor, *, use_case: str) -> WorkSchedule:
    """Return the version behind a task that `actor` may complete by `use_case`.

    Raises:
        NotPermittedError, ConflictError, NotFoundError: as `Processes.check_may_complete`.
    """
    task = work.processes.check_may_complete(task_id, actor, use_case=use_case)
    schedule = work.schedules.get(ScheduleId(task.business_key))
    if task.agency_id != schedule.agency_id:
        raise NotPermittedError(
            f"task {task.id} of {task.agency_id} on a week of {schedule.agency_id}",
            code=ErrorCode.TASK_NOT_YOURS,
            predicate="is_of_the_agency",
        )
    return schedule


def office_of(work: UnitOfWork, agency_id: AgencyId, now: datetime) -> UnitId | None:
    """Return the unit that keeps the agency's schedule: its clerks' own."""
    clerks = work.organisation.list_posts(agency_id, local(now).date(), role=Role.CLERK)
    return next((post.unit_id for post in clerks if post.unit_id), None)


def compiling(work: UnitOfWork, agency_id: AgencyId, now: datetime) -> Subject:
    """Return what to ask `Permission.SCHEDULE_COMPILE` about."""
    return Subject(agency_id=agency_id, unit_id=office_of(work, agency_id, now))


def check_may_compile(work: UnitOfWork, agency_id: AgencyId, actor: Actor, now: datetime) -> None:
    """Check that `actor` keeps the agency's schedule: a clerk, or the head of their office.

    Raises:
        NotPermittedError: neither.
    """
    check_permitted(Permission.SCHEDULE_COMPILE, actor, compiling(work, agency_id, now))


def may_change_entry(
    entry: ScheduleEntry, schedule: WorkSchedule, actor: Actor, *, may_compile: bool
) -> bool:
    """Tell whether `actor` may mend or take out a line.

    Who entered it may, and a leader it concerns; what is not private also the head of the unit
    it came from, and whoever keeps the schedule.

    Args:
        may_compile: `actor` keeps the agency's schedule.
    """
    agency_id = schedule.agency_id
    if agency_id not in actor.agency_ids():
        return False
    if actor.person_id == entry.entered_by or actor.person_id in entry.text.leader_ids:
        return True
    if entry.text.is_private:
        return False
    heads = entry.unit_id is not None and actor.has_role(
        Role.DIVISION_HEAD, agency_id, entry.unit_id
    )
    return heads or may_compile


def may_compile(work: UnitOfWork, agency_id: AgencyId, actor: Actor, now: datetime) -> bool:
    """Tell whether `actor` keeps the agency's schedule."""
    return is_permitted(Permission.SCHEDULE_COMPILE, actor, compiling(work, agency_id, now))


def gathering_end(monday: date, now: datetime, calendar: WorkingCalendar) -> datetime:
    """Return until when units add their entries to a week.

    That is 11:30 of the last working day before it, mostly a Friday; for a week that is opened
    later than that, some hours from now.
    """
    before = (monday - timedelta(days=back) for back in range(1, _LONGEST_HOLIDAY))
    last = next((day for day in before if calendar.is_working_day(day)), None)
    if last is not None:
        due_at = datetime.combine(last, GATHERED_BY, VIETNAM)
        if due_at > now:
            return due_at
    return calendar.add_working_hours(now, LATE_HOURS)


def reminding_time(due_at: datetime, now: datetime) -> datetime:
    """Return when units without an entry are reminded: a day before, or when time is up."""
    at = due_at - timedelta(days=1)
    return at if at > now else due_at


def clean_entry(
    work: UnitOfWork, schedule: WorkSchedule, text: EntryText, *, now: datetime
) -> EntryText:
    """Return what a line says, as it may be stored.

    Raises:
        InvalidInputError: a text is missing, too long or classified; code SCHEDULE_DAY, the day
            is not in the week; SCHEDULE_TIME, it ends before it starts; SCHEDULE_PERSON, a
            person is not of the agency; INPUT_MISSING, it takes nobody's time.
    """
    schedule.check_day(text.day)
    part = check_times(text.part, text.starts_at, text.ends_at)
    _check_people(work, schedule, text.leader_ids, now)

    def line(name: str, most: int = MAX_LINE_CHARS) -> str:
        said: str = getattr(text, name)
        return clean_line(said, field=name, max_chars=most, required=False)

    cleaned = replace(
        text,
        part=part,
        content=clean_text(text.content, field="entry_content", max_chars=MAX_CONTENT_CHARS),
        leader_ids=tuple(dict.fromkeys(text.leader_ids)),
        chair=line("chair"),
        participants=line("participants", MAX_PEOPLE_CHARS),
        place=line("place"),
        preparing=line("preparing"),
        vehicle=line("vehicle"),
    )
    check_unclassified(
        cleaned.content,
        cleaned.chair,
        cleaned.participants,
        cleaned.place,
        cleaned.preparing,
        cleaned.vehicle,
    )
    return cleaned


def check_room(week: Week) -> None:
    """Check that a week takes one more line.

    Raises:
        InvalidInputError: code SCHEDULE_FULL.
    """
    if len(week.entries) >= MAX_ENTRIES:
        raise InvalidInputError(
            f"{len(week.entries)} entries", code=ErrorCode.SCHEDULE_FULL, most=str(MAX_ENTRIES)
        )


def new_entry(
    schedule: WorkSchedule, text: EntryText, *, actor: Actor, now: datetime
) -> ScheduleEntry:
    """Return a line entered by `actor`."""
    posts = [post for post in actor.posts if post.agency_id == schedule.agency_id]
    return ScheduleEntry(
        id=EntryId(uuid.uuid4().hex),
        schedule_id=schedule.id,
        key=uuid.uuid4().hex,
        text=text,
        unit_id=next((post.unit_id for post in posts if post.unit_id), None),
        entered_by=actor.person_id,
        entered_at=now,
        edition=schedule.number,
    )


def carried_over(entries: Iterable[ScheduleEntry], schedule_id: ScheduleId) -> list[ScheduleEntry]:
    """Return the lines of a version as the next version starts with them."""
    return [
        replace(each, id=EntryId(uuid.uuid4().hex), schedule_id=schedule_id) for each in entries
    ]


def list_leaders(work: UnitOfWork, agency_id: AgencyId, now: datetime) -> Sequence[Post]:
    """Return the posts of the agency's leaders today, each person once, the head first."""
    today = local(now).date()
    posts = work.organisation.list_posts(agency_id, today, role=Role.LEADER)
    authorities = work.organisation.list_authorities(agency_id, today)
    ranks: dict[PostId, int] = {}
    for rank, authority in enumerate(authorities):
        ranks.setdefault(authority.post_id, rank)
    ranked = sorted(posts, key=lambda post: (ranks.get(post.id, len(ranks)), post.id))
    first: dict[PersonId, Post] = {}
    for post in ranked:
        first.setdefault(post.person_id, post)
    return list(first.values())


def people_of(
    work: UnitOfWork,
    agency_id: AgencyId,
    now: datetime,
    *,
    roles: frozenset[Role] = frozenset(Role),
) -> list[PersonId]:
    """Return everybody who serves the agency today in one of the roles, each once."""
    posts = work.organisation.list_posts(agency_id, local(now).date())
    return list(dict.fromkeys(post.person_id for post in posts if post.role in roles))


def record_schedule(
    work: UnitOfWork,
    event: AuditEvent,
    schedule: WorkSchedule,
    *,
    actor: Actor,
    now: datetime,
    **details: str,
) -> None:
    """Append the leaf of an act on a version."""
    facts = {"week": schedule.monday.isoformat(), "number": str(schedule.number)}
    work.audit.record(
        event,
        subject=f"schedule:{schedule.id}",
        group=schedule.id,
        actor=actor,
        at=now,
        details=facts | details,
    )


def check_free(work: UnitOfWork, schedule: WorkSchedule, now: datetime) -> None:
    """Check that nobody is sealing the week; note what a crash left behind.

    Raises:
        ConflictError: somebody is, `params` say who and since when.
    """
    sealing = schedule.sealing
    if sealing is None:
        return
    if sealing.is_underway(now):
        raise ConflictError(
            f"schedule {schedule.id} is being sealed",
            code=ErrorCode.SIGNING_UNDERWAY,
            by=work.organisation.get_person(sealing.actor_id).full_name,
            at=f"{local(sealing.begun_at):%d/%m/%Y %H:%M}",
        )
    record_schedule(
        work,
        AuditEvent.SCHEDULE_SEAL_FAIL,
        schedule,
        actor=SYSTEM,
        now=now,
        nonce=sealing.nonce,
        reason="expired",
    )


def _check_people(
    work: UnitOfWork, schedule: WorkSchedule, people: Sequence[PersonId], now: datetime
) -> None:
    if not people:
        raise InvalidInputError("nobody's time", code=ErrorCode.INPUT_MISSING, field="leader_ids")
    # Who serves on the first day of the week, or today: a leader may begin on that Monday.
    day = max(schedule.monday, local(now).date())
    serving = {post.person_id for post in work.organisation.list_posts(schedule.agency_id, day)}
    stranger = next((each for each in people if each not in serving), None)
    if stranger is not None:
        raise InvalidInputError(
            f"{stranger} does not serve {schedule.agency_id}",
            code=ErrorCode.SCHEDULE_PERSON,
            field="leader_ids",
        )
