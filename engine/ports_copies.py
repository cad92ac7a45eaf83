"""Name what attachments and certified copies need from the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engine.model.attachment import Attachment, AttachmentId, AttachmentReceipt
from engine.model.boxes import Box
from engine.model.copy import CertifiedCopy, CopyId, ScanWarning
from engine.model.delivery import DeliveryId
from engine.model.document import DocumentId
from engine.model.organisation import AgencyId


class Attachments(Protocol):
    """Keep the files beside documents, and what recipients found of them."""

    def add(self, attachment: Attachment) -> None: ...
    def get(self, attachment_id: AttachmentId) -> Attachment:
        """Return the attachment.

        Raises:
            NotFoundError: code ATTACHMENT_NOT_FOUND.
        """
        ...

    def list_for(self, document_id: DocumentId) -> Sequence[Attachment]:
        """Return the attachments of a document, in their order."""
        ...

    def remove(self, attachment_id: AttachmentId) -> None:
        """Forget an attachment of a draft; its object stays, named by nobody.

        Raises:
            ConflictError: it has gone out.
        """
        ...

    def arrange(self, positions: Mapping[AttachmentId, int]) -> None:
        """Give attachments of one document their places."""
        ...

    def save_sealed(self, attachment: Attachment) -> None:
        """Write what goes out, once.

        Raises:
            ConflictError: it has gone out already.
        """
        ...

    def add_receipts(
        self, delivery_id: DeliveryId, receipts: Sequence[AttachmentReceipt]
    ) -> None: ...
    def list_receipts(self, delivery_id: DeliveryId) -> Mapping[AttachmentId, AttachmentReceipt]:
        """Return what a recipient found, by attachment."""
        ...


class Copies(Protocol):
    """Keep certified copies."""

    def add(self, copy: CertifiedCopy) -> None: ...
    def get(self, copy_id: CopyId) -> CertifiedCopy:
        """Return the copy.

        Raises:
            NotFoundError: code COPY_NOT_FOUND.
        """
        ...

    def save(self, copy: CertifiedCopy) -> None:
        """Write the copy if nobody wrote it since it was read; `version` grows by one.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        ...

    def list_for(
        self, agency_ids: frozenset[AgencyId], *, limit: int = 200
    ) -> Sequence[CertifiedCopy]:
        """Return the copies of the agencies, newest first."""
        ...

    def list_returned(self, agency_ids: frozenset[AgencyId]) -> Sequence[CertifiedCopy]:
        """Return every copy of the agencies that came back and waits, oldest first."""
        ...


class Purpose(StrEnum):
    """Say what a file that somebody brings is for."""

    ATTACHMENT = "attachment"
    SCAN = "scan"


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """Hold a file somebody brought, fit to be marked and signed.

    Args:
        pdf: rewritten in full, or the very bytes that came when it carries signatures.
        is_signed: it claims to carry signatures, which a single changed byte would break; whether
            they hold is for a judge of files to say.
        warnings: what a scan lacks; empty for an attachment.
    """

    pdf: bytes
    page_count: int
    is_signed: bool
    warnings: tuple[ScanWarning, ...] = ()


class PdfIntake(Protocol):
    """Take in files nobody trusts: in a limited child process."""

    def take_in(self, pdf: bytes, purpose: Purpose) -> TakenIn:
        """Return the file as it may be kept.

        Raises:
            InvalidInputError: not a PDF, encrypted, cut off, too large, with too many pages or
                objects, turned askew, or with content that acts or hides: code UPLOAD_ACTIVE
                names the rule and the object.
            SignerUnavailableError: no child could be had; it says nothing of the file.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class FirstPage:
    """Hold the first page of a file as a reader sees it.

    Args:
        x0: edges of the visible part in points of the page itself, before it is turned.
        turn: how far a reader turns it clockwise, in degrees: 0, 90, 180 or 270.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    turn: int


class PageReader(Protocol):
    """Look at the pages of files that were taken in."""

    def first_page(self, pdf: bytes) -> FirstPage:
        """Return the first page.

        Raises:
            SigningError: the file cannot be read.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Hold a text mark and where it stands.

    Args:
        appearance: one-page transparent PDF, as large as `box`.
    """

    appearance: bytes
    box: Box


class Marks(Protocol):
    """Draw the text mark of attachments and copies: top right, 10 pt, black, no seal."""

    def draw(self, lines: Sequence[str], page: FirstPage) -> Mark:
        """Return the mark, at the top right corner of the page as a reader sees it.

        Raises:
            InvalidInputError: the font lacks a character.
        """
        ...
