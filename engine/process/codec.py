"""Keep the state of an instance in a few hundred bytes: codec number 1.

The state is the live tokens and the process data, nothing else: finished steps are in the
history table, and future steps are predicted again from the definition. So a state does not grow
with rework. Process data belongs to the instance, not to a token: two branches never hold
different copies of it. Values are stored as they are and never interpreted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import orjson

from engine.errors import ErrorCode, InvalidInputError, StorageError
from engine.process.model import Plain, TaskId

CODEC = 1
MAX_STATE_BYTES = 16_384
MAX_DATA_BYTES = 4_096

_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_INT64 = 2**63


class TokenState(StrEnum):
    """Name what a token is doing at its node."""

    READY = "ready"
    STARTED = "started"
    WAITING = "waiting"
    ARRIVED = "arrived"


@dataclass(frozen=True, kw_only=True)
class Token:
    """Hold one live token.

    Args:
        id: of the task, for ever; the work item has the same.
        node: BPMN element id, or the engine's own end join.
        source: node the token came from; a join counts its arrivals by it.
    """

    id: TaskId
    node: str
    state: TokenState
    source: str


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Hold all that is kept of an instance between two steps.

    Args:
        tokens: in the order they came to their nodes.
        ends: end events reached so far, by BPMN element id.
    """

    data: Mapping[str, Plain]
    tokens: tuple[Token, ...]
    ends: tuple[str, ...] = ()


def check_plain(data: Mapping[str, object]) -> None:
    """Check that process data holds a few plain values.

    Raises:
        InvalidInputError: a key or value is not plain, or it is too much; names the key.
    """
    for key, value in data.items():
        if not _KEY.fullmatch(key):
            raise _refused(repr(key)[:80], "the key is not a plain name")
        if type(value) not in (str, int, bool, type(None)):
            raise _refused(key, f"{type(value).__name__} is not plain")
        if type(value) is int and not -_INT64 <= value < _INT64:
            raise _refused(key, "the number is too large")
        if type(value) is str and len(value) > MAX_DATA_BYTES:
            raise _refused(key, "the text is too long")


def encode(snapshot: Snapshot) -> bytes:
    """Return the state to store.

    Raises:
        InvalidInputError: data is not plain or over 4 KB; code `PROCESS_DATA`.
    """
    check_plain(snapshot.data)
    for key, value in snapshot.data.items():
        _encode_value(key, value)
    if len(orjson.dumps(snapshot.data)) > MAX_DATA_BYTES:
        raise _refused("*", "process data is over 4 KB; texts belong in tables")
    return orjson.dumps(
        {
            "data": snapshot.data,
            "tokens": [[t.id, t.node, t.state.value, t.source] for t in snapshot.tokens],
            "ends": list(snapshot.ends),
        }
    )


def decode(state: bytes, codec: int = CODEC) -> Snapshot:
    """Return what was stored.

    Raises:
        StorageError: another codec wrote it, or the bytes are damaged.
    """
    if codec != CODEC:
        raise StorageError(f"state has codec {codec}, this release reads {CODEC}")
    if len(state) > MAX_STATE_BYTES:
        raise StorageError(f"state has {len(state)} bytes")
    try:
        parts = orjson.loads(state)
        return Snapshot(
            data=dict(parts["data"]),
            tokens=tuple(
                Token(id=TaskId(task_id), node=node, state=TokenState(token_state), source=source)
                for task_id, node, token_state, source in parts["tokens"]
            ),
            ends=tuple(parts["ends"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError("state is damaged") from error


def _encode_value(key: str, value: Plain) -> None:
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError as error:  # a lone surrogate
        raise _refused(key, "the text is not Unicode") from error


def _refused(key: str, reason: str) -> InvalidInputError:
    return InvalidInputError(
        f"process data {key}: {reason}", code=ErrorCode.PROCESS_DATA, key=key, reason=reason
    )
