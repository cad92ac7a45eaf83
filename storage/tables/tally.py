"""Tables behind the boards: counts that change with the assignments, and what still runs.

Both follow from `assignment` and are written in the transactions that write it. What a day alone
changes is in neither: whether a running assignment is overdue is told from `late_after`.
"""

import sqlalchemy as sa

from engine.model.assignment import Standing
from engine.model.urgency import Urgency
from engine.ports_boards import BoardKind, Waiting
from storage.tables import direction
from storage.tables.base import EnumText, UtcDateTime, metadata, reference

#: Standings that are counted; overdue ones stand as what they were before their deadline.
COUNTED = (
    Standing.DONE_IN_TIME,
    Standing.DONE_LATE,
    Standing.RUNNING_IN_TIME,
    Standing.NO_DEADLINE,
    Standing.EXTENSION_ASKED,
    Standing.CANCELLED,
)

assignment_tally = sa.Table(
    "assignment_tally",
    metadata,
    sa.Column("board", EnumText(BoardKind), primary_key=True),
    # Of the agency, unit or person; "" for the city.
    sa.Column("scope_id", sa.String, primary_key=True),
    # "" for all time, a year, a quarter or a month.
    sa.Column("period", sa.String, primary_key=True),
    # "" for whoever gave them.
    sa.Column("assigner_id", sa.String, primary_key=True),
    sa.Column("row_key", sa.String, primary_key=True),
    sa.Column("urgency", EnumText(Urgency), primary_key=True),
    *(sa.Column(standing.value, sa.Integer, nullable=False) for standing in COUNTED),
)

running_assignment = sa.Table(
    "running_assignment",
    metadata,
    reference("assignment_id", "assignment.id", key=True),
    sa.Column("standing", EnumText(Standing), nullable=False),
    sa.Column("given_at", UtcDateTime, nullable=False),
    sa.Column("due_on", sa.Date),
    # Overdue from the next day on: its deadline, or long ago when it was reported late.
    sa.Column("late_after", sa.Date),
    # Days it was late when it was reported; None while the days still count.
    sa.Column("late_days", sa.Integer),
    sa.Column("urgency", EnumText(Urgency), nullable=False),
    sa.Column("given_month", sa.String, nullable=False),
    reference("agency_id", "agency.id"),
    reference("assigner_id", "person.id"),
    reference("lead_agency_id", "agency.id"),
    reference("lead_unit_id", "unit.id", nullable=True),
    reference("lead_person_id", "person.id", nullable=True),
    # The line of each board it belongs to.
    sa.Column("city_row", sa.String, nullable=False),
    sa.Column("agency_row", sa.String, nullable=False),
    sa.Column("unit_row", sa.String, nullable=False),
    sa.Column("given_row", sa.String, nullable=False),
    sa.Column("own_row", sa.String, nullable=False),
    sa.Column("waiting", EnumText(Waiting)),
    sa.Column("since", UtcDateTime, nullable=False),
    # Holds all the city's board reads of what is overdue.
    sa.Index(
        "ix_running_assignment_city",
        "late_after",
        "city_row",
        "standing",
        "late_days",
        "assigner_id",
        "urgency",
        "given_month",
    ),
    sa.Index(None, "lead_agency_id", "late_after"),
    sa.Index(None, "lead_unit_id", "late_after"),
    sa.Index(None, "lead_person_id", "late_after"),
    sa.Index(None, "assigner_id", "late_after"),
    sa.Index(None, "assigner_id", "waiting", "since", "agency_id"),
)

#: The whole city's assignments, the newest first.
sa.Index(None, direction.assignment.c.given_at, direction.assignment.c.id)
