"""Run the product's own certificate authority in a directory.

```
directory/
├─ root.pem issuing.pem tsa.pem      certificates, public
├─ root.crl issuing.crl              revocation lists in DER, public
├─ *.key.pem secret keys/            private; mode 0600 below 0700
```
It is an evaluation authority: root, issuing and time-stamp keys are in one place. A real
installation signs with certificates of the State's authority and has no such directory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, SignerUnavailableError
from engine.ports_signing import (
    CertificateId,
    CertificateRequest,
    HolderKind,
    IssuedCertificate,
    KeyType,
    Revocation,
)
from signing.certificates import (
    Issuer,
    authority_name,
    build_crl,
    build_issuing,
    build_leaf,
    build_root,
)
from signing.keys import KeyStore, new_key, write_atomically

PUBLIC_MODE = 0o644
TSA_DAYS = 1825


@dataclass(frozen=True, kw_only=True)
class AuthorityFiles:
    """Name the public files of an authority's directory."""

    directory: Path

    def certificate(self, name: str) -> x509.Certificate:
        """Return the certificate `root`, `issuing` or `tsa`.

        Raises:
            SignerUnavailableError: there is no such authority.
        """
        try:
            pem = (self.directory / f"{name}.pem").read_bytes()
            return x509.load_pem_x509_certificate(pem)
        except (OSError, ValueError) as error:
            raise SignerUnavailableError(f"certificate {name} cannot be read") from error

    def crl(self, name: str) -> x509.CertificateRevocationList:
        """Return the revocation list of `root` or `issuing`.

        Raises:
            SignerUnavailableError: there is no such list.
        """
        try:
            der = (self.directory / f"{name}.crl").read_bytes()
            return x509.load_der_x509_crl(der)
        except (OSError, ValueError) as error:
            raise SignerUnavailableError(f"revocation list {name} cannot be read") from error

    def crls(self) -> tuple[bytes, ...]:
        """Return both revocation lists in DER, for a verifier."""
        return tuple(self.crl(name).public_bytes(Encoding.DER) for name in ("root", "issuing"))


class LocalCertificateAuthority:
    """Adapter of `CertificateAuthority` on a directory.

    Args:
        directory: where certificates and keys live; made by `create`.
    """

    def __init__(self, directory: Path, clock: Clock) -> None:
        self.trust_root_path = directory / "root.pem"
        self._directory = directory
        self._clock = clock
        self._files = AuthorityFiles(directory=directory)
        self._keys = KeyStore(directory)

    def create(self, *, name: str) -> None:
        """Make root (P-384), issuing authority (P-384) and time-stamp certificate (P-256).

        Raises:
            ConflictError: the directory has an authority already.
            InvalidInputError: the name is too long for a certificate.
        """
        if self.trust_root_path.exists():
            raise ConflictError("authority exists", code=ErrorCode.INSTALLATION_EXISTS)
        self._keys.create()
        at = self._clock.now()

        root_key = ec.generate_private_key(ec.SECP384R1())
        root_certificate = build_root(
            authority_name(name, common_name="Trình Ký Root CA"), root_key, at
        )
        root = Issuer(certificate=root_certificate, key=root_key)

        issuing_key = ec.generate_private_key(ec.SECP384R1())
        issuing_certificate = build_issuing(
            authority_name(name, common_name="Trình Ký Issuing CA"),
            issuing_key.public_key(),
            root,
            at,
        )
        issuing = Issuer(certificate=issuing_certificate, key=issuing_key)

        tsa_key = ec.generate_private_key(ec.SECP256R1())
        tsa_certificate = build_leaf(
            _tsa_request(name), tsa_key.public_key(), issuing, at, days=TSA_DAYS
        )

        self._save("issuing", issuing_certificate, issuing_key)
        self._save("tsa", tsa_certificate, tsa_key)
        for issuer_name, issuer in (("root", root), ("issuing", issuing)):
            self._replace_crl(issuer_name, issuer, (), at)
        # The root comes last: its presence says that the authority is complete.
        self._save("root", root_certificate, root_key)

    def issue(
        self,
        requests: Iterable[CertificateRequest],
        *,
        pin: str,
        key_type: KeyType,
        days: int = 730,
    ) -> Iterator[IssuedCertificate]:
        """Yield a certificate per request, made one by one; its key is on disk by then.

        Raises:
            InvalidInputError: a name is too long for a certificate.
            SignerUnavailableError: the authority's own key cannot be used.
        """
        issuer = self._issuer("issuing")
        for request in requests:
            key = new_key(key_type)
            certificate = build_leaf(
                request, key.public_key(), issuer, self._clock.now(), days=days
            )
            issued = described(certificate, request.holder_kind, request.holder_id)
            self._keys.save(issued.id, key, pin)
            yield issued

    def publish_crl(self, revoked: Iterable[Revocation], at: datetime) -> None:
        """Replace both revocation lists; the number grows by one each time.

        Raises:
            SignerUnavailableError: the authority's own keys cannot be used.
        """
        self._replace_crl("issuing", self._issuer("issuing"), revoked, at)
        self._replace_crl("root", self._issuer("root"), (), at)

    def is_crl_stale(self, at: datetime) -> bool:
        """Tell whether a revocation list is past half of its time at `at`, or not yet in it.

        Raises:
            SignerUnavailableError: a list cannot be read.
        """
        return any(_is_stale(self._files.crl(name), at) for name in ("root", "issuing"))

    def _issuer(self, name: str) -> Issuer:
        return Issuer(
            certificate=self._files.certificate(name), key=self._keys.load_unattended(name)
        )

    def _save(
        self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
    ) -> None:
        self._keys.save_unattended(name, key)
        pem = certificate.public_bytes(Encoding.PEM)
        write_atomically(self._directory / f"{name}.pem", pem, mode=PUBLIC_MODE)

    def _replace_crl(
        self, name: str, issuer: Issuer, revoked: Iterable[Revocation], at: datetime
    ) -> None:
        path = self._directory / f"{name}.crl"
        number = _crl_number(self._files.crl(name)) + 1 if path.exists() else 1
        crl = build_crl(issuer, revoked, at, number=number)
        write_atomically(path, crl.public_bytes(Encoding.DER), mode=PUBLIC_MODE)


def described(
    certificate: x509.Certificate, holder_kind: HolderKind, holder_id: str
) -> IssuedCertificate:
    """Return `certificate` as the register keeps it."""
    return IssuedCertificate(
        id=CertificateId(f"{certificate.serial_number:x}"),
        holder_kind=holder_kind,
        holder_id=holder_id,
        common_name=_common_name(certificate.subject),
        issuer=_common_name(certificate.issuer),
        der=certificate.public_bytes(Encoding.DER),
        sha256=certificate.fingerprint(SHA256()).hex(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _common_name(name: x509.Name) -> str:
    values = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(values[0].value) if values else name.rfc4514_string()


def _crl_number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def _is_stale(crl: x509.CertificateRevocationList, at: datetime) -> bool:
    begun, due = crl.last_update_utc, crl.next_update_utc
    return due is None or not begun <= at < begun + (due - begun) / 2


def _tsa_request(name: str) -> CertificateRequest:
    return CertificateRequest(
        holder_kind=HolderKind.TSA,
        holder_id="tsa",
        common_name="Trình Ký Time-stamp",
        organisation=name,
    )
