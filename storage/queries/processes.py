"""Read procedures, their versions and the heat on a diagram; join the parts of this read side.

Counts go from the versions to their running instances and from there to the open tasks, along
indexes: they cost what runs today, not what ever ran.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.paging import Page
from engine.process.model import InstanceStatus
from engine.process_queries import (
    HeatRow,
    IncidentRow,
    InstanceFilter,
    InstanceRow,
    ProcedureRow,
    SubjectRow,
    TimerRow,
    VersionRow,
)
from storage.queries import instances, waits
from storage.tables.processes import (
    current_definition,
    definition,
    incident,
    instance,
    work_item,
)

_NOTHING = {"waiting": 0, "oldest_at": None, "overdue": 0, "incidents": 0}


class SqlProcessQueries:
    """Answer an administrator's questions, each with a constant number of statements."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def list_procedures(self, now: datetime) -> Sequence[ProcedureRow]:
        """Return the procedures that have a version in force, in the order of their ids."""
        return _list_procedures(self._connection, now)

    def list_versions(self, procedure_id: str) -> Sequence[VersionRow]:
        """Return the versions of a procedure, the newest first."""
        return _list_versions(self._connection, procedure_id)

    def list_heat(self, digest: str, now: datetime, *, is_forked: bool) -> Sequence[HeatRow]:
        """Return how many running instances of a version wait at each node, and how long."""
        tasks = _list_task_heat(self._connection, digest, now)
        return [*tasks, *_list_house_heat(self._connection, digest, is_forked=is_forked)]

    def list_instances(
        self, wanted: InstanceFilter, now: datetime, *, cursor: str = "", limit: int = 50
    ) -> Page[InstanceRow]:
        """Return instances: those that run the oldest first, those that ended the newest first."""
        return instances.list_instances(self._connection, wanted, now, cursor, limit)

    def list_subjects(self, procedure_id: str, keys: Collection[str]) -> Mapping[str, SubjectRow]:
        """Return what the instances of a procedure with these business keys are about."""
        return instances.list_subjects(self._connection, procedure_id, keys)

    def count_incidents(self) -> int:
        """Return how many incidents are open."""
        return waits.count_incidents(self._connection)

    def list_incidents(
        self, *, is_over: bool, cursor: str = "", limit: int = 50
    ) -> Page[IncidentRow]:
        """Return incidents that are open, or those that are over; the newest first."""
        return waits.list_incidents(self._connection, cursor, limit, is_over=is_over)

    def count_overdue(self, now: datetime) -> int:
        """Return how many things the scheduler should have done a minute ago."""
        return waits.count_overdue(self._connection, now)

    def list_timers(self, *, cursor: str = "", limit: int = 50) -> Page[TimerRow]:
        """Return what the scheduler will do, the next first."""
        return waits.list_timers(self._connection, cursor, limit)


def _list_procedures(connection: sa.Connection, now: datetime) -> list[ProcedureRow]:
    query = (
        sa.select(
            current_definition.c.procedure_id,
            current_definition.c.digest,
            current_definition.c.since,
            definition.c.number,
        )
        .join(definition, definition.c.digest == current_definition.c.digest)
        .order_by(current_definition.c.procedure_id)
    )
    versions = _by_procedure(
        connection,
        sa.select(
            definition.c.procedure_id,
            sa.func.count().label("versions"),
            sa.cast(sa.func.sum(_count(InstanceStatus.RUNNING)), sa.Integer).label("running"),
        ).group_by(definition.c.procedure_id),
    )
    waiting = _by_procedure(connection, _waiting_by_procedure(now))
    incidents = _by_procedure(
        connection,
        sa.select(instance.c.procedure_id, sa.func.count().label("incidents"))
        .select_from(incident.join(instance, instance.c.id == incident.c.instance_id))
        .where(waits.is_open_incident())
        .group_by(instance.c.procedure_id),
    )
    found = []
    for row in connection.execute(query).mappings():
        key = row["procedure_id"]
        counts = {**versions[key], **waiting.get(key, {}), **incidents.get(key, {})}
        found.append(ProcedureRow(**{**_NOTHING, **row, **counts}))
    return found


def _waiting_by_procedure(now: datetime) -> sa.Select[Any]:
    return (
        sa.select(
            definition.c.procedure_id,
            sa.func.count().label("waiting"),
            sa.func.min(work_item.c.opened_at).label("oldest_at"),
            _count_overdue(work_item.c.due_at, now),
        )
        .select_from(
            definition.join(instance, instances.runs_on(definition.c.digest)).join(
                work_item, instances.is_open_task()
            )
        )
        .group_by(definition.c.procedure_id)
    )


def _by_procedure(
    connection: sa.Connection, query: sa.Select[Any]
) -> Mapping[str, Mapping[str, Any]]:
    return {row["procedure_id"]: dict(row) for row in connection.execute(query).mappings()}


def _list_versions(connection: sa.Connection, procedure_id: str) -> list[VersionRow]:
    query = (
        sa.select(
            definition.c.procedure_id,
            definition.c.digest,
            definition.c.number,
            definition.c.source,
            definition.c.added_at,
            definition.c.added_by_name,
            definition.c.note,
            current_definition.c.digest.is_not(None).label("in_force"),
            *(_count(status).label(status.value) for status in InstanceStatus),
        )
        .outerjoin(current_definition, current_definition.c.digest == definition.c.digest)
        .where(definition.c.procedure_id == procedure_id)
        .order_by(definition.c.number.desc())
    )
    return [VersionRow(**row) for row in connection.execute(query).mappings()]


def _list_task_heat(connection: sa.Connection, digest: str, now: datetime) -> list[HeatRow]:
    at_node = work_item.c.node_id
    waiting = (
        sa.select(
            work_item.c.node_id,
            work_item.c.opened_at,
            work_item.c.due_at,
            sa.func.row_number()
            .over(partition_by=at_node, order_by=work_item.c.opened_at)
            .label("place"),
            sa.func.count().over(partition_by=at_node).label("total"),
        )
        .select_from(instance.join(work_item, instances.is_open_task()))
        .where(instances.runs_on(digest))
        .subquery()
    )
    # Of an odd number the one in the middle, of an even one the older of the two.
    is_middle = waiting.c.place * 2 - waiting.c.total == waiting.c.total % 2
    query = sa.select(
        waiting.c.node_id,
        sa.func.count().label("waiting"),
        sa.func.min(waiting.c.opened_at).label("oldest_at"),
        sa.func.max(sa.case((is_middle, waiting.c.opened_at))).label("median_at"),
        _count_overdue(waiting.c.due_at, now),
    ).group_by(waiting.c.node_id)
    return [HeatRow(**row) for row in connection.execute(query).mappings()]


def _list_house_heat(connection: sa.Connection, digest: str, *, is_forked: bool) -> list[HeatRow]:
    """Return what waits for no person: jobs, messages, times, children; the states tell it."""
    query = sa.select(instance.c.state, instance.c.codec, instance.c.updated_at).where(
        instances.runs_on(digest)
    )
    if not is_forked:
        query = query.where(~sa.exists().where(instances.is_open_task()))
    since: dict[str, list[datetime]] = {}
    for row in connection.execute(query.order_by(instance.c.updated_at)):
        for node_id in instances.house_nodes(row.state, row.codec):
            since.setdefault(node_id, []).append(row.updated_at)
    return [
        HeatRow(
            node_id=node_id,
            waiting=len(times),
            oldest_at=times[0],
            median_at=times[(len(times) - 1) // 2],
            overdue=0,
        )
        for node_id, times in since.items()
    ]


def _count_overdue(due_at: sa.ColumnElement[datetime | None], now: datetime) -> sa.Label[int]:
    is_late = sa.case((due_at < now, 1), else_=0)
    return sa.cast(sa.func.sum(is_late), sa.Integer).label("overdue")


def _count(status: InstanceStatus) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .select_from(instance)
        .where(instance.c.definition_digest == definition.c.digest, instance.c.status == status)
        .correlate(definition)
        .scalar_subquery()
    )
