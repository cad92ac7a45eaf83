from datetime import date

import pytest

from engine.errors import InvalidInputError
from engine.layout.symbols import (
    date_text,
    full_symbol,
    number_text,
    parse_symbol,
    symbol_tail,
)
from engine.model.kinds import CONG_VAN, THONG_BAO, DocumentKind
from engine.model.organisation import Profile


@pytest.mark.parametrize(
    ("kind", "agency", "unit", "tail"),
    [
        ("cong_van", "SNV", "VP", "SNV-VP"),
        ("cong_van", "SNN&PTNT", "", "SNN&PTNT"),
        ("giay_moi", "STTTT", "VP", "GM-STTTT"),
        ("thong_bao", "UBND", "", "TB-UBND"),
        ("chuong_trinh", "UBND", "", "CTr-UBND"),
        ("quy_dinh", "SNgV", "", "QyĐ-SNgV"),
    ],
)
def test_symbol_tail_follows_the_kind(kind: str, agency: str, unit: str, tail: str) -> None:
    assert symbol_tail(DocumentKind(kind), agency, unit) == tail


def test_symbol_tail_puts_kind_first_when_profile_is_youth_union() -> None:
    union = Profile.YOUTH_UNION
    assert symbol_tail(CONG_VAN, "TĐTN", "VP", profile=union) == "CV/TĐTN-VP"
    assert symbol_tail(THONG_BAO, "TĐTN", "VP", profile=union) == "TB/TĐTN-VP"


def test_symbol_tail_raises_when_kind_is_unknown() -> None:
    with pytest.raises(InvalidInputError):
        symbol_tail(DocumentKind("lich_cong_tac"), "SNV")


@pytest.mark.parametrize(
    ("number", "suffix", "text"),
    [(7, "", "07"), (10, "", "10"), (30, "a", "30a"), (1247, "", "1247")],
)
def test_number_text_pads_when_number_is_below_ten(number: int, suffix: str, text: str) -> None:
    assert number_text(number, suffix) == text


def test_full_symbol_joins_number_and_tail() -> None:
    assert full_symbol(7, "TB-SNV") == "07/TB-SNV"
    assert full_symbol(30, "TB-SNV", suffix="a") == "30a/TB-SNV"
    assert full_symbol(93, "QĐ-TTg", year=2007) == "93/2007/QĐ-TTg"
    assert full_symbol(123, "TB/TĐTN-VP") == "123-TB/TĐTN-VP"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2015, 2, 5), "ngày 05 tháng 02 năm 2015"),
        (date(2015, 3, 5), "ngày 05 tháng 3 năm 2015"),
        (date(2015, 12, 15), "ngày 15 tháng 12 năm 2015"),
    ],
)
def test_date_text_pads_month_when_it_is_one_or_two(day: date, text: str) -> None:
    assert date_text(day) == text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("123/SNV-VP", (123, "", None, "SNV-VP")),
        ("07/TB-SNV", (7, "", None, "TB-SNV")),
        ("30c/NQ-CP", (30, "c", None, "NQ-CP")),
        ("93/2007/QĐ-TTg", (93, "", 2007, "QĐ-TTg")),
        (" 12 / TB-UBND ", (12, "", None, "TB-UBND")),
        ("5/VPĐĐBQH&HĐND", (5, "", None, "VPĐĐBQH&HĐND")),
        ("123-TB/TĐTN-VP", (123, "", None, "TB/TĐTN-VP")),
    ],
)
def test_parse_symbol_returns_parts(text: str, parts: tuple[int, str, int | None, str]) -> None:
    found = parse_symbol(text)
    assert (found.number, found.suffix, found.year, found.tail) == parts


@pytest.mark.parametrize("text", ["", "123", "/SNV", "12/2007", "abc/SNV", "12/", "1234567/SNV"])
def test_parse_symbol_raises_when_text_is_no_symbol(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_symbol(text)
