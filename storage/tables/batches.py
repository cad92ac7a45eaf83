"""Tables of ceremonies that sign many documents, and of their items."""

import sqlalchemy as sa

from engine.model.batch import BatchState, ItemState
from storage.tables.base import EnumText, UtcDateTime, id_column, metadata, reference

signing_batch = sa.Table(
    "signing_batch",
    metadata,
    id_column(),
    reference("person_id", "person.id"),
    reference("agency_id", "agency.id"),
    reference("certificate_id", "issued_certificate.id"),
    sa.Column("merkle_root", sa.String, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("state", EnumText(BatchState), nullable=False),
    sa.Column("manifest", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("lease_id", sa.String, nullable=False),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Index(None, "person_id", "created_at"),
)
#: One run of a person at a time.
sa.Index(
    "ix_signing_batch_running",
    signing_batch.c.person_id,
    unique=True,
    sqlite_where=sa.text("state = 'running'"),
    postgresql_where=sa.text("state = 'running'"),
)

signing_batch_item = sa.Table(
    "signing_batch_item",
    metadata,
    reference("batch_id", "signing_batch.id", key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("task_id", sa.String, nullable=False),
    reference("document_id", "document.id", nullable=True),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("page_count", sa.Integer, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("unit_name", sa.String, nullable=False),
    sa.Column("drafter_name", sa.String, nullable=False),
    sa.Column("state", EnumText(ItemState), nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("intent_id", sa.String, nullable=False),
    sa.Column("result", sa.String, nullable=False),
    sa.Column("at", UtcDateTime),
    sa.UniqueConstraint("batch_id", "task_id"),
    sa.Index(None, "document_id"),
)

#: What a run writes; all else is as it was ticked.
BATCH_COLUMNS = (
    "merkle_root",
    "state",
    "manifest",
    "reason",
    "lease_id",
    "lease_until",
    "finished_at",
)
ITEM_COLUMNS = ("state", "reason", "intent_id", "result", "at")
