"""Keep weekly work schedules."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.document import PlacedSignature
from engine.model.organisation import AgencyId, PersonId
from engine.model.schedule import (
    IN_PREPARATION,
    ScheduleFeed,
    ScheduleSealing,
    SealedSchedule,
    Week,
    WeekState,
    WorkSchedule,
)
from engine.model.schedule_entries import (
    EntryId,
    EntryText,
    ScheduleEntry,
    ScheduleId,
)
from engine.ports_signing import SignatureField
from storage.repositories.base import Repository, missing
from storage.tables.schedules import schedule_entry as _entry
from storage.tables.schedules import schedule_entry_leader as _leader
from storage.tables.schedules import schedule_feed as _feed
from storage.tables.schedules import work_schedule as _schedule

_FLAT = (
    "id",
    "agency_id",
    "monday",
    "number",
    "base_id",
    "state",
    "title",
    "due_at",
    "opened_by",
    "opened_at",
    "updated_at",
    "version",
    "to_city",
    "reason",
    "submitted_by",
    "submitted_at",
    "approved_by",
    "approved_at",
    "paper_digest",
    "paper_pages",
    "published_by",
)
_SAID = (
    "day",
    "part",
    "starts_at",
    "ends_at",
    "content",
    "chair",
    "participants",
    "place",
    "preparing",
    "vehicle",
    "is_private",
    "meeting_id",
)


class SqlSchedules(Repository):
    """Keep versions in one table, their entries in another."""

    def add(self, schedule: WorkSchedule, entries: Sequence[ScheduleEntry] = ()) -> None:
        """Add a version with the entries it starts from.

        Raises:
            ConflictError: code SCHEDULE_EXISTS; the week has a version of this number.
        """
        try:
            self._insert(_schedule, _values(schedule))
        except sa.exc.IntegrityError as error:
            raise ConflictError(
                f"{schedule.monday} has version {schedule.number}",
                code=ErrorCode.SCHEDULE_EXISTS,
                week=schedule.title,
            ) from error
        for entry in entries:
            self.add_entry(entry)

    def get(self, schedule_id: ScheduleId) -> WorkSchedule:
        """Return the version.

        Raises:
            NotFoundError: there is no such version.
        """
        query = sa.select(_schedule).where(_schedule.c.id == schedule_id)
        found = self._find(_made, query)
        return found or missing("schedule", schedule_id, ErrorCode.SCHEDULE_NOT_FOUND)

    def save(self, schedule: WorkSchedule) -> None:
        """Write the version if nobody wrote it since it was read.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        seen = schedule.version
        statement = sa.update(_schedule).where(
            _schedule.c.id == schedule.id, _schedule.c.version == seen
        )
        if self._changed(statement.values(_values(schedule) | {"version": seen + 1})) == 0:
            raise ConflictError(f"schedule {schedule.id} changed", code=ErrorCode.DOCUMENT_CHANGED)
        schedule.version = seen + 1

    def list_week(self, agency_id: AgencyId, monday: date) -> Sequence[WorkSchedule]:
        """Return the versions of a week, newest first, without those that were given up."""
        query = (
            sa.select(_schedule)
            .where(
                _schedule.c.agency_id == agency_id,
                _schedule.c.monday == monday,
                _schedule.c.state != WeekState.DISCARDED,
            )
            .order_by(_schedule.c.number.desc())
        )
        return self._list(_made, query)

    def list_in_preparation(self, agency_id: AgencyId) -> Sequence[WorkSchedule]:
        """Return what the agency prepares at present, in the order of the weeks."""
        query = (
            sa.select(_schedule)
            .where(_schedule.c.agency_id == agency_id, _schedule.c.state.in_(IN_PREPARATION))
            .order_by(_schedule.c.monday)
        )
        return self._list(_made, query)

    def list_public(self, monday: date) -> Sequence[WorkSchedule]:
        """Return the published versions of a week that are shown to the whole city."""
        query = (
            sa.select(_schedule)
            .where(
                _schedule.c.monday == monday,
                _schedule.c.state == WeekState.PUBLISHED,
                _schedule.c.to_city,
            )
            .order_by(_schedule.c.agency_id)
        )
        return self._list(_made, query)

    def read_week(self, schedule_id: ScheduleId) -> Week:
        """Return a version with its entries and those of the version it replaces.

        Raises:
            NotFoundError: there is no such version.
        """
        schedule = self.get(schedule_id)
        wanted = [each for each in (schedule.id, schedule.base_id) if each is not None]
        entries = self._entries(sa.select(_entry).where(_entry.c.schedule_id.in_(wanted)))
        return Week(
            schedule=schedule,
            entries=[each for each in entries if each.schedule_id == schedule.id],
            base=[each for each in entries if each.schedule_id == schedule.base_id],
        )

    def get_entry(self, entry_id: EntryId) -> ScheduleEntry:
        """Return the entry.

        Raises:
            NotFoundError: there is no such entry.
        """
        found = self._entries(sa.select(_entry).where(_entry.c.id == entry_id))
        return found[0] if found else missing("entry", entry_id, ErrorCode.SCHEDULE_NOT_FOUND)

    def add_entry(self, entry: ScheduleEntry) -> None:
        """Add a line to a version."""
        self._insert(_entry, _entry_values(entry))
        self._add_leaders(entry)

    def save_entry(self, entry: ScheduleEntry) -> None:
        """Write what a line says now."""
        self._forget_leaders(entry.id)
        statement = sa.update(_entry).where(_entry.c.id == entry.id)
        self._changed(statement.values(_entry_values(entry)))
        self._add_leaders(entry)

    def remove_entry(self, entry_id: EntryId) -> None:
        """Take a line out of a version."""
        self._forget_leaders(entry_id)
        self._connection.execute(sa.delete(_entry).where(_entry.c.id == entry_id))

    def list_published(
        self,
        agency_id: AgencyId,
        since: date,
        until: date,
        *,
        leader_id: PersonId | None = None,
    ) -> Sequence[ScheduleEntry]:
        """Return the entries in force of the days `since` to `until`; private ones too."""
        query = (
            sa.select(_entry)
            .join(_schedule, _schedule.c.id == _entry.c.schedule_id)
            .where(
                _schedule.c.agency_id == agency_id,
                _schedule.c.state == WeekState.PUBLISHED,
                _entry.c.day.between(since, until),
            )
        )
        if leader_id is not None:
            concerned = sa.select(_leader.c.entry_id).where(_leader.c.person_id == leader_id)
            query = query.where(_entry.c.id.in_(concerned))
        return self._entries(query)

    def list_withdrawn(
        self,
        agency_id: AgencyId,
        since: date,
        until: date,
        *,
        leader_id: PersonId | None = None,
    ) -> Sequence[ScheduleEntry]:
        """Return entries once published that no version in force publishes, each once.

        What became private is withdrawn too, and from one leader's entries what is another's.
        """
        current, newer = _entry.alias("current"), _schedule.alias("newer")
        in_force = (
            sa.select(current.c.key)
            .join(newer, newer.c.id == current.c.schedule_id)
            .where(
                newer.c.agency_id == agency_id,
                newer.c.state == WeekState.PUBLISHED,
                current.c.is_private.is_(False),
                # Whatever is taken out or moved stays in its week.
                newer.c.monday.between(since - timedelta(weeks=1), until),
            )
        )
        query = (
            sa.select(_entry)
            .join(_schedule, _schedule.c.id == _entry.c.schedule_id)
            .where(
                _schedule.c.agency_id == agency_id,
                _schedule.c.state == WeekState.SUPERSEDED,
                _entry.c.day.between(since, until),
                _entry.c.is_private.is_(False),
            )
            .order_by(_schedule.c.monday, _schedule.c.number)
        )
        if leader_id is not None:
            concerned = sa.select(_leader.c.entry_id).where(_leader.c.person_id == leader_id)
            in_force = in_force.where(current.c.id.in_(concerned))
            query = query.where(_entry.c.id.in_(concerned))
        query = query.where(_entry.c.key.not_in(in_force))
        return list({each.key: each for each in self._entries(query)}.values())

    def add_feed(self, feed: ScheduleFeed) -> None:
        """Add a secret address."""
        self._insert(_feed, {each.name: getattr(feed, each.name) for each in _feed.c})

    def find_feed(self, token_digest: str) -> ScheduleFeed | None:
        """Return the feed that lasts behind an address."""
        query = sa.select(_feed).where(
            _feed.c.token_digest == token_digest, _feed.c.closed_at.is_(None)
        )
        return self._find(ScheduleFeed, query)

    def list_feeds(self, person_id: PersonId) -> Sequence[ScheduleFeed]:
        """Return the addresses of a person that last."""
        query = (
            sa.select(_feed)
            .where(_feed.c.person_id == person_id, _feed.c.closed_at.is_(None))
            .order_by(_feed.c.opened_at)
        )
        return self._list(ScheduleFeed, query)

    def close_feeds(self, person_id: PersonId, at: datetime) -> int:
        """End every address of a person; return how many lasted."""
        lasting = sa.update(_feed).where(
            _feed.c.person_id == person_id, _feed.c.closed_at.is_(None)
        )
        return self._changed(lasting.values(closed_at=at))

    def _entries(self, query: sa.Select[Any]) -> list[ScheduleEntry]:
        rows = self._connection.execute(query).mappings().all()
        listed = (
            sa.select(_leader.c.entry_id, _leader.c.person_id)
            .where(_leader.c.entry_id.in_([row["id"] for row in rows]))
            .order_by(_leader.c.entry_id, _leader.c.position)
        )
        leaders: dict[str, list[PersonId]] = {}
        for entry_id, person_id in self._connection.execute(listed):
            leaders.setdefault(entry_id, []).append(person_id)
        return [_made_entry(row, tuple(leaders.get(row["id"], ()))) for row in rows]

    def _add_leaders(self, entry: ScheduleEntry) -> None:
        values = [
            {"entry_id": entry.id, "person_id": person_id, "position": position}
            for position, person_id in enumerate(entry.text.leader_ids)
        ]
        if values:
            self._insert(_leader, values)

    def _forget_leaders(self, entry_id: EntryId) -> None:
        self._connection.execute(sa.delete(_leader).where(_leader.c.entry_id == entry_id))


def _values(schedule: WorkSchedule) -> dict[str, Any]:
    sealing, file = schedule.sealing, schedule.file
    return {name: getattr(schedule, name) for name in _FLAT} | {
        "nonce": sealing.nonce if sealing else None,
        "sealing_certificate_id": sealing.certificate_id if sealing else None,
        "sealing_actor_id": sealing.actor_id if sealing else None,
        "sealing_begun_at": sealing.begun_at if sealing else None,
        "digest": file.digest if file else None,
        "size_bytes": file.size_bytes if file else None,
        "certificate_id": file.signature.certificate_id if file else None,
        "cms_sha256": file.signature.cms_sha256 if file else None,
        "signed_at": file.signature.made_at if file else None,
    }


def _made(**row: Any) -> WorkSchedule:
    return WorkSchedule(
        **{name: row[name] for name in _FLAT}, sealing=_sealing(row), file=_file(row)
    )


def _sealing(row: dict[str, Any]) -> ScheduleSealing | None:
    if row["nonce"] is None:
        return None
    return ScheduleSealing(
        nonce=row["nonce"],
        certificate_id=row["sealing_certificate_id"],
        actor_id=row["sealing_actor_id"],
        begun_at=row["sealing_begun_at"],
    )


def _file(row: dict[str, Any]) -> SealedSchedule | None:
    if row["digest"] is None:
        return None
    return SealedSchedule(
        digest=row["digest"],
        size_bytes=row["size_bytes"],
        page_count=row["paper_pages"],
        signature=PlacedSignature(
            field=SignatureField.MARK,
            certificate_id=row["certificate_id"],
            cms_sha256=row["cms_sha256"],
            made_at=row["signed_at"],
        ),
    )


def _entry_values(entry: ScheduleEntry) -> dict[str, Any]:
    return {name: getattr(entry.text, name) for name in _SAID} | {
        "id": entry.id,
        "schedule_id": entry.schedule_id,
        "key": entry.key,
        "unit_id": entry.unit_id,
        "entered_by": entry.entered_by,
        "entered_at": entry.entered_at,
        "edition": entry.edition,
    }


def _made_entry(row: sa.RowMapping, leader_ids: tuple[PersonId, ...]) -> ScheduleEntry:
    return ScheduleEntry(
        id=row["id"],
        schedule_id=row["schedule_id"],
        key=row["key"],
        text=EntryText(**{name: row[name] for name in _SAID}, leader_ids=leader_ids),
        unit_id=row["unit_id"],
        entered_by=row["entered_by"],
        entered_at=row["entered_at"],
        edition=row["edition"],
    )
