"""Name what a message is about by a hash, so that the right instance is found by one index."""

import hashlib
from collections.abc import Mapping

import orjson

from engine.process.codec import check_plain
from engine.process.model import Plain


def correlation_of(name: str, values: Mapping[str, Plain]) -> str:
    """Return the SHA-256 of a message's name and of the named values it is matched by, hex.

    Raises:
        InvalidInputError: a value is not plain.
    """
    check_plain(values)
    text = orjson.dumps([name, dict(values)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()
