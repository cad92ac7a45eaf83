"""Ask another authority whether one of its certificates is still good.

The address is an administrator's, never the certificate's own, and every answer is checked: its
signature, who may give it, what it is about, its age and the nonce.

Source: RFC 6960, clauses 3.2 (what must be checked) and 4.2.2.2; RFC 9654, clause 2.1.
"""

import hmac
import secrets
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from engine.errors import SignerUnavailableError
from signing.algorithms import POLICY
from signing.outbound import Outbound
from signing.unreadable import UNREADABLE

TIMEOUT_SECONDS = 5.0
MAX_ANSWER_BYTES = 64 * 1024
NONCE_BYTES = 32
MAX_AGE = timedelta(hours=24)
MAX_DRIFT = timedelta(minutes=5)


class OcspClient:
    """Adapter of `StatusSource` over HTTP."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    def is_good(
        self, certificate: x509.Certificate, issuer: x509.Certificate, *, url: str, at: datetime
    ) -> bool:
        """Return True for good, False for revoked or suspended.

        Raises:
            SignerUnavailableError: no answer that can be believed came in time.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        # SHA-1 only names the issuer here, and some responders know no other name.
        asked = (
            ocsp.OCSPRequestBuilder()
            .add_certificate(certificate, issuer, SHA1())  # noqa: S303 RFC 5019, clause 2.1.1
            .add_extension(x509.OCSPNonce(nonce), critical=False)
            .build()
        )
        content = self._outbound.post(
            url, asked.public_bytes(Encoding.DER), "application/ocsp-request"
        )
        try:
            answer = ocsp.load_der_ocsp_response(content)
            _check(answer, asked, issuer, nonce, at)
            status = answer.certificate_status
        except UNREADABLE as error:
            raise SignerUnavailableError(f"OCSP: {type(error).__name__} {error}") from error
        if status is ocsp.OCSPCertStatus.UNKNOWN:
            raise SignerUnavailableError("OCSP: the responder does not know it")
        return status is ocsp.OCSPCertStatus.GOOD


def _check(
    answer: ocsp.OCSPResponse,
    asked: ocsp.OCSPRequest,
    issuer: x509.Certificate,
    nonce: bytes,
    at: datetime,
) -> None:
    """Check an answer: (1) that it is one, (2) who gave it, (3) about what, (4) when."""
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:  # (1)
        raise ValueError(f"it answered {answer.response_status.name}")
    _check_signature(answer, _responder(answer, issuer, at))  # (2)
    if (
        answer.serial_number != asked.serial_number
        or answer.issuer_key_hash != asked.issuer_key_hash
        or answer.issuer_name_hash != asked.issuer_name_hash
    ):  # (3)
        raise ValueError("it is about something else")
    for extension in answer.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            if not hmac.compare_digest(extension.value.nonce, nonce):
                raise ValueError("its nonce is not ours")
            break
    else:
        raise ValueError("it has no nonce")
    due = answer.next_update_utc  # (4)
    if answer.this_update_utc > at + MAX_DRIFT or at - answer.this_update_utc > MAX_AGE:
        raise ValueError("it is not of today")
    if due is not None and due < at:
        raise ValueError("it is out of date")


def _responder(
    answer: ocsp.OCSPResponse, issuer: x509.Certificate, at: datetime
) -> x509.Certificate:
    """Return who signed: the issuer itself, or one it set aside for answers."""
    for candidate in answer.certificates:
        if candidate == issuer:
            return issuer
        candidate.verify_directly_issued_by(issuer)
        purposes = candidate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if ExtendedKeyUsageOID.OCSP_SIGNING not in purposes:
            raise ValueError("its certificate is not for answers")
        if not candidate.not_valid_before_utc <= at <= candidate.not_valid_after_utc:
            raise ValueError("its certificate is out of its time")
        return candidate
    return issuer


def _check_signature(answer: ocsp.OCSPResponse, responder: x509.Certificate) -> None:
    digest, key = answer.signature_hash_algorithm, responder.public_key()
    if digest is None or not POLICY.allows_digest(digest.name) or not POLICY.allows_key(key):
        raise ValueError("its algorithms are too weak")
    if isinstance(key, EllipticCurvePublicKey):
        key.verify(answer.signature, answer.tbs_response_bytes, ECDSA(digest))
    elif isinstance(key, RSAPublicKey):
        key.verify(answer.signature, answer.tbs_response_bytes, PKCS1v15(), digest)
