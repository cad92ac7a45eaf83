"""Name the levels, states and reasons of long-term storage, and the services it needs."""

from collections.abc import Mapping

from engine.errors import ErrorCode
from engine.model.outage import Outage, Service
from engine.model.preservation import PreservationLevel, PreservationState
from webui.error_texts import TEXTS
from webui.i18n import mark as _l
from webui.i18n import say, show_time

LEVELS: Mapping[PreservationLevel, str] = {
    PreservationLevel.STAMPED: _l("Chỉ có bản gốc (B-T)"),
    PreservationLevel.EVIDENCED: _l("Đủ bằng chứng (B-LT)"),
    PreservationLevel.ARCHIVED: _l("Lưu trữ lâu dài (B-LTA)"),
}
STATES: Mapping[PreservationState, tuple[str, str]] = {
    PreservationState.DUE_LATER: (_l("Theo lịch"), "good"),
    PreservationState.TRY_LATER: (_l("Đang chờ"), "wait"),
    PreservationState.FAILED: (_l("Không thành"), "bad"),
}
OUTAGES: Mapping[Service, str] = {
    Service.TIMESTAMP: _l(
        "Máy chủ dấu thời gian không trả lời từ %(at)s; văn bản ký sẽ chờ dấu thời gian."
    ),
    Service.MAIL: _l(
        "Máy chủ thư không nhận thư từ %(at)s; thông báo qua thư sẽ gửi khi máy chủ trả lời."
    ),
    Service.REVOCATION: _l("Dữ liệu thu hồi chứng thư quá hạn từ %(at)s; chưa ký mới được."),
}
_CODES = frozenset(code.value for code in ErrorCode)


def code_title(code: str) -> str:
    """Return the title of an error by its code; what is no code is returned as it is."""
    return say(TEXTS[ErrorCode(code)].title) if code in _CODES else code


def outage_sentence(outage: Outage) -> str:
    """Return since when a service is silent and what that means for signing."""
    return say(OUTAGES[outage.service], at=show_time(outage.since))
