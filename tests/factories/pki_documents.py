"""Build small official letters and stamps for the tests of `signing`."""

from functools import cache
from pathlib import Path

import typst

from engine.model.boxes import Box, FormBoxes

FONTS = Path(__file__).parents[2] / "engine" / "layout" / "fonts"
REGULAR = FONTS / "Tinos_400Regular.ttf"
ITALIC = FONTS / "Tinos_400Regular_Italic.ttf"

# Text edges are those of the font, so a line box and the box of a field are the same.
_LETTER = """
#set document(title: "Công văn", date: datetime(year: 2026, month: 2, day: 5))
#set page(paper: "a4", margin: 0pt)
#set text(font: "Tinos", size: 13pt, lang: "vi", top-edge: 0.891em, bottom-edge: -0.216em)
#let at(x, content) = place(top + left, dx: x, dy: 60pt, content)
#at(85pt)[Số:]
#at(152pt)[/SNV-VP]
#at(300pt)[_Cần Thơ, ngày_]
#at(403pt)[_tháng_]
#at(458pt)[_năm_]
#place(top + left, dx: 85pt, dy: 140pt)[Kính gửi: Ủy ban nhân dân các quận, huyện. Nội dung BODY.]
#place(top + left, dx: 400pt, dy: 220pt)[*GIÁM ĐỐC*]
#place(top + left, dx: 360pt, dy: 330pt)[*Nguyễn Thị Lấp Lánh Ánh*]
"""

_STAMP = """
#set page(width: 60mm, height: 30mm, margin: 0mm, fill: none)
#place(center + horizon, curve(
  stroke: 1.6pt + rgb("#1d3fbb"),
  curve.move((0mm, 12mm)),
  curve.cubic((12mm, -16mm), (16mm, 30mm), (26mm, 6mm)),
  curve.cubic((30mm, -4mm), (36mm, 24mm), (50mm, 4mm)),
))
"""

_SEAL = """
#set page(width: 36mm, height: 36mm, margin: 0mm, fill: none)
#set text(font: "Tinos", size: 9pt, fill: rgb("#d3121bcc"))
#place(center + horizon, circle(radius: 17mm, stroke: 1.6pt + rgb("#d3121bcc")))
#place(center + horizon, circle(radius: 11mm, stroke: .8pt + rgb("#d3121bcc")))
#place(center + horizon)[SỞ NỘI VỤ]
"""

_TOP, _LINE = 841.89 - 60, 13 * 1.107
LETTER_BOXES = FormBoxes(
    number=Box(page=1, x0=112.0, y0=_TOP - _LINE, x1=152.0, y1=_TOP),
    day=Box(page=1, x0=384.0, y0=_TOP - _LINE, x1=401.0, y1=_TOP),
    month=Box(page=1, x0=439.0, y0=_TOP - _LINE, x1=456.0, y1=_TOP),
    year=Box(page=1, x0=485.0, y0=_TOP - _LINE, x1=515.0, y1=_TOP),
    leader_signature=Box(page=1, x0=355.0, y0=518.0, x1=505.0, y1=598.0),
    agency_seal=Box(page=1, x0=303.0, y0=507.0, x1=405.0, y1=609.0),
)


def _compiled(source: str, **options: object) -> bytes:
    pdf = typst.compile(
        source.encode(), font_paths=[str(FONTS)], ignore_system_fonts=True, format="pdf", **options
    )
    assert isinstance(pdf, bytes)
    return pdf


@cache
def a_letter(body: str = "thử nghiệm") -> bytes:
    """Return a one-page PDF/A-2b letter with gaps at `LETTER_BOXES`."""
    return _compiled(_LETTER.replace("BODY", body), pdf_standards=["a-2b"])


@cache
def a_stamp() -> bytes:
    """Return a blue handwritten-looking line on a transparent page."""
    return _compiled(_STAMP)


@cache
def a_seal() -> bytes:
    """Return a red round seal on a transparent page."""
    return _compiled(_SEAL)
