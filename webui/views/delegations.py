"""Let people leave their work to a colleague, see what was left to them, and end it."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import ConflictError, InvalidInputError
from engine.model.delegation import Delegation, may_stand_in
from engine.model.organisation import AgencyId, DelegationId
from engine.permissions import Permission
from engine.ports import UnitOfWork
from engine.text import name_sort_key
from webui import authority_words
from webui.authority_cases import AuthorityCases
from webui.authority_forms import DelegationForm
from webui.forms import ReasonForm, note_refusal
from webui.i18n import gettext
from webui.login import current_actor, requires, the_house, use_cases
from webui.shell import use_frame
from workflows.authority.view_delegations import OwnDelegations

bp = Blueprint("delegations", __name__)

#: What is shown beside the form: it can be mended there.
FORM_ERRORS = (InvalidInputError, ConflictError)


@bp.get("/uy-quyen")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """List what one gave and received, with the form to give."""
    return _index(DelegationForm(), [])


@bp.post("/uy-quyen")
@requires(Permission.DELEGATION_GIVE)
def give() -> ResponseReturnValue:
    """Leave work to a colleague."""
    form = DelegationForm(request.form)
    try:
        delegation_id = _cases().delegate(form.terms(), current_actor())
    except FORM_ERRORS as error:
        messages, status = note_refusal(form, error)
        return _index(form, messages), status
    flash(gettext("Đã ủy quyền; người nhận thấy việc của bạn trong những ngày đó."), "good")
    return redirect(url_for("delegations.show", delegation_id=delegation_id), 303)


@bp.get("/uy-quyen/co-quan/<agency_id>")
@requires(Permission.DELEGATION_OVERSEE)
def of_agency(agency_id: str) -> ResponseReturnValue:
    """List the delegations of an agency, the last given first."""
    use_frame(current="delegations")
    page = _cases().view_delegations.of_agency(
        AgencyId(agency_id), current_actor(), cursor=request.args.get("sau", "")
    )
    with the_house().start_reading() as work:
        agency = work.organisation.get_agency(AgencyId(agency_id))
        titles = _titles(work, page.rows)
    next_url = (
        url_for("delegations.of_agency", agency_id=agency_id, sau=page.next_cursor)
        if page.next_cursor
        else None
    )
    return render_template(
        "pages/delegations_of_agency.html",
        agency=agency,
        rows=page.rows,
        titles=titles,
        day=_cases().view_delegations.today(),
        next_url=next_url,
        authority_words=authority_words,
    )


@bp.get("/uy-quyen/<delegation_id>")
@requires(Permission.DELEGATION_VIEW)
def show(delegation_id: str) -> ResponseReturnValue:
    """Show one delegation, and let those concerned end it."""
    return _show(delegation_id, ReasonForm(), [])


@bp.post("/uy-quyen/<delegation_id>/cham-dut")
@requires(Permission.DELEGATION_END)
def end(delegation_id: str) -> ResponseReturnValue:
    """End a delegation from this moment on."""
    form = ReasonForm(request.form)
    try:
        _cases().end_delegation(
            DelegationId(delegation_id), current_actor(), form.reason.data or ""
        )
    except InvalidInputError as error:
        messages, status = note_refusal(form, error)
        return _show(delegation_id, form, messages), status
    flash(gettext("Đã chấm dứt ủy quyền; việc đang mở chỉ còn ở người ủy quyền."), "good")
    return redirect(url_for("delegations.show", delegation_id=delegation_id), 303)


def _cases() -> AuthorityCases:
    return use_cases().authority


def _index(form: DelegationForm, messages: list[str]) -> str:
    use_frame(current="delegations")
    own = _cases().view_delegations.own(current_actor())
    with the_house().start_reading() as work:
        _offer(work, form, own)
        agencies = [work.organisation.get_agency(each) for each in own.overseen]
        titles = _titles(work, [*own.given, *own.received])
    if request.method == "GET":
        form.since.data = own.day
    return render_template(
        "pages/delegations.html",
        own=own,
        form=form,
        messages=messages,
        titles=titles,
        agencies=agencies,
        authority_words=authority_words,
    )


def _offer(work: UnitOfWork, form: DelegationForm, own: OwnDelegations) -> None:
    """Fill the lists: one's own posts, and who may stand in, of the same agencies."""
    me = current_actor()
    agencies = list(dict.fromkeys(post.agency_id for post, _powers in own.posts))
    colleagues = [
        post
        for agency_id in agencies
        for post in work.organisation.list_posts(agency_id, own.day)
        if post.person_id != me.person_id and may_stand_in(post)
    ]
    people = work.organisation.list_people({post.person_id for post in colleagues})
    names = {person.id: person.full_name for person in people}
    colleagues.sort(key=lambda post: name_sort_key(names[post.person_id]))
    form.offer(
        [(post.id, post.title) for post, _powers in own.posts],
        [(post.person_id, f"{names[post.person_id]} — {post.title}") for post in colleagues],
        frozenset().union(*(powers for _post, powers in own.posts)),
    )


def _show(delegation_id: str, form: ReasonForm, messages: list[str]) -> str:
    use_frame(current="delegations")
    view = _cases().view_delegations(DelegationId(delegation_id), current_actor())
    return render_template(
        "pages/delegation.html",
        view=view,
        form=form,
        messages=messages,
        authority_words=authority_words,
    )


def _titles(work: UnitOfWork, rows: Sequence[Delegation]) -> dict[str, str]:
    """Return the titles of the posts the rows are about."""
    posts = work.organisation.list_posts_named({row.post_id for row in rows})
    return {post.id: post.title for post in posts}
