"""Draw charts as SVG on the server: no script, no style attribute, readable without the picture.

Colours come from classes of `css/reports.css`, so a chart follows the light or dark theme. Each
chart has a title and a description for those who do not see it; the page shows the same numbers
in a table beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from markupsafe import Markup, escape

_WIDTH = 640
_ROW = 26
_BAR = 16
_LABEL = 250
_VALUE = 74
_MAX_LABEL_CHARS = 32
_HEIGHT = 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 40
_MAX_TICKS = 8
_ids = count(1)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Hold one bar.

    Args:
        value: length; negative counts as 0.
        shown: the value as it is written at the bar's end.
        kind: colour as everywhere: "good", "wait", "bad", "info" or "".
    """

    label: str
    value: float
    shown: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """Hold one line; a None is a gap."""

    label: str
    values: Sequence[float | None]


def bar_chart(
    title: str,
    description: str,
    bars: Sequence[Bar],
    *,
    top: float | None = None,
    target: float | None = None,
) -> Markup:
    """Return horizontal bars, one below the other.

    Args:
        top: value of a full bar; the largest of all when None.
        target: drawn as an upright line across the bars.
    """
    reach = max([top or 0.0, target or 0.0, *(bar.value for bar in bars)]) or 1.0
    room = _WIDTH - _LABEL - _VALUE
    height = _ROW * len(bars) + 8
    parts = [
        _bar_row(bar, place, room * max(bar.value, 0.0) / reach) for place, bar in enumerate(bars)
    ]
    if target is not None and bars:
        x = _LABEL + room * target / reach
        parts.append(_path(x, 2, x, height - 2, "tk-chart-target"))
    return _svg(title, description, _WIDTH, height, parts)


def line_chart(
    title: str, description: str, labels: Sequence[str], lines: Sequence[Line]
) -> Markup:
    """Return up to four lines over the same steps of time."""
    known = [value for line in lines for value in line.values if value is not None]
    reach = max(known, default=0.0) or 1.0
    parts = [*_grid(reach), *_ticks(labels)]
    for number, line in enumerate(lines):
        parts += _curve(line, number, reach)
    parts += _legend(lines)
    return _svg(title, description, _WIDTH, _HEIGHT, parts)


def _bar_row(bar: Bar, place: int, length: float) -> Markup:
    y = _ROW * place + 4
    kind = f" tk-chart-{bar.kind}" if bar.kind in {"good", "wait", "bad", "info"} else ""
    label = bar.label
    if len(label) > _MAX_LABEL_CHARS:
        label = label[: _MAX_LABEL_CHARS - 1].rstrip() + "…"
    return Markup(
        "<g><title>{full}: {shown}</title>"
        '<text class="tk-chart-label" x="{at}" y="{base}" text-anchor="end">{label}</text>'
        '<rect class="tk-chart-bar{kind}" x="{x}" y="{y}" width="{width}" height="{bar}" rx="2"/>'
        '<text class="tk-chart-value" x="{end}" y="{base}">{shown}</text></g>'
    ).format(
        full=bar.label,
        shown=bar.shown,
        label=label,
        at=_LABEL - 8,
        base=y + 13,
        kind=kind,
        x=_LABEL,
        y=y,
        width=_number(max(length, 0.5)),
        bar=_BAR,
        end=_number(_LABEL + length + 6),
    )


def _grid(reach: float) -> list[Markup]:
    parts = []
    for step in range(5):
        y = _y(reach * step / 4, reach)
        parts.append(_path(_LEFT, y, _WIDTH - _RIGHT, y, "tk-chart-grid"))
        value = reach * step / 4
        shown = (
            f"{value:,.0f}".replace(",", ".") if reach >= 4 else f"{value:.2f}".replace(".", ",")
        )
        parts.append(_text(_LEFT - 6, y + 4, shown, "end"))
    return parts


def _ticks(labels: Sequence[str]) -> list[Markup]:
    every = max(1, -(-len(labels) // _MAX_TICKS))
    return [
        _text(_x(place, len(labels)), _HEIGHT - _BOTTOM + 16, label, "middle")
        for place, label in enumerate(labels)
        if place % every == 0
    ]


def _curve(line: Line, number: int, reach: float) -> list[Markup]:
    """Return a line and a dot on each of its points; a single point is only a dot."""
    steps = len(line.values)
    path: list[str] = []
    dots: list[Markup] = []
    pen_is_up = True
    for place, value in enumerate(line.values):
        if value is None:
            pen_is_up = True
            continue
        x, y = _number(_x(place, steps)), _number(_y(value, reach))
        path.append(f"{'M' if pen_is_up else 'L'}{x} {y}")
        pen_is_up = False
        dots.append(
            Markup('<circle class="tk-chart-dot tk-chart-{}" cx="{}" cy="{}" r="2.5"/>').format(
                number % 4 + 1, x, y
            )
        )
    curve = Markup('<path class="tk-chart-line tk-chart-{}" d="{}"/>').format(
        number % 4 + 1, " ".join(path)
    )
    return [curve, *dots]


def _legend(lines: Sequence[Line]) -> list[Markup]:
    parts: list[Markup] = []
    for number, line in enumerate(lines):
        x = _LEFT + number * 150
        parts.append(
            Markup(
                '<rect class="tk-chart-key tk-chart-{}" x="{}" y="{}" width="12" height="12"/>'
            ).format(number % 4 + 1, x, _HEIGHT - 15)
        )
        parts.append(_text(x + 18, _HEIGHT - 5, line.label, "start"))
    return parts


def _x(place: int, steps: int) -> float:
    room = _WIDTH - _LEFT - _RIGHT
    return _LEFT + (room / 2 if steps < 2 else room * place / (steps - 1))


def _y(value: float, reach: float) -> float:
    room = _HEIGHT - _TOP - _BOTTOM
    return _TOP + room * (1 - max(value, 0.0) / reach)


def _path(x0: float, y0: float, x1: float, y1: float, kind: str) -> Markup:
    return Markup('<path class="{}" d="M{} {}L{} {}"/>').format(
        kind, *(_number(each) for each in (x0, y0, x1, y1))
    )


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text class="tk-chart-label" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        _number(x), _number(y), anchor, text
    )


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _svg(title: str, description: str, width: int, height: int, parts: Sequence[Markup]) -> Markup:
    name = f"chart-{next(_ids)}"
    return Markup(
        '<svg class="tk-chart" viewBox="0 0 {width} {height}" role="img" '
        'aria-labelledby="{name}-title {name}-desc" focusable="false">'
        '<title id="{name}-title">{title}</title><desc id="{name}-desc">{description}</desc>'
        "{parts}</svg>"
    ).format(
        width=width,
        height=max(height, 12),
        name=name,
        title=title,
        description=description,
        parts=Markup("").join(escape(part) for part in parts),
    )
