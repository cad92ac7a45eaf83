"""Compare the reader that takes plain forms at once with the library's own, form by form."""

import random
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.syntax import mend_syntax
from tests.factories.pki_documents import a_letter

mend_syntax()

NAMES = [
    b"/Type ",
    b"/A#20B ",
    b"/",
    b"/ ",
    b"/Q(",
    b"/x\x80 ",
    b"/" + b"n" * 100 + b" ",
    b"Type ",
]
LITERALS = [
    b"()", b"(plain)", b"(with (inner) one)", rb"(\376\377\000N)", rb"(\400)", rb"(\5)", rb"(\18)",
    rb"(\n\r\t)", b"(a\r\nb)", rb"(\x)", b"(open", rb"(end\\)", rb"(\()",
    b"(" + b"z" * 3000 + b")",
]  # fmt: skip
HEX = [
    b"<>", b"<00ff>", b"<0 0>", b"<abc>", b"<xy>", b"<00", b"<" + b"30" * 9000 + b">",
    b"<FEFF0041>", b"<" + b"0" * 300 + b" >",
]  # fmt: skip
REFERENCES = [
    b"1 0 R", b"12 3 R ", b"0 0 R", b"1  0 R", b"1\n0\rR", b"007 0 R", b"1 0 X", b"1 0",
    b"1 0 %c\nR", b"123456789012 0 R", b"1 65536 R",
]  # fmt: skip


def handler() -> Any:
    return PdfFileReader(BytesIO(a_letter())).root.container_ref


def outcome(read: Callable[..., Any], content: bytes, *context: Any) -> object:
    """Return what was read, of which kind, and where the stream stands; or how it failed."""
    stream = BytesIO(b"__" + content)
    stream.seek(2)
    try:
        found = read(stream, *context)
    except Exception as error:  # noqa: BLE001 whatever it is, both must say the same
        return type(error), str(error)
    encoding = getattr(found, "autodetected_encoding", None)
    return type(found), found, encoding, stream.tell()


def alike(read: Any, content: bytes, *context: Any) -> bool:
    mended, original = read, read.__wrapped__
    return outcome(mended, content, *context) == outcome(original, content, *context)


@pytest.mark.parametrize("content", NAMES)
def test_name_is_read_as_the_library_reads_it(content: bytes) -> None:
    assert alike(generic.NameObject.read_from_stream, content)


@pytest.mark.parametrize("content", LITERALS)
def test_literal_is_read_as_the_library_reads_it(content: bytes) -> None:
    assert alike(generic._read_string_literal_bytes, content)


@pytest.mark.parametrize("content", HEX)
def test_hex_is_read_as_the_library_reads_it(content: bytes) -> None:
    assert alike(generic.read_hex_string_from_stream, content)


@pytest.mark.parametrize("content", REFERENCES)
def test_reference_is_read_as_the_library_reads_it(content: bytes) -> None:
    assert alike(generic.IndirectObject.read_from_stream, content, handler())


@pytest.mark.parametrize(
    "name", ["/Type", "/", "/A B", "/#", "/é", "/(", "/" + "n" * 100, "Type", ""]
)
def test_name_is_written_as_the_library_writes_it(name: str) -> None:
    def written(write: Callable[..., None]) -> object:
        stream = BytesIO()
        try:
            write(generic.NameObject(name), stream)
        except Exception as error:  # noqa: BLE001 both must fail in the same way
            return type(error), str(error)
        return stream.getvalue()

    mended: Any = generic.NameObject.write_to_stream
    assert written(mended) == written(mended.__wrapped__)


def test_everything_is_read_alike_when_bytes_are_random() -> None:
    chance = random.Random(20260205)  # noqa: S311 the same bytes each time
    readers: list[tuple[Any, tuple[Any, ...], bytes]] = [
        (generic.NameObject.read_from_stream, (), b"/"),
        (generic._read_string_literal_bytes, (), b"("),
        (generic.read_hex_string_from_stream, (), b"<"),
        (generic.IndirectObject.read_from_stream, (handler(),), b"1"),
    ]
    alphabet = b"/()<>[] \n\r\\0123457899abAFR#%nr\0\x80"
    for _ in range(4000):
        tail = bytes(chance.choices(alphabet, k=chance.randrange(12)))
        for read, context, start in readers:
            assert alike(read, start + tail, *context), (read.__name__, start + tail)


def test_letter_has_the_same_objects_when_it_is_read_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def everything() -> list[str]:
        reader = PdfFileReader(BytesIO(a_letter()), strict=True)
        numbers = sorted(reader.xrefs.explicit_refs_in_revision(0), key=lambda ref: ref.idnum)
        return [repr(reader.get_object(number)) for number in numbers]

    mended = everything()
    name, reference = generic.NameObject, generic.IndirectObject
    for holder, attribute in (
        (name, "read_from_stream"),
        (reference, "read_from_stream"),
        (generic, "_read_string_literal_bytes"),
        (generic, "read_hex_string_from_stream"),
    ):
        original: Any = getattr(holder, attribute).__wrapped__
        plain = staticmethod(original) if holder is not generic else original
        monkeypatch.setattr(holder, attribute, plain)

    assert mended == everything()
    assert len(mended) > 20


def test_mend_is_harmless_when_repeated() -> None:
    before = generic.NameObject.write_to_stream, generic.read_hex_string_from_stream
    mend_syntax()

    assert (generic.NameObject.write_to_stream, generic.read_hex_string_from_stream) == before
