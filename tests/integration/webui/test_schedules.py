"""Pages of work schedules: gathered, approved, sealed, changed; and the feed."""

import io
import re
from datetime import timedelta
from urllib.parse import urlsplit

import icalendar
import pytest

from engine.clock import local
from engine.model.schedule import (
    monday_of,
)
from tests.houses import PIN

_WEEKS = iter(range(1, 50))


@pytest.fixture
def monday(town):
    """Return the Monday of a week nobody has opened yet."""
    today = local(town.house.clock.now()).date()
    return monday_of(today) + timedelta(weeks=next(_WEEKS))


def open_week(town, monday, login="snv.vanthu"):
    data = {"agency": login.split(".")[0], "week": monday.isoformat()}
    answer = town.visitor(login).post("/lich-lam-viec/mo", data)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def leader(town):
    return town.stage.actor("snv.lanhdao").person_id


def add(town, url, monday, login="snv.vanthu", **changes):
    fields = {
        "day": monday.isoformat(),
        "part": "morning",
        "starts_at": "07:30",
        "content": "Họp giao ban tuần",
        "leader_ids": leader(town),
        "place": "Phòng họp 1",
    }
    return town.visitor(login).post(f"{url}/muc", fields | changes)


def act(town, login, url, name, data=None):
    page = town.visitor(login).get(url).text
    found = re.search(rf'action="([^"]+/{name})"', page)
    assert found is not None, name
    return town.visitor(login).post(found.group(1), data or {})


def publish(town, url, **submitted):
    assert act(town, "snv.vanthu", url, "trinh", submitted).status_code == 303
    assert act(town, "snv.lanhdao", url, "duyet").status_code == 303
    assert act(town, "snv.vanthu", url, "cong-bo", {"pin": PIN}).status_code == 303


def week_of(monday):
    return f"/lich-lam-viec?co_quan=snv&tuan={monday}"


def test_week_is_published_to_the_agency_and_verifies(town, monday):
    url = open_week(town, monday)
    assert add(town, url, monday).status_code == 303
    publish(town, url)

    page = town.visitor("snv.chuyenvien").get(week_of(monday)).text
    assert "Họp giao ban tuần" in page
    assert "Đang có hiệu lực" in town.visitor("snv.chuyenvien").get(url).text
    assert "Hợp lệ: 1 chữ ký" in town.visitor("snv.chuyenvien").get(f"{url}/kiem-tra").text
    file = town.visitor("snv.chuyenvien").get(f"{url}/tep.pdf")
    assert file.data.startswith(b"%PDF-")
    verdict = town.visitor("stc.vanthu").post(
        "/kiem-tra", {"file": (io.BytesIO(file.data), "lich.pdf")}
    )
    assert "Hợp lệ: 1 chữ ký" in verdict.text


def test_work_waits_on_the_list_of_who_has_to_do_it(town, monday):
    url = open_week(town, monday)
    add(town, url, monday)
    title = f"Lịch làm việc tuần từ {monday:%d/%m/%Y}"

    for login, name in (("snv.vanthu", "trinh"), ("snv.lanhdao", "duyet")):
        basket = town.visitor(login).get("/viec/lich-lam-viec").text
        assert title in basket
        assert url in basket
        act(town, login, url, name)
    assert title in town.visitor("snv.vanthu").get("/viec/lich-lam-viec").text
    assert title not in town.visitor("snv.lanhdao").get("/viec/lich-lam-viec").text


def test_entry_stays_typed_when_it_ends_before_it_starts(town, monday):
    url = open_week(town, monday)

    answer = add(town, url, monday, starts_at="14:00", ends_at="13:00", place="Hội trường B")

    assert answer.status_code == 422
    assert "Giờ kết thúc phải sau giờ bắt đầu" in answer.text
    assert "Hội trường B" in answer.text


def test_entry_is_refused_beside_its_field_when_the_time_is_none(town, monday):
    url = open_week(town, monday)

    answer = add(town, url, monday, starts_at="sáng sớm")

    assert answer.status_code == 422
    assert "Hãy ghi giờ như 07:30." in answer.text


@pytest.mark.parametrize("written", ["7h30", "07:30", "7 giờ 30"])
def test_entry_takes_times_as_people_write_them(town, monday, written):
    url = open_week(town, monday)

    assert add(town, url, monday, starts_at=written).status_code == 303
    assert "07 giờ 30" in town.visitor("snv.vanthu").get(url).text


def test_office_confirms_a_clash_before_it_submits(town, monday):
    url = open_week(town, monday)
    add(town, url, monday)
    add(town, url, monday, content="Tiếp đoàn kiểm tra", starts_at="08:00", place="")

    refused = act(town, "snv.vanthu", url, "trinh")

    assert refused.status_code == 409
    assert "chưa được xác nhận" in refused.text
    seen = re.findall(r'name="confirmed" value="([^"]+)"', refused.text)
    assert len(seen) == 1
    assert act(town, "snv.vanthu", url, "trinh", {"confirmed": seen}).status_code == 303


def test_entry_is_mended_and_taken_out_while_the_week_is_gathered(town, monday):
    url = open_week(town, monday)
    add(town, url, monday, content="Họp chi bộ")
    page = town.visitor("snv.vanthu").get(url).text
    entry = re.search(rf'{url}/muc/([0-9a-f]+)#entry"', page).group(1)

    form = town.visitor("snv.vanthu").get(f"{url}/muc/{entry}").text
    assert "Họp chi bộ" in form
    assert "checked" in form
    fields = {"day": monday.isoformat(), "part": "afternoon", "content": "Họp chi bộ tháng"}
    fields |= {"leader_ids": leader(town)}
    unseen = town.visitor("snv.vanthu").post(f"{url}/muc/{entry}", fields)
    assert (unseen.status_code, "Có người vừa lưu một bản mới hơn" in unseen.text) == (409, True)
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', form).group(1)
    changed = town.visitor("snv.vanthu").post(f"{url}/muc/{entry}", fields | {"seen": seen})
    assert changed.status_code == 303
    again = town.visitor("snv.vanthu").post(f"{url}/muc/{entry}", fields | {"seen": seen})
    assert again.status_code == 409
    assert "Họp chi bộ tháng" in town.visitor("snv.vanthu").get(url).text
    assert town.visitor("snv.vanthu").post(f"{url}/muc/{entry}/bo").status_code == 303
    assert "Họp chi bộ tháng" not in town.visitor("snv.vanthu").get(url).text


def test_private_entry_is_shown_to_its_leader_and_who_entered_it_only(town, monday):
    url = open_week(town, monday)
    add(town, url, monday, login="snv.chuyenvien", content="Khám sức khỏe", is_private="y")

    for login in ("snv.lanhdao", "snv.chuyenvien"):
        assert "Khám sức khỏe" in town.visitor(login).get(url).text, login
    for login in ("snv.vanthu", "snv.truongphong"):
        assert "Khám sức khỏe" not in town.visitor(login).get(url).text, login
    # Whoever consolidates the week sees that the time is taken.
    assert "#lock" in town.visitor("snv.vanthu").get(url).text
    assert "#lock" not in town.visitor("snv.truongphong").get(url).text


def test_change_keeps_the_published_week_until_it_is_sealed(town, monday):
    url = open_week(town, monday)
    add(town, url, monday)
    publish(town, url)

    changed = act(town, "snv.vanthu", url, "dieu-chinh", {"reason": "Đổi giờ họp"})
    newer = changed.headers["Location"]
    add(town, newer, monday, content="Họp Hội đồng thi đua", starts_at="15:00", place="P2")

    assert "Đang có bản mới hơn được soạn" in town.visitor("snv.chuyenvien").get(url).text
    assert "thi đua" not in town.visitor("snv.chuyenvien").get(week_of(monday)).text
    publish(town, newer)
    page = town.visitor("snv.chuyenvien").get(week_of(monday)).text
    assert "Bản điều chỉnh lần 1" in page
    assert re.search(r"Bổ sung\.</b>.*?thi đua", page, re.DOTALL)
    assert "Đã được thay bằng bản mới" in town.visitor("snv.chuyenvien").get(url).text


def test_second_change_is_refused_while_one_is_prepared(town, monday):
    url = open_week(town, monday)
    add(town, url, monday)
    publish(town, url)
    act(town, "snv.vanthu", url, "dieu-chinh", {"reason": "Đổi giờ họp"})

    again = town.visitor("snv.vanthu").post(f"{url}/dieu-chinh", {"reason": "Lần nữa"})

    assert again.status_code == 409
    assert "mỗi tuần chỉ soạn một bản" in again.text


def test_other_agency_reads_a_week_only_when_it_is_for_the_city(town, monday):
    hidden, shown = open_week(town, monday), open_week(town, monday + timedelta(weeks=30))
    for url, day, fields in (
        (hidden, monday, {}),
        (shown, monday + timedelta(weeks=30), {"to_city": "y"}),
    ):
        add(town, url, day)
        add(town, url, day, content="Việc nhà", is_private="y", starts_at="16:00", place="")
        publish(town, url, **fields)

    for path in ("", "/tep.pdf", "/kiem-tra"):
        assert town.visitor("stc.chuyenvien").get(hidden + path).status_code == 404, path
        assert town.visitor("stc.chuyenvien").get(shown + path).status_code == 200, path
    page = town.visitor("stc.chuyenvien").get(shown).text
    assert "Họp giao ban tuần" in page
    assert "Việc nhà" not in page
    assert "#lock" not in page
    assert town.visitor("stc.chuyenvien").get(f"{shown}/nhat-ky").status_code == 404


def test_only_the_office_opens_a_week(town, monday):
    data = {"agency": "snv", "week": monday.isoformat()}

    assert town.visitor("snv.chuyenvien").post("/lich-lam-viec/mo", data).status_code == 403
    assert town.visitor("stc.vanthu").post("/lich-lam-viec/mo", data).status_code == 303
    page = town.visitor("snv.chuyenvien").get(week_of(monday)).text
    assert "lịch được công bố" in page


def test_filter_shows_one_leaders_week(town, monday):
    url = open_week(town, monday)
    add(town, url, monday)
    officer = town.stage.actor("snv.truongphong").person_id
    add(town, url, monday, content="Tập huấn văn thư", leader_ids=officer, place="")

    page = town.visitor("snv.vanthu").get(f"{url}?lanh_dao={officer}").text

    assert "Tập huấn văn thư" in page
    assert "Họp giao ban tuần" not in page


def test_feed_gives_published_entries_without_signing_in(town, monday):
    url = open_week(town, monday)
    add(town, url, monday)
    add(town, url, monday, content="Khám bệnh", is_private="y", starts_at="16:00", place="")
    publish(town, url)
    page = town.visitor("snv.chuyenvien").post("/lich-lam-viec/dia-chi", {"agency": "snv"})
    assert page.headers["Cache-Control"] == "no-store"
    address = urlsplit(re.search(r'value="([^"]+\.ics)"', page.text).group(1)).path

    answer = town.anyone().get(address)

    assert answer.mimetype == "text/calendar"
    calendar = icalendar.Calendar.from_ical(answer.data)
    events = [
        event for event in calendar.walk("VEVENT") if event.decoded("dtstart").date() == monday
    ]
    assert [str(event["summary"]) for event in events] == ["Họp giao ban tuần"]
    assert f"{events[0].decoded('dtstart'):%H:%M %z}" == "07:30 +0700"
    assert str(events[0]["location"]) == "Phòng họp 1"
    town.visitor("snv.chuyenvien").post("/lich-lam-viec/dia-chi/dong", {"agency": "snv"})
    assert town.anyone().get(address).status_code == 404


def test_pages_speak_english_when_the_reader_does(town, monday):
    url = open_week(town, monday)
    add(town, url, monday)
    visitor = town.visitor("snv.truongphong")
    visitor.get("/ngon-ngu/en")

    for page in (url, week_of(monday), "/lich-lam-viec"):
        assert visitor.get(page).status_code == 200
    visitor.get("/ngon-ngu/vi")


@pytest.mark.parametrize(
    "day", ["0001-01-01", "9999-12-31", "9999-12-20", "31/12/9999", "x", "\x00"]
)
def test_day_out_of_time_shows_this_week_or_is_refused(town, day):
    clerk = town.visitor("snv.vanthu")

    assert clerk.get("/lich-lam-viec", query_string={"tuan": day}).status_code == 200
    opened = clerk.post("/lich-lam-viec/mo", {"agency": "snv", "week": day})
    assert opened.status_code == 422


def test_approved_week_is_taken_back_from_its_page(town, monday):
    url = open_week(town, monday)
    add(town, url, monday)
    act(town, "snv.vanthu", url, "trinh")
    act(town, "snv.lanhdao", url, "duyet")

    assert act(town, "snv.vanthu", url, "rut-lai").status_code == 422
    assert act(town, "snv.vanthu", url, "rut-lai", {"reason": "Sai giờ"}).status_code == 303

    page = town.visitor("snv.vanthu").get(url).text
    assert "Bị trả lại: Sai giờ" in page
    publish(town, url)
    assert "Đang có hiệu lực" in town.visitor("snv.vanthu").get(url).text


def test_private_place_is_on_no_page_of_the_office(town, monday):
    url = open_week(town, monday)
    for content in ("Khám bệnh", "Khám lại"):
        add(town, url, monday, "snv.lanhdao", content=content, place="Bệnh viện K", is_private="y")

    page = town.visitor("snv.vanthu").get(url).text

    assert "Trùng người" in page
    assert "Bệnh viện K" not in page


def test_proofs_of_a_week_are_not_typeset_without_end(town, monday):
    url = open_week(town, monday)
    add(town, url, monday)
    officer = town.visitor("snv.truongphong")

    answers = [officer.get(f"{url}/tep.pdf").status_code for _ in range(31)]

    assert answers == [200] * 30 + [429]
    publish(town, url)
    assert officer.get(f"{url}/tep.pdf").status_code == 429
    reader = town.visitor("snv.chuyenvien")
    assert {reader.get(f"{url}/tep.pdf").status_code for _ in range(32)} == {200}
