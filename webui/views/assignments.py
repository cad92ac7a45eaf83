"""Give assignments, act on them, and show what became of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from engine.assignment_rules import may_give, one_lead
from engine.clock import local
from engine.errors import ConflictError, InvalidInputError, NotPermittedError
from engine.model.assignment import (
    CLOSED_STATES,
    AssignmentId,
    ExtensionId,
    Source,
    SourceKind,
    Standing,
)
from engine.model.document import DocumentId
from engine.permissions import Permission
from engine.ports_direction import Part
from webui import direction_words
from webui.assignment_forms import (
    DecisionForm,
    DoneForm,
    ExtensionForm,
    GiveForm,
    LeadForm,
    NoteForm,
    ProgressForm,
    list_parties,
    list_trackers,
    read_party,
)
from webui.flows import list_coming, read_flow
from webui.forms import ReasonForm, note_refusal
from webui.i18n import gettext
from webui.login import current_actor, requires, the_house, use_cases
from webui.shell import use_frame
from workflows.direction.view_assignment import AssignmentView

bp = Blueprint("assignments", __name__)

#: What is shown beside the form, with everything still open.
FORM_ERRORS = (InvalidInputError, ConflictError, NotPermittedError)
#: Several forms stand on one page: each has names of its own.
PROGRESS, EXTENSION, DECISION, LEAD, PART, CANCEL = (
    "tien-do-",
    "gia-han-",
    "quyet-dinh-",
    "chu-tri-",
    "phoi-hop-",
    "huy-",
)


@dataclass
class Forms:
    """Hold the forms of an assignment's page; one may carry the errors of the last try."""

    reason: Form = field(default_factory=ReasonForm)
    back: Form = field(default_factory=lambda: ReasonForm(prefix=CANCEL))
    progress: Form = field(default_factory=lambda: ProgressForm(prefix=PROGRESS))
    done: Form = field(default_factory=DoneForm)
    extension: Form = field(default_factory=lambda: ExtensionForm(prefix=EXTENSION))
    decision: Form = field(default_factory=lambda: DecisionForm(prefix=DECISION))
    note: Form = field(default_factory=NoteForm)
    lead: LeadForm = field(default_factory=lambda: LeadForm(prefix=LEAD))
    part: Form = field(default_factory=lambda: DoneForm(prefix=PART))
    messages: list[str] = field(default_factory=list)

    def filled(self) -> list[Form]:
        """Return the forms that carry errors."""
        forms = (value for name, value in vars(self).items() if name != "messages")
        return [form for form in forms if form.errors]


@bp.get("/nhiem-vu")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """List the assignments the person has a part in, one page at a time."""
    use_frame(current="assignments")
    actor = current_actor()
    part = _part(request.args.get("phan", ""))
    standing = _standing(request.args.get("tinh-trang", ""))
    page = use_cases().view_assignment.index(
        actor, part, standing=standing, cursor=request.args.get("sau", "")
    )
    chosen: dict[str, Any] = {
        "phan": part.value,
        "tinh-trang": standing.value if standing else "",
    }
    return render_template(
        "pages/assignments.html",
        rows=page.rows,
        part=part,
        standing=standing,
        may_give=may_give(actor),
        direction_words=direction_words,
        next_url=url_for("assignments.index", sau=page.next_cursor, **chosen)
        if page.next_cursor
        else None,
    )


@bp.get("/nhiem-vu/giao")
@requires(Permission.ASSIGNMENT_GIVE)
def choose() -> ResponseReturnValue:
    """Ask what is to be done, by whom, and by when."""
    return _show_give(GiveForm(), [])


@bp.post("/nhiem-vu/giao")
@requires(Permission.ASSIGNMENT_GIVE)
def give() -> ResponseReturnValue:
    """Give the assignment."""
    form = GiveForm(request.form)
    if form.errors:
        return _show_give(form, []), HTTPStatus.UNPROCESSABLE_ENTITY
    house = the_house()
    try:
        with house.start_reading() as work:
            calendar = work.processes.calendar
        order = form.order(
            request.form.getlist("lead"),
            today=local(house.clock.now()).date(),
            calendar=calendar,
            source=_source(),
            parent_id=request.values.get("parent", ""),
        )
        assignment_id = use_cases().give_assignment(current_actor(), order)
    except FORM_ERRORS as error:
        messages, status = note_refusal(form, error)
        return _show_give(form, messages), status
    flash(gettext("Đã giao nhiệm vụ; nơi chủ trì thấy ngay."), "good")
    return redirect(url_for("assignments.show", assignment_id=assignment_id), 303)


@bp.get("/nhiem-vu/<assignment_id>")
@requires(Permission.ASSIGNMENT_VIEW)
def show(assignment_id: str) -> ResponseReturnValue:
    """Show an assignment: how it stands, what is to be done, what was reported."""
    return _show(assignment_id, Forms())


@bp.get("/nhiem-vu/<assignment_id>/so-do")
@requires(Permission.ASSIGNMENT_VIEW)
def diagram(assignment_id: str) -> ResponseReturnValue:
    """Give the flow and how far the assignment has come in it."""
    return jsonify(read_flow(_view(assignment_id).instance_id))


@bp.get("/nhiem-vu/<assignment_id>/nhat-ky")
@requires(Permission.ASSIGNMENT_VIEW)
def trail(assignment_id: str) -> ResponseReturnValue:
    """Show every act on the assignment, as it is on record."""
    use_frame(current="assignments")
    return render_template(
        "pages/assignment_trail.html",
        view=_view(assignment_id),
        leaves=use_cases().view_assignment.trail(AssignmentId(assignment_id), current_actor()),
        direction_words=direction_words,
    )


@bp.post("/nhiem-vu/<assignment_id>/nhan")
@requires(Permission.TASK_COMPLETE)
def accept(assignment_id: str) -> ResponseReturnValue:
    """Take the assignment on."""
    use_cases().accept_assignment(AssignmentId(assignment_id), current_actor())
    flash(gettext("Đã nhận nhiệm vụ."), "good")
    return redirect(url_for("assignments.show", assignment_id=assignment_id), 303)


@bp.post("/nhiem-vu/<assignment_id>/tra-lai")
@requires(Permission.TASK_COMPLETE)
def send_back(assignment_id: str) -> ResponseReturnValue:
    """Return the assignment with a reason."""
    form = ReasonForm(request.form)
    return _act(
        assignment_id,
        Forms(reason=form),
        form,
        lambda: use_cases().return_assignment(
            AssignmentId(assignment_id), current_actor(), form.reason.data or ""
        ),
        gettext("Đã trả lại người giao."),
    )


@bp.post("/nhiem-vu/<assignment_id>/tien-do")
@requires(Permission.TASK_COMPLETE)
def report(assignment_id: str) -> ResponseReturnValue:
    """Report how far it is."""
    form = ProgressForm(request.form, prefix=PROGRESS)

    def act() -> None:
        if form.percent.data is None:
            raise InvalidInputError("no percentage", field="percent")
        use_cases().report_progress(
            AssignmentId(assignment_id),
            current_actor(),
            form.report.data or "",
            percent=form.percent.data,
            evidence=form.evidence.data or "",
        )

    forms = Forms(progress=form)
    return _act(assignment_id, forms, form, act, gettext("Đã gửi báo cáo tiến độ."))


@bp.post("/nhiem-vu/<assignment_id>/hoan-thanh")
@requires(Permission.TASK_COMPLETE)
def finish(assignment_id: str) -> ResponseReturnValue:
    """Report that it is done."""
    form = DoneForm(request.form)
    return _act(
        assignment_id,
        Forms(done=form),
        form,
        lambda: use_cases().report_completion(
            AssignmentId(assignment_id),
            current_actor(),
            form.report.data or "",
            evidence=form.evidence.data or "",
        ),
        gettext("Đã báo cáo hoàn thành, chờ người giao xác nhận."),
    )


@bp.post("/nhiem-vu/<assignment_id>/phoi-hop")
@requires(Permission.TASK_COMPLETE)
def contribute(assignment_id: str) -> ResponseReturnValue:
    """Say what was contributed."""
    form = DoneForm(request.form, prefix=PART)
    return _act(
        assignment_id,
        Forms(part=form),
        form,
        lambda: use_cases().contribute(
            AssignmentId(assignment_id),
            current_actor(),
            form.report.data or "",
            evidence=form.evidence.data or "",
        ),
        gettext("Đã gửi phần phối hợp."),
    )


@bp.post("/nhiem-vu/<assignment_id>/gia-han")
@requires(Permission.TASK_COMPLETE)
def ask_extension(assignment_id: str) -> ResponseReturnValue:
    """Ask for more time."""
    form = ExtensionForm(request.form, prefix=EXTENSION)

    def act() -> None:
        if form.new_due_on.data is None:
            raise InvalidInputError("no day", field="new_due_on")
        use_cases().ask_extension(
            AssignmentId(assignment_id),
            current_actor(),
            form.reason.data or "",
            new_due_on=form.new_due_on.data,
        )

    forms = Forms(extension=form)
    return _act(assignment_id, forms, form, act, gettext("Đã gửi đề nghị gia hạn."))


@bp.post("/nhiem-vu/<assignment_id>/gia-han/<extension_id>")
@requires(Permission.TASK_COMPLETE)
def decide_extension(assignment_id: str, extension_id: str) -> ResponseReturnValue:
    """Grant more time, or refuse it."""
    form = DecisionForm(request.form, prefix=DECISION)
    return _act(
        assignment_id,
        Forms(decision=form),
        form,
        lambda: use_cases().decide_extension(
            ExtensionId(extension_id),
            current_actor(),
            granted=request.form.get("granted") == "yes",
            due_on=form.due_on.data,
            note=form.decision.data or "",
        ),
        gettext("Đã quyết định đề nghị gia hạn."),
    )


@bp.post("/nhiem-vu/<assignment_id>/xac-nhan")
@requires(Permission.TASK_COMPLETE)
def confirm(assignment_id: str) -> ResponseReturnValue:
    """Confirm that it is done."""
    form = NoteForm(request.form)
    return _act(
        assignment_id,
        Forms(note=form),
        form,
        lambda: use_cases().confirm_completion(
            AssignmentId(assignment_id), current_actor(), form.decision.data or ""
        ),
        gettext("Đã xác nhận nhiệm vụ hoàn thành."),
    )


@bp.post("/nhiem-vu/<assignment_id>/lam-tiep")
@requires(Permission.TASK_COMPLETE)
def reopen(assignment_id: str) -> ResponseReturnValue:
    """Send the assignment back to its lead."""
    form = ReasonForm(request.form)
    return _act(
        assignment_id,
        Forms(reason=form),
        form,
        lambda: use_cases().reopen_assignment(
            AssignmentId(assignment_id), current_actor(), form.reason.data or ""
        ),
        gettext("Đã chuyển lại nơi chủ trì."),
    )


@bp.post("/nhiem-vu/<assignment_id>/doi-chu-tri")
@requires(Permission.TASK_COMPLETE)
def reassign(assignment_id: str) -> ResponseReturnValue:
    """Give it to another lead."""
    form = LeadForm(request.form, prefix=LEAD)

    def act() -> None:
        leads = [read_party(each, "lead") for each in request.form.getlist(form.lead.name) if each]
        use_cases().reassign(
            AssignmentId(assignment_id), current_actor(), one_lead(leads), form.reason.data or ""
        )

    return _act(assignment_id, Forms(lead=form), form, act, gettext("Đã đổi nơi chủ trì."))


@bp.post("/nhiem-vu/<assignment_id>/huy")
@requires(Permission.TASK_COMPLETE)
def cancel(assignment_id: str) -> ResponseReturnValue:
    """Cancel the assignment."""
    form = ReasonForm(request.form, prefix=CANCEL)
    return _act(
        assignment_id,
        Forms(back=form),
        form,
        lambda: use_cases().cancel_assignment(
            AssignmentId(assignment_id), current_actor(), form.reason.data or ""
        ),
        gettext("Đã hủy nhiệm vụ."),
    )


@bp.post("/nhiem-vu/<assignment_id>/don-doc")
@requires(Permission.TASK_COMPLETE)
def urge(assignment_id: str) -> ResponseReturnValue:
    """Open the letter that urges the lead, filled in."""
    document_id = use_cases().draft_urging(AssignmentId(assignment_id), current_actor())
    flash(gettext("Đã lập dự thảo công văn đôn đốc."), "good")
    return redirect(url_for("drafts.edit", document_id=document_id), 303)


def _view(assignment_id: str) -> AssignmentView:
    return use_cases().view_assignment(AssignmentId(assignment_id), current_actor())


def _act(
    assignment_id: str, forms: Forms, form: Form, act: Callable[[], object], done: str
) -> ResponseReturnValue:
    """Call the use case and go on; what can be mended is shown beside the form."""
    if form.errors:
        # A day that is none is not a day left out.
        return _show(assignment_id, forms), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        act()
    except FORM_ERRORS as error:
        forms.messages, status = note_refusal(form, error)
        return _show(assignment_id, forms), status
    flash(done, "good")
    return redirect(url_for("assignments.show", assignment_id=assignment_id), 303)


def _show(assignment_id: str, forms: Forms) -> str:
    use_frame(current="assignments")
    view = _view(assignment_id)
    house = the_house()
    if view.is_assigner and view.assignment.state not in CLOSED_STATES:
        with house.start_reading() as work:
            parties = list_parties(work, current_actor(), local(house.clock.now()).date())
        forms.lead.lead.choices = {"": [("", gettext("Chọn nơi chủ trì"))], **parties}
    return render_template(
        "pages/assignment.html",
        view=view,
        forms=forms,
        direction_words=direction_words,
        # Of the levels that may lead only one ever does.
        coming=[each for each in list_coming(view.instance_id) if each.node_id == "confirm"],
    )


def _show_give(form: GiveForm, messages: list[str]) -> str:
    use_frame(current="assignments")
    house = the_house()
    today = local(house.clock.now()).date()
    with house.start_reading() as work:
        form.offer(
            list_parties(work, current_actor(), today),
            list_trackers(work, current_actor(), today),
        )
    parent_id = request.values.get("parent", "")
    source = _source()
    return render_template(
        "pages/assignment_give.html",
        form=form,
        messages=messages,
        today=today,
        hidden={
            "document": source.document_id or "",
            "parent": parent_id,
        },
        parent=_view(parent_id).assignment if parent_id else None,
        source=use_cases().view_document(source.document_id, current_actor()).document
        if source.document_id
        else None,
        direction_words=direction_words,
    )


def _source() -> Source:
    """Return what the order comes from, as the address or the form says."""
    document_id = request.values.get("document", "")
    if not document_id:
        return Source()
    return Source(kind=SourceKind.DOCUMENT, id=document_id, document_id=DocumentId(document_id))


def _part(text: str) -> Part:
    return Part(text) if text in list(Part) else Part.LED


def _standing(text: str) -> Standing | None:
    return Standing(text) if text in list(Standing) else None
