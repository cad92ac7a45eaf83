"""Draw the images of an agency's seal and of a signature, for demonstration and evaluation.

A real installation puts the registered images in their place. The signature is invented from the
name and resembles nobody's.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from engine.errors import InvalidInputError
from engine.layout.compounds import split_units
from engine.layout.render import MAX_SEAL_MM, MIN_SEAL_MM
from engine.layout.typesetter import Typesetter
from engine.text import clean_line

SIGNATURE_WIDTH_MM = 55.0
SIGNATURE_HEIGHT_MM = 26.0
_MARGIN_MM = 1.2
_MAX_LINE_CHARS = 80

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]

#: Capitals as a pen runs through them: x in widths, y in heights above the line.
_INITIALS: tuple[tuple[Point, ...], ...] = (
    (
        *((0.0, -0.25), (0.1, 0.35), (0.5, 0.95), (0.95, 1.0), (0.8, 0.72), (0.1, 0.05)),
        *((-0.22, -0.22), (-0.55, -0.10), (-0.15, 0.20), (0.75, 0.44), (1.25, 0.30), (1.0, 0.04)),
    ),
    (
        *((-0.35, 0.38), (0.35, 0.62), (0.95, 0.96), (0.78, 1.04), (0.45, 0.55), (0.1, 0.04)),
        *((-0.4, -0.16), (-0.62, 0.0), (-0.1, 0.10), (0.75, -0.10), (1.25, 0.0)),
    ),
    (
        *((-0.6, -0.12), (-0.2, 0.36), (0.3, 0.9), (0.47, 0.88), (0.42, 0.45), (0.48, -0.06)),
        *((0.62, 0.02), (1.0, 0.66), (1.3, 1.02), (1.42, 0.9), (1.22, 0.32), (1.36, 0.0)),
    ),
    (
        *((-0.5, 0.72), (-0.1, 0.98), (0.7, 0.9), (1.3, 1.02), (0.8, 0.86), (0.42, 0.4)),
        *((0.1, -0.08), (-0.45, -0.2), (-0.5, 0.06), (0.35, 0.28), (1.0, 0.24), (1.05, 0.02)),
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """Hold one cubic curve (start, two controls, end) and its thickness in millimetres."""

    curve: Curve
    thickness: float


def render_seal(
    parent: Sequence[str], agency: Sequence[str], *, diameter_mm: float, caption: str = "MẪU"
) -> bytes:
    """Return a red round seal as a transparent vector PDF of one page, `diameter_mm` square.

    Args:
        parent: lines of the superior body, set along the upper arc; without them the agency's
            name takes the arc and a star the middle.
        agency: lines of the agency's name.
        diameter_mm: outer diameter, 20 to 60.
        caption: short words along the lower arc; "" puts a star there instead. By default the
            seal says that it is a specimen.

    Raises:
        InvalidInputError: the diameter is out of range or a text cannot be shown.
        TrinhKyError: `ASSETS_MISSING`, there are no fonts.
    """
    if not MIN_SEAL_MM <= diameter_mm <= MAX_SEAL_MM:
        raise InvalidInputError(f"seal of {diameter_mm} mm", field="diameter_mm")
    above, name = _clean_lines(parent), _clean_lines(agency)
    if not name:
        raise InvalidInputError("a seal needs a name", field="agency")
    inputs = {
        "diameter_mm": diameter_mm,
        "upper": " ".join(above or name),
        "centre": _balanced(name) if above else [],
        "lower": clean_line(caption, field="caption", max_chars=24, required=False).upper(),
    }
    return _typesetter().compile("seal", inputs, at=None, standards=("a-2b",))


def render_signature(full_name: str, seed: str = "") -> bytes:
    """Return an invented signature in blue as a transparent vector PDF, 55 by 26 mm.

    The same name and seed always give the same strokes.

    Raises:
        InvalidInputError: the name is empty.
    """
    name = clean_line(full_name, field="full_name", max_chars=_MAX_LINE_CHARS)
    pieces = _pen_pieces(_fitted(_strokes(name, seed)))
    inputs = {
        "width_mm": SIGNATURE_WIDTH_MM,
        "height_mm": SIGNATURE_HEIGHT_MM,
        "pieces": [
            {"curve": piece.curve, "thickness": round(piece.thickness, 3)} for piece in pieces
        ],
    }
    return _typesetter().compile("signature", inputs, at=None, standards=("a-2b",))


@cache
def _typesetter() -> Typesetter:
    return Typesetter()


def _clean_lines(lines: Sequence[str]) -> list[str]:
    cleaned = (
        clean_line(line, field="seal", max_chars=_MAX_LINE_CHARS, required=False) for line in lines
    )
    return [line.upper() for line in cleaned if line]


def _balanced(lines: Sequence[str]) -> list[str]:
    """Return a name cut into lines of about the same length, at places where it may break."""
    units = split_units(" ".join(lines))
    length = len(" ".join(units))
    count = min(len(units), max(1, math.ceil(length / 14)))
    cut: list[str] = [""]
    for unit in units:
        longer = f"{cut[-1]} {unit}".strip()
        if cut[-1] and len(longer) > length / count + 3:
            cut.append(unit)
        else:
            cut[-1] = longer
    return cut


class _Dice:
    """Give repeatable numbers from a name: the strokes must be the same on every machine."""

    def __init__(self, text: str) -> None:
        self._state = hashlib.sha256(text.encode()).digest()
        self._used = 0

    def between(self, low: float, high: float) -> float:
        """Return the next number from `low` to `high`."""
        if self._used + 2 > len(self._state):
            self._state = hashlib.sha256(self._state).digest()
            self._used = 0
        value = int.from_bytes(self._state[self._used : self._used + 2], "big") / 0xFFFF
        self._used += 2
        return low + (high - low) * value


def _strokes(name: str, seed: str) -> list[list[Point]]:
    """Return the pen's paths as points: an initial, the run of the given name, a flourish."""
    dice = _Dice(f"{name}\0{seed}")
    initial, join = _initial(dice)
    letters = min(7, max(3, len(name.rsplit(maxsplit=1)[-1])))
    run, end = _run(dice, join, letters)
    return [initial + run, _flourish(dice, end)]


def _initial(dice: _Dice) -> tuple[list[Point], Point]:
    """Return a tall looped capital and the point where the run of letters begins."""
    height, width, lean = dice.between(13, 17), dice.between(6, 9), dice.between(2.5, 6)
    shape = _INITIALS[int(dice.between(0, len(_INITIALS) - 0.001))]
    path = [(x * width + lean * y, -y * height) for x, y in shape]
    return path, (path[-1][0] + width * 0.35, 0.0)


def _run(dice: _Dice, start: Point, letters: int) -> tuple[list[Point], Point]:
    """Return the small letters: slanted waves that get smaller, one of them tall or deep."""
    x, y = start
    path: list[Point] = []
    special = int(dice.between(0, letters - 0.01))
    for index in range(letters):
        size = dice.between(2.3, 3.9) * (1 - 0.5 * index / letters)
        step = dice.between(2.5, 3.7)
        tall = dice.between(2.0, 2.7) if index == special else 1.0
        path += [
            (x + step * 0.55, y - size * tall),
            (x + step * 0.72, y - size * tall * 0.72),
            (x + step * 0.50, y + size * 0.30),
        ]
        x += step
        y -= dice.between(0.1, 0.5)
    return path, (x, y)


def _flourish(dice: _Dice, end: Point) -> list[Point]:
    """Return the closing stroke: back under the name, a turn, and out to the right."""
    x, y = end
    reach, drop, rise = dice.between(0.62, 0.86), dice.between(3.4, 5.4), dice.between(3.0, 6.5)
    return [
        (x - 0.5, y - 0.4),
        (x + 2.4, y - 1.6),
        (x + 2.8, y + 0.6),
        (x * 0.72, y + drop * 0.62),
        (x * (1 - reach), y + drop),
        (x * (1 - reach) - 1.8, y + drop + 1.5),
        (x * (1 - reach) + 1.5, y + drop + 2.0),
        (x * 0.62, y + drop * 0.95),
        (x * 1.05, y + drop * 0.35),
        (x * 1.32, y - rise * 0.25),
    ]


def _fitted(strokes: list[list[Point]]) -> list[list[Point]]:
    """Return the strokes scaled and moved to fill the 55 by 26 mm, within the margin."""
    smooth = [_catmull_rom(path) for path in strokes]
    xs = [point[0] for path in smooth for curve in path for point in curve]
    ys = [point[1] for path in smooth for curve in path for point in curve]
    scale = min(
        (SIGNATURE_WIDTH_MM - 2 * _MARGIN_MM) / (max(xs) - min(xs)),
        (SIGNATURE_HEIGHT_MM - 2 * _MARGIN_MM) / (max(ys) - min(ys)),
    )
    left = (SIGNATURE_WIDTH_MM - scale * (max(xs) + min(xs))) / 2
    top = (SIGNATURE_HEIGHT_MM - scale * (max(ys) + min(ys))) / 2
    return [[(left + x * scale, top + y * scale) for x, y in path] for path in strokes]


def _pen_pieces(strokes: list[list[Point]]) -> list[_Piece]:
    """Return thin pieces going up and thick ones going down, as a fountain pen writes."""
    pieces: list[_Piece] = []
    for path in strokes:
        curves = [part for curve in _catmull_rom(path) for part in _split(curve, 6)]
        for index, curve in enumerate(curves):
            ((x0, y0), _, _, (x1, y1)) = curve
            length = math.hypot(x1 - x0, y1 - y0) or 1e-9
            downward = max(0.0, (y1 - y0) / length)
            ends = min(1.0, (index + 2) / 8, (len(curves) - index + 1) / 14)
            # The width follows slowly, else a turn would show as a step.
            target = (0.30 + 0.42 * downward) * (0.45 + 0.55 * ends)
            before = pieces[-1].thickness if index else target
            pieces.append(_Piece(curve=_rounded(curve), thickness=before * 0.72 + target * 0.28))
    return pieces


def _catmull_rom(path: Sequence[Point]) -> list[Curve]:
    """Return cubic curves that pass smoothly through all points."""
    padded = [path[0], *path, path[-1]]
    curves = []
    for index, (start, end) in enumerate(pairwise(path)):
        before, after = padded[index], padded[index + 3]
        first = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        second = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        curves.append((start, first, second, end))
    return curves


def _split(curve: Curve, count: int) -> list[Curve]:
    """Return a curve cut into `count` pieces of equal parameter (de Casteljau)."""
    parts = []
    rest = curve
    for left in range(count, 1, -1):
        part, rest = _cut(rest, 1 / left)
        parts.append(part)
    return [*parts, rest]


def _cut(curve: Curve, t: float) -> tuple[Curve, Curve]:
    a, b, c, d = curve
    ab, bc, cd = _between(a, b, t), _between(b, c, t), _between(c, d, t)
    abc, bcd = _between(ab, bc, t), _between(bc, cd, t)
    middle = _between(abc, bcd, t)
    return (a, ab, abc, middle), (middle, bcd, cd, d)


def _between(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t


def _rounded(
    curve: Curve,
) -> Curve:
    a, b, c, d = ((round(x, 3), round(y, 3)) for x, y in curve)
    return a, b, c, d
