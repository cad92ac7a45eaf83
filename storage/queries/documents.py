"""Read lists of documents and deliveries, the dispatch board and the search."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.model.delivery import ANSWERED, DeliveryStatus
from engine.model.document import DocumentId, DocumentStatus
from engine.model.organisation import AgencyId
from engine.paging import Page
from engine.queries import DeliveryRow, DocumentRow
from engine.text import nfc
from storage.queries.cursors import cursor_of, read_cursor
from storage.search_index import search_hits
from storage.tables import organisation
from storage.tables.documents import delivery, document, document_recipient, document_search

_KEY = (datetime, str)


def list_documents(
    connection: sa.Connection, agency_ids: frozenset[AgencyId], cursor: str, limit: int
) -> Page[DocumentRow]:
    """Return one page of the agencies' documents, newest first."""
    page = _newest(document.c.agency_id, "created_at", agency_ids, cursor, limit)
    if page is None:
        return Page(rows=[])
    query = (
        _document_rows()
        .add_columns(document.c.created_at)
        .join(page, page.c.id == document.c.id)
        .order_by(page.c.at.desc(), page.c.id.desc())
    )
    rows = connection.execute(query).mappings().all()
    next_cursor = ""
    if len(rows) > limit:
        next_cursor = cursor_of(rows[limit - 1]["created_at"], rows[limit - 1]["document_id"])
    return Page(
        rows=[_document_row(row, agency_ids) for row in rows[:limit]], next_cursor=next_cursor
    )


def list_arrivals(
    connection: sa.Connection, agency_ids: frozenset[AgencyId], cursor: str, limit: int
) -> Page[DeliveryRow]:
    """Return one page of what has arrived at the agencies, newest first."""
    page = _newest(
        delivery.c.recipient_id,
        "sent_at",
        agency_ids,
        cursor,
        limit,
        delivery.c.status != DeliveryStatus.QUEUED,
    )
    if page is None:
        return Page(rows=[])
    query = (
        _delivery_rows()
        .join(page, page.c.id == delivery.c.id)
        .order_by(page.c.at.desc(), page.c.id.desc())
    )
    rows = [DeliveryRow(**row) for row in connection.execute(query).mappings()]
    next_cursor = ""
    if len(rows) > limit:
        next_cursor = cursor_of(rows[limit - 1].sent_at, rows[limit - 1].delivery_id)
    return Page(rows=rows[:limit], next_cursor=next_cursor)


def list_board(connection: sa.Connection, document_id: DocumentId) -> list[DeliveryRow]:
    """Return one row a recipient, in the order of agency codes."""
    recipient = _RECIPIENT
    query = (
        _delivery_rows()
        .where(delivery.c.document_id == document_id)
        .order_by(recipient.c.code, recipient.c.id)
    )
    return [DeliveryRow(**row) for row in connection.execute(query).mappings()]


def search(
    connection: sa.Connection, agency_ids: frozenset[AgencyId], text: str, limit: int
) -> Sequence[DocumentRow]:
    """Return the matches the agencies may see, the best first, then the newest."""
    hits = search_hits(frozenset(agency_ids), text)
    if hits is None:
        return []
    received = (
        sa.select(delivery.c.id)
        .where(
            delivery.c.document_id == document.c.id,
            delivery.c.recipient_id.in_(sorted(agency_ids)),
            delivery.c.status != DeliveryStatus.QUEUED,
        )
        .exists()
    )
    query = (
        _document_rows()
        .join(document_search, document_search.c.document_id == document.c.id)
        .join(hits, hits.c.id == document_search.c.id)
        # The index narrows by reader already; this decides, from the rows themselves.
        .where(sa.or_(document.c.agency_id.in_(sorted(agency_ids)), received))
        .order_by(hits.c.weight.desc(), hits.c.id.desc())
        .limit(limit)
    )
    return [_document_row(row, agency_ids) for row in connection.execute(query).mappings()]


def find_document(
    connection: sa.Connection,
    text: str,
    agency_id: AgencyId | None = None,
    among: Collection[DocumentStatus] = (),
) -> DocumentId | None:
    """Return the document whose id is `text`, or the newest one with that symbol."""
    wanted = nfc(text).strip()
    query = (
        sa.select(document.c.id)
        .where(sa.or_(document.c.id == wanted, document.c.symbol == wanted))
        .order_by(sa.case((document.c.id == wanted, 0), else_=1), document.c.created_at.desc())
        .limit(1)
    )
    if agency_id is not None:
        query = query.where(document.c.agency_id == agency_id)
    if among:
        query = query.where(document.c.status.in_(sorted(among)))
    return connection.execute(query).scalar_one_or_none()


def _newest(
    owner: sa.Column[Any],
    time_name: str,
    agency_ids: frozenset[AgencyId],
    cursor: str,
    limit: int,
    *conditions: sa.ColumnElement[bool],
) -> sa.Subquery | None:
    """Return the ids of one page, and one more: a walk for each agency, newest first."""
    if not agency_ids:
        return None
    table = owner.table
    at = table.c[time_name]
    wanted = list(conditions)
    if cursor:
        sent, row_id = read_cursor(cursor, _KEY)
        key = sa.tuple_(sa.literal(sent, at.type), sa.literal(row_id, table.c.id.type))
        wanted.append(sa.tuple_(at, table.c.id) < key)
    walks = [
        sa.select(
            sa.select(table.c.id, at.label("at"))
            .where(owner == agency_id, *wanted)
            .order_by(at.desc(), table.c.id.desc())
            .limit(limit + 1)
            .subquery()
        )
        for agency_id in sorted(agency_ids)
    ]
    found = sa.union_all(*walks).subquery()
    return (
        sa.select(found)
        .order_by(found.c.at.desc(), found.c.id.desc())
        .limit(limit + 1)
        .subquery("page")
    )


def _document_rows() -> sa.Select[Any]:
    agency, unit, drafter = organisation.agency, organisation.unit, organisation.person
    recipients = sa.select(sa.func.count()).where(
        document_recipient.c.document_id == document.c.id
    )
    return (
        sa.select(
            document.c.id.label("document_id"),
            document.c.agency_id,
            agency.c.name.label("agency_name"),
            document.c.kind,
            document.c.subject,
            sa.func.coalesce(document.c.symbol, "").label("symbol"),
            document.c.status,
            document.c.urgency,
            unit.c.name.label("unit_name"),
            drafter.c.full_name.label("drafter_name"),
            document.c.issued_on,
            document.c.updated_at,
            recipients.scalar_subquery().label("recipients"),
            _count_deliveries(ANSWERED).label("answered"),
            _count_deliveries(frozenset({DeliveryStatus.REFUSED})).label("refused"),
        )
        .select_from(document)
        .join(agency, agency.c.id == document.c.agency_id)
        .join(unit, unit.c.id == document.c.unit_id)
        .join(drafter, drafter.c.id == document.c.drafter_id)
    )


def _count_deliveries(statuses: frozenset[DeliveryStatus]) -> sa.ScalarSelect[int]:
    # A filter, not a condition: only the document's own deliveries are walked.
    return (
        sa.select(sa.func.count().filter(delivery.c.status.in_(sorted(statuses))))
        .where(delivery.c.document_id == document.c.id)
        .scalar_subquery()
    )


#: What only the issuing agency sees.
_INTERNAL: dict[str, Any] = {"unit_name": "", "drafter_name": "", "answered": 0, "refused": 0}


def _document_row(row: sa.RowMapping, readers: frozenset[AgencyId]) -> DocumentRow:
    values = {name: value for name, value in row.items() if name != "created_at"}
    hidden = {} if row["agency_id"] in readers else _INTERNAL
    return DocumentRow(**(values | hidden))


_RECIPIENT = organisation.agency.alias("recipient")


def _delivery_rows() -> sa.Select[Any]:
    sender, recipient = organisation.agency.alias("sender"), _RECIPIENT
    return (
        sa.select(
            delivery.c.id.label("delivery_id"),
            delivery.c.document_id,
            sender.c.name.label("sender_name"),
            delivery.c.recipient_id,
            recipient.c.name.label("recipient_name"),
            document.c.kind,
            document.c.subject,
            sa.func.coalesce(document.c.symbol, "").label("symbol"),
            document.c.urgency,
            delivery.c.status,
            delivery.c.arrival_number,
            delivery.c.sent_at,
            delivery.c.updated_at,
            delivery.c.verdict,
            delivery.c.refusal_reason,
            document.c.issued_on,
        )
        .select_from(delivery)
        .join(document, document.c.id == delivery.c.document_id)
        .join(sender, sender.c.id == delivery.c.sender_id)
        .join(recipient, recipient.c.id == delivery.c.recipient_id)
    )
