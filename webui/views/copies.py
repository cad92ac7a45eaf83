"""Ask for certified copies of paper, decide on them, certify them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from engine.errors import InvalidInputError, SigningError
from engine.model.copy import CopyId
from engine.model.organisation import AgencyId
from engine.permissions import Permission, Subject, is_permitted
from engine.process.model import TaskId
from webui import copy_words
from webui.copy_forms import CopyRequestForm
from webui.filenames import inline_name
from webui.flows import list_coming, read_flow
from webui.forms import ReasonForm, SealForm, note_refusal
from webui.i18n import gettext
from webui.limits import PIN_LIMIT, UPLOAD_LIMIT, by_person, limiter, was_refused
from webui.login import current_actor, requires, the_house, use_cases
from webui.shell import use_frame
from webui.uploads import read_upload
from workflows.copying.view_copies import CopyView

bp = Blueprint("copies", __name__)

#: What is shown beside the form, with everything still open; other errors have their own page.
FORM_ERRORS = (InvalidInputError, SigningError)


@dataclass
class Forms:
    """Hold the forms of a copy's page; one may carry the errors of the last try."""

    reason: Form = field(default_factory=ReasonForm)
    seal: Form = field(default_factory=SealForm)
    amend: CopyRequestForm | None = None
    messages: list[str] = field(default_factory=list)


@bp.get("/ban-sao")
@requires(Permission.COPY_VIEW)
def index() -> ResponseReturnValue:
    """List the copies of the actor's agencies, newest first."""
    use_frame(current="copies")
    return render_template(
        "pages/copies.html",
        rows=use_cases().view_copies.index(current_actor()),
        abandoned=use_cases().view_copies.list_abandoned(current_actor()),
        may_ask=bool(_own_agencies()),
        copy_words=copy_words,
    )


@bp.get("/ban-sao/moi")
@requires(Permission.COPY_REQUEST)
def choose() -> ResponseReturnValue:
    """Ask for the scan, and what the paper is."""
    return _show_request(CopyRequestForm(), [])


@bp.post("/ban-sao/moi")
@requires(Permission.COPY_REQUEST)
@limiter.limit(UPLOAD_LIMIT, key_func=by_person)
def ask() -> ResponseReturnValue:
    """Put the request before the leaders of the agency."""
    form = CopyRequestForm(request.form)
    try:
        copy_id = use_cases().request_copy(
            AgencyId(form.agency.data or ""),
            form.chosen(),
            form.original(),
            read_upload(),
            current_actor(),
            pages=form.pages.data or "",
        )
    except InvalidInputError as error:
        messages, status = note_refusal(form, error)
        return _show_request(form, messages), status
    flash(gettext("Đã trình lãnh đạo duyệt bản sao."), "good")
    return redirect(url_for("copies.show", copy_id=copy_id), 303)


@bp.get("/ban-sao/<copy_id>")
@requires(Permission.COPY_VIEW)
def show(copy_id: str) -> ResponseReturnValue:
    """Show a copy: the file, what is to be done, and how far it has come."""
    return _show(copy_id, Forms())


@bp.get("/ban-sao/<copy_id>/tep.pdf")
@requires(Permission.COPY_VIEW)
def pdf(copy_id: str) -> ResponseReturnValue:
    """Give the bytes: the scan until the copy is certified."""
    copy, content = use_cases().view_copies.pdf(CopyId(copy_id), current_actor())
    name = f"{copy.symbol} {copy_words.form_name(copy.form)} {copy.original.symbol}".strip()
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = inline_name(f"{name}.pdf")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(copy.current_digest)
    return response.make_conditional(request)


@bp.get("/ban-sao/<copy_id>/so-do")
@requires(Permission.COPY_VIEW)
def diagram(copy_id: str) -> ResponseReturnValue:
    """Give the flow and how far the copy has come in it."""
    return jsonify(read_flow(_view(copy_id).instance_id))


@bp.get("/ban-sao/<copy_id>/nhat-ky")
@requires(Permission.COPY_VIEW)
def trail(copy_id: str) -> ResponseReturnValue:
    """Show every act on the copy, as it is on record."""
    leaves = use_cases().view_copies.trail(CopyId(copy_id), current_actor())
    return render_template(
        "pages/copy_trail.html", view=_view(copy_id), leaves=leaves, copy_words=copy_words
    )


@bp.post("/ban-sao/<copy_id>/viec/<task_id>/duyet")
@requires(Permission.TASK_COMPLETE)
def approve(copy_id: str, task_id: str) -> ResponseReturnValue:
    """Approve the copy as a leader of the agency."""
    use_cases().approve_copy(TaskId(task_id), current_actor())
    flash(gettext("Đã duyệt bản sao."), "good")
    return redirect(url_for("copies.show", copy_id=copy_id), 303)


@bp.post("/ban-sao/<copy_id>/viec/<task_id>/tra-lai")
@requires(Permission.TASK_COMPLETE)
def send_back(copy_id: str, task_id: str) -> ResponseReturnValue:
    """Return the request with a reason."""
    form = ReasonForm(request.form)
    return _act(
        copy_id,
        Forms(reason=form),
        form,
        lambda: use_cases().return_copy(TaskId(task_id), current_actor(), form.reason.data or ""),
        gettext("Đã trả lại."),
    )


@bp.post("/ban-sao/<copy_id>/viec/<task_id>/sua")
@requires(Permission.TASK_COMPLETE)
@limiter.limit(UPLOAD_LIMIT, key_func=by_person)
def amend(copy_id: str, task_id: str) -> ResponseReturnValue:
    """Mend the request and put it forward again."""
    form = CopyRequestForm(request.form)
    return _act(
        copy_id,
        Forms(amend=form),
        form,
        lambda: use_cases().amend_copy(
            TaskId(task_id),
            form.chosen(),
            form.original(),
            read_upload(required=False),
            current_actor(),
            pages=form.pages.data or "",
        ),
        gettext("Đã trình lại."),
    )


@bp.post("/ban-sao/<copy_id>/viec/<task_id>/rut")
@requires(Permission.TASK_COMPLETE)
def withdraw(copy_id: str, task_id: str) -> ResponseReturnValue:
    """Give the request up."""
    use_cases().withdraw_copy(TaskId(task_id), current_actor())
    flash(gettext("Đã rút đề nghị sao."), "good")
    return redirect(url_for("copies.show", copy_id=copy_id), 303)


@bp.post("/ban-sao/<copy_id>/viec/<task_id>/ky-so")
@requires(Permission.TASK_COMPLETE)
@limiter.limit(PIN_LIMIT, key_func=by_person, deduct_when=was_refused)
def certify(copy_id: str, task_id: str) -> ResponseReturnValue:
    """Number the copy and sign it with the agency's key; the PIN passes through."""
    form = SealForm(request.form)
    return _act(
        copy_id,
        Forms(seal=form),
        form,
        lambda: use_cases().certify_copy(TaskId(task_id), current_actor(), form.pin.data or ""),
        gettext("Đã cấp số và ký số bản sao."),
    )


def _view(copy_id: str) -> CopyView:
    return use_cases().view_copies(CopyId(copy_id), current_actor())


def _act(
    copy_id: str, forms: Forms, form: Form, act: Callable[[], object], done: str
) -> ResponseReturnValue:
    """Call the use case and go on; what can be mended is shown beside the form."""
    try:
        act()
    except FORM_ERRORS as error:
        forms.messages, status = note_refusal(form, error)
        return _show(copy_id, forms), status
    flash(done, "good")
    return redirect(url_for("copies.show", copy_id=copy_id), 303)


def _show(copy_id: str, forms: Forms) -> str:
    use_frame(current="copies")
    view = _view(copy_id)
    if forms.amend is None:
        forms.amend = CopyRequestForm.of(view.copy)
    forms.amend.offer([(view.agency.id, view.agency.name)])
    return render_template(
        "pages/copy.html",
        view=view,
        forms=forms,
        copy_words=copy_words,
        coming=list_coming(view.instance_id),
    )


def _show_request(form: CopyRequestForm, messages: list[str]) -> str:
    use_frame(current="copies")
    form.offer(_own_agencies())
    return render_template("pages/new_copy.html", form=form, messages=messages)


def _own_agencies() -> list[tuple[str, str]]:
    """Return the agencies the actor may ask copies of, each once."""
    actor = current_actor()
    permitted = [
        agency_id
        for agency_id in sorted(actor.agency_ids())
        if is_permitted(Permission.COPY_REQUEST, actor, Subject(agency_id=agency_id))
    ]
    with the_house().start_reading() as work:
        return [(each, work.organisation.get_agency(each).name) for each in permitted]
