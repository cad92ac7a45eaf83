"""Run the product's own certificate authority in a directory.

```
directory/
├─ root.pem issuing.pem              certificates, public
├─ tsa.pem ocsp.pem                  of those who stamp and answer
├─ tsa-*.pem                         of those who stamped before
├─ renewal.lock                      held while a certificate is renewed
├─ root.crl issuing.crl              revocation lists in DER, public
├─ *.key.pem secret keys/            private; mode 0600 below 0700
```
It is an evaluation authority: root, issuing and time-stamp keys are in one place. A real
installation signs with certificates of the State's authority and has no such directory.
"""

import fcntl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, SignerUnavailableError
from engine.model.keys import KeyHome, KeyType
from engine.ports_signing import (
    HOLD_REASON,
    CertificateId,
    CertificateRequest,
    HolderKind,
    IssuedCertificate,
    Revocation,
)
from signing.certificates import (
    NO_ADDRESSES,
    Issuer,
    PublicAddresses,
    authority_name,
    build_crl,
    build_issuing,
    build_leaf,
    build_ocsp_signer,
    build_root,
    organisation_of,
)
from signing.key_requests import check_new_key, checked_key, public_key_of
from signing.keys.store import KeyStore, new_key, write_atomically

PUBLIC_MODE = 0o644
TSA_DAYS = 1825
#: An OCSP signer is replaced in the last third of its life.
OCSP_RENEWAL = timedelta(days=30)
#: A time-stamp proves something until the certificate behind it ends, so each has years to live.
TSA_RENEWAL = timedelta(days=1095)


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
            path = self.directory / f"{name}.pem"
            return _certificate(path, _state(path))
        except (OSError, ValueError) as error:
            raise SignerUnavailableError(f"certificate {name} cannot be read") from error

    def crl(self, name: str) -> x509.CertificateRevocationList:
        """Return the revocation list of `root` or `issuing`.

        Raises:
            SignerUnavailableError: there is no such list.
        """
        try:
            path = self.directory / f"{name}.crl"
            return _crl(path, _state(path))
        except (OSError, ValueError) as error:
            raise SignerUnavailableError(f"revocation list {name} cannot be read") from error

    def certificate_der(self, name: str) -> bytes:
        """Return a certificate in DER, as it is given out to anybody."""
        return self.certificate(name).public_bytes(Encoding.DER)

    def crl_der(self, name: str) -> bytes:
        """Return a revocation list in DER, as it is given out to anybody."""
        return self.crl(name).public_bytes(Encoding.DER)

    def crls(self) -> tuple[bytes, ...]:
        """Return both revocation lists in DER, for a verifier."""
        return tuple(self.crl(name).public_bytes(Encoding.DER) for name in ("root", "issuing"))

    def is_service(self, serial: int) -> bool:
        """Tell whether a serial number is that of who answers, stamps, or stamped before."""
        services = (self.certificate(name) for name in ("tsa", "ocsp"))
        return any(service.serial_number == serial for service in services) or (
            _former_tsa(self.directory, serial).exists()
        )

    def is_behind(self, published: Sequence[Revocation]) -> bool:
        """Tell whether the revocation list holds anything but what must be `published`.

        One that cannot be read is behind too.
        """
        try:
            entries = self.crl("issuing")
        except SignerUnavailableError:
            return True
        wanted = {
            (
                int(entry.certificate_id, 16),
                entry.revoked_at.replace(microsecond=0),
                entry.reason == HOLD_REASON,
            )
            for entry in published
        }
        return wanted != {
            (entry.serial_number, entry.revocation_date_utc, _is_hold(entry)) for entry in entries
        }


class LocalCertificateAuthority:
    """Adapter of `CertificateAuthority` on a directory.

    Args:
        directory: where certificates and keys live; made by `create`.
        addresses: where certificates made from now on say that their status is published.
    """

    def __init__(
        self, directory: Path, clock: Clock, addresses: PublicAddresses = NO_ADDRESSES
    ) -> None:
        self._addresses = addresses
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
            self._addresses,
        )
        issuing = Issuer(certificate=issuing_certificate, key=issuing_key)

        tsa_key = ec.generate_private_key(ec.SECP256R1())
        tsa_certificate = build_leaf(
            _tsa_request(name),
            tsa_key.public_key(),
            issuing,
            at,
            days=TSA_DAYS,
            addresses=self._addresses,
        )

        self._save("issuing", issuing_certificate, issuing_key)
        self._save("tsa", tsa_certificate, tsa_key)
        for issuer_name, issuer in (("root", root), ("issuing", issuing)):
            self._replace_crl(issuer_name, issuer, (), at)
        self._renew_ocsp_signer(issuing, at)
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
            certificate = self._leaf(request, key.public_key(), issuer, days=days)
            issued = described(certificate, request.holder_kind, request.holder_id)
            self._keys.save(issued.id, key, pin)
            yield issued

    def check_csr(self, content: bytes) -> bytes:
        """Return the public key of a PKCS#10 request whose sender proved to hold its key.

        Raises:
            InvalidInputError: code CSR_REFUSED.
        """
        return public_key_of(content)

    def check_new_key(
        self, public_key_der: bytes, key_type: KeyType, certified: Iterable[bytes]
    ) -> None:
        """Check that a key may have a certificate: of the kind allowed, and without one so far.

        Raises:
            InvalidInputError: code CSR_REFUSED.
        """
        check_new_key(public_key_der, key_type, certified)

    def certify(
        self,
        request: CertificateRequest,
        public_key_der: bytes,
        *,
        days: int = 730,
        key_home: KeyHome,
        key_ref: str = "",
    ) -> IssuedCertificate:
        """Return a certificate for a key that was made elsewhere.

        Raises:
            InvalidInputError: a name is too long, or code CSR_REFUSED: the key may not sign.
            SignerUnavailableError: the authority's own key cannot be used.
        """
        public_key = checked_key(public_key_der)
        certificate = self._leaf(request, public_key, self._issuer("issuing"), days=days)
        issued = described(certificate, request.holder_kind, request.holder_id)
        return replace(issued, key_home=key_home, key_ref=key_ref)

    def renew_services(self, at: datetime) -> None:
        """Renew who answers OCSP and who stamps before they expire; they have new keys then.

        Raises:
            SignerUnavailableError: the authority's own key cannot be used.
        """
        with self._renewing():
            if self._ends_within(OCSP_RENEWAL, "ocsp", at):
                self._renew_ocsp_signer(self._issuer("issuing"), at)
            if self._ends_within(TSA_RENEWAL, "tsa", at):
                self._renew_tsa(at)

    def renew_tsa(self, at: datetime) -> None:
        """Give the time-stamp authority its next key and certificate at once.

        Tokens carry the certificate they were made with, and OCSP goes on answering for it.

        Raises:
            SignerUnavailableError: the authority's own key cannot be used.
        """
        with self._renewing():
            self._renew_tsa(at)

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

    def _leaf(
        self,
        request: CertificateRequest,
        public_key: CertificatePublicKeyTypes,
        issuer: Issuer,
        *,
        days: int,
    ) -> x509.Certificate:
        return build_leaf(
            request,
            public_key,
            issuer,
            self._clock.now(),
            days=days,
            addresses=self._addresses,
        )

    @contextmanager
    def _renewing(self) -> Iterator[None]:
        # Key and certificate are two files: of two processes that renew, one waits for the other.
        with (self._directory / "renewal.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _ends_within(self, rest: timedelta, name: str, at: datetime) -> bool:
        if not (self._directory / f"{name}.pem").exists():
            return True
        return self._files.certificate(name).not_valid_after_utc - at < rest

    def _renew_tsa(self, at: datetime) -> None:
        issuing = self._issuer("issuing")
        before = self._files.certificate("tsa")
        write_atomically(
            _former_tsa(self._directory, before.serial_number),
            before.public_bytes(Encoding.PEM),
            mode=PUBLIC_MODE,
        )
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = build_leaf(
            _tsa_request(organisation_of(issuing.certificate)),
            key.public_key(),
            issuing,
            at,
            days=TSA_DAYS,
            addresses=self._addresses,
        )
        self._save("tsa", certificate, key)

    def _renew_ocsp_signer(self, issuing: Issuer, at: datetime) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = organisation_of(issuing.certificate)
        self._save("ocsp", build_ocsp_signer(name, key.public_key(), issuing, at), key)

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


def _former_tsa(directory: Path, serial: int) -> Path:
    return directory / f"tsa-{serial:x}.pem"


def _state(path: Path) -> tuple[int, int, int]:
    """Return what changes when the file does; whoever replaces it makes a new one."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


# The gate asks for all of them before every signature: each is read once.
@lru_cache(maxsize=64)
def _certificate(path: Path, state: tuple[int, int, int]) -> x509.Certificate:  # noqa: ARG001 key
    return x509.load_pem_x509_certificate(path.read_bytes())


@lru_cache(maxsize=32)
def _crl(path: Path, state: tuple[int, int, int]) -> x509.CertificateRevocationList:  # noqa: ARG001 key
    return x509.load_der_x509_crl(path.read_bytes())


def _is_hold(entry: x509.RevokedCertificate) -> bool:
    try:
        found = entry.extensions.get_extension_for_class(x509.CRLReason)
    except x509.ExtensionNotFound:
        return False
    return found.value.reason is x509.ReasonFlags.certificate_hold


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
