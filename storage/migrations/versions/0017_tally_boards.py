"""Keep the tallies behind the boards."""

import sqlalchemy as sa
from alembic import op

from storage import tally

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_tally()
    _create_running()
    op.create_index("ix_assignment_given_at_id", "assignment", ["given_at", "id"])
    # Assignments that are there already are counted as new ones will be; a house that comes from
    # an earlier release has none.
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT 1 FROM assignment LIMIT 1")).first():
        tally.rebuild(connection)


def downgrade() -> None:
    op.drop_index("ix_assignment_given_at_id", "assignment")
    op.drop_table("running_assignment")
    op.drop_table("assignment_tally")


def _create_tally() -> None:
    keys = ("board", "scope_id", "period", "assigner_id", "row_key", "urgency")
    counts = (
        "done_in_time",
        "done_late",
        "running_in_time",
        "no_deadline",
        "extension_asked",
        "cancelled",
    )
    op.create_table(
        "assignment_tally",
        *(sa.Column(name, sa.String(), nullable=False) for name in keys),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.PrimaryKeyConstraint(*keys, name="pk_assignment_tally"),
    )


def _create_running() -> None:
    table = "running_assignment"
    targets = {
        "assignment_id": "assignment",
        "agency_id": "agency",
        "assigner_id": "person",
        "lead_agency_id": "agency",
        "lead_unit_id": "unit",
        "lead_person_id": "person",
    }
    rows = ("city_row", "agency_row", "unit_row", "given_row", "own_row")
    op.create_table(
        table,
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("late_after", sa.Date()),
        sa.Column("late_days", sa.Integer()),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("given_month", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("assigner_id", sa.String(), nullable=False),
        sa.Column("lead_agency_id", sa.String(), nullable=False),
        sa.Column("lead_unit_id", sa.String()),
        sa.Column("lead_person_id", sa.String()),
        *(sa.Column(name, sa.String(), nullable=False) for name in rows),
        sa.Column("waiting", sa.String()),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("assignment_id", name=f"pk_{table}"),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")
            for column, target in targets.items()
        ),
    )
    op.create_index(
        "ix_running_assignment_city",
        table,
        [
            "late_after",
            "city_row",
            "standing",
            "late_days",
            "assigner_id",
            "urgency",
            "given_month",
        ],
    )
    for column in ("lead_agency_id", "lead_unit_id", "lead_person_id", "assigner_id"):
        op.create_index(f"ix_{table}_{column}_late_after", table, [column, "late_after"])
    op.create_index(
        f"ix_{table}_assigner_id_waiting_since_agency_id",
        table,
        ["assigner_id", "waiting", "since", "agency_id"],
    )
