import unicodedata

import pytest

from engine.errors import ErrorCode, InvalidInputError
from engine.text import clean_line, clean_text, fold, is_nfc, name_sort_key, nfc, sort_key


def test_nfc_composes_and_maps_the_icelandic_letter() -> None:
    assert nfc(unicodedata.normalize("NFD", "Nguyễn Đức")) == "Nguyễn Đức"
    assert nfc("\u00d0ức") == "Đức"
    assert not is_nfc(unicodedata.normalize("NFD", "ậ"))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Nghị định số 30/2020/NĐ-CP", "nghi dinh so 30 2020 nd cp"),
        ("Ủy ban nhân dân quận Ô Môn", "uy ban nhan dan quan o mon"),
        ("hoà – hòa", "hoa hoa"),
        ("  ", ""),
    ],
)
def test_fold_drops_tones_and_marks(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded


def test_sort_key_orders_letters_before_tones() -> None:
    words = ["đa", "da", "ăn", "ân", "an", "án", "àn", "ê", "e", "Âu", "zá"]
    assert sorted(words, key=sort_key) == [
        "an", "àn", "án", "ăn", "ân", "Âu", "da", "đa", "e", "ê", "zá",
    ]  # fmt: skip


def test_name_sort_key_sorts_by_given_name() -> None:
    names = ["Nguyễn Văn Đạt", "Lê Thị Ánh", "Trần Văn Dũng", "Bùi Ánh"]
    assert sorted(names, key=name_sort_key) == [
        "Bùi Ánh", "Lê Thị Ánh", "Trần Văn Dũng", "Nguyễn Văn Đạt",
    ]  # fmt: skip


@pytest.mark.parametrize("bad", ["a\u202eb", "a\x00b", "a\u200bb", "a\ue000b", "\ufeffa"])
def test_clean_line_refuses_characters_that_hide_or_reorder(bad: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        clean_line(bad, field="subject", max_chars=10)
    assert caught.value.code is ErrorCode.TEXT_FORBIDDEN


def test_clean_line_and_text_trim_and_measure() -> None:
    assert clean_line("  a\u00a0 b\n", field="x", max_chars=5) == "a b"
    assert clean_text(" a \r\n\r\n b ", field="x", max_chars=9) == "a\n\nb"
    with pytest.raises(InvalidInputError) as caught:
        clean_line("abcdef", field="x", max_chars=5)
    assert caught.value.code is ErrorCode.INPUT_TOO_LONG
    with pytest.raises(InvalidInputError) as caught:
        clean_text(" \n ", field="x", max_chars=5)
    assert caught.value.code is ErrorCode.INPUT_MISSING
    assert clean_text(" ", field="x", max_chars=5, required=False) == ""
