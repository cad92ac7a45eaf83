"""Show the weeks of agencies' leaders; open, fill, approve, seal and change them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from engine.errors import ConflictError, InvalidInputError, NotFoundError, SigningError
from engine.model.meeting import MeetingId
from engine.model.organisation import AgencyId, PersonId
from engine.model.schedule_entries import (
    EntryId,
    ScheduleId,
)
from engine.permissions import Permission
from engine.process.model import TaskId
from webui import schedule_words
from webui.days import read_day
from webui.filenames import inline_name
from webui.flows import list_coming, read_flow
from webui.forms import ReasonForm, SealForm, UploadForm, note_refusal
from webui.i18n import gettext
from webui.ics import ics_response, write_calendar
from webui.limits import PIN_LIMIT, UPLOAD_LIMIT, by_person, limiter, was_refused
from webui.login import current_actor, requires, use_cases
from webui.schedule_cases import ScheduleCases
from webui.schedule_feed import feed_events, feed_name
from webui.schedule_forms import EntryForm, FeedForm, SubmitForm, WeekForm
from webui.shell import use_frame
from workflows.schedule.view_schedules import Line, WeekView

bp = Blueprint("schedules", __name__)

#: What is shown beside the form, with everything still open; other errors have their own page.
FORM_ERRORS = (InvalidInputError, SigningError, ConflictError)
#: Asked by programs, each a few times an hour; guessing a word takes longer than the world lasts.
_FEED_LIMIT = "120 per minute"


@dataclass
class Forms:
    """Hold the forms of a version's page; one may carry the errors of the last try."""

    entry: EntryForm | None = None
    reason: Form = field(default_factory=ReasonForm)
    seal: Form = field(default_factory=SealForm)
    submit: SubmitForm = field(default_factory=SubmitForm)
    messages: list[str] = field(default_factory=list)
    edited: str = ""


@bp.get("/lich-lam-viec")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show a published week of an agency, and what is being prepared."""
    return _show_index(WeekForm(), [])


@bp.post("/lich-lam-viec/mo")
@requires(Permission.SIGNED_IN)
def open_week() -> ResponseReturnValue:
    """Open a week."""
    form = WeekForm(request.form)
    try:
        schedule_id = _cases().open(_own_agency(form.agency.data), form.day(), current_actor())
    except (InvalidInputError, ConflictError) as error:
        messages, status = note_refusal(form, error)
        return _show_index(form, messages), status
    flash(gettext("Đã mở lịch tuần; các đơn vị đã được thông báo."), "good")
    return _go(schedule_id)


@bp.get("/lich-lam-viec/<schedule_id>")
@requires(Permission.SIGNED_IN)
def show(schedule_id: str) -> ResponseReturnValue:
    """Show one version: its calendar, what is to be done, and how far it has come."""
    return _show(schedule_id, Forms())


def _was_typeset(response: Response) -> bool:
    """Tell whether a paper was made for this answer; the stored ones bear a tag."""
    return response.status_code == 200 and "ETag" not in response.headers


@bp.get("/lich-lam-viec/<schedule_id>/tep.pdf")
@requires(Permission.SIGNED_IN)
@limiter.limit(UPLOAD_LIMIT, key_func=by_person, deduct_when=_was_typeset)
def pdf(schedule_id: str) -> ResponseReturnValue:
    """Give the sealed file, or a proof of what is not sealed yet."""
    schedule, content = _cases().view.pdf(ScheduleId(schedule_id), current_actor())
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = inline_name(f"{schedule.title}.pdf")
    response.headers["Cache-Control"] = "private, no-cache"
    digest = schedule.file.digest if schedule.file else schedule.paper_digest
    if digest is not None:
        response.set_etag(digest)
        return response.make_conditional(request)
    return response


@bp.get("/lich-lam-viec/<schedule_id>/kiem-tra")
@requires(Permission.SIGNED_IN)
@limiter.limit(UPLOAD_LIMIT, key_func=by_person)
def verify(schedule_id: str) -> ResponseReturnValue:
    """Show what the judge of files says of the published file now."""
    use_frame(current="schedules")
    schedule, report = _cases().view.verify(ScheduleId(schedule_id), current_actor())
    return render_template(
        "pages/verify.html", form=UploadForm(), report=report, name=f"{schedule.title}.pdf"
    )


@bp.get("/lich-lam-viec/<schedule_id>/so-do")
@requires(Permission.SIGNED_IN)
def diagram(schedule_id: str) -> ResponseReturnValue:
    """Give the flow and how far the version has come in it."""
    instance_id = _view(schedule_id).instance_id
    if instance_id is None:
        raise NotFoundError(f"{schedule_id} is another agency's")
    return jsonify(read_flow(instance_id))


@bp.get("/lich-lam-viec/<schedule_id>/nhat-ky")
@requires(Permission.SIGNED_IN)
def trail(schedule_id: str) -> ResponseReturnValue:
    """Show every act on the version, as it is on record."""
    use_frame(current="schedules")
    leaves = _cases().view.trail(ScheduleId(schedule_id), current_actor())
    return render_template(
        "pages/schedule_trail.html",
        view=_view(schedule_id),
        leaves=leaves,
        schedule_words=schedule_words,
    )


@bp.post("/lich-lam-viec/<schedule_id>/muc")
@requires(Permission.SIGNED_IN)
def add_entry(schedule_id: str) -> ResponseReturnValue:
    """Add a line."""
    form = EntryForm(request.form)
    return _act(
        schedule_id,
        Forms(entry=form),
        form,
        lambda: _cases().add_entry(ScheduleId(schedule_id), form.read(), current_actor()),
        gettext("Đã thêm nội dung."),
    )


@bp.post("/lich-lam-viec/<schedule_id>/cuoc-hop/<meeting_id>")
@requires(Permission.SIGNED_IN)
def add_meeting(schedule_id: str, meeting_id: str) -> ResponseReturnValue:
    """Take a meeting of the week into it."""
    _cases().add_meeting(ScheduleId(schedule_id), MeetingId(meeting_id), current_actor())
    flash(gettext("Đã đưa cuộc họp vào lịch."), "good")
    return _go(schedule_id)


@bp.get("/lich-lam-viec/<schedule_id>/muc/<entry_id>")
@requires(Permission.SIGNED_IN)
def edit_form(schedule_id: str, entry_id: str) -> ResponseReturnValue:
    """Show the form of a line that the person may mend."""
    line = _line(_view(schedule_id), entry_id)
    return _show(schedule_id, Forms(entry=EntryForm.of(line.entry.text), edited=entry_id))


@bp.post("/lich-lam-viec/<schedule_id>/muc/<entry_id>")
@requires(Permission.SIGNED_IN)
def edit_entry(schedule_id: str, entry_id: str) -> ResponseReturnValue:
    """Write what a line says now."""
    form = EntryForm(request.form)
    return _act(
        schedule_id,
        Forms(entry=form, edited=entry_id),
        form,
        lambda: _cases().edit_entry(
            EntryId(entry_id), form.read(), current_actor(), seen=form.seen.data or ""
        ),
        gettext("Đã sửa nội dung."),
    )


@bp.post("/lich-lam-viec/<schedule_id>/muc/<entry_id>/bo")
@requires(Permission.SIGNED_IN)
def remove_entry(schedule_id: str, entry_id: str) -> ResponseReturnValue:
    """Take a line out."""
    _cases().remove_entry(EntryId(entry_id), current_actor())
    flash(gettext("Đã bỏ nội dung."), "good")
    return _go(schedule_id)


@bp.post("/lich-lam-viec/<schedule_id>/viec/<task_id>/trinh")
@requires(Permission.TASK_COMPLETE)
def submit(schedule_id: str, task_id: str) -> ResponseReturnValue:
    """Put the week before the leaders."""
    form = SubmitForm(request.form)
    return _act(
        schedule_id,
        Forms(submit=form),
        form,
        lambda: _cases().submit(
            TaskId(task_id),
            current_actor(),
            confirmed=form.confirmed.data or (),
            to_city=bool(form.to_city.data),
        ),
        gettext("Đã trình lãnh đạo duyệt lịch."),
    )


@bp.post("/lich-lam-viec/<schedule_id>/viec/<task_id>/duyet")
@requires(Permission.TASK_COMPLETE)
def approve(schedule_id: str, task_id: str) -> ResponseReturnValue:
    """Approve the week as a leader of the agency."""
    _cases().approve(TaskId(task_id), current_actor())
    flash(gettext("Đã duyệt lịch."), "good")
    return _go(schedule_id)


@bp.post("/lich-lam-viec/<schedule_id>/viec/<task_id>/tra-lai")
@requires(Permission.TASK_COMPLETE)
def send_back(schedule_id: str, task_id: str) -> ResponseReturnValue:
    """Return the week with a reason."""
    form = ReasonForm(request.form)
    return _act(
        schedule_id,
        Forms(reason=form),
        form,
        lambda: _cases().send_back(TaskId(task_id), current_actor(), form.reason.data or ""),
        gettext("Đã trả lại."),
    )


@bp.post("/lich-lam-viec/<schedule_id>/viec/<task_id>/cong-bo")
@requires(Permission.TASK_COMPLETE)
@limiter.limit(PIN_LIMIT, key_func=by_person, deduct_when=was_refused)
def publish(schedule_id: str, task_id: str) -> ResponseReturnValue:
    """Seal the week with the agency's key and publish it; the PIN passes through."""
    form = SealForm(request.form)
    return _act(
        schedule_id,
        Forms(seal=form),
        form,
        lambda: _cases().publish(TaskId(task_id), current_actor(), form.pin.data or ""),
        gettext("Đã ký số, công bố lịch."),
    )


@bp.post("/lich-lam-viec/<schedule_id>/viec/<task_id>/rut-lai")
@requires(Permission.TASK_COMPLETE)
def recall(schedule_id: str, task_id: str) -> ResponseReturnValue:
    """Take an approved week back with a reason, instead of sealing it."""
    form = ReasonForm(request.form)
    return _act(
        schedule_id,
        Forms(reason=form),
        form,
        lambda: _cases().recall(TaskId(task_id), current_actor(), form.reason.data or ""),
        gettext("Đã rút lại để sửa; lịch phải được duyệt lại."),
    )


@bp.post("/lich-lam-viec/<schedule_id>/dieu-chinh")
@requires(Permission.SIGNED_IN)
def change(schedule_id: str) -> ResponseReturnValue:
    """Open a change of a published week."""
    form = ReasonForm(request.form)
    try:
        newer = _cases().change(ScheduleId(schedule_id), current_actor(), form.reason.data or "")
    except FORM_ERRORS as error:
        forms = Forms(reason=form)
        forms.messages, status = note_refusal(form, error)
        return _show(schedule_id, forms), status
    flash(gettext("Đã mở bản điều chỉnh; bản đang có hiệu lực vẫn giữ nguyên."), "good")
    return _go(newer)


@bp.post("/lich-lam-viec/<schedule_id>/bo")
@requires(Permission.SIGNED_IN)
def discard(schedule_id: str) -> ResponseReturnValue:
    """Give up a version that is being gathered."""
    form = ReasonForm(request.form)
    return _act(
        schedule_id,
        Forms(reason=form),
        form,
        lambda: _cases().discard(ScheduleId(schedule_id), current_actor(), form.reason.data or ""),
        gettext("Đã bỏ bản đang soạn."),
    )


@bp.post("/lich-lam-viec/dia-chi")
@requires(Permission.SIGNED_IN)
def open_feed() -> ResponseReturnValue:
    """Give the person a secret address for their calendar, shown this once."""
    use_frame(current="schedules")
    form = FeedForm(request.form)
    leader = PersonId(form.leader.data) if form.leader.data else None
    token = _cases().open_feed(
        _own_agency(request.form.get("agency")), current_actor(), leader_id=leader
    )
    address = url_for("schedules.feed", token=token, _external=True)
    page = render_template("pages/schedule_feed.html", address=address)
    return page, 200, {"Cache-Control": "no-store"}


@bp.post("/lich-lam-viec/dia-chi/dong")
@requires(Permission.SIGNED_IN)
def close_feed() -> ResponseReturnValue:
    """End the person's address."""
    _cases().close_feed(_own_agency(request.form.get("agency")), current_actor())
    flash(gettext("Địa chỉ lịch điện tử đã đóng; chương trình lịch không đọc được nữa."), "good")
    return redirect(url_for("schedules.index"), 303)


@bp.get("/lich-lam-viec/dien-tu/<token>.ics")
@requires(Permission.PUBLIC)
@limiter.limit(_FEED_LIMIT)
def feed(token: str) -> ResponseReturnValue:
    """Give the published weeks to whoever knows the secret word of the address."""
    found = _cases().read_feed(token)
    return ics_response(write_calendar(feed_events(found), name=feed_name(found)), "lich.ics")


def _cases() -> ScheduleCases:
    return use_cases().schedules


def _view(schedule_id: str) -> WeekView:
    return _cases().view(ScheduleId(schedule_id), current_actor())


def _line(view: WeekView, entry_id: str) -> Line:
    """Return a line the person may mend.

    Raises:
        NotFoundError: there is none.
    """
    for line in view.lines:
        if line.entry.id == entry_id and line.may_change:
            return line
    raise NotFoundError(f"no line {entry_id} to mend")


def _own_agency(chosen: str | None) -> AgencyId:
    """Return the agency that was chosen, or the person's first."""
    own = [post.agency_id for post in current_actor().posts]
    return AgencyId(chosen) if chosen in own else own[0]


def _act(
    schedule_id: str, forms: Forms, form: Form, act: Callable[[], object], done: str
) -> ResponseReturnValue:
    """Call the use case and go on; what can be mended is shown beside the form."""
    try:
        act()
    except FORM_ERRORS as error:
        forms.messages, status = note_refusal(form, error)
        return _show(schedule_id, forms), status
    flash(done, "good")
    return _go(schedule_id)


def _go(schedule_id: str) -> ResponseReturnValue:
    return redirect(url_for("schedules.show", schedule_id=schedule_id), 303)


def _show(schedule_id: str, forms: Forms) -> str:
    use_frame(current="schedules")
    view = _view(schedule_id)
    if forms.entry is None:
        forms.entry = EntryForm(data={"day": view.schedule.monday.isoformat()})
    forms.entry.offer(view.schedule)
    if request.method == "GET":
        forms.submit.to_city.data = view.schedule.to_city
    return render_template(
        "pages/schedule.html",
        view=view,
        forms=forms,
        leader=request.args.get("lanh_dao", ""),
        schedule_words=schedule_words,
        coming=list_coming(view.instance_id) if view.instance_id else (),
    )


def _show_index(form: WeekForm, messages: list[str]) -> str:
    use_frame(current="schedules")
    actor = current_actor()
    agency_id = AgencyId(request.args.get("co_quan") or _own_agency(form.agency.data))
    view = _cases().view.index(agency_id, read_day(request.args.get("tuan")), actor)
    return render_template(
        "pages/schedules.html",
        view=view,
        form=form,
        messages=messages,
        leader=request.args.get("lanh_dao", ""),
        schedule_words=schedule_words,
        week=lambda weeks: _week_url(agency_id, view.monday + timedelta(weeks=weeks)),
    )


def _week_url(agency_id: AgencyId, monday: date) -> str:
    return url_for("schedules.index", co_quan=agency_id, tuan=monday.isoformat())
