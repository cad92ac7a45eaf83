"""Add, mend and take out the lines of a week while it is gathered."""

from dataclasses import dataclass, replace
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, NotPermittedError
from engine.model.organisation import Actor
from engine.model.schedule import (
    WeekState,
    WorkSchedule,
)
from engine.model.schedule_entries import (
    EntryId,
    EntryText,
    ScheduleEntry,
    ScheduleId,
)
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork, UnitOfWork
from workflows.schedule.weeks import (
    check_room,
    clean_entry,
    may_change_entry,
    may_compile,
    new_entry,
    record_schedule,
)


@dataclass(frozen=True, kw_only=True)
class AddEntry:
    """Use case: somebody of the agency adds a line to a week that is being gathered."""

    start_work: StartWork
    clock: Clock

    def __call__(self, schedule_id: ScheduleId, text: EntryText, actor: Actor) -> EntryId:
        """Add a line.

        Raises:
            NotPermittedError: the actor does not work for the agency.
            ConflictError: code SCHEDULE_CLOSED; the version is with the leaders, or published.
            InvalidInputError: as `clean_entry`; or code SCHEDULE_FULL.
        """
        now = self.clock.now()
        with self.start_work() as work:
            week = work.schedules.read_week(schedule_id)
            schedule = week.schedule
            check_permitted(
                Permission.SCHEDULE_ENTER, actor, Subject(agency_id=schedule.agency_id)
            )
            schedule.check_state(WeekState.GATHERING)
            check_room(week)
            cleaned = clean_entry(work, schedule, text, now=now)
            entry = new_entry(schedule, cleaned, actor=actor, now=now)
            work.schedules.add_entry(entry)
            _keep(work, AuditEvent.SCHEDULE_ENTER, schedule, entry, actor=actor, now=now)
            work.commit()
        return entry.id


@dataclass(frozen=True, kw_only=True)
class EditEntry:
    """Use case: a line is mended by who may: see `may_change_entry`."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self, entry_id: EntryId, text: EntryText, actor: Actor, *, seen: str | None = None
    ) -> None:
        """Write what the line says now.

        Args:
            seen: digest of the text the actor started from; None when they overwrite whatever
                stands there.

        Raises:
            NotPermittedError, ConflictError, InvalidInputError: as `AddEntry`; or code
                DOCUMENT_CHANGED, somebody else mended the line meanwhile.
        """
        now = self.clock.now()
        with self.start_work() as work:
            entry, schedule = _find(work, entry_id, actor, now)
            if seen is not None and seen != entry.text.digest:
                raise ConflictError(f"{entry_id} changed", code=ErrorCode.DOCUMENT_CHANGED)
            said = clean_entry(work, schedule, text, now=now)
            if said.meeting_id is None:
                said = replace(said, meeting_id=entry.text.meeting_id)
            if said.is_private and not replace(entry, text=said).is_open_to(actor.person_id):
                # Nobody hides a line from themselves: only whose line it is may.
                raise NotPermittedError(f"{entry_id} is not theirs", predicate="is_their_entry")
            changed = replace(entry, text=said, entered_at=now, edition=schedule.number)
            work.schedules.save_entry(changed)
            _keep(work, AuditEvent.SCHEDULE_EDIT, schedule, changed, actor=actor, now=now)
            work.commit()


@dataclass(frozen=True, kw_only=True)
class RemoveEntry:
    """Use case: a line is taken out by who may mend it."""

    start_work: StartWork
    clock: Clock

    def __call__(self, entry_id: EntryId, actor: Actor) -> None:
        """Take the line out.

        Raises:
            NotPermittedError, ConflictError: as `AddEntry`.
        """
        now = self.clock.now()
        with self.start_work() as work:
            entry, schedule = _find(work, entry_id, actor, now)
            work.schedules.remove_entry(entry.id)
            _keep(work, AuditEvent.SCHEDULE_DROP, schedule, entry, actor=actor, now=now)
            work.commit()


def _find(
    work: UnitOfWork, entry_id: EntryId, actor: Actor, now: datetime
) -> tuple[ScheduleEntry, WorkSchedule]:
    entry = work.schedules.get_entry(entry_id)
    schedule = work.schedules.get(entry.schedule_id)
    compiles = may_compile(work, schedule.agency_id, actor, now)
    if not may_change_entry(entry, schedule, actor, may_compile=compiles):
        raise NotPermittedError(
            f"{actor.person_id} on {entry_id}", predicate="may_change_the_entry"
        )
    schedule.check_state(WeekState.GATHERING)
    return entry, schedule


def _keep(
    work: UnitOfWork,
    event: AuditEvent,
    schedule: WorkSchedule,
    entry: ScheduleEntry,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Save the version, so that who submits an older state of it is told, and record the act."""
    schedule.updated_at = now
    work.schedules.save(schedule)
    # What a private line says is nobody else's, the readers of the trail included.
    said = "" if entry.text.is_private else entry.text.content
    facts = {"entry": entry.id, "day": entry.text.day.isoformat()}
    if said:
        facts["content"] = said
    record_schedule(work, event, schedule, actor=actor, now=now, **facts)
