"""Table of what people and units are asked beside a task, and of what they answer."""

import sqlalchemy as sa

from engine.model.opinion import OpinionView
from storage.tables.base import EnumText, UtcDateTime, id_column, metadata, reference

opinion = sa.Table(
    "opinion",
    metadata,
    id_column(),
    # No reference: the row is written before the step that opens the question is.
    sa.Column("task_id", sa.String, nullable=False),
    # The delivery or else the document: what lists look for.
    sa.Column("subject_id", sa.String, nullable=False),
    reference("document_id", "document.id"),
    reference("delivery_id", "delivery.id", nullable=True),
    reference("agency_id", "agency.id"),
    reference("unit_id", "unit.id", nullable=True),
    reference("person_id", "person.id", nullable=True),
    sa.Column("asked_name", sa.String, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("asked_by_name", sa.String, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("view", EnumText(OpinionView)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("given_by", sa.String),
    sa.Column("given_by_name", sa.String, nullable=False),
    sa.Column("given_by_post", sa.String, nullable=False),
    sa.Column("given_at", UtcDateTime),
    sa.Column("withdrawn_by", sa.String),
    sa.Column("withdrawn_by_name", sa.String, nullable=False),
    sa.Column("withdrawn_at", UtcDateTime),
    sa.Column("withdrawn_reason", sa.Text, nullable=False),
    sa.Index(None, "subject_id", "asked_at", "id"),
)

#: What an answer or a withdrawal writes; all else is as it was asked.
ANSWER_COLUMNS = (
    "view",
    "text",
    "given_by",
    "given_by_name",
    "given_by_post",
    "given_at",
    "withdrawn_by",
    "withdrawn_by_name",
    "withdrawn_at",
    "withdrawn_reason",
)
