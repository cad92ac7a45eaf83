"""Tables of long-term preservation, and of services that do not answer."""

import sqlalchemy as sa

from engine.model.outage import Service
from engine.model.preservation import PreservationLevel, PreservationState
from storage.tables.base import EnumText, UtcDateTime, metadata, reference

outage = sa.Table(
    "outage",
    metadata,
    sa.Column("service", EnumText(Service), primary_key=True),
    sa.Column("since", UtcDateTime, nullable=False),
)

preservation = sa.Table(
    "preservation",
    metadata,
    reference("document_id", "document.id", key=True),
    sa.Column("original", sa.String, nullable=False),
    sa.Column("sealed_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("copy", sa.String),
    sa.Column("level", EnumText(PreservationLevel), nullable=False),
    sa.Column("evidence_at", UtcDateTime),
    sa.Column("renew_by", UtcDateTime),
    sa.Column("state", EnumText(PreservationState), nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Index(None, "due_at"),
    sa.Index(None, "state", "due_at"),
    sa.Index(None, "renew_by"),
)
