"""Run the processes on our engine in memory: what the stock peer does and no more.

A step is decode, restore, complete, encode. What the house adds is in `our_house`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.process.codec import check_plain, decode, encode
from engine.process.definitions import Definition, DefinitionCache
from engine.process.execution import Execution
from tests.benchmarks.process_peers.drawings import (
    CHILD_ID,
    PARENT_ID,
    Plain,
    draw_child,
    draw_parent,
)


class OurEngine:
    """Move one state at a time."""

    def parse(self, xml: bytes, process_id: str) -> Definition:
        del process_id  # a file of ours has one process
        return DefinitionCache().load(xml)

    def start(self, definition: Definition, data: Mapping[str, Plain]) -> bytes:
        check_plain(data)
        return encode(Execution.begin(definition, data).snapshot())

    def step(self, definition: Definition, state: bytes, writes: Mapping[str, Plain]) -> bytes:
        """Complete the one task or operation that waits."""
        execution = Execution.restore(definition, decode(state))
        waiting = (*execution.list_ready(), *execution.list_started())
        execution.complete(waiting[0], writes)
        return encode(execution.snapshot())

    def is_completed(self, definition: Definition, state: bytes) -> bool:
        return Execution.restore(definition, decode(state)).is_completed


@dataclass(frozen=True, kw_only=True)
class OurFanout:
    """Ask N agencies in memory: a parent, and a child for each agency."""

    engine: OurEngine
    parent: Definition
    child: Definition

    @classmethod
    def make(cls) -> "OurFanout":
        engine = OurEngine()
        return cls(
            engine=engine,
            parent=engine.parse(draw_parent(), PARENT_ID),
            child=engine.parse(draw_child(), CHILD_ID),
        )

    def ask_all(self, agencies: Sequence[str]) -> bytes:
        """Start all, let one after another answer, resume the parent; each step is saved."""
        engine = self.engine
        parent = engine.start(self.parent, {})
        children = [engine.start(self.child, {"agency_id": agency}) for agency in agencies]
        open_answers = {PARENT_ID: len(agencies)}
        for child in children:
            engine.step(self.child, child, {})
            if is_last_answer(open_answers, PARENT_ID):
                parent = engine.step(self.parent, parent, {})
        assert engine.is_completed(self.parent, parent)
        return parent


def is_last_answer(open_answers: dict[str, int], parent: str) -> bool:
    """Count one answer down and tell whether it was the last.

    In memory there is no row to count in; `our_house` counts in the engine's own.
    """
    open_answers[parent] -= 1
    return open_answers[parent] == 0
