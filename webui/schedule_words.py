"""Put work schedules into words."""

from collections.abc import Mapping
from datetime import date

from engine.layout.schedule import clock_text
from engine.model.schedule import (
    WeekState,
)
from engine.model.schedule_entries import (
    ChangeKind,
    ClashKind,
    DayPart,
    EntryText,
)
from webui.i18n import current_locale, say
from webui.i18n import mark as _l

#: Word and colour of a stage.
STATES: Mapping[WeekState, tuple[str, str]] = {
    WeekState.GATHERING: (_l("Đang thu thập"), "wait"),
    WeekState.SUBMITTED: (_l("Chờ lãnh đạo duyệt lịch"), "wait"),
    WeekState.APPROVED: (_l("Đã duyệt, chờ ký số"), "wait"),
    WeekState.PUBLISHED: (_l("Đang có hiệu lực"), "good"),
    WeekState.SUPERSEDED: (_l("Đã được thay bằng bản mới"), ""),
    WeekState.DISCARDED: (_l("Đã bỏ"), ""),
}
STATE_NAMES: Mapping[WeekState, str] = {state: word for state, (word, _) in STATES.items()}

PARTS: Mapping[DayPart, str] = {
    DayPart.MORNING: _l("Buổi sáng"),
    DayPart.AFTERNOON: _l("Buổi chiều"),
}

#: Word of what became of an entry since the version published before.
CHANGES: Mapping[ChangeKind, str] = {
    ChangeKind.ADDED: _l("Bổ sung"),
    ChangeKind.REMOVED: _l("Hủy"),
    ChangeKind.MOVED: _l("Đổi thời gian"),
    ChangeKind.EDITED: _l("Sửa đổi"),
}

CLASHES: Mapping[ClashKind, str] = {
    ClashKind.PERSON: _l("Trùng người: %(shared)s"),
    ClashKind.PLACE: _l("Trùng địa điểm: %(shared)s"),
}

_DAYS = (
    _l("Thứ Hai"),
    _l("Thứ Ba"),
    _l("Thứ Tư"),
    _l("Thứ Năm"),
    _l("Thứ Sáu"),
    _l("Thứ Bảy"),
    _l("Chủ nhật"),
)


def day_name(day: date) -> str:
    """Return a day of a week: `Thứ Hai, 30/11`."""
    return f"{say(_DAYS[day.weekday()])}, {day:%d/%m}"


def moment(text: EntryText) -> str:
    """Return when an entry is: its time, or the half of the day."""
    if current_locale() != "vi" and text.starts_at:
        return "–".join(f"{each:%H:%M}" for each in (text.starts_at, text.ends_at) if each)
    return clock_text(text) or say(PARTS[text.part])


def version_name(number: int) -> str:
    """Return how a version is called."""
    if number == 1:
        return say(_l("Bản đầu"))
    return say(_l("Bản điều chỉnh lần %(number)s"), number=str(number - 1))


def week_title(monday: date, sunday: date) -> str:
    """Return how a week is called."""
    return say(
        _l("Tuần từ %(first)s đến %(last)s"),
        first=f"{monday:%d/%m/%Y}",
        last=f"{sunday:%d/%m/%Y}",
    )
