"""Write tables for spreadsheets: CSV and XLSX, row by row, with nothing in them that runs.

Whatever people typed stays text: a CSV cell that a spreadsheet would take for a formula gets an
apostrophe, an XLSX cell is written as a string and never as a formula or a link.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Literal

import xlsxwriter  # type: ignore[import-untyped] # carries no types
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped] # carries no types

from engine.clock import local

Cell = str | int | float | date | datetime | None
Kind = Literal["text", "number", "share", "day", "moment"]

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Tells spreadsheets that the text is UTF-8.
_MARK = "\ufeff"
#: A spreadsheet runs what begins with these.
_RUNS = frozenset("=+-@\t\r\n")
#: Excel of a country that separates by semicolons begins a new cell here, as does a paste.
_RUNS_AFTER_SEPARATOR = re.compile(r'([;\t]"*)(?=[=+\-@])')
_CSV_CHUNK_CHARS = 64 * 1024
#: What a sheet of Excel holds at most in one cell, and in its name.
_MAX_CELL_CHARS = 32_767
_MAX_SHEET_NAME = 31
_UNFIT_IN_NAME = re.compile(r"[\[\]:*?/\\']")
#: Control characters have no place in XML.
_UNFIT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORMATS = {"number": "#,##0.##", "share": "0.0%", "day": "dd/mm/yyyy"}
_MOMENT = "dd/mm/yyyy hh:mm"
_A4 = 9


@dataclass(frozen=True, kw_only=True)
class Column:
    """Hold one column: its heading, what stands in it, and its width in characters."""

    title: str
    kind: Kind = "text"
    width: int = 16


@dataclass(frozen=True, kw_only=True)
class Table:
    """Hold a table to write.

    Args:
        title: heading, also the name of the sheet.
        rows: read once, so that a long table never stands in memory as a whole.
        notes: lines between title and heading, such as the agency and the period.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[str] = ()


def write_csv(table: Table) -> bytes:
    """Return the heading and the rows as CSV in UTF-8; title and notes are left out."""
    return b"".join(csv_chunks(table))


def csv_chunks(table: Table) -> Iterator[bytes]:
    """Yield the CSV piece by piece, about 64 kB each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write(_MARK)
    writer.writerow([inert(column.title) for column in table.columns])
    for row in table.rows:
        writer.writerow([inert(_plain(cell)) for cell in row])
        if out.tell() > _CSV_CHUNK_CHARS:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def inert(cell: str) -> str:
    """Return the text of a CSV cell so that no spreadsheet takes it for a formula."""
    if _is_number(cell):
        return cell
    guarded = _RUNS_AFTER_SEPARATOR.sub(r"\1'", cell)
    return f"'{guarded}" if guarded[:1] in _RUNS else guarded


def write_xlsx(table: Table) -> bytes:
    """Return the table as an XLSX file: heading frozen, set up to print on A4 landscape."""
    out = io.BytesIO()
    save_xlsx(table, out)
    return out.getvalue()


def save_xlsx(table: Table, out: IO[bytes]) -> None:
    """Write the table as an XLSX file to `out`, which can be written anywhere in it.

    Memory stays the same however many rows there are: each is on disk before the next is read.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        # Excel's calendar knows no zones; moments are turned into Việt Nam's before.
        "remove_timezone": True,
    }
    book = xlsxwriter.Workbook(out, options)
    try:
        # The same table gives the same bytes.
        book.set_properties({"title": table.title, "created": datetime(2000, 1, 1)})  # noqa: DTZ001 XlsxWriter takes no zone
        _Sheet(book, table).write()
    finally:
        book.close()


class _Sheet:
    """Write one sheet from top to bottom, as constant memory demands."""

    def __init__(self, book: xlsxwriter.Workbook, table: Table) -> None:
        self.table = table
        self.sheet: Worksheet = book.add_worksheet(_sheet_name(table.title))
        self.bold = book.add_format({"bold": True, "font_size": 14})
        head = {
            "bold": True,
            "text_wrap": True,
            "border": 1,
            "valign": "top",
            "bg_color": "#E3EDF9",
        }
        self.head = book.add_format(head)
        body = {"border": 1, "valign": "top"}
        self.text = book.add_format(body | {"text_wrap": True})
        self.formats = {
            kind: book.add_format(body | {"num_format": form}) for kind, form in _FORMATS.items()
        }
        self.moment = book.add_format(body | {"num_format": _MOMENT})

    def write(self) -> None:
        table, sheet = self.table, self.sheet
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.width)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P/&N")
        sheet.write_string(0, 0, _clean(table.title), self.bold)
        for line, note in enumerate(table.notes, start=1):
            sheet.write_string(line, 0, _clean(note))
        heading = len(table.notes) + 2
        for place, column in enumerate(table.columns):
            sheet.write_string(heading, place, _clean(column.title), self.head)
        sheet.repeat_rows(heading)
        sheet.freeze_panes(heading + 1, 0)
        for line, row in enumerate(table.rows, start=heading + 1):
            for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
                self._write_cell(line, place, cell, column.kind)

    def _write_cell(self, line: int, place: int, cell: Cell, kind: Kind) -> None:
        if cell is None:
            self.sheet.write_blank(line, place, None, self.text)
        elif isinstance(cell, datetime):
            self.sheet.write_datetime(line, place, local(cell), self.moment)
        elif isinstance(cell, date):
            self.sheet.write_datetime(line, place, cell, self.formats["day"])
        elif isinstance(cell, int | float):
            self.sheet.write_number(line, place, cell, self.formats.get(kind, self.text))
        else:
            self.sheet.write_string(line, place, _clean(cell), self.text)


def _plain(cell: Cell) -> str:
    """Return a cell as text; days and moments as ISO 8601, so that they sort and read back."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return local(cell).isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return repr(round(cell, 6)) if isinstance(cell, float) else str(cell)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and cell.strip() == cell


def _clean(text: str) -> str:
    return _UNFIT_IN_XML.sub("?", text)[:_MAX_CELL_CHARS]


def _sheet_name(title: str) -> str:
    return _UNFIT_IN_NAME.sub(" ", _clean(title))[:_MAX_SHEET_NAME].strip() or "1"
