"""Keep the tallies behind the boards: counted in the transaction that changes an assignment.

An assignment is counted on each board it belongs to (the city's, its agency's, its unit's, its
assigner's, its officer's), for all time, for its year, quarter and month, and on the first three
also by who gave it. A board then adds up a few dozen rows, whether there are two thousand
assignments or two million. What becomes overdue at midnight changes no row: what runs is held
apart with its deadline, and a board counts those whose deadline is past.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.clock import local
from engine.model.assignment import (
    CLOSED_STATES,
    AssignmentState,
    Standing,
    overdue_days_of,
    standing_of,
)
from engine.model.urgency import Urgency
from engine.ports_boards import BoardKind, Month, TallyFault, Waiting, parts_around
from storage.tables.direction import assignment
from storage.tables.tally import COUNTED, assignment_tally, running_assignment

_BATCH_ROWS = 5_000
#: No deadline lies before it: what was reported late is late on every day one may ask for.
_LONG_AGO = date.min
_KEYS = tuple(column.name for column in assignment_tally.primary_key)
_COLUMNS = (
    assignment.c.id,
    assignment.c.agency_id,
    assignment.c.assigner_id,
    assignment.c.urgency,
    assignment.c.lead_agency_id,
    assignment.c.lead_unit_id,
    assignment.c.lead_person_id,
    assignment.c.due_on,
    assignment.c.done_on,
    assignment.c.given_at,
    assignment.c.updated_at,
    assignment.c.reported_at,
    assignment.c.state,
    assignment.c.extension_open,
)
_READ = sa.select(*_COLUMNS).where(assignment.c.id == sa.bindparam("key"))
_FORGET = sa.delete(running_assignment).where(
    running_assignment.c.assignment_id == sa.bindparam("key")
)

#: Key of a row of the tally, in the order of its columns.
Key = tuple[BoardKind, str, str, str, str, Urgency]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Hold what the tallies read of one assignment; names its columns."""

    id: str
    agency_id: str
    assigner_id: str
    urgency: Urgency
    lead_agency_id: str
    lead_unit_id: str | None
    lead_person_id: str | None
    due_on: date | None
    done_on: date | None
    given_at: datetime
    updated_at: datetime
    reported_at: datetime | None
    state: AssignmentState
    extension_open: bool

    def standing(self) -> Standing:
        """Return how it stands before its deadline; the boards tell whether that is past."""
        is_closed = self.state in CLOSED_STATES
        return standing_of(
            self.state if is_closed else AssignmentState.GIVEN,
            due_on=self.due_on,
            done_on=self.done_on,
            extension_open=self.extension_open,
            today=_LONG_AGO,
        )

    def month(self) -> Month:
        """Return in which month it was given, by the calendar of Việt Nam."""
        return Month.of(local(self.given_at).date())

    def late_days(self) -> int | None:
        """Return by how many days it was late when it was reported; None if it was not."""
        if self.state is not AssignmentState.REPORTED:
            return None
        return (
            overdue_days_of(self.state, due_on=self.due_on, done_on=self.done_on, today=_LONG_AGO)
            or None
        )

    def late_after(self) -> date | None:
        """Return the last day on which it is not overdue; None if it cannot become so."""
        if self.late_days():
            return _LONG_AGO
        return None if self.state is AssignmentState.REPORTED else self.due_on

    def rows(self) -> Mapping[BoardKind, str]:
        """Return the line it belongs to on each kind of board."""
        unit = f"unit:{self.lead_unit_id}" if self.lead_unit_id else ""
        person = f"person:{self.lead_person_id}" if self.lead_person_id else ""
        agency = f"agency:{self.lead_agency_id}"
        is_inside = self.lead_agency_id == self.agency_id
        return {
            BoardKind.CITY: agency,
            BoardKind.AGENCY: unit or person or agency,
            BoardKind.UNIT: person or unit or agency,
            BoardKind.GIVEN: (unit or person or agency) if is_inside else agency,
            BoardKind.OWN: f"person:{self.assigner_id}",
        }

    def tally_keys(self) -> Iterator[Key]:
        """Yield the key of each row of the tally that counts it."""
        periods = parts_around(self.month())
        everybody = ("",)
        by_assigner = ("", self.assigner_id)
        scopes = {
            BoardKind.CITY: ("", by_assigner),
            BoardKind.AGENCY: (self.lead_agency_id, by_assigner),
            BoardKind.UNIT: (self.lead_unit_id, by_assigner),
            BoardKind.GIVEN: (self.assigner_id, everybody),
            BoardKind.OWN: (self.lead_person_id, everybody),
        }
        rows = self.rows()
        for board, (scope, assigners) in scopes.items():
            if scope is None:
                continue
            for period in periods:
                for assigner in assigners:
                    yield board, scope, period, assigner, rows[board], self.urgency

    def running(self) -> dict[str, Any] | None:
        """Return its row among what still runs; None when it is closed."""
        if self.state in CLOSED_STATES:
            return None
        rows = self.rows()
        waiting = Waiting.EXTENSION if self.extension_open else None
        since = self.updated_at if self.extension_open else self.given_at
        if self.state is AssignmentState.REPORTED:
            waiting, since = Waiting.CONFIRMATION, self.reported_at or self.updated_at
        if self.state is AssignmentState.RETURNED:
            waiting, since = Waiting.RETURNED, self.updated_at
        return {
            "assignment_id": self.id,
            "standing": self.standing(),
            "given_at": self.given_at,
            "due_on": self.due_on,
            "late_after": self.late_after(),
            "late_days": self.late_days(),
            "urgency": self.urgency,
            "given_month": str(self.month()),
            "agency_id": self.agency_id,
            "assigner_id": self.assigner_id,
            "lead_agency_id": self.lead_agency_id,
            "lead_unit_id": self.lead_unit_id,
            "lead_person_id": self.lead_person_id,
            "city_row": rows[BoardKind.CITY],
            "agency_row": rows[BoardKind.AGENCY],
            "unit_row": rows[BoardKind.UNIT],
            "given_row": rows[BoardKind.GIVEN],
            "own_row": rows[BoardKind.OWN],
            "waiting": waiting,
            "since": since,
        }


def read_fact(connection: sa.Connection, assignment_id: str) -> Fact | None:
    """Return what the tallies have counted of an assignment; None while it is not stored."""
    row = connection.execute(_READ, {"key": assignment_id}).mappings().first()
    return Fact(**row) if row is not None else None


def recount(connection: sa.Connection, assignment_id: str, before: Fact | None) -> None:
    """Take an assignment out of the tallies as it was, and count it as it is now.

    Args:
        before: what was stored before the transaction changed it, None when it is new.
    """
    after = read_fact(connection, assignment_id)
    if after is None or after == before:
        return
    changes: dict[Key, Counter[Standing]] = defaultdict(Counter)
    _count((after,), changes)
    if before is not None:
        _count((before,), changes, by=-1)
    _add(connection, changes)
    if before is not None:
        connection.execute(_FORGET, {"key": assignment_id})
    if running := after.running():
        connection.execute(sa.insert(running_assignment), running)


def rebuild(connection: sa.Connection) -> int:
    """Count every assignment anew and keep that; return how many there are."""
    connection.execute(sa.delete(assignment_tally))
    connection.execute(sa.delete(running_assignment))
    changes: dict[Key, Counter[Standing]] = defaultdict(Counter)
    total = 0
    for facts in _list_facts(connection):
        total += len(facts)
        running = [row for fact in facts if (row := fact.running())]
        if running:
            connection.execute(sa.insert(running_assignment), running)
        _count(facts, changes)
    _add(connection, changes)
    return total


def check(connection: sa.Connection) -> list[TallyFault]:
    """Count every assignment anew and return what the tallies say otherwise."""
    counted: dict[Key, Counter[Standing]] = defaultdict(Counter)
    running: dict[str, dict[str, Any]] = {}
    for facts in _list_facts(connection):
        _count(facts, counted)
        running |= {fact.id: row for fact in facts if (row := fact.running())}
    kept = {
        tuple(row[name] for name in _KEYS): {each: row[each.value] for each in COUNTED}
        for row in connection.execute(sa.select(assignment_tally)).mappings()
    }
    faults = []
    for key in sorted(kept.keys() | counted.keys()):
        said, found = _filled(kept.get(key, {})), _filled(counted.get(key, {}))
        if said != found:
            faults.append(TallyFault(what=" ".join(key), kept=said, counted=found))
    return faults + _running_faults(connection, running)


def _running_faults(
    connection: sa.Connection, counted: Mapping[str, Mapping[str, Any]]
) -> list[TallyFault]:
    rows = connection.execute(sa.select(running_assignment)).mappings()
    kept = {row["assignment_id"]: dict(row) for row in rows}
    return [
        TallyFault(
            what=f"running {key}",
            kept={"rows": int(key in kept)},
            counted={"rows": int(key in counted)},
        )
        for key in sorted(kept.keys() | counted.keys())
        if kept.get(key) != counted.get(key)
    ]


def _filled(counts: Mapping[Standing, int]) -> dict[str, int]:
    return {standing.value: number for standing, number in counts.items() if number}


def _count(facts: Iterable[Fact], into: dict[Key, Counter[Standing]], *, by: int = 1) -> None:
    for fact in facts:
        standing = fact.standing()
        for key in fact.tally_keys():
            into[key][standing] += by


def _list_facts(connection: sa.Connection) -> Iterator[list[Fact]]:
    """Yield every assignment, some thousand at a time."""
    last = ""
    query = (
        sa.select(*_COLUMNS)
        .where(assignment.c.id > sa.bindparam("last"))
        .order_by(assignment.c.id)
        .limit(_BATCH_ROWS)
    )
    while rows := connection.execute(query, {"last": last}).mappings().all():
        yield [Fact(**row) for row in rows]
        last = rows[-1]["id"]


def _add(connection: sa.Connection, changes: Mapping[Key, Mapping[Standing, int]]) -> None:
    """Add the changes to the counts; a row that is not there yet begins at nothing."""
    # Two transactions that change the same rows lock them in the same order.
    rows = [
        {**dict(zip(_KEYS, key, strict=True)), **{s.value: counts.get(s, 0) for s in COUNTED}}
        for key, counts in sorted(changes.items(), key=lambda change: change[0])
        if any(counts.values())
    ]
    statement = _upsert(connection.dialect.name)
    for start in range(0, len(rows), _BATCH_ROWS):
        connection.execute(statement, rows[start : start + _BATCH_ROWS])


@cache
def _upsert(dialect: str) -> sa.Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    new = insert(assignment_tally)
    sums = {
        each.value: assignment_tally.c[each.value] + new.excluded[each.value] for each in COUNTED
    }
    return new.on_conflict_do_update(index_elements=list(_KEYS), set_=sums)
