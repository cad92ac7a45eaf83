"""Tables of weekly work schedules: versions, their entries, and the feeds calendars read."""

import sqlalchemy as sa

from engine.model.schedule import (
    WeekState,
)
from engine.model.schedule_entries import (
    DayPart,
)
from storage.tables.base import EnumText, UtcDateTime, id_column, metadata, reference

_KEPT = sa.text("state <> 'discarded'")

work_schedule = sa.Table(
    "work_schedule",
    metadata,
    id_column(),
    reference("agency_id", "agency.id"),
    sa.Column("monday", sa.Date, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    reference("base_id", "work_schedule.id", nullable=True),
    sa.Column("state", EnumText(WeekState), nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    reference("opened_by", "person.id"),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("to_city", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    reference("submitted_by", "person.id", nullable=True),
    sa.Column("submitted_at", UtcDateTime),
    reference("approved_by", "person.id", nullable=True),
    sa.Column("approved_at", UtcDateTime),
    sa.Column("paper_digest", sa.String),
    sa.Column("paper_pages", sa.Integer, nullable=False),
    # The undertaking of a clerk who is sealing it at this moment.
    sa.Column("nonce", sa.String),
    sa.Column("sealing_certificate_id", sa.String),
    sa.Column("sealing_actor_id", sa.String),
    sa.Column("sealing_begun_at", UtcDateTime),
    sa.Column("digest", sa.String),
    sa.Column("size_bytes", sa.Integer),
    reference("certificate_id", "issued_certificate.id", nullable=True),
    sa.Column("cms_sha256", sa.String),
    sa.Column("signed_at", UtcDateTime),
    reference("published_by", "person.id", nullable=True),
    # A version that was given up leaves its number to the next.
    sa.Index(
        "uq_work_schedule_agency_id_monday_number",
        "agency_id",
        "monday",
        "number",
        unique=True,
        sqlite_where=_KEPT,
        postgresql_where=_KEPT,
    ),
    sa.Index(None, "agency_id", "state", "monday"),
    sa.Index(None, "monday", "state"),
)

schedule_entry = sa.Table(
    "schedule_entry",
    metadata,
    id_column(),
    reference("schedule_id", "work_schedule.id"),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("part", EnumText(DayPart), nullable=False),
    sa.Column("starts_at", sa.Time),
    sa.Column("ends_at", sa.Time),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("chair", sa.String, nullable=False),
    sa.Column("participants", sa.Text, nullable=False),
    sa.Column("place", sa.String, nullable=False),
    sa.Column("preparing", sa.String, nullable=False),
    sa.Column("vehicle", sa.String, nullable=False),
    sa.Column("is_private", sa.Boolean, nullable=False),
    sa.Column("meeting_id", sa.String),
    reference("unit_id", "unit.id", nullable=True),
    reference("entered_by", "person.id"),
    sa.Column("entered_at", UtcDateTime, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Index(None, "schedule_id", "day"),
)

schedule_entry_leader = sa.Table(
    "schedule_entry_leader",
    metadata,
    reference("entry_id", "schedule_entry.id", key=True),
    reference("person_id", "person.id", key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Index(None, "person_id"),
)

schedule_feed = sa.Table(
    "schedule_feed",
    metadata,
    id_column("token_digest"),
    reference("person_id", "person.id"),
    reference("agency_id", "agency.id"),
    reference("leader_id", "person.id", nullable=True),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Index(None, "person_id"),
)
