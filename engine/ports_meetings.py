"""Name what meetings need from the world: rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from engine.model.document import DocumentId
from engine.model.meeting import (
    Answer,
    Clash,
    Guest,
    Invitee,
    InviteeId,
    Meeting,
    MeetingId,
    MeetingState,
    Paper,
    PaperId,
    Tally,
)
from engine.model.organisation import Actor, AgencyId, PersonId
from engine.paging import Page


class MeetingScope(StrEnum):
    """Name which meetings a list shows."""

    MINE = "cua-toi"
    AGENCY = "co-quan"
    ORGANISED = "to-chuc"


@dataclass(frozen=True, kw_only=True)
class MeetingRow:
    """Hold one line of a list of meetings.

    Args:
        answer: of the person, or of their agency or unit, None while there is none.
        is_asked: the person's side is invited and may answer or has answered.
    """

    id: MeetingId
    title: str
    agency_name: str
    chair_name: str
    starts_at: datetime
    ends_at: datetime
    place: str
    link: str
    state: MeetingState
    revision: int
    tally: Tally
    is_asked: bool = False
    answer: Answer | None = None


@dataclass(frozen=True, kw_only=True)
class CalendarFeed:
    """Hold the secret address of a person's calendar; only its SHA-256 is kept."""

    token_digest: str
    person_id: PersonId
    made_at: datetime
    revoked_at: datetime | None = None


class Meetings(Protocol):
    """Keep meetings, whom they invite, their papers, and the addresses of calendars."""

    def add(self, meeting: Meeting, invitees: Sequence[Invitee]) -> None: ...
    def get(self, meeting_id: MeetingId) -> Meeting:
        """Return the meeting with its papers.

        Raises:
            NotFoundError: code MEETING_NOT_FOUND.
        """
        ...

    def save(self, meeting: Meeting) -> None:
        """Write the meeting if nobody wrote it since it was read; `version` grows by one.

        Raises:
            ConflictError: code MEETING_CHANGED.
        """
        ...

    def list_invitees(self, meeting_id: MeetingId) -> Sequence[Invitee]:
        """Return whom it invites, in the order of the plan."""
        ...

    def get_invitee(self, invitee_id: InviteeId) -> Invitee:
        """Return one invitee.

        Raises:
            NotFoundError: code MEETING_NOT_FOUND.
        """
        ...

    def find_call(self, call_id: str) -> Invitee | None:
        """Return who is asked by an invitation, None once they are asked by another one."""
        ...

    def set_invitees(self, meeting_id: MeetingId, invitees: Sequence[Invitee]) -> None:
        """Write all invitees of a meeting in place of those there are."""
        ...

    def save_invitee(self, invitee: Invitee) -> None: ...
    def find_for_document(self, document_id: DocumentId) -> Meeting | None:
        """Return the meeting a giấy mời invites to, or whose conclusions a notice holds."""
        ...

    def add_paper(self, paper: Paper) -> None: ...
    def get_paper(self, paper_id: PaperId) -> Paper:
        """Return one paper.

        Raises:
            NotFoundError: code MEETING_NOT_FOUND.
        """
        ...

    def remove_paper(self, paper_id: PaperId) -> None: ...
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
        """Return what people or the room are in between two moments, earliest first.

        A person is in a meeting they chair, are invited to and have not declined, or go to
        instead of somebody.

        Args:
            accepted_only: what a person has not answered yet does not count.
        """
        ...

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
        ...

    def list_for_person(
        self, person_id: PersonId, *, since: datetime, until: datetime
    ) -> Sequence[Meeting]:
        """Return the meetings a person chairs or is to go to, cancelled ones too, without papers.

        These are what a calendar shows; an agency's invitations belong to nobody's calendar.
        """
        ...

    def tallies(self, meeting_ids: Collection[MeetingId]) -> Mapping[MeetingId, Tally]: ...
    def add_feed(self, feed: CalendarFeed) -> None: ...
    def find_feed(self, token_digest: str) -> CalendarFeed | None:
        """Return the address that is in force, None when it is unknown or revoked."""
        ...

    def find_feed_of(self, person_id: PersonId) -> CalendarFeed | None: ...
    def revoke_feeds(self, person_id: PersonId, at: datetime) -> int:
        """End the addresses of a person; return how many there were."""
        ...


__all__ = ["CalendarFeed", "Guest", "MeetingRow", "MeetingScope", "Meetings"]
