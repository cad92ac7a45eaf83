"""Keep weekly work schedules."""

import sqlalchemy as sa
from alembic import op

from storage import append_only

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_schedules()
    _create_entries()
    _create_feeds()
    for statement in append_only.schedule_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    # Triggers fall with their tables; those of the entries look at the versions.
    op.drop_table("schedule_feed")
    op.drop_table("schedule_entry_leader")
    op.drop_table("schedule_entry")
    op.drop_table("work_schedule")


def _create_schedules() -> None:
    op.create_table(
        "work_schedule",
        _text("id"),
        _text("agency_id"),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.String()),
        _text("state"),
        _text("title"),
        _time("due_at"),
        _text("opened_by"),
        _time("opened_at"),
        _time("updated_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("to_city", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.String()),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.Column("approved_by", sa.String()),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("paper_digest", sa.String()),
        sa.Column("paper_pages", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String()),
        sa.Column("sealing_certificate_id", sa.String()),
        sa.Column("sealing_actor_id", sa.String()),
        sa.Column("sealing_begun_at", sa.DateTime(timezone=True)),
        sa.Column("digest", sa.String()),
        sa.Column("size_bytes", sa.Integer()),
        sa.Column("certificate_id", sa.String()),
        sa.Column("cms_sha256", sa.String()),
        sa.Column("signed_at", sa.DateTime(timezone=True)),
        sa.Column("published_by", sa.String()),
        _reference("work_schedule", "agency_id", "agency"),
        _reference("work_schedule", "base_id", "work_schedule"),
        _reference("work_schedule", "opened_by", "person"),
        _reference("work_schedule", "submitted_by", "person"),
        _reference("work_schedule", "approved_by", "person"),
        _reference("work_schedule", "certificate_id", "issued_certificate"),
        _reference("work_schedule", "published_by", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_work_schedule"),
    )
    # A version that was given up leaves its number to the next.
    kept = sa.text("state <> 'discarded'")
    op.create_index(
        "uq_work_schedule_agency_id_monday_number",
        "work_schedule",
        ["agency_id", "monday", "number"],
        unique=True,
        sqlite_where=kept,
        postgresql_where=kept,
    )
    op.create_index(
        "ix_work_schedule_agency_id_state_monday",
        "work_schedule",
        ["agency_id", "state", "monday"],
    )
    op.create_index("ix_work_schedule_monday_state", "work_schedule", ["monday", "state"])


def _create_entries() -> None:
    op.create_table(
        "schedule_entry",
        _text("id"),
        _text("schedule_id"),
        _text("key"),
        sa.Column("day", sa.Date(), nullable=False),
        _text("part"),
        sa.Column("starts_at", sa.Time()),
        sa.Column("ends_at", sa.Time()),
        sa.Column("content", sa.Text(), nullable=False),
        _text("chair"),
        sa.Column("participants", sa.Text(), nullable=False),
        _text("place"),
        _text("preparing"),
        _text("vehicle"),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("meeting_id", sa.String()),
        sa.Column("unit_id", sa.String()),
        _text("entered_by"),
        _time("entered_at"),
        sa.Column("edition", sa.Integer(), nullable=False),
        _reference("schedule_entry", "schedule_id", "work_schedule"),
        _reference("schedule_entry", "unit_id", "unit"),
        _reference("schedule_entry", "entered_by", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_entry"),
    )
    op.create_index("ix_schedule_entry_schedule_id_day", "schedule_entry", ["schedule_id", "day"])
    op.create_table(
        "schedule_entry_leader",
        _text("entry_id"),
        _text("person_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _reference("schedule_entry_leader", "entry_id", "schedule_entry"),
        _reference("schedule_entry_leader", "person_id", "person"),
        sa.PrimaryKeyConstraint("entry_id", "person_id", name="pk_schedule_entry_leader"),
    )
    op.create_index("ix_schedule_entry_leader_person_id", "schedule_entry_leader", ["person_id"])


def _create_feeds() -> None:
    op.create_table(
        "schedule_feed",
        _text("token_digest"),
        _text("person_id"),
        _text("agency_id"),
        sa.Column("leader_id", sa.String()),
        _time("opened_at"),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        _reference("schedule_feed", "person_id", "person"),
        _reference("schedule_feed", "agency_id", "agency"),
        _reference("schedule_feed", "leader_id", "person"),
        sa.PrimaryKeyConstraint("token_digest", name="pk_schedule_feed"),
    )
    op.create_index("ix_schedule_feed_person_id", "schedule_feed", ["person_id"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")
