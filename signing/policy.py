"""Decide whether a certificate may sign now; the gate before every signature.

pyHanko signs with any certificate, expired or revoked, so the gate is ours.

Source: Decree 68/2024/NĐ-CP, Art. 29 (check the own certificate first); domain rule: keys of at
least RSA-2048 or P-256, SHA-256 or better.
"""

from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from engine.errors import CertificateRejectedError, ErrorCode
from engine.ports_signing import HolderKind
from signing.authority import AuthorityFiles
from signing.certificates import SigningKey, holder_kinds

MIN_RSA_BITS = 2048
MIN_EC_BITS = 256
DIGESTS = frozenset({"sha256", "sha384", "sha512"})

Extension = TypeVar("Extension", bound=x509.ExtensionType)


class SigningGate:
    """Check certificates against the authority in a directory and its current lists."""

    def __init__(self, files: AuthorityFiles) -> None:
        self._files = files

    def check(
        self,
        certificate: x509.Certificate,
        key: SigningKey,
        at: datetime,
        *,
        holder_kind: HolderKind,
    ) -> None:
        """Check everything that makes a signature by `certificate` at `at` worthless.

        Args:
            holder_kind: who must sign; read from the certificate, not from the register.

        Raises:
            CertificateRejectedError: with code expired, revoked or rejected.
        """
        issuing, root = self._files.certificate("issuing"), self._files.certificate("root")
        # (1) The chain ends at our root, each link signed by the next.
        _check_link(certificate, issuing)
        _check_link(issuing, root)
        # (2) Every certificate of the chain is in its time.
        for link in (certificate, issuing, root):
            _check_time(link, at)
        # (3) Neither list names it, and both lists are current.
        _check_not_revoked(certificate, self._files.crl("issuing"), issuing, at)
        _check_not_revoked(issuing, self._files.crl("root"), root, at)
        # (4) It may sign, with algorithms that last, and the key is its own.
        _check_usage(certificate)
        _check_holder(certificate, holder_kind)
        _check_strength(certificate)
        if key.public_key() != certificate.public_key():
            raise CertificateRejectedError("the key belongs to another certificate")


def _check_link(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise CertificateRejectedError("not issued by our authority") from error


def _check_time(certificate: x509.Certificate, at: datetime) -> None:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise CertificateRejectedError(
            f"{certificate.serial_number:x} is not valid at {at.isoformat()}",
            code=ErrorCode.CERTIFICATE_EXPIRED,
        )


def _check_not_revoked(
    certificate: x509.Certificate,
    crl: x509.CertificateRevocationList,
    issuer: x509.Certificate,
    at: datetime,
) -> None:
    key = issuer.public_key()
    if not isinstance(key, EllipticCurvePublicKey | RSAPublicKey) or not crl.is_signature_valid(
        key
    ):
        raise CertificateRejectedError("the revocation list is not the issuer's")
    if crl.next_update_utc is None or crl.next_update_utc < at:
        raise CertificateRejectedError("the revocation list is out of date")
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is not None:
        raise CertificateRejectedError(
            f"{certificate.serial_number:x} is revoked", code=ErrorCode.CERTIFICATE_REVOKED
        )


def _check_usage(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as error:
        raise CertificateRejectedError("no key usage") from error
    if not (usage.digital_signature and usage.content_commitment):
        raise CertificateRejectedError("not for signatures of documents")
    if _extension(certificate, x509.ExtendedKeyUsage) is not None:
        raise CertificateRejectedError("set aside for another purpose")


def _check_holder(certificate: x509.Certificate, holder_kind: HolderKind) -> None:
    policies = _extension(certificate, x509.CertificatePolicies) or ()
    named = holder_kinds(policy.policy_identifier.dotted_string for policy in policies)
    if named != {holder_kind}:
        raise CertificateRejectedError(f"not the certificate of one {holder_kind}")


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    values = (entry.value for entry in certificate.extensions)
    return next((value for value in values if isinstance(value, kind)), None)


def _check_strength(certificate: x509.Certificate) -> None:
    digest = certificate.signature_hash_algorithm
    key = certificate.public_key()
    strong = (isinstance(key, RSAPublicKey) and key.key_size >= MIN_RSA_BITS) or (
        isinstance(key, EllipticCurvePublicKey) and key.key_size >= MIN_EC_BITS
    )
    if not strong or digest is None or digest.name not in DIGESTS:
        raise CertificateRejectedError("algorithms are too weak")
