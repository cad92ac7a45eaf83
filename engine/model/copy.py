"""Describe a certified copy in electronic form, made from paper.

Three forms exist: `sao y` (a true copy of an original), `sao lục` (a copy of a true copy) and
`trích sao` (an extract). There is no `sao y` from electronic to electronic: an electronic
original is passed on as it is.

Source: Decree 30/2020/NĐ-CP, Art. 25 to 27, Appendix I, part II, and Appendix III (SY, SL, TrS).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType

from engine.errors import ConflictError, ErrorCode
from engine.model.document import Digest, PlacedSignature
from engine.model.organisation import AgencyId, PersonId, UnitId

CopyId = NewType("CopyId", str)

COPY_PROCEDURE = "copying"
#: Copies of all forms are numbered in one series of the year.
COPY_SERIES = "ban_sao"
MAX_FACT_CHARS = 300
#: How long a seal that was begun keeps others from trying; a crash leaves nothing longer.
SEALING_LIFETIME = timedelta(minutes=5)


class CopyForm(StrEnum):
    """Name the forms of copy."""

    TRUE_COPY = "sao_y"
    COPY_OF_COPY = "sao_luc"
    EXTRACT = "trich_sao"


#: What the mark on the copy says.
MARKS = {
    CopyForm.TRUE_COPY: "SAO Y",
    CopyForm.COPY_OF_COPY: "SAO LỤC",
    CopyForm.EXTRACT: "TRÍCH SAO",
}
#: What stands between the number and the agency in the copy's symbol.
ABBREVIATIONS = {
    CopyForm.TRUE_COPY: "SY",
    CopyForm.COPY_OF_COPY: "SL",
    CopyForm.EXTRACT: "TrS",
}


class CopyStatus(StrEnum):
    """Name the stages of a copy, in order."""

    AWAITING_APPROVAL = "awaiting_approval"
    RETURNED = "returned"
    APPROVED = "approved"
    CERTIFIED = "certified"
    WITHDRAWN = "withdrawn"


class ScanWarning(StrEnum):
    """Name what a scan lacks of what the decree asks; a warning stops nothing.

    Source: Decree 30/2020/NĐ-CP, Appendix I (PDF 1.4 or later, colour, 200 dpi, 100 % scale).
    """

    OLD_PDF = "old_pdf"
    NOT_COLOUR = "not_colour"
    LOW_RESOLUTION = "low_resolution"
    ODD_SIZE = "odd_size"
    NO_IMAGE = "no_image"


@dataclass(frozen=True, kw_only=True)
class PaperOriginal:
    """Hold what the paper is that was scanned; text is NFC.

    Args:
        kind: name of the kind as printed, such as `Quyết định`.
        symbol: number and symbol as printed.
        issuer: agency that issued it.
    """

    kind: str
    symbol: str
    dated_on: date
    issuer: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class Scan:
    """Hold the file that was scanned, as it was taken in."""

    digest: Digest
    size_bytes: int
    page_count: int
    warnings: tuple[ScanWarning, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CopySealing:
    """Hold the undertaking to certify a copy: on record before the signature is made.

    Args:
        nonce: random, unique; binds the act to this record.
    """

    nonce: str
    certificate_id: str
    actor_id: PersonId
    begun_at: datetime

    def is_underway(self, now: datetime) -> bool:
        """Tell whether somebody may still be at it."""
        return now <= self.begun_at + SEALING_LIFETIME


@dataclass(frozen=True, kw_only=True)
class CertifiedFile:
    """Hold the copy as it is given out; its bytes never change."""

    digest: Digest
    size_bytes: int
    signature: PlacedSignature


@dataclass(kw_only=True)
class CertifiedCopy:
    """Hold one copy through its life; `version` counts its saved states.

    Args:
        pages: which pages of the original an extract holds, as typed; "" for a whole copy.
        reason: why it was returned or withdrawn; "" otherwise.
        approved_by: leader of the agency who decided on it.
        symbol: number and symbol of the copy, such as `12/SY-SNV`; "" before it has one.
    """

    id: CopyId
    agency_id: AgencyId
    unit_id: UnitId | None
    requester_id: PersonId
    form: CopyForm
    original: PaperOriginal
    pages: str
    scan: Scan
    status: CopyStatus
    created_at: datetime
    updated_at: datetime
    version: int = 0
    reason: str = ""
    approved_by: PersonId | None = None
    approved_at: datetime | None = None
    symbol: str = ""
    sealing: CopySealing | None = None
    file: CertifiedFile | None = None

    @property
    def current_digest(self) -> Digest:
        """Return the digest of the file as it is now."""
        return self.file.digest if self.file is not None else self.scan.digest

    def check_status(self, *allowed: CopyStatus) -> None:
        """Check that the copy is in one of the stages `allowed`.

        Raises:
            ConflictError: it has moved on.
        """
        if self.status not in allowed:
            raise ConflictError(f"copy {self.id} is {self.status}", code=ErrorCode.DOCUMENT_STATE)

    def move(self, status: CopyStatus, at: datetime, *, reason: str = "") -> None:
        """Move to a stage."""
        self.status = status
        self.reason = reason
        self.updated_at = at

    def certify(self, file: CertifiedFile, nonce: str, at: datetime) -> None:
        """Record the file that is given out.

        Raises:
            ConflictError: the undertaking was taken over meanwhile, or the copy is certified.
        """
        self.check_status(CopyStatus.APPROVED)
        if self.sealing is None or self.sealing.nonce != nonce:
            raise ConflictError(
                f"sealing of {self.id} was taken over", code=ErrorCode.DOCUMENT_CHANGED
            )
        self.file = file
        self.sealing = None
        self.move(CopyStatus.CERTIFIED, at)
