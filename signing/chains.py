"""Build the way from a certificate to an authority that is trusted, link by link.

Own certificates have one way; for others it is looked for among the imported authorities only,
so that nothing a certificate names is ever fetched. An authority may be there more than once, with
a renewed certificate of the same name and key, so every way is tried.

Source: RFC 5280, clauses 4.2.1.3, 4.2.1.9, 4.2.1.12 and 6.1; RFC 9336, clause 3.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from engine.clock import local
from engine.errors import CertificateRejectedError, ErrorCode
from engine.model.trust import ImportedTrust, TrustedAuthority, TrustPurpose

MAX_PATH = 4  # authorities above a certificate
#: Foreign authorities often set their certificates for people aside for these; all of them are
#: signatures by a person. Own certificates are set aside for nothing.
FOREIGN_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # document signing, RFC 9336
        x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # the same, older and vendor's own
        x509.ObjectIdentifier("1.2.840.113583.1.1.5"),  # the same, for PDF
        # Subscribers of Vietnamese authorities get this one beside e-mail protection.
        ExtendedKeyUsageOID.CLIENT_AUTH,
    }
)

#: Critical extensions that are heeded here, or change nothing for us: `inhibitAnyPolicy` only
#: matters where a policy is demanded. Who meets another one must not use the certificate.
_HEEDED = frozenset(
    {
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3"),  # qcStatements, which only inform
    }
)

Extension = TypeVar("Extension", bound=x509.ExtensionType)


@dataclass(frozen=True, kw_only=True)
class Link:
    """Hold one certificate of a path with its issuer and what that says of it."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    crl: x509.CertificateRevocationList | None
    ocsp_url: str = ""


def is_list_of(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Tell whether the key of `issuer` signed the list."""
    return _is_list_signed(crl.public_bytes(Encoding.DER), issuer)


@lru_cache(maxsize=8)  # a list may have many megabytes
def _is_list_signed(der: bytes, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    if not isinstance(key, EllipticCurvePublicKey | RSAPublicKey):
        return False
    try:
        return x509.load_der_x509_crl(der).is_signature_valid(key)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False


@lru_cache(maxsize=4096)
def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether `issuer` signed `certificate`; the answer never changes."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def imported_path(
    certificate: x509.Certificate, trust: ImportedTrust, *, at: datetime | None
) -> list[Link]:
    """Return the way from `certificate` to an imported anchor for documents, nearest first.

    Args:
        at: when every authority on the way must be trusted, and, if there is such a way, valid;
            None when time does not matter.

    Raises:
        CertificateRejectedError: there is no way, or the certificate demands what is not heeded.
    """
    if not is_understood(certificate):
        raise rejected(ErrorCode.CERTIFICATE_USAGE, "a critical extension is unknown")
    # The second look only finds out what is wrong with the way that there is.
    found = _climb(certificate, trust, at, ()) or _climb(
        certificate, trust, at, (), is_strict=False
    )
    if found is None:
        raise rejected(ErrorCode.CERTIFICATE_UNTRUSTED, "no way to an authority that is trusted")
    below = (certificate, *(issuer for _, issuer in found))
    if any(digest_of(entry) == "sha1" for entry in below[:-1]):
        raise rejected(ErrorCode.CERTIFICATE_WEAK, "a certificate of the chain is over SHA-1")
    return [
        Link(
            certificate=current,
            issuer=issuer,
            crl=_list_of(issuer, trust),
            ocsp_url=authority.ocsp_url,
        )
        for current, (authority, issuer) in zip(below, found, strict=False)
    ]


_Step = tuple[TrustedAuthority, x509.Certificate]


def _climb(
    certificate: x509.Certificate,
    trust: ImportedTrust,
    at: datetime | None,
    below: Sequence[_Step],
    *,
    is_strict: bool = True,
) -> Sequence[_Step] | None:
    if len(below) == MAX_PATH:
        return None
    steps = issuers_of(certificate, trust, depth=len(below), at=at, is_strict=is_strict)
    for step in steps:
        authority, issuer = step
        if _ends_path(authority):
            return *below, step
        if found := _climb(issuer, trust, at, (*below, step), is_strict=is_strict):
            return found
    return None


def _ends_path(authority: TrustedAuthority) -> bool:
    return authority.is_anchor and TrustPurpose.DOCUMENTS in authority.purposes


def _is_valid(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def issuers_of(
    certificate: x509.Certificate,
    trust: ImportedTrust,
    *,
    depth: int = 0,
    at: datetime | None = None,
    is_strict: bool = True,
) -> Iterator[_Step]:
    """Yield the imported authorities that issued `certificate` and may have, newest first.

    Args:
        depth: how many authorities the path has below this one.
        at: leaves out those that are not trusted on its day; None asks all.
        is_strict: leaves out those that are not valid at `at` or signed over SHA-1 as well.
    """
    day = None if at is None else local(at).date()
    known = [
        (authority, certificate_of(authority.der))
        for authority in trust.authorities
        if day is None or authority.validity.covers(day)
    ]
    for authority, issuer in sorted(
        known, key=lambda step: step[1].not_valid_after_utc, reverse=True
    ):
        if (
            issuer.subject == certificate.issuer
            and issuer != certificate
            and may_issue(issuer, depth=depth)
            and is_understood(issuer)
            and (not is_strict or at is None or _is_valid(issuer, at))
            # The library verifies nothing over SHA-1; such a way is refused, for what it is.
            and (
                is_issued_by(certificate, issuer)
                or (not is_strict and digest_of(certificate) == "sha1")
            )
        ):
            yield authority, issuer


def is_understood(certificate: x509.Certificate) -> bool:
    """Tell whether nothing in a certificate asks for more than is checked here.

    Names of holders are not checked against what an authority is limited to; such authorities
    are refused.

    Source: RFC 5280, clauses 4.2 (critical extensions) and 4.2.1.10 (name constraints).
    """
    return all(
        entry.oid != ExtensionOID.NAME_CONSTRAINTS and (not entry.critical or entry.oid in _HEEDED)
        for entry in certificate.extensions
    )


def speaks_for(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """Tell whether a list that was cut in parts is the part that `certificate` would be in.

    Source: RFC 5280, clause 6.3.3, step (b) (2) (i).
    """
    for extension in crl.extensions:
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            own = set(extension.value.full_name or ())
            is_cut = bool(own) or extension.value.relative_name is not None
            return not is_cut or bool(own & set(_places_of(certificate)))
    return True


def _places_of(certificate: x509.Certificate) -> Iterator[x509.GeneralName]:
    for point in extension_of(certificate, x509.CRLDistributionPoints) or ():
        if point.reasons is None and point.crl_issuer is None:
            yield from point.full_name or ()


@lru_cache(maxsize=256)
def certificate_of(der: bytes) -> x509.Certificate:
    """Return a certificate that was read before; imported ones are needed for each signature."""
    return x509.load_der_x509_certificate(der)


def _list_of(
    issuer: x509.Certificate, trust: ImportedTrust
) -> x509.CertificateRevocationList | None:
    """Return the newest list under the name and key of `issuer`, whichever its certificate."""
    same = {
        authority.id
        for authority in trust.authorities
        if (found := certificate_of(authority.der)).subject == issuer.subject
        and found.public_key() == issuer.public_key()
    }
    lists = [crl for crl in trust.crls if crl.authority_id in same]
    if not lists:
        return None
    return x509.load_der_x509_crl(max(lists, key=lambda crl: crl.this_update).der)


def may_issue(issuer: x509.Certificate, *, depth: int = 0) -> bool:
    """Tell whether a certificate is that of an authority, with `depth` more below it."""
    constraints = extension_of(issuer, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        return False
    if constraints.path_length is not None and constraints.path_length < depth:
        return False
    usage = extension_of(issuer, x509.KeyUsage)
    return usage is None or usage.key_cert_sign


def may_sign_documents(certificate: x509.Certificate, *, is_own: bool) -> bool:
    """Tell whether key usages let a certificate sign documents.

    Own certificates say digitalSignature and nonRepudiation, and are set aside for nothing.
    Others must say nonRepudiation too, and if they are set aside, one of the purposes must be
    among `FOREIGN_PURPOSES`; never time-stamping or OCSP.

    Source: RFC 5280, clauses 4.2.1.3 and 4.2.1.12; RFC 9336, clause 3.
    """
    usage = extension_of(certificate, x509.KeyUsage)
    if usage is None or not (usage.digital_signature and usage.content_commitment):
        return False
    constraints = extension_of(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        return False
    purposes = extension_of(certificate, x509.ExtendedKeyUsage)
    if purposes is None:
        return True
    set_aside = {ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.OCSP_SIGNING}
    named = frozenset(purposes)
    return not is_own and not named & set_aside and bool(named & FOREIGN_PURPOSES)


def digest_of(certificate: x509.Certificate) -> str:
    """Return the name of the digest under the signature of `certificate`; "" when unknown."""
    try:
        digest = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return ""
    return digest.name if digest else ""


def extension_of(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    """Return an extension of `certificate` by its kind."""
    values = (entry.value for entry in certificate.extensions)
    return next((value for value in values if isinstance(value, kind)), None)


def rejected(code: ErrorCode, detail: str) -> CertificateRejectedError:
    """Return the refusal of a certificate."""
    return CertificateRejectedError(detail, code=code)
