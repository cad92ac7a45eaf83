"""Answer whether a certificate of the own authority is good, revoked or suspended.

A delegated certificate signs, so that the issuing key is used for issuing only.

Source: RFC 6960, clauses 2.1 to 2.4 and 4; RFC 9654, clause 2.1 (nonce of 1 to 128 octets);
RFC 5019, clause 2.2 (answers that may be kept).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, timedelta
from typing import Any

from asn1crypto import keys as asn1_keys  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from engine.clock import Clock
from engine.ports_services import CertificateStatus, FindStatus, StatusAnswer
from engine.ports_signing import CertificateId
from signing.authority import AuthorityFiles
from signing.keys.store import KeyStore
from signing.unreadable import UNREADABLE

#: How long an answer may be kept; a suspension is known everywhere within this time.
FRESH = timedelta(hours=1)
MAX_REQUEST_BYTES = 2048
MAX_NONCE_BYTES = 128
MAX_SERIAL_BITS = 160
#: How a request may name the issuer; SHA-1 is an identifier here and protects nothing.
_IDENTIFIERS: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_GOOD = CertificateStatus()


class OcspResponder:
    """Adapter of `StatusResponder` on an authority's directory."""

    def __init__(self, files: AuthorityFiles, keys: KeyStore, clock: Clock) -> None:
        self._files = files
        self._keys = keys
        self._clock = clock

    def answer(self, request: bytes, find_status: FindStatus) -> StatusAnswer:
        """Return the answer to `request`, DER of OCSPRequest, whatever it holds.

        Raises:
            SignerUnavailableError: the responder's own key cannot be used.
        """
        try:
            asked = _read(request)
            nonce = _nonce(asked)
            algorithm = _IDENTIFIERS.get(asked.hash_algorithm.name)
        # Several certificates in one request are not for a responder of one authority's size.
        except UNREADABLE:
            return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        if algorithm is None or not self._is_about_us(asked, algorithm()):
            return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        status = self._status(asked.serial_number, find_status)
        return self._signed(asked, algorithm(), status, nonce)

    def _is_about_us(self, asked: ocsp.OCSPRequest, algorithm: hashes.HashAlgorithm) -> bool:
        issuing = self._files.certificate("issuing")
        name = issuing.subject.public_bytes()
        key = issuing.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return (
            _digest(name, algorithm) == asked.issuer_name_hash
            and _digest(_bits_of(key), algorithm) == asked.issuer_key_hash
        )

    def _status(self, serial: int, find_status: FindStatus) -> CertificateStatus | None:
        if self._files.is_service(serial):
            return _GOOD  # the authority's own; the register holds people and agencies
        return find_status(CertificateId(f"{serial:x}"))

    def _signed(
        self,
        asked: ocsp.OCSPRequest,
        algorithm: hashes.HashAlgorithm,
        status: CertificateStatus | None,
        nonce: x509.OCSPNonce | None,
    ) -> StatusAnswer:
        now = self._clock.now().astimezone(UTC).replace(microsecond=0)
        responder = self._files.certificate("ocsp")
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=algorithm,
            this_update=now,
            next_update=now + FRESH,
            **_words(status),
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder)
        builder = builder.certificates([responder])
        if nonce is not None:
            builder = builder.add_extension(nonce, critical=False)
        response = builder.sign(self._keys.load_unattended("ocsp"), hashes.SHA256())
        return StatusAnswer(
            der=response.public_bytes(Encoding.DER),
            fresh_until=None if nonce is not None else now + FRESH,
        )


def _read(request: bytes) -> ocsp.OCSPRequest:
    if len(request) > MAX_REQUEST_BYTES:
        raise ValueError("too long")
    asked = ocsp.load_der_ocsp_request(request)
    # RFC 5280, clause 4.1.2.2: positive, at most 20 octets. The answer repeats it.
    if asked.serial_number < 0 or asked.serial_number.bit_length() >= MAX_SERIAL_BITS:
        raise ValueError("no serial number")
    _ = asked.issuer_name_hash, asked.issuer_key_hash  # the library reads late
    return asked


def _nonce(asked: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    for extension in asked.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            if not 1 <= len(extension.value.nonce) <= MAX_NONCE_BYTES:
                raise ValueError("nonce of a size that RFC 9654 forbids")
            return extension.value
    return None


def _words(status: CertificateStatus | None) -> dict[str, Any]:
    if status is None:
        found, at, reason = ocsp.OCSPCertStatus.UNKNOWN, None, None
    elif status.revocation is None:
        found, at, reason = ocsp.OCSPCertStatus.GOOD, None, None
    else:
        found = ocsp.OCSPCertStatus.REVOKED
        at = status.revocation.revoked_at.astimezone(UTC).replace(microsecond=0)
        reason = _reason(status.revocation.reason)
    return {"cert_status": found, "revocation_time": at, "revocation_reason": reason}


def _reason(name: str) -> x509.ReasonFlags | None:
    reason = x509.ReasonFlags.__members__.get(name)
    silent = {x509.ReasonFlags.unspecified, x509.ReasonFlags.remove_from_crl}
    return None if reason in silent else reason


def _digest(content: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()


def _bits_of(public_key_info: bytes) -> bytes:
    """Return the key itself, without the algorithm around it: what a request digests."""
    bits = asn1_keys.PublicKeyInfo.load(public_key_info)["public_key"].contents
    return bytes(bits[1:])  # the first octet counts unused bits


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> StatusAnswer:
    response = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
    return StatusAnswer(der=response.public_bytes(Encoding.DER))
