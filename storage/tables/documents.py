"""Tables of documents, deliveries, registers and undertakings to sign.

Columns that say who acted carry no foreign key to `person`: the system acts too.
"""

import sqlalchemy as sa

from engine.model.delivery import DeliveryStatus
from engine.model.document import Circulation, DocumentStatus, Stage
from engine.model.register import EntryState, RegisterBook
from engine.model.signing_intent import IntentState
from engine.model.urgency import Urgency
from storage.tables.base import EnumText, Json, UtcDateTime, id_column, metadata, reference

document = sa.Table(
    "document",
    metadata,
    id_column(),
    reference("agency_id", "agency.id"),
    reference("unit_id", "unit.id"),
    reference("drafter_id", "person.id"),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("urgency", EnumText(Urgency), nullable=False),
    reference("signatory_id", "person.id", nullable=True),
    # Of the table `field`; the use cases look it up, and a field is never deleted.
    sa.Column("field_id", sa.String),
    sa.Column("invitation", Json, nullable=False),
    sa.Column("circulation", EnumText(Circulation), nullable=False, server_default=""),
    sa.Column("status", EnumText(DocumentStatus), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    reference("authority_id", "authority.id", nullable=True),
    sa.Column("series", sa.String),
    sa.Column("year", sa.Integer),
    sa.Column("number", sa.Integer),
    sa.Column("suffix", sa.String),
    sa.Column("symbol", sa.String),
    sa.Column("issued_on", sa.Date),
    sa.Column("page_count", sa.Integer, nullable=False),
    sa.Index(None, "agency_id", "created_at", "id"),
    sa.Index(None, "symbol"),
)

document_recipient = sa.Table(
    "document_recipient",
    metadata,
    reference("document_id", "document.id", key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    reference("agency_id", "agency.id"),
)

document_revision = sa.Table(
    "document_revision",
    metadata,
    reference("document_id", "document.id", key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("stage", EnumText(Stage), nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("made_by", sa.String, nullable=False),
)

document_signature = sa.Table(
    "document_signature",
    metadata,
    reference("document_id", "document.id", key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("field", sa.String, nullable=False),
    reference("certificate_id", "issued_certificate.id"),
    sa.Column("cms_sha256", sa.String, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)

draft_version = sa.Table(
    "draft_version",
    metadata,
    reference("document_id", "document.id", key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("content", Json, nullable=False),
    sa.Column("author_id", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

#: What search reads; all but `exact` are folded. On SQLite an FTS5 index follows it by triggers.
document_search = sa.Table(
    "document_search",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("document_id", sa.String, sa.ForeignKey("document.id"), nullable=False, unique=True),
    sa.Column("readers", sa.Text, nullable=False),
    sa.Column("symbol", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("exact", sa.Text, nullable=False),
)

delivery = sa.Table(
    "delivery",
    metadata,
    id_column(),
    reference("document_id", "document.id"),
    reference("sender_id", "agency.id"),
    reference("recipient_id", "agency.id"),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("status", EnumText(DeliveryStatus), nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("arrival_number", sa.Integer),
    sa.Column("arrival_year", sa.Integer),
    sa.Column("registered_at", UtcDateTime),
    sa.Column("verdict", sa.String, nullable=False),
    sa.Column("verdict_reason", sa.String, nullable=False),
    sa.Column("refusal_reason", sa.String, nullable=False),
    reference("leader_id", "person.id", nullable=True),
    sa.Column("direction", sa.Text, nullable=False),
    reference("unit_id", "unit.id", nullable=True),
    reference("handler_id", "person.id", nullable=True),
    sa.Column("due_on", sa.Date),
    sa.Column("result", sa.Text, nullable=False),
    sa.UniqueConstraint("document_id", "recipient_id"),
    sa.Index(None, "recipient_id", "sent_at", "id"),
    sa.Index(None, "status", "sent_at"),
)

status_message = sa.Table(
    "status_message",
    metadata,
    reference("delivery_id", "delivery.id", key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("status", EnumText(DeliveryStatus), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor_id", sa.String, nullable=False),
    sa.Column("actor_name", sa.String, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

counter = sa.Table(
    "counter",
    metadata,
    reference("agency_id", "agency.id", key=True),
    sa.Column("book", EnumText(RegisterBook), primary_key=True),
    sa.Column("series", sa.String, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)

register_entry = sa.Table(
    "register_entry",
    metadata,
    reference("agency_id", "agency.id", key=True),
    sa.Column("book", EnumText(RegisterBook), primary_key=True),
    sa.Column("series", sa.String, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("suffix", sa.String, primary_key=True),
    sa.Column("state", EnumText(EntryState), nullable=False),
    # A document or a delivery, so no foreign key.
    sa.Column("subject_id", sa.String, nullable=False),
    sa.Column("symbol", sa.String, nullable=False),
    sa.Column("dated_on", sa.Date, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("signatory", sa.String, nullable=False),
    sa.Column("counterpart", sa.String, nullable=False),
    sa.Column("entered_at", UtcDateTime, nullable=False),
    sa.Column("entered_by", sa.String, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
#: A document or delivery has at most one number that is not void.
sa.Index(
    "ix_register_entry_subject",
    register_entry.c.book,
    register_entry.c.subject_id,
    unique=True,
    sqlite_where=sa.text("state <> 'void'"),
    postgresql_where=sa.text("state <> 'void'"),
)

signing_intent = sa.Table(
    "signing_intent",
    metadata,
    id_column(),
    reference("document_id", "document.id"),
    sa.Column("stage", EnumText(Stage), nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    reference("certificate_id", "issued_certificate.id"),
    sa.Column("actor_id", sa.String, nullable=False),
    sa.Column("nonce", sa.String, nullable=False, unique=True),
    sa.Column("begun_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("state", EnumText(IntentState), nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("task_id", sa.String, nullable=False, server_default=""),
    sa.Column("parked", Json, nullable=False, server_default="[]"),
)
#: One open undertaking for each document and stage.
sa.Index(
    "ix_signing_intent_open",
    signing_intent.c.document_id,
    signing_intent.c.stage,
    unique=True,
    sqlite_where=sa.text("state IN ('begun', 'awaiting_stamp')"),
    postgresql_where=sa.text("state IN ('begun', 'awaiting_stamp')"),
)
sa.Index(None, signing_intent.c.state, signing_intent.c.expires_at)
