"""Tables of meetings: the plan, whom it invites with the answers, papers, calendar addresses."""

import sqlalchemy as sa

from engine.model.meeting import Answer, MeetingState
from storage.tables.base import EnumText, Json, UtcDateTime, id_column, metadata, reference

meeting = sa.Table(
    "meeting",
    metadata,
    id_column(),
    reference("agency_id", "agency.id"),
    reference("unit_id", "unit.id", nullable=True),
    reference("planner_id", "person.id"),
    reference("chair_id", "person.id"),
    sa.Column("chair_name", sa.String, nullable=False),
    sa.Column("chair_title", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("starts_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
    sa.Column("reply_by", UtcDateTime, nullable=False),
    sa.Column("place", sa.String, nullable=False),
    sa.Column("room", sa.String, nullable=False),
    # Folded, so that “Phòng họp số 2” and “phong hop so 2” are one room.
    sa.Column("room_key", sa.String, nullable=False),
    sa.Column("link", sa.String, nullable=False),
    sa.Column("agenda", Json, nullable=False),
    sa.Column("state", EnumText(MeetingState), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("invited_at", UtcDateTime),
    sa.Column("clash_note", sa.Text, nullable=False),
    reference("invitation_id", "document.id", nullable=True),
    reference("conclusion_id", "document.id", nullable=True),
    sa.Column("minutes", sa.Text, nullable=False),
    sa.Column("conclusions", sa.Text, nullable=False),
    sa.Column("minuted_at", UtcDateTime),
    sa.Column("reason", sa.Text, nullable=False),
    reference("replaced_by", "meeting.id", nullable=True),
    sa.Column("orders_given", sa.Integer, nullable=False),
    sa.Index(None, "starts_at", "id"),
    sa.Index(None, "agency_id", "starts_at", "id"),
    sa.Index(None, "chair_id", "starts_at"),
    sa.Index(None, "invitation_id"),
    sa.Index(None, "conclusion_id"),
)

invitee = sa.Table(
    "meeting_invitee",
    metadata,
    id_column(),
    reference("meeting_id", "meeting.id"),
    sa.Column("position", sa.Integer, nullable=False),
    # Copied from the meeting, so that one walk along an index finds what somebody is invited to.
    sa.Column("starts_at", UtcDateTime, nullable=False),
    reference("agency_id", "agency.id"),
    reference("unit_id", "unit.id", nullable=True),
    reference("person_id", "person.id", nullable=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("call_id", sa.String, nullable=False, unique=True),
    sa.Column("answer", EnumText(Answer)),
    sa.Column("reason", sa.Text, nullable=False),
    reference("given_by", "person.id", nullable=True),
    sa.Column("given_by_name", sa.String, nullable=False),
    sa.Column("given_for", sa.String, nullable=False),
    sa.Column("given_at", UtcDateTime),
    reference("substitute_id", "person.id", nullable=True),
    sa.Column("substitute_name", sa.String, nullable=False),
    sa.Column("substitute_title", sa.String, nullable=False),
    sa.Column("substitute_phone", sa.String, nullable=False),
    sa.Column("clash", sa.Text, nullable=False),
    sa.Column("is_present", sa.Boolean),
    sa.Index(None, "meeting_id", "position"),
    sa.Index(None, "agency_id", "starts_at"),
    sa.Index(None, "person_id", "starts_at"),
    sa.Index(None, "substitute_id", "starts_at"),
)

paper = sa.Table(
    "meeting_paper",
    metadata,
    id_column(),
    reference("meeting_id", "meeting.id"),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("added_at", UtcDateTime, nullable=False),
    reference("added_by", "person.id"),
    reference("document_id", "document.id", nullable=True),
    sa.Index(None, "meeting_id", "added_at"),
)

feed = sa.Table(
    "calendar_feed",
    metadata,
    id_column("token_digest"),
    reference("person_id", "person.id"),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.Index(None, "person_id"),
)
