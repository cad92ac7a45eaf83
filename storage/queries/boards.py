"""Read the boards: some dozen rows of the tally, and what ran past its deadline."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import ErrorCode, NotFoundError
from engine.model.assignment import Standing
from engine.model.organisation import Actor, PersonId
from engine.paging import Page
from engine.ports_boards import (
    SIX_WAYS,
    Assigner,
    BoardHead,
    BoardKind,
    BoardQuery,
    BoardRow,
    BoardTable,
    Waiting,
    WaitingRow,
)
from engine.ports_direction import AssignmentRow
from storage.queries.assignments import assignment_row, described
from storage.queries.board_scope import (
    LINES,
    NAMES,
    among_all,
    among_running,
    checked,
    line_of,
    scope_of_running,
)
from storage.queries.cursors import cursor_of, read_cursor
from storage.queries.kept_back import assignment_kept_back
from storage.tables import organisation
from storage.tables.direction import assignment, extension
from storage.tables.tally import assignment_tally, running_assignment

_tally = assignment_tally.c
_running = running_assignment.c
_all = assignment.c
_DONE = frozenset({Standing.DONE_IN_TIME, Standing.DONE_LATE})
_NEWEST_KEY = (datetime, str)
_LONGEST_KEY = (int, str)


def read_board(connection: sa.Connection, query: BoardQuery, today: date) -> BoardTable:
    """Return the board as it stands on `today`."""
    read = _read_tally if query.reach is None else _count_within_reach
    counts = read(connection, query, today)
    longest: dict[str, int] = {}
    for row in connection.execute(_overdue(query, today)):
        # Before its deadline it was counted as what it was then.
        counts[row.line][row.standing] -= row.items
        counts[row.line][Standing.RUNNING_OVERDUE] += row.items
        days = (today - row.oldest).days if row.oldest else 0
        longest[row.line] = max(longest.get(row.line, 0), days, row.late_days or 0)
    filled = {key: line for key, line in counts.items() if any(line.values())}
    names = _read_names(connection, filled)
    rows = [
        BoardRow(key=key, name=names.get(key, key), counts=line, longest_days=longest.get(key, 0))
        for key, line in filled.items()
    ]
    rows.sort(key=lambda row: (-row.overdue_rate, -row.overdue, -row.longest_days, row.name))
    total = BoardRow(
        key="",
        name="",
        counts={way: sum(row.counts[way] for row in rows) for way in SIX_WAYS},
        longest_days=max((row.longest_days for row in rows), default=0),
    )
    return BoardTable(rows=rows, sum=total)


def list_cell(
    connection: sa.Connection,
    query: BoardQuery,
    today: date,
    *,
    row_key: str,
    standing: Standing | None,
    reader: Actor | None,
    cursor: str,
    limit: int,
) -> Page[AssignmentRow]:
    """Return one page of the assignments behind a cell."""
    if standing is Standing.RUNNING_OVERDUE:
        overdue = _walk_overdue(connection, query, row_key, today)
        return _list_overdue(connection, overdue, reader, today, cursor, limit)
    at: sa.ColumnElement[Any]
    key: sa.ColumnElement[Any]
    if standing is None or standing in _DONE:
        at, key = _all.given_at, _all.id
        conditions = among_all(query, row_key, standing, today)
    else:
        at, key = _running.given_at, _running.assignment_id.label("id")
        conditions = among_running(query, row_key, standing, today)
    if cursor:
        after = read_cursor(cursor, _NEWEST_KEY)
        bound = sa.tuple_(sa.literal(after[0], at.type), after[1])
        conditions.append(sa.tuple_(at, key) < bound)
    walk = sa.select(at, key).where(*conditions)
    page = walk.order_by(at.desc(), key.desc()).limit(limit + 1).subquery()
    rows = connection.execute(_shown_to(reader, page)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        rows=[_row_for_reader(row, today) for row in rows[:limit]],
        next_cursor=cursor_of(last.given_at, last.id) if last else "",
    )


def list_waiting(
    connection: sa.Connection,
    assigners: Collection[Assigner],
    waiting: Waiting,
    today: date,
    limit: int,
) -> list[WaitingRow]:
    """Return what waits for a word of the assigners, the oldest first."""
    page = (
        sa.select(_running.assignment_id.label("id"), _running.since)
        .where(_is_given_by(assigners), _running.waiting == waiting)
        .order_by(_running.since, _running.assignment_id)
        .limit(limit)
        .subquery()
    )
    asked = sa.and_(extension.c.assignment_id == page.c.id, extension.c.granted.is_(None))
    query = (
        described(page)
        .add_columns(page.c.since, extension.c.new_due_on)
        .outerjoin(extension, asked)
        .order_by(None)
        .order_by(page.c.since, page.c.id)
    )
    return [
        WaitingRow(
            assignment=assignment_row(row, today),
            assigner_id=row.assigner_id,
            since=row.since,
            asked_until=row.new_due_on,
        )
        for row in connection.execute(query)
    ]


def count_waiting(
    connection: sa.Connection, assigners: Collection[Assigner]
) -> dict[Waiting, int]:
    """Return how much waits for a word of the assigners."""
    query = (
        sa.select(_running.waiting, sa.func.count().label("items"))
        .where(_is_given_by(assigners), _running.waiting.is_not(None))
        .group_by(_running.waiting)
    )
    found = {row.waiting: row.items for row in connection.execute(query)}
    return {each: found.get(each, 0) for each in Waiting}


def _is_given_by(assigners: Collection[Assigner]) -> sa.ColumnElement[bool]:
    """Return the condition that one of them gave it, in an agency that counts."""
    branches = []
    for each in assigners:
        branch = _running.assigner_id == each.person_id
        if each.agency_ids is not None:
            branch &= _running.agency_id.in_(sorted(each.agency_ids))
        branches.append(branch)
    # Named once more for the index: the databases do not see one walk in the branches.
    people = _running.assigner_id.in_(sorted(each.person_id for each in assigners))
    return sa.and_(people, sa.or_(sa.false(), *branches))


def read_head(connection: sa.Connection, query: BoardQuery) -> BoardHead:
    """Return how the board's scope is called and who gave what it counts.

    Raises:
        NotFoundError: code AGENCY_NOT_FOUND.
    """
    assigners = _list_assigners(connection, query)
    if query.kind is BoardKind.CITY:
        return BoardHead(scope_name="", assigners=assigners)
    scope = query.scope_id
    if query.kind is BoardKind.AGENCY:
        table = organisation.agency.c
        found = sa.select(table.name, table.id.label("agency_id")).where(table.id == scope)
    elif query.kind is BoardKind.UNIT:
        unit = organisation.unit.c
        found = sa.select(unit.name, unit.agency_id, unit.id.label("unit_id")).where(
            unit.id == scope
        )
    else:
        person = organisation.person.c
        found = sa.select(person.full_name.label("name")).where(person.id == scope)
    row = connection.execute(found).mappings().first()
    if row is None:
        raise NotFoundError(scope, code=ErrorCode.AGENCY_NOT_FOUND, agency=scope)
    return BoardHead(
        scope_name=row["name"],
        agency_id=row.get("agency_id"),
        unit_id=row.get("unit_id"),
        assigners=assigners,
    )


def _read_tally(
    connection: sa.Connection, query: BoardQuery, today: date
) -> dict[str, dict[Standing, int]]:
    """Return the counts by line as if nothing were past its deadline."""
    counted = [way for way in SIX_WAYS if way is not Standing.RUNNING_OVERDUE]
    conditions = [
        _tally.board == query.kind,
        _tally.scope_id == query.scope_id,
        _tally.period.in_(query.period.parts(today)),
        _tally.assigner_id == (query.assigner_id or ""),
    ]
    if query.urgency is not None:
        conditions.append(_tally.urgency == query.urgency)
    sums = (
        sa.select(
            _tally.row_key, *(sa.func.sum(_tally[way.value]).label(way.value) for way in counted)
        )
        .where(*conditions)
        .group_by(_tally.row_key)
    )
    counts: dict[str, dict[Standing, int]] = defaultdict(lambda: dict.fromkeys(SIX_WAYS, 0))
    for row in connection.execute(sums).mappings():
        for way in counted:
            counts[row["row_key"]][way] = row[way.value]
    return counts


def _count_within_reach(
    connection: sa.Connection, query: BoardQuery, today: date
) -> dict[str, dict[Standing, int]]:
    """Return the same of the part of a person's board that a reader sees, one by one."""
    line = line_of(query.kind).label("line")
    counts: dict[str, dict[Standing, int]] = defaultdict(lambda: dict.fromkeys(SIX_WAYS, 0))
    for way in _DONE:
        done = sa.select(line, sa.func.count().label("items"))
        done = done.where(*among_all(query, "", way, today)).group_by(line)
        for row in connection.execute(done):
            counts[row.line][way] = row.items
    running = LINES[query.kind].label("line")
    query_of_running = (
        sa.select(running, _running.standing, sa.func.count().label("items"))
        .where(*scope_of_running(query))
        .group_by(running, _running.standing)
    )
    for row in connection.execute(query_of_running):
        counts[row.line][row.standing] += row.items
    return counts


def _overdue(query: BoardQuery, today: date) -> sa.Select[Any]:
    """Return how many run past their deadline, by line and by what they were before it."""
    line = LINES[query.kind]
    still_late = sa.case((_running.late_days.is_(None), _running.late_after))
    return (
        sa.select(
            line.label("line"),
            _running.standing,
            sa.func.count().label("items"),
            sa.func.min(still_late).label("oldest"),
            sa.func.max(_running.late_days).label("late_days"),
        )
        .where(*scope_of_running(query), _running.late_after < today)
        .group_by(line, _running.standing)
    )


def _walk_overdue(
    connection: sa.Connection, query: BoardQuery, row_key: str, today: date
) -> sa.Select[Any]:
    conditions = [*scope_of_running(query), _running.late_after < today]
    if row_key:
        conditions.append(LINES[query.kind] == checked(row_key))
    days = _days_late(connection, today).label("days")
    return sa.select(days, _running.assignment_id.label("id")).where(*conditions)


def _days_late(connection: sa.Connection, today: date) -> sa.ColumnElement[int]:
    """Return how late it is: on `today`, or when it was reported; as `overdue_days_of`."""
    days: sa.ColumnElement[Any] = sa.literal(today, sa.Date) - _running.due_on
    if connection.dialect.name == "sqlite":
        ends = (sa.func.julianday(today.isoformat()), sa.func.julianday(_running.due_on))
        days = sa.cast(ends[0] - ends[1], sa.Integer)
    return sa.func.coalesce(_running.late_days, days, type_=sa.Integer())


def _list_overdue(  # noqa: PLR0917 one page of one walk
    connection: sa.Connection,
    walk: sa.Select[Any],
    reader: Actor | None,
    today: date,
    cursor: str,
    limit: int,
) -> Page[AssignmentRow]:
    """Return one page of what is overdue, the longest first."""
    days, key = walk.selected_columns
    if cursor:
        after_days, after_key = read_cursor(cursor, _LONGEST_KEY)
        walk = walk.where(sa.or_(days < after_days, (days == after_days) & (key > after_key)))
    page = walk.order_by(days.desc(), key).limit(limit + 1).subquery()
    ordered = _shown_to(reader, page).add_columns(page.c.days)
    rows = connection.execute(ordered.order_by(None).order_by(page.c.days.desc(), page.c.id)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        rows=[_row_for_reader(row, today) for row in rows[:limit]],
        next_cursor=cursor_of(last.days, last.id) if last else "",
    )


def _shown_to(reader: Actor | None, page: sa.Subquery) -> sa.Select[Any]:
    return described(page).add_columns(assignment_kept_back(reader).label("kept_back"))


def _row_for_reader(row: Any, today: date) -> AssignmentRow:
    """Return one line; of what is kept from the reader, without what it says."""
    shown = assignment_row(row, today)
    return replace(shown, content="", restricted=True) if row.kept_back else shown


def _read_names(connection: sa.Connection, keys: Mapping[str, object]) -> dict[str, str]:
    wanted: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        kind, _, value = key.partition(":")
        wanted[kind].append(value)
    names: dict[str, str] = {}
    for kind, values in wanted.items():
        column, name = NAMES[kind]
        found = connection.execute(sa.select(column, name).where(column.in_(values)))
        names |= {f"{kind}:{row[0]}": row[1] for row in found}
    return names


def _list_assigners(
    connection: sa.Connection, query: BoardQuery
) -> Sequence[tuple[PersonId, str]]:
    """Return who gave what the board counts: one step along the key of the tally for each."""
    here = [
        _tally.board == query.kind,
        _tally.scope_id == query.scope_id,
        _tally.period == "",
    ]
    first = sa.select(sa.func.min(_tally.assigner_id).label("id")).where(
        *here, _tally.assigner_id > ""
    )
    steps = first.cte("steps", recursive=True)
    following = (
        sa.select(sa.func.min(_tally.assigner_id))
        .where(*here, _tally.assigner_id > steps.c.id)
        .scalar_subquery()
    )
    steps = steps.union_all(sa.select(following).where(steps.c.id.is_not(None)))
    person = organisation.person.c
    found = connection.execute(
        sa.select(person.id, person.full_name).join(steps, steps.c.id == person.id)
    )
    return sorted(((row.id, row.full_name) for row in found), key=lambda pair: pair[1])
