import random
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms, parser, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from engine.model.verification import Integrity, Verdict
from engine.ports_signing import ExpectedSignatures
from tests.factories.pki_attacks import (
    add_note,
    add_script,
    flipped,
    remove_fields,
    remove_values,
    replace_metadata,
    replace_page,
    set_value,
    updated,
    with_unlisted_object,
)
from tests.factories.pki_documents import a_letter
from tests.factories.pki_world import PkiWorld, a_verifier, a_world, signed_with


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> PkiWorld:
    return a_world(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def certified(world: PkiWorld) -> bytes:
    return world.certified()


@pytest.fixture(scope="module")
def filled(world: PkiWorld, certified: bytes) -> bytes:
    return world.filled(certified)


@pytest.fixture(scope="module")
def sealed(world: PkiWorld, filled: bytes) -> bytes:
    return world.sealed(filled)


@pytest.mark.parametrize("part", [0.02, 0.1, 0.3])
def test_verify_fails_when_signed_byte_is_changed(
    world: PkiWorld, certified: bytes, part: float
) -> None:
    place = certified.index(b"stream", int(len(a_letter()) * part)) + 60

    report = world.verifier.verify(flipped(certified, place))

    assert report.verdict is Verdict.FAILED
    assert report.integrity in {Integrity.CHANGED, Integrity.UNREADABLE}


def test_verify_says_hash_failure_when_text_is_changed(world: PkiWorld, sealed: bytes) -> None:
    place = sealed.index(b"/Reason") + len(b"/Reason (")

    report = world.verifier.verify(flipped(sealed, place))

    assert (report.verdict, report.reason) == (Verdict.FAILED, "HASH_FAILURE")
    assert report.integrity is Integrity.CHANGED


def test_verify_fails_when_signature_value_is_changed(world: PkiWorld, certified: bytes) -> None:
    # The last digits of a CMS belong to the time-stamp's own signature.
    contents = certified.index(b"/Contents <") + len(b"/Contents <")
    end = certified.index(b"0" * 200, contents)

    report = world.verifier.verify(flipped(certified, end - 20))

    assert report.verdict is not Verdict.PASSED


@pytest.mark.parametrize("tail", [b"x", b"\r\n\n", b"%comment\n", b"\0" * 100])
@pytest.mark.parametrize("stage", ["certified", "filled", "sealed"])
def test_verify_fails_when_bytes_follow_the_end(
    world: PkiWorld, request: pytest.FixtureRequest, stage: str, tail: bytes
) -> None:
    report = world.verifier.verify(request.getfixturevalue(stage) + tail)

    assert (report.verdict, report.reason) == (Verdict.FAILED, "UNACCOUNTED_BYTES")
    assert report.integrity is Integrity.CHANGED


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_verify_passes_when_file_ends_in_a_line_end(
    world: PkiWorld, sealed: bytes, end: bytes
) -> None:
    assert world.verifier.verify(sealed + end).verdict is Verdict.PASSED


@pytest.mark.parametrize("stage", ["certified", "filled", "sealed"])
def test_verify_fails_when_object_is_appended_unlisted(
    world: PkiWorld, request: pytest.FixtureRequest, stage: str
) -> None:
    report = world.verifier.verify(with_unlisted_object(request.getfixturevalue(stage)))

    assert (report.verdict, report.reason) == (Verdict.FAILED, "UNACCOUNTED_BYTES")


def test_verify_fails_when_file_is_cut_off(world: PkiWorld, sealed: bytes) -> None:
    report = world.verifier.verify(sealed[:-200])

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")
    assert report.integrity is Integrity.UNREADABLE


@pytest.mark.parametrize("change", [replace_page, add_note, add_script])
@pytest.mark.parametrize("stage", ["certified", "filled", "sealed"])
def test_verify_fails_when_update_is_not_permitted(
    world: PkiWorld,
    request: pytest.FixtureRequest,
    stage: str,
    change: Callable[[IncrementalPdfFileWriter], None],
) -> None:
    report = world.verifier.verify(updated(request.getfixturevalue(stage), change))

    assert (report.verdict, report.reason) == (Verdict.FAILED, "MODIFICATION_NOT_PERMITTED")
    assert report.integrity is Integrity.CHANGED
    assert report.signatures[-1].changes == "not_permitted"


@pytest.mark.parametrize("stage", ["certified", "filled", "sealed"])
def test_verify_fails_when_metadata_is_replaced(
    world: PkiWorld, request: pytest.FixtureRequest, stage: str
) -> None:
    report = world.verifier.verify(updated(request.getfixturevalue(stage), replace_metadata))

    assert report.verdict is Verdict.FAILED
    assert report.integrity is Integrity.CHANGED


def test_verify_fails_when_number_is_changed_after_the_seal(
    world: PkiWorld, sealed: bytes
) -> None:
    report = world.verifier.verify(updated(sealed, set_value("so", "1")))

    assert (report.verdict, report.reason) == (Verdict.FAILED, "MODIFICATION_NOT_PERMITTED")


def test_verify_fails_when_one_field_is_removed(world: PkiWorld, sealed: bytes) -> None:
    report = world.verifier.verify(updated(sealed, remove_fields("co_quan")))

    assert report.verdict is Verdict.FAILED
    assert report.integrity is Integrity.CHANGED


@pytest.mark.parametrize("change", [remove_fields("lanh_dao", "co_quan"), remove_values])
def test_verify_fails_when_every_signature_is_hidden(
    world: PkiWorld, sealed: bytes, change: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    report = world.verifier.verify(updated(sealed, change))

    assert (report.verdict, report.reason) == (Verdict.FAILED, "SIGNATURE_HIDDEN")
    assert report.integrity is Integrity.CHANGED


def test_verify_fails_when_expected_signature_is_missing(
    world: PkiWorld, certified: bytes, sealed: bytes
) -> None:
    digests = tuple(entry.sha256 for entry in world.signer.cms_digests(sealed))
    both = ExpectedSignatures(fields=("lanh_dao", "co_quan"))

    for expected in (both, ExpectedSignatures(fields=("lanh_dao",), cms_sha256=digests)):
        report = world.verifier.verify(certified, expected=expected)
        assert (report.verdict, report.reason) == (Verdict.FAILED, "SIGNATURE_MISSING")


def test_verify_fails_when_signatures_are_expected_and_none_is_there(world: PkiWorld) -> None:
    report = world.verifier.verify(a_letter(), expected=ExpectedSignatures(fields=("lanh_dao",)))

    assert (report.verdict, report.reason) == (Verdict.FAILED, "SIGNATURE_MISSING")
    assert report.integrity is Integrity.CHANGED


def test_verify_fails_when_file_was_saved_by_another_program(
    world: PkiWorld, sealed: bytes
) -> None:
    output = BytesIO()
    with pikepdf.open(BytesIO(sealed)) as pdf:
        pdf.save(output)

    assert world.verifier.verify(output.getvalue()).verdict is Verdict.FAILED


def test_verify_is_undecided_when_nobody_certified(world: PkiWorld) -> None:
    report = world.verifier.verify(signed_with(world, a_letter(), "Chuky"))

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "NO_CERTIFICATION")
    assert report.signatures[0].level == "B-B"
    assert report.signatures[0].role == "other"


def test_verify_fails_when_certification_is_not_the_first(
    world: PkiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signers.PdfSigner, "_enforce_certification_constraints", lambda *_: None)
    approved = signed_with(world, a_letter(), "Chuky")

    report = world.verifier.verify(signed_with(world, approved, "Sau", certify=True))

    # Said by the difference analysis first; the rule of its own is tried in the unit tests.
    assert report.verdict is Verdict.FAILED


def test_verify_fails_when_document_is_certified_twice(
    world: PkiWorld, certified: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signers.PdfSigner, "_enforce_certification_constraints", lambda *_: None)

    report = world.verifier.verify(signed_with(world, certified, "Sau", certify=True))

    assert report.verdict is Verdict.FAILED


def test_verify_fails_when_somebody_signs_after_the_seal(world: PkiWorld, sealed: bytes) -> None:
    report = world.verifier.verify(signed_with(world, sealed, "Sau"))

    assert report.verdict is Verdict.FAILED


def test_verify_reports_no_pades_level_when_signature_is_of_the_old_kind(
    world: PkiWorld,
) -> None:
    old = fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED

    report = world.verifier.verify(signed_with(world, a_letter(), "Chuky", subfilter=old))

    assert report.signatures[0].level == ""


def test_verify_is_undecided_when_signature_is_of_unknown_kind(
    world: PkiWorld, certified: bytes
) -> None:
    unknown = certified.replace(
        b"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /ETSI.XYZZY.detached"
    )

    report = world.verifier.verify(unknown)

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "SIGNATURE_UNSUPPORTED")


def test_verify_fails_when_range_reaches_over_the_end(world: PkiWorld, certified: bytes) -> None:
    start = certified.index(b"/ByteRange [") + len(b"/ByteRange [")
    end = certified.index(b"]", start)
    for numbers in (b"0 0 0 0", b"", b"0 1 2 99999999", b"null", b"0 -1 5 5"):
        broken = certified[:start] + numbers.ljust(end - start) + certified[end:]
        report = world.verifier.verify(broken)
        assert report.verdict is Verdict.FAILED


def test_verify_fails_when_signature_value_is_zero(world: PkiWorld, certified: bytes) -> None:
    start = certified.index(b"/Contents <") + len(b"/Contents <")
    empty = certified[:start] + b"0" * 7000 + certified[start + 7000 :]

    report = world.verifier.verify(empty)

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"nothing", b"%PDF-1.7\nstartxref\n9\n%%EOF"]
)
def test_verify_fails_when_content_is_no_pdf(world: PkiWorld, content: bytes) -> None:
    report = world.verifier.verify(content)

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")
    assert report.integrity is Integrity.UNREADABLE


def test_verify_fails_when_file_is_encrypted(world: PkiWorld) -> None:
    output = BytesIO()
    with pikepdf.open(BytesIO(a_letter())) as pdf:
        pdf.save(output, encryption=pikepdf.Encryption(owner="a", user=""))

    report = world.verifier.verify(output.getvalue())

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")


def test_verify_does_not_trust_when_root_is_unknown(
    world: PkiWorld, sealed: bytes, tmp_path: Path
) -> None:
    other = a_world(tmp_path / "other")

    report = a_verifier(other.directory, other.clock).verify(sealed)

    assert report.verdict is Verdict.INDETERMINATE
    assert report.reason == "NO_CERTIFICATE_CHAIN_FOUND"
    assert report.integrity is Integrity.INTACT


def value_of(pdf: bytes) -> range:
    """Return the places of the digits of the newest signature's value, padding included."""
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    return range(start, pdf.index(b">", start))


def cms_length(pdf: bytes) -> int:
    """Return how many digits of the newest value are the CMS."""
    places = value_of(pdf)
    return 2 * parser.peek(bytes.fromhex(pdf[places.start : places.stop].decode("ascii")))


def marked_places(pdf: bytes) -> list[int]:
    """Return one place of every kind there is in a sealed file."""
    places = value_of(pdf)
    padding = places.start + cms_length(pdf)
    first = pdf.index(b"/Contents <")
    return [
        0,
        first + 10,
        first + 12,
        pdf.index(b"/ByteRange") + 13,
        pdf.rindex(b"/ByteRange") + 13,
        places.start - 1,
        places.start,
        padding - 1,
        padding,
        padding + 1,
        places.stop - 1,
        places.stop,
        pdf.rindex(b"xref\n"),
        pdf.rindex(b"trailer"),
        pdf.rindex(b"startxref") + 10,
        pdf.rindex(b"%%EOF"),
        len(pdf) - 2,
    ]


def passes_after(world: PkiWorld, pdf: bytes, place: int, bit: int) -> bool:
    report = world.verifier.verify(flipped(pdf, place, bit=bit))
    return report.verdict is Verdict.PASSED


def test_verify_never_passes_when_any_bit_of_a_sealed_file_is_flipped(
    world: PkiWorld, sealed: bytes
) -> None:
    chance = random.Random(20260205)  # noqa: S311 the same places in every run
    flips = [(chance.randrange(len(sealed)), chance.randrange(8)) for _ in range(170)]
    flips += [(chance.choice(value_of(sealed)), chance.randrange(8)) for _ in range(30)]

    assert [flip for flip in flips if passes_after(world, sealed, *flip)] == []


def test_verify_never_passes_when_bit_at_a_seam_is_flipped(world: PkiWorld, sealed: bytes) -> None:
    flips = [(place, bit) for place in marked_places(sealed) for bit in (0, 3, 5)]

    assert [flip for flip in flips if passes_after(world, sealed, *flip)] == []


@pytest.mark.parametrize("seed", range(50))
def test_verify_never_passes_when_value_of_the_seal_is_changed(
    world: PkiWorld, sealed: bytes, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 the same places in every run
    place = value_of(sealed).start + chance.randrange(cms_length(sealed))
    digit = f"{int(chr(sealed[place]), 16) ^ 1 << chance.randrange(4):X}".encode()

    report = world.verifier.verify(sealed[:place] + digit + sealed[place + 1 :])

    assert report.verdict is not Verdict.PASSED


@pytest.mark.parametrize("content", [b"DEADBEEF", b"00000001", b"        ", b"0000\n000"])
def test_verify_fails_when_padding_of_the_seal_holds_anything(
    world: PkiWorld, sealed: bytes, content: bytes
) -> None:
    end = value_of(sealed).stop
    changed = sealed[: end - len(content)] + content + sealed[end:]

    report = world.verifier.verify(changed)

    # White space makes the library itself see another range.
    expected = "MODIFICATION_NOT_PERMITTED" if content.isspace() else "UNACCOUNTED_BYTES"
    assert (report.verdict, report.reason) == (Verdict.FAILED, expected)
    assert report.integrity is Integrity.CHANGED


@pytest.mark.parametrize("every", [1, 2])
def test_verify_fails_when_digits_of_the_seal_change_their_case(
    world: PkiWorld, sealed: bytes, every: int
) -> None:
    places = value_of(sealed)
    digits = bytearray(sealed[places.start : places.stop])
    digits[::every] = bytes(digits[::every]).lower()

    report = world.verifier.verify(sealed[: places.start] + digits + sealed[places.stop :])

    assert (report.verdict, report.reason) == (Verdict.FAILED, "UNACCOUNTED_BYTES")


def test_verify_fails_when_another_certificate_is_put_into_the_seal(
    world: PkiWorld, sealed: bytes
) -> None:
    places = value_of(sealed)
    found = cms.ContentInfo.load(bytes.fromhex(sealed[places.start : places.stop].decode()))
    found["content"]["certificates"].append(
        cms.CertificateChoices("certificate", x509.Certificate.load(world.leader.der))
    )
    digits = found.dump().hex().upper().encode().ljust(len(places), b"0")

    report = world.verifier.verify(sealed[: places.start] + digits + sealed[places.stop :])

    assert (report.verdict, report.reason) == (Verdict.FAILED, "UNACCOUNTED_BYTES")


def test_verify_fails_when_unsigned_update_fills_another_field(
    world: PkiWorld, certified: bytes
) -> None:
    def add_field(writer: IncrementalPdfFileWriter) -> None:
        fields.append_signature_field(writer, fields.SigFieldSpec("Them"))

    def change(writer: IncrementalPdfFileWriter) -> None:
        add_field(writer)
        writer.root[pdf_name("/Lang")] = generic.pdf_string("en")

    report = world.verifier.verify(updated(certified, change))

    assert report.verdict is Verdict.FAILED
