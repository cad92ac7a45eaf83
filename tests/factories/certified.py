"""Make certificates for keys that live elsewhere, by an issuer of the test."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from engine.model.keys import KeyHome
from engine.ports_signing import CertificateId, HolderKind, IssuedCertificate

MADE_AT = datetime(2026, 2, 5, 8, 30, tzinfo=UTC)
_ISSUER = ec.generate_private_key(ec.SECP256R1())


def a_certificate(
    public_key_der: bytes, *, home: KeyHome, key_ref: str = "", holder_id: str = "person-1"
) -> IssuedCertificate:
    """Return a certificate of a public key; its issuer is nobody's anchor."""
    key = load_der_public_key(public_key_der)
    assert isinstance(key, CertificatePublicKeyTypes)
    serial = secrets.randbits(120)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, holder_id)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")]))
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(MADE_AT)
        .not_valid_after(MADE_AT + timedelta(days=730))
        .sign(_ISSUER, hashes.SHA256())
    )
    der = certificate.public_bytes(Encoding.DER)
    return IssuedCertificate(
        id=CertificateId(f"{serial:x}"),
        holder_kind=HolderKind.PERSON,
        holder_id=holder_id,
        common_name=holder_id,
        issuer="issuer",
        der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        not_before=MADE_AT,
        not_after=MADE_AT + timedelta(days=730),
        key_home=home,
        key_ref=key_ref,
    )
