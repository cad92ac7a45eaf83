"""Make random processes of properly nested blocks: trees first, BPMN files of them second.

Nothing here knows the engine. What a seed gives is the same for ever on one release of this file,
so a test that fails names its seed.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.unit.process.bpmn_writer import (
    Block,
    Boundary,
    Choice,
    Fork,
    Loop,
    Row,
    Step,
    Way,
    Writer,
)
from tests.unit.process.token_model import Table, Value

MAX_DEPTH = 4
MAX_STEPS = 18


class Feature(StrEnum):
    """Name what a process may have beyond tasks and gateways."""

    CATCH = "catch"
    THROW = "throw"
    BOUNDARY = "boundary"
    CALL = "call"
    DECISION = "decision"
    RETURN = "return"


ALL = frozenset(Feature)

_BLOCKS = ["step", "row", "row", "choice", "choice", "fork", "fork", "loop"]


@dataclass(frozen=True, kw_only=True)
class RandomProcess:
    """Hold one process as a file.

    Args:
        dmn: its decision tables, b"" when it has none; `tables` are the same for the model.
        keys: data that is read, each with the values it may have.
    """

    xml: bytes
    dmn: bytes
    tables: Mapping[str, Table]
    keys: Mapping[str, Sequence[Value]]

    def values(self, chance: random.Random) -> dict[str, Value]:
        """Return random data for every key."""
        return {key: chance.choice(values) for key, values in self.keys.items()}


def make_process(seed: int, features: frozenset[Feature] = ALL) -> RandomProcess:
    """Return the process of a seed."""
    chance = random.Random(seed)  # noqa: S311 not a secret, a test that can be repeated
    tree = _Builder(chance, features).process()
    writer = Writer(chance)
    xml = writer.write_process(tree)
    return RandomProcess(
        xml=xml, dmn=writer.write_decisions(), tables=writer.tables, keys=writer.keys
    )


class _Builder:
    """Build trees.

    `free` tells that a token may end where it is: no join waits for it. `solid` tells that a
    token must not get through without waiting: the block is the body of a loop.
    """

    def __init__(self, chance: random.Random, features: frozenset[Feature]) -> None:
        self.chance = chance
        self.features = features
        self.left = MAX_STEPS

    def process(self) -> Block:
        blocks = [self.block(MAX_DEPTH, free=True, solid=False)]
        if self.may(0.3):
            ways = tuple(self.block(2, free=True, solid=False) for _ in range(2))
            blocks.append(Fork(ways, joined=False))
        return Row(tuple(blocks))

    def may(self, probability: float, feature: Feature | None = None) -> bool:
        return self.chance.random() < probability and (feature is None or feature in self.features)

    def block(self, depth: int, *, free: bool, solid: bool) -> Block:
        kind = self.chance.choice(_BLOCKS)
        if depth == 0 or self.left <= 0 or kind == "step":
            return self.step(free=free, solid=solid)
        if kind == "row":
            return self.row(depth - 1, free=free, solid=solid)
        if kind == "loop":
            body = self.block(depth - 1, free=free, solid=True)
            return Loop(body, back_by_default=self.may(0.5))
        if kind == "fork":
            return self.fork(depth - 1, solid=solid)
        return self.choice(depth - 1, free=free, solid=solid)

    def row(self, depth: int, *, free: bool, solid: bool) -> Row:
        count = self.chance.choice([2, 2, 3])
        at = self.chance.randrange(count) if solid else -1
        return Row(
            tuple(self.block(depth, free=free, solid=number == at) for number in range(count)),
            returns=self.may(0.5, Feature.RETURN),
        )

    def fork(self, depth: int, *, solid: bool) -> Fork:
        ways: list[Block | None] = [
            self.block(depth, free=False, solid=solid)
            for _ in range(self.chance.choice([2, 2, 3]))
        ]
        if not solid and self.may(0.15):
            ways.append(None)
        return Fork(tuple(ways), joined=True)

    def choice(self, depth: int, *, free: bool, solid: bool) -> Choice:
        ways = [
            Way(self.block(depth, free=free, solid=solid), stops=free and self.may(0.15))
            for _ in range(self.chance.choice([1, 1, 2, 3]))
        ]
        empty = not solid and self.may(0.3)
        ways.append(Way(None if empty else self.block(depth, free=free, solid=solid)))
        return Choice(
            tuple(ways),
            merges=self.may(0.5),
            defaults=self.may(0.8),
            decided=self.may(0.4, Feature.DECISION),
        )

    def step(self, *, free: bool, solid: bool) -> Step:
        self.left -= 1
        if not solid and self.may(0.1, Feature.THROW):
            return Step("intermediateThrowEvent")
        if self.may(0.15, Feature.CATCH):
            return Step("intermediateCatchEvent")
        if self.may(0.1, Feature.CALL):
            return Step("callActivity")
        if self.may(0.25):
            return Step("serviceTask")
        boundaries: list[Boundary] = []
        while len(boundaries) < 2 and self.left > 0 and self.may(0.25, Feature.BOUNDARY):
            boundaries.append(self.boundary(free=free, solid=solid))
        return Step("userTask", tuple(boundaries))

    def boundary(self, *, free: bool, solid: bool) -> Boundary:
        interrupts = self.may(0.5)
        # A token that a boundary event adds belongs to no join; it has an end of its own.
        stops = not interrupts or (free and self.may(0.2))
        then = None if self.may(0.2) else self.block(1, free=stops or free, solid=solid)
        return Boundary(interrupts=interrupts, stops=stops, then=then)
