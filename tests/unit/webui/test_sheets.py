"""Read back what is written for spreadsheets."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import openpyxl
import pytest

from webui.sheets import Cell, Column, Table, csv_chunks, inert, save_xlsx, write_csv, write_xlsx

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]
COLUMNS = [
    Column(title="Tên"),
    Column(title="Số", kind="number"),
    Column(title="Tỷ lệ", kind="share"),
    Column(title="Ngày", kind="day"),
]


def a_table(rows: Sequence[Sequence[Cell]], columns: Sequence[Column] = COLUMNS) -> Table:
    return Table(title="Sổ thử", columns=columns, rows=rows, notes=("Sở Nội vụ", "=kỳ"))


def read(content: bytes) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_cell_is_inert_when_it_begins_like_a_formula(text: str) -> None:
    content = write_csv(a_table([[text]], COLUMNS[:1])).decode("utf-8-sig")

    [heading, row] = csv.reader(io.StringIO(content, newline=""))
    assert heading == ["Tên"]
    assert row == ["'" + text.replace("\t=", "\t'=")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abc;=1+1", "abc;'=1+1"),
        ("abc\t@SUM(A1)", "abc\t'@SUM(A1)"),
        ('abc;"=1+1"', 'abc;"\'=1+1"'),
        ("rà soát; - báo cáo", "rà soát; - báo cáo"),
    ],
)
def test_csv_cell_is_inert_when_a_formula_follows_a_separator(text: str, shown: str) -> None:
    assert inert(text) == shown


@pytest.mark.parametrize("number", ["-5", "+3", "-1.5"])
def test_csv_cell_stays_as_it_is_when_it_is_a_plain_number(number: str) -> None:
    assert inert(number) == number


@pytest.mark.parametrize("text", [*FORMULAS, "http://ke.xau/", "{=1}", "0123"])
def test_xlsx_cell_is_text_when_somebody_typed_it(text: str) -> None:
    content = write_xlsx(a_table([[text]], COLUMNS[:1]))

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.active is not None
    last = [cell for row in book.active.iter_rows() for cell in row][-1]
    assert last.data_type in {"s", "inlineStr"}


def test_csv_begins_with_the_mark_of_utf_8() -> None:
    assert write_csv(a_table([["Đỗ", 1, 0.5, date(2026, 1, 2)]])).startswith(b"\xef\xbb\xbf")


def test_xlsx_reads_back_with_dates_and_numbers() -> None:
    row = ["Đỗ Ước", 1677, 0.94, date(2026, 6, 5)]

    rows = read(write_xlsx(a_table([row])))

    assert rows[0][0] == "Sổ thử"
    assert rows[1][0] == "Sở Nội vụ"
    assert rows[2][0] == "=kỳ"
    assert rows[4] == ("Tên", "Số", "Tỷ lệ", "Ngày")
    assert rows[5] == ("Đỗ Ước", 1677, 0.94, datetime(2026, 6, 5))  # noqa: DTZ001 as Excel has it


def test_moment_is_written_in_vietnams_time() -> None:
    at = datetime(2026, 6, 5, 20, 30, tzinfo=UTC)
    table = a_table([[at]], [Column(title="Lúc", kind="moment")])

    assert read(write_xlsx(table))[-1] == (datetime(2026, 6, 6, 3, 30),)  # noqa: DTZ001 as Excel has it
    assert "2026-06-06T03:30:00+07:00" in write_csv(table).decode()


def test_xlsx_keeps_the_heading_in_sight_and_prints_it_on_each_page() -> None:
    content = write_xlsx(a_table([["a", 1, 0.1, None]]))

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert sheet.freeze_panes == "A6"
    assert sheet.print_title_rows == "$5:$5"
    assert sheet.page_setup.orientation == "landscape"


def test_xlsx_is_the_same_when_written_twice() -> None:
    table = a_table([["a", 1, 0.1, date(2026, 1, 1)]])

    assert write_xlsx(table) == write_xlsx(table)


@pytest.mark.parametrize("title", ["[a]:b*c?/d\\e", "x" * 60, "'", ""])
def test_xlsx_is_readable_whatever_the_title(title: str) -> None:
    table = Table(title=title, columns=COLUMNS[:1], rows=[["a\x00b\x1f"]])

    assert read(write_xlsx(table))[-1] == ("a?b?",)


def rows(number: int) -> Iterator[Sequence[Cell]]:
    for place in range(number):
        yield [f"{place:02d}/SNV-VP", place, 0.5, date(2026, 1, 1)]


def peak_bytes(number: int) -> int:
    tracemalloc.start()
    try:
        with io.BytesIO() as out:
            save_xlsx(Table(title="Sổ", columns=COLUMNS, rows=rows(number)), out)
            size = len(out.getvalue())
        for _ in csv_chunks(Table(title="Sổ", columns=COLUMNS, rows=rows(number))):
            pass
        return tracemalloc.get_traced_memory()[1] - 2 * size
    finally:
        tracemalloc.stop()


def test_memory_stays_the_same_when_there_are_ten_times_the_rows() -> None:
    assert peak_bytes(5_000) < peak_bytes(500) + 1_000_000
