"""Show a document and let people act on it: review, check, sign, number, seal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from engine.assignment_rules import may_give
from engine.clock import local
from engine.errors import InvalidInputError, NotPermittedError, SigningError, TrinhKyError
from engine.model.delivery import ANSWERED
from engine.model.document import DocumentId, DocumentStatus, Stage
from engine.permissions import Permission, Subject, is_permitted
from engine.process.model import TaskId
from webui import archive_words, direction_words
from webui.ad_hoc import AdHocForms, ReturnForm, offer, with_answers
from webui.filenames import inline_name
from webui.flows import list_coming, read_flow
from webui.forms import OpinionForm, ReasonForm, SealForm, SignForm, note_refusal
from webui.i18n import gettext
from webui.limits import PIN_LIMIT, by_person, limiter, was_refused
from webui.login import current_actor, polled, requires, the_house, use_cases
from webui.shell import use_frame
from workflows.outgoing.ceremonies import Kept
from workflows.reading.view_ad_hoc import AdHocView
from workflows.reading.view_document import BoardView, DocumentView

bp = Blueprint("documents", __name__)

#: What is shown beside the form, with everything still open; other errors have their own page.
FRESH = timedelta(minutes=2)
QUICK_POLL_SECONDS = 3
SLOW_POLL_SECONDS = 30
FORM_ERRORS = (InvalidInputError, SigningError)
#: Of a draft's subject, in the name of its file.
MAX_NAME_CHARS = 60
#: Between the leader's signature and the agency's seal.
CANCELLABLE = (DocumentStatus.SIGNED, DocumentStatus.NUMBERED)


@dataclass
class Forms:
    """Hold the forms of a document's page; one may carry the errors of the last try."""

    opinion: Form = field(default_factory=OpinionForm)
    ad_hoc: AdHocForms = field(default_factory=AdHocForms)
    sign: Form = field(default_factory=SignForm)
    seal: Form = field(default_factory=SealForm)
    cancel: Form = field(default_factory=ReasonForm)
    void: Form = field(default_factory=ReasonForm)
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
    return show_page(document_id, Forms())


@bp.get("/van-ban/<document_id>/tep.pdf")
@requires(Permission.DOCUMENT_VIEW)
def pdf(document_id: str) -> ResponseReturnValue:
    """Give the bytes; the address of an unchanged file is answered without them."""
    digest, content = use_cases().read_pdf(DocumentId(document_id), current_actor())
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = _disposition(DocumentId(document_id))
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(digest)
    return response.make_conditional(request)


@bp.get("/van-ban/<document_id>/so-do")
@requires(Permission.DOCUMENT_VIEW)
def diagram(document_id: str) -> ResponseReturnValue:
    """Give the flow and how far the document has come in it."""
    instance_id = _view(document_id).instance_id
    if instance_id is None:
        raise NotPermittedError("a recipient's page shows no flow", predicate="serves_agency")
    return jsonify(read_flow(instance_id))


@bp.get("/van-ban/<document_id>/tinh-trang-gui")
@requires(Permission.DOCUMENT_VIEW)
@polled
def board(document_id: str) -> ResponseReturnValue:
    """Give the lights alone; the page asks again while one of them is open."""
    view = use_cases().view_document.board(DocumentId(document_id), current_actor())
    return render_template("fragments/board.html", view=view, poll_seconds=_poll_seconds(view))


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
    """Return the document to its drafter, or to another earlier step."""
    form = ReturnForm(request.form)
    return _act(
        document_id,
        Forms(ad_hoc=AdHocForms(back=form)),
        form,
        lambda: use_cases().return_document(
            TaskId(task_id), current_actor(), form.reason.data or "", to=form.to.data or ""
        ),
        gettext("Đã trả lại."),
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


@bp.post("/van-ban/<document_id>/viec/<task_id>/ky-thay")
@requires(Permission.TASK_COMPLETE)
def sign_instead(document_id: str, task_id: str) -> ResponseReturnValue:
    """Put one's own signature block under a text one signs for somebody who is away."""
    use_cases().change_signatory(TaskId(task_id), current_actor())
    flash(gettext("Đã đổi người ký; văn bản mang khối chữ ký của bạn. Mời ký số."), "good")
    return redirect(url_for("documents.show", document_id=document_id), 303)


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


@bp.post("/van-ban/<document_id>/huy-so")
@requires(Permission.NUMBER_VOID)
def void_number(document_id: str) -> ResponseReturnValue:
    """Void a number that was kept and could not be filled in."""
    form = ReasonForm(request.form)
    return _act(
        document_id,
        Forms(void=form),
        form,
        lambda: use_cases().void_number(
            DocumentId(document_id), current_actor(), form.reason.data or ""
        ),
        gettext("Đã hủy số; lần cấp sau lấy số kế tiếp."),
    )


@bp.post("/van-ban/<document_id>/huy")
@requires(Permission.DOCUMENT_CANCEL)
def cancel(document_id: str) -> ResponseReturnValue:
    """Cancel a signed document that will not be issued; its number stays in the register."""
    form = ReasonForm(request.form)
    return _act(
        document_id,
        Forms(cancel=form),
        form,
        lambda: use_cases().cancel_document(
            DocumentId(document_id), current_actor(), form.reason.data or ""
        ),
        gettext("Đã hủy văn bản."),
    )


def _view(document_id: str) -> DocumentView:
    return use_cases().view_document(DocumentId(document_id), current_actor())


def _disposition(document_id: DocumentId) -> str:
    """Return the header that names the file the way people look for it: by its symbol."""
    with the_house().start_reading() as work:
        document = work.documents.get(document_id)
    symbol = document.number.symbol if document.number else ""
    name = symbol or f"{gettext('Dự thảo')} {document.content.subject[:MAX_NAME_CHARS]}"
    return inline_name(f"{name.strip()}.pdf")


def _act(
    document_id: str, forms: Forms, form: Form, act: Callable[[], object], done: str
) -> ResponseReturnValue:
    """Call the use case and go on; what can be mended is shown beside the form."""
    try:
        result = act()
    except FORM_ERRORS as error:
        return _show_again(document_id, forms, form, error)
    if isinstance(result, Kept) and result.awaits_stamp:
        flash(waiting_sentence(result), "wait")
    else:
        flash(done, "good")
    return redirect(url_for("documents.show", document_id=document_id), 303)


def waiting_sentence(kept: Kept) -> str:
    """Return what is done and what is waited for."""
    if kept.stage is Stage.SEALED:
        return str(gettext("Đã đóng dấu; văn bản đang chờ dấu thời gian."))
    return str(gettext("Đã ký; văn bản đang chờ dấu thời gian."))


def _show_again(
    document_id: str, forms: Forms, form: Form, error: TrinhKyError
) -> ResponseReturnValue:
    forms.messages, status = note_refusal(form, error)
    return show_page(document_id, forms), status


def show_page(document_id: str, forms: Forms) -> str:
    """Return the page of a document, with what its forms carry."""
    view = _view(document_id)
    use_frame(current="documents")
    ad_hoc = _ad_hoc(view, forms)
    return render_template(
        "pages/document.html",
        view=view,
        forms=forms,
        ad_hoc=ad_hoc,
        steps=with_answers(view.steps, ad_hoc.opinions) if ad_hoc else view.steps,
        here={"document_id": view.document.id},
        coming=list_coming(view.instance_id) if view.instance_id and _goes_on(view) else (),
        assigned=use_cases().view_assignment.on_document(view.document.id, current_actor())
        if view.document.number
        else (),
        give_url=url_for("assignments.choose", document=view.document.id)
        if may_give(current_actor()) and view.document.status is DocumentStatus.DISPATCHED
        else "",
        direction_words=direction_words,
        may_cancel=_may_cancel(view),
        may_archive=_may_archive(view),
        archive_words=archive_words,
        poll_seconds=_poll_seconds(view),
    )


def _ad_hoc(view: DocumentView, forms: Forms) -> AdHocView | None:
    """Return what goes on beside the way, None for a reader of a receiving agency."""
    if view.instance_id is None:
        return None
    actor = current_actor()
    ad_hoc = use_cases().view_ad_hoc.document(view.document.id, actor)
    with the_house().start_reading() as work:
        offer(work, ad_hoc, forms.ad_hoc, actor, local(the_house().clock.now()).date())
    return ad_hoc


def _goes_on(view: DocumentView) -> bool:
    """Tell whether the reader may see what comes next, and anything does."""
    return bool(view.steps) and view.document.status is not DocumentStatus.CANCELLED


def _may_cancel(view: DocumentView) -> bool:
    """Tell whether the reader may end the procedure here."""
    subject = Subject(agency_id=view.document.agency_id)
    return view.document.status in CANCELLABLE and is_permitted(
        Permission.DOCUMENT_CANCEL, current_actor(), subject
    )


def _may_archive(view: DocumentView) -> bool:
    """Tell whether the reader need not wait for the time that was planned."""
    subject = Subject(agency_id=view.document.agency_id)
    return is_permitted(Permission.PRESERVATION_ACT, current_actor(), subject)


def _poll_seconds(view: DocumentView | BoardView) -> int:
    """Return how soon a light may change by itself; 0 when none will."""
    status = view.document.status
    if status is DocumentStatus.SEALED:
        return QUICK_POLL_SECONDS
    if all(row.status in ANSWERED for row in view.deliveries):
        return 0
    # Systems answer within seconds, people within hours.
    is_fresh = the_house().clock.now() - view.document.updated_at < FRESH
    return QUICK_POLL_SECONDS if is_fresh else SLOW_POLL_SECONDS
