"""Read incidents, and what the scheduler will do."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.paging import Page
from engine.process.model import IncidentKind
from engine.process_queries import IncidentRow, TimerRow
from storage.queries.cursors import cursor_of, read_cursor
from storage.queries.instances import SUBJECT_COLUMNS, join_subject, read_subject
from storage.tables.processes import due_entry, incident, instance

_KEY = (datetime, str)
#: The scheduler looks every few seconds; what is due for less than this is not late.
_LATE_AFTER = timedelta(minutes=1)


def is_open_incident() -> sa.ColumnElement[bool]:
    """Return the condition that an incident, outer joined to its instance, is not over.

    A person's step is over once the instance has moved on: the person tried again. Anything else
    is over once its entry is gone: it went through, or nobody waits for it any more.
    """
    is_still_there = instance.c.version == incident.c.version
    is_still_due = sa.exists().where(due_entry.c.id == incident.c.entry_id)
    return sa.and_(
        incident.c.closed_at.is_(None),
        sa.case((incident.c.kind == IncidentKind.STEP, is_still_there), else_=is_still_due),
    )


def count_incidents(connection: sa.Connection) -> int:
    """Return how many incidents are open."""
    query = (
        sa.select(sa.func.count()).select_from(_with_instance(incident)).where(is_open_incident())
    )
    return connection.execute(query).scalar_one()


def list_incidents(
    connection: sa.Connection, cursor: str, limit: int, *, is_over: bool
) -> Page[IncidentRow]:
    """Return one page of incidents, the newest first."""
    can_retry = sa.exists().where(due_entry.c.id == incident.c.entry_id)
    wanted = ~is_open_incident() if is_over else is_open_incident()
    query = (
        sa.select(incident, can_retry.label("can_retry"), *_ABOUT)
        .select_from(_described(incident))
        # An incident without an instance is no person's step: the condition is never unknown.
        .where(sa.func.coalesce(wanted, sa.false()))
        .order_by(incident.c.opened_at.desc(), incident.c.id.desc())
        .limit(limit + 1)
    )
    if cursor:
        place = _place(cursor, incident.c.opened_at, incident.c.id)
        query = query.where(sa.tuple_(incident.c.opened_at, incident.c.id) < place)
    rows = connection.execute(query).mappings().all()
    return Page(
        rows=[_incident_row(row, is_over=is_over) for row in rows[:limit]],
        next_cursor=_next_cursor(rows, limit, "opened_at"),
    )


def count_overdue(connection: sa.Connection, now: datetime) -> int:
    """Return how many entries should have been done a minute ago."""
    query = sa.select(sa.func.count()).where(due_entry.c.due_at < now - _LATE_AFTER)
    return connection.execute(query).scalar_one()


def list_timers(connection: sa.Connection, cursor: str, limit: int) -> Page[TimerRow]:
    """Return one page of the scheduler's entries, the next first."""
    query = (
        sa.select(due_entry, *_ABOUT)
        .select_from(_described(due_entry))
        .order_by(due_entry.c.due_at, due_entry.c.id)
        .limit(limit + 1)
    )
    if cursor:
        place = _place(cursor, due_entry.c.due_at, due_entry.c.id)
        query = query.where(sa.tuple_(due_entry.c.due_at, due_entry.c.id) > place)
    rows = connection.execute(query).mappings().all()
    return Page(
        rows=[_timer_row(row) for row in rows[:limit]],
        next_cursor=_next_cursor(rows, limit, "due_at"),
    )


#: Of the instance, "" for a message that has found none, and what it is about.
_ABOUT = (
    sa.func.coalesce(instance.c.procedure_id, "").label("procedure_id"),
    sa.func.coalesce(instance.c.definition_digest, "").label("digest"),
    instance.c.business_key,
    *SUBJECT_COLUMNS,
)


def _with_instance(table: sa.Table) -> sa.FromClause:
    return table.outerjoin(instance, instance.c.id == table.c.instance_id)


def _described(table: sa.Table) -> sa.FromClause:
    return join_subject(_with_instance(table), instance.c.business_key)


def _place(cursor: str, *columns: sa.Column[Any]) -> sa.Tuple:
    return sa.tuple_(
        *(
            sa.bindparam(None, value, type_=column.type, unique=True)
            for value, column in zip(read_cursor(cursor, _KEY), columns, strict=True)
        )
    )


def _next_cursor(rows: Sequence[sa.RowMapping], limit: int, at: str) -> str:
    if len(rows) <= limit:
        return ""
    return cursor_of(rows[limit - 1][at], rows[limit - 1]["id"])


def _incident_row(row: sa.RowMapping, *, is_over: bool) -> IncidentRow:
    return IncidentRow(
        id=row["id"],
        kind=row["kind"],
        procedure_id=row["procedure_id"],
        digest=row["digest"],
        node_id=row["node_id"],
        about=read_subject(row),
        code=row["code"],
        reason=row["reason"],
        tries=row["tries"],
        opened_at=row["opened_at"],
        last_at=row["last_at"],
        next_try_at=row["next_try_at"],
        closed_at=row["closed_at"],
        closed_by_name=row["closed_by_name"],
        can_retry=bool(row["can_retry"]) and not is_over,
        is_over=is_over,
    )


def _timer_row(row: sa.RowMapping) -> TimerRow:
    return TimerRow(
        id=row["id"],
        kind=row["kind"],
        procedure_id=row["procedure_id"],
        digest=row["digest"],
        node_id=row["node_id"],
        about=read_subject(row),
        due_at=row["due_at"],
        tries=row["tries"],
    )
