"""Bring a rendered page to a sealed original, one incremental update at a time.

Source: ETSI EN 319 142-1, clause 6 (B-T); ISO 32000-1, clause 12.8.2.2 (certification, P 2).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError as PyHankoSigningError
from pyhanko.sign.signers import PdfSignatureMetadata
from pyhanko.sign.signers.pdf_signer import PdfSigner as PyHankoEngine
from pyhanko.sign.signers.pdf_signer import PdfSigningSession

from engine.clock import Clock
from engine.errors import CertificateRejectedError, ConflictError, ErrorCode
from engine.model.boxes import FormBoxes
from engine.ports_signing import CmsDigest, HolderKind, IssuedCertificate, SignatureField
from signing import loop
from signing.appearance import page_stamp
from signing.authority import AuthorityFiles
from signing.cms import DIGEST, HeldKeySigner, cms_digests
from signing.fields import NUMBER, FormStyle, create_form, fill_form
from signing.keys import KeyStore
from signing.policy import SigningGate
from signing.quiet import quieten
from signing.timestamps import LocalTimeStamper
from signing.writer import (
    PlainWriter,
    check_stage,
    field_of,
    open_for_update,
    translated,
    written,
)

# Hexadecimal digits set aside for one CMS. Fixed, because pyHanko's own estimate builds every
# signature twice. A B-T signature here needs 7,300 (P-256) to 8,300 (RSA-2048); a reader parses
# every digit, so twice 32,768 would add 60 ms to each verification of a sealed file.
RESERVED_DIGITS = 16384


@dataclass(frozen=True, kw_only=True)
class _Act:
    """Hold one signature that is to be made."""

    field: SignatureField
    holder_kind: HolderKind
    certificate: IssuedCertificate
    pin: str
    appearance: bytes
    reason: str
    at: datetime


class _DatedEngine(PyHankoEngine):
    """pyHanko's signer with the signing time given by the caller."""

    signed_at: datetime

    def init_signing_session(
        self,
        pdf_out: BasePdfFileWriter,
        existing_fields_only: bool = False,
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.signed_at
        return session


class PyHankoPdfSigner:
    """Adapter of `PdfSigner` with software keys and the local time-stamp authority.

    Args:
        directory: of the certificate authority; its keys are opened by PIN for one call.
        style: fonts and metrics of the filled fields.
    """

    def __init__(self, *, directory: Path, clock: Clock, style: FormStyle) -> None:
        quieten()
        self._files = AuthorityFiles(directory=directory)
        self._keys = KeyStore(directory)
        self._gate = SigningGate(self._files)
        self._clock = clock
        self._style = style

    def prepare(self, pdf: bytes, boxes: FormBoxes) -> bytes:
        """Create every field, signature fields included, before the first signature.

        Raises:
            ConflictError: the file has a form already.
            SigningError: the file cannot be updated.
        """
        with translated("prepare"):
            writer = open_for_update(pdf)
            create_form(writer, boxes, self._style)
            return written(writer)

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
        """Sign for the leader: a visible certification at B-T that allows form filling only.

        Args:
            appearance: one-page PDF, scaled into the field.
            at: aware; written as the time of signing.

        Raises:
            ConflictError: the file is not prepared, or signed already.
            CertificateRejectedError: the certificate may not sign.
            PinRejectedError: wrong PIN.
        """
        return self._sign(
            pdf,
            _Act(
                field=SignatureField.LEADER,
                holder_kind=HolderKind.PERSON,
                certificate=certificate,
                pin=pin,
                appearance=appearance,
                reason=reason,
                at=at,
            ),
        )

    def fill_number(self, pdf: bytes, *, number: str, issued_on: date) -> bytes:
        """Fill number and date in an incremental update that the certification allows.

        Raises:
            ConflictError: the leader has not signed, or the fields are filled already.
            InvalidInputError: the number does not fit its box or cannot be printed.
        """
        with translated("fill"):
            writer = open_for_update(pdf)
            fill_form(writer, number=number, issued_on=issued_on, style=self._style)
            return written(writer)

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
        """Sign for the agency at B-T and lock the file.

        Raises:
            ConflictError: the leader has not signed, no number is filled, or it is sealed.
            CertificateRejectedError: the certificate may not sign.
            PinRejectedError: wrong PIN.
        """
        return self._sign(
            pdf,
            _Act(
                field=SignatureField.SEAL,
                holder_kind=HolderKind.AGENCY,
                certificate=certificate,
                pin=pin,
                appearance=appearance,
                reason=reason,
                at=at,
            ),
        )

    def cms_digests(self, pdf: bytes) -> tuple[CmsDigest, ...]:
        """Return the identity of every signature, oldest first.

        Raises:
            SigningError: the file cannot be read.
        """
        return cms_digests(pdf)

    @cached_property
    def _chain(self) -> tuple[bytes, ...]:
        return (self._files.certificate("issuing").public_bytes(Encoding.DER),)

    @cached_property
    def _timestamper(self) -> LocalTimeStamper:
        return LocalTimeStamper(
            certificate=self._files.certificate("tsa").public_bytes(Encoding.DER),
            key=self._keys.load_unattended("tsa"),
            chain=self._chain,
            clock=self._clock,
        )

    def _sign(self, pdf: bytes, act: _Act) -> bytes:
        if act.certificate.holder_kind is not act.holder_kind:
            raise CertificateRejectedError(f"{act.field} needs a certificate of {act.holder_kind}")
        with translated(f"sign {act.field}"):
            writer = open_for_update(pdf)
            _check_ready(writer, act.field)
            key = self._keys.load(act.certificate.id, act.pin)
            certificate = x509.load_der_x509_certificate(act.certificate.der)
            self._gate.check(certificate, key, act.at, holder_kind=act.holder_kind)
            signer = HeldKeySigner(certificate=act.certificate.der, chain=self._chain, key=key)
            try:
                return self._signed(writer, act, signer, RESERVED_DIGITS)
            except PyHankoSigningError:
                if 2 * signer.cms_bytes <= RESERVED_DIGITS:
                    raise
                return self._signed(open_for_update(pdf), act, signer, 2 * RESERVED_DIGITS)

    def _signed(self, writer: PlainWriter, act: _Act, signer: HeldKeySigner, digits: int) -> bytes:
        engine = _DatedEngine(
            PdfSignatureMetadata(
                field_name=act.field.value,
                md_algorithm=DIGEST,
                subfilter=SigSeedSubFilter.PADES,
                certify=act.field is SignatureField.LEADER,
                docmdp_permissions=MDPPerm.FILL_FORMS,
                reason=act.reason or None,
                name=act.certificate.common_name,
            ),
            signer,
            timestamper=self._timestamper,
            stamp_style=page_stamp(act.appearance),
        )
        engine.signed_at = act.at.astimezone(UTC)
        output = BytesIO()
        loop.run(
            engine.async_sign_pdf(
                writer,
                existing_fields_only=True,
                bytes_reserved=digits,
                output=output,
            )
        )
        return output.getvalue()


def _check_ready(writer: PlainWriter, field: SignatureField) -> None:
    if field is SignatureField.LEADER:
        check_stage(writer, signed=None, empty=field)
        check_stage(writer, signed=None, empty=SignatureField.SEAL)
        return
    check_stage(writer, signed=SignatureField.LEADER, empty=field)
    if "/V" not in field_of(writer, NUMBER.name):
        raise ConflictError("a seal needs a number", code=ErrorCode.DOCUMENT_STATE)
