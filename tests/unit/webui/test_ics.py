"""Write calendars, and read them back as a calendar program does."""

from datetime import UTC, datetime, timedelta

import icalendar

from engine.clock import VIETNAM
from webui.ics import CalendarEvent, write_calendar

START = datetime(2026, 11, 30, 8, tzinfo=VIETNAM)


def entry(**changes: object) -> CalendarEvent:
    values: dict[str, object] = {
        "uid": "meeting-1@trinhky",
        "sequence": 3,
        "title": "Họp; bàn về “Một cửa”, liên thông\\nquận Ninh Kiều",
        "starts_at": START,
        "ends_at": START + timedelta(hours=2),
        "stamped_at": datetime(2026, 11, 20, 1, tzinfo=UTC),
        "place": "Phòng họp số 2, Sở Nội vụ",
        "description": "08:00 Khai mạc\n09:00 Thảo luận",
        "link": "https://hop.example/phong,1?a=b;c",
        "organiser": "Giám đốc Nguyễn Văn Ưu",
    }
    return CalendarEvent(**(values | changes))  # type: ignore[arg-type]


def read(content: bytes) -> icalendar.Calendar:
    calendar = icalendar.Calendar.from_ical(content)
    assert isinstance(calendar, icalendar.Calendar)
    return calendar


def test_write_calendar_gives_back_every_word_when_text_has_signs_of_the_format() -> None:
    (event,) = read(write_calendar([entry()], name="Lịch")).walk("VEVENT")
    assert str(event["SUMMARY"]) == entry().title
    assert str(event["LOCATION"]) == entry().place
    assert str(event["DESCRIPTION"]).split("\n")[:2] == ["08:00 Khai mạc", "09:00 Thảo luận"]
    assert str(event["CONFERENCE"]) == entry().link


def test_write_calendar_folds_by_octets_when_letters_take_three_each() -> None:
    long = entry(title="Ủy ban nhân dân thành phố Cần Thơ – Thốt Nốt, Ô Môn, Cờ Đỏ " * 5)
    content = write_calendar([long], name="Lịch")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    for line in content.split(b"\r\n"):
        line.decode()
    (event,) = read(content).walk("VEVENT")
    assert str(event["SUMMARY"]) == long.title


def test_write_calendar_names_the_zone_when_it_shows_a_time() -> None:
    calendar = read(write_calendar([entry()], name="Lịch"))
    (zone,) = calendar.walk("VTIMEZONE")
    (event,) = calendar.walk("VEVENT")
    assert str(zone["TZID"]) == "Asia/Ho_Chi_Minh"
    assert event["DTSTART"].params["TZID"] == "Asia/Ho_Chi_Minh"
    assert event["DTSTART"].dt == START
    assert event["DTSTAMP"].dt.tzinfo is not None


def test_write_calendar_takes_utc_when_times_are_stored_so() -> None:
    (event,) = read(write_calendar([entry(starts_at=START.astimezone(UTC))], name="Lịch")).walk(
        "VEVENT"
    )
    assert event["DTSTART"].dt.hour == 8


def test_write_calendar_says_cancelled_when_the_entry_is() -> None:
    calendar = read(write_calendar([entry(is_cancelled=True)], name="Lịch"))
    (event,) = calendar.walk("VEVENT")
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCELLED", 3)


def test_write_calendar_is_valid_when_there_is_nothing_to_show() -> None:
    calendar = read(write_calendar([], name="Lịch họp: Nguyễn Văn Ưu"))
    assert calendar.walk("VEVENT") == []
    assert str(calendar["X-WR-CALNAME"]) == "Lịch họp: Nguyễn Văn Ưu"
