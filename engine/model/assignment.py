"""Describe an assignment (nhiệm vụ được giao): what a leader asks of one lead, and by when.

How an assignment stands against its deadline is never stored: it is told from the deadline, the
day it was reported done and the day one asks.

Source: Decision 42/2014/QĐ-TTg on following up assigned tasks; Decree 30/2020/NĐ-CP, Art. 23.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from engine.clock import local
from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.document import DocumentId
from engine.model.organisation import Actor, AgencyId, PersonId, UnitId
from engine.model.urgency import Urgency

AssignmentId = NewType("AssignmentId", str)
ExtensionId = NewType("ExtensionId", str)

#: Procedure each assignment runs as; its business key is the id of the assignment.
DIRECTION_PROCEDURE = "direction"
MAX_CONTENT_CHARS = 2000
MAX_COOPERATORS = 40


class SourceKind(StrEnum):
    """Name what an assignment comes from."""

    DELIVERY = "delivery"
    DOCUMENT = "document"
    MEETING = "meeting"
    ASSIGNMENT = "assignment"
    NONE = "none"


class AssignmentState(StrEnum):
    """Name what has become of an assignment; the process decides, this is what it said last."""

    GIVEN = "given"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    REPORTED = "reported"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


#: Nothing more is done about these.
CLOSED_STATES = frozenset({AssignmentState.COMPLETED, AssignmentState.CANCELLED})


class Standing(StrEnum):
    """Name how an assignment stands on a day: the six ways of the report, and cancelled."""

    DONE_IN_TIME = "done_in_time"
    DONE_LATE = "done_late"
    RUNNING_IN_TIME = "running_in_time"
    RUNNING_OVERDUE = "running_overdue"
    NO_DEADLINE = "no_deadline"
    EXTENSION_ASKED = "extension_asked"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Party:
    """Hold who works on an assignment: an agency, a unit of it, or a person in it.

    Args:
        unit_id: None for the agency as a whole; of a person, the unit they work in.
        person_id: None for an agency or a unit.
    """

    agency_id: AgencyId
    unit_id: UnitId | None = None
    person_id: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """Hold what an assignment comes from.

    Args:
        id: of the delivery, document, meeting or parent assignment; "" for none.
        document_id: document that stands behind it, None when there is none.
    """

    kind: SourceKind = SourceKind.NONE
    id: str = ""
    document_id: DocumentId | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """Hold what a leader asks; text is NFC and clean.

    Args:
        lead: the one who answers for it.
        due_on: last day; None only together with `no_deadline`.
        no_deadline: says on purpose that there is none.
        quoted: sentence of the source it follows from.
        product: what is to come of it, such as a report.
        tracker_id: who follows it up for the assigner.
    """

    content: str
    lead: Party
    cooperators: tuple[Party, ...] = ()
    due_on: date | None = None
    no_deadline: bool = False
    product: str = ""
    urgency: Urgency = Urgency.NORMAL
    quoted: str = ""
    source: Source = Source()
    parent_id: AssignmentId | None = None
    tracker_id: PersonId | None = None

    def check_parties(self) -> None:
        """Check that there is one lead, and nobody twice.

        Raises:
            InvalidInputError: code ASSIGNMENT_LEADS, a party leads and co-operates as well;
                code ASSIGNMENT_PARTIES, one is named twice or there are too many.
        """
        # A person is one whether their unit is named with them or not.
        others = [each.person_id or each for each in self.cooperators]
        if (self.lead.person_id or self.lead) in others:
            raise InvalidInputError("the lead co-operates", code=ErrorCode.ASSIGNMENT_LEADS)
        if len(set(others)) < len(others):
            raise InvalidInputError("co-operator twice", code=ErrorCode.ASSIGNMENT_PARTIES)
        if len(self.cooperators) > MAX_COOPERATORS:
            raise InvalidInputError("too many co-operators", code=ErrorCode.ASSIGNMENT_PARTIES)


@dataclass(frozen=True, kw_only=True)
class ProgressReport:
    """Hold what a lead or a co-operator reported; never changed.

    Args:
        percent: 0 to 100, how far it is.
        evidence_document_id: issued document that shows it.
        is_final: asks the assigner to confirm that it is done.
    """

    assignment_id: AssignmentId
    sequence: int
    author_id: PersonId
    author_name: str
    party: Party
    at: datetime
    percent: int
    text: str
    evidence_document_id: DocumentId | None = None
    is_final: bool = False


@dataclass(frozen=True, kw_only=True)
class Extension:
    """Hold one request for more time, and the decision on it.

    Args:
        new_due_on: day asked for; `granted_due_on` the day granted, which may be another.
        granted: None while nobody has decided.
    """

    id: ExtensionId
    assignment_id: AssignmentId
    asked_by: PersonId
    asked_by_name: str
    asked_at: datetime
    reason: str
    old_due_on: date
    new_due_on: date
    granted: bool | None = None
    granted_due_on: date | None = None
    decided_by: PersonId | None = None
    decided_by_name: str = ""
    decided_at: datetime | None = None
    note: str = ""

    def decided(
        self, *, actor: Actor, now: datetime, due_on: date | None, note: str
    ) -> "Extension":
        """Return the request with its decision; `due_on` None refuses it.

        Raises:
            ConflictError: code EXTENSION_CLOSED; it is decided already.
        """
        if self.granted is not None:
            raise ConflictError(f"extension {self.id}", code=ErrorCode.EXTENSION_CLOSED)
        return replace(
            self,
            granted=due_on is not None,
            granted_due_on=due_on,
            decided_by=actor.person_id,
            decided_by_name=actor.full_name,
            decided_at=now,
            note=note,
        )


@dataclass(kw_only=True)
class Assignment:
    """Hold one assignment through its life; `version` counts its saved states.

    Args:
        agency_id: agency whose leader gives it; `number` is dense in it and `year`.
        first_due_on: deadline it was given with; `due_on` the one in force.
        reported_at: when the lead reported it done for the last time, None before.
        extension_open: a request for more time waits for a decision.
        extensions_asked: requests so far, refused ones included.
        closing_document_id: issued document that closes it, such as the answer.
    """

    id: AssignmentId
    agency_id: AgencyId
    year: int
    number: int
    assigner_id: PersonId
    assigner_name: str
    content: str
    quoted: str
    product: str
    urgency: Urgency
    lead: Party
    cooperators: tuple[Party, ...]
    due_on: date | None
    first_due_on: date | None
    given_at: datetime
    updated_at: datetime
    source: Source
    parent_id: AssignmentId | None = None
    tracker_id: PersonId | None = None
    state: AssignmentState = AssignmentState.GIVEN
    accepted_at: datetime | None = None
    reported_at: datetime | None = None
    completed_at: datetime | None = None
    closing_document_id: DocumentId | None = None
    extension_open: bool = False
    extensions_asked: int = 0
    version: int = 0

    def check_state(self, *allowed: AssignmentState) -> None:
        """Check that the assignment is in one of the states `allowed`.

        Raises:
            ConflictError: code ASSIGNMENT_STATE; it has moved on.
        """
        if self.state not in allowed:
            raise ConflictError(
                f"assignment {self.id} is {self.state}",
                code=ErrorCode.ASSIGNMENT_STATE,
                state=self.state,
            )

    def check_open(self) -> None:
        """Check that it is neither completed nor cancelled.

        Raises:
            ConflictError: code ASSIGNMENT_STATE.
        """
        self.check_state(*(frozenset(AssignmentState) - CLOSED_STATES))

    def done_on(self) -> date | None:
        """Return the day that counts against the deadline: when the lead reported it done."""
        at = self.reported_at or self.completed_at
        return local(at).date() if at is not None else None

    def standing(self, today: date) -> Standing:
        """Return how it stands on `today`."""
        return standing_of(
            self.state,
            due_on=self.due_on,
            done_on=self.done_on(),
            extension_open=self.extension_open,
            today=today,
        )

    def overdue_days(self, today: date) -> int:
        """Return by how many calendar days it is, or was, late; 0 when it is not."""
        return overdue_days_of(self.state, due_on=self.due_on, done_on=self.done_on(), today=today)


def standing_of(
    state: AssignmentState,
    *,
    due_on: date | None,
    done_on: date | None,
    extension_open: bool,
    today: date,
) -> Standing:
    """Return how an assignment stands on `today`.

    What is reported but not confirmed runs on, and its day of report counts: the lead is not late
    because the assigner has not looked yet.
    """
    if state is AssignmentState.CANCELLED:
        return Standing.CANCELLED
    is_late = overdue_days_of(state, due_on=due_on, done_on=done_on, today=today) > 0
    if state is AssignmentState.COMPLETED:
        return Standing.DONE_LATE if is_late else Standing.DONE_IN_TIME
    if is_late:
        return Standing.RUNNING_OVERDUE
    if extension_open:
        return Standing.EXTENSION_ASKED
    return Standing.NO_DEADLINE if due_on is None else Standing.RUNNING_IN_TIME


def overdue_days_of(
    state: AssignmentState, *, due_on: date | None, done_on: date | None, today: date
) -> int:
    """Return by how many calendar days an assignment is, or was, late; 0 when it is not."""
    if due_on is None or state is AssignmentState.CANCELLED:
        return 0
    counted = done_on if state in _AWAITS_NOTHING_OF_THE_LEAD else today
    return max((counted - due_on).days, 0) if counted is not None else 0


_AWAITS_NOTHING_OF_THE_LEAD = frozenset({AssignmentState.REPORTED, AssignmentState.COMPLETED})
