from lxml import etree
from markupsafe import Markup

from webui.charts import Bar, Line, bar_chart, line_chart

HOSTILE = '<script>alert("1")</script>'


def parsed(chart: Markup) -> etree._Element:
    return etree.fromstring(str(chart))


def test_bar_chart_draws_a_bar_for_each_value() -> None:
    bars = [Bar(label="Sở Nội vụ", value=2, shown="2"), Bar(label="Sở Y tế", value=1, shown="1")]

    chart = parsed(bar_chart("Văn bản", "Bảng bên cạnh", bars))

    widths = [float(rect.get("width", "0")) for rect in chart.iter("rect")]
    assert widths[0] == 2 * widths[1]


def test_chart_has_a_title_and_a_description_for_those_who_do_not_see_it() -> None:
    chart = parsed(bar_chart("Văn bản", "Bảng bên cạnh", []))

    named = [
        chart.find(f".//*[@id='{each}']") for each in chart.get("aria-labelledby", "").split()
    ]
    assert [each.text for each in named if each is not None] == ["Văn bản", "Bảng bên cạnh"]
    assert chart.get("role") == "img"


def test_two_charts_of_a_page_have_different_names() -> None:
    ids = [
        element.get("id")
        for _ in range(2)
        for element in parsed(bar_chart("a", "b", [])).iter()
        if element.get("id")
    ]
    assert len(set(ids)) == len(ids) == 4


def test_chart_shows_markup_as_text() -> None:
    bars = [Bar(label=HOSTILE, value=1, shown=HOSTILE, kind=HOSTILE)]
    lines = [Line(label=HOSTILE, values=[1, 2])]

    for chart in (
        bar_chart(HOSTILE, HOSTILE, bars),
        line_chart(HOSTILE, HOSTILE, [HOSTILE, "b"], lines),
    ):
        assert "<script" not in chart
        assert next(parsed(chart).iter("title")).text == HOSTILE


def test_chart_has_neither_style_nor_script() -> None:
    charts = bar_chart("a", "b", [Bar(label="x", value=1, shown="1")], target=0.5) + line_chart(
        "a", "b", ["1", "2"], [Line(label="x", values=[1, None])]
    )

    assert "style=" not in charts
    for element in parsed(Markup("<div>{}</div>").format(charts)).iter():
        assert not [name for name in element.attrib if str(name).startswith("on")]


def test_line_breaks_where_a_value_is_absent() -> None:
    chart = parsed(
        line_chart("a", "b", ["1", "2", "3", "4"], [Line(label="x", values=[1, 2, None, 3])])
    )

    curve = next(path for path in chart.iter("path") if "line" in path.get("class", ""))
    assert curve.get("d", "").count("M") == 2
    assert len(list(chart.iter("circle"))) == 3


def test_line_chart_is_drawn_when_every_value_is_nothing() -> None:
    chart = parsed(line_chart("a", "b", ["1"], [Line(label="x", values=[0])]))

    assert len(list(chart.iter("circle"))) == 1


def test_target_is_marked_where_it_lies() -> None:
    bars = [Bar(label="x", value=1.0, shown="100 %")]

    chart = parsed(bar_chart("a", "b", bars, top=1.0, target=0.5))

    bar = next(chart.iter("rect"))
    mark = next(path for path in chart.iter("path") if "target" in path.get("class", ""))
    middle = float(bar.get("x", "0")) + float(bar.get("width", "0")) / 2
    assert mark.get("d", "").startswith(f"M{middle:g} ")
