"""A leader's day: what waits, one click from the document; direct, sign, confirm, grant, look."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from engine.model.document import DocumentId
from tests.browser.conftest import Person
from tests.houses import PIN, Stage
from tests.orders import CITY, Desk

SignIn = Callable[[str], Person]
MATTER = "Báo cáo tình hình giải ngân vốn đầu tư công"
LATER = "Rà soát quy chế làm việc của các phòng"


@pytest.fixture(scope="package")
def day(stage_served: Stage) -> Desk:
    """Put on the finance department's leader's lists what a day brings."""
    desk = Desk(stage_served)
    leader, head = "stc.lanhdao", "stc.truongphong"
    document_id = stage_served.issue(
        recipients=(stage_served.actor(leader).posts[0].agency_id,),
        subject="đề nghị thẩm định dự toán năm sau",
    )
    assert stage_served.house.jobs.wait_until_idle(30)
    present(stage_served, document_id)
    reported = desk.accepted(leader, head, lead=desk.unit(head), content=MATTER)
    desk.finish(reported, head)
    asked = desk.accepted(leader, head, lead=desk.unit(head), content=LATER)
    desk.ask(asked, desk.day(15), head)
    return desk


def present(stage: Stage, document_id: DocumentId) -> None:
    clerk, leader = stage.actor("stc.vanthu"), stage.actor("stc.lanhdao")
    with stage.house.start_reading() as work:
        (row,) = work.queries.list_board(document_id)
    cases = stage.house.use_cases
    cases.register_delivery(stage.task("stc.vanthu", row.delivery_id), clerk)
    cases.present_delivery(stage.task("stc.vanthu", row.delivery_id), clerk, leader.person_id)


def test_leader_finds_and_does_the_days_work(sign_in: SignIn, day: Desk) -> None:
    leader = sign_in("stc.lanhdao")
    page = leader.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Hôm nay")
    leader.check_page()

    # The direction on an arrival, one click away.
    page.get_by_role("link", name="đề nghị thẩm định dự toán năm sau").click()
    leader.check_page()
    page.get_by_label("Ý kiến chỉ đạo").fill("Giao phòng chủ trì, trình kết quả đúng hạn.")
    page.get_by_label("Không hạn").check()
    page.get_by_role("button", name="Giao xử lý").click()
    expect(page.get_by_text("Đã giao")).to_be_visible()

    # A report to confirm, and more time to grant.
    page.goto("/hom-nay")
    page.get_by_role("link", name=MATTER).first.click()
    leader.check_page()
    page.get_by_role("button", name="Xác nhận hoàn thành").click()
    expect(page.get_by_text("Hoàn thành đúng hạn").first).to_be_visible()
    page.goto("/hom-nay")
    page.get_by_role("link", name=LATER).first.click()
    page.get_by_role("button", name="Đồng ý", exact=True).click()
    expect(page.get_by_text("Được gia hạn đến").first).to_be_visible()

    # The numbers are those of this moment, and each leads to what it counts.
    page.goto("/bang-theo-doi")
    leader.check_page()
    page.goto("/hom-nay")
    page.locator(".tk-tile-good").first.click()
    expect(page.get_by_role("link", name=MATTER)).to_be_visible()
    leader.check_page()
    page.get_by_role("link", name=MATTER).click()
    page.get_by_role("link", name="Chuỗi xử lý").click()
    leader.check_page()


def test_leader_signs_from_the_days_page(sign_in: SignIn) -> None:
    leader = sign_in("snv.lanhdao")
    page = leader.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Hôm nay")
    waiting = page.locator(".card", has=page.get_by_role("heading", name="Chờ tôi ký"))
    waiting.locator("a.tk-title-link").last.click()
    page.get_by_label("Mã PIN khóa ký cá nhân").fill(PIN)
    page.get_by_role("button", name="Ký số").click()
    expect(page.get_by_text("Đã ký số.")).to_be_visible()


def test_indicators_and_boards_keep_the_rules_of_access(sign_in: SignIn) -> None:
    leader = sign_in(CITY)
    for address in ("/bao-cao", "/bang-theo-doi", "/lich-lam-viec", "/cuoc-hop", "/uy-quyen"):
        leader.page.goto(address)
        leader.check_page()
