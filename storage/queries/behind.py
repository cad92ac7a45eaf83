"""List the things behind a number, the newest first: one short walk for each agency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from engine.clock import VIETNAM
from engine.model.indicators import IndicatorId, Side
from engine.model.register import EntryState, RegisterBook
from engine.paging import Page
from engine.ports_reports import BehindKind, BehindQuery, BehindRow
from engine.ports_signing import HolderKind
from storage.queries.behind_words import describe
from storage.queries.cursors import cursor_of, read_cursor
from storage.queries.indicators import (
    COUNTED_BOOKS,
    FORWARDED,
    REGISTERED,
    holders_of,
    is_in_time,
    judged,
    within,
)
from storage.step_tally import NOBODYS_OUTCOMES, RETURNED_OUTCOMES
from storage.tables.direction import assignment
from storage.tables.documents import delivery, register_entry
from storage.tables.organisation import issued_certificate
from storage.tables.processes import work_item

_KEY = (datetime, str)
_STEPS = frozenset({IndicatorId.STEPS_ON_TIME, IndicatorId.STEP_TIMES, IndicatorId.RETURNS})


@dataclass(frozen=True, kw_only=True)
class _Walk:
    """Hold how the things behind one number are found.

    Args:
        kind: what `id` is the id of; None where each row has to be looked at.
        leads: conditions that choose one stretch of the index each, in the order of `at`.
        counted: condition of those in the numerator.
        conditions: of all that are in the denominator.
    """

    kind: BehindKind | None
    leads: Sequence[sa.ColumnElement[bool]]
    at: sa.Column[Any]
    id: sa.Column[Any]
    counted: sa.ColumnElement[bool]
    conditions: Sequence[sa.ColumnElement[bool]]


def list_behind(
    connection: sa.Connection, query: BehindQuery, cursor: str, limit: int
) -> Page[BehindRow]:
    """Return one page of the things behind a number, the newest first."""
    walk = _walk(query)
    if not walk.leads:
        return Page(rows=[])
    found = connection.execute(_places(walk, query.side, cursor, limit)).all()
    page = found[:limit]
    about = describe(connection, query.reader, walk.kind, [row.id for row in page])
    rows = [
        BehindRow(at=_moment(row.at), counted=bool(row.counted), **about[row.id]) for row in page
    ]
    next_cursor = ""
    if len(found) > limit:
        next_cursor = cursor_of(_moment(page[-1].at), page[-1].id)
    return Page(rows=rows, next_cursor=next_cursor)


def _walk(query: BehindQuery) -> _Walk:
    if query.indicator in _STEPS:
        return _steps(query)
    if query.indicator is IndicatorId.ASSIGNMENTS_ON_TIME:
        return _assignments(query)
    if query.indicator is IndicatorId.CERTIFICATES:
        return _certificates(query)
    if query.indicator is IndicatorId.WITHIN:
        return _forwarded(query)
    if query.indicator in {IndicatorId.BETWEEN, IndicatorId.SAVINGS}:
        return _sent(query)
    return _entries(query)


def _entries(query: BehindQuery) -> _Walk:
    entry = register_entry
    books = [book for book in COUNTED_BOOKS if query.part in {"", book}]
    return _Walk(
        kind=None,
        leads=[
            sa.and_(entry.c.agency_id == agency_id, entry.c.book == book)
            for agency_id in query.agency_ids
            for book in books
        ],
        at=entry.c.entered_at,
        id=entry.c.subject_id,
        counted=entry.c.book == RegisterBook.OUTGOING,
        conditions=[within(entry.c.entered_at, query.period), entry.c.state == EntryState.ISSUED],
    )


def _sent(query: BehindQuery) -> _Walk:
    return _Walk(
        kind=BehindKind.DELIVERY,
        leads=[delivery.c.sender_id == each for each in query.agency_ids],
        at=delivery.c.sent_at,
        id=delivery.c.id,
        counted=delivery.c.status.in_(REGISTERED),
        conditions=[within(delivery.c.sent_at, query.period)],
    )


def _forwarded(query: BehindQuery) -> _Walk:
    return _Walk(
        kind=BehindKind.DELIVERY,
        leads=[delivery.c.recipient_id == each for each in query.agency_ids],
        at=delivery.c.registered_at,
        id=delivery.c.id,
        counted=delivery.c.status.in_(FORWARDED),
        conditions=[within(delivery.c.registered_at, query.period)],
    )


def _steps(query: BehindQuery) -> _Walk:
    item = work_item
    in_time = item.c.closed_at <= item.c.due_at
    returned = item.c.outcome.in_(RETURNED_OUTCOMES)
    conditions = [
        within(item.c.closed_at, query.period),
        item.c.outcome.not_in(NOBODYS_OUTCOMES),
    ]
    if query.indicator is IndicatorId.STEPS_ON_TIME:
        conditions.append(item.c.due_at.is_not(None))
    procedure, _, node = query.part.partition(".")
    if procedure:
        conditions.append(item.c.procedure_id == procedure)
    if node:
        conditions.append(item.c.node_id == node)
    return _Walk(
        kind=None,
        leads=[item.c.agency_id == each for each in query.agency_ids],
        at=item.c.closed_at,
        id=item.c.id,
        counted=returned
        if query.indicator is IndicatorId.RETURNS
        else sa.and_(item.c.due_at.is_not(None), in_time),
        conditions=conditions,
    )


def _assignments(query: BehindQuery) -> _Walk:
    return _Walk(
        kind=BehindKind.ASSIGNMENT,
        leads=[assignment.c.lead_agency_id == each for each in query.agency_ids],
        at=assignment.c.due_on,
        id=assignment.c.id,
        counted=is_in_time(),
        conditions=judged(query.period, query.today),
    )


def _certificates(query: BehindQuery) -> _Walk:
    table = issued_certificate
    conditions = [table.c.not_before < query.period.ends_before()]
    if query.part in list(HolderKind):
        conditions.append(table.c.holder_kind == query.part)
    return _Walk(
        kind=BehindKind.CERTIFICATE,
        leads=holders_of(None if query.is_city else query.agency_ids) if query.agency_ids else [],
        at=table.c.not_before,
        id=table.c.id,
        counted=table.c.not_before >= query.period.begins_at(),
        conditions=conditions,
    )


def _places(walk: _Walk, side: Side, cursor: str, limit: int) -> sa.Select[Any]:
    """Return the query for ids and times of one page; each walk ends after one page."""
    conditions = list(walk.conditions)
    if side is not Side.ALL:
        conditions.append(walk.counted if side is Side.COUNTED else sa.not_(walk.counted))
    if cursor:
        after_at, after_id = read_cursor(cursor, _KEY)
        if isinstance(walk.at.type, sa.Date):
            after_at = after_at.astimezone(VIETNAM).date()
        conditions.append(
            sa.tuple_(walk.at, walk.id)
            < sa.tuple_(
                sa.bindparam(None, after_at, type_=walk.at.type),
                sa.bindparam(None, after_id, type_=walk.id.type),
            )
        )
    walks = [
        sa.select(
            sa.select(walk.id.label("id"), walk.at.label("at"), walk.counted.label("counted"))
            .where(lead, *conditions)
            .order_by(walk.at.desc(), walk.id.desc())
            .limit(limit + 1)
            .subquery()
        )
        for lead in walk.leads
    ]
    found = sa.union_all(*walks).subquery()
    return (
        sa.select(
            found.c.id, found.c.at, sa.type_coerce(found.c.counted, sa.Integer).label("counted")
        )
        .order_by(found.c.at.desc(), found.c.id.desc())
        .limit(limit + 1)
    )


def _moment(at: date) -> datetime:
    """Return a time as it is; a day as its first moment in Việt Nam."""
    return at if isinstance(at, datetime) else datetime.combine(at, time(), VIETNAM)
