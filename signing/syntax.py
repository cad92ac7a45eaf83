"""Read and write the plain forms of PDF syntax at once instead of byte by byte.

pyHanko takes names, strings and references one byte at a time, which is half of what signing a
letter costs once the CMS is cheap, and a third of verifying it (a signature's value has 16,000
digits). What is written in the plainest way is taken here with one expression; whatever is not,
or does not end soon, is left to pyHanko, with all that it refuses. Nothing is read differently.

Source: ISO 32000-1, clause 7.3 (objects); pyHanko 0.38.0.
"""

import binascii
import functools
import re
from collections.abc import Callable
from typing import Any, BinaryIO

from pyhanko.pdf_utils import generic

Read = Callable[..., Any]

_REGULAR = rb"[!\"$&'*+,\-.0-9:;=?@A-Z\\^_`a-z|~]"  # printable, no delimiter, no escape
_NAME = re.compile(rb"/(?:" + _REGULAR + rb")*(?=[ \n\r\t\f\0()<>\[\]{}/%])")
_WHOLE_NAME = re.compile(rb"/(?:" + _REGULAR + rb")*")
_LITERAL = re.compile(rb"\(((?:[^()\\]|\\[0-3][0-7]{2})*)\)")
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")
_HEX = re.compile(rb"<((?:[0-9A-Fa-f]{2})*)>")
_REFERENCE = re.compile(rb"([1-9]\d{0,8}) (\d{1,5}) R")
_NAME_BYTES = 64
_REFERENCE_BYTES = 24
_LITERAL_BYTES = 1024
_HEX_BYTES = (128, 1 << 17)  # most are short; a signature's value is long


def mend_syntax() -> None:
    """Let pyHanko read and write plain forms at once; harmless when repeated."""
    module: Any = generic
    if hasattr(module.NameObject.write_to_stream, "is_mended"):
        return
    name, reference = module.NameObject, module.IndirectObject
    name.read_from_stream = staticmethod(_mended(name.read_from_stream, _read_name))
    name.write_to_stream = _mended_write(name.write_to_stream)
    reference.read_from_stream = staticmethod(_mended(reference.read_from_stream, _read_reference))
    module._read_string_literal_bytes = _mended(module._read_string_literal_bytes, _read_literal)
    module.read_hex_string_from_stream = _mended(module.read_hex_string_from_stream, _read_hex)


def _mended(read: Read, read_plain: Read) -> Read:
    """Return a reader that tries `read_plain`, and `read` from the same place if that is None."""

    @functools.wraps(read)
    def read_at_once(stream: BinaryIO, *context: Any, **words: Any) -> Any:
        start = stream.tell()
        found = read_plain(stream, start, *context, **words)
        if found is not None:
            return found
        stream.seek(start)
        return read(stream, *context, **words)

    read_at_once.is_mended = True  # type: ignore[attr-defined] # a mark on a function
    return read_at_once


def _mended_write(write: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(write)
    def write_at_once(name: str, stream: BinaryIO, *context: Any, **words: Any) -> None:
        encoded = name.encode("utf-8")
        if _WHOLE_NAME.fullmatch(encoded):
            stream.write(encoded)
        else:
            write(name, stream, *context, **words)

    write_at_once.is_mended = True  # type: ignore[attr-defined] # as above
    return write_at_once


def _read_name(stream: BinaryIO, start: int) -> generic.NameObject | None:
    found = _NAME.match(stream.read(_NAME_BYTES))
    if found is None:
        return None
    stream.seek(start + found.end())
    return generic.NameObject(found[0].decode("ascii"))


def _read_reference(
    stream: BinaryIO, start: int, container_ref: Any
) -> generic.IndirectObject | None:
    found = _REFERENCE.match(stream.read(_REFERENCE_BYTES))
    if found is None:
        return None
    stream.seek(start + found.end())
    handler = container_ref.get_pdf_handler()
    return generic.IndirectObject(int(found[1]), int(found[2]), handler)  # type: ignore[no-untyped-call]


def _read_literal(stream: BinaryIO, start: int) -> bytes | None:
    found = _LITERAL.match(stream.read(_LITERAL_BYTES))
    if found is None:
        return None
    stream.seek(start + found.end())
    content = found[1]
    return _OCTAL.sub(_octet, content) if b"\\" in content else content


def _octet(escape: re.Match[bytes]) -> bytes:
    return bytes((int(escape[1], 8),))


def _read_hex(stream: BinaryIO, start: int) -> generic.PdfObject | None:
    for limit in _HEX_BYTES:
        stream.seek(start)
        found = _HEX.match(stream.read(limit))
        if found is not None:
            stream.seek(start + found.end())
            return generic.pdf_string(binascii.unhexlify(found[1]))
    return None
