"""Refuse what a signed file must not hold, and rewrite the rest once, before any signature.

Runs in the child process only: see `signing.normalising.child`. A file that carries signatures
is looked at and left as it is, because a single changed byte would break them.

Source: threat U1; ISO 32000-1, clauses 7.7.3 (page tree), 12.5 (annotations).
"""

from io import BytesIO

import pikepdf

from engine.errors import ErrorCode, InvalidInputError
from engine.ports_copies import Purpose, TakenIn
from signing.normalising.active import list_active
from signing.normalising.scans import scan_warnings

MAX_PAGES = 2000
_QUARTER = 90
#: Annotation flags: invisible, hidden, not on the screen.
_HIDDEN = 1 | 2 | 32
#: Annotations that print nothing: a link is a place to press, a note a sheet to open.
_SHOWS_NOTHING = frozenset({"/Link", "/Popup", "/Text", "/Widget"})


def take_in(content: bytes, purpose: Purpose) -> TakenIn:
    """Return a file fit to be marked and signed.

    Raises:
        InvalidInputError: encrypted, unreadable, with content that acts or hides, or with a page
            that is turned askew.
    """
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            return _taken_in(pdf, content, purpose)
    except pikepdf.PasswordError as error:
        raise InvalidInputError("encrypted", code=ErrorCode.UPLOAD_ENCRYPTED) from error
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInputError(str(error)[:200], code=ErrorCode.UPLOAD_UNREADABLE) from error


def _taken_in(pdf: pikepdf.Pdf, content: bytes, purpose: Purpose) -> TakenIn:
    if pdf.is_encrypted:
        raise InvalidInputError("encrypted", code=ErrorCode.UPLOAD_ENCRYPTED)
    page_count = len(pdf.pages)
    if not 0 < page_count <= MAX_PAGES:
        raise InvalidInputError(f"{page_count} pages", code=ErrorCode.UPLOAD_UNREADABLE)
    for part in list_active(pdf):
        raise InvalidInputError(
            f"{part.what} at {part.where}",
            code=ErrorCode.UPLOAD_ACTIVE,
            what=part.what,
            where=part.where,
        )
    if is_signed(pdf):
        return TakenIn(pdf=content, page_count=page_count, is_signed=True)
    warnings = scan_warnings(pdf) if purpose is Purpose.SCAN else ()
    return TakenIn(pdf=_rewritten(pdf), page_count=page_count, is_signed=False, warnings=warnings)


def is_signed(pdf: pikepdf.Pdf) -> bool:
    """Tell whether any object of the file claims to be a signature; nothing is verified here."""
    return any(
        isinstance(entry, pikepdf.Dictionary | pikepdf.Stream)
        and "/ByteRange" in entry
        and "/Contents" in entry
        for entry in pdf.objects
    )


def _rewritten(pdf: pikepdf.Pdf) -> bytes:
    _print_annotations(pdf)
    for name in ("/AcroForm", "/OpenAction", "/Perms", "/NeedsRendering"):
        if name in pdf.Root:
            del pdf.Root[name]
    _flatten_pages(pdf)
    output = BytesIO()
    pdf.save(
        output,
        deterministic_id=True,
        min_version="1.7",
        object_stream_mode=pikepdf.ObjectStreamMode.preserve,
        fix_metadata_version=False,
    )
    return output.getvalue()


def _print_annotations(pdf: pikepdf.Pdf) -> None:
    """Make what annotations show on the screen part of the pages, and drop the annotations.

    What was filled in becomes text of the page: the one field there is will be ours. Links lose
    their target, and what was hidden is gone.

    Raises:
        InvalidInputError: code UPLOAD_ACTIVE; an annotation is shown as each reader pleases,
            because it has no appearance of its own.
    """
    if "/AcroForm" in pdf.Root:
        pdf.generate_appearance_streams()
    pdf.flatten_annotations("screen")
    for number, page in enumerate(pdf.pages, start=1):
        for left in page.obj.get("/Annots", ()):
            if _shows_itself(left):
                kind = str(left.get("/Subtype", "/Annot"))[1:]
                raise InvalidInputError(
                    f"{kind} without an appearance on page {number}",
                    code=ErrorCode.UPLOAD_ACTIVE,
                    what=kind,
                    where=f"page {number} /Annots",
                )
        if "/Annots" in page.obj:
            del page.obj["/Annots"]


def _shows_itself(annotation: pikepdf.Object) -> bool:
    if not isinstance(annotation, pikepdf.Dictionary):
        return False
    is_hidden = int(annotation.get("/F", 0)) & _HIDDEN
    return not is_hidden and annotation.get("/Subtype") not in _SHOWS_NOTHING


def _flatten_pages(pdf: pikepdf.Pdf) -> None:
    """Put every page right below the root, with its own boxes and its own turn.

    Branches of the tree without a page are gone, so all readers agree on the first page.

    Raises:
        InvalidInputError: code UPLOAD_UNMARKABLE; a page is turned askew.
    """
    # Any change of the list makes qpdf rebuild the tree; this one leaves nothing behind.
    pdf.add_blank_page()
    del pdf.pages[-1]
    for number, page in enumerate(pdf.pages, start=1):
        turn = page.obj.get("/Rotate", 0)
        if not isinstance(turn, int) or turn % _QUARTER:
            raise InvalidInputError(
                f"page {number} is turned by {turn}", code=ErrorCode.UPLOAD_UNMARKABLE
            )
