"""Read a PDF dictionary that is written plainly with one expression a token.

Half of what signing a letter costs is the library's reading of ten small dictionaries, token by
token, byte by byte. A dictionary that is short and holds nothing unusual is read here from one
piece; at the first sign of anything else (comments, escapes beyond octal, odd numbers, keys named
twice, deep nesting) the library reads it from its beginning, with all that it refuses.

Source: ISO 32000-1, clause 7.3 (objects); pyHanko 0.38.0.
"""

import binascii
import functools
import os
import re
from collections.abc import Callable
from typing import Any, BinaryIO

from pyhanko.pdf_utils import generic

_PIECE_BYTES = 2048
_DEPTH = 16
_END = rb"(?=[ \n\r\t\f\0()<>\[\]{}/%])"
_TOKEN = re.compile(
    rb"[ \n\r\t\f\0]*(?:(?P<name>/(?:[!\"$&'*+,\-.0-9:;=?@A-Z\\^_`a-z|~])*" + _END + rb")"
    rb"|(?P<reference>[1-9]\d{0,7} \d{1,5} R" + _END + rb")"
    rb"|(?P<integer>-?\d{1,15}" + _END + rb")"
    rb"|(?P<real>-?\d{1,15}\.\d{1,15}" + _END + rb")"
    rb"|(?P<literal>\((?:[^()\\]|\\[0-3][0-7]{2})*\))"
    rb"|(?P<open><<)"
    rb"|(?P<hex><(?:[0-9A-Fa-f]{2})*>)"
    rb"|(?P<list>\[)"
    rb"|(?P<word>(?:true|false|null)" + _END + rb")"
    rb"|(?P<close>>>)"
    rb"|(?P<end>\]))"
)
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")

Handler = Any


class _NotPlainError(Exception):
    """Leave it to the library."""


def mend_objects() -> None:
    """Let pyHanko read plain dictionaries at once; harmless when repeated."""
    module: Any = generic
    if not hasattr(module.read_object, "is_mended"):
        module.read_object = _mended(module.read_object)


def _mended(read: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(read)
    def read_at_once(stream: BinaryIO, container_ref: Any, **context: Any) -> Any:
        if not any(context.values()):
            found = _plain_dictionary(stream, container_ref)
            if found is not None:
                return found
        return read(stream, container_ref, **context)

    read_at_once.is_mended = True  # type: ignore[attr-defined] # a mark on a function
    return read_at_once


def _plain_dictionary(stream: BinaryIO, container_ref: Any) -> generic.PdfObject | None:
    opening = stream.read(2)
    if opening != b"<<":
        stream.seek(-len(opening), os.SEEK_CUR)
        return None
    start = stream.tell()
    reader = _PieceReader(stream.read(_PIECE_BYTES), container_ref)
    try:
        entries = reader.entries(_DEPTH)
    except _NotPlainError:
        stream.seek(start - len(opening))
        return None
    stream.seek(start + reader.at)
    module: Any = generic
    payload = module._maybe_read_stream_payload(stream, entries, reader.handler)
    found: Any
    if payload is None:
        found = module.DictionaryObject(entries)
    else:
        found = module.StreamObject(entries, encoded_data=payload)
    found.container_ref = container_ref
    return found  # type: ignore[no-any-return] # it is one of the two above


class _PieceReader:
    """Read objects from a piece of a file, which begins after a dictionary's `<<`."""

    def __init__(self, piece: bytes, container_ref: Any) -> None:
        self._piece = piece
        self._container = container_ref
        self.handler: Handler = container_ref.get_pdf_handler()
        self.at = 0

    def entries(self, depth: int) -> dict[generic.NameObject, Any]:
        """Return what stands before the next `>>`, and stop after that."""
        entries: dict[generic.NameObject, Any] = {}
        kind, text = self._token()
        while kind != "close":
            if kind != "name":
                raise _NotPlainError
            name = generic.NameObject(text.decode("ascii"))
            if name in entries:
                raise _NotPlainError
            entries[name] = self._made(*self._token(), depth)
            kind, text = self._token()
        return entries

    def _token(self) -> tuple[str, bytes]:
        token = _TOKEN.match(self._piece, self.at)
        if token is None:
            raise _NotPlainError
        self.at = token.end()
        kind = token.lastgroup or ""
        return kind, token[kind]

    def _made(self, kind: str, text: bytes, depth: int) -> Any:
        if kind in _SIMPLE:
            found = _SIMPLE[kind](text)
        elif kind == "reference":
            number, generation, _ = text.split()
            module: Any = generic
            found = module.IndirectObject(int(number), int(generation), self.handler)
        elif kind in {"open", "list"} and depth:
            found = self._nested(kind, depth - 1)
        else:
            raise _NotPlainError
        found.container_ref = self._container
        return found

    def _nested(self, kind: str, depth: int) -> Any:
        if kind == "open":
            module: Any = generic
            return module.DictionaryObject(self.entries(depth))
        found = generic.ArrayObject()
        kind, text = self._token()
        while kind != "end":
            found.append(self._made(kind, text, depth))
            kind, text = self._token()
        return found


def _name(text: bytes) -> Any:
    return generic.NameObject(text.decode("ascii"))


def _integer(text: bytes) -> Any:
    module: Any = generic
    return module.NumberObject(text)


def _real(text: bytes) -> Any:
    module: Any = generic
    return module.FloatObject(text.decode("ascii"))


def _literal(text: bytes) -> Any:
    content = text[1:-1]
    if b"\\" in content:
        content = _OCTAL.sub(lambda escape: bytes((int(escape[1], 8),)), content)
    return generic.pdf_string(content)


def _hex(text: bytes) -> Any:
    return generic.pdf_string(binascii.unhexlify(text[1:-1]))


def _word(text: bytes) -> Any:
    module: Any = generic
    return module.NullObject() if text == b"null" else module.BooleanObject(text == b"true")


_SIMPLE: dict[str, Callable[[bytes], Any]] = {
    "name": _name,
    "integer": _integer,
    "real": _real,
    "literal": _literal,
    "hex": _hex,
    "word": _word,
}
