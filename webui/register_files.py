"""Give registers the columns the law gives them, for pages, files and paper.

The headings are Vietnamese on paper and in files whatever the reader's language: a register is
an official form.

Source: Decree 30/2020/NĐ-CP, Appendix IV.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.clock import local
from engine.layout.registers import RegisterColumn, RegisterSheet
from engine.model.organisation import Agency
from engine.model.register import EntryState
from engine.ports_reports import RegisterLine, RegisterQuery, RegisterReport
from webui.i18n import mark as _l
from webui.i18n import show_day
from webui.report_tables import period_text
from webui.sheets import Cell, Column, Kind, Table
from webui.words import DELIVERIES

TITLES: Mapping[RegisterReport, str] = {
    RegisterReport.OUTGOING: _l("Sổ đăng ký văn bản đi"),
    RegisterReport.ARRIVALS: _l("Sổ đăng ký văn bản đến"),
    RegisterReport.FOLLOW_UP: _l("Sổ theo dõi giải quyết văn bản đến"),
    RegisterReport.COPIES: _l("Sổ đăng ký bản sao"),
}
_VOID = _l("Hủy số")
_BOUND = _l("Chưa phát hành")
_EMPTY = "Không có số nào trong kỳ."


@dataclass(frozen=True)
class _Column:
    """Hold one column: its heading, its widths in characters and millimetres, what is in it."""

    title: str
    width: int
    width_mm: int
    cell: Callable[[RegisterLine], Cell]
    kind: Kind = "text"


def note_of(line: RegisterLine) -> str:
    """Return the remark of a line: why its number is void, or that nothing has gone out yet."""
    if line.state is EntryState.VOID:
        return f"{_VOID}: {line.reason}" if line.reason else _VOID
    return _BOUND if line.state is EntryState.BOUND else ""


def _entered_on(line: RegisterLine) -> Cell:
    return local(line.entered_at).date()


def _number(line: RegisterLine) -> Cell:
    return f"{line.number}{line.suffix}" if line.suffix else line.number


def _holder(line: RegisterLine) -> Cell:
    return ", ".join(part for part in (line.unit_name, line.person_name) if part)


def _day_of(at: datetime | None) -> Cell:
    return local(at).date() if at else None


def _receipt(line: RegisterLine) -> Cell:
    if line.accepted_at is None:
        return ""
    taken_by = line.person_name or line.unit_name
    return f"{taken_by} (điện tử, {show_day(local(line.accepted_at).date())})".strip()


def _described(line: RegisterLine) -> Cell:
    return f"{line.title}; số {line.symbol} ngày {show_day(line.dated_on)} của {line.counterpart}"


def _progress(line: RegisterLine) -> Cell:
    return DELIVERIES[line.status][0] if line.status else ""


def _result(line: RegisterLine) -> Cell:
    return "; ".join(part for part in (note_of(line), line.result) if part)


_COLUMNS: Mapping[RegisterReport, Sequence[_Column]] = {
    RegisterReport.OUTGOING: (
        _Column(_l("Số, ký hiệu"), 18, 28, lambda line: line.symbol),
        _Column(_l("Ngày tháng"), 12, 20, lambda line: line.dated_on, "day"),
        _Column(_l("Tên loại và trích yếu nội dung"), 60, 0, lambda line: line.title),
        _Column(_l("Người ký"), 24, 34, lambda line: line.signatory),
        _Column(_l("Nơi nhận"), 32, 44, lambda line: line.counterpart),
        _Column(_l("Đơn vị, người nhận bản lưu"), 24, 30, lambda line: line.unit_name),
        _Column(_l("Số lượng bản"), 10, 15, lambda line: line.copies, "number"),
        _Column(_l("Ghi chú"), 30, 32, note_of),
    ),
    RegisterReport.ARRIVALS: (
        _Column(_l("Ngày đến"), 12, 20, _entered_on, "day"),
        _Column(_l("Số đến"), 8, 12, _number, "number"),
        _Column(_l("Tác giả"), 30, 36, lambda line: line.counterpart),
        _Column(_l("Số, ký hiệu"), 18, 26, lambda line: line.symbol),
        _Column(_l("Ngày tháng"), 12, 20, lambda line: line.dated_on, "day"),
        _Column(_l("Tên loại và trích yếu nội dung"), 60, 0, lambda line: line.title),
        _Column(_l("Đơn vị hoặc người nhận"), 28, 32, _holder),
        _Column(_l("Ngày chuyển"), 12, 20, lambda line: _day_of(line.forwarded_at), "day"),
        _Column(_l("Ký nhận"), 24, 28, _receipt),
        _Column(_l("Ghi chú"), 24, 24, note_of),
    ),
    RegisterReport.FOLLOW_UP: (
        _Column(_l("Số đến"), 8, 12, _number, "number"),
        _Column(_l("Tên loại, số, ký hiệu, ngày tháng và tác giả"), 70, 0, _described),
        _Column(_l("Đơn vị hoặc người nhận"), 28, 42, _holder),
        _Column(_l("Thời hạn giải quyết"), 12, 22, lambda line: line.due_on, "day"),
        _Column(_l("Tiến độ giải quyết"), 20, 28, _progress),
        _Column(_l("Số, ký hiệu văn bản trả lời"), 20, 28, lambda line: line.answer),
        _Column(_l("Ghi chú"), 36, 40, _result),
    ),
    RegisterReport.COPIES: (
        _Column(_l("Số, ký hiệu"), 18, 28, lambda line: line.symbol),
        _Column(_l("Ngày tháng"), 12, 20, lambda line: line.dated_on, "day"),
        _Column(_l("Tên loại và trích yếu nội dung"), 60, 0, lambda line: line.title),
        _Column(_l("Người duyệt"), 24, 38, lambda line: line.signatory),
        _Column(_l("Cơ quan ban hành"), 32, 50, lambda line: line.counterpart),
        _Column(_l("Ghi chú"), 30, 40, note_of),
    ),
}


def headings(register: RegisterReport) -> list[str]:
    """Return the headings of a register in Vietnamese."""
    return [column.title for column in _COLUMNS[register]]


def cells(register: RegisterReport, line: RegisterLine) -> list[str]:
    """Return the cells of a line as people write them."""
    return [_shown(column.cell(line)) for column in _COLUMNS[register]]


def title_place(register: RegisterReport) -> int:
    """Return which column names the document; on a page it leads there."""
    return next(place for place, column in enumerate(_COLUMNS[register]) if column.width_mm == 0)


def register_table(query: RegisterQuery, agency: Agency, lines: Iterable[RegisterLine]) -> Table:
    """Return a register as a table for a spreadsheet; its lines are read one by one."""
    columns = _COLUMNS[query.register]
    return Table(
        title=TITLES[query.register],
        columns=[Column(title=each.title, kind=each.kind, width=each.width) for each in columns],
        rows=([each.cell(line) for each in columns] for line in lines),
        notes=(agency.name, period_text(query.period, "vi")),
    )


def register_sheet(
    query: RegisterQuery,
    agency: Agency,
    lines: Iterable[RegisterLine],
    *,
    printed_by: str,
    at: datetime,
) -> RegisterSheet:
    """Return a register ready to print."""
    return RegisterSheet(
        agency=agency.name,
        title=TITLES[query.register],
        period=period_text(query.period, "vi"),
        footer=f"In từ hệ thống lúc {local(at):%H:%M ngày %d/%m/%Y}, người in: {printed_by}",
        empty=_EMPTY,
        columns=[
            RegisterColumn(title=each.title, width_mm=each.width_mm)
            for each in _COLUMNS[query.register]
        ],
        rows=[cells(query.register, line) for line in lines],
    )


def file_name(query: RegisterQuery, agency: Agency) -> str:
    """Return the name of a register's file, without its ending."""
    days = f"{query.period.since:%Y%m%d}-{query.period.until:%Y%m%d}"
    return f"so-{query.register}-{agency.id}-{days}"


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else _plain(cell)


def _plain(cell: Cell) -> str:
    # The only cells besides texts are days and whole numbers.
    return f"{cell:%d/%m/%Y}" if hasattr(cell, "year") else str(cell)
