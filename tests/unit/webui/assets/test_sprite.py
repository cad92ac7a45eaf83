import pytest

from engine.errors import TrinhKyError
from webui.assets import sprite


def test_list_icons_finds_names_when_templates_use_them(tmp_path):
    (tmp_path / "page.html").write_text('{{ ui.icon("moon") }} {{ ui.button("x", icon="sun") }}')

    assert {"moon", "sun", "pen"} <= set(sprite.list_icons(tmp_path))


def test_build_sprite_refuses_when_an_icon_does_not_exist(tmp_path):
    with pytest.raises(TrinhKyError, match="no icon is called"):
        sprite.build_sprite(tmp_path)


def test_build_sprite_makes_one_symbol_for_each_icon(tmp_path):
    for name in sprite.list_icons():
        drawing = '<svg class="bi" viewBox="0 0 16 16"><path d="M0 0"/></svg>'
        (tmp_path / f"{name}.svg").write_text(drawing)

    content = sprite.build_sprite(tmp_path).decode()

    assert content.count("<symbol ") == len(sprite.list_icons())
    assert '<symbol id="pen" viewBox="0 0 16 16"><path d="M0 0"/></symbol>' in content
