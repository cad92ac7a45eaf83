"""Turn published weeks into the events of a calendar."""

from engine.layout.schedule import clock_text
from engine.model.schedule_entries import (
    ScheduleEntry,
)
from webui.i18n import gettext
from webui.ics import CalendarEvent
from workflows.schedule.feeds import FeedEvents

_DOMAIN = "lich-lam-viec.trinhky"


def feed_name(feed: FeedEvents) -> str:
    """Return what programs call the calendar."""
    whose = feed.leader_name or feed.agency.name
    return str(gettext("Lịch làm việc: %(whose)s", whose=whose))


def feed_events(feed: FeedEvents) -> list[CalendarEvent]:
    """Return the events in force, and those called off so that calendars strike them."""
    return [
        *(_event(entry, is_cancelled=False) for entry in feed.entries),
        *(_event(entry, is_cancelled=True) for entry in feed.called_off),
    ]


def _event(entry: ScheduleEntry, *, is_cancelled: bool) -> CalendarEvent:
    text = entry.text
    starts_at, ends_at = text.span()
    return CalendarEvent(
        uid=f"{entry.key}@{_DOMAIN}",
        # What is called off is one step newer than what it was.
        sequence=entry.edition if is_cancelled else entry.edition - 1,
        title=text.content.split("\n")[0],
        starts_at=starts_at,
        ends_at=ends_at,
        stamped_at=entry.entered_at,
        place=text.place,
        description=_description(text.content, entry),
        is_cancelled=is_cancelled,
    )


def _description(content: str, entry: ScheduleEntry) -> str:
    text = entry.text
    facts = (
        (gettext("Thời gian"), clock_text(text)),
        (gettext("Chủ trì"), text.chair),
        (gettext("Thành phần"), text.participants),
        (gettext("Đơn vị chuẩn bị"), text.preparing),
        (gettext("Xe"), text.vehicle),
    )
    lines = [f"{name}: {value}" for name, value in facts if value]
    return "\n".join([content, *lines])
