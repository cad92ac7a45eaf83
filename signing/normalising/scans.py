"""Say what a scan lacks of what is asked of electronic copies made from paper.

Source: Decree 30/2020/NĐ-CP, Appendix I (PDF 1.4 or later, colour, 200 dpi, 100 % scale).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

from engine.model.copy import ScanWarning

MIN_DPI = 200
#: A scanner's 200 dpi come out a little less after it has straightened a page.
_DPI_TOLERANCE = 0.97
_POINTS_PER_INCH = 72
_POINTS_PER_MM = 72 / 25.4
_SIZE_TOLERANCE = 5 * _POINTS_PER_MM
#: A3, A4, A5: at full scale a scan is as large as its paper.
_PAPERS = tuple(
    (width * _POINTS_PER_MM, height * _POINTS_PER_MM)
    for width, height in ((297, 420), (210, 297), (148, 210))
)
_GREY = frozenset({"/DeviceGray", "/CalGray", "/G"})
_MAX_OPERATIONS = 20_000


@dataclass(frozen=True, kw_only=True)
class _Placed:
    dpi: float
    is_colour: bool


def scan_warnings(pdf: pikepdf.Pdf) -> tuple[ScanWarning, ...]:
    """Return what the scan lacks, each once, in a fixed order."""
    found: set[ScanWarning] = set()
    if tuple(int(part) for part in pdf.pdf_version.split(".")) < (1, 4):
        found.add(ScanWarning.OLD_PDF)
    for page in pdf.pages:
        found.update(_page_warnings(page))
    return tuple(each for each in ScanWarning if each in found)


def _page_warnings(page: pikepdf.Page) -> Iterator[ScanWarning]:
    left, bottom, right, top = (float(side) for side in page.mediabox)
    size = sorted((abs(right - left), abs(top - bottom)))
    if not any(_is_paper(size, paper) for paper in _PAPERS):
        yield ScanWarning.ODD_SIZE
    placed = list(_placed_images(page))
    if not placed:
        yield ScanWarning.NO_IMAGE
        return
    largest = max(placed, key=lambda each: each.dpi)
    if largest.dpi < MIN_DPI * _DPI_TOLERANCE:
        yield ScanWarning.LOW_RESOLUTION
    if not any(each.is_colour for each in placed):
        yield ScanWarning.NOT_COLOUR


def _is_paper(size: list[float], paper: tuple[float, float]) -> bool:
    return all(
        abs(side - wanted) <= _SIZE_TOLERANCE for side, wanted in zip(size, paper, strict=True)
    )


def _placed_images(page: pikepdf.Page) -> Iterator[_Placed]:
    """Yield the images that the page itself places, with the resolution they come out at."""
    images = page.images
    matrix = pikepdf.Matrix()
    saved: list[pikepdf.Matrix] = []
    for count, instruction in enumerate(pikepdf.parse_content_stream(page, "q Q cm Do")):
        if count > _MAX_OPERATIONS:
            return
        operator = str(instruction.operator)
        if operator == "q":
            saved.append(matrix)
        elif operator == "Q":
            matrix = saved.pop() if saved else pikepdf.Matrix()
        elif operator == "cm":
            matrix = pikepdf.Matrix(*(float(each) for each in instruction.operands)) @ matrix
        elif operator == "Do":
            image = images.get(str(instruction.operands[0]))
            if image is not None:
                yield _placed(image, matrix)


def _placed(image: pikepdf.Object, matrix: pikepdf.Matrix) -> _Placed:
    wide = math.hypot(matrix.a, matrix.b) / _POINTS_PER_INCH
    high = math.hypot(matrix.c, matrix.d) / _POINTS_PER_INCH
    dpi = min(
        int(image.get("/Width", 0)) / wide if wide else 0.0,
        int(image.get("/Height", 0)) / high if high else 0.0,
    )
    return _Placed(dpi=dpi, is_colour=_is_colour(image))


def _is_colour(image: pikepdf.Object) -> bool:
    if bool(image.get("/ImageMask", False)) or int(image.get("/BitsPerComponent", 8)) == 1:
        return False
    space = image.get("/ColorSpace")
    if isinstance(space, pikepdf.Array) and len(space) > 1:
        if space[0] == "/ICCBased":
            return int(space[1].get("/N", 3)) > 1
        return str(space[0]) not in _GREY
    return str(space) not in _GREY
