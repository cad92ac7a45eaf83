"""Keep meetings, replies and papers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _create_meetings()
    _create_invitees()
    _create_papers()
    _create_feeds()


def downgrade() -> None:
    op.drop_table("calendar_feed")
    op.drop_table("meeting_paper")
    op.drop_table("meeting_invitee")
    op.drop_table("meeting")


def _create_meetings() -> None:
    op.create_table(
        "meeting",
        _text("id"),
        _text("agency_id"),
        sa.Column("unit_id", sa.String()),
        _text("planner_id"),
        _text("chair_id"),
        _text("chair_name"),
        _text("chair_title"),
        _text("title"),
        _time("starts_at"),
        _time("ends_at"),
        _time("reply_by"),
        _text("place"),
        _text("room"),
        _text("room_key"),
        _text("link"),
        sa.Column("agenda", JSON, nullable=False),
        _text("state"),
        _time("created_at"),
        _time("updated_at"),
        _number("version"),
        _number("revision"),
        sa.Column("invited_at", sa.DateTime(timezone=True)),
        _prose("clash_note"),
        sa.Column("invitation_id", sa.String()),
        sa.Column("conclusion_id", sa.String()),
        _prose("minutes"),
        _prose("conclusions"),
        sa.Column("minuted_at", sa.DateTime(timezone=True)),
        _prose("reason"),
        sa.Column("replaced_by", sa.String()),
        _number("orders_given"),
        _reference("meeting", "agency_id", "agency"),
        _reference("meeting", "unit_id", "unit"),
        _reference("meeting", "planner_id", "person"),
        _reference("meeting", "chair_id", "person"),
        _reference("meeting", "invitation_id", "document"),
        _reference("meeting", "conclusion_id", "document"),
        _reference("meeting", "replaced_by", "meeting"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting"),
    )
    _index("meeting", "starts_at", "id")
    _index("meeting", "agency_id", "starts_at", "id")
    _index("meeting", "chair_id", "starts_at")
    _index("meeting", "invitation_id")
    _index("meeting", "conclusion_id")


def _create_invitees() -> None:
    op.create_table(
        "meeting_invitee",
        _text("id"),
        _text("meeting_id"),
        _number("position"),
        _time("starts_at"),
        _text("agency_id"),
        sa.Column("unit_id", sa.String()),
        sa.Column("person_id", sa.String()),
        _text("name"),
        _text("call_id"),
        sa.Column("answer", sa.String()),
        _prose("reason"),
        sa.Column("given_by", sa.String()),
        _text("given_by_name"),
        _text("given_for"),
        sa.Column("given_at", sa.DateTime(timezone=True)),
        sa.Column("substitute_id", sa.String()),
        _text("substitute_name"),
        _text("substitute_title"),
        _text("substitute_phone"),
        _prose("clash"),
        sa.Column("is_present", sa.Boolean()),
        _reference("meeting_invitee", "meeting_id", "meeting"),
        _reference("meeting_invitee", "agency_id", "agency"),
        _reference("meeting_invitee", "unit_id", "unit"),
        _reference("meeting_invitee", "person_id", "person"),
        _reference("meeting_invitee", "given_by", "person"),
        _reference("meeting_invitee", "substitute_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_invitee"),
        sa.UniqueConstraint("call_id", name="uq_meeting_invitee_call_id"),
    )
    _index("meeting_invitee", "meeting_id", "position")
    _index("meeting_invitee", "agency_id", "starts_at")
    _index("meeting_invitee", "person_id", "starts_at")
    _index("meeting_invitee", "substitute_id", "starts_at")


def _create_papers() -> None:
    op.create_table(
        "meeting_paper",
        _text("id"),
        _text("meeting_id"),
        _text("title"),
        _text("digest"),
        _number("size_bytes"),
        _time("added_at"),
        _text("added_by"),
        sa.Column("document_id", sa.String()),
        _reference("meeting_paper", "meeting_id", "meeting"),
        _reference("meeting_paper", "added_by", "person"),
        _reference("meeting_paper", "document_id", "document"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_paper"),
    )
    _index("meeting_paper", "meeting_id", "added_at")


def _create_feeds() -> None:
    op.create_table(
        "calendar_feed",
        _text("token_digest"),
        _text("person_id"),
        _time("made_at"),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        _reference("calendar_feed", "person_id", "person"),
        sa.PrimaryKeyConstraint("token_digest", name="pk_calendar_feed"),
    )
    _index("calendar_feed", "person_id")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _prose(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")
