"""Show what waits for the person."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.assignment_flow import DIRECTION_PROCEDURES
from engine.model.batch import MAX_BATCH_ITEMS, short_name
from engine.model.copy import COPY_PROCEDURE
from engine.model.meeting import INVITATION_PROCEDURE, MEETING_PROCEDURE
from engine.model.organisation import Role
from engine.model.schedule import (
    SCHEDULE_PROCEDURE,
)
from engine.permissions import Permission
from engine.queries import Basket, WorkRow
from webui.login import current_actor, requires, the_house, use_cases
from webui.shell import count_baskets, shown_baskets, use_frame

bp = Blueprint("work", __name__)

#: Rows of a page; what can be signed in one batch stands on one page.
_PAGE = {False: 50, True: MAX_BATCH_ITEMS}

#: Endpoint of the page of what a procedure is about, and the name its id has there.
_PAGES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(DIRECTION_PROCEDURES, ("assignments.show", "assignment_id")),
    COPY_PROCEDURE: ("copies.show", "copy_id"),
    SCHEDULE_PROCEDURE: ("schedules.show", "schedule_id"),
    MEETING_PROCEDURE: ("meetings.show", "meeting_id"),
    INVITATION_PROCEDURE: ("meetings.show", "meeting_id"),
}


@bp.get("/")
@requires(Permission.IDENTIFIED)
def home() -> ResponseReturnValue:
    """Show the first basket that holds something; a leader's day; to who holds no post, why."""
    if not current_actor().posts:
        last_day = use_cases().identify.last_day(current_actor())
        return render_template("pages/no_post.html", person=current_actor(), last_day=last_day)
    if any(post.role is Role.LEADER for post in current_actor().posts):
        return redirect(url_for("today.show"), 303)
    counts = count_baskets()
    shown = shown_baskets(current_actor(), counts)
    filled = [each for each in shown if counts.get(each)]
    first = next(iter(filled or shown), None)
    if first is None:
        notices = use_cases().certificates.view.notices(current_actor())
        stands_in = current_actor().stands_in
        return render_template("pages/no_work.html", notices=notices, stands_in=stands_in)
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
    actor, batchable = current_actor(), chosen is Basket.TO_SIGN
    with the_house().start_reading() as work:
        page = work.queries.list_work(
            actor, chosen, cursor=request.args.get("sau", ""), limit=_PAGE[batchable]
        )
        batches = work.batches.list_open(actor.person_id) if batchable else ()
    return render_template(
        "pages/work.html",
        basket=chosen,
        stands_in=actor.stands_in,
        rows=page.rows,
        count=count_baskets().get(chosen, 0),
        row_url=row_url,
        notices=use_cases().certificates.view.notices(current_actor()),
        batchable=batchable,
        most=MAX_BATCH_ITEMS,
        batches=[(batch, short_name(batch.id)) for batch in batches],
        next_url=url_for("work.basket", basket=chosen.value, sau=page.next_cursor)
        if page.next_cursor
        else None,
    )


def row_url(row: WorkRow) -> str:
    """Return the page of what a task is about."""
    if row.application_kind:
        return url_for("certificates.application", application_id=row.subject_id)
    if row.procedure_id in _PAGES:
        endpoint, name = _PAGES[row.procedure_id]
        values: dict[str, Any] = {name: row.subject_id}
        return url_for(endpoint, **values)
    if row.is_arrival:
        return url_for("arrivals.show", delivery_id=row.subject_id)
    if row.rule == "draft":
        return url_for("drafts.edit", document_id=row.subject_id)
    return url_for("documents.show", document_id=row.subject_id)
