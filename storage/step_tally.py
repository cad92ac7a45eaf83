"""Count the steps people end, month by month, in the transaction that ends them.

A year of a city has millions of steps; the tally has a row for each agency, month, step and
stretch of time. Times below an hour have a stretch for each minute, longer ones eight for each
doubling: sums are exact, a median is within five in a hundred.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.clock import local
from engine.model.indicators import stretch_of
from engine.process.model import WorkItem
from engine.process.steps import CANCELLED_OUTCOME, MIGRATED_OUTCOME, TIMER_OUTCOME
from storage.tables.processes import work_item
from storage.tables.reports import step_tally

#: Steps that ended without anybody ending them.
NOBODYS_OUTCOMES = (CANCELLED_OUTCOME, MIGRATED_OUTCOME, TIMER_OUTCOME)
RETURNED_OUTCOMES = ("returned", "refused")
_KEYS = [column.name for column in step_tally.primary_key]
_SUMS = [column.name for column in step_tally.c if column.name not in _KEYS]
_CHUNK_ROWS = 5_000


def count_closed(connection: sa.Connection, item: WorkItem) -> None:
    """Count a step that was just closed."""
    if item.closed_at is None or item.outcome in NOBODYS_OUTCOMES:
        return
    minutes = minutes_between(item.opened_at, item.closed_at)
    row = _row(
        (item.agency_id, item.procedure_id, item.node_id, item.outcome),
        (item.closed_at, item.due_at),
        minutes,
    )
    is_postgres = connection.dialect.name == "postgresql"
    insert = (postgresql.insert if is_postgres else sqlite.insert)(step_tally)
    grown = {name: step_tally.c[name] + insert.excluded[name] for name in _SUMS}
    connection.execute(insert.on_conflict_do_update(index_elements=_KEYS, set_=grown), row)


def rebuild(connection: sa.Connection) -> None:
    """Count every closed step anew; for a migration, a loader of tests, and a doubt."""
    connection.execute(sa.delete(step_tally))
    rows = list(tally_of(connection))
    for start in range(0, len(rows), _CHUNK_ROWS):
        connection.execute(sa.insert(step_tally), rows[start : start + _CHUNK_ROWS])


def tally_of(connection: sa.Connection) -> Iterable[dict[str, Any]]:
    """Return what the tally has to say, counted from the steps themselves."""
    item = work_item
    keys = (
        item.c.agency_id,
        _month(connection).label("month"),
        item.c.procedure_id,
        item.c.node_id,
        minutes_taken(connection).label("minutes"),
    )
    query = (
        sa.select(*keys, *counted_columns())
        .where(item.c.closed_at.is_not(None), item.c.outcome.not_in(NOBODYS_OUTCOMES))
        .group_by(*(sa.literal_column(str(place)) for place in range(1, len(keys) + 1)))
    )
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(_SUMS))
    for agency_id, month, procedure_id, node_id, taken, *counts in connection.execute(query):
        minutes = max(taken, 0)
        key = (agency_id, month, procedure_id, node_id, stretch_of(minutes))
        for place, number in enumerate(_numbers(minutes, counts)):
            sums[key][place] += number
    for key, total in sums.items():
        yield dict(zip([*_KEYS, *_SUMS], [*key, *total], strict=True))


def counted_columns() -> Sequence[sa.ColumnElement[int]]:
    """Return how many steps of a group there are, had a deadline, kept it, were returned."""
    item = work_item
    in_time = sa.and_(item.c.due_at.is_not(None), item.c.closed_at <= item.c.due_at)
    return (
        sa.func.count(),
        sa.func.count(item.c.due_at),
        count_if(in_time),
        count_if(item.c.outcome.in_(RETURNED_OUTCOMES)),
    )


def count_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """Return in how many rows of a group `condition` holds."""
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def minutes_taken(connection: sa.Connection) -> sa.ColumnElement[int]:
    """Return the whole minutes a step took, as `minutes_between` counts them."""
    ends = (work_item.c.closed_at, work_item.c.opened_at)
    if connection.dialect.name == "sqlite":
        seconds = [sa.cast(sa.func.strftime("%s", at), sa.Integer) for at in ends]
    else:
        seconds = [sa.cast(sa.func.floor(sa.extract("epoch", at)), sa.Integer) for at in ends]
    return (seconds[0] - seconds[1]) // 60


def _month(connection: sa.Connection) -> sa.ColumnElement[date]:
    """Return the first day of the month in Việt Nam, whose clocks never change."""
    at = work_item.c.closed_at
    if connection.dialect.name == "sqlite":
        return sa.func.date(at, "+7 hours", "start of month", type_=sa.Date())
    there = sa.func.timezone("Asia/Ho_Chi_Minh", at)
    return sa.cast(sa.func.date_trunc("month", there), sa.Date)


def _numbers(minutes: int, counts: Sequence[int]) -> tuple[int, ...]:
    """Return the sums of the tally for steps that all took `minutes`."""
    count, due, on_time, returned = counts
    return count, minutes * count, due, on_time, returned


def minutes_between(opened_at: datetime, closed_at: datetime) -> int:
    """Return the whole minutes a step took; a clock that was set back makes it 0.

    Parts of seconds are cut off first, as a database does when it is asked for seconds.
    """
    seconds = math.floor(closed_at.timestamp()) - math.floor(opened_at.timestamp())
    return max(seconds // 60, 0)


def month_of(at: datetime) -> date:
    """Return the first day of the month a moment lies in, in Việt Nam."""
    return local(at).date().replace(day=1)


def _row(
    step: tuple[str, str, str, str], times: tuple[datetime, datetime | None], minutes: int
) -> dict[str, Any]:
    """Return the row that one step adds to the tally."""
    agency_id, procedure_id, node_id, outcome = step
    closed_at, due_at = times
    return {
        "agency_id": agency_id,
        "month": month_of(closed_at),
        "procedure_id": procedure_id,
        "node_id": node_id,
        "stretch": stretch_of(minutes),
        "count": 1,
        "minutes": minutes,
        "due": int(due_at is not None),
        "on_time": int(due_at is not None and closed_at <= due_at),
        "returned": int(outcome in RETURNED_OUTCOMES),
    }
