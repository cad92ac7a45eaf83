import pytest

from engine.errors import ErrorCode, InvalidInputError
from engine.layout.compounds import split_units
from engine.layout.wording import payload, split_paragraphs, with_end_mark
from tests.unit.layout.forms import a_letter, a_notice, an_invitation


@pytest.mark.parametrize(
    "text", ["thành phố", "thành phố.", "thành phố./.", "thành phố;", "thành phố. "]
)
def test_with_end_mark_ends_text_once(text: str) -> None:
    assert with_end_mark(text) == "thành phố./."


def test_split_paragraphs_leaves_out_empty_lines() -> None:
    assert split_paragraphs(("một\n\nhai", " ", "", "ba\u2028bốn")) == ("một", "hai", "ba", "bốn")


def test_payload_lists_as_above_first_and_archive_last_when_letter_has_addressees() -> None:
    words = payload(a_letter(recipients=("Ban Giám đốc;", "Như trên"), archive_unit="VP"))
    assert words["recipients"] == ["Ban Giám đốc;", "Như trên;", "Lưu: VT, VP."]
    words = payload(a_letter(recipients=("Ban Giám đốc",), archive_unit=""))
    assert words["recipients"] == ["Như trên;", "Ban Giám đốc;", "Lưu: VT."]


def test_payload_leaves_as_above_out_when_kind_has_no_addressees() -> None:
    assert payload(a_notice(recipients=("UBND quận",)))["recipients"][0] == "UBND quận;"


def test_payload_punctuates_addressees() -> None:
    words = payload(a_letter(addressees=("Sở Y tế", "Sở Tư pháp;")))
    assert words["addressees"] == ["Sở Y tế;", "Sở Tư pháp."]


def test_payload_states_details_when_form_is_an_invitation() -> None:
    words = payload(an_invitation())
    assert words["invitation"] == [
        "Sở Thông tin và Truyền thông trân trọng kính mời: Đại diện lãnh đạo các sở, ban, ngành.",
        "Chủ trì: Giám đốc Sở.",
        "Thời gian: 08 giờ 00, ngày 17 tháng 6 năm 2015.",
        "Địa điểm: Phòng họp số 2.",
    ]
    assert words["paragraphs"] == [
        "Đề nghị xác nhận tham dự trước 16 giờ 00 ngày 16 tháng 6 năm 2015./."
    ]


def test_payload_ends_once_when_an_invitation_has_body_and_reply_line() -> None:
    words = payload(an_invitation(paragraphs=("Kính mời đến dự đúng giờ./.",)))
    assert words["paragraphs"] == [
        "Kính mời đến dự đúng giờ.",
        "Đề nghị xác nhận tham dự trước 16 giờ 00 ngày 16 tháng 6 năm 2015./.",
    ]


def test_payload_raises_when_invitation_has_no_details() -> None:
    with pytest.raises(InvalidInputError) as refused:
        payload(an_invitation(invitation=None, paragraphs=("a",)))
    assert refused.value.code is ErrorCode.INPUT_MISSING


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": ""},
        {"subject": "a" * 301},
        {"subject": "a\u202eb"},
        {"paragraphs": ("", "\n")},
        {"paragraphs": ("a\x00",)},
        {"paragraphs": ("a" * 19_000,) * 11},
        {"paragraphs": ("x" + "\u0301" * 40,)},
        {"place": ""},
        {"symbol": "S" * 61},
        {"language_tag": "tiếng Việt"},
        {"addressees": ("Sở",) * 501},
    ],
)
def test_payload_raises_when_text_cannot_be_accepted(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        payload(a_letter(**changes))


def test_payload_gives_break_points_only_when_word_is_too_long_for_a_line() -> None:
    words = payload(a_letter(paragraphs=("https://vanban.cantho.vn xong", "w" * 90)))
    assert words["paragraphs"][0] == "https://vanban.cantho.vn xong"
    assert words["paragraphs"][1].count("\u200b") == 3


def test_split_units_keeps_compounds_together() -> None:
    name = "SỞ NÔNG NGHIỆP VÀ PHÁT TRIỂN NÔNG THÔN"
    assert split_units(name) == ["SỞ", "NÔNG NGHIỆP", "VÀ PHÁT TRIỂN", "NÔNG THÔN"]
    assert " ".join(split_units("TRUNG TÂM XÚC TIẾN ĐẦU TƯ - DU LỊCH")) == (
        "TRUNG TÂM XÚC TIẾN ĐẦU TƯ - DU LỊCH"
    )
