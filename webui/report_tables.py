"""Turn computed indicators into tables and charts, for pages, files and the command line."""

from collections.abc import Sequence

from markupsafe import Markup

from engine.model.indicators import (
    INDICATORS,
    Assumptions,
    IndicatorId,
    IndicatorValue,
    Measure,
    Period,
    Slice,
)
from webui.charts import Bar, Line, bar_chart, line_chart
from webui.i18n import mark as _l
from webui.i18n import show_day, translate
from webui.indicator_words import (
    MEDIAN,
    WORDS,
    measured_text,
    number_text,
    slice_name,
)
from webui.reports import Json
from webui.sheets import Cell, Column, Kind, Table

#: Bars of one chart; the table beside it has all.
MAX_BARS = 40
_KINDS: dict[Measure, Kind] = {
    Measure.AGENCIES: "text",
    Measure.SHARE: "share",
    Measure.COUNT: "number",
    Measure.HOURS: "number",
    Measure.MONEY: "number",
}
_PERIOD = _l("Từ ngày %(since)s đến ngày %(until)s")
_CITY = _l("Toàn thành phố")
_CHART = _l("Biểu đồ; số liệu đầy đủ ở bảng bên cạnh.")


def definition_of(indicator: IndicatorId, assumptions: Assumptions, locale: str) -> str:
    """Return what an indicator counts, with the assumptions in force."""
    return translate(
        WORDS[indicator].definition,
        locale,
        documents=str(assumptions.regular_documents),
        weeks=str(assumptions.regular_weeks),
        pages=number_text(assumptions.pages_per_document, locale),
        page=number_text(assumptions.dong_per_page, locale),
        postage=number_text(assumptions.dong_postage, locale),
    )


def period_text(period: Period, locale: str) -> str:
    """Return a period in words."""
    return translate(_PERIOD, locale, since=show_day(period.since), until=show_day(period.until))


def city_word(locale: str) -> str:
    """Return the word for all agencies together."""
    return translate(_CITY, locale)


def table_of(
    value: IndicatorValue, *, period: Period, whose: str, definition: str, locale: str
) -> Table:
    """Return the table of an indicator for a file: one row a slice, shares as numbers."""
    words = WORDS[value.id]
    columns = [Column(title=translate(words.part, locale), width=44)]
    if words.counted:
        columns.append(_number(words.counted, locale))
    if words.total:
        columns.append(_number(words.total, locale))
    if words.value:
        kind = _KINDS[INDICATORS[value.id].measure]
        columns.append(Column(title=translate(words.value, locale), kind=kind, width=18))
    if value.id is IndicatorId.STEP_TIMES:
        columns.append(_number(MEDIAN, locale))
    return Table(
        title=translate(words.name, locale),
        columns=columns,
        rows=[_row(value.id, part, locale) for part in value.slices],
        notes=(whose, period_text(period, locale), definition),
    )


def _number(title: str, locale: str) -> Column:
    return Column(title=translate(title, locale), kind="number", width=18)


def _row(indicator: IndicatorId, part: Slice, locale: str) -> list[Cell]:
    words = WORDS[indicator]
    row: list[Cell] = [slice_name(part, locale)]
    if words.counted:
        row.append(part.counted)
    if words.total:
        row.append(part.total)
    if words.value:
        is_word = INDICATORS[indicator].measure is Measure.AGENCIES
        row.append(measured_text(indicator, part.value, locale) if is_word else part.value)
    if indicator is IndicatorId.STEP_TIMES:
        row.append(part.median_hours)
    return row


def shown_cells(indicator: IndicatorId, part: Slice, locale: str) -> list[str]:
    """Return the cells of a slice as a page shows them, after its name."""
    words = WORDS[indicator]
    cells = []
    if words.counted:
        cells.append(number_text(part.counted, locale))
    if words.total:
        cells.append(number_text(part.total, locale))
    if words.value:
        cells.append(measured_text(indicator, part.value, locale))
    if indicator is IndicatorId.STEP_TIMES:
        cells.append(measured_text(indicator, part.median_hours, locale))
    return cells


def charts_of(value: IndicatorValue, locale: str) -> Sequence[Markup]:
    """Return the charts of an indicator: documents week by week, then the slices as bars."""
    title = translate(WORDS[value.id].name, locale)
    about = translate(_CHART, locale)
    charts = []
    if len(value.weeks) > 1:
        words = WORDS[IndicatorId.DOCUMENTS]
        lines = [
            Line(label=translate(words.counted, locale), values=[week[1] for week in value.weeks]),
            Line(label=translate(words.total, locale), values=[week[2] for week in value.weeks]),
        ]
        labels = [f"{since:%d/%m}" for since, _, _ in value.weeks]
        charts.append(line_chart(title, about, labels, lines))
    bars = [_bar(value, part, locale) for part in _longest(value)]
    if len(bars) > 1:
        is_share = INDICATORS[value.id].measure is Measure.SHARE
        charts.append(
            bar_chart(
                title,
                about,
                bars,
                top=1.0 if is_share else None,
                target=value.target if is_share else None,
            )
        )
    return charts


def _longest(value: IndicatorValue) -> list[Slice]:
    """Return the slices with something to show, the longest bars first."""
    with_bars = [part for part in value.slices if _length(value.id, part) is not None]
    return sorted(with_bars, key=lambda part: -(_length(value.id, part) or 0))[:MAX_BARS]


def _length(indicator: IndicatorId, part: Slice) -> float | None:
    # Yes and no make no bars: the number of documents does.
    is_word = INDICATORS[indicator].measure is Measure.AGENCIES
    return part.counted if is_word else part.value


def _bar(value: IndicatorValue, part: Slice, locale: str) -> Bar:
    length = _length(value.id, part) or 0.0
    if INDICATORS[value.id].measure is Measure.AGENCIES:
        shown, kind = number_text(length, locale), "good" if part.value else "wait"
    else:
        shown = measured_text(value.id, length, locale)
        is_short = value.target is not None and length < value.target
        kind = "wait" if is_short else ""
    return Bar(label=slice_name(part, locale), value=length, shown=shown, kind=kind)


def value_report(value: IndicatorValue) -> dict[str, Json]:
    """Return the object that stands for one indicator."""
    found: dict[str, Json] = {
        "name": value.id,
        "value": value.value,
        "counted": value.counted,
        "total": value.total,
        "target": value.target,
        "reference_2015": INDICATORS[value.id].reference,
        "unit": INDICATORS[value.id].measure,
        "slices": [
            {
                "key": part.key,
                "name": part.name,
                "value": part.value,
                "counted": part.counted,
                "total": part.total,
                **({} if part.median_hours is None else {"median_hours": part.median_hours}),
            }
            for part in value.slices
        ],
    }
    if value.weeks:
        found["weeks"] = [
            {"since": since.isoformat(), "issued": issued, "registered": registered}
            for since, issued, registered in value.weeks
        ]
    return found
