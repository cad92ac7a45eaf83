"""Give the editor in the browser its words, and what may be chosen in a procedure."""

from collections.abc import Iterable, Mapping, Sequence

from engine.model.organisation import Role
from engine.process.definitions import Definition
from engine.process.model import Procedure
from engine.process.nodes import SYSTEM_LANE, NodeKind
from webui.i18n import mark as _l
from webui.i18n import say
from webui.process_words import NODES
from webui.words import ROLES, STEPS

#: Words of the panel beside the drawing, by the name the script knows them by.
PANEL: Mapping[str, str] = {
    "append": _l("Thêm bước sau"),
    "append_button": _l("Thêm"),
    "attach_timer": _l("Gắn hẹn giờ vào mép"),
    "attach_message": _l("Gắn thông điệp vào mép"),
    "boundary": _l("Sự kiện ở mép"),
    "called": _l("Quy trình con"),
    "catch_message": _l("Chờ thông điệp"),
    "catch_timer": _l("Chờ hẹn giờ"),
    "changed": _l("Có thay đổi chưa lưu."),
    "checked_bad": _l("Còn {count} chỗ phải sửa."),
    "checked_good": _l("Sơ đồ đạt: không có chỗ nào phải sửa."),
    "choose": _l("– chọn –"),
    "condition": _l("Điều kiện"),
    "condition_hint": _l('Ví dụ: approved == True; urgency in ("khan", "hoa_toc").'),
    "connect": _l("Nối tới"),
    "connect_button": _l("Nối"),
    "correlation": _l("Dữ liệu nhận diện"),
    "correlation_hint": _l("Tên dữ liệu, cách nhau bằng dấu cách; cho biết hồ sơ nào."),
    "data": _l("Dữ liệu có sẵn: {names}."),
    "decision": _l("Bảng quyết định"),
    "default": _l("Nhánh mặc định"),
    "default_hint": _l("Đi theo nhánh này khi không điều kiện nào đúng; không cần điều kiện."),
    "due": _l("Hạn"),
    "due_hint": _l("Ví dụ: 3 working days, 4 working hours, P3D, at due_at. Để trống nếu không."),
    "element": _l("Phần tử"),
    "failed": _l("Không mở được trình sửa. Hãy tải lại trang."),
    "flow": _l("Đường đi"),
    "id": _l("Mã"),
    "interrupts": _l("Kết thúc bước khi xảy ra"),
    "is_default": _l("Là nhánh mặc định"),
    "lane": _l("Làn"),
    "lane_above": _l("Thêm làn phía trên"),
    "lane_below": _l("Thêm làn phía dưới"),
    "many": _l("Chạy nhiều lần, mỗi đối tượng một lần"),
    "mend": _l("Cách sửa:"),
    "message": _l("Tên thông điệp"),
    "moment": _l("Vào một thời điểm"),
    "moment_hint": _l("Ví dụ: 2027-01-15T08:00+07:00, hoặc at due_at."),
    "name": _l("Tên"),
    "nothing": _l("Chọn một phần tử trên hình hoặc trong danh sách để sửa."),
    "operation": _l("Việc hệ thống làm"),
    "passes": _l("Dữ liệu trao cho quy trình con"),
    "payload": _l("Dữ liệu mang theo"),
    "process": _l("Quy trình"),
    "remove": _l("Xóa"),
    "returns": _l("Được trả lại về"),
    "role": _l("Vai trò"),
    "rule": _l("Nghiệp vụ"),
    "rule_hint": _l("Việc mà người ở bước này làm trong hệ thống."),
    "saving": _l("Đang lưu…"),
    "send_failed": _l("Chưa gửi được; bản vẽ vẫn còn trên trang. Hãy thử lại."),
    "takes": _l("Dữ liệu nhận lại"),
    "timer": _l("Sau bao lâu"),
    "timer_kind": _l("Cách hẹn"),
    "throw": _l("Gửi thông điệp"),
    "turn_into": _l("Đổi thành loại"),
    "unnamed": _l("(chưa có tên)"),
    "after": _l("Sau một khoảng thời gian"),
    "hand": _l("Kéo cả hình"),
    "lasso": _l("Chọn nhiều phần tử"),
    "space": _l("Nới hoặc thu khoảng trống"),
    "connect_tool": _l("Nối hai phần tử"),
}

#: What the drawing library itself says, by its English words.
LIBRARY: Mapping[str, str] = {
    "Search in diagram": _l("Tìm trong sơ đồ"),
    "Delete": _l("Xóa"),
    "Activate hand tool": _l("Kéo cả hình"),
    "flow elements must be children of pools/participants": _l("Phần tử phải nằm trong khung."),
}


def modeler_texts() -> dict[str, object]:
    """Return the editor's words in the language of the request."""
    return {
        "panel": {name: say(text) for name, text in PANEL.items()},
        "kinds": {kind.value: say(text) for kind, text in NODES.items()},
        "library": {english: say(text) for english, text in LIBRARY.items()},
    }


def modeler_choices(
    procedure: Procedure, definition: Definition, procedures: Iterable[str]
) -> dict[str, object]:
    """Return what may be chosen in a drawing of the procedure, each with its label."""
    roles = [(role.value, say(ROLES[role])) for role in Role]
    return {
        "rules": _options((each, _step(procedure, each)) for each in procedure.tasks),
        "operations": _options((each, _step(procedure, each)) for each in procedure.operations),
        "roles": _options([*roles, (SYSTEM_LANE, say(_l("Hệ thống")))]),
        "decisions": _options((d.id, d.name) for d in definition.decisions.values()),
        "procedures": _options((each, each) for each in procedures),
        "data": _data_names(procedure, definition),
        "kinds": [kind.value for kind in NodeKind],
    }


def _options(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in pairs]


def _step(procedure: Procedure, step: str) -> str:
    known = STEPS.get(f"{procedure.id}.{step}")
    return say(known) if known else step


def _data_names(procedure: Procedure, definition: Definition) -> Sequence[str]:
    """Return the process data that conditions and deadlines may read."""
    names = set(procedure.starts_with | procedure.operation_writes)
    for rule in procedure.tasks.values():
        names |= rule.writes
    for decision in definition.decisions.values():
        names |= decision.writes
    return sorted(names)
