"""Meetings on the pages: plan, invite, answer, minutes, calendar."""

import re
from datetime import timedelta

import icalendar
import pytest

from engine.clock import FixedClock, local
from engine.model.meeting import Answer, Guest, MeetingId, MeetingState
from engine.model.organisation import AgencyId
from tests.factories.meetings import PLANNER, STC, Table
from tests.houses import Stage
from tests.integration.webui.conftest import Town
from tests.integration.workflows.test_meetings import CONCLUSIONS, concluded
from webui.app import create_app
from webui.bootstrap import House
from webui.limits import limiter


class _TownClock:
    """Let the factory read the town's own clock, which nobody moves."""

    def __init__(self, town: Town) -> None:
        self._town = town

    def now(self):
        return self._town.house.clock.now()


@pytest.fixture
def table(town: Town) -> Table:
    return Table(town.stage, _TownClock(town))  # type: ignore[arg-type] # never moved here


def form_of(table: Table, days: int, **changes: object) -> dict[str, object]:
    day = local(table.start(days)).date()
    return {
        "agency": "snv",
        "title": "Họp giao ban công tác văn thư",
        "chair_id": table.person("snv.lanhdao"),
        "starts_on": day.isoformat(),
        "starts_time": "08:00",
        "ends_time": "10:00",
        "reply_on": (day - timedelta(days=1)).isoformat(),
        "reply_time": "16:00",
        "place": "Hội trường Sở",
        "agenda": "08:00 | Báo cáo | Văn phòng\nThảo luận",
        "guests": ["agency:stc:", "unit:snv:snv.cchc"],
    } | changes


def plan(town: Town, table: Table, days: int) -> MeetingId:
    answer = town.visitor(PLANNER).post("/cuoc-hop/moi", form_of(table, days))
    assert answer.status_code == 303, answer.text
    return MeetingId(answer.location.rsplit("/", 1)[-1])


def test_plan_page_keeps_the_plan_when_everything_is_said(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 40)
    page = town.visitor(PLANNER).get(f"/cuoc-hop/{meeting_id}").text
    assert "Họp giao ban công tác văn thư" in page
    assert "Gửi lời mời" in page
    assert "Thảo luận" in page


def test_plan_page_shows_the_form_again_when_the_day_is_missing(town: Town, table: Table) -> None:
    answer = town.visitor(PLANNER).post("/cuoc-hop/moi", form_of(table, 41, starts_on=""))
    assert answer.status_code == 422
    assert "Ngày họp" in answer.text
    assert "Hội trường Sở" in answer.text


def test_plan_page_offers_to_keep_it_when_there_is_a_clash(town: Town, table: Table) -> None:
    plan(town, table, 42)
    visitor = town.visitor(PLANNER)
    answer = visitor.post("/cuoc-hop/moi", form_of(table, 42))
    assert answer.status_code == 409
    assert "confirm_clash" in answer.text
    again = visitor.post("/cuoc-hop/moi", form_of(table, 42, confirm_clash="1"))
    assert again.status_code == 303


def test_reply_page_counts_the_answer_when_a_clerk_declines(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 43)
    table.invite(meeting_id)
    invitee = table.invitee(meeting_id, Guest(agency_id=STC))
    clerk = town.visitor("stc.vanthu")
    assert "giay-moi-hop" in clerk.get("/").text
    url = f"/cuoc-hop/{meeting_id}/nguoi-moi/{invitee.id}"
    bare = clerk.post(url, {f"{invitee.id}-answer": "decline"})
    assert bare.status_code == 422
    sent = clerk.post(
        url, {f"{invitee.id}-answer": "decline", f"{invitee.id}-reason": "Bận họp khác."}
    )
    assert sent.status_code == 303
    live = town.visitor(PLANNER).get(f"/cuoc-hop/{meeting_id}/tra-loi").text
    assert "1 vắng" in live
    assert "Bận họp khác." in live
    assert 'hx-trigger="every 15s"' in live


def test_reply_page_takes_a_colleague_when_one_is_chosen(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 44)
    table.invite(meeting_id)
    invitee = table.invitee(meeting_id, Guest(agency_id=STC))
    colleague = table.person("stc.chuyenvien")
    sent = town.visitor("stc.lanhdao").post(
        f"/cuoc-hop/{meeting_id}/nguoi-moi/{invitee.id}",
        {f"{invitee.id}-answer": "substitute", f"{invitee.id}-substitute_id": colleague},
    )
    assert sent.status_code == 303
    reply = table.invitee(meeting_id, Guest(agency_id=STC)).reply
    assert reply is not None
    assert reply.substitute is not None
    assert (reply.answer, reply.substitute.person_id) == (Answer.SUBSTITUTE, colleague)


def test_answers_of_others_stay_with_the_organiser_when_an_invitee_looks(
    town: Town, table: Table
) -> None:
    meeting_id = plan(town, table, 45)
    table.invite(meeting_id)
    unit = next(each for each in table.invitees(meeting_id) if each.unit_id)
    table.cases.reply(
        unit.id, table.stage.actor("snv.truongphong"), Answer.DECLINE, reason="Nghỉ phép năm."
    )
    assert "Nghỉ phép năm." not in town.visitor("stc.vanthu").get(f"/cuoc-hop/{meeting_id}").text


def test_meeting_page_is_unknown_when_a_stranger_asks(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 46)
    assert town.visitor("vpub.chuyenvien").get(f"/cuoc-hop/{meeting_id}").status_code == 404


@pytest.mark.parametrize("scope", ["cua-toi", "co-quan", "to-chuc", "la"])
@pytest.mark.parametrize("period", ["hom-nay", "tuan", "sap-toi", "da-qua"])
def test_list_shows_meetings_when_any_scope_and_period_is_chosen(
    town: Town, scope: str, period: str
) -> None:
    page = town.visitor(PLANNER).get(f"/cuoc-hop?pham-vi={scope}&ky={period}")
    assert page.status_code == 200


def test_list_shows_own_answer_when_the_agency_is_invited(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 47)
    table.invite(meeting_id)
    page = town.visitor("stc.lanhdao").get("/cuoc-hop?pham-vi=co-quan").text
    assert meeting_id in page
    assert "Chưa trả lời" in page


def test_calendar_file_reads_back_when_a_meeting_is_downloaded(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 48)
    table.invite(meeting_id)
    answer = town.visitor("stc.vanthu").get(f"/cuoc-hop/{meeting_id}/lich.ics")
    assert answer.mimetype == "text/calendar"
    calendar = icalendar.Calendar.from_ical(answer.data)
    (event,) = calendar.walk("VEVENT")
    assert str(event["SUMMARY"]) == "Họp giao ban công tác văn thư"
    assert event["DTSTART"].dt == table.start(48)
    assert int(event["SEQUENCE"]) == 0


def test_feed_shows_own_meetings_when_the_address_is_right(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 49)
    table.invite(meeting_id)
    leader = town.visitor("snv.lanhdao")
    page = leader.post("/cuoc-hop/lich-ca-nhan", {"act": "tao"}).text
    found = re.search(r"/lich-hop/[\w-]+\.ics", page)
    assert found is not None
    anyone = town.anyone()
    feed = anyone.get(found.group(0))
    assert feed.status_code == 200
    uids = [str(e["UID"]) for e in icalendar.Calendar.from_ical(feed.data).walk("VEVENT")]
    assert f"meeting-{meeting_id}@trinhky" in uids
    leader.post("/cuoc-hop/lich-ca-nhan", {"act": "bo"})
    assert anyone.get(found.group(0)).status_code == 404


def test_feed_is_unknown_when_the_address_is_guessed(town: Town) -> None:
    assert town.anyone().get("/lich-hop/abc.ics").status_code == 404


def test_change_page_moves_the_meeting_when_a_reason_is_given(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 50)
    table.invite(meeting_id)
    visitor, task_id = town.visitor(PLANNER), table.task(meeting_id)
    page = visitor.get(f"/cuoc-hop/{meeting_id}/sua/{task_id}").text
    assert "mọi người được hỏi lại" in page
    version = str(table.meeting(meeting_id).version)
    url = f"/cuoc-hop/{meeting_id}/viec/{task_id}/sua"
    fields = form_of(table, 51, version=version)
    assert visitor.post(url, fields).status_code == 422
    assert visitor.post(url, fields | {"reason": "Đổi lịch."}).status_code == 303
    calendar = visitor.get(f"/cuoc-hop/{meeting_id}/lich.ics").data
    (event,) = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    assert int(event["SEQUENCE"]) == 1


def test_cancel_page_marks_the_calendar_when_a_meeting_is_called_off(
    town: Town, table: Table
) -> None:
    meeting_id = plan(town, table, 52)
    table.invite(meeting_id)
    visitor = town.visitor(PLANNER)
    url = f"/cuoc-hop/{meeting_id}/viec/{table.task(meeting_id)}/huy"
    assert visitor.post(url, {"reason": "Hoãn họp."}).status_code == 303
    assert table.meeting(meeting_id).state is MeetingState.CANCELLED
    (event,) = icalendar.Calendar.from_ical(
        visitor.get(f"/cuoc-hop/{meeting_id}/lich.ics").data
    ).walk("VEVENT")
    assert str(event["STATUS"]) == "CANCELLED"


def test_draft_page_opens_when_a_giay_moi_is_drafted(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 53)
    visitor = town.visitor(PLANNER)
    answer = visitor.post(f"/cuoc-hop/{meeting_id}/giay-moi")
    assert answer.status_code == 303
    page = visitor.get(answer.location).text
    assert "Hội trường Sở" in page
    assert "Cuộc họp đã đổi" not in page
    meeting = visitor.get(f"/cuoc-hop/{meeting_id}").text
    assert "Soạn giấy mời" not in meeting
    assert "Giấy mời: Họp" not in meeting
    url = f"/cuoc-hop/{meeting_id}/viec/{table.task(meeting_id)}"
    changed = form_of(table, 53, place="Nhà khách số 5", reason="Đổi nơi họp.")
    changed["version"] = str(table.meeting(meeting_id).version)
    assert visitor.post(f"{url}/sua", changed).status_code == 303
    page = visitor.get(answer.location).text
    assert "Cuộc họp đã đổi thời gian, địa điểm" in page
    assert "Nhà khách số 5" in page
    assert visitor.post(f"{url}/huy", {"reason": "Thử."}).status_code == 303
    assert "Cuộc họp đã hủy" in visitor.get(answer.location).text


def test_trail_page_shows_every_act_when_it_is_opened(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 54)
    page = town.visitor(PLANNER).get(f"/cuoc-hop/{meeting_id}/nhat-ky").text
    assert "Lên kế hoạch họp" in page


def test_pages_speak_english_when_the_reader_does(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 55)
    town.visitor(PLANNER).client.set_cookie("trinhky_lang", "en")
    for url in ("/cuoc-hop", "/cuoc-hop/moi", f"/cuoc-hop/{meeting_id}"):
        assert town.visitor(PLANNER).get(url).status_code == 200
    town.visitor(PLANNER).client.delete_cookie("trinhky_lang")


def test_plan_page_is_refused_when_an_agency_is_not_ones_own(town: Town, table: Table) -> None:
    fields = form_of(table, 56, agency="stc", guests=[])
    answer = town.visitor(PLANNER).post("/cuoc-hop/moi", fields)
    # What is not offered is not taken: the meeting is the actor's own agency's.
    assert answer.status_code == 303
    meeting = table.meeting(MeetingId(answer.location.rsplit("/", 1)[-1]))
    assert meeting.plan.agency_id == AgencyId("snv")


def test_edit_page_is_unknown_when_an_invited_agency_asks(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 57)
    table.invite(meeting_id)
    url = f"/cuoc-hop/{meeting_id}/sua/{table.task(meeting_id)}"
    assert town.visitor("stc.vanthu").get(url).status_code == 404
    assert town.visitor(PLANNER).get(url).status_code == 200


def test_trail_page_is_refused_when_an_invited_agency_asks(town: Town, table: Table) -> None:
    meeting_id = plan(town, table, 58)
    table.invite(meeting_id)
    url = f"/cuoc-hop/{meeting_id}/nhat-ky"
    answer = town.visitor("stc.vanthu").get(url)
    assert answer.status_code in {403, 404}
    assert "Mời họp" not in answer.text


@pytest.mark.parametrize("version", ["9" * 5000, "9" * 10, "x", "²"])
def test_change_page_says_it_changed_when_the_version_is_no_number(
    town: Town, table: Table, version: str
) -> None:
    meeting_id = plan(town, table, 59)
    visitor = town.visitor(PLANNER)
    task_id = table.task(meeting_id)
    url = f"/cuoc-hop/{meeting_id}/viec/{task_id}/sua"
    assert visitor.post(url, form_of(table, 60, version=version)).status_code == 409
    visitor.post(f"/cuoc-hop/{meeting_id}/viec/{task_id}/huy", {"reason": "Thử."})


def test_list_offers_to_plan_when_the_reader_may(town: Town) -> None:
    assert 'href="/cuoc-hop/moi"' in town.visitor(PLANNER).get("/cuoc-hop").text


@pytest.fixture
def later(house: House, clock: FixedClock) -> tuple[Town, Table]:
    """Return pages of a house whose clock moves."""
    town = Town(house=house, app=create_app(house), stage=Stage(house))
    limiter.reset()
    return town, Table(town.stage, clock)


def test_conclude_page_asks_for_confirmation_when_orders_are_in_no_notice(
    later: tuple[Town, Table],
) -> None:
    town, table = later
    meeting_id = table.held(CONCLUSIONS.format(day=f"{table.start(days=30):%d/%m/%Y}"))
    visitor = town.visitor(PLANNER)
    url = f"/cuoc-hop/{meeting_id}/viec/{table.task(meeting_id)}/ket-luan"
    asked = visitor.post(url)
    assert asked.status_code == 409
    assert 'name="confirm_left"' in asked.text
    assert table.meeting(meeting_id).state is MeetingState.HELD
    assert visitor.post(url, {"confirm_left": "1"}).status_code == 303
    assert table.meeting(meeting_id).state is MeetingState.CONCLUDED


def test_orders_page_asks_why_when_proposed_ones_are_left_out(
    later: tuple[Town, Table],
) -> None:
    town, table = later
    meeting_id = concluded(table)
    chair = town.visitor("snv.lanhdao")
    page = chair.get(f"/cuoc-hop/{meeting_id}").text
    assert 'name="left_reason"' in page
    url = f"/cuoc-hop/{meeting_id}/viec/{table.task(meeting_id, 'snv.lanhdao')}/giao"
    # The row after those proposed is for what was not read as an order.
    one_more = {
        "take_2": "1",
        "content_2": "Báo cáo thêm một việc.",
        "lead_2": "unit:snv:snv.cchc",
        "none_2": "1",
    }
    wrong = chair.post(url, one_more | {"none_2": "", "left_reason": "Để sau."})
    assert wrong.status_code == 422
    assert "Nhiệm vụ thứ 3:" in wrong.text
    asked = chair.post(url, one_more)
    assert asked.status_code == 422
    assert "2 câu" in asked.text
    assert "Báo cáo thêm một việc." in asked.text
    sent = chair.post(url, one_more | {"left_reason": "Đã giao bằng văn bản khác."})
    assert sent.status_code == 303
    assert table.meeting(meeting_id).orders_given == 1
