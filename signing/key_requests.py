"""Read public keys that were made elsewhere, and the proof that their sender holds them.

Source: RFC 2986, clause 4 (the request is signed with the key it names); RFC 5280, 4.1.2.7.
"""

from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from engine.errors import ErrorCode, InvalidInputError
from engine.model.keys import KeyType
from engine.model.trust import Refusal
from signing.algorithms import POLICY
from signing.unreadable import UNREADABLE

MAX_CSR_BYTES = 16 * 1024


def public_key_of(content: bytes) -> bytes:
    """Return the key of a PKCS#10 request, DER of SubjectPublicKeyInfo.

    Args:
        content: DER or PEM, at most 16 KiB; names in it are not believed.

    Raises:
        InvalidInputError: code CSR_REFUSED; not readable, not signed with its own key, or weak.
    """
    try:
        request = _read(content[: MAX_CSR_BYTES + 1])
        public_key = request.public_key()
        is_proved = request.is_signature_valid
        digest = request.signature_hash_algorithm
    except UNREADABLE as error:
        raise _refused(Refusal.UNREADABLE) from error
    if not is_proved:
        raise _refused(Refusal.NOT_PROVED)
    if digest is None or not POLICY.allows_digest(digest.name):
        raise _refused(Refusal.WEAK)
    _check_strength(public_key)
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def checked_key(public_key_der: bytes) -> EllipticCurvePublicKey | RSAPublicKey:
    """Return a public key that may be certified.

    Raises:
        InvalidInputError: code CSR_REFUSED; not readable, of another kind, or weak.
    """
    try:
        public_key = load_der_public_key(public_key_der)
    except UNREADABLE as error:
        raise _refused(Refusal.UNREADABLE) from error
    return _check_strength(public_key)


def check_new_key(public_key_der: bytes, key_type: KeyType, certified: Iterable[bytes]) -> None:
    """Check that a key is of the family of `key_type`, and in none of the certificates.

    Args:
        certified: certificates in DER.

    Raises:
        InvalidInputError: code CSR_REFUSED.
    """
    public_key = checked_key(public_key_der)
    family = EllipticCurvePublicKey if key_type is KeyType.P256 else RSAPublicKey
    if not isinstance(public_key, family):
        raise _refused(Refusal.KEY_KIND)
    if any(_key_in(each) == public_key for each in certified):
        raise _refused(Refusal.KEY_KNOWN)


def _key_in(certificate_der: bytes) -> object:
    """Return the key in a certificate, to be compared: the bytes of one key may differ.

    None stands for an imported one with a kind of key that could not be certified here.
    """
    try:
        return x509.load_der_x509_certificate(certificate_der).public_key()
    except UNREADABLE:
        return None


def _read(content: bytes) -> x509.CertificateSigningRequest:
    if len(content) > MAX_CSR_BYTES:
        raise ValueError("too long")
    if b"-----BEGIN" in content[:64]:
        return x509.load_pem_x509_csr(content)
    return x509.load_der_x509_csr(content)


def _check_strength(public_key: object) -> EllipticCurvePublicKey | RSAPublicKey:
    if not isinstance(public_key, EllipticCurvePublicKey | RSAPublicKey) or not (
        POLICY.allows_key(public_key)
    ):
        raise _refused(Refusal.WEAK)
    return public_key


def _refused(why: Refusal) -> InvalidInputError:
    return InvalidInputError(why, code=ErrorCode.CSR_REFUSED, field="csr", why=why)
