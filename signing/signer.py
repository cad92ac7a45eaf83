"""Bring a rendered page to a sealed original, one incremental update at a time.

Source: ETSI EN 319 142-1, clause 6 (B-T); ISO 32000-1, clause 12.8.2.2 (certification, P 2).
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from engine.clock import Clock
from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    ErrorCode,
    SignerUnavailableError,
)
from engine.model.boxes import Box, FormBoxes
from engine.ports_keys import OpenKey
from engine.ports_pdf import PreparedSignature, SignatureAct, SignedPdf
from engine.ports_signing import CmsDigest, HolderKind, SignatureField
from signing import loop
from signing.authority import AuthorityFiles
from signing.cms import CmsAssembler, check_value, cms_digests, newest_value
from signing.fields import NUMBER, FormStyle, create_form, fill_form, place_field
from signing.house_stamps import HouseStamps
from signing.keys.store import KeyStore
from signing.policy import SigningGate
from signing.quiet import quieten
from signing.revision import NoRoomError, fill_value, write_unsigned
from signing.timestamps import PromptTimestamper, Timestamper
from signing.writer import (
    PlainWriter,
    check_stage,
    field_of,
    open_for_update,
    translated,
    written,
)

# Room for a time-stamp token. Ours needs 1,900 bytes, and a reader parses every digit of what is
# set aside. One of another authority carries that authority's chain, commonly up to 8,000 bytes;
# what waits for a late time-stamp or for a token elsewhere cannot be given more room afterwards,
# so it is there from the start. Larger ones are met with more room from the first one on.
TOKEN_BYTES = 6144
OTHER_TOKEN_BYTES = 16384
MAX_TOKEN_BYTES = 65536
_SLACK_BYTES = 256  # serial numbers and times differ in length
_KEPT_ASSEMBLERS = 1024  # of 4 kB each


_HOLDERS = {
    SignatureField.LEADER: HolderKind.PERSON,
    SignatureField.SEAL: HolderKind.AGENCY,
    SignatureField.MARK: HolderKind.AGENCY,
    SignatureField.MANIFEST: HolderKind.PERSON,
}


@dataclass(frozen=True, kw_only=True)
class Begun:
    """Hold a signature that was begun in a file.

    Args:
        attributes: what the key signs: signed attributes, DER of their SET OF.
        start: offset of the value's `<`.
        end: offset after the value's `>`.
    """

    attributes: bytes
    start: int
    end: int


class PyHankoPdfSigner:
    """Adapter of `PdfSigner` with the local time-stamp authority.

    Args:
        directory: of the certificate authority.
        style: fonts and metrics of the filled fields.
        timestamper: the authority that is asked; None for the installation's own.
        gate: knows imported authorities too; None for one that knows the own only.
    """

    def __init__(
        self,
        *,
        directory: Path,
        clock: Clock,
        style: FormStyle,
        timestamper: Timestamper | None = None,
        gate: SigningGate | None = None,
    ) -> None:
        quieten()
        self._files = AuthorityFiles(directory=directory)
        self._gate = gate or SigningGate(self._files, clock=clock)
        self._style = style
        self._other_timestamper = timestamper
        self._own_stamps = HouseStamps(self._files, KeyStore(directory), clock)
        self._token_bytes = TOKEN_BYTES if timestamper is None else OTHER_TOKEN_BYTES
        # What a certificate adds to each of its signatures never changes.
        self._assembler = lru_cache(maxsize=_KEPT_ASSEMBLERS)(self._made_assembler)

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

    def place(self, pdf: bytes, field: SignatureField, box: Box | None) -> bytes:
        """Add the one empty signature field of a file that is no official document.

        Raises:
            ConflictError: the file has a form already.
            SigningError: the file cannot be updated.
        """
        target = BytesIO()
        self.place_file(BytesIO(pdf), target, field, box)
        return target.getvalue()

    def place_file(
        self, source: BinaryIO, target: BinaryIO, field: SignatureField, box: Box | None
    ) -> None:
        """Do as `place` does, from `source` to `target`, which is empty."""
        with translated(f"place {field}"):
            writer = open_for_update(source)
            place_field(writer, field, box)
            writer.write(target)  # type: ignore[no-untyped-call]

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

    def begin(self, pdf: bytes, act: SignatureAct) -> PreparedSignature:
        """Check that `act` may be done now, and write everything but the signature's value.

        Raises:
            ConflictError: the file is not prepared, or not at this step.
            CertificateRejectedError: the certificate may not sign this now.
        """
        target = BytesIO()
        begun = self.begin_file(BytesIO(pdf), target, act)
        return PreparedSignature(
            pdf=target.getvalue(),
            attributes=begun.attributes,
            value_start=begun.start,
            value_end=begun.end,
        )

    def finish(self, prepared: PreparedSignature, act: SignatureAct, value: bytes) -> SignedPdf:
        """Check the raw signature `value`, put it in its place and have it time-stamped.

        Raises:
            SigningError: code SIGNATURE_VALUE_WRONG; the key of `act` did not make it. Code
                TIMESTAMP_TOO_LARGE; begin again, then there is room for it.
        """
        begun = Begun(
            attributes=prepared.attributes, start=prepared.value_start, end=prepared.value_end
        )
        target = BytesIO(prepared.pdf)
        is_stamped = self.finish_file(target, begun, act, value)
        return SignedPdf(content=target.getvalue(), is_stamped=is_stamped)

    def sign(self, pdf: bytes, act: SignatureAct, key: OpenKey) -> SignedPdf:
        """Begin, let `key` sign, and finish.

        Raises:
            ConflictError: the file is not prepared, or not at this step.
            CertificateRejectedError: the certificate may not sign this now.
            SignerUnavailableError: the key was removed.
            SigningError: the key is not that of the certificate.
        """
        target = BytesIO()
        is_stamped = self.sign_file(BytesIO(pdf), target, act, key)
        return SignedPdf(content=target.getvalue(), is_stamped=is_stamped)

    def begin_file(self, source: BinaryIO, target: BinaryIO, act: SignatureAct) -> Begun:
        """Do as `begin` does, from `source` to `target`, which is empty."""
        if act.certificate.holder_kind is not _HOLDERS[act.field]:
            raise CertificateRejectedError(
                f"{act.field} needs a certificate of {_HOLDERS[act.field]}",
                code=ErrorCode.CERTIFICATE_HOLDER,
            )
        certificate = x509.load_der_x509_certificate(act.certificate.der)
        with translated(f"begin {act.field}"):
            writer = open_for_update(source)
            _check_ready(writer, act.field)
            self._gate.check(
                certificate,
                act.at,
                holder_kind=_HOLDERS[act.field],
                holder_id=act.certificate.holder_id,
            )
            assembler = self._assembler(certificate)
            digits = 2 * (assembler.room_bytes + self._token_bytes)
            place = write_unsigned(writer, act, target, digits=digits)
        return Begun(
            attributes=assembler.attributes(place.digest), start=place.start, end=place.end
        )

    def finish_file(self, target: BinaryIO, begun: Begun, act: SignatureAct, value: bytes) -> bool:
        """Do as `finish` does, in `target`; tell whether it has its time-stamp."""
        certificate = x509.load_der_x509_certificate(act.certificate.der)
        check_value(certificate, begun.attributes, value)
        assembler = self._assembler(certificate)
        with translated(f"finish {act.field}"):
            token = self._token(value)
            cms = assembler.assemble(begun.attributes, value, token)
            fill_value(target, begun.start, begun.end, cms)
        return token is not None

    def sign_file(
        self, source: BinaryIO, target: BinaryIO, act: SignatureAct, key: OpenKey
    ) -> bool:
        """Do as `sign` does, from `source` to `target`, which is empty; both stay open.

        Returns:
            Whether the signature has its time-stamp.
        """
        begun = self.begin_file(source, target, act)
        try:
            return self.finish_file(target, begun, act, key.sign(begun.attributes))
        except NoRoomError:
            # The time-stamp was larger than any before it; by now its size is known.
            target.seek(0)
            target.truncate()
            begun = self.begin_file(source, target, act)
            return self.finish_file(target, begun, act, key.sign(begun.attributes))

    def stamp(self, pdf: bytes) -> bytes:
        """Add the time-stamp that the newest signature of `pdf` lacks; one that has it stays.

        Raises:
            SignerUnavailableError: code TIMESTAMP_UNAVAILABLE; the authority gave none.
            SigningError: code TIMESTAMP_TOO_LARGE; it will never fit into this file.
        """
        with translated("stamp"):
            found = newest_value(pdf)
            if found.has_token:
                return pdf
            token = self._token(found.value)
            if token is None:
                raise SignerUnavailableError(
                    "no time-stamp was given", code=ErrorCode.TIMESTAMP_UNAVAILABLE
                )
            target = BytesIO(pdf)
            fill_value(target, found.start, found.end, found.with_token(token))
            return target.getvalue()

    def cms_digests(self, pdf: bytes) -> tuple[CmsDigest, ...]:
        """Return the identity of every signature, oldest first.

        Raises:
            SigningError: the file cannot be read.
        """
        return cms_digests(pdf)

    def _token(self, value: bytes) -> bytes | None:
        stamper = self._other_timestamper or self._own_stamps.current()
        if isinstance(stamper, PromptTimestamper):
            token = stamper.prompt_token(value)
        else:
            token = loop.run(stamper.async_token(value))
        if token is not None and len(token) <= MAX_TOKEN_BYTES:
            self._token_bytes = max(self._token_bytes, len(token) + _SLACK_BYTES)
        return token

    def _made_assembler(self, certificate: x509.Certificate) -> CmsAssembler:
        chain = self._gate.chain(certificate)
        return CmsAssembler(certificate=certificate.public_bytes(Encoding.DER), chain=chain)


def _check_ready(writer: PlainWriter, field: SignatureField) -> None:
    if field is SignatureField.LEADER:
        check_stage(writer, signed=None, empty=field)
        check_stage(writer, signed=None, empty=SignatureField.SEAL)
        return
    if field is not SignatureField.SEAL:
        check_stage(writer, signed=None, empty=field)
        return
    check_stage(writer, signed=SignatureField.LEADER, empty=field)
    if "/V" not in field_of(writer, NUMBER.name):
        raise ConflictError("a seal needs a number", code=ErrorCode.DOCUMENT_STATE)
