"""Name what work schedules need from the world: rows, and a layout for the paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from engine.model.organisation import Agency, AgencyId, PersonId
from engine.model.schedule import (
    ScheduleFeed,
    Week,
    WorkSchedule,
)
from engine.model.schedule_entries import (
    EntryId,
    ScheduleEntry,
    ScheduleId,
)


class Schedules(Protocol):
    """Keep the weeks of agencies, version by version, with their entries."""

    def add(self, schedule: WorkSchedule, entries: Sequence[ScheduleEntry] = ()) -> None:
        """Add a version.

        Raises:
            ConflictError: code SCHEDULE_EXISTS; the week has a version of this number.
        """
        ...

    def get(self, schedule_id: ScheduleId) -> WorkSchedule:
        """Return the version.

        Raises:
            NotFoundError: code SCHEDULE_NOT_FOUND.
        """
        ...

    def save(self, schedule: WorkSchedule) -> None:
        """Write the version if nobody wrote it since it was read; `version` grows by one.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        ...

    def list_week(self, agency_id: AgencyId, monday: date) -> Sequence[WorkSchedule]:
        """Return the versions of a week, newest first, without those that were given up."""
        ...

    def list_in_preparation(self, agency_id: AgencyId) -> Sequence[WorkSchedule]:
        """Return what the agency prepares at present, in the order of the weeks."""
        ...

    def list_public(self, monday: date) -> Sequence[WorkSchedule]:
        """Return the published versions of a week that are shown to the whole city."""
        ...

    def read_week(self, schedule_id: ScheduleId) -> Week:
        """Return a version with its entries and those of the version it replaces.

        Raises:
            NotFoundError: code SCHEDULE_NOT_FOUND.
        """
        ...

    def get_entry(self, entry_id: EntryId) -> ScheduleEntry:
        """Return the entry.

        Raises:
            NotFoundError: code SCHEDULE_NOT_FOUND.
        """
        ...

    def add_entry(self, entry: ScheduleEntry) -> None: ...
    def save_entry(self, entry: ScheduleEntry) -> None: ...
    def remove_entry(self, entry_id: EntryId) -> None: ...
    def list_published(
        self,
        agency_id: AgencyId,
        since: date,
        until: date,
        *,
        leader_id: PersonId | None = None,
    ) -> Sequence[ScheduleEntry]:
        """Return the entries in force of the days `since` to `until`; private ones too."""
        ...

    def list_withdrawn(
        self,
        agency_id: AgencyId,
        since: date,
        until: date,
        *,
        leader_id: PersonId | None = None,
    ) -> Sequence[ScheduleEntry]:
        """Return entries once published that no version in force publishes, each once.

        Args:
            leader_id: whose time they took; one that now takes somebody else's was withdrawn.
        """
        ...

    def add_feed(self, feed: ScheduleFeed) -> None: ...
    def find_feed(self, token_digest: str) -> ScheduleFeed | None:
        """Return the feed that lasts behind an address."""
        ...

    def list_feeds(self, person_id: PersonId) -> Sequence[ScheduleFeed]:
        """Return the addresses of a person that last."""
        ...

    def close_feeds(self, person_id: PersonId, at: datetime) -> int:
        """End every address of a person; return how many lasted."""
        ...


@dataclass(frozen=True, kw_only=True)
class SchedulePaper:
    """Hold what the paper of a version says.

    Args:
        leaders: people whose week it is, in their order, with their titles.
        names: full name by person, for everybody an entry names.
        approver: title and name of the leader who approves it; "" before.
        at: aware; written into the file.
    """

    agency: Agency
    week: Week
    leaders: Sequence[tuple[PersonId, str]]
    names: Mapping[PersonId, str]
    approver: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RenderedSchedule:
    """Hold a schedule as it is to be sealed: PDF/A-2b."""

    pdf: bytes
    page_count: int


class ScheduleLayout(Protocol):
    """Lay out schedules on A4, landscape."""

    def render(self, paper: SchedulePaper) -> RenderedSchedule:
        """Return the paper without anything private; the same input gives the same bytes.

        Raises:
            InvalidInputError: a text has characters the font lacks.
        """
        ...
