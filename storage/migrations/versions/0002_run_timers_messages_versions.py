"""Keep versions of procedures, timers, messages, counts of children, incidents, deadlines."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TABLES = (
    "current_definition",
    "due_entry",
    "subscription",
    "message",
    "countdown",
    "incident",
)


def _definition_columns() -> list[sa.Column[Any]]:
    # A text in a column of bytes cannot be read back; the databases write no bytes differently.
    no_bytes = "x''" if op.get_bind().dialect.name == "sqlite" else "''"
    return [
        sa.Column("number", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("dmn", sa.LargeBinary(), nullable=False, server_default=sa.text(no_bytes)),
        sa.Column("source", sa.String(), nullable=False, server_default="release"),
        sa.Column("added_by", sa.String(), nullable=False, server_default="system"),
        sa.Column("added_by_name", sa.String(), nullable=False, server_default="Hệ thống"),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
    ]


def _work_item_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("rule", sa.String(), nullable=False, server_default=""),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("alert", sa.String(), nullable=False, server_default=""),
        sa.Column("escalated_role", sa.String()),
        sa.Column("escalated_unit_id", sa.String()),
        sa.Column("asked", sa.Integer(), nullable=False, server_default="0"),
    ]


def upgrade() -> None:
    _create_tables()
    # Rows of before get the defaults; nothing else in them has to be invented.
    for column in _definition_columns():
        op.add_column("definition", column)
    op.add_column("instance", sa.Column("parent_task_id", sa.String()))
    for column in _work_item_columns():
        op.add_column("work_item", column)
    _fill()
    _create_indexes()
    op.drop_table("fanout")


def downgrade() -> None:
    op.create_table(
        "fanout",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.CheckConstraint("open >= 0", name="ck_fanout_open"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_fanout_document_id"),
        sa.PrimaryKeyConstraint("document_id", name="pk_fanout"),
    )
    op.execute(
        'INSERT INTO fanout (document_id, open) SELECT i.business_key, c."left" FROM countdown c '
        "JOIN instance i ON i.id = c.instance_id WHERE i.procedure_id = 'outgoing'"
    )
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_definition_procedure_id_number", "definition")
    op.drop_index("ix_instance_definition_digest_status_id", "instance")
    op.drop_index("ix_instance_parent_task_id", "instance")
    op.drop_index("ix_work_item_escalated", "work_item")
    _drop_columns("definition", [column.name for column in _definition_columns()])
    _drop_columns("instance", ["parent_task_id"])
    _drop_columns("work_item", [column.name for column in _work_item_columns()])


def _drop_columns(table: str, names: list[str]) -> None:
    # One by one in place: copying the table would break the references to its rows.
    for name in names:
        op.drop_column(table, name)


def _fill() -> None:
    op.execute("UPDATE work_item SET rule = node_id")
    op.execute(
        "UPDATE definition SET number = (SELECT count(*) FROM definition d "
        "WHERE d.procedure_id = definition.procedure_id AND (d.added_at < definition.added_at "
        "OR (d.added_at = definition.added_at AND d.digest <= definition.digest)))"
    )
    op.execute(
        "INSERT INTO current_definition (procedure_id, digest, since) "
        "SELECT procedure_id, digest, added_at FROM definition WHERE number = "
        "(SELECT max(d.number) FROM definition d WHERE d.procedure_id = definition.procedure_id)"
    )
    # What recipients have yet to answer is now counted by the process that waits for them.
    op.execute(
        'INSERT INTO countdown (instance_id, node_id, task_id, total, "left") '
        "SELECT i.id, 'await_receipts', '', f.open, f.open FROM fanout f "
        "JOIN instance i ON i.procedure_id = 'outgoing' AND i.business_key = f.document_id"
    )


def _create_indexes() -> None:
    op.create_index(
        "ix_definition_procedure_id_number", "definition", ["procedure_id", "number"], unique=True
    )
    op.create_index(
        "ix_instance_definition_digest_status_id",
        "instance",
        ["definition_digest", "status", "id"],
    )
    op.create_index("ix_instance_parent_task_id", "instance", ["parent_task_id"])
    is_listed = sa.text("escalated_role IS NOT NULL AND state = 'open'")
    op.create_index(
        "ix_work_item_escalated",
        "work_item",
        ["agency_id", "escalated_role", "due_at", "id", "escalated_unit_id"],
        sqlite_where=is_listed,
        postgresql_where=is_listed,
    )


def _create_tables() -> None:
    op.create_table(
        "current_definition",
        sa.Column("procedure_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest"], ["definition.digest"], name="fk_current_definition_digest"
        ),
        sa.PrimaryKeyConstraint("procedure_id", name="pk_current_definition"),
    )
    op.create_table(
        "due_entry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_due_entry"),
    )
    op.create_index("ix_due_entry_due_at_id", "due_entry", ["due_at", "id"])
    op.create_index("ix_due_entry_instance_id_task_id", "due_entry", ["instance_id", "task_id"])
    _create_message_tables()
    _create_incident_tables()


def _create_message_tables() -> None:
    op.create_table(
        "subscription",
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("correlation", sa.String(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instance.id"],
            name="fk_subscription_instance_id",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("task_id", "node_id", name="pk_subscription"),
    )
    op.create_index("ix_subscription_correlation_since", "subscription", ["correlation", "since"])
    op.create_index("ix_subscription_instance_id", "subscription", ["instance_id"])
    op.create_table(
        "message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("correlation", sa.String(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String()),
        sa.Column("delivered_to", sa.String()),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
    )
    op.create_index(
        "ix_message_correlation_delivered_to_sent_at",
        "message",
        ["correlation", "delivered_to", "sent_at"],
    )


def _create_incident_tables() -> None:
    op.create_table(
        "countdown",
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instance.id"],
            name="fk_countdown_instance_id",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("instance_id", "node_id", name="pk_countdown"),
    )
    op.create_index("ix_countdown_task_id", "countdown", ["task_id"])
    op.create_table(
        "incident",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by_name", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index(
        "ix_incident_instance_id_node_id_entry_id",
        "incident",
        ["instance_id", "node_id", "entry_id"],
    )
    op.create_index("ix_incident_closed_at_opened_at", "incident", ["closed_at", "opened_at"])
