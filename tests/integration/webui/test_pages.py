import re

import pytest

from tests.houses import PASSWORD
from tests.integration.webui.conftest import find_token
from tests.statements import own_statements
from webui.assets.translations import extract, read_catalog

PAGES = (
    "/",
    "/viec/cho-ky",
    "/viec/cho-duyet",
    "/viec/dang-soan",
    "/viec/bi-tra-lai",
    "/viec/cap-so",
    "/viec/van-ban-den",
    "/viec/cho-chi-dao",
    "/viec/cho-xu-ly",
    "/soan-moi",
    "/van-ban-di",
    "/van-ban-den",
    "/so-van-ban/di",
    "/so-van-ban/den",
    "/kiem-tra",
    "/tim",
    "/tim?q=khongcogi",
    "/cai-dat",
    "/gioi-thieu/giay-phep",
    "/khong-co-trang-nay",
)


@pytest.fixture(scope="module")
def documents(town):
    """Return one document at each stage: a draft, one to be signed, one that went out."""
    invitation = town.stage.draft()
    waiting = town.stage.to_signature()
    issued = town.stage.issue()
    town.stage.run_jobs()
    with town.house.start_reading() as work:
        arrived = work.deliveries.find(issued, "stc").id
    return [
        ("snv.chuyenvien", f"/van-ban/{invitation}/soan"),
        ("snv.lanhdao", f"/van-ban/{waiting}"),
        ("snv.vanthu", f"/van-ban/{issued}"),
        ("snv.vanthu", f"/van-ban/{issued}/nhat-ky"),
        ("stc.vanthu", f"/van-ban-den/{arrived}"),
    ]


def test_every_page_is_wholly_english_when_english_is_chosen(town, documents):
    vietnamese = [
        message.id
        for message in extract()
        if isinstance(message.id, str) and len(message.id) > 12 and "%" not in message.id
    ]
    same = {m.id for m in read_catalog("en") if m.id == m.string}
    for login, url in [*((("snv.chuyenvien", page)) for page in PAGES), *documents]:
        client = town.visitor(login).client
        client.set_cookie("trinhky_lang", "en")
        page = client.get(url).text
        client.delete_cookie("trinhky_lang")
        assert '<html lang="en"' in page, url
        shown = [t for t in vietnamese if t not in same and f">{t}<" in page]
        assert shown == [], url


def test_every_page_is_vietnamese_unless_something_else_is_chosen(town, documents):
    for login, url in [*((("snv.vanthu", page)) for page in PAGES), *documents]:
        answer = town.visitor(login).get(url, headers={"Accept-Language": "en-GB"})
        assert answer.status_code in {200, 404}, url
        assert '<html lang="vi"' in answer.text, url


def test_language_switch_leads_back_to_the_page(town):
    client = town.anyone()

    answer = client.get("/ngon-ngu/en?next=/dang-nhap")

    assert answer.location == "/dang-nhap"
    assert "Sign in" in client.get("/dang-nhap").text
    assert client.get("/ngon-ngu/fr").status_code == 404


def test_settings_are_kept_in_the_browser(town):
    visitor = town.visitor("syt.chuyenvien")

    visitor.post("/cai-dat", {"theme": "dark"})

    page = visitor.get("/").text
    assert 'data-bs-theme="dark"' in page
    assert 'data-keys="off"' in page


def test_pages_hold_no_inline_script_or_style(town, documents):
    for login, url in [*((("snv.vanthu", page)) for page in PAGES), *documents]:
        page = town.visitor(login).get(url).text
        assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page) == [], url
        assert re.findall(r"<style|\sstyle=|\son\w+=", page) == [], url


@pytest.mark.parametrize(
    "url", ["/", "/van-ban-di", "/van-ban-den", "/so-van-ban/di", "/tim?q=ky"]
)
def test_list_page_asks_the_database_a_constant_few_times(town, documents, url):
    visitor = town.visitor("snv.vanthu")
    visitor.get(url)

    with own_statements() as asked:
        visitor.get(url)

    # Who asks takes four (one: whom they stand in for), the frame three (one asks for alarms),
    # the list one to three.
    assert len([each for each in asked if each.startswith("SELECT")]) <= 10


def test_home_is_an_empty_list_when_the_person_has_no_work(town):
    page = town.visitor("ubnd-tp.chuyenvien").get("/").text

    assert "Không có văn bản nào ở đây" in page
    assert "Soạn văn bản" in page


def test_healthz_answers_without_a_session(town):
    assert town.anyone().get("/healthz").text == "ok\n"
    assert PASSWORD not in town.anyone().get("/dang-nhap").text
    assert find_token(town.anyone().get("/dang-nhap").text)
