"""Put assignments into words."""

from collections.abc import Mapping

from engine.model.assignment import Assignment, AssignmentState, SourceKind, Standing
from engine.ports_direction import AssignmentRow, Part
from webui.i18n import mark as _l
from webui.i18n import say

#: Word and colour of what has become of an assignment.
STATES: Mapping[AssignmentState, tuple[str, str]] = {
    AssignmentState.GIVEN: (_l("Mới giao"), "wait"),
    AssignmentState.ACCEPTED: (_l("Đang thực hiện"), "info"),
    AssignmentState.RETURNED: (_l("Bị trả lại"), "bad"),
    AssignmentState.REPORTED: (_l("Chờ xác nhận hoàn thành"), "wait"),
    AssignmentState.COMPLETED: (_l("Hoàn thành"), "good"),
    AssignmentState.CANCELLED: (_l("Đã hủy"), ""),
}

#: Word and colour of how it stands against its deadline.
STANDINGS: Mapping[Standing, tuple[str, str]] = {
    Standing.DONE_IN_TIME: (_l("Hoàn thành đúng hạn"), "good"),
    Standing.DONE_LATE: (_l("Hoàn thành trễ hạn"), "wait"),
    Standing.RUNNING_IN_TIME: (_l("Đang thực hiện trong hạn"), "info"),
    Standing.RUNNING_OVERDUE: (_l("Đang thực hiện quá hạn"), "bad"),
    Standing.NO_DEADLINE: (_l("Không hạn"), ""),
    Standing.EXTENSION_ASKED: (_l("Xin gia hạn"), "wait"),
    Standing.CANCELLED: (_l("Đã hủy"), ""),
}

PARTS: Mapping[Part, str] = {
    Part.LED: _l("Chủ trì"),
    Part.GIVEN: _l("Tôi giao"),
    Part.COOPERATING: _l("Phối hợp"),
    Part.TRACKED: _l("Theo dõi"),
}

SOURCES: Mapping[SourceKind, str] = {
    SourceKind.DELIVERY: _l("Bút phê văn bản đến"),
    SourceKind.DOCUMENT: _l("Văn bản"),
    SourceKind.MEETING: _l("Kết luận cuộc họp"),
    SourceKind.ASSIGNMENT: _l("Phần của nhiệm vụ khác"),
    SourceKind.NONE: _l("Giao trực tiếp"),
}

_YES, _NO = _l("Có"), _l("Không")


def number_of(assignment: Assignment | AssignmentRow) -> str:
    """Return how an assignment is called among people, such as `12/2026`."""
    return f"{assignment.number}/{assignment.year}"


def late_words(days: int) -> str:
    """Return by how much an assignment is late; "" when it is not."""
    return say(_l("Quá hạn %(days)s ngày"), days=str(days)) if days else ""


def assignment_detail(name: str, value: str) -> str:
    """Return a detail of an audit leaf in words; "" for those that are no codes."""
    if name == "granted":
        return say(_YES if value == "yes" else _NO)
    if name == "standing" and value in list(Standing):
        return say(STANDINGS[Standing(value)][0])
    return ""
