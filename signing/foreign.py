"""Read the certificates and revocation lists of other authorities, and refuse what is unfit.

Source: RFC 5280, clauses 4.2.1.9 (authorities), 5.2.3 (CRLNumber) and 5.2.5 (partial lists);
RFC 7468 (PEM).
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from engine.errors import CertificateRejectedError, ErrorCode, InvalidInputError
from engine.model.trust import (
    AuthorityCrl,
    ImportedTrust,
    Refusal,
    TrustedAuthority,
)
from engine.ports_trust import AuthorityTerms, CertificateHolder, ForeignCertificate
from signing.algorithms import POLICY
from signing.authority import AuthorityFiles, described
from signing.chains import (
    certificate_of,
    is_list_of,
    is_understood,
    issuers_of,
    may_issue,
    may_sign_documents,
)
from signing.outbound import DEFAULT_PORTS, Outbound
from signing.policy import SigningGate
from signing.unreadable import UNREADABLE

MAX_CERTIFICATE_BYTES = 64 * 1024
MAX_CRL_BYTES = 16 << 20
FETCH_SECONDS = 15.0
#: What else of a list may be critical, being heeded.
_HEEDED = frozenset({ExtensionOID.CRL_NUMBER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER})
#: What the gate's refusal means for a certificate that is to be imported.
_REFUSALS = {
    ErrorCode.CERTIFICATE_EXPIRED: Refusal.OUT_OF_TIME,
    ErrorCode.CERTIFICATE_NOT_YET_VALID: Refusal.OUT_OF_TIME,
    ErrorCode.CERTIFICATE_WEAK: Refusal.WEAK,
    ErrorCode.CERTIFICATE_USAGE: Refusal.WRONG_USAGE,
    ErrorCode.CERTIFICATE_UNTRUSTED: Refusal.UNKNOWN_ISSUER,
}


class ForeignFiles:
    """Adapter of `TrustFiles`.

    Args:
        files: of the own authority; nothing of it is imported.
        allowed_hosts: whose lists may be fetched and whose answers asked.
    """

    def __init__(self, files: AuthorityFiles, allowed_hosts: Collection[str]) -> None:
        self._files = files
        self._allowed_hosts = frozenset(allowed_hosts)
        self._outbound = Outbound(
            self._allowed_hosts, max_bytes=MAX_CRL_BYTES, timeout_seconds=FETCH_SECONDS
        )

    def read_authority(
        self, content: bytes, terms: AuthorityTerms, at: datetime
    ) -> TrustedAuthority:
        """Return the authority in a certificate file.

        Raises:
            InvalidInputError: code TRUST_REFUSED.
        """
        certificate = _certificate(content)
        if not may_issue(certificate):
            raise refused(Refusal.NOT_AN_AUTHORITY)
        self._check_foreign(certificate)
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise refused(Refusal.OUT_OF_TIME)
        if not POLICY.allows_key(certificate.public_key()):
            raise refused(Refusal.WEAK)
        if not is_understood(certificate):
            raise refused(Refusal.WRONG_USAGE)
        if terms.is_anchor is not bool(terms.purposes):
            raise refused(Refusal.NO_PURPOSE)
        for url in (terms.crl_url, terms.ocsp_url):
            self._check_url(url)
        return TrustedAuthority(
            id=certificate.fingerprint(SHA256()).hex(),
            der=certificate.public_bytes(Encoding.DER),
            subject=certificate.subject.rfc4514_string(),
            not_after=certificate.not_valid_after_utc,
            **vars(terms),
        )

    def read_crl(self, content: bytes, authority: TrustedAuthority, at: datetime) -> AuthorityCrl:
        """Return the full and current revocation list that `authority` signed.

        Raises:
            InvalidInputError: code TRUST_REFUSED.
        """
        crl = _crl(content)
        issuer = certificate_of(authority.der)
        if crl.issuer != issuer.subject or not is_list_of(crl, issuer):
            raise refused(Refusal.LIST_OF_OTHERS)
        if _is_partial(crl):
            raise refused(Refusal.LIST_PARTIAL)
        digest = crl.signature_hash_algorithm
        if digest is None or not POLICY.allows_digest(digest.name):
            raise refused(Refusal.WEAK)
        due = crl.next_update_utc
        if due is None or not crl.last_update_utc <= at <= due:
            raise refused(Refusal.LIST_STALE)
        return AuthorityCrl(
            authority_id=authority.id,
            der=crl.public_bytes(Encoding.DER),
            number=_number(crl),
            this_update=crl.last_update_utc,
            next_update=due,
            fetched_at=at.astimezone(UTC),
        )

    def read_holder(
        self, content: bytes, holder: CertificateHolder, trust: ImportedTrust, at: datetime
    ) -> ForeignCertificate:
        """Return a certificate for signing documents, issued by an imported authority.

        Raises:
            InvalidInputError: code TRUST_REFUSED.
        """
        certificate = _certificate(content)
        self._check_foreign(certificate)
        if not may_sign_documents(certificate, is_own=False):
            raise refused(Refusal.WRONG_USAGE)
        gate = SigningGate(self._files, read_trust=lambda: trust)
        try:
            gate.check_path(certificate, at)
        except CertificateRejectedError as error:
            raise refused(_REFUSALS.get(error.code, Refusal.UNKNOWN_ISSUER)) from error
        authority = next(issuers_of(certificate, trust, at=at))[0]  # the path begins with it
        known = described(certificate, holder.kind, holder.id)
        return ForeignCertificate(
            certificate=replace(known, key_home=holder.key_home, key_ref=holder.key_ref),
            authority_id=authority.id,
        )

    def fetch(self, url: str) -> bytes:
        """Return what an authority publishes at `url`.

        Raises:
            SignerUnavailableError: it does not answer, or its host was not named.
        """
        return self._outbound.get(url)

    def _check_foreign(self, certificate: x509.Certificate) -> None:
        own = [self._files.certificate(name) for name in ("root", "issuing")]
        if certificate in own or certificate.issuer in {entry.subject for entry in own}:
            raise refused(Refusal.OWN_AUTHORITY)

    def _check_url(self, url: str) -> None:
        if not url:
            return
        try:
            parts = urlsplit(url)
            port = parts.port or DEFAULT_PORTS.get(parts.scheme)
        except ValueError as error:
            raise refused(Refusal.HOST_NOT_ALLOWED) from error
        hosts = {parts.hostname or "", f"{parts.hostname}:{port}"}
        if port is None or parts.scheme not in DEFAULT_PORTS or not self._allowed_hosts & hosts:
            raise refused(Refusal.HOST_NOT_ALLOWED)


def refused(why: Refusal) -> InvalidInputError:
    """Return the refusal of a file from another authority."""
    return InvalidInputError(why, code=ErrorCode.TRUST_REFUSED, field="file", why=why)


def _certificate(content: bytes) -> x509.Certificate:
    if len(content) > MAX_CERTIFICATE_BYTES:
        raise refused(Refusal.TOO_LARGE)
    try:
        if b"-----BEGIN" in content:
            found = x509.load_pem_x509_certificates(content)
            if len(found) != 1:
                raise refused(Refusal.UNREADABLE)
            certificate = found[0]
        else:
            certificate = x509.load_der_x509_certificate(content)
        # The library reads late; what is broken shall be told now.
        _ = certificate.extensions, certificate.public_key(), certificate.subject
        if certificate.serial_number <= 0:  # RFC 5280, clause 4.1.2.2
            raise ValueError("no serial number")
    except UNREADABLE as error:
        raise refused(Refusal.UNREADABLE) from error
    return certificate


def _crl(content: bytes) -> x509.CertificateRevocationList:
    if len(content) > MAX_CRL_BYTES:
        raise refused(Refusal.TOO_LARGE)
    try:
        if b"-----BEGIN" in content[:64]:
            crl = x509.load_pem_x509_crl(content)
        else:
            crl = x509.load_der_x509_crl(content)
        _ = crl.extensions, crl.issuer, crl.last_update_utc
    except UNREADABLE as error:
        raise refused(Refusal.UNREADABLE) from error
    return crl


def _is_partial(crl: x509.CertificateRevocationList) -> bool:
    """Tell whether a list leaves out some certificates or reasons; silence then means nothing.

    A list that names its places is taken: the gate asks it about those certificates only that
    name one of them too.
    """
    for extension in crl.extensions:
        value = extension.value
        if isinstance(value, x509.DeltaCRLIndicator):
            return True
        if not isinstance(value, x509.IssuingDistributionPoint):
            # RFC 5280, clause 5.2: a list with anything critical that is unknown says nothing.
            if extension.critical and extension.oid not in _HEEDED:
                return True
        elif (
            value.relative_name is not None
            or value.only_contains_ca_certs
            or value.only_contains_user_certs
            or value.only_contains_attribute_certs
            or value.only_some_reasons
            or value.indirect_crl
        ):
            return True
    return False


def _number(crl: x509.CertificateRevocationList) -> int:
    try:
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return 0
