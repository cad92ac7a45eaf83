"""Treat Vietnamese text the same way everywhere: normal form, folding, order, identifiers."""

import re
import unicodedata

from engine.errors import ErrorCode, InvalidInputError

_ETH = str.maketrans({"Ð": "Đ", "ð": "đ"})
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
# C0/C1 controls, bidirectional overrides, zero-width marks, private use and non-characters:
# none belongs in an official text and each can make a reader see other words than are stored.
_FORBIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\uffff\ue000-\uf8ff\ud800-\udfff]"
)
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: index for index, letter in enumerate(_ALPHABET)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def nfc(text: str) -> str:
    """Return `text` in Unicode normal form C, with the Icelandic Ð mapped to Đ.

    Source: TCVN 6909:2001 names the precomposed letters.
    """
    return unicodedata.normalize("NFC", text).translate(_ETH)


def is_nfc(text: str) -> bool:
    """Tell whether `text` is already in the stored form."""
    return nfc(text) == text


def clean_line(text: str, *, field: str, max_chars: int, required: bool = True) -> str:
    """Return one line of user text: NFC, trimmed, single spaces.

    Raises:
        InvalidInputError: empty while required, longer than `max_chars`, or holding characters
            that no official text may hold (controls, bidirectional overrides, zero width).
    """
    line = _SPACES.sub(" ", _checked(text, field=field).replace("\n", " ")).strip()
    return _measured(line, field=field, max_chars=max_chars, required=required)


def clean_text(text: str, *, field: str, max_chars: int, required: bool = True) -> str:
    """Return user text of many lines: NFC, LF line ends, trimmed lines.

    Raises:
        InvalidInputError: as `clean_line`.
    """
    lines = (_SPACES.sub(" ", line).strip() for line in _checked(text, field=field).split("\n"))
    return _measured("\n".join(lines).strip(), field=field, max_chars=max_chars, required=required)


def _checked(text: str, *, field: str) -> str:
    unified = nfc(text).replace("\r\n", "\n").replace("\r", "\n")
    if _FORBIDDEN.search(unified):
        raise InvalidInputError(
            f"{field} has control characters", code=ErrorCode.TEXT_FORBIDDEN, field=field
        )
    return unified


def _measured(text: str, *, field: str, max_chars: int, required: bool) -> str:
    if required and not text:
        raise InvalidInputError(f"{field} is empty", code=ErrorCode.INPUT_MISSING, field=field)
    if len(text) > max_chars:
        raise InvalidInputError(
            f"{field} has {len(text)} characters",
            code=ErrorCode.INPUT_TOO_LONG,
            field=field,
            max_chars=str(max_chars),
        )
    return text


def fold(text: str) -> str:
    """Return `text` for search: no tone marks, đ as d, lower case, words and numbers only."""
    bare = "".join(
        c for c in unicodedata.normalize("NFD", nfc(text)) if not unicodedata.combining(c)
    )
    return _NOT_WORD.sub(" ", bare.replace("đ", "d").replace("Đ", "d").casefold()).strip()


def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return a key that sorts the Vietnamese way: letters first, then tones.

    Letters a ă â b c d đ e ê …; tones ngang, huyền, hỏi, ngã, sắc, nặng at the second level.
    """
    letters: list[int] = []
    tones: list[int] = []
    for char in nfc(text).casefold():
        base, tone = _split_tone(char)
        letters.append(
            _LETTER_RANK.get(base, -1) + 1000 if base in _LETTER_RANK else ord(base[0]) % 1000
        )
        tones.append(tone)
    return tuple(letters), tuple(tones)


def name_sort_key(full_name: str) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
    """Return a key that sorts people by given name, which is the last word."""
    words = nfc(full_name).split() or [""]
    return sort_key(words[-1]), sort_key(" ".join(words[:-1]))


def _split_tone(char: str) -> tuple[str, int]:
    tone = 0
    kept: list[str] = []
    for part in unicodedata.normalize("NFD", char):
        if part in _TONES:
            tone = _TONES[part]
        else:
            kept.append(part)
    return unicodedata.normalize("NFC", "".join(kept)) or char, tone
