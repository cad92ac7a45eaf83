"""Restore the stored states of every codec there ever was, and take each to its end."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.process.codec import CODEC, decode, encode
from engine.process.definitions import DefinitionCache
from engine.process.execution import Execution
from tests.unit.process.stored_states import (
    SHAPES,
    STATES,
    add_missing,
    play,
    state_of,
    waiting_of,
)

FILES = sorted(STATES.glob("codec_*/*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_stored_state_is_read_and_its_process_goes_on_to_the_end(path: Path) -> None:
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    codec = int(path.parent.name.removeprefix("codec_"))
    definition = DefinitionCache().load(kept["bpmn"].encode(), kept["dmn"].encode())
    snapshot = decode(kept["state"].encode(), codec)
    assert (snapshot.data, waiting_of(snapshot)) == (kept["data"], kept["waiting"])

    execution = Execution.restore(definition, snapshot)
    assert sorted(execution.waiting()) == sorted(
        token.id for token in snapshot.tokens if token.state in {"ready", "started"}
    )
    assert waiting_of(execution.snapshot()) == kept["waiting"]
    ended = play(execution, definition, [(text, writes) for text, writes in kept["after"]])
    assert ended.is_completed
    assert sorted(set(ended.snapshot().ends)) == kept["ends"]


def test_every_shape_is_kept_in_the_present_codec() -> None:
    kept = {path.stem for path in FILES if path.parent.name == f"codec_{CODEC}"}
    assert kept == set(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_present_codec_still_writes_what_is_kept(name: str) -> None:
    path = STATES / f"codec_{CODEC}" / f"{name}.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    now = state_of(SHAPES[name])
    # Ids of tokens are new each time; everything else of a state is to the byte the same.
    assert _without_ids(now) == _without_ids(kept)


def _without_ids(kept: dict[str, Any]) -> dict[str, Any]:
    snapshot = decode(kept["state"].encode())
    state = kept["state"]
    for number, token in enumerate(snapshot.tokens):
        state = state.replace(token.id, str(number))
    return {**kept, "state": state}


def test_state_that_is_read_and_written_again_is_the_same() -> None:
    for path in FILES:
        kept = json.loads(path.read_text(encoding="utf-8"))
        state = kept["state"].encode()
        if path.parent.name == f"codec_{CODEC}":
            assert encode(decode(state)) == state


def test_kept_states_are_never_written_again(tmp_path: Path) -> None:
    written = add_missing(tmp_path)
    assert {path.stem for path in written} == set(SHAPES)
    assert add_missing(tmp_path) == []
    assert add_missing() == []
