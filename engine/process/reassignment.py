"""Hand a task on, take it back, send it back: what people do that no arrow shows.

All of it is bounded by the diagram: a task goes back only to where it says it may, and only if
the tokens may stand there. Each is a step with its line of history.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from engine.clock import local
from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.model.organisation import SYSTEM, Actor, PersonId
from engine.process.admission import admit
from engine.process.codec import decode
from engine.process.definitions import Definition
from engine.process.execution import Execution
from engine.process.markings import may_stand
from engine.process.model import (
    Alert,
    HistoryEntry,
    InstanceStatus,
    Plain,
    StepResult,
    StoredInstance,
    TaskId,
    WorkItem,
)
from engine.process.nodes import Node
from engine.process.places import alert_entries
from engine.process.stepping import Stepper
from engine.process.steps import MIGRATED_OUTCOME, Step
from engine.process.work_items import check_actor, check_open, not_yours

HANDED_OVER_OUTCOME = "handed_over"
ASKED_OUTCOME = "asked"
TAKEN_BACK_OUTCOME = "taken_back"
PUT_OFF_OUTCOME = "put_off"


@dataclass(frozen=True, kw_only=True)
class Reassignment:
    """Change who has a task, or which task it is, over the store of one transaction."""

    stepper: Stepper

    def hand_over(
        self,
        task_id: TaskId,
        person_id: PersonId,
        *,
        actor: Actor,
        now: datetime,
        reason: str,
        as_superior: bool = False,
    ) -> WorkItem:
        """Give an open task to another person; returns it as it is now.

        Args:
            person_id: who gets it; the use case has checked that they hold the role.
            as_superior: `actor` has it not themselves, and the use case has checked the right.

        Raises:
            ConflictError: the task is closed.
            NotPermittedError: it is not the actor's, or this kind of task stays where it is.
        """
        item = self.stepper.store.get_work_item(task_id)
        rule = self.stepper.library.rule(item.procedure_id, item.rule)
        if as_superior:
            check_open(item)
        else:
            # The holder's own: what was delegated is not passed on.
            check_actor(item, rule, actor, rule.use_case)
        if not rule.may_hand_over:
            raise NotPermittedError(
                f"{item.node_id} stays with its person",
                code=ErrorCode.TASK_STAYS,
                predicate="may_hand_over",
            )
        instance = self.stepper.running(item.instance_id)
        step = _step(item, actor, now, HANDED_OVER_OUTCOME, reason)
        # A later return has to come to the new holder, so the data names them too.
        self.stepper.note(instance, step, {rule.person_key: person_id} if rule.person_key else {})
        given = replace(item, person_id=person_id)
        self.stepper.store.update_work_item(given)
        return given

    def take_over(
        self, task_id: TaskId, actor: Actor, *, now: datetime, outcome: str, comment: str
    ) -> WorkItem:
        """Put a task of somebody the actor stands in for under the actor's own name.

        For what only the person named may do, such as signing; returns the task as it is now.

        Raises:
            ConflictError: the task is closed.
            NotPermittedError: it is not the actor's by a delegation in force today, or it waits
                for nobody by name; `params["predicate"]` names what failed.
        """
        item = self.stepper.store.get_work_item(task_id)
        rule = self.stepper.library.rule(item.procedure_id, item.rule)
        admit(self.stepper, item, actor, rule.use_case, day=local(now).date())
        stand_in = self.stepper.deputies.find(actor.person_id)
        if stand_in is None or rule.person_key is None:
            raise not_yours(item, "stands_in_for")
        instance = self.stepper.running(item.instance_id)
        step = replace(_step(item, actor, now, outcome, comment), stand_in=stand_in)
        self.stepper.note(instance, step, {rule.person_key: actor.person_id})
        taken = replace(item, person_id=actor.person_id)
        self.stepper.store.update_work_item(taken)
        return taken

    def put_off(
        self, task_id: TaskId, due_at: datetime, *, due_key: str, now: datetime
    ) -> WorkItem:
        """Give an open task another deadline, and tell of that one instead of the old.

        Args:
            due_key: process data that holds the deadline; what opens later reads it too.

        Raises:
            ConflictError: the task is closed.
        """
        item = self.stepper.store.get_work_item(task_id)
        check_open(item)
        instance = self.stepper.running(item.instance_id)
        step = _step(item, SYSTEM, now, PUT_OFF_OUTCOME, "")
        self.stepper.note(instance, step, {due_key: due_at.isoformat()})
        later = replace(
            item, due_at=due_at, alert=Alert.NONE, escalated_role=None, escalated_unit_id=None
        )
        self.stepper.store.update_work_item(later)
        self.stepper.store.remove_alerts(instance.id, task_id)
        self.stepper.store.add_due(alert_entries(later, self.stepper.calendar))
        return later

    def check_holder(self, task_id: TaskId, actor: Actor) -> WorkItem:
        """Check that `actor` may do an open task, as holder or delegate, by any use case.

        Raises:
            ConflictError: the task is closed.
            NotPermittedError: it is somebody else's; `params["predicate"]` names what failed.
        """
        item = self.stepper.store.get_work_item(task_id)
        rule = self.stepper.library.rule(item.procedure_id, item.rule)
        admit(self.stepper, item, actor, rule.use_case)
        return item

    def may_hand_over(self, item: WorkItem) -> bool:
        """Tell whether this kind of task may go to somebody else at all."""
        return self.stepper.library.rule(item.procedure_id, item.rule).may_hand_over

    def note_asked(
        self, task_id: TaskId, count: int, actor: Actor, *, now: datetime, comment: str
    ) -> WorkItem:
        """Note that opinions are asked for on a task; they end with it.

        Args:
            count: how many more; each is a process started by the task.
            comment: who is asked, for the history.

        Raises:
            ConflictError, NotPermittedError: as `check_holder`.
        """
        item = self.stepper.store.get_work_item(task_id)
        rule = self.stepper.library.rule(item.procedure_id, item.rule)
        admit(self.stepper, item, actor, rule.use_case, day=local(now).date())
        instance = self.stepper.running(item.instance_id)
        step = replace(
            _step(item, actor, now, ASKED_OUTCOME, comment),
            stand_in=self.stepper.deputies.find(actor.person_id),
        )
        self.stepper.note(instance, step, {})
        asked = replace(item, asked=item.asked + count)
        self.stepper.store.update_work_item(asked)
        return asked

    def foresee(self, item: WorkItem, writes: Mapping[str, Plain]) -> list[Node]:
        """Return the user tasks that completing an open task would open; nothing changes.

        Raises:
            InvalidInputError: a condition cannot decide on `writes`.
        """
        instance = self.stepper.store.get_instance(item.instance_id)
        definition = self.stepper.library.definition_of(instance)
        execution = Execution.restore(definition, decode(instance.state, instance.codec))
        before = execution.list_ready()
        execution.complete(item.id, writes)
        opened = [n for task, n in execution.list_ready().items() if task not in before]
        return [definition.diagram.nodes[node_id] for node_id in opened]

    def list_ways_back(self, item: WorkItem) -> list[Node]:
        """Return the earlier tasks an open task may be sent back to, in the diagram's order."""
        instance = self.stepper.store.get_instance(item.instance_id)
        if item.closed_at is not None or instance.status is not InstanceStatus.RUNNING:
            return []
        definition = self.stepper.library.definition_of(instance)
        return [
            definition.diagram.nodes[target]
            for target in _targets(definition, item.node_id)
            if _may_move(instance, definition, item, target)
        ]

    def send_back(
        self,
        task_id: TaskId,
        target_id: str,
        actor: Actor,
        *,
        use_case: str,
        now: datetime,
        outcome: str,
        comment: str,
    ) -> StepResult:
        """Put a task back to an earlier one by name.

        Raises:
            ConflictError: the task is closed, or the process moved on meanwhile.
            NotPermittedError: it is not the actor's by this use case.
            InvalidInputError: it does not go back there; code `PROCESS_RETURN`.
        """
        item = self.stepper.store.get_work_item(task_id)
        admit(self.stepper, item, actor, use_case, day=local(now).date())
        step = replace(
            _step(item, actor, now, outcome, comment),
            stand_in=self.stepper.deputies.find(actor.person_id),
        )
        return self._move(item, target_id, step)

    def find_take_back(self, task_id: TaskId, actor: Actor) -> HistoryEntry | None:
        """Return the actor's own step that led to an open task, if it can be taken back."""
        item = self.stepper.store.get_work_item(task_id)
        if item.closed_at is not None:
            return None
        instance = self.stepper.store.get_instance(item.instance_id)
        definition = self.stepper.library.definition_of(instance)
        entry = self._last_step(instance)
        if (
            entry is None
            or entry.actor_id != actor.person_id
            or entry.at != item.opened_at
            or not _may_move(instance, definition, item, entry.node_id)
        ):
            return None
        return entry

    def take_back(
        self, task_id: TaskId, actor: Actor, *, now: datetime, comment: str
    ) -> StepResult:
        """Take one's own step back as long as nobody has acted on it.

        Args:
            task_id: task the step led to, still open.

        Raises:
            ConflictError: somebody has acted since; code `TASK_CLOSED` or `PROCESS_RETURN`.
        """
        item = self.stepper.store.get_work_item(task_id)
        check_open(item)
        entry = self.find_take_back(task_id, actor)
        if entry is None:
            raise ConflictError(f"task {task_id} is not taken back", code=ErrorCode.PROCESS_RETURN)
        return self._move(
            item, entry.node_id, _step(item, actor, now, TAKEN_BACK_OUTCOME, comment)
        )

    def _move(self, item: WorkItem, target_id: str, step: Step) -> StepResult:
        instance = self.stepper.running(item.instance_id)
        definition = self.stepper.library.definition_of(instance)
        if not _may_move(instance, definition, item, target_id):
            raise InvalidInputError(
                f"{item.node_id} does not go back to {target_id}",
                code=ErrorCode.PROCESS_RETURN,
                target=target_id,
            )
        source = definition.diagram.flows_into(target_id)[0].source
        return self.stepper.run(
            instance, step, lambda e: e.move(item.id, target_id, source), item=item
        )

    def _last_step(self, instance: StoredInstance) -> HistoryEntry | None:
        # What the house did meanwhile, and a move to another version, undo nobody's step.
        last = self.stepper.store.find_last_history(
            instance.id, without_actor=SYSTEM.person_id, without_outcome=MIGRATED_OUTCOME
        )
        return last if last is not None and last.task_id else None


def _targets(definition: Definition, node_id: str) -> tuple[str, ...]:
    work = definition.diagram.nodes[node_id].work
    return work.returns_to if work is not None else ()


def _may_move(
    instance: StoredInstance, definition: Definition, item: WorkItem, target_id: str
) -> bool:
    """Tell whether a task may be put to another, and the tokens may stand there together."""
    if target_id not in _targets(definition, item.node_id):
        return False
    tokens = decode(instance.state, instance.codec).tokens
    standing = [
        (target_id, "") if token.id == item.id else (token.node, token.source)
        for token in tokens
        if token.node in definition.diagram.nodes
    ]
    return may_stand(definition.diagram, standing)


def _step(item: WorkItem, actor: Actor, now: datetime, outcome: str, comment: str) -> Step:
    return Step(
        actor=actor,
        now=now,
        outcome=outcome,
        comment=comment,
        task_id=item.id,
        node_id=item.node_id,
        name=item.name,
    )
