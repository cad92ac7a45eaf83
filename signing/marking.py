"""Look at the first page of a file that gets a text mark.

Source: ISO 32000-1, clauses 7.7.3.3 and 7.7.3.4 (page boxes, rotation, inheritance).
"""

from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from engine.errors import SigningError
from engine.ports_copies import FirstPage
from signing.writer import translated

_QUARTER = 90
_FULL = 360


class PyHankoPageReader:
    """Adapter of `PageReader`."""

    def first_page(self, pdf: bytes) -> FirstPage:
        """Return the first page: what is seen of it, and how it is turned.

        Raises:
            SigningError: the file cannot be read, or its page has no sense.
        """
        with translated("first page"):
            page = PdfFileReader(BytesIO(pdf)).root["/Pages"]
            inherited: dict[str, object] = {}
            while True:
                for name in ("/MediaBox", "/CropBox", "/Rotate"):
                    if name in page:
                        inherited[name] = page[name]
                if "/Kids" not in page:
                    break
                page = page["/Kids"][0]
            media = _box(inherited["/MediaBox"])
            seen = (
                _within(_box(inherited["/CropBox"]), media) if "/CropBox" in inherited else media
            )
            turn = int(str(inherited.get("/Rotate", 0))) % _FULL
        if turn % _QUARTER or seen[2] <= seen[0] or seen[3] <= seen[1]:
            raise SigningError(f"first page: {seen} turned by {turn}")
        return FirstPage(x0=seen[0], y0=seen[1], x1=seen[2], y1=seen[3], turn=turn)


_Box = tuple[float, float, float, float]


def _box(value: object) -> _Box:
    if not isinstance(value, generic.ArrayObject) or len(value) != 4:
        raise ValueError("no box")
    ax, ay, bx, by = (float(each) for each in value)
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _within(box: _Box, outer: _Box) -> _Box:
    return (
        max(box[0], outer[0]),
        max(box[1], outer[1]),
        min(box[2], outer[2]),
        min(box[3], outer[3]),
    )
