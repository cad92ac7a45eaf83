"""The pages about certificates: one's own, an application's, and the administrators'."""

import re
from datetime import timedelta

import pytest

from engine.clock import local
from engine.model.certification import RevocationReason
from engine.queries import Basket
from tests.bureau import (
    ADMINISTRATOR,
    CLERK,
    LEADER,
    LOST,
    NEW_PIN,
    OFFICER,
    SNV,
    WHY,
    Bureau,
    lock,
)

HOME = "/chung-thu-so"
REGISTRY = "/quan-tri/chung-thu-so"


@pytest.fixture
def bureau(town):
    return Bureau(town.stage)


def follow(answer) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def act(town, login, page, what, data=None):
    """Send one of the forms of an application's page, as its page names it."""
    found = re.search(rf'action="({page}/viec/[^"/]+/{what})"', town.visitor(login).get(page).text)
    assert found is not None, what
    return town.visitor(login).post(found[1], data)


def apply(town, login, **data) -> str:
    return follow(town.visitor(login).post(f"{HOME}/xin-cap", {"reason": WHY} | data))


def test_a_certificate_is_asked_for_approved_allowed_and_collected_on_the_pages(town):
    page = apply(town, OFFICER)
    shown = town.visitor(OFFICER).get(page).text
    assert "Chờ lãnh đạo duyệt" in shown
    assert "Rút đề nghị" in shown
    listed = town.visitor(LEADER).get(f"/viec/{Basket.TO_CERTIFY.value}").text
    assert f'href="{page}"' in listed
    assert "Gia hạn (khóa mới)" in listed

    act(town, LEADER, page, "duyet", {"comment": "Cần thiết."})
    plan = {"home": "software", "key_type": "p256", "days": "365"}
    act(town, ADMINISTRATOR, page, "cho-cap", plan)
    assert f'href="{page}"' in town.visitor(OFFICER).get(f"/viec/{Basket.TO_CERTIFY.value}").text
    weak = act(town, OFFICER, page, "nhan", {"pin": "123456", "pin_again": "123456"})
    assert weak.status_code == 422
    assert "ít nhất 6 ký tự" in weak.text
    assert "123456" not in weak.text
    follow(act(town, OFFICER, page, "nhan", {"pin": NEW_PIN, "pin_again": NEW_PIN}))

    own = town.visitor(OFFICER).get(HOME).text
    assert "Đã thay bằng chứng thư mới" in own
    assert "Đã cấp" in own
    assert NEW_PIN not in own


def test_diagram_of_an_application_shows_where_it_waits(town):
    page = apply(town, CLERK)

    flow = town.visitor(CLERK).get(f"{page}/so-do").get_json()

    assert flow["now"] == ["approve"]
    assert "Lãnh đạo duyệt" in flow["xml"]


def test_clerk_asks_for_the_seal_and_a_stranger_sees_nothing_of_it(town):
    page = apply(town, CLERK, agency=SNV)

    assert "Sở Nội vụ" in town.visitor(CLERK).get(page).text
    assert town.visitor("stc.lanhdao").get(page).status_code in (403, 404)
    assert (
        town.visitor(OFFICER).post(f"{HOME}/xin-cap", {"reason": WHY, "agency": SNV}).status_code
        == 403
    )


def test_application_without_a_reason_is_shown_again(town):
    answer = town.visitor("snv.truongphong").post(f"{HOME}/xin-cap", {"reason": " "})

    assert answer.status_code == 422
    assert "Lý do" in answer.text


def test_refusal_says_why_to_whoever_asked(town):
    page = apply(town, "snv.truongphong")
    assert act(town, LEADER, page, "tu-choi", {"reason": ""}).status_code == 422

    follow(act(town, LEADER, page, "tu-choi", {"reason": "Chưa cần."}))

    shown = town.visitor("snv.truongphong").get(page).text
    assert "Bị từ chối" in shown
    assert "Từ chối: Chưa cần." in shown


def test_applicant_withdraws(town):
    page = apply(town, "snv.truongphong")

    follow(town.visitor("snv.truongphong").post(f"{page}/rut", {"reason": "Nhầm."}))

    assert "Đã rút" in town.visitor("snv.truongphong").get(page).text


@pytest.mark.parametrize(
    "plan",
    [
        {"home": "nowhere", "key_type": "p256", "days": "365"},
        {"home": "software", "key_type": "dsa", "days": "365"},
        {"home": "software", "key_type": "p256", "days": "many"},
        {"home": "software", "key_type": "p256", "days": "99999"},
        {"home": "remote", "key_type": "p256", "days": "365"},
    ],
)
def test_plan_that_is_garbled_is_shown_again(town, plan):
    page = apply(town, "stc.chuyenvien")
    act(town, "stc.lanhdao", page, "duyet")

    answer = act(town, ADMINISTRATOR, page, "cho-cap", plan)

    assert answer.status_code == 422
    follow(town.visitor("stc.chuyenvien").post(f"{page}/rut", {"reason": "Nhầm."}))


def test_holder_stops_a_certificate_and_an_administrator_settles_it(town, bureau):
    certificate = bureau.current("syt.chuyenvien")
    address = f"{HOME}/{certificate.id}/tam-dung"
    asked = town.visitor("syt.chuyenvien").get(address).text
    assert "không chờ ai duyệt" in asked
    assert town.visitor("stc.chuyenvien").get(address).status_code in (403, 404)

    page = follow(town.visitor("syt.chuyenvien").post(address, {"reason": LOST, "for_good": "y"}))
    assert LOST in town.visitor("syt.chuyenvien").get(HOME).text
    assert act(town, ADMINISTRATOR, page, "ket-luan", {"decision": "?"}).status_code == 422
    follow(act(town, ADMINISTRATOR, page, "ket-luan", {"decision": "key_compromise"}))

    assert "Đã thu hồi" in town.visitor("syt.chuyenvien").get(HOME).text


def test_administrator_resumes_from_the_registry_what_the_holder_suspended(town, bureau):
    certificate = bureau.current("syt.vanthu")
    page = follow(
        town.visitor("syt.vanthu").post(f"{HOME}/{certificate.id}/tam-dung", {"reason": LOST})
    )
    listed = town.visitor(ADMINISTRATOR).get(f"{REGISTRY}?loc=suspended").text
    assert certificate.id in listed

    follow(act(town, ADMINISTRATOR, page, "ket-luan", {"decision": "resume"}))

    assert "Đang dùng" in town.visitor("syt.vanthu").get(HOME).text


def test_administrator_is_told_who_resumes_what_they_suspended_themselves(town, bureau):
    certificate = bureau.current("stc.chuyenvien")
    page = follow(
        town.visitor(ADMINISTRATOR).post(f"{HOME}/{certificate.id}/tam-dung", {"reason": LOST})
    )

    answer = act(town, ADMINISTRATOR, page, "ket-luan", {"decision": "resume"})

    assert answer.status_code == 403
    assert "Một quản trị viên khác được cho dùng lại" in answer.text
    assert bureau.state(certificate).value == "suspended"


def test_application_of_a_clerk_who_left_is_on_the_page_of_what_is_stuck(town, bureau):
    login = "syt.vanthu"
    post = bureau.post_of(login)
    page = apply(town, login, agency=post.agency_id)
    assert page not in town.visitor(ADMINISTRATOR).get("/quan-tri").text

    bureau.leave(login)

    listed = town.visitor(ADMINISTRATOR).get("/quan-tri").text
    assert f'href="{page}"' in listed
    assert "Người đề nghị chứng thư đã rời vị trí" in listed


def test_post_that_ends_later_says_that_the_certificates_are_suspended_then(town, bureau):
    person = bureau.who("syt.chuyenvien")
    address = f"/quan-tri/nguoi/{person.person_id}"
    day = (local(town.house.clock.now()).date() + timedelta(days=9)).isoformat()

    follow(
        town.visitor(ADMINISTRATOR).post(
            f"{address}/chuc-vu/{person.posts[0].id}",
            {"until": day, "reason": "Nghỉ hưu.", "suspend": "y"},
        )
    )

    shown = town.visitor(ADMINISTRATOR).get(address).text
    assert "chứng thư sẽ bị tạm dừng khi ngày đó qua" in shown


def test_administrator_revokes_in_two_clicks(town, bureau):
    certificate = bureau.current("stc.vanthu")
    address = f"{REGISTRY}/{certificate.id}/thu-hoi"
    listed = town.visitor(ADMINISTRATOR).get(f"{REGISTRY}?q={certificate.id}").text
    assert f'href="{address}"' in listed
    assert "không lấy lại được" in town.visitor(ADMINISTRATOR).get(address).text
    assert town.visitor(ADMINISTRATOR).post(address, {"reason": "?"}).status_code == 422

    follow(town.visitor(ADMINISTRATOR).post(address, {"reason": RevocationReason.CESSATION.value}))

    assert bureau.state(certificate).value == "revoked"
    assert town.visitor(LEADER).get(address).status_code == 403


def test_registry_is_searched_filtered_and_closed_to_others(town):
    visitor = town.visitor(ADMINISTRATOR)

    assert "Sở Y tế" in visitor.get(f"{REGISTRY}?q=so+y+te").text
    assert "Không có chứng thư nào như vậy" in visitor.get(f"{REGISTRY}?q=khong-co").text
    assert visitor.get(f"{REGISTRY}?loc=lam-lung&ngay=x").status_code == 200
    assert visitor.get(f"{REGISTRY}?sau=rac").status_code == 422
    assert town.visitor(LEADER).get(REGISTRY).status_code == 403


def test_locked_pin_is_released_with_one_click_by_another_leader(town, bureau):
    document_id = town.stage.to_signature()
    lock(bureau, document_id)
    locked_out = bureau.who(LEADER)
    certificate = bureau.current(LEADER)
    address = f"{HOME}/{certificate.id}/mo-khoa/{locked_out.person_id}"
    assert address in town.visitor(ADMINISTRATOR).get(REGISTRY).text
    assert "1 mã PIN bị khóa" in town.visitor(ADMINISTRATOR).get("/quan-tri").text
    assert town.visitor(LEADER).post(address).status_code == 403

    assert follow(town.visitor(ADMINISTRATOR).post(address, {"from": "registry"})) == REGISTRY

    assert address not in town.visitor(ADMINISTRATOR).get(REGISTRY).text
    assert town.visitor(ADMINISTRATOR).post(address).status_code == 409
    town.stage.sign(document_id)


def test_administrator_ends_a_post_and_finds_the_certificate_of_whoever_left(town, bureau):
    person = bureau.who("syt.lanhdao")
    certificate = bureau.current(person)
    address = f"/quan-tri/nguoi/{person.person_id}"
    visitor = town.visitor(ADMINISTRATOR)
    assert "Kết thúc chức vụ" in visitor.get(address).text
    post = f"{address}/chuc-vu/{person.posts[0].id}"
    assert visitor.post(post, {"until": ""}).status_code == 422
    day = (local(town.house.clock.now()).date() - timedelta(days=1)).isoformat()

    follow(visitor.post(post, {"until": day, "reason": "Nghỉ hưu."}))

    assert certificate.id in visitor.get(f"{REGISTRY}?loc=roi-chuc-vu").text
    assert "đã rời chức vụ" in visitor.get("/quan-tri").text
    assert "không giữ chức vụ nào" in visitor.get(address).text


def test_thresholds_are_changed_on_the_page(town):
    visitor = town.visitor(ADMINISTRATOR)
    assert 'value="60 30 7"' in visitor.get(REGISTRY).text
    for wrong in ("", "mai", "0", "-3"):
        assert visitor.post(f"{REGISTRY}/nhac", {"thresholds": wrong}).status_code == 422

    follow(visitor.post(f"{REGISTRY}/nhac", {"thresholds": "90, 10"}))

    assert 'value="90 10"' in visitor.get(REGISTRY).text


def test_holder_is_warned_on_the_first_page_when_a_certificate_ends_soon(town, bureau):
    page = apply(town, "vpub.chuyenvien")
    act(town, "vpub.lanhdao", page, "duyet")
    plan = {"home": "software", "key_type": "p256", "days": "5"}
    act(town, ADMINISTRATOR, page, "cho-cap", plan)
    follow(act(town, "vpub.chuyenvien", page, "nhan", {"pin": NEW_PIN, "pin_again": NEW_PIN}))

    shown = town.visitor("vpub.chuyenvien").get("/").text

    assert "hết hạn ngày" in shown
    assert "Đề nghị gia hạn" in shown
    assert "1 chứng thư hết hạn trong" in town.visitor(ADMINISTRATOR).get("/quan-tri").text


def test_request_of_a_key_at_the_client_is_refused_when_it_is_none_or_too_long(town):
    page = apply(town, "vpub.vanthu")
    act(town, "vpub.lanhdao", page, "duyet")
    plan = {"home": "client", "key_type": "p256", "days": "365"}
    act(town, ADMINISTRATOR, page, "cho-cap", plan)
    assert "PKCS#10" in town.visitor("vpub.vanthu").get(page).text

    for text in ("", "không phải CSR", "x" * 20_000):
        answer = act(town, "vpub.vanthu", page, "nhan", {"csr_text": text})
        assert answer.status_code == 422
