"""Lay out the working time of a year as one line of spans, on which every question is a search."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from engine.errors import InvalidInputError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SPAN = re.compile(r"([0-2]\d:[0-5]\d)-([0-2]\d:[0-5]\d)", re.ASCII)
_WEEKDAYS = re.compile(r"[1-7]{1,7}", re.ASCII)


@dataclass(frozen=True)
class WorkingHours:
    """Hold the hours of a working day and the weekdays that are worked.

    Args:
        spans: start and end in local time, in order, apart from one another.
        weekdays: 0 is Monday; make-up days come on top.

    Raises:
        InvalidInputError: there is no span or no weekday, or spans are not in order.
    """

    spans: tuple[tuple[time, time], ...] = ((time(7), time(11)), (time(13), time(17)))
    weekdays: frozenset[int] = frozenset(range(5))

    def __post_init__(self) -> None:
        moments = [moment for span in self.spans for moment in span]
        if not moments or any(moment.tzinfo for moment in moments):
            raise InvalidInputError("working hours are missing or have a zone")
        if any(later <= earlier for earlier, later in pairwise(moments)):
            raise InvalidInputError(f"working hours {self.spans} are not in order")
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise InvalidInputError(f"weekdays {sorted(self.weekdays)} are not of a week")

    @classmethod
    def parse(cls, text: str, *, weekdays: str = "12345") -> "WorkingHours":
        """Return the hours in a setting.

        Args:
            text: such as `07:00-11:00 13:00-17:00`.
            weekdays: digits, 1 for Monday to 7 for Sunday.

        Raises:
            InvalidInputError: a part is no span of hours, or a digit no weekday.
        """
        spans: list[tuple[time, time]] = []
        for part in text.split():
            match = _SPAN.fullmatch(part)
            if match is None or max(match.groups()) > "23:59":
                raise InvalidInputError(f"{part!r} is no span of hours", value=part[:80])
            spans.append((time.fromisoformat(match[1]), time.fromisoformat(match[2])))
        if not _WEEKDAYS.fullmatch(weekdays):
            raise InvalidInputError(f"{weekdays!r} are no weekdays", value=weekdays[:80])
        return cls(tuple(spans), frozenset(int(digit) - 1 for digit in weekdays))


@dataclass(frozen=True)
class YearLine:
    """Hold the working time of one year; moments are microseconds since 1970, UTC.

    Args:
        days: ordinals of the working days; `closes` has the end of work of each.
        starts: of the spans; `ends` has the end of each, `before` the working time before it.
        total: working time of the year.
    """

    days: tuple[int, ...]
    closes: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    total: int

    def count_days(self, until: date) -> int:
        """Return how many days of the year up to `until`, and with it, are worked."""
        return bisect_right(self.days, until.toordinal())

    def elapsed(self, moment: int) -> int:
        """Return the working time of the year before `moment`."""
        at = bisect_right(self.starts, moment) - 1
        if at < 0:
            return 0
        return self.before[at] + min(moment, self.ends[at]) - self.starts[at]

    def moment_after(self, elapsed: int) -> int:
        """Return the first moment with this working time before it; 0 < elapsed <= total."""
        at = bisect_left(self.before, elapsed) - 1
        return self.starts[at] + elapsed - self.before[at]

    def is_working(self, moment: int) -> bool:
        """Tell whether `moment` is within a span; its end no longer is."""
        at = bisect_right(self.starts, moment) - 1
        return at >= 0 and moment < self.ends[at]


def lay_out(days: Iterable[date], hours: WorkingHours, zone: tzinfo) -> YearLine:
    """Return the line of a year.

    A change of summer time inside a span makes it longer or shorter, as it does for those at
    work; what it takes from the line is never counted twice.

    Args:
        days: the working days, in order.
        zone: of the hours.
    """
    ordinals: list[int] = []
    closes: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    total, last_end = 0, to_microseconds(datetime.min.replace(tzinfo=UTC))
    for day in days:
        for opens, shuts in hours.spans:
            start = max(to_microseconds(datetime.combine(day, opens, zone)), last_end)
            last_end = max(to_microseconds(datetime.combine(day, shuts, zone)), start)
            starts.append(start)
            ends.append(last_end)
            before.append(total)
            total += last_end - start
        ordinals.append(day.toordinal())
        closes.append(last_end)
    return YearLine(
        tuple(ordinals), tuple(closes), tuple(starts), tuple(ends), tuple(before), total
    )


def to_microseconds(at: datetime) -> int:
    """Return an aware moment as whole microseconds since 1970, UTC.

    Moments are compared in this form: Python compares two of the same zone by their wall clocks,
    which is wrong in the hour that summer time ends.
    """
    return (at - _EPOCH) // _MICROSECOND


def from_microseconds(moment: int) -> datetime:
    """Return the moment, aware UTC."""
    return _EPOCH + timedelta(microseconds=moment)
