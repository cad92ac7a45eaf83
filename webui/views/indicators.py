"""Show the indicators: cards, one indicator with its chart and table, what is behind it."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.clock import local
from engine.errors import InvalidInputError
from engine.model.indicators import (
    ASSUMPTION_BOUNDS,
    Assumptions,
    IndicatorId,
    IndicatorValue,
    Side,
)
from engine.model.organisation import Agency, AgencyId
from engine.permissions import Permission, is_permitted
from engine.ports_reports import BehindKind, BehindRow
from webui import indicator_words
from webui.downloads import send_table
from webui.i18n import current_locale, gettext
from webui.login import current_actor, requires, the_house, use_cases
from webui.periods import KINDS, ChosenPeriod, read_period
from webui.report_tables import (
    charts_of,
    city_word,
    definition_of,
    shown_cells,
    table_of,
)
from webui.shell import use_frame
from workflows.reading.view_indicators import IndicatorsView

bp = Blueprint("indicators", __name__)

#: The page of each thing behind a number, and how its address calls the id.
_PAGES = {
    BehindKind.DOCUMENT: ("documents.show", "document_id"),
    BehindKind.DELIVERY: ("arrivals.show", "delivery_id"),
    BehindKind.ASSIGNMENT: ("assignments.show", "assignment_id"),
    BehindKind.MEETING: ("meetings.show", "meeting_id"),
    BehindKind.SCHEDULE: ("schedules.show", "schedule_id"),
}
#: What stands for all agencies together in an address.
CITY = "thanh-pho"


@bp.get("/bao-cao")
@requires(Permission.REPORT_VIEW)
def index() -> ResponseReturnValue:
    """Show a card for each indicator."""
    use_frame(current="indicators")
    chosen, view = _view()
    return render_template(
        "pages/indicators.html",
        **_frame(chosen, view),
        values=view.values,
        may_assume=is_permitted(Permission.REPORT_ASSUME, current_actor()),
    )


@bp.get("/bao-cao/<indicator>")
@requires(Permission.REPORT_VIEW)
def show(indicator: str) -> ResponseReturnValue:
    """Show one indicator: definition, chart, table; or give its table as a file."""
    use_frame(current="indicators")
    wanted = _indicator(indicator)
    chosen, view = _view(wanted)
    [value] = view.values
    form = request.args.get("dang", "")
    locale = current_locale()
    if form:
        definition = definition_of(wanted, view.assumptions, locale)
        table = table_of(
            value,
            period=view.period,
            whose=_whose(view.agency),
            definition=definition,
            locale=locale,
        )
        days = f"{view.period.since:%Y%m%d}-{view.period.until:%Y%m%d}"
        return send_table(table, form, f"{wanted}-{_place(view.agency)}-{days}")
    return render_template(
        "pages/indicator.html",
        **_frame(chosen, view),
        value=value,
        charts=charts_of(value, locale),
        rows=[(part, shown_cells(wanted, part, locale)) for part in value.slices],
        headings=_headings(value),
        part_url=lambda key: _part_url(wanted, chosen, view.agency, key),
    )


@bp.get("/bao-cao/<indicator>/chi-tiet")
@requires(Permission.REPORT_VIEW)
def behind(indicator: str) -> ResponseReturnValue:
    """List the things behind a number."""
    use_frame(current="indicators")
    wanted = _indicator(indicator)
    chosen = _chosen()
    side = request.args.get("phia", Side.ALL)
    if side not in list(Side):
        raise InvalidInputError(f"phia={side!r}", field="phia")
    part = request.args.get("phan", "")
    view = use_cases().reports.view_behind(
        current_actor(),
        wanted,
        chosen.period,
        _agency_id(),
        part=part,
        side=Side(side),
        cursor=request.args.get("trang", ""),
    )
    address = _address(chosen, view.agency) | ({"phan": part} if part else {})
    return render_template(
        "pages/behind.html",
        indicator=wanted,
        indicator_words=indicator_words,
        chosen=chosen,
        whose=_whose(view.agency),
        part=part,
        side=Side(side),
        sides=[each for each in Side if each is Side.ALL or _side_word(wanted, each)],
        address=address,
        rows=view.page.rows,
        row_url=_row_url,
        next_url=url_for(
            "indicators.behind",
            indicator=wanted,
            phia=side,
            trang=view.page.next_cursor,
            **address,
        )
        if view.page.next_cursor
        else None,
    )


@bp.post("/bao-cao/gia-dinh")
@requires(Permission.REPORT_ASSUME)
def assume() -> ResponseReturnValue:
    """Change the assumptions."""
    values: dict[str, Any] = {name: _number(name) for name in ASSUMPTION_BOUNDS}
    whole = {name: int(value) for name, value in values.items() if name != "pages_per_document"}
    use_cases().reports.set_assumptions(Assumptions(**(values | whole)), current_actor())
    flash(gettext("Đã lưu giả định; các chỉ số tính theo giả định mới."), "good")
    return redirect(url_for("indicators.index"), 303)


def _number(name: str) -> float:
    """Return a number of the form; Vietnamese write a comma before decimals.

    Raises:
        InvalidInputError: it is none.
    """
    text = request.form.get(name, "").strip().replace(",", ".")
    try:
        number = float(text)
    except ValueError as error:
        raise InvalidInputError(f"{name}={text!r}", field=name) from error
    if number != number or (name != "pages_per_document" and number % 1):  # noqa: PLR0124 not a number
        raise InvalidInputError(f"{name}={text!r}", field=name)
    return number


def _indicator(name: str) -> IndicatorId:
    if name not in list(IndicatorId):
        abort(404)
    return IndicatorId(name)


def _chosen() -> ChosenPeriod:
    return read_period(request.args, local(the_house().clock.now()).date())


def _agency_id() -> AgencyId | None:
    """Return the agency asked for; without, the widest the reader may see."""
    asked = request.args.get("co_quan", "")
    actor = current_actor()
    if asked == CITY:
        return None
    if asked:
        return AgencyId(asked)
    sees_city = use_cases().reports.view_indicators.watch.may_see_city(actor)
    return None if sees_city else actor.posts[0].agency_id


def _view(*wanted: IndicatorId) -> tuple[ChosenPeriod, IndicatorsView]:
    chosen = _chosen()
    view = use_cases().reports.view_indicators(
        current_actor(), chosen.period, _agency_id(), wanted=wanted or tuple(IndicatorId)
    )
    return chosen, view


def _frame(chosen: ChosenPeriod, view: IndicatorsView) -> dict[str, Any]:
    """Return what both pages show around the numbers."""
    locale = current_locale()
    return {
        "view": view,
        "chosen": chosen,
        "kinds": KINDS,
        "city": CITY,
        "whose": _whose(view.agency),
        "address": _address(chosen, view.agency),
        "indicator_words": indicator_words,
        "definition": lambda indicator: definition_of(indicator, view.assumptions, locale),
    }


def _headings(value: IndicatorValue) -> list[str]:
    words = indicator_words.WORDS[value.id]
    headings = [each for each in (words.counted, words.total, words.value) if each]
    if value.id is IndicatorId.STEP_TIMES:
        headings.append(indicator_words.MEDIAN)
    return headings


def _address(chosen: ChosenPeriod, agency: Agency | None) -> dict[str, Any]:
    return {"co_quan": _place(agency)} | chosen.address()


def _place(agency: Agency | None) -> str:
    return agency.id if agency else CITY


def _whose(agency: Agency | None) -> str:
    return agency.name if agency else city_word(current_locale())


def _part_url(
    indicator: IndicatorId, chosen: ChosenPeriod, agency: Agency | None, key: str
) -> str:
    """Return the list behind one slice: of an agency, or of a step or a kind of holder."""
    address = _address(chosen, agency)
    words = indicator_words.WORDS[indicator]
    is_agency = words.part in {
        indicator_words.WORDS[IndicatorId.REGULAR_USE].part,
        indicator_words.WORDS[IndicatorId.ASSIGNMENTS_ON_TIME].part,
    }
    changed = {"co_quan": key} if is_agency else {"phan": key}
    return url_for("indicators.behind", indicator=indicator, **(address | changed))


def _side_word(indicator: IndicatorId, side: Side) -> str:
    return indicator_words.side_word(indicator, side)


def _row_url(row: BehindRow) -> str | None:
    """Return the page of a thing; what has none, or may be closed to the reader, leads there."""
    place = _PAGES.get(row.kind)
    if row.restricted or place is None:
        return None
    endpoint, name = place
    address: dict[str, Any] = {name: row.subject_id}
    return url_for(endpoint, **address)
