"""Boards and the day's page: right at any moment, each person sees what is theirs."""

import csv
import io
import re
from datetime import datetime, time, timedelta

import pytest
from openpyxl import load_workbook

from engine.clock import VIETNAM, FixedClock, local
from engine.model.assignment import (
    Assignment,
    AssignmentState,
    Extension,
    ExtensionId,
    Party,
    Source,
    SourceKind,
)
from engine.model.document import Circulation
from engine.model.organisation import AgencyId, PersonId, UnitId
from engine.model.urgency import Urgency
from tests.factories.assignments import an_assignment
from tests.houses import Stage, person_id
from tests.integration.webui.conftest import Town
from tests.orders import Desk
from webui.app import create_app
from webui.bootstrap import House
from webui.limits import limiter

CITY_LEADER, LEADER, HEAD, OFFICER = (
    "ubnd-tp.lanhdao",
    "snv.lanhdao",
    "snv.truongphong",
    "snv.chuyenvien",
)


def unit_of(town: Town, login: str) -> UnitId:
    unit_id = town.stage.actor(login).posts[0].unit_id
    assert unit_id is not None
    return unit_id


def a_lead(town: Town, login: str = OFFICER, *, agency: str = "snv") -> Party:
    person = PersonId(person_id(login))
    return Party(agency_id=AgencyId(agency), unit_id=unit_of(town, login), person_id=person)


def give(town: Town, giver: str, lead: Party, *, days: int | None = 10, **changes) -> Assignment:
    """Put an assignment on record, given today and due in so many days."""
    now = town.house.clock.now()
    assignment = an_assignment(town.stage.actor(giver), lead, now, days=days, **changes)
    with town.house.start_work() as work:
        work.assignments.add(assignment)
        work.commit()
    return assignment


def save(town: Town, assignment: Assignment, **changes) -> None:
    for name, value in changes.items():
        setattr(assignment, name, value)
    with town.house.start_work() as work:
        work.assignments.save(assignment)
        work.commit()


def tiles(page: str, *, row: int = 0) -> list[int]:
    """Return one row of six: of what a leader gave, below it of what the agency was given."""
    every = [int(each) for each in re.findall(r'class="tk-tile[^>]*><b>(\d+)</b>', page)]
    return every[row * 6 : row * 6 + 6]


def values(page: str) -> list[str]:
    """Return the numbers of the last line of a board."""
    line = page.split('class="tk-sum"', 1)[1].split("</tr>", 1)[0]
    return [re.sub(r"<[^>]+>", "", f"<td{cell}").strip() for cell in line.split("<td")[2:]]


def test_day_begins_with_what_a_leader_gave_and_what_is_late(town: Town) -> None:
    before = tiles(town.visitor(LEADER).get("/hom-nay").text)
    late = give(town, LEADER, a_lead(town), days=-3)
    give(town, LEADER, a_lead(town))

    page = town.visitor(LEADER).get("/hom-nay").text

    after = tiles(page)
    assert [b - a for a, b in zip(before, after, strict=True)] == [0, 0, 1, 1, 0, 0]
    assert f"/nhiem-vu/{late.id}" in page
    assert "quá 3 ngày" in page
    assert "Chờ tôi ký" in page
    assert "Chờ bút phê" in page


def test_leader_is_led_to_the_day_from_the_first_page(town: Town) -> None:
    answer = town.visitor(LEADER).get("/")
    assert (answer.status_code, answer.location) == (303, "/hom-nay")
    assert town.visitor(OFFICER).get("/").status_code == 200


def test_report_shows_at_the_next_load_and_then_its_confirmation(town: Town) -> None:
    assignment = give(town, LEADER, a_lead(town))
    reported = {"state": AssignmentState.REPORTED, "reported_at": town.house.clock.now()}
    running = tiles(town.visitor(LEADER).get("/hom-nay").text)

    save(town, assignment, **reported)
    page = town.visitor(LEADER).get("/hom-nay").text
    assert "Báo cáo hoàn thành chờ xác nhận (1)" in page
    assert tiles(page) == running

    save(town, assignment, state=AssignmentState.COMPLETED)
    page = town.visitor(LEADER).get("/hom-nay").text
    assert "chờ xác nhận (" not in page
    assert [b - a for a, b in zip(running, tiles(page), strict=True)] == [1, 0, -1, 0, 0, 0]


def test_request_for_more_time_waits_on_the_page_until_it_is_decided(town: Town) -> None:
    assignment = give(town, LEADER, a_lead(town))
    assert assignment.due_on is not None
    asked = Extension(
        id=ExtensionId("e1"),
        assignment_id=assignment.id,
        asked_by=PersonId(person_id(OFFICER)),
        asked_by_name="",
        asked_at=town.house.clock.now(),
        reason="Chờ số liệu",
        old_due_on=assignment.due_on,
        new_due_on=assignment.due_on + timedelta(days=5),
    )
    with town.house.start_work() as work:
        work.assignments.add_extension(asked)
        work.commit()
    save(town, assignment, extension_open=True)

    page = town.visitor(LEADER).get("/hom-nay").text

    assert "Đề nghị gia hạn chờ quyết định (1)" in page
    assert f"xin đến {asked.new_due_on:%d/%m/%Y}" in page
    save(town, assignment, extension_open=False)
    assert "Đề nghị gia hạn chờ" not in town.visitor(LEADER).get("/hom-nay").text


@pytest.mark.parametrize("login", [HEAD, OFFICER, "snv.vanthu", "vpub.quantri", CITY_LEADER])
def test_everybody_has_a_page_for_the_day_and_a_board(town: Town, login: str) -> None:
    assert town.visitor(login).get("/hom-nay").status_code == 200
    board = town.visitor(login).get("/bang-theo-doi", follow_redirects=True)
    assert board.status_code == 200
    assert "Các bảng theo dõi" in board.text


def test_unit_head_sees_the_unit_and_an_officer_their_own(town: Town) -> None:
    before = [tiles(town.visitor(each).get("/hom-nay").text) for each in (HEAD, OFFICER)]
    give(town, CITY_LEADER, a_lead(town))
    after = [tiles(town.visitor(each).get("/hom-nay").text) for each in (HEAD, OFFICER)]
    for was, now in zip(before, after, strict=True):
        assert sum(now) == sum(was) + 1


BOARDS = {
    "city": "/bang-theo-doi/thanh-pho",
    "snv": "/bang-theo-doi/co-quan?pham_vi=snv",
    "stc": "/bang-theo-doi/co-quan?pham_vi=stc",
    "unit": "/bang-theo-doi/don-vi?pham_vi={unit}",
    "own": "/bang-theo-doi/cua-toi?pham_vi={officer}",
    "given": "/bang-theo-doi/toi-giao?pham_vi={leader}",
}
SEEN = {
    CITY_LEADER: {"city", "snv", "stc", "unit", "own"},
    "vpub.lanhdao": {"city", "snv", "stc", "unit", "own"},
    "vpub.vanthu": {"city", "snv", "stc", "unit", "own"},
    "vpub.chuyenvien": set(),
    LEADER: {"snv", "unit", "own", "given"},
    "snv.vanthu": {"snv", "unit", "own"},
    HEAD: {"unit", "own"},
    OFFICER: {"own"},
    "stc.lanhdao": {"stc"},
    "stc.chuyenvien": set(),
    "vpub.quantri": set(),
}


@pytest.mark.parametrize("login", SEEN)
@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("part", ["", "/danh-sach"])
def test_board_is_shown_to_those_above_it_only(
    town: Town, login: str, board: str, part: str
) -> None:
    path, _, asked = BOARDS[board].partition("?")
    url = f"{path}{part}?{asked}".format(
        unit=unit_of(town, HEAD), officer=person_id(OFFICER), leader=person_id(LEADER)
    )
    answer = town.visitor(login).get(url)
    assert answer.status_code == (200 if board in SEEN[login] else 403), (login, url)


def test_board_of_nowhere_is_not_found(town: Town) -> None:
    for url in ("/bang-theo-doi/co-quan?pham_vi=x", "/bang-theo-doi/don-vi?pham_vi=x"):
        assert town.visitor(CITY_LEADER).get(url).status_code == 404
    assert town.visitor(CITY_LEADER).get("/bang-theo-doi/tinh").status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        "tu=2026-13",
        "den=x",
        "tu=2026-02&den=2026-01",
        "khan=gap",
        "dang=pdf",
    ],
)
def test_board_is_refused_when_the_address_asks_for_nothing_there_is(
    town: Town, asked: str
) -> None:
    answer = town.visitor(CITY_LEADER).get(f"/bang-theo-doi/thanh-pho?{asked}")
    assert answer.status_code == (404 if asked.startswith("dang") else 422)
    assert "<h1" in answer.text


@pytest.mark.parametrize("asked", ["the=cancelled", "the=x", "dong=x", "sau=x", "dong=unit:"])
def test_list_is_refused_when_the_address_asks_for_nothing_there_is(
    town: Town, asked: str
) -> None:
    answer = town.visitor(CITY_LEADER).get(f"/bang-theo-doi/thanh-pho/danh-sach?{asked}")
    assert answer.status_code == 422


def test_number_leads_to_the_assignments_and_each_to_its_page(town: Town) -> None:
    assignment = give(town, CITY_LEADER, Party(agency_id=AgencyId("stc")), days=-8)
    page = town.visitor(CITY_LEADER).get("/bang-theo-doi/thanh-pho").text
    url = re.search(
        r'href="(/bang-theo-doi/thanh-pho/danh-sach\?dong=agency:stc&amp;the=running_overdue)"',
        page,
    )
    assert url, page
    assert 'aria-label="1: Đang thực hiện quá hạn, Sở Tài chính"' in page
    listed = town.visitor(CITY_LEADER).get(url[1].replace("&amp;", "&")).text
    assert f'href="/nhiem-vu/{assignment.id}"' in listed
    assert "quá 8 ngày" in listed
    assert "&lt;b&gt;" in listed
    assert "<b>" not in listed.split("<tbody", 1)[1].split("</tbody>", 1)[0]


def test_filters_narrow_the_board(town: Town) -> None:
    give(town, CITY_LEADER, Party(agency_id=AgencyId("syt")), urgency=Urgency.EXPRESS)
    visitor = town.visitor(CITY_LEADER)
    month = f"{local(town.house.clock.now()):%Y-%m}"
    everything = int(values(visitor.get("/bang-theo-doi/thanh-pho").text)[6])
    urgent = visitor.get("/bang-theo-doi/thanh-pho?khan=hoa_toc").text
    mine = visitor.get(f"/bang-theo-doi/thanh-pho?nguoi_giao={person_id(LEADER)}").text
    assert int(values(urgent)[6]) == 1
    assert 0 < int(values(mine)[6]) < everything
    now = visitor.get(f"/bang-theo-doi/thanh-pho?tu={month}&den={month}").text
    assert int(values(now)[6]) == everything
    past = visitor.get("/bang-theo-doi/thanh-pho?den=2020-01").text
    assert "Chưa có nhiệm vụ nào như vậy" in past


def test_board_is_downloaded_as_it_is_shown(town: Town) -> None:
    visitor = town.visitor(CITY_LEADER)
    shown = [int(each) for each in values(visitor.get("/bang-theo-doi/thanh-pho").text)[:7]]
    answer = visitor.get("/bang-theo-doi/thanh-pho?dang=csv")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [int(each) for each in lines[-1][1:8]] == shown
    assert lines[0][1] == "Hoàn thành đúng hạn"
    book = load_workbook(io.BytesIO(visitor.get("/bang-theo-doi/thanh-pho?dang=xlsx").data))
    last = list(book.active.iter_rows(values_only=True))[-1]
    assert list(last[1:8]) == shown


def test_pages_hold_no_inline_script_or_style(town: Town) -> None:
    visitor = town.visitor(CITY_LEADER)
    for url in ("/hom-nay", "/bang-theo-doi/thanh-pho", "/bang-theo-doi/thanh-pho/danh-sach"):
        page = visitor.get(url).text
        assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page) == [], url
        assert re.findall(r"<style|\sstyle=|\son\w+=", page) == [], url


def test_midnight_in_viet_nam_turns_an_assignment_overdue(house: House, clock: FixedClock) -> None:
    end = datetime.combine(local(clock.now()).date(), time(23, 59), VIETNAM)
    clock.move(end - clock.now())
    town = Town(house=house, app=create_app(house), stage=Stage(house))
    limiter.reset()
    give(town, LEADER, a_lead(town), days=0)
    assert tiles(town.visitor(LEADER).get("/hom-nay").text) == [0, 0, 1, 0, 0, 0]

    clock.move(timedelta(minutes=1))

    page = town.visitor(LEADER).get("/hom-nay").text
    assert tiles(page) == [0, 0, 0, 1, 0, 0]
    assert "quá 1 ngày" in page


def test_day_of_a_director_shows_what_the_city_gave_to_the_agency(town: Town) -> None:
    stage = Stage(town.house)
    key = Desk(stage).give(content="Chủ tịch giao sở việc này")
    late = give(town, CITY_LEADER, Party(agency_id=AgencyId("snv")), days=-4)

    page = town.visitor(LEADER).get("/hom-nay").text

    assert "Nhiệm vụ giao cho Sở Nội vụ" in page
    assert tiles(page, row=1)[2] >= 1
    assert tiles(page, row=1)[3] >= 1
    assert "Chủ tịch giao sở việc này" in page
    assert "/bang-theo-doi/co-quan/danh-sach?pham_vi=snv&amp;the=running_overdue" in page
    listed = town.visitor(LEADER).get(
        "/bang-theo-doi/co-quan/danh-sach?pham_vi=snv&the=running_overdue"
    )
    assert f"/nhiem-vu/{late.id}" in listed.text
    town.house.use_cases.cancel_assignment(key, stage.actor(CITY_LEADER), "Không cần nữa.")


def test_returned_assignment_waits_on_the_page_of_its_assigner(town: Town) -> None:
    stage = Stage(town.house)
    key = Desk(stage).give(content="Việc bị trả lại")
    town.house.use_cases.return_assignment(key, stage.actor(LEADER), "Không đúng chức năng.")

    page = town.visitor(CITY_LEADER).get("/hom-nay").text

    assert "Nhiệm vụ bị trả lại chờ quyết định (1)" in page
    assert "Việc bị trả lại" in page


def test_city_reads_neither_title_nor_content_of_what_circulates_internally(town: Town) -> None:
    stage = Stage(town.house)
    document = stage.issue(
        circulation=Circulation.INTERNAL,
        subject="việc riêng của hai sở",
        recipients=(AgencyId("stc"),),
    )
    stage.run_jobs()
    source = Source(kind=SourceKind.DOCUMENT, id=document, document_id=document)
    inside = give(town, LEADER, a_lead(town), content="nội dung riêng", source=source)
    city, own = town.visitor(CITY_LEADER), town.visitor(LEADER)

    behind = city.get("/bao-cao/documents/chi-tiet?co_quan=thanh-pho").text
    assert "việc riêng của hai sở" not in behind
    assert stage.document(document).number.symbol in behind
    assert f"/van-ban/{document}" not in behind
    assert "việc riêng của hai sở" in own.get("/bao-cao/documents/chi-tiet?co_quan=snv").text

    cell = "/bang-theo-doi/co-quan/danh-sach?pham_vi=snv"
    assert "nội dung riêng" not in city.get(cell).text
    assert f"/nhiem-vu/{inside.id}" not in city.get(cell).text
    assert "nội dung riêng" in own.get(cell).text


def test_reports_of_ones_own_agency_are_empty_when_it_had_not_begun(town: Town) -> None:
    answer = town.visitor(LEADER).get("/bao-cao?ky=nam&tu=2001-01-01")
    assert answer.status_code == 200
