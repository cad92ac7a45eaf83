from typing import Any

import pytest

from engine.layout.form import DocumentForm, InvitationDetails, Letterhead, SignatureBlock
from engine.layout.lint import FindingCode, Severity, check_form
from tests.unit.layout.forms import PARAGRAPH, a_letter, a_notice, an_invitation

GOOD = (PARAGRAPH[:-1] + "./.",)


def codes(form: DocumentForm) -> set[FindingCode]:
    return {finding.code for finding in check_form(form)}


@pytest.mark.parametrize(
    "form", [a_letter(paragraphs=GOOD), a_notice(paragraphs=GOOD), an_invitation()]
)
def test_check_form_finds_nothing_when_form_is_good(form: DocumentForm) -> None:
    assert check_form(form) == ()


@pytest.mark.parametrize(
    ("changes", "code", "severity"),
    [
        ({"subject": " "}, FindingCode.SUBJECT_MISSING, Severity.REFUSE),
        ({"subject": "a" * 301}, FindingCode.SUBJECT_TOO_LONG, Severity.REFUSE),
        ({"subject": "a" * 121}, FindingCode.SUBJECT_LONG, Severity.ADVISE),
        ({"subject": "V/v báo cáo"}, FindingCode.SUBJECT_PREFIX, Severity.ADVISE),
        ({"paragraphs": ("",)}, FindingCode.BODY_MISSING, Severity.REFUSE),
        ({"paragraphs": (PARAGRAPH,)}, FindingCode.END_MARK_MISSING, Severity.ADVISE),
        ({"addressees": ()}, FindingCode.ADDRESSEES_MISSING, Severity.REFUSE),
        ({"addressees": ("Sở Y tế", "sở y tế")}, FindingCode.ENTRY_REPEATED, Severity.ADVISE),
        (
            {"paragraphs": ("Văn bản này lưu hành nội bộ./.",)},
            FindingCode.CIRCULATION_UNMARKED,
            Severity.ADVISE,
        ),
        ({"symbol": ""}, FindingCode.SYMBOL_MISSING, Severity.REFUSE),
        ({"place": ""}, FindingCode.PLACE_MISSING, Severity.REFUSE),
        (
            {"letterhead": Letterhead(parent=(), agency=())},
            FindingCode.LETTERHEAD_MISSING,
            Severity.REFUSE,
        ),
        (
            {"letterhead": Letterhead(parent=(), agency=("Sở Nội vụ",))},
            FindingCode.LETTERHEAD_NOT_CAPITALS,
            Severity.ADVISE,
        ),
        (
            {"signature": SignatureBlock(lines=("GIÁM ĐỐC",), name="")},
            FindingCode.SIGNATORY_MISSING,
            Severity.REFUSE,
        ),
        (
            {"signature": SignatureBlock(lines=("Giám đốc",), name="Lê An")},
            FindingCode.SIGNATURE_NOT_CAPITALS,
            Severity.ADVISE,
        ),
        (
            {"paragraphs": ("Bình thường", "TỐI MẬT")},
            FindingCode.CLASSIFIED,
            Severity.REFUSE,
        ),
    ],
)
def test_check_form_reports_when_letter_breaks_a_rule(
    changes: dict[str, Any], code: FindingCode, severity: Severity
) -> None:
    found = check_form(a_letter(**{"paragraphs": GOOD, **changes}))
    assert (code, severity) in {(finding.code, finding.severity) for finding in found}


@pytest.mark.parametrize(
    "name", ["TS. Lê An", "ThS Lê An", "PGS.TS. Lê An", "GS. Lê An", "BS. Lê An"]
)
def test_check_form_advises_when_name_has_academic_title(name: str) -> None:
    form = a_letter(paragraphs=GOOD, signature=SignatureBlock(lines=("GIÁM ĐỐC",), name=name))
    assert codes(form) == {FindingCode.SIGNATORY_TITLE}


@pytest.mark.parametrize("name", ["Tsang Lê An", "Cn", "Thái Sơn", "Gia Bảo"])
def test_check_form_lets_names_pass_when_they_only_look_like_titles(name: str) -> None:
    form = a_letter(paragraphs=GOOD, signature=SignatureBlock(lines=("GIÁM ĐỐC",), name=name))
    assert codes(form) == set()


def test_check_form_refuses_when_invitation_lacks_details() -> None:
    assert FindingCode.INVITATION_MISSING in codes(an_invitation(invitation=None))
    bare = InvitationDetails(invitees="", chair="", time="", place="")
    found = check_form(an_invitation(invitation=bare, paragraphs=GOOD))
    assert [finding.params["field"] for finding in found] == ["invitees", "chair", "time", "place"]


def test_check_form_refuses_when_notice_has_no_recipients() -> None:
    assert codes(a_notice(paragraphs=GOOD, recipients=())) == {FindingCode.RECIPIENTS_MISSING}


def test_check_form_lists_refusals_first() -> None:
    found = check_form(a_letter(subject="V/v x", addressees=()))
    severities = [finding.severity for finding in found]
    assert severities == sorted(severities, reverse=True)
