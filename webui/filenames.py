"""Name the files people download."""

import re
import unicodedata
from urllib.parse import quote

from engine.text import nfc

#: What one system or another does not take in a file's name.
_UNFIT = re.compile(r'[\x00-\x1f\x7f/\\\\:*?"<>|]+')


def inline_name(name: str) -> str:
    """Return a Content-Disposition that shows a file and names it, also to old programs.

    Source: RFC 6266, section 4.3; RFC 8187, section 3.2.
    """
    full = _UNFIT.sub("-", nfc(name))
    plain = "".join(_plain(char) for char in full)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(full, safe='')}"


def _plain(char: str) -> str:
    if char in "Đđ":
        return "D" if char == "Đ" else "d"
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() else "_"
