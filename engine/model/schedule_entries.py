"""Describe the lines of a week: when they are, what two versions differ in, what clashes."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import NewType

from engine.clock import VIETNAM
from engine.errors import ErrorCode, InvalidInputError
from engine.model.organisation import PersonId, UnitId

ScheduleId = NewType("ScheduleId", str)
EntryId = NewType("EntryId", str)
NOON = time(12)


class DayPart(StrEnum):
    """Name the halves of a day as schedules have them."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


#: From when to when an entry lasts that names no time.
HOURS_OF_PART = {
    DayPart.MORNING: (time(7, 30), time(11, 30)),
    DayPart.AFTERNOON: (time(13, 30), time(17)),
}


class ChangeKind(StrEnum):
    """Say what became of an entry from one published version to the next."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"  # to another day or time, whatever else changed with it
    EDITED = "edited"


class ClashKind(StrEnum):
    """Say what two entries need at the same time."""

    PERSON = "person"
    PLACE = "place"


@dataclass(frozen=True, kw_only=True)
class EntryText:
    """Hold what one line of a schedule says; text is NFC.

    Args:
        starts_at: local time; None when only the half of the day is known.
        ends_at: local time; None when it is open.
        leader_ids: persons of the agency whose time it takes.
        preparing: unit or agency that prepares it, in words.
        is_private: for the leaders concerned and who entered it only; never published.
        meeting_id: meeting of the house it was taken from; its text is a copy.
    """

    day: date
    part: DayPart
    content: str
    leader_ids: tuple[PersonId, ...]
    starts_at: time | None = None
    ends_at: time | None = None
    chair: str = ""
    participants: str = ""
    place: str = ""
    preparing: str = ""
    vehicle: str = ""
    is_private: bool = False
    meeting_id: str | None = None

    def span(self) -> tuple[datetime, datetime]:
        """Return from when to when it takes time, aware; what is open lasts the half day."""
        first, last = HOURS_OF_PART[self.part]
        start = self.starts_at or first
        end = self.ends_at or max(last, _later(start))
        return _at(self.day, start), _at(self.day, end)

    @property
    def digest(self) -> str:
        """Return what is another for another text, so that nobody overwrites one unseen."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def moment(self) -> tuple[date, DayPart, time | None, time | None]:
        """Return when it is, as written."""
        return self.day, self.part, self.starts_at, self.ends_at


@dataclass(frozen=True, kw_only=True)
class ScheduleEntry:
    """Hold one line of one version of a schedule.

    Args:
        key: the same through the versions of a week; what changed is told by it.
        unit_id: unit of who entered it, None when they serve the agency as a whole.
        entered_by: who added it.
        entered_at: when it was last written.
        edition: number of the version in which it was last written.
    """

    id: EntryId
    schedule_id: ScheduleId
    key: str
    text: EntryText
    unit_id: UnitId | None
    entered_by: PersonId
    entered_at: datetime
    edition: int = 1

    def is_open_to(self, person_id: PersonId) -> bool:
        """Tell whether a person of the agency may read what it says."""
        return (
            not self.text.is_private
            or person_id == self.entered_by
            or person_id in self.text.leader_ids
        )


@dataclass(frozen=True, kw_only=True)
class EntryChange:
    """Hold what became of one entry; `before` is None for one that was added."""

    kind: ChangeKind
    entry: ScheduleEntry
    before: ScheduleEntry | None = None


@dataclass(frozen=True, kw_only=True)
class Clash:
    """Hold two entries that need the same person or place at the same time.

    Args:
        shared: id of the person, or the place as written.
    """

    kind: ClashKind
    first: ScheduleEntry
    second: ScheduleEntry
    shared: str

    @property
    def id(self) -> str:
        """Return what names the clash as it is; another time or place makes another clash.

        It stands in pages, so it says nothing itself.
        """
        both = (self.first, self.second)
        parts = (self.kind, self.shared, *((each.id, each.text.moment()) for each in both))
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def check_times(day_part: DayPart, starts_at: time | None, ends_at: time | None) -> DayPart:
    """Return the half of the day an entry stands in: that of its time, if it has one.

    Raises:
        InvalidInputError: code SCHEDULE_TIME; it ends before it starts, or has an end only.
    """
    if ends_at is not None and (starts_at is None or ends_at <= starts_at):
        raise InvalidInputError(
            f"from {starts_at} to {ends_at}", code=ErrorCode.SCHEDULE_TIME, field="ends_at"
        )
    if starts_at is None:
        return day_part
    return DayPart.MORNING if starts_at < NOON else DayPart.AFTERNOON


def in_order(entries: Iterable[ScheduleEntry]) -> list[ScheduleEntry]:
    """Return entries as a schedule lists them: by day, half of the day, time."""
    return sorted(entries, key=lambda each: (each.text.span(), each.key))


def published_part(entries: Iterable[ScheduleEntry]) -> list[ScheduleEntry]:
    """Return what may be published, in order: nothing private."""
    return in_order(each for each in entries if not each.text.is_private)


def compare(
    before: Iterable[ScheduleEntry], after: Iterable[ScheduleEntry]
) -> tuple[EntryChange, ...]:
    """Return what changed between two versions, in the order of the days; nothing private.

    An entry that became private counts as removed: readers no longer see it.
    """
    old = {each.key: each for each in published_part(before)}
    new = {each.key: each for each in published_part(after)}
    changes = [
        EntryChange(kind=ChangeKind.REMOVED, entry=each, before=each)
        for key, each in old.items()
        if key not in new
    ]
    for key, each in new.items():
        known = old.get(key)
        if known is None:
            changes.append(EntryChange(kind=ChangeKind.ADDED, entry=each))
        elif known.text.moment() != each.text.moment():
            changes.append(EntryChange(kind=ChangeKind.MOVED, entry=each, before=known))
        elif known.text != each.text:
            changes.append(EntryChange(kind=ChangeKind.EDITED, entry=each, before=known))
    return tuple(sorted(changes, key=lambda each: (each.entry.text.span(), each.entry.key)))


def find_clashes(entries: Iterable[ScheduleEntry]) -> tuple[Clash, ...]:
    """Return every pair of entries that needs a person or a place twice at the same time.

    Where a private entry takes place is not told, not even by what it clashes with: of those
    only the people count.
    """
    by_day: dict[date, list[ScheduleEntry]] = {}
    for entry in in_order(entries):
        by_day.setdefault(entry.text.day, []).append(entry)
    return tuple(
        clash
        for listed in by_day.values()
        for index, first in enumerate(listed)
        for second in listed[index + 1 :]
        if _overlap(first, second)
        for clash in _shared(first, second)
    )


def _overlap(first: ScheduleEntry, second: ScheduleEntry) -> bool:
    starts, ends = first.text.span()
    other_starts, other_ends = second.text.span()
    return starts < other_ends and other_starts < ends


def _shared(first: ScheduleEntry, second: ScheduleEntry) -> list[Clash]:
    people = sorted(set(first.text.leader_ids) & set(second.text.leader_ids))
    found = [
        Clash(kind=ClashKind.PERSON, first=first, second=second, shared=each) for each in people
    ]
    place = first.text.place
    if first.text.is_private or second.text.is_private:
        return found
    if place and place.casefold() == second.text.place.casefold():
        found.append(Clash(kind=ClashKind.PLACE, first=first, second=second, shared=place))
    return found


def _later(start: time) -> time:
    # What starts after hours and says no end takes an hour, within its day.
    return time(min(start.hour + 1, 23), start.minute if start.hour < 23 else 59)


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, VIETNAM)
