"""Count what the indicators are made of, each by one walk along an index of its own.

The databases are asked for what they can tell from an index alone; weeks, medians and shares are
made of the counts in `workflows.reading.view_indicators`.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.model.assignment import AssignmentState
from engine.model.delivery import DeliveryStatus
from engine.model.indicators import Period, month_of, stretch_of
from engine.model.organisation import AgencyId
from engine.model.register import EntryState, RegisterBook
from engine.ports_reports import (
    Agencies,
    AgencyCount,
    EntryCount,
    HolderCount,
    ProcedureCount,
    StepCount,
)
from engine.ports_signing import HolderKind
from engine.process.model import InstanceStatus
from storage.step_tally import NOBODYS_OUTCOMES, count_if, counted_columns, minutes_taken
from storage.tables.direction import assignment
from storage.tables.documents import delivery, register_entry
from storage.tables.organisation import issued_certificate, post
from storage.tables.processes import OPEN, instance, work_item
from storage.tables.reports import step_tally

#: The books documents go out by and come in by.
COUNTED_BOOKS = (RegisterBook.OUTGOING, RegisterBook.ARRIVALS)
#: A recipient has it in its own book.
REGISTERED = (
    DeliveryStatus.REGISTERED,
    DeliveryStatus.ASSIGNED,
    DeliveryStatus.IN_PROGRESS,
    DeliveryStatus.COMPLETED,
)
#: It went on to a unit or a person; a unit that leads has no person yet.
FORWARDED = (DeliveryStatus.ASSIGNED, DeliveryStatus.IN_PROGRESS, DeliveryStatus.COMPLETED)
_STEP_SUMS = ("count", "minutes", "due", "on_time", "returned")
#: The lead has done its part; its day of report counts.
REPORTED_STATES = (AssignmentState.REPORTED, AssignmentState.COMPLETED)
_PEOPLE_AND_AGENCIES = (HolderKind.AGENCY, HolderKind.PERSON)


def within(column: sa.Column[Any], period: Period) -> sa.ColumnElement[bool]:
    """Return the condition that a moment lies in a period."""
    return sa.and_(column >= period.begins_at(), column < period.ends_before())


def count_entries(
    connection: sa.Connection, agencies: Agencies, weeks: Sequence[Period]
) -> list[EntryCount]:
    """Return how many numbers each agency gave in each week, in both books.

    One short walk for each agency, book and week: grouping a year by day would sort it.
    """
    if not agencies or not weeks:
        return []
    found = []
    query = _count_weeks(weeks)
    for agency_id, book in _active_books(connection, agencies, weeks):
        counts = connection.execute(query, {"agency": agency_id, "book": book}).one()
        found += [
            EntryCount(agency_id=agency_id, book=book, since=week.since, count=number)
            for week, number in zip(weeks, counts, strict=True)
            if number
        ]
    return found


def _count_weeks(weeks: Sequence[Period]) -> sa.Select[Any]:
    entry = register_entry
    return sa.select(
        *(
            sa.select(sa.func.count())
            .select_from(entry)
            .where(
                entry.c.agency_id == sa.bindparam("agency", type_=sa.String()),
                entry.c.book == sa.bindparam("book", type_=entry.c.book.type),
                within(entry.c.entered_at, week),
                entry.c.state == EntryState.ISSUED,
            )
            .scalar_subquery()
            for week in weeks
        )
    )


def _active_books(
    connection: sa.Connection, agencies: Agencies, weeks: Sequence[Period]
) -> list[tuple[AgencyId, RegisterBook]]:
    """Return the books with any number in the whole time; most of a small city's are empty."""
    entry = register_entry
    whole = Period(since=weeks[0].since, until=weeks[-1].until)
    return [
        (agency_id, book)
        for agency_id in agencies
        for book in COUNTED_BOOKS
        if connection.execute(
            sa.select(
                sa.exists().where(
                    entry.c.agency_id == agency_id,
                    entry.c.book == book,
                    within(entry.c.entered_at, whole),
                )
            )
        ).scalar_one()
    ]


def count_sent(connection: sa.Connection, agencies: Agencies, period: Period) -> list[AgencyCount]:
    """Return per sender how many deliveries were sent, and how many were registered."""
    query = (
        sa.select(
            delivery.c.sender_id.label("agency_id"),
            count_if(delivery.c.status.in_(REGISTERED)).label("counted"),
            sa.func.count().label("total"),
        )
        .where(delivery.c.sender_id.in_(agencies), within(delivery.c.sent_at, period))
        .group_by(delivery.c.sender_id)
    )
    return [AgencyCount(**row) for row in connection.execute(query).mappings()]


def count_forwarded(
    connection: sa.Connection, agencies: Agencies, period: Period
) -> list[AgencyCount]:
    """Return per recipient how many arrivals were registered, and how many forwarded."""
    query = (
        sa.select(
            delivery.c.recipient_id.label("agency_id"),
            count_if(delivery.c.status.in_(FORWARDED)).label("counted"),
            sa.func.count().label("total"),
        )
        .where(delivery.c.recipient_id.in_(agencies), within(delivery.c.registered_at, period))
        .group_by(delivery.c.recipient_id)
    )
    return [AgencyCount(**row) for row in connection.execute(query).mappings()]


def count_certificates(
    connection: sa.Connection, agencies: Agencies | None, period: Period
) -> list[HolderCount]:
    """Return the certificates issued to agencies and people; None counts every holder."""
    table = issued_certificate
    query = (
        sa.select(
            table.c.holder_kind.label("kind"),
            sa.func.count().label("until"),
            count_if(table.c.not_before >= period.begins_at()).label("within"),
        )
        .where(*holders_of(agencies), table.c.not_before < period.ends_before())
        .group_by(table.c.holder_kind)
    )
    return [HolderCount(**row) for row in connection.execute(query).mappings()]


def holders_of(agencies: Agencies | None) -> list[sa.ColumnElement[bool]]:
    """Return the condition that a certificate is an agency's, or a person's who serves it."""
    table = issued_certificate
    if agencies is None:
        return [table.c.holder_kind.in_(_PEOPLE_AND_AGENCIES)]
    people = sa.select(post.c.person_id).where(post.c.agency_id.in_(agencies))
    return [
        sa.or_(
            sa.and_(table.c.holder_kind == HolderKind.AGENCY, table.c.holder_id.in_(agencies)),
            sa.and_(table.c.holder_kind == HolderKind.PERSON, table.c.holder_id.in_(people)),
        )
    ]


def count_steps(connection: sa.Connection, agencies: Agencies, period: Period) -> list[StepCount]:
    """Return the steps people ended: whole months from the tally, other days one by one."""
    months, days = months_and_days(period)
    sums: dict[tuple[str, str, int], list[int]] = defaultdict(lambda: [0] * len(_STEP_SUMS))
    found: list[Sequence[Any]] = []
    if months is not None:
        found += _tallied(connection, agencies, months)
    for each in days:
        found += _counted(connection, agencies, each)
    for procedure_id, node_id, stretch, *numbers in found:
        total = sums[procedure_id, node_id, stretch]
        for place, number in enumerate(numbers):
            total[place] += number
    return [
        StepCount(
            procedure_id=procedure_id,
            node_id=node_id,
            stretch=stretch,
            **dict(zip(_STEP_SUMS, total, strict=True)),
        )
        for (procedure_id, node_id, stretch), total in sums.items()
    ]


def months_and_days(period: Period) -> tuple[Period | None, list[Period]]:
    """Return the whole months of a period, and what is left before and after them."""
    first = period.since
    if first.day > 1:
        first = month_of(first).until + timedelta(days=1)
    last = period.until
    if last != month_of(last).until:
        last = last.replace(day=1) - timedelta(days=1)
    if last < first:
        return None, [period]
    before = (
        [Period(since=period.since, until=first - timedelta(days=1))]
        if first > period.since
        else []
    )
    after = (
        [Period(since=last + timedelta(days=1), until=period.until)] if last < period.until else []
    )
    return Period(since=first, until=last), [*before, *after]


def _tallied(
    connection: sa.Connection, agencies: Agencies, months: Period
) -> Sequence[sa.Row[Any]]:
    keys = (step_tally.c.procedure_id, step_tally.c.node_id, step_tally.c.stretch)
    query = (
        sa.select(*keys, *(sa.func.sum(step_tally.c[name]) for name in _STEP_SUMS))
        .where(
            step_tally.c.agency_id.in_(agencies),
            step_tally.c.month.between(months.since, months.until),
        )
        .group_by(*keys)
    )
    return connection.execute(query).all()


def _counted(
    connection: sa.Connection, agencies: Agencies, days: Period
) -> Iterator[tuple[Any, ...]]:
    """Yield the same of a part of a month, from the steps themselves."""
    item = work_item
    query = (
        sa.select(
            item.c.procedure_id, item.c.node_id, minutes_taken(connection), *counted_columns()
        )
        .where(
            item.c.agency_id.in_(agencies),
            within(item.c.closed_at, days),
            item.c.outcome.not_in(NOBODYS_OUTCOMES),
        )
        .group_by(*(sa.literal_column(str(place)) for place in (1, 2, 3)))
    )
    for procedure_id, node_id, taken, count, *others in connection.execute(query):
        minutes = max(taken, 0)
        yield (procedure_id, node_id, stretch_of(minutes), count, minutes * count, *others)


def count_assignments(
    connection: sa.Connection, agencies: Agencies, period: Period, today: date
) -> list[AgencyCount]:
    """Return per lead agency the assignments due in the period, and those done in time."""
    query = (
        sa.select(
            assignment.c.lead_agency_id.label("agency_id"),
            count_if(is_in_time()).label("counted"),
            sa.func.count().label("total"),
        )
        .where(assignment.c.lead_agency_id.in_(agencies), *judged(period, today))
        .group_by(assignment.c.lead_agency_id)
    )
    return [AgencyCount(**row) for row in connection.execute(query).mappings()]


def judged(period: Period, today: date) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that an assignment was due in the period and can be judged."""
    return [
        assignment.c.due_on.between(period.since, period.until),
        assignment.c.state != AssignmentState.CANCELLED,
        sa.or_(assignment.c.state.in_(REPORTED_STATES), assignment.c.due_on < today),
    ]


def is_in_time() -> sa.ColumnElement[bool]:
    """Return the condition that the lead has reported an assignment done by its deadline."""
    return sa.and_(
        assignment.c.state.in_(REPORTED_STATES), assignment.c.done_on <= assignment.c.due_on
    )


def count_procedures(connection: sa.Connection, now: datetime) -> list[ProcedureCount]:
    """Return per procedure its instances, those completed, those overdue now."""
    instances = (
        sa.select(
            instance.c.procedure_id,
            sa.func.count().label("instances"),
            count_if(instance.c.status == InstanceStatus.COMPLETED).label("completed"),
        )
        .group_by(instance.c.procedure_id)
        .order_by(instance.c.procedure_id)
    )
    late = (
        sa.select(
            work_item.c.procedure_id,
            sa.func.count(sa.distinct(work_item.c.instance_id)).label("overdue"),
        )
        .where(work_item.c.state == OPEN, work_item.c.due_at < now)
        .group_by(work_item.c.procedure_id)
    )
    overdue = {row.procedure_id: row.overdue for row in connection.execute(late)}
    return [
        ProcedureCount(**row, overdue=overdue.get(row["procedure_id"], 0))
        for row in connection.execute(instances).mappings()
    ]
