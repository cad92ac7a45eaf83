"""Compare the engine with a token game of our own on random diagrams.

The game knows nothing of SpiffWorkflow: tokens lie on flows, a gateway moves them by the rules of
BPMN 2.0.2, clause 13.4.
"""

import random
from collections import Counter
from itertools import count

import pytest

from engine.process.codec import decode, encode
from engine.process.definitions import DefinitionCache
from engine.process.diagram import Diagram, Node, NodeKind
from engine.process.execution import Execution
from engine.process.lint import lint_diagram
from tests.unit.process.office import draw

MAX_STEPS = 60


class Drawing:
    """Draw a random diagram of properly nested blocks."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 not a secret, a test that can be repeated
        self.numbers = count()
        self.nodes: list[str] = []
        self.flows: list[str] = []
        self.keys: list[str] = []
        start, end = self.node("startEvent"), self.node("endEvent")
        first, last = self.block(3)
        self.flows += [f"{start} {first}", f"{last} {end}"]

    def node(self, kind: str) -> str:
        node_id = f"n{next(self.numbers)}"
        self.nodes.append(f"{kind} {node_id}")
        return node_id

    def block(self, depth: int) -> tuple[str, str]:
        """Draw one block; return its first and last node."""
        kind = self.random.choice(["task", "row", "row", "choice", "fork", "fork", "loop"])
        if depth == 0 or kind == "task":
            task = self.node("userTask")
            return task, task
        if kind == "row":
            return self.row(depth - 1)
        if kind == "loop":
            return self.loop(depth - 1)
        return self.branches(depth - 1, parallel=kind == "fork")

    def row(self, depth: int) -> tuple[str, str]:
        blocks = [self.block(depth) for _ in range(2)]
        self.flows.append(f"{blocks[0][1]} {blocks[1][0]}")
        return blocks[0][0], blocks[1][1]

    def loop(self, depth: int) -> tuple[str, str]:
        merge = self.node("exclusiveGateway")
        first, last = self.block(depth)
        split = self.node("exclusiveGateway")
        self.flows += [f"{merge} {first}", f"{last} {split}"]
        self.condition(split, merge)
        task = self.node("userTask")  # what follows the loop, by the default flow
        self.default(split, task)
        return merge, task

    def branches(self, depth: int, *, parallel: bool) -> tuple[str, str]:
        kind = "parallelGateway" if parallel else "exclusiveGateway"
        split, merge = self.node(kind), self.node(kind)
        ways = self.random.choice([2, 2, 3]) if parallel else 2
        for number in range(ways):
            first, last = self.block(depth)
            self.flows.append(f"{last} {merge}")
            if parallel:
                self.flows.append(f"{split} {first}")
            elif number == 0:
                self.condition(split, first)
            else:
                self.default(split, first)
        return split, merge

    def condition(self, split: str, target: str) -> None:
        self.keys.append(f"go_{split}")
        self.flows.append(f"{split} {target} go_{split} == True")

    def default(self, split: str, target: str) -> None:
        self.flows.append(f"{split} {target}")
        index = self.nodes.index(f"exclusiveGateway {split}")
        self.nodes[index] += f" {split}-{target}"


class TokenGame:
    """Play tokens on flows."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        start = next(n.id for n in diagram.nodes.values() if n.kind is NodeKind.START)
        self.tokens: Counter[str] = Counter(f.id for f in diagram.flows_from(start))

    def ready(self) -> list[str]:
        by_id = {flow.id: flow.target for flow in self.diagram.flows}
        tasks = [by_id[flow] for flow in self.tokens.elements()]
        kinds = {n.id: n.kind for n in self.diagram.nodes.values()}
        return sorted(task for task in tasks if kinds[task] is NodeKind.USER_TASK)

    def complete(self, task: str, data: dict[str, bool]) -> None:
        self.move(self.diagram.nodes[task], data)
        self.settle(data)

    def settle(self, data: dict[str, bool]) -> None:
        automatic = [
            n
            for n in self.diagram.nodes.values()
            if n.kind in (NodeKind.EXCLUSIVE, NodeKind.PARALLEL, NodeKind.END)
        ]
        while any(self.move(node, data) for node in automatic):
            pass

    def move(self, node: Node, data: dict[str, bool]) -> bool:
        entering = [f.id for f in self.diagram.flows_into(node.id)]
        leaving = self.diagram.flows_from(node.id)
        held = [flow for flow in entering if self.tokens[flow]]
        taken = entering if node.kind is NodeKind.PARALLEL else held[:1]
        if not held or len(taken) > len(held):
            return False
        self.tokens.subtract(taken)
        if node.kind is NodeKind.EXCLUSIVE and len(leaving) > 1:
            conditional = next(f for f in leaving if f.condition)
            chosen = data[conditional.condition.split()[0]]
            leaving = [f for f in leaving if (f is conditional) is chosen]
        self.tokens.update(f.id for f in leaving)
        return True


@pytest.mark.parametrize("seed", range(250))
def test_engine_agrees_with_the_token_game(seed: int) -> None:
    drawing = Drawing(seed)
    definition = DefinitionCache().load(draw(drawing.nodes, drawing.flows))
    # Properly nested blocks are sound; the largest are more than the check may look at.
    assert set(lint_diagram(definition.diagram)) <= {"the parallel branches are too many to check"}
    data: dict[str, bool] = dict.fromkeys(drawing.keys, False)
    game = TokenGame(definition.diagram)
    game.settle(data)
    execution = Execution.begin(definition, data)
    for _ in range(MAX_STEPS):
        assert sorted(execution.list_ready().values()) == game.ready()
        if execution.is_completed:
            break
        execution = Execution.restore(definition, decode(encode(execution.snapshot())))
        task_id, task = drawing.random.choice(sorted(execution.list_ready().items()))
        data = {key: drawing.random.random() < 0.5 for key in drawing.keys}
        execution.complete(task_id, data)
        game.complete(task, data)
    assert execution.is_completed == (not game.tokens.total())
