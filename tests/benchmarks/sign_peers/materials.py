"""Make what every contestant signs, and with which keys, in one folder."""

import pickle
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import typst
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from engine.clock import SystemClock
from engine.model.keys import KeyType
from engine.ports_signing import IssuedCertificate, SignatureField
from signing.authority import AuthorityFiles
from signing.keys.store import KeyStore
from tests.factories.pki_documents import FONTS, LETTER_BOXES
from tests.factories.pki_world import PIN, a_world

FIELD = SignatureField.LEADER.value
P12_PASSWORD = "bench"  # noqa: S105 of a key that lives as long as the benchmark
KEY_TYPES = (KeyType.P256, KeyType.RSA2048)

_SENTENCE = (
    "Ủy ban nhân dân thành phố yêu cầu các sở, ban, ngành và Ủy ban nhân dân các quận, huyện rà "
    "soát, báo cáo kết quả thực hiện nhiệm vụ được giao trong quý, gửi về Sở Nội vụ tổng hợp. "
)
_LETTER = """
#set document(title: "Công văn")
#set page(paper: "a4")
#set text(font: "Tinos", size: 13pt, lang: "vi")
#set par(justify: true)
= Báo cáo _quý_
"""


@dataclass(frozen=True)
class Materials:
    """Name the files in the folder."""

    folder: Path

    @property
    def pdf(self) -> Path:
        return self.folder / "letter.pdf"

    def authority(self, key_type: KeyType) -> Path:
        return self.folder / key_type.value

    def key(self, key_type: KeyType) -> Path:
        return self.folder / f"{key_type.value}.key.pem"

    def certificate(self, key_type: KeyType) -> Path:
        return self.folder / f"{key_type.value}.crt.pem"

    def issuing(self, key_type: KeyType) -> Path:
        return self.folder / f"{key_type.value}.issuing.pem"

    def p12(self, key_type: KeyType) -> Path:
        return self.folder / f"{key_type.value}.p12"

    def issued(self, key_type: KeyType) -> IssuedCertificate:
        content = (self.folder / f"{key_type.value}.issued").read_bytes()
        found = pickle.loads(content)  # noqa: S301 written by this module, in this run
        assert isinstance(found, IssuedCertificate)
        return found


def make_materials(folder: Path) -> Materials:
    """Make a letter of three pages with every field, and two people with their keys."""
    materials = Materials(folder)
    text = "\n\n".join(f"*{number}.* {_SENTENCE * 3}" for number in range(1, 13))
    raw = typst.compile(
        (_LETTER + text).encode(),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["a-2b"],
    )
    assert isinstance(raw, bytes)
    for key_type in KEY_TYPES:
        directory = materials.authority(key_type)
        directory.mkdir()
        now = SystemClock().now().replace(microsecond=0) - timedelta(minutes=1)
        world = a_world(directory, key_type=key_type, at=now)
        if not materials.pdf.exists():
            materials.pdf.write_bytes(world.signer.prepare(raw, LETTER_BOXES))
        _export(materials, key_type, world.leader)
    return materials


def _export(materials: Materials, key_type: KeyType, issued: IssuedCertificate) -> None:
    directory = materials.authority(key_type)
    key = KeyStore(directory).load(issued.id, PIN)
    certificate = x509.load_der_x509_certificate(issued.der)
    issuing = AuthorityFiles(directory=directory).certificate("issuing")
    materials.key(key_type).write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    materials.certificate(key_type).write_bytes(certificate.public_bytes(Encoding.PEM))
    materials.issuing(key_type).write_bytes(issuing.public_bytes(Encoding.PEM))
    (materials.folder / f"{key_type.value}.issued").write_bytes(pickle.dumps(issued))
    if isinstance(key, RSAPrivateKey):
        materials.p12(key_type).write_bytes(_p12(key, certificate))


def _p12(key: RSAPrivateKey, certificate: x509.Certificate) -> bytes:
    """Return what node-forge can read: RSA alone, from end to end, and an old encryption.

    The file is opened at each signature, which is how @signpdf does it.
    """
    own = (
        x509.CertificateBuilder()
        .subject_name(certificate.subject)
        .issuer_name(certificate.subject)
        .public_key(key.public_key())
        .serial_number(certificate.serial_number)
        .not_valid_before(certificate.not_valid_before_utc)
        .not_valid_after(certificate.not_valid_after_utc)
        .sign(key, SHA256())
    )
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .build(P12_PASSWORD.encode())
    )
    return pkcs12.serialize_key_and_certificates(b"bench", key, own, None, encryption)
