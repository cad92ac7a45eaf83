"""Keep what processes wait for: times, messages, answers, children; and what went wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import ErrorCode
from engine.process.model import (
    ALERT_KINDS,
    Countdown,
    DueEntry,
    DueKind,
    Incident,
    InstanceId,
    Message,
    Subscription,
    TaskId,
)
from storage.repositories.base import Repository, by_key, missing
from storage.tables import processes as tables

_due = tables.due_entry
_subscription = tables.subscription
_message = tables.message
_countdown = tables.countdown
_incident = tables.incident

_LIST_DUE = (
    sa.select(_due)
    .where(_due.c.due_at <= sa.bindparam("now", type_=_due.c.due_at.type))
    .order_by(_due.c.due_at, _due.c.id)
    .limit(sa.bindparam("limit"))
)
_FIND_DUE = sa.select(_due).where(by_key(_due.c.id))
_TAKE_DUE = sa.delete(_due).where(by_key(_due.c.id))
_PUT_OFF_DUE = sa.update(_due).where(by_key(_due.c.id))
# What an instance has sent is delivered also when the instance has ended.
_REMOVE_DUE = sa.delete(_due).where(by_key(_due.c.instance_id), _due.c.kind != DueKind.MESSAGE)
_REMOVE_DUE_OF_TASK = _REMOVE_DUE.where(_due.c.task_id == sa.bindparam("task"))
_FIND_SUBSCRIPTION = (
    sa.select(
        *(_subscription.c[name] for name in Subscription.__dataclass_fields__),
    )
    .where(by_key(_subscription.c.correlation))
    .order_by(_subscription.c.since, _subscription.c.task_id)
    .limit(1)
)
_REMOVE_SUBSCRIPTIONS = sa.delete(_subscription).where(by_key(_subscription.c.instance_id))
_GET_MESSAGE = sa.select(_message).where(by_key(_message.c.id))
_FIND_KEPT = (
    sa.select(_message)
    .where(by_key(_message.c.correlation), _message.c.delivered_to.is_(None))
    .order_by(_message.c.sent_at, _message.c.id)
    .limit(1)
)
_DELIVER = sa.update(_message).where(by_key(_message.c.id), _message.c.delivered_to.is_(None))
_FIND_COUNTDOWN = sa.select(_countdown).where(
    by_key(_countdown.c.instance_id), _countdown.c.node_id == sa.bindparam("node")
)
_COUNT_DOWN = (
    sa.update(_countdown)
    .where(_countdown.c.left > 0)
    .values(left=_countdown.c.left - 1)
    .returning(_countdown)
)
_COUNT_ANSWER = _COUNT_DOWN.where(
    by_key(_countdown.c.instance_id), _countdown.c.node_id == sa.bindparam("node")
)
_COUNT_CHILD = _COUNT_DOWN.where(by_key(_countdown.c.task_id))
_GET_INCIDENT = sa.select(_incident).where(by_key(_incident.c.id))
_FIND_INCIDENT = (
    sa.select(_incident)
    .where(
        by_key(_incident.c.instance_id),
        _incident.c.node_id == sa.bindparam("node"),
        _incident.c.entry_id == sa.bindparam("entry"),
        _incident.c.closed_at.is_(None),
    )
    .order_by(_incident.c.opened_at.desc())
    .limit(1)
)
_SAVE_INCIDENT = sa.update(_incident).where(by_key(_incident.c.id))


class SqlWaits(Repository):
    """Keep what waits; of several workers that take one entry, one succeeds."""

    def add_due(self, entries: Sequence[DueEntry]) -> None:
        """Add entries for the scheduler."""
        if entries:
            self._insert(_due, [dict(vars(entry)) for entry in entries])

    def list_due(self, now: datetime, limit: int) -> Sequence[DueEntry]:
        """Return entries that are due, the longest due first."""
        return self._list(DueEntry, _LIST_DUE, now=now, limit=limit)

    def find_due(self, entry_id: str) -> DueEntry | None:
        """Return one entry that is still to come."""
        return self._find(DueEntry, _FIND_DUE, key=entry_id)

    def take_due(self, entry_id: str) -> bool:
        """Take an entry out; return False when somebody else was first."""
        return self._connection.execute(_TAKE_DUE, {"key": entry_id}).rowcount == 1

    def put_off_due(self, entry: DueEntry) -> None:
        """Write when an entry is looked at again and how often it has failed."""
        values = {"key": entry.id, "due_at": entry.due_at, "tries": entry.tries}
        self._changed(_PUT_OFF_DUE, values)

    def remove_due(self, instance_id: InstanceId, task_id: TaskId | None = None) -> None:
        """Drop the entries of a task, or of the whole instance but for messages it has sent."""
        if task_id is None:
            self._connection.execute(_REMOVE_DUE, {"key": instance_id})
        else:
            self._connection.execute(_REMOVE_DUE_OF_TASK, {"key": instance_id, "task": task_id})

    def remove_alerts(self, instance_id: InstanceId, task_id: TaskId) -> None:
        """Drop the entries that tell of the deadline of a task; its timers stay."""
        statement = _REMOVE_DUE_OF_TASK.where(_due.c.kind.in_(ALERT_KINDS))
        self._connection.execute(statement, {"key": instance_id, "task": task_id})

    def add_subscription(self, subscription: Subscription, at: datetime) -> None:
        """Wait for a message."""
        row = {**vars(subscription), "payload": list(subscription.payload), "since": at}
        self._insert(_subscription, row)

    def find_subscription(self, correlation: str) -> Subscription | None:
        """Return who has waited longest for messages with this hash."""
        return self._find(_subscription_of, _FIND_SUBSCRIPTION, key=correlation)

    def remove_subscriptions(
        self, instance_id: InstanceId, task_id: TaskId | None = None, node_id: str | None = None
    ) -> None:
        """Wait no longer: the whole instance, one task of it, or one event on the task."""
        statement = _REMOVE_SUBSCRIPTIONS
        if task_id is not None:
            statement = statement.where(_subscription.c.task_id == task_id)
        if node_id is not None:
            statement = statement.where(_subscription.c.node_id == node_id)
        self._connection.execute(statement, {"key": instance_id})

    def add_message(self, message: Message) -> bool:
        """Keep a message; return False when one with its id was sent before."""
        return self._insert_once(_message, {**vars(message), "payload": dict(message.payload)})

    def get_message(self, message_id: str) -> Message:
        """Return one message.

        Raises:
            NotFoundError: there is none with this id.
        """
        found = self._find(Message, _GET_MESSAGE, key=message_id)
        return found or missing("message", message_id, ErrorCode.PROCESS_UNKNOWN)

    def find_kept_message(self, correlation: str) -> Message | None:
        """Return the oldest message with this hash that nobody has taken."""
        return self._find(Message, _FIND_KEPT, key=correlation)

    def deliver_message(self, message_id: str, instance_id: InstanceId, at: datetime) -> bool:
        """Note who took a message; return False when it was taken before."""
        values = {"key": message_id, "delivered_to": instance_id, "delivered_at": at}
        return self._changed(_DELIVER, values) == 1

    def set_countdown(self, countdown: Countdown) -> None:
        """Wait for so many answers or children at a node; an older count is replaced."""
        if not self._insert_once(_countdown, dict(vars(countdown))):
            place = sa.and_(
                _countdown.c.instance_id == countdown.instance_id,
                _countdown.c.node_id == countdown.node_id,
            )
            self._changed(sa.update(_countdown).where(place).values(**vars(countdown)))

    def find_countdown(self, instance_id: InstanceId, node_id: str) -> Countdown | None:
        """Return what a node waits for."""
        return self._find(Countdown, _FIND_COUNTDOWN, key=instance_id, node=node_id)

    def count_answer(self, instance_id: InstanceId, node_id: str) -> Countdown | None:
        """Take one off what a node waits for and return the rest; None when nothing is left."""
        return self._count(_COUNT_ANSWER, key=instance_id, node=node_id)

    def count_child(self, task_id: TaskId) -> Countdown | None:
        """Take one off the children a task waits for, as `count_answer`."""
        return self._count(_COUNT_CHILD, key=task_id)

    def find_incident(
        self, instance_id: InstanceId, node_id: str, entry_id: str
    ) -> Incident | None:
        """Return the open incident of a step or of an entry."""
        return self._find(Incident, _FIND_INCIDENT, key=instance_id, node=node_id, entry=entry_id)

    def get_incident(self, incident_id: str) -> Incident:
        """Return one incident.

        Raises:
            NotFoundError: there is none with this id.
        """
        found = self._find(Incident, _GET_INCIDENT, key=incident_id)
        return found or missing("incident", incident_id, ErrorCode.PROCESS_UNKNOWN)

    def add_incident(self, incident: Incident) -> None:
        """Put an incident on the list."""
        self._insert(_incident, dict(vars(incident)))

    def save_incident(self, incident: Incident) -> None:
        """Write what became of an incident."""
        self._changed(_SAVE_INCIDENT, {**vars(incident), "key": incident.id})

    def _count(self, statement: sa.UpdateBase, **values: Any) -> Countdown | None:
        row = self._connection.execute(statement, values).first()
        return None if row is None else Countdown(**row._mapping)


def _subscription_of(**row: Any) -> Subscription:
    return Subscription(**{**row, "payload": tuple(row["payload"])})
