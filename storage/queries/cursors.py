"""Turn the place where a page ended into an opaque word, and back."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from engine.errors import InvalidInputError


def cursor_of(*key: str | int | datetime) -> str:
    """Return the cursor of a row's sort key."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def read_cursor(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """Return the sort key a cursor holds.

    Raises:
        InvalidInputError: not a cursor this house gave out for such a list.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = orjson.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if not isinstance(key, list) or len(key) != len(kinds):
            raise InvalidInputError("cursor of another list")
        return [_value(value, kind) for value, kind in zip(key, kinds, strict=True)]
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise InvalidInputError("broken cursor") from error


def _value(value: Any, kind: type) -> Any:
    if kind is datetime and isinstance(value, str):
        at = datetime.fromisoformat(value)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    if type(value) is not kind:
        raise InvalidInputError("cursor of another list")
    return value
