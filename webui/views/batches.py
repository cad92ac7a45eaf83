"""Sign many documents with one PIN: the list, the run, what became of each."""

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from engine.errors import ConflictError, ErrorCode, InvalidInputError, SigningError
from engine.model.batch import BatchId, BatchState, short_name
from engine.permissions import Permission
from engine.process.model import TaskId
from engine.queries import Basket
from webui import batch_words
from webui.error_texts import TEXTS
from webui.filenames import inline_name
from webui.forms import SignForm, note_refusal
from webui.i18n import gettext, say
from webui.limits import PIN_LIMIT, by_person, limiter
from webui.login import current_actor, polled, requires, the_house, use_cases
from webui.shell import use_frame

bp = Blueprint("batches", __name__)

POLL_SECONDS = 1
STAMP_POLL_SECONDS = 10
FORM_ERRORS = (InvalidInputError, SigningError, ConflictError)


def _was_refused(_response: Response) -> bool:
    """Tell whether the PIN was refused; the answer leads back to the page all the same."""
    return bool(g.get("batch_refused"))


@bp.get("/dot-ky")
@requires(Permission.TASK_COMPLETE)
def index() -> ResponseReturnValue:
    """List the person's own batches, newest first."""
    use_frame(current=Basket.TO_SIGN)
    now = the_house().clock.now()
    with the_house().start_reading() as work:
        batches = work.batches.list_recent(current_actor().person_id)
    return render_template(
        "pages/batches.html",
        rows=[(batch, short_name(batch.id), batch.is_interrupted(now)) for batch in batches],
        batch_words=batch_words,
    )


@bp.post("/dot-ky")
@requires(Permission.TASK_COMPLETE)
def begin() -> ResponseReturnValue:
    """Fix the list of what was ticked, and show it."""
    task_ids = [TaskId(each) for each in request.form.getlist("id")]
    if not task_ids:
        flash(say(TEXTS[ErrorCode.BATCH_EMPTY].text), "wait")
        return _to_basket()
    batch_id = use_cases().begin_batch(task_ids, current_actor())
    return redirect(url_for("batches.show", batch_id=batch_id), 303)


@bp.get("/dot-ky/<batch_id>")
@requires(Permission.BATCH_SIGN)
def show(batch_id: str) -> ResponseReturnValue:
    """Show the list with the field for the PIN, or how far the run has come."""
    use_frame(current=Basket.TO_SIGN)
    return render_template("pages/batch.html", **_values(batch_id))


@bp.get("/dot-ky/<batch_id>/tien-do")
@requires(Permission.BATCH_SIGN)
@polled
def progress(batch_id: str) -> ResponseReturnValue:
    """Give what changes while the run works; at its end the whole page is loaded anew."""
    values = _values(batch_id)
    answer = make_response(render_template("fragments/batch.html", **values))
    if not values["poll_seconds"]:
        # What waits in the baskets has changed as well, and so has what can be done here.
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.get("/dot-ky/<batch_id>/bang-ke.pdf")
@requires(Permission.BATCH_SIGN)
def manifest(batch_id: str) -> ResponseReturnValue:
    """Give the signed list."""
    batch, content = use_cases().view_batch.manifest(BatchId(batch_id), current_actor())
    response = Response(content, content_type="application/pdf")
    title = gettext("Bảng kê ký số")
    name = inline_name(f"{title} {short_name(batch.id)}.pdf")
    response.headers["Content-Disposition"] = name
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(batch.manifest)
    return response.make_conditional(request)


@bp.post("/dot-ky/<batch_id>/ky")
@requires(Permission.BATCH_SIGN)
@limiter.limit(PIN_LIMIT, key_func=by_person, deduct_when=_was_refused)
def sign(batch_id: str) -> ResponseReturnValue:
    """Take the PIN and begin the run, or go on with it; the PIN is kept nowhere.

    A refusal leads back to the page as well: loading that again sends no PIN a second time.
    """
    form = SignForm(request.form)
    try:
        the_house().batches.start(
            BatchId(batch_id),
            current_actor(),
            form.pin.data or "",
            retry_failed=request.form.get("retry") == "1",
        )
    except FORM_ERRORS as error:
        messages, status = note_refusal(form, error)
        g.batch_refused = status == 422
        flash(" ".join([*form.pin.errors, *messages]), "bad")
    return redirect(url_for("batches.show", batch_id=batch_id), 303)


@bp.post("/dot-ky/<batch_id>/dung")
@requires(Permission.BATCH_SIGN)
def pause(batch_id: str) -> ResponseReturnValue:
    """Stop a run after the document it is at; what is left waits for the PIN."""
    view = use_cases().view_batch(BatchId(batch_id), current_actor())
    the_house().batches.pause(view.batch.id)
    flash(gettext("Đợt ký dừng sau văn bản đang ký; phần còn lại chờ ký tiếp."), "info")
    return redirect(url_for("batches.show", batch_id=batch_id), 303)


@bp.post("/dot-ky/<batch_id>/ket-thuc")
@requires(Permission.BATCH_SIGN)
def end(batch_id: str) -> ResponseReturnValue:
    """End a batch that will not be run to its end; what is unsigned is free again."""
    use_cases().end_batch(BatchId(batch_id), current_actor())
    flash(gettext("Đã kết thúc đợt ký. Văn bản chưa ký vẫn ở danh sách chờ ký."), "good")
    if request.form.get("from") == "list":
        return _to_basket()
    return redirect(url_for("batches.show", batch_id=batch_id), 303)


def _to_basket() -> ResponseReturnValue:
    return redirect(url_for("work.basket", basket=Basket.TO_SIGN.value), 303)


def _values(batch_id: str) -> dict[str, object]:
    view = use_cases().view_batch(BatchId(batch_id), current_actor())
    poll_seconds = 0
    if view.is_running:
        poll_seconds = POLL_SECONDS
    elif view.batch.state is BatchState.AWAITING_STAMP:
        poll_seconds = STAMP_POLL_SECONDS
    return {
        "view": view,
        "form": SignForm(),
        "number": short_name(view.batch.id),
        "batch_words": batch_words,
        "poll_seconds": poll_seconds,
    }
