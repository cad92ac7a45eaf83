"""Read the work lists: one walk along an index for each post of the actor.

An item is visible to the person it names; one that names nobody is visible to those who hold its
role in its agency, and in its unit if it names one. Whoever stands in for somebody sees what was
delegated of that person's lists too.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.model.organisation import Actor, Post, Power
from engine.model.signing_intent import IntentState
from engine.model.urgency import Urgency
from engine.paging import Page
from engine.queries import Basket, Waiting, WorkRow
from storage.queries.cursors import cursor_of, read_cursor
from storage.queries.notices import unread_of
from storage.queries.visible import WHOSE, find_giver, is_of_kinds, list_branches
from storage.tables import documents, organisation
from storage.tables.certification import certificate_application
from storage.tables.copies import certified_copy
from storage.tables.direction import assignment, extension
from storage.tables.meetings import invitee, meeting
from storage.tables.opinions import opinion
from storage.tables.processes import OPEN, work_item
from storage.tables.schedules import work_schedule
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
#: Stands beside the baskets in one statement.
_UNREAD = "unread"
_PLACE = ("id", "priority", "opened_at")
#: What the lines are sorted and marked by, and do not show.
_HIDDEN = frozenset({"priority", *(column.name for column in WHOSE)})


def count_waiting(connection: sa.Connection, actor: Actor) -> Waiting:
    """Return the number of open items in each basket, and of unread notices, in one statement."""
    # As plain text: the notices are no basket.
    basket = sa.type_coerce(work_item.c.basket, sa.String).label("basket")
    parts = [
        sa.select(basket, sa.func.count().label("items"))
        .where(*branch, work_item.c.basket.is_not(None))
        .group_by(work_item.c.basket)
        for branch in list_branches(actor)
    ]
    overdue = sa.literal(Basket.OVERDUE.value).label("basket")
    parts.append(sa.select(overdue, sa.func.count().label("items")).where(_is_escalated_to(actor)))
    unread = unread_of(sa.literal(actor.person_id)).subquery()
    parts.append(
        sa.select(sa.literal(_UNREAD).label("basket"), sa.func.count()).select_from(unread)
    )
    counts = dict.fromkeys([*Basket, _UNREAD], 0)
    for row in connection.execute(sa.union_all(*parts)):
        counts[row.basket] += row.items
    unread_count = counts.pop(_UNREAD)
    return Waiting(baskets={Basket(name): n for name, n in counts.items()}, unread=unread_count)


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
        for branch in list_branches(actor)
    ]
    found = sa.union_all(*walks).subquery()
    page = (
        sa.select(found).order_by(found.c.priority, found.c.opened_at, found.c.id).limit(limit + 1)
    ).subquery("page")
    query = (
        _described(page.c.id)
        .add_columns(work_item.c.priority, *WHOSE)
        .order_by(page.c.priority, page.c.opened_at, page.c.id)
    )
    rows = connection.execute(query).mappings().all()
    next_cursor = ""
    if len(rows) > limit:
        last = rows[limit - 1]
        next_cursor = cursor_of(last["priority"], last["opened_at"], last["task_id"])
    return Page(rows=[_work_row(row, actor) for row in rows[:limit]], next_cursor=next_cursor)


def list_tasks_on(connection: sa.Connection, actor: Actor, subject_id: str) -> list[WorkRow]:
    """Return the open tasks on one subject that the actor may complete."""
    visible = sa.or_(*(sa.and_(*branch) for branch in list_branches(actor)))
    found = (
        sa.select(work_item.c.id)
        .where(
            work_item.c.business_key.in_(keys_about(sa.literal(subject_id))),
            work_item.c.state == OPEN,
            visible,
        )
        .subquery("page")
    )
    query = _described(found.c.id).add_columns(*WHOSE)
    query = query.order_by(work_item.c.opened_at, work_item.c.id)
    return [_work_row(row, actor) for row in connection.execute(query).mappings()]


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
    """Return the condition of overdue items that a post of the actor answers for.

    Whoever directs or reviews in somebody's place sees what that person answers for, too.
    """
    answers: list[tuple[Post, sa.ColumnElement[bool]]] = [
        (post, sa.true()) for post in actor.posts
    ]
    answers += [
        (each.post, is_of_kinds(each))
        for each in actor.stands_in
        if each.post.agency_id in actor.agency_ids()
        and (each.covers(Power.DIRECT) or each.covers(Power.REVIEW))
    ]
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
                    limit,
                )
                for post, limit in answers
            ),
            sa.false(),
        ),
    )


def _described(item_ids: sa.ColumnElement[str]) -> sa.Select[Any]:
    """Return the query of what a line of the list says about the items `item_ids`."""
    document, delivery = documents.document, documents.delivery
    own, sender = organisation.agency.alias("own"), organisation.agency.alias("sender")
    unit, drafter = organisation.unit, organisation.person
    applied, home = certificate_application, organisation.agency.alias("home")
    asked, called = extension, invitee
    host = organisation.agency.alias("host")
    given, giver = assignment, organisation.agency.alias("giver")
    subject_id = sa.func.coalesce(
        opinion.c.subject_id, given.c.id, called.c.meeting_id, work_item.c.business_key
    )
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
                document.c.subject,
                given.c.content,
                applied.c.holder_name,
                certified_copy.c.subject,
                work_schedule.c.title,
                meeting.c.title,
            ).label("subject"),
            sa.func.coalesce(
                document.c.urgency,
                given.c.urgency,
                sa.literal(Urgency.NORMAL, document.c.urgency.type),
            ).label("urgency"),
            sa.func.coalesce(document.c.symbol, certified_copy.c.symbol, "").label("symbol"),
            sa.func.coalesce(
                sender.c.name, giver.c.name, host.c.name, unit.c.name, home.c.name, own.c.name
            ).label("unit_name"),
            sa.case(
                (applied.c.id.is_not(None), applied.c.asked_by_name),
                (given.c.id.is_not(None), given.c.assigner_name),
                (meeting.c.id.is_not(None), meeting.c.chair_name),
                (delivery.c.id.is_(None), drafter.c.full_name),
                else_="",
            ).label("person_name"),
            sa.func.coalesce(sa.cast(applied.c.kind, sa.String), "").label("application_kind"),
            own.c.name.label("agency_name"),
        )
        .select_from(work_item)
        .join(own, own.c.id == work_item.c.agency_id)
        .outerjoin(opinion, opinion.c.id == work_item.c.business_key)
        .outerjoin(asked, asked.c.id == work_item.c.business_key)
        .outerjoin(
            given,
            given.c.id
            # The keys of what runs beside an assignment begin with its id.
            == sa.func.coalesce(
                asked.c.assignment_id, sa.func.substr(work_item.c.business_key, 1, 32)
            ),
        )
        .outerjoin(giver, giver.c.id == given.c.agency_id)
        .outerjoin(called, called.c.call_id == work_item.c.business_key)
        .outerjoin(
            meeting,
            meeting.c.id == sa.func.coalesce(called.c.meeting_id, work_item.c.business_key),
        )
        .outerjoin(host, host.c.id == meeting.c.agency_id)
        .outerjoin(delivery, delivery.c.id == subject_id)
        .outerjoin(document, document.c.id == about)
        .outerjoin(certified_copy, certified_copy.c.id == work_item.c.business_key)
        .outerjoin(work_schedule, work_schedule.c.id == work_item.c.business_key)
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


def _work_row(row: sa.RowMapping, actor: Actor | None = None) -> WorkRow:
    """Return a line of a list; `actor` is None on lists of what others should do."""
    shown = {name: value for name, value in row.items() if name not in _HIDDEN}
    return WorkRow(**shown, on_behalf_of=find_giver(actor, row) if actor else "")


def _bound(column: sa.ColumnElement[Any], value: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(None, value, type_=column.type, unique=True)
