"""Read lists of assignments: one walk along an index for each way of having a part in them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.model.assignment import (
    AssignmentState,
    Party,
    Standing,
    overdue_days_of,
    standing_of,
)
from engine.model.organisation import Actor, Role
from engine.paging import Page
from engine.ports_direction import AssignmentRow, Part
from storage.queries.cursors import cursor_of, read_cursor
from storage.tables import documents, organisation
from storage.tables.direction import assignment, assignment_party

_KEY = (datetime, str)
_PLACE = (assignment.c.given_at, assignment.c.id)
#: Of these posts the whole agency's assignments are one's own; of the others the unit's.
_WHOLE_AGENCY = frozenset({Role.LEADER, Role.CLERK})
#: Table to walk and which of its rows.
_Branch = tuple[sa.Table, sa.ColumnElement[bool]]


def list_rows(
    connection: sa.Connection,
    actor: Actor,
    part: Part,
    today: date,
    *,
    standing: Standing | None,
    cursor: str,
    limit: int,
) -> Page[AssignmentRow]:
    """Return one page, the newest first."""
    after = read_cursor(cursor, _KEY) if cursor else None
    standing_condition = standing_is(standing, today) if standing is not None else None
    walks = [
        sa.select(_walk(branch, standing_condition, after, limit).subquery())
        for branch in _branches(actor, part)
    ]
    if not walks:
        return Page(rows=())
    found = sa.union(*walks).subquery()
    page = (
        sa.select(found).order_by(found.c.given_at.desc(), found.c.id.desc()).limit(limit + 1)
    ).subquery()
    rows = connection.execute(described(page)).all()
    shown = [assignment_row(each, today) for each in rows[:limit]]
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(rows=shown, next_cursor=cursor_of(last.given_at, last.id) if last else "")


def standing_is(standing: Standing, today: date) -> sa.ColumnElement[bool]:
    """Return the condition that an assignment stands so on `today`; as `Assignment.standing`."""
    c = assignment.c
    completed = c.state == AssignmentState.COMPLETED
    cancelled = c.state == AssignmentState.CANCELLED
    running = ~completed & ~cancelled
    counted = sa.case((c.state == AssignmentState.REPORTED, c.done_on), else_=today)
    late = c.due_on.is_not(None) & (counted > c.due_on)
    done_late = c.due_on.is_not(None) & c.done_on.is_not(None) & (c.done_on > c.due_on)
    not_late = sa.or_(c.due_on.is_(None), counted <= c.due_on)
    return {
        Standing.DONE_IN_TIME: completed & ~sa.func.coalesce(done_late, sa.false()),
        Standing.DONE_LATE: completed & done_late,
        Standing.RUNNING_OVERDUE: running & late,
        Standing.EXTENSION_ASKED: running & not_late & c.extension_open,
        Standing.NO_DEADLINE: running & c.due_on.is_(None) & ~c.extension_open,
        Standing.RUNNING_IN_TIME: running & (c.due_on >= counted) & ~c.extension_open,
        Standing.CANCELLED: cancelled,
    }[standing]


def _walk(
    branch: _Branch,
    standing: sa.ColumnElement[bool] | None,
    after: Sequence[Any] | None,
    limit: int,
) -> sa.Select[Any]:
    table, condition = branch
    at = table.c.given_at
    key = table.c.assignment_id if table is assignment_party else table.c.id
    walk = sa.select(at.label("given_at"), key.label("id")).where(condition)
    if standing is not None:
        if table is assignment_party:
            walk = walk.join(assignment, assignment.c.id == key)
        walk = walk.where(standing)
    if after is not None:
        bound = (sa.literal(after[0], assignment.c.given_at.type), after[1])
        walk = walk.where(sa.tuple_(at, key) < sa.tuple_(*bound))
    return walk.order_by(at.desc(), key.desc()).limit(limit + 1)


def _branches(actor: Actor, part: Part) -> list[_Branch]:
    if part is Part.GIVEN:
        return [(assignment, assignment.c.assigner_id == actor.person_id)]
    if part is Part.TRACKED:
        return [(assignment, assignment.c.tracker_id == actor.person_id)]
    if part is Part.LED:
        table, prefix = assignment, "lead_"
    else:
        table, prefix = assignment_party, ""
    agency, unit, person = (table.c[f"{prefix}{n}_id"] for n in ("agency", "unit", "person"))
    found: list[_Branch] = [(table, person == actor.person_id)]
    for post in actor.posts:
        if post.role in _WHOLE_AGENCY:
            found.append((table, agency == post.agency_id))
        elif post.role is Role.DIVISION_HEAD and post.unit_id is not None:
            found.append((table, unit == post.unit_id))
    return found


def described(page: sa.Subquery) -> sa.Select[Any]:
    """Return what a list shows of the assignments whose `id` is in `page`, the newest first."""
    name = sa.func.coalesce(
        organisation.person.c.full_name, organisation.unit.c.name, organisation.agency.c.name
    )
    return (
        sa.select(assignment, name.label("lead_name"), documents.document.c.symbol)
        .join(page, page.c.id == assignment.c.id)
        .join(organisation.agency, organisation.agency.c.id == assignment.c.lead_agency_id)
        .outerjoin(organisation.unit, organisation.unit.c.id == assignment.c.lead_unit_id)
        .outerjoin(organisation.person, organisation.person.c.id == assignment.c.lead_person_id)
        .outerjoin(documents.document, documents.document.c.id == assignment.c.document_id)
        .order_by(*(column.desc() for column in _PLACE))
    )


def assignment_row(row: Any, today: date) -> AssignmentRow:
    """Return one line, as it stands on `today`."""
    days = {"due_on": row.due_on, "done_on": row.done_on, "today": today}
    return AssignmentRow(
        id=row.id,
        number=row.number,
        year=row.year,
        agency_id=row.agency_id,
        content=row.content,
        urgency=row.urgency,
        assigner_name=row.assigner_name,
        lead=Party(
            agency_id=row.lead_agency_id,
            unit_id=row.lead_unit_id,
            person_id=row.lead_person_id,
        ),
        lead_name=row.lead_name,
        due_on=row.due_on,
        given_at=row.given_at,
        state=row.state,
        standing=standing_of(row.state, extension_open=row.extension_open, **days),
        overdue_days=overdue_days_of(row.state, **days),
        percent=row.percent,
        document_id=row.document_id,
        symbol=row.symbol or "",
    )
