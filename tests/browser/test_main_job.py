"""Five people take a letter from its draft to a recipient's register, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person
from tests.browser.pictures import keep_picture
from tests.houses import PIN, person_id

pytestmark = pytest.mark.browser

SUBJECT = "góp ý dự thảo Quy chế quản lý, sử dụng chữ ký số"

SignIn = Callable[[str], Person]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def open_from_list(person: Person, basket: str) -> Page:
    page = person.page
    page.goto("/")
    page.get_by_role("link", name=re.compile(rf"^{basket}")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(basket)
    person.check_page()
    if basket == "Chờ tôi ký":
        keep_picture(page, "work-list")
    page.get_by_role("link", name=re.compile(re.escape(SUBJECT[:30]))).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(SUBJECT[:30])
    return page


def test_five_people_take_a_letter_to_the_register(sign_in: SignIn) -> None:
    drafter = sign_in("snv.chuyenvien")
    write_letter(drafter)
    review(sign_in("snv.truongphong"))
    clerk = sign_in("snv.vanthu")
    check_form(clerk)
    sign(sign_in("snv.lanhdao"))
    number_and_seal(clerk)
    register(sign_in("stc.vanthu"))
    expect(clerk.page.get_by_text(re.compile(r"^Đã vào sổ")).first).to_be_visible()
    clerk.check_page()


def write_letter(person: Person) -> None:
    page = person.page
    page.get_by_role("link", name="Soạn văn bản").first.click()
    person.check_page()
    page.get_by_label("Công văn").check()
    press(page, "Bắt đầu soạn")
    page.get_by_label("Trích yếu").fill(SUBJECT)
    page.get_by_label("Nội dung").fill(
        "Sở Nội vụ đề nghị quý cơ quan góp ý dự thảo.\nTrân trọng./."
    )
    for group in page.locator("details[data-pick-group]").all():
        group.evaluate("node => { node.open = true }")
    for name in ("Sở Tài chính", "Sở Y tế"):
        page.get_by_label(name, exact=True).check()
    page.get_by_label("Người ký").select_option(person_id("snv.lanhdao"))
    # The page shows the letter while it is written.
    expect(page.locator("#preview canvas").first).to_be_visible()
    person.check_page()
    keep_picture(page, "draft")
    press(page, "Trình duyệt")
    expect(page.get_by_role("heading", level=1)).to_contain_text(SUBJECT)
    expect(page.locator(".djs-container svg").first).to_be_visible()
    keep_picture(page, "flow")
    person.check_page()


def review(person: Person) -> None:
    page = open_from_list(person, "Chờ duyệt")
    person.check_page()
    press(page, "Duyệt")
    expect(page.get_by_text("Đã duyệt.")).to_be_visible()


def check_form(person: Person) -> None:
    page = open_from_list(person, "Chờ duyệt")
    press(page, "Xác nhận thể thức")
    expect(page.get_by_text("Đã xác nhận thể thức.")).to_be_visible()


def sign(person: Person) -> None:
    page = open_from_list(person, "Chờ tôi ký")
    expect(page.locator("canvas").first).to_be_visible()
    keep_picture(page, "document")
    page.locator("summary", has_text="Sơ đồ quy trình").click()
    expect(page.locator(".djs-element.now, .djs-element.tk-now").first).to_be_visible()
    page.get_by_label("Mã PIN khóa ký cá nhân").fill("000000")
    # A refused PIN is an answer of the page, and the browser notes its status.
    press(page, "Ký số")
    expect(page.get_by_role("alert").first).to_contain_text("PIN")
    person.check_page()
    person.complaints = [c for c in person.complaints if "502" not in c and "422" not in c]
    page.get_by_label("Mã PIN khóa ký cá nhân").fill(PIN)
    press(page, "Ký số")
    expect(page.get_by_text("Đã ký số.")).to_be_visible()
    person.check_page()


def number_and_seal(person: Person) -> None:
    page = open_from_list(person, "Cấp số, phát hành")
    press(page, "Cấp số, ngày")
    expect(page.get_by_text(re.compile(r"Đã cấp số 0\d/SNV"))).to_be_visible()
    person.check_page()
    page.get_by_label("Mã PIN khóa của cơ quan").fill(PIN)
    press(page, "Đóng dấu và phát hành")
    expect(page.get_by_text("Đã đóng dấu.")).to_be_visible()
    # The lights change by themselves as recipients' systems answer.
    expect(page.get_by_text(re.compile(r"^Đã đến")).first).to_be_visible()
    keep_picture(page, "dispatch")


def register(person: Person) -> None:
    page = open_from_list(person, "Văn bản đến")
    expect(page.get_by_text(re.compile("^Hợp lệ")).first).to_be_visible()
    person.check_page()
    press(page, "Vào sổ văn bản đến")
    expect(page.get_by_text(re.compile(r"số đến", re.IGNORECASE)).first).to_be_visible()
    person.check_page()


def test_every_page_is_complete_in_english(sign_in: SignIn) -> None:
    person = sign_in("snv.vanthu")
    page = person.page
    page.get_by_role("link", name="English").or_(
        page.get_by_role("button", name="English")
    ).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for link in ("Outgoing documents", "Registers", "Verify signatures"):
        page.get_by_role("link", name=link).first.click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        person.check_page()


def test_the_keyboard_reaches_the_work(sign_in: SignIn) -> None:
    person = sign_in("snv.chuyenvien")
    page = person.page
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text(re.compile("nội dung", re.IGNORECASE))
    page.goto("/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox").first).to_be_focused()
