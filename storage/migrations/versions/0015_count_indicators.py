"""Serve registers, reports and indicators."""

import sqlalchemy as sa
from alembic import op

from storage import append_only, step_tally

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_register_entry_entered": (
        "register_entry",
        ["agency_id", "book", "entered_at", "state", "subject_id"],
    ),
    "ix_delivery_sent": ("delivery", ["sender_id", "sent_at", "status", "id"]),
    "ix_delivery_registered": (
        "delivery",
        ["recipient_id", "registered_at", "status", "id"],
    ),
    "ix_work_item_closed": (
        "work_item",
        [
            "agency_id",
            "closed_at",
            "procedure_id",
            "node_id",
            "opened_at",
            "due_at",
            "outcome",
            "id",
        ],
    ),
    "ix_assignment_due": (
        "assignment",
        ["lead_agency_id", "due_on", "state", "done_on", "id"],
    ),
}


def upgrade() -> None:
    op.create_table(
        "report_assumptions",
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=True),
        sa.Column("pages_per_document", sa.Float(), nullable=False),
        sa.Column("dong_per_page", sa.Integer(), nullable=False),
        sa.Column("dong_postage", sa.Integer(), nullable=False),
        sa.Column("regular_documents", sa.Integer(), nullable=False),
        sa.Column("regular_weeks", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_by_name", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_report_assumptions"),
    )
    op.create_table(
        "step_tally",
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("procedure_id", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("stretch", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("on_time", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "agency_id", "month", "procedure_id", "node_id", "stretch", name="pk_step_tally"
        ),
    )
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)
    connection = op.get_bind()
    for statement in append_only.report_statements(connection.dialect.name):
        op.execute(statement)
    # Steps that ended before are counted as later ones will be; a new house has none.
    if connection.execute(sa.text("SELECT 1 FROM work_item LIMIT 1")).first():
        step_tally.rebuild(connection)


def downgrade() -> None:
    for name, (table, _) in _INDEXES.items():
        op.drop_index(name, table)
    op.drop_table("step_tally")
    op.drop_table("report_assumptions")
