"""Lay a chain of documents and assignments out as a graph of boxes and lines.

Each link stands in the layer after everything that leads to it; within a layer it stands beside
what leads to it. The page draws what is returned as SVG, and a list says the same in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from webui.direction_words import STANDINGS
from webui.i18n import mark as _l
from webui.i18n import say
from workflows.direction.view_chain import Chain, ChainKind, ChainNode

BOX_WIDTH = 212
BOX_HEIGHT = 86
_GAP_X = 40
_GAP_Y = 22
_MARGIN = 16
_LINE_CHARS = 27
_TITLE_LINES = 2

KINDS: Mapping[ChainKind, str] = {
    ChainKind.DOCUMENT: _l("Văn bản"),
    ChainKind.DIRECTION: _l("Chỉ đạo"),
    ChainKind.ASSIGNMENT: _l("Nhiệm vụ"),
    ChainKind.REPORT: _l("Báo cáo"),
}
_PAGES: Mapping[ChainKind, tuple[str, str]] = {
    ChainKind.DOCUMENT: ("documents.show", "document_id"),
    ChainKind.DIRECTION: ("arrivals.show", "delivery_id"),
    ChainKind.ASSIGNMENT: ("assignments.show", "assignment_id"),
    ChainKind.REPORT: ("assignments.show", "assignment_id"),
}


@dataclass(frozen=True, kw_only=True)
class Box:
    """Hold one link as it is drawn; `x` and `y` are its upper left corner in user units.

    Args:
        heading: what it is.
        lines: its title, at most two lines; `label` says all of it.
        colour: kind of colour of its standing, "" for none.
        word: its standing in words, "" for none.
    """

    x: int
    y: int
    url: str
    heading: str
    lines: tuple[str, ...]
    detail: str
    label: str
    kind: ChainKind
    colour: str
    word: str
    is_here: bool


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Hold a drawing: its size, its boxes layer by layer, and its lines as SVG path data."""

    width: int
    height: int
    layers: Sequence[Sequence[Box]]
    paths: Sequence[str]
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT


def draw(chain: Chain) -> Graph:
    """Return a chain laid out from left to right."""
    layers = _layers(chain)
    corners: dict[str, tuple[int, int]] = {}
    for column, layer in enumerate(layers):
        for row, node in enumerate(layer):
            corners[node.id] = (
                _MARGIN + column * (BOX_WIDTH + _GAP_X),
                _MARGIN + row * (BOX_HEIGHT + _GAP_Y),
            )
    rows = max((len(layer) for layer in layers), default=0)
    return Graph(
        width=2 * _MARGIN + len(layers) * (BOX_WIDTH + _GAP_X) - _GAP_X if layers else 0,
        height=2 * _MARGIN + rows * (BOX_HEIGHT + _GAP_Y) - _GAP_Y if layers else 0,
        layers=[[_box(node, *corners[node.id]) for node in layer] for layer in layers],
        paths=[_path(corners[source], corners[target]) for source, target in chain.edges],
    )


def _layers(chain: Chain) -> list[list[ChainNode]]:
    """Return the links layer by layer, each near what leads to it.

    What leads back, as an answer that is its own source, does not count: a link is found after
    those that lead to it, so only lines to later links make layers.
    """
    place = {node.id: index for index, node in enumerate(chain.nodes)}
    forward = [(a, b) for a, b in chain.edges if place[a] < place[b]]
    before: dict[str, list[str]] = {node.id: [] for node in chain.nodes}
    for source, target in forward:
        before[target].append(source)
    depth: dict[str, int] = {}
    for node in chain.nodes:
        depth[node.id] = max((depth[each] + 1 for each in before[node.id]), default=0)
    layers: list[list[ChainNode]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in chain.nodes:
        layers[depth[node.id]].append(node)
    rows: dict[str, float] = {}
    for layer in layers:
        layer.sort(key=lambda node: (_mean_row(before[node.id], rows), place[node.id]))
        rows.update({node.id: float(row) for row, node in enumerate(layer)})
    return layers


def _mean_row(node_ids: Sequence[str], rows: Mapping[str, float]) -> float:
    return sum(rows[each] for each in node_ids) / len(node_ids) if node_ids else 0.0


def _box(node: ChainNode, x: int, y: int) -> Box:
    endpoint, name = _PAGES[node.kind]
    word, colour = STANDINGS[node.standing] if node.standing is not None else ("", "")
    heading, told = say(KINDS[node.kind]), say(word) if word else ""
    title = " ".join(node.title.split())
    parts = [f"{heading}: {title}", node.detail, told]
    return Box(
        x=x,
        y=y,
        url=url_for(endpoint, **{name: node.target_id}),  # type: ignore[arg-type] # one id
        heading=heading,
        lines=wrap(title),
        detail=_cut(node.detail, _LINE_CHARS + 4),
        label=" · ".join(part for part in parts if part),
        kind=node.kind,
        colour=colour,
        word=told,
        is_here=node.is_here,
    )


def _path(source: tuple[int, int], target: tuple[int, int]) -> str:
    """Return a line from the right edge of a box to the left edge of another."""
    x1, y1 = source[0] + BOX_WIDTH, source[1] + BOX_HEIGHT // 2
    x2, y2 = target[0], target[1] + BOX_HEIGHT // 2
    bend = max((x2 - x1) // 2, _GAP_X // 2)
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"


def wrap(text: str) -> tuple[str, ...]:
    """Return a title in at most two lines, cut off where it is longer."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        longer = f"{current} {word}".strip()
        if len(longer) <= _LINE_CHARS or not current:
            current = longer
            continue
        lines.append(current)
        current = word
        if len(lines) == _TITLE_LINES:
            break
    else:
        lines.append(current)
        return tuple(_cut(line, _LINE_CHARS) for line in lines[:_TITLE_LINES] if line)
    return (*lines[:-1], _cut(f"{lines[-1]} …", _LINE_CHARS))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
