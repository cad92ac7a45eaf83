"""Tables and indexes of reports: assumptions, and what counts walk along.

Each index holds every column its count reads, so that a year is one walk along it.
"""

import sqlalchemy as sa

from storage.tables.base import UtcDateTime, metadata
from storage.tables.direction import assignment
from storage.tables.documents import delivery, register_entry
from storage.tables.processes import work_item

#: Each change is a new row: what a past report assumed can be told.
report_assumptions = sa.Table(
    "report_assumptions",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("pages_per_document", sa.Float, nullable=False),
    sa.Column("dong_per_page", sa.Integer, nullable=False),
    sa.Column("dong_postage", sa.Integer, nullable=False),
    sa.Column("regular_documents", sa.Integer, nullable=False),
    sa.Column("regular_weeks", sa.Integer, nullable=False),
    sa.Column("changed_by", sa.String, nullable=False),
    sa.Column("changed_by_name", sa.String, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
)

#: How long steps took, counted when they end; see `storage.step_tally`.
step_tally = sa.Table(
    "step_tally",
    metadata,
    sa.Column("agency_id", sa.String, primary_key=True),
    sa.Column("month", sa.Date, primary_key=True),
    sa.Column("procedure_id", sa.String, primary_key=True),
    sa.Column("node_id", sa.String, primary_key=True),
    sa.Column("stretch", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("due", sa.Integer, nullable=False),
    sa.Column("on_time", sa.Integer, nullable=False),
    sa.Column("returned", sa.Integer, nullable=False),
)

#: Name of each index, its table and columns; migration 0015 creates the same.
INDEXES = (
    sa.Index(
        "ix_register_entry_entered",
        register_entry.c.agency_id,
        register_entry.c.book,
        register_entry.c.entered_at,
        register_entry.c.state,
        register_entry.c.subject_id,
    ),
    sa.Index(
        "ix_delivery_sent",
        delivery.c.sender_id,
        delivery.c.sent_at,
        delivery.c.status,
        delivery.c.id,
    ),
    sa.Index(
        "ix_delivery_registered",
        delivery.c.recipient_id,
        delivery.c.registered_at,
        delivery.c.status,
        delivery.c.id,
    ),
    sa.Index(
        "ix_work_item_closed",
        work_item.c.agency_id,
        work_item.c.closed_at,
        work_item.c.procedure_id,
        work_item.c.node_id,
        work_item.c.opened_at,
        work_item.c.due_at,
        work_item.c.outcome,
        work_item.c.id,
    ),
    sa.Index(
        "ix_assignment_due",
        assignment.c.lead_agency_id,
        assignment.c.due_on,
        assignment.c.state,
        assignment.c.done_on,
        assignment.c.id,
    ),
)
