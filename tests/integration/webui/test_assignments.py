"""Pages of assignments: give, act, refuse, follow the chain."""

import re

import pytest

from tests.orders import CITY, HEAD, LEADER, OFFICER, OTHER_LEADER, SNV, STC, Desk, Party


@pytest.fixture(scope="module")
def desk(town):
    return Desk(town.stage)


def fields(desk, **changes):
    return {
        "content": "Báo cáo tình hình sử dụng chữ ký số",
        "lead": "agency:snv:",
        "due_on": desk.day(8).isoformat(),
        "urgency": "thuong",
    } | changes


def give(town, desk, login=CITY, **changes):
    answer = town.visitor(login).post("/nhiem-vu/giao", fields(desk, **changes))
    assert answer.status_code == 303, re.sub("<[^>]+>", " ", answer.text)[-600:]
    return answer.headers["Location"]


def test_an_assignment_is_given_accepted_reported_and_confirmed_on_the_pages(town, desk):
    url = give(town, desk, cooperators=["agency:stc:"], product="Báo cáo")
    leader, city, other = town.visitor(LEADER), town.visitor(CITY), town.visitor(OTHER_LEADER)
    assert "Báo cáo tình hình sử dụng chữ ký số" in leader.get("/viec/nhiem-vu-duoc-giao").text
    assert "Nhận nhiệm vụ" in leader.get(url).text
    assert leader.post(f"{url}/nhan").status_code == 303
    percent = {"tien-do-percent": "40", "tien-do-report": "Đã thu thập số liệu."}
    assert leader.post(f"{url}/tien-do", percent).status_code == 303
    part = {"phoi-hop-report": "Đã gửi số liệu kinh phí."}
    assert "Phần phối hợp" in other.get(url).text
    assert other.post(f"{url}/phoi-hop", part).status_code == 303
    assert leader.post(f"{url}/hoan-thanh", {"report": "Đã xong."}).status_code == 303
    page = city.get(url).text
    for words in ("Đã thu thập số liệu.", "Đã gửi số liệu kinh phí.", "Xác nhận hoàn thành"):
        assert words in page
    assert city.post(f"{url}/lam-tiep", {"reason": "Bổ sung phụ lục."}).status_code == 303
    assert "Bị trả lại: Bổ sung phụ lục." in leader.get(url).text
    leader.post(f"{url}/hoan-thanh", {"report": "Đã bổ sung."})
    assert city.post(f"{url}/xac-nhan", {"decision": "Tốt."}).status_code == 303
    assert "Hoàn thành đúng hạn" in leader.get(url).text
    assert "Xác nhận hoàn thành" in city.get(f"{url}/nhat-ky").text


def test_more_time_is_asked_for_and_decided_on_the_page(town, desk):
    url = give(town, desk)
    leader, city = town.visitor(LEADER), town.visitor(CITY)
    leader.post(f"{url}/nhan")
    asked = {"gia-han-new_due_on": desk.day(12).isoformat(), "gia-han-reason": "Chờ số liệu."}
    assert leader.post(f"{url}/gia-han", asked).status_code == 303
    page = city.get(url).text
    assert "Quyết định gia hạn" in page
    action = re.search(r'action="([^"]+/gia-han/[^"]+)"', page).group(1)
    bare = city.post(action, {"granted": "no"})
    assert bare.status_code == 422
    assert "Mục “Ý kiến” còn để trống." in bare.text
    assert city.post(action, {"granted": "yes"}).status_code == 303
    page = leader.get(url).text
    assert f"Được gia hạn đến {desk.day(12):%d/%m/%Y}" in page
    assert f"{desk.day(8):%d/%m/%Y}" in page  # the first deadline stays on the page


def test_a_day_that_is_none_grants_nothing(town, desk):
    url = give(town, desk)
    leader, city = town.visitor(LEADER), town.visitor(CITY)
    leader.post(f"{url}/nhan")
    asked = {"gia-han-new_due_on": desk.day(12).isoformat(), "gia-han-reason": "Chờ số liệu."}
    assert leader.post(f"{url}/gia-han", asked).status_code == 303
    action = re.search(r'action="([^"]+/gia-han/[^"]+)"', city.get(url).text).group(1)
    answer = city.post(action, {"granted": "yes", "quyet-dinh-due_on": "31/02/2027"})
    assert answer.status_code == 422
    assert "Hãy ghi ngày như" in answer.text
    assert desk.get(url.rsplit("/", 1)[1]).due_on == desk.day(8)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lead": ["agency:snv:", "agency:stc:"]}, "chỉ có một nơi chủ trì"),
        ({"lead": ""}, "đúng một nơi chủ trì"),
        ({"lead": "gi-do"}, "Chủ trì"),
        ({"cooperators": ["agency:snv:"]}, "nơi chủ trì không đồng thời phối hợp"),
        ({"due_on": "2020-01-01"}, "đã qua. Ngày làm việc gần nhất là"),
        ({"due_on": "2027-01-01"}, "Ngày làm việc tiếp theo là 04/01/2027"),
        ({"due_on": ""}, "đánh dấu “Không hạn”"),
        ({"no_deadline": "y"}, "không chọn cả hai"),
        ({"due_on": "", "working_days": "0"}, "Số ngày làm việc"),
        ({"due_on": "", "working_days": "bảy", "no_deadline": "y"}, "Số ngày làm việc"),
        ({"working_days": "7"}, "Số ngày làm việc"),
        ({"due_on": "", "working_days": ""}, "đánh dấu “Không hạn”"),
        ({"due_on": "31/02/2027", "no_deadline": "y"}, "Hãy ghi ngày như"),
        ({"tracker_id": "khong-co"}, "Không chọn được"),
        ({"content": ""}, "Nội dung nhiệm vụ"),
        ({"lead": "agency:ubnd-tp:"}, "Lãnh đạo giao việc cho đơn vị"),
    ],
)
def test_what_is_wrong_is_said_beside_the_form_with_everything_kept(town, desk, changes, words):
    answer = town.visitor(CITY).post(
        "/nhiem-vu/giao", fields(desk, **({"product": "Tờ trình"} | changes))
    )
    assert answer.status_code in {403, 422}
    assert words in answer.text
    assert 'value="Tờ trình"' in answer.text


def test_a_number_of_working_days_makes_the_deadline(town, desk):
    url = give(town, desk, due_on="", working_days="7")
    assert f"{desk.day(7):%d/%m/%Y}" in town.visitor(CITY).get(url).text


def test_an_assignment_without_a_deadline_is_given_when_the_boxes_are_left_empty(town, desk):
    # As a browser sends it: every box of the form, the empty ones too.
    url = give(town, desk, due_on="", working_days="", no_deadline="y")
    assert "Không hạn" in town.visitor(CITY).get(url).text


def test_parts_are_given_on_from_the_page(town, desk):
    url = give(town, desk)
    leader = town.visitor(LEADER)
    leader.post(f"{url}/nhan")
    page = leader.get(url).text
    form = re.search(r'href="([^"]+parent=[^"]+)"', page).group(1).replace("&amp;", "&")
    assert "Phần việc của nhiệm vụ" in leader.get(form).text
    parent = url.rsplit("/", 1)[1]
    unit = desk.unit().unit_id
    part = give(
        town, desk, LEADER, parent=parent, lead=f"unit:snv:{unit}", due_on=desk.day(5).isoformat()
    )
    assert part in leader.get(url).text
    open_parts = leader.post(f"{url}/hoan-thanh", {"report": "Xong."})
    assert open_parts.status_code == 409
    assert "Còn 1 phần việc" in open_parts.text
    graph = leader.get(f"{url}/chuoi").text
    assert graph.count('class="tk-chain-box"') == 2


def test_the_lead_is_changed_and_the_assignment_cancelled_on_the_page(town, desk):
    url = give(town, desk)
    city = town.visitor(CITY)
    same = city.post(f"{url}/doi-chu-tri", {"chu-tri-lead": "agency:snv:", "chu-tri-reason": "x"})
    assert same.status_code == 422
    moved = {"chu-tri-lead": "agency:stc:", "chu-tri-reason": "Đúng chức năng."}
    assert city.post(f"{url}/doi-chu-tri", moved).status_code == 303
    assert "Sở Tài chính" in city.get(url).text
    assert city.post(f"{url}/huy", {"huy-reason": ""}).status_code == 422
    assert city.post(f"{url}/huy", {"huy-reason": "Không cần nữa."}).status_code == 303
    assert "Đã hủy" in town.visitor(OTHER_LEADER).get(url).text


def test_the_assigner_alone_confirms_and_the_page_says_who(town, desk):
    url = give(town, desk)
    leader = town.visitor(LEADER)
    leader.post(f"{url}/nhan")
    leader.post(f"{url}/hoan-thanh", {"report": "Xong."})
    refused = leader.post(f"{url}/xac-nhan")
    assert refused.status_code == 403
    assert "Chỉ người giao (Đinh Thị Ngọc Huệ)" in refused.text


def test_an_assignment_is_not_found_by_an_agency_without_a_part(town, desk):
    url = give(town, desk)
    stranger = town.visitor("syt.lanhdao")
    for path in ("", "/so-do", "/nhat-ky", "/chuoi"):
        assert stranger.get(f"{url}{path}").status_code == 404, path
    assert stranger.post(f"{url}/nhan").status_code == 404


def test_who_gives_nothing_sees_no_form(town):
    officer = town.visitor(OFFICER)
    assert officer.get("/nhiem-vu/giao").status_code == 403
    assert "/nhiem-vu/giao" not in officer.get("/nhiem-vu").text


def test_lists_are_filtered(town, desk):
    url = give(town, desk, content="Rà soát danh mục thủ tục")
    city = town.visitor(CITY)
    assert url in city.get("/nhiem-vu?phan=given").text
    assert url in city.get("/nhiem-vu?phan=given&tinh-trang=running_in_time").text
    assert url not in city.get("/nhiem-vu?phan=given&tinh-trang=done_late").text
    assert url not in city.get("/nhiem-vu?phan=led").text
    assert city.get("/nhiem-vu?phan=gi-do&tinh-trang=gi-do").status_code == 200


def test_the_form_says_who_cannot_open_the_document_behind_the_work(town):
    document_id = town.stage.issue(recipients=("ubnd-tp",))
    town.stage.run_jobs()
    page = town.visitor(CITY).get(f"/nhiem-vu/giao?document={document_id}")
    assert "Cơ quan không được gửi văn bản này thì không mở được nó" in page.text


def test_work_is_given_from_an_issued_document_and_answered(town, desk):
    document_id = town.stage.issue(recipients=("stc",))
    town.stage.run_jobs()
    leader = town.visitor(LEADER)
    page = leader.get(f"/van-ban/{document_id}").text
    assert f"/nhiem-vu/giao?document={document_id}" in page
    assert "Giao việc từ văn bản" in leader.get(f"/nhiem-vu/giao?document={document_id}").text
    unit = desk.unit().unit_id
    url = give(town, desk, LEADER, document=document_id, lead=f"unit:snv:{unit}")
    head = town.visitor(HEAD)
    head.post(f"{url}/nhan")
    symbol = town.stage.document(document_id).number.symbol
    wrong = head.post(f"{url}/hoan-thanh", {"report": "Xong.", "evidence": "1/KHONG-CO"})
    assert wrong.status_code == 422
    assert "Không có văn bản “1/KHONG-CO”" in wrong.text
    head.post(f"{url}/hoan-thanh", {"report": "Xong.", "evidence": symbol})
    leader.post(f"{url}/xac-nhan")
    assert url in leader.get(f"/van-ban/{document_id}").text
    chain = leader.get(f"/van-ban/{document_id}/chuoi")
    assert chain.status_code == 200
    for words in ("Văn bản", "Nhiệm vụ", "Báo cáo", symbol):
        assert words in chain.text


def test_a_direction_on_an_arrival_names_a_unit_and_leads_to_its_chain(town, desk):
    document_id = town.stage.issue(recipients=("stc",))
    town.stage.run_jobs()
    with town.house.start_reading() as work:
        delivery = work.deliveries.find(document_id, STC)
    cases, stage = town.house.use_cases, town.stage
    clerk = stage.actor("stc.vanthu")
    cases.register_delivery(stage.task("stc.vanthu", delivery.id), clerk)
    cases.present_delivery(
        stage.task("stc.vanthu", delivery.id), clerk, stage.actor("stc.lanhdao").person_id
    )
    leader = town.visitor("stc.lanhdao")
    task = stage.task("stc.lanhdao", delivery.id)
    unit = desk.unit("stc.truongphong").unit_id
    officer = stage.actor("stc.chuyenvien").person_id
    direction = {
        "direction": "Chủ trì tham mưu.",
        "handler_id": [f"unit:stc:{unit}"],
        "cooperators": [f"person:stc:{officer}"],
        "due_on": desk.day(4).isoformat(),
    }
    address = f"/van-ban-den/{delivery.id}/viec/{task}/but-phe"
    two = leader.post(address, direction | {"handler_id": [officer, f"unit:stc:{unit}"]})
    assert two.status_code == 422
    assert leader.post(address, direction).status_code == 303
    page = town.visitor("stc.truongphong").get(f"/van-ban-den/{delivery.id}").text
    assert "Chủ trì tham mưu." in page
    chain = leader.get(f"/van-ban-den/{delivery.id}/chuoi")
    assert 'aria-current="true"' in chain.text
    assert "Chỉ đạo" in chain.text
    assert leader.get(f"/van-ban-den/{delivery.id}/so-do").status_code == 200


def test_pages_are_there_in_english(town, desk):
    url = give(town, desk, lead=f"agency:{SNV}:")
    city = town.visitor(CITY)
    for path in ("/nhiem-vu", "/nhiem-vu/giao", url, f"{url}/chuoi", f"{url}/so-do"):
        assert city.get(path, headers={"Accept-Language": "en"}).status_code == 200
    assert desk.get(url.rsplit("/", 1)[1]).lead == Party(agency_id=SNV)
