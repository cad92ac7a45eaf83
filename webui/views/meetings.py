"""Plan meetings, invite, answer, write minutes, give the orders that follow."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from engine.clock import VIETNAM, local
from engine.errors import ConflictError, ErrorCode, InvalidInputError, TrinhKyError
from engine.model.document import DocumentId
from engine.model.meeting import (
    InviteeId,
    Meeting,
    MeetingId,
    PaperId,
)
from engine.model.organisation import AgencyId
from engine.permissions import Permission
from engine.ports_meetings import MeetingScope
from engine.process.model import TaskId
from webui import meeting_words
from webui.filenames import inline_name
from webui.forms import note_refusal
from webui.i18n import gettext
from webui.i18n import mark as _l
from webui.limits import UPLOAD_LIMIT, by_person, limiter
from webui.login import current_actor, polled, requires, the_house, use_cases
from webui.meeting_cases import MeetingCases
from webui.meeting_forms import (
    CancelForm,
    MeetingForm,
    MinutesForm,
    PaperForm,
    ReplyForm,
    numbered_by_card,
    read_orders,
)
from webui.meeting_pages import (
    Forms,
    answer_values,
    list_colleagues,
    show_meeting,
    show_plan,
)
from webui.shell import use_frame
from webui.uploads import read_upload
from workflows.meeting.letters import says_plan
from workflows.meeting.view_meetings import MeetingView

bp = Blueprint("meetings", __name__)

_A_WEEK = timedelta(days=7)
#: What is shown beside the form; of conflicts only those that can be settled there.
_SETTLED = frozenset(
    {
        ErrorCode.MEETING_CLASH,
        ErrorCode.MEETING_CHANGED,
        ErrorCode.MEETING_LETTER_STALE,
        ErrorCode.MEETING_PAPER_INSIDE,
        ErrorCode.MEETING_ORDERS_LEFT,
        ErrorCode.MEETING_NOBODY_CAME,
    }
)
#: Steps of the meeting at which its plan may still be changed.
_CHANGED_AT = frozenset({"invite", "hold"})
_PERIODS: Mapping[str, str] = {
    "hom-nay": _l("Hôm nay"),
    "tuan": _l("7 ngày tới"),
    "sap-toi": _l("Sắp tới"),
    "da-qua": _l("Đã qua"),
}


@bp.get("/cuoc-hop")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """List meetings: mine, those my agency is invited to, those it holds."""
    use_frame(current="meetings")
    scope, period = request.args.get("pham-vi", ""), request.args.get("ky", "sap-toi")
    chosen = MeetingScope(scope) if scope in list(MeetingScope) else MeetingScope.MINE
    since, until = _period(period)
    page = _cases().view.index(
        chosen, current_actor(), since=since, until=until, cursor=request.args.get("sau", "")
    )
    here: dict[str, Any] = {"pham-vi": chosen.value, "ky": period, "sau": page.next_cursor}
    return render_template(
        "pages/meetings.html",
        rows=page.rows,
        scope=chosen,
        period=period,
        periods=_PERIODS,
        next_url=url_for("meetings.index", **here) if page.next_cursor else None,
        may_plan=_cases().view.may_plan(current_actor()),
        meeting_words=meeting_words,
    )


@bp.get("/cuoc-hop/moi")
@requires(Permission.MEETING_PLAN)
def choose() -> ResponseReturnValue:
    """Ask for the plan of a meeting."""
    return show_plan(MeetingForm(), [], _chosen_agency(), None)


@bp.post("/cuoc-hop/moi")
@requires(Permission.MEETING_PLAN)
def plan() -> ResponseReturnValue:
    """Keep the plan; nobody hears of it yet."""
    form, agency_id = MeetingForm(request.form), _chosen_agency()
    try:
        meeting_id = _cases().plan(
            current_actor(),
            form.plan(agency_id),
            form.chosen_guests(),
            confirm_clash=bool(form.confirm_clash.data),
        )
    except (InvalidInputError, ConflictError) as error:
        messages, status = _note(form, error)
        return show_plan(form, messages, agency_id, None, clash=_clash(error)), status
    flash(gettext("Đã lưu kế hoạch họp; chưa gửi lời mời."), "good")
    return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)


@bp.get("/cuoc-hop/<meeting_id>")
@requires(Permission.MEETING_VIEW)
def show(meeting_id: str) -> ResponseReturnValue:
    """Show a meeting: what it is about, who comes, what is to be done."""
    return show_meeting(meeting_id, Forms())


@bp.get("/cuoc-hop/<meeting_id>/tra-loi")
@requires(Permission.MEETING_VIEW)
@polled
def answers(meeting_id: str) -> ResponseReturnValue:
    """Give the counted answers alone; the page asks again until the meeting begins."""
    view = _view(meeting_id)
    return render_template("fragments/meeting_answers.html", **answer_values(view))


@bp.get("/cuoc-hop/<meeting_id>/nhat-ky")
@requires(Permission.MEETING_VIEW)
def trail(meeting_id: str) -> ResponseReturnValue:
    """Show every act on the meeting, as it is on record."""
    leaves = _cases().view.trail(MeetingId(meeting_id), current_actor())
    return render_template("pages/meeting_trail.html", view=_view(meeting_id), leaves=leaves)


@bp.get("/cuoc-hop/<meeting_id>/sua/<task_id>")
@requires(Permission.MEETING_VIEW)
def edit(meeting_id: str, task_id: str) -> ResponseReturnValue:
    """Show the plan to whoever prepares the meeting."""
    view = _view(meeting_id)
    if all(task.task_id != task_id for task in view.tasks if task.rule in _CHANGED_AT):
        abort(404)
    form = MeetingForm.of(view.meeting.plan, view.invitees, view.meeting.version)
    return show_plan(form, [], view.meeting.plan.agency_id, view, task_id=task_id)


@bp.post("/cuoc-hop/<meeting_id>/viec/<task_id>/sua")
@requires(Permission.TASK_COMPLETE)
def change(meeting_id: str, task_id: str) -> ResponseReturnValue:
    """Keep the changed plan; another time or place asks everybody again."""
    form, view = MeetingForm(request.form), _view(meeting_id)
    agency_id = view.meeting.plan.agency_id
    try:
        _cases().change(
            TaskId(task_id),
            form.plan(agency_id),
            form.chosen_guests(),
            current_actor(),
            seen_version=form.seen_version,
            reason=form.reason.data or "",
            confirm_clash=bool(form.confirm_clash.data),
        )
    except (InvalidInputError, ConflictError) as error:
        messages, status = _note(form, error)
        shown = show_plan(form, messages, agency_id, view, task_id=task_id, clash=_clash(error))
        return shown, status
    flash(gettext("Đã lưu thay đổi."), "good")
    return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)


@bp.post("/cuoc-hop/<meeting_id>/viec/<task_id>/moi")
@requires(Permission.TASK_COMPLETE)
def invite(meeting_id: str, task_id: str) -> ResponseReturnValue:
    """Send the invitations."""
    forms = Forms()
    return _act(
        meeting_id,
        forms,
        forms.cancel,
        lambda: _cases().invite(
            TaskId(task_id),
            current_actor(),
            confirm_clash=bool(request.form.get("confirm_clash")),
        ),
        gettext("Đã gửi lời mời; ai được mời thấy ngay trong danh sách việc."),
    )


@bp.post("/cuoc-hop/<meeting_id>/viec/<task_id>/huy")
@requires(Permission.TASK_COMPLETE)
def cancel(meeting_id: str, task_id: str) -> ResponseReturnValue:
    """Call the meeting off."""
    form = CancelForm(request.form)
    return _act(
        meeting_id,
        Forms(cancel=form),
        form,
        lambda: _cases().cancel(TaskId(task_id), current_actor(), form.reason.data or ""),
        gettext("Đã hủy cuộc họp và báo cho người được mời."),
    )


@bp.post("/cuoc-hop/<meeting_id>/nguoi-moi/<invitee_id>")
@requires(Permission.MEETING_VIEW)
def reply(meeting_id: str, invitee_id: str) -> ResponseReturnValue:
    """Answer for an invitee."""
    form, view = ReplyForm(request.form, prefix=invitee_id), _view(meeting_id)
    invitee = next((each for each in view.invitees if each.id == invitee_id), None)
    if invitee is None:
        abort(404)

    def act() -> None:
        with the_house().start_reading() as work:
            names = list_colleagues(work, invitee)
        _cases().reply(
            InviteeId(invitee_id),
            current_actor(),
            form.chosen(),
            reason=form.reason.data or "",
            substitute=form.substitute(names),
            confirm_clash=bool(form.confirm_clash.data),
        )

    forms = Forms(replies={invitee_id: form}, clash_of=invitee_id)
    return _act(meeting_id, forms, form, act, gettext("Đã ghi trả lời."))


@bp.post("/cuoc-hop/<meeting_id>/viec/<task_id>/bien-ban")
@requires(Permission.TASK_COMPLETE)
def minute(meeting_id: str, task_id: str) -> ResponseReturnValue:
    """Write the minutes."""
    form = MinutesForm(request.form)
    return _act(
        meeting_id,
        Forms(minutes=form),
        form,
        lambda: _cases().record_minutes(
            TaskId(task_id),
            current_actor(),
            minutes=form.minutes.data or "",
            conclusions=form.conclusions.data or "",
            present=[InviteeId(each) for each in form.present.data or ()],
            confirm_empty=bool(form.confirm_empty.data),
        ),
        gettext("Đã ghi biên bản."),
    )


@bp.post("/cuoc-hop/<meeting_id>/viec/<task_id>/ket-luan")
@requires(Permission.TASK_COMPLETE)
def conclude(meeting_id: str, task_id: str) -> ResponseReturnValue:
    """Close the meeting, or hand its orders to the chair."""
    forms = Forms()
    try:
        count = _cases().conclude(
            TaskId(task_id),
            current_actor(),
            confirm_left=bool(request.form.get("confirm_left")),
        )
    except ConflictError as error:
        forms.messages, status = _note(forms.cancel, error)
        forms.asks_left = True
        return show_meeting(meeting_id, forms), status
    text = gettext("Đã kết thúc cuộc họp.")
    if count:
        text = gettext("Đã trình người chủ trì %(count)s nhiệm vụ để giao.", count=str(count))
    flash(text, "good")
    return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)


@bp.post("/cuoc-hop/<meeting_id>/viec/<task_id>/giao")
@requires(Permission.TASK_COMPLETE)
def assign(meeting_id: str, task_id: str) -> ResponseReturnValue:
    """Give the orders that were ticked; all of them, or none."""
    forms = Forms()
    try:
        count = len(_view(meeting_id).proposals)
        orders = read_orders(request.form, count)
        with numbered_by_card(request.form, count):
            given = _cases().give_orders(
                TaskId(task_id),
                current_actor(),
                orders,
                left_reason=request.form.get("left_reason", ""),
            )
    except InvalidInputError as error:
        forms.messages, status = _note(forms.cancel, error)
        where = error.params.get("order", "")
        if where:
            forms.messages.insert(0, gettext("Nhiệm vụ thứ %(number)s:", number=where))
        return show_meeting(meeting_id, forms), status
    flash(gettext("Đã giao %(count)s nhiệm vụ.", count=str(len(given))), "good")
    return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)


@bp.post("/cuoc-hop/<meeting_id>/giay-moi")
@requires(Permission.MEETING_VIEW)
def draft_invitation(meeting_id: str) -> ResponseReturnValue:
    """Open a draft giấy mời with what the plan says."""
    document_id = _cases().draft_invitation(MeetingId(meeting_id), current_actor())
    return redirect(url_for("drafts.edit", document_id=document_id), 303)


@bp.post("/cuoc-hop/<meeting_id>/thong-bao")
@requires(Permission.MEETING_VIEW)
def draft_conclusion(meeting_id: str) -> ResponseReturnValue:
    """Open a draft notice with the conclusions of the minutes."""
    document_id = _cases().draft_conclusion(MeetingId(meeting_id), current_actor())
    return redirect(url_for("drafts.edit", document_id=document_id), 303)


@bp.post("/cuoc-hop/<meeting_id>/tai-lieu")
@requires(Permission.MEETING_VIEW)
@limiter.limit(UPLOAD_LIMIT, key_func=by_person)
def add_paper(meeting_id: str) -> ResponseReturnValue:
    """Put a paper beside the invitation."""
    form = PaperForm(request.form)

    def act() -> None:
        symbol = (form.symbol.data or "").strip()
        if symbol:
            _cases().add_paper.link(MeetingId(meeting_id), symbol, current_actor())
            return
        _cases().add_paper.upload(
            MeetingId(meeting_id), form.title.data or "", read_upload(), current_actor()
        )

    return _act(meeting_id, Forms(paper=form), form, act, gettext("Đã thêm tài liệu."))


@bp.post("/cuoc-hop/<meeting_id>/tai-lieu/<paper_id>/bo")
@requires(Permission.MEETING_VIEW)
def remove_paper(meeting_id: str, paper_id: str) -> ResponseReturnValue:
    """Take a paper off."""
    _cases().remove_paper(PaperId(paper_id), current_actor())
    return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)


@bp.get("/cuoc-hop/<meeting_id>/tai-lieu/<paper_id>.pdf")
@requires(Permission.MEETING_VIEW)
def paper(meeting_id: str, paper_id: str) -> ResponseReturnValue:
    """Give the bytes of a paper."""
    found, content = _cases().read_paper(MeetingId(meeting_id), PaperId(paper_id), current_actor())
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = inline_name(f"{found.title}.pdf")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(found.digest)
    return response.make_conditional(request)


def meeting_of(document_id: str) -> Meeting | None:
    """Return the meeting a document belongs to, for a page that leads there."""
    return _cases().view.find_for_document(DocumentId(document_id), current_actor())


@bp.app_context_processor
def _helpers() -> dict[str, object]:
    return {
        "meeting_of": meeting_of,
        "meeting_span": meeting_words.span,
        "says_plan": says_plan,
        "own_agencies": lambda: current_actor().agency_ids(),
    }


def _cases() -> MeetingCases:
    return use_cases().meetings


def _view(meeting_id: str) -> MeetingView:
    return _cases().view(MeetingId(meeting_id), current_actor())


def _period(name: str) -> tuple[datetime, datetime | None]:
    """Return from when to when a list goes; the future unless the reader asks for less."""
    now = the_house().clock.now()
    today = datetime.combine(local(now).date(), time(0), VIETNAM)
    if name == "hom-nay":
        return today, today + timedelta(days=1)
    if name == "tuan":
        return today, today + _A_WEEK
    if name == "da-qua":
        return today - timedelta(days=366), now
    return today, None


def _act(
    meeting_id: str, forms: Forms, form: Form, act: Callable[[], object], done: str
) -> ResponseReturnValue:
    """Call the use case and go on; what can be mended is shown beside the form."""
    try:
        act()
    except (InvalidInputError, ConflictError) as error:
        forms.messages, status = _note(form, error)
        forms.clash = _clash(error)
        return show_meeting(meeting_id, forms), status
    flash(done, "good")
    return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)


def _note(form: Form, error: TrinhKyError) -> tuple[list[str], int]:
    """Put what can be mended beside its field; the rest has a page of its own.

    Raises:
        ConflictError: of the kind nobody mends in a form.
    """
    if isinstance(error, ConflictError) and error.code not in _SETTLED:
        raise error
    return note_refusal(form, error)


def _clash(error: TrinhKyError) -> str:
    is_clash = error.code is ErrorCode.MEETING_CLASH
    return error.params.get("clashes", "") if is_clash else ""


def _chosen_agency() -> AgencyId:
    """Return the agency a meeting is planned for: the one chosen, else the actor's first."""
    offered = [agency.id for agency, _ in _cases().view.list_chairs(current_actor())]
    chosen = request.values.get("agency", "")
    if chosen in offered:
        return AgencyId(chosen)
    if not offered:
        abort(403)
    return offered[0]
