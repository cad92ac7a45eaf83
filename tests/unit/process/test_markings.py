"""Ask where tokens may stand: for ways back, and for instances that move to another version."""

import tracemalloc
from collections.abc import Sequence
from itertools import pairwise

import pytest

from engine.process import markings
from engine.process.diagram import read_diagram, read_xml
from engine.process.markings import find_sources, may_stand, token_findings
from engine.process.nodes import Diagram
from tests.unit.process.office import boundary, draw, timer


def drawn(nodes: Sequence[str], flows: Sequence[str]) -> Diagram:
    return read_diagram(read_xml(draw(["startEvent s", *nodes, "endEvent e"], flows)))


ROW = drawn(["userTask a", "userTask b"], ["s a", "a b", "b e"])
FORK = drawn(
    ["userTask a", "parallelGateway f", "userTask b", "userTask c", "parallelGateway j",
     "userTask d"],
    ["s a", "a f", "f b", "f c", "b j", "c j", "j d", "d e"],
)  # fmt: skip
#: Each branch may be done twice before it goes on.
LOOPS = drawn(
    ["parallelGateway f", "exclusiveGateway m", "userTask b", "exclusiveGateway g g-j",
     "userTask c", "parallelGateway j"],
    ["s f", "f m", "m b", "b g", "g j", "g m ok", "f c", "c j", "j e"],
)  # fmt: skip
BESIDE = drawn(
    ["userTask a", boundary("t", "a", timer("P1D"), interrupts=False), "userTask n",
     "userTask b", "endEvent d"],
    ["s a", "a b", "b e", "t n", "n d"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("diagram", "waiting", "allowed"),
    [
        (ROW, [("a", "s")], True),
        (ROW, [("b", "a")], True),
        (ROW, [("a", "s"), ("b", "a")], False),
        (ROW, [("a", "s"), ("a", "s")], False),
        (ROW, [], False),
        (FORK, [("b", "f"), ("c", "f")], True),
        (FORK, [("b", "f"), ("j", "c")], True),
        (FORK, [("j", "b"), ("c", "f")], True),
        (FORK, [("b", "f")], False),
        (FORK, [("a", "s"), ("c", "f")], False),
        (FORK, [("a", ""), ("j", "c")], False),
        (FORK, [("b", "f"), ("j", "b")], False),
        (FORK, [("b", "f"), ("c", "f"), ("d", "j")], False),
        (FORK, [("j", "b"), ("j", "b")], False),
        (LOOPS, [("b", "m"), ("c", "f")], True),
        (LOOPS, [("b", ""), ("j", "c")], True),
        (BESIDE, [("a", "s")], True),
        # The task still waits while what its timer began is at hand.
        (BESIDE, [("a", "s"), ("n", "t")], True),
        (BESIDE, [("b", "a"), ("n", "t")], True),
        (BESIDE, [("n", "t")], True),
        (BESIDE, [("a", "s"), ("b", "a")], False),
    ],
)
def test_tokens_may_stand_where_the_diagram_can_bring_them(
    diagram: Diagram, waiting: list[tuple[str, str]], allowed: bool
) -> None:
    assert may_stand(diagram, waiting) is allowed


def test_source_is_kept_when_it_leads_to_the_node() -> None:
    assert find_sources(FORK, [("j", "c"), ("b", "f")]) == ["c", "f"]


def test_source_is_the_one_that_fits_when_it_is_not_known() -> None:
    # Of the two ways into the join only the other branch's can hold this arrival.
    assert find_sources(FORK, [("c", "f"), ("j", "gone")]) == ["f", "b"]
    assert find_sources(FORK, [("b", "f"), ("j", "gone")]) == ["f", "c"]
    assert find_sources(ROW, [("b", "gone")]) == ["a"]


def test_event_beside_a_task_happens_once() -> None:
    twice = drawn(
        ["userTask a", boundary("t", "a", timer("P1D"), interrupts=False),
         "exclusiveGateway m", boundary("u", "a", timer("P2D"), interrupts=False),
         "userTask n", "endEvent d"],
        ["s a", "a e", "t m", "u m", "m n", "n d"],
    )  # fmt: skip
    # Two timers may both begin the same notice; one timer alone cannot do so twice.
    assert [finding.element_id for finding in token_findings(twice)] == ["m"]
    assert list(token_findings(BESIDE)) == []


def test_drawing_that_is_only_looked_at_is_not_kept() -> None:
    markings._known.cache_clear()
    assert list(token_findings(FORK)) == []
    assert markings._known.cache_info().currsize == 0


def test_what_is_kept_of_a_version_is_small() -> None:
    nodes = ["parallelGateway f", "parallelGateway j"]
    flows = ["s f", "j e"]
    for branch in range(4):
        names = [f"t{branch}x{n}" for n in range(6)]
        nodes += [f"userTask {name}" for name in names]
        flows += [f"f {names[0]}", f"{names[-1]} j"]
        flows += [f"{one} {two}" for one, two in pairwise(names)]
    wide = drawn(nodes, flows)
    moves = markings._moves_of(wide)
    tracemalloc.start()
    bits, known = markings._known(*moves)
    size, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(known) > 2000
    assert size < 1_000_000
    assert len(bits) == len(wide.flows)
