"""Read the work lists: one walk along an index for each post of the actor.

An item is visible to the person it names; one that names nobody is visible to those who hold its
role in its agency, and in its unit if it names one.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.model.organisation import Actor, AgencyId, Role, UnitId
from engine.model.signing_intent import IntentState
from engine.model.urgency import Urgency
from engine.paging import Page
from engine.queries import Basket, WorkRow
from storage.queries.cursors import cursor_of, read_cursor
from storage.tables import documents, organisation
from storage.tables.certification import certificate_application
from storage.tables.copies import certified_copy
from storage.tables.opinions import opinion
from storage.tables.processes import OPEN, work_item
from storage.work_list import keys_about

_ORDER = (work_item.c.priority, work_item.c.opened_at, work_item.c.id)
_KEY = (int, datetime, str)
_OVERDUE_KEY = (datetime, str)
#: The task is done when the time-stamp of its signature comes.
_AWAITS_STAMP = (
    sa.select(documents.signing_intent.c.id)
    .where(
        documents.signing_intent.c.task_id == work_item.c.id,
        documents.signing_intent.c.state == IntentState.AWAITING_STAMP,
    )
    .exists()
)
_PLACE = ("id", "priority", "opened_at")


def count_baskets(connection: sa.Connection, actor: Actor) -> dict[Basket, int]:
    """Return the number of open items in each basket, empty ones included."""
    parts = [
        sa.select(work_item.c.basket, sa.func.count().label("items"))
        .where(*branch, work_item.c.basket.is_not(None))
        .group_by(work_item.c.basket)
        for branch in _branches(actor)
    ]
    overdue = sa.literal(Basket.OVERDUE, work_item.c.basket.type).label("basket")
    parts.append(sa.select(overdue, sa.func.count().label("items")).where(_is_escalated_to(actor)))
    counts = dict.fromkeys(Basket, 0)
    for row in connection.execute(sa.union_all(*parts)):
        counts[row.basket] += row.items
    return counts


def list_work(
    connection: sa.Connection, actor: Actor, basket: Basket, cursor: str, limit: int
) -> Page[WorkRow]:
    """Return one page of a basket, the most urgent first, then the oldest."""
    if basket is Basket.OVERDUE:
        return _list_overdue(connection, actor, cursor, limit)
    conditions: list[sa.ColumnElement[bool]] = [work_item.c.basket == basket]
    if cursor:
        after = read_cursor(cursor, _KEY)
        conditions.append(sa.tuple_(*_ORDER) > sa.tuple_(*map(_bound, _ORDER, after)))
    # Each walk ends after one page; the outer sort then sees a few rows only.
    walks = [
        sa.select(
            sa.select(*(work_item.c[name] for name in _PLACE))
            .where(*branch, *conditions)
            .order_by(*_ORDER)
            .limit(limit + 1)
            .subquery()
        )
        for branch in _branches(actor)
    ]
    found = sa.union_all(*walks).subquery()
    page = (
        sa.select(found).order_by(found.c.priority, found.c.opened_at, found.c.id).limit(limit + 1)
    ).subquery("page")
    query = (
        _described(page.c.id)
        .add_columns(work_item.c.priority)
        .order_by(page.c.priority, page.c.opened_at, page.c.id)
    )
    rows = connection.execute(query).mappings().all()
    next_cursor = ""
    if len(rows) > limit:
        last = rows[limit - 1]
        next_cursor = cursor_of(last["priority"], last["opened_at"], last["task_id"])
    return Page(rows=[_work_row(row) for row in rows[:limit]], next_cursor=next_cursor)


def list_tasks_on(connection: sa.Connection, actor: Actor, subject_id: str) -> list[WorkRow]:
    """Return the open tasks on one subject that the actor may complete."""
    visible = sa.or_(*(sa.and_(*branch) for branch in _branches(actor)))
    found = (
        sa.select(work_item.c.id)
        .where(
            work_item.c.business_key.in_(keys_about(sa.literal(subject_id))),
            work_item.c.state == OPEN,
            visible,
        )
        .subquery("page")
    )
    query = _described(found.c.id).order_by(work_item.c.opened_at, work_item.c.id)
    return [_work_row(row) for row in connection.execute(query).mappings()]


def _list_overdue(
    connection: sa.Connection, actor: Actor, cursor: str, limit: int
) -> Page[WorkRow]:
    """Return one page of what is overdue below the actor, the longest overdue first."""
    conditions: list[sa.ColumnElement[bool]] = [_is_escalated_to(actor)]
    order = (work_item.c.due_at, work_item.c.id)
    if cursor:
        after = read_cursor(cursor, _OVERDUE_KEY)
        conditions.append(sa.tuple_(*order) > sa.tuple_(*map(_bound, order, after)))
    page = (
        sa.select(work_item.c.id).where(*conditions).order_by(*order).limit(limit + 1).subquery()
    )
    holder = organisation.person.alias("holder")
    query = (
        _described(page.c.id)
        .outerjoin(holder, holder.c.id == work_item.c.person_id)
        .add_columns(
            sa.func.coalesce(holder.c.full_name, sa.literal("role:") + work_item.c.role).label(
                "holder"
            )
        )
        .order_by(*order)
    )
    rows = connection.execute(query).mappings().all()
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        rows=[_work_row(row) for row in rows[:limit]],
        next_cursor=cursor_of(last["due_at"], last["task_id"]) if last else "",
    )


def _is_escalated_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition of overdue items that a post of the actor answers for."""
    return sa.and_(
        work_item.c.state == OPEN,
        work_item.c.escalated_role.is_not(None),
        sa.or_(
            *(
                sa.and_(
                    work_item.c.agency_id == post.agency_id,
                    work_item.c.escalated_role == post.role,
                    sa.or_(
                        work_item.c.escalated_unit_id.is_(None),
                        work_item.c.escalated_unit_id == post.unit_id,
                    ),
                )
                for post in actor.posts
            ),
            sa.false(),
        ),
    )


def _branches(actor: Actor) -> list[list[sa.ColumnElement[bool]]]:
    """Return the conditions of each walk; no item meets two of them."""
    units: dict[tuple[AgencyId, Role], set[UnitId]] = defaultdict(set)
    for post in actor.posts:
        units[post.agency_id, post.role].update([post.unit_id] if post.unit_id else [])
    open_items = work_item.c.state == OPEN
    branches = [[work_item.c.person_id == actor.person_id, open_items]]
    for (agency_id, role), own_units in units.items():
        branches.append(
            [
                work_item.c.agency_id == agency_id,
                work_item.c.role == role,
                work_item.c.person_id.is_(None),
                open_items,
                sa.or_(work_item.c.unit_id.is_(None), work_item.c.unit_id.in_(sorted(own_units))),
            ]
        )
    return branches


def _described(item_ids: sa.ColumnElement[str]) -> sa.Select[Any]:
    """Return the query of what a line of the list says about the items `item_ids`."""
    document, delivery = documents.document, documents.delivery
    own, sender = organisation.agency.alias("own"), organisation.agency.alias("sender")
    unit, drafter = organisation.unit, organisation.person
    applied, home = certificate_application, organisation.agency.alias("home")
    subject_id = sa.func.coalesce(opinion.c.subject_id, work_item.c.business_key)
    about = sa.func.coalesce(delivery.c.document_id, subject_id)
    return (
        sa.select(
            work_item.c.id.label("task_id"),
            work_item.c.node_id,
            work_item.c.rule,
            work_item.c.name.label("task_name"),
            work_item.c.procedure_id,
            subject_id.label("subject_id"),
            delivery.c.id.is_not(None).label("is_arrival"),
            work_item.c.opened_at,
            work_item.c.returned_reason,
            _AWAITS_STAMP.label("awaits_stamp"),
            work_item.c.due_at,
            work_item.c.alert,
            # A copy is named by its form.
            sa.func.coalesce(document.c.kind, sa.cast(certified_copy.c.form, sa.String), "").label(
                "kind"
            ),
            sa.func.coalesce(
                document.c.subject, applied.c.holder_name, certified_copy.c.subject
            ).label("subject"),
            sa.func.coalesce(
                document.c.urgency, sa.literal(Urgency.NORMAL, document.c.urgency.type)
            ).label("urgency"),
            sa.func.coalesce(document.c.symbol, certified_copy.c.symbol, "").label("symbol"),
            sa.func.coalesce(sender.c.name, unit.c.name, home.c.name, own.c.name).label(
                "unit_name"
            ),
            sa.case(
                (applied.c.id.is_not(None), applied.c.asked_by_name),
                (delivery.c.id.is_(None), drafter.c.full_name),
                else_="",
            ).label("person_name"),
            sa.func.coalesce(sa.cast(applied.c.kind, sa.String), "").label("application_kind"),
            own.c.name.label("agency_name"),
        )
        .select_from(work_item)
        .join(own, own.c.id == work_item.c.agency_id)
        .outerjoin(opinion, opinion.c.id == work_item.c.business_key)
        .outerjoin(delivery, delivery.c.id == subject_id)
        .outerjoin(document, document.c.id == about)
        .outerjoin(certified_copy, certified_copy.c.id == work_item.c.business_key)
        .outerjoin(
            unit, unit.c.id == sa.func.coalesce(document.c.unit_id, certified_copy.c.unit_id)
        )
        .outerjoin(
            drafter,
            drafter.c.id == sa.func.coalesce(document.c.drafter_id, certified_copy.c.requester_id),
        )
        .outerjoin(applied, applied.c.id == work_item.c.business_key)
        .outerjoin(home, home.c.id == applied.c.agency_id)
        .outerjoin(sender, sender.c.id == delivery.c.sender_id)
        .where(work_item.c.id == item_ids)
    )


def _work_row(row: sa.RowMapping) -> WorkRow:
    return WorkRow(**{name: value for name, value in row.items() if name != "priority"})


def _bound(column: sa.ColumnElement[Any], value: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(None, value, type_=column.type, unique=True)
