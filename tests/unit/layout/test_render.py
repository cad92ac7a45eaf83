import re
import threading
import unicodedata
from dataclasses import replace
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from engine.errors import ErrorCode, InvalidInputError, TrinhKyError
from engine.layout.form import DocumentForm, Letterhead, RenderedDocument, SignatureBlock
from engine.layout.render import PAGE_HEIGHT, PAGE_WIDTH, TypstLayout
from engine.layout.typesetter import Typesetter
from engine.model.boxes import Box
from engine.model.kinds import DocumentKind
from engine.model.organisation import Profile
from engine.model.urgency import Urgency
from tests.unit.layout.forms import AT, PARAGRAPH, a_letter, a_notice, an_invitation

AGENCIES = tuple(f"Sở, ban, ngành thứ {number} của thành phố" for number in range(1, 32))


@pytest.fixture(scope="module")
def layout() -> TypstLayout:
    return TypstLayout()


def page_texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        texts = []
        for index in range(len(document)):
            page = document[index]
            text_page = page.get_textpage()
            texts.append(text_page.get_text_range())
            text_page.close()
            page.close()
    return texts


def words_of(document: RenderedDocument) -> str:
    text = "\n".join(page_texts(document.pdf)).replace("\u200b", "").replace("\u2060", "")
    return re.sub(r"\s+", " ", text.replace("\ufffe", ""))


def all_boxes(document: RenderedDocument) -> dict[str, Box]:
    boxes = document.boxes
    return {
        name: getattr(boxes, name)
        for name in ("leader_signature", "number", "day", "month", "year", "agency_seal")
    }


def overlap(a: Box, b: Box) -> bool:
    return a.page == b.page and a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def text_in(pdf: bytes, box: Box) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[box.page - 1]
        text_page = page.get_textpage()
        found = text_page.get_text_bounded(
            left=box.x0 + 1, bottom=box.y0 + 3, right=box.x1 - 1, top=box.y1 - 3
        )
        text_page.close()
        page.close()
    return str(found).strip()


VARIANTS: dict[str, DocumentForm] = {
    "letter": a_letter(),
    "letter_to_31": a_letter(addressees=AGENCIES, urgency=Urgency.EXPRESS),
    "letter_copied_to_31": a_letter(recipients=AGENCIES, urgency=Urgency.VERY_URGENT),
    "long_letter": a_letter(paragraphs=(PARAGRAPH,) * 44, urgency=Urgency.URGENT),
    "long_subject": a_letter(subject="báo cáo tình hình " * 11),
    "long_name": a_letter(
        letterhead=Letterhead(
            parent=("ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ",),
            agency=("VĂN PHÒNG ĐOÀN ĐẠI BIỂU QUỐC HỘI VÀ HỘI ĐỒNG NHÂN DÂN",),
        )
    ),
    "notice": a_notice(),
    "invitation": an_invitation(),
    "youth_union": a_letter(
        letterhead=Letterhead(
            parent=(), agency=("THÀNH ĐOÀN CẦN THƠ",), profile=Profile.YOUTH_UNION
        ),
        symbol="CV/TĐTN-VP",
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_render_keeps_boxes_inside_page_and_apart_from_text(
    layout: TypstLayout, name: str
) -> None:
    document = layout.render(VARIANTS[name], at=AT)
    boxes = all_boxes(document)
    for box in boxes.values():
        assert 1 <= box.page <= document.page_count
        assert 0 < box.x0 < box.x1 < PAGE_WIDTH
        assert 0 < box.y0 < box.y1 < PAGE_HEIGHT
    for first, second in combinations(boxes, 2):
        expected = {first, second} == {"leader_signature", "agency_seal"}
        assert overlap(boxes[first], boxes[second]) is expected
    for field in ("leader_signature", "number", "day", "month", "year"):
        assert text_in(document.pdf, boxes[field]) == ""


@pytest.mark.parametrize("name", VARIANTS)
def test_render_gives_pdf_a_2b_that_declares_itself(layout: TypstLayout, name: str) -> None:
    document = layout.render(VARIANTS[name], at=AT)
    with pikepdf.open(BytesIO(document.pdf)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.pages) == document.page_count
        assert pdf.Root.Lang == "vi"
        with pdf.open_metadata() as metadata:
            assert metadata["pdfaid:part"] == "2"
            assert metadata["pdfaid:conformance"] == "B"


def test_render_gives_same_bytes_when_form_and_time_are_same() -> None:
    first = TypstLayout().render(a_letter(), at=AT)
    again = TypstLayout()
    again.render(a_letter(subject="khác"), at=AT)
    assert again.render(a_letter(), at=AT) == first


def test_render_seal_covers_left_third_of_signature(layout: TypstLayout) -> None:
    boxes = layout.render(a_letter(seal_diameter_mm=34.0), at=AT).boxes
    signature, seal = boxes.leader_signature, boxes.agency_seal
    width = signature.x1 - signature.x0
    assert seal.x1 - seal.x0 == pytest.approx(34 * 72 / 25.4)
    assert seal.x1 == pytest.approx(signature.x0 + width / 3)
    assert seal.y0 + seal.y1 == pytest.approx(signature.y0 + signature.y1)


def test_render_puts_date_boxes_on_the_line_of_the_number(layout: TypstLayout) -> None:
    boxes = layout.render(a_letter(), at=AT).boxes
    assert boxes.day.y0 == pytest.approx(boxes.number.y0)
    assert boxes.day.x1 < boxes.month.x0 < boxes.month.x1 < boxes.year.x0


def test_render_shows_the_prescribed_words(layout: TypstLayout) -> None:
    text = words_of(layout.render(a_letter(urgency=Urgency.EXPRESS), at=AT))
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "UBND THÀNH PHỐ CẦN THƠ",
        "SỞ NỘI VỤ",
        "/SNV-VP",
        "V/v báo cáo tình hình",
        "HỎA TỐC",
        "Kính gửi: Sở Thông tin và Truyền thông.",
        "năm 2015./.",
        "Nơi nhận:",
        "- Như trên;",
        "- Lưu: VT, VP.",
        "KT. GIÁM ĐỐC",
        "Nguyễn Thị Ánh Tuyết",
    ):
        assert words in text


def test_render_shows_title_when_kind_has_one(layout: TypstLayout) -> None:
    text = words_of(layout.render(an_invitation(), at=AT))
    assert "GIẤY MỜI Họp triển khai phần mềm" in text
    assert "Chủ trì: Giám đốc Sở. Thời gian: 08 giờ 00" in text
    assert "Như trên" not in text


def test_render_shows_no_national_title_when_profile_is_youth_union(layout: TypstLayout) -> None:
    text = words_of(layout.render(VARIANTS["youth_union"], at=AT))
    assert "ĐOÀN TNCS HỒ CHÍ MINH" in text
    assert "-CV/TĐTN-VP" in text
    assert "CỘNG HÒA" not in text
    assert "Độc lập" not in text


def test_render_keeps_text_in_normal_form_c_when_it_came_decomposed(layout: TypstLayout) -> None:
    paragraph = unicodedata.normalize("NFD", "Thốt Nốt, Ô Môn, Cờ Đỏ và Ủy ban")
    text = words_of(layout.render(a_letter(paragraphs=(paragraph,)), at=AT))
    assert "Thốt Nốt, Ô Môn, Cờ Đỏ và Ủy ban" in text
    assert unicodedata.is_normalized("NFC", text)


def test_render_numbers_pages_from_the_second(layout: TypstLayout) -> None:
    document = layout.render(VARIANTS["long_letter"], at=AT)
    assert document.page_count == len(page_texts(document.pdf)) >= 6
    assert not page_texts(document.pdf)[0].lstrip().startswith("1")
    assert page_texts(document.pdf)[1].lstrip().startswith("2")


@pytest.mark.parametrize("tail", [(), (PARAGRAPH,), (PARAGRAPH, "Dòng cuối.")])
def test_render_never_leaves_closing_alone_when_text_fills_the_page(
    layout: TypstLayout, tail: tuple[str, ...]
) -> None:
    for lines in range(14, 26):
        form = a_letter(paragraphs=("Một dòng ngắn.",) * lines + tail)
        document = layout.render(form, at=AT)
        last = page_texts(document.pdf)[-1]
        body = last[: last.index("Nơi nhận")].strip().splitlines()
        assert document.boxes.leader_signature.page == document.page_count
        assert len(body) >= 3 or document.page_count == 1  # page number and two lines


def test_render_shows_every_recipient_when_list_is_long(layout: TypstLayout) -> None:
    for form in (VARIANTS["letter_to_31"], VARIANTS["letter_copied_to_31"]):
        text = words_of(layout.render(form, at=AT))
        assert all(f"- {agency}" in text for agency in AGENCIES)


@pytest.mark.parametrize(
    "text",
    [
        '#import "/etc/passwd": *',
        "= Tiêu đề",
        "$x^2$ *đậm* _nghiêng_ `mã` @nhãn <nhãn> // hết",
        "\\ [a] {b} #sys.inputs ~ -- ---",
        "#",
        '"; #panic("x")',
        "</script><b>&amp;",
    ],
)
def test_render_shows_markup_as_text_when_user_wrote_it(layout: TypstLayout, text: str) -> None:
    form = a_letter(subject=text, paragraphs=(text, "Hết."), recipients=(text,))
    assert words_of(layout.render(form, at=AT)).count(text) >= 2


def test_render_breaks_words_when_they_have_no_spaces(layout: TypstLayout) -> None:
    document = layout.render(
        a_letter(paragraphs=("W" * 5000,), subject="W" * 300, addressees=("W" * 900, "b")), at=AT
    )
    with pypdfium2.PdfDocument(document.pdf) as pdf:
        for index in range(len(pdf)):
            page = pdf[index]
            text_page = page.get_textpage()
            rights = [text_page.get_charbox(i)[2] for i in range(text_page.count_chars())]
            assert max(rights) < PAGE_WIDTH - 20
            text_page.close()
            page.close()


@pytest.mark.parametrize("text", ["chào 😀", "漢字", "ok \u2611"])
def test_render_names_characters_when_font_lacks_them(layout: TypstLayout, text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        layout.render(a_letter(paragraphs=(text,)), at=AT)
    assert refused.value.code is ErrorCode.TEXT_FORBIDDEN
    assert text[-1] in refused.value.params["characters"]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": DocumentKind("quyet_dinh")},
        {"seal_diameter_mm": 300.0},
        {"signature": SignatureBlock(lines=("GIÁM ĐỐC",) * 60, name="A")},
        {"signature": SignatureBlock(lines=("GIÁM ĐỐC",), name="")},
        {"signature": SignatureBlock(lines=("W" * 200,) * 6, name="A")},
        {"letterhead": Letterhead(parent=(), agency=())},
    ],
)
def test_render_raises_when_form_cannot_be_laid_out(
    layout: TypstLayout, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInputError):
        layout.render(replace(a_letter(), **changes), at=AT)


def test_render_raises_when_fonts_are_missing(tmp_path: Path) -> None:
    layout = TypstLayout(typesetter=Typesetter(font_folder=tmp_path))
    with pytest.raises(TrinhKyError) as refused:
        layout.render(a_letter(), at=AT)
    assert refused.value.code is ErrorCode.ASSETS_MISSING


def test_render_keeps_documents_apart_when_threads_share_it(layout: TypstLayout) -> None:
    forms = [a_letter(subject=f"báo cáo số {n}", paragraphs=("Dòng.",) * n) for n in range(1, 25)]
    expected = [layout.render(form, at=AT) for form in forms]
    found: dict[int, RenderedDocument] = {}

    def work(part: int) -> None:
        for index in range(part, len(forms), 4):
            found[index] = layout.render(forms[index], at=AT)

    threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[index] for index in range(len(forms))] == expected
