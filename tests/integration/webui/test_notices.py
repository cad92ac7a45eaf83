"""The bell, the list of notices and the page on which people choose their mail."""

import re

import pytest

from engine.model.notice import NoticeKind, SubjectKind
from engine.notifying import notify
from tests.houses import Stage
from tests.integration.webui.conftest import Town
from webui import notice_words
from webui.assets.sprite import list_icons

OFFICER = "snv.chuyenvien"
CLERK = "snv.vanthu"


def tell(
    town: Town,
    login: str,
    *,
    kind: NoticeKind = NoticeKind.DOCUMENT_RETURNED,
    **changes: object,
) -> str:
    """Tell a person of something, and return the id of the notice."""
    values: dict[str, object] = {
        "subject_kind": SubjectKind.DOCUMENT,
        "subject_id": "no-such-document",
        "title": "Công văn 12/SNV-VP: báo cáo",
        "now": town.house.clock.now(),
        "actor": Stage(town.house).actor("snv.lanhdao"),
    }
    person = town.stage.actor(login).person_id
    with town.house.start_work() as work:
        notify(work, kind, [person], **(values | changes))  # type: ignore[arg-type]
        work.commit()
        return work.notices.list_of(person, limit=1).rows[0].id


def bell(page: str) -> str:
    """Return the number beside the bell, "" when there is none."""
    found = re.search(r'class="tk-bell-count"[^>]*>([^<]*)<', page)
    return found.group(1) if found else ""


def test_the_bell_counts_what_is_unread_when_people_are_told(town: Town) -> None:
    visitor = town.visitor("stc.chuyenvien")
    assert bell(visitor.get("/cai-dat").text) == ""
    tell(town, "stc.chuyenvien")
    tell(town, "stc.chuyenvien")

    assert bell(visitor.get("/cai-dat").text) == "2"
    visitor.post("/thong-bao/da-doc")
    assert bell(visitor.get("/cai-dat").text) == ""


def test_opening_a_notice_leads_to_its_page_and_marks_it_read(town: Town) -> None:
    document_id = town.stage.draft()
    notice_id = tell(town, OFFICER, subject_id=document_id)
    visitor = town.visitor(OFFICER)
    assert "Chưa đọc (" in visitor.get("/thong-bao").text
    answer = visitor.get(f"/thong-bao/{notice_id}")

    assert answer.status_code == 303
    assert answer.location == f"/van-ban/{document_id}"
    assert f"/thong-bao/{notice_id}" in visitor.get("/thong-bao").text
    assert f"/thong-bao/{notice_id}" not in visitor.get("/thong-bao?loc=chua-doc").text


def test_a_notice_says_nothing_when_its_thing_is_out_of_sight(town: Town) -> None:
    document_id = town.stage.draft(subject="chuyện riêng của Sở Nội vụ")
    title = "Công văn: chuyện riêng của Sở Nội vụ"
    notice_id = tell(town, "syt.vanthu", subject_id=document_id, title=title)
    visitor = town.visitor("syt.vanthu")
    page = visitor.get("/thong-bao").text
    answer = visitor.get(f"/thong-bao/{notice_id}", follow_redirects=True)

    for shown in (page, answer.text):
        assert "chuyện riêng" not in shown
        assert town.stage.actor("snv.lanhdao").full_name not in shown
        assert "Nội dung không còn trong phạm vi được xem." in shown


def test_a_goodbye_is_read_and_leads_nowhere_when_its_thing_is_out_of_sight(town: Town) -> None:
    values = {"subject_kind": SubjectKind.MEETING, "subject_id": "no-such-meeting"}
    notice_id = tell(
        town, CLERK, kind=NoticeKind.MEETING_CANCELLED, title="Họp giao ban", **values
    )
    visitor = town.visitor(CLERK)
    page = visitor.get("/thong-bao").text
    assert "Họp giao ban" in page
    assert f"/thong-bao/{notice_id}" not in page
    answer = visitor.get(f"/thong-bao/{notice_id}")

    assert answer.location == "/thong-bao"
    assert "Nội dung không còn" not in visitor.get("/thong-bao").text
    assert bell(visitor.get("/thong-bao").text) == ""


def test_anothers_notice_does_not_exist_for_a_person(town: Town) -> None:
    notice_id = tell(town, OFFICER)

    assert town.visitor(CLERK).get(f"/thong-bao/{notice_id}").status_code == 404
    assert town.visitor(CLERK).get("/thong-bao/khong-co").status_code == 404


def test_the_list_goes_on_over_pages_when_there_are_many(town: Town) -> None:
    for number in range(35):
        tell(town, "vpub.vanthu", title=f"Việc số {number:02d}", subject_kind=SubjectKind.BATCH)
    visitor = town.visitor("vpub.vanthu")
    first = visitor.get("/thong-bao").text
    following = re.search(r'href="(/thong-bao\?[^"]*sau=[^"]+)"', first)
    assert following is not None
    second = visitor.get(following.group(1).replace("&amp;", "&")).text

    lines = 'class="tk-unread"'
    assert (first.count(lines), second.count(lines)) == (30, 5)
    assert visitor.get("/thong-bao?sau=hong").status_code == 422


def test_titles_are_text_when_they_look_like_markup(town: Town) -> None:
    document_id = town.stage.draft()
    tell(town, OFFICER, subject_id=document_id, title="<script>alert(1)</script>")

    assert "<script>alert(1)" not in town.visitor(OFFICER).get("/thong-bao").text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"mode": "off", "digest_hour": "8", "digest_days": "all", "language": "en"}, 303),
        ({"mode": "single", "digest_hour": "8", "digest_days": "all", "language": "vi"}, 422),
        ({"mode": "off", "digest_hour": "24", "digest_days": "all", "language": "vi"}, 422),
        ({"mode": "off", "digest_hour": "٣", "digest_days": "all", "language": "vi"}, 422),
        ({"mode": "off", "digest_hour": "8", "digest_days": "x", "language": "vi"}, 422),
        ({"mode": "x", "digest_hour": "8", "digest_days": "all", "language": "vi"}, 422),
        ({"mode": "off", "digest_hour": "8", "digest_days": "all", "language": "fr"}, 422),
        ({}, 422),
    ],
)
def test_choosing_mail_answers_for_what_was_chosen(
    town: Town, data: dict[str, object], status: int
) -> None:
    assert town.visitor(CLERK).post("/thong-bao/thu", data).status_code == status


def test_the_mail_page_says_so_when_no_server_is_set(town: Town) -> None:
    visitor = town.visitor(CLERK)
    page = visitor.get("/thong-bao/thu").text
    answer = visitor.post("/thong-bao/thu/dia-chi", {"address": "vt@snv.example"})

    assert "chưa khai máy chủ thư" in page
    assert answer.status_code == 409
    assert "vt@snv.example" in answer.text


def test_the_mail_page_shows_what_was_typed_when_the_address_is_none(town: Town) -> None:
    answer = town.visitor(CLERK).post("/thong-bao/thu/dia-chi", {"address": "không phải"})

    assert answer.status_code == 422
    assert "không phải" in answer.text
    assert "Địa chỉ phải có dạng" in answer.text


def test_a_link_is_only_used_by_a_press_when_mail_programs_follow_it(town: Town) -> None:
    visitor = town.visitor(CLERK)

    assert visitor.get("/thong-bao/thu/xac-nhan/gi-do").status_code == 200
    assert visitor.post("/thong-bao/thu/xac-nhan/gi-do").status_code == 422


def test_dropping_an_address_is_harmless_when_there_is_none(town: Town) -> None:
    assert town.visitor(CLERK).post("/thong-bao/thu/bo").status_code == 303


@pytest.mark.parametrize("url", ["/thong-bao", "/thong-bao/thu", "/thong-bao/x"])
def test_notices_ask_who_is_there_when_nobody_is_signed_in(town: Town, url: str) -> None:
    answer = town.anyone().get(url)

    assert answer.status_code == 303
    assert answer.location.startswith("/dang-nhap")


def test_retrying_a_mail_is_an_administrators_affair(town: Town) -> None:
    data: dict[str, object] = {"key": "khong-co", "kind": "mail"}

    assert town.visitor(CLERK).post("/quan-tri/thu-lai", data).status_code == 403
    assert town.visitor("vpub.quantri").post("/quan-tri/thu-lai", data).status_code == 404


def test_every_kind_of_notice_has_words_and_an_icon_that_is_shipped() -> None:
    assert set(notice_words.KINDS) == set(NoticeKind)
    assert {icon for icon, _, _ in notice_words.KINDS.values()} <= set(list_icons())


def test_every_kind_of_thing_has_a_page(town: Town) -> None:
    assert set(notice_words.PAGES) == set(SubjectKind)
    rules = {rule.endpoint: rule.arguments for rule in town.app.url_map.iter_rules()}
    for endpoint, name in notice_words.PAGES.values():
        assert endpoint in rules, endpoint
        assert rules[endpoint] == ({name} if name else set())
