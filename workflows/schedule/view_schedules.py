"""Read weeks for their pages: the calendar, one version, its file and its record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.audit import AuditLeaf
from engine.clock import Clock, local
from engine.layout.schedule import week_lines
from engine.model.organisation import Actor, Agency, AgencyId, Person, PersonId, Post
from engine.model.schedule import (
    DAYS_OF_WEEK,
    IN_PREPARATION,
    SCHEDULE_PROCEDURE,
    ScheduleFeed,
    Week,
    WeekState,
    WorkSchedule,
    monday_of,
)
from engine.model.schedule_entries import (
    Clash,
    EntryChange,
    ScheduleEntry,
    ScheduleId,
    find_clashes,
    in_order,
)
from engine.model.verification import FileReport
from engine.originals import OriginalReader
from engine.permissions import Permission, Subject, check_permitted, is_permitted
from engine.ports import FileJudge, StartWork, UnitOfWork
from engine.ports_schedules import ScheduleLayout
from engine.process.model import InstanceId, TaskId
from engine.queries import StepRow, WorkRow
from workflows.schedule.meetings import OfferedMeeting, list_offered
from workflows.schedule.papers import compose_paper, name_people
from workflows.schedule.weeks import (
    list_leaders,
    may_change_entry,
    may_compile,
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """Hold one line as it is shown.

    Args:
        change: what became of it since the version published before; None for what stayed.
        is_hidden: the reader may know only that the time is taken.
        may_change: the reader may mend it now.
    """

    entry: ScheduleEntry
    change: EntryChange | None
    is_hidden: bool
    may_change: bool


@dataclass(frozen=True, kw_only=True)
class WeekView:
    """Hold one version with everything its page shows.

    Args:
        names: by person, with the title for a leader.
        newer: version that is being prepared, None when there is none.
        versions: of the same week, newest first.
    """

    schedule: WorkSchedule
    agency: Agency
    lines: Sequence[Line]
    leaders: Sequence[Post]
    names: Mapping[PersonId, str]
    people: Sequence[Person]
    versions: Sequence[WorkSchedule]
    newer: WorkSchedule | None
    clashes: Sequence[Clash]
    instance_id: InstanceId | None
    steps: Sequence[StepRow]
    tasks: Sequence[WorkRow]
    is_own: bool
    may_enter: bool
    may_compile: bool
    approver: Person | None
    is_over: bool
    meetings: Sequence[OfferedMeeting]

    def said(self, entry: ScheduleEntry) -> str:
        """Return what a line says to this reader, "" when that is not theirs to know."""
        seen = {line.entry.id for line in self.lines if not line.is_hidden}
        return entry.text.content if entry.id in seen else ""


@dataclass(frozen=True, kw_only=True)
class IndexView:
    """Hold what the page of an agency's weeks shows.

    Args:
        shown: version in force of the week that is looked at, None when there is none.
        preparing: versions of the agency that are not published yet; empty for others.
        others: agencies whose week is shown to the whole city.
        feeds: addresses of the reader that last.
    """

    agency: Agency
    monday: date
    shown: WeekView | None
    preparing: Sequence[WorkSchedule]
    others: Sequence[Agency]
    feeds: Sequence[ScheduleFeed]
    leaders: Sequence[Post]
    names: Mapping[PersonId, str]
    may_compile: bool
    is_own: bool

    @property
    def sunday(self) -> date:
        """Return the last day of the week that is looked at."""
        return self.monday + timedelta(days=DAYS_OF_WEEK - 1)


@dataclass(frozen=True, kw_only=True)
class ViewSchedules:
    """Use case: somebody of the agency reads its weeks; others read what is for the city."""

    start_reading: StartWork
    read_original: OriginalReader
    layout: ScheduleLayout
    judge: FileJudge
    clock: Clock

    def index(self, agency_id: AgencyId, day: date | None, actor: Actor) -> IndexView:
        """Return the week `day` lies in, or this one, as it is published."""
        now = self.clock.now()
        monday = monday_of(day or local(now).date())
        with self.start_reading() as work:
            is_own = agency_id in actor.agency_ids()
            versions = work.schedules.list_week(agency_id, monday)
            in_force = next((v for v in versions if v.state is WeekState.PUBLISHED), None)
            if in_force is not None and not _may_read(work, in_force, actor):
                in_force = None
            leaders = list_leaders(work, agency_id, now)
            public = [each.agency_id for each in work.schedules.list_public(monday)]
            return IndexView(
                agency=work.organisation.get_agency(agency_id),
                monday=monday,
                shown=self._view(work, in_force, actor, now) if in_force else None,
                preparing=work.schedules.list_in_preparation(agency_id) if is_own else (),
                others=[work.organisation.get_agency(each) for each in public],
                feeds=work.schedules.list_feeds(actor.person_id),
                leaders=leaders,
                names=name_people(work, leaders, ()),
                may_compile=may_compile(work, agency_id, actor, now),
                is_own=is_own,
            )

    def __call__(self, schedule_id: ScheduleId, actor: Actor) -> WeekView:
        """Return one version.

        Raises:
            NotFoundError: no such version.
            NotPermittedError: not a person of the agency, and not shown to the city.
        """
        now = self.clock.now()
        with self.start_reading() as work:
            schedule = work.schedules.get(schedule_id)
            _check_may_read(work, schedule, actor)
            return self._view(work, schedule, actor, now)

    def trail(self, schedule_id: ScheduleId, actor: Actor) -> Sequence[AuditLeaf]:
        """Return the audit trail of a version.

        Raises:
            NotPermittedError: not a person of the agency.
        """
        with self.start_reading() as work:
            schedule = work.schedules.get(schedule_id)
            check_permitted(Permission.SCHEDULE_VIEW, actor, Subject(agency_id=schedule.agency_id))
            return work.audit.list_group(schedule_id)

    def pdf(self, schedule_id: ScheduleId, actor: Actor) -> tuple[WorkSchedule, bytes]:
        """Return the sealed file; before that a proof of the paper, which nobody has sealed.

        Raises:
            NotPermittedError: as `__call__`.
            DigestMismatchError: the stored bytes were changed; refused and put on record.
        """
        now = self.clock.now()
        with self.start_reading() as work:
            schedule = work.schedules.get(schedule_id)
            _check_may_read(work, schedule, actor)
            digest = schedule.file.digest if schedule.file else schedule.paper_digest
            if digest is None:
                week = work.schedules.read_week(schedule_id)
                paper = compose_paper(work, week, approver="", at=now)
        if digest is None:
            return schedule, self.layout.render(paper).pdf
        return schedule, self.read_original(digest, schedule.id, actor, kind="schedule")

    def verify(self, schedule_id: ScheduleId, actor: Actor) -> tuple[WorkSchedule, FileReport]:
        """Return what the judge of files says of the published file now.

        Raises:
            ConflictError: code SCHEDULE_UNSIGNED; there is no sealed file yet.
            NotPermittedError: as `__call__`.
            SignerUnavailableError: the judge is busy.
        """
        with self.start_reading() as work:
            schedule = work.schedules.get(schedule_id)
            _check_may_read(work, schedule, actor)
        digest = schedule.sealed_file().digest
        file = self.read_original(digest, schedule.id, actor, kind="schedule")
        return schedule, self.judge.verify(file)

    def task_of(self, schedule_id: ScheduleId, actor: Actor) -> TaskId | None:
        """Return the actor's open task on a version, None when they have none."""
        with self.start_reading() as work:
            tasks = work.queries.list_tasks_on(actor, schedule_id)
        return tasks[0].task_id if tasks else None

    def _view(
        self, work: UnitOfWork, schedule: WorkSchedule, actor: Actor, now: datetime
    ) -> WeekView:
        week = work.schedules.read_week(schedule.id)
        agency_id = schedule.agency_id
        is_own = agency_id in actor.agency_ids()
        versions = work.schedules.list_week(agency_id, schedule.monday) if is_own else [schedule]
        leaders = list_leaders(work, agency_id, now)
        compiles = may_compile(work, agency_id, actor, now)
        gathers = schedule.state is WeekState.GATHERING
        tasks = work.queries.list_tasks_on(actor, schedule.id)
        approver_id = schedule.approved_by
        return WeekView(
            schedule=schedule,
            agency=work.organisation.get_agency(agency_id),
            lines=_list_lines(week, actor, is_own=is_own, compiles=compiles),
            leaders=leaders,
            names=name_people(work, leaders, (*week.entries, *week.base)),
            people=_people(work, agency_id, now) if gathers and is_own else (),
            versions=versions,
            newer=next((each for each in versions if _is_newer(each, schedule)), None),
            clashes=find_clashes(week.entries)
            if (compiles or tasks) and schedule.state in IN_PREPARATION
            else (),
            instance_id=work.processes.get_instance_id(SCHEDULE_PROCEDURE, schedule.id)
            if is_own
            else None,
            steps=work.queries.list_steps(SCHEDULE_PROCEDURE, schedule.id) if is_own else (),
            tasks=tasks,
            is_own=is_own,
            may_enter=gathers
            and is_permitted(Permission.SCHEDULE_ENTER, actor, Subject(agency_id=agency_id)),
            may_compile=compiles,
            approver=work.organisation.get_person(approver_id) if approver_id else None,
            is_over=schedule.sunday < local(now).date(),
            meetings=list_offered(work, week, now) if gathers and compiles else (),
        )


def _list_lines(week: Week, actor: Actor, *, is_own: bool, compiles: bool) -> list[Line]:
    """Return the lines of a version as `actor` sees them.

    Who consolidates a week sees that private entries take time; everybody else sees none of
    them but their own.
    """
    schedule = week.schedule
    masks = compiles and schedule.state in IN_PREPARATION
    lines = [
        _line(entry, change, schedule, actor, is_own=is_own, compiles=compiles)
        for entry, change in _lines(week, is_own=is_own)
    ]
    return [line for line in lines if masks or not line.is_hidden]


def _lines(week: Week, *, is_own: bool) -> list[tuple[ScheduleEntry, EntryChange | None]]:
    """Return the lines a reader sees; private ones only within the agency."""
    public = week_lines(week)
    if not is_own:
        return public
    by_id = {entry.id: change for entry, change in public}
    private = [entry for entry in week.entries if entry.text.is_private]
    listed = in_order([*(entry for entry, _ in public), *private])
    return [(entry, by_id.get(entry.id)) for entry in listed]


def _line(
    entry: ScheduleEntry,
    change: EntryChange | None,
    schedule: WorkSchedule,
    actor: Actor,
    *,
    is_own: bool,
    compiles: bool,
) -> Line:
    is_current = entry.schedule_id == schedule.id
    gathers = schedule.state is WeekState.GATHERING
    return Line(
        entry=entry,
        change=change,
        is_hidden=not (is_own and entry.is_open_to(actor.person_id)) and entry.text.is_private,
        may_change=gathers
        and is_current
        and may_change_entry(entry, schedule, actor, may_compile=compiles),
    )


def _is_newer(other: WorkSchedule, schedule: WorkSchedule) -> bool:
    return other.number > schedule.number and other.state in IN_PREPARATION


def _may_read(work: UnitOfWork, schedule: WorkSchedule, actor: Actor) -> bool:
    return is_permitted(Permission.SCHEDULE_VIEW, actor, _readers(work, schedule, actor))


def _check_may_read(work: UnitOfWork, schedule: WorkSchedule, actor: Actor) -> None:
    check_permitted(Permission.SCHEDULE_VIEW, actor, _readers(work, schedule, actor))


def _readers(work: UnitOfWork, schedule: WorkSchedule, actor: Actor) -> Subject:
    """Return the subject: every agency reads what is published to the whole city."""
    readers = actor.agency_ids() if _is_public(work, schedule) else frozenset()
    return Subject(agency_id=schedule.agency_id, reader_ids=readers)


def _is_public(work: UnitOfWork, schedule: WorkSchedule) -> bool:
    """Tell whether a sealed version is for the city, as long as the one in force is, too."""
    if not schedule.to_city or schedule.file is None:
        return False
    versions = work.schedules.list_week(schedule.agency_id, schedule.monday)
    return any(each.to_city for each in versions if each.state is WeekState.PUBLISHED)


def _people(work: UnitOfWork, agency_id: AgencyId, now: datetime) -> Sequence[Person]:
    """Return everybody of the agency, by given name, for the form of an entry."""
    posts = work.organisation.list_posts(agency_id, local(now).date())
    return work.organisation.list_people({post.person_id for post in posts})
