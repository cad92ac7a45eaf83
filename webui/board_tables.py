"""Turn a board into what is downloaded and drawn."""

from collections.abc import Iterator

from markupsafe import Markup

from engine.ports_boards import SIX_WAYS, BoardRow
from webui.board_words import LINES, RATE_RULE, STANDINGS, board_title, period_words, rate_text
from webui.charts import Bar, bar_chart
from webui.i18n import current_locale, say, show_time
from webui.i18n import mark as _l
from webui.sheets import Cell, Column, Table
from workflows.boards.view_board import BoardView

#: Bars of the chart; the table has every line.
_MOST_BARS = 12


def board_table(view: BoardView, *, reader_id: str) -> Table:
    """Return the board for a spreadsheet, its sum below."""
    title = board_title(view.query, reader_id=reader_id, head=view.head)
    return Table(
        title=title,
        columns=[
            Column(title=say(LINES[view.query.kind]), width=36),
            *(Column(title=say(STANDINGS[way][0]), kind="number") for way in SIX_WAYS),
            Column(title=say(_l("Tổng số")), kind="number"),
            Column(title=say(_l("Tỷ lệ quá hạn")), kind="share"),
            Column(title=say(_l("Quá hạn lâu nhất (ngày)")), kind="number"),
        ],
        rows=_lines(view),
        notes=[
            " · ".join(
                each for each in (view.head.scope_name, period_words(view.query.period)) if each
            ),
            say(_l("Tính lúc %(at)s"), at=show_time(view.at)),
            say(RATE_RULE),
        ],
    )


def _lines(view: BoardView) -> Iterator[list[Cell]]:
    for row in view.table.rows:
        yield [row.name, *_numbers(row)]
    yield [say(_l("Cộng")), *_numbers(view.table.sum)]


def _numbers(row: BoardRow) -> list[Cell]:
    ways = [row.counts[way] for way in SIX_WAYS]
    return [*ways, row.total, row.overdue_rate, row.longest_days]


def rank_chart(view: BoardView) -> Markup | None:
    """Return bars of the highest overdue rates; None when nothing is overdue."""
    ranked = view.table.ranked()[:_MOST_BARS]
    if not ranked:
        return None
    locale = current_locale()
    bars = [
        Bar(
            label=row.name,
            value=row.overdue_rate,
            shown=f"{rate_text(row.overdue_rate, locale)} ({row.overdue})",
            kind="bad",
        )
        for row in ranked
    ]
    return bar_chart(say(_l("Tỷ lệ quá hạn")), say(RATE_RULE), bars)
