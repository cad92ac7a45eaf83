"""The text mark of attachments and copies: what it says and where it stands."""

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest

from engine.errors import ErrorCode, InvalidInputError
from engine.layout.marks import RIGHT_GAP, TOP_GAP, WIDTH, TypstMarks, mark_box, time_line
from engine.ports_copies import FirstPage
from tests.factories.pki_uploads import shown_text

AT = datetime(2026, 11, 23, 7, 5, 6, tzinfo=UTC)
A4 = FirstPage(x0=0, y0=0, x1=595.28, y1=841.89, turn=0)
LONG = "Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân thành phố Cần Thơ"


def test_time_is_written_in_the_countrys_zone() -> None:
    assert time_line(AT) == "23-11-2026 14:05:06 +07:00"


def test_mark_says_its_lines() -> None:
    mark = TypstMarks().draw(("SAO Y", "Sở Nội vụ", time_line(AT)), A4)

    assert shown_text(mark.appearance) == ["SAO Y", "Sở Nội vụ", "23-11-2026 14:05:06 +07:00"]


def test_mark_grows_and_says_all_when_a_name_is_long() -> None:
    short = TypstMarks().draw(("SAO Y", "Sở Nội vụ"), A4).box
    mark = TypstMarks().draw(("SAO Y", LONG), A4)

    assert mark.box.y1 - mark.box.y0 > short.y1 - short.y0
    assert " ".join(shown_text(mark.appearance)) == f"SAO Y {LONG}"


def test_appearance_is_as_large_as_its_box() -> None:
    for turn in (0, 90):
        mark = TypstMarks().draw(("SAO Y", LONG), FirstPage(x0=0, y0=0, x1=595, y1=842, turn=turn))
        with pikepdf.open(BytesIO(mark.appearance)) as pdf:
            _, _, width, height = (float(side) for side in pdf.pages[0].mediabox)
        assert width == pytest.approx(mark.box.x1 - mark.box.x0, abs=0.01)
        assert height == pytest.approx(mark.box.y1 - mark.box.y0, abs=0.01)


def test_mark_stays_on_the_page_when_the_page_is_narrow() -> None:
    page = FirstPage(x0=10, y0=10, x1=150, y1=300, turn=0)

    box = TypstMarks().draw(("SAO Y", "Sở Nội vụ", time_line(AT)), page).box

    assert box.x0 >= page.x0
    assert box.x1 <= page.x1 - RIGHT_GAP + 0.01


@pytest.mark.parametrize(
    ("turn", "corner"),
    [
        (0, (590 - RIGHT_GAP, 800 - TOP_GAP)),
        (90, (20 + TOP_GAP, 800 - RIGHT_GAP)),
        (180, (20 + RIGHT_GAP, 30 + TOP_GAP)),
        (270, (590 - TOP_GAP, 30 + RIGHT_GAP)),
    ],
)
def test_box_is_at_the_readers_top_right_whatever_the_turn(
    turn: int, corner: tuple[float, float]
) -> None:
    page = FirstPage(x0=20, y0=30, x1=590, y1=800, turn=turn)

    box = mark_box(page, WIDTH, 40)

    near = {
        0: (box.x1, box.y1),
        90: (box.x0, box.y1),
        180: (box.x0, box.y0),
        270: (box.x1, box.y0),
    }[turn]
    assert near == pytest.approx(corner)


def test_mark_is_refused_when_the_font_lacks_a_character() -> None:
    with pytest.raises(InvalidInputError) as refused:
        TypstMarks().draw(("SAO Y 漢",), A4)

    assert refused.value.code is ErrorCode.TEXT_FORBIDDEN
