"""Say what a notice tells, and where its thing is shown.

A kind's sentence may show `%(actor)s` and the details its caller gives to `notify`; a detail that
was not given is shown as dots. A sentence names nobody's document: the title stands beside it.
"""

import re
from collections.abc import Mapping
from typing import Any

from flask import url_for

from engine.model.notice import Notice, NoticeKind, SubjectKind
from webui.i18n import mark as _l
from webui.i18n import say, translate

#: Icon, short name and sentence of each kind.
KINDS: Mapping[NoticeKind, tuple[str, str, str]] = {
    NoticeKind.DOCUMENT_RETURNED: (
        "arrow-return-left",
        _l("Văn bản bị trả lại"),
        _l("%(actor)s trả lại văn bản để sửa."),
    ),
    NoticeKind.DELIVERY_REFUSED: (
        "x-circle-fill",
        _l("Nơi nhận từ chối văn bản"),
        _l("%(agency)s từ chối tiếp nhận."),
    ),
    NoticeKind.DELIVERY_DIRECTED: (
        "megaphone",
        _l("Có bút phê giao việc"),
        _l("%(actor)s giao xử lý, hạn %(due)s."),
    ),
    NoticeKind.OPINION_ASKED: (
        "people",
        _l("Được xin ý kiến"),
        _l("%(actor)s xin ý kiến, hạn %(due)s."),
    ),
    NoticeKind.OPINION_GIVEN: (
        "people",
        _l("Đã có ý kiến"),
        _l("%(actor)s đã cho ý kiến."),
    ),
    NoticeKind.CERTIFICATE_EXPIRING: (
        "person-badge",
        _l("Chứng thư số sắp hết hạn"),
        _l("Chứng thư số hết hạn ngày %(until)s; hãy đề nghị cấp mới."),
    ),
    NoticeKind.TASK_OVERDUE: (
        "hourglass-split",
        _l("Việc quá hạn"),
        _l("Bước “%(step)s” đã quá hạn từ %(due)s."),
    ),
    NoticeKind.SIGNING_STOPPED: (
        "exclamation-triangle-fill",
        _l("Chữ ký không thành"),
        _l("Việc ký dừng giữa chừng, văn bản chưa được ký; hãy ký lại."),
    ),
    NoticeKind.BATCH_FINISHED: (
        "check2-square",
        _l("Ký hàng loạt đã kết thúc"),
        _l("Đã ký %(signed)s trên %(total)s văn bản."),
    ),
    NoticeKind.DELEGATION_GIVEN: (
        "people",
        _l("Được ủy quyền xử lý"),
        _l("%(actor)s ủy quyền cho bạn xử lý từ %(since)s đến hết %(until)s."),
    ),
    NoticeKind.DELEGATION_ENDED: (
        "people",
        _l("Ủy quyền xử lý đã chấm dứt"),
        _l("%(actor)s đã chấm dứt ủy quyền; việc đang mở chỉ còn ở người ủy quyền."),
    ),
    NoticeKind.SCHEDULE_OPEN: (
        "calendar-week",
        _l("Mở lịch làm việc"),
        _l("%(actor)s mở lịch tuần; đơn vị đăng ký nội dung trước %(due)s."),
    ),
    NoticeKind.SCHEDULE_REMINDER: (
        "calendar-week",
        _l("Nhắc đăng ký lịch"),
        _l("Đơn vị chưa đăng ký nội dung nào; hạn %(due)s."),
    ),
    NoticeKind.SCHEDULE_RETURNED: (
        "arrow-return-left",
        _l("Lịch bị trả lại"),
        _l("%(actor)s trả lại lịch: %(reason)s"),
    ),
    NoticeKind.SCHEDULE_PUBLISHED: (
        "calendar-check",
        _l("Công bố lịch làm việc"),
        _l("Lịch tuần đã được ký số, công bố."),
    ),
    NoticeKind.SCHEDULE_CHANGED: (
        "calendar-week",
        _l("Điều chỉnh lịch làm việc"),
        _l("Lịch đã điều chỉnh: %(changes)s."),
    ),
    NoticeKind.ASSIGNMENT_GIVEN: (
        "megaphone",
        _l("Được giao nhiệm vụ"),
        _l("%(actor)s giao chủ trì nhiệm vụ."),
    ),
    NoticeKind.ASSIGNMENT_COOPERATE: (
        "people",
        _l("Được giao phối hợp"),
        _l("%(actor)s giao phối hợp thực hiện nhiệm vụ."),
    ),
    NoticeKind.ASSIGNMENT_ACCEPTED: (
        "person-check",
        _l("Đã nhận nhiệm vụ"),
        _l("%(actor)s đã nhận nhiệm vụ."),
    ),
    NoticeKind.ASSIGNMENT_RETURNED: (
        "arrow-return-left",
        _l("Nhiệm vụ bị trả lại"),
        _l("%(actor)s trả lại nhiệm vụ, chờ người giao xem lại."),
    ),
    NoticeKind.ASSIGNMENT_PROGRESS: (
        "bar-chart",
        _l("Có báo cáo tiến độ"),
        _l("%(actor)s báo cáo tiến độ nhiệm vụ."),
    ),
    NoticeKind.ASSIGNMENT_DONE: (
        "check2-square",
        _l("Nhiệm vụ chờ xác nhận"),
        _l("%(actor)s báo cáo đã hoàn thành, chờ xác nhận."),
    ),
    NoticeKind.ASSIGNMENT_CONFIRMED: (
        "check-circle-fill",
        _l("Nhiệm vụ đã hoàn thành"),
        _l("%(actor)s xác nhận nhiệm vụ hoàn thành."),
    ),
    NoticeKind.ASSIGNMENT_REOPENED: (
        "arrow-return-left",
        _l("Nhiệm vụ cần làm tiếp"),
        _l("%(actor)s yêu cầu làm tiếp nhiệm vụ."),
    ),
    NoticeKind.ASSIGNMENT_CANCELLED: (
        "x-circle-fill",
        _l("Nhiệm vụ đã hủy"),
        _l("%(actor)s hủy nhiệm vụ."),
    ),
    NoticeKind.ASSIGNMENT_MOVED: (
        "people",
        _l("Nhiệm vụ giao cho nơi khác"),
        _l("%(actor)s đã giao nhiệm vụ cho nơi khác chủ trì."),
    ),
    NoticeKind.ASSIGNMENT_DUE: (
        "alarm",
        _l("Nhiệm vụ sắp đến hạn"),
        _l("Hạn hoàn thành nhiệm vụ: %(deadline)s."),
    ),
    NoticeKind.ASSIGNMENT_OVERDUE: (
        "hourglass-split",
        _l("Nhiệm vụ quá hạn"),
        _l("Nhiệm vụ đã quá hạn %(days)s ngày."),
    ),
    NoticeKind.EXTENSION_ASKED: (
        "clock",
        _l("Có đề nghị gia hạn"),
        _l("%(actor)s xin gia hạn nhiệm vụ đến %(new_due_on)s."),
    ),
    NoticeKind.EXTENSION_DECIDED: (
        "clock",
        _l("Đã quyết định gia hạn"),
        _l("%(actor)s đã quyết định đề nghị gia hạn nhiệm vụ."),
    ),
    NoticeKind.MEETING_INVITED: (
        "envelope-open",
        _l("Được mời họp"),
        _l("%(actor)s mời họp lúc %(at)s, tại %(place)s."),
    ),
    NoticeKind.MEETING_MOVED: (
        "calendar-event",
        _l("Cuộc họp đổi giờ hoặc địa điểm"),
        _l("Giờ mới: %(at)s, tại %(place)s; đề nghị trả lời lại. Lý do: %(reason)s"),
    ),
    NoticeKind.MEETING_CHANGED: (
        "calendar-event",
        _l("Cuộc họp có thay đổi"),
        _l("%(actor)s đã sửa nội dung cuộc họp lúc %(at)s. Lý do: %(reason)s"),
    ),
    NoticeKind.MEETING_CANCELLED: (
        "x-circle",
        _l("Cuộc họp bị hủy"),
        _l("%(actor)s đã hủy lời mời họp lúc %(at)s. Lý do: %(reason)s"),
    ),
    NoticeKind.MEETING_REPLIED: (
        "reply",
        _l("Có trả lời giấy mời họp"),
        _l("%(who)s cử người dự thay hoặc báo vắng."),
    ),
    NoticeKind.MEETING_UNANSWERED: (
        "alarm",
        _l("Giấy mời họp chưa trả lời"),
        _l("Hạn trả lời: %(reply_by)s. Cuộc họp lúc %(at)s, tại %(place)s."),
    ),
    NoticeKind.MEETING_NEAR: (
        "alarm",
        _l("Sắp đến giờ họp"),
        _l("Cuộc họp lúc %(at)s, tại %(place)s."),
    ),
    NoticeKind.MEETING_ORDERS: (
        "list-task",
        _l("Kết luận chờ giao nhiệm vụ"),
        _l("Có %(count)s nhiệm vụ trong kết luận cuộc họp chờ xác nhận giao."),
    ),
}

#: Endpoint of each thing's page, and the name its id has there.
PAGES: Mapping[SubjectKind, tuple[str, str]] = {
    SubjectKind.DOCUMENT: ("documents.show", "document_id"),
    SubjectKind.DELIVERY: ("arrivals.show", "delivery_id"),
    SubjectKind.ASSIGNMENT: ("assignments.show", "assignment_id"),
    SubjectKind.MEETING: ("meetings.show", "meeting_id"),
    SubjectKind.SCHEDULE: ("schedules.show", "schedule_id"),
    SubjectKind.DELEGATION: ("delegations.show", "delegation_id"),
    SubjectKind.CERTIFICATE: ("certificates.index", ""),
    SubjectKind.BATCH: ("batches.show", "batch_id"),
}

#: Details that a mail may carry: names, days and counts. What somebody wrote stays in the house.
SAID_IN_MAIL = frozenset(
    {
        "actor",
        "agency",
        "at",
        "count",
        "days",
        "deadline",
        "due",
        "new_due_on",
        "percent",
        "reply_by",
        "signed",
        "since",
        "step",
        "total",
        "until",
    }
)
_DETAIL = re.compile(r"%\((\w+)\)s")

NO_SIGHT = _l("Nội dung không còn trong phạm vi được xem.")


def kind_name(kind: NoticeKind) -> str:
    """Return the short name of what happened, in the language of the request."""
    return say(KINDS[kind][1])


def kind_icon(kind: NoticeKind) -> str:
    """Return the icon of what happened."""
    return KINDS[kind][0]


def notice_sentence(notice: Notice, locale: str) -> str:
    """Return what happened, with who did it and the details, in a language."""
    values = {**notice.details, "actor": notice.actor_name}
    return translate(KINDS[notice.kind][2], locale, **values)


def may_be_mailed(kind: NoticeKind) -> bool:
    """Tell whether a kind's sentence may stand in a mail: it shows nothing that people wrote."""
    return SAID_IN_MAIL.issuperset(_DETAIL.findall(KINDS[kind][2]))


def subject_page(notice: Notice) -> str:
    """Return the address of the page of what a notice is about."""
    endpoint, name = PAGES[notice.subject_kind]
    values: dict[str, Any] = {name: notice.subject_id} if name else {}
    return url_for(endpoint, **values)
