"""Play the engine and the reference model side by side, and say where they disagree."""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.process.codec import decode, encode
from engine.process.definitions import Definition, DefinitionCache
from engine.process.execution import Execution
from engine.process.model import Plain, TaskId
from tests.unit.process.random_processes import RandomProcess
from tests.unit.process.token_model import Data, Move, Table, Thrown, TokenModel

MAX_MOVES = 60


class DisagreementError(AssertionError):
    """Say what the engine did otherwise than the model."""


@dataclass(frozen=True)
class Played:
    """Hold one move by names.

    Args:
        at: which of the tokens at the node, the oldest first.
        boundary: event that fires, "" for none.
        target: task it is sent back to, "" for none.
    """

    node: str
    at: int
    boundary: str
    target: str
    writes: Mapping[str, Plain]


class Pair:
    """Hold one instance in the engine and the same in the model.

    Args:
        workers: who have each read the file for themselves.
        restarts: whether the engine's is saved and restored around every move, each time by
            another worker.
    """

    def __init__(
        self, process: RandomProcess, workers: Sequence[Definition], *, restarts: bool
    ) -> None:
        self.process = process
        self.workers = list(workers)
        self.restarts = restarts
        self.task_of: dict[int, TaskId] = {}
        self.data: Data = {}
        self.played: list[Played] = []

    def begin(self, data: Data) -> None:
        self.data = data
        self.model = TokenModel(self.process.xml, data, self.process.tables)
        self.execution = Execution.begin(self.workers[0], data)
        self._check()
        self._check_sent(0)

    def play(self, move: Move, writes: Mapping[str, Plain]) -> None:
        self.played.append(self._describe(move, writes))
        if self.restarts:
            self.workers.reverse()
            state = encode(self.execution.snapshot())
            self.execution = Execution.restore(self.workers[0], decode(state))
            self._check()
        sent_before = len(self.execution.thrown)
        task_id = self.task_of[move.token]
        diagram = self.workers[0].diagram
        if move.boundary:
            self.execution.fire(task_id, diagram.nodes[move.boundary], writes)
        elif move.target:
            self.execution.move(task_id, move.target, diagram.flows_into(move.target)[0].source)
        else:
            self.execution.complete(task_id, writes)
        self.model.play(move, writes)
        self._check()
        self._check_sent(sent_before)

    def replay(self, played: Played) -> None:
        tokens = self._tokens_at(played.node)
        move = Move(tokens[played.at], played.node, played.boundary, played.target)
        self.play(move, played.writes)

    def case(self) -> dict[str, Any]:
        """Return all that is needed to play the same again, plain enough for JSON."""
        return {
            "xml": self.process.xml.decode(),
            "dmn": self.process.dmn.decode(),
            "tables": {name: asdict(table) for name, table in self.process.tables.items()},
            "data": self.data,
            "moves": [asdict(played) for played in self.played],
        }

    def _check(self) -> None:
        """Compare all that can be seen; a token that waits on keeps its id."""
        people, house = self.execution.list_ready(), self.execution.list_started()
        nodes = {**people, **house}
        waiting = {number: token.node for number, token in self.model.waiting.items()}
        _check_same("waiting nodes", Counter(nodes.values()), Counter(waiting.values()))
        user_tasks = {n for n in waiting.values() if self.model.graph.kind(n) == "userTask"}
        _check_same("tasks for people", set(people.values()), user_tasks)
        kept = {number: task for number, task in self.task_of.items() if number in waiting}
        _check_same(
            "nodes of kept ids",
            [nodes.get(task) for task in kept.values()],
            [waiting[number] for number in kept],
        )
        _check_same("completion", self.execution.is_completed, self.model.is_completed)
        _check_same("ends", Counter(self.execution.snapshot().ends), self.model.ends)
        _check_same("data", dict(self.execution.data), self.model.data)
        new_tasks = sorted(
            (node, task) for task, node in nodes.items() if task not in kept.values()
        )
        new_tokens = sorted(
            (node, number) for number, node in waiting.items() if number not in kept
        )
        pairs = zip(new_tokens, new_tasks, strict=True)
        self.task_of = kept | {number: task for (_, number), (_, task) in pairs}

    def _check_sent(self, sent_before: int) -> None:
        sent = [
            Thrown(each.node_id, each.name, dict(each.correlation), dict(each.payload))
            for each in self.execution.thrown[sent_before:]
        ]
        _check_same("messages", sorted(sent, key=repr), sorted(self.model.thrown, key=repr))

    def _describe(self, move: Move, writes: Mapping[str, Plain]) -> Played:
        at = self._tokens_at(move.node).index(move.token)
        return Played(move.node, at, move.boundary, move.target, writes)

    def _tokens_at(self, node: str) -> list[int]:
        return [n for n, token in sorted(self.model.waiting.items()) if token.node == node]


def play_random(
    process: RandomProcess, seed: int, *, orders: int = 1, restarts: bool = True
) -> int:
    """Play a process in random orders with random data; return the number of moves.

    Raises:
        DisagreementError: the engine did something else than the model; it ends with the case as
            one line of JSON.
    """
    workers = _load(process)
    played = 0
    for order in range(orders):
        chance = random.Random(f"{seed} {order}")  # noqa: S311 a test that can be repeated

        def play(pair: Pair, chance: random.Random = chance) -> None:
            pair.begin(process.values(chance))
            while not pair.model.is_completed and len(pair.played) < MAX_MOVES:
                move = chance.choice(pair.model.moves())
                pair.play(move, {} if move.target else process.values(chance))

        played += _play(Pair(process, workers, restarts=restarts), seed, play)
    return played


def play_case(case: Mapping[str, Any], *, restarts: bool = True) -> int:
    """Play a kept case; return the number of moves.

    Raises:
        DisagreementError: as above.
    """

    def play(pair: Pair) -> None:
        pair.begin(case["data"])
        for played in case["moves"]:
            pair.replay(Played(**played))

    process = RandomProcess(
        xml=case["xml"].encode(),
        dmn=case["dmn"].encode(),
        tables={name: Table(**table) for name, table in case["tables"].items()},
        keys={},
    )
    return _play(Pair(process, _load(process), restarts=restarts), case["seed"], play)


def _load(process: RandomProcess) -> list[Definition]:
    return [DefinitionCache().load(process.xml, process.dmn) for _ in range(2)]


def _play(pair: Pair, seed: int, play: Callable[[Pair], None]) -> int:
    try:
        play(pair)
    except Exception as error:
        line = json.dumps({"seed": seed, **pair.case()}, ensure_ascii=False)
        raise DisagreementError(f"seed {seed}: {error!r}\n{line}") from error
    return len(pair.played)


def _check_same(what: str, engine: object, model: object) -> None:
    if engine != model:
        raise DisagreementError(f"{what}: the engine has {engine}, the model {model}")
