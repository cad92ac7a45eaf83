"""Try at once whether a file can get the text mark that it gets when it is signed.

What cannot be marked is refused while whoever brings it can still bring another: once a number is
bound, only cancelling would be left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import ErrorCode, InvalidInputError, SigningError
from engine.ports_copies import Marks, PageReader
from engine.ports_pdf import PdfSigner
from engine.ports_signing import SignatureField


@dataclass(frozen=True, kw_only=True)
class MarkTrial:
    """Mark a file as it is marked for signing, and throw the result away."""

    pages: PageReader
    marks: Marks
    signer: PdfSigner

    def __call__(self, pdf: bytes, lines: Sequence[str]) -> None:
        """Check that `pdf` can be marked and has room for a signature.

        Args:
            lines: as long as those that the file will bear.

        Raises:
            InvalidInputError: code UPLOAD_UNMARKABLE; it cannot.
        """
        try:
            page = self.pages.first_page(pdf)
            mark = self.marks.draw(lines, page)
            self.signer.place(pdf, SignatureField.MARK, mark.box)
        except (SigningError, InvalidInputError) as error:
            raise InvalidInputError(error.detail, code=ErrorCode.UPLOAD_UNMARKABLE) from error
        box = mark.box
        # Outside of what is seen, a mark would be on record and nowhere to be read.
        if box.x0 < page.x0 or box.y0 < page.y0 or box.x1 > page.x1 or box.y1 > page.y1:
            raise InvalidInputError(
                f"no room for the mark on {page}", code=ErrorCode.UPLOAD_UNMARKABLE
            )
