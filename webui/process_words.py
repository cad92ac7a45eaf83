"""Name what the administrator's pages of the processes show, as `webui.words` does for the rest.

Every table is complete for its enum; a test keeps it so.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.calendar.holidays import DayKind
from engine.errors import ErrorCode, TrinhKyError
from engine.model.organisation import Role
from engine.process.deadlines import Deadline, DeadlineKind, FromData
from engine.process.decision_tables import HitPolicy
from engine.process.migration import MigrationProblem
from engine.process.model import Alert, DefinitionSource, DueKind, IncidentKind, InstanceStatus
from engine.process.nodes import SYSTEM_LANE, Diagram, Node, NodeKind
from engine.process_queries import InstanceState, SubjectRow
from webui.error_texts import TEXTS
from webui.i18n import DEFAULT_LOCALE, current_locale, say
from webui.i18n import mark as _l
from webui.words import ROLES, STEPS, document_title

STATUSES: Mapping[InstanceStatus, tuple[str, str]] = {
    InstanceStatus.RUNNING: (_l("Đang chạy"), "info"),
    InstanceStatus.COMPLETED: (_l("Đã xong"), "good"),
    InstanceStatus.CANCELLED: (_l("Đã hủy"), ""),
}

STATES: Mapping[InstanceState, str] = {
    InstanceState.RUNNING: _l("Đang chạy"),
    InstanceState.STUCK: _l("Bị kẹt"),
    InstanceState.COMPLETED: _l("Đã xong"),
    InstanceState.CANCELLED: _l("Đã hủy"),
}

ALERTS: Mapping[Alert, tuple[str, str]] = {
    Alert.NONE: ("", ""),
    Alert.HALF: (_l("Đã qua nửa hạn"), ""),
    Alert.NEAR: (_l("Sắp đến hạn"), "wait"),
    Alert.OVERDUE: (_l("Quá hạn"), "bad"),
}

SOURCES: Mapping[DefinitionSource, str] = {
    DefinitionSource.RELEASE: _l("Theo bản phần mềm"),
    DefinitionSource.FILE: _l("Từ tệp tải lên"),
    DefinitionSource.EDITOR: _l("Sửa trên trang này"),
}

TIMERS: Mapping[DueKind, str] = {
    DueKind.EVENT: _l("Hẹn giờ của quy trình"),
    DueKind.HALF: _l("Nhắc khi qua nửa hạn"),
    DueKind.NEAR: _l("Nhắc khi sắp đến hạn"),
    DueKind.OVERDUE: _l("Báo quá hạn"),
    DueKind.MESSAGE: _l("Chuyển thông điệp"),
    DueKind.RESUME: _l("Đi tiếp sau khi đủ trả lời"),
}

INCIDENTS: Mapping[IncidentKind, str] = {
    IncidentKind.STEP: _l("Bước của người dùng"),
    IncidentKind.TIMER: _l("Việc hẹn giờ"),
    IncidentKind.MESSAGE: _l("Thông điệp"),
    IncidentKind.RESUME: _l("Đi tiếp sau khi đủ trả lời"),
}

PROBLEMS: Mapping[MigrationProblem, str] = {
    MigrationProblem.STEP_GONE: _l("Bước “%(node)s” không còn ở phiên bản mới."),
    MigrationProblem.STEP_CHANGED: _l("Bước “%(node)s” đã thành việc khác ở phiên bản mới."),
    MigrationProblem.STEP_SKIPPED: _l(
        "Ở phiên bản mới hồ sơ sẽ bỏ qua bước “%(node)s”, là bước bắt buộc và chưa làm."
    ),
    MigrationProblem.CANNOT_STAND: _l(
        "Ở phiên bản mới hồ sơ không thể đứng ở bước “%(node)s” cùng lúc với các bước khác."
    ),
    MigrationProblem.RULE_GONE: _l("Bước “%(node)s” không còn ai làm được."),
    MigrationProblem.DATA_MISSING: _l(
        "Bước “%(node)s” ở phiên bản mới cần dữ liệu mà hồ sơ này không có."
    ),
    MigrationProblem.OTHER_PROCEDURE: _l("Phiên bản mới thuộc quy trình khác."),
}

NODES: Mapping[NodeKind, str] = {
    NodeKind.START: _l("Bắt đầu"),
    NodeKind.END: _l("Kết thúc"),
    NodeKind.USER_TASK: _l("Việc của người"),
    NodeKind.SERVICE_TASK: _l("Việc của hệ thống"),
    NodeKind.DECISION: _l("Tra bảng quyết định"),
    NodeKind.CALL: _l("Gọi quy trình con"),
    NodeKind.CATCH: _l("Chờ hẹn giờ hoặc thông điệp"),
    NodeKind.THROW: _l("Gửi thông điệp"),
    NodeKind.BOUNDARY: _l("Sự kiện ở mép bước"),
    NodeKind.EXCLUSIVE: _l("Rẽ nhánh theo điều kiện"),
    NodeKind.PARALLEL: _l("Rẽ, gộp song song"),
}

DAYS: Mapping[DayKind, tuple[str, str]] = {
    DayKind.HOLIDAY: (_l("Nghỉ lễ, tết"), "info"),
    DayKind.IN_LIEU: (_l("Nghỉ bù"), "info"),
    DayKind.SWAPPED: (_l("Nghỉ hoán đổi"), "info"),
    DayKind.WORKED: (_l("Làm bù"), "wait"),
}

#: A deadline whose amount is written in the drawing, and one whose amount process data holds.
DEADLINES: Mapping[DeadlineKind, tuple[str, str]] = {
    DeadlineKind.CLOCK: ("%(amount)s", "%(amount)s"),
    DeadlineKind.WORKING_DAYS: (
        _l("%(amount)s ngày làm việc"),
        _l("số ngày làm việc theo “%(amount)s”"),
    ),
    DeadlineKind.WORKING_HOURS: (
        _l("%(amount)s giờ làm việc"),
        _l("số giờ làm việc theo “%(amount)s”"),
    ),
    DeadlineKind.MOMENT: (_l("lúc %(amount)s"), _l("lúc ghi ở “%(amount)s”")),
}

POLICIES: Mapping[HitPolicy, str] = {
    HitPolicy.UNIQUE: _l("chỉ được một dòng khớp"),
    HitPolicy.FIRST: _l("lấy dòng khớp đầu tiên"),
    HitPolicy.ANY: _l("mọi dòng khớp phải cho cùng kết quả"),
    HitPolicy.PRIORITY: _l("lấy kết quả ưu tiên nhất"),
}

_DAYS = _l("%(count)s ngày")
_HOURS = _l("%(count)s giờ")
_MINUTES = _l("%(count)s phút")
_NO_TIME = _l("dưới 1 phút")
_SYSTEM = _l("Hệ thống")
_TO_RECEIVER = _l("%(title)s → %(receiver)s")


def span(amount: timedelta) -> str:
    """Return a length of time in its largest whole unit, as in a list of what waits."""
    minutes = int(amount.total_seconds()) // 60
    if minutes < 1:
        return say(_NO_TIME)
    if minutes >= 2 * 24 * 60:
        return say(_DAYS, count=str(minutes // (24 * 60)))
    if minutes >= 2 * 60:
        return say(_HOURS, count=str(minutes // 60))
    return say(_MINUTES, count=str(minutes))


def node_name(procedure_id: str, node: Node) -> str:
    """Return what a node is called: as it is drawn, in English where the house knows the words."""
    drawn = node.name or say(NODES[node.kind])
    known = STEPS.get(f"{procedure_id}.{node.id}")
    return say(known) if known == node.name and current_locale() != DEFAULT_LOCALE else drawn


def lane_name(diagram: Diagram, lane: str) -> str:
    """Return who works in a lane."""
    if lane in frozenset(Role):
        return say(ROLES[Role(lane)])
    return say(_SYSTEM) if lane == SYSTEM_LANE else diagram.lanes.get(lane, lane)


def deadline_text(text: str) -> str:
    """Return a deadline of a diagram in words; as it is written where it cannot be read."""
    try:
        deadline = Deadline.parse(text)
    except TrinhKyError:
        return text
    amount = deadline.amount
    written, from_data = DEADLINES[deadline.kind]
    if isinstance(amount, FromData):
        return say(from_data, amount=amount.name)
    return say(written, amount=span(amount) if isinstance(amount, timedelta) else str(amount))


def subject_title(about: SubjectRow) -> str:
    """Return what an instance is about: its document, and the receiver of a delivery."""
    if about.kind is None:
        return about.subject or about.key
    title = document_title(about.kind, about.subject)
    if not about.receiver_name:
        return title
    return say(_TO_RECEIVER, title=title, receiver=about.receiver_name)


def reason_title(code: str) -> str:
    """Return what went wrong in an incident, by the code of its error."""
    known = frozenset(ErrorCode)
    return say(TEXTS[ErrorCode(code)].title) if code in known else code


def age_level(oldest_at: datetime, overdue: int, now: datetime) -> int:
    """Return how hot a node is, 1 to 4: by its oldest; anything overdue is hottest."""
    if overdue:
        return len(HEAT_STEPS) + 1
    age = now - oldest_at
    return 1 + sum(age >= step for step in HEAT_STEPS)


#: Ages from which a node gets the next colour.
HEAT_STEPS = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
HEAT: Mapping[int, str] = {
    1: _l("Dưới 1 ngày"),
    2: _l("Từ 1 ngày"),
    3: _l("Từ 3 ngày"),
    4: _l("Từ 7 ngày, hoặc có việc quá hạn"),
}
