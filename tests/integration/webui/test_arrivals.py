import re

import pytest

from engine.model.delivery import DeliveryStatus
from tests.orders import let_officers_handle


@pytest.fixture(scope="module")
def issued(town):
    document_id = town.stage.issue(recipients=("stc", "syt", "vpub"))
    town.stage.run_jobs()
    return document_id


def delivery_to(town, document_id, agency):
    with town.house.start_reading() as work:
        return work.deliveries.find(document_id, agency)


def post_task(town, login, delivery_id, act, data=None):
    task = town.stage.task(login, delivery_id)
    return town.visitor(login).post(f"/van-ban-den/{delivery_id}/viec/{task}/{act}", data)


def test_arrival_is_handled_when_everybody_does_their_part_on_the_pages(town, issued):
    arrived = delivery_to(town, issued, "stc").id
    page = town.visitor("stc.vanthu").get(f"/van-ban-den/{arrived}").text
    assert "Hợp lệ: Mai Kim Loan ký, Sở Nội vụ đóng dấu; chưa bị sửa sau khi ký." in page

    assert post_task(town, "stc.vanthu", arrived, "vao-so").status_code == 303
    leader = town.stage.actor("stc.lanhdao").person_id
    post_task(town, "stc.vanthu", arrived, "trinh", {"leader_id": leader})
    officer = town.stage.actor("stc.chuyenvien")
    post_task(
        town,
        "stc.lanhdao",
        arrived,
        "but-phe",
        {"direction": "Chủ trì tham mưu.", "handler_id": officer.person_id, "no_deadline": "y"},
    )
    worker = town.visitor("stc.chuyenvien")
    page = worker.get(f"/van-ban-den/{arrived}").text
    found = re.search(r'href="(/nhiem-vu/[0-9a-f]{32})"', page)
    assert found is not None
    worker.post(f"{found[1]}/nhan")
    assert worker.post(f"{found[1]}/hoan-thanh", {"report": "Đã báo cáo."}).status_code == 303
    answer = town.visitor("stc.lanhdao").post(f"{found[1]}/xac-nhan")

    assert answer.status_code == 303
    assert "Đã báo cáo." in worker.get(f"/van-ban-den/{arrived}").text
    assert delivery_to(town, issued, "stc").status is DeliveryStatus.COMPLETED
    assert "Đã hoàn thành" in town.visitor("snv.vanthu").get(f"/van-ban/{issued}").text
    assert "Sở Nội vụ" in town.visitor("stc.vanthu").get("/so-van-ban/den").text


def test_sender_sees_the_reason_when_a_recipient_refuses(town, issued):
    arrived = delivery_to(town, issued, "syt").id
    empty = post_task(town, "syt.vanthu", arrived, "tu-choi", {"reason": ""})
    assert empty.status_code == 422

    post_task(town, "syt.vanthu", arrived, "tu-choi", {"reason": "Gửi nhầm cơ quan."})

    board = town.visitor("snv.vanthu").get(f"/van-ban/{issued}/tinh-trang-gui").text
    assert "Lý do: Gửi nhầm cơ quan." in board


def test_direction_is_asked_for_again_when_no_deadline_is_chosen(town, issued):
    arrived = delivery_to(town, issued, "vpub").id
    post_task(town, "vpub.vanthu", arrived, "vao-so")
    leader = town.stage.actor("vpub.lanhdao").person_id
    post_task(town, "vpub.vanthu", arrived, "trinh", {"leader_id": leader})
    form = {"direction": "Giao xử lý.", "handler_id": "p0001"}

    undecided = post_task(town, "vpub.lanhdao", arrived, "but-phe", form)
    garbled = post_task(town, "vpub.lanhdao", arrived, "but-phe", form | {"due_on": "mai"})
    stranger = post_task(town, "vpub.lanhdao", arrived, "but-phe", form | {"due_on": "31/12/2099"})

    assert [a.status_code for a in (undecided, garbled, stranger)] == [422, 422, 422]
    assert "Hãy chọn ngày hoặc đánh dấu “Không hạn”." in undecided.text
    assert "Hãy ghi ngày như 31/12/2026." in garbled.text
    assert "Giá trị của mục “Người xử lý” không dùng được." in stranger.text
    assert "Giao xử lý." in stranger.text


def test_arrival_is_not_found_when_a_person_of_another_agency_asks(town, issued):
    arrived = delivery_to(town, issued, "stc").id

    for login in ("syt.vanthu", "snv.vanthu"):
        answer = town.visitor(login).get(f"/van-ban-den/{arrived}")
        assert answer.status_code == 404, login


def test_recipient_reads_the_original_but_not_the_sender_trail(town, issued):
    reader = town.visitor("stc.chuyenvien")

    page = reader.get(f"/van-ban/{issued}")
    assert page.status_code == 200
    assert "Mở bản cơ quan bạn đã nhận" in page.text
    assert "Trưởng phòng duyệt" not in page.text
    assert reader.get(f"/van-ban/{issued}/nhat-ky").status_code == 404
    original = town.stage.document(issued).original_digest()
    assert reader.get(f"/van-ban/{issued}/tep.pdf").headers["ETag"] == f'"{original}"'


def test_register_is_not_found_when_the_agency_is_another(town):
    reader = town.visitor("stc.chuyenvien")

    assert reader.get("/so-van-ban/di?co_quan=snv").status_code == 404
    assert reader.get("/so-van-ban/di/tai-ve?co_quan=snv").status_code == 404


def test_register_downloads_as_csv(town, issued):
    answer = town.visitor("snv.vanthu").get("/so-van-ban/di/tai-ve")

    assert answer.content_type == "text/csv; charset=utf-8"
    assert town.stage.document(issued).number.symbol in answer.text
    assert answer.text.startswith('\ufeff"Số, ký hiệu",Ngày tháng')


def test_search_finds_the_document_without_tone_marks(town, issued):
    page = town.visitor("stc.chuyenvien").get("/tim?q=chu+ky+so").text

    assert f"/van-ban/{issued}" in page


def test_arrival_is_handled_by_its_officer_where_an_older_flow_is_in_force(town):
    let_officers_handle(town.stage)
    document_id = town.stage.issue(recipients=("stc",))
    town.stage.run_jobs()
    arrived = delivery_to(town, document_id, "stc").id
    post_task(town, "stc.vanthu", arrived, "vao-so")
    leader = town.stage.actor("stc.lanhdao").person_id
    post_task(town, "stc.vanthu", arrived, "trinh", {"leader_id": leader})
    officer = town.stage.actor("stc.chuyenvien").person_id
    direction = {"direction": "Tham mưu.", "handler_id": officer, "no_deadline": "y"}
    post_task(town, "stc.lanhdao", arrived, "but-phe", direction)
    post_task(town, "stc.chuyenvien", arrived, "bat-dau")
    answer = post_task(town, "stc.chuyenvien", arrived, "hoan-thanh", {"result": "Đã báo cáo."})

    assert answer.status_code == 303
    assert delivery_to(town, document_id, "stc").status is DeliveryStatus.COMPLETED
