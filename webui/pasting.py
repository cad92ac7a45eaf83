"""Clean what word processors paste, and name the characters that no document may hold."""

import re
import unicodedata

#: Word's soft line break, page break and separators are line breaks to a reader.
_BREAKS = re.compile("[\u000b\u000c\u2028\u2029]")
#: Nothing is seen of these, so nothing is lost with them: soft hyphens, zero-width marks and
#: joiners, direction marks, byte order marks, the sign that asks for a coloured picture.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff]")
#: Bullets and dashes of the Symbol and Wingdings fonts, which Word gives private codes.
_SIGNS = str.maketrans({"\uf0b7": "•", "\uf0a7": "▪", "\uf02d": "-"})
_LINE_ENDS = frozenset("\t\n\r")


def clean_paste(text: str) -> str:
    """Return `text` without what a word processor adds and no reader sees."""
    return _UNSEEN.sub("", _BREAKS.sub("\n", text)).translate(_SIGNS)


def list_unusable(text: str) -> list[str]:
    """Return the characters of `text` that are never printed, each once, in order."""
    return [char for char in dict.fromkeys(text) if _is_unusable(char)]


def name_characters(characters: str) -> str:
    """Return how a message calls characters: as they look, and by number."""
    return ", ".join(
        _name(char) for char in dict.fromkeys(characters.replace(" ", "").replace("◌", ""))
    )


def _is_unusable(char: str) -> bool:
    return "\ufff9" <= char <= "\uffff" or (
        unicodedata.category(char)[0] == "C" and char not in _LINE_ENDS
    )


def _name(char: str) -> str:
    number = f"U+{ord(char):04X}"
    if unicodedata.category(char)[0] in "CM":
        return number
    return f"“{char}” ({number})"
