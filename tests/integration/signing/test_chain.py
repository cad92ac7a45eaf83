import hashlib
import re
import shutil
import subprocess
import threading
import tracemalloc
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    ErrorCode,
    InvalidInputError,
    PinRejectedError,
    SignerUnavailableError,
    SigningError,
)
from engine.model.keys import KeyType
from engine.model.verification import Integrity, SignatureRole, Verdict
from engine.ports_pdf import SignatureAct
from engine.ports_signing import DocumentStage, ExpectedSignatures, HolderKind, SignatureField
from signing import signer as signer_module
from signing.authority import AuthorityFiles
from signing.keys.software import SoftwareKey, SoftwareKeys
from signing.keys.store import KeyStore
from signing.revision import NoRoomError
from signing.signer import PyHankoPdfSigner
from signing.timestamps import LocalTimeStamper, Timestamper
from signing.writer import PlainWriter, field_of, written
from tests.factories.large_pdf import write_large_pdf
from tests.factories.pki_documents import LETTER_BOXES, a_letter, a_stamp
from tests.factories.pki_world import PIN, STYLE, PkiWorld, a_world, signed_with


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> PkiWorld:
    return a_world(tmp_path_factory.mktemp("pki"))


def said_by(program: str, *words: str) -> str:
    """Return what an independent PDF program prints."""
    found = shutil.which(program)
    assert found is not None, f"{program} is needed (poppler-utils, qpdf)"
    return subprocess.run(  # noqa: S603 fixed programs on files of the test
        [found, *words], check=False, capture_output=True, text=True
    ).stdout


def page_text(pdf: bytes, path: Path) -> str:
    path.write_bytes(pdf)
    return said_by("pdftotext", "-layout", str(path), "-")


def test_verify_says_unsigned_when_file_is_only_prepared(world: PkiWorld) -> None:
    report = world.verifier.verify(world.prepared())

    assert (report.verdict, report.reason) == (Verdict.FAILED, "NO_SIGNATURE")
    assert report.integrity is Integrity.UNSIGNED


def test_verify_passes_leader_when_file_is_certified(world: PkiWorld) -> None:
    report = world.verifier.verify(world.certified(), stage=DocumentStage.SIGNED)

    assert (report.verdict, report.reason) == (Verdict.PASSED, None)
    assert report.integrity is Integrity.INTACT
    (leader,) = report.signatures
    assert leader.role is SignatureRole.LEADER
    assert leader.signer == "Nguyễn Thị Lấp Lánh Ánh"
    assert leader.signed_at == leader.timestamped_at == world.clock.now()
    assert (leader.level, leader.coverage, leader.changes) == ("B-T", "whole_file", "none")
    assert leader.certificate_serial == world.leader.id
    assert leader.issuer == world.leader.issuer


def test_verify_passes_with_form_filling_when_number_is_filled(world: PkiWorld) -> None:
    report = world.verifier.verify(world.filled(), stage=DocumentStage.NUMBERED)

    assert report.verdict is Verdict.PASSED
    (leader,) = report.signatures
    assert (leader.coverage, leader.changes) == ("revision", "form_filling")


def test_verify_passes_both_when_file_is_sealed(world: PkiWorld) -> None:
    report = world.verifier.verify(world.sealed())

    assert (report.verdict, report.integrity) == (Verdict.PASSED, Integrity.INTACT)
    leader, seal = report.signatures
    assert (leader.role, seal.role) == (SignatureRole.LEADER, SignatureRole.SEAL)
    assert (leader.changes, seal.changes) == ("form_filling", "none")
    assert (leader.coverage, seal.coverage) == ("revision", "whole_file")


def test_each_step_is_an_incremental_update(world: PkiWorld) -> None:
    prepared = world.prepared()
    certified = world.certified(prepared)
    filled = world.filled(certified)

    assert certified.startswith(prepared)
    assert filled.startswith(certified)
    assert world.sealed(filled).startswith(filled)


def test_verify_passes_when_keys_are_rsa(tmp_path: Path) -> None:
    world = a_world(tmp_path, key_type=KeyType.RSA2048)

    assert world.verifier.verify(world.sealed()).verdict is Verdict.PASSED


def test_poppler_and_qpdf_agree_when_file_is_sealed(world: PkiWorld, tmp_path: Path) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(world.sealed())

    poppler = said_by("pdfsig", str(path))

    assert poppler.count("Signature Validation: Signature is Valid.") == 2
    assert "Total document signed" in poppler
    assert "No syntax or stream encoding errors" in said_by("qpdf", "--check", str(path))


def test_filled_values_are_printed_in_vietnamese(world: PkiWorld, tmp_path: Path) -> None:
    text = page_text(world.sealed(world.filled(number="12Đ")), tmp_path / "a.pdf")

    assert re.search(r"Số:\s+12Đ/SNV-VP", text)
    assert re.search(r"ngày\s+05\s+tháng\s+02\s+năm\s+2026", text)


def test_number_shrinks_when_box_is_narrow(world: PkiWorld, tmp_path: Path) -> None:
    filled = world.filled(number="12478ab")

    assert "12478ab/SNV-VP" in page_text(filled, tmp_path / "a.pdf")
    assert world.verifier.verify(world.sealed(filled)).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", ErrorCode.INPUT_MISSING),
        ("1" * 40, ErrorCode.INPUT_TOO_LONG),
        ("漢", ErrorCode.TEXT_FORBIDDEN),
    ],
)
def test_fill_refuses_when_number_cannot_be_set(
    world: PkiWorld, number: str, code: ErrorCode
) -> None:
    certified = world.certified()

    with pytest.raises(InvalidInputError) as caught:
        world.filled(certified, number=number)

    assert caught.value.code is code


def test_sealed_file_keeps_pdfa_claim_and_embeds_every_font(world: PkiWorld) -> None:
    raw, sealed = a_letter(), world.sealed()

    with pikepdf.open(BytesIO(raw)) as before, pikepdf.open(BytesIO(sealed)) as after:
        assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert "/NeedAppearances" not in after.Root.AcroForm
        widgets = list(after.pages[0].Annots)
        assert len(widgets) == 6
        for widget in widgets:
            assert int(widget.F) & 4
            assert "/N" in widget.AP
        fonts = [entry for entry in after.objects if _is_font_descriptor(entry)]
        assert fonts
        assert all("/FontFile2" in entry or "/FontFile3" in entry for entry in fonts)


def _is_font_descriptor(entry: pikepdf.Object) -> bool:
    return isinstance(entry, pikepdf.Dictionary) and entry.get("/Type") == "/FontDescriptor"


def test_fields_have_labels_and_lock_when_sealed(world: PkiWorld) -> None:
    with pikepdf.open(BytesIO(world.sealed())) as pdf:
        fields = {str(field.T): field for field in pdf.Root.AcroForm.Fields}

        assert list(fields) == ["so", "ngay", "thang", "nam", "lanh_dao", "co_quan"]
        assert str(fields["so"].TU) == "Số văn bản"
        assert str(fields["so"].V) == "1247a"
        assert int(fields["so"].Ff) & 1
        assert fields["co_quan"].Lock.Action == "/All"


def test_signature_names_reason_and_time_given(world: PkiWorld) -> None:
    reader = PdfFileReader(BytesIO(world.certified()), strict=True)
    (signature,) = reader.embedded_signatures

    assert signature.sig_object["/Reason"] == "Ký duyệt"
    assert signature.sig_object["/Name"] == "Nguyễn Thị Lấp Lánh Ánh"
    assert signature.self_reported_timestamp == world.clock.now()


def test_cms_digests_name_every_signature_when_sealed(world: PkiWorld) -> None:
    certified = world.certified()
    sealed = world.sealed(world.filled(certified))

    first, second = world.signer.cms_digests(sealed)

    assert (first,) == world.signer.cms_digests(certified)
    assert (first.field, second.field) == ("lanh_dao", "co_quan")
    expected = ExpectedSignatures(
        fields=(first.field, second.field), cms_sha256=(first.sha256, second.sha256)
    )
    assert world.verifier.verify(sealed, expected=expected).verdict is Verdict.PASSED


def test_cms_digests_refuses_when_file_is_no_pdf(world: PkiWorld) -> None:
    with pytest.raises(SigningError):
        world.signer.cms_digests(b"nothing")


@pytest.mark.parametrize("step", ["prepare twice", "fill first", "seal first", "seal bare"])
def test_step_is_refused_when_out_of_order(world: PkiWorld, step: str) -> None:
    steps = {
        "prepare twice": lambda: world.signer.prepare(world.prepared(), LETTER_BOXES),
        "fill first": lambda: world.filled(world.prepared()),
        "seal first": lambda: world.sealed(world.prepared()),
        "seal bare": lambda: world.sealed(world.certified()),
    }

    with pytest.raises(ConflictError) as caught:
        steps[step]()

    assert caught.value.code is ErrorCode.DOCUMENT_STATE


@pytest.mark.parametrize("step", ["certify", "fill", "seal"])
def test_step_is_refused_when_done_already(world: PkiWorld, step: str) -> None:
    filled = world.filled()
    steps = {
        "certify": lambda: world.certified(filled),
        "fill": lambda: world.filled(filled),
        "seal": lambda: world.sealed(world.sealed(filled)),
    }

    with pytest.raises(ConflictError):
        steps[step]()


def test_certify_refuses_when_file_was_never_prepared(world: PkiWorld) -> None:
    with pytest.raises(ConflictError):
        world.certified(a_letter())


def test_prepare_refuses_when_file_is_no_pdf(world: PkiWorld) -> None:
    with pytest.raises(SigningError):
        world.signer.prepare(b"nothing", LETTER_BOXES)


def test_open_refuses_when_pin_is_wrong(world: PkiWorld) -> None:
    with pytest.raises(PinRejectedError):
        SoftwareKeys(KeyStore(world.directory)).open(world.leader, "000000")


def test_certify_refuses_when_certificate_is_of_an_agency(world: PkiWorld) -> None:
    with pytest.raises(CertificateRejectedError):
        world.certified(certificate=world.agency)


def test_seal_refuses_when_certificate_only_claims_to_be_of_an_agency(world: PkiWorld) -> None:
    filled = world.filled()

    for certificate in (world.leader, replace(world.leader, holder_kind=HolderKind.AGENCY)):
        with pytest.raises(CertificateRejectedError):
            world.sealed(filled, certificate=certificate)


def test_certify_says_unavailable_when_time_stamp_key_is_gone(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    (tmp_path / "tsa.key.pem").unlink()

    with pytest.raises(SignerUnavailableError):
        world.certified()


def test_certify_refuses_when_appearance_is_no_pdf(world: PkiWorld) -> None:
    with pytest.raises(SigningError):
        world.signed(world.prepared(), SignatureField.LEADER, world.leader, appearance=b"nothing")


class _CountingKey(SoftwareKey):
    """Key that counts its signatures."""

    def __init__(self, world: PkiWorld) -> None:
        super().__init__(KeyStore(world.directory).load(world.leader.id, PIN))
        self.signatures = 0

    def sign(self, attributes: bytes) -> bytes:
        self.signatures += 1
        return super().sign(attributes)


class _GrowingStamper:
    """Authority whose every token carries eight certificates more than the one before."""

    def __init__(self, world: PkiWorld) -> None:
        self._world = world
        self._copies = 0

    async def async_token(self, value: bytes) -> bytes:
        self._copies += 8
        files = AuthorityFiles(directory=self._world.directory)
        stamper = LocalTimeStamper(
            certificate=files.certificate("tsa").public_bytes(Encoding.DER),
            key=KeyStore(self._world.directory).load_unattended("tsa"),
            chain=(files.certificate("issuing").public_bytes(Encoding.DER),) * self._copies,
            clock=self._world.clock,
        )
        return stamper.token(hashlib.sha256(value).digest())


def an_act(world: PkiWorld) -> SignatureAct:
    return SignatureAct(
        field=SignatureField.LEADER,
        certificate=world.leader,
        appearance=b"",
        reason="",
        at=world.clock.now(),
    )


def a_signer(world: PkiWorld, timestamper: Timestamper | None = None) -> PyHankoPdfSigner:
    return PyHankoPdfSigner(
        directory=world.directory, clock=world.clock, style=STYLE, timestamper=timestamper
    )


def test_sign_tries_again_when_time_stamp_was_larger_than_foreseen(
    world: PkiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signer_module, "TOKEN_BYTES", 100)
    signer, key = a_signer(world), _CountingKey(world)

    first = signer.sign(world.prepared(), an_act(world), key)
    second = signer.sign(world.prepared(), an_act(world), key)

    assert key.signatures == 3, "twice for the first file; then the size was known"
    for signed in (first, second):
        report = world.verifier.verify(signed.content, stage=DocumentStage.SIGNED)
        assert report.verdict is Verdict.PASSED


def test_sign_gives_up_when_time_stamps_keep_growing(
    world: PkiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signer_module, "OTHER_TOKEN_BYTES", 100)
    key = _CountingKey(world)

    with pytest.raises(NoRoomError):
        a_signer(world, _GrowingStamper(world)).sign(world.prepared(), an_act(world), key)

    assert key.signatures == 2


def test_sign_gives_up_when_time_stamp_is_enormous(
    world: PkiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signer_module, "MAX_TOKEN_BYTES", 1000)
    monkeypatch.setattr(signer_module, "TOKEN_BYTES", 100)
    signer = a_signer(world)

    for _ in range(2):
        with pytest.raises(NoRoomError):
            signer.sign(world.prepared(), an_act(world), _CountingKey(world))


def test_sign_file_needs_little_memory_when_file_is_large(world: PkiWorld, tmp_path: Path) -> None:
    write_large_pdf(tmp_path / "raw.pdf", 40)
    signer = world.signer
    act = replace(an_act(world), field=SignatureField.MANIFEST)
    with (
        (tmp_path / "raw.pdf").open("rb") as raw,
        (tmp_path / "placed.pdf").open("w+b") as placed,
        (tmp_path / "signed.pdf").open("w+b") as signed,
        world.key_of(world.leader) as key,
    ):
        tracemalloc.start()
        signer.place_file(raw, placed, SignatureField.MANIFEST, None)
        assert signer.sign_file(placed, signed, act, key)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert peak < 4 << 20
    assert "Signature is Valid." in said_by("pdfsig", str(tmp_path / "signed.pdf"))
    assert "No syntax" in said_by("qpdf", "--check", str(tmp_path / "signed.pdf"))


def test_late_stamp_finds_its_room_when_file_waited_for_it(world: PkiWorld) -> None:
    class Away:
        async def async_token(self, value: bytes) -> None:
            return None

    signed = a_signer(world, Away()).sign(world.prepared(), an_act(world), _CountingKey(world))
    assert not signed.is_stamped

    stamped = a_signer(world).stamp(signed.content)

    report = world.verifier.verify(stamped, stage=DocumentStage.SIGNED)
    assert (report.verdict, report.signatures[0].level) == (Verdict.PASSED, "B-T")


def test_certification_is_refused_when_another_field_is_signed(world: PkiWorld) -> None:
    signed = signed_with(world, world.prepared(), "Extra")

    with pytest.raises(ConflictError) as caught:
        world.certified(signed)

    assert caught.value.code is ErrorCode.DOCUMENT_STATE


def test_late_stamp_is_refused_when_authority_is_still_away(world: PkiWorld) -> None:
    class Away:
        async def async_token(self, value: bytes) -> None:
            return None

    signer = a_signer(world, Away())
    signed = signer.sign(world.prepared(), an_act(world), _CountingKey(world))

    with pytest.raises(SignerUnavailableError) as caught:
        signer.stamp(signed.content)

    assert caught.value.code is ErrorCode.TIMESTAMP_UNAVAILABLE


def test_nothing_is_shown_when_field_has_no_area(world: PkiWorld) -> None:
    placed = world.signer.place(a_letter(), SignatureField.MANIFEST, None)
    act = replace(an_act(world), field=SignatureField.MANIFEST, appearance=a_stamp())

    signed = world.signer.sign(placed, act, _CountingKey(world))

    with pikepdf.open(BytesIO(signed.content)) as pdf:
        assert "/AP" not in pdf.Root.AcroForm.Fields[0]


def test_begin_and_finish_make_the_file_when_value_comes_from_elsewhere(world: PkiWorld) -> None:
    act = an_act(world)
    prepared = world.signer.begin(world.prepared(), act)
    with world.key_of(world.leader) as key:
        value = key.sign(prepared.attributes)

    signed = world.signer.finish(prepared, act, value)

    report = world.verifier.verify(signed.content, stage=DocumentStage.SIGNED)
    assert (signed.is_stamped, report.verdict) == (True, Verdict.PASSED)


def test_finish_refuses_when_value_is_of_another_key(world: PkiWorld) -> None:
    act = an_act(world)
    prepared = world.signer.begin(world.prepared(), act)

    for value in (world.key_of(world.agency).sign(prepared.attributes), b"nonsense", b""):
        with pytest.raises(SigningError) as caught:
            world.signer.finish(prepared, act, value)
        assert caught.value.code is ErrorCode.SIGNATURE_VALUE_WRONG


def test_place_adds_one_field_when_file_has_none(world: PkiWorld) -> None:
    placed = world.signer.place(a_letter(), SignatureField.MARK, LETTER_BOXES.agency_seal)

    with pikepdf.open(BytesIO(placed)) as pdf:
        assert [str(field.T) for field in pdf.Root.AcroForm.Fields] == ["dau_chu"]
    with pytest.raises(ConflictError):
        world.signer.place(placed, SignatureField.MARK, None)


def test_seal_is_refused_when_file_is_certified_against_any_change(world: PkiWorld) -> None:
    prepared = world.prepared()
    # A leader's signature that forbids all: it is in our field, but not made by us.
    closed = signed_with(world, prepared, SignatureField.LEADER.value, certify=True)
    with pikepdf.open(BytesIO(closed)) as pdf:
        reference = pdf.Root.AcroForm.Fields[4].V.Reference[0]
        assert int(reference.TransformParams.P) == 2
    at = closed.rindex(b"/P 2")
    forbidding = closed[:at] + b"/P 1" + closed[at + 4 :]
    number = BytesIO(forbidding)
    writer = PlainWriter(number, strict=True)
    field_of(writer, "so")["/V"] = generic.pdf_string("1")
    writer.update_container(field_of(writer, "so"))

    with pytest.raises(ConflictError) as caught:
        world.sealed(written(writer))

    assert caught.value.code is ErrorCode.DOCUMENT_STATE


def test_files_do_not_mix_when_eight_threads_sign_at_once(world: PkiWorld) -> None:
    results: dict[int, bytes] = {}

    def work(index: int) -> None:
        certified = world.certified(world.prepared(f"lần {index}"))
        results[index] = world.sealed(world.filled(certified, number=str(index)))

    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == list(range(8))
    for index, pdf in results.items():
        assert world.verifier.verify(pdf).verdict is Verdict.PASSED
        with pikepdf.open(BytesIO(pdf)) as opened:
            assert str(opened.Root.AcroForm.Fields[0].V) == str(index)
    serials = {world.signer.cms_digests(pdf)[0].sha256 for pdf in results.values()}
    assert len(serials) == 8


def test_stamp_changes_nothing_when_signature_has_its_time_stamp(world: PkiWorld) -> None:
    certified = world.certified()

    assert world.signer.stamp(certified) == certified
