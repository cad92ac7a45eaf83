"""Keep the shipped drawings readable in a modeller: nothing missing, crooked or overlapping."""

from itertools import combinations, pairwise

import pytest
from lxml import etree

from engine.model.organisation import Role
from engine.process.model import Procedure
from workflows.certificates.procedure import CERTIFICATE, SUSPENSION
from workflows.incoming.procedure import PROCEDURE as INCOMING
from workflows.opinion.procedure import PROCEDURE as OPINION
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

NS = {
    "b": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "d": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}
Box = tuple[float, float, float, float]


def box(element: etree._Element) -> Box:
    x, y, width, height = (float(element.get(k, "0")) for k in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def overlap(first: Box, second: Box) -> bool:
    return (
        first[0] < second[2]
        and second[0] < first[2]
        and first[1] < second[3]
        and second[1] < first[3]
    )


def segments(root: etree._Element) -> list[tuple[str, Box]]:
    found: list[tuple[str, Box]] = []
    for edge in root.iterfind(".//d:BPMNEdge", NS):
        points = [(float(p.get("x", "0")), float(p.get("y", "0"))) for p in
                  edge.iterfind("di:waypoint", NS)]  # fmt: skip
        for (x1, y1), (x2, y2) in pairwise(points):
            line = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
            found.append((edge.get("bpmnElement", ""), line))
    return found


def bounds(root: etree._Element) -> dict[str, Box]:
    return {
        shape.get("bpmnElement", ""): box(shape.find("dc:Bounds", NS))  # type: ignore[arg-type]
        for shape in root.iterfind(".//d:BPMNShape", NS)
    }


@pytest.fixture(params=[OUTGOING, INCOMING, OPINION, CERTIFICATE, SUSPENSION], ids=lambda p: p.id)
def root(request: pytest.FixtureRequest) -> etree._Element:
    procedure: Procedure = request.param
    return etree.fromstring(procedure.bpmn)


def test_every_element_is_drawn(root: etree._Element) -> None:
    process = root.find("b:process", NS)
    assert process is not None
    elements = {e.get("id", "") for e in process if e.get("id")} - {
        e.get("id", "") for e in process.iterfind("b:laneSet", NS)
    }
    drawn = {e.get("bpmnElement", "") for e in root.iterfind(".//d:BPMNEdge", NS)}
    assert elements <= drawn | bounds(root).keys()


def test_every_lane_is_a_role_or_the_system(root: etree._Element) -> None:
    for lane in root.iterfind(".//b:lane", NS):
        assert lane.get("id") in {*Role, "he_thong"}
        assert lane.get("name")


def test_lines_are_straight(root: etree._Element) -> None:
    for flow, (x1, y1, x2, y2) in segments(root):
        assert x1 == x2 or y1 == y2, flow


def test_lines_do_not_run_through_nodes_or_labels(root: etree._Element) -> None:
    lanes = {lane.get("id", "") for lane in root.iterfind(".//b:lane", NS)}
    nodes = {n: b for n, b in bounds(root).items() if n not in lanes and not n.startswith("pool")}
    for flow, line in segments(root):
        hit = [n for n, b in nodes.items() if overlap(line, b)]
        assert not hit, (flow, hit)
        for label in root.iterfind(".//d:BPMNLabel/dc:Bounds", NS):
            assert not overlap(line, box(label)), flow


def test_nodes_and_labels_do_not_overlap(root: etree._Element) -> None:
    lanes = {lane.get("id", "") for lane in root.iterfind(".//b:lane", NS)}
    things = {n: b for n, b in bounds(root).items() if n not in lanes and not n.startswith("pool")}
    for number, label in enumerate(root.iterfind(".//d:BPMNLabel/dc:Bounds", NS)):
        things[f"label {number}"] = box(label)
        assert float(label.get("width", "0")) >= 30
    hosts = {
        (event.get("attachedToRef"), event.get("id"))
        for event in root.iterfind(".//b:boundaryEvent", NS)
    }
    for (one, first), (two, second) in combinations(things.items(), 2):
        if {(one, two), (two, one)} & hosts:
            continue
        assert not overlap(first, second), (one, two)


def test_nodes_lie_in_their_lanes(root: etree._Element) -> None:
    drawn = bounds(root)
    for lane in root.iterfind(".//b:lane", NS):
        x1, y1, x2, y2 = drawn[lane.get("id", "")]
        for reference in lane.iterfind("b:flowNodeRef", NS):
            node = drawn[reference.text or ""]
            assert x1 <= node[0] <= node[2] <= x2
            assert y1 <= node[1] <= node[3] <= y2


def test_boundary_events_sit_on_an_edge_of_their_task(root: etree._Element) -> None:
    drawn = bounds(root)
    for event in root.iterfind(".//b:boundaryEvent", NS):
        x1, y1, x2, y2 = drawn[event.get("attachedToRef", "")]
        left, top, right, bottom = drawn[event.get("id", "")]
        x, y = (left + right) / 2, (top + bottom) / 2
        assert (x in (x1, x2) and y1 <= y <= y2) or (y in (y1, y2) and x1 <= x <= x2)
