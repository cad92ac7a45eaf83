from collections.abc import Callable
from io import BytesIO

import pytest
from pyhanko.pdf_utils import xref
from pyhanko.pdf_utils.misc import PdfReadError, PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.xref import mend_xref_reading

mend_xref_reading()

FREE = b"0000000000 65535 f \n"
TRAILER = b"trailer\n<</Size 9>>"


def entry(offset: int, *, end: bytes = b" \n", generation: int = 0, kind: bytes = b"n") -> bytes:
    return b"%010d %05d %s%s" % (offset, generation, kind, end)


PLAIN = {
    "one section": b"\n0 3\n" + FREE + entry(15) + entry(900) + TRAILER,
    "carriage returns": b"\r\n0 2\r\n"
    + b"0000000000 65535 f\r\n"
    + entry(15, end=b"\r\n")
    + b"trailer\r\n<</Size 2>>",
    "three sections": b"\n0 1\n" + FREE + b"4 1\n" + entry(20) + b"7 2\n" + entry(30) + entry(4)
    + b"trailer <</Size 9>>",
    "freed later": b"\n3 2\n" + entry(0, generation=1, kind=b"f") + entry(77) + TRAILER,
    "empty section": b"\n0 0\n" + TRAILER,
    "object twice": b"\n3 1\n" + entry(10) + b"3 1\n" + entry(20) + TRAILER,
}  # fmt: skip
ODD = {
    "later generation": b"\n3 1\n" + entry(10, generation=2) + TRAILER,
    "generation too high": b"\n3 1\n" + entry(10, generation=65536, kind=b"f") + TRAILER,
    "short lines": b"\n0 2\n0000000000 65535 f\n0000000015 00000 n\n" + TRAILER,
    "long lines": b"\n0 2\n0000000000 65535 f \r\n0000000015 00000 n \r\n" + TRAILER,
    "unknown marker": b"\n3 1\n" + entry(10, kind=b"x") + TRAILER,
    "too few entries": b"\n0 3\n" + entry(10) + TRAILER,
    "no trailer": b"\n3 1\n" + entry(10),
    "nothing": b"",
    "words": b"\nwhat is this\n",
}


def outcome(parse: Callable[..., object], content: bytes, *, strict: bool) -> object:
    """Return everything that is known after a table was read, or how it failed."""
    stream = BytesIO(b"xref" + content)
    stream.seek(4)
    data = xref.XRefSectionData()
    try:
        highest = data.process_entries(parse(stream, strict=strict), strict=strict)
    except Exception as error:  # noqa: BLE001 whatever it is, both must say the same
        return type(error), str(error)
    return (
        highest,
        data.standard_xrefs,
        data.freed,
        data.explicit_refs_in_revision,
        stream.tell(),
    )


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("name", [*PLAIN, *ODD])
def test_table_says_the_same_when_it_is_read_at_once(name: str, *, strict: bool) -> None:
    content = (PLAIN | ODD)[name]
    original = xref.parse_xref_table.__wrapped__

    assert outcome(xref.parse_xref_table, content, strict=strict) == outcome(
        original, content, strict=strict
    )


@pytest.mark.parametrize("name", PLAIN)
def test_plain_table_is_read_at_once(name: str) -> None:
    stream = BytesIO(b"xref" + PLAIN[name])
    stream.seek(4)

    assert isinstance(xref.parse_xref_table(stream, strict=True), list)


@pytest.mark.parametrize("name", ODD)
def test_odd_table_is_left_to_the_library(name: str) -> None:
    stream = BytesIO(b"xref" + ODD[name])
    stream.seek(4)

    assert not isinstance(xref.parse_xref_table(stream, strict=True), list)


def test_mend_is_harmless_when_repeated() -> None:
    before = xref.parse_xref_table, xref.XRefSectionData.process_entries
    mend_xref_reading()

    assert (xref.parse_xref_table, xref.XRefSectionData.process_entries) == before


def test_strict_reader_still_refuses_when_table_outgrows_its_size() -> None:
    table = b"xref\n0 3\n" + FREE + entry(9) + entry(9)
    pdf = b"%PDF-1.7\n" + table + b"trailer\n<</Size 2/Root 1 0 R>>\nstartxref\n9\n%%EOF\n"

    with pytest.raises(PdfStrictReadError, match="size mismatch"):
        PdfFileReader(BytesIO(pdf), strict=True)
    with pytest.raises(PdfReadError):
        PdfFileReader(BytesIO(pdf.replace(b"00009 ", b"0000x ")), strict=True)
