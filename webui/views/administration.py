"""Show an administrator what is stuck, each with its reason."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.model.notice import MailId
from engine.permissions import Permission
from webui import archive_words
from webui.i18n import gettext
from webui.login import current_actor, requires, the_house, use_cases
from webui.shell import use_frame

bp = Blueprint("administration", __name__)


@bp.get("/quan-tri")
@requires(Permission.INSTALLATION_VIEW)
def stuck() -> ResponseReturnValue:
    """List failed jobs, signings that never ended and recipients that are silent."""
    use_frame(current="administration")
    house = the_house()
    with house.start_reading() as work:
        rows = work.queries.list_stuck(house.clock.now())
    attention = use_cases().certificates.view.attention(current_actor())
    return render_template(
        "pages/administration.html",
        rows=rows,
        attention=attention,
        archive_words=archive_words,
    )


@bp.post("/quan-tri/thu-lai")
@requires(Permission.INSTALLATION_VIEW)
def retry() -> ResponseReturnValue:
    """Let a stuck job, or a mail that keeps failing, try again."""
    key = request.form.get("key", "")
    if request.form.get("kind") == "mail":
        use_cases().notices.retry_mail(MailId(key), current_actor())
    else:
        use_cases().retry_job(key, current_actor())
    flash(gettext("Đang thử lại."), "good")
    return redirect(url_for("administration.stuck"), 303)
