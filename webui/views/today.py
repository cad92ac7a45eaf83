"""Show the page a day begins with; a leader's first page."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.model.assignment import Standing
from engine.model.meeting import Meeting
from engine.permissions import Permission
from engine.ports_boards import SIX_WAYS, BoardKind, Waiting
from engine.queries import Basket
from webui import board_words
from webui.i18n import mark as _l
from webui.login import current_actor, requires, use_cases
from webui.schedule_words import PARTS
from webui.shell import count_baskets, use_frame
from webui.views.boards import address, assignment_url, cell_url
from webui.views.work import row_url

bp = Blueprint("today", __name__)

#: What is counted on the page, by the board that is the person's first concern.
_COUNTED = {
    BoardKind.GIVEN: _l("Nhiệm vụ tôi giao"),
    BoardKind.UNIT: _l("Nhiệm vụ của đơn vị tôi"),
    BoardKind.OWN: _l("Nhiệm vụ của tôi"),
}
#: Of an agency the person leads.
_GIVEN_TO = _l("Nhiệm vụ giao cho %(agency)s")
_WAITING = {
    Waiting.EXTENSION: _l("Đề nghị gia hạn chờ quyết định"),
    Waiting.CONFIRMATION: _l("Báo cáo hoàn thành chờ xác nhận"),
    Waiting.RETURNED: _l("Nhiệm vụ bị trả lại chờ quyết định"),
}


@bp.get("/hom-nay")
@requires(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Show what is on today, what waits, and how what one gave stands."""
    use_frame(current="today")
    actor = current_actor()
    view = use_cases().view_today(actor)
    counts = count_baskets()
    board = view.board
    board_url = url_for("boards.show", **address(board))
    return render_template(
        "pages/today.html",
        view=view,
        person=actor,
        ways=SIX_WAYS,
        board_words=board_words,
        baskets=[(basket, counts.get(basket, 0), rows) for basket, rows in view.baskets.items()],
        waiting=[(each, _WAITING[each], rows) for each, rows in view.waiting.items()],
        decide_url=url_for("work.basket", basket=Basket.TO_DECIDE.value),
        board_url=board_url,
        tiles=[
            (_COUNTED[board.kind], "", board_url, board, view.counts),
            *(
                (
                    _GIVEN_TO,
                    each.name,
                    url_for("boards.show", **address(each.board)),
                    each.board,
                    each.counts,
                )
                for each in view.agencies
            ),
        ],
        cell_url=lambda way, of=board: cell_url(of, "", Standing(way)),
        row_url=row_url,
        assignment_url=assignment_url,
        meeting_url=_meeting_url,
        part_words=PARTS,
    )


def _meeting_url(meeting: Meeting) -> str:
    return url_for("meetings.show", meeting_id=meeting.id)
