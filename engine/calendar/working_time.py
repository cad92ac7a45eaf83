"""Count working days and working hours as a Vietnamese office does.

Which days are worked is told by, in this order: the table of special days, the weekly days off,
the holidays with a fixed date. Tết and Giỗ Tổ follow the lunar calendar and are known for the
years of the table only.

Source: Civil Code 2015, Art. 147 and 148; Labour Code 2019, Art. 111 (3) and 112 (1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, cached_property, lru_cache
from pathlib import Path

from engine.calendar.holidays import (
    FIRST_YEAR,
    LAST_YEAR,
    DayKind,
    SpecialDay,
    join_tables,
    read_days,
    read_table,
    shipped_days,
    years_with_holidays,
)
from engine.calendar.hours import (
    WorkingHours,
    YearLine,
    from_microseconds,
    lay_out,
    to_microseconds,
)
from engine.clock import VIETNAM
from engine.errors import InvalidInputError

#: Month and day of the holidays that have a date of their own, in the order of the year.
FIXED_HOLIDAYS = ((1, 1), (4, 30), (5, 1), (9, 2))

_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS_AN_HOUR = 3_600_000_000


@dataclass(frozen=True)
class WorkingCalendar:
    """Hold which time is working time; never changes, so threads may share it.

    Moments given may be in any zone and must be aware; moments returned are aware UTC. Every
    method raises `InvalidInputError` for a moment without offset or outside 1900 to 2200.

    Args:
        special_days: a day stands once; see `engine.calendar.holidays`.
        hours: of a working day, and its weekdays.
        zone: in which days and hours are meant.
    """

    special_days: tuple[SpecialDay, ...]
    hours: WorkingHours = field(default_factory=WorkingHours)
    zone: tzinfo = VIETNAM

    def covers(self, year: int) -> bool:
        """Tell whether the holidays of `year` are known; if not, warn an administrator.

        In a year that is not covered only holidays with a fixed date count, with their days in
        lieu. Tết, Giỗ Tổ, the second day of Quốc khánh, swapped and make-up days are missing,
        so deadlines near them come out some days early or late.
        """
        return year in self._covered

    def list_days(self, year: int) -> tuple[SpecialDay, ...]:
        """Return the special days of a year; those not `is_sure` wait for confirmation."""
        return tuple(special for special in self.special_days if special.day.year == year)

    def is_working_day(self, day: date) -> bool:
        """Tell whether `day`, a calendar day and not a moment, is worked."""
        special = self._by_day.get(day)
        if special is not None:
            return special.kind is DayKind.WORKED
        if not _is_worked_by_week(day, self.hours.weekdays):
            return False
        return self.covers(day.year) or day not in _days_in_lieu(day.year, self.hours.weekdays)

    def add_working_days(self, at: datetime, days: int) -> datetime:
        """Return the end of work of the `days`-th working day after the day of `at`.

        The day of `at` is not counted. With 0 it is the end of work of that day, or of the next
        working day when that day is not worked or its work is over.

        Raises:
            InvalidInputError: `days` is negative.

        Source: Civil Code 2015, Art. 147 (2) and (3), Art. 148 (1) and (5). The last day ends
        with its working hours: nobody receives a paper at midnight.
        """
        if days < 0:
            raise InvalidInputError(f"{days} working days are negative")
        today = self._local_day(at)
        year, line = today.year, self._line(today.year)
        counted = line.count_days(today)
        index = counted - 1 + days
        if days == 0:
            worked = counted > 0 and line.days[index] == today.toordinal()
            index += not (worked and to_microseconds(at) <= line.closes[index])
        while index >= len(line.days):
            index -= len(line.days)
            year += 1
            line = self._line(year)
        return from_microseconds(line.closes[index])

    def add_working_hours(self, at: datetime, hours: int | timedelta) -> datetime:
        """Return the first moment with `hours` of working time between `at` and it.

        With 0 it is `at`, or the next moment of work when `at` is none. Four hours from the
        opening of the morning end at its close, not at the opening of the afternoon.

        Raises:
            InvalidInputError: `hours` is negative.

        Source: Civil Code 2015, Art. 147 (1): hours run from the moment itself.
        """
        if isinstance(hours, timedelta):
            amount = hours // _MICROSECOND
        else:
            amount = hours * _MICROSECONDS_AN_HOUR
        if amount < 0:
            raise InvalidInputError(f"{hours} working hours are negative")
        return self._after(at, amount)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from `start` to `end`; none when `end` is not later."""
        first, last = self._local_day(start).year, self._local_day(end).year
        from_moment, to_moment = to_microseconds(start), to_microseconds(end)
        if to_moment <= from_moment:
            return timedelta()
        whole = sum(self._line(year).total for year in range(first, last))
        until_end = self._line(last).elapsed(to_moment)
        return timedelta(microseconds=whole + until_end - self._line(first).elapsed(from_moment))

    def share_of(self, opened_at: datetime, due_at: datetime, share: float) -> datetime:
        """Return the moment at which `share` of the working time to a deadline has passed.

        Without working time in between it is the same share of clock time; a deadline that is
        not after the opening is returned as it is.

        Args:
            share: 0 to 1, for example 0.5 and 0.9 for warnings.

        Raises:
            InvalidInputError: `share` is outside 0 to 1.
        """
        if not 0 <= share <= 1:
            raise InvalidInputError(f"share {share} is not within 0 to 1")
        total = self.working_time_between(opened_at, due_at)
        opened_at, due_at = opened_at.astimezone(UTC), due_at.astimezone(UTC)
        if due_at <= opened_at:
            return due_at
        if not total:
            return opened_at + (due_at - opened_at) * share
        return self._after(opened_at, total * share // _MICROSECOND)

    def days_late(self, due_at: datetime, now: datetime) -> int:
        """Return how many working days have begun after the day of `due_at`, up to `now`.

        0 when it is not late, and for the rest of the day it was due.
        """
        due_day, today = self._local_day(due_at), self._local_day(now)
        if today <= due_day:
            return 0
        whole = sum(len(self._line(year).days) for year in range(due_day.year, today.year))
        until_now = self._line(today.year).count_days(today)
        return whole + until_now - self._line(due_day.year).count_days(due_day)

    def _after(self, at: datetime, amount: int) -> datetime:
        year = self._local_day(at).year
        line, moment = self._line(year), to_microseconds(at)
        if amount == 0 and line.is_working(moment):
            return from_microseconds(moment)
        # The next span opens one microsecond before the first microsecond of work in it is over.
        early = 1 if amount == 0 else 0
        elapsed = line.elapsed(moment) + amount + early
        while elapsed > line.total:
            elapsed -= line.total
            year += 1
            line = self._line(year)
        return from_microseconds(line.moment_after(elapsed) - early)

    def _local_day(self, at: datetime) -> date:
        if at.utcoffset() is None:
            raise InvalidInputError(f"{at} has no offset")
        try:
            return at.astimezone(self.zone).date()
        except OverflowError as error:
            raise InvalidInputError(f"{at} is outside the calendar") from error

    @cached_property
    def _by_day(self) -> Mapping[date, SpecialDay]:
        return {special.day: special for special in self.special_days}

    @cached_property
    def _covered(self) -> frozenset[int]:
        return years_with_holidays(self.special_days)

    @cached_property
    def _lines(self) -> dict[int, YearLine]:
        return {}

    def _line(self, year: int) -> YearLine:
        line = self._lines.get(year)
        if line is None:
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise InvalidInputError(f"year {year} is outside {FIRST_YEAR} to {LAST_YEAR}")
            days = filter(self.is_working_day, _days_of(year))
            # Two threads may both lay it out; their lines are equal, so either may stay.
            line = self._lines[year] = lay_out(days, self.hours, self.zone)
        return line


def load_calendar(
    *paths: Path, hours: WorkingHours | None = None, zone: tzinfo = VIETNAM
) -> WorkingCalendar:
    """Return the calendar of the shipped table and an installation's own tables.

    Args:
        paths: CSV files with the columns of the shipped one; a later file speaks for every
            year it has holidays of.

    Raises:
        InvalidInputError: code IMPORT_INVALID; names table, line, column and problem.
    """
    own = [read_days(path.name, read_table(path)) for path in paths]
    return WorkingCalendar(join_tables([shipped_days(), *own]), hours or WorkingHours(), zone)


@cache
def vietnam_calendar() -> WorkingCalendar:
    """Return the calendar of the shipped table with the usual hours of Cần Thơ's agencies."""
    return load_calendar()


def _days_of(year: int) -> list[date]:
    first, after = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
    return [date.fromordinal(ordinal) for ordinal in range(first, after)]


def _is_worked_by_week(day: date, weekdays: frozenset[int]) -> bool:
    return day.weekday() in weekdays and (day.month, day.day) not in FIXED_HOLIDAYS


@lru_cache(maxsize=512)
def _days_in_lieu(year: int, weekdays: frozenset[int]) -> frozenset[date]:
    """Return the days in lieu of fixed holidays that fall on a weekly day off.

    Source: Labour Code 2019, Art. 111 (3): each on the next working day.
    """
    taken: set[date] = set()
    for month, day_of_month in FIXED_HOLIDAYS:
        day = date(year, month, day_of_month)
        if day.weekday() in weekdays:
            continue
        while not _is_worked_by_week(day, weekdays) or day in taken:
            day += timedelta(days=1)
        taken.add(day)
    return frozenset(taken)
