"""Build the certificates and revocation lists of the product's own authority.

Source: RFC 5280, clauses 4.2 and 5; RFC 3161, clause 2.3; ITU-T X.667, clause 7 (arc 2.25).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)

from engine.errors import ErrorCode, InvalidInputError
from engine.ports_signing import CertificateRequest, HolderKind, Revocation

COUNTRY = "VN"
MAX_NAME_CHARS = 64  # X.520 upper bound of the common and organisation names
BACKDATE = timedelta(minutes=5)  # clocks of readers may run behind
CRL_DAYS = 7
OCSP_SIGNER_DAYS = 90

# What a holder's certificate stands for is said by its policy; whoever judges a signature reads
# it there, not in the name of the field. Below 2.25 the number is that of a UUID, made once:
# b87a4e9f-c74f-4f88-9ea9-e89b27e3285c and ce01df76-fc25-4106-b108-07a189407771.
PERSON_POLICY = x509.ObjectIdentifier("2.25.245213006128076091864643454892484274268")
AGENCY_POLICY = x509.ObjectIdentifier("2.25.273830691832851255459072165091509041009")
ANY_POLICY = x509.ObjectIdentifier("2.5.29.32.0")
POLICIES = {HolderKind.PERSON: PERSON_POLICY, HolderKind.AGENCY: AGENCY_POLICY}

SigningKey = EllipticCurvePrivateKey | RSAPrivateKey


@dataclass(frozen=True, kw_only=True)
class PublicAddresses:
    """Say where an authority's certificate, list and answers are published.

    Args:
        base: address of the installation, such as `https://example.vn`; "" when it has none,
            and then certificates name no address.
    """

    base: str = ""

    def extensions(self, issuer: str) -> Iterator[x509.ExtensionType]:
        """Yield what a certificate issued by `root` or `issuing` says of them."""
        if not self.base:
            return
        list_at, certificate_at, answers_at = (
            x509.UniformResourceIdentifier(f"{self.base.rstrip('/')}/pki/{name}")
            for name in (f"{issuer}.crl", f"{issuer}.crt", "ocsp")
        )
        yield x509.CRLDistributionPoints(
            [
                x509.DistributionPoint(
                    full_name=[list_at], relative_name=None, reasons=None, crl_issuer=None
                )
            ]
        )
        methods = AuthorityInformationAccessOID
        accesses = [x509.AccessDescription(methods.CA_ISSUERS, certificate_at)]
        if issuer == "issuing":  # the root's key is asked for lists only
            accesses.append(x509.AccessDescription(methods.OCSP, answers_at))
        yield x509.AuthorityInformationAccess(accesses)


NO_ADDRESSES = PublicAddresses()


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """Hold a certificate together with the key that signs in its name."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    def digest(self) -> hashes.SHA256 | hashes.SHA384:
        """Return the digest that fits the key: SHA-384 for P-384, else SHA-256."""
        return hashes.SHA384() if self.key.curve.key_size > 256 else hashes.SHA256()


def authority_name(name: str, *, common_name: str) -> x509.Name:
    """Return the name of an authority certificate of the installation `name`."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            _attribute(NameOID.ORGANIZATION_NAME, _fitting(name, field="name")),
            _attribute(NameOID.COMMON_NAME, _fitting(common_name, field="common_name")),
        ]
    )


def holder_name(request: CertificateRequest) -> x509.Name:
    """Return the subject of a leaf: the names as given, the holder's id as UID.

    Raises:
        InvalidInputError: a name is longer than X.520 allows.
    """
    parts = [
        (NameOID.COUNTRY_NAME, COUNTRY),
        (NameOID.ORGANIZATION_NAME, _fitting(request.organisation, field="organisation")),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, _fitting(request.unit, field="unit")),
        (NameOID.TITLE, _fitting(request.title, field="title")),
        (NameOID.COMMON_NAME, _fitting(request.common_name, field="common_name")),
        (NameOID.USER_ID, request.holder_id),
    ]
    return x509.Name([_attribute(oid, text) for oid, text in parts if text])


def _attribute(oid: x509.ObjectIdentifier, text: str) -> x509.NameAttribute[str]:
    # X.520 bounds characters and `_fitting` has counted them; the library counts UTF-8 bytes,
    # which would refuse the full names of a third of the city's agencies.
    return x509.NameAttribute(oid, text, _validate=False)


def _fitting(text: str, *, field: str) -> str:
    if len(text) > MAX_NAME_CHARS:
        raise InvalidInputError(
            f"{field} of a certificate has {len(text)} characters",
            code=ErrorCode.INPUT_TOO_LONG,
            field=field,
            max_chars=str(MAX_NAME_CHARS),
        )
    return text


def build_root(name: x509.Name, key: EllipticCurvePrivateKey, at: datetime) -> x509.Certificate:
    """Return a self-signed root for `name`, valid 20 years."""
    builder = _authority_builder(name, name, key.public_key(), at, days=7300, path_length=1)
    return builder.sign(key, hashes.SHA384())


def build_issuing(
    name: x509.Name,
    public_key: CertificatePublicKeyTypes,
    root: Issuer,
    at: datetime,
    addresses: PublicAddresses = NO_ADDRESSES,
) -> x509.Certificate:
    """Return an issuing authority below `root` that may sign no further authority."""
    subject = root.certificate.subject
    builder = _authority_builder(name, subject, public_key, at, days=3650, path_length=0)
    builder = builder.add_extension(_authority_key_id(root), critical=False)
    builder = builder.add_extension(_policies(ANY_POLICY), critical=False)
    for extension in addresses.extensions("root"):
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(root.key, root.digest())


def build_leaf(
    request: CertificateRequest,
    public_key: CertificatePublicKeyTypes,
    issuer: Issuer,
    at: datetime,
    *,
    days: int,
    addresses: PublicAddresses = NO_ADDRESSES,
) -> x509.Certificate:
    """Return a leaf certificate: signatures of one kind of holder, or time-stamps for a TSA."""
    builder = _builder(holder_name(request), issuer.certificate.subject, public_key, at, days=days)
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(non_repudiation=True), critical=True)
        .add_extension(_authority_key_id(issuer), critical=False)
    )
    if request.holder_kind is HolderKind.TSA:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, critical=True)
    if request.holder_kind in POLICIES:
        policy = _policies(POLICIES[request.holder_kind])
        builder = builder.add_extension(policy, critical=False)
    for extension in addresses.extensions("issuing"):
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer.key, issuer.digest())


def build_ocsp_signer(
    organisation: str, public_key: CertificatePublicKeyTypes, issuer: Issuer, at: datetime
) -> x509.Certificate:
    """Return a certificate that answers for `issuer`; its short life replaces its own status.

    Source: RFC 6960, clauses 4.2.2.2 (delegation) and 4.2.2.2.1 (id-pkix-ocsp-nocheck).
    """
    subject = authority_name(organisation, common_name="Trình Ký OCSP")
    builder = _builder(subject, issuer.certificate.subject, public_key, at, days=OCSP_SIGNER_DAYS)
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(purpose, critical=True)
        .add_extension(x509.OCSPNoCheck(), critical=False)
        .add_extension(_authority_key_id(issuer), critical=False)
        .sign(issuer.key, issuer.digest())
    )


def organisation_of(certificate: x509.Certificate) -> str:
    """Return the name of the organisation in the subject of an authority."""
    values = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(values[0].value) if values else ""


def holder_kinds(policies: Iterable[str]) -> frozenset[HolderKind]:
    """Return the kinds of holder that the dotted `policies` of a certificate name."""
    named = frozenset(policies)
    return frozenset(kind for kind, oid in POLICIES.items() if oid.dotted_string in named)


def _policies(oid: x509.ObjectIdentifier) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(oid, None)])


def build_crl(
    issuer: Issuer, revoked: Iterable[Revocation], at: datetime, *, number: int
) -> x509.CertificateRevocationList:
    """Return the full revocation list of `issuer`, due again in `CRL_DAYS` days."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(at)
        .next_update(at + timedelta(days=CRL_DAYS))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(_authority_key_id(issuer), critical=False)
    )
    for revocation in revoked:
        builder = builder.add_revoked_certificate(_entry(revocation))
    return builder.sign(issuer.key, issuer.digest())


def _entry(revocation: Revocation) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(int(revocation.certificate_id, 16))
        .revocation_date(revocation.revoked_at.astimezone(UTC))
    )
    reason = x509.ReasonFlags.__members__.get(revocation.reason)
    # `unspecified` is said by leaving the reason out; `remove_from_crl` belongs to delta lists.
    if reason not in {None, x509.ReasonFlags.unspecified, x509.ReasonFlags.remove_from_crl}:
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    return builder.build()


def _authority_builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: CertificatePublicKeyTypes,
    at: datetime,
    *,
    days: int,
    path_length: int,
) -> x509.CertificateBuilder:
    return (
        _builder(subject, issuer, public_key, at, days=days)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_usage(authority=True), critical=True)
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: CertificatePublicKeyTypes,
    at: datetime,
    *,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - BACKDATE)
        .not_valid_after(at + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _authority_key_id(issuer: Issuer) -> x509.AuthorityKeyIdentifier:
    own_id = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own_id.value)


def _usage(*, authority: bool = False, non_repudiation: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=non_repudiation,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
