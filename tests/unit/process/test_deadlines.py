"""Read timer texts, and count them across summer time, Tết and hostile data."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar.hours import WorkingHours
from engine.calendar.working_time import WorkingCalendar, vietnam_calendar
from engine.errors import ErrorCode, InvalidInputError
from engine.process.deadlines import Deadline, DeadlineKind, parse_moment
from engine.process.model import Plain

HANOI = timezone(timedelta(hours=7))
BERLIN = ZoneInfo("Europe/Berlin")
OPENED_AT = datetime(2026, 11, 6, 9, 30, tzinfo=HANOI)


def shown(text: str, opened_at: datetime = OPENED_AT, **data: Plain) -> str:
    due_at = Deadline.parse(text).due(opened_at, data, vietnam_calendar())
    assert due_at.tzinfo is UTC
    return due_at.astimezone(HANOI).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("P3D", "2026-11-09 09:30:00"),
        ("P1W", "2026-11-13 09:30:00"),
        ("P1W2D", "2026-11-15 09:30:00"),
        ("PT4H", "2026-11-06 13:30:00"),
        ("PT90M", "2026-11-06 11:00:00"),
        ("PT45S", "2026-11-06 09:30:45"),
        ("P1DT2H3M4S", "2026-11-07 11:33:04"),
        ("P0D", "2026-11-06 09:30:00"),
        ("PT0S", "2026-11-06 09:30:00"),
        (" P3D\n", "2026-11-09 09:30:00"),
        ("0 working days", "2026-11-06 17:00:00"),
        ("1 working days", "2026-11-09 17:00:00"),
        ("3 working days", "2026-11-11 17:00:00"),
        ("3\n  working days", "2026-11-11 17:00:00"),
        ("4 working hours", "2026-11-06 15:30:00"),
        ("8 working hours", "2026-11-09 09:30:00"),
    ],
)
def test_deadline_is_counted_when_the_text_says_how_long(text: str, due: str) -> None:
    assert shown(text) == due
    assert Deadline.parse(text).names == frozenset()


@pytest.mark.parametrize(
    ("text", "name", "value", "due"),
    [
        ("days working days", "days", 3, "2026-11-11 17:00:00"),
        ("hours_left working hours", "hours_left", 8, "2026-11-09 09:30:00"),
        ("working working days", "working", 1, "2026-11-09 17:00:00"),
        ("days working days", "days", 0, "2026-11-06 17:00:00"),
        ("at due_at", "due_at", "2026-11-10T17:00:00+07:00", "2026-11-10 17:00:00"),
        ("at due_at", "due_at", "2026-11-10T10:00Z", "2026-11-10 17:00:00"),
        ("at due_at", "due_at", "2026-11-10T10:00:00.500000Z", "2026-11-10 17:00:00"),
        ("at at", "at", "2020-01-01T00:00:00+07:00", "2020-01-01 00:00:00"),
    ],
)
def test_deadline_is_counted_when_process_data_says_how_long(
    text: str, name: str, value: Plain, due: str
) -> None:
    assert Deadline.parse(text).names == {name}
    assert shown(text, **{name: value}) == due


def test_deadline_runs_over_tet_when_it_counts_working_days() -> None:
    friday = datetime(2026, 2, 13, 10, tzinfo=HANOI)
    assert shown("2 working days", friday) == "2026-02-24 17:00:00"
    assert shown("P2D", friday) == "2026-02-15 10:00:00"


REFUSED = [
    "",
    " ",
    "P",
    "PT",
    "P1DT",
    "P1Y",
    "P1M",
    "P1Y2M",
    "P1.5D",
    "P1,5D",
    "PT1.5H",
    "P-1D",
    "-P1D",
    "+P1D",
    "p3d",
    '"P3D"',
    "P3D P1D",
    "PT1M1H",
    "P1D1W",
    "R3/P1D",
    "R/PT1H",
    "2026-11-10T17:00:00+07:00",
    "2026-11-10T17:00:00",
    "2026-11-10",
    "0 0 * * *",
    "3 days",
    "3 working",
    "3 working day",
    "3 working weeks",
    "3.5 working days",
    "-3 working days",
    "+3 working days",
    "three-four working days",
    "Days working days",
    "_days working days",
    "days.x working days",
    "3 Working Days",
    "3 working days or so",
    "at",
    "at due_at later",
    "at Due",
    "at due.at",
    "at 2026-11-10T17:00:00+07:00",
    "datetime.now()",
    "__import__('os').system('id')",
    "timedelta(days=3)",
    "{days} working days",
    "P٣D",
    "３ working days",
    "3\u00a0working days",
    "P3D\x00",
    "P999999999D",
    "P523W",
    "P3654D",
    "PT87673H",
    "3654 working days",
    "99999999 working hours",
    "9" * 90 + " working days",
    "P" + "9" * 5000 + "D",
    "a" * 64 + " working days",
]


@pytest.mark.parametrize("text", REFUSED)
def test_deadline_is_refused_when_outside_the_forms(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Deadline.parse(text)
    assert caught.value.code is ErrorCode.PROCESS_INVALID
    assert caught.value.params["reason"]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("days working days", {}),
        ("days working days", {"day": 3}),
        ("days working days", {"days": None}),
        ("days working days", {"days": True}),
        ("days working days", {"days": "3"}),
        ("days working days", {"days": -1}),
        ("days working days", {"days": 3654}),
        ("days working days", {"days": 10**30}),
        ("days working days", {"days": 3000}),
        ("hours working hours", {"hours": -1}),
        ("hours working hours", {"hours": 87673}),
        ("hours working hours", {"hours": 87672}),
        ("hours working hours", {"hours": False}),
        ("at due_at", {}),
        ("at due_at", {"due_at": None}),
        ("at due_at", {"due_at": 20261110}),
        ("at due_at", {"due_at": ""}),
        ("at due_at", {"due_at": "2026-11-10"}),
        ("at due_at", {"due_at": "2026-11-10T17:00:00"}),
        ("at due_at", {"due_at": "2026-11-10 17:00:00+07:00"}),
        ("at due_at", {"due_at": "2026-11-10T17:00:00+07"}),
        ("at due_at", {"due_at": "2026-W45-2T17:00:00+07:00"}),
        ("at due_at", {"due_at": "20261110T170000+0700"}),
        ("at due_at", {"due_at": "2026-02-30T17:00:00+07:00"}),
        ("at due_at", {"due_at": "2026-11-10T25:00:00+07:00"}),
        ("at due_at", {"due_at": "2026-11-10T17:00:00+99:00"}),
        ("at due_at", {"due_at": "0001-01-01T00:00:00+07:00"}),
        ("at due_at", {"due_at": "9999-12-31T23:00:00-07:00"}),
        ("at due_at", {"due_at": "2036-11-07T09:30:00+07:00"}),
        ("at due_at", {"due_at": " 2026-11-10T17:00:00+07:00"}),
    ],
)
def test_deadline_cannot_be_counted_when_the_data_does_not_fit(
    text: str, data: dict[str, Plain]
) -> None:
    deadline = Deadline.parse(text)
    with pytest.raises(InvalidInputError) as caught:
        deadline.due(OPENED_AT, data, vietnam_calendar())
    assert caught.value.code is ErrorCode.PROCESS_DATA
    assert caught.value.params["reason"]


def test_deadline_cannot_be_counted_when_the_opening_has_no_offset() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Deadline.parse("P3D").due(OPENED_AT.replace(tzinfo=None), {}, vietnam_calendar())
    assert caught.value.code is ErrorCode.PROCESS_DATA


def test_deadline_is_counted_when_it_is_just_ten_years_away() -> None:
    assert shown("P3653D") == "2036-11-06 09:30:00"
    assert shown("at due_at", due_at="2036-11-06T09:30:00+07:00") == "2036-11-06 09:30:00"
    assert shown("2480 working days").startswith("2036")


def test_deadline_is_read_once_when_asked_again() -> None:
    assert Deadline.parse("3 working days") is Deadline.parse("3 working days")
    assert parse_moment("at due_at") is parse_moment("at due_at")


def test_parse_moment_reads_a_moment_or_a_name() -> None:
    moment = parse_moment("2026-11-10T17:00:00+07:00")
    assert moment.kind is DeadlineKind.MOMENT
    assert moment.names == frozenset()
    due_at = moment.due(OPENED_AT, {}, vietnam_calendar())
    assert due_at == datetime(2026, 11, 10, 10, tzinfo=UTC)
    named = parse_moment("at due_at")
    assert named.names == {"due_at"}
    assert named.due(OPENED_AT, {"due_at": "2026-11-10T10:00:00Z"}, vietnam_calendar()) == due_at


def test_parse_moment_keeps_a_moment_in_the_past() -> None:
    past = parse_moment("2020-01-01T00:00:00Z").due(OPENED_AT, {}, vietnam_calendar())
    assert past == datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P3D",
        "3 working days",
        "2026-11-10",
        "2026-11-10T17:00:00",
        "2026-11-10T17",
        "2026-02-30T17:00:00Z",
        "0001-01-01T00:00:00+07:00",
        "at",
        "at Due",
        "tomorrow",
        "2026-11-10T17:00:00+07:00 ".ljust(101, "0"),
    ],
)
def test_parse_moment_refuses_what_is_no_moment(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_moment(text)
    assert caught.value.code is ErrorCode.PROCESS_INVALID


def test_moment_is_refused_at_counting_when_it_is_over_ten_years_away() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_moment("2036-11-07T09:30:00+07:00").due(OPENED_AT, {}, vietnam_calendar())
    assert caught.value.code is ErrorCode.PROCESS_DATA


@given(st.text(max_size=40) | st.from_regex(r"P[0-9WDTHMS]{1,12}", fullmatch=True))
def test_deadline_reads_or_refuses_any_text(text: str) -> None:
    try:
        amount = Deadline.parse(text).amount
    except InvalidInputError:
        return
    assert isinstance(amount, timedelta)


@given(weeks=st.integers(0, 99), days=st.integers(0, 99), seconds=st.integers(0, 10**6))
def test_clock_time_is_what_the_duration_says(weeks: int, days: int, seconds: int) -> None:
    due_at = Deadline.parse(f"P{weeks}W{days}DT{seconds}S").due(OPENED_AT, {}, vietnam_calendar())
    assert due_at - OPENED_AT == timedelta(weeks=weeks, days=days, seconds=seconds)


@pytest.mark.parametrize(
    ("friday", "monday_close"),
    [
        # Summer time begins on 29/3 and ends on 25/10: both nights lie in between.
        (datetime(2026, 3, 27, 16, tzinfo=BERLIN), datetime(2026, 3, 30, 15, tzinfo=UTC)),
        (datetime(2026, 10, 23, 16, tzinfo=BERLIN), datetime(2026, 10, 26, 16, tzinfo=UTC)),
    ],
)
def test_clock_time_is_absolute_and_working_time_local_when_summer_time_changes(
    friday: datetime, monday_close: datetime
) -> None:
    calendar = WorkingCalendar((), WorkingHours(), BERLIN)

    def due(text: str) -> datetime:
        return Deadline.parse(text).due(friday, {}, calendar)

    assert due("P3D") - friday.astimezone(UTC) == timedelta(hours=72)
    assert due("P3D").astimezone(BERLIN).hour != 16
    assert due("1 working days") == monday_close
    assert due("9 working hours") == monday_close


STOCK = """
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
for text in ("2026-01-15T09:00:00", "2026-07-15T09:00:00"):
    print(TimerEventDefinition.get_datetime(text).isoformat())
"""


def test_stock_timer_is_an_hour_wrong_when_a_date_has_no_offset_and_ours_refuses_it() -> None:
    # The stock engine asks for the offset once, when it is imported: in winter its dates in
    # summer are wrong, in summer those in winter. A process of its own lets us choose the zone.
    ran = subprocess.run(  # noqa: S603 our own interpreter and text
        [sys.executable, "-c", STOCK],
        env=os.environ | {"TZ": "Europe/Berlin"},
        capture_output=True,
        text=True,
        check=True,
    )
    stock = [datetime.fromisoformat(line) for line in ran.stdout.split()]
    right = [datetime(2026, month, 15, 9, tzinfo=BERLIN).astimezone(UTC) for month in (1, 7)]
    errors = sorted(abs(a - b) for a, b in zip(stock, right, strict=True))
    assert errors == [timedelta(), timedelta(hours=1)]

    for text in ("2026-01-15T09:00:00", "2026-07-15T09:00:00"):
        with pytest.raises(InvalidInputError, match="without offset"):
            parse_moment(text)
        with pytest.raises(InvalidInputError, match="without offset"):
            Deadline.parse("at due_at").due(OPENED_AT, {"due_at": text}, vietnam_calendar())
