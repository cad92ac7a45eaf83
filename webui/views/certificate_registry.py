"""Show administrators every certificate, what needs looking at, and who has left."""

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.clock import local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.certification import CertificateState
from engine.model.organisation import PersonId, PostId
from engine.permissions import Permission
from engine.ports_certification import CertificateFilter
from engine.ports_signing import CertificateId
from webui.certificate_cases import CertificateCases
from webui.certificate_forms import LeaveForm, RevokeForm, ThresholdForm, read_reason
from webui.forms import note_refusal
from webui.i18n import gettext
from webui.login import current_actor, requires, the_house, use_cases
from webui.shell import use_frame

bp = Blueprint("certificate_registry", __name__)

#: Value of `loc` that asks for those whose holder serves no more.
LEAVERS = "roi-chuc-vu"


@bp.get("/quan-tri/chung-thu-so")
@requires(Permission.CERTIFICATE_ADMINISTER)
def index() -> ResponseReturnValue:
    """List the certificates of the installation, those that end first before the others."""
    return _page(ThresholdForm(), [])


@bp.post("/quan-tri/chung-thu-so/nhac")
@requires(Permission.CERTIFICATE_ADMINISTER)
def set_thresholds() -> ResponseReturnValue:
    """Change how many days before the end people are told."""
    form = ThresholdForm(request.form)
    try:
        _cases().set_thresholds(form.days(), current_actor())
    except InvalidInputError as error:
        messages, status = note_refusal(form, error)
        return _page(form, messages), status
    flash(gettext("Đã đổi số ngày nhắc."), "good")
    return redirect(url_for("certificate_registry.index"), 303)


@bp.get("/quan-tri/chung-thu-so/<certificate_id>/thu-hoi")
@requires(Permission.CERTIFICATE_REVOKE)
def ask_why(certificate_id: str) -> ResponseReturnValue:
    """Ask why a certificate is revoked for good."""
    return _revoking(certificate_id, RevokeForm(), [])


@bp.post("/quan-tri/chung-thu-so/<certificate_id>/thu-hoi")
@requires(Permission.CERTIFICATE_REVOKE)
def revoke(certificate_id: str) -> ResponseReturnValue:
    """Revoke a certificate at once and for good."""
    form = RevokeForm(request.form)
    try:
        reason = read_reason(form.reason.data or "", "reason")
        use_cases().revoke_certificate(CertificateId(certificate_id), current_actor(), reason)
    except InvalidInputError as error:
        messages, status = note_refusal(form, error)
        return _revoking(certificate_id, form, messages), status
    flash(gettext("Đã thu hồi; danh sách thu hồi mới đã được công bố."), "good")
    return redirect(url_for("certificate_registry.index"), 303)


@bp.get("/quan-tri/nguoi/<person_id>")
@requires(Permission.POST_END)
def person(person_id: str) -> ResponseReturnValue:
    """Show a person's posts and certificates."""
    return _person(person_id, LeaveForm(data={"suspend": True}), [])


@bp.post("/quan-tri/nguoi/<person_id>/chuc-vu/<post_id>")
@requires(Permission.POST_END)
def end_post(person_id: str, post_id: str) -> ResponseReturnValue:
    """Let a post end with a day."""
    form = LeaveForm(request.form)
    try:
        if form.until.data is None:
            raise InvalidInputError("no day", code=ErrorCode.INPUT_MISSING, field="until")
        stopped = _cases().end_post(
            PostId(post_id),
            form.until.data,
            current_actor(),
            reason=form.reason.data or "",
            suspend=bool(form.suspend.data),
        )
    except InvalidInputError as error:
        messages, status = note_refusal(form, error)
        return _person(person_id, form, messages), status
    done = gettext(
        "Đã ghi ngày kết thúc chức vụ; đã tạm dừng %(count)s chứng thư.", count=str(len(stopped))
    )
    if form.suspend.data and form.until.data >= local(the_house().clock.now()).date():
        done = gettext(
            "Đã ghi ngày kết thúc chức vụ; chứng thư sẽ bị tạm dừng khi ngày đó qua, nếu người "
            "này không còn chức vụ nào khác."
        )
    flash(done, "good")
    return redirect(url_for("certificate_registry.person", person_id=person_id), 303)


def _cases() -> CertificateCases:
    return use_cases().certificates


def _page(form: ThresholdForm, messages: list[str]) -> str:
    use_frame(current="certificate_registry")
    view = _cases().view.registry(_wanted(), current_actor(), cursor=request.args.get("sau", ""))
    if request.method == "GET":
        form.thresholds.data = " ".join(map(str, view.thresholds))
    asked = {name: request.args[name] for name in ("q", "loc", "ngay") if name in request.args}
    return render_template(
        "pages/certificate_registry.html",
        view=view,
        form=form,
        messages=messages,
        states=CertificateState,
        leavers=LEAVERS,
        asked=asked,
        next_url=_next_url(view.page.next_cursor, asked),
    )


def _next_url(cursor: str, asked: Mapping[str, str]) -> str | None:
    if not cursor:
        return None
    return url_for(
        "certificate_registry.index",
        sau=cursor,
        q=asked.get("q"),
        loc=asked.get("loc"),
        ngay=asked.get("ngay"),
    )


def _wanted() -> CertificateFilter:
    """Return what the address asks for; what it garbles narrows nothing."""
    chosen = request.args.get("loc", "")
    days = request.args.get("ngay", 0, type=int)
    before = the_house().clock.now() + timedelta(days=min(days, 10_000)) if days > 0 else None
    return CertificateFilter(
        text=request.args.get("q", "")[:200],
        state=CertificateState(chosen) if chosen in list(CertificateState) else None,
        expires_before=before,
        is_leaver=chosen == LEAVERS,
    )


def _revoking(certificate_id: str, form: RevokeForm, messages: list[str]) -> str:
    use_frame(current="certificate_registry")
    form.offer()
    return render_template(
        "pages/certificate_revoke.html",
        row=_cases().view.certificate(CertificateId(certificate_id), current_actor()),
        form=form,
        messages=messages,
    )


def _person(person_id: str, form: LeaveForm, messages: list[str]) -> str:
    use_frame(current="certificate_registry")
    return render_template(
        "pages/certificate_person.html",
        view=_cases().view.person(PersonId(person_id), current_actor()),
        form=form,
        messages=messages,
    )
