"""Write stored states of the present codec, to be read by every later release.

`python -m tests.unit.process.stored_states` adds what is missing in `states/codec_<number>`; a
file that is there is never written again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.process.codec import CODEC, Snapshot, TokenState, decode, encode
from engine.process.definitions import Definition, DefinitionCache
from engine.process.execution import Execution
from engine.process.model import Plain
from tests.unit.process.dmn_writer import a_file, a_table
from tests.unit.process.office import boundary, draw, message, shape, timer

STATES = Path(__file__).parent / "states"

#: `complete node`, `fire host event` or `move node target source`, and what it writes.
Act = tuple[str, Mapping[str, Plain]]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Hold a drawing, the acts before its state is kept, and the acts that end it."""

    nodes: Sequence[str]
    flows: Sequence[str]
    before: Sequence[Act]
    after: Sequence[Act]
    data: Mapping[str, Plain]
    messages: Sequence[str] = ()
    dmn: bytes = b""

    @property
    def bpmn(self) -> bytes:
        nodes = ["startEvent s", *self.nodes, "endEvent e"]
        return draw(nodes, self.flows, messages=self.messages)


def _acts(text: str, **writes: Plain) -> list[Act]:
    return [(each.strip(), writes) for each in text.split(",")]


_VISAS = {
    "nodes": ["exclusiveGateway m", "parallelGateway f", "userTask a", "userTask b",
              "parallelGateway j", "userTask check", "exclusiveGateway g g-m"],
    "flows": ["s m", "m f", "f a", "f b", "a j", "b j", "j check", "check g", "g m",
              "g e ok == True"],
    "data": {"agency_id": "so-noi-vu", "ok": False},
}  # fmt: skip
_ROUND = _acts("complete b, complete a, complete check", ok=False)
_END = _acts("complete check", ok=True)

SHAPES: Mapping[str, Shape] = {
    "parallel_arrived": Shape(
        **_VISAS,  # type: ignore[arg-type]
        before=_acts("complete a"),
        after=[*_acts("complete b"), *_END],
    ),
    "parallel_three": Shape(
        nodes=["parallelGateway f", "userTask a", "userTask b", "userTask c",
               "parallelGateway j"],
        flows=["s f", "f a", "f b", "f c", "a j", "b j", "c j", "j e"],
        data={},
        before=_acts("complete c, complete a"),
        after=_acts("complete b"),
    ),
    "rework": Shape(
        **_VISAS,  # type: ignore[arg-type]
        before=[*_ROUND, *_ROUND, *_acts("complete b")],
        after=[*_acts("complete a"), *_END],
    ),
    "sent_back": Shape(
        nodes=["userTask a", shape("userTask", "b", returnsTo="a")],
        flows=["s a", "a b", "b e"],
        data={"note": "Sửa trích yếu “ư ơ ă”"},
        before=_acts("complete a, move b a s"),
        after=_acts("complete a, complete b"),
    ),
    "operation": Shape(
        nodes=["userTask a", "serviceTask w", "userTask b"],
        flows=["s a", "a w", "w b", "b e"],
        data={"number": 7, "none": None, "ok": True},
        before=_acts("complete a"),
        after=_acts("complete w, complete b"),
    ),
    "boundary": Shape(
        nodes=["userTask a", boundary("t", "a", timer("P2D")),
               boundary("u", "a", timer("P1D"), interrupts=False), "userTask n", "userTask b",
               "endEvent d"],
        flows=["s a", "a e", "t b", "b e", "u n", "n d"],
        data={},
        before=_acts("fire a u"),
        after=_acts("fire a t, complete b, complete n"),
    ),
    "catch": Shape(
        nodes=["userTask a", shape("intermediateCatchEvent", "c", message("answer"),
                                   correlation="number", payload="note")],
        flows=["s a", "a c", "c e"],
        messages=["answer"],
        data={"number": 7},
        before=_acts("complete a"),
        after=_acts("complete c", note="được"),
    ),
    "call": Shape(
        nodes=["userTask a", shape("callActivity", "c", calledElement="child", takes="answer"),
               "userTask b"],
        flows=["s a", "a c", "c b", "b e"],
        data={},
        before=_acts("complete a"),
        after=[*_acts("complete c", answer="được"), *_acts("complete b")],
    ),
    "one_end_reached": Shape(
        nodes=["parallelGateway f", "userTask a", "userTask b", "endEvent d"],
        flows=["s f", "f a", "f b", "a e", "b d"],
        data={},
        before=_acts("complete b"),
        after=_acts("complete a"),
    ),
    "decided": Shape(
        nodes=["userTask a", shape("businessRuleTask", "r", decision="choose"),
               "exclusiveGateway g g-e", "userTask b"],
        flows=["s a", "a r", "r g", "g e", "g b way == 2", "b e"],
        dmn=a_file(a_table(["kind"], ["way"], ['"a" -> 1', "- -> 2"], policy="FIRST")),
        data={"kind": "a"},
        before=_acts("complete a", kind="b"),
        after=_acts("complete b"),
    ),
}  # fmt: skip


def play(execution: Execution, definition: Definition, acts: Sequence[Act]) -> Execution:
    """Do one act after another, saved and restored between them."""
    for text, writes in acts:
        kind, node, *rest = text.split()
        task_id = next(t for t, n in execution.waiting().items() if n == node)
        if kind == "complete":
            execution.complete(task_id, writes)
        elif kind == "fire":
            execution.fire(task_id, definition.diagram.nodes[rest[0]])
        else:
            execution.move(task_id, *rest)
        execution = Execution.restore(definition, decode(encode(execution.snapshot())))
    return execution


def waiting_of(snapshot: Snapshot) -> list[list[str]]:
    """Return node and state of each token, without the ids."""
    return sorted([token.node, TokenState(token.state).value] for token in snapshot.tokens)


def state_of(kept: Shape) -> dict[str, Any]:
    """Return what is kept of a shape: its files, a state, and how it goes on."""
    definition = DefinitionCache().load(kept.bpmn, kept.dmn)
    execution = play(Execution.begin(definition, kept.data), definition, kept.before)
    snapshot = execution.snapshot()
    ended = play(execution, definition, kept.after)
    return {
        "bpmn": kept.bpmn.decode(),
        "dmn": kept.dmn.decode(),
        "state": encode(snapshot).decode(),
        "data": dict(snapshot.data),
        "waiting": waiting_of(snapshot),
        "after": [[text, dict(writes)] for text, writes in kept.after],
        "ends": sorted(set(ended.snapshot().ends)),
    }


def add_missing(folder: Path = STATES / f"codec_{CODEC}") -> list[Path]:
    """Write the shapes that have no file yet; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in SHAPES if not (folder / f"{name}.json").exists()]
    for name in missing:
        kept = state_of(SHAPES[name])
        text = json.dumps(kept, ensure_ascii=False, indent=2, sort_keys=True)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    return [folder / f"{name}.json" for name in missing]


if __name__ == "__main__":
    add_missing()
