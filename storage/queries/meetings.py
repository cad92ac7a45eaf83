"""Read lists of meetings: walks along indexes by time, and the answers of one page at once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.model.meeting import MAX_LENGTH, Answer, MeetingId, Tally
from engine.model.organisation import Actor, PersonId
from engine.paging import Page
from engine.ports_meetings import MeetingRow, MeetingScope
from storage.queries.cursors import cursor_of, read_cursor
from storage.tables.meetings import invitee, meeting
from storage.tables.organisation import agency

_KEY = (datetime, str)
_ROW = (
    "id",
    "title",
    "chair_name",
    "starts_at",
    "ends_at",
    "place",
    "link",
    "state",
    "revision",
)


def goes_to(person_id: PersonId) -> sa.ColumnElement[bool]:
    """Return the condition of invitations that bring a person to the meeting, or may yet."""
    is_not_away = sa.or_(invitee.c.answer.is_(None), invitee.c.answer == Answer.ATTEND)
    return sa.or_(
        sa.and_(invitee.c.person_id == person_id, is_not_away),
        sa.and_(invitee.c.substitute_id == person_id, invitee.c.answer == Answer.SUBSTITUTE),
    )


def list_page(
    connection: sa.Connection,
    scope: MeetingScope,
    actor: Actor,
    *,
    since: datetime,
    until: datetime | None,
    cursor: str,
    limit: int,
) -> Page[MeetingRow]:
    """Return one page of a scope: three statements, however long the list is."""
    conditions: list[sa.ColumnElement[bool]] = [
        meeting.c.starts_at > since - MAX_LENGTH,
        meeting.c.ends_at > since,
    ]
    if until is not None:
        conditions.append(meeting.c.starts_at < until)
    if cursor:
        starts_at, meeting_id = read_cursor(cursor, _KEY)
        after = sa.tuple_(
            sa.literal(starts_at, meeting.c.starts_at.type), sa.literal(meeting_id, sa.String())
        )
        conditions.append(sa.tuple_(meeting.c.starts_at, meeting.c.id) > after)
    walks = [
        sa.select(walk.limit(limit + 1).subquery()) for walk in _walks(scope, actor, conditions)
    ]
    if not walks:
        return Page(rows=[])
    found = sa.union(*walks).subquery()
    page = sa.select(found).order_by(found.c.starts_at, found.c.id).limit(limit + 1).subquery()
    query = (
        sa.select(*(meeting.c[name] for name in _ROW), agency.c.name.label("agency_name"))
        .join(page, page.c.id == meeting.c.id)
        .join(agency, agency.c.id == meeting.c.agency_id)
        .order_by(page.c.starts_at, page.c.id)
    )
    rows = connection.execute(query).mappings().all()
    last = rows[limit - 1] if len(rows) > limit else None
    shown = rows[:limit]
    ids = [row["id"] for row in shown]
    counts, own = tallies(connection, ids), _own_answers(connection, ids, actor)
    return Page(
        rows=[
            MeetingRow(
                **row,
                tally=counts.get(row["id"], Tally()),
                is_asked=row["id"] in own,
                answer=own.get(row["id"]),
            )
            for row in shown
        ],
        next_cursor=cursor_of(last["starts_at"], last["id"]) if last else "",
    )


def tallies(
    connection: sa.Connection, meeting_ids: Collection[MeetingId]
) -> Mapping[MeetingId, Tally]:
    """Return the answers of several meetings, counted by the database."""
    query = (
        sa.select(invitee.c.meeting_id, invitee.c.answer, sa.func.count().label("people"))
        .where(invitee.c.meeting_id.in_(sorted(meeting_ids)))
        .group_by(invitee.c.meeting_id, invitee.c.answer)
    )
    counts: dict[MeetingId, dict[str, int]] = {}
    for row in connection.execute(query):
        counts.setdefault(row.meeting_id, {})[row.answer or "silent"] = row.people
    return {key: Tally(**value) for key, value in counts.items()}


def _walks(
    scope: MeetingScope, actor: Actor, conditions: Sequence[sa.ColumnElement[bool]]
) -> list[sa.Select[Any]]:
    """Return the walks whose union is the list, each along one index by time."""
    agencies, person_id = sorted(actor.agency_ids()), actor.person_id
    place = sa.select(meeting.c.starts_at, meeting.c.id)
    order = (meeting.c.starts_at, meeting.c.id)
    invited = place.join(invitee, invitee.c.meeting_id == meeting.c.id)
    is_sent = meeting.c.invited_at.is_not(None)
    if scope is MeetingScope.ORGANISED:
        return [place.where(meeting.c.agency_id.in_(agencies), *conditions).order_by(*order)]
    if scope is MeetingScope.AGENCY:
        mine = invitee.c.agency_id.in_(agencies)
        return [invited.where(mine, is_sent, *conditions).order_by(*order).distinct()]
    return [
        place.where(meeting.c.chair_id == person_id, *conditions).order_by(*order),
        invited.where(invitee.c.person_id == person_id, is_sent, *conditions)
        .order_by(*order)
        .distinct(),
        invited.where(invitee.c.substitute_id == person_id, is_sent, *conditions)
        .order_by(*order)
        .distinct(),
    ]


def _own_answers(
    connection: sa.Connection, ids: Sequence[MeetingId], actor: Actor
) -> dict[MeetingId, Answer | None]:
    """Return what the actor's side answered to each of the meetings that ask it.

    What is asked of the person themselves comes before what is asked of their unit or agency.
    """
    units = sorted({post.unit_id for post in actor.posts if post.unit_id})
    is_own = sa.or_(
        invitee.c.person_id == actor.person_id,
        sa.and_(invitee.c.person_id.is_(None), invitee.c.unit_id.in_(units)),
        sa.and_(
            invitee.c.person_id.is_(None),
            invitee.c.unit_id.is_(None),
            invitee.c.agency_id.in_(sorted(actor.agency_ids())),
        ),
    )
    query = (
        sa.select(invitee.c.meeting_id, invitee.c.answer)
        .where(invitee.c.meeting_id.in_(ids), is_own)
        .order_by(invitee.c.person_id.is_(None), invitee.c.unit_id.is_(None), invitee.c.position)
    )
    own: dict[MeetingId, Answer | None] = {}
    for row in connection.execute(query):
        own.setdefault(row.meeting_id, row.answer)
    return own
