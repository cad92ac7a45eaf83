"""Check the form (thể thức) of a document before it is laid out.

Source: Decree 30/2020/NĐ-CP, Art. 8 and Appendix I.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from engine.layout.form import DocumentForm, InvitationDetails
from engine.layout.wording import END_MARK, MAX_SUBJECT_CHARS, split_paragraphs
from engine.model.classified import find_classification
from engine.model.document import Circulation
from engine.model.kinds import CONG_VAN, GIAY_MOI

LONG_SUBJECT_CHARS = 120
_ACADEMIC_TITLE = re.compile(
    r"^(?:GS|PGS|TSKH|TS|Th\.?S|CN|KS|KTS|LS|BS|BSCK|DS|CK\s?[I1]+|NGƯT|NGND|TTƯT)\b[.\s]",
    re.IGNORECASE,
)


class Severity(StrEnum):
    """Say whether a finding stops the document or only advises."""

    REFUSE = "refuse"
    ADVISE = "advise"


class FindingCode(StrEnum):
    """List what the check can find; the texts live with the pages."""

    CLASSIFIED = "form.classified"
    SUBJECT_MISSING = "form.subject_missing"
    SUBJECT_TOO_LONG = "form.subject_too_long"
    SUBJECT_LONG = "form.subject_long"
    SUBJECT_PREFIX = "form.subject_has_prefix"
    BODY_MISSING = "form.body_missing"
    END_MARK_MISSING = "form.end_mark_missing"
    ADDRESSEES_MISSING = "form.addressees_missing"
    RECIPIENTS_MISSING = "form.recipients_missing"
    ENTRY_REPEATED = "form.entry_repeated"
    INVITATION_MISSING = "form.invitation_missing"
    INVITATION_DETAIL_MISSING = "form.invitation_detail_missing"
    LETTERHEAD_MISSING = "form.letterhead_missing"
    LETTERHEAD_NOT_CAPITALS = "form.letterhead_not_capitals"
    SYMBOL_MISSING = "form.symbol_missing"
    PLACE_MISSING = "form.place_missing"
    SIGNATORY_MISSING = "form.signatory_missing"
    SIGNATORY_TITLE = "form.signatory_academic_title"
    SIGNATURE_NOT_CAPITALS = "form.signature_not_capitals"
    CIRCULATION_UNMARKED = "form.circulation_unmarked"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Hold one finding; `params` are values its text may show."""

    code: FindingCode
    severity: Severity
    params: Mapping[str, str] = field(default_factory=dict)


def check_form(form: DocumentForm) -> tuple[Finding, ...]:
    """Return what is wrong or unusual in a form, what refuses first; empty when all is well."""
    found = [finding for rule in _RULES for finding in rule(form)]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.REFUSE))


def _refuse(code: FindingCode, **params: str) -> Finding:
    return Finding(code=code, severity=Severity.REFUSE, params=params)


def _advise(code: FindingCode, **params: str) -> Finding:
    return Finding(code=code, severity=Severity.ADVISE, params=params)


def _classification(form: DocumentForm) -> Iterator[Finding]:
    # Each text is a line or lines of its own; joined, a mark stays a line of its own.
    degree = find_classification("\n".join(_all_texts(form)))
    if degree is not None:
        yield _refuse(FindingCode.CLASSIFIED, degree=degree)


def _subject(form: DocumentForm) -> Iterator[Finding]:
    length = len(form.subject.strip())
    if not length:
        yield _refuse(FindingCode.SUBJECT_MISSING)
    elif length > MAX_SUBJECT_CHARS:
        yield _refuse(
            FindingCode.SUBJECT_TOO_LONG, chars=str(length), max_chars=str(MAX_SUBJECT_CHARS)
        )
    elif length > LONG_SUBJECT_CHARS:
        yield _advise(
            FindingCode.SUBJECT_LONG, chars=str(length), max_chars=str(LONG_SUBJECT_CHARS)
        )
    if form.subject.strip().casefold().startswith(("v/v", "về việc")):
        yield _advise(FindingCode.SUBJECT_PREFIX)


def _body(form: DocumentForm) -> Iterator[Finding]:
    texts = split_paragraphs(form.paragraphs)
    has_reply_line = form.invitation is not None and bool(form.invitation.reply_by.strip())
    if texts and not texts[-1].endswith(END_MARK) and not has_reply_line:
        yield _advise(FindingCode.END_MARK_MISSING)
    if not texts and not has_reply_line:
        yield _refuse(FindingCode.BODY_MISSING)


def _lists(form: DocumentForm) -> Iterator[Finding]:
    if form.kind == CONG_VAN and not _filled(form.addressees):
        yield _refuse(FindingCode.ADDRESSEES_MISSING)
    # A công văn goes to its addressees ("Như trên"); other kinds have only this list.
    if not _filled(form.recipients) and not _filled(form.addressees):
        yield _refuse(FindingCode.RECIPIENTS_MISSING)
    for name, entries in (("addressees", form.addressees), ("recipients", form.recipients)):
        for entry in _repeated(entries):
            yield _advise(FindingCode.ENTRY_REPEATED, field=name, entry=entry)


def _invitation(form: DocumentForm) -> Iterator[Finding]:
    if form.kind != GIAY_MOI:
        return
    if form.invitation is None:
        yield _refuse(FindingCode.INVITATION_MISSING)
        return
    for detail in fields(InvitationDetails):
        required = detail.name in {"invitees", "chair", "time", "place"}
        if required and not str(getattr(form.invitation, detail.name)).strip():
            yield _refuse(FindingCode.INVITATION_DETAIL_MISSING, field=detail.name)


def _head(form: DocumentForm) -> Iterator[Finding]:
    if not _filled(form.letterhead.agency):
        yield _refuse(FindingCode.LETTERHEAD_MISSING)
    for line in (*form.letterhead.parent, *form.letterhead.agency):
        if line != line.upper():
            yield _advise(FindingCode.LETTERHEAD_NOT_CAPITALS, line=line)
    if not form.symbol.strip():
        yield _refuse(FindingCode.SYMBOL_MISSING)
    if not form.place.strip():
        yield _refuse(FindingCode.PLACE_MISSING)


def _signatory(form: DocumentForm) -> Iterator[Finding]:
    name = form.signature.name.strip()
    if not name or not _filled(form.signature.lines):
        yield _refuse(FindingCode.SIGNATORY_MISSING)
    # Advice only: armed forces, education, health and science may keep such titles.
    if _ACADEMIC_TITLE.match(name):
        yield _advise(FindingCode.SIGNATORY_TITLE, name=name)
    for line in form.signature.lines:
        if line != line.upper():
            yield _advise(FindingCode.SIGNATURE_NOT_CAPITALS, line=line)


def _circulation(form: DocumentForm) -> Iterator[Finding]:
    texts = (form.subject, *form.paragraphs)
    says_so = any("lưu hành nội bộ" in text.casefold() for text in texts)
    if says_so and form.circulation is Circulation.OPEN:
        yield _advise(FindingCode.CIRCULATION_UNMARKED)


def _all_texts(form: DocumentForm) -> Iterator[str]:
    yield form.subject
    yield from form.letterhead.parent
    yield from form.letterhead.agency
    yield from form.addressees
    yield from form.paragraphs
    yield from form.recipients
    yield from form.signature.lines
    if form.invitation is not None:
        yield from (
            str(getattr(form.invitation, detail.name)) for detail in fields(InvitationDetails)
        )


def _filled(entries: Iterable[str]) -> bool:
    return any(entry.strip() for entry in entries)


def _repeated(entries: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    again: list[str] = []
    for entry in entries:
        key = entry.strip().casefold()
        if key in seen and entry not in again:
            again.append(entry)
        seen.add(key)
    return again


_RULES: tuple[Callable[[DocumentForm], Iterator[Finding]], ...] = (
    _classification,
    _subject,
    _body,
    _lists,
    _invitation,
    _head,
    _signatory,
    _circulation,
)
