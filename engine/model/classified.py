"""Notice the marks of state secrets: classified documents may not enter the system.

Only a mark is looked for, not a topic: `bí mật`, `bảo mật` and `mật độ` are ordinary words, and
`Lưu hành nội bộ` limits circulation without being a degree of secrecy.

Source: Law on Protection of State Secrets 2018, Art. 8 (degrees of secrecy) and Art. 5 (forbidden
on networks).
"""

import re
import unicodedata

from engine.text import nfc

#: Degrees, highest first.
DEGREES = ("TUYỆT MẬT", "TỐI MẬT", "MẬT")

_GAP = r"[\W_]*"
_DEGREE_LINE = {degree: degree.replace(" ", "").casefold() for degree in DEGREES}
#: "Độ mật:", "Mức độ mật:", "Dấu chỉ mức độ mật:" and the like; the degree follows.
_LABEL = re.compile(
    rf"^(?:[^:]{{0,40}}\W)?{_GAP}đ{_GAP}ộ{_GAP}m{_GAP}ậ{_GAP}t{_GAP}(?P<value>.*)$", re.IGNORECASE
)
_ANYWHERE = tuple(
    (degree, re.compile(r"(?<!\w)" + degree.replace(" ", r"[\s_.-]+") + r"(?!\w)"))
    for degree in DEGREES[:2]
)
_NOT_LETTERS = re.compile(r"[\W\d_]+")


def find_classification(text: str) -> str | None:
    """Return the highest degree of secrecy the text is marked with, or None.

    A mark is a line of its own (any case, spaced or framed), what follows `Độ mật:`, or the words
    TUYỆT MẬT and TỐI MẬT in capitals anywhere. MẬT alone within a sentence is not a mark.
    """
    plain = _visible(text)
    found = {degree for degree, pattern in _ANYWHERE if pattern.search(plain)}
    found.update(
        degree for line in plain.splitlines() if (degree := _degree_of_line(line)) is not None
    )
    return next((degree for degree in DEGREES if degree in found), None)


def _degree_of_line(line: str) -> str | None:
    label = _LABEL.match(line)
    marked = label["value"] if label else line
    letters = _NOT_LETTERS.sub("", marked).casefold()
    return next((name for name, bare in _DEGREE_LINE.items() if bare == letters), None)


def _visible(text: str) -> str:
    """Return the text as a reader sees it: NFC, compatible forms unified, nothing invisible."""
    unified = unicodedata.normalize("NFKC", nfc(text))
    return "".join(char for char in unified if unicodedata.category(char) != "Cf")
