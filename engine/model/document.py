"""Describe an outgoing document: its content, its revisions and the order of its stages.

Source: Decree 30/2020/NĐ-CP, Art. 10-14; the order is leader, number and date, agency seal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from engine.errors import ConflictError, ErrorCode
from engine.model.kinds import DocumentKind
from engine.model.organisation import AgencyId, FieldId, PersonId, UnitId
from engine.model.urgency import Urgency

DocumentId = NewType("DocumentId", str)
Digest = NewType("Digest", str)

MAX_SUBJECT_CHARS = 300
MAX_BODY_CHARS = 100_000


class DocumentStatus(StrEnum):
    """Name the stages of an outgoing document, in order."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    IN_CHECK = "in_check"
    AWAITING_SIGNATURE = "awaiting_signature"
    SIGNED = "signed"
    NUMBERED = "numbered"
    SEALED = "sealed"
    DISPATCHED = "dispatched"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    """Name what made a revision of the PDF."""

    RENDERED = "rendered"
    SIGNED = "signed"
    NUMBERED = "numbered"
    SEALED = "sealed"


class Circulation(StrEnum):
    """Name how far a document may be shown; internal is a limit, not a degree of secrecy."""

    OPEN = ""
    INTERNAL = "internal"


@dataclass(frozen=True, kw_only=True)
class Revision:
    """Hold one state of the PDF: an object in the store, never changed."""

    sequence: int
    stage: Stage
    digest: Digest
    size_bytes: int
    made_at: datetime
    made_by: PersonId


@dataclass(frozen=True, kw_only=True)
class PlacedSignature:
    """Hold the identity of one signature in the PDF, as it was made here.

    Args:
        field: name of the signature field.
        cms_sha256: of the CMS in DER, hex.
    """

    field: str
    certificate_id: str
    cms_sha256: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class InvitationContent:
    """Hold the facts of a giấy mời as typed by the drafter."""

    invitees: str = ""
    chair: str = ""
    time: str = ""
    place: str = ""
    reply_by: str = ""


@dataclass(frozen=True, kw_only=True)
class DraftContent:
    """Hold what a drafter writes; text is NFC.

    Args:
        body: paragraphs separated by line breaks.
        recipients: agencies that receive the original, in the order chosen.
        signatory_id: who is to sign; None until chosen.
        field_id: field of work it belongs to, None when none was chosen.
        circulation: printed on page 1 where it is limited; no mail then names the document.
    """

    kind: DocumentKind
    subject: str = ""
    body: str = ""
    recipients: tuple[AgencyId, ...] = ()
    urgency: Urgency = Urgency.NORMAL
    signatory_id: PersonId | None = None
    invitation: InvitationContent = field(default_factory=InvitationContent)
    circulation: Circulation = Circulation.OPEN
    field_id: FieldId | None = None

    def paragraphs(self) -> tuple[str, ...]:
        """Return the body's paragraphs without empty ones."""
        return tuple(line for line in self.body.split("\n") if line)


@dataclass(frozen=True, kw_only=True)
class DocumentNumber:
    """Hold a number of a register: dense, never reused.

    Args:
        suffix: letter of a late insertion (`30a`), usually "".
        symbol: whole number and symbol, `07/TB-SNV`.
    """

    series: str
    year: int
    number: int
    suffix: str
    symbol: str
    issued_on: date


@dataclass(kw_only=True)
class Document:
    """Hold one outgoing document through its life; `version` counts its saved states."""

    id: DocumentId
    agency_id: AgencyId
    unit_id: UnitId
    drafter_id: PersonId
    content: DraftContent
    status: DocumentStatus
    created_at: datetime
    updated_at: datetime
    version: int = 0
    authority_id: str | None = None
    number: DocumentNumber | None = None
    revisions: list[Revision] = field(default_factory=list)
    signatures: list[PlacedSignature] = field(default_factory=list)
    page_count: int = 0

    def check_status(self, *allowed: DocumentStatus) -> None:
        """Check that the document is in one of the stages `allowed`.

        Raises:
            ConflictError: the document has moved on.
        """
        if self.status not in allowed:
            raise ConflictError(
                f"document {self.id} is {self.status}", code=ErrorCode.DOCUMENT_STATE
            )

    def check_version(self, seen: int) -> None:
        """Check that `seen` is the state the person worked on.

        Raises:
            ConflictError: somebody saved a newer one.
        """
        if seen != self.version:
            raise ConflictError(
                f"document {self.id}: saw {seen}, is {self.version}",
                code=ErrorCode.DOCUMENT_CHANGED,
            )

    def current_revision(self) -> Revision:
        """Return the newest state of the PDF.

        Raises:
            ConflictError: nothing has been rendered yet.
        """
        if not self.revisions:
            raise ConflictError(
                f"document {self.id} has no PDF yet", code=ErrorCode.DOCUMENT_STATE
            )
        return self.revisions[-1]

    def original_digest(self) -> Digest | None:
        """Return the digest fixed at sealing, None before it."""
        sealed = [r.digest for r in self.revisions if r.stage is Stage.SEALED]
        return sealed[-1] if sealed else None

    def add_revision(
        self, stage: Stage, digest: Digest, *, size_bytes: int, by: PersonId, at: datetime
    ) -> Revision:
        """Record a new state of the PDF.

        Raises:
            ConflictError: the original is fixed; nothing follows a seal.
        """
        if self.original_digest() is not None:
            raise ConflictError(f"document {self.id} is sealed", code=ErrorCode.DOCUMENT_STATE)
        revision = Revision(
            sequence=len(self.revisions) + 1,
            stage=stage,
            digest=digest,
            size_bytes=size_bytes,
            made_at=at,
            made_by=by,
        )
        self.revisions.append(revision)
        self.updated_at = at
        return revision

    def move(self, status: DocumentStatus, at: datetime) -> None:
        """Move the document to another stage."""
        self.status = status
        self.updated_at = at


def group_recipients(
    chosen: Sequence[AgencyId], groups: Sequence[tuple[str, frozenset[AgencyId]]]
) -> tuple[list[str], list[AgencyId]]:
    """Return the labels of whole groups among `chosen`, and the agencies left over.

    Args:
        groups: label and members; a group of fewer than three is written out one by one.
    """
    left = list(chosen)
    labels: list[str] = []
    for label, members in groups:
        if len(members) >= 3 and members <= set(left):
            labels.append(label)
            left = [agency for agency in left if agency not in members]
    return labels, left
