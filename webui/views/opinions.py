"""Let people act beside the drawn way: ask and give opinions, hand over, take back."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from engine.errors import ConflictError, ErrorCode, InvalidInputError, TrinhKyError
from engine.model.delivery import DeliveryId
from engine.model.document import DocumentId
from engine.model.opinion import Opinion, OpinionId
from engine.model.organisation import PersonId
from engine.permissions import Permission
from engine.process.model import TaskId
from webui.ad_hoc import AdHocForms, AskForm, GiveForm, HandOverForm, TakeBackForm
from webui.forms import ReasonForm, note_refusal
from webui.i18n import gettext, show_time
from webui.login import current_actor, polled, requires, the_house, use_cases
from webui.shell import use_frame
from webui.views import arrivals, documents
from workflows.reading.view_ad_hoc import AdHocView
from workflows.reading.view_hand_over import HandOverView

bp = Blueprint("opinions", __name__)


@dataclass(frozen=True)
class _Subject:
    """Hold what the page is about: a document, or an arrival when there is one."""

    document_id: str = ""
    delivery_id: str = ""

    @property
    def url(self) -> str:
        if self.delivery_id:
            return url_for("arrivals.show", delivery_id=self.delivery_id)
        return url_for("documents.show", document_id=self.document_id)

    @property
    def here(self) -> dict[str, str]:
        if self.delivery_id:
            return {"delivery_id": self.delivery_id}
        return {"document_id": self.document_id}

    def view(self) -> AdHocView:
        """Return what goes on beside the way; refuses whoever may not know."""
        view = use_cases().view_ad_hoc
        if self.delivery_id:
            return view.delivery(DeliveryId(self.delivery_id), current_actor())
        return view.document(DocumentId(self.document_id), current_actor())

    def page(self, forms: AdHocForms, messages: list[str]) -> str:
        """Return the whole page with what was typed."""
        if self.delivery_id:
            return arrivals.show_page(
                self.delivery_id, arrivals.Forms(ad_hoc=forms, messages=messages)
            )
        return documents.show_page(
            self.document_id, documents.Forms(ad_hoc=forms, messages=messages)
        )


@bp.get("/van-ban/<document_id>/y-kien")
@bp.get("/van-ban-den/<delivery_id>/y-kien")
@requires(Permission.DOCUMENT_VIEW)
@polled
def show(document_id: str = "", delivery_id: str = "") -> ResponseReturnValue:
    """Give the questions and answers alone; the page asks again while one may come."""
    subject = _Subject(document_id, delivery_id)
    return render_template("fragments/opinions.html", ad_hoc=subject.view(), here=subject.here)


@bp.post("/van-ban/<document_id>/viec/<task_id>/xin-y-kien")
@bp.post("/van-ban-den/<delivery_id>/viec/<task_id>/xin-y-kien")
@requires(Permission.TASK_COMPLETE)
def ask(task_id: str, document_id: str = "", delivery_id: str = "") -> ResponseReturnValue:
    """Ask people and units for their opinion."""
    form = AskForm(request.form)

    def act() -> None:
        if form.due_on.errors:
            raise InvalidInputError("no such day", field="due_on")
        asked = use_cases().ask_opinion(
            TaskId(task_id),
            current_actor(),
            question=form.question.data or "",
            people=form.list_people(),
            units=form.list_units(),
            due_on=form.due_on.data,
            working_days=form.count_days(),
        )
        told = gettext(
            "Đã gửi câu hỏi đến %(count)s nơi; hạn trả lời %(due)s.",
            count=str(len(asked.opinion_ids)),
            due=show_time(asked.due_at),
        )
        flash(told, "good")
        if asked.is_after_task:
            flash(gettext("Hạn trả lời sau hạn của chính bước này."), "wait")

    return _act(_Subject(document_id, delivery_id), AdHocForms(ask=form), form, act)


@bp.post("/van-ban/<document_id>/viec/<task_id>/cho-y-kien")
@bp.post("/van-ban-den/<delivery_id>/viec/<task_id>/cho-y-kien")
@requires(Permission.TASK_COMPLETE)
def give(task_id: str, document_id: str = "", delivery_id: str = "") -> ResponseReturnValue:
    """Answer a question; an answer that comes too late is shown again, to be copied."""
    form = GiveForm(request.form)
    subject, forms = _Subject(document_id, delivery_id), AdHocForms(give=form)

    def act() -> None:
        view = form.chosen_view()
        if view is None:
            raise InvalidInputError("no view", code=ErrorCode.INPUT_MISSING, field="view")
        use_cases().give_opinion(
            TaskId(task_id), current_actor(), view=view, text=form.text.data or ""
        )
        flash(gettext("Đã gửi ý kiến."), "good")

    try:
        return _act(subject, forms, form, act)
    except ConflictError as error:
        if not form.text.data:
            raise
        forms.is_answer_lost = True
        return _show_again(subject, forms, form, error)


@bp.post("/van-ban/<document_id>/viec/<task_id>/rut-lai")
@bp.post("/van-ban-den/<delivery_id>/viec/<task_id>/rut-lai")
@requires(Permission.TASK_COMPLETE)
def take_back(task_id: str, document_id: str = "", delivery_id: str = "") -> ResponseReturnValue:
    """Take one's own last step back."""
    form = TakeBackForm(request.form)

    def act() -> None:
        use_cases().take_back(TaskId(task_id), current_actor(), form.comment.data or "")
        flash(gettext("Đã rút lại; việc trở về danh sách của bạn."), "good")

    return _act(_Subject(document_id, delivery_id), AdHocForms(take_back=form), form, act)


@bp.get("/van-ban/<document_id>/y-kien/<opinion_id>/rut")
@bp.get("/van-ban-den/<delivery_id>/y-kien/<opinion_id>/rut")
@requires(Permission.DOCUMENT_VIEW)
def ask_why(opinion_id: str, document_id: str = "", delivery_id: str = "") -> ResponseReturnValue:
    """Ask why a question is taken back."""
    return _withdrawal(_Subject(document_id, delivery_id), opinion_id, ReasonForm(), [])


@bp.post("/van-ban/<document_id>/y-kien/<opinion_id>/rut")
@bp.post("/van-ban-den/<delivery_id>/y-kien/<opinion_id>/rut")
@requires(Permission.TASK_COMPLETE)
def withdraw(opinion_id: str, document_id: str = "", delivery_id: str = "") -> ResponseReturnValue:
    """Take a question back."""
    form, subject = ReasonForm(request.form), _Subject(document_id, delivery_id)
    try:
        use_cases().withdraw_opinion(
            OpinionId(opinion_id), current_actor(), form.reason.data or ""
        )
    except InvalidInputError as error:
        messages, status = note_refusal(form, error)
        return _withdrawal(subject, opinion_id, form, messages), status
    flash(gettext("Đã rút câu hỏi."), "good")
    return redirect(subject.url, 303)


@bp.get("/viec/<task_id>/chuyen")
@requires(Permission.TASK_COMPLETE)
def choose_holder(task_id: str) -> ResponseReturnValue:
    """Ask who gets a task; for its holder, superiors and administrators."""
    view = use_cases().view_hand_over(TaskId(task_id), current_actor())
    return _hand_over_page(view, HandOverForm(), [])


@bp.post("/viec/<task_id>/chuyen")
@requires(Permission.TASK_COMPLETE)
def hand_over(task_id: str) -> ResponseReturnValue:
    """Give a task to somebody else."""
    form = HandOverForm(request.form)
    view = use_cases().view_hand_over(TaskId(task_id), current_actor())
    try:
        if not form.person_id.data:
            raise InvalidInputError("nobody", code=ErrorCode.INPUT_MISSING, field="person_id")
        use_cases().hand_over(
            TaskId(task_id),
            PersonId(form.person_id.data),
            current_actor(),
            reason=form.reason.data or "",
            as_superior=view.as_superior,
        )
    except InvalidInputError as error:
        messages, status = note_refusal(form, error)
        return _hand_over_page(view, form, messages), status
    flash(gettext("Đã chuyển xử lý."), "good")
    return redirect(_back_url(view), 303)


def _act(
    subject: _Subject, forms: AdHocForms, form: Form, act: Callable[[], None]
) -> ResponseReturnValue:
    """Call the use case and go on; what can be mended is shown beside the form."""
    try:
        act()
    except InvalidInputError as error:
        return _show_again(subject, forms, form, error)
    return redirect(subject.url, 303)


def _show_again(
    subject: _Subject, forms: AdHocForms, form: Form, error: TrinhKyError
) -> ResponseReturnValue:
    messages, status = note_refusal(form, error)
    return subject.page(forms, messages), status


def _withdrawal(subject: _Subject, opinion_id: str, form: ReasonForm, messages: list[str]) -> str:
    use_frame(current="arrivals" if subject.delivery_id else "documents")
    return render_template(
        "pages/withdraw.html",
        opinion=_find(subject.view(), opinion_id),
        form=form,
        messages=messages,
        back_url=subject.url,
    )


def _find(view: AdHocView, opinion_id: str) -> Opinion:
    """Return a question that the reader may take back.

    Raises:
        ConflictError: code OPINION_CLOSED; there is none, or not any more.
    """
    for line in view.opinions:
        if line.opinion.id == opinion_id and line.can_withdraw:
            return line.opinion
        if line.opinion.id == opinion_id:
            line.opinion.check_open(the_house().clock.now())
    raise ConflictError(f"{opinion_id} is not withdrawn here", code=ErrorCode.OPINION_CLOSED)


def _hand_over_page(view: HandOverView, form: HandOverForm, messages: list[str]) -> str:
    use_frame(current="arrivals" if view.delivery_id else "documents")
    form.person_id.choices = [
        (person.id, f"{person.full_name} — {post.title}") for person, post in view.candidates
    ]
    return render_template(
        "pages/hand_over.html", view=view, form=form, messages=messages, back_url=_back_url(view)
    )


def _back_url(view: HandOverView) -> str:
    """Return where the person came from: an administrator may not open the document."""
    if not view.is_reader:
        return url_for("work.home")
    return _Subject(view.document_id, view.delivery_id or "").url
