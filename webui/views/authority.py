"""Let an administrator keep the table of who signs what, and the fields of work."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from engine.errors import ConflictError, InvalidInputError
from engine.model.organisation import AgencyId
from engine.permissions import Permission
from webui import authority_words
from webui.authority_cases import AuthorityCases
from webui.authority_forms import AuthorityAddForm, AuthorityEndForm, FieldForm
from webui.forms import note_refusal
from webui.i18n import gettext
from webui.login import current_actor, requires, use_cases
from webui.shell import use_frame

bp = Blueprint("authority", __name__)

FORM_ERRORS = (InvalidInputError, ConflictError)


@bp.get("/quan-tri/tham-quyen-ky")
@requires(Permission.AUTHORITY_ADMINISTER)
def index() -> ResponseReturnValue:
    """Show the rights to sign of an agency."""
    return _page(request.args.get("co_quan", ""))


@bp.post("/quan-tri/tham-quyen-ky/<agency_id>")
@requires(Permission.AUTHORITY_ADMINISTER)
def add(agency_id: str) -> ResponseReturnValue:
    """Record a right to sign."""
    form = AuthorityAddForm(request.form)
    try:
        _cases().add_authority(form.terms(), current_actor())
    except FORM_ERRORS as error:
        messages, status = note_refusal(form, error)
        return _page(agency_id, adding=form, messages=messages), status
    flash(gettext("Đã ghi thẩm quyền ký."), "good")
    return _back(agency_id)


@bp.post("/quan-tri/tham-quyen-ky/<agency_id>/cham-dut/<authority_id>")
@requires(Permission.AUTHORITY_ADMINISTER)
def end(agency_id: str, authority_id: str) -> ResponseReturnValue:
    """Let a right to sign end with a day."""
    form = _end_form(authority_id, request.form)
    try:
        _cases().end_authority(authority_id, form.day(), current_actor())
    except FORM_ERRORS as error:
        messages, status = note_refusal(form, error)
        return _page(agency_id, ending=(authority_id, form), messages=messages), status
    flash(gettext("Đã ghi ngày kết thúc thẩm quyền ký."), "good")
    return _back(agency_id)


@bp.post("/quan-tri/tham-quyen-ky/<agency_id>/linh-vuc")
@requires(Permission.AUTHORITY_ADMINISTER)
def add_field(agency_id: str) -> ResponseReturnValue:
    """Add a field of work."""
    form = FieldForm(request.form)
    try:
        _cases().add_field(AgencyId(agency_id), form.name.data or "", current_actor())
    except FORM_ERRORS as error:
        messages, status = note_refusal(form, error)
        return _page(agency_id, field_form=form, messages=messages), status
    flash(gettext("Đã thêm lĩnh vực."), "good")
    return _back(agency_id)


def _cases() -> AuthorityCases:
    return use_cases().authority


def _back(agency_id: str) -> ResponseReturnValue:
    return redirect(url_for("authority.index", co_quan=agency_id), 303)


def _end_form(authority_id: str, typed: MultiDict[str, str] | None = None) -> AuthorityEndForm:
    """Return the form of one row; each has names of its own on the page."""
    return AuthorityEndForm(typed, prefix=f"{authority_id}-")


def _page(
    agency_id: str,
    *,
    adding: AuthorityAddForm | None = None,
    ending: tuple[str, AuthorityEndForm] | None = None,
    field_form: FieldForm | None = None,
    messages: list[str] | None = None,
) -> str:
    """Return the page of an agency, with the one form that was refused, if any."""
    use_frame(current="authority")
    table = _cases().view_authority(AgencyId(agency_id) if agency_id else None, current_actor())
    form = adding or AuthorityAddForm(data={"since": table.day})
    form.offer(
        [(post.id, f"{name} — {post.title}") for post, name in table.posts],
        [(field.id, field.name) for field in table.fields],
    )
    return render_template(
        "pages/authority.html",
        table=table,
        form=form,
        end_forms={
            row.authority.id: _end_form(row.authority.id) for row in table.rows if row.is_in_force
        }
        | dict([ending] if ending else []),
        refused=adding or (ending[1] if ending else field_form),
        field_form=field_form or FieldForm(),
        messages=messages or [],
        authority_words=authority_words,
    )
