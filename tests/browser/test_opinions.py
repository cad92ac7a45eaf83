"""Ask, answer and look at the answers in a browser; the pages keep to the rules of access."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Person

SignIn = Callable[[str], Person]


def test_opinion_is_asked_and_answered_on_the_page(sign_in: SignIn) -> None:
    leader = sign_in("snv.lanhdao")
    leader.page.get_by_role("link", name=re.compile("^Chờ tôi ký")).first.click()
    leader.page.locator("[data-row] a.tk-title-link").first.click()
    address = leader.page.url
    leader.page.get_by_text("Xin ý kiến", exact=True).click()
    leader.page.get_by_label("Câu hỏi").fill("Đề nghị cho ý kiến về thời hạn.")
    leader.page.locator("summary", has_text="Văn phòng").click()
    leader.page.get_by_label("Văn thư").first.check()
    leader.check_page()
    leader.page.get_by_role("button", name="Gửi câu hỏi").click()
    expect(leader.page.get_by_role("heading", name="0/1 đã trả lời")).to_be_visible()

    clerk = sign_in("snv.vanthu")
    asked = clerk.page.get_by_role("link", name="Chờ tôi cho ý kiến")
    if not asked.count():
        clerk = sign_in("snv.vanthu2")
        asked = clerk.page.get_by_role("link", name="Chờ tôi cho ý kiến")
    asked.click()
    clerk.check_page()
    clerk.page.locator("[data-row] a.tk-title-link").first.click()
    assert clerk.page.url == address
    clerk.check_page()
    clerk.page.get_by_label("Đồng ý, có góp ý").check()
    clerk.page.get_by_label("Nội dung ý kiến").fill("Nên lùi đến cuối tháng.")
    clerk.page.get_by_role("button", name="Gửi ý kiến").click()
    expect(clerk.page.get_by_text("Đã gửi ý kiến.")).to_be_visible()

    # The answer comes to the asker's open page by itself.
    shown = leader.page.locator("#opinions").get_by_text("Nên lùi đến cuối tháng.")
    expect(shown).to_be_visible()
    leader.check_page()
