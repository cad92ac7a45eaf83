"""Count working time, and compare with an oracle that goes minute by minute."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.calendar
from engine.calendar.hours import WorkingHours
from engine.calendar.working_time import WorkingCalendar, load_calendar, vietnam_calendar
from engine.errors import InvalidInputError
from tests.effort import count_calls

HANOI = timezone(timedelta(hours=7))
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
TET = {
    2014: "01-31", 2015: "02-19", 2016: "02-08", 2017: "01-28", 2018: "02-16", 2019: "02-05",
    2020: "01-25", 2021: "02-12", 2022: "02-01", 2023: "01-22", 2024: "02-10", 2025: "01-29",
    2026: "02-17", 2027: "02-06",
}  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def shown(moment: datetime) -> str:
    assert moment.tzinfo is UTC
    return moment.astimezone(HANOI).strftime("%Y-%m-%d %H:%M")


@cache
def oracle_days() -> dict[str, str]:
    table = Path(engine.calendar.__file__).with_name("holidays.csv")
    with table.open(encoding="utf-8", newline="") as lines:
        return {row["day"]: row["kind"] for row in csv.DictReader(lines)}


def oracle_works(moment: datetime) -> bool:
    """Tell whether the minute that begins at `moment` is worked in Cần Thơ."""
    local = moment.astimezone(HANOI)
    return oracle_works_on(local.date()) and local.hour in (7, 8, 9, 10, 13, 14, 15, 16)


def oracle_works_on(day: date) -> bool:
    kind = oracle_days().get(day.isoformat())
    return kind == "worked" if kind else day.isoweekday() < 6


def minutes_from(moment: datetime) -> Iterator[datetime]:
    while True:
        yield moment
        moment += MINUTE


def oracle_add_minutes(start: datetime, minutes: int) -> datetime:
    for moment in minutes_from(start):
        if oracle_works(moment):
            if minutes <= 1:
                return moment + MINUTE * minutes
            minutes -= 1
    raise AssertionError


def oracle_add_days(start: datetime, days: int) -> datetime:
    day = start.astimezone(HANOI).date()
    while days:
        day += timedelta(days=1)
        days -= oracle_works_on(day)
    return datetime.combine(day, time(17), HANOI)


# From before the first year of the table's Tết to after the last; minutes are whole.
moments = st.integers(0, 13 * 365 * 24 * 60).map(lambda n: at("2014-01-01 00:00") + MINUTE * n)
busy_moments = st.builds(
    lambda year, minutes: at(f"{year}-{TET[year]} 00:00") + MINUTE * minutes,
    st.sampled_from(sorted(set(TET) - {2027})),
    st.integers(-20 * 24 * 60, 15 * 24 * 60),
)
any_moments = moments | busy_moments


@settings(deadline=None)
@given(start=any_moments, minutes=st.integers(0, 6 * 8 * 60))
def test_add_working_hours_agrees_with_going_minute_by_minute(
    start: datetime, minutes: int
) -> None:
    added = vietnam_calendar().add_working_hours(start, MINUTE * minutes)
    assert added == oracle_add_minutes(start, minutes)


@given(start=any_moments, days=st.integers(1, 60))
def test_add_working_days_agrees_with_going_day_by_day(start: datetime, days: int) -> None:
    assert vietnam_calendar().add_working_days(start, days) == oracle_add_days(start, days)


@settings(deadline=None)
@given(start=any_moments, minutes=st.integers(-600, 20 * 24 * 60))
def test_working_time_between_agrees_with_going_minute_by_minute(
    start: datetime, minutes: int
) -> None:
    worked = sum(oracle_works(start + MINUTE * n) for n in range(minutes))
    end = start + MINUTE * minutes
    assert vietnam_calendar().working_time_between(start, end) == MINUTE * worked


@given(due_at=any_moments, minutes=st.integers(-600, 60 * 24 * 60))
def test_days_late_agrees_with_going_day_by_day(due_at: datetime, minutes: int) -> None:
    now = due_at + MINUTE * minutes
    day, days = due_at.astimezone(HANOI).date(), 0
    while day < now.astimezone(HANOI).date():
        day += timedelta(days=1)
        days += oracle_works_on(day)
    assert vietnam_calendar().days_late(due_at, now) == days


amounts = st.timedeltas(timedelta(), timedelta(hours=8 * 2500))
exact_moments = st.timedeltas(timedelta(), timedelta(days=5000)).map(
    lambda since: datetime(2015, 1, 1, tzinfo=UTC) + since
)


@given(start=exact_moments, amount=amounts)
def test_added_working_hours_are_what_lies_between(start: datetime, amount: timedelta) -> None:
    calendar = vietnam_calendar()
    assert (
        calendar.working_time_between(start, calendar.add_working_hours(start, amount)) == amount
    )


@given(start=exact_moments, amount=amounts)
def test_added_working_hours_end_within_working_hours(start: datetime, amount: timedelta) -> None:
    calendar = vietnam_calendar()
    end = calendar.add_working_hours(start, amount).astimezone(HANOI)
    assert calendar.is_working_day(end.date())
    clock = end.time()
    assert time(7) <= clock <= time(11) or time(13) <= clock <= time(17)


@given(start=exact_moments, days=st.integers(0, 2500))
def test_added_working_days_end_at_the_close_of_a_working_day(start: datetime, days: int) -> None:
    calendar = vietnam_calendar()
    end = calendar.add_working_days(start, days).astimezone(HANOI)
    assert calendar.is_working_day(end.date())
    assert end.time() == time(17)
    assert end >= start


@given(start=exact_moments, later=st.timedeltas(timedelta(), timedelta(days=40)), amount=amounts)
def test_working_time_never_runs_backwards(
    start: datetime, later: timedelta, amount: timedelta
) -> None:
    calendar, days = vietnam_calendar(), amount // timedelta(hours=8)
    hours, ends = calendar.add_working_hours, calendar.add_working_days
    assert hours(start, amount) <= hours(start + later, amount)
    assert hours(start, amount) <= hours(start, amount + later)
    assert ends(start, days) <= ends(start + later, days)
    assert ends(start, days) <= ends(start, days + 1)


@given(
    opened_at=exact_moments,
    wait=st.timedeltas(timedelta(microseconds=1), timedelta(days=3000)),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted),
)
def test_share_of_divides_the_working_time(
    opened_at: datetime, wait: timedelta, shares: list[float]
) -> None:
    calendar, due_at = vietnam_calendar(), opened_at + wait
    total = calendar.working_time_between(opened_at, due_at)
    first, second = (calendar.share_of(opened_at, due_at, share) for share in shares)
    assert opened_at <= first <= second <= due_at
    if total:
        passed = calendar.working_time_between(opened_at, second)
        assert abs(passed - total * shares[1]) <= timedelta(microseconds=1)
    else:
        assert second == opened_at + wait * shares[1]


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-02 09:00", 1, "2026-11-03 17:00"),
        ("2026-11-02 09:00", 5, "2026-11-09 17:00"),
        ("2026-11-02 23:59", 1, "2026-11-03 17:00"),
        ("2026-11-02 00:00", 1, "2026-11-03 17:00"),
        ("2026-11-06 17:00", 1, "2026-11-09 17:00"),
        ("2026-11-07 12:00", 1, "2026-11-09 17:00"),
        # Over the new year: 1/1 is a holiday, 2/1 is swapped for 10/1.
        ("2025-12-30 10:00", 1, "2025-12-31 17:00"),
        ("2025-12-31 10:00", 1, "2026-01-05 17:00"),
        ("2026-01-09 10:00", 1, "2026-01-10 17:00"),
        ("2026-01-09 10:00", 2, "2026-01-12 17:00"),
        # Over Tết Bính Ngọ: nine days off.
        ("2026-02-13 16:59", 1, "2026-02-23 17:00"),
        ("2026-02-18 08:00", 1, "2026-02-23 17:00"),
        # Tết Giáp Ngọ: swapped for Saturdays before and after.
        ("2014-01-24 08:00", 1, "2014-01-25 17:00"),
        ("2014-01-27 08:00", 1, "2014-02-06 17:00"),
        ("2014-02-07 08:00", 1, "2014-02-08 17:00"),
        # Giỗ Tổ and 30/4 on a weekend, both with a day in lieu.
        ("2023-04-28 08:00", 1, "2023-05-04 17:00"),
        # A swap over the border of two years.
        ("2018-12-28 08:00", 4, "2019-01-05 17:00"),
        # No days: the same day while it is worked.
        ("2026-11-02 06:00", 0, "2026-11-02 17:00"),
        ("2026-11-02 17:00", 0, "2026-11-02 17:00"),
        ("2026-11-02 17:01", 0, "2026-11-03 17:00"),
        ("2026-11-07 09:00", 0, "2026-11-09 17:00"),
        ("2026-01-01 09:00", 0, "2026-01-05 17:00"),
        ("2025-12-31 18:00", 0, "2026-01-05 17:00"),
    ],
)
def test_add_working_days_follows_practice(start: str, days: int, due: str) -> None:
    assert shown(vietnam_calendar().add_working_days(at(start), days)) == due


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-02 07:00", 4, "2026-11-02 11:00"),
        ("2026-11-02 07:00", 5, "2026-11-02 14:00"),
        ("2026-11-02 11:00", 1, "2026-11-02 14:00"),
        ("2026-11-02 11:30", 1, "2026-11-02 14:00"),
        ("2026-11-02 17:00", 1, "2026-11-03 08:00"),
        ("2026-11-02 16:00", 1, "2026-11-02 17:00"),
        ("2026-11-06 16:30", 4, "2026-11-09 10:30"),
        ("2026-11-02 10:59", 0, "2026-11-02 10:59"),
        ("2026-11-02 11:00", 0, "2026-11-02 13:00"),
        ("2026-11-02 07:00", 0, "2026-11-02 07:00"),
        ("2026-11-07 12:00", 0, "2026-11-09 07:00"),
        ("2025-12-31 17:00", 0, "2026-01-05 07:00"),
        ("2025-12-31 13:00", 4, "2025-12-31 17:00"),
        ("2025-12-31 16:00", 2, "2026-01-05 08:00"),
        ("2026-02-13 16:00", 9, "2026-02-23 17:00"),
    ],
)
def test_add_working_hours_counts_only_work(start: str, hours: int, due: str) -> None:
    assert shown(vietnam_calendar().add_working_hours(at(start), hours)) == due


@pytest.mark.parametrize(
    ("due_at", "now", "days"),
    [
        ("2026-11-06 17:00", "2026-11-06 16:00", 0),
        ("2026-11-06 17:00", "2026-11-06 23:00", 0),
        ("2026-11-06 17:00", "2026-11-08 12:00", 0),
        ("2026-11-06 17:00", "2026-11-09 06:00", 1),
        ("2026-11-06 17:00", "2026-11-13 12:00", 5),
        ("2025-12-31 17:00", "2026-01-05 12:00", 1),
        ("2026-11-13 12:00", "2026-11-06 17:00", 0),
        ("2016-01-04 17:00", "2026-01-05 12:00", 2504),
    ],
)
def test_days_late_counts_working_days(due_at: str, now: str, days: int) -> None:
    assert vietnam_calendar().days_late(at(due_at), at(now)) == days


@pytest.mark.parametrize(
    ("opened_at", "due_at", "share", "moment"),
    [
        ("2026-11-02 07:00", "2026-11-03 17:00", 0.5, "2026-11-02 17:00"),
        ("2026-11-02 07:00", "2026-11-02 17:00", 0.9, "2026-11-02 16:12"),
        ("2026-11-06 16:00", "2026-11-09 08:00", 0.5, "2026-11-06 17:00"),
        ("2026-11-06 16:00", "2026-11-09 08:00", 0.9, "2026-11-09 07:48"),
        ("2026-11-07 10:00", "2026-11-07 20:00", 0.5, "2026-11-07 15:00"),
        ("2026-11-07 10:00", "2026-11-07 10:00", 0.5, "2026-11-07 10:00"),
        ("2026-11-07 10:00", "2026-11-06 10:00", 0.5, "2026-11-06 10:00"),
    ],
)
def test_share_of_gives_the_moment_of_a_warning(
    opened_at: str, due_at: str, share: float, moment: str
) -> None:
    assert shown(vietnam_calendar().share_of(at(opened_at), at(due_at), share)) == moment


def test_calendar_goes_by_years_and_not_by_days_so_that_every_row_may_ask() -> None:
    calendar, start = vietnam_calendar(), at("2016-01-04 09:00")
    calendar.add_working_days(start, 2600)

    def effort(days: int) -> int:
        in_days = count_calls(lambda: calendar.add_working_days(start, days))
        return in_days + count_calls(lambda: calendar.add_working_hours(start, 8 * days))

    assert effort(1) < 100
    assert effort(200) == effort(1)
    assert effort(2500) < 10 * effort(1)


def test_calendar_says_which_years_it_covers() -> None:
    calendar = vietnam_calendar()
    assert [year for year in range(2000, 2040) if calendar.covers(year)] == sorted(TET)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2030-01-01", False),
        ("2030-04-30", False),
        ("2030-05-01", False),
        ("2030-09-02", False),
        ("2030-02-04", True),  # Tết Canh Tuất, which only a table can tell
        ("2030-09-03", True),
        ("2033-01-03", False),  # 1/1 is a Saturday
        ("2033-05-02", False),  # 30/4 is a Saturday
        ("2033-05-03", False),  # 1/5 is a Sunday
        ("2033-05-04", True),
        ("2028-05-02", False),  # 30/4 is a Sunday, 1/5 is a holiday itself
        ("2028-05-03", True),
        ("2010-05-03", False),
    ],
)
def test_fixed_holidays_count_when_the_year_is_not_covered(day: str, works: bool) -> None:
    assert vietnam_calendar().is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize("year", [1, 1899, 2201, 9999])
def test_calendar_refuses_when_the_year_is_out_of_reach(year: int) -> None:
    moment = datetime(year, 6, 30, tzinfo=UTC)
    with pytest.raises(InvalidInputError):
        vietnam_calendar().add_working_days(moment, 1)


def test_calendar_refuses_when_the_local_day_is_after_the_last() -> None:
    with pytest.raises(InvalidInputError):
        vietnam_calendar().add_working_days(datetime(9999, 12, 31, 23, tzinfo=UTC), 1)


def test_calendar_refuses_when_the_sum_is_out_of_reach() -> None:
    with pytest.raises(InvalidInputError):
        vietnam_calendar().add_working_days(at("2200-12-30 08:00"), 5)


NAIVE = datetime(2026, 11, 2, 9)  # noqa: DTZ001 that is what is refused


@pytest.mark.parametrize(
    "ask",
    [
        lambda calendar: calendar.add_working_days(NAIVE, 1),
        lambda calendar: calendar.add_working_hours(NAIVE, 1),
        lambda calendar: calendar.working_time_between(NAIVE, NAIVE),
        lambda calendar: calendar.working_time_between(at("2026-11-02 09:00"), NAIVE),
        lambda calendar: calendar.share_of(at("2026-11-02 09:00"), NAIVE, 0.5),
        lambda calendar: calendar.days_late(NAIVE, NAIVE),
        lambda calendar: calendar.add_working_days(at("2026-11-02 09:00"), -1),
        lambda calendar: calendar.add_working_hours(at("2026-11-02 09:00"), -1),
        lambda calendar: calendar.add_working_hours(at("2026-11-02 09:00"), timedelta(-1)),
        lambda calendar: calendar.share_of(at("2026-11-02 09:00"), at("2026-11-03 09:00"), 1.1),
        lambda calendar: calendar.share_of(at("2026-11-02 09:00"), at("2026-11-03 09:00"), -0.1),
    ],
)
def test_calendar_refuses_when_asked_what_has_no_answer(ask) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInputError):
        ask(vietnam_calendar())


def test_hours_are_read_when_a_city_has_its_own() -> None:
    hours = WorkingHours.parse("07:30-11:30 13:30-17:30", weekdays="123456")
    calendar = load_calendar(hours=hours)
    assert shown(calendar.add_working_hours(at("2026-11-06 17:00"), 1)) == "2026-11-07 08:00"
    assert shown(calendar.add_working_days(at("2026-11-06 17:00"), 1)) == "2026-11-07 17:30"
    assert WorkingHours.parse("07:00-11:00 13:00-17:00") == WorkingHours()


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("", "12345"),
        ("07:00", "12345"),
        ("7:00-11:00", "12345"),
        ("11:00-07:00", "12345"),
        ("07:00-07:00", "12345"),
        ("07:00-11:00 10:00-12:00", "12345"),
        ("07:00-24:00", "12345"),
        ("07:00-29:00", "12345"),
        ("07:00-11:00", ""),
        ("07:00-11:00", "80"),
        ("07:00-11:00", "²"),
    ],
)
def test_hours_are_refused_when_they_are_no_hours(text: str, weekdays: str) -> None:
    with pytest.raises(InvalidInputError):
        WorkingHours.parse(text, weekdays=weekdays)


@pytest.mark.parametrize(
    ("spans", "weekdays"),
    [
        (((time(7, tzinfo=UTC), time(11, tzinfo=UTC)),), frozenset({0})),
        (((time(7), time(11)),), frozenset({7})),
        (((time(7), time(11)),), frozenset()),
    ],
)
def test_hours_are_refused_when_made_wrong(spans, weekdays) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInputError):
        WorkingHours(spans, weekdays)


def berlin_works(moment: datetime) -> bool:
    return 1 <= moment.astimezone(BERLIN).hour < 5


@settings(deadline=None)
@given(
    sunday=st.sampled_from(["2026-03-29", "2026-10-25"]),
    start=st.integers(-1500, 1500),
    minutes=st.integers(0, 900),
)
def test_working_hours_are_local_when_summer_time_begins_or_ends_within_them(
    sunday: str, start: int, minutes: int
) -> None:
    hours = WorkingHours.parse("01:00-05:00", weekdays="1234567")
    calendar = WorkingCalendar((), hours, BERLIN)
    opened_at = datetime.fromisoformat(sunday).replace(tzinfo=UTC) + MINUTE * start
    due_at = calendar.add_working_hours(opened_at, MINUTE * minutes)
    span = (due_at - opened_at) // MINUTE
    assert sum(berlin_works(opened_at + MINUTE * n) for n in range(span)) == minutes
    assert calendar.working_time_between(opened_at, due_at) == MINUTE * minutes


def test_a_span_that_summer_time_swallows_is_not_worked() -> None:
    hours = WorkingHours.parse("02:10-02:50 03:30-04:00", weekdays="1234567")
    calendar = WorkingCalendar((), hours, BERLIN)
    opened_at = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    worked = calendar.working_time_between(opened_at, opened_at + timedelta(hours=3))
    assert worked <= timedelta(minutes=70)
    ends = [calendar.add_working_hours(opened_at, MINUTE * n) for n in range(200)]
    assert ends == sorted(set(ends))


def test_working_time_is_counted_in_the_doubled_hour_when_both_moments_are_of_one_zone() -> None:
    calendar = WorkingCalendar((), WorkingHours.parse("01:00-05:00", weekdays="7"), BERLIN)
    first = datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN)
    second = datetime(2026, 10, 25, 2, 15, fold=1, tzinfo=BERLIN)
    assert calendar.working_time_between(first, second) == timedelta(minutes=30)
    middle = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    assert calendar.share_of(first, second, 0.5) == middle
