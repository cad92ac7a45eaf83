"""Read lanes, make them one row deep, and find the role behind each name."""

from lxml import etree

from engine.model.organisation import Role
from engine.process.importing.drawing import Drawing, Lane
from engine.process.importing.names import ROLE_LANES, Names
from engine.process.importing.removals import count_part
from engine.process.importing.report import Attention, ChangeKind, Report
from engine.process.importing.tags import local_of, tag, text_of
from engine.process.nodes import SYSTEM_LANE
from engine.text import fold

#: Folded names of lanes that mean a role. A longer name counts when it begins with one of these
#: words, the longest first: "Trưởng phòng Hành chính" is a head of division.
_BEGINNINGS = {
    "chuyen vien": Role.DESK_OFFICER,
    "can bo chuyen mon": Role.DESK_OFFICER,
    "can bo thu ly": Role.DESK_OFFICER,
    "cong chuc": Role.DESK_OFFICER,
    "nguoi soan thao": Role.DESK_OFFICER,
    "desk officer": Role.DESK_OFFICER,
    "lanh dao phong": Role.DIVISION_HEAD,
    "lanh dao don vi": Role.DIVISION_HEAD,
    "truong phong": Role.DIVISION_HEAD,
    "pho truong phong": Role.DIVISION_HEAD,
    "head of division": Role.DIVISION_HEAD,
    "van thu": Role.CLERK,
    "bo phan van thu": Role.CLERK,
    "can bo van thu": Role.CLERK,
    "nhan vien van thu": Role.CLERK,
    "clerk": Role.CLERK,
    "lanh dao co quan": Role.LEADER,
    "lanh dao so": Role.LEADER,
    "lanh dao bo": Role.LEADER,
    "lanh dao ubnd": Role.LEADER,
    "lanh dao uy ban": Role.LEADER,
    "thu truong": Role.LEADER,
    "giam doc": Role.LEADER,
    "pho giam doc": Role.LEADER,
    "chu tich": Role.LEADER,
    "pho chu tich": Role.LEADER,
    "director": Role.LEADER,
    "he thong": SYSTEM_LANE,
    "system": SYSTEM_LANE,
}
#: Names that mean a role only as they stand: longer ones may mean somebody else.
_WHOLE = {
    "lanh dao": Role.LEADER,
    "leader": Role.LEADER,
    "kiem tra": Role.AUDITOR,
    "thanh tra": Role.AUDITOR,
    "auditor": Role.AUDITOR,
    "quan tri": Role.ADMINISTRATOR,
    "quan tri vien": Role.ADMINISTRATOR,
    "quan tri he thong": Role.ADMINISTRATOR,
    "administrator": Role.ADMINISTRATOR,
}


def role_of(name: str) -> str:
    """Return the lane id that a lane's name means, "" when it means none of ours."""
    folded = fold(name)
    if folded in _WHOLE:
        return str(_WHOLE[folded])
    for beginning in sorted(_BEGINNINGS, key=len, reverse=True):
        if f"{folded} ".startswith(f"{beginning} "):
            return str(_BEGINNINGS[beginning])
    return ""


def read_lanes(
    process: etree._Element,
    drawing: Drawing,
    ids: dict[etree._Element, str],
    names: Names,
    report: Report,
) -> None:
    """Read the lanes of a process; of nested ones only the innermost are kept."""
    reader = _LaneReader(drawing, ids, names, report)
    for lane_set in process.iter(tag("laneSet"), tag("childLaneSet")):
        for other in lane_set:
            if local_of(other) != "lane":
                count_part(report, other, drawing.id)
    # Innermost lanes come first, so that a node listed again by an outer lane stays in its own.
    for lane in sorted(process.iter(tag("lane")), key=lambda lane: -_depth(lane)):
        for part in lane:
            reader.read_part(lane, part)
    used = {node.lane for node in reader.nodes.values()}
    for lane in process.iter(tag("lane")):
        lane_id, name = ids[lane], " ".join(lane.get("name", "").split())
        if lane.find(f".//{tag('lane')}") is not None and lane_id not in used:
            report.add(ChangeKind.FLATTENED_LANES, lane_id, name=name)
        else:
            drawing.lanes[lane_id] = Lane(lane_id, name)


class _LaneReader:
    """Put nodes into lanes."""

    def __init__(
        self, drawing: Drawing, ids: dict[etree._Element, str], names: Names, report: Report
    ) -> None:
        self.ids = ids
        self.names = names
        self.report = report
        self.nodes = {
            node_id: node
            for scope in drawing.scope.scopes()
            for node_id, node in scope.nodes.items()
        }

    def read_part(self, lane: etree._Element, part: etree._Element) -> None:
        local = local_of(part)
        if local == "childLaneSet":
            return
        if local != "flowNodeRef":
            count_part(self.report, part, self.ids[lane])
            return
        node = self.nodes.get(self.names.find(text_of(part)))
        if node is not None and not node.lane:
            node.lane = self.ids[lane]
        elif lane.find(tag("childLaneSet")) is None:
            # It means no node, or one that is in a lane already.
            self.report.count(ChangeKind.REMOVED_ELEMENT, "flowNodeRef", self.ids[lane])


def _depth(lane: etree._Element) -> int:
    return sum(1 for _ in lane.iterancestors(tag("lane")))


def map_lanes(drawing: Drawing, report: Report) -> None:
    """Give each lane the id of the role its name means; name the lanes that mean none."""
    if not drawing.lanes:
        report.attention(Attention.NO_LANES, drawing.id)
    for lane in list(drawing.lanes.values()):
        if lane.id in ROLE_LANES:
            continue
        role = role_of(lane.name)
        if not role:
            report.attention(Attention.LANE, lane.id, name=lane.name)
        elif role in drawing.lanes:
            report.attention(Attention.LANE_TWICE, lane.id, name=lane.name, role=role)
        else:
            report.add(ChangeKind.MAPPED_LANE, role, was=lane.id, name=lane.name)
            _rename(drawing, lane, role)
    for node in drawing.scope.of_kind("serviceTask", "businessRuleTask"):
        if drawing.lanes and node.lane != SYSTEM_LANE:
            report.attention(Attention.SYSTEM_LANE, node.id, lane=node.lane)


def _rename(drawing: Drawing, lane: Lane, role: str) -> None:
    for scope in drawing.scope.scopes():
        for node in scope.nodes.values():
            if node.lane == lane.id:
                node.lane = role
    drawing.lanes = {
        role if lane_id == lane.id else lane_id: kept for lane_id, kept in drawing.lanes.items()
    }
    lane.id = role
