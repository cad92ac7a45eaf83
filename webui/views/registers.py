"""Show the books of an agency: what went out, what came in."""

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.clock import local
from engine.errors import ErrorCode, NotFoundError
from engine.model.organisation import AgencyId
from engine.model.register import RegisterBook, RegisterEntry
from engine.permissions import Permission, Subject, check_permitted
from webui.login import current_actor, requires, the_house
from webui.reports import register_csv
from webui.shell import use_frame

bp = Blueprint("registers", __name__)

EARLIEST_YEAR = 2000
YEARS_SHOWN = 5


@bp.get("/so-van-ban/<book>")
@requires(Permission.REGISTER_VIEW)
def show(book: str) -> ResponseReturnValue:
    """Show one book of one agency and year."""
    use_frame(current="registers")
    chosen, agency_id, year = _asked(book)
    with the_house().start_reading() as work:
        own = sorted(current_actor().agency_ids())
        agencies = [work.organisation.get_agency(each) for each in own]
        entries = work.registers.list_entries(agency_id, chosen, year)
    this_year = local(the_house().clock.now()).year
    return render_template(
        "pages/register.html",
        book=chosen,
        agencies=agencies,
        agency=next(each for each in agencies if each.id == agency_id),
        year=year,
        years=sorted({*range(this_year, this_year - YEARS_SHOWN, -1), year}, reverse=True),
        entries=entries,
        subject_url=_subject_url,
        csv_url=url_for("registers.download", book=book, co_quan=agency_id, nam=year),
    )


@bp.get("/so-van-ban/<book>/tai-ve")
@requires(Permission.REGISTER_VIEW)
def download(book: str) -> ResponseReturnValue:
    """Give the same book as CSV."""
    chosen, agency_id, year = _asked(book)
    with the_house().start_reading() as work:
        entries = work.registers.list_entries(agency_id, chosen, year)
    # The mark at the start tells spreadsheets that the text is UTF-8.
    return Response(
        "\ufeff" + register_csv(entries),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="so-{book}-{agency_id}-{year}.csv"'
        },
    )


def _subject_url(entry: RegisterEntry) -> str:
    """Return the page of what a number stands for."""
    if entry.book is RegisterBook.OUTGOING:
        return url_for("documents.show", document_id=entry.subject_id)
    if entry.book is RegisterBook.COPIES:
        return url_for("copies.show", copy_id=entry.subject_id)
    return url_for("arrivals.show", delivery_id=entry.subject_id)


def _asked(book: str) -> tuple[RegisterBook, AgencyId, int]:
    """Return the book, agency and year asked for.

    Raises:
        NotFoundError: an agency the actor does not serve; nobody learns more.
    """
    if book not in list(RegisterBook):
        abort(404)
    actor = current_actor()
    agency_id = AgencyId(request.args.get("co_quan") or actor.posts[0].agency_id)
    if agency_id not in actor.agency_ids():
        raise NotFoundError(agency_id, code=ErrorCode.AGENCY_NOT_FOUND, agency=agency_id)
    check_permitted(Permission.REGISTER_VIEW, actor, Subject(agency_id=agency_id))
    this_year = local(the_house().clock.now()).year
    year = request.args.get("nam", this_year, type=int)
    return RegisterBook(book), agency_id, min(max(year, EARLIEST_YEAR), this_year + 1)
