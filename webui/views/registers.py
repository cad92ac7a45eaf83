"""Show the books of an agency for a period, and give them as PDF, CSV and XLSX."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.clock import local
from engine.errors import ErrorCode, NotFoundError
from engine.layout.registers import TypstRegisters
from engine.model.organisation import Agency, AgencyId
from engine.model.register import RegisterBook
from engine.permissions import Permission, Subject, check_permitted
from engine.ports_reports import RegisterLine, RegisterQuery, RegisterReport
from webui.downloads import FORMS, attachment_name, send_table
from webui.i18n import say
from webui.login import current_actor, requires, the_house, use_cases
from webui.periods import KINDS, ChosenPeriod, PeriodKind, read_period
from webui.register_files import (
    TITLES,
    cells,
    file_name,
    headings,
    register_sheet,
    register_table,
    title_place,
)
from webui.shell import use_frame

bp = Blueprint("registers", __name__)

PDF = "pdf"
_layout = TypstRegisters()


@dataclass(frozen=True)
class _Asked:
    """Hold which register of which agency and period a page is asked for."""

    query: RegisterQuery
    chosen: ChosenPeriod
    agency: Agency
    agencies: list[Agency]

    def address(self) -> dict[str, Any]:
        """Return the parameters that ask for it again."""
        series = {"so": self.query.series} if self.query.series else {}
        return {"co_quan": self.agency.id} | self.chosen.address() | series


@bp.get("/so-van-ban/<book>")
@requires(Permission.REGISTER_VIEW)
def show(book: str) -> ResponseReturnValue:
    """Show one page of a register for a period."""
    use_frame(current="registers")
    asked = _asked(book)
    query = asked.query
    with the_house().start_reading() as work:
        page = work.reports.list_lines(query, cursor=request.args.get("trang", ""))
        series = work.reports.count_series(query)
    return render_template(
        "pages/register.html",
        register=query.register,
        registers=TITLES,
        asked=asked,
        address=asked.address(),
        kinds=KINDS,
        series=series,
        count=series.get(query.series, 0) if query.series else sum(series.values()),
        headings=[say(heading) for heading in headings(query.register)],
        title_place=title_place(query.register),
        lines=[(line, cells(query.register, line)) for line in page.rows],
        subject_url=_subject_url,
        next_url=_page_url(book, asked, page.next_cursor) if page.next_cursor else None,
        first_url=_page_url(book, asked) if request.args.get("trang") else None,
    )


@bp.get("/so-van-ban/<book>/tai-ve")
@requires(Permission.REGISTER_VIEW)
def download(book: str) -> ResponseReturnValue:
    """Give the whole register of the period as CSV, XLSX or PDF."""
    form = request.args.get("dang", "csv")
    if form not in {*FORMS, PDF}:
        abort(404)
    asked = _asked(book)
    use_cases().reports.export_register(asked.query, current_actor(), form)
    name = file_name(asked.query, asked.agency)
    with the_house().start_reading() as work:
        lines = work.reports.iter_lines(asked.query)
        if form != PDF:
            return send_table(register_table(asked.query, asked.agency, lines), form, name)
        now = the_house().clock.now()
        sheet = register_sheet(
            asked.query, asked.agency, lines, printed_by=current_actor().full_name, at=now
        )
    pdf = _layout.render(sheet, at=now)
    headers = {"Content-Disposition": attachment_name(f"{name}.pdf")}
    return Response(pdf, content_type="application/pdf", headers=headers)


_BOOKS = {
    RegisterReport.OUTGOING: RegisterBook.OUTGOING,
    RegisterReport.ARRIVALS: RegisterBook.ARRIVALS,
    RegisterReport.FOLLOW_UP: RegisterBook.ARRIVALS,
    RegisterReport.COPIES: RegisterBook.COPIES,
}


def _page_url(book: str, asked: _Asked, cursor: str = "") -> str:
    place: dict[str, Any] = {"trang": cursor} if cursor else {}
    return url_for("registers.show", book=book, **asked.address(), **place)


def _subject_url(line: RegisterLine) -> str:
    """Return the page of what a number stands for."""
    if line.book is RegisterBook.OUTGOING:
        return url_for("documents.show", document_id=line.subject_id)
    if line.book is RegisterBook.COPIES:
        return url_for("copies.show", copy_id=line.subject_id)
    return url_for("arrivals.show", delivery_id=line.subject_id)


def _asked(book: str) -> _Asked:
    """Return the register, agency and period asked for.

    Raises:
        NotFoundError: an agency the actor does not serve; nobody learns more.
        InvalidInputError: not a period.
    """
    if book not in list(RegisterReport):
        abort(404)
    actor = current_actor()
    agency_id = AgencyId(request.args.get("co_quan") or actor.posts[0].agency_id)
    if agency_id not in actor.agency_ids():
        raise NotFoundError(agency_id, code=ErrorCode.AGENCY_NOT_FOUND, agency=agency_id)
    check_permitted(Permission.REGISTER_VIEW, actor, Subject(agency_id=agency_id))
    today = local(the_house().clock.now()).date()
    # Addresses of earlier releases name a year.
    year = request.args.get("nam", "")
    named = {"tu": f"{year}-01-01"} if year else {}
    chosen = read_period(named | request.args, today, PeriodKind.YEAR)
    with the_house().start_reading() as work:
        agencies = [work.organisation.get_agency(each) for each in sorted(actor.agency_ids())]
    query = RegisterQuery(
        agency_id=agency_id,
        register=RegisterReport(book),
        period=chosen.period,
        series=request.args.get("so", ""),
    )
    agency = next(each for each in agencies if each.id == agency_id)
    return _Asked(query, chosen, agency, agencies)
