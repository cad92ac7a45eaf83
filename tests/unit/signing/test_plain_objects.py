"""Compare dictionaries that are read at once with what the library's own reader makes of them."""

import random
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.plain_objects import mend_objects
from tests.factories.pki_documents import a_letter
from tests.factories.pki_world import PkiWorld, a_world

mend_objects()

PLAIN = [
    b"<<>>",
    b"<< /A /B/C 1 /D -2 /E 3.50 /F -0.1>>",
    b"<</R 12 0 R/S[1 0 R 2 0 R]/T true/U false/V null>>",
    rb"<</A(x y)/B(\376\377\000N)/C<FEFF0041>/D<>/E()>>",
    b"<</A<</B<</C[[1][2 [3]]]>>>>/D[/x/y]>>",
    b"<</Length 3>>\nstream\nabc\nendstream",
    b"<</Length 3>>stream\r\nabc\r\nendstream",
    b"<</A 007/B 1 0 R>>stray",
]
ODD = [
    b"<<",
    b"<</A>>",
    b"<</A 1/A 2>>",
    b"<</A#20B 1>>",
    b"<</A % comment\n1>>",
    b"<</A (a(b)c)>>",
    rb"<</A (\n)>>",
    b"<</A <0>>>",
    b"<</A < 00 >>>",
    b"<</A +1>>",
    b"<</A .5>>",
    b"<</A 5.>>",
    b"<</A 1  0 R>>",
    b"<</A 0 0 R>>",
    b"<</A 1 0 R2>>",
    b"<</A truefalse>>",
    b"<</A " + b"[" * 40 + b"]" * 40 + b">>",
    b"<</A (" + b"x" * 5000 + b")>>",
    b"<</A 1]>>",
    b"<<1 2>>",
    b"<</A 1>",
    b"<</Length 9>>\nstream\nabc\nendstream",
    b"<</Length 3/Length 4>>\nstream\nabc\nendstream",
    b"<</A<</B 1>>stream/C 2>>",
    b"<</A 1 0 obj>>",
]


@pytest.fixture(scope="module")
def reader() -> PdfFileReader:
    return PdfFileReader(BytesIO(a_letter()), strict=True)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> PkiWorld:
    return a_world(tmp_path_factory.mktemp("pki"))


def described(found: Any) -> object:
    """Return an object with its kind, its contents, and what it belongs to."""
    holder = getattr(found, "container_ref", None)
    place = (getattr(holder, "idnum", None), getattr(holder, "generation", None))
    if isinstance(found, dict):
        entries = [(described(key), described(dict.get(found, key))) for key in found]
        payload = getattr(found, "_encoded_data", None)
        return type(found), place, entries, payload
    if isinstance(found, list):
        return type(found), place, [described(entry) for entry in list.__iter__(found)]
    if isinstance(found, generic.IndirectObject):
        return type(found), place, found.idnum, found.generation
    if isinstance(found, generic.BooleanObject | generic.NullObject):
        return type(found), place, getattr(found, "value", None)
    return type(found), place, repr(found), getattr(found, "autodetected_encoding", None)


def outcome(read: Any, content: bytes, reader: PdfFileReader) -> object:
    stream = BytesIO(b"__" + content)
    stream.seek(2)
    try:
        found = read(stream, generic.Reference(7, 0, reader))
    except Exception as error:  # noqa: BLE001 whatever it is, both must say the same
        return type(error), str(error)
    return described(found), stream.tell()


def both(content: bytes, reader: PdfFileReader) -> tuple[object, object]:
    """Return what we read and what the library reads, nested objects included."""
    mended: Any = generic.read_object
    original = mended.__wrapped__
    ours = outcome(mended, content, reader)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generic, "read_object", original)
        return ours, outcome(original, content, reader)


@pytest.mark.parametrize("content", PLAIN + ODD)
def test_dictionary_is_read_as_the_library_reads_it(content: bytes, reader: PdfFileReader) -> None:
    ours, theirs = both(content, reader)

    assert ours == theirs


@pytest.mark.parametrize("content", PLAIN)
def test_plain_dictionary_is_not_left_to_the_library(
    content: bytes, reader: PdfFileReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*words: object) -> None:
        raise AssertionError(words)

    monkeypatch.setattr(generic.DictionaryObject, "read_from_stream", refused)
    mended: Any = generic.read_object

    found = mended(BytesIO(content), generic.Reference(7, 0, reader))

    assert isinstance(found, generic.DictionaryObject)


def test_everything_is_read_alike_when_bytes_were_changed(reader: PdfFileReader) -> None:
    chance = random.Random(68)  # noqa: S311 the same changes each time
    alphabet = b"/()<>[] \n\r\\0123456789.-abAFRtrue#%\0\x80"
    for _ in range(6000):
        content = bytearray(chance.choice(PLAIN + ODD[:20]))
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(content) + 1)
            removed = chance.randrange(3)
            added = bytes(chance.choices(alphabet, k=chance.randrange(4)))
            content[at : at + removed] = added
        # The library never comes back from a comment that the file ends in.
        ours, theirs = both(bytes(content) + b"\n", reader)
        assert ours == theirs, bytes(content)


def test_signed_file_has_the_same_objects_when_read_at_once(world: PkiWorld) -> None:
    content = world.sealed()
    mended: Any = generic.read_object

    def everything() -> list[object]:
        reader = PdfFileReader(BytesIO(content), strict=True)
        found = []
        for section in range(reader.xrefs.total_revisions):
            references = reader.xrefs.explicit_refs_in_revision(section)
            for reference in sorted(references, key=lambda each: each.idnum):
                found.append(described(reader.get_object(reference, revision=section))[1:3])  # type: ignore[index]
        return found

    ours = everything()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generic, "read_object", mended.__wrapped__)
        theirs = everything()

    assert [repr(each) for each in ours] == [repr(each) for each in theirs]
    assert len(ours) > 40


def test_mend_is_harmless_when_repeated() -> None:
    before = generic.read_object
    mend_objects()

    assert generic.read_object is before
