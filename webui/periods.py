"""Read the period a page is asked for, and say which comes before and after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from engine.errors import ErrorCode, InvalidInputError
from engine.model.indicators import (
    EARLIEST_DAY,
    LATEST_DAY,
    Period,
    month_of,
    quarter_of,
    week_of,
    year_of,
)
from webui.i18n import mark as _l


class PeriodKind(StrEnum):
    """Name the kinds of period, as addresses carry them."""

    WEEK = "tuan"
    MONTH = "thang"
    QUARTER = "quy"
    YEAR = "nam"
    RANGE = "khoang"


KINDS: Mapping[PeriodKind, str] = {
    PeriodKind.WEEK: _l("Tuần"),
    PeriodKind.MONTH: _l("Tháng"),
    PeriodKind.QUARTER: _l("Quý"),
    PeriodKind.YEAR: _l("Năm"),
    PeriodKind.RANGE: _l("Từ ngày đến ngày"),
}
_OF: Mapping[PeriodKind, Callable[[date], Period]] = {
    PeriodKind.WEEK: week_of,
    PeriodKind.MONTH: month_of,
    PeriodKind.QUARTER: quarter_of,
    PeriodKind.YEAR: year_of,
}


@dataclass(frozen=True)
class ChosenPeriod:
    """Hold a period and how it was chosen."""

    kind: PeriodKind
    period: Period

    def address(self) -> dict[str, Any]:
        """Return the parameters of an address that choose it again."""
        return {
            "ky": self.kind,
            "tu": self.period.since.isoformat(),
            "den": self.period.until.isoformat(),
        }

    def earlier(self) -> "ChosenPeriod | None":
        """Return the period of the same kind before it; None of a free range."""
        return self._beside(self.period.since - timedelta(days=1))

    def later(self) -> "ChosenPeriod | None":
        """Return the period of the same kind after it; None of a free range."""
        return self._beside(self.period.until + timedelta(days=1))

    def _beside(self, day: date) -> "ChosenPeriod | None":
        # A year is left at both ends, so that no week or year is cut by them.
        first, last = EARLIEST_DAY + timedelta(days=366), LATEST_DAY - timedelta(days=366)
        if self.kind is PeriodKind.RANGE or not first <= day <= last:
            return None
        return ChosenPeriod(self.kind, _OF[self.kind](day))


def read_period(
    asked: Mapping[str, str], today: date, default: PeriodKind = PeriodKind.QUARTER
) -> ChosenPeriod:
    """Return the period in `ky`, `tu` and `den`; the present one of the default kind without.

    Raises:
        InvalidInputError: not a kind, not a day, reversed, or too long.
    """
    named = asked.get("ky") or (PeriodKind.RANGE if asked.get("den") else default)
    if named not in list(PeriodKind):
        raise InvalidInputError(f"ky={named!r}", field="ky")
    kind = PeriodKind(named)
    since = _day(asked, "tu", today)
    if kind is not PeriodKind.RANGE:
        return ChosenPeriod(kind, _OF[kind](since))
    return ChosenPeriod(kind, Period(since=since, until=_day(asked, "den", today)))


def read_day(text: str, field: str) -> date:
    """Return a day written as YYYY-MM-DD.

    Raises:
        InvalidInputError: it is none, or out of range.
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInputError(f"{field}={text!r}", field=field) from error
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise InvalidInputError(f"{field}={day}", code=ErrorCode.PERIOD_RANGE, years="5")
    return day


def _day(asked: Mapping[str, str], name: str, today: date) -> date:
    return read_day(asked[name], name) if asked.get(name) else today
