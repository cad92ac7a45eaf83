"""Put meetings into words."""

from collections.abc import Mapping
from datetime import datetime

from engine.clock import local
from engine.model.meeting import Answer, MeetingState
from engine.ports_meetings import MeetingScope
from webui.i18n import mark as _l
from webui.i18n import say

#: Word and colour of how far a meeting has come.
STATES: Mapping[MeetingState, tuple[str, str]] = {
    MeetingState.PLANNED: (_l("Đang chuẩn bị"), ""),
    MeetingState.INVITED: (_l("Đã mời"), "info"),
    MeetingState.HELD: (_l("Đã họp, chờ kết luận"), "wait"),
    MeetingState.CONCLUDED: (_l("Đã kết luận"), "good"),
    MeetingState.CANCELLED: (_l("Đã hủy"), "bad"),
}

#: Word, colour and icon of an answer.
ANSWERS: Mapping[Answer, tuple[str, str, str]] = {
    Answer.ATTEND: (_l("Tham dự"), "good", "check-circle-fill"),
    Answer.SUBSTITUTE: (_l("Cử người dự thay"), "good", "people"),
    Answer.DECLINE: (_l("Vắng"), "bad", "x-circle-fill"),
}
SILENT = (_l("Chưa trả lời"), "wait", "clock")

SCOPES: Mapping[MeetingScope, str] = {
    MeetingScope.MINE: _l("Tôi dự, tôi chủ trì"),
    MeetingScope.AGENCY: _l("Cơ quan tôi được mời"),
    MeetingScope.ORGANISED: _l("Cơ quan tôi tổ chức"),
}

_WEEKDAYS = (
    _l("Thứ Hai"),
    _l("Thứ Ba"),
    _l("Thứ Tư"),
    _l("Thứ Năm"),
    _l("Thứ Sáu"),
    _l("Thứ Bảy"),
    _l("Chủ nhật"),
)


def span(starts_at: datetime, ends_at: datetime) -> str:
    """Return from when to when, in the language of the request; one day is named once."""
    start, end = local(starts_at), local(ends_at)
    day = f"{say(_WEEKDAYS[start.weekday()])}, {start:%d/%m/%Y}"
    if start.date() == end.date():
        return f"{start:%H:%M}–{end:%H:%M}, {day}"
    return f"{start:%H:%M}, {day} – {end:%H:%M %d/%m/%Y}"


def answer_words(answer: Answer | None) -> tuple[str, str, str]:
    """Return the word, colour and icon of an answer, or of none."""
    return SILENT if answer is None else ANSWERS[answer]
