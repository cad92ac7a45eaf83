"""Describe the boards: how assignments stand, counted for a leader, a unit, an agency, the city.

Nothing here is a copy that lags: a board is what the rows say on the day it is asked for.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from engine.errors import ErrorCode, InvalidInputError
from engine.model.assignment import Standing
from engine.model.organisation import Actor, AgencyId, PersonId, UnitId
from engine.model.urgency import Urgency
from engine.paging import Page
from engine.ports_direction import AssignmentRow

FIRST_YEAR, LAST_YEAR = 2000, 2999
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")

#: The six ways of the report, in the order of its columns.
SIX_WAYS = (
    Standing.DONE_IN_TIME,
    Standing.DONE_LATE,
    Standing.RUNNING_IN_TIME,
    Standing.RUNNING_OVERDUE,
    Standing.NO_DEADLINE,
    Standing.EXTENSION_ASKED,
)


class BoardKind(StrEnum):
    """Name whose assignments a board counts.

    CITY by the agency that leads, AGENCY what it leads by unit, UNIT what it leads by officer,
    GIVEN what a person gave by who leads, OWN what a person leads by who gave it.
    """

    CITY = "thanh-pho"
    AGENCY = "co-quan"
    UNIT = "don-vi"
    GIVEN = "toi-giao"
    OWN = "cua-toi"


@dataclass(frozen=True, order=True)
class Month:
    """Hold one month of the calendar."""

    year: int
    number: int

    def __post_init__(self) -> None:
        """Check that there is such a month.

        Raises:
            InvalidInputError: code PERIOD_RANGE; there is none, or nothing was given so long ago.
        """
        if self.number not in range(1, 13) or self.year not in range(FIRST_YEAR, LAST_YEAR + 1):
            raise InvalidInputError(
                f"month {self.year}-{self.number}", code=ErrorCode.PERIOD_RANGE
            )

    @classmethod
    def of(cls, day: date) -> "Month":
        """Return the month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Return the month written as `2026-03`.

        Raises:
            InvalidInputError: code PERIOD_RANGE; not such a text.
        """
        if not _MONTH.fullmatch(text):
            raise InvalidInputError("not a month", code=ErrorCode.PERIOD_RANGE)
        return cls(int(text[:4]), int(text[5:]))

    def __str__(self) -> str:
        """Return it as `2026-03`."""
        return f"{self.year:04}-{self.number:02}"


@dataclass(frozen=True, kw_only=True)
class Period:
    """Hold the months in which assignments were given; None leaves that end open."""

    first: Month | None = None
    last: Month | None = None

    def __post_init__(self) -> None:
        """Check that it does not end before it begins.

        Raises:
            InvalidInputError: code PERIOD_REVERSED.
        """
        if self.first and self.last and self.last < self.first:
            raise InvalidInputError("period ends first", code=ErrorCode.PERIOD_REVERSED)

    def parts(self, today: date) -> tuple[str, ...]:
        """Return the fewest whole years, quarters and months that make it up; "" is all time.

        Args:
            today: nothing is given later, so what reaches this month reaches its year's end.
        """
        if self.first is None and self.last is None:
            return ("",)
        first = self.first or Month(FIRST_YEAR, 1)
        last = self.last or Month.of(today)
        if last >= Month.of(today):
            last = Month(today.year, 12)
        parts: list[str] = []
        for year in range(first.year, last.year + 1):
            since = first.number if year == first.year else 1
            until = last.number if year == last.year else 12
            parts += _parts_of_year(year, since, until)
        return tuple(parts)


def parts_around(month: Month) -> tuple[str, str, str, str]:
    """Return the parts a month belongs to, from all time to itself; as `Period.parts`."""
    quarter = (month.number + 2) // 3
    return "", f"{month.year:04}", f"{month.year:04}-Q{quarter}", str(month)


def _parts_of_year(year: int, since: int, until: int) -> list[str]:
    if (since, until) == (1, 12):
        return [f"{year:04}"]
    parts: list[str] = []
    number = since
    while number <= until:
        is_quarter = number % 3 == 1 and number + 2 <= until
        parts.append(parts_around(Month(year, number))[2 if is_quarter else 3])
        number += 3 if is_quarter else 1
    return parts


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Hold how much of somebody else's own board a reader sees.

    Args:
        agencies: of those that lead, or on a GIVEN board that give.
        units: each with its agency: what they lead, and what there has a person but no unit.
    """

    agencies: frozenset[AgencyId] = frozenset()
    units: frozenset[tuple[AgencyId, UnitId]] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Assigner:
    """Hold whose assignments are looked up.

    Args:
        agency_ids: in whose name they gave them; None for wherever they did.
    """

    person_id: PersonId
    agency_ids: frozenset[AgencyId] | None = None


@dataclass(frozen=True, kw_only=True)
class BoardQuery:
    """Hold which board is asked for.

    Args:
        scope_id: of the agency, unit or person; "" for the city.
        period: in which they were given, by the calendar of Việt Nam.
        reach: narrows a GIVEN or OWN board that is not the reader's; None shows all of it.
    """

    kind: BoardKind
    scope_id: str = ""
    period: Period = Period()
    assigner_id: PersonId | None = None
    urgency: Urgency | None = None
    reach: Reach | None = None


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """Hold one line of a board.

    Args:
        key: `agency:…`, `unit:…` or `person:…`; "" for the sum of all lines.
        counts: assignments in each of the six ways; nothing that was cancelled.
        longest_days: calendar days by which the latest of the running ones is overdue.
    """

    key: str
    name: str
    counts: Mapping[Standing, int]
    longest_days: int = 0

    @property
    def total(self) -> int:
        """Return how many there are, cancelled ones left out."""
        return sum(self.counts.values())

    @property
    def overdue(self) -> int:
        """Return how many run and are overdue."""
        return self.counts.get(Standing.RUNNING_OVERDUE, 0)

    @property
    def overdue_rate(self) -> float:
        """Return the share that runs and is overdue of all that were given, 0 to 1."""
        return self.overdue / self.total if self.total else 0.0


@dataclass(frozen=True, kw_only=True)
class BoardTable:
    """Hold a board: its lines, the most overdue first, and their sum."""

    rows: Sequence[BoardRow]
    sum: BoardRow

    def ranked(self) -> list[BoardRow]:
        """Return the lines with something overdue: highest rate, then most, then longest."""
        late = [row for row in self.rows if row.overdue]
        return sorted(late, key=lambda r: (-r.overdue_rate, -r.overdue, -r.longest_days, r.name))


class Waiting(StrEnum):
    """Name what of a running assignment waits for its assigner."""

    EXTENSION = "extension"
    CONFIRMATION = "confirmation"
    RETURNED = "returned"


@dataclass(frozen=True, kw_only=True)
class WaitingRow:
    """Hold one assignment that waits for a word of its assigner.

    Args:
        since: when it was asked, reported or returned.
        asked_until: the day asked for, None when it is no request for more time.
    """

    assignment: AssignmentRow
    assigner_id: PersonId
    since: datetime
    asked_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class BoardHead:
    """Hold how a board's scope is called, and who gave what it counts.

    Args:
        agency_id: agency the scope belongs to; None for the city and for a person.
        unit_id: unit the scope is; None unless it is one.
    """

    scope_name: str
    agency_id: AgencyId | None = None
    unit_id: UnitId | None = None
    assigners: Sequence[tuple[PersonId, str]] = ()


@dataclass(frozen=True, kw_only=True)
class TallyFault:
    """Hold one number of the tally that the assignments do not bear out."""

    what: str
    kept: Mapping[str, int] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)


class Boards(Protocol):
    """Answer the questions of the boards, each at the same cost however much there is."""

    def read_board(self, query: BoardQuery, today: date) -> BoardTable:
        """Return the board as it stands on `today`."""
        ...

    def list_cell(
        self,
        query: BoardQuery,
        today: date,
        *,
        row_key: str = "",
        standing: Standing | None = None,
        reader: Actor | None = None,
        cursor: str = "",
        limit: int = 50,
    ) -> Page[AssignmentRow]:
        """Return the assignments behind a cell: the longest overdue first, else the newest.

        Args:
            row_key: of a line of this board; "" for all lines.
            standing: one of the six ways; None for a whole line.
            reader: who gets to read it; what came from documents for internal circulation says
                nothing to those it is not for, nor to None.

        Raises:
            InvalidInputError: no key of such a board, or a cursor of another list.
        """
        ...

    def list_waiting(
        self, assigners: Collection[Assigner], waiting: Waiting, today: date, *, limit: int = 50
    ) -> Sequence[WaitingRow]:
        """Return what waits for a word of the assigners, the oldest first."""
        ...

    def count_waiting(self, assigners: Collection[Assigner]) -> Mapping[Waiting, int]:
        """Return how much waits for a word of the assigners."""
        ...

    def read_head(self, query: BoardQuery) -> BoardHead:
        """Return how the board's scope is called and what its filters offer.

        Raises:
            NotFoundError: code AGENCY_NOT_FOUND; there is no such agency, unit or person.
        """
        ...

    def check_tally(self) -> Sequence[TallyFault]:
        """Count everything anew and return what the tally says otherwise; nothing is written."""
        ...

    def rebuild_tally(self) -> int:
        """Count everything anew and keep that; return how many assignments were counted."""
        ...
