"""Write a draft: choose its kind, type, look at the page, submit."""

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.clock import local
from engine.errors import (
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotPermittedError,
    TrinhKyError,
)
from engine.model.attachment import MAX_ATTACHMENTS
from engine.model.document import DocumentId, DocumentStatus
from engine.model.kinds import COMPOSABLE_KINDS, GIAY_MOI, DocumentKind
from engine.model.organisation import AgencyId, Role
from engine.permissions import Permission
from engine.process.model import TaskId
from webui.choices import group_recipients, list_fields, list_signatories
from webui.copy_forms import AttachmentForm
from webui.errors import log_error, status_of
from webui.forms import DraftForm, note_refusal, typed_error_sentence
from webui.i18n import gettext, show_time
from webui.login import current_actor, requires, the_house, use_cases
from webui.shell import use_frame
from workflows.reading.view_document import DocumentView

bp = Blueprint("drafts", __name__)

DRAFT_RULE = "draft"
#: What is shown beside the form; any other error has a page of its own.
FORM_ERRORS = (InvalidInputError, NotPermittedError, ConflictError)


@bp.get("/soan-moi")
@requires(Permission.DOCUMENT_DRAFT)
def choose() -> ResponseReturnValue:
    """Ask for which agency and of which kind."""
    use_frame(current="dang-soan")
    with the_house().start_reading() as work:
        agencies = [
            work.organisation.get_agency(post.agency_id)
            for post in current_actor().posts
            if post.role is Role.DESK_OFFICER
        ]
    return render_template("pages/new_draft.html", agencies=agencies, kinds=COMPOSABLE_KINDS)


@bp.post("/soan-moi")
@requires(Permission.DOCUMENT_DRAFT)
def create() -> ResponseReturnValue:
    """Open an empty draft."""
    document_id = use_cases().create_draft(
        current_actor(),
        AgencyId(request.form.get("agency", "")),
        DocumentKind(request.form.get("kind", "")),
    )
    return redirect(url_for("drafts.edit", document_id=document_id), 303)


@bp.get("/van-ban/<document_id>/soan")
@requires(Permission.DOCUMENT_EDIT)
def edit(document_id: str) -> ResponseReturnValue:
    """Show the draft to its drafter; anybody else sees the document's page."""
    view = _view(document_id)
    if _find_task(view) is None:
        return redirect(url_for("documents.show", document_id=document_id), 303)
    return _show(view, DraftForm.of(view.document.content, view.document.version))


@bp.post("/van-ban/<document_id>/soan")
@requires(Permission.DOCUMENT_EDIT)
def save(document_id: str) -> ResponseReturnValue:
    """Keep the draft, or submit it for review."""
    form = DraftForm(request.form)
    view = _view(document_id)
    is_submitted = request.form.get("act") == "trinh"
    try:
        if is_submitted:
            _submit(view, form)
        else:
            _save(view, form)
    except FORM_ERRORS as error:
        return _show_error(view, form, error)
    if is_submitted:
        flash(gettext("Đã trình duyệt."), "good")
        return redirect(url_for("documents.show", document_id=document_id), 303)
    flash(gettext("Đã lưu dự thảo."), "good")
    return redirect(url_for("drafts.edit", document_id=document_id), 303)


@bp.post("/van-ban/<document_id>/soan/tu-luu")
@requires(Permission.DOCUMENT_EDIT)
def autosave(document_id: str) -> ResponseReturnValue:
    """Keep what has been typed so far; answer with the new version, or with what is wrong."""
    form = DraftForm(request.form)
    view = _view(document_id)
    try:
        version = _save(view, form)
    except FORM_ERRORS as error:
        status = status_of(error)
        log_error(error, status)
        return jsonify(text=typed_error_sentence(form, error)), status
    saved_at = show_time(the_house().clock.now())[-5:]
    return jsonify(version=version, text=gettext("Đã lưu lúc %(time)s", time=saved_at))


@bp.post("/van-ban/<document_id>/soan/xem-truoc")
@requires(Permission.DOCUMENT_EDIT)
def preview(document_id: str) -> ResponseReturnValue:
    """Give the page as it would be printed; nothing is stored."""
    form = DraftForm(request.form)
    view = _view(document_id)
    try:
        pdf = use_cases().preview_draft(
            view.document.id,
            form.content(view.document.content.kind),
            current_actor(),
            classification=form.degree,
        )
    except FORM_ERRORS as error:
        return Response(
            typed_error_sentence(form, error), status=422, content_type="text/plain; charset=utf-8"
        )
    return Response(pdf, content_type="application/pdf")


def show_draft(
    document_id: str, attachment_form: AttachmentForm, messages: list[str]
) -> ResponseReturnValue:
    """Return the draft's page with what the form of its files carries."""
    view = _view(document_id)
    if _find_task(view) is None:
        return redirect(url_for("documents.show", document_id=document_id), 303)
    form = DraftForm.of(view.document.content, view.document.version)
    return _show(view, form, messages, attachment_form)


def _view(document_id: str) -> DocumentView:
    return use_cases().view_document(DocumentId(document_id), current_actor())


def _find_task(view: DocumentView) -> TaskId | None:
    return next((task.task_id for task in view.tasks if task.rule == DRAFT_RULE), None)


def _save(view: DocumentView, form: DraftForm) -> int:
    return use_cases().save_draft(
        view.document.id,
        form.content(view.document.content.kind),
        current_actor(),
        seen_version=form.seen_version,
        classification=form.degree,
    )


def _submit(view: DocumentView, form: DraftForm) -> None:
    task_id = _find_task(view)
    if task_id is None:
        view.document.check_status(DocumentStatus.DRAFT)
        raise NotPermittedError("not the drafter", code=ErrorCode.TASK_NOT_YOURS)
    use_cases().submit_draft(
        task_id,
        form.content(view.document.content.kind),
        current_actor(),
        seen_version=form.seen_version,
        classification=form.degree,
    )


def _show_error(view: DocumentView, form: DraftForm, error: TrinhKyError) -> ResponseReturnValue:
    """Show the form again with what was typed; a document that moved on has its own page."""
    is_changed = error.code is ErrorCode.DOCUMENT_CHANGED
    if isinstance(error, ConflictError) and not is_changed:
        raise error
    messages, status = note_refusal(form, error)
    if is_changed:
        # Saving again overwrites on purpose: the reader has been told.
        form.version.data = str(view.document.version)
        messages = [
            gettext(
                "Có người vừa lưu một bản khác. Nội dung bạn nhập vẫn ở dưới đây; bấm Lưu lần nữa "
                "để thay bản kia."
            )
        ]
    return _show(view, form, messages), status


def _show(
    view: DocumentView,
    form: DraftForm,
    messages: list[str] | None = None,
    attachment_form: AttachmentForm | None = None,
) -> str:
    use_frame(current="dang-soan")
    document = view.document
    day = local(the_house().clock.now()).date()
    with the_house().start_reading() as work:
        # Every signatory is offered: the field may be changed before it is saved, and whoever
        # may not sign in it is refused by name.
        form.offer(
            list_signatories(work, document.agency_id, document.content.kind, day),
            list_fields(work, document.agency_id, day),
        )
        groups = group_recipients(work, document.agency_id, day)
    task = next((each for each in view.tasks if each.rule == DRAFT_RULE), None)
    return render_template(
        "pages/draft.html",
        view=view,
        form=form,
        messages=messages or [],
        groups=groups,
        is_invitation=document.content.kind == GIAY_MOI,
        returned_reason=task.returned_reason if task else "",
        attachment_form=attachment_form or AttachmentForm(),
        max_attachments=MAX_ATTACHMENTS,
    )
