"""Put a ready-made vector page into a signature field.

The same few pages are shown in thousands of files, a leader's signature, an agency's seal: each
is parsed once and kept.

Source: ISO 32000-1, clauses 8.10 (form XObjects) and 12.5.5 (appearance streams).
"""

import threading
from functools import lru_cache
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.objects import as_dictionary, as_stream
from signing.writer import PlainWriter

_NAME = "/Page"
# A city's agencies have some hundreds of leaders and seals; a page is a few kilobytes.
_KEPT_PAGES = 256
# A reader moves about in its stream, so no two threads may read one page at a time.
_reading = threading.Lock()


def show_page(writer: PlainWriter, widget: generic.DictionaryObject, appearance: bytes) -> None:
    """Show the first page of `appearance` in `widget`: centred, scaled to fit, undistorted.

    A widget without an area stays as it is.
    """
    x0, y0, x1, y1 = (float(side) for side in widget["/Rect"])
    width, height = abs(x1 - x0), abs(y1 - y0)
    if not width or not height:
        return
    with _reading:
        page = writer.import_page_as_xobject(_opened(appearance), page_ix=0)
    left, bottom, right, top = (float(side) for side in page.get_object()["/BBox"])
    scale = min(width / abs(right - left), height / abs(top - bottom))
    x = (width - scale * abs(right - left)) / 2 - scale * min(left, right)
    y = (height - scale * abs(top - bottom)) / 2 - scale * min(bottom, top)
    shown = as_stream(
        {
            "/Type": "/XObject",
            "/Subtype": "/Form",
            "/BBox": (0, 0, width, height),
            "/Resources": {"/XObject": {_NAME: page}},
        },
        f"q {scale:.6f} 0 0 {scale:.6f} {x:.3f} {y:.3f} cm {_NAME} Do Q".encode("ascii"),
    )
    widget[pdf_name("/AP")] = as_dictionary({"/N": writer.add_object(shown)})
    writer.update_container(widget)


@lru_cache(maxsize=_KEPT_PAGES)
def _opened(appearance: bytes) -> PdfFileReader:
    return PdfFileReader(BytesIO(appearance))
