"""Say which assignments a board counts: by its scope, its filters and the line asked for.

The same is told twice: of what still runs, from `running_assignment`, and of any assignment.
"""

from datetime import date, datetime, time

import sqlalchemy as sa

from engine.clock import VIETNAM
from engine.errors import InvalidInputError
from engine.model.assignment import AssignmentState, Standing
from engine.ports_boards import LAST_YEAR, BoardKind, BoardQuery, Month
from storage.queries.assignments import standing_is
from storage.tables import organisation
from storage.tables.direction import assignment
from storage.tables.tally import running_assignment

_running = running_assignment.c
_all = assignment.c
Condition = sa.ColumnElement[bool]
#: Where a running assignment names the scope of each board, and any assignment.
_SCOPES = {
    BoardKind.AGENCY: (_running.lead_agency_id, _all.lead_agency_id),
    BoardKind.UNIT: (_running.lead_unit_id, _all.lead_unit_id),
    BoardKind.GIVEN: (_running.assigner_id, _all.assigner_id),
    BoardKind.OWN: (_running.lead_person_id, _all.lead_person_id),
}
LINES = {
    BoardKind.CITY: _running.city_row,
    BoardKind.AGENCY: _running.agency_row,
    BoardKind.UNIT: _running.unit_row,
    BoardKind.GIVEN: _running.given_row,
    BoardKind.OWN: _running.own_row,
}
#: What a line of a board may stand for.
NAMES = {
    "agency": (organisation.agency.c.id, organisation.agency.c.name),
    "unit": (organisation.unit.c.id, organisation.unit.c.name),
    "person": (organisation.person.c.id, organisation.person.c.full_name),
}


def scope_of_running(query: BoardQuery) -> list[Condition]:
    """Return the conditions of what runs and is on the board."""
    conditions: list[Condition] = []
    if query.kind is not BoardKind.CITY:
        conditions.append(_SCOPES[query.kind][0] == query.scope_id)
    if query.assigner_id:
        conditions.append(_running.assigner_id == query.assigner_id)
    if query.urgency is not None:
        conditions.append(_running.urgency == query.urgency)
    if query.period.first is not None:
        conditions.append(_running.given_month >= str(query.period.first))
    if query.period.last is not None:
        conditions.append(_running.given_month <= str(query.period.last))
    return conditions + _within_reach(query, running_assignment)


def among_running(
    query: BoardQuery, row_key: str, standing: Standing, today: date
) -> list[Condition]:
    """Return the conditions of what runs and is not overdue."""
    in_time = sa.or_(_running.late_after.is_(None), _running.late_after >= today)
    conditions = [*scope_of_running(query), _running.standing == standing, in_time]
    if row_key:
        conditions.append(LINES[query.kind] == checked(row_key))
    return conditions


def among_all(
    query: BoardQuery, row_key: str, standing: Standing | None, today: date
) -> list[Condition]:
    """Return the conditions of what is done, or of all that was not cancelled."""
    conditions: list[Condition] = []
    if query.kind is not BoardKind.CITY:
        conditions.append(_SCOPES[query.kind][1] == query.scope_id)
    if row_key:
        conditions.append(_on_line(query.kind, row_key))
    if query.assigner_id:
        conditions.append(_all.assigner_id == query.assigner_id)
    if query.urgency is not None:
        conditions.append(_all.urgency == query.urgency)
    if query.period.first is not None:
        conditions.append(_all.given_at >= _beginning(query.period.first))
    if query.period.last is not None and query.period.last.year < LAST_YEAR:
        conditions.append(_all.given_at < _beginning(_following(query.period.last)))
    conditions += _within_reach(query, assignment)
    conditions.append(
        standing_is(standing, today)
        if standing is not None
        else _all.state != AssignmentState.CANCELLED
    )
    return conditions


def _within_reach(query: BoardQuery, table: sa.Table) -> list[Condition]:
    """Return the condition that the reader sees it; none when they see the whole board."""
    if query.reach is None:
        return []
    agencies = sorted(query.reach.agencies)
    if query.kind is BoardKind.GIVEN:
        return [table.c.agency_id.in_(agencies)]
    agency, unit = table.c.lead_agency_id, table.c.lead_unit_id
    in_units = [
        (agency == agency_id) & sa.or_(unit == unit_id, unit.is_(None))
        for agency_id, unit_id in sorted(query.reach.units)
    ]
    return [sa.or_(agency.in_(agencies), *in_units)]


def line_of(board: BoardKind) -> sa.ColumnElement[str]:
    """Return the line of an assignment on a person's board; as in the tally."""
    if board is BoardKind.OWN:
        return "person:" + _all.assigner_id
    is_inside = _all.lead_agency_id == _all.agency_id
    return sa.case(
        (is_inside & _all.lead_unit_id.is_not(None), "unit:" + _all.lead_unit_id),
        (is_inside & _all.lead_person_id.is_not(None), "person:" + _all.lead_person_id),
        else_="agency:" + _all.lead_agency_id,
    )


def _on_line(board: BoardKind, row_key: str) -> Condition:
    """Return the condition that an assignment is on a line of the board; as in the tally."""
    kind, _, key = checked(row_key).partition(":")
    unit, person, agency = _all.lead_unit_id, _all.lead_person_id, _all.lead_agency_id
    if board is BoardKind.OWN:
        return _all.assigner_id == key
    if board is BoardKind.GIVEN:
        return _on_line_of_giver(kind, key)
    if kind == "person":
        return person == key if board is BoardKind.UNIT else (person == key) & unit.is_(None)
    if kind == "unit":
        return (unit == key) & person.is_(None) if board is BoardKind.UNIT else unit == key
    if board is BoardKind.CITY:
        return agency == key
    return (agency == key) & unit.is_(None) & person.is_(None)


def _on_line_of_giver(kind: str, key: str) -> Condition:
    """Return the condition on a GIVEN board: units and people stand there inside one's agency."""
    unit, person, agency = _all.lead_unit_id, _all.lead_person_id, _all.lead_agency_id
    is_inside = _all.agency_id == agency
    if kind == "person":
        return (person == key) & unit.is_(None) & is_inside
    if kind == "unit":
        return (unit == key) & is_inside
    is_whole = unit.is_(None) & person.is_(None)
    return (agency == key) & sa.or_(is_whole, ~is_inside)


def checked(row_key: str) -> str:
    """Return the key of a line of a board.

    Raises:
        InvalidInputError: it is none.
    """
    kind, _, key = row_key.partition(":")
    if kind not in NAMES or not key:
        raise InvalidInputError("no line of a board", field="row")
    return row_key


def _beginning(month: Month) -> datetime:
    return datetime.combine(date(month.year, month.number, 1), time(), VIETNAM)


def _following(month: Month) -> Month:
    return Month(month.year + month.number // 12, month.number % 12 + 1)
