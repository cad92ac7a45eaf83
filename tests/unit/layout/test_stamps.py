from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from engine.errors import InvalidInputError
from engine.layout.stamps import (
    SIGNATURE_HEIGHT_MM,
    SIGNATURE_WIDTH_MM,
    render_seal,
    render_signature,
)

MM = 72 / 25.4
NAMES = ("Nguyễn Thị Ánh Tuyết", "Trần Văn Đức", "Lê An", "Ô", "Huỳnh Bảo Châu")


def pixels(pdf: bytes) -> list[tuple[int, int, int, int]]:
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        image = page.render(scale=2, fill_color=(0, 0, 0, 0), maybe_alpha=True).to_pil()
        found = list(image.convert("RGBA").get_flattened_data())
        page.close()
    return found


def size_mm(pdf: bytes) -> tuple[float, float]:
    with pikepdf.open(BytesIO(pdf)) as document:
        assert len(document.pages) == 1
        _, _, width, height = map(float, document.pages[0].mediabox)
    return width / MM, height / MM


@pytest.mark.parametrize("parent", [(), ("UBND THÀNH PHỐ CẦN THƠ",)])
@pytest.mark.parametrize("caption", ["", "MẪU"])
def test_render_seal_is_red_on_nothing_in_real_size(parent: tuple[str, ...], caption: str) -> None:
    pdf = render_seal(parent, ("SỞ NỘI VỤ",), diameter_mm=34, caption=caption)
    assert size_mm(pdf) == pytest.approx((34, 34), abs=0.01)
    found = pixels(pdf)
    solid = [pixel for pixel in found if pixel[3] == 255]
    assert found[0][3] == 0
    assert len(solid) > len(found) * 0.07
    assert all(red > 150 and green < 90 and blue < 90 for red, green, blue, _ in solid)


def test_render_seal_fits_long_names() -> None:
    name = ("VĂN PHÒNG ĐOÀN ĐẠI BIỂU QUỐC HỘI", "VÀ HỘI ĐỒNG NHÂN DÂN THÀNH PHỐ CẦN THƠ")
    pdf = render_seal(("ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ " * 2,), name, diameter_mm=36)
    assert size_mm(pdf) == pytest.approx((36, 36), abs=0.01)


@pytest.mark.parametrize(
    ("agency", "diameter"), [((), 34), (("",), 34), (("A",), 5), (("A",), 90)]
)
def test_render_seal_raises_when_name_or_size_is_wrong(
    agency: tuple[str, ...], diameter: float
) -> None:
    with pytest.raises(InvalidInputError):
        render_seal((), agency, diameter_mm=diameter)


@pytest.mark.parametrize("name", NAMES)
def test_render_signature_is_blue_on_nothing_and_inside_its_box(name: str) -> None:
    pdf = render_signature(name)
    assert size_mm(pdf) == pytest.approx((SIGNATURE_WIDTH_MM, SIGNATURE_HEIGHT_MM), abs=0.01)
    found = pixels(pdf)
    width = round(SIGNATURE_WIDTH_MM * MM * 2)
    ink = [pixel for pixel in found if pixel[3] == 255]
    assert len(ink) > 300
    assert all(blue > red and blue > 100 for red, _, blue, _ in ink)
    assert all(pixel[3] == 0 for pixel in found[:width] + found[-width:])


def test_render_signature_depends_on_name_and_seed_only() -> None:
    assert render_signature("Lê An") == render_signature("Lê An")
    drawn = {render_signature(name, seed) for name in NAMES for seed in ("", "2")}
    assert len(drawn) == 2 * len(NAMES)


def test_render_signature_raises_when_name_is_empty() -> None:
    with pytest.raises(InvalidInputError):
        render_signature("  ")


def test_render_seal_raises_when_font_lacks_a_character() -> None:
    with pytest.raises(InvalidInputError):
        render_seal((), ("漢",), diameter_mm=34)
