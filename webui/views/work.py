"""Show what waits for the person."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.permissions import Permission
from engine.queries import Basket, WorkRow
from webui.login import current_actor, requires, the_house
from webui.shell import count_baskets, shown_baskets, use_frame

bp = Blueprint("work", __name__)


@bp.get("/")
@requires(Permission.SIGNED_IN)
def home() -> ResponseReturnValue:
    """Show the first basket that holds something."""
    counts = count_baskets()
    shown = shown_baskets(current_actor(), counts)
    filled = [each for each in shown if counts.get(each)]
    first = next(iter(filled or shown), None)
    if first is None:
        return render_template("pages/no_work.html")
    return _show(first)


@bp.get("/viec/<basket>")
@requires(Permission.SIGNED_IN)
def basket(basket: str) -> ResponseReturnValue:
    """Show one basket, one page at a time."""
    if basket not in list(Basket):
        abort(404)
    return _show(Basket(basket))


def _show(chosen: Basket) -> ResponseReturnValue:
    use_frame(current=chosen)
    with the_house().start_reading() as work:
        page = work.queries.list_work(current_actor(), chosen, cursor=request.args.get("sau", ""))
    return render_template(
        "pages/work.html",
        basket=chosen,
        rows=page.rows,
        count=count_baskets().get(chosen, 0),
        row_url=_row_url,
        next_url=url_for("work.basket", basket=chosen.value, sau=page.next_cursor)
        if page.next_cursor
        else None,
    )


def _row_url(row: WorkRow) -> str:
    if row.is_arrival:
        return url_for("arrivals.show", delivery_id=row.subject_id)
    if row.rule == "draft":
        return url_for("drafts.edit", document_id=row.subject_id)
    return url_for("documents.show", document_id=row.subject_id)
