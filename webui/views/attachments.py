"""Put files beside a draft, and give them to whoever may read the document."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import InvalidInputError
from engine.model.attachment import AttachmentId
from engine.model.document import DocumentId
from engine.permissions import Permission
from webui.copy_forms import AttachmentForm
from webui.filenames import inline_name
from webui.forms import note_refusal
from webui.i18n import gettext
from webui.limits import UPLOAD_LIMIT, by_person, limiter
from webui.login import current_actor, requires, use_cases
from webui.uploads import read_upload
from webui.views.drafts import show_draft

bp = Blueprint("attachments", __name__)


@bp.post("/van-ban/<document_id>/dinh-kem")
@requires(Permission.DOCUMENT_EDIT)
@limiter.limit(UPLOAD_LIMIT, key_func=by_person)
def add(document_id: str) -> ResponseReturnValue:
    """Add a file to the draft; what is wrong with it is shown beside the form."""
    form = AttachmentForm(request.form)
    try:
        use_cases().add_attachment(
            DocumentId(document_id), form.title.data or "", read_upload(), current_actor()
        )
    except InvalidInputError as error:
        messages, status = note_refusal(form, error)
        page = show_draft(document_id, form, messages)
        return (page, status) if isinstance(page, str) else page
    flash(gettext("Đã thêm tệp đính kèm."), "good")
    return _back(document_id)


@bp.post("/van-ban/<document_id>/dinh-kem/<attachment_id>/len")
@requires(Permission.DOCUMENT_EDIT)
def move_up(document_id: str, attachment_id: str) -> ResponseReturnValue:
    """Move a file one place up."""
    return _move(document_id, attachment_id, down=False)


@bp.post("/van-ban/<document_id>/dinh-kem/<attachment_id>/xuong")
@requires(Permission.DOCUMENT_EDIT)
def move_down(document_id: str, attachment_id: str) -> ResponseReturnValue:
    """Move a file one place down."""
    return _move(document_id, attachment_id, down=True)


@bp.post("/van-ban/<document_id>/dinh-kem/<attachment_id>/bo")
@requires(Permission.DOCUMENT_EDIT)
def remove(document_id: str, attachment_id: str) -> ResponseReturnValue:
    """Take a file away."""
    use_cases().remove_attachment(
        DocumentId(document_id), AttachmentId(attachment_id), current_actor()
    )
    flash(gettext("Đã bỏ tệp đính kèm."), "good")
    return _back(document_id)


@bp.get("/van-ban/<document_id>/dinh-kem/<attachment_id>.pdf")
@requires(Permission.DOCUMENT_VIEW)
def pdf(document_id: str, attachment_id: str) -> ResponseReturnValue:
    """Give the bytes; the address of an unchanged file is answered without them."""
    attachment, content = use_cases().read_attachment(
        DocumentId(document_id), AttachmentId(attachment_id), current_actor()
    )
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = inline_name(f"{attachment.title}.pdf")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(attachment.current_digest)
    return response.make_conditional(request)


def _move(document_id: str, attachment_id: str, *, down: bool) -> ResponseReturnValue:
    use_cases().move_attachment(
        DocumentId(document_id), AttachmentId(attachment_id), current_actor(), down=down
    )
    return _back(document_id)


def _back(document_id: str) -> ResponseReturnValue:
    return redirect(url_for("drafts.edit", document_id=document_id) + "#dinh-kem", 303)
