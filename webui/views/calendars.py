"""Give meetings to people's own calendars: one at a time, or by a secret address."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.model.meeting import MeetingId
from engine.permissions import Permission
from webui.i18n import gettext
from webui.ics import ics_response, write_calendar
from webui.login import current_actor, requires, the_house, use_cases
from webui.meeting_pages import event_of
from webui.shell import use_frame

bp = Blueprint("calendars", __name__)


@bp.get("/cuoc-hop/<meeting_id>/lich.ics")
@requires(Permission.MEETING_VIEW)
def meeting(meeting_id: str) -> ResponseReturnValue:
    """Give the meeting for a calendar."""
    found = use_cases().meetings.view(MeetingId(meeting_id), current_actor()).meeting
    content = write_calendar([event_of(found)], name=found.plan.title)
    return ics_response(content, f"{found.plan.title}.ics")


@bp.get("/cuoc-hop/lich-ca-nhan")
@requires(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Say how one's own calendar program follows one's meetings."""
    return _show_feed("")


@bp.post("/cuoc-hop/lich-ca-nhan")
@requires(Permission.SIGNED_IN)
def make() -> ResponseReturnValue:
    """Make a new address, or end the one there is."""
    if request.form.get("act") == "bo":
        use_cases().meetings.revoke_feed(current_actor())
        flash(gettext("Địa chỉ lịch không còn dùng được."), "good")
        return redirect(url_for("calendars.show"), 303)
    token = use_cases().meetings.make_feed(current_actor())
    return _show_feed(url_for("calendars.feed", token=token, _external=True))


@bp.get("/lich-hop/<token>.ics")
@requires(Permission.PUBLIC)
def feed(token: str) -> ResponseReturnValue:
    """Give a person's meetings to their calendar program; the address itself is the secret."""
    found = use_cases().meetings.read_feed(token)
    name = gettext("Lịch họp: %(name)s", name=found.person.full_name)
    content = write_calendar([event_of(each) for each in found.meetings], name=name)
    return ics_response(content, "lich-hop.ics")


def _show_feed(address: str) -> str:
    use_frame(current="meetings")
    with the_house().start_reading() as work:
        current = work.meetings.find_feed_of(current_actor().person_id)
    return render_template("pages/meeting_feed.html", address=address, current=current)
