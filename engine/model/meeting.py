"""Describe a meeting (cuộc họp), who is invited to it (giấy mời) and what each of them answers.

How many come is never stored: it is counted from the answers. A change of time or place is a new
revision: everybody is asked again, and the answers to the revision before are on record only.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from engine.clock import local
from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.document import Digest, DocumentId
from engine.model.organisation import Actor, AgencyId, PersonId, UnitId

MeetingId = NewType("MeetingId", str)
InviteeId = NewType("InviteeId", str)
PaperId = NewType("PaperId", str)

#: Procedure each meeting runs as; its business key is the id of the meeting.
MEETING_PROCEDURE = "meeting"
#: Procedure each invitation runs as; its business key is the call: one invitee, one revision.
INVITATION_PROCEDURE = "invitation"
MAX_TITLE_CHARS = 250
MAX_LINE_CHARS = 300
MAX_TEXT_CHARS = 20_000
MAX_REASON_CHARS = 1000
MAX_AGENDA_ITEMS = 30
MAX_INVITEES = 300
MAX_PAPERS = 30
MAX_LENGTH = timedelta(days=3)
MAX_AHEAD = timedelta(days=366)
#: Said of a meeting of another agency in place of its title.
BUSY = "bận lịch khác"


class MeetingState(StrEnum):
    """Name how far a meeting has come."""

    PLANNED = "planned"
    INVITED = "invited"
    HELD = "held"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"


#: It will take place, as far as anybody knows: it takes up the time of people and rooms.
STANDING_STATES = frozenset({MeetingState.PLANNED, MeetingState.INVITED})


class Answer(StrEnum):
    """Name what an invitee answers."""

    ATTEND = "attend"
    SUBSTITUTE = "substitute"
    DECLINE = "decline"


@dataclass(frozen=True, kw_only=True)
class AgendaItem:
    """Hold one line of the agenda, as typed.

    Args:
        time: such as `08:00`, "" when it has none.
        presenter: who presents it, "" when nobody does.
    """

    content: str
    time: str = ""
    presenter: str = ""


@dataclass(frozen=True, kw_only=True)
class MeetingPlan:
    """Hold what whoever plans a meeting says of it; text is NFC and clean.

    Args:
        unit_id: unit that prepares it, None when the agency does.
        chair_id: person of the agency who chairs.
        place: where, in words; `room` is a room of the agency, "" when it is elsewhere.
        link: https address of a video room, "" for none.
        reply_by: by when invitees answer; not after the start.
    """

    agency_id: AgencyId
    title: str
    chair_id: PersonId
    starts_at: datetime
    ends_at: datetime
    reply_by: datetime
    place: str
    room: str = ""
    link: str = ""
    unit_id: UnitId | None = None
    agenda: tuple[AgendaItem, ...] = ()

    def check_times(self, now: datetime) -> None:
        """Check that the times can be kept.

        Raises:
            InvalidInputError: code MEETING_PAST, it has begun already; MEETING_FAR, a year
                ahead; MEETING_ENDS, an end before the start, or days after it;
                MEETING_REPLY_BY, a last day for answers that is over or after the start.
        """
        if self.starts_at <= now:
            raise InvalidInputError(
                "begins in the past", code=ErrorCode.MEETING_PAST, field="starts_on"
            )
        if self.starts_at > now + MAX_AHEAD:
            raise InvalidInputError(
                "too far ahead",
                code=ErrorCode.MEETING_FAR,
                field="starts_on",
                last=f"{local(now + MAX_AHEAD):%d/%m/%Y}",
            )
        if not self.starts_at < self.ends_at <= self.starts_at + MAX_LENGTH:
            raise InvalidInputError(
                "ends before it begins",
                code=ErrorCode.MEETING_ENDS,
                field="ends_time",
                days=str(MAX_LENGTH.days),
            )
        if not now < self.reply_by <= self.starts_at:
            raise InvalidInputError(
                "no time to answer", code=ErrorCode.MEETING_REPLY_BY, field="reply_on"
            )

    def is_moved_from(self, other: "MeetingPlan") -> bool:
        """Tell whether time or place differ, so that everybody is asked again."""
        return (self.starts_at, self.ends_at, self.place, self.room) != (
            other.starts_at,
            other.ends_at,
            other.place,
            other.room,
        )


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Hold whom a plan invites: an agency, a unit of it, or a person in it."""

    agency_id: AgencyId
    unit_id: UnitId | None = None
    person_id: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class Substitute:
    """Hold who comes instead.

    Args:
        person_id: when they are known to the house, else None.
    """

    name: str
    title: str = ""
    phone: str = ""
    person_id: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Hold what an invitee answered last.

    Args:
        reason: why they decline; may be given with the others.
        given_for: whom `given_by` stood in for, "" when nobody.
        clash: meeting at the same time that whoever answered knew of, "" for none.
    """

    answer: Answer
    given_by: PersonId
    given_by_name: str
    given_at: datetime
    reason: str = ""
    given_for: str = ""
    substitute: Substitute | None = None
    clash: str = ""


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """Hold one agency, unit or person invited.

    Args:
        call_id: business key of the invitation that asks them now; another one after a change.
        name: as it was when they were invited.
        reply: to the present time and place, None while there is none.
        is_present: as the minutes have it; None before them.
    """

    id: InviteeId
    meeting_id: MeetingId
    position: int
    agency_id: AgencyId
    name: str
    call_id: str
    unit_id: UnitId | None = None
    person_id: PersonId | None = None
    reply: Reply | None = None
    is_present: bool | None = None

    @property
    def guest(self) -> Guest:
        """Return whom it invites."""
        return Guest(agency_id=self.agency_id, unit_id=self.unit_id, person_id=self.person_id)

    def comes(self) -> bool:
        """Tell whether they said that somebody comes."""
        return self.reply is not None and self.reply.answer is not Answer.DECLINE

    def asked_again(self, call_id: str) -> "Invitee":
        """Return the invitee as asked for a new time or place."""
        return replace(self, call_id=call_id, reply=None)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Hold how many invitees answered what."""

    attend: int = 0
    substitute: int = 0
    decline: int = 0
    silent: int = 0

    @property
    def total(self) -> int:
        """Return how many were invited."""
        return self.attend + self.substitute + self.decline + self.silent


def count_answers(invitees: Iterable[Invitee]) -> Tally:
    """Return the answers of a meeting, counted."""
    counts = dict.fromkeys((*Answer, "silent"), 0)
    for invitee in invitees:
        counts[invitee.reply.answer if invitee.reply else "silent"] += 1
    return Tally(**{str(key): count for key, count in counts.items()})


@dataclass(frozen=True, kw_only=True)
class Paper:
    """Hold one paper for a meeting: a document of the agency, or a PDF of its own.

    Args:
        document_id: document it is, None for a file of its own.
        digest: of the bytes as they were when it was added.
    """

    id: PaperId
    meeting_id: MeetingId
    title: str
    digest: Digest
    size_bytes: int
    added_at: datetime
    added_by: PersonId
    document_id: DocumentId | None = None


@dataclass(frozen=True, kw_only=True)
class Clash:
    """Hold a meeting at the same time, and who or what is in both.

    Args:
        who: name of the person or the room.
        person_id: None for a room.
        agency_id: organiser of the other meeting, whose title it is.
        title: of the other meeting.
    """

    meeting_id: MeetingId
    agency_id: AgencyId
    title: str
    starts_at: datetime
    who: str
    person_id: PersonId | None = None

    def sentence(self) -> str:
        """Return it in one line, as the record keeps it."""
        return f"{self.who}: {local(self.starts_at):%H:%M %d/%m/%Y}, {self.title}"

    def seen_by(self, agency_ids: Collection[AgencyId]) -> "Clash":
        """Return it as these agencies may see it: of another's meeting only that it is there."""
        return self if self.agency_id in agency_ids else replace(self, title=BUSY)


@dataclass(kw_only=True)
class Meeting:
    """Hold one meeting through its life; `version` counts its saved states.

    Args:
        planner_id: who prepares it and writes the minutes.
        chair_name: and `chair_title` as they were when it was planned.
        revision: 0, and one more with each change of time or place or the cancelling.
        invited_at: when this revision was sent out; None before.
        clash_note: meetings at the same time that were known and accepted, one a line.
        invitation_id: giấy mời that goes out for it, None without.
        conclusion_id: notice of its conclusions, None without.
        minutes: what was said; `conclusions` what was decided, both of many lines.
        reason: why it was changed or cancelled last.
        replaced_by: meeting that takes place instead of a cancelled one.
    """

    id: MeetingId
    plan: MeetingPlan
    planner_id: PersonId
    chair_name: str
    chair_title: str
    state: MeetingState
    created_at: datetime
    updated_at: datetime
    version: int = 0
    revision: int = 0
    invited_at: datetime | None = None
    clash_note: str = ""
    invitation_id: DocumentId | None = None
    conclusion_id: DocumentId | None = None
    minutes: str = ""
    conclusions: str = ""
    minuted_at: datetime | None = None
    reason: str = ""
    replaced_by: MeetingId | None = None
    orders_given: int = 0
    papers: tuple[Paper, ...] = field(default_factory=tuple)

    def check_state(self, *allowed: MeetingState) -> None:
        """Check that the meeting has come as far as `allowed`, and no further.

        Raises:
            ConflictError: code MEETING_STATE.
        """
        if self.state not in allowed:
            raise ConflictError(
                f"meeting {self.id} is {self.state}",
                code=ErrorCode.MEETING_STATE,
                state=self.state.value,
            )

    def check_answerable(self, now: datetime) -> None:
        """Check that an answer can still be taken.

        Raises:
            ConflictError: code MEETING_STATE, nobody is invited or it is cancelled; code
                MEETING_BEGUN, it has begun: what happened is in the minutes.
        """
        if self.state in {MeetingState.PLANNED, MeetingState.CANCELLED}:
            self.check_state(MeetingState.INVITED)
        if self.state is not MeetingState.INVITED or now >= self.plan.starts_at:
            raise ConflictError(
                f"meeting {self.id} has begun",
                code=ErrorCode.MEETING_BEGUN,
                at=f"{local(self.plan.starts_at):%H:%M %d/%m/%Y}",
            )

    def move(self, state: MeetingState, now: datetime) -> None:
        """Move the meeting on."""
        self.state = state
        self.updated_at = now


def reply_of(
    answer: Answer,
    *,
    actor: Actor,
    now: datetime,
    reason: str,
    substitute: Substitute | None,
) -> Reply:
    """Return an answer that says what it has to.

    Raises:
        InvalidInputError: declined without a reason, or nobody named who comes instead.
    """
    if answer is Answer.DECLINE and not reason:
        raise InvalidInputError("no reason", code=ErrorCode.REASON_MISSING, field="reason")
    if answer is Answer.SUBSTITUTE and substitute is None:
        raise InvalidInputError("nobody", code=ErrorCode.INPUT_MISSING, field="substitute_name")
    return Reply(
        answer=answer,
        given_by=actor.person_id,
        given_by_name=actor.full_name,
        given_at=now,
        reason=reason,
        substitute=substitute if answer is Answer.SUBSTITUTE else None,
    )
