"""Keep attachments in their own files, and certified copies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage import append_only

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _create_attachments()
    _create_receipts()
    _create_copies()
    for statement in append_only.copy_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    # Triggers fall with their tables.
    op.drop_table("attachment_receipt")
    op.drop_table("attachment")
    op.drop_table("certified_copy")


def _create_attachments() -> None:
    op.create_table(
        "attachment",
        _text("id"),
        _text("document_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("title"),
        _text("kind"),
        _text("digest"),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        _time("added_at"),
        _text("added_by"),
        sa.Column("sealed_digest", sa.String()),
        sa.Column("sealed_size_bytes", sa.Integer()),
        sa.Column("certificate_id", sa.String()),
        sa.Column("cms_sha256", sa.String()),
        sa.Column("signed_at", sa.DateTime(timezone=True)),
        _reference("attachment", "document_id", "document"),
        _reference("attachment", "certificate_id", "issued_certificate"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
    )
    op.create_index(
        "ix_attachment_document_id_position", "attachment", ["document_id", "position"]
    )


def _create_receipts() -> None:
    op.create_table(
        "attachment_receipt",
        _text("delivery_id"),
        _text("attachment_id"),
        _text("digest"),
        _text("verdict"),
        _text("verdict_reason"),
        _reference("attachment_receipt", "delivery_id", "delivery"),
        _reference("attachment_receipt", "attachment_id", "attachment"),
        sa.PrimaryKeyConstraint("delivery_id", "attachment_id", name="pk_attachment_receipt"),
    )


def _create_copies() -> None:
    op.create_table(
        "certified_copy",
        _text("id"),
        _text("agency_id"),
        sa.Column("unit_id", sa.String()),
        _text("requester_id"),
        _text("form"),
        _text("kind"),
        _text("original_symbol"),
        sa.Column("dated_on", sa.Date(), nullable=False),
        _text("issuer"),
        _text("subject"),
        _text("pages"),
        _text("scan_digest"),
        sa.Column("scan_size_bytes", sa.Integer(), nullable=False),
        sa.Column("scan_page_count", sa.Integer(), nullable=False),
        sa.Column("scan_warnings", JSON, nullable=False),
        _text("status"),
        _time("created_at"),
        _time("updated_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.String()),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        _text("symbol"),
        sa.Column("nonce", sa.String()),
        sa.Column("sealing_certificate_id", sa.String()),
        sa.Column("sealing_actor_id", sa.String()),
        sa.Column("sealing_begun_at", sa.DateTime(timezone=True)),
        sa.Column("digest", sa.String()),
        sa.Column("size_bytes", sa.Integer()),
        sa.Column("certificate_id", sa.String()),
        sa.Column("cms_sha256", sa.String()),
        sa.Column("signed_at", sa.DateTime(timezone=True)),
        _reference("certified_copy", "agency_id", "agency"),
        _reference("certified_copy", "unit_id", "unit"),
        _reference("certified_copy", "requester_id", "person"),
        _reference("certified_copy", "approved_by", "person"),
        _reference("certified_copy", "certificate_id", "issued_certificate"),
        sa.PrimaryKeyConstraint("id", name="pk_certified_copy"),
    )
    op.create_index(
        "ix_certified_copy_agency_id_created_at_id",
        "certified_copy",
        ["agency_id", "created_at", "id"],
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")
