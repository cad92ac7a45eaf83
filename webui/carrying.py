"""Carry a file from one page to the next inside a form, byte for byte, without storing it.

A browser would change the line ends of a text, and with them the digest of the file.
"""

import base64
import zlib

from engine.errors import ErrorCode, InvalidInputError


def pack(content: bytes) -> str:
    """Return `content` as a text for a hidden field."""
    return base64.b64encode(zlib.compress(content)).decode("ascii")


def unpack(text: str, *, max_bytes: int) -> bytes:
    """Return what a hidden field carries; a byte over `max_bytes` at most, for the linter to see.

    Raises:
        InvalidInputError: the field was changed on the way; code `REQUEST_INVALID`.
    """
    opened = zlib.decompressobj()
    try:
        # A small field may unfold into gigabytes: it is cut off, never unfolded.
        return opened.decompress(base64.b64decode(text, validate=True), max_bytes + 1)
    except (ValueError, zlib.error) as error:
        raise InvalidInputError("no file in the field", code=ErrorCode.REQUEST_INVALID) from error
