"""Turn the place where a page ended into an opaque word, and back."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from engine.errors import InvalidInputError

_MAX_CHARS = 512
#: What every database of ours can compare: 64 bits, and times well within the calendar.
_MAX_INTEGER = 2**63 - 1
_YEARS = range(1970, 9000)


def cursor_of(*key: str | int | datetime) -> str:
    """Return the cursor of a row's sort key."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def read_cursor(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """Return the sort key a cursor holds.

    Raises:
        InvalidInputError: not a cursor this house gave out for such a list.
    """
    try:
        if len(cursor) > _MAX_CHARS:
            raise _refused("too long")
        padded = cursor + "=" * (-len(cursor) % 4)
        key = orjson.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if not isinstance(key, list) or len(key) != len(kinds):
            raise _refused("of another list")
        return [_value(value, kind) for value, kind in zip(key, kinds, strict=True)]
    except (ValueError, OverflowError, binascii.Error) as error:
        raise _refused("broken") from error


def _value(value: Any, kind: type) -> Any:
    if kind is datetime and isinstance(value, str):
        return _time(value)
    if type(value) is not kind:
        raise _refused("of another list")
    if isinstance(value, int) and abs(value) > _MAX_INTEGER:
        raise _refused("number too large")
    if isinstance(value, str) and "\0" in value:
        raise _refused("text with a null character")
    return value


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    if at.year not in _YEARS:
        raise _refused("time out of range")
    return at


def _refused(why: str) -> InvalidInputError:
    return InvalidInputError(f"cursor: {why}", field="cursor")
