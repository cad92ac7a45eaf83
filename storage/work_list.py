"""Place work items in the work lists: in which basket, and how urgent.

The place is copied into the row when an item opens and when what it depends on changes, so that
a page of a list needs no join to be sorted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from engine.assignment_flow import COOPERATION_PROCEDURE, EXTENSION_PROCEDURE
from engine.model.assignment import DIRECTION_PROCEDURE
from engine.model.certification import CERTIFICATE_PROCEDURE, SUSPENSION_PROCEDURE
from engine.model.copy import COPY_PROCEDURE
from engine.model.meeting import INVITATION_PROCEDURE, MEETING_PROCEDURE
from engine.model.opinion import OPINION_PROCEDURE
from engine.model.schedule import (
    SCHEDULE_PROCEDURE,
)
from engine.model.urgency import Urgency
from engine.process.model import HistoryEntry, WorkItem
from engine.queries import Basket
from storage.tables import documents
from storage.tables.direction import assignment, assignment_party, extension
from storage.tables.meetings import invitee
from storage.tables.opinions import opinion
from storage.tables.processes import OPEN, history, work_item

RETURNED = "returned"
DRAFT_NODE = "draft"

BASKETS: dict[tuple[str, str], Basket] = {
    ("outgoing", DRAFT_NODE): Basket.DRAFTS,
    ("outgoing", "review"): Basket.TO_REVIEW,
    ("outgoing", "check_form"): Basket.TO_REVIEW,
    ("outgoing", "sign"): Basket.TO_SIGN,
    ("outgoing", "number"): Basket.TO_NUMBER,
    ("outgoing", "seal"): Basket.TO_NUMBER,
    ("incoming", "register"): Basket.ARRIVALS,
    ("incoming", "present"): Basket.ARRIVALS,
    ("incoming", "direct"): Basket.TO_DIRECT,
    ("incoming", "handle"): Basket.TO_HANDLE,
    (CERTIFICATE_PROCEDURE, "approve"): Basket.TO_CERTIFY,
    (CERTIFICATE_PROCEDURE, "allow"): Basket.TO_CERTIFY,
    (CERTIFICATE_PROCEDURE, "collect"): Basket.TO_CERTIFY,
    (SUSPENSION_PROCEDURE, "settle"): Basket.TO_CERTIFY,
    (OPINION_PROCEDURE, "give_as_person"): Basket.TO_ADVISE,
    (OPINION_PROCEDURE, "give_as_unit"): Basket.TO_ADVISE,
    (COPY_PROCEDURE, "approve"): Basket.COPIES,
    (COPY_PROCEDURE, "amend"): Basket.COPIES,
    (COPY_PROCEDURE, "certify"): Basket.COPIES,
    (MEETING_PROCEDURE, "invite"): Basket.MEETINGS,
    (MEETING_PROCEDURE, "hold"): Basket.MEETINGS,
    (MEETING_PROCEDURE, "conclude"): Basket.MEETINGS,
    (MEETING_PROCEDURE, "assign"): Basket.MEETINGS,
    (INVITATION_PROCEDURE, "reply_as_person"): Basket.TO_REPLY,
    (INVITATION_PROCEDURE, "reply_as_unit"): Basket.TO_REPLY,
    (INVITATION_PROCEDURE, "reply_as_agency"): Basket.TO_REPLY,
    (DIRECTION_PROCEDURE, "handle_as_agency"): Basket.ASSIGNED,
    (DIRECTION_PROCEDURE, "handle_as_unit"): Basket.ASSIGNED,
    (DIRECTION_PROCEDURE, "handle_as_person"): Basket.ASSIGNED,
    (DIRECTION_PROCEDURE, "settle"): Basket.TO_DECIDE,
    (DIRECTION_PROCEDURE, "confirm"): Basket.TO_DECIDE,
    (EXTENSION_PROCEDURE, "decide"): Basket.TO_DECIDE,
    (COOPERATION_PROCEDURE, "contribute_as_agency"): Basket.COOPERATION,
    (COOPERATION_PROCEDURE, "contribute_as_unit"): Basket.COOPERATION,
    (COOPERATION_PROCEDURE, "contribute_as_person"): Basket.COOPERATION,
    (SCHEDULE_PROCEDURE, "consolidate"): Basket.SCHEDULES,
    (SCHEDULE_PROCEDURE, "approve"): Basket.SCHEDULES,
    (SCHEDULE_PROCEDURE, "seal"): Basket.SCHEDULES,
}

#: 0 comes first.
PRIORITIES: dict[Urgency, int] = {
    Urgency.EXPRESS: 0,
    Urgency.VERY_URGENT: 1,
    Urgency.URGENT: 2,
    Urgency.NORMAL: 3,
}


#: Business key of a co-operator's process; see `engine.assignment_flow.cooperation_key`.
_COOPERATION_KEY = (
    assignment_party.c.assignment_id + "." + sa.cast(assignment_party.c.position, sa.String)
)


def keys_about(subject_id: sa.ColumnElement[str]) -> sa.CompoundSelect[tuple[str]]:
    """Return the business keys of all that goes on about a document or an arrival."""
    asked = sa.select(opinion.c.id).where(opinion.c.subject_id == subject_id)
    more_time = sa.select(extension.c.id).where(extension.c.assignment_id == subject_id)
    beside = sa.select(_COOPERATION_KEY).where(assignment_party.c.assignment_id == subject_id)
    called = sa.select(invitee.c.call_id).where(invitee.c.meeting_id == subject_id)
    return sa.union_all(sa.select(subject_id), asked, more_time, beside, called)


_KEYS: sa.BindParameter[str] = sa.bindparam("keys", type_=sa.String(), expanding=True)
_LIST_URGENCIES = sa.union_all(
    sa.select(documents.document.c.id, documents.document.c.urgency).where(
        documents.document.c.id.in_(_KEYS)
    ),
    sa.select(documents.delivery.c.id, documents.document.c.urgency)
    .join(documents.document, documents.document.c.id == documents.delivery.c.document_id)
    .where(documents.delivery.c.id.in_(_KEYS)),
    sa.select(opinion.c.id, documents.document.c.urgency)
    .join(documents.document, documents.document.c.id == opinion.c.document_id)
    .where(opinion.c.id.in_(_KEYS)),
    sa.select(assignment.c.id, assignment.c.urgency).where(assignment.c.id.in_(_KEYS)),
    sa.select(extension.c.id, assignment.c.urgency)
    .join(assignment, assignment.c.id == extension.c.assignment_id)
    .where(extension.c.id.in_(_KEYS)),
)
#: Items about a subject are those of its own process and those of what is asked on it.
_SET_PRIORITY = sa.update(work_item).where(
    work_item.c.business_key.in_(keys_about(sa.bindparam("key", type_=sa.String()))),
    work_item.c.state == OPEN,
)


@dataclass(frozen=True, kw_only=True)
class Position:
    """Hold where an item stands in the lists; names the columns of `work_item`."""

    basket: Basket | None
    priority: int
    returned_reason: str


def list_positions(connection: sa.Connection, items: Sequence[WorkItem]) -> list[Position]:
    """Return the positions of new items, in their order."""
    urgencies = _list_urgencies(connection, {item.business_key for item in items})
    positions = []
    for item in items:
        basket = BASKETS.get((item.procedure_id, item.rule))
        reason = _find_return(connection, item) if basket is Basket.DRAFTS else None
        positions.append(
            Position(
                basket=basket if reason is None else Basket.RETURNED,
                priority=PRIORITIES[urgencies.get(item.business_key, Urgency.NORMAL)],
                returned_reason=reason or "",
            )
        )
    return positions


def mark_returned(connection: sa.Connection, entry: HistoryEntry) -> None:
    """Tell the holders of what `entry` returned why it came back; a draft changes its list."""
    if entry.outcome != RETURNED:
        return
    connection.execute(
        sa.update(work_item)
        .where(
            work_item.c.instance_id == entry.instance_id,
            work_item.c.state == OPEN,
            work_item.c.opened_at == entry.at,
        )
        .values(returned_reason=entry.comment)
    )
    connection.execute(
        sa.update(work_item)
        .where(
            work_item.c.instance_id == entry.instance_id,
            work_item.c.state == OPEN,
            work_item.c.basket == Basket.DRAFTS,
        )
        .values(basket=Basket.RETURNED, returned_reason=entry.comment)
    )


def set_document_urgency(connection: sa.Connection, document_id: str, urgency: Urgency) -> None:
    """Sort the open items about a document by its present urgency."""
    values = {"key": document_id, "priority": PRIORITIES[urgency]}
    connection.execute(_SET_PRIORITY, values)


def set_delivery_urgency(connection: sa.Connection, delivery_id: str, document_id: str) -> None:
    """Sort the open items about a delivery by the urgency of its document."""
    urgency = connection.execute(
        sa.select(documents.document.c.urgency).where(documents.document.c.id == document_id)
    ).scalar_one_or_none()
    if urgency is not None:
        set_document_urgency(connection, delivery_id, urgency)


def _list_urgencies(connection: sa.Connection, keys: set[str]) -> dict[str, Urgency]:
    rows = connection.execute(_LIST_URGENCIES, {"keys": list(keys)})
    return {row.id: row.urgency for row in rows}


def _find_return(connection: sa.Connection, item: WorkItem) -> str | None:
    query = (
        sa.select(history.c.comment)
        .where(history.c.instance_id == item.instance_id, history.c.outcome == RETURNED)
        .order_by(history.c.sequence.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()
