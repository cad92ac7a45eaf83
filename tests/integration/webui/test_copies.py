"""Pages of attachments and certified copies."""

import io
import re

import pytest

from engine.model.document import DocumentId
from tests.factories.pki_uploads import a_report, a_scan
from tests.houses import PIN, RECIPIENTS

FACTS = {
    "agency": "snv",
    "form": "sao_y",
    "kind": "Quyết định",
    "symbol": "15/QĐ-UBND",
    "dated_on": "02/03/2026",
    "issuer": "Ủy ban nhân dân thành phố Cần Thơ",
    "subject": "về việc ban hành quy chế văn thư",
}


def a_file(content, name="tep.pdf"):
    return (io.BytesIO(content), name)


def ask(town, **changes):
    fields = FACTS | {"file": a_file(a_scan())} | changes
    return town.visitor("snv.chuyenvien").post("/ban-sao/moi", fields)


def task_url(page, act):
    found = re.search(rf'action="([^"]+/{act})"', page)
    assert found is not None, act
    return found.group(1)


def test_copy_goes_from_request_to_certified_file(town):
    url = ask(town).headers["Location"]

    assert (
        "về việc ban hành quy chế văn thư" in town.visitor("snv.lanhdao").get("/viec/ban-sao").text
    )
    page = town.visitor("snv.lanhdao").get(url).text
    town.visitor("snv.lanhdao").post(task_url(page, "duyet"))
    page = town.visitor("snv.vanthu").get(url).text
    done = town.visitor("snv.vanthu").post(task_url(page, "ky-so"), {"pin": PIN})

    assert done.status_code == 303
    page = town.visitor("snv.chuyenvien").get(url).text
    assert "/SY-SNV" in page
    file = town.visitor("snv.chuyenvien").get(f"{url}/tep.pdf")
    assert file.data.startswith(b"%PDF-")
    verdict = town.visitor("snv.vanthu").post("/kiem-tra", {"file": a_file(file.data)}).text
    assert "Hợp lệ: 1 chữ ký" in verdict
    assert "/SY-SNV" in town.visitor("snv.vanthu").get("/so-van-ban/sao").text


def test_officer_is_told_what_is_wrong_when_the_scan_carries_signatures(town):
    document_id = town.stage.issue(recipients=RECIPIENTS[:1])
    original = town.visitor("snv.vanthu").get(f"/van-ban/{document_id}/tep.pdf").data

    answer = ask(town, file=a_file(original))

    assert answer.status_code == 422
    assert "Không có hình thức sao y từ điện tử sang điện tử" in answer.text
    assert 'value="15/QĐ-UBND"' in answer.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dated_on": ""}, "Ngày văn bản"),
        ({"form": "sao"}, "Hình thức sao"),
        ({"file": ""}, "Tệp PDF"),
        ({"form": "trich_sao"}, "Trang được trích"),
    ],
)
def test_officer_is_told_what_is_missing_when_a_request_is_incomplete(town, changes, words):
    answer = ask(town, **changes)

    assert answer.status_code == 422
    assert '<div class="tk-error-summary"' in answer.text
    assert words in answer.text


def test_returned_request_is_mended_by_its_author_or_withdrawn(town):
    url = ask(town).headers["Location"]
    leader, officer = town.visitor("snv.lanhdao"), town.visitor("snv.chuyenvien")
    back = task_url(leader.get(url).text, "tra-lai")
    assert leader.post(back, {"reason": ""}).status_code == 422
    leader.post(back, {"reason": "thiếu trang 2"})
    page = officer.get(url).text
    assert "Bị trả lại: thiếu trang 2" in page

    officer.post(task_url(page, "sua"), FACTS | {"subject": "về quy chế mới"})

    assert "về quy chế mới" in leader.get("/ban-sao").text
    leader.post(task_url(leader.get(url).text, "tra-lai"), {"reason": "không cần"})
    officer.post(task_url(officer.get(url).text, "rut"))
    assert "Đã rút đề nghị" in officer.get(url).text


def test_wrong_pin_is_told_beside_the_form_and_the_number_is_kept(town):
    url = ask(town).headers["Location"]
    leader, clerk = town.visitor("snv.lanhdao"), town.visitor("snv.vanthu")
    leader.post(task_url(leader.get(url).text, "duyet"))

    answer = clerk.post(task_url(clerk.get(url).text, "ky-so"), {"pin": "000000"})

    assert answer.status_code == 422
    assert "đã giữ cho bản sao này" in answer.text


def test_copy_is_hidden_from_other_agencies(town):
    url = ask(town).headers["Location"]

    for address in (url, f"{url}/tep.pdf", f"{url}/so-do"):
        assert town.visitor("stc.vanthu").get(address).status_code == 404
    assert url not in town.visitor("stc.vanthu").get("/ban-sao").text
    assert town.visitor("snv.vanthu").get(f"{url}/so-do").status_code == 200


def test_drafter_adds_orders_and_removes_attachments(town):
    officer = town.visitor("snv.chuyenvien")
    document_id = town.stage.draft(recipients=RECIPIENTS[:1])
    base = f"/van-ban/{document_id}/dinh-kem"
    for title in ("Phụ lục I", "Phụ lục II"):
        answer = officer.post(base, {"title": title, "file": a_file(a_report(title))})
        assert answer.status_code == 303
    first, second = addresses(officer, document_id)

    officer.post(f"{second}/len")
    assert addresses(officer, document_id) == [second, first]
    officer.post(f"{second}/xuong")
    officer.post(f"{second}/bo")

    assert addresses(officer, document_id) == [first]
    assert officer.get(f"{first}.pdf").data.startswith(b"%PDF-")


def test_drafter_is_told_what_is_wrong_when_a_file_may_not_enter(town):
    document_id = town.stage.draft()
    base = f"/van-ban/{document_id}/dinh-kem"

    answer = town.visitor("snv.chuyenvien").post(
        base, {"title": "Phụ lục", "file": a_file(b"PK\x03\x04")}
    )

    assert answer.status_code == 422
    assert "Tệp gửi lên không phải là PDF." in answer.text
    assert 'value="Phụ lục"' in answer.text


def test_recipient_reads_verdict_and_file_of_each_attachment(town):
    stage = town.stage
    document_id = stage.draft(recipients=RECIPIENTS[:1])
    town.house.use_cases.add_attachment(
        DocumentId(document_id), "Phụ lục số liệu", a_report(), stage.actor("snv.chuyenvien")
    )
    stage.submit(document_id)
    stage.review(document_id)
    stage.check(document_id)
    stage.sign(document_id)
    stage.number(document_id)
    recipient = town.visitor("stc.vanthu")
    [address] = attachment_addresses(town.visitor("snv.vanthu").get(f"/van-ban/{document_id}"))
    assert recipient.get(f"{address}.pdf").status_code == 404
    stage.seal(document_id)
    stage.run_jobs()
    with town.house.start_reading() as work:
        delivery = work.deliveries.find(document_id, RECIPIENTS[0])

    page = recipient.get(f"/van-ban-den/{delivery.id}")

    assert "Phụ lục số liệu" in page.text
    assert "Cơ quan đã ký số." in page.text
    assert recipient.get(f"{address}.pdf").status_code == 200
    assert town.visitor("syt.vanthu").get(f"{address}.pdf").status_code == 404


def addresses(visitor, document_id):
    return attachment_addresses(visitor.get(f"/van-ban/{document_id}/soan"))


def attachment_addresses(page):
    return re.findall(r'href="(/van-ban/[^"]+/dinh-kem/[^"]+)\.pdf"', page.text)


def test_leader_sees_what_the_scan_lacks(town):
    url = ask(town, file=a_file(a_scan(mode="L", dpi=100, size_mm=(100, 100)))).headers["Location"]

    page = town.visitor("snv.lanhdao").get(url).text

    for words in ("không quét màu", "dưới 200 dpi", "đúng tỷ lệ gốc"):
        assert words in page


def test_trails_name_attachments_and_copies(town):
    document_id = town.stage.draft()
    town.house.use_cases.add_attachment(
        document_id, "Phụ lục số liệu", a_report(), town.stage.actor("snv.chuyenvien")
    )
    url = ask(town).headers["Location"]

    document = town.visitor("snv.vanthu").get(f"/van-ban/{document_id}/nhat-ky").text
    copy = town.visitor("snv.vanthu").get(f"{url}/nhat-ky").text

    assert "Thêm tệp đính kèm" in document
    assert "Phụ lục số liệu" in document
    assert "Cơ quan ký số" in document
    assert "Đề nghị sao" in copy
    assert "15/QĐ-UBND" in copy
    assert town.visitor("stc.vanthu").get(f"{url}/nhat-ky").status_code == 404
