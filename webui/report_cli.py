"""Answer `trinhky report`: indicators and registers of a period, as lines, CSV or JSON."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from engine.errors import ErrorCode, InvalidInputError, NotFoundError
from engine.model.indicators import IndicatorId, IndicatorValue, Period
from engine.model.organisation import Agency
from engine.ports import UnitOfWork
from engine.ports_reports import RegisterLine, RegisterQuery, RegisterReport
from webui.bootstrap import House
from webui.i18n import DEFAULT_LOCALE, translate
from webui.indicator_words import WORDS, reference_text, target_text, value_text
from webui.periods import read_day
from webui.register_files import TITLES, cells, headings, register_table
from webui.report_tables import city_word, definition_of, period_text, table_of, value_report
from webui.reports import Json, time_text
from webui.sheets import Table, csv_chunks
from webui.terminal import data_option, json_option, opened_house, show, show_json
from workflows.reading.scopes import Scope
from workflows.reading.view_indicators import indicators

REGISTERS: dict[str, RegisterReport] = {
    "register-outgoing": RegisterReport.OUTGOING,
    "register-arrivals": RegisterReport.ARRIVALS,
    "register-follow-up": RegisterReport.FOLLOW_UP,
    "register-copies": RegisterReport.COPIES,
}
LIST = "list"


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Hold what is asked of the command; `agency` is text as typed."""

    name: str
    period: Period
    agency: str
    as_csv: bool
    as_json: bool


@click.command(name="report")
@click.argument("name")
@click.option("--from", "since", metavar="YYYY-MM-DD", help="Ngày đầu kỳ / first day.")
@click.option("--to", "until", metavar="YYYY-MM-DD", help="Ngày cuối kỳ / last day.")
@click.option("--agency", default="", help="Mã, ký hiệu hoặc tên / id, symbol or name.")
@click.option("--csv", "as_csv", is_flag=True, help="In CSV / print CSV.")
@json_option
@data_option
def report(
    *,
    name: str,
    since: str | None,
    until: str | None,
    agency: str,
    as_csv: bool,
    as_json: bool,
    data_dir: Path,
) -> None:
    """In một báo cáo của một kỳ; "list" liệt kê / print a report; "list" names them."""
    if as_csv and as_json:
        raise click.UsageError("chọn --csv hoặc --json / choose one of --csv and --json")
    if name == LIST:
        _list_names(as_json=as_json)
        return
    if name not in [*IndicatorId, *REGISTERS]:
        raise NotFoundError(name, code=ErrorCode.REPORT_UNKNOWN, name=name)
    if since is None or until is None:
        raise click.UsageError("thiếu --from hoặc --to / --from or --to is missing")
    asked = _Asked(
        name=name,
        period=Period(since=_day(since, "tu"), until=_day(until, "den")),
        agency=agency,
        as_csv=as_csv,
        as_json=as_json,
    )
    with opened_house(data_dir) as house, house.start_reading() as work:
        (_print_register if name in REGISTERS else _print_indicator)(house, work, asked)


def _day(text: str, field: str) -> date:
    try:
        return read_day(text, field)
    except InvalidInputError as error:
        if error.code is ErrorCode.PERIOD_RANGE:
            raise
        raise click.UsageError(
            f"không phải ngày YYYY-MM-DD / not a day YYYY-MM-DD: {text!r}"
        ) from error


def _list_names(*, as_json: bool) -> None:
    names = {each.value: WORDS[each].name for each in IndicatorId}
    names |= {name: TITLES[register] for name, register in REGISTERS.items()}
    if as_json:
        show_json(
            {
                "reports": [
                    {"name": name, "title_vi": title, "title_en": translate(title, "en")}
                    for name, title in names.items()
                ]
            }
        )
        return
    for name, title in names.items():
        show(f"{name:<20}  {title} / {translate(title, 'en')}")


def _find_agency(work: UnitOfWork, asked: _Asked) -> Agency | None:
    """Return the agency named, None when none is.

    Raises:
        NotFoundError: there is none of that name.
    """
    if not asked.agency:
        return None
    found = work.organisation.find_agency(asked.agency)
    if found is None:
        raise NotFoundError(asked.agency, code=ErrorCode.AGENCY_NOT_FOUND, agency=asked.agency)
    return found


def _print_indicator(house: House, work: UnitOfWork, asked: _Asked) -> None:
    agency = _find_agency(work, asked)
    now = house.clock.now()
    assumptions = work.reports.get_assumptions()
    [value] = indicators(
        work,
        asked.period,
        scope=Scope(agencies=(agency,), is_city=False) if agency else None,
        assumptions=assumptions,
        now=now,
        wanted=[IndicatorId(asked.name)],
    )
    whose = agency.name if agency else city_word(DEFAULT_LOCALE)
    definitions = {locale: definition_of(value.id, assumptions, locale) for locale in ("vi", "en")}
    if asked.as_json:
        show_json(
            _about(asked, agency)
            | {
                "definition_vi": definitions["vi"],
                "definition_en": definitions["en"],
                "at": time_text(now),
            }
            | value_report(value)
        )
        return
    table = table_of(
        value,
        period=asked.period,
        whose=whose,
        definition=definitions["vi"],
        locale=DEFAULT_LOCALE,
    )
    if asked.as_csv:
        _print_csv(table)
        return
    for line in _indicator_lines(value, table):
        show(line)


def _indicator_lines(value: IndicatorValue, table: Table) -> Iterator[str]:
    locale = DEFAULT_LOCALE
    yield f"{table.title}: {value_text(value, locale)}"
    for label, text in (
        ("Chỉ tiêu / target", target_text(value, locale)),
        ("Năm 2015 / in 2015", reference_text(value.id, locale)),
    ):
        if text:
            yield f"  {label}: {text}"
    yield from (f"  {note}" for note in table.notes)
    yield "  ".join(column.title for column in table.columns)
    for row in table.rows:
        yield "  ".join("–" if cell is None else _short(cell) for cell in row)


def _short(cell: object) -> str:
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def _print_register(house: House, work: UnitOfWork, asked: _Asked) -> None:  # noqa: ARG001 as the other
    agency = _find_agency(work, asked)
    if agency is None:
        raise InvalidInputError(asked.name, code=ErrorCode.REPORT_AGENCY_MISSING)
    query = RegisterQuery(agency_id=agency.id, register=REGISTERS[asked.name], period=asked.period)
    lines = work.reports.iter_lines(query)
    if asked.as_csv:
        _print_csv(register_table(query, agency, lines))
    elif asked.as_json:
        show_json(_about(asked, agency) | {"lines": [_line_report(query, line) for line in lines]})
    else:
        show(f"{TITLES[query.register]}: {agency.name}, {period_text(asked.period, 'vi')}")
        for line in lines:
            show("  ".join(cell for cell in cells(query.register, line) if cell))


def _line_report(query: RegisterQuery, line: RegisterLine) -> dict[str, Json]:
    found: dict[str, Json] = {"state": line.state, "subject_id": line.subject_id}
    shown = cells(query.register, line)
    return found | dict(zip(headings(query.register), shown, strict=True))


def _about(asked: _Asked, agency: Agency | None) -> dict[str, Json]:
    return {
        "report": asked.name,
        "from": asked.period.since.isoformat(),
        "to": asked.period.until.isoformat(),
        "agency": agency.id if agency else None,
    }


def _print_csv(table: Table) -> None:
    """Print CSV piece by piece; onto a terminal without what could drive it."""
    if sys.stdout.isatty():
        for chunk in csv_chunks(table):
            for line in chunk.decode().splitlines():
                show(line)
    else:
        for chunk in csv_chunks(table):
            click.echo(chunk, nl=False)
