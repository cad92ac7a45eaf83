"""Open PDFs for incremental updates, and say in our own words what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import LayoutError
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.general import SigningError as PyHankoSigningError
from pyhanko.sign.timestamps import TimestampRequestError

from engine.errors import (
    ConflictError,
    ErrorCode,
    SignerUnavailableError,
    SigningError,
    TrinhKyError,
)
from engine.ports_signing import SignatureField
from signing.plain_objects import mend_objects
from signing.syntax import mend_syntax
from signing.xref import mend_xref_reading

mend_objects()
mend_syntax()
mend_xref_reading()

#: What the library raises where an object is not of the kind, or not as long, as it expects.
_NO_SENSE = (ValueError, LookupError, TypeError, AttributeError)
#: How much of a file is copied or hashed at once.
CHUNK_BYTES = 65536


class PlainWriter(IncrementalPdfFileWriter):
    """Writer of incremental updates that leaves the document's metadata alone.

    pyHanko would rewrite XMP and the information dictionary at each update; the PDF/A claims
    stay exactly as they were rendered if it does not.
    """

    IO_CHUNK_SIZE = CHUNK_BYTES

    def _update_meta(self) -> None:
        """Change nothing."""


def open_for_update(pdf: bytes | BinaryIO) -> PlainWriter:
    """Return a writer on `pdf`, read strictly; a stream must be open while it writes."""
    return PlainWriter(BytesIO(pdf) if isinstance(pdf, bytes) else pdf, strict=True)


def written(writer: PlainWriter) -> bytes:
    """Return the file with the update of `writer` appended."""
    output = BytesIO()
    writer.write(output)  # type: ignore[no-untyped-call]
    return output.getvalue()


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn the libraries' errors into ours.

    Raises:
        SignerUnavailableError: no time-stamp could be had.
        SigningError: the file or its fields do not allow it.
    """
    try:
        yield
    except TrinhKyError:
        raise
    except TimestampRequestError as error:
        raise SignerUnavailableError(f"{what}: no time-stamp") from error
    except (PdfError, PyHankoSigningError, LayoutError, *_NO_SENSE) as error:
        raise SigningError(f"{what}: {error}") from error


def form_of(writer: PlainWriter) -> generic.DictionaryObject:
    """Return the form of the document.

    Raises:
        ConflictError: the document was not prepared.
    """
    # `get` would not follow references.
    form = writer.root["/AcroForm"] if "/AcroForm" in writer.root else None  # noqa: SIM401
    if not isinstance(form, generic.DictionaryObject):
        raise ConflictError("the file has no form", code=ErrorCode.DOCUMENT_STATE)
    return form


def field_of(writer: PlainWriter, name: str) -> generic.DictionaryObject:
    """Return the field `name`.

    Raises:
        ConflictError: there is no such field.
    """
    for reference in form_of(writer)["/Fields"]:
        field = reference.get_object()
        if isinstance(field, generic.DictionaryObject) and field["/T"] == name:
            return field
    raise ConflictError(f"the file has no field {name}", code=ErrorCode.DOCUMENT_STATE)


def check_stage(writer: PlainWriter, *, signed: SignatureField | None, empty: str) -> None:
    """Check that a document is at the right step: `signed` is done, `empty` is not.

    Raises:
        ConflictError: it is not.
    """
    if signed is not None and "/V" not in field_of(writer, signed):
        raise ConflictError(f"{signed} has not signed yet", code=ErrorCode.DOCUMENT_STATE)
    if "/V" in field_of(writer, empty):
        raise ConflictError(f"{empty} is filled already", code=ErrorCode.DOCUMENT_STATE)
