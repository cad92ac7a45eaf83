"""Write the update that holds a signature, all but the signature's value; then fill the value in.

Files come and go as streams, read and written in pieces, so that a file of 200 MB needs no more
memory than one of 70 kB.

Source: ISO 32000-1, clauses 12.7.4.5 (locks), 12.8.1 and 12.8.2; ETSI EN 319 142-1, clause 6.3.
"""

from dataclasses import dataclass
from datetime import UTC
from typing import BinaryIO

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.validation import read_certification_data

from engine.errors import ConflictError, ErrorCode, SigningError
from engine.ports_pdf import SignatureAct
from engine.ports_signing import SignatureField
from signing.appearance import show_page
from signing.cms import DIGEST
from signing.writer import CHUNK_BYTES, PlainWriter

#: What may follow a signature that certifies; nothing, unless said here.
_PERMITTED = {SignatureField.LEADER: MDPPerm.FILL_FORMS}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Hold where the value of a signature goes, and what it covers.

    Args:
        digest: SHA-256 of the file but for the value.
        start: offset of the value's `<`.
        end: offset after its `>`.
    """

    digest: bytes
    start: int
    end: int


class NoRoomError(SigningError):
    """A signature with its time-stamp is larger than what was set aside for it."""


def write_unsigned(
    writer: PlainWriter, act: SignatureAct, target: BinaryIO, *, digits: int
) -> Place:
    """Write the file with an update that lacks nothing but the value, filled with zeros.

    Args:
        target: empty; can be read, written and sought.
        digits: hexadecimal digits set aside for the value; an even number.

    Raises:
        ConflictError: the signatures in the file allow none of this kind.
        SigningError: the file cannot be updated.
    """
    certifies = act.field is not SignatureField.SEAL
    _check_may_follow(writer, certifies=certifies)
    embedding = PdfCMSEmbedder().write_cms(act.field.value, writer, existing_fields_only=True)
    field = next(embedding).get_object()
    _declare_pades(writer)
    if act.appearance:
        show_page(writer, field, act.appearance)
    embedding.send(
        SigObjSetup(
            sig_placeholder=SignatureObject(
                bytes_reserved=digits,
                subfilter=SigSeedSubFilter.PADES,
                timestamp=act.at.astimezone(UTC),
                name=act.certificate.common_name,
                reason=act.reason or None,
            ),
            mdp_setup=_permissions(field, act.field) if certifies else _locks(field),
        )
    )
    prepared, _ = embedding.send(
        SigIOSetup(md_algorithm=DIGEST, output=target, chunk_size=CHUNK_BYTES)
    )
    return Place(
        digest=prepared.document_digest,
        start=prepared.reserved_region_start,
        end=prepared.reserved_region_end,
    )


def fill_value(target: BinaryIO, start: int, end: int, cms: bytes) -> None:
    """Put a CMS in DER into its place, between the `<` at `start` and the `>` before `end`.

    Raises:
        NoRoomError: it is larger than its place.
    """
    digits = cms.hex().upper().encode("ascii")
    if len(digits) > end - start - 2:
        raise NoRoomError(
            f"the signature needs {len(digits)} digits, set aside: {end - start - 2}",
            code=ErrorCode.TIMESTAMP_TOO_LARGE,
        )
    target.seek(start + 1)
    target.write(digits)
    target.seek(0)


def _check_may_follow(writer: PlainWriter, *, certifies: bool) -> None:
    if writer.prev.xrefs.hybrid_xrefs_present:
        raise SigningError("the file has hybrid cross-references")
    if certifies and next(enumerate_sig_fields(writer.prev, filled_status=True), None):
        raise ConflictError(
            "a certification comes before every other signature", code=ErrorCode.DOCUMENT_STATE
        )
    certified = read_certification_data(writer.prev)
    if certified is not None and certified.permission is MDPPerm.NO_CHANGES:
        raise ConflictError("the file allows no change", code=ErrorCode.DOCUMENT_STATE)


def _declare_pades(writer: PlainWriter) -> None:
    writer.ensure_output_version(version=(1, 7))  # type: ignore[no-untyped-call]
    # pyHanko would also lift a file signed with a curve to PDF 2.0, and end its PDF/A-2 claim.
    if writer.output_version < (2, 0):
        writer.register_extension(ESIC_EXTENSION_1)


def _permissions(field: generic.DictionaryObject, name: SignatureField) -> SigMDPSetup:
    lock, _ = _lock_of(field)
    return SigMDPSetup(
        md_algorithm=DIGEST,
        certify=True,
        field_lock=lock,
        docmdp_perms=_PERMITTED.get(name, MDPPerm.NO_CHANGES),
    )


def _locks(field: generic.DictionaryObject) -> SigMDPSetup:
    lock, permission = _lock_of(field)
    return SigMDPSetup(md_algorithm=DIGEST, field_lock=lock, docmdp_perms=permission)


def _lock_of(field: generic.DictionaryObject) -> tuple[FieldMDPSpec | None, MDPPerm | None]:
    if "/Lock" not in field:
        return None, None
    lock = field["/Lock"]
    permission = MDPPerm(lock["/P"]) if "/P" in lock else None
    return FieldMDPSpec.from_pdf_object(lock), permission
