"""Show a document and let people act on it: review, check, sign, number, seal."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from engine.errors import InvalidInputError, SigningError, TrinhKyError
from engine.model.delivery import ANSWERED
from engine.model.document import DocumentId, DocumentStatus
from engine.permissions import Permission
from engine.process.model import InstanceId, TaskId
from engine.process.progress import Progress
from webui.errors import log_error, status_of
from webui.forms import OpinionForm, ReasonForm, SealForm, SignForm, add_error
from webui.i18n import gettext
from webui.limits import PIN_LIMIT, by_person, limiter, was_refused
from webui.login import current_actor, requires, the_house, use_cases
from webui.shell import use_frame
from workflows.reading.view_document import DocumentView

bp = Blueprint("documents", __name__)

#: What is shown beside the form, with everything still open; other errors have their own page.
FORM_ERRORS = (InvalidInputError, SigningError)


@dataclass
class Forms:
    """Hold the forms of a document's page; one may carry the errors of the last try."""

    opinion: Form = field(default_factory=OpinionForm)
    reason: Form = field(default_factory=ReasonForm)
    sign: Form = field(default_factory=SignForm)
    seal: Form = field(default_factory=SealForm)
    messages: list[str] = field(default_factory=list)


@bp.get("/van-ban-di")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """List what the actor's agencies send, newest first."""
    use_frame(current="documents")
    agency_ids = current_actor().agency_ids()
    with the_house().start_reading() as work:
        page = work.queries.list_documents(agency_ids, cursor=request.args.get("sau", ""))
    next_url = url_for("documents.index", sau=page.next_cursor) if page.next_cursor else None
    return render_template("pages/documents.html", rows=page.rows, next_url=next_url)


@bp.get("/van-ban/<document_id>")
@requires(Permission.DOCUMENT_VIEW)
def show(document_id: str) -> ResponseReturnValue:
    """Show a document with its flow, pages, steps and lights."""
    return _show(document_id, Forms())


@bp.get("/van-ban/<document_id>/tep.pdf")
@requires(Permission.DOCUMENT_VIEW)
def pdf(document_id: str) -> ResponseReturnValue:
    """Give the bytes; the address of an unchanged file is answered without them."""
    digest, content = use_cases().read_pdf(DocumentId(document_id), current_actor())
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{document_id[:8]}.pdf"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(digest)
    return response.make_conditional(request)


@bp.get("/van-ban/<document_id>/so-do")
@requires(Permission.DOCUMENT_VIEW)
def diagram(document_id: str) -> ResponseReturnValue:
    """Give the flow and how far the document has come in it."""
    return jsonify(read_flow(_view(document_id).instance_id))


@bp.get("/van-ban/<document_id>/tinh-trang-gui")
@requires(Permission.DOCUMENT_VIEW)
def board(document_id: str) -> ResponseReturnValue:
    """Give the lights alone; the page asks again while one of them is open."""
    view = _view(document_id)
    return render_template("fragments/board.html", view=view, is_open=_is_board_open(view))


@bp.get("/van-ban/<document_id>/nhat-ky")
@requires(Permission.DOCUMENT_VIEW)
def trail(document_id: str) -> ResponseReturnValue:
    """Show every act on the document, as it is on record."""
    view = _view(document_id)
    leaves = use_cases().view_document.trail(view.document.id, current_actor())
    return render_template("pages/trail.html", view=view, leaves=leaves)


@bp.post("/van-ban/<document_id>/viec/<task_id>/duyet")
@requires(Permission.TASK_COMPLETE)
def approve(document_id: str, task_id: str) -> ResponseReturnValue:
    """Approve the draft as the head of the division."""
    form = OpinionForm(request.form)
    return _act(
        document_id,
        Forms(opinion=form),
        form,
        lambda: use_cases().review_draft(
            TaskId(task_id), current_actor(), form.comment.data or ""
        ),
        gettext("Đã duyệt."),
    )


@bp.post("/van-ban/<document_id>/viec/<task_id>/the-thuc")
@requires(Permission.TASK_COMPLETE)
def check_form(document_id: str, task_id: str) -> ResponseReturnValue:
    """Confirm the form as the clerk."""
    form = OpinionForm(request.form)
    return _act(
        document_id,
        Forms(opinion=form),
        form,
        lambda: use_cases().check_form(TaskId(task_id), current_actor(), form.comment.data or ""),
        gettext("Đã xác nhận thể thức."),
    )


@bp.post("/van-ban/<document_id>/viec/<task_id>/tra-lai")
@requires(Permission.TASK_COMPLETE)
def send_back(document_id: str, task_id: str) -> ResponseReturnValue:
    """Return the document to its drafter."""
    form = ReasonForm(request.form)
    return _act(
        document_id,
        Forms(reason=form),
        form,
        lambda: use_cases().return_document(
            TaskId(task_id), current_actor(), form.reason.data or ""
        ),
        gettext("Đã trả lại người soạn."),
    )


@bp.post("/van-ban/<document_id>/viec/<task_id>/ky")
@requires(Permission.TASK_COMPLETE)
@limiter.limit(PIN_LIMIT, key_func=by_person, deduct_when=was_refused)
def sign(document_id: str, task_id: str) -> ResponseReturnValue:
    """Sign as the leader; the PIN passes through and is kept nowhere."""
    form = SignForm(request.form)
    return _act(
        document_id,
        Forms(sign=form),
        form,
        lambda: use_cases().sign_document(TaskId(task_id), current_actor(), form.pin.data or ""),
        gettext("Đã ký số."),
    )


@bp.post("/van-ban/<document_id>/viec/<task_id>/cap-so")
@requires(Permission.TASK_COMPLETE)
def give_number(document_id: str, task_id: str) -> ResponseReturnValue:
    """Give the next number of the register; the seal comes next on the same page."""
    symbol = use_cases().number_document(TaskId(task_id), current_actor())
    flash(gettext("Đã cấp số %(symbol)s. Tiếp theo: đóng dấu cơ quan.", symbol=symbol), "good")
    return redirect(url_for("documents.show", document_id=document_id), 303)


@bp.post("/van-ban/<document_id>/viec/<task_id>/dong-dau")
@requires(Permission.TASK_COMPLETE)
@limiter.limit(PIN_LIMIT, key_func=by_person, deduct_when=was_refused)
def seal(document_id: str, task_id: str) -> ResponseReturnValue:
    """Seal for the agency; the document goes out."""
    form = SealForm(request.form)
    return _act(
        document_id,
        Forms(seal=form),
        form,
        lambda: use_cases().seal_document(TaskId(task_id), current_actor(), form.pin.data or ""),
        gettext("Đã đóng dấu. Văn bản đang được gửi đến các cơ quan."),
    )


def read_flow(instance_id: InstanceId) -> dict[str, object]:
    """Return the diagram of an instance and the steps that are done or at hand."""
    with the_house().start_reading() as work:
        xml = work.processes.get_diagram(instance_id)
        nodes = work.processes.describe(instance_id)
    return {
        "xml": xml.decode("utf-8"),
        "done": [each.node.id for each in nodes if each.state is Progress.DONE],
        "now": [each.node.id for each in nodes if each.state is Progress.CURRENT],
    }


def _view(document_id: str) -> DocumentView:
    return use_cases().view_document(DocumentId(document_id), current_actor())


def _act(
    document_id: str, forms: Forms, form: Form, act: Callable[[], object], done: str
) -> ResponseReturnValue:
    """Call the use case and go on; what can be mended is shown beside the form."""
    try:
        act()
    except FORM_ERRORS as error:
        return _show_again(document_id, forms, form, error)
    flash(done, "good")
    return redirect(url_for("documents.show", document_id=document_id), 303)


def _show_again(
    document_id: str, forms: Forms, form: Form, error: TrinhKyError
) -> ResponseReturnValue:
    status = status_of(error)
    reference = log_error(error, status)
    forms.messages = add_error(form, error)
    if forms.messages:
        forms.messages.append(gettext("Số tham chiếu: %(reference)s", reference=reference))
    return _show(document_id, forms), status


def _show(document_id: str, forms: Forms) -> str:
    view = _view(document_id)
    use_frame(current="documents")
    return render_template(
        "pages/document.html", view=view, forms=forms, is_open=_is_board_open(view)
    )


def _is_board_open(view: DocumentView) -> bool:
    """Tell whether a light may still change by itself."""
    if view.document.status is DocumentStatus.SEALED:
        return True
    return any(row.status not in ANSWERED for row in view.deliveries)
