import re
import unicodedata

import pytest

from engine.model.document import DocumentStatus
from tests.houses import PIN
from tests.integration.webui.conftest import find_token


@pytest.fixture
def waiting(town):
    """Return a document that waits for the leader."""
    return town.stage.to_signature()


def post_task(town, login, document_id, act, data=None):
    task = town.stage.task(login, document_id)
    return town.visitor(login).post(f"/van-ban/{document_id}/viec/{task}/{act}", data)


def form_of(town, document_id, **changes):
    document = town.stage.document(document_id)
    content = document.content
    return {
        "version": str(document.version),
        "subject": content.subject,
        "body": content.body,
        "recipients": list(content.recipients),
        "signatory_id": content.signatory_id,
        "urgency": "thuong",
        "classification": "",
    } | changes


def test_letter_goes_out_when_everybody_does_their_part_on_the_pages(town):
    drafter = town.visitor("snv.chuyenvien")
    created = drafter.post("/soan-moi", {"agency": "snv", "kind": "cong_van"})
    document_id = created.location.split("/")[2]
    assert drafter.get(created.location).status_code == 200
    leader = town.stage.actor("snv.lanhdao").person_id
    form = {
        "version": "0",
        "subject": "triển khai chữ ký số",
        "body": "Sở Nội vụ đề nghị triển khai.",
        "recipients": ["stc", "syt"],
        "signatory_id": leader,
        "urgency": "khan",
        "act": "trinh",
    }
    submitted = drafter.post(f"/van-ban/{document_id}/soan", form)
    assert submitted.location == f"/van-ban/{document_id}"

    post_task(town, "snv.truongphong", document_id, "duyet", {"comment": "Đồng ý"})
    post_task(town, "snv.vanthu", document_id, "the-thuc")
    post_task(town, "snv.lanhdao", document_id, "ky", {"pin": PIN})
    post_task(town, "snv.vanthu", document_id, "cap-so")
    assert "Đóng dấu và phát hành" in town.visitor("snv.vanthu").get(submitted.location).text
    post_task(town, "snv.vanthu", document_id, "dong-dau", {"pin": PIN})
    town.stage.run_jobs()

    page = town.visitor("snv.vanthu").get(f"/van-ban/{document_id}").text
    assert town.stage.document(document_id).status is DocumentStatus.DISPATCHED
    assert page.count("Đã đến, chờ vào sổ") == 2
    assert 'hx-trigger="every 3s"' in page
    assert "/SNV-CCHC" in town.visitor("snv.vanthu").get("/so-van-ban/di").text


def test_sign_keeps_the_task_open_when_the_pin_is_wrong(town, waiting):
    answer = post_task(town, "snv.lanhdao", waiting, "ky", {"pin": "000000"})

    assert answer.status_code == 422
    assert "Mã PIN không đúng, hoặc khóa đã bị khóa sau 5 lần sai." in answer.text
    assert "000000" not in answer.text
    assert town.stage.document(waiting).status is DocumentStatus.AWAITING_SIGNATURE
    assert post_task(town, "snv.lanhdao", waiting, "ky", {"pin": PIN}).status_code == 303


def test_task_done_twice_names_who_did_it_first(town):
    document_id = town.stage.draft()
    town.stage.submit(document_id)
    task = town.stage.task("snv.truongphong", document_id)
    url = f"/van-ban/{document_id}/viec/{task}/duyet"
    assert town.visitor("snv.truongphong").post(url).status_code == 303

    again = town.visitor("snv.truongphong").post(url)

    assert again.status_code == 409
    assert re.search(r"Tô Hoàng Kiệt đã làm việc này lúc \d\d/\d\d/\d{4} \d\d:\d\d", again.text)
    assert "task.closed" in again.text


def test_document_is_not_found_when_a_person_of_another_agency_asks(town, waiting):
    stranger = town.visitor("stc.chuyenvien")
    for path in ("", "/tep.pdf", "/so-do", "/nhat-ky", "/soan", "/tinh-trang-gui"):
        answer = stranger.get(f"/van-ban/{waiting}{path}")
        assert answer.status_code == 404, path
        assert "báo cáo tình hình" not in answer.text


def test_task_is_refused_when_a_person_of_another_agency_posts(town, waiting):
    task = town.stage.task("snv.lanhdao", waiting)

    answer = town.visitor("stc.lanhdao").post(f"/van-ban/{waiting}/viec/{task}/ky", {"pin": PIN})

    assert answer.status_code == 403
    assert town.stage.document(waiting).status is DocumentStatus.AWAITING_SIGNATURE


def test_return_shows_the_form_again_when_no_reason_is_given(town, waiting):
    answer = post_task(town, "snv.lanhdao", waiting, "tra-lai", {"reason": "  "})

    assert answer.status_code == 422
    assert "Mục “Lý do” còn để trống." in answer.text


def test_signed_document_can_be_cancelled_by_the_clerk_with_a_reason(town, waiting):
    town.stage.sign(waiting)
    clerk = town.visitor("snv.vanthu")
    assert clerk.post(f"/van-ban/{waiting}/huy", {"reason": ""}).status_code == 422
    refused = town.visitor("snv.chuyenvien").post(f"/van-ban/{waiting}/huy", {"reason": "Thử."})
    assert refused.status_code == 403

    answer = clerk.post(f"/van-ban/{waiting}/huy", {"reason": "Trùng với văn bản khác."})

    assert answer.status_code == 303
    page = clerk.get(f"/van-ban/{waiting}").text
    assert town.stage.document(waiting).status is DocumentStatus.CANCELLED
    assert "Hủy: Trùng với văn bản khác." in page
    assert "(chưa đến)" not in page


def test_returned_document_shows_its_reason_to_the_drafter(town, waiting):
    post_task(town, "snv.lanhdao", waiting, "tra-lai", {"reason": "Thiếu phụ lục."})

    drafter = town.visitor("snv.chuyenvien")
    assert "Lý do trả lại: Thiếu phụ lục." in drafter.get("/viec/bi-tra-lai").text
    assert "Bị trả lại: Thiếu phụ lục." in drafter.get(f"/van-ban/{waiting}/soan").text


@pytest.mark.parametrize("degree", ["Mật", "Tối mật", "Tuyệt mật"])
def test_draft_is_refused_and_nothing_stored_when_it_is_classified(town, degree):
    document_id = town.stage.draft()
    before = town.stage.document(document_id)
    form = form_of(town, document_id, subject="nội dung không được lưu", classification=degree)

    for path in ("soan", "soan/tu-luu", "soan/xem-truoc"):
        answer = town.visitor("snv.chuyenvien").post(f"/van-ban/{document_id}/{path}", form)
        assert answer.status_code == 422, path
        assert "Tài liệu mật" in (answer.json["text"] if answer.is_json else answer.text)

    assert town.stage.document(document_id) == before


def test_draft_is_stored_composed_when_it_is_typed_decomposed(town):
    document_id = town.stage.draft()
    text = unicodedata.normalize("NFD", "kiểm tra dấu tiếng Việt")

    town.visitor("snv.chuyenvien").post(
        f"/van-ban/{document_id}/soan", form_of(town, document_id, subject=text)
    )

    assert town.stage.document(document_id).content.subject == "kiểm tra dấu tiếng Việt"


def test_draft_keeps_what_was_typed_when_somebody_saved_meanwhile(town):
    document_id = town.stage.draft()
    stale = form_of(town, document_id, subject="bản của tôi")
    town.visitor("snv.chuyenvien").post(
        f"/van-ban/{document_id}/soan", form_of(town, document_id, subject="bản khác")
    )

    answer = town.visitor("snv.chuyenvien").post(f"/van-ban/{document_id}/soan", stale)

    assert answer.status_code == 409
    assert "bản của tôi" in answer.text
    assert town.stage.document(document_id).content.subject == "bản khác"


@pytest.mark.parametrize(("text", "named"), [("a\u202eb", "U+202E"), ("tốt 😀", "“😀” (U+1F600)")])
def test_submit_names_the_characters_when_some_cannot_be_printed(town, text, named):
    document_id = town.stage.draft()
    form = form_of(town, document_id, body=text, act="trinh")

    answer = town.visitor("snv.chuyenvien").post(f"/van-ban/{document_id}/soan", form)

    assert answer.status_code == 422
    assert named in answer.text


def test_draft_is_stored_clean_when_it_is_pasted_from_a_word_processor(town):
    document_id = town.stage.draft()
    form = form_of(town, document_id, body="\ufeff\uf0b7 Một\u200b\u000bHai")

    town.visitor("snv.chuyenvien").post(f"/van-ban/{document_id}/soan", form)

    assert town.stage.document(document_id).content.body == "• Một\nHai"


def test_submit_names_the_field_when_something_is_missing(town):
    document_id = town.stage.draft()
    form = form_of(town, document_id, subject="", act="trinh")

    answer = town.visitor("snv.chuyenvien").post(f"/van-ban/{document_id}/soan", form)

    assert answer.status_code == 422
    assert 'href="#subject"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_autosave_answers_with_the_next_version(town):
    document_id = town.stage.draft()
    form = form_of(town, document_id, body="Đoạn mới.")

    answer = town.visitor("snv.chuyenvien").post(f"/van-ban/{document_id}/soan/tu-luu", form)

    assert answer.json["version"] == town.stage.document(document_id).version
    assert answer.json["text"].startswith("Đã lưu lúc ")


def test_autosave_says_so_in_words_when_the_session_has_ended(town):
    stranger = town.anyone()
    token = find_token(stranger.get("/dang-nhap").text)

    answer = stranger.post(
        "/van-ban/x/soan/tu-luu",
        data={"csrf_token": token},
        headers={"Accept": "application/json"},
    )

    assert answer.status_code == 401
    assert "Hãy đăng nhập" in answer.json["text"]


def test_autosave_does_not_tell_a_stranger_that_the_draft_exists(town):
    document_id = town.stage.draft()
    stranger = town.visitor("stc.chuyenvien")

    answers = [
        stranger.post(f"/van-ban/{each}/soan/tu-luu", {"version": "1"})
        for each in (document_id, "0" * 32)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_refused_draft_is_shown_again_by_the_language_link(town):
    document_id = town.stage.draft()
    form = form_of(town, document_id, subject="", act="trinh")

    page = town.visitor("snv.chuyenvien").post(f"/van-ban/{document_id}/soan", form).text

    assert f"next=/van-ban/{document_id}/soan" in page
    assert "data-refused" in page


def test_preview_gives_a_pdf_and_stores_nothing(town):
    document_id = town.stage.draft()
    before = town.stage.document(document_id)

    answer = town.visitor("snv.chuyenvien").post(
        f"/van-ban/{document_id}/soan/xem-truoc", form_of(town, document_id, body="Thử.")
    )

    assert answer.data.startswith(b"%PDF-")
    assert town.stage.document(document_id) == before


@pytest.mark.parametrize("kind", ["cong_van", "giay_moi", "thong_bao"])
def test_preview_shows_dots_when_nothing_has_been_typed_yet(town, kind):
    drafter = town.visitor("snv.chuyenvien")
    created = drafter.post("/soan-moi", {"agency": "snv", "kind": kind})
    leader = town.stage.actor("snv.lanhdao").person_id

    answer = drafter.post(
        f"{created.location}/xem-truoc", {"version": "0", "signatory_id": leader}
    )

    assert answer.status_code == 200, answer.text
    assert answer.data.startswith(b"%PDF-")


def test_pdf_is_named_by_its_symbol_or_subject(town, waiting):
    document_id = town.stage.issue()
    symbol = town.stage.document(document_id).number.symbol
    reader = town.visitor("snv.chuyenvien")

    issued = reader.get(f"/van-ban/{document_id}/tep.pdf").headers["Content-Disposition"]
    draft = reader.get(f"/van-ban/{waiting}/tep.pdf").headers["Content-Disposition"]

    assert f'filename="{symbol.replace("/", "-")}.pdf"' in issued
    assert 'filename="Du thao ' in draft


def test_pdf_is_not_sent_again_when_the_browser_has_it(town, waiting):
    reader = town.visitor("snv.chuyenvien")
    first = reader.get(f"/van-ban/{waiting}/tep.pdf")

    again = reader.get(
        f"/van-ban/{waiting}/tep.pdf", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert first.data.startswith(b"%PDF-")
    assert first.headers["ETag"].strip('"') == town.stage.document(waiting).revisions[-1].digest
    assert "private" in first.headers["Cache-Control"]
    assert again.status_code == 304
    assert again.data == b""


def test_diagram_tells_what_is_done_and_what_is_at_hand(town, waiting):
    flow = town.visitor("snv.chuyenvien").get(f"/van-ban/{waiting}/so-do").json

    assert flow["now"] == ["sign"]
    assert {"draft", "review", "check_form"} <= set(flow["done"])
    assert "<bpmn:definitions" in flow["xml"]


def test_text_of_people_is_inert_on_every_page(town):
    attack = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    document_id = town.stage.draft(subject=attack, body=attack)
    town.stage.submit(document_id)
    drafter = town.visitor("snv.chuyenvien")

    for url in (f"/van-ban/{document_id}", f"/van-ban/{document_id}/nhat-ky", "/van-ban-di",
                f"/tim?q={attack}"):  # fmt: skip
        page = drafter.get(url).text
        assert "<script>alert" not in page, url
        assert "<img src=x" not in page, url


def test_pin_is_not_tried_any_more_after_ten_wrong_ones(town):
    document_id = town.stage.to_signature(
        signatory_id=town.stage.actor("snv.photruong1").person_id
    )

    answers = [
        post_task(town, "snv.photruong1", document_id, "ky", {"pin": f"{n:06}"}).status_code
        for n in range(11)
    ]

    assert answers == [422] * 10 + [429]
    assert post_task(town, "snv.photruong1", document_id, "ky", {"pin": PIN}).status_code == 429
