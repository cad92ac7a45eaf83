from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ErrorCode, InvalidInputError
from engine.model.indicators import (
    INDICATORS,
    MAX_PERIOD_DAYS,
    Assumptions,
    IndicatorId,
    Period,
    month_of,
    quarter_of,
    share,
    week_of,
    year_of,
)

DAYS = st.dates(min_value=date(2001, 1, 1), max_value=date(2998, 12, 31))


def test_period_is_refused_when_it_is_reversed() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Period(since=date(2026, 2, 1), until=date(2026, 1, 31))

    assert caught.value.code is ErrorCode.PERIOD_REVERSED
    assert caught.value.params == {"since": "01/02/2026", "until": "31/01/2026"}


@pytest.mark.parametrize(
    ("since", "days"),
    [
        (date(1999, 12, 31), 5),
        (date(2999, 12, 31), 1),
        (date(2020, 1, 1), MAX_PERIOD_DAYS),
    ],
)
def test_period_is_refused_when_it_is_out_of_range(since: date, days: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Period(since=since, until=since + timedelta(days=days))

    assert caught.value.code is ErrorCode.PERIOD_RANGE


def test_period_begins_and_ends_at_midnight_in_vietnam() -> None:
    period = Period(since=date(2026, 1, 1), until=date(2026, 1, 1))

    assert period.begins_at() == datetime(2025, 12, 31, 17, tzinfo=UTC)
    assert period.ends_before() == datetime(2026, 1, 1, 17, tzinfo=UTC)


@given(day=DAYS)
def test_week_month_quarter_and_year_hold_their_day(day: date) -> None:
    periods = [week_of(day), month_of(day), quarter_of(day), year_of(day)]

    assert all(period.since <= day <= period.until for period in periods)
    assert week_of(day).since.weekday() == 0
    assert (week_of(day).until - week_of(day).since).days == 6
    assert {period.since.day for period in periods[1:]} == {1}
    assert all((period.until + timedelta(days=1)).day == 1 for period in periods[1:])
    assert (year_of(day).since.month, year_of(day).until.month) == (1, 12)
    assert quarter_of(day).since.month in {1, 4, 7, 10}


@given(since=DAYS, days=st.integers(min_value=0, max_value=800))
def test_weeks_cover_each_day_of_a_period_once(since: date, days: int) -> None:
    period = Period(since=since, until=since + timedelta(days=days))

    weeks = period.weeks()

    covered = [
        week.since + timedelta(days=place)
        for week in weeks
        for place in range((week.until - week.since).days + 1)
    ]
    assert covered == [since + timedelta(days=place) for place in range(days + 1)]
    assert all(week.since.weekday() == 0 for week in weeks[1:])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pages_per_document", 0.5),
        ("pages_per_document", float("nan")),
        ("dong_per_page", -1),
        ("dong_postage", 10**9),
        ("regular_documents", 0),
        ("regular_weeks", 54),
    ],
)
def test_assumptions_are_refused_when_out_of_range(name: str, value: float) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Assumptions(**{name: value})  # type: ignore[arg-type]

    assert caught.value.code is ErrorCode.ASSUMPTION_RANGE
    assert caught.value.params["field"] == name


def test_savings_multiply_what_is_assumed() -> None:
    assumed = Assumptions(pages_per_document=2.5, dong_per_page=400, dong_postage=5_000)

    assert assumed.savings(1_000) == 6_000_000


def test_share_is_unknown_when_there_is_nothing() -> None:
    assert share(0, 0) is None
    assert share(0, 4) == 0
    assert share(3, 4) == 0.75


def test_references_are_those_the_city_reported_in_2015() -> None:
    references = {each.id: each.reference for each in INDICATORS.values() if each.reference}

    assert references == {
        IndicatorId.REGULAR_USE: 28,
        IndicatorId.WITHIN: 0.94,
        IndicatorId.BETWEEN: 0.77,
        IndicatorId.CERTIFICATES: 1020,
        IndicatorId.SAVINGS: 2_000_000_000,
    }
    assert INDICATORS[IndicatorId.BETWEEN].target == 0.60
    assert set(INDICATORS) == set(IndicatorId)
