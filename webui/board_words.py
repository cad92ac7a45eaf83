"""Name how assignments stand, and the boards that count them."""

from collections.abc import Mapping

from engine.model.assignment import Standing
from engine.ports_boards import BoardHead, BoardKind, BoardQuery, Month, Period
from webui.i18n import mark as _l
from webui.i18n import say

#: Word and colour of each way an assignment can stand.
STANDINGS: Mapping[Standing, tuple[str, str]] = {
    Standing.DONE_IN_TIME: (_l("Hoàn thành đúng hạn"), "good"),
    Standing.DONE_LATE: (_l("Hoàn thành trễ hạn"), "wait"),
    Standing.RUNNING_IN_TIME: (_l("Đang thực hiện trong hạn"), "info"),
    Standing.RUNNING_OVERDUE: (_l("Đang thực hiện quá hạn"), "bad"),
    Standing.NO_DEADLINE: (_l("Không có hạn"), ""),
    Standing.EXTENSION_ASKED: (_l("Đang xin gia hạn"), "wait"),
    Standing.CANCELLED: (_l("Đã hủy"), ""),
}

TITLES: Mapping[BoardKind, str] = {
    BoardKind.CITY: _l("Nhiệm vụ của toàn thành phố"),
    BoardKind.AGENCY: _l("Nhiệm vụ của cơ quan"),
    BoardKind.UNIT: _l("Nhiệm vụ của đơn vị"),
    BoardKind.GIVEN: _l("Nhiệm vụ tôi giao"),
    BoardKind.OWN: _l("Nhiệm vụ của tôi"),
}

#: What one line of each board stands for.
LINES: Mapping[BoardKind, str] = {
    BoardKind.CITY: _l("Cơ quan chủ trì"),
    BoardKind.AGENCY: _l("Đơn vị chủ trì"),
    BoardKind.UNIT: _l("Người chủ trì"),
    BoardKind.GIVEN: _l("Chủ trì"),
    BoardKind.OWN: _l("Người giao"),
}

#: Names of the six ways of the report, and its other numbers, with how each is counted.
RATE_RULE = _l(
    "Tỷ lệ quá hạn là số nhiệm vụ đang thực hiện đã quá hạn chia cho số nhiệm vụ được giao, "
    "không kể nhiệm vụ đã hủy. Hạn tính hết ngày, giờ Việt Nam."
)


def board_title(query: BoardQuery, *, reader_id: str, head: BoardHead) -> str:
    """Return the heading of a board."""
    if query.kind is BoardKind.GIVEN and query.scope_id != reader_id:
        return say(_l("Nhiệm vụ %(name)s giao"), name=head.scope_name)
    if query.kind is BoardKind.OWN and query.scope_id != reader_id:
        return say(_l("Nhiệm vụ của %(name)s"), name=head.scope_name)
    return say(TITLES[query.kind])


def period_words(period: Period) -> str:
    """Return in which months the counted assignments were given."""
    if period.first and period.last:
        if period.first == period.last:
            return say(_l("giao trong tháng %(month)s"), month=month_words(period.first))
        first, last = month_words(period.first), month_words(period.last)
        return say(_l("giao từ tháng %(first)s đến tháng %(last)s"), first=first, last=last)
    if period.first:
        return say(_l("giao từ tháng %(first)s"), first=month_words(period.first))
    if period.last:
        return say(_l("giao đến hết tháng %(last)s"), last=month_words(period.last))
    return say(_l("giao từ trước đến nay"))


def month_words(month: Month) -> str:
    """Return a month as people write it."""
    return f"{month.number:02}/{month.year}"


def rate_text(rate: float, locale: str) -> str:
    """Return a share as people write it, such as `12,5 %`."""
    shown = f"{rate * 100:.1f}"
    return f"{shown.replace('.', ',')} %" if locale == "vi" else f"{shown}%"
