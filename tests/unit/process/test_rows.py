"""Play random processes through the rows of the house: work items, timers, messages, children.

`test_differential` compares tokens in memory; here every move is a step of `Processes`, made by a
worker that has just started, and what waits is compared with what is on the lists.
"""

import random
from collections import Counter

import pytest

from engine.model.organisation import SYSTEM
from engine.process.codec import decode
from engine.process.definitions import definition_digest
from engine.process.deployment import lint_files
from engine.process.findings import LintRule
from engine.process.messages import correlation_of
from engine.process.model import (
    DefinitionSource,
    DueEntry,
    DueKind,
    InstanceStatus,
    Plain,
    Procedure,
    StoredDefinition,
    StoredInstance,
    Subscription,
    TaskId,
    TaskRule,
)
from tests.fakes.process_store import FakeProcessStore
from tests.unit.process.office import AGENCY, NOW, Office, draw
from tests.unit.process.random_processes import RandomProcess, make_process
from tests.unit.process.token_model import Move, TokenModel
from tests.unit.process.traps.drawings import OURS, with_inside
from tests.unit.process.traps.ours import CLERK, OurRun

#: Of four seeds that are compared in memory, one is compared in rows as well.
SHARE = 4
SEEDS_A_TEST = 10
MAX_MOVES = 40
CHILD = draw(
    ["startEvent s", "userTask answer", "endEvent e"], ["s answer", "answer e"], process_id="child"
)
ALWAYS: dict[str, Plain] = {"agency_id": AGENCY, "moment": "2026-02-01T08:00:00+07:00"}
RULE = TaskRule(use_case="act")


class Played:
    """One instance in the house and the same in the model."""

    def __init__(self, process: RandomProcess, seed: int) -> None:
        self.process = process
        self.chance = random.Random(seed)  # noqa: S311 not a secret, a test that can be repeated
        procedure = procedure_of(process)
        child = Procedure(id="child", bpmn=CHILD, tasks={"answer": RULE}, may_be_called=True)
        self.office = Office(procedure, child)
        self.store = self.office.store
        put_into_force(self.store, procedure)
        data = {**ALWAYS, **process.values(self.chance)}
        started = self.office.processes().start(
            "flow", business_key="d", data=data, actor=CLERK, now=NOW
        )
        self.id = started.instance_id
        self.model = TokenModel(process.xml, data, process.tables)
        self.messages = 0
        self.has_added = False
        self.check()

    def play(self) -> None:
        """Play to the end, or for as many moves as a test has time for."""
        for _ in range(MAX_MOVES):
            if self.model.is_completed:
                break
            move = self.chance.choice(self.moves())
            self.model.play(move, self.move(move))
            self.settle()
            self.check()

    def moves(self) -> list[Move]:
        """Return what may happen next.

        Once an event has added a token of its own, a way back may be refused: the task it sits
        on would stand again while what it added is still on its way.
        """
        return [move for move in self.model.moves() if not (self.has_added and move.target)]

    def move(self, move: Move) -> dict[str, Plain]:
        """Make a move in the house; return what it writes."""
        if move.boundary and not self.model.graph.interrupts(move.boundary):
            self.has_added = True
        kind = self.model.graph.kind(move.boundary or move.node)
        if kind.endswith("Event"):
            return self.happen(move.boundary or move.node)
        if kind == "callActivity":
            return self.answer(move.node)
        if move.target:
            self.office.processes().reassignment.send_back(
                self.task_at(move.node), move.target, CLERK, use_case="act", now=NOW,
                outcome="returned", comment="",
            )  # fmt: skip
            return {}
        writes = self.process.values(self.chance)
        if kind == "serviceTask":
            self.office.processes().complete_operation(self.id, move.node, now=NOW, writes=writes)
        else:
            self.complete(self.task_at(move.node), writes)
        return writes

    def happen(self, event: str) -> dict[str, Plain]:
        """Let a timer run out, or send the message that is waited for."""
        (wait,) = [wait for wait in self.waits() if wait.node_id == event]
        if isinstance(wait, DueEntry):
            assert self.office.processes().schedule.perform(wait, wait.due_at)
            return {}
        (key,) = self.model.graph.names(event, "correlation")
        name = self.model.graph.message(event)
        (value,) = [v for v in "abc" if correlation_of(name, {key: v}) == wait.correlation]
        every = self.process.values(self.chance)
        self.messages += 1
        self.office.processes().send_message(
            name,
            message_id=f"m{self.messages}",
            correlation={key: value},
            payload=every,
            now=NOW,
        )
        return {name: every[name] for name in self.model.graph.names(event, "payload")}

    def answer(self, node: str) -> dict[str, Plain]:
        """Let the child that a call has started come to its end."""
        (child,) = [c for c in self.children() if self.node_of(c.parent_task_id) == node]
        (item,) = self.store.list_open_work_items(child.id)
        self.complete(item.id, {})
        return {}

    def settle(self) -> None:
        """Deliver messages and resume who waited for a child; no timer runs out."""
        while due := [e for e in self.store.due.values() if e.kind is not DueKind.EVENT]:
            for entry in due:
                self.office.processes().schedule.perform(entry, NOW)

    def check(self) -> None:
        """Compare what is on the lists with where the tokens are."""
        tokens = self.model.waiting.values()
        kinds = {token.node: self.model.graph.kind(token.node) for token in tokens}
        events = [token.node for token in tokens if kinds[token.node].endswith("Event")]
        for token in tokens:
            on_it = set(self.model.graph.boundaries(token.node)) - token.fired
            events += sorted(on_it)
        items = self.store.list_open_work_items(self.id)
        calls = [self.node_of(child.parent_task_id) for child in self.children()]
        assert Counter(i.node_id for i in items) == self.count("userTask")
        assert Counter(calls) == self.count("callActivity")
        assert Counter(wait.node_id for wait in self.waits()) == Counter(events)
        status = self.store.get_instance(self.id).status
        assert (status is InstanceStatus.COMPLETED) == self.model.is_completed

    def count(self, kind: str) -> Counter[str]:
        nodes = [token.node for token in self.model.waiting.values()]
        return Counter(node for node in nodes if self.model.graph.kind(node) == kind)

    def waits(self) -> list[DueEntry | Subscription]:
        due = [entry for entry in self.store.due.values() if entry.kind is DueKind.EVENT]
        return [*due, *(subscription for _at, subscription in self.store.subscriptions)]

    def children(self) -> list[StoredInstance]:
        running = InstanceStatus.RUNNING
        return [
            instance
            for instance in self.store.instances.values()
            if instance.parent_id == self.id and instance.status is running
        ]

    def task_at(self, node: str) -> TaskId:
        (item,) = [i for i in self.store.list_open_work_items(self.id) if i.node_id == node]
        return item.id

    def node_of(self, task_id: TaskId | None) -> str:
        state = self.store.get_instance(self.id)
        (token,) = [t for t in decode(state.state, state.codec).tokens if t.id == task_id]
        return token.node

    def complete(self, task_id: TaskId, writes: dict[str, Plain]) -> None:
        self.office.processes().complete(
            task_id, CLERK, use_case="act", now=NOW, outcome="done", writes=writes
        )


def procedure_of(process: RandomProcess) -> Procedure:
    written = frozenset(process.keys)
    graph = TokenModel(process.xml, process.values(random.Random(0)), process.tables).graph  # noqa: S311
    nodes = {node: graph.kind(node) for node in graph.elements}
    return Procedure(
        id="flow",
        bpmn=process.xml,
        dmn=process.dmn,
        tasks={
            node: TaskRule(use_case="act", writes=written, returns_to=frozenset(nodes))
            for node, kind in nodes.items()
            if kind == "userTask"
        },
        operations={node: "" for node, kind in nodes.items() if kind == "serviceTask"},
        operation_writes=written,
        starts_with=written | ALWAYS.keys(),
    )


def may_be_deployed(process: RandomProcess) -> bool:
    procedure = procedure_of(process)
    known = {
        "flow": procedure,
        "child": Procedure(id="child", bpmn=CHILD, tasks={}, may_be_called=True),
    }
    findings = lint_files(process.xml, process.dmn, known)
    # Here everybody writes everything, so that the same data comes from many sides.
    return all(finding.rule is LintRule.NAME_RESERVED for finding in findings)


def put_into_force(store: FakeProcessStore, procedure: Procedure) -> None:
    """Store the shipped version as if the linter had let it pass."""
    digest = definition_digest(procedure.bpmn, procedure.dmn)
    store.add_definition(
        StoredDefinition(
            digest=digest,
            procedure_id=procedure.id,
            number=1,
            xml=procedure.bpmn,
            dmn=procedure.dmn,
            source=DefinitionSource.RELEASE,
            added_at=NOW,
            added_by=SYSTEM.person_id,
            added_by_name=SYSTEM.full_name,
        )
    )
    store.set_current(procedure.id, digest, NOW)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "first_seed" in metafunc.fixturenames:
        seeds = metafunc.config.getoption("differential") // SHARE
        metafunc.parametrize("first_seed", range(0, seeds, SEEDS_A_TEST))


def test_rows_agree_with_the_model(first_seed: int) -> None:
    played = 0
    for seed in range(first_seed, first_seed + SEEDS_A_TEST):
        process = make_process(seed)
        if may_be_deployed(process):
            Played(process, seed).play()
            played += 1
    assert played


def test_task_goes_back_while_another_branch_waits_at_the_join() -> None:
    """What waits at a join has arrived there and counts, in whatever state it is kept."""
    xml = draw(
        ["startEvent s", "parallelGateway f", "userTask a", "userTask b", "userTask c",
         "parallelGateway j", "endEvent e"],
        ["s f", "f a", "a b", "f c", "b j", "c j", "j e"],
    )  # fmt: skip
    run = OurRun(with_inside(xml, "b", "", f'{OURS} trinhky:returnsTo="a"'))
    run.do("a")
    run.do("c")
    run.office.processes().reassignment.send_back(
        run.item("b").id, "a", CLERK, use_case="act", now=NOW, outcome="returned", comment="Sửa"
    )
    assert run.ready() == ["a"]
    run.do("a")
    run.do("b")
    assert run.status is InstanceStatus.COMPLETED
