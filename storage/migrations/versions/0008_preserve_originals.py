"""Keep the evidence of originals for the long term."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outage",
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("service", name="pk_outage"),
    )
    op.create_table(
        "preservation",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("copy", sa.String()),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("evidence_at", sa.DateTime(timezone=True)),
        sa.Column("renew_by", sa.DateTime(timezone=True)),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_preservation_document_id"
        ),
        sa.PrimaryKeyConstraint("document_id", name="pk_preservation"),
    )
    for columns in (["due_at"], ["state", "due_at"], ["renew_by"]):
        op.create_index(f"ix_preservation_{'_'.join(columns)}", "preservation", columns)


def downgrade() -> None:
    # The copies stay in the object store; a later upgrade makes new ones from the originals.
    op.drop_table("preservation")
    op.drop_table("outage")
