"""Read the shipped table of holidays, and an installation's own."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.calendar.holidays import DayKind, TableProblem, read_days, shipped_days
from engine.calendar.working_time import WorkingCalendar, load_calendar, vietnam_calendar
from engine.errors import ErrorCode, InvalidInputError
from engine.text import is_nfc
from workflows.organisation.city_tables import Problem

HEADER = "day,kind,name,basis,mark\n"
TET = {
    2014: "01-31", 2015: "02-19", 2016: "02-08", 2017: "01-28", 2018: "02-16", 2019: "02-05",
    2020: "01-25", 2021: "02-12", 2022: "02-01", 2023: "01-22", 2024: "02-10", 2025: "01-29",
    2026: "02-17", 2027: "02-06",
}  # fmt: skip


def test_shipped_table_has_every_holiday_of_every_year() -> None:
    days = shipped_days()
    calendar = vietnam_calendar()
    for year, new_year in TET.items():
        holidays = [d for d in days if d.day.year == year and d.kind is DayKind.HOLIDAY]
        assert len(holidays) == 10 + (year >= 2021) + (year >= 2026)
        first = date.fromisoformat(f"{year}-{new_year}")
        assert not any(calendar.is_working_day(first + timedelta(n)) for n in (-1, 0, 1, 2))
        assert sum(d.name == "Tết Nguyên đán" for d in holidays) == 5
        assert sum(d.name == "Giỗ Tổ Hùng Vương" for d in holidays) == 1


def test_shipped_table_pays_for_every_swapped_day() -> None:
    swapped = {d.day for d in shipped_days() if d.kind is DayKind.SWAPPED}
    worked = {d.day for d in shipped_days() if d.kind is DayKind.WORKED}
    assert len(swapped) == len(worked) == 13
    for special in shipped_days():
        if special.kind in (DayKind.SWAPPED, DayKind.WORKED):
            day, month, year = special.name.split()[-1].split("/")
            assert date(int(year), int(month), int(day)) in swapped | worked


def test_shipped_table_gives_a_day_in_lieu_for_every_holiday_on_a_weekend() -> None:
    for year in TET:
        days = [d for d in shipped_days() if d.day.year == year]
        lost = sum(d.kind is DayKind.HOLIDAY and d.day.weekday() >= 5 for d in days)
        assert sum(d.kind is DayKind.IN_LIEU for d in days) == lost


def test_shipped_table_says_what_is_unsure() -> None:
    unsure = {d.day.isoformat() for d in shipped_days() if not d.is_sure}
    assert unsure == {
        "2026-11-24", "2027-02-04", "2027-02-05", "2027-02-06", "2027-02-07", "2027-02-08",
        "2027-02-09", "2027-02-10", "2027-09-03", "2027-11-24",
    }  # fmt: skip
    assert all(d.basis and is_nfc(d.name + d.basis) for d in shipped_days())
    assert [d.name for d in vietnam_calendar().list_days(2027) if not d.is_sure][-1] == (
        "Ngày Văn hóa Việt Nam"
    )


def own_year(year: int, *rows: str) -> bytes:
    fixed = [f"{year}-{day},holiday,Lễ,,sure" for day in ("01-01", "04-30", "05-01", "09-02")]
    tet = [f"{year}-02-{day:02},holiday,Tết,,sure" for day in range(5, 10)]
    more = [f"{year}-04-16,holiday,Giỗ Tổ,,sure", *rows]
    return (HEADER + "\n".join([*fixed, *tet, *more]) + "\n").encode()


def test_own_table_speaks_for_its_years_when_loaded(tmp_path: Path) -> None:
    own = tmp_path / "2027.csv"
    own.write_bytes(own_year(2027, "2028-01-08,worked,Làm bù,,sure"))
    calendar = load_calendar(own)
    assert calendar.is_working_day(date(2027, 2, 4))
    assert not calendar.is_working_day(date(2027, 2, 5))
    assert calendar.is_working_day(date(2027, 11, 24))
    # A make-up day alone does not make 2028 known, and takes nothing from other years.
    assert calendar.is_working_day(date(2028, 1, 8))
    assert not calendar.covers(2028)
    assert calendar.list_days(2026) == vietnam_calendar().list_days(2026)


def test_own_table_keeps_days_of_other_files_when_it_has_no_holidays(tmp_path: Path) -> None:
    first, second = tmp_path / "2028.csv", tmp_path / "more.csv"
    first.write_bytes(own_year(2028))
    second.write_bytes(
        (HEADER + "2028-02-10,swapped,Nghỉ,,sure\n2028-02-12,worked,Bù,,sure\n").encode()
    )
    calendar = load_calendar(first, second)
    assert calendar.covers(2028)
    assert not calendar.is_working_day(date(2028, 2, 10))
    assert calendar.is_working_day(date(2028, 2, 12))
    assert not calendar.is_working_day(date(2028, 2, 9))


def test_fixed_holidays_stay_when_an_own_table_forgets_them() -> None:
    rows = [f"2028-02-{day:02},holiday,Tết,,sure" for day in range(1, 11)]
    days = read_days("own", (HEADER + "\n".join(rows)).encode())
    calendar = WorkingCalendar(days)
    assert calendar.covers(2028)
    assert not calendar.is_working_day(date(2028, 5, 1))


@pytest.mark.parametrize(
    ("content", "problem", "line", "column"),
    [
        (b"\xff\xfe", "not_utf8", "1", ""),
        (b"", "columns", "1", ",".join(HEADER.strip().split(","))),
        (b"day,kind\n", "columns", "1", "day,kind,name,basis,mark"),
        ((HEADER + "2028-01-01,holiday,A\n").encode(), "columns", "2", "day,kind,name,basis,mark"),
        ((HEADER + "2028-01-01,holiday,A,,sure,x\n").encode(), "columns", "2", None),
        ((HEADER + '2028-01-01,holiday,"A,,sure\n').encode(), "columns", "2", None),
        ((HEADER + "2028-01-01,holiday,Te\u0302\u0301t,,sure\n").encode(), "not_nfc", "2", "name"),
        ((HEADER + "2028-01-01,holiday, ,,sure\n").encode(), "empty", "2", "name"),
        ((HEADER + ",holiday,A,,sure\n").encode(), "empty", "2", "day"),
        ((HEADER + "01/01/2028,holiday,A,,sure\n").encode(), "bad_value", "2", "day"),
        ((HEADER + "20280101,holiday,A,,sure\n").encode(), "bad_value", "2", "day"),
        ((HEADER + "2028-W01-1,holiday,A,,sure\n").encode(), "bad_value", "2", "day"),
        ((HEADER + "2201-01-01,holiday,A,,sure\n").encode(), "bad_value", "2", "day"),
        ((HEADER + "2028-01-01,off,A,,sure\n").encode(), "bad_value", "2", "kind"),
        ((HEADER + "2028-01-01,swapped,A,,sure\n").encode(), "bad_value", "2", "kind"),
        ((HEADER + "2028-01-01,in_lieu,A,,sure\n").encode(), "bad_value", "2", "kind"),
        ((HEADER + "2028-01-03,worked,A,,sure\n").encode(), "bad_value", "2", "kind"),
        ((HEADER + "2028-01-01,holiday,A,,maybe\n").encode(), "bad_value", "2", "mark"),
        (own_year(2028, "2028-04-16,holiday,A,,sure"), "duplicate", "12", "day"),
        ((HEADER + "2028-01-01,holiday,A,,sure\n").encode(), "bad_value", "2", "day"),
    ],
)
def test_own_table_is_refused_when_a_line_cannot_be_true(
    tmp_path: Path, content: bytes, problem: str, line: str, column: str | None
) -> None:
    own = tmp_path / "own.csv"
    own.write_bytes(content)
    with pytest.raises(InvalidInputError) as caught:
        load_calendar(own)
    params = caught.value.params
    assert caught.value.code is ErrorCode.IMPORT_INVALID
    assert (params["table"], params["problem"], params["line"]) == ("own.csv", problem, line)
    assert column is None or params["column"] == column


def test_own_table_is_refused_when_it_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_calendar(tmp_path / "missing.csv")
    assert caught.value.code is ErrorCode.IMPORT_INVALID
    assert caught.value.params["table"] == "missing.csv"


def test_own_table_may_begin_with_a_byte_order_mark() -> None:
    days = read_days("own", b"\xef\xbb\xbf" + own_year(2028))
    assert len(days) == 10
    assert days[0].day == date(2028, 1, 1)


def test_every_problem_of_a_table_has_words_on_the_page() -> None:
    assert {problem.value for problem in TableProblem} <= {problem.value for problem in Problem}
