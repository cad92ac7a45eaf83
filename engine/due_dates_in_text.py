"""Find by when something is to be done, in the words of a conclusion.

Only a day that a word of time leads up to counts: `Kế hoạch số 56/KH-UBND ngày 03 tháng 6 năm
2014` is a reference, not a deadline. `Trước ngày 30 tháng 6` is taken as that very day, as offices
do; whoever confirms the order may choose another.
"""

import calendar as months
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from engine.calendar.working_time import WorkingCalendar
from engine.clock import VIETNAM, local
from engine.mentions import plain

_WORDED = r"(\d{1,2})\s+thang\s+(\d{1,2})(?:(?:\s+nam\s+|\s*/\s*)(\d{4}))?"
_NUMERIC = r"(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}))?"
# A bounded number of words of time: `đến đến đến …` would else be read anew from each of them.
_UNTIL = (
    r"\b(?:truoc|cham nhat|muon nhat|den|het|han|vao|xong|trong)"
    r"(?:\s+(?:la|vao|den|het|cuoi|truoc|han|\d{1,2}\s?(?:gio|h|g)(?:\s?\d{2})?(?:\s?phut)?,?)){0,4}"
)
_OF_YEAR = r"(?:(?:\s+nam\s+|\s*[/-]\s*)(\d{4}))?"
_DAY = re.compile(rf"{_UNTIL}\s+(?:ngay\s+)?(?:{_WORDED}|{_NUMERIC})(?![\d/])")
_MONTH = re.compile(rf"\b(?:trong|cuoi|het|truoc cuoi)\s+thang\s+(\d{{1,2}}){_OF_YEAR}(?!\d)")
_QUARTER = re.compile(rf"\b(?:trong|cuoi|het)\s+quy\s+(iv|i{{1,3}}|[1-4])\b{_OF_YEAR}")
_YEAR = re.compile(r"\b(?:trong|cuoi|het)\s+nam\s+(\d{4})\b")
_SPAN = re.compile(
    r"\b(?:trong(?: vong| thoi han)?|thoi han|sau)\s+(\d{1,3})\s+ngay(\s+lam viec)?\b"
)
_STANDING = re.compile(r"\b(?:thuong xuyen|dinh ky|hang (?:thang|quy|nam|tuan))\b")
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}


@dataclass(frozen=True, kw_only=True)
class Said:
    """Hold what a text says of time.

    Args:
        due_on: last day, the latest of several; None when it names none.
        days: each of them once, earliest first.
        is_standing: it is to be done again and again, without an end.
    """

    due_on: date | None
    is_standing: bool
    days: tuple[date, ...] = ()


def read_due(text: str, day: date, calendar: WorkingCalendar) -> Said:
    """Return by when `text` (NFC) wants something.

    Args:
        day: of the text; a day without its year is the next one after it.
        calendar: counts working days.
    """
    folded = plain(text)
    found = {*_list_days(folded, day), *_list_ends(folded, day), *_spans(folded, day, calendar)}
    return Said(
        due_on=max(found, default=None),
        is_standing=_STANDING.search(folded) is not None,
        days=tuple(sorted(found)),
    )


def _list_days(folded: str, day: date) -> Iterator[date]:
    for match in _DAY.finditer(folded):
        parts = match.group(1, 2, 3) if match.group(1) else match.group(4, 5, 6)
        number, month, year = (int(part) if part else 0 for part in parts)
        found = _date(year or day.year, month, number)
        if found is not None and not year and found < day:
            found = _date(day.year + 1, month, number)
        if found is not None:
            yield found


def _list_ends(folded: str, day: date) -> Iterator[date]:
    """Yield the last days of the months, quarters and years the text names."""
    for match in _MONTH.finditer(folded):
        yield from _end_of_month(int(match.group(1)), match.group(2), day)
    for match in _QUARTER.finditer(folded):
        yield from _end_of_month(_QUARTERS[match.group(1)] * 3, match.group(2), day)
    for match in _YEAR.finditer(folded):
        yield from _end_of_month(12, match.group(1), day)


def _end_of_month(month: int, year_text: str | None, day: date) -> Iterator[date]:
    year = int(year_text) if year_text else day.year + (month < day.month)
    if 1 <= month <= 12 and 1 <= year <= 9998:
        yield date(year, month, months.monthrange(year, month)[1])


def _spans(folded: str, day: date, calendar: WorkingCalendar) -> Iterator[date]:
    """Yield the ends of terms such as `trong vòng 05 ngày làm việc`, counted from the text's day.

    Source: Civil Code 2015, Art. 147: the first day is not counted.
    """
    for match in _SPAN.finditer(folded):
        count = int(match.group(1))
        if match.group(2):
            noon = datetime.combine(day, time(12), VIETNAM)
            yield local(calendar.add_working_days(noon, count)).date()
        else:
            yield day + timedelta(days=count)


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None
