"""Show people their certificates, and what they asked for; let them act on it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from engine.errors import ErrorCode, InvalidInputError, SigningError, TrinhKyError
from engine.model.certification import ApplicationId, ApplicationKind
from engine.model.keys import KeyHome
from engine.model.organisation import AgencyId, PersonId
from engine.permissions import Permission
from engine.ports_signing import CertificateId
from engine.process.model import TaskId
from webui.certificate_cases import CertificateCases
from webui.certificate_forms import (
    MAX_CSR_BYTES,
    ApplyForm,
    CollectForm,
    PlanForm,
    SettleForm,
    StopForm,
)
from webui.flows import list_coming, read_flow
from webui.forms import OpinionForm, ReasonForm, note_refusal
from webui.i18n import gettext
from webui.limits import PIN_LIMIT, by_person, limiter, was_refused
from webui.login import current_actor, requires, use_cases
from webui.shell import use_frame
from workflows.certificates.collect_certificate import Collection
from workflows.certificates.view_certificates import ApplicationView

bp = Blueprint("certificates", __name__)

FORM_ERRORS = (InvalidInputError, SigningError)


@dataclass
class Forms:
    """Hold the forms of one application's page; one may carry the errors of the last try."""

    approve: Form = field(default_factory=OpinionForm)
    refuse: Form = field(default_factory=ReasonForm)
    withdraw: Form = field(default_factory=ReasonForm)
    plan: PlanForm = field(default_factory=PlanForm)
    collect: CollectForm = field(default_factory=CollectForm)
    settle: SettleForm = field(default_factory=SettleForm)
    messages: list[str] = field(default_factory=list)


@bp.get("/chung-thu-so")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """List one's own certificates, those of the seals one keeps, and what was asked for."""
    return _own(ApplyForm(), [])


@bp.post("/chung-thu-so/xin-cap")
@requires(Permission.CERTIFICATE_REQUEST)
def apply() -> ResponseReturnValue:
    """Ask for a certificate, of one's own or of an agency's seal."""
    form = ApplyForm(request.form)
    agency = request.form.get("agency", "")
    try:
        application_id = _cases().request(
            current_actor(), form.reason.data or "", seal_of=AgencyId(agency) if agency else None
        )
    except FORM_ERRORS as error:
        messages, status = note_refusal(form, error)
        return _own(form, messages), status
    flash(gettext("Đã gửi đề nghị đến lãnh đạo."), "good")
    return _to(application_id)


@bp.get("/chung-thu-so/<certificate_id>/tam-dung")
@requires(Permission.CERTIFICATE_STOP)
def ask_why(certificate_id: str) -> ResponseReturnValue:
    """Ask why a certificate is stopped."""
    return _stopping(certificate_id, StopForm(request.args), [])


@bp.post("/chung-thu-so/<certificate_id>/tam-dung")
@requires(Permission.CERTIFICATE_STOP)
def stop(certificate_id: str) -> ResponseReturnValue:
    """Take a certificate out of use at once."""
    form = StopForm(request.form)
    kind = ApplicationKind.REVOKE if form.for_good.data else ApplicationKind.SUSPEND
    try:
        application_id = _cases().suspend(
            CertificateId(certificate_id), current_actor(), form.reason.data or "", kind=kind
        )
    except FORM_ERRORS as error:
        messages, status = note_refusal(form, error)
        return _stopping(certificate_id, form, messages), status
    flash(gettext("Chứng thư đã bị tạm dừng; không ai ký được bằng chứng thư này."), "good")
    return _to(application_id)


@bp.post("/chung-thu-so/<certificate_id>/mo-khoa/<person_id>")
@requires(Permission.PIN_RELEASE)
def release(certificate_id: str, person_id: str) -> ResponseReturnValue:
    """Let somebody whose PIN is locked try again."""
    _cases().release_pin(CertificateId(certificate_id), PersonId(person_id), current_actor())
    flash(gettext("Đã mở khóa mã PIN."), "good")
    home = "certificate_registry.index" if request.form.get("from") == "registry" else ".index"
    return redirect(url_for(home), 303)


@bp.get("/chung-thu-so/de-nghi/<application_id>")
@requires(Permission.APPLICATION_VIEW)
def application(application_id: str) -> ResponseReturnValue:
    """Show an application with its steps, and what the reader can do."""
    return _page(application_id, Forms())


@bp.get("/chung-thu-so/de-nghi/<application_id>/so-do")
@requires(Permission.APPLICATION_VIEW)
def diagram(application_id: str) -> ResponseReturnValue:
    """Give the flow and how far the application has come in it."""
    return jsonify(read_flow(_view(application_id).instance_id))


@bp.post("/chung-thu-so/de-nghi/<application_id>/viec/<task_id>/duyet")
@requires(Permission.TASK_COMPLETE)
def approve(application_id: str, task_id: str) -> ResponseReturnValue:
    """Approve as a leader."""
    form = OpinionForm(request.form)
    return _act(
        application_id,
        Forms(approve=form),
        form,
        lambda: _cases().approve(TaskId(task_id), current_actor(), form.comment.data or ""),
        gettext("Đã duyệt đề nghị."),
    )


@bp.post("/chung-thu-so/de-nghi/<application_id>/viec/<task_id>/cho-cap")
@requires(Permission.TASK_COMPLETE)
def allow(application_id: str, task_id: str) -> ResponseReturnValue:
    """Allow the certificate as an administrator."""
    form = PlanForm(request.form)
    return _act(
        application_id,
        Forms(plan=form),
        form,
        lambda: _cases().allow(TaskId(task_id), current_actor(), form.plan()),
        gettext("Đã cho cấp; người đề nghị nhận chứng thư ở danh sách việc của mình."),
    )


@bp.post("/chung-thu-so/de-nghi/<application_id>/viec/<task_id>/tu-choi")
@requires(Permission.TASK_COMPLETE)
def refuse(application_id: str, task_id: str) -> ResponseReturnValue:
    """Refuse, as whoever has to decide."""
    form = ReasonForm(request.form)
    return _act(
        application_id,
        Forms(refuse=form),
        form,
        lambda: _cases().refuse(TaskId(task_id), current_actor(), form.reason.data or ""),
        gettext("Đã từ chối đề nghị."),
    )


@bp.post("/chung-thu-so/de-nghi/<application_id>/viec/<task_id>/nhan")
@requires(Permission.TASK_COMPLETE)
@limiter.limit(PIN_LIMIT, key_func=by_person, deduct_when=was_refused)
def collect(application_id: str, task_id: str) -> ResponseReturnValue:
    """Take the certificate into use; the PIN passes through and is kept nowhere."""
    form = CollectForm(request.form)
    return _act(
        application_id,
        Forms(collect=form),
        form,
        lambda: _cases().collect(TaskId(task_id), current_actor(), _collection(form)),
        gettext("Chứng thư đã sẵn sàng để ký."),
    )


@bp.post("/chung-thu-so/de-nghi/<application_id>/viec/<task_id>/ket-luan")
@requires(Permission.TASK_COMPLETE)
def settle(application_id: str, task_id: str) -> ResponseReturnValue:
    """Let a suspended certificate be used again, or revoke it for good."""
    form = SettleForm(request.form)
    return _act(
        application_id,
        Forms(settle=form),
        form,
        lambda: _cases().settle(
            TaskId(task_id),
            current_actor(),
            revoke_for=form.revoke_for(),
            comment=form.comment.data or "",
        ),
        gettext("Đã kết luận."),
    )


@bp.post("/chung-thu-so/de-nghi/<application_id>/rut")
@requires(Permission.APPLICATION_VIEW)
def withdraw(application_id: str) -> ResponseReturnValue:
    """Withdraw an application."""
    form = ReasonForm(request.form)
    return _act(
        application_id,
        Forms(withdraw=form),
        form,
        lambda: _cases().withdraw(
            ApplicationId(application_id), current_actor(), form.reason.data or ""
        ),
        gettext("Đã rút đề nghị."),
    )


def _cases() -> CertificateCases:
    return use_cases().certificates


def _view(application_id: str) -> ApplicationView:
    return _cases().view.application(ApplicationId(application_id), current_actor())


def _to(application_id: str) -> ResponseReturnValue:
    return redirect(url_for("certificates.application", application_id=application_id), 303)


def _own(form: ApplyForm, messages: list[str]) -> str:
    use_frame(current="certificates")
    return render_template(
        "pages/certificates.html",
        view=_cases().view(current_actor()),
        person=current_actor(),
        form=form,
        messages=messages,
    )


def _stopping(certificate_id: str, form: StopForm, messages: list[str]) -> str:
    use_frame(current="certificates")
    return render_template(
        "pages/certificate_stop.html",
        row=_cases().view.certificate(CertificateId(certificate_id), current_actor()),
        form=form,
        messages=messages,
    )


def _collection(form: CollectForm) -> Collection:
    """Return what the holder gave.

    Raises:
        InvalidInputError: a file that is too long for a request.
    """
    upload = request.files.get("csr")
    content = upload.read(MAX_CSR_BYTES + 1) if upload else b""
    content = content or (form.csr_text.data or "").strip().encode()
    if len(content) > MAX_CSR_BYTES:
        raise InvalidInputError(
            "request is too long",
            code=ErrorCode.INPUT_TOO_LONG,
            field="csr",
            max_chars=str(MAX_CSR_BYTES),
        )
    return Collection(pin=form.pin.data or "", pin_again=form.pin_again.data or "", csr=content)


def _act(
    application_id: str, forms: Forms, form: Form, act: Callable[[], object], done: str
) -> ResponseReturnValue:
    """Call the use case and go on; what can be mended is shown beside the form."""
    try:
        act()
    except FORM_ERRORS as error:
        return _show_again(application_id, forms, form, error)
    flash(done, "good")
    return _to(application_id)


def _show_again(
    application_id: str, forms: Forms, form: Form, error: TrinhKyError
) -> ResponseReturnValue:
    forms.messages, status = note_refusal(form, error)
    return _page(application_id, forms), status


def _page(application_id: str, forms: Forms) -> str:
    view = _view(application_id)
    use_frame(current="certificates")
    forms.plan.offer(_cases().allow.homes)
    forms.settle.offer()
    return render_template(
        "pages/certificate_application.html",
        view=view,
        forms=forms,
        coming=list_coming(view.instance_id) if view.application.is_open else (),
        homes=KeyHome,
    )
