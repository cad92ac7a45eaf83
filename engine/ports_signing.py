"""Name what the product needs from its signing room, without importing it.

`signing` holds the adapters; use cases and pages type against these Protocols only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from engine.model.keys import CertificateId, HolderKind, KeyHome, KeyType
from engine.model.verification import FileReport

#: Two names of the model that everybody who signs needs as well.
__all__ = ["CertificateId", "HolderKind"]


class SignatureField(StrEnum):
    """Name the signature fields of our files.

    An official document has the first two, signed in that order; an attachment in its own file
    or a certified copy has the mark alone; a list of what was signed in one ceremony the last.
    """

    LEADER = "lanh_dao"
    SEAL = "co_quan"
    MARK = "dau_chu"
    MANIFEST = "bang_ke"


#: The fields of an official document, in the order they are signed.
OFFICIAL_FIELDS = (SignatureField.LEADER, SignatureField.SEAL)


class DocumentStage(StrEnum):
    """Say how far an official document must have come to pass.

    Only a sealed one is finished; the house checks the earlier stages before it records them.
    """

    SIGNED = "signed"  # by the leader; number, date and seal are still open
    NUMBERED = "numbered"  # number and date are filled; the seal is still open
    SEALED = "sealed"  # signed, numbered, then sealed by the agency


@dataclass(frozen=True, kw_only=True)
class CertificateRequest:
    """Hold what a certificate shall say of its holder.

    Args:
        holder_id: person id or agency id; written into the subject as UID.
        common_name: at most 64 characters, as X.520 has it; so are the other names.
    """

    holder_kind: HolderKind
    holder_id: str
    common_name: str
    organisation: str
    unit: str = ""
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class IssuedCertificate:
    """Hold a certificate as the register keeps it; times are aware UTC.

    Args:
        der: the certificate in DER.
        sha256: of `der`, hex.
        key_home: where its private key lives.
        key_ref: how the key is named there: RFC 7512 URI on a token, credential id of a remote
            service; "" where the id of the certificate says it.
    """

    id: CertificateId
    holder_kind: HolderKind
    holder_id: str
    common_name: str
    issuer: str
    der: bytes
    sha256: str
    not_before: datetime
    not_after: datetime
    key_home: KeyHome = KeyHome.SOFTWARE
    key_ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """Hold one entry of a revocation list.

    Args:
        reason: name of RFC 5280, clause 5.3.1, such as `key_compromise`; unknown names are kept
            in the register only and published as unspecified.
    """

    certificate_id: CertificateId
    revoked_at: datetime
    reason: str


#: The one reason of RFC 5280 that can be taken back.
HOLD_REASON = "certificate_hold"


@dataclass(frozen=True, kw_only=True)
class CertificateHold:
    """Hold one suspension of a certificate.

    Args:
        reason: why, in words; revocation lists say `certificate_hold` only.
        released_at: when it may sign again; None while it may not.
    """

    certificate_id: CertificateId
    held_at: datetime
    reason: str
    released_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ExpectedSignatures:
    """Hold what the register knows of a file's signatures, oldest first.

    Args:
        fields: names of the signed fields.
        cms_sha256: SHA-256 of each CMS, hex; may be empty when only the fields are known.
        certificate_ids: the certificate behind each of `fields`; when given, nobody else may
            have signed, and nobody in another order.

    Raises:
        ValueError: there are not as many certificates as fields.
    """

    fields: tuple[str, ...]
    cms_sha256: tuple[str, ...] = ()
    certificate_ids: tuple[CertificateId, ...] = ()

    def __post_init__(self) -> None:
        if self.certificate_ids and len(self.certificate_ids) != len(self.fields):
            raise ValueError("one certificate for each field")


@dataclass(frozen=True, kw_only=True)
class CmsDigest:
    """Hold the identity of one signature in a file.

    Args:
        sha256: of the CMS in DER, hex.
    """

    field: str
    sha256: str


class CertificateAuthority(Protocol):
    """Issue certificates for people and agencies and publish what was revoked."""

    trust_root_path: Path

    def create(self, *, name: str) -> None:
        """Make root, issuing authority and time-stamp certificate, and empty revocation lists.

        Raises:
            ConflictError: the installation has an authority already.
        """
        ...

    def issue(
        self,
        requests: Iterable[CertificateRequest],
        *,
        pin: str,
        key_type: KeyType,
        days: int = 730,
    ) -> Iterator[IssuedCertificate]:
        """Yield one certificate per request, each with a new key stored under `pin`."""
        ...

    def check_csr(self, content: bytes) -> bytes:
        """Return the public key of a PKCS#10 request whose sender proved to hold its key.

        Args:
            content: DER or PEM; names in it are not believed.

        Returns:
            SubjectPublicKeyInfo, DER.

        Raises:
            InvalidInputError: code CSR_REFUSED; `params["why"]` says what is wrong.
        """
        ...

    def check_new_key(
        self, public_key_der: bytes, key_type: KeyType, certified: Iterable[bytes]
    ) -> None:
        """Check that a key may have a certificate: of the kind allowed, and without one so far.

        Args:
            public_key_der: SubjectPublicKeyInfo, DER.
            key_type: its family counts; a stronger key of it is taken.
            certified: certificates in DER, whosever and whatever became of them: a key that was
                compromised stays so.

        Raises:
            InvalidInputError: code CSR_REFUSED; `params["why"]` says what is wrong.
        """
        ...

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

        Args:
            public_key_der: SubjectPublicKeyInfo, DER; whoever calls knows that the holder has
                the key: it was made on the token, or `check_csr` gave it.

        Raises:
            InvalidInputError: a name is too long, or code CSR_REFUSED: the key may not sign.
            SignerUnavailableError: the authority's own key cannot be used.
        """
        ...

    def publish_crl(self, revoked: Iterable[Revocation], at: datetime) -> None:
        """Replace the revocation lists by ones that hold all of `revoked`."""
        ...

    def is_crl_stale(self, at: datetime) -> bool:
        """Tell whether a revocation list is past half of its time at `at`, or not yet in it."""
        ...

    def renew_services(self, at: datetime) -> None:
        """Renew what answers for the authority, such as the OCSP signer, before it expires."""
        ...


class Verifier(Protocol):
    """Judge the signatures of a file."""

    policy_version: str

    def revocation_epoch(self) -> str:
        """Return a name of the revocation lists in use; it changes when they do."""
        ...

    def verify(
        self,
        pdf: bytes,
        *,
        at: datetime | None = None,
        expected: ExpectedSignatures | None = None,
        stage: DocumentStage = DocumentStage.SEALED,
    ) -> FileReport:
        """Return the judgement of `pdf`; never raises because of what the file holds.

        Args:
            at: time of the judgement; None is now.
            expected: what the register knows; a file that lacks any of it fails.
            stage: how far an official document must have come, no less and no more; files
                without our fields know no stages and pass at the last one only.

        Raises:
            SignerUnavailableError: no judgement can be had now; it says nothing of the file.
        """
        ...
