"""Name what the product needs from the signer of PDFs: its two halves and what lies between."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from engine.model.boxes import Box, FormBoxes
from engine.ports_keys import OpenKey
from engine.ports_signing import CmsDigest, IssuedCertificate, SignatureField


@dataclass(frozen=True, kw_only=True)
class SignatureAct:
    """Hold one signature that is to be made.

    Args:
        appearance: one-page PDF, scaled into the field; empty for an invisible signature.
        at: aware; written as the time of signing.
    """

    field: SignatureField
    certificate: IssuedCertificate
    appearance: bytes
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PreparedSignature:
    """Hold a file that lacks nothing but the value of its newest signature.

    Args:
        pdf: the whole file; the value's place is filled with zeros.
        attributes: what the key signs: signed attributes, DER of their SET OF.
        value_start: offset of the value's `<`.
        value_end: offset after the value's `>`.
    """

    pdf: bytes
    attributes: bytes
    value_start: int
    value_end: int


@dataclass(frozen=True, kw_only=True)
class SignedPdf:
    """Hold a signed file.

    Args:
        is_stamped: the signature has its time-stamp (B-T); without it nothing may be recorded.
    """

    content: bytes
    is_stamped: bool


class PdfSigner(Protocol):
    """Bring one official document from a rendered page to a sealed original."""

    def prepare(self, pdf: bytes, boxes: FormBoxes) -> bytes:
        """Create every field, signature fields included, before the first signature."""
        ...

    def place(self, pdf: bytes, field: SignatureField, box: Box | None) -> bytes:
        """Add the one empty signature field of a file that is no official document."""
        ...

    def fill_number(self, pdf: bytes, *, number: str, issued_on: date) -> bytes:
        """Fill number and date without touching what is signed."""
        ...

    def begin(self, pdf: bytes, act: SignatureAct) -> PreparedSignature:
        """Check that `act` may be done now, and write everything but the signature's value.

        Raises:
            ConflictError: the file is not at this step.
            CertificateRejectedError: the certificate may not sign this now.
        """
        ...

    def finish(self, prepared: PreparedSignature, act: SignatureAct, value: bytes) -> SignedPdf:
        """Check the raw signature `value`, put it in its place and have it time-stamped.

        Raises:
            SigningError: code SIGNATURE_VALUE_WRONG; the key of `act` did not make it.
        """
        ...

    def sign(self, pdf: bytes, act: SignatureAct, key: OpenKey) -> SignedPdf:
        """Begin, let `key` sign, and finish."""
        ...

    def stamp(self, pdf: bytes) -> bytes:
        """Add the time-stamp that the newest signature of `pdf` lacks.

        Raises:
            SignerUnavailableError: code TIMESTAMP_UNAVAILABLE; the authority gave none.
        """
        ...

    def cms_digests(self, pdf: bytes) -> tuple[CmsDigest, ...]:
        """Return the identity of every signature, oldest first, for the register."""
        ...
