import io

import pikepdf
import pytest

from engine.errors import StoreUnavailableError

MEBIBYTE = 1024 * 1024


def upload(town, content, name="tep.pdf", login="snv.vanthu"):
    return town.visitor(login).post("/kiem-tra", {"file": (io.BytesIO(content), name)})


def an_encrypted_pdf():
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


@pytest.fixture(scope="module")
def original(town):
    document_id = town.stage.issue()
    return town.visitor("snv.vanthu").get(f"/van-ban/{document_id}/tep.pdf").data


def test_verify_shows_each_signature_when_the_file_is_an_original(town, original):
    page = upload(town, original).text

    assert "Hợp lệ: 2 chữ ký, tất cả còn nguyên giá trị." in page
    assert "Mai Kim Loan" in page
    assert "Sở Nội vụ" in page
    assert "+07:00" in page


def test_verify_is_never_green_when_a_byte_was_changed(town, original):
    place = original.rindex(b"endstream") - 40
    changed = original[:place] + bytes([original[place] ^ 1]) + original[place + 1 :]

    page = upload(town, changed).text

    assert "tk-note tk-good" not in page
    assert "Không hợp lệ" in page


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 not a pdf", "Tệp gửi lên không phải là PDF."),
        (an_encrypted_pdf(), "Tệp được mã hóa nên không kiểm tra được."),
        (b"%PDF-1.7 cut off", "Tệp hỏng hoặc thiếu một phần."),
    ],
    ids=["no PDF", "encrypted", "cut off"],
)
def test_upload_is_refused_when_it_cannot_be_judged(town, content, words):
    answer = upload(town, content)

    assert answer.status_code == 422
    assert f"{words} Không có gì được lưu." in answer.text
    assert 'href="#file"' in answer.text


def test_upload_is_refused_when_it_has_more_than_25_mebibytes(town):
    body = b"--x\r\n" + b"0" * (26 * MEBIBYTE)

    answer = town.visitor("snv.vanthu").client.post(
        "/kiem-tra", data=body, content_type="multipart/form-data; boundary=x"
    )

    assert answer.status_code == 413
    assert "vượt quá 25 MB" in answer.text
    assert "upload.too_large" in answer.text


def test_upload_form_is_shown_again_when_no_file_was_chosen(town):
    answer = town.visitor("snv.vanthu").post("/kiem-tra")

    assert answer.status_code == 422
    assert 'href="#file"' in answer.text


def test_error_page_gives_the_reference_of_the_log(town, caplog):
    caplog.set_level("INFO", logger="trinhky.web")

    page = town.visitor("snv.vanthu").get("/khong-co-trang-nay").text

    reference = caplog.records[-1].getMessage().split()[0].removeprefix("reference=")
    assert reference in page
    assert "page.not_found" in page


def test_unexpected_error_shows_a_page_without_its_inside(town, monkeypatch, caplog):
    def explode(*_args, **_kwargs):
        raise RuntimeError("secret inside")

    monkeypatch.setattr("webui.views.about.read_licences", explode)

    answer = town.visitor("snv.vanthu").get("/gioi-thieu/giay-phep")

    assert answer.status_code == 500
    assert "secret inside" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "secret inside" in caplog.text


def test_error_page_is_shown_when_the_store_does_not_answer(town, monkeypatch):
    def fail(*_args, **_kwargs):
        raise StoreUnavailableError("gone")

    monkeypatch.setattr("webui.login.find_actor", fail)
    monkeypatch.setattr("webui.shell.find_actor", fail)

    answer = town.visitor("snv.vanthu").get("/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Kho dữ liệu không trả lời" in answer.text
