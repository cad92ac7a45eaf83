"""Do what is due: events, reminders, messages, the end of waits; each exactly once.

Whoever takes an entry out deletes its row in the transaction that does the work: of several
workers one succeeds, and a failure leaves the entry where it was. Then the caller notes the
failure in a transaction of its own: the entry is looked at later, and an administrator sees an
incident until it goes through.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from engine.errors import ErrorCode, InvalidInputError, TrinhKyError
from engine.model.organisation import SYSTEM
from engine.process.codec import decode
from engine.process.model import (
    NO_TASK,
    Alert,
    DueEntry,
    DueKind,
    Incident,
    IncidentKind,
    InstanceId,
    InstanceStatus,
    Message,
    Plain,
    StoredInstance,
    Subscription,
)
from engine.process.nodes import NodeKind
from engine.process.stepping import Stepper, find_started
from engine.process.steps import TIMER_OUTCOME, Step
from engine.process.work_items import alerted

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
#: Waits differ by so much either way, so that what failed together is not tried together.
_JITTER = 0.2
_KINDS = {
    DueKind.MESSAGE: IncidentKind.MESSAGE,
    DueKind.RESUME: IncidentKind.RESUME,
}
_ALERTS = {
    DueKind.HALF: Alert.HALF,
    DueKind.NEAR: Alert.NEAR,
    DueKind.OVERDUE: Alert.OVERDUE,
}
_RANK = {alert: rank for rank, alert in enumerate(Alert)}
MESSAGE_OUTCOME = "message"
RESUMED_OUTCOME = "answered"
RESOLVED_OUTCOME = "resolved"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Do what is due, over the store of one transaction."""

    stepper: Stepper

    def list_due(self, now: datetime, limit: int = 100) -> Sequence[DueEntry]:
        """Return what is due, the longest due first; after an outage that may be much."""
        return self.stepper.store.list_due(now, limit)

    def perform(self, entry: DueEntry, now: datetime) -> bool:
        """Do one thing; return False when somebody else was first.

        Raises:
            TrinhKyError: it cannot be done; the caller rolls back and calls `note_failure`.
        """
        if not self.stepper.store.take_due(entry.id):
            return False
        if entry.kind in _ALERTS:
            self._alert(entry)
        elif entry.kind is DueKind.MESSAGE:
            self._deliver(entry, now)
        else:
            self._go_on(entry, now)
        if entry.tries:
            self._resolve(entry, now)
        return True

    def note_failure(self, entry: DueEntry, error: TrinhKyError, now: datetime) -> Incident | None:
        """Put an entry off and its failure on the list, in a new transaction.

        Returns:
            The incident, None when somebody else did the entry meanwhile.
        """
        store = self.stepper.store
        if store.find_due(entry.id) is None:
            return None
        tries = entry.tries + 1
        at = now + _wait_after(tries)
        store.put_off_due(replace(entry, due_at=at, tries=tries))
        known = store.find_incident(entry.instance_id, entry.node_id, entry.id)
        if known is not None:
            again = replace(
                known,
                tries=tries,
                code=error.code,
                reason=error.detail[:1000],
                last_at=now,
                next_try_at=at,
            )
            store.save_incident(again)
            return again
        incident = Incident(
            id=uuid4().hex[:12],
            instance_id=entry.instance_id,
            kind=_KINDS.get(entry.kind, IncidentKind.TIMER),
            node_id=entry.node_id,
            entry_id=entry.id,
            code=error.code,
            reason=error.detail[:1000],
            tries=tries,
            opened_at=now,
            last_at=now,
            next_try_at=at,
        )
        store.add_incident(incident)
        return incident

    def note_step(
        self, instance_id: InstanceId, node_id: str, error: TrinhKyError, now: datetime
    ) -> Incident:
        """Put a person's step that could not be made on the list, in a new transaction.

        The task is as it was; the incident counts as over once the instance has moved on.
        """
        store = self.stepper.store
        instance = store.get_instance(instance_id)
        known = store.find_incident(instance_id, node_id, "")
        if known is not None and known.version == instance.version:
            again = replace(
                known,
                tries=known.tries + 1,
                code=error.code,
                reason=error.detail[:1000],
                last_at=now,
            )
            store.save_incident(again)
            return again
        incident = Incident(
            id=uuid4().hex[:12],
            instance_id=instance_id,
            version=instance.version,
            kind=IncidentKind.STEP,
            node_id=node_id,
            entry_id="",
            code=error.code,
            reason=error.detail[:1000],
            tries=1,
            opened_at=now,
            last_at=now,
        )
        store.add_incident(incident)
        return incident

    def retry(self, incident_id: str, now: datetime) -> Incident:
        """Look at what failed again at once, by hand.

        Raises:
            NotFoundError: there is no such incident.
            InvalidInputError: a person's step failed: the person tries again, nobody else can.
        """
        store = self.stepper.store
        incident = store.get_incident(incident_id)
        entry = store.find_due(incident.entry_id) if incident.entry_id else None
        if entry is None:
            raise InvalidInputError(f"incident {incident_id} has nothing to retry")
        store.put_off_due(replace(entry, due_at=now))
        again = replace(incident, next_try_at=now)
        store.save_incident(again)
        return again

    def _alert(self, entry: DueEntry) -> None:
        store = self.stepper.store
        item, alert = store.get_work_item(entry.task_id), _ALERTS[entry.kind]
        # Entries may come late and in any order; what is overdue is never only near again.
        if item.closed_at is None and _RANK[alert] > _RANK[item.alert]:
            store.update_work_item(alerted(item, alert))

    def _go_on(self, entry: DueEntry, now: datetime) -> None:
        """Let an event happen or a wait end; nothing happens to an instance that has ended."""
        store = self.stepper.store
        instance = store.get_instance(entry.instance_id)
        if instance.status is not InstanceStatus.RUNNING:
            return
        if entry.kind is DueKind.RESUME:
            self._resume(instance, entry, now)
        else:
            self._happen(instance, entry, TIMER_OUTCOME, {}, now)

    def _resume(self, instance: StoredInstance, entry: DueEntry, now: datetime) -> None:
        """Complete the node whose answers or children are all there.

        A node that is not reached yet finds its count at nothing when it is.
        """
        task_id = find_started(instance, entry.node_id)
        if task_id is None or entry.task_id not in {NO_TASK, task_id}:
            return
        counted = self.stepper.store.find_countdown(instance.id, entry.node_id)
        if counted is not None and not counted.task_id:
            # Used up: the same answers do not count again when the node comes round.
            self.stepper.store.set_countdown(replace(counted, task_id=task_id))
        meant = replace(entry, task_id=task_id)
        self._happen(instance, meant, RESUMED_OUTCOME, self._taken(instance, entry), now)

    def _taken(self, instance: StoredInstance, entry: DueEntry) -> Mapping[str, Plain]:
        node = self.stepper.library.definition_of(instance).diagram.nodes[entry.node_id]
        if node.call is None or node.call.many or not entry.task_id:
            return {}
        child = self.stepper.store.list_children(entry.task_id)[-1]
        data = decode(child.state, child.codec).data
        return {key: data.get(key) for key in node.call.takes}

    def _deliver(self, entry: DueEntry, now: datetime) -> None:
        """Give a message to who waits for it; it is kept while nobody does."""
        store = self.stepper.store
        message = store.get_message(entry.subject_id)
        if message.delivered_to is not None:
            # Two that waited for the same were told of the same one: the next is for the second.
            kept = store.find_kept_message(message.correlation)
            if kept is None:
                return
            message = kept
        subscription = store.find_subscription(message.correlation)
        if subscription is None:
            return
        self.deliver(message, subscription, now)

    def deliver(self, message: Message, subscription: Subscription, now: datetime) -> None:
        """Let a message happen to who waits for it, once."""
        store = self.stepper.store
        if not store.deliver_message(message.id, subscription.instance_id, now):
            return
        instance = store.get_instance(subscription.instance_id)
        writes = _declared(subscription, message.payload)
        self._happen(instance, subscription, MESSAGE_OUTCOME, writes, now)

    def _happen(
        self,
        instance: StoredInstance,
        place: DueEntry | Subscription,
        outcome: str,
        writes: Mapping[str, Plain],
        now: datetime,
    ) -> None:
        store, node_id, task_id = self.stepper.store, place.node_id, place.task_id
        node = self.stepper.library.definition_of(instance).diagram.nodes[node_id]
        step = Step(actor=SYSTEM, now=now, outcome=outcome, is_paced=True).at(node, task_id)
        if node.kind is not NodeKind.BOUNDARY:
            self.stepper.run(instance, step, lambda e: e.complete(task_id, writes))
            return
        if node.event is not None and node.event.message:
            # One that does not interrupt happens once each time its task is reached.
            store.remove_subscriptions(instance.id, task_id, node_id)
        self.stepper.run(instance, step, lambda e: e.fire(task_id, node, writes))

    def _resolve(self, entry: DueEntry, now: datetime) -> None:
        store = self.stepper.store
        incident = store.find_incident(entry.instance_id, entry.node_id, entry.id)
        if incident is not None:
            store.save_incident(
                replace(
                    incident,
                    closed_at=now,
                    closed_by_name=SYSTEM.full_name,
                    outcome=RESOLVED_OUTCOME,
                    next_try_at=None,
                )
            )


def _declared(subscription: Subscription, payload: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """Return what the receiver declares of a message; the rest never reaches its data."""
    for key in subscription.payload:
        if key not in payload:
            raise InvalidInputError(
                f"message for {subscription.node_id} has no {key!r}",
                code=ErrorCode.PROCESS_DATA,
                key=key,
            )
    return {key: payload[key] for key in subscription.payload}


def _wait_after(tries: int) -> timedelta:
    # Bounded before the power: a year of tries must not overflow.
    doubled: timedelta = min(FIRST_WAIT * 2 ** min(tries - 1, 16), LONGEST_WAIT)
    return doubled * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 no secret
