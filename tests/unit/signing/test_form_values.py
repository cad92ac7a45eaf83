from datetime import date

import pytest
from pyhanko.pdf_utils import generic

from engine.errors import ConflictError
from signing.fields import _values
from signing.fonts import load_subset, read_embedded
from signing.objects import as_dictionary, as_pdf, as_stream
from tests.factories.pki_documents import ITALIC, REGULAR


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 5), ("7", "05", "02", "2026")),
        (date(2026, 1, 31), ("7", "31", "01", "2026")),
        (date(2026, 3, 10), ("7", "10", "3", "2026")),
        (date(2026, 12, 9), ("7", "09", "12", "2026")),
    ],
)
def test_date_takes_zeros_as_the_decree_has_it(day: date, expected: tuple[str, ...]) -> None:
    assert tuple(_values("7", day)) == expected


@pytest.mark.parametrize("path", [REGULAR, ITALIC])
def test_subset_holds_every_vietnamese_letter(path: object) -> None:
    font = load_subset(REGULAR if path == REGULAR else ITALIC)

    assert all(letter in font.glyphs for letter in "ĂÂĐÊÔƠƯăâđêôơưẬậẶặỆệỘộỢợỰựỳỹ0123456789/-")
    assert len(font.program) < 120_000
    assert (font.italic_angle != 0) is (path == ITALIC)
    assert (font.ascent, font.descent) == (891, -216)


def test_read_embedded_refuses_when_font_is_unknown() -> None:
    for font in (
        as_dictionary({"/Type": "/Font"}),
        as_dictionary(
            {
                "/ToUnicode": as_stream({}, b"<0001> <0041>"),
                "/DescendantFonts": [{"/W": [5, [500]]}],
            }
        ),
    ):
        with pytest.raises(ConflictError):
            read_embedded(font)


def test_as_pdf_turns_plain_values_into_objects() -> None:
    assert as_pdf("/Name") == generic.NameObject("/Name")
    assert as_pdf("Số") == generic.pdf_string("Số")
    assert as_pdf(3) == 3
    assert as_pdf([1.5, {"/A": 1}])[1]["/A"] == 1
