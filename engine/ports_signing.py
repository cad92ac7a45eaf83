"""Name what the product needs from its signing room, without importing it.

`signing` holds the adapters; use cases and pages type against these Protocols only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import NewType, Protocol

from engine.model.boxes import FormBoxes
from engine.model.verification import FileReport

CertificateId = NewType("CertificateId", str)  # serial number, lower-case hex


class SignatureField(StrEnum):
    """Name the signature fields every issued file has, in the order they are signed."""

    LEADER = "lanh_dao"
    SEAL = "co_quan"


class DocumentStage(StrEnum):
    """Say how far an official document must have come to pass.

    Only a sealed one is finished; the house checks the earlier stages before it records them.
    """

    SIGNED = "signed"  # by the leader; number, date and seal are still open
    NUMBERED = "numbered"  # number and date are filled; the seal is still open
    SEALED = "sealed"  # signed, numbered, then sealed by the agency


class HolderKind(StrEnum):
    """Say whose certificate it is."""

    PERSON = "person"
    AGENCY = "agency"
    TSA = "tsa"


class KeyType(StrEnum):
    """Name the kinds of key a leaf certificate may have."""

    P256 = "p256"
    RSA2048 = "rsa2048"


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

    def publish_crl(self, revoked: Iterable[Revocation], at: datetime) -> None:
        """Replace the revocation lists by ones that hold all of `revoked`."""
        ...


class PdfSigner(Protocol):
    """Bring one official document from a rendered page to a sealed original."""

    def prepare(self, pdf: bytes, boxes: FormBoxes) -> bytes:
        """Create every field, signature fields included, before the first signature."""
        ...

    def certify(
        self,
        pdf: bytes,
        *,
        certificate: IssuedCertificate,
        pin: str,
        appearance: bytes,
        reason: str,
        at: datetime,
    ) -> bytes:
        """Sign for the leader; afterwards only form filling and signing are allowed."""
        ...

    def fill_number(self, pdf: bytes, *, number: str, issued_on: date) -> bytes:
        """Fill number and date without touching what is signed."""
        ...

    def seal(
        self,
        pdf: bytes,
        *,
        certificate: IssuedCertificate,
        pin: str,
        appearance: bytes,
        reason: str,
        at: datetime,
    ) -> bytes:
        """Sign for the agency and lock the file."""
        ...

    def cms_digests(self, pdf: bytes) -> tuple[CmsDigest, ...]:
        """Return the identity of every signature, oldest first, for the register."""
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
