from types import SimpleNamespace
from typing import Any

import pytest
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel, SuspiciousModification

from engine.model.verification import Integrity, Verdict
from engine.ports_signing import CertificateId, ExpectedSignatures
from signing.verification import rules
from signing.verification.findings import Finding, integrity, worst
from signing.verification.judgement import Judged


def judged(field: str, *, certifies: bool = False, revision: int = 0, **more: Any) -> Any:
    signature = SimpleNamespace(
        signed_revision=revision, fieldmdp=None, docmdp_level=None, pkcs7_content=b""
    )
    report = SimpleNamespace(
        field=field,
        changes=more.get("changes", "none"),
        certificate_serial=more.get("serial", ""),
    )
    return SimpleNamespace(report=report, signature=signature, certifies=certifies, is_stamp=False)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([judged("a")], ["NO_CERTIFICATION"]),
        ([judged("a", certifies=True)], []),
        ([judged("a"), judged("b", certifies=True)], ["LATE_CERTIFICATION"]),
        (
            [judged("a", certifies=True), judged("b", certifies=True)],
            ["SECOND_CERTIFICATION"],
        ),
    ],
)
def test_exactly_one_certification_and_the_oldest(
    entries: list[Judged], expected: list[str]
) -> None:
    assert [found.reason for found in rules._certification_findings(entries)] == expected


@pytest.mark.parametrize(
    ("level", "fields", "sealed", "expected"),
    [
        (ModificationLevel.LTA_UPDATES, set(), True, []),
        (ModificationLevel.FORM_FILLING, {"so", "nam"}, False, []),
        (ModificationLevel.FORM_FILLING, {"so", "khac"}, False, ["UNSIGNED_CHANGES"]),
        (ModificationLevel.FORM_FILLING, {"so"}, True, ["UNSIGNED_CHANGES"]),
        (ModificationLevel.OTHER, set(), False, ["UNSIGNED_CHANGES"]),
        (None, set(), False, ["UNSIGNED_CHANGES"]),
    ],
)
def test_newest_revision_is_signed_or_harmless(
    monkeypatch: pytest.MonkeyPatch,
    level: ModificationLevel | None,
    fields: set[str],
    sealed: bool,
    expected: list[str],
) -> None:
    difference = DiffResult(level, fields) if level else SuspiciousModification("x")
    policy = SimpleNamespace(review_file=lambda *_, **__: difference)
    monkeypatch.setattr(rules, "UNSIGNED_POLICY", policy)
    reader: Any = SimpleNamespace(xrefs=SimpleNamespace(total_revisions=3))
    entries = [judged("lanh_dao", certifies=True), *([judged("co_quan")] if sealed else [])]

    assert [found.reason for found in rules._newest_findings(reader, entries)] == expected


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([0, 2, 8, 2], True),
        ([0, 2, 8], False),
        ([1, 2, 8, 2], False),
        ([0, 0, 8, 2], False),
        ([0, 8, 2, 2], False),
        ([0, 2, 8, 3], False),
        ([0, 1, 8, 2], False),
        ([0, 2, 7, 3], False),
        ([0, 3, 8, 2], False),
    ],
)
def test_range_is_the_file_but_for_the_value(
    numbers: list[int],
    expected: bool,
) -> None:
    signature: Any = SimpleNamespace(byte_range=numbers, pkcs7_content=b"\xab\xcd")

    assert rules._range_is_plain(b"aa<ABCD>bb", signature) is expected


@pytest.mark.parametrize(
    ("gap", "ours", "expected"),
    [
        (b"<30020500>", True, True),
        (b"<3002050000>", True, True),
        (b"<30020A00>", True, True),
        (b"<30020a00>", True, False),
        (b"<30020a00>", False, True),
        (b"<30020A0b>", False, False),
        (b"<300205xx>", True, False),
        (b"<300205 0>", True, False),
        (b"<300205000>", True, False),
        (b"<3002050001>", True, False),
        (b"<>", True, False),
    ],
)
def test_value_is_digits_of_one_case_and_then_zeros(
    gap: bytes, ours: bool, expected: bool
) -> None:
    entry = judged("co_quan" if ours else "khac")
    entry.signature.byte_range = [0, 2, 2 + len(gap), 2]
    try:
        entry.signature.pkcs7_content = bytes.fromhex(gap[1:-1].decode())
    except ValueError:
        entry.signature.pkcs7_content = b""

    assert rules._value_is_plain(b"aa" + gap + b"bb", entry) is expected


def test_value_is_refused_when_reader_saw_another() -> None:
    entry = judged("co_quan")
    entry.signature.byte_range = [0, 2, 12, 2]
    entry.signature.pkcs7_content = b"\x30\x02\x05\x01"

    assert not rules._value_is_plain(b"aa<30020500>bb", entry)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([("lanh_dao", "a1"), ("co_quan", "b2")], None),
        ([("lanh_dao", "a1")], "SIGNATURE_MISSING"),
        ([("lanh_dao", "a1"), ("co_quan", "b3")], "SIGNER_UNEXPECTED"),
        ([("lanh_dao", "b2"), ("co_quan", "a1")], "SIGNER_UNEXPECTED"),
        ([("co_quan", "b2"), ("lanh_dao", "a1")], "SIGNER_UNEXPECTED"),
        ([("lanh_dao", "a1"), ("co_quan", "b2"), ("them", "a1")], "SIGNER_UNEXPECTED"),
    ],
)
def test_signers_are_those_expected_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch, found: list[tuple[str, str]], reason: str | None
) -> None:
    monkeypatch.setattr(rules, "cms_sha256", lambda content: "")
    entries = [judged(field, serial=serial) for field, serial in found]
    expected = ExpectedSignatures(
        fields=("lanh_dao", "co_quan"),
        certificate_ids=(CertificateId("a1"), CertificateId("b2")),
    )

    assert next((f.reason for f in rules.expected_findings(entries, expected)), None) == reason


def test_expected_signatures_refuse_when_certificates_do_not_match_fields() -> None:
    with pytest.raises(ValueError, match="one certificate"):
        ExpectedSignatures(fields=("a",), certificate_ids=(CertificateId("1"), CertificateId("2")))


def test_worst_is_the_first_of_the_gravest() -> None:
    doubt = Finding(verdict=Verdict.INDETERMINATE, reason="A", message="")
    first = Finding(verdict=Verdict.FAILED, reason="B", message="")
    second = Finding(verdict=Verdict.FAILED, reason="C", message="", changed=True)

    assert worst([doubt, first, second]) is first
    assert worst([]) is None
    assert integrity([doubt, first]) is Integrity.INTACT
    assert integrity([doubt, second]) is Integrity.CHANGED
