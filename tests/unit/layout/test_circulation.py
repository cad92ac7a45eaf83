"""The box that limits circulation, and the advice to choose it."""

from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from engine.layout.form import DocumentForm
from engine.layout.lint import check_form
from engine.layout.render import TypstLayout
from engine.model.document import Circulation
from engine.model.urgency import Urgency
from tests.unit.layout.forms import AT, a_letter, a_notice, an_invitation

WORDS = "LƯU HÀNH NỘI BỘ"


@pytest.fixture(scope="module")
def layout() -> TypstLayout:
    return TypstLayout()


def place_of(pdf: bytes, words: str) -> tuple[float, float, float, float] | None:
    """Return where words stand on page 1: left, bottom, right, top in points."""
    with pypdfium2.PdfDocument(pdf) as document:
        text_page = document[0].get_textpage()
        found = text_page.search(words).get_next()
        boxes = [text_page.get_charbox(found[0] + n) for n in range(found[1])] if found else []
        text_page.close()
    if not boxes:
        return None
    left, bottom, right, top = zip(*boxes, strict=True)
    return min(left), min(bottom), max(right), max(top)


@pytest.mark.parametrize("form", [a_letter, a_notice, an_invitation])
def test_render_prints_the_limit_under_the_number_when_circulation_is_internal(
    layout: TypstLayout, form: object
) -> None:
    made: DocumentForm = form(circulation=Circulation.INTERNAL)  # type: ignore[operator]
    rendered = layout.render(made, at=AT)
    place = place_of(rendered.pdf, WORDS)

    assert place is not None
    left, _, right, top = place
    number = rendered.boxes.number
    assert top < number.y0
    assert right < 595 * 0.48
    assert left > 595 * 0.05


def test_render_prints_both_boxes_apart_when_it_is_urgent_too(layout: TypstLayout) -> None:
    form = a_letter(circulation=Circulation.INTERNAL, urgency=Urgency.EXPRESS)
    pdf = layout.render(form, at=AT).pdf
    urgent, limited = place_of(pdf, "HỎA TỐC"), place_of(pdf, WORDS)

    assert urgent is not None
    assert limited is not None
    assert limited[3] < urgent[1] - 8


def test_render_changes_nothing_when_circulation_is_open(layout: TypstLayout) -> None:
    pdf = layout.render(a_letter(), at=AT).pdf

    assert place_of(pdf, WORDS) is None
    with pikepdf.open(BytesIO(pdf)) as document:
        assert len(document.pages) == 1


def test_check_form_finds_nothing_when_the_limit_is_chosen() -> None:
    text = "Văn bản này lưu hành nội bộ./."
    form = a_letter(paragraphs=(text,), circulation=Circulation.INTERNAL)

    assert check_form(form) == ()
