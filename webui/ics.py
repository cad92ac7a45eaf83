"""Write calendars as iCalendar files: the one writer of .ics for meetings and schedules.

Source: RFC 5545 (objects, folding at 75 octets, VTIMEZONE); RFC 5546, 3.2.1 and 3.2.5 (PUBLISH,
CANCELLED and SEQUENCE); RFC 7986, 5.1 and 5.11 (NAME, CONFERENCE).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Response
from icalendar import Calendar, Event, Timezone, TimezoneStandard, vText, vUri

from engine.clock import VIETNAM
from webui.filenames import inline_name

_PRODUCT = "-//Trinh Ky//Lich//VI"
_ZONE = "Asia/Ho_Chi_Minh"
#: How often programs that follow a feed should look again.
_REFRESH = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class CalendarEvent:
    """Hold one entry of a calendar.

    Args:
        uid: the same for ever, also when the entry changes; unique in the world.
        sequence: 0 and growing by one with each change people must hear of.
        starts_at: aware; `ends_at` is later.
        stamped_at: when this state of the entry was made, aware.
        place: where; "" when nobody said.
        description: lines of text.
        link: address of a video room, "" for none.
        page_url: page of the entry in this house, "" for none.
        organiser: name of who invites.
        is_cancelled: it does not take place.
        is_private: others who see the calendar see only that the time is taken.
    """

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    stamped_at: datetime
    place: str = ""
    description: str = ""
    link: str = ""
    page_url: str = ""
    organiser: str = ""
    is_cancelled: bool = False
    is_private: bool = False


def write_calendar(events: Iterable[CalendarEvent], *, name: str) -> bytes:
    """Return a calendar that holds `events`, in UTF-8, folded; METHOD is PUBLISH.

    Args:
        name: what programs call the calendar.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", _ZONE)
    calendar.add("refresh-interval", _REFRESH, parameters={"value": "DURATION"})
    calendar.add_component(_zone())
    for event in events:
        calendar.add_component(_event(event))
    content: bytes = calendar.to_ical()
    return content


def ics_response(content: bytes, filename: str) -> Response:
    """Return a calendar for a browser or for a program that follows it.

    Args:
        filename: with its ending `.ics`.
    """
    response = Response(content, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    name = inline_name(filename)
    response.headers["Content-Disposition"] = name.replace("inline", "attachment", 1)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _zone() -> Timezone:
    """Return Việt Nam's zone, which has had no summer time since 1975."""
    standard = TimezoneStandard()
    standard.add("tzname", "+07")
    standard.add("dtstart", datetime(1975, 6, 13, 0, 0))  # noqa: DTZ001 a zone's own local time
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=7))
    zone = Timezone()
    zone.add("tzid", _ZONE)
    zone.add_component(standard)
    return zone


def _event(entry: CalendarEvent) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamped_at.astimezone(UTC))
    event.add("last-modified", entry.stamped_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(VIETNAM))
    event.add("dtend", entry.ends_at.astimezone(VIETNAM))
    event.add("summary", entry.title)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.is_cancelled else "OPAQUE")
    event.add("class", "PRIVATE" if entry.is_private else "PUBLIC")
    lines = [line for line in (entry.description, entry.organiser, entry.link) if line]
    for field, value in (("location", entry.place), ("description", "\n".join(lines))):
        if value:
            event.add(field, vText(value))
    if entry.page_url:
        event.add("url", vUri(entry.page_url))
    if entry.link:
        event.add("conference", vUri(entry.link), parameters={"value": "URI"})
    return event
