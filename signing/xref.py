"""Read plain cross-reference tables at once instead of entry by entry.

A letter of one page has some 500 entries, because every paragraph is tagged for readers who do
not see; pyHanko takes them one at a time, which is half of what opening a file costs. A table
that is written exactly as the standard says is taken here in one piece; anything else is left to
pyHanko, with all that it refuses.

Source: ISO 32000-1, clause 7.5.4 (each entry has exactly 20 bytes); pyHanko 0.38.0.
"""

import functools
import re
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any, BinaryIO, NamedTuple

from pyhanko.pdf_utils import xref

Parse = Callable[[BinaryIO, bool], Iterator[xref.XRefEntry]]
Process = Callable[[xref.XRefSectionData, Iterator[xref.XRefEntry], bool], int]

_ENTRY_BYTES = 20
_OFFSET_DIGITS = 10
_MARKER_AT = 17
_IN_USE = ord("n")
_PEEK_BYTES = 64
_MAX_ENTRIES = 500_000  # ten megabytes; larger tables are left to pyHanko
_SECTION = re.compile(rb"[ \t\r\n\f\0]*(\d{1,7}) (\d{1,7})[ \t\r\n\f\0]+(?=[0-9t])")
_TRAILER = re.compile(rb"[ \t\r\n\f\0]*trailer[ \t\r\n\f\0]*(?=<)")
# Objects of later generations, which nobody writes any more, are left to pyHanko too.
_GENERATION = rb"(?:[0-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])"
_ENTRIES = re.compile(rb"(?:\d{10} (?:00000 n|" + _GENERATION + rb" f)(?: \n| \r|\r\n))*")


class _Section(NamedTuple):
    """Hold the entries of consecutive objects as they stand in the file."""

    first: int
    entries: bytes


class _PlainTable(list[_Section]):
    """Hold a table in which everything is as the standard says."""


def mend_xref_reading() -> None:
    """Let pyHanko read plain tables at once; harmless when repeated."""
    module: Any = xref
    if not hasattr(module.parse_xref_table, "is_mended"):
        module.parse_xref_table = _mended_parse(module.parse_xref_table)
        data = module.XRefSectionData
        data.process_entries = _mended_process(data.process_entries)


def _mended_parse(parse: Parse) -> Parse:
    @functools.wraps(parse)
    def parse_at_once(stream: BinaryIO, strict: bool) -> Any:
        start = stream.tell()
        table = _plain_table(stream)
        if table is not None:
            return table
        stream.seek(start)
        return parse(stream, strict)

    parse_at_once.is_mended = True  # type: ignore[attr-defined] # a mark on a function
    return parse_at_once


def _mended_process(process: Process) -> Process:
    @functools.wraps(process)
    def process_at_once(data: xref.XRefSectionData, entries: Any, strict: bool) -> int:
        if not isinstance(entries, _PlainTable):
            return process(data, entries, strict)
        return max((_take(data, section) for section in entries), default=0)

    return process_at_once


def _plain_table(stream: BinaryIO) -> _PlainTable | None:
    """Return the table at `stream`, and leave the stream at the trailer's dictionary."""
    table = _PlainTable()
    while True:
        here = stream.tell()
        ahead = stream.read(_PEEK_BYTES)
        if end := _TRAILER.match(ahead):
            stream.seek(here + end.end())
            return table if table else None
        section = _SECTION.match(ahead)
        if section is None or int(section[2]) > _MAX_ENTRIES:
            return None
        stream.seek(here + section.end())
        entries = stream.read(_ENTRY_BYTES * int(section[2]))
        if len(entries) != _ENTRY_BYTES * int(section[2]) or not _ENTRIES.fullmatch(entries):
            return None
        table.append(_Section(int(section[1]), entries))


def _take(data: xref.XRefSectionData, section: _Section) -> int:
    """Take the entries of `section` in and return the highest object number."""
    first, entries = section
    # The head of the list of free objects is none.
    skipped = 1 if first == 0 else 0
    starts = range(skipped * _ENTRY_BYTES, len(entries), _ENTRY_BYTES)
    if b"f" in entries[skipped * _ENTRY_BYTES :]:
        for number, at in enumerate(starts, first + skipped):
            _take_one(data, number, entries[at : at + _ENTRY_BYTES])
    else:
        numbers = range(first + skipped, first + skipped + len(starts))
        offsets = [(0, int(entries[at : at + _OFFSET_DIGITS])) for at in starts]
        data.standard_xrefs.update(zip(numbers, offsets, strict=True))
        data.explicit_refs_in_revision.update(zip(numbers, repeat(0)))
    return first + len(entries) // _ENTRY_BYTES - 1 if entries else 0


def _take_one(data: xref.XRefSectionData, number: int, entry: bytes) -> None:
    if entry[_MARKER_AT] == _IN_USE:
        data.standard_xrefs[number] = (0, int(entry[:_OFFSET_DIGITS]))
        data.explicit_refs_in_revision.add((number, 0))
    else:
        generation = int(entry[_OFFSET_DIGITS + 1 : _MARKER_AT - 1])
        data.freed[number] = generation
        data.explicit_refs_in_revision.add((number, generation - 1))
