"""Tables of assignments, of what is reported on them and of requests for more time."""

import sqlalchemy as sa

from engine.model.assignment import AssignmentState, SourceKind
from engine.model.urgency import Urgency
from storage.tables.base import EnumText, UtcDateTime, id_column, metadata, reference

assignment = sa.Table(
    "assignment",
    metadata,
    id_column(),
    reference("agency_id", "agency.id"),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    reference("assigner_id", "person.id"),
    sa.Column("assigner_name", sa.String, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("quoted", sa.Text, nullable=False),
    sa.Column("product", sa.String, nullable=False),
    sa.Column("urgency", EnumText(Urgency), nullable=False),
    reference("lead_agency_id", "agency.id"),
    reference("lead_unit_id", "unit.id", nullable=True),
    reference("lead_person_id", "person.id", nullable=True),
    sa.Column("due_on", sa.Date),
    sa.Column("first_due_on", sa.Date),
    sa.Column("given_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("source_kind", EnumText(SourceKind), nullable=False),
    sa.Column("source_id", sa.String, nullable=False),
    reference("document_id", "document.id", nullable=True),
    reference("parent_id", "assignment.id", nullable=True),
    reference("tracker_id", "person.id", nullable=True),
    sa.Column("state", EnumText(AssignmentState), nullable=False),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("reported_at", UtcDateTime),
    # The day of `reported_at` in Việt Nam, which a database cannot tell by itself.
    sa.Column("done_on", sa.Date),
    sa.Column("completed_at", UtcDateTime),
    reference("closing_document_id", "document.id", nullable=True),
    sa.Column("extension_open", sa.Boolean, nullable=False),
    sa.Column("extensions_asked", sa.Integer, nullable=False),
    sa.Column("percent", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("agency_id", "year", "number"),
    sa.Index(None, "assigner_id", "given_at", "id"),
    sa.Index(None, "lead_agency_id", "given_at", "id"),
    sa.Index(None, "lead_unit_id", "given_at", "id"),
    sa.Index(None, "lead_person_id", "given_at", "id"),
    sa.Index(None, "source_kind", "source_id"),
    sa.Index(None, "document_id"),
    sa.Index(None, "closing_document_id"),
    sa.Index(None, "parent_id"),
    sa.Index(None, "tracker_id", "given_at", "id"),
)

assignment_party = sa.Table(
    "assignment_party",
    metadata,
    reference("assignment_id", "assignment.id", key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    reference("agency_id", "agency.id"),
    reference("unit_id", "unit.id", nullable=True),
    reference("person_id", "person.id", nullable=True),
    # Copied from the assignment, so that a list walks one index.
    sa.Column("given_at", UtcDateTime, nullable=False),
    sa.Index(None, "agency_id", "given_at", "assignment_id"),
    sa.Index(None, "unit_id", "given_at", "assignment_id"),
    sa.Index(None, "person_id", "given_at", "assignment_id"),
)

assignment_counter = sa.Table(
    "assignment_counter",
    metadata,
    reference("agency_id", "agency.id", key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)

progress_report = sa.Table(
    "progress_report",
    metadata,
    reference("assignment_id", "assignment.id", key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("author_id", sa.String, nullable=False),
    sa.Column("author_name", sa.String, nullable=False),
    reference("agency_id", "agency.id"),
    reference("unit_id", "unit.id", nullable=True),
    reference("person_id", "person.id", nullable=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("percent", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    reference("evidence_document_id", "document.id", nullable=True),
    sa.Column("is_final", sa.Boolean, nullable=False),
)

extension = sa.Table(
    "extension",
    metadata,
    id_column(),
    reference("assignment_id", "assignment.id"),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("asked_by_name", sa.String, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("old_due_on", sa.Date, nullable=False),
    sa.Column("new_due_on", sa.Date, nullable=False),
    sa.Column("granted", sa.Boolean),
    sa.Column("granted_due_on", sa.Date),
    sa.Column("decided_by", sa.String),
    sa.Column("decided_by_name", sa.String, nullable=False),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("note", sa.Text, nullable=False),
    sa.Index(None, "assignment_id", "asked_at", "id"),
)

#: What a decision writes; all else is as it was asked.
DECISION_COLUMNS = (
    "granted",
    "granted_due_on",
    "decided_by",
    "decided_by_name",
    "decided_at",
    "note",
)
