"""Keep assignments, reports and extensions."""

import sqlalchemy as sa
from alembic import op

from storage import append_only

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_assignments()
    _create_reports()
    for statement in append_only.direction_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    # Triggers fall with their tables.
    for name in (
        "extension",
        "progress_report",
        "assignment_counter",
        "assignment_party",
        "assignment",
    ):
        op.drop_table(name)


def _create_assignments() -> None:
    op.create_table(
        "assignment",
        _text("id"),
        _text("agency_id"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("assigner_id"),
        _text("assigner_name"),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("quoted", sa.Text(), nullable=False),
        _text("product"),
        _text("urgency"),
        _text("lead_agency_id"),
        sa.Column("lead_unit_id", sa.String()),
        sa.Column("lead_person_id", sa.String()),
        sa.Column("due_on", sa.Date()),
        sa.Column("first_due_on", sa.Date()),
        _time("given_at"),
        _time("updated_at"),
        _text("source_kind"),
        _text("source_id"),
        sa.Column("document_id", sa.String()),
        sa.Column("parent_id", sa.String()),
        sa.Column("tracker_id", sa.String()),
        _text("state"),
        sa.Column("accepted_at", sa.DateTime(timezone=True)),
        sa.Column("reported_at", sa.DateTime(timezone=True)),
        sa.Column("done_on", sa.Date()),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("closing_document_id", sa.String()),
        sa.Column("extension_open", sa.Boolean(), nullable=False),
        sa.Column("extensions_asked", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _reference("assignment", "agency_id", "agency"),
        _reference("assignment", "assigner_id", "person"),
        _reference("assignment", "lead_agency_id", "agency"),
        _reference("assignment", "lead_unit_id", "unit"),
        _reference("assignment", "lead_person_id", "person"),
        _reference("assignment", "document_id", "document"),
        _reference("assignment", "parent_id", "assignment"),
        _reference("assignment", "tracker_id", "person"),
        _reference("assignment", "closing_document_id", "document"),
        sa.PrimaryKeyConstraint("id", name="pk_assignment"),
        sa.UniqueConstraint(
            "agency_id", "year", "number", name="uq_assignment_agency_id_year_number"
        ),
    )
    op.create_index(
        "ix_assignment_assigner_id_given_at_id",
        "assignment",
        ["assigner_id", "given_at", "id"],
    )
    op.create_index(
        "ix_assignment_closing_document_id",
        "assignment",
        ["closing_document_id"],
    )
    op.create_index(
        "ix_assignment_document_id",
        "assignment",
        ["document_id"],
    )
    op.create_index(
        "ix_assignment_lead_agency_id_given_at_id",
        "assignment",
        ["lead_agency_id", "given_at", "id"],
    )
    op.create_index(
        "ix_assignment_lead_person_id_given_at_id",
        "assignment",
        ["lead_person_id", "given_at", "id"],
    )
    op.create_index(
        "ix_assignment_lead_unit_id_given_at_id",
        "assignment",
        ["lead_unit_id", "given_at", "id"],
    )
    op.create_index(
        "ix_assignment_parent_id",
        "assignment",
        ["parent_id"],
    )
    op.create_index(
        "ix_assignment_source_kind_source_id",
        "assignment",
        ["source_kind", "source_id"],
    )
    op.create_index(
        "ix_assignment_tracker_id_given_at_id",
        "assignment",
        ["tracker_id", "given_at", "id"],
    )
    op.create_table(
        "assignment_party",
        _text("assignment_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("agency_id"),
        sa.Column("unit_id", sa.String()),
        sa.Column("person_id", sa.String()),
        _time("given_at"),
        _reference("assignment_party", "assignment_id", "assignment"),
        _reference("assignment_party", "agency_id", "agency"),
        _reference("assignment_party", "unit_id", "unit"),
        _reference("assignment_party", "person_id", "person"),
        sa.PrimaryKeyConstraint("assignment_id", "position", name="pk_assignment_party"),
    )
    op.create_index(
        "ix_assignment_party_agency_id_given_at_assignment_id",
        "assignment_party",
        ["agency_id", "given_at", "assignment_id"],
    )
    op.create_index(
        "ix_assignment_party_person_id_given_at_assignment_id",
        "assignment_party",
        ["person_id", "given_at", "assignment_id"],
    )
    op.create_index(
        "ix_assignment_party_unit_id_given_at_assignment_id",
        "assignment_party",
        ["unit_id", "given_at", "assignment_id"],
    )
    op.create_table(
        "assignment_counter",
        _text("agency_id"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        _reference("assignment_counter", "agency_id", "agency"),
        sa.PrimaryKeyConstraint("agency_id", "year", name="pk_assignment_counter"),
    )


def _create_reports() -> None:
    op.create_table(
        "progress_report",
        _text("assignment_id"),
        sa.Column("sequence", sa.Integer(), nullable=False),
        _text("author_id"),
        _text("author_name"),
        _text("agency_id"),
        sa.Column("unit_id", sa.String()),
        sa.Column("person_id", sa.String()),
        _time("at"),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence_document_id", sa.String()),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        _reference("progress_report", "assignment_id", "assignment"),
        _reference("progress_report", "agency_id", "agency"),
        _reference("progress_report", "unit_id", "unit"),
        _reference("progress_report", "person_id", "person"),
        _reference("progress_report", "evidence_document_id", "document"),
        sa.PrimaryKeyConstraint("assignment_id", "sequence", name="pk_progress_report"),
    )
    op.create_table(
        "extension",
        _text("id"),
        _text("assignment_id"),
        _text("asked_by"),
        _text("asked_by_name"),
        _time("asked_at"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("old_due_on", sa.Date(), nullable=False),
        sa.Column("new_due_on", sa.Date(), nullable=False),
        sa.Column("granted", sa.Boolean()),
        sa.Column("granted_due_on", sa.Date()),
        sa.Column("decided_by", sa.String()),
        _text("decided_by_name"),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("note", sa.Text(), nullable=False),
        _reference("extension", "assignment_id", "assignment"),
        sa.PrimaryKeyConstraint("id", name="pk_extension"),
    )
    op.create_index(
        "ix_extension_assignment_id_asked_at_id",
        "extension",
        ["assignment_id", "asked_at", "id"],
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")
