from itertools import permutations

import pytest

from engine.errors import ConflictError
from engine.process.codec import TokenState, decode, encode
from engine.process.definitions import DefinitionCache
from engine.process.deployment import lint_files
from engine.process.execution import Execution
from engine.process.model import TaskId, TaskRule
from tests.unit.process.office import a_flow, draw, message, shape

# A letter is looked at by two, and comes back to both until it is right.
VISAS = draw(
    [
        "startEvent s",
        "exclusiveGateway m",
        "parallelGateway f",
        "userTask a",
        "userTask b",
        "parallelGateway j",
        "userTask check",
        "exclusiveGateway g g-m",
        "endEvent e",
    ],
    ["s m", "m f", "f a", "f b", "a j", "b j", "j check", "check g", "g m", "g e ok == True"],
)
# One branch has a loop of its own, and a longer way.
UNEVEN = draw(
    [
        "startEvent s",
        "parallelGateway f",
        "exclusiveGateway m",
        "userTask a",
        "exclusiveGateway g g-m",
        "userTask a2",
        "userTask b",
        "parallelGateway j",
        "userTask c",
        "endEvent e",
    ],
    ["s f", "f m", "m a", "a g", "g m", "g a2 ok == True", "a2 j", "f b", "b j", "j c", "c e"],
)
TWO_ENDS = draw(
    ["startEvent s", "parallelGateway f", "userTask a", "userTask b", "endEvent e", "endEvent d"],
    ["s f", "f a", "f b", "a e", "b d"],
)
DIRECT = draw(
    ["startEvent s", "parallelGateway f", "userTask a", "userTask b", "userTask c",
     "parallelGateway j", "parallelGateway k", "endEvent e"],
    ["s f", "f a", "f b", "f k", "a j", "b j", "j c", "c k", "k e"],
)  # fmt: skip

THREE = draw(
    ["startEvent s", "parallelGateway f", "userTask a", "userTask b", "userTask c",
     "parallelGateway j", "userTask d", "endEvent e"],
    ["s f", "f a", "f b", "f c", "a j", "b j", "c j", "j d", "d e"],
)  # fmt: skip
# Not deployable: two tokens come to the join by one flow. It must still fire only once.
TWICE = draw(
    ["startEvent s", "parallelGateway f", "userTask a", "userTask b", "exclusiveGateway m",
     "userTask c", "userTask d", "parallelGateway j", "userTask z", "endEvent e"],
    ["s f", "f a", "f b", "f d", "a m", "b m", "m c", "c j", "d j", "j z", "z e"],
)  # fmt: skip


class Run:
    """One execution that is saved and restored, in a new worker, around every step."""

    def __init__(self, xml: bytes) -> None:
        self.xml = xml
        self.execution = Execution.begin(DefinitionCache().load(xml), {"ok": False})
        self.restart()

    def restart(self) -> None:
        state = encode(self.execution.snapshot())
        self.execution = Execution.restore(DefinitionCache().load(self.xml), decode(state))

    def ready(self) -> list[str]:
        return sorted(self.execution.list_ready().values())

    def do(self, node: str, *, ok: bool = False) -> None:
        task_id = next(t for t, n in self.execution.list_ready().items() if n == node)
        self.execution.complete(task_id, {"ok": ok})
        self.restart()


def test_parallel_diagrams_may_be_deployed() -> None:
    rule = TaskRule(use_case="any", writes=frozenset({"ok"}))
    for xml, tasks in ((VISAS, "a b check"), (UNEVEN, "a a2 b c"), (DIRECT, "a b c")):
        flow = a_flow(xml, **dict.fromkeys(tasks.split(), rule))
        assert lint_files(xml, b"", {"flow": flow}) == []


@pytest.mark.parametrize("first", list(permutations("ab")))
@pytest.mark.parametrize("second", list(permutations("ab")))
@pytest.mark.parametrize("third", list(permutations("ab")))
def test_join_waits_for_every_branch_in_every_round(
    first: tuple[str, str], second: tuple[str, str], third: tuple[str, str]
) -> None:
    run = Run(VISAS)
    for number, (early, late) in enumerate((first, second, third)):
        assert run.ready() == ["a", "b"]
        run.do(early)
        assert run.ready() == [late]
        run.do(late)
        assert run.ready() == ["check"]
        run.do("check", ok=number == 2)
    assert run.execution.is_completed


def test_join_waits_when_one_branch_loops_inside() -> None:
    run = Run(UNEVEN)
    run.do("b")
    for _ in range(5):
        run.do("a")
        assert run.ready() == ["a"]
    run.do("a", ok=True)
    assert run.ready() == ["a2"]
    run.do("a2")
    assert run.ready() == ["c"]


def test_join_counts_a_branch_without_a_task() -> None:
    run = Run(DIRECT)
    run.do("b")
    run.do("a")
    assert run.ready() == ["c"]
    run.do("c")
    assert run.execution.is_completed


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_join_keeps_every_arrival_when_it_waits_for_three(order: tuple[str, ...]) -> None:
    run = Run(THREE)
    for node in order:
        assert run.ready() != ["d"]
        run.do(node)
    assert run.ready() == ["d"]
    assert [token.node for token in run.execution.snapshot().tokens] == ["d"]


def test_join_fires_once_when_one_branch_arrives_twice() -> None:
    run = Run(TWICE)
    for node in "abccd":
        run.do(node)
    assert run.ready() == ["z"]
    left = [t for t in run.execution.snapshot().tokens if t.state is TokenState.ARRIVED]
    assert [(t.node, t.source) for t in left] == [("j", "c")]


@pytest.mark.parametrize("order", list(permutations("ab")))
def test_process_ends_when_every_token_has_reached_an_end(order: tuple[str, str]) -> None:
    run = Run(TWO_ENDS)
    run.do(order[0])
    assert run.ready() == [order[1]]
    run.do(order[1])
    assert run.execution.is_completed
    assert sorted(run.execution.snapshot().ends) == ["d", "e"]


def test_state_does_not_grow_with_parallel_rework() -> None:
    sizes: dict[int, int] = {}
    run = Run(VISAS)
    for number in range(1, 201):
        run.do("a")
        sizes[number] = len(encode(run.execution.snapshot()))
        run.do("b")
        run.do("check")
    assert sizes[200] == sizes[10]


def test_step_is_refused_when_the_task_does_not_wait() -> None:
    run = Run(VISAS)
    task_id = next(iter(run.execution.list_ready()))
    run.execution.complete(task_id, {})
    with pytest.raises(ConflictError):
        run.execution.complete(task_id, {})
    with pytest.raises(ConflictError):
        run.execution.complete(TaskId("00000000-0000-4000-8000-000000000000"), {})


def blocks(count: int) -> bytes:
    """Return a row of parallel blocks, each a fork, two tasks and a join."""
    nodes, flows, before = ["startEvent s"], [], "s"
    for n in range(count):
        nodes += [f"parallelGateway f{n}", f"userTask a{n}", f"userTask b{n}",
                  f"parallelGateway j{n}"]  # fmt: skip
        flows += [f"{before} f{n}", f"f{n} a{n}", f"f{n} b{n}", f"a{n} j{n}", f"b{n} j{n}"]
        before = f"j{n}"
    return draw([*nodes, "endEvent e"], [*flows, f"{before} e"])


def test_row_of_parallel_blocks_stays_small() -> None:
    definition = DefinitionCache().load(blocks(120))
    execution = Execution.begin(definition, {})
    for n in range(120):
        ready = {node: task_id for task_id, node in execution.list_ready().items()}
        assert set(ready) == {f"a{n}", f"b{n}"}
        assert len(execution._workflow.tasks) < 20
        for task_id in ready.values():
            execution.complete(task_id, {})
            execution = Execution.restore(definition, execution.snapshot())
    assert execution.is_completed


@pytest.mark.parametrize("restarts", [True, False])
def test_join_fires_within_the_step_that_opened_its_branches(*, restarts: bool) -> None:
    gates, thrown, flows, before = [], [], [], "z"
    for n in range(9):
        gates += [f"parallelGateway f{n}", f"parallelGateway j{n}"]
        thrown += [
            shape("intermediateThrowEvent", f"{side}{n}", message("m")) for side in ("x", "y")
        ]
        flows += [f"{before} f{n}", f"f{n} x{n}", f"f{n} y{n}", f"x{n} j{n}", f"y{n} j{n}"]
        before = f"j{n}"
    xml = draw(
        ["startEvent s", "userTask z", *thrown, *gates, "userTask last", "endEvent e"],
        ["s z", *flows, f"{before} last", "last e"],
        messages=["m"],
    )
    run = Run(xml)
    if not restarts:
        run.execution = Execution.begin(DefinitionCache().load(xml), {})
    task_id = next(iter(run.execution.list_ready()))
    run.execution.complete(task_id, {})
    assert list(run.execution.list_ready().values()) == ["last"]
    assert len(run.execution.thrown) == 18
