"""Judge a file somebody brings; nothing of it is kept."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.errors import ErrorCode, InvalidInputError
from engine.permissions import Permission
from webui.forms import UploadForm, note_refusal
from webui.limits import UPLOAD_LIMIT, by_person, limiter
from webui.login import current_actor, requires, use_cases
from webui.shell import use_frame

bp = Blueprint("verification", __name__)


@bp.get("/kiem-tra")
@requires(Permission.FILE_VERIFY)
def form() -> ResponseReturnValue:
    """Ask for a file."""
    use_frame(current="verify")
    return render_template("pages/verify.html", form=UploadForm(), report=None)


@bp.post("/kiem-tra")
@requires(Permission.FILE_VERIFY)
@limiter.limit(UPLOAD_LIMIT, key_func=by_person)
def verify() -> ResponseReturnValue:
    """Show the verdict on the file and its reasons."""
    use_frame(current="verify")
    form = UploadForm(request.form)
    try:
        file = request.files.get("file")
        if file is None or not file.filename:
            raise InvalidInputError("no file", code=ErrorCode.INPUT_MISSING, field="file")
        report = use_cases().verify_file(file.read(), current_actor())
    except InvalidInputError as error:
        messages, status = note_refusal(form, error)
        return render_template("pages/verify.html", form=form, messages=messages), status
    return render_template("pages/verify.html", form=form, report=report, name=file.filename)
