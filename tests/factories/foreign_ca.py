"""Be another authority: a root, one below it, and people whom it certified."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from engine.model.organisation import Validity
from engine.model.trust import AuthorityCrl, TrustedAuthority, TrustPurpose

BOTH = (TrustPurpose.DOCUMENTS, TrustPurpose.TIMESTAMPS)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Extra = tuple[x509.ExtensionType, bool]


def named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def usage(*, authority: bool = False, signs: bool = True) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=signs and not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


AUTHORITY: tuple[Extra, ...] = (
    (x509.BasicConstraints(ca=True, path_length=None), True),
    (usage(authority=True), True),
)


@dataclass
class ForeignCa:
    """Hold an authority that can be told to do everything wrong."""

    name: str
    at: datetime
    issuer: "ForeignCa | None" = None
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    extras: Sequence[Extra] = ()
    days: int = 3650
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        issuer = self.issuer or self
        extras = self.extras or AUTHORITY
        self.certificate = issuer.certify(
            self.name, self.key, extras=extras, days=self.days, own=self.issuer is None
        )

    @classmethod
    def known(cls, name: str, certificate: x509.Certificate, at: datetime) -> "ForeignCa":
        """Return an authority whose certificate is there already."""
        found = cls(name, at)
        found.certificate = certificate
        return found

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def certify(
        self,
        subject: str,
        key: Key,
        *,
        extras: Sequence[Extra] = (),
        days: int = 730,
        since: timedelta = timedelta(days=-1),
        weakly: bool = False,
        own: bool = False,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named(self.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at + since)
            .not_valid_after(self.at + since + timedelta(days=days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )
        if not own:
            of = self.key.public_key()
            identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(of)
            builder = builder.add_extension(identifier, False)
        for value, critical in extras:
            builder = builder.add_extension(value, critical)
        certificate = builder.sign(self.key, hashes.SHA256())
        return self.weakened(certificate) if weakly else certificate

    def weakened(self, certificate: x509.Certificate) -> x509.Certificate:
        """Return `certificate` signed anew over SHA-1, which the library no longer does."""
        assert isinstance(self.key, ec.EllipticCurvePrivateKey)
        found = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
        found["tbs_certificate"]["signature"] = {"algorithm": "sha1_ecdsa"}
        found["signature_algorithm"] = {"algorithm": "sha1_ecdsa"}
        signed = found["tbs_certificate"].dump()
        found["signature_value"] = self.key.sign(signed, ec.ECDSA(hashes.SHA1()))  # noqa: S303 it must be weak
        return x509.load_der_x509_certificate(found.dump())

    def leaf(
        self,
        subject: str,
        key: Key,
        *,
        signs: bool = True,
        purposes: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.EMAIL_PROTECTION,),
        more: Sequence[Extra] = (),
        **options: object,
    ) -> x509.Certificate:
        extras: list[Extra] = [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (usage(signs=signs), True),
            *more,
        ]
        if purposes:
            extras.append((x509.ExtendedKeyUsage(purposes), False))
        return self.certify(subject, key, extras=extras, **options)  # type: ignore[arg-type]

    def crl(
        self,
        *revoked: x509.Certificate,
        at: datetime | None = None,
        days: int = 7,
        number: int = 1,
        extras: Sequence[Extra] = (),
    ) -> bytes:
        since = at or self.at
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(named(self.name))
            .last_update(since)
            .next_update(since + timedelta(days=days))
            .add_extension(x509.CRLNumber(number), False)
        )
        for value, critical in extras:
            builder = builder.add_extension(value, critical)
        for certificate in revoked:
            entry = x509.RevokedCertificateBuilder()
            entry = entry.serial_number(certificate.serial_number).revocation_date(since)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def trusted(
        self,
        *,
        purposes: tuple[TrustPurpose, ...] = BOTH,
        validity: Validity | None = None,
        ocsp_url: str = "",
    ) -> TrustedAuthority:
        return TrustedAuthority(
            id=self.certificate.fingerprint(hashes.SHA256()).hex(),
            label=self.name,
            der=self.der,
            subject=self.certificate.subject.rfc4514_string(),
            not_after=self.certificate.not_valid_after_utc,
            is_anchor=bool(purposes),
            purposes=purposes,
            validity=validity or Validity(since=self.at.date() - timedelta(days=30)),
            basis="Quyết định 1",
            ocsp_url=ocsp_url,
        )

    def kept(self, der: bytes) -> AuthorityCrl:
        crl = x509.load_der_x509_crl(der)
        assert crl.next_update_utc is not None
        return AuthorityCrl(
            authority_id=self.trusted().id,
            der=der,
            number=1,
            this_update=crl.last_update_utc,
            next_update=crl.next_update_utc,
            fetched_at=crl.last_update_utc,
        )
