"""Read the lines of registers with all their columns: page by page, or as a stream."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from engine.model.assignment import SourceKind
from engine.model.delivery import DeliveryStatus
from engine.model.register import RegisterBook
from engine.paging import Page
from engine.ports_reports import RegisterLine, RegisterQuery, RegisterReport
from storage.queries.cursors import cursor_of, read_cursor
from storage.queries.indicators import within
from storage.tables.direction import assignment
from storage.tables.documents import (
    delivery,
    document,
    document_recipient,
    register_entry,
    status_message,
)
from storage.tables.organisation import person, unit

#: Rows the database hands over at a time.
_CHUNK_ROWS = 500
_ORDER = (
    register_entry.c.year,
    register_entry.c.series,
    register_entry.c.number,
    register_entry.c.suffix,
)
_KEY = (int, str, int, str)
BOOKS = {
    RegisterReport.OUTGOING: RegisterBook.OUTGOING,
    RegisterReport.ARRIVALS: RegisterBook.ARRIVALS,
    RegisterReport.COPIES: RegisterBook.COPIES,
    RegisterReport.FOLLOW_UP: RegisterBook.ARRIVALS,
}
_ENTRY_COLUMNS = [
    column for column in register_entry.c if column.name not in {"agency_id", "year", "entered_by"}
]


def list_lines(
    connection: sa.Connection, query: RegisterQuery, cursor: str, limit: int
) -> Page[RegisterLine]:
    """Return one page of a register in the order of its numbers, void ones included."""
    lines = _lines(query).add_columns(register_entry.c.year.label("year")).limit(limit + 1)
    if cursor:
        after = read_cursor(cursor, _KEY)
        lines = lines.where(
            sa.tuple_(*_ORDER)
            > sa.tuple_(
                *(
                    sa.bindparam(None, value, type_=column.type)
                    for column, value in zip(_ORDER, after, strict=True)
                )
            )
        )
    rows = connection.execute(lines).mappings().all()
    next_cursor = ""
    if len(rows) > limit:
        next_cursor = cursor_of(*(rows[limit - 1][column.name] for column in _ORDER))
    return Page(rows=[_line(row) for row in rows[:limit]], next_cursor=next_cursor)


def iter_lines(connection: sa.Connection, query: RegisterQuery) -> Iterator[RegisterLine]:
    """Yield a register line by line; the database hands over a few hundred at a time."""
    result = connection.execution_options(yield_per=_CHUNK_ROWS).execute(_lines(query))
    for row in result.mappings():
        yield _line(row)


def count_lines(connection: sa.Connection, query: RegisterQuery) -> int:
    """Return how many lines a register has in the period."""
    found = sa.select(sa.func.count()).select_from(register_entry).where(*_wanted(query))
    return connection.execute(found).scalar_one()


def count_series(connection: sa.Connection, query: RegisterQuery) -> dict[str, int]:
    """Return how many lines each series has in the period, whichever one is asked for."""
    counted = (
        sa.select(register_entry.c.series, sa.func.count())
        .where(*_wanted(replace(query, series="")))
        .group_by(register_entry.c.series)
        .order_by(register_entry.c.series)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


def _wanted(query: RegisterQuery) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a register; the years are those of the key it is sorted by."""
    entry = register_entry
    conditions = [
        entry.c.agency_id == query.agency_id,
        entry.c.book == BOOKS[query.register],
        entry.c.year.between(query.period.since.year, query.period.until.year),
        within(entry.c.entered_at, query.period),
    ]
    return [*conditions, entry.c.series == query.series] if query.series else conditions


def _lines(query: RegisterQuery) -> sa.Select[Any]:
    lines = sa.select(*_ENTRY_COLUMNS).where(*_wanted(query)).order_by(*_ORDER)
    if query.register is RegisterReport.OUTGOING:
        return _with_senders_columns(lines)
    if query.register is RegisterReport.COPIES:
        return lines
    return _with_recipients_columns(lines, query.register)


def _with_senders_columns(lines: sa.Select[Any]) -> sa.Select[Any]:
    copies = (
        sa.select(sa.func.count())
        .where(document_recipient.c.document_id == register_entry.c.subject_id)
        .scalar_subquery()
    )
    return (
        lines.add_columns(unit.c.name.label("unit_name"), copies.label("copies"))
        .outerjoin(document, document.c.id == register_entry.c.subject_id)
        .outerjoin(unit, unit.c.id == document.c.unit_id)
    )


def _with_recipients_columns(lines: sa.Select[Any], register: RegisterReport) -> sa.Select[Any]:
    lines = (
        lines.add_columns(
            unit.c.name.label("unit_name"),
            person.c.full_name.label("person_name"),
            delivery.c.status,
            delivery.c.due_on,
            delivery.c.result,
        )
        .outerjoin(delivery, delivery.c.id == register_entry.c.subject_id)
        .outerjoin(unit, unit.c.id == delivery.c.unit_id)
        .outerjoin(person, person.c.id == delivery.c.handler_id)
    )
    if register is RegisterReport.FOLLOW_UP:
        return lines.add_columns(_answer().label("answer"))
    return lines.add_columns(
        _first_at(DeliveryStatus.ASSIGNED).label("forwarded_at"),
        _first_at(DeliveryStatus.IN_PROGRESS).label("accepted_at"),
    )


def _first_at(status: DeliveryStatus) -> sa.ScalarSelect[Any]:
    """Return when a delivery first answered with `status`."""
    return (
        sa.select(status_message.c.at)
        .where(
            status_message.c.delivery_id == register_entry.c.subject_id,
            status_message.c.status == status,
        )
        .order_by(status_message.c.sequence)
        .limit(1)
        .scalar_subquery()
    )


def _answer() -> sa.ScalarSelect[Any]:
    """Return the symbol of the document that closed an assignment given on the arrival."""
    closing = document.alias("closing")
    return (
        sa.select(closing.c.symbol)
        .join(assignment, assignment.c.closing_document_id == closing.c.id)
        .where(
            assignment.c.source_kind == SourceKind.DELIVERY,
            assignment.c.source_id == register_entry.c.subject_id,
        )
        .order_by(assignment.c.number)
        .limit(1)
        .scalar_subquery()
    )


def _line(row: sa.RowMapping) -> RegisterLine:
    # An outer join that found nothing leaves None where a line has "".
    texts = {
        name: row.get(name) or ""
        for name in ("unit_name", "person_name", "answer", "result")
        if name in row
    }
    values = {name: value for name, value in row.items() if name != "year"}
    return RegisterLine(**(values | texts))
