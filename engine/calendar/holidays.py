"""Read the days off and the make-up days of each year: they are data, not code.

The Government announces every year which days civil servants have off and which Saturdays they
work instead, so no rule can tell them beforehand. The shipped table is `holidays.csv`; an
installation may give its own for years that were announced later.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from engine.errors import ErrorCode, InvalidInputError
from engine.text import is_nfc

COLUMNS = ("day", "kind", "name", "basis", "mark")
FIRST_YEAR, LAST_YEAR = 1900, 2200
SHIPPED_NAME = "holidays.csv"

#: Source: Labour Code 2012, Art. 115: ten days. The Code of 2019, Art. 112, has eleven.
MIN_HOLIDAYS = 10


class DayKind(StrEnum):
    """Say why a day is not what its weekday says."""

    HOLIDAY = "holiday"
    IN_LIEU = "in_lieu"
    SWAPPED = "swapped"
    WORKED = "worked"


class TableProblem(StrEnum):
    """Name what is wrong with a line; the page has words for each."""

    COLUMNS = "columns"
    NOT_UTF8 = "not_utf8"
    NOT_NFC = "not_nfc"
    EMPTY = "empty"
    DUPLICATE = "duplicate"
    BAD_VALUE = "bad_value"


@dataclass(frozen=True, kw_only=True)
class SpecialDay:
    """Hold one day of the table.

    Args:
        kind: a holiday of the law, a day in lieu of one that fell on a weekly day off, a day
            swapped for a make-up day, or that make-up day, which is worked.
        name: Vietnamese, as shown to people.
        basis: the law or announcement; "" when it is not known.
        is_sure: False while the day is an estimate or its basis has not been confirmed.
    """

    day: date
    kind: DayKind
    name: str
    basis: str
    is_sure: bool


@dataclass(frozen=True)
class _Row:
    """Hold one line with its place, so that every error can name it."""

    table: str
    line: int
    cells: Mapping[str, str]

    def fail(self, problem: TableProblem, column: str, value: str = "") -> InvalidInputError:
        value = value or self.cells.get(column) or ""
        return InvalidInputError(
            f"{self.table} line {self.line}: {problem} in {column}: {value!r}",
            code=ErrorCode.IMPORT_INVALID,
            table=self.table,
            line=str(self.line),
            problem=problem,
            column=column,
            value=value[:80],
        )


def shipped_days() -> tuple[SpecialDay, ...]:
    """Return the table that comes with the house."""
    return read_days(SHIPPED_NAME, files("engine.calendar").joinpath(SHIPPED_NAME).read_bytes())


def read_table(path: Path) -> bytes:
    """Return the content of an installation's own table.

    Raises:
        InvalidInputError: code IMPORT_INVALID; the file cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise _Row(path.name, 0, {}).fail(TableProblem.BAD_VALUE, "file", str(path)) from error


def read_days(table: str, content: bytes) -> tuple[SpecialDay, ...]:
    """Return the days of one CSV table (UTF-8, comma, one header line), in order.

    Args:
        table: name of the file, for errors.
        content: the whole file.

    Raises:
        InvalidInputError: code IMPORT_INVALID; names table, line, column and problem. A day
            stands once; a make-up day is a Saturday or Sunday, the days off it pays for are
            not; a year that has holidays has all of them.
    """
    lines: dict[date, int] = {}
    days: list[SpecialDay] = []
    for row in _rows(table, content):
        day = _parse_row(row)
        if day.day in lines:
            raise row.fail(TableProblem.DUPLICATE, "day")
        lines[day.day] = row.line
        days.append(day)
    _check_years(table, days, lines)
    return tuple(sorted(days, key=lambda special: special.day))


def join_tables(tables: Iterable[tuple[SpecialDay, ...]]) -> tuple[SpecialDay, ...]:
    """Return one table of several; a later one speaks for every year it has holidays of.

    A make-up day may fall into the next year, so a row for a year without holidays is added to
    that year and does not replace it.
    """
    joined: dict[date, SpecialDay] = {}
    for table in tables:
        years = years_with_holidays(table)
        joined = {day: special for day, special in joined.items() if day.year not in years}
        joined.update({special.day: special for special in table})
    return tuple(joined[day] for day in sorted(joined))


def years_with_holidays(days: Iterable[SpecialDay]) -> frozenset[int]:
    """Return the years whose holidays are in the table."""
    return frozenset(special.day.year for special in days if special.kind is DayKind.HOLIDAY)


def _rows(table: str, content: bytes) -> Iterator[_Row]:
    head = _Row(table, 1, {})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise head.fail(TableProblem.NOT_UTF8, "") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    columns = ",".join(COLUMNS)
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise head.fail(TableProblem.COLUMNS, columns)
        for cells in reader:
            row = _Row(table, reader.line_num, cells)
            # DictReader keeps surplus cells under None and gives None for missing ones.
            if None in cells or None in cells.values():
                raise row.fail(TableProblem.COLUMNS, columns)
            yield row
    except csv.Error as error:
        raise _Row(table, reader.reader.line_num, {}).fail(
            TableProblem.COLUMNS, columns
        ) from error


def _parse_row(row: _Row) -> SpecialDay:
    for column in COLUMNS:
        if not is_nfc(row.cells[column]):
            raise row.fail(TableProblem.NOT_NFC, column)
        if column != "basis" and not row.cells[column].strip():
            raise row.fail(TableProblem.EMPTY, column)
    mark = row.cells["mark"].strip()
    if mark not in ("sure", "unsure"):
        raise row.fail(TableProblem.BAD_VALUE, "mark")
    day = _parse_day(row)
    try:
        kind = DayKind(row.cells["kind"].strip())
    except ValueError as error:
        raise row.fail(TableProblem.BAD_VALUE, "kind") from error
    is_weekend = day.weekday() >= 5
    if kind is not DayKind.HOLIDAY and is_weekend != (kind is DayKind.WORKED):
        raise row.fail(TableProblem.BAD_VALUE, "kind")
    return SpecialDay(
        day=day,
        kind=kind,
        name=row.cells["name"].strip(),
        basis=row.cells["basis"].strip(),
        is_sure=mark == "sure",
    )


def _parse_day(row: _Row) -> date:
    text = row.cells["day"].strip()
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise row.fail(TableProblem.BAD_VALUE, "day") from error
    # Python also reads week dates and dates without hyphens; people would misread them.
    if day.isoformat() != text or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise row.fail(TableProblem.BAD_VALUE, "day")
    return day


def _check_years(table: str, days: Iterable[SpecialDay], lines: Mapping[date, int]) -> None:
    """Refuse a year with some of its holidays: the missing ones would silently be worked."""
    holidays = [special.day for special in days if special.kind is DayKind.HOLIDAY]
    for year, count in Counter(day.year for day in holidays).items():
        if count < MIN_HOLIDAYS:
            line = min(lines[day] for day in holidays if day.year == year)
            value = f"{year}: {count} < {MIN_HOLIDAYS}"
            raise _Row(table, line, {}).fail(TableProblem.BAD_VALUE, "day", value)
