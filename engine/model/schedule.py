"""Describe the weekly work schedule of an agency's leaders, version by version.

A schedule (lịch làm việc) is none of the 29 kinds of document: it has no number. One version is
gathered from the units, approved by a leader, sealed with the agency's key and published; from
then on it never changes. A change is a new version, which goes the same way and replaces it.

Source: Decree 30/2020/NĐ-CP, Art. 7 (kinds of document); practice of the city's offices.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from engine.clock import local
from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.document import Digest, PlacedSignature
from engine.model.organisation import AgencyId, PersonId
from engine.model.schedule_entries import EntryChange, ScheduleEntry, ScheduleId, compare

SCHEDULE_PROCEDURE = "schedule"
DAYS_OF_WEEK = 7
#: How far ahead a week may be opened.
MAX_WEEKS_AHEAD = 53
#: More than this is no week of leaders but an attack on whoever has to read it.
MAX_ENTRIES = 400
#: How long a seal that was begun keeps others from trying; a crash leaves nothing longer.
SEALING_LIFETIME = timedelta(minutes=5)
#: When units have to be ready: on the last working day before the week.
GATHERED_BY = time(11, 30)


class WeekState(StrEnum):
    """Name the stages of one version of a week, in order; the last two are ends."""

    GATHERING = "gathering"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


#: A version in one of these is still being prepared.
IN_PREPARATION = (WeekState.GATHERING, WeekState.SUBMITTED, WeekState.APPROVED)


@dataclass(frozen=True, kw_only=True)
class ScheduleSealing:
    """Hold the undertaking to seal a version: on record before the signature is made.

    Args:
        nonce: random, unique; binds the act to this record.
    """

    nonce: str
    certificate_id: str
    actor_id: PersonId
    begun_at: datetime

    def is_underway(self, now: datetime) -> bool:
        """Tell whether somebody may still be at it."""
        return now <= self.begun_at + SEALING_LIFETIME


@dataclass(frozen=True, kw_only=True)
class SealedSchedule:
    """Hold the file that is published; its bytes never change."""

    digest: Digest
    size_bytes: int
    page_count: int
    signature: PlacedSignature


@dataclass(kw_only=True)
class WorkSchedule:
    """Hold one version of an agency's week; `version` counts its saved states.

    Args:
        monday: first day of the week.
        number: 1 for the first version of the week, one more for each change.
        base_id: published version this one replaces; None for the first.
        due_at: until when units add their entries.
        to_city: the published version is shown to every agency of the city.
        reason: why it was returned or taken back, or why a change is made; "" otherwise.
        paper_digest: file the leader approved, which is what gets sealed.
    """

    id: ScheduleId
    agency_id: AgencyId
    monday: date
    number: int
    base_id: ScheduleId | None
    state: WeekState
    title: str
    due_at: datetime
    opened_by: PersonId
    opened_at: datetime
    updated_at: datetime
    version: int = 1
    to_city: bool = False
    reason: str = ""
    submitted_by: PersonId | None = None
    submitted_at: datetime | None = None
    approved_by: PersonId | None = None
    approved_at: datetime | None = None
    paper_digest: Digest | None = None
    paper_pages: int = 0
    sealing: ScheduleSealing | None = None
    file: SealedSchedule | None = None
    published_by: PersonId | None = None

    @property
    def sunday(self) -> date:
        """Return the last day of the week."""
        return self.monday + timedelta(days=DAYS_OF_WEEK - 1)

    @property
    def days(self) -> tuple[date, ...]:
        """Return the seven days of the week."""
        return tuple(self.monday + timedelta(days=each) for each in range(DAYS_OF_WEEK))

    def check_state(self, *allowed: WeekState) -> None:
        """Check that the version is in one of the stages `allowed`.

        Raises:
            ConflictError: code SCHEDULE_CLOSED; it has moved on. `params` name the stage.
        """
        if self.state not in allowed:
            raise ConflictError(
                f"schedule {self.id} is {self.state}",
                code=ErrorCode.SCHEDULE_CLOSED,
                state=self.state,
                week=self.title,
            )

    def check_day(self, day: date) -> None:
        """Check that a day lies in the week.

        Raises:
            InvalidInputError: code SCHEDULE_DAY.
        """
        if not self.monday <= day <= self.sunday:
            raise InvalidInputError(
                f"{day} is not in the week of {self.monday}",
                code=ErrorCode.SCHEDULE_DAY,
                field="day",
                first=f"{self.monday:%d/%m/%Y}",
                last=f"{self.sunday:%d/%m/%Y}",
            )

    def submit(self, actor_id: PersonId, at: datetime) -> None:
        """Put the gathered week before the leaders.

        Raises:
            ConflictError: it is not being gathered.
        """
        self.check_state(WeekState.GATHERING)
        self.submitted_by, self.submitted_at = actor_id, at
        self._move(WeekState.SUBMITTED, at)

    def send_back(self, reason: str, due_at: datetime, at: datetime) -> None:
        """Open the week again for its units and its office.

        Raises:
            ConflictError: it does not wait for a leader.
        """
        self.check_state(WeekState.SUBMITTED)
        self.reason, self.due_at = reason, due_at
        self._move(WeekState.GATHERING, at)

    def approve(self, actor_id: PersonId, paper: Digest, *, page_count: int, at: datetime) -> None:
        """Record the leader's consent to exactly the file `paper`.

        Raises:
            ConflictError: it does not wait for a leader.
        """
        self.check_state(WeekState.SUBMITTED)
        self.approved_by, self.approved_at = actor_id, at
        self.paper_digest, self.paper_pages = paper, page_count
        self._move(WeekState.APPROVED, at)

    def publish(
        self, file: SealedSchedule | None, nonce: str, actor_id: PersonId, at: datetime
    ) -> None:
        """Record the sealed file, which everybody of the agency may read from now on.

        Raises:
            ConflictError: code SCHEDULE_UNSIGNED, there is no sealed file; or the version is not
                approved, or the undertaking was taken over meanwhile.
        """
        self.check_state(WeekState.APPROVED)
        if file is None:
            raise ConflictError(f"{self.id} is not sealed", code=ErrorCode.SCHEDULE_UNSIGNED)
        if self.sealing is None or self.sealing.nonce != nonce:
            raise ConflictError(
                f"sealing of {self.id} was taken over", code=ErrorCode.DOCUMENT_CHANGED
            )
        self.file, self.sealing, self.published_by = file, None, actor_id
        self._move(WeekState.PUBLISHED, at)

    def supersede(self, at: datetime) -> None:
        """Record that a newer version is published; the file stays readable as it is.

        Raises:
            ConflictError: it is not the published one.
        """
        self.check_state(WeekState.PUBLISHED)
        self._move(WeekState.SUPERSEDED, at)

    def recall(self, reason: str, due_at: datetime, at: datetime) -> None:
        """Open an approved week again before it is sealed; the consent to its paper is void.

        Raises:
            ConflictError: it does not wait for the seal.
        """
        self.check_state(WeekState.APPROVED)
        self.reason, self.due_at = reason, due_at
        self.approved_by, self.approved_at = None, None
        self.paper_digest, self.paper_pages, self.sealing = None, 0, None
        self._move(WeekState.GATHERING, at)

    def discard(self, at: datetime) -> None:
        """Give up a version that is still being gathered.

        Raises:
            ConflictError: it is with the leaders already, or further.
        """
        self.check_state(WeekState.GATHERING)
        self._move(WeekState.DISCARDED, at)

    def sealed_file(self) -> SealedSchedule:
        """Return the sealed file.

        Raises:
            ConflictError: code SCHEDULE_UNSIGNED; there is none yet.
        """
        if self.file is None:
            raise ConflictError(f"{self.id} is not sealed", code=ErrorCode.SCHEDULE_UNSIGNED)
        return self.file

    def _move(self, state: WeekState, at: datetime) -> None:
        self.state, self.updated_at = state, at


@dataclass(frozen=True, kw_only=True)
class ScheduleFeed:
    """Hold one secret address calendars read from; only its SHA-256 is stored.

    Args:
        leader_id: whose entries it gives; None for the whole agency's.
    """

    token_digest: str
    person_id: PersonId
    agency_id: AgencyId
    leader_id: PersonId | None
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Week:
    """Hold a version with its entries and, for a change, the version it replaces."""

    schedule: WorkSchedule
    entries: Sequence[ScheduleEntry]
    base: Sequence[ScheduleEntry] = field(default=())

    def changes(self) -> tuple[EntryChange, ...]:
        """Return what changed since the published version; nothing for a first version."""
        if self.schedule.base_id is None:
            return ()
        return compare(self.base, self.entries)

    def is_changed(self) -> bool:
        """Tell whether a line differs from the version it replaces, private ones included."""
        return {each.key: each.text for each in self.base} != {
            each.key: each.text for each in self.entries
        }


def monday_of(day: date) -> date:
    """Return the Monday of the week `day` lies in."""
    return day - timedelta(days=day.weekday())


def title_of(monday: date) -> str:
    """Return how a week is named: `Lịch làm việc tuần từ 15/06/2015 đến 21/06/2015`."""
    sunday = monday + timedelta(days=DAYS_OF_WEEK - 1)
    return f"Lịch làm việc tuần từ {monday:%d/%m/%Y} đến {sunday:%d/%m/%Y}"


def check_week_ahead(monday: date, now: datetime) -> None:
    """Check that a week is not over and not too far away.

    Raises:
        InvalidInputError: code SCHEDULE_WEEK_PAST, or SCHEDULE_WEEK_FAR for one years ahead.
    """
    today = local(now).date()
    # First, so that no day is counted on from the last one the calendar has.
    if monday > today + timedelta(weeks=MAX_WEEKS_AHEAD):
        raise InvalidInputError(
            f"week of {monday} is far ahead",
            code=ErrorCode.SCHEDULE_WEEK_FAR,
            field="week",
            last=f"{today + timedelta(weeks=MAX_WEEKS_AHEAD):%d/%m/%Y}",
        )
    if monday + timedelta(days=DAYS_OF_WEEK) <= today:
        raise InvalidInputError(
            f"week of {monday} is over",
            code=ErrorCode.SCHEDULE_WEEK_PAST,
            field="week",
            last=f"{monday + timedelta(days=DAYS_OF_WEEK - 1):%d/%m/%Y}",
        )
