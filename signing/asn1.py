"""Keep asn1crypto from writing plain DER anew.

asn1crypto takes every header that ends in 0x80 for one of indefinite length, also `30 82 1D 80`,
and then encodes the whole value again, at a cost that doubles with each level of nesting: one
signature in some hundreds would take minutes. Known upstream, not released.

Source: asn1crypto 1.5.1, issues 249 and 256; ITU-T X.690, clause 8.1.3.
"""

import functools
from collections.abc import Callable
from typing import Any

from asn1crypto import core  # type: ignore[import-untyped]

Dump = Callable[..., bytes]

_MARK = b"\x80"
_LONG_TAG = 0x1F
_MENDED = (core.Asn1Value, core.Choice, core.Primitive, core.Sequence, core.SequenceOf)


def mend_dump() -> None:
    """Let `dump` return values of definite length as they were read; harmless when repeated."""
    for kind in _MENDED:
        if not hasattr(kind.dump, "is_mended"):
            kind.dump = _mended(kind.dump)


def is_indefinite(header: bytes) -> bool:
    """Tell whether the last of the tag-length pairs in `header` has no definite length."""
    position, length = 0, 0
    while position < len(header):
        position += 1
        if header[position - 1] & _LONG_TAG == _LONG_TAG:
            while header[position] & 0x80:
                position += 1
            position += 1
        length = header[position]
        position += 1 + (length & 0x7F if length > 0x80 else 0)
    return length == 0x80


def _mended(dump: Dump) -> Dump:
    @functools.wraps(dump)
    def dump_as_read(value: Any, force: bool = False) -> bytes:
        header = value._header
        if force or not header or header[-1:] != _MARK or is_indefinite(header):
            return dump(value, force=force)
        is_choice = isinstance(value, core.Choice)
        contents = value.chosen.dump() if is_choice else value.contents
        # A value changed since it was read has dropped its header, or has another content.
        if value._header is not header or (is_choice and contents != value._contents):
            return dump(value, force=force)
        return bytes(header + contents + value._trailer)

    dump_as_read.is_mended = True  # type: ignore[attr-defined] # a mark on a function
    return dump_as_read
