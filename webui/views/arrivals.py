"""Show an arrival and let people act on it: register, refuse, present, direct, handle."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypedDict

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from engine.assignment_rules import next_working_day, one_lead
from engine.clock import local
from engine.errors import ErrorCode, InvalidInputError, NotFoundError
from engine.model.assignment import Party
from engine.model.delivery import DeliveryId
from engine.model.organisation import PersonId
from engine.permissions import Permission
from engine.process.model import TaskId
from webui import direction_words
from webui.ad_hoc import AdHocForms, ReturnForm, offer, with_answers
from webui.assignment_forms import list_units, read_party
from webui.choices import group_officers, list_leaders
from webui.flows import list_coming, read_flow
from webui.forms import DirectForm, PresentForm, ReasonForm, ResultForm, note_refusal
from webui.i18n import gettext
from webui.login import current_actor, requires, the_house, use_cases
from webui.shell import use_frame
from workflows.reading.view_ad_hoc import AdHocView
from workflows.reading.view_document import DeliveryView

bp = Blueprint("arrivals", __name__)

#: What a deadline starts from; the leader changes it or says there is none.
USUAL_DAYS = 7


@dataclass
class Forms:
    """Hold the forms of an arrival's page; one may carry the errors of the last try."""

    reason: Form = field(default_factory=ReasonForm)
    present: PresentForm = field(default_factory=PresentForm)
    direct: DirectForm | None = None
    result: Form = field(default_factory=ResultForm)
    ad_hoc: AdHocForms = field(default_factory=AdHocForms)
    messages: list[str] = field(default_factory=list)


@bp.get("/van-ban-den")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """List what has come to the actor's agencies, newest first."""
    use_frame(current="arrivals")
    agency_ids = current_actor().agency_ids()
    with the_house().start_reading() as work:
        page = work.queries.list_arrivals(agency_ids, cursor=request.args.get("sau", ""))
    next_url = url_for("arrivals.index", sau=page.next_cursor) if page.next_cursor else None
    return render_template("pages/arrivals.html", rows=page.rows, next_url=next_url)


@bp.get("/van-ban-den/<delivery_id>")
@requires(Permission.DOCUMENT_VIEW)
def show(delivery_id: str) -> ResponseReturnValue:
    """Show an arrival: the verdict first, then what is to be done."""
    return show_page(delivery_id, Forms())


@bp.get("/van-ban-den/<delivery_id>/so-do")
@requires(Permission.DOCUMENT_VIEW)
def diagram(delivery_id: str) -> ResponseReturnValue:
    """Give the flow and how far the arrival has come in it."""
    view = _view(delivery_id)
    if view.instance_id is None:
        raise NotFoundError(f"{delivery_id} has not begun")
    return jsonify(read_flow(view.instance_id))


@bp.post("/van-ban-den/<delivery_id>/viec/<task_id>/vao-so")
@requires(Permission.TASK_COMPLETE)
def register(delivery_id: str, task_id: str) -> ResponseReturnValue:
    """Enter the arrival in the book."""
    number = use_cases().register_delivery(TaskId(task_id), current_actor())
    flash(gettext("Đã vào sổ văn bản đến, số %(number)s.", number=str(number)), "good")
    return redirect(url_for("arrivals.show", delivery_id=delivery_id), 303)


@bp.post("/van-ban-den/<delivery_id>/viec/<task_id>/tu-choi")
@requires(Permission.TASK_COMPLETE)
def refuse(delivery_id: str, task_id: str) -> ResponseReturnValue:
    """Send the arrival back with a reason."""
    form = ReasonForm(request.form)
    return _act(
        delivery_id,
        Forms(reason=form),
        form,
        lambda: use_cases().refuse_delivery(
            TaskId(task_id), current_actor(), form.reason.data or ""
        ),
        gettext("Đã từ chối tiếp nhận; nơi gửi thấy lý do ngay."),
    )


@bp.post("/van-ban-den/<delivery_id>/viec/<task_id>/trinh")
@requires(Permission.TASK_COMPLETE)
def present(delivery_id: str, task_id: str) -> ResponseReturnValue:
    """Present the arrival to a leader."""
    form = PresentForm(request.form)
    return _act(
        delivery_id,
        Forms(present=form),
        form,
        lambda: use_cases().present_delivery(
            TaskId(task_id), current_actor(), PersonId(form.leader_id.data or "")
        ),
        gettext("Đã trình lãnh đạo."),
    )


@bp.post("/van-ban-den/<delivery_id>/viec/<task_id>/but-phe")
@requires(Permission.TASK_COMPLETE)
def direct(delivery_id: str, task_id: str) -> ResponseReturnValue:
    """Write the direction and name who handles it."""
    form = DirectForm(request.form)

    def act() -> None:
        if not form.is_decided():
            raise InvalidInputError("no deadline chosen", code=ErrorCode.INPUT_MISSING)
        use_cases().direct_delivery(
            TaskId(task_id),
            current_actor(),
            direction=form.direction.data or "",
            **_lead([each for each in request.form.getlist("handler_id") if each]),
            cooperators=tuple(
                read_party(each, "cooperators") for each in form.cooperators.data or ()
            ),
            due_on=form.deadline(),
        )

    return _act(delivery_id, Forms(direct=form), form, act, gettext("Đã giao xử lý."))


class _Lead(TypedDict, total=False):
    lead: Party
    handler_id: PersonId


def _lead(chosen: list[str]) -> _Lead:
    """Return the one lead a form names: a unit, or an officer by their id."""
    if len(chosen) == 1 and ":" not in chosen[0]:
        return {"handler_id": PersonId(chosen[0])}
    return {"lead": one_lead([read_party(each, "handler_id") for each in chosen])}


@bp.post("/van-ban-den/<delivery_id>/viec/<task_id>/bat-dau")
@requires(Permission.TASK_COMPLETE)
def begin(delivery_id: str, task_id: str) -> ResponseReturnValue:
    """Say that work has begun."""
    use_cases().begin_handling(TaskId(task_id), current_actor())
    flash(gettext("Đã báo nơi gửi: đang xử lý."), "good")
    return redirect(url_for("arrivals.show", delivery_id=delivery_id), 303)


@bp.post("/van-ban-den/<delivery_id>/viec/<task_id>/hoan-thanh")
@requires(Permission.TASK_COMPLETE)
def handle(delivery_id: str, task_id: str) -> ResponseReturnValue:
    """Report the result."""
    form = ResultForm(request.form)
    return _act(
        delivery_id,
        Forms(result=form),
        form,
        lambda: use_cases().handle_delivery(
            TaskId(task_id), current_actor(), form.result.data or ""
        ),
        gettext("Đã hoàn thành xử lý."),
    )


@bp.post("/van-ban-den/<delivery_id>/viec/<task_id>/tra-lai")
@requires(Permission.TASK_COMPLETE)
def send_back(delivery_id: str, task_id: str) -> ResponseReturnValue:
    """Return the arrival to an earlier step."""
    form = ReturnForm(request.form)
    return _act(
        delivery_id,
        Forms(ad_hoc=AdHocForms(back=form)),
        form,
        lambda: use_cases().return_delivery(
            TaskId(task_id), current_actor(), form.reason.data or "", to=form.to.data or ""
        ),
        gettext("Đã trả lại."),
    )


def _view(delivery_id: str) -> DeliveryView:
    return use_cases().view_delivery(DeliveryId(delivery_id), current_actor())


def _act(
    delivery_id: str, forms: Forms, form: Form, act: Callable[[], object], done: str
) -> ResponseReturnValue:
    """Call the use case and go on; what can be mended is shown beside the form."""
    try:
        act()
    except InvalidInputError as error:
        is_explained = bool(form.errors)
        messages, status = note_refusal(form, error)
        forms.messages = [] if is_explained else messages
        return show_page(delivery_id, forms), status
    flash(done, "good")
    return redirect(url_for("arrivals.show", delivery_id=delivery_id), 303)


def show_page(delivery_id: str, forms: Forms) -> str:
    """Return the page of an arrival, with what its forms carry."""
    view = _view(delivery_id)
    use_frame(current="arrivals")
    ad_hoc = use_cases().view_ad_hoc.delivery(view.delivery.id, current_actor())
    _offer(view, ad_hoc, forms)
    return render_template(
        "pages/arrival.html",
        view=view,
        forms=forms,
        ad_hoc=ad_hoc,
        steps=with_answers(view.steps, ad_hoc.opinions),
        here={"delivery_id": view.delivery.id},
        coming=list_coming(view.instance_id) if view.instance_id else (),
        assigned=use_cases().view_assignment.on_delivery(view.delivery.id, current_actor()),
        direction_words=direction_words,
    )


def _offer(view: DeliveryView, ad_hoc: AdHocView, forms: Forms) -> None:
    """Fill the lists of choices that the open tasks need."""
    nodes = {task.rule for task in view.tasks}
    today = local(the_house().clock.now()).date()
    if forms.direct is None:
        forms.direct = DirectForm()
    with the_house().start_reading() as work:
        if not request.form:
            usual = today + timedelta(days=USUAL_DAYS)
            forms.direct.due_on.data = next_working_day(usual, work.processes.calendar)
        offer(work, ad_hoc, forms.ad_hoc, current_actor(), today)
        agency_id = view.delivery.recipient_id
        if "present" in nodes:
            forms.present.leader_id.choices = list_leaders(work, agency_id, today)
        if "direct" in nodes:
            officers = group_officers(work, agency_id, today)
            units = list_units(work, agency_id, today)
            forms.direct.cooperators.choices = units
            forms.direct.handler_id.choices = {
                gettext("Đơn vị"): units,
                **{unit: list(people) for unit, people in officers.items()},
            }
