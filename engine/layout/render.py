"""Render a form to PDF/A-2b and say where number, date, signature and seal go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.errors import ErrorCode, InvalidInputError
from engine.layout.form import DocumentForm, RenderedDocument
from engine.layout.typesetter import Typesetter
from engine.layout.wording import payload
from engine.model.boxes import Box, FormBoxes
from engine.model.kinds import COMPOSABLE_KINDS

PAGE_WIDTH = 595.276
PAGE_HEIGHT = 841.89
MIN_SEAL_MM, MAX_SEAL_MM = 20.0, 60.0
_POINTS_PER_MM = 72 / 25.4
#: Seals are kept this far from the edge of the paper, in points.
_EDGE = 5 * _POINTS_PER_MM


@dataclass(frozen=True, kw_only=True)
class TypstLayout:
    """Lay out documents with typst. Safe to share between threads.

    Source: Decree 30/2020/NĐ-CP, Appendix I.
    """

    typesetter: Typesetter = field(default_factory=Typesetter)

    def render(self, form: DocumentForm, *, at: datetime) -> RenderedDocument:
        """Render a form as it stands before signing: number, date and signatures are blank.

        Args:
            form: the document; its text may hold anything and is shown as text.
            at: time written into the file, aware; the same form and time give the same bytes.

        Returns:
            PDF/A-2b with its page count and boxes.

        Raises:
            InvalidInputError: a text is missing, too long, or has characters the font lacks.
            TrinhKyError: `ASSETS_MISSING`, there are no fonts.
        """
        if form.kind not in COMPOSABLE_KINDS:
            raise InvalidInputError(
                f"no template for {form.kind!r}",
                code=ErrorCode.DOCUMENT_KIND_UNKNOWN,
                kind=form.kind,
            )
        if not MIN_SEAL_MM <= form.seal_diameter_mm <= MAX_SEAL_MM:
            raise InvalidInputError(
                f"seal of {form.seal_diameter_mm} mm", field="seal_diameter_mm"
            )
        pdf, [layout] = self.typesetter.compile_with_marks(
            form.kind, payload(form), at=at, standards=("a-2b",), selector="<layout>"
        )
        places = {str(place["name"]): place for place in layout["places"]}
        return RenderedDocument(
            pdf=pdf,
            page_count=int(layout["pages"]),
            boxes=_form_boxes(places, form.seal_diameter_mm),
        )


def seal_box(signature: Box, diameter_mm: float) -> Box:
    """Return the square of the seal: it covers the left third of the signature.

    Source: Decree 30/2020/NĐ-CP, Art. 33 and Appendix I, part II, item 8.
    """
    side = diameter_mm * _POINTS_PER_MM
    right = signature.x0 + (signature.x1 - signature.x0) / 3
    left = _within(right - side, side, PAGE_WIDTH)
    bottom = _within((signature.y0 + signature.y1 - side) / 2, side, PAGE_HEIGHT)
    return Box(page=signature.page, x0=left, y0=bottom, x1=left + side, y1=bottom + side)


def _form_boxes(places: Mapping[str, Mapping[str, Any]], diameter_mm: float) -> FormBoxes:
    signature = box_of(places["leader_signature"])
    if signature.y0 < _EDGE:
        raise InvalidInputError("signature off the page", code=ErrorCode.LAYOUT_REFUSED)
    return FormBoxes(
        leader_signature=signature,
        number=box_of(places["number"]),
        day=box_of(places["day"]),
        month=box_of(places["month"]),
        year=box_of(places["year"]),
        agency_seal=seal_box(signature, diameter_mm),
    )


def box_of(place: Mapping[str, Any]) -> Box:
    """Return the box of a place that a template on A4 marked: page, x, y, w and h."""
    x, y = float(place["x"]), float(place["y"])
    width, height = float(place["w"]), float(place["h"])
    # typst counts down from the top of the page, PDF up from its bottom.
    return Box(
        page=int(place["page"]),
        x0=x,
        y0=PAGE_HEIGHT - y - height,
        x1=x + width,
        y1=PAGE_HEIGHT - y,
    )


def _within(start: float, length: float, whole: float) -> float:
    return max(_EDGE, min(start, whole - _EDGE - length))
