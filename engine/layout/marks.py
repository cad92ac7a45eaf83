"""Draw the text mark that attachments and certified copies bear, and say where it stands.

Source: Decree 30/2020/NĐ-CP, Appendix I, part I (attachments in files of their own) and part II
(copies): top right corner of the first page, no image of the seal, upright, size 10, black.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.clock import local
from engine.layout.typesetter import Typesetter
from engine.model.boxes import Box
from engine.ports_copies import FirstPage, Mark
from engine.text import clean_line

_POINTS_PER_MM = 72 / 25.4
#: Wide enough for most names of agencies in one line; longer ones wrap.
WIDTH = 75 * _POINTS_PER_MM
#: Distance from the right and the upper edge of what is seen.
RIGHT_GAP = 8 * _POINTS_PER_MM
TOP_GAP = 5 * _POINTS_PER_MM
_LEAST_WIDTH = 20 * _POINTS_PER_MM
_MAX_LINE_CHARS = 300


def time_line(at: datetime) -> str:
    """Return a time as marks write it: `23-11-2026 14:05:06 +07:00`."""
    said = local(at)
    offset = f"{said:%z}"
    return f"{said:%d-%m-%Y %H:%M:%S} {offset[:3]}:{offset[3:]}"


@dataclass(frozen=True, kw_only=True)
class TypstMarks:
    """Draw marks with typst. Safe to share between threads."""

    typesetter: Typesetter = field(default_factory=Typesetter)

    def draw(self, lines: Sequence[str], page: FirstPage) -> Mark:
        """Return the mark, at the top right corner of the page as a reader sees it.

        Args:
            lines: in their order; one that is too long wraps.
            page: first page of the file that gets the mark.

        Raises:
            InvalidInputError: the font lacks a character.
            TrinhKyError: `ASSETS_MISSING`, there are no fonts.
        """
        seen_width = page.y1 - page.y0 if page.turn in {90, 270} else page.x1 - page.x0
        room = max(_LEAST_WIDTH, seen_width - 2 * RIGHT_GAP)
        inputs = {
            "lines": [clean_line(line, field="mark", max_chars=_MAX_LINE_CHARS) for line in lines],
            "width_pt": min(WIDTH, room),
            "turn": page.turn,
        }
        appearance, [size] = self.typesetter.compile_with_marks(
            "mark", inputs, at=None, standards=("a-2b",), selector="<size>"
        )
        return Mark(
            appearance=appearance, box=mark_box(page, float(size["width"]), float(size["height"]))
        )


def mark_box(page: FirstPage, width: float, height: float) -> Box:
    """Return where a mark stands on a page, in points of the page before it is turned.

    Args:
        width: of the mark as it is read, in points; so is `height`.
    """
    if page.turn == 90:  # the reader's top is the page's left, the reader's right its top
        x0, y0 = page.x0 + TOP_GAP, page.y1 - RIGHT_GAP - width
    elif page.turn == 180:
        x0, y0 = page.x0 + RIGHT_GAP, page.y0 + TOP_GAP
    elif page.turn == 270:  # the reader's top is the page's right, the reader's right its bottom
        x0, y0 = page.x1 - TOP_GAP - height, page.y0 + RIGHT_GAP
    else:
        x0, y0 = page.x1 - RIGHT_GAP - width, page.y1 - TOP_GAP - height
    across, up = (height, width) if page.turn in {90, 270} else (width, height)
    return Box(page=1, x0=x0, y0=y0, x1=x0 + across, y1=y0 + up)
