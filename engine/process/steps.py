"""Describe one step: who does it, where and when; and how it may fail."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from engine.errors import InvalidInputError
from engine.model.organisation import Actor, StandIn
from engine.process.model import NO_TASK, HistoryEntry, InstanceId, StoredInstance, TaskId
from engine.process.nodes import Node

STARTED_OUTCOME = "started"
CANCELLED_OUTCOME = "cancelled"
TIMER_OUTCOME = "timer"
MIGRATED_OUTCOME = "migrated"

#: What the house does by itself is followed by what it does next after this, not at once.
PACE = timedelta(minutes=1)


class StepFailedError(InvalidInputError):
    """Report a step its process cannot make, though the person did nothing wrong.

    A condition that cannot decide, a table without a matching rule, a task for nobody: the flow or
    its data has to be mended. Nothing was written; the edge puts it on the administrators' list.
    """

    def __init__(self, cause: InvalidInputError, instance_id: InstanceId, node_id: str) -> None:
        super().__init__(cause.detail, code=cause.code, **cause.params)
        self.instance_id = instance_id
        self.node_id = node_id


class EnqueueJob(Protocol):
    """Enqueue a job in the transaction of the step; see `engine.ports.Jobs.enqueue`."""

    def __call__(self, name: str, key: str, payload: Mapping[str, str]) -> None:
        """Run the job `name` once for `key` after the commit."""
        ...


@dataclass(frozen=True, kw_only=True)
class Step:
    """Hold who does a step, where and when, and what was decided.

    Args:
        stand_in: by which the actor does it for somebody else; None when it is their own.
        is_paced: the house makes it because of a time, a message or an answer. What it sets off
            waits a little, so that a circle of them never runs without a pause.
    """

    actor: Actor
    now: datetime
    outcome: str
    comment: str = ""
    task_id: TaskId = NO_TASK
    node_id: str = ""
    name: str = ""
    is_paced: bool = False
    stand_in: StandIn | None = None

    @property
    def follow_at(self) -> datetime:
        """Return when the house does what the step sets off."""
        return self.now + PACE if self.is_paced else self.now

    def entry(self, before: StoredInstance) -> HistoryEntry:
        """Return the line of the history; `before` is the instance as it was."""
        # Each step adds one to the version and one entry, so the old version is the sequence.
        return HistoryEntry(
            instance_id=before.id,
            sequence=before.version,
            task_id=self.task_id,
            node_id=self.node_id,
            name=self.name,
            actor_id=self.actor.person_id,
            actor_name=self.actor.full_name,
            at=self.now,
            outcome=self.outcome,
            comment=self.comment,
            on_behalf_of=self.stand_in.giver_id if self.stand_in else None,
            on_behalf_of_name=self.stand_in.giver_name if self.stand_in else "",
        )

    def at(self, node: Node, task_id: TaskId = NO_TASK) -> "Step":
        """Return the step as one at a node."""
        return replace(self, task_id=task_id, node_id=node.id, name=node.name)
