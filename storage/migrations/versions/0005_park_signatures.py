"""Park signatures that a token at the client completes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "parked_signature",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("nonce_digest", sa.String(), nullable=False),
        sa.Column("intent_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("items", _JSON, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["signing_intent.id"], name="fk_parked_signature_intent_id"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_parked_signature_document_id"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_parked_signature_person_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_parked_signature"),
        sa.UniqueConstraint("nonce_digest", name="uq_parked_signature_nonce_digest"),
    )
    op.create_index(
        "ix_parked_signature_document_id_person_id_begun_at",
        "parked_signature",
        ["document_id", "person_id", "begun_at"],
    )


def downgrade() -> None:
    # Whoever began at a token begins anew; the sweep voids the undertaking.
    op.drop_table("parked_signature")
