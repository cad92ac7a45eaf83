"""Name what the procedures of leadership direction need: assignments, reports, extensions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from engine.model.assignment import (
    Assignment,
    AssignmentId,
    AssignmentState,
    Extension,
    ExtensionId,
    Party,
    ProgressReport,
    SourceKind,
    Standing,
)
from engine.model.document import DocumentId
from engine.model.organisation import Actor, AgencyId, PersonId
from engine.model.urgency import Urgency
from engine.paging import Page


class Part(StrEnum):
    """Name what somebody has to do with an assignment, as lists ask for it."""

    GIVEN = "given"
    LED = "led"
    COOPERATING = "cooperating"
    TRACKED = "tracked"


@dataclass(frozen=True, kw_only=True)
class AssignmentRow:
    """Hold one line of a list of assignments, ready to show.

    Args:
        lead_name: of the person, else the unit, else the agency.
        standing, overdue_days: on the day the list was asked for.
        restricted: it came from a document for internal circulation that is not the reader's to
            see; `content` is empty.
    """

    id: AssignmentId
    number: int
    year: int
    agency_id: AgencyId
    content: str
    urgency: Urgency
    assigner_name: str
    lead: Party
    lead_name: str
    due_on: date | None
    given_at: datetime
    state: AssignmentState
    standing: Standing
    overdue_days: int
    percent: int
    document_id: DocumentId | None
    symbol: str
    restricted: bool = False


class Assignments(Protocol):
    """Keep assignments, what was reported on them and requests for more time."""

    def take_number(self, agency_id: AgencyId, year: int) -> int:
        """Return the next number; call it late, a rollback gives the number back."""
        ...

    def add(self, assignment: Assignment) -> None: ...
    def get(self, assignment_id: AssignmentId) -> Assignment:
        """Return the assignment.

        Raises:
            NotFoundError: code ASSIGNMENT_NOT_FOUND.
        """
        ...

    def save(self, assignment: Assignment) -> None:
        """Write the assignment if nobody wrote it since it was read; `version` grows by one.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        ...

    def list_children(self, assignment_id: AssignmentId) -> Sequence[Assignment]:
        """Return the assignments given on behalf of one, oldest first."""
        ...

    def list_on_source(self, kind: SourceKind, source_id: str) -> Sequence[Assignment]:
        """Return the assignments that come from a delivery, a document or a meeting."""
        ...

    def list_on_document(self, document_id: DocumentId) -> Sequence[Assignment]:
        """Return the assignments that a document stands behind or closes, oldest first."""
        ...

    def list_rows(
        self,
        actor: Actor,
        part: Part,
        today: date,
        *,
        standing: Standing | None = None,
        cursor: str = "",
        limit: int = 50,
    ) -> Page[AssignmentRow]:
        """Return assignments the actor has a part in, the newest first."""
        ...

    def add_report(self, report: ProgressReport) -> None: ...
    def list_reports(self, assignment_id: AssignmentId) -> Sequence[ProgressReport]: ...
    def add_extension(self, extension: Extension) -> None: ...
    def get_extension(self, extension_id: ExtensionId) -> Extension: ...
    def save_extension(self, extension: Extension) -> None:
        """Write the decision, once.

        Raises:
            ConflictError: code EXTENSION_CLOSED; it is decided already.
        """
        ...

    def list_extensions(self, assignment_id: AssignmentId) -> Sequence[Extension]:
        """Return the requests for more time, oldest first."""
        ...

    def count_open_children(self, assignment_id: AssignmentId) -> int: ...
    def list_open_of(self, person_id: PersonId) -> Sequence[Assignment]:
        """Return the open assignments a person gave, the nearest deadline first."""
        ...
