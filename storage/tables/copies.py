"""Tables of attachments in their own files, and of certified copies."""

import sqlalchemy as sa

from engine.model.attachment import AttachmentKind
from engine.model.copy import CopyForm, CopyStatus
from storage.tables.base import EnumText, Json, UtcDateTime, id_column, metadata, reference

attachment = sa.Table(
    "attachment",
    metadata,
    id_column(),
    reference("document_id", "document.id"),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("kind", EnumText(AttachmentKind), nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("page_count", sa.Integer, nullable=False),
    sa.Column("added_at", UtcDateTime, nullable=False),
    sa.Column("added_by", sa.String, nullable=False),
    sa.Column("sealed_digest", sa.String),
    sa.Column("sealed_size_bytes", sa.Integer),
    reference("certificate_id", "issued_certificate.id", nullable=True),
    sa.Column("cms_sha256", sa.String),
    sa.Column("signed_at", UtcDateTime),
    sa.Index(None, "document_id", "position"),
)

attachment_receipt = sa.Table(
    "attachment_receipt",
    metadata,
    reference("delivery_id", "delivery.id", key=True),
    reference("attachment_id", "attachment.id", key=True),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("verdict", sa.String, nullable=False),
    sa.Column("verdict_reason", sa.String, nullable=False),
)

certified_copy = sa.Table(
    "certified_copy",
    metadata,
    id_column(),
    reference("agency_id", "agency.id"),
    reference("unit_id", "unit.id", nullable=True),
    reference("requester_id", "person.id"),
    sa.Column("form", EnumText(CopyForm), nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("original_symbol", sa.String, nullable=False),
    sa.Column("dated_on", sa.Date, nullable=False),
    sa.Column("issuer", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("pages", sa.String, nullable=False),
    sa.Column("scan_digest", sa.String, nullable=False),
    sa.Column("scan_size_bytes", sa.Integer, nullable=False),
    sa.Column("scan_page_count", sa.Integer, nullable=False),
    sa.Column("scan_warnings", Json, nullable=False),
    sa.Column("status", EnumText(CopyStatus), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    reference("approved_by", "person.id", nullable=True),
    sa.Column("approved_at", UtcDateTime),
    sa.Column("symbol", sa.String, nullable=False),
    # The undertaking of a clerk who is certifying it at this moment.
    sa.Column("nonce", sa.String),
    sa.Column("sealing_certificate_id", sa.String),
    sa.Column("sealing_actor_id", sa.String),
    sa.Column("sealing_begun_at", UtcDateTime),
    sa.Column("digest", sa.String),
    sa.Column("size_bytes", sa.Integer),
    reference("certificate_id", "issued_certificate.id", nullable=True),
    sa.Column("cms_sha256", sa.String),
    sa.Column("signed_at", UtcDateTime),
    sa.Index(None, "agency_id", "created_at", "id"),
)
