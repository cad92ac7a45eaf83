"""Tables of notices, of how each person wants them, and of the outbox of mail."""

import sqlalchemy as sa

from engine.model.notice import (
    DigestDays,
    MailKind,
    MailMode,
    MailState,
    NoticeKind,
    SubjectKind,
)
from storage.tables.base import EnumText, Json, UtcDateTime, id_column, metadata, reference

mail = sa.Table(
    "mail",
    metadata,
    id_column(),
    reference("person_id", "person.id"),
    sa.Column("kind", EnumText(MailKind), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("next_try_at", UtcDateTime, nullable=False),
    sa.Column("state", EnumText(MailState), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("sent_at", UtcDateTime),
    sa.Index(None, "person_id", "made_at"),
)
_STUCK = sa.text("state = 'failed' OR (state = 'waiting' AND tries >= 5)")
sa.Index(
    "ix_mail_waiting",
    mail.c.next_try_at,
    sqlite_where=sa.text("state = 'waiting'"),
    postgresql_where=sa.text("state = 'waiting'"),
)
sa.Index(
    "ix_mail_stuck",
    mail.c.made_at,
    sqlite_where=_STUCK,
    postgresql_where=_STUCK,
)

notice = sa.Table(
    "notice",
    metadata,
    id_column(),
    reference("person_id", "person.id"),
    sa.Column("kind", EnumText(NoticeKind), nullable=False),
    # A document, a meeting, a batch and so on, so no foreign key.
    sa.Column("subject_kind", EnumText(SubjectKind), nullable=False),
    sa.Column("subject_id", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("details", Json, nullable=False),
    sa.Column("actor_name", sa.String, nullable=False),
    sa.Column("restricted", sa.Boolean, nullable=False),
    sa.Column("read_at", UtcDateTime),
    reference("mail_id", "mail.id", nullable=True),
    sa.Index(None, "person_id", "made_at", "id"),
    sa.Index(None, "made_at"),
    sa.Index(None, "mail_id"),
    sa.Index(None, "subject_id"),
)
sa.Index(
    "ix_notice_unread",
    notice.c.person_id,
    notice.c.made_at,
    notice.c.id,
    sqlite_where=sa.text("read_at IS NULL"),
    postgresql_where=sa.text("read_at IS NULL"),
)

mail_preference = sa.Table(
    "mail_preference",
    metadata,
    reference("person_id", "person.id", key=True),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("pending_address", sa.String, nullable=False),
    sa.Column("mode", EnumText(MailMode), nullable=False),
    sa.Column("digest_hour", sa.Integer, nullable=False),
    sa.Column("digest_days", EnumText(DigestDays), nullable=False),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("token_digest", sa.String, nullable=False),
    sa.Column("token_expires_at", UtcDateTime),
)
