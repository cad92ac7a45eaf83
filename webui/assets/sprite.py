"""Join the icons in use into one SVG sprite; a page names them as `sprite#icon`."""

import re
from pathlib import Path

from engine.errors import ErrorCode, TrinhKyError
from webui.assets.plan import ICONS, TEMPLATES

_USED = re.compile(r"""\bicon(?:\(\s*|=\s*)["']([a-z0-9-]+)["']""")
_DRAWING = re.compile(r"<svg[^>]*viewBox=\"([^\"]+)\"[^>]*>(.*)</svg>", re.DOTALL)


def list_icons(templates: Path = TEMPLATES) -> list[str]:
    """Return every icon named by `icon("…")` or `icon="…"` in templates, or by Python code."""
    names = set(ICONS)
    for template in templates.rglob("*.html"):
        names.update(_USED.findall(template.read_text(encoding="utf-8")))
    return sorted(names)


def build_sprite(icons: Path) -> bytes:
    """Return one SVG with a symbol for each icon in use.

    Raises:
        TrinhKyError: ASSETS_MISSING; a template names an icon that does not exist.
    """
    symbols = [_symbol(icons / f"{name}.svg", name) for name in list_icons()]
    body = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>\n'.encode()


def _symbol(source: Path, name: str) -> str:
    if not source.is_file():
        raise TrinhKyError(f"no icon is called {name!r}", code=ErrorCode.ASSETS_MISSING)
    drawing = _DRAWING.search(source.read_text(encoding="utf-8"))
    if drawing is None:
        raise TrinhKyError(f"{source} is not an icon", code=ErrorCode.ASSETS_MISSING)
    view_box, shapes = drawing.groups()
    return f'<symbol id="{name}" viewBox="{view_box}">{shapes.strip()}</symbol>'
