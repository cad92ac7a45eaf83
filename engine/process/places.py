"""Say what comes with a token that waits: a work item, times, messages.

Everything here is computed from the place alone; whoever makes the step writes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from engine.calendar.working_time import WorkingCalendar
from engine.process.deadlines import Deadline, parse_moment
from engine.process.messages import correlation_of
from engine.process.model import (
    NO_TASK,
    Countdown,
    DueEntry,
    DueKind,
    InstanceId,
    Message,
    Plain,
    StoredInstance,
    Subscription,
    TaskId,
    TaskRule,
    WorkItem,
)
from engine.process.nodes import Event, Node
from engine.process.specs import pick
from engine.process.work_items import alerts_of, open_item


@dataclass(frozen=True, kw_only=True)
class Place:
    """Hold where a token waits.

    Args:
        instance: with the time of the step that brought the token here as `updated_at`.
        node: what it waits at.
        events: boundary events on the node.
        data: process data at that time.
    """

    instance: StoredInstance
    node: Node
    events: Sequence[Node]
    task_id: TaskId
    data: Mapping[str, Plain]
    calendar: WorkingCalendar

    def work_item(self, rule: TaskRule) -> WorkItem:
        """Return the work item of a user task, with its deadline.

        Raises:
            InvalidInputError: a key of the rule, or the deadline, has no proper value.
        """
        item = open_item(self.task_id, self.node, rule, self.instance, self.data)
        text = self.node.work.due if self.node.work is not None else ""
        if not text:
            return item
        deadline = Deadline.parse(text)
        if any(self.data.get(name, "") is None for name in deadline.names):
            return item  # whoever set it said on purpose that there is none
        return replace(item, due_at=deadline.due(item.opened_at, self.data, self.calendar))

    def alert_entries(self, item: WorkItem) -> list[DueEntry]:
        """Return the entries that remind the holder of a task and tell the superior."""
        return alert_entries(item, self.calendar)

    def event_entries(self) -> list[DueEntry]:
        """Return the entries of the timers that run here: its own, or those on it."""
        return [
            self._entry(DueKind.EVENT, node.id, self._due_at(event))
            for node, event in self._list_events()
            if event.timer
        ]

    def subscriptions(self) -> list[Subscription]:
        """Return the messages that are waited for here.

        Raises:
            InvalidInputError: what a message is matched by has no value.
        """
        return [
            Subscription(
                instance_id=self.instance.id,
                task_id=self.task_id,
                node_id=node.id,
                name=event.message,
                correlation=correlation_of(event.message, pick(self.data, event.correlation)),
                payload=event.payload,
            )
            for node, event in self._list_events()
            if event.message
        ]

    def _list_events(self) -> Iterator[tuple[Node, Event]]:
        for node in (self.node, *self.events):
            if node.event is not None:
                yield node, node.event

    def _due_at(self, event: Event) -> datetime:
        parsed = parse_moment(event.timer) if event.is_moment else Deadline.parse(event.timer)
        return parsed.due(self.instance.updated_at, self.data, self.calendar)

    def _entry(self, kind: DueKind, node_id: str, at: datetime) -> DueEntry:
        return DueEntry(
            id=str(uuid4()),
            kind=kind,
            instance_id=self.instance.id,
            task_id=self.task_id,
            node_id=node_id,
            due_at=at,
        )


def alert_entries(item: WorkItem, calendar: WorkingCalendar) -> list[DueEntry]:
    """Return the entries that remind the holder of a task and tell the superior."""
    return [
        DueEntry(
            id=str(uuid4()),
            kind=kind,
            instance_id=item.instance_id,
            task_id=item.id,
            node_id=item.node_id,
            due_at=at,
        )
        for kind, at in alerts_of(item, calendar)
    ]


def message_entry(message: Message, now: datetime) -> DueEntry:
    """Return the entry that delivers a message."""
    return DueEntry(
        id=str(uuid4()),
        kind=DueKind.MESSAGE,
        instance_id=message.sent_by or InstanceId(""),
        task_id=NO_TASK,
        node_id="",
        subject_id=message.id,
        due_at=now,
    )


def resume_entry(countdown: Countdown, now: datetime) -> DueEntry:
    """Return the entry that resumes who has waited for answers or children."""
    return DueEntry(
        id=str(uuid4()),
        kind=DueKind.RESUME,
        instance_id=countdown.instance_id,
        task_id=countdown.task_id,
        node_id=countdown.node_id,
        due_at=now,
    )
