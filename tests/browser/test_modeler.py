"""An administrator redraws a procedure, sees what is hot, and tries a file of somebody else's."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Person
from tests.browser.pictures import keep_picture
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

pytestmark = pytest.mark.browser

SignIn = Callable[[str], Person]
ADMINISTRATOR = "vpub.quantri"
HOME = "/quan-tri/quy-trinh"


@pytest.fixture
def editor(sign_in: SignIn) -> Person:
    person = sign_in(ADMINISTRATOR)
    person.page.goto(f"{HOME}/outgoing/1/sua")
    expect(person.page.locator("body[data-ready]")).to_be_attached()
    return person


def panel(page: Page) -> Locator:
    return page.locator("[data-properties]")


def choose(page: Page, element_id: str) -> None:
    """Choose an element from the panel's list, as a person without a mouse does."""
    panel(page).get_by_label("Phần tử", exact=True).select_option(element_id)
    expect(panel(page).locator(".tk-digest").first).to_have_text(element_id)


def change(page: Page, label: str, value: str) -> None:
    field = panel(page).get_by_label(label, exact=True)
    field.fill(value)
    field.press("Tab")


def check(page: Page) -> Locator:
    page.get_by_role("button", name="Kiểm tra sơ đồ").click()
    return page.locator("[data-findings]")


def test_editor_is_usable_by_everybody(editor: Person) -> None:
    editor.check_page()
    choose(editor.page, "review")
    editor.check_page()


def test_editor_offers_only_what_the_engine_runs(editor: Person) -> None:
    page = editor.page
    titles = page.locator(".djs-palette .entry").evaluate_all("all => all.map(e => e.ariaLabel)")
    page.locator(".djs-element[data-element-id=review]").click()
    pad = page.locator(".djs-context-pad .entry").evaluate_all("all => all.map(e => e.title)")

    drawn = {
        "Bắt đầu",
        "Kết thúc",
        "Việc của người",
        "Việc của hệ thống",
        "Tra bảng quyết định",
        "Gọi quy trình con",
        "Rẽ nhánh theo điều kiện",
        "Rẽ, gộp song song",
        "Chờ hẹn giờ",
        "Chờ thông điệp",
        "Gửi thông điệp",
    }
    tools = {"Kéo cả hình", "Chọn nhiều phần tử", "Nới hoặc thu khoảng trống", "Nối hai phần tử"}
    assert set(titles) == drawn | tools
    assert set(pad) == drawn - {"Bắt đầu"} | {"Nối tới", "Xóa"}


def test_drawing_that_was_not_touched_is_sound(editor: Person) -> None:
    expect(check(editor.page)).to_contain_text("Sơ đồ đạt")


def test_step_is_added_by_keyboard_checked_and_put_into_force(editor: Person) -> None:
    page = editor.page
    # (1) A second review between the first and the gateway that asks what was decided.
    choose(page, "to_is_approved")
    panel(page).get_by_role("button", name="Xóa").click()
    choose(page, "review")
    panel(page).get_by_label("Thêm bước sau").select_option(label="Việc của người")
    panel(page).get_by_role("button", name="Thêm", exact=True).first.click()
    expect(panel(page).locator(".tk-digest").first).to_have_text(re.compile("^Activity_"))
    task = panel(page).locator(".tk-digest").first.inner_text()
    change(page, "Tên", "Phòng pháp chế xem")
    change(page, "Hạn", "2 working days")
    panel(page).get_by_label("Soạn thảo", exact=True).check()

    # (2) The server says what is missing, and leads to it.
    findings = check(page)
    expect(findings).to_contain_text("Còn")
    expect(findings).to_contain_text("Phòng pháp chế xem")
    expect(page.locator(f".djs-element.tk-wrong[data-element-id={task}]")).to_be_attached()
    findings.get_by_role("button", name="Phòng pháp chế xem").first.click()
    editor.check_page()

    # (3) It is mended: what is done there, where it goes on, and on which condition.
    panel(page).get_by_label("Nghiệp vụ").select_option("review")
    connect(page, "is_approved")
    choose(page, "to_check_form")
    change(page, "Điều kiện", "approved == True and 1 < 2")
    expect(check(page)).to_contain_text("Sơ đồ đạt")

    # (4) It is saved with its reason, and its attributes keep their prefix.
    xml = save(page, "Thêm bước pháp chế")

    assert 'xmlns:trinhky="urn:trinhky:bpmn:1"' in xml
    assert 'trinhky:due="2 working days"' in xml
    assert 'trinhky:returnsTo="draft"' in xml
    editor.check_page()


def test_leaving_warns_when_something_is_unsaved(editor: Person) -> None:
    page = editor.page
    asked: list[str] = []
    choose(page, "review")
    change(page, "Tên", "Lãnh đạo phòng xem")
    expect(page.locator("[data-status]")).to_have_text("Có thay đổi chưa lưu.")
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Sổ văn bản").first.click()

    assert asked == ["beforeunload"]
    expect(panel(page).get_by_label("Tên", exact=True)).to_have_value("Lãnh đạo phòng xem")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator("[data-status]")).to_have_text("")
    expect(panel(page).get_by_label("Tên", exact=True)).to_have_value("Trưởng phòng duyệt")


def test_timers_and_messages_are_edited_in_the_panel(editor: Person) -> None:
    page = editor.page
    # (1) After three days without a review the choice is made without it.
    choose(page, "review")
    panel(page).get_by_label("Sự kiện ở mép").select_option(label="Gắn hẹn giờ vào mép")
    panel(page).locator("[data-field=attach] + button").click()
    change(page, "Sau bao lâu", "P3D")
    expect(panel(page).get_by_label("Kết thúc bước khi xảy ra")).to_be_checked()
    connect(page, "check_form")
    # (2) A message is sent when a draft is handed in.
    choose(page, "to_set_deadlines")
    panel(page).get_by_role("button", name="Xóa").click()
    choose(page, "draft")
    panel(page).get_by_label("Thêm bước sau").select_option(label="Gửi thông điệp")
    panel(page).get_by_role("button", name="Thêm", exact=True).first.click()
    change(page, "Tên thông điệp", "da_trinh")
    change(page, "Dữ liệu nhận diện", "agency_id")
    connect(page, "set_deadlines")
    expect(check(page)).to_contain_text("Sơ đồ đạt")

    xml = save(page)

    assert re.search(r'<bpmn:boundaryEvent [^>]*attachedToRef="review"', xml)
    assert re.search(r"<bpmn:timeDuration[^>]*>P3D</bpmn:timeDuration>", xml)
    assert re.search(r'<bpmn:message id="message_\w+" name="da_trinh" />', xml)
    assert 'trinhky:correlation="agency_id"' in xml


def connect(page: Page, target: str) -> None:
    panel(page).get_by_label("Nối tới").select_option(target)
    panel(page).get_by_role("button", name="Nối", exact=True).click()


def save(page: Page, note: str = "thử") -> str:
    """Save the drawing and return the file that was put into force."""
    page.get_by_label("Ghi chú phiên bản").fill(note)
    page.get_by_role("button", name="Lưu thành phiên bản mới").click()
    expect(page.locator(".tk-quote")).to_have_text(note)
    link = page.get_by_role("link", name="BPMN", exact=True)
    return page.request.get(link.get_attribute("href") or "").text()


def test_version_shows_what_is_hot_in_the_drawing_and_in_a_table(sign_in: SignIn) -> None:
    person = sign_in(ADMINISTRATOR)
    page = person.page
    page.goto(f"{HOME}/outgoing/1")

    expect(page.locator(".djs-element.tk-heat-1[data-element-id=sign]")).to_be_attached()
    expect(page.locator(".tk-heat-badge").first).to_contain_text("·")
    keep_picture(page, "process")
    page.get_by_role("button", name="Lãnh đạo ký số").click()
    expect(page.locator(".djs-element.tk-found[data-element-id=sign]")).to_be_attached()
    person.check_page()
    row = page.get_by_role("row").filter(has_text="Lãnh đạo ký số")
    row.get_by_role("link").click()
    expect(page.get_by_label("Đang ở bước")).to_have_value("sign")
    person.check_page()


def test_file_is_looked_at_before_it_is_put_into_force(sign_in: SignIn, tmp_path: Path) -> None:
    person = sign_in(ADMINISTRATOR)
    page = person.page
    bad = tmp_path / "xau.bpmn"
    bad.write_bytes(OUTGOING.bpmn.replace(b"approved == True", b"__import__('os')"))
    good = tmp_path / "tot.bpmn"
    good.write_bytes(OUTGOING.bpmn.replace("Soạn thảo".encode(), "Dự thảo".encode()))
    tables = tmp_path / "bang.dmn"
    tables.write_bytes(OUTGOING.dmn)

    upload(page, bad, tables)
    expect(page.get_by_text("Chưa đưa vào dùng được")).to_be_visible()
    page.get_by_role("button", name="to_check_form").click()
    expect(page.locator(".djs-element.tk-found[data-element-id=to_check_form]")).to_be_attached()
    person.check_page()
    upload(page, good, tables)
    expect(page.get_by_text("Đạt kiểm tra: có thể đưa vào dùng.")).to_be_visible()
    person.check_page()
    page.get_by_label("Ghi chú phiên bản").fill("Đổi tên bước đầu")
    page.get_by_role("button", name="Đưa vào dùng").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("phiên bản")
    expect(page.get_by_text("Đang hiệu lực").first).to_be_visible()


def upload(page: Page, bpmn: Path, dmn: Path) -> None:
    page.goto(f"{HOME}/tai-len")
    page.get_by_label("Tệp sơ đồ (BPMN)").set_input_files(bpmn)
    page.get_by_label("Tệp bảng quyết định (DMN)").set_input_files(dmn)
    page.get_by_role("button", name="Kiểm tra tệp").click()


@pytest.mark.parametrize(
    "url",
    [HOME, f"{HOME}/outgoing", "/quan-tri/ho-so", "/quan-tri/su-co", "/quan-tri/hen-gio"],
)
def test_page_of_the_processes_is_usable_by_everybody(sign_in: SignIn, url: str) -> None:
    person = sign_in(ADMINISTRATOR)
    person.page.goto(url)
    person.check_page()


def test_way_back_to_a_step_that_is_deleted_can_be_taken_off(editor: Person) -> None:
    page = editor.page
    choose(page, "check_form")
    panel(page).get_by_role("button", name="Xóa").click()
    choose(page, "sign")
    stale = panel(page).get_by_label("check_form", exact=True)
    expect(stale).to_be_checked()
    stale.click()  # the panel is drawn anew without it
    expect(panel(page).get_by_label("check_form", exact=True)).to_have_count(0)
