"""Keep what people and units are asked beside a task, and what they answer."""

import sqlalchemy as sa
from alembic import op

from storage import append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_table()
    op.create_index(
        "ix_opinion_subject_id_asked_at_id", "opinion", ["subject_id", "asked_at", "id"]
    )
    for statement in append_only.opinion_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    # Triggers fall with their table.
    op.drop_table("opinion")


def _create_table() -> None:
    op.create_table(
        "opinion",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String()),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String()),
        sa.Column("person_id", sa.String()),
        sa.Column("asked_name", sa.String(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_by_name", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("view", sa.String()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_by", sa.String()),
        sa.Column("given_by_name", sa.String(), nullable=False),
        sa.Column("given_by_post", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.String()),
        sa.Column("withdrawn_by_name", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], [f"{name}.id"], name=f"fk_opinion_{name}_id")
            for name in ("document", "delivery", "agency", "unit", "person")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_opinion"),
    )
