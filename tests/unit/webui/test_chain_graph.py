"""Tests of laying a chain out: layers, lines, and titles that fit."""

from itertools import pairwise

import pytest
from flask import Flask

from engine.model.assignment import Standing
from webui.chain_graph import BOX_HEIGHT, BOX_WIDTH, Graph, draw, wrap
from workflows.direction.view_chain import MAX_NODES, Chain, ChainKind, ChainNode


def a_node(name: str, kind: ChainKind = ChainKind.ASSIGNMENT, **more: object) -> ChainNode:
    return ChainNode(id=name, kind=kind, target_id=name, title=f"Việc {name}", **more)  # type: ignore[arg-type]


def drawn(names: str, *edges: str) -> Graph:
    app = Flask(__name__)
    app.add_url_rule("/a/<assignment_id>", "assignments.show", lambda assignment_id: assignment_id)
    nodes = [a_node(name) for name in names]
    pairs = [(edge[0], edge[1]) for edge in edges]
    with app.test_request_context():
        return draw(Chain(nodes=nodes, edges=pairs, is_cut=False))


def test_each_link_stands_after_what_leads_to_it() -> None:
    graph = drawn("abcd", "ab", "ac", "bd", "cd")
    assert [[box.url[-1] for box in layer] for layer in graph.layers] == [["a"], ["b", "c"], ["d"]]
    assert len(graph.paths) == 4


def test_the_longest_way_counts() -> None:
    graph = drawn("abc", "ab", "bc", "ac")
    assert [len(layer) for layer in graph.layers] == [1, 1, 1]


def test_what_leads_back_does_not_turn_the_graph_in_a_circle() -> None:
    graph = drawn("ab", "ab", "ba")
    assert [len(layer) for layer in graph.layers] == [1, 1]
    assert len(graph.paths) == 2


def test_an_empty_chain_is_an_empty_drawing() -> None:
    graph = drawn("")
    assert (graph.width, graph.height, list(graph.layers)) == (0, 0, [])


def test_boxes_never_overlap_when_the_chain_is_as_long_as_can_be() -> None:
    names = "".join(chr(0x4E00 + n) for n in range(MAX_NODES))
    graph = drawn(names, *(names[n // 3] + names[n] for n in range(1, MAX_NODES)))
    boxes = [box for layer in graph.layers for box in layer]
    assert len(boxes) == MAX_NODES
    corners = {(box.x, box.y) for box in boxes}
    assert len(corners) == MAX_NODES
    for x, y in corners:
        assert x + BOX_WIDTH <= graph.width
        assert y + BOX_HEIGHT <= graph.height
    rows = sorted(y for x, y in corners if x == max(x for x, _ in corners))
    assert all(after - before > BOX_HEIGHT for before, after in pairwise(rows))


def test_a_box_says_all_of_it_to_who_does_not_see() -> None:
    app = Flask(__name__)
    app.add_url_rule("/a/<assignment_id>", "assignments.show", lambda assignment_id: assignment_id)
    node = a_node("a", standing=Standing.RUNNING_OVERDUE, detail="Sở Nội vụ · 10/12/2026")
    with app.test_request_context():
        graph = draw(Chain(nodes=[node], edges=[], is_cut=False))
    ((box,),) = graph.layers
    assert box.label == "Nhiệm vụ: Việc a · Sở Nội vụ · 10/12/2026 · Đang thực hiện quá hạn"
    assert box.colour == "bad"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("Báo cáo", ("Báo cáo",)),
        ("Báo cáo kết quả sử dụng chữ ký số", ("Báo cáo kết quả sử dụng chữ", "ký số")),
        ("x" * 60, ("x" * 26 + "…",)),
    ],
)
def test_wrap_makes_two_lines_at_most(text: str, lines: tuple[str, ...]) -> None:
    assert wrap(text) == lines


def test_wrap_says_that_there_is_more() -> None:
    lines = wrap(
        "Báo cáo kết quả sử dụng chữ ký số trong toàn bộ các cơ quan của thành phố năm nay"
    )
    assert len(lines) == 2
    assert lines[1].endswith("…")
