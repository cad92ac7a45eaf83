"""Read instances: what they are about, where they wait, and which of them are stuck.

A state is read as its codec says; to find the instances at one node of the house the database
looks for the bytes of the token in the state, so that a page costs one walk.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from engine.paging import Page
from engine.process.codec import TokenState, decode
from engine.process.model import DueKind, InstanceStatus
from engine.process_queries import (
    STUCK_AFTER,
    InstanceFilter,
    InstanceRow,
    InstanceState,
    SubjectRow,
    WaitingPlace,
)
from storage.queries.cursors import cursor_of, read_cursor
from storage.tables import organisation
from storage.tables.certification import certificate_application
from storage.tables.documents import delivery, document
from storage.tables.processes import (
    OPEN,
    countdown,
    definition,
    due_entry,
    instance,
    subscription,
    work_item,
)

_KEY = (datetime, str)
_ENDED = {
    InstanceState.COMPLETED: InstanceStatus.COMPLETED,
    InstanceState.CANCELLED: InstanceStatus.CANCELLED,
}
_RECEIVER = organisation.agency.alias("receiver")

#: What an instance is about; `join_subject` brings the tables.
SUBJECT_COLUMNS = (
    document.c.kind.label("about_kind"),
    sa.func.coalesce(document.c.subject, certificate_application.c.holder_name).label(
        "about_subject"
    ),
    document.c.symbol.label("about_symbol"),
    _RECEIVER.c.name.label("about_receiver"),
)


def join_subject(source: sa.FromClause, key: sa.ColumnElement[str]) -> sa.FromClause:
    """Return `source` with the document that the business key names, itself or by a delivery."""
    about = sa.func.coalesce(delivery.c.document_id, key)
    return (
        source.outerjoin(delivery, delivery.c.id == key)
        .outerjoin(document, document.c.id == about)
        .outerjoin(certificate_application, certificate_application.c.id == key)
        .outerjoin(_RECEIVER, _RECEIVER.c.id == delivery.c.recipient_id)
    )


def read_subject(row: sa.RowMapping) -> SubjectRow:
    """Return what the instance of a row is about."""
    return SubjectRow(
        key=row["business_key"] or "",
        kind=row["about_kind"],
        subject=row["about_subject"] or "",
        symbol=row["about_symbol"] or "",
        receiver_name=row["about_receiver"] or "",
    )


def runs_on(digest: sa.ColumnElement[str] | str) -> sa.ColumnElement[bool]:
    """Return the condition that an instance runs on a version."""
    return sa.and_(
        instance.c.definition_digest == digest, instance.c.status == InstanceStatus.RUNNING
    )


def is_open_task() -> sa.ColumnElement[bool]:
    """Return the condition that a work item is an open one of the instance."""
    return sa.and_(work_item.c.instance_id == instance.c.id, work_item.c.state == OPEN)


def list_instances(
    connection: sa.Connection, wanted: InstanceFilter, now: datetime, cursor: str, limit: int
) -> Page[InstanceRow]:
    """Return one page of instances with the places where they wait."""
    runs = wanted.state not in _ENDED
    # Those that run are looked for by age, those that ended by when they did.
    at = instance.c.created_at if runs else instance.c.updated_at
    query = (
        sa.select(instance, definition.c.number, *SUBJECT_COLUMNS)
        .select_from(
            join_subject(
                instance.join(definition, definition.c.digest == instance.c.definition_digest),
                instance.c.business_key,
            )
        )
        .where(*_conditions(wanted, now))
        .order_by(*(column if runs else column.desc() for column in (at, instance.c.id)))
        .limit(limit + 1)
    )
    if cursor:
        query = query.where(_is_after(at, cursor, growing=runs))
    rows = connection.execute(query).mappings().all()
    next_cursor = ""
    if len(rows) > limit:
        last = rows[limit - 1]
        next_cursor = cursor_of(last[at.name], last["id"])
    shown = rows[:limit]
    places = _find_places(connection, shown) if runs else {}
    return Page(
        rows=[_instance_row(row, places.get(row["id"], ())) for row in shown],
        next_cursor=next_cursor,
    )


def list_subjects(
    connection: sa.Connection, procedure_id: str, keys: Collection[str]
) -> Mapping[str, SubjectRow]:
    """Return what the instances of a procedure with these business keys are about."""
    query = (
        sa.select(instance.c.business_key, *SUBJECT_COLUMNS)
        .select_from(join_subject(instance, instance.c.business_key))
        .where(
            instance.c.procedure_id == procedure_id,
            instance.c.business_key.in_(sorted(keys)),
        )
    )
    found = {
        row["business_key"]: read_subject(row) for row in connection.execute(query).mappings()
    }
    return {key: found.get(key) or SubjectRow(key=key) for key in keys}


def _conditions(wanted: InstanceFilter, now: datetime) -> Iterator[sa.ColumnElement[bool]]:
    yield instance.c.status == _ENDED.get(wanted.state, InstanceStatus.RUNNING)
    if wanted.procedure_id:
        yield instance.c.procedure_id == wanted.procedure_id
    if wanted.digest:
        yield instance.c.definition_digest == wanted.digest
    if wanted.started_before is not None:
        yield instance.c.created_at < wanted.started_before
    if wanted.node_id:
        at_node = sa.exists().where(is_open_task(), work_item.c.node_id == wanted.node_id)
        yield sa.or_(at_node, Holds(instance.c.state, _token_bytes(wanted.node_id)))
    if wanted.state is InstanceState.STUCK:
        yield from _is_stuck(now)


def _is_stuck(now: datetime) -> Iterator[sa.ColumnElement[bool]]:
    yield instance.c.updated_at < now - STUCK_AFTER
    yield ~sa.exists().where(is_open_task())
    yield ~sa.exists().where(due_entry.c.instance_id == instance.c.id)
    yield ~sa.exists().where(subscription.c.instance_id == instance.c.id)
    yield ~sa.exists().where(countdown.c.instance_id == instance.c.id, countdown.c.left > 0)


def _is_after(
    at: sa.ColumnElement[datetime], cursor: str, *, growing: bool
) -> sa.ColumnElement[bool]:
    columns = (at, instance.c.id)
    place = sa.tuple_(
        *(
            sa.bindparam(None, value, type_=column.type, unique=True)
            for value, column in zip(read_cursor(cursor, _KEY), columns, strict=True)
        )
    )
    return sa.tuple_(*columns) > place if growing else sa.tuple_(*columns) < place


def _find_places(
    connection: sa.Connection, rows: Sequence[sa.RowMapping]
) -> Mapping[str, Sequence[WaitingPlace]]:
    """Return where each instance waits: tasks of people first, then what the house waits for."""
    found: dict[str, list[WaitingPlace]] = {row["id"]: [] for row in rows}
    tasks = (
        sa.select(
            work_item.c.instance_id,
            work_item.c.node_id,
            work_item.c.opened_at.label("since"),
            work_item.c.role,
            sa.func.coalesce(organisation.person.c.full_name, "").label("person_name"),
            work_item.c.due_at,
            work_item.c.alert,
        )
        .outerjoin(organisation.person, organisation.person.c.id == work_item.c.person_id)
        .where(work_item.c.instance_id.in_(found), work_item.c.state == OPEN)
        .order_by(work_item.c.opened_at, work_item.c.id)
    )
    for task in connection.execute(tasks).mappings():
        values = dict(task)
        found[values.pop("instance_id")].append(WaitingPlace(**values))
    timers = _find_timers(connection, list(found))
    for row in rows:
        for node_id in house_nodes(row["state"], row["codec"]):
            due_at = timers.get((row["id"], node_id))
            place = WaitingPlace(node_id=node_id, since=row["updated_at"], due_at=due_at)
            found[row["id"]].append(place)
    return found


def house_nodes(state: bytes, codec: int) -> list[str]:
    """Return the nodes at which an instance waits for something other than a person."""
    tokens = decode(state, codec).tokens
    return [token.node for token in tokens if token.state is TokenState.STARTED]


def _find_timers(
    connection: sa.Connection, ids: Sequence[str]
) -> Mapping[tuple[str, str], datetime]:
    query = sa.select(due_entry.c.instance_id, due_entry.c.node_id, due_entry.c.due_at).where(
        due_entry.c.instance_id.in_(ids), due_entry.c.kind == DueKind.EVENT
    )
    return {(row.instance_id, row.node_id): row.due_at for row in connection.execute(query)}


def _instance_row(row: sa.RowMapping, places: Sequence[WaitingPlace]) -> InstanceRow:
    return InstanceRow(
        id=row["id"],
        procedure_id=row["procedure_id"],
        digest=row["definition_digest"],
        number=row["number"],
        status=row["status"],
        about=read_subject(row),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        places=places,
    )


def _token_bytes(node_id: str) -> bytes:
    """Return how codec 1 begins the part of a token that says where it stands.

    Three texts in a row stand nowhere else in a state: process data has a colon between a name
    and its value, and a quote within a value is escaped.
    """
    return orjson.dumps([node_id, TokenState.STARTED.value])[1:-1] + b',"'


class Holds(FunctionElement[bool]):
    """Tell whether bytes hold other bytes; each database has a word of its own for it."""

    type = sa.Boolean()
    inherit_cache = True


@compiles(Holds)
def _holds(element: Holds, compiler: SQLCompiler, **options: Any) -> str:
    whole, part = element.clauses
    return f"instr({compiler.process(whole, **options)}, {compiler.process(part, **options)}) > 0"


@compiles(Holds, "postgresql")
def _holds_postgresql(element: Holds, compiler: SQLCompiler, **options: Any) -> str:
    whole, part = element.clauses
    return (
        f"position({compiler.process(part, **options)} in {compiler.process(whole, **options)})"
        " > 0"
    )
