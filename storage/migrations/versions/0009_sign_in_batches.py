"""Keep ceremonies that sign many documents."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_RUNNING = "state = 'running'"


def upgrade() -> None:
    op.create_table(
        "signing_batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("certificate_id", sa.String(), nullable=False),
        sa.Column("merkle_root", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("manifest", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("lease_id", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_signing_batch_person_id"),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="fk_signing_batch_agency_id"),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["issued_certificate.id"], name="fk_signing_batch_certificate_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_signing_batch"),
    )
    op.create_index(
        "ix_signing_batch_person_id_created_at", "signing_batch", ["person_id", "created_at"]
    )
    op.create_index(
        "ix_signing_batch_running",
        "signing_batch",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text(_RUNNING),
        postgresql_where=sa.text(_RUNNING),
    )
    op.create_table(
        "signing_batch_item",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String()),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("unit_name", sa.String(), nullable=False),
        sa.Column("drafter_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("intent_id", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["signing_batch.id"], name="fk_signing_batch_item_batch_id"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_signing_batch_item_document_id"
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name="pk_signing_batch_item"),
        sa.UniqueConstraint("batch_id", "task_id", name="uq_signing_batch_item_batch_id_task_id"),
    )
    op.create_index("ix_signing_batch_item_document_id", "signing_batch_item", ["document_id"])


def downgrade() -> None:
    op.drop_table("signing_batch_item")
    op.drop_table("signing_batch")
