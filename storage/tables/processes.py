"""Tables of processes and of what is kept about every act: history, audit, verdicts, jobs.

`work_item` carries what its lists sort and filter by, copied when it is written: a page of a
work list is then one walk along an index.
"""

import sqlalchemy as sa

from engine.audit import AuditEvent
from engine.model.organisation import Power, Role
from engine.process.model import (
    Alert,
    DefinitionSource,
    DueKind,
    IncidentKind,
    InstanceStatus,
)
from engine.queries import Basket
from storage.tables.base import EnumText, Json, UtcDateTime, id_column, metadata, reference

definition = sa.Table(
    "definition",
    metadata,
    id_column("digest"),
    sa.Column("procedure_id", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("xml", sa.LargeBinary, nullable=False),
    sa.Column("dmn", sa.LargeBinary, nullable=False),
    sa.Column("source", EnumText(DefinitionSource), nullable=False),
    sa.Column("added_at", UtcDateTime, nullable=False),
    sa.Column("added_by", sa.String, nullable=False),
    sa.Column("added_by_name", sa.String, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Index(None, "procedure_id", "number", unique=True),
)

#: The version each procedure starts new instances on.
current_definition = sa.Table(
    "current_definition",
    metadata,
    id_column("procedure_id"),
    reference("digest", "definition.digest"),
    sa.Column("since", UtcDateTime, nullable=False),
)

instance = sa.Table(
    "instance",
    metadata,
    id_column(),
    reference("definition_digest", "definition.digest", deferred=True),
    sa.Column("procedure_id", sa.String, nullable=False),
    sa.Column("business_key", sa.String, nullable=False),
    reference("parent_id", "instance.id", nullable=True, deferred=True),
    # Task of the parent; no reference, since a call activity has no work item.
    sa.Column("parent_task_id", sa.String),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("codec", sa.Integer, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("status", EnumText(InstanceStatus), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("procedure_id", "business_key"),
    sa.Index(None, "definition_digest", "status", "id"),
    sa.Index(None, "parent_task_id"),
)

OPEN = "open"
CLOSED = "closed"

work_item = sa.Table(
    "work_item",
    metadata,
    id_column(),
    reference("instance_id", "instance.id", deferred=True),
    sa.Column("procedure_id", sa.String, nullable=False),
    sa.Column("business_key", sa.String, nullable=False),
    sa.Column("node_id", sa.String, nullable=False),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("role", EnumText(Role), nullable=False),
    reference("agency_id", "agency.id"),
    reference("unit_id", "unit.id", nullable=True),
    reference("person_id", "person.id", nullable=True),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime),
    sa.Column("alert", EnumText(Alert), nullable=False),
    sa.Column("escalated_role", EnumText(Role)),
    # A copy of `unit_id`, which is checked.
    sa.Column("escalated_unit_id", sa.String),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("closed_by", sa.String),
    sa.Column("closed_by_name", sa.String, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("basket", EnumText(Basket)),
    # 0 is the most urgent, so that every key of the order grows.
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("returned_reason", sa.Text, nullable=False),
    # Of its rule when it was opened: what a delegate must have been given to do it.
    sa.Column("power", EnumText(Power)),
    sa.Index(
        "ix_work_item_role",
        "agency_id",
        "role",
        "person_id",
        "state",
        "basket",
        "priority",
        "opened_at",
        "id",
        "unit_id",
        "power",
    ),
    sa.Index(
        "ix_work_item_person",
        "person_id",
        "state",
        "basket",
        "priority",
        "opened_at",
        "id",
        "power",
        "agency_id",
    ),
    sa.Index("ix_work_item_instance", "instance_id", "state"),
    sa.Index("ix_work_item_subject", "business_key", "state"),
    sa.Index(
        "ix_work_item_escalated",
        "agency_id",
        "escalated_role",
        "due_at",
        "id",
        "escalated_unit_id",
        sqlite_where=sa.text("escalated_role IS NOT NULL AND state = 'open'"),
        postgresql_where=sa.text("escalated_role IS NOT NULL AND state = 'open'"),
    ),
)

#: What the scheduler does, and when it looks at it next.
due_entry = sa.Table(
    "due_entry",
    metadata,
    id_column(),
    sa.Column("kind", EnumText(DueKind), nullable=False),
    # Not a reference: a message from outside has no instance.
    sa.Column("instance_id", sa.String, nullable=False),
    sa.Column("task_id", sa.String, nullable=False),
    sa.Column("node_id", sa.String, nullable=False),
    sa.Column("subject_id", sa.String, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Index(None, "due_at", "id"),
    sa.Index(None, "instance_id", "task_id"),
)

#: Who waits for which message; found by the hash alone.
subscription = sa.Table(
    "subscription",
    metadata,
    id_column("task_id"),
    id_column("node_id"),
    reference("instance_id", "instance.id", deferred=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("correlation", sa.String, nullable=False),
    sa.Column("payload", Json, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Index(None, "correlation", "since"),
    sa.Index(None, "instance_id"),
)

message = sa.Table(
    "message",
    metadata,
    id_column(),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("correlation", sa.String, nullable=False),
    sa.Column("payload", Json, nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=False),
    sa.Column("sent_by", sa.String),
    sa.Column("delivered_to", sa.String),
    sa.Column("delivered_at", UtcDateTime),
    sa.Index(None, "correlation", "delivered_to", "sent_at"),
)

#: How many answers or children a node still waits for.
countdown = sa.Table(
    "countdown",
    metadata,
    reference("instance_id", "instance.id", key=True, deferred=True),
    id_column("node_id"),
    sa.Column("task_id", sa.String, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("left", sa.Integer, nullable=False),
    sa.Index(None, "task_id"),
)

incident = sa.Table(
    "incident",
    metadata,
    id_column(),
    sa.Column("instance_id", sa.String, nullable=False),
    sa.Column("kind", EnumText(IncidentKind), nullable=False),
    sa.Column("node_id", sa.String, nullable=False),
    sa.Column("entry_id", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("next_try_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("closed_by_name", sa.String, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Index(None, "instance_id", "node_id", "entry_id"),
    sa.Index(None, "closed_at", "opened_at"),
)

history = sa.Table(
    "history",
    metadata,
    reference("instance_id", "instance.id", key=True, deferred=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("task_id", sa.String, nullable=False),
    sa.Column("node_id", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("actor_id", sa.String, nullable=False),
    sa.Column("actor_name", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("on_behalf_of", sa.String),
    sa.Column("on_behalf_of_name", sa.String, nullable=False, server_default=""),
)

audit_leaf = sa.Table(
    "audit_leaf",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("event", EnumText(AuditEvent), nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("group", sa.String, nullable=False),
    sa.Column("actor_id", sa.String, nullable=False),
    sa.Column("actor_name", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("details", Json, nullable=False),
    sa.Column("previous", sa.String, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    # No leaf has two successors: the chain of a subject cannot fork.
    sa.UniqueConstraint("subject", "previous"),
    sa.Index(None, "subject", "sequence"),
    sa.Index(None, "group", "sequence"),
    sqlite_autoincrement=True,
)

verdict = sa.Table(
    "verdict",
    metadata,
    id_column("digest"),
    id_column("policy"),
    id_column("epoch"),
    sa.Column("report", Json, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

#: Every job there ever was: its key is spent for good, whatever the runner forgets of it.
job_key = sa.Table(
    "job_key",
    metadata,
    id_column("key"),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("payload", Json, nullable=False),
    # How often an administrator began it again; tries of an older round are void.
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("enqueued_at", UtcDateTime, nullable=False),
)

#: What an administrator has to see; a job that succeeds after all leaves it.
failed_job = sa.Table(
    "failed_job",
    metadata,
    reference("key", "job_key.key", key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    # None: it is not tried again by itself.
    sa.Column("next_try_at", UtcDateTime),
    # When it came on the list; later tries leave it as it is.
    sa.Column("at", UtcDateTime, nullable=False),
)

#: Columns of a work item that are its own, without the copies for the lists.
WORK_ITEM_COLUMNS = [
    column
    for column in work_item.c
    if column.name not in {"state", "basket", "priority", "returned_reason"}
]
