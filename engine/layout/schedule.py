"""Lay out the weekly work schedule of an agency's leaders.

A schedule is none of the 29 kinds of document: it bears no number and no place for one. Its mark,
the agency's name and the time of signing, stands at the top right once it is sealed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.layout.typesetter import Typesetter
from engine.model.organisation import PersonId, Profile
from engine.model.schedule import (
    Week,
)
from engine.model.schedule_entries import (
    ChangeKind,
    DayPart,
    EntryChange,
    EntryText,
    ScheduleEntry,
    in_order,
    published_part,
)
from engine.ports_schedules import RenderedSchedule, SchedulePaper

WEEKDAYS = ("THỨ HAI", "THỨ BA", "THỨ TƯ", "THỨ NĂM", "THỨ SÁU", "THỨ BẢY", "CHỦ NHẬT")
PARTS = {DayPart.MORNING: "Sáng", DayPart.AFTERNOON: "Chiều"}
#: What stands before an entry that changed since the version published before.
NOTES = {
    ChangeKind.ADDED: "Bổ sung",
    ChangeKind.REMOVED: "Hủy",
    ChangeKind.MOVED: "Đổi thời gian",
    ChangeKind.EDITED: "Sửa",
}
_REMARK = "Lịch này thay cho giấy mời đối với công chức, viên chức trong cơ quan."


@dataclass(frozen=True, kw_only=True)
class TypstSchedules:
    """Lay out schedules with typst. Safe to share between threads."""

    typesetter: Typesetter = field(default_factory=Typesetter)

    def render(self, paper: SchedulePaper) -> RenderedSchedule:
        """Return the paper without anything private.

        Returns:
            PDF/A-2b, A4 landscape; the same input gives the same bytes.

        Raises:
            InvalidInputError: a text has characters the font lacks.
            TrinhKyError: `ASSETS_MISSING`, there are no fonts.
        """
        pdf, [layout] = self.typesetter.compile_with_marks(
            "schedule", _payload(paper), at=paper.at, standards=("a-2b",), selector="<layout>"
        )
        return RenderedSchedule(pdf=pdf, page_count=int(layout["pages"]))


def clock_text(text: EntryText) -> str:
    """Return when an entry is, as schedules write it: `07 giờ 30 – 09 giờ 00`."""
    spoken = [f"{each:%H} giờ {each:%M}" for each in (text.starts_at, text.ends_at) if each]
    return " – ".join(spoken)


def week_lines(week: Week) -> list[tuple[ScheduleEntry, EntryChange | None]]:
    """Return what a version shows, in order: its public entries and those it took out."""
    changes = {each.entry.key: each for each in week.changes()}
    removed = [each.entry for each in changes.values() if each.kind is ChangeKind.REMOVED]
    listed = in_order([*published_part(week.entries), *removed])
    return [(entry, changes.get(entry.key)) for entry in listed]


def _payload(paper: SchedulePaper) -> dict[str, Any]:
    schedule, agency = paper.week.schedule, paper.agency
    lines = week_lines(paper.week)
    return {
        "title": schedule.title,
        "author": agency.name,
        "parent": list(agency.letterhead_parent),
        "agency": list(agency.letterhead_name),
        "youth-union": agency.profile is Profile.YOUTH_UNION,
        "whose": f"của Lãnh đạo {agency.name}",
        "period": f"(Từ ngày {_full(schedule.monday)} đến ngày {_full(schedule.sunday)})",
        "edition": _edition(schedule.number),
        "days": [_day(day, lines, paper.names) for day in schedule.days],
        "remark": _REMARK,
        "approver": paper.approver,
    }


def _edition(number: int) -> str:
    if number == 1:
        return ""
    return f"Bản điều chỉnh lần {number - 1}, thay bản đã công bố; phần thay đổi in màu đỏ"


def _day(
    day: date,
    lines: Iterable[tuple[ScheduleEntry, EntryChange | None]],
    names: Mapping[PersonId, str],
) -> dict[str, Any]:
    own = [(entry, change) for entry, change in lines if entry.text.day == day]
    return {
        "name": WEEKDAYS[day.weekday()],
        "date": f"{day:%d/%m}",
        "parts": [
            {
                "name": name,
                "entries": [
                    _line(entry, change, names) for entry, change in own if entry.text.part is part
                ],
            }
            for part, name in PARTS.items()
        ],
    }


def _line(
    entry: ScheduleEntry, change: EntryChange | None, names: Mapping[PersonId, str]
) -> dict[str, Any]:
    text = entry.text
    facts = [("Chủ trì", text.chair), ("Thành phần", text.participants), _before(change)]
    vehicle = f"Xe: {text.vehicle}" if text.vehicle else ""
    return {
        "time": clock_text(text),
        "leaders": [names[each] for each in text.leader_ids],
        "content": text.content,
        "facts": [(label, value) for label, value in facts if value],
        "place": text.place,
        "preparing": "; ".join(each for each in (text.preparing, vehicle) if each),
        "change": change.kind.value if change else "",
        "note": NOTES[change.kind] if change else "",
    }


def _before(change: EntryChange | None) -> tuple[str, str]:
    """Return when an entry that moved was, as its readers know it."""
    if change is None or change.kind is not ChangeKind.MOVED or change.before is None:
        return "", ""
    text = change.before.text
    said = clock_text(text) or PARTS[text.part].lower()
    return "Lịch cũ", f"{said}, {WEEKDAYS[text.day.weekday()].lower()} {text.day:%d/%m}"


def _full(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"
