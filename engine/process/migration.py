"""Move running instances to another version of their procedure, one by one or many.

An instance moves only if every place it stands at exists in the new version and the tokens may
stand there together: otherwise a join could wait for ever. What would be skipped is said before
anything is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.organisation import Actor
from engine.process.codec import CODEC, Snapshot, Token, TokenState, decode, encode
from engine.process.definitions import Definition
from engine.process.graph import graph_of, reach
from engine.process.markings import find_sources
from engine.process.model import (
    DueEntry,
    InstanceId,
    InstanceStatus,
    StoredInstance,
    Subscription,
    WorkItem,
)
from engine.process.nodes import Event, Node, NodeKind
from engine.process.places import Place
from engine.process.reassignment import (
    ASKED_OUTCOME,
    HANDED_OVER_OUTCOME,
    TAKEN_BACK_OUTCOME,
)
from engine.process.skipping import list_skipped_steps, step_of
from engine.process.stepping import Stepper
from engine.process.steps import CANCELLED_OUTCOME, MIGRATED_OUTCOME, Step

_NOT_DONE = frozenset(
    {ASKED_OUTCOME, CANCELLED_OUTCOME, HANDED_OVER_OUTCOME, MIGRATED_OUTCOME, TAKEN_BACK_OUTCOME}
)
_WAITING = frozenset({TokenState.READY, TokenState.STARTED})


class MigrationProblem(StrEnum):
    """Name why an instance stays on its version."""

    STEP_GONE = "step_gone"
    STEP_CHANGED = "step_changed"
    STEP_SKIPPED = "step_skipped"
    CANNOT_STAND = "cannot_stand"
    RULE_GONE = "rule_gone"
    DATA_MISSING = "data_missing"
    OTHER_PROCEDURE = "other_procedure"


@dataclass(frozen=True, kw_only=True)
class MigrationPlan:
    """Hold what moving one instance would do.

    Args:
        waiting: nodes it waits at.
        problems: why it stays; empty when it moves. Each with the node it is about.
        skipped: tasks of the new version that will not be done: they were still to come in the
            old one or are not in it, and lie behind it now.
        added: tasks of the new version that are still to come and were not in the old one.
        dropped: tasks of the old version that are no longer to come.
    """

    instance_id: InstanceId
    business_key: str
    waiting: Sequence[str]
    problems: Sequence[tuple[MigrationProblem, str]]
    skipped: Sequence[str]
    added: Sequence[str]
    dropped: Sequence[str]

    @property
    def is_possible(self) -> bool:
        """Tell whether the instance can move."""
        return not self.problems


@dataclass
class _Opened:
    """Collect what comes with the tokens in the new version."""

    items: list[WorkItem] = field(default_factory=list)
    due: list[DueEntry] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Migration:
    """Move instances to another version, over the store of one transaction."""

    stepper: Stepper

    def plan(self, instance: StoredInstance, digest: str) -> MigrationPlan:
        """Return what moving an instance to another version would do; writes nothing.

        Raises:
            InvalidInputError: there is no such version.
        """
        old, new = (
            self.stepper.library.definition_of(instance),
            self.stepper.library.definition(digest),
        )
        snapshot = decode(instance.state, instance.codec)
        tokens = _placed(snapshot, old)
        problems = self._problems(instance, old, new, snapshot)
        ahead_old, ahead_new = _ahead(old, tokens), _ahead(new, tokens)
        tasks_old, tasks_new = _tasks(old), _tasks(new)
        return MigrationPlan(
            instance_id=instance.id,
            business_key=instance.business_key,
            waiting=[token.node for token in tokens if token.state in _WAITING],
            problems=problems,
            skipped=[
                node
                for node in tasks_new
                if node not in ahead_new and (node not in tasks_old or node in ahead_old)
            ],
            added=[n for n in tasks_new if n not in tasks_old and n in ahead_new],
            dropped=[n for n in tasks_old if n not in tasks_new and n in ahead_old],
        )

    def migrate(
        self, instance: StoredInstance, digest: str, *, actor: Actor, now: datetime
    ) -> StoredInstance:
        """Move an instance to another version; its tasks keep their ids.

        Raises:
            ConflictError: it cannot move, code `PROCESS_MIGRATION`, or it moved on meanwhile.
        """
        plan = self.plan(instance, digest)
        if instance.status is not InstanceStatus.RUNNING or not plan.is_possible:
            raise ConflictError(
                f"{instance.id} stays: {plan.problems}", code=ErrorCode.PROCESS_MIGRATION
            )
        new = self.stepper.library.definition(digest)
        snapshot = decode(instance.state, instance.codec)
        moved = replace(
            instance,
            definition_digest=digest,
            version=instance.version + 1,
            codec=CODEC,
            state=encode(_carried(snapshot, new)),
            updated_at=now,
        )
        opened = self._collect(moved, new, snapshot)
        self.stepper.store.update_instance(moved, instance.version)
        self._reopen(moved, opened, now)
        step = Step(actor=actor, now=now, outcome=MIGRATED_OUTCOME, comment=digest)
        here = replace(step, node_id=new.diagram.process_id, name=new.diagram.name)
        self.stepper.store.add_history(here.entry(instance))
        return moved

    def _problems(
        self,
        instance: StoredInstance,
        old: Definition,
        new: Definition,
        snapshot: Snapshot,
    ) -> list[tuple[MigrationProblem, str]]:
        if old.diagram.process_id != new.diagram.process_id:
            return [(MigrationProblem.OTHER_PROCEDURE, new.diagram.process_id)]
        tokens = _placed(snapshot, old)
        found = [
            (problem, token.node)
            for token in tokens
            if (problem := self._node_problem(instance, old, new, token)) is not None
        ]
        if found:
            return found
        if find_sources(new.diagram, _standing(tokens)) is None:
            return [(MigrationProblem.CANNOT_STAND, token.node) for token in tokens]
        procedure = self.stepper.library.procedure(instance.procedure_id)
        standing = [token.node for token in tokens]
        skipped = list_skipped_steps(
            procedure, old.diagram, new.diagram, standing, self._done(instance, old)
        )
        if skipped:
            return [(MigrationProblem.STEP_SKIPPED, node_id) for node_id in skipped]
        moved = replace(instance, definition_digest=new.digest)
        return [
            (MigrationProblem.DATA_MISSING, token.node)
            for token in tokens
            if not self._can_open(moved, new, snapshot, token)
        ]

    def _done(self, instance: StoredInstance, old: Definition) -> set[str]:
        """Return the steps that have been completed; being handed on or looked at is not that."""
        nodes = old.diagram.nodes
        return {
            step_of(nodes[entry.node_id])
            for entry in self.stepper.store.list_history(instance.id)
            if entry.node_id in nodes and entry.task_id and entry.outcome not in _NOT_DONE
        }

    def _can_open(
        self, moved: StoredInstance, new: Definition, snapshot: Snapshot, token: Token
    ) -> bool:
        try:
            self._collect(moved, new, replace(snapshot, tokens=(token,)))
        except InvalidInputError:
            return False
        return True

    def _node_problem(
        self, instance: StoredInstance, old: Definition, new: Definition, token: Token
    ) -> MigrationProblem | None:
        before, after = old.diagram.nodes[token.node], new.diagram.nodes.get(token.node)
        if after is None:
            return MigrationProblem.STEP_GONE
        if not _is_alike(before, after):
            return MigrationProblem.STEP_CHANGED
        # What has arrived at a join counts by where it came from: that cannot be guessed anew.
        sources = {flow.source for flow in new.diagram.flows_into(token.node)}
        if after.kind is NodeKind.PARALLEL and token.source not in sources:
            return MigrationProblem.STEP_CHANGED
        rules = self.stepper.library.procedure(instance.procedure_id).tasks
        if after.work is not None and after.work.rule not in rules:
            return MigrationProblem.RULE_GONE
        if step_of(before) != step_of(after):
            # What the instance is ready for is not what the new task does with it.
            return MigrationProblem.STEP_CHANGED
        return None

    def _collect(self, moved: StoredInstance, new: Definition, snapshot: Snapshot) -> _Opened:
        """Find out what the house and people wait for, as the new version says.

        Raises:
            InvalidInputError: a rule or a deadline reads data the instance does not have.
        """
        opened = _Opened()
        for token in _placed(snapshot, new):
            place = self.stepper.place(
                moved, new.diagram.nodes[token.node], token.id, snapshot.data
            )
            if place.node.work is not None:
                place = self._again(place, opened)
                opened.due += place.event_entries()
            # A catch event's own timer runs on.
            if token.state in _WAITING:
                opened.subscriptions += place.subscriptions()
        return opened

    def _again(self, place: Place, opened: _Opened) -> Place:
        """Collect an open task as the new version has it; return its place as it was opened."""
        work, store = place.node.work, self.stepper.store
        rule_id = work.rule if work is not None else ""
        held = store.get_work_item(place.task_id)
        # Time that has passed counts: what was due before is due now.
        since = replace(place.instance, updated_at=held.opened_at)
        place = replace(place, instance=since, events=self._still_to_come(place))
        fresh = self._fresh(place, rule_id, held)
        # Who has it keeps it: it may have been handed over.
        kept = replace(fresh, person_id=held.person_id or fresh.person_id, asked=held.asked)
        opened.items.append(kept)
        opened.due += place.alert_entries(kept)
        return place

    def _fresh(self, place: Place, rule_id: str, held: WorkItem) -> WorkItem:
        """Return an open task as the new version has it.

        Where the instance lacks what the new deadline is counted by, the old one stays.
        """
        rule = self.stepper.library.rule(place.instance.procedure_id, rule_id)
        try:
            return place.work_item(rule)
        except InvalidInputError:
            if place.node.work is None:
                raise
        open_ended = replace(place.node, work=replace(place.node.work, due=""))
        return replace(replace(place, node=open_ended).work_item(rule), due_at=held.due_at)

    def _still_to_come(self, place: Place) -> Sequence[Node]:
        """Return the events on a task without those that have happened: each happens once."""
        if not place.events:
            return ()
        happened = {
            entry.node_id
            for entry in self.stepper.store.list_history(place.instance.id)
            if entry.task_id == place.task_id
        }
        return [event for event in place.events if event.id not in happened]

    def _reopen(self, moved: StoredInstance, opened: _Opened, now: datetime) -> None:
        store = self.stepper.store
        for item in opened.items:
            store.update_work_item(item)
            store.remove_due(moved.id, item.id)
        store.remove_subscriptions(moved.id)
        store.add_due(opened.due)
        self.stepper.subscribe(opened.subscriptions, now)


def _placed(snapshot: Snapshot, definition: Definition) -> list[Token]:
    """Return the tokens that stand at nodes of the diagram, not at the engine's own end."""
    return [token for token in snapshot.tokens if token.node in definition.diagram.nodes]


def _standing(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    return [(token.node, token.source) for token in tokens]


def _carried(snapshot: Snapshot, new: Definition) -> Snapshot:
    """Return the state with tokens that come from nodes the new version has."""
    placed = _placed(snapshot, new)
    sources = find_sources(new.diagram, _standing(placed)) or []
    came_from = {token.id: source for token, source in zip(placed, sources, strict=True)}
    # What has reached the engine's own end may have come from an end that is no longer there.
    end = new.diagram.of_kind(NodeKind.END)[0].id
    tokens = tuple(
        replace(token, source=came_from.get(token.id, end)) for token in snapshot.tokens
    )
    ends = tuple(end for end in snapshot.ends if end in new.diagram.nodes)
    return replace(snapshot, tokens=tokens, ends=ends)


def _is_alike(before: Node, after: Node) -> bool:
    return (
        before.kind is after.kind
        and before.call == after.call
        and _waits_for_message(before.event) is _waits_for_message(after.event)
    )


def _waits_for_message(event: Event | None) -> bool:
    return event is not None and bool(event.message)


def _ahead(definition: Definition, tokens: Sequence[Token]) -> set[str]:
    known = [token.node for token in tokens if token.node in definition.diagram.nodes]
    return reach(graph_of(definition.diagram), known)


def _tasks(definition: Definition) -> list[str]:
    return [node.id for node in definition.diagram.of_kind(NodeKind.USER_TASK)]
