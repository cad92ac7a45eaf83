"""Make files that people bring: scans, reports, and files that must not enter."""

from io import BytesIO

import pikepdf
import pypdfium2
from PIL import Image

from tests.factories.pki_documents import a_letter

_MM_PER_INCH = 25.4


def a_report(body: str = "phụ lục số liệu", *, turn: int = 0) -> bytes:
    """Return a page of text as an office program makes it; a reader turns it by `turn`."""
    with pikepdf.open(BytesIO(a_letter(body))) as pdf:
        pdf.pages[0].Rotate = turn
        return saved(pdf)


def a_scan(
    *,
    mode: str = "RGB",
    dpi: int = 200,
    size_mm: tuple[int, int] = (210, 297),
    pages: int = 1,
) -> bytes:
    """Return pages as a scanner makes them: one image each."""
    width, height = (round(side / _MM_PER_INCH * dpi) for side in size_mm)
    paper = (251, 247, 235) if mode == "RGB" else 1
    images = [Image.new(mode, (width, height), paper) for _ in range(pages)]
    output = BytesIO()
    images[0].save(output, "PDF", resolution=dpi, save_all=True, append_images=images[1:])
    return output.getvalue()


def saved(pdf: pikepdf.Pdf) -> bytes:
    """Return the file."""
    output = BytesIO()
    pdf.save(output)
    return output.getvalue()


def shown_text(pdf: bytes) -> list[str]:
    """Return the lines of text a reader sees on the first page, those of fields included."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    page = document[0]
    if document.formenv:
        page.flatten()
    said = document[0].get_textpage().get_text_bounded()
    return [line.strip() for line in said.splitlines() if line.strip()]
