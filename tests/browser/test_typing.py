"""Nothing typed is lost, and nothing is sent twice, whatever happens to the session."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person
from tests.houses import PASSWORD

pytestmark = pytest.mark.browser

SignIn = Callable[[str], Person]
BODY = "Đoạn gõ dở dang.\nĐoạn hai."


def begin_letter(page: Page) -> None:
    page.goto("/soan-moi")
    page.get_by_label("Công văn").check()
    page.get_by_role("button", name="Bắt đầu soạn").click()
    page.get_by_label("Trích yếu").fill("giữ lại những gì đã gõ")
    page.get_by_label("Nội dung").fill(BODY)


def sign_in_on(page: Page, login: str) -> None:
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã đăng nhập")


def test_letter_is_kept_when_the_session_ends_while_it_is_written(sign_in: SignIn) -> None:
    person = sign_in("snv.chuyenvien")
    page = person.page
    begin_letter(page)

    page.context.clear_cookies()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("hết hạn")
    expect(page.get_by_label("Nội dung")).to_have_value(BODY)
    person.check_page()

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Đăng nhập ở thẻ mới").click()
    sign_in_on(opened.value, "snv.chuyenvien")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu dự thảo.")).to_be_visible()
    expect(page.get_by_label("Nội dung")).to_have_value(BODY)
    # A browser notes each refused request.
    person.complaints = [c for c in person.complaints if not re.search(r"\b40[01]\b", c)]


def test_letter_is_not_sent_when_somebody_else_has_signed_in(sign_in: SignIn) -> None:
    person = sign_in("snv.chuyenvien")
    page = person.page
    begin_letter(page)
    sent: list[str] = []
    page.on("request", lambda asked: _note_form(asked, sent))

    page.context.clear_cookies()
    other = page.context.new_page()
    other.goto("/dang-nhap?next=/da-dang-nhap")
    sign_in_on(other, "snv.vanthu")
    page.get_by_role("button", name="Lưu", exact=True).click()

    expect(page.locator("#toasts")).to_contain_text("hết hạn")
    assert sent == []
    person.complaints = [c for c in person.complaints if not re.search(r"\b40[0134]\b", c)]


def test_form_is_sent_once_when_its_button_is_clicked_twice(sign_in: SignIn) -> None:
    page = sign_in("snv.chuyenvien").page
    begin_letter(page)
    sent: list[str] = []
    page.on("request", lambda asked: _note_form(asked, sent))

    page.get_by_role("button", name="Lưu", exact=True).dblclick()

    expect(page.get_by_text("Đã lưu dự thảo.")).to_be_visible()
    assert len(sent) == 1


def test_letter_is_kept_when_the_language_is_changed_while_it_is_written(sign_in: SignIn) -> None:
    page = sign_in("snv.chuyenvien").page
    begin_letter(page)

    page.get_by_role("link", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("[name=body]")).to_have_value(BODY)


def _note_form(asked: Any, sent: list[str]) -> None:
    if asked.method == "POST" and asked.is_navigation_request():
        sent.append(asked.url)
