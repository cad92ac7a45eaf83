"""Compare our assembled signatures with those that pyHanko's own code makes."""

import hashlib
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import simple_cms_attribute
from pyhanko.sign.signers import ExternalSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from engine.errors import CertificateRejectedError, ErrorCode
from engine.model.keys import KeyHome, KeyType
from engine.model.verification import Verdict
from engine.ports_keys import OpenKey
from engine.ports_pdf import SignatureAct
from engine.ports_signing import DocumentStage, IssuedCertificate, SignatureField
from signing import loop
from signing.authority import AuthorityFiles
from signing.cms import CmsAssembler
from signing.keys.store import KeyStore
from signing.keys.token import TokenKeys
from signing.signer import PyHankoPdfSigner
from signing.timestamps import LocalTimeStamper
from signing.writer import PlainWriter
from tests.factories.held_key import HeldKeySigner
from tests.factories.pki_world import LEADER, PIN, STYLE, PkiWorld, a_world
from tests.factories.softhsm import TOKEN_PIN, a_softhsm

KEY_TYPES = (KeyType.P256, KeyType.RSA2048)
LEVELS = ("B-B", "B-T")


class NoStamper:
    async def async_token(self, value: bytes) -> None:
        return None


@pytest.fixture(scope="module", params=KEY_TYPES, ids=str)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PkiWorld:
    return a_world(tmp_path_factory.mktemp(f"pki-{request.param}-"), key_type=request.param)


def a_chain(world: PkiWorld) -> tuple[bytes, ...]:
    files = AuthorityFiles(directory=world.directory)
    return (files.certificate("issuing").public_bytes(Encoding.DER),)


def a_stamper(world: PkiWorld) -> LocalTimeStamper:
    files = AuthorityFiles(directory=world.directory)
    return LocalTimeStamper(
        certificate=files.certificate("tsa").public_bytes(Encoding.DER),
        key=KeyStore(world.directory).load_unattended("tsa"),
        chain=a_chain(world),
        clock=world.clock,
    )


def an_act(world: PkiWorld, certificate: IssuedCertificate | None = None) -> SignatureAct:
    return SignatureAct(
        field=SignatureField.LEADER,
        certificate=certificate or world.leader,
        appearance=b"",
        reason="Ký duyệt",
        at=world.clock.now(),
    )


def fast(world: PkiWorld, pdf: bytes, level: str, key: OpenKey, act: SignatureAct) -> bytes:
    signer = PyHankoPdfSigner(
        directory=world.directory,
        clock=world.clock,
        style=STYLE,
        timestamper=a_stamper(world) if level == "B-T" else NoStamper(),
    )
    signed = signer.sign(pdf, act, key)
    assert signed.is_stamped is (level == "B-T")
    return signed.content


class TokenSigner(HeldKeySigner):
    """The library's own assembly, with values from a token."""

    def __init__(self, world: PkiWorld, certificate: IssuedCertificate, key: OpenKey) -> None:
        unused = KeyStore(world.directory).load(world.leader.id, PIN)
        super().__init__(certificate=certificate.der, chain=a_chain(world), key=unused)
        self._token_key = key

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,
    ) -> bytes:
        assert digest_algorithm == "sha256"
        return self._token_key.sign(data)


def stock(world: PkiWorld, pdf: bytes, level: str, signer: HeldKeySigner | None = None) -> bytes:
    signer = signer or HeldKeySigner(
        certificate=world.leader.der,
        chain=a_chain(world),
        key=KeyStore(world.directory).load(world.leader.id, PIN),
    )
    engine = signers.PdfSigner(
        signers.PdfSignatureMetadata(
            field_name=SignatureField.LEADER.value,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.FILL_FORMS,
            reason="Ký duyệt",
            name=world.leader.common_name,
        ),
        signer,
        timestamper=a_stamper(world) if level == "B-T" else None,
    )
    output = BytesIO()
    writer = PlainWriter(BytesIO(pdf), strict=True)
    loop.run(engine.async_sign_pdf(writer, output=output, existing_fields_only=True))
    return output.getvalue()


def parsed(pdf: bytes) -> Any:
    """Return everything the newest CMS says but what must differ from one to the next."""
    content = PdfFileReader(BytesIO(pdf), strict=True).embedded_signatures[-1].signed_data
    native = content.native
    (signer,) = native["signer_infos"]
    _mask(signer)
    for attribute in signer["unsigned_attrs"] or ():
        (token,) = attribute["values"]
        info = token["content"]["encap_content_info"]["content"]
        assert info.pop("serial_number")
        assert len(info["message_imprint"].pop("hashed_message")) == 32
        _mask(token["content"]["signer_infos"][0])
    return native


def _mask(signer: dict[str, Any]) -> None:
    assert signer["signature"]
    signer["signature"] = b""
    for attribute in signer["signed_attrs"]:
        if attribute["type"] == "message_digest":
            assert len(attribute["values"][0]) == 32
            attribute["values"] = []


@pytest.mark.parametrize("level", LEVELS)
def test_cms_says_the_same_as_the_librarys_when_parsed(world: PkiWorld, level: str) -> None:
    prepared = world.prepared()
    with world.key_of(world.leader) as key:
        ours = fast(world, prepared, level, key, an_act(world))

    assert parsed(ours) == parsed(stock(world, prepared, level))


@pytest.mark.parametrize("level", LEVELS)
def test_cms_says_the_same_as_the_librarys_when_key_is_on_a_token(
    world: PkiWorld, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    softhsm = a_softhsm(tmp_path, monkeypatch)
    is_rsa = "rsa" in world.directory.name
    made = softhsm.make_key(KeyType.RSA2048 if is_rsa else KeyType.P256)
    certificate = world.authority.certify(
        LEADER, made.public_key_der, key_home=KeyHome.TOKEN, key_ref=made.key_ref
    )
    prepared = world.prepared()

    with TokenKeys(softhsm.module).open(certificate, TOKEN_PIN) as key:
        ours = fast(world, prepared, level, key, an_act(world, certificate))
        theirs = stock(world, prepared, level, TokenSigner(world, certificate, key))

    assert parsed(ours) == parsed(theirs)


@pytest.mark.parametrize("level", LEVELS)
def test_signature_dictionary_is_the_librarys_but_for_range_and_value(
    world: PkiWorld, level: str
) -> None:
    prepared = world.prepared()
    with world.key_of(world.leader) as key:
        ours = fast(world, prepared, level, key, an_act(world))

    dictionaries = []
    for pdf in (ours, stock(world, prepared, level)):
        (signature,) = PdfFileReader(BytesIO(pdf), strict=True).embedded_signatures
        entries = {name: str(value) for name, value in signature.sig_object.items()}
        for name in ("/Contents", "/ByteRange", "/M"):
            assert entries.pop(name)
        dictionaries.append(entries)
    assert dictionaries[0] == dictionaries[1]


def test_file_stays_at_its_version_when_it_is_signed(world: PkiWorld) -> None:
    with world.key_of(world.leader) as key:
        ours = fast(world, world.prepared(), "B-T", key, an_act(world))

    root = PdfFileReader(BytesIO(ours), strict=True).root
    assert "/Version" not in root
    assert list(root["/Extensions"]) == ["/ESIC"]


def test_bytes_are_the_librarys_when_value_and_token_are_the_same(world: PkiWorld) -> None:
    digest, value = hashlib.sha256(b"x").digest(), b"\x30" + bytes(70)
    token = a_stamper(world).token(digest)
    registry = SimpleCertificateStore.from_certs(
        [x509.Certificate.load(der) for der in a_chain(world)]
    )
    library = ExternalSigner(
        signing_cert=x509.Certificate.load(world.leader.der),
        cert_registry=registry,
        signature_value=value,
        embed_roots=False,
    )
    assembler = CmsAssembler(certificate=world.leader.der, chain=a_chain(world))

    attributes = loop.run(library.signed_attrs(digest, "sha256", use_pades=True))
    content = loop.run(library.async_sign_prescribed_attributes("sha256", attributes))
    assert assembler.attributes(digest) == attributes.dump()
    assert assembler.assemble(attributes.dump(), value, None) == content.dump()

    stamp = simple_cms_attribute("signature_time_stamp_token", cms.ContentInfo.load(token))
    content["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([stamp])
    assert assembler.assemble(attributes.dump(), value, token) == content.dump()


def test_root_stays_outside_when_chain_names_it(world: PkiWorld) -> None:
    root = AuthorityFiles(directory=world.directory).certificate("root")
    chain = a_chain(world)
    with_root = CmsAssembler(
        certificate=world.leader.der, chain=(*chain, root.public_bytes(Encoding.DER))
    )
    without = CmsAssembler(certificate=world.leader.der, chain=chain)

    assert with_root.assemble(b"\x31\x00", b"v", None) == without.assemble(b"\x31\x00", b"v", None)


def test_room_holds_every_signature_without_a_time_stamp(world: PkiWorld) -> None:
    assembler = CmsAssembler(certificate=world.leader.der, chain=a_chain(world))

    with world.key_of(world.leader) as key:
        for number in range(20):
            attributes = assembler.attributes(hashlib.sha256(bytes([number])).digest())
            made = assembler.assemble(attributes, key.sign(attributes), None)
            assert assembler.room_bytes - 20 < len(made) <= assembler.room_bytes


def test_assembler_refuses_when_key_is_of_another_kind(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    world = a_world(tmp_path)
    name = certificates.Name([])
    certificate = (
        certificates.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(world.leader.not_before)
        .not_valid_after(world.leader.not_after)
        .sign(key, None)
    )

    with pytest.raises(CertificateRejectedError) as caught:
        CmsAssembler(certificate=certificate.public_bytes(Encoding.DER), chain=())

    assert caught.value.code is ErrorCode.CERTIFICATE_WEAK


@pytest.mark.parametrize("level", LEVELS)
def test_independent_programs_accept_the_file(world: PkiWorld, level: str, tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    with world.key_of(world.leader) as key:
        path.write_bytes(fast(world, world.prepared(), level, key, an_act(world)))

    assert "Signature Validation: Signature is Valid." in said_by("pdfsig", str(path))
    assert "No syntax or stream encoding errors" in said_by("qpdf", "--check", str(path))


def test_openssl_verifies_a_token(world: PkiWorld, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"signature value").digest()
    (tmp_path / "token").write_bytes(a_stamper(world).token(digest, nonce=2**64))
    files = AuthorityFiles(directory=world.directory)
    for name in ("root", "issuing"):
        pem = files.certificate(name).public_bytes(Encoding.PEM)
        (tmp_path / f"{name}.pem").write_bytes(pem)

    said = said_by(
        "openssl", "ts", "-verify", "-token_in", "-in", str(tmp_path / "token"),
        "-digest", digest.hex(), "-CAfile", str(tmp_path / "root.pem"),
        "-untrusted", str(tmp_path / "issuing.pem"), "-attime",
        str(int(world.clock.now().timestamp())),
    )  # fmt: skip

    assert "Verification: OK" in said


def said_by(program: str, *words: str) -> str:
    """Return what an independent program prints."""
    found = shutil.which(program)
    assert found is not None, f"{program} is needed (poppler-utils, qpdf, openssl)"
    return subprocess.run(  # noqa: S603 fixed programs on files of the test
        [found, *words], check=False, capture_output=True, text=True
    ).stdout


def test_verifier_passes_every_level_it_can(world: PkiWorld) -> None:
    with world.key_of(world.leader) as key:
        signed = fast(world, world.prepared(), "B-T", key, an_act(world))

    report = world.verifier.verify(signed, stage=DocumentStage.SIGNED)

    assert (report.verdict, report.signatures[0].level) == (Verdict.PASSED, "B-T")
