"""Keep notices, the outbox of mail, and how far a document may be shown."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_WAITING = "state = 'waiting'"
_STUCK = "state = 'failed' OR (state = 'waiting' AND tries >= 5)"
_UNREAD = "read_at IS NULL"


def upgrade() -> None:
    op.add_column(
        "document", sa.Column("circulation", sa.String(), nullable=False, server_default="")
    )
    _create_mails()
    _create_notices()
    op.create_table(
        "mail_preference",
        _text("person_id"),
        _text("address"),
        _text("pending_address"),
        _text("mode"),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        _text("digest_days"),
        _text("language"),
        _text("token_digest"),
        sa.Column("token_expires_at", sa.DateTime(timezone=True)),
        _person("mail_preference"),
        sa.PrimaryKeyConstraint("person_id", name="pk_mail_preference"),
    )


def downgrade() -> None:
    op.drop_table("mail_preference")
    op.drop_table("notice")
    op.drop_table("mail")
    op.drop_column("document", "circulation")


def _create_mails() -> None:
    op.create_table(
        "mail",
        _text("id"),
        _text("person_id"),
        _text("kind"),
        _time("made_at"),
        _time("due_at"),
        _time("next_try_at"),
        _text("state"),
        sa.Column("tries", sa.Integer(), nullable=False),
        _text("reason"),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        _person("mail"),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
    )
    op.create_index("ix_mail_person_id_made_at", "mail", ["person_id", "made_at"])
    _create_partial_index("ix_mail_waiting", "mail", ["next_try_at"], _WAITING)
    _create_partial_index("ix_mail_stuck", "mail", ["made_at"], _STUCK)


def _create_notices() -> None:
    op.create_table(
        "notice",
        _text("id"),
        _text("person_id"),
        _text("kind"),
        _text("subject_kind"),
        _text("subject_id"),
        _text("title"),
        _time("made_at"),
        sa.Column("details", JSON, nullable=False),
        _text("actor_name"),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("mail_id", sa.String()),
        _person("notice"),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name="fk_notice_mail_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_person_id_made_at_id", "notice", ["person_id", "made_at", "id"])
    op.create_index("ix_notice_made_at", "notice", ["made_at"])
    op.create_index("ix_notice_mail_id", "notice", ["mail_id"])
    op.create_index("ix_notice_subject_id", "notice", ["subject_id"])
    _create_partial_index("ix_notice_unread", "notice", ["person_id", "made_at", "id"], _UNREAD)


def _create_partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=f"fk_{table}_person_id")
