"""Name what reports ask of the rows: counts, the things behind a count, the lines of registers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from engine.model.delivery import DeliveryStatus
from engine.model.indicators import Assumptions, IndicatorId, Period, Side
from engine.model.organisation import Actor, AgencyId, PersonId
from engine.model.register import EntryState, RegisterBook
from engine.paging import Page
from engine.ports_signing import HolderKind

Agencies = Sequence[AgencyId]


class RegisterReport(StrEnum):
    """Name the registers that can be read for a period.

    Source: Decree 30/2020/NĐ-CP, Appendix IV.
    """

    OUTGOING = "di"
    ARRIVALS = "den"
    COPIES = "sao"
    FOLLOW_UP = "theo-doi"


@dataclass(frozen=True, kw_only=True)
class RegisterQuery:
    """Say which lines of a register are wanted.

    Args:
        period: days the number was given on.
        series: "" for all.
    """

    agency_id: AgencyId
    register: RegisterReport
    period: Period
    series: str = ""


@dataclass(frozen=True, kw_only=True)
class RegisterLine:
    """Hold one line of a register with all its columns; those of other registers are empty.

    Args:
        entered_at: when the number was given; of an arrival, when it came into the book.
        counterpart: recipients in short (outgoing), the author (arrivals).
        unit_name: who keeps the copy (outgoing), who handles it (arrivals).
        copies: recipients of the electronic original.
        forwarded_at: when it went to unit or person; `accepted_at` when they took it on.
        answer: number and symbol of the document that answers it.
        reason: why a number is void.
    """

    book: RegisterBook
    series: str
    number: int
    suffix: str
    state: EntryState
    subject_id: str
    symbol: str
    dated_on: date
    title: str
    signatory: str
    counterpart: str
    entered_at: datetime
    reason: str
    unit_name: str = ""
    person_name: str = ""
    copies: int = 0
    forwarded_at: datetime | None = None
    accepted_at: datetime | None = None
    due_on: date | None = None
    status: DeliveryStatus | None = None
    answer: str = ""
    result: str = ""


@dataclass(frozen=True, kw_only=True)
class EntryCount:
    """Hold the numbers of one book that one agency gave in one week; void ones are not in."""

    agency_id: AgencyId
    book: RegisterBook
    since: date
    count: int


@dataclass(frozen=True, kw_only=True)
class AgencyCount:
    """Hold a numerator and a denominator of one agency."""

    agency_id: AgencyId
    counted: int
    total: int


@dataclass(frozen=True, kw_only=True)
class StepCount:
    """Hold the steps of people that took about equally long.

    Args:
        stretch: of time, see `engine.model.indicators.stretch_of`.
        minutes: all of them together, each to the minute.
        due: how many had a deadline; `on_time` how many of them kept it.
        returned: how many ended with a return or a refusal.
    """

    procedure_id: str
    node_id: str
    stretch: int
    count: int
    minutes: int
    due: int
    on_time: int
    returned: int


@dataclass(frozen=True, kw_only=True)
class HolderCount:
    """Hold the certificates issued to one kind of holder: up to a moment, and in a period."""

    kind: HolderKind
    until: int
    within: int


@dataclass(frozen=True, kw_only=True)
class ProcedureCount:
    """Hold the instances of one procedure; overdue ones run and have a step past its deadline."""

    procedure_id: str
    instances: int
    completed: int
    overdue: int


@dataclass(frozen=True, kw_only=True)
class BehindRow:
    """Hold one thing behind a number.

    Args:
        kind: what `subject_id` is the id of.
        counted: whether it is in the numerator.
        at: when it was counted: issued, sent, registered, done; the deadline of an assignment.
        restricted: it is, or came from, a document for internal circulation that is not the
            reader's to see; it has no title and is not to be opened.
    """

    kind: "BehindKind"
    subject_id: str
    symbol: str
    title: str
    agency_name: str
    at: datetime
    counted: bool
    restricted: bool = False


class BehindKind(StrEnum):
    """Name what stands behind numbers."""

    DOCUMENT = "document"
    DELIVERY = "delivery"
    ASSIGNMENT = "assignment"
    CERTIFICATE = "certificate"
    MEETING = "meeting"
    SCHEDULE = "schedule"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class BehindQuery:
    """Say what behind which number is wanted.

    Args:
        agency_ids: whose; sorted.
        part: key of a slice that is no agency, "" for all of them.
        is_city: they are all the city's; certificates of whoever then count too.
        reader: who gets to read it; None is told nothing that circulates internally.
    """

    indicator: IndicatorId
    period: Period
    agency_ids: tuple[AgencyId, ...]
    part: str = ""
    side: Side = Side.ALL
    today: date
    is_city: bool = False
    reader: Actor | None = None


class Reports(Protocol):
    """Count and list; every answer is computed from the rows of this transaction."""

    def count_entries(self, agencies: Agencies, weeks: Sequence[Period]) -> Sequence[EntryCount]:
        """Return how many numbers each agency gave in each week, in both books."""
        ...

    def count_sent(self, agencies: Agencies, period: Period) -> Sequence[AgencyCount]:
        """Return per sender how many deliveries were sent, and how many were registered."""
        ...

    def count_forwarded(self, agencies: Agencies, period: Period) -> Sequence[AgencyCount]:
        """Return per recipient how many arrivals were registered, and how many forwarded."""
        ...

    def count_certificates(
        self, agencies: Agencies | None, period: Period
    ) -> Sequence[HolderCount]:
        """Return the certificates issued to agencies and people; None counts every holder."""
        ...

    def count_steps(self, agencies: Agencies, period: Period) -> Sequence[StepCount]:
        """Return the steps people ended in the period."""
        ...

    def count_assignments(
        self, agencies: Agencies, period: Period, today: date
    ) -> Sequence[AgencyCount]:
        """Return per lead agency the assignments due in the period, and those done in time.

        One that still runs counts from the day after its deadline on.
        """
        ...

    def count_procedures(self, now: datetime) -> Sequence[ProcedureCount]: ...

    def list_behind(
        self, query: BehindQuery, *, cursor: str = "", limit: int = 50
    ) -> Page[BehindRow]:
        """Return one page of the things behind a number, the newest first."""
        ...

    def list_lines(
        self, query: RegisterQuery, *, cursor: str = "", limit: int = 100
    ) -> Page[RegisterLine]:
        """Return one page of a register in the order of its numbers, void ones included."""
        ...

    def iter_lines(self, query: RegisterQuery) -> Iterator[RegisterLine]:
        """Yield a register line by line, so that a year is never in memory as a whole."""
        ...

    def count_lines(self, query: RegisterQuery) -> int: ...
    def count_series(self, query: RegisterQuery) -> Mapping[str, int]:
        """Return how many lines each series has in the period, whichever one is asked for."""
        ...

    def get_assumptions(self) -> Assumptions:
        """Return the assumptions in force; the defaults of the house when nobody changed them."""
        ...

    def add_assumptions(self, assumptions: Assumptions, changed_by: PersonId) -> None:
        """Put changed assumptions in force; earlier ones stay on record."""
        ...
