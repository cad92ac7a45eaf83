"""Describe the indicators leaders look at: what each counts, its target, what it was in 2015.

An indicator is computed from the rows whenever somebody asks; nothing of it is stored but the
assumptions people may change. The words of the definitions are in `webui.indicator_words`.

Source: Tạp chí Tổ chức Nhà nước 6/2015 on Cần Thơ city (28 of 32 agencies in regular use, 94 %
and 77 % exchanged electronically against a target of 60 %, 1,020 certificates).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from engine.clock import VIETNAM
from engine.errors import ErrorCode, InvalidInputError

#: A period of a report; longer ones are asked for in parts.
MAX_PERIOD_DAYS = 5 * 366
EARLIEST_DAY = date(2000, 1, 1)
LATEST_DAY = date(2999, 12, 31)


class IndicatorId(StrEnum):
    """Name the indicators, as `trinhky report` takes them."""

    REGULAR_USE = "regular-use"
    WITHIN = "within"
    BETWEEN = "between"
    CERTIFICATES = "certificates"
    STEPS_ON_TIME = "steps-on-time"
    ASSIGNMENTS_ON_TIME = "assignments-on-time"
    STEP_TIMES = "step-times"
    DOCUMENTS = "documents"
    RETURNS = "returns"
    SAVINGS = "savings"


class Measure(StrEnum):
    """Name what the value of an indicator is."""

    AGENCIES = "agencies"
    SHARE = "share"
    COUNT = "count"
    HOURS = "hours"
    MONEY = "money"


class Side(StrEnum):
    """Name which of the things behind a number are listed: those it counts, or the others."""

    ALL = "tat-ca"
    COUNTED = "dat"
    OTHERS = "khong-dat"


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """Hold what is fixed about an indicator.

    Args:
        target: as the value is measured; None when none was set.
        reference: what the city reported in 2015, measured likewise; None when it did not.
        more_is_better: None when it is neither.
    """

    id: IndicatorId
    measure: Measure
    target: float | None = None
    reference: float | None = None
    more_is_better: bool | None = True


#: In the order they are shown.
INDICATORS: Mapping[IndicatorId, Indicator] = {
    each.id: each
    for each in (
        Indicator(id=IndicatorId.REGULAR_USE, measure=Measure.AGENCIES, target=32, reference=28),
        Indicator(id=IndicatorId.WITHIN, measure=Measure.SHARE, reference=0.94),
        Indicator(id=IndicatorId.BETWEEN, measure=Measure.SHARE, target=0.60, reference=0.77),
        Indicator(id=IndicatorId.CERTIFICATES, measure=Measure.COUNT, reference=1020),
        Indicator(id=IndicatorId.STEPS_ON_TIME, measure=Measure.SHARE),
        Indicator(id=IndicatorId.ASSIGNMENTS_ON_TIME, measure=Measure.SHARE),
        Indicator(id=IndicatorId.STEP_TIMES, measure=Measure.HOURS, more_is_better=False),
        Indicator(id=IndicatorId.DOCUMENTS, measure=Measure.COUNT, more_is_better=None),
        Indicator(id=IndicatorId.RETURNS, measure=Measure.SHARE, more_is_better=False),
        Indicator(id=IndicatorId.SAVINGS, measure=Measure.MONEY, reference=2_000_000_000),
    )
}


@dataclass(frozen=True, kw_only=True)
class Period:
    """Hold a period of days in Việt Nam; both days belong to it.

    Raises:
        InvalidInputError: code PERIOD_REVERSED, PERIOD_RANGE.
    """

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise InvalidInputError(
                f"{self.since} > {self.until}",
                code=ErrorCode.PERIOD_REVERSED,
                since=f"{self.since:%d/%m/%Y}",
                until=f"{self.until:%d/%m/%Y}",
            )
        is_known = self.since >= EARLIEST_DAY and self.until <= LATEST_DAY
        if not is_known or (self.until - self.since).days >= MAX_PERIOD_DAYS:
            raise InvalidInputError(
                f"{self.since} to {self.until}",
                code=ErrorCode.PERIOD_RANGE,
                years=str(MAX_PERIOD_DAYS // 366),
            )

    def begins_at(self) -> datetime:
        """Return the first moment of the period."""
        return datetime.combine(self.since, time(), VIETNAM)

    def ends_before(self) -> datetime:
        """Return the first moment after the period."""
        return datetime.combine(self.until + timedelta(days=1), time(), VIETNAM)

    def weeks(self) -> list["Period"]:
        """Return its weeks, Monday to Sunday; the first and the last may be cut."""
        weeks = []
        since = self.since
        while since <= self.until:
            until = min(since + timedelta(days=6 - since.weekday()), self.until)
            weeks.append(Period(since=since, until=until))
            since = until + timedelta(days=1)
        return weeks


def week_of(day: date) -> Period:
    """Return the week of a day, Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Period(since=monday, until=monday + timedelta(days=6))


def month_of(day: date) -> Period:
    """Return the month of a day."""
    return _months(day.year, day.month, 1)


def quarter_of(day: date) -> Period:
    """Return the quarter of a day."""
    return _months(day.year, day.month - (day.month - 1) % 3, 3)


def year_of(day: date) -> Period:
    """Return the year of a day."""
    return _months(day.year, 1, 12)


def _months(year: int, month: int, count: int) -> Period:
    after = year * 12 + month - 1 + count
    since = date(year, month, 1)
    return Period(since=since, until=date(after // 12, after % 12 + 1, 1) - timedelta(days=1))


#: Bounds of each assumption: a typing error must not become a billion.
ASSUMPTION_BOUNDS: Mapping[str, tuple[float, float]] = {
    "pages_per_document": (1, 200),
    "dong_per_page": (0, 100_000),
    "dong_postage": (0, 1_000_000),
    "regular_documents": (1, 10_000),
    "regular_weeks": (1, 53),
}


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """Hold what people assume where the rows do not tell; each installation may change it.

    Args:
        pages_per_document: pages of an average paper copy.
        dong_per_page: paper, printing and copying of one page, in đồng.
        dong_postage: envelope and delivery of one copy, in đồng.
        regular_documents: documents issued or registered that make a use regular, at least.
        regular_weeks: in how many different weeks, at least; no more than the period has.
        changed_by_name: "" while these are the defaults of the house.
    """

    pages_per_document: float = 3.0
    dong_per_page: int = 300
    dong_postage: int = 8_000
    regular_documents: int = 10
    regular_weeks: int = 4
    changed_by_name: str = ""
    changed_at: datetime | None = None

    def __post_init__(self) -> None:
        for name, (least, most) in ASSUMPTION_BOUNDS.items():
            if not least <= getattr(self, name) <= most:  # also refuses what is no number
                raise InvalidInputError(
                    f"{name}={getattr(self, name)}",
                    code=ErrorCode.ASSUMPTION_RANGE,
                    field=name,
                    least=f"{least:g}",
                    most=f"{most:g}",
                )

    def savings(self, copies: int) -> int:
        """Return the estimate in đồng for paper copies that were not sent."""
        return round(copies * (self.pages_per_document * self.dong_per_page + self.dong_postage))


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Hold the part of an indicator that belongs to one agency, step or kind of holder.

    Args:
        key: of the part in a drill-down: id of an agency, `procedure.node`, kind of holder.
        name: as it is called; "" where the key has words of its own.
        value: as the indicator measures; None when there is nothing to measure.
        counted, total: the numbers behind the value.
        median_hours: of the time of a step, else None.
    """

    key: str
    name: str
    value: float | None
    counted: int
    total: int
    median_hours: float | None = None


@dataclass(frozen=True, kw_only=True)
class IndicatorValue:
    """Hold an indicator as computed for a period.

    Args:
        value: None when there is nothing to measure, which is not the same as 0.
        counted, total: numerator and denominator; of a plain count both are it.
        target: of the indicator; for the number of agencies, how many there are.
        weeks: first day of a week and the number of that week, where the time tells something.
    """

    id: IndicatorId
    value: float | None
    counted: int
    total: int
    target: float | None = None
    slices: tuple[Slice, ...] = ()
    weeks: tuple[tuple[date, int, int], ...] = field(default=())


#: Times below an hour have a stretch for each minute, longer ones so many for each doubling.
_EXACT_MINUTES = 64
_EXACT_DOUBLINGS = 6
_STRETCHES_A_DOUBLING = 8


def stretch_of(minutes: int) -> int:
    """Return the number of the stretch of time that a step of `minutes` falls in."""
    if minutes < _EXACT_MINUTES:
        return max(minutes, 0)
    past = math.floor((math.log2(minutes) - _EXACT_DOUBLINGS) * _STRETCHES_A_DOUBLING)
    return _EXACT_MINUTES + past


def minutes_of(stretch: int) -> tuple[float, float]:
    """Return where a stretch begins and ends, in minutes."""
    if stretch < _EXACT_MINUTES:
        return stretch, stretch
    return tuple(  # type: ignore[return-value] # of two
        2 ** (_EXACT_DOUBLINGS + (stretch - _EXACT_MINUTES + step) / _STRETCHES_A_DOUBLING)
        for step in (0, 1)
    )


def median_minutes(counts: Mapping[int, int]) -> float:
    """Return the median of steps counted by stretch: to the minute below an hour, then near it.

    Within a stretch the steps are taken to lie evenly.
    """
    middle = sum(counts.values()) / 2
    passed = 0
    for stretch in sorted(counts):
        number = counts[stretch]
        if number and passed + number >= middle:
            low, high = minutes_of(stretch)
            return low + (high - low) * (middle - passed) / number
        passed += number
    return 0.0


def share(counted: int, total: int) -> float | None:
    """Return counted / total, None when there is nothing."""
    return counted / total if total else None
