"""Show the boards: six ways of standing, the rank of what is overdue, what is behind a number."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import InvalidInputError
from engine.model.assignment import Standing
from engine.model.organisation import Actor, PersonId
from engine.model.urgency import Urgency
from engine.permissions import Permission
from engine.ports_boards import SIX_WAYS, BoardKind, BoardQuery, Month, Period
from engine.ports_direction import AssignmentRow
from webui import board_words
from webui.board_tables import board_table, rank_chart
from webui.downloads import send_table
from webui.i18n import current_locale, say
from webui.login import current_actor, requires, use_cases
from webui.shell import use_frame
from workflows.boards.sight import BoardTab

bp = Blueprint("boards", __name__)

_OF_PEOPLE = frozenset({BoardKind.GIVEN, BoardKind.OWN})


@bp.get("/bang-theo-doi")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Lead to the board that is nearest to the person."""
    tab = use_cases().view_board.first_tab(current_actor())
    return redirect(tab_url(tab), 303)


@bp.get("/bang-theo-doi/<kind>")
@requires(Permission.BOARD_VIEW)
def show(kind: str) -> ResponseReturnValue:
    """Show one board, or give it as a file."""
    use_frame(current="boards")
    actor = current_actor()
    query = _asked(kind, actor)
    view = use_cases().view_board(actor, query)
    form = request.args.get("dang", "")
    if form:
        table = board_table(view, reader_id=actor.person_id)
        return send_table(table, form, f"bang-theo-doi-{kind}-{view.today:%Y%m%d}")
    return render_template(
        "pages/board.html",
        view=view,
        query=query,
        table=view.table,
        ways=SIX_WAYS,
        way_words={way: say(board_words.STANDINGS[way][0]) for way in SIX_WAYS},
        chart=rank_chart(view),
        urgencies=list(Urgency),
        board_words=board_words,
        title=board_words.board_title(query, reader_id=actor.person_id, head=view.head),
        tabs=[(tab, tab_url(tab), _is_shown(tab, query)) for tab in view.tabs],
        cell_url=cell_urls(query),
        line_url=lambda key: line_url(query, key),
        file_url=lambda name: url_for("boards.show", dang=name, **address(query)),
        rate=lambda row: board_words.rate_text(row.overdue_rate, current_locale()),
    )


@bp.get("/bang-theo-doi/<kind>/danh-sach")
@requires(Permission.BOARD_VIEW)
def cell(kind: str) -> ResponseReturnValue:
    """List the assignments behind one number of a board."""
    use_frame(current="boards")
    actor = current_actor()
    query = _asked(kind, actor)
    way = _standing(request.args.get("the", ""))
    key = request.args.get("dong", "")
    view = use_cases().view_board.list_cell(
        actor, query, row_key=key, standing=way, cursor=request.args.get("sau", "")
    )
    next_cursor = view.page.next_cursor
    return render_template(
        "pages/board_list.html",
        view=view,
        query=query,
        way=way,
        rows=view.page.rows,
        board_words=board_words,
        title=board_words.board_title(query, reader_id=actor.person_id, head=view.head),
        board_url=url_for("boards.show", **address(query)),
        row_url=assignment_url,
        next_url=cell_url(query, key, way, sau=next_cursor) if next_cursor else None,
    )


def assignment_url(row: AssignmentRow) -> str:
    """Return the page of an assignment."""
    return url_for("assignments.show", assignment_id=row.id)


def tab_url(tab: BoardTab) -> str:
    """Return the page of a board that is offered."""
    return url_for("boards.show", **address(BoardQuery(kind=tab.kind, scope_id=tab.scope_id)))


def address(query: BoardQuery) -> dict[str, Any]:
    """Return what the address of a board says; what is left out is not there."""
    asked = {
        "pham_vi": query.scope_id,
        "tu": str(query.period.first or ""),
        "den": str(query.period.last or ""),
        "nguoi_giao": query.assigner_id or "",
        "khan": query.urgency.value if query.urgency else "",
    }
    return {"kind": query.kind.value, **{name: value for name, value in asked.items() if value}}


def cell_url(query: BoardQuery, key: str, way: Standing | None, **more: str) -> str:
    """Return the list behind a number."""
    return cell_urls(query)(key, way, **more)


def cell_urls(query: BoardQuery) -> Callable[..., str]:
    """Return what tells the lists of a board's numbers, of which there are some hundred."""
    base = url_for("boards.cell", **address(query))
    sign = "&" if "?" in base else "?"

    def tell(key: str, way: Standing | None, **more: str) -> str:
        place = {"dong": key} if key else {}
        standing = {"the": way.value} if way else {}
        values = place | standing | more
        return f"{base}{sign}{urlencode(values, safe=':')}" if values else base

    return tell


def line_url(query: BoardQuery, key: str) -> str | None:
    """Return the board of what a line stands for, None where there is none nearer."""
    kind, _, scope_id = key.partition(":")
    nearer = {
        (BoardKind.CITY, "agency"): BoardKind.AGENCY,
        (BoardKind.AGENCY, "unit"): BoardKind.UNIT,
        (BoardKind.AGENCY, "person"): BoardKind.OWN,
        (BoardKind.UNIT, "person"): BoardKind.OWN,
    }.get((query.kind, kind))
    if nearer is None:
        return None
    deeper = BoardQuery(
        kind=nearer,
        scope_id=scope_id,
        period=query.period,
        assigner_id=query.assigner_id if nearer not in _OF_PEOPLE else None,
        urgency=query.urgency,
    )
    return url_for("boards.show", **address(deeper))


def _asked(kind: str, actor: Actor) -> BoardQuery:
    """Return which board the address asks for.

    Raises:
        InvalidInputError: no month, a period that ends first, no such urgency.
    """
    if kind not in list(BoardKind):
        abort(404)
    board = BoardKind(kind)
    scope_id = request.args.get("pham_vi", "") if board is not BoardKind.CITY else ""
    if not scope_id:
        scope_id = _own_scope(board, actor)
    assigner = request.args.get("nguoi_giao", "") if board not in _OF_PEOPLE else ""
    urgency = request.args.get("khan", "")
    if urgency and urgency not in list(Urgency):
        raise InvalidInputError(f"khan={urgency!r}", field="urgency")
    return BoardQuery(
        kind=board,
        scope_id=scope_id,
        period=Period(first=_month("tu"), last=_month("den")),
        assigner_id=PersonId(assigner) if assigner else None,
        urgency=Urgency(urgency) if urgency else None,
    )


def _own_scope(board: BoardKind, actor: Actor) -> str:
    """Return the scope of an address that names none: one's own."""
    if board in _OF_PEOPLE:
        return actor.person_id
    if board is BoardKind.AGENCY:
        return actor.posts[0].agency_id
    if board is BoardKind.UNIT:
        return next((post.unit_id for post in actor.posts if post.unit_id), "")
    return ""


def _month(name: str) -> Month | None:
    text = request.args.get(name, "")
    return Month.parse(text) if text else None


def _standing(text: str) -> Standing | None:
    if text and text not in list(SIX_WAYS):
        raise InvalidInputError(f"the={text!r}", field="standing")
    return Standing(text) if text else None


def _is_shown(tab: BoardTab, query: BoardQuery) -> bool:
    return (tab.kind, tab.scope_id) == (query.kind, query.scope_id)
