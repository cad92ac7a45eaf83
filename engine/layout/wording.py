"""Turn a form into the words its template shows: cleaned, punctuated, breakable."""

import json
import re
from collections.abc import Iterable
from typing import Any

from engine.errors import ErrorCode, InvalidInputError
from engine.layout.compounds import split_units
from engine.layout.form import DocumentForm, InvitationDetails
from engine.layout.symbols import separator
from engine.model.document import Circulation
from engine.model.kinds import GIAY_MOI, get_kind
from engine.model.urgency import Urgency
from engine.text import clean_line, clean_text

MAX_SUBJECT_CHARS = 300
MAX_LINE_CHARS = 1_000
MAX_PARAGRAPH_CHARS = 20_000
MAX_BODY_CHARS = 200_000
MAX_ENTRIES = 500
MAX_HEAD_CHARS = 200
MAX_SYMBOL_CHARS = 60
MAX_NAME_CHARS = 80
#: Most lines of a superior body, an agency or a signature's authority.
MAX_HEAD_LINES = 6
#: End of the text of every administrative document.
END_MARK = "./."

#: Words and width in millimetres of the red box. Source: Decree 30/2020, Appendix I, II.10.b.
_URGENCY_BOXES = {
    Urgency.EXPRESS: ("HỎA TỐC", 30),
    Urgency.VERY_URGENT: ("THƯỢNG KHẨN", 40),
    Urgency.URGENT: ("KHẨN", 20),
}
#: Words of the box under it. Source: Decree 30/2020, Appendix I, II.11.
_CIRCULATION_BOXES = {Circulation.INTERNAL: "LƯU HÀNH NỘI BỘ"}
_LINE_BREAKS = re.compile("[\n\u2028\u2029]+")
_LANGUAGE = re.compile(r"(?P<lang>[a-z]{2,3})(?:-(?P<region>[A-Z]{2}))?")
_ENDINGS = (".", "!", "?", ":", ";", "…")
_PILED_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3}")
_ZERO_WIDTH_SPACE = "\u200b"
#: Longest run without a space that still fits its column in the widest letters.
_BODY_RUN = 30
_LIST_RUN = 22
_COLUMN_RUN = 14


def payload(form: DocumentForm) -> dict[str, Any]:
    """Return what the template of a form reads, as plain data.

    Raises:
        InvalidInputError: a text is missing, too long or holds forbidden characters.
    """
    lang, region = _language(form.language_tag)
    subject = clean_line(form.subject, field="subject", max_chars=MAX_SUBJECT_CHARS)
    title_of_kind = get_kind(form.kind).name
    agency = _head_lines(form.letterhead.agency, field="letterhead.agency")
    if not agency:
        raise InvalidInputError(
            "no letterhead", code=ErrorCode.INPUT_MISSING, field="letterhead.agency"
        )
    words = {
        "title": f"{title_of_kind}: {subject}",
        "author": " ".join(agency),
        "keywords": [f"{key}={value}" for key, value in sorted(form.metadata.items())],
        "lang": lang,
        "region": region,
        "profile": form.letterhead.profile.value,
        "parent": _names(_head_lines(form.letterhead.parent, field="letterhead.parent")),
        "agency": _names(agency),
        "symbol": _column_line(form.symbol, field="symbol", max_chars=MAX_SYMBOL_CHARS),
        "separator": separator(form.symbol),
        "place": _column_line(form.place, field="place", max_chars=MAX_NAME_CHARS),
        "subject": _breakable(subject, _COLUMN_RUN),
        "kind_name": title_of_kind.upper(),
        "urgency": _urgency(form.urgency),
        "circulation": _CIRCULATION_BOXES.get(form.circulation, ""),
        "addressees": _addressees(form),
        "invitation": _invitation(form),
        "paragraphs": _body(form),
        "signature_lines": _names(
            line.upper() for line in _head_lines(form.signature.lines, field="signature.lines")
        ),
        "signature_name": _column_line(
            form.signature.name, field="signature.name", max_chars=MAX_NAME_CHARS
        ),
        "recipients": _recipients(form),
    }
    _check_marks(words)
    return words


def with_end_mark(text: str) -> str:
    """Return the last paragraph with `./.` at its end, in the place of a full stop."""
    bare = text.rstrip()
    return bare if bare.endswith(END_MARK) else bare.rstrip(".;, ") + END_MARK


def _without_end_mark(text: str) -> str:
    bare = text.rstrip()
    return bare.removesuffix(END_MARK).rstrip() + "." if bare.endswith(END_MARK) else text


def split_paragraphs(paragraphs: Iterable[str]) -> tuple[str, ...]:
    """Return the paragraphs with line breaks made into paragraphs and empty ones left out."""
    parts = (part.strip() for text in paragraphs for part in _LINE_BREAKS.split(text))
    return tuple(part for part in parts if part)


def _body(form: DocumentForm) -> list[str]:
    cleaned = [
        clean_text(text, field="paragraphs", max_chars=MAX_PARAGRAPH_CHARS, required=False)
        for text in form.paragraphs
    ]
    if sum(map(len, cleaned)) > MAX_BODY_CHARS:
        raise InvalidInputError(
            "body is too long",
            code=ErrorCode.INPUT_TOO_LONG,
            field="paragraphs",
            max_chars=str(MAX_BODY_CHARS),
        )
    texts, reply = list(split_paragraphs(cleaned)), _reply_line(form.invitation)
    if texts and reply:
        # The letter ends after the reply line, and only there.
        texts[-1] = _without_end_mark(texts[-1])
    texts += reply
    if not texts:
        raise InvalidInputError("body is empty", code=ErrorCode.INPUT_MISSING, field="paragraphs")
    texts[-1] = with_end_mark(texts[-1])
    return [_breakable(text, _BODY_RUN) for text in texts]


def _reply_line(details: InvitationDetails | None) -> list[str]:
    if details is None or not details.reply_by:
        return []
    by = clean_line(details.reply_by, field="invitation.reply_by", max_chars=MAX_LINE_CHARS)
    return [f"Đề nghị xác nhận tham dự trước {by}"]


def _invitation(form: DocumentForm) -> list[str]:
    """Return the paragraphs that say who is invited, who chairs, when and where."""
    if form.kind != GIAY_MOI:
        return []
    if form.invitation is None:
        raise InvalidInputError(
            "a giấy mời needs its details", code=ErrorCode.INPUT_MISSING, field="invitation"
        )
    details = form.invitation
    host = clean_line(
        details.host, field="invitation.host", max_chars=MAX_LINE_CHARS, required=False
    )
    invitees = clean_text(
        details.invitees, field="invitation.invitees", max_chars=MAX_PARAGRAPH_CHARS
    ).splitlines()
    greeting = f"{host} trân trọng kính mời:" if host else "Trân trọng kính mời:"
    opening = [f"{greeting} {invitees[0]}"] if len(invitees) == 1 else [greeting, *invitees]
    labelled = (
        ("Chủ trì", "chair", details.chair),
        ("Thời gian", "time", details.time),
        ("Địa điểm", "place", details.place),
    )
    lines = opening + [
        f"{label}: {clean_line(value, field=f'invitation.{name}', max_chars=MAX_LINE_CHARS)}"
        for label, name, value in labelled
    ]
    return [_breakable(_with_full_stop(line), _BODY_RUN) for line in lines if line]


def _addressees(form: DocumentForm) -> list[str]:
    entries = _lines(form.addressees, field="addressees")
    return [_breakable(entry, _LIST_RUN) for entry in _as_list(entries)]


def _recipients(form: DocumentForm) -> list[str]:
    """Return the entries of "Nơi nhận": as above, the recipients, the archive line last."""
    entries = _lines(form.recipients, field="recipients")
    if form.addressees and "Như trên" not in entries:
        entries = ["Như trên", *entries]
    unit = clean_line(
        form.archive_unit, field="archive_unit", max_chars=MAX_LINE_CHARS, required=False
    )
    entries.append(f"Lưu: VT, {unit}" if unit else "Lưu: VT")
    return _columns(_as_list(entries))


def _as_list(entries: list[str]) -> list[str]:
    """Return list entries with a semicolon after each and a full stop after the last."""
    bare = [entry.rstrip(".;, ") for entry in entries]
    return [f"{entry};" for entry in bare[:-1]] + [f"{entry}." for entry in bare[-1:]]


def _urgency(urgency: Urgency) -> dict[str, Any] | None:
    if urgency not in _URGENCY_BOXES:
        return None
    words, width = _URGENCY_BOXES[urgency]
    return {"words": words, "width": width}


def _with_full_stop(text: str) -> str:
    return text if text.endswith(_ENDINGS) else f"{text}."


def _check_marks(words: dict[str, Any]) -> None:
    """Refuse letters under a pile of accents: they would print over other lines."""
    if _PILED_MARKS.search(json.dumps(words, ensure_ascii=False)):
        raise InvalidInputError(
            "combining marks are piled up", code=ErrorCode.TEXT_FORBIDDEN, characters="◌́"
        )


def _head_lines(values: Iterable[str], *, field: str) -> list[str]:
    return _lines(values, field=field, max_chars=MAX_HEAD_CHARS, max_entries=MAX_HEAD_LINES)


def _lines(
    values: Iterable[str],
    *,
    field: str,
    max_chars: int = MAX_LINE_CHARS,
    max_entries: int = MAX_ENTRIES,
) -> list[str]:
    cleaned = [
        clean_line(value, field=field, max_chars=max_chars, required=False) for value in values
    ]
    if len(cleaned) > max_entries:
        raise InvalidInputError(
            f"{field} has {len(cleaned)} entries", code=ErrorCode.INPUT_TOO_LONG, field=field
        )
    return [line for line in cleaned if line]


def _columns(lines: Iterable[str]) -> list[str]:
    return [_breakable(line, _COLUMN_RUN) for line in lines]


def _names(lines: Iterable[str]) -> list[list[str]]:
    """Return names of agencies and posts as units that a line break must not split."""
    return [[_breakable(unit, _COLUMN_RUN) for unit in split_units(line)] for line in lines]


def _column_line(text: str, *, field: str, max_chars: int) -> str:
    return _breakable(clean_line(text, field=field, max_chars=max_chars), _COLUMN_RUN)


def _breakable(text: str, longest: int) -> str:
    """Return the text with break points in words that no column could hold.

    Words of Vietnamese never need one; addresses and nonsense may.
    """
    if all(len(word) <= longest for word in text.split(" ")):
        return text
    words = text.split(" ")
    return " ".join(
        _ZERO_WIDTH_SPACE.join(word[at : at + longest] for at in range(0, len(word), longest))
        for word in words
    )


def _language(tag: str) -> tuple[str, str | None]:
    found = _LANGUAGE.fullmatch(tag)
    if found is None:
        raise InvalidInputError(f"language tag {tag!r}", field="language_tag")
    return found["lang"], found["region"]
