"""Keep meetings, whom they invite, their papers, and the addresses of calendars."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.document import DocumentId
from engine.model.meeting import (
    MAX_LENGTH,
    STANDING_STATES,
    AgendaItem,
    Answer,
    Clash,
    Invitee,
    InviteeId,
    Meeting,
    MeetingId,
    MeetingPlan,
    Paper,
    PaperId,
    Reply,
    Substitute,
    Tally,
)
from engine.model.organisation import Actor, AgencyId, PersonId
from engine.paging import Page
from engine.ports_meetings import CalendarFeed, MeetingRow, MeetingScope
from engine.text import fold
from storage.queries import meetings as queries
from storage.repositories.base import Repository, missing
from storage.tables.meetings import feed as _feed
from storage.tables.meetings import invitee as _invitee
from storage.tables.meetings import meeting as _meeting
from storage.tables.meetings import paper as _paper
from storage.tables.organisation import person as _person

_PLAN = (
    "agency_id",
    "unit_id",
    "title",
    "chair_id",
    "starts_at",
    "ends_at",
    "reply_by",
    "place",
    "room",
    "link",
)
_FLAT = (
    "id",
    "planner_id",
    "chair_name",
    "chair_title",
    "state",
    "created_at",
    "updated_at",
    "version",
    "revision",
    "invited_at",
    "clash_note",
    "invitation_id",
    "conclusion_id",
    "minutes",
    "conclusions",
    "minuted_at",
    "reason",
    "replaced_by",
    "orders_given",
)
_INVITED = (
    "id",
    "meeting_id",
    "position",
    "agency_id",
    "unit_id",
    "person_id",
    "name",
    "call_id",
    "is_present",
)


class SqlMeetings(Repository):
    """Keep meetings, each in one row, and one row for everybody invited."""

    def add(self, meeting: Meeting, invitees: Sequence[Invitee]) -> None:
        """Add a meeting and whom it invites."""
        self._insert(_meeting, _values(meeting))
        self._add_invitees(invitees, meeting.plan.starts_at)

    def get(self, meeting_id: MeetingId) -> Meeting:
        """Return the meeting with its papers.

        Raises:
            NotFoundError: code MEETING_NOT_FOUND.
        """
        query = sa.select(_meeting).where(_meeting.c.id == meeting_id)
        found = self._find(_made, query) or missing(
            "meeting", meeting_id, ErrorCode.MEETING_NOT_FOUND
        )
        papers = (
            sa.select(_paper)
            .where(_paper.c.meeting_id == meeting_id)
            .order_by(_paper.c.added_at, _paper.c.id)
        )
        found.papers = tuple(self._list(Paper, papers))
        return found

    def save(self, meeting: Meeting) -> None:
        """Write the meeting if nobody wrote it since it was read.

        Raises:
            ConflictError: code MEETING_CHANGED.
        """
        seen = meeting.version
        values = _values(meeting) | {"version": seen + 1}
        statement = sa.update(_meeting).where(
            _meeting.c.id == meeting.id, _meeting.c.version == seen
        )
        if self._changed(statement.values(values)) == 0:
            raise ConflictError(f"meeting {meeting.id} changed", code=ErrorCode.MEETING_CHANGED)
        meeting.version = seen + 1
        # Lists walk along the invitees by the time of the meeting.
        self._changed(
            sa.update(_invitee)
            .where(_invitee.c.meeting_id == meeting.id)
            .values(starts_at=meeting.plan.starts_at)
        )

    def list_invitees(self, meeting_id: MeetingId) -> Sequence[Invitee]:
        """Return whom it invites, in the order of the plan."""
        query = (
            sa.select(_invitee)
            .where(_invitee.c.meeting_id == meeting_id)
            .order_by(_invitee.c.position, _invitee.c.id)
        )
        return self._list(_made_invitee, query)

    def get_invitee(self, invitee_id: InviteeId) -> Invitee:
        """Return one invitee.

        Raises:
            NotFoundError: code MEETING_NOT_FOUND.
        """
        query = sa.select(_invitee).where(_invitee.c.id == invitee_id)
        return self._find(_made_invitee, query) or missing(
            "invitee", invitee_id, ErrorCode.MEETING_NOT_FOUND
        )

    def find_call(self, call_id: str) -> Invitee | None:
        """Return who is asked by an invitation, None once they are asked by another one."""
        query = sa.select(_invitee).where(_invitee.c.call_id == call_id)
        return self._find(_made_invitee, query)

    def set_invitees(self, meeting_id: MeetingId, invitees: Sequence[Invitee]) -> None:
        """Write all invitees of a meeting in place of those there are."""
        starts_at = self.get(meeting_id).plan.starts_at
        self._connection.execute(sa.delete(_invitee).where(_invitee.c.meeting_id == meeting_id))
        self._add_invitees(invitees, starts_at)

    def save_invitee(self, invitee: Invitee) -> None:
        """Write the answer, or what the minutes say of one invitee."""
        values = _invitee_values(invitee)
        self._changed(sa.update(_invitee).where(_invitee.c.id == invitee.id).values(values))

    def find_for_document(self, document_id: DocumentId) -> Meeting | None:
        """Return the meeting a giấy mời invites to, or whose conclusions a notice holds."""
        query = (
            sa.select(_meeting)
            .where(
                sa.or_(
                    _meeting.c.invitation_id == document_id,
                    _meeting.c.conclusion_id == document_id,
                )
            )
            .order_by(_meeting.c.created_at.desc())
            .limit(1)
        )
        return self._find(_made, query)

    def add_paper(self, paper: Paper) -> None:
        """Add a paper."""
        self._insert(_paper, asdict(paper))

    def get_paper(self, paper_id: PaperId) -> Paper:
        """Return one paper.

        Raises:
            NotFoundError: code MEETING_NOT_FOUND.
        """
        query = sa.select(_paper).where(_paper.c.id == paper_id)
        return self._find(Paper, query) or missing("paper", paper_id, ErrorCode.MEETING_NOT_FOUND)

    def remove_paper(self, paper_id: PaperId) -> None:
        """Take a paper off; its object stays, named by nobody."""
        self._connection.execute(sa.delete(_paper).where(_paper.c.id == paper_id))

    def list_clashes(
        self,
        *,
        start: datetime,
        end: datetime,
        people: Collection[PersonId],
        agency_id: AgencyId | None = None,
        room: str = "",
        apart_from: MeetingId | None = None,
        accepted_only: bool = False,
    ) -> Sequence[Clash]:
        """Return what people or the room are in between two moments, earliest first."""
        at_once = [
            # No meeting is longer, so the walk along the index has two ends.
            _meeting.c.starts_at > start - MAX_LENGTH,
            _meeting.c.starts_at < end,
            _meeting.c.ends_at > start,
            _meeting.c.state.in_(sorted(STANDING_STATES)),
            _meeting.c.id != (apart_from or ""),
        ]
        branches = _busy_people(at_once, sorted(people), accepted_only) if people else []
        if agency_id and room:
            branches.append(_busy_room(at_once, agency_id, fold(room)))
        if not branches:
            return []
        found = sa.union(*branches).subquery()
        query = sa.select(found).order_by(found.c.starts_at, found.c.who)
        return self._list(Clash, query)

    def list_page(
        self,
        scope: MeetingScope,
        actor: Actor,
        *,
        since: datetime,
        until: datetime | None = None,
        cursor: str = "",
        limit: int = 50,
    ) -> Page[MeetingRow]:
        """Return meetings that end after `since`, earliest first, each once."""
        return queries.list_page(
            self._connection, scope, actor, since=since, until=until, cursor=cursor, limit=limit
        )

    def list_for_person(
        self, person_id: PersonId, *, since: datetime, until: datetime
    ) -> Sequence[Meeting]:
        """Return the meetings a person chairs or is to go to, without their papers."""
        chaired = sa.select(_meeting.c.id).where(_meeting.c.chair_id == person_id)
        invited = sa.select(_invitee.c.meeting_id).where(queries.goes_to(person_id))
        query = (
            sa.select(_meeting)
            .where(
                _meeting.c.id.in_(sa.union_all(chaired, invited)),
                _meeting.c.starts_at >= since,
                _meeting.c.starts_at < until,
                # What was never sent out is nobody's business yet.
                _meeting.c.invited_at.is_not(None),
            )
            .order_by(_meeting.c.starts_at, _meeting.c.id)
        )
        return self._list(_made, query)

    def tallies(self, meeting_ids: Collection[MeetingId]) -> Mapping[MeetingId, Tally]:
        """Return the answers of several meetings, counted."""
        return queries.tallies(self._connection, meeting_ids)

    def add_feed(self, feed: CalendarFeed) -> None:
        """Add an address."""
        self._insert(_feed, asdict(feed))

    def find_feed(self, token_digest: str) -> CalendarFeed | None:
        """Return the address that is in force, None when it is unknown or revoked."""
        query = sa.select(_feed).where(
            _feed.c.token_digest == token_digest, _feed.c.revoked_at.is_(None)
        )
        return self._find(CalendarFeed, query)

    def find_feed_of(self, person_id: PersonId) -> CalendarFeed | None:
        """Return the address of a person that is in force."""
        query = (
            sa.select(_feed)
            .where(_feed.c.person_id == person_id, _feed.c.revoked_at.is_(None))
            .order_by(_feed.c.made_at.desc())
            .limit(1)
        )
        return self._find(CalendarFeed, query)

    def revoke_feeds(self, person_id: PersonId, at: datetime) -> int:
        """End the addresses of a person; return how many there were."""
        statement = sa.update(_feed).where(
            _feed.c.person_id == person_id, _feed.c.revoked_at.is_(None)
        )
        return self._changed(statement.values(revoked_at=at))

    def _add_invitees(self, invitees: Sequence[Invitee], starts_at: datetime) -> None:
        if invitees:
            rows = [_invitee_values(each) | {"starts_at": starts_at} for each in invitees]
            self._insert(_invitee, rows)


def _busy_people(
    at_once: Sequence[sa.ColumnElement[bool]], people: Sequence[PersonId], accepted_only: bool
) -> list[sa.Select[Any]]:
    """Return who of `people` chairs, is invited to or goes instead to a meeting at that time."""
    place = (
        _meeting.c.id.label("meeting_id"),
        _meeting.c.agency_id,
        _meeting.c.title,
        _meeting.c.starts_at,
    )
    chair = (_meeting.c.chair_name.label("who"), _meeting.c.chair_id.label("person_id"))
    branches: list[sa.Select[Any]] = [
        sa.select(*place, *chair).where(*at_once, _meeting.c.chair_id.in_(people))
    ]
    accepted = _invitee.c.answer == Answer.ATTEND
    is_not_away = accepted if accepted_only else sa.or_(_invitee.c.answer.is_(None), accepted)
    for column, condition in (
        (_invitee.c.person_id, is_not_away),
        (_invitee.c.substitute_id, _invitee.c.answer == Answer.SUBSTITUTE),
    ):
        branches.append(
            sa.select(*place, _person.c.full_name.label("who"), column.label("person_id"))
            .select_from(_meeting)
            .join(_invitee, _invitee.c.meeting_id == _meeting.c.id)
            .join(_person, _person.c.id == column)
            .where(*at_once, column.in_(people), condition)
        )
    return branches


def _busy_room(
    at_once: Sequence[sa.ColumnElement[bool]], agency_id: AgencyId, room_key: str
) -> sa.Select[Any]:
    return sa.select(
        _meeting.c.id.label("meeting_id"),
        _meeting.c.agency_id,
        _meeting.c.title,
        _meeting.c.starts_at,
        _meeting.c.room.label("who"),
        sa.null().label("person_id"),
    ).where(*at_once, _meeting.c.agency_id == agency_id, _meeting.c.room_key == room_key)


def _values(meeting: Meeting) -> dict[str, Any]:
    plan = meeting.plan
    values = {name: getattr(meeting, name) for name in _FLAT}
    values |= {name: getattr(plan, name) for name in _PLAN}
    return values | {
        "room_key": fold(plan.room),
        "agenda": [asdict(item) for item in plan.agenda],
    }


def _made(**row: Any) -> Meeting:
    plan = MeetingPlan(
        **{name: row[name] for name in _PLAN},
        agenda=tuple(AgendaItem(**item) for item in row["agenda"]),
    )
    return Meeting(plan=plan, **{name: row[name] for name in _FLAT})


def _invitee_values(invitee: Invitee) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(invitee, name) for name in _INVITED}
    reply = invitee.reply
    substitute = reply.substitute if reply else None
    return values | {
        "answer": reply.answer if reply else None,
        "reason": reply.reason if reply else "",
        "given_by": reply.given_by if reply else None,
        "given_by_name": reply.given_by_name if reply else "",
        "given_for": reply.given_for if reply else "",
        "given_at": reply.given_at if reply else None,
        "clash": reply.clash if reply else "",
        "substitute_id": substitute.person_id if substitute else None,
        "substitute_name": substitute.name if substitute else "",
        "substitute_title": substitute.title if substitute else "",
        "substitute_phone": substitute.phone if substitute else "",
    }


def _made_invitee(**row: Any) -> Invitee:
    return Invitee(**{name: row[name] for name in _INVITED}, reply=_reply(row))


def _reply(row: Mapping[str, Any]) -> Reply | None:
    if row["answer"] is None:
        return None
    substitute = None
    if row["answer"] is Answer.SUBSTITUTE:
        substitute = Substitute(
            name=row["substitute_name"],
            title=row["substitute_title"],
            phone=row["substitute_phone"],
            person_id=row["substitute_id"],
        )
    return Reply(
        answer=row["answer"],
        given_by=row["given_by"],
        given_by_name=row["given_by_name"],
        given_for=row["given_for"],
        given_at=row["given_at"],
        reason=row["reason"],
        clash=row["clash"],
        substitute=substitute,
    )
