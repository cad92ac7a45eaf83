from types import SimpleNamespace
from typing import Any

import pytest
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel, SuspiciousModification

from engine.model.verification import Integrity, Verdict
from signing.verification import rules
from signing.verification.findings import Finding, integrity, worst
from signing.verification.judgement import Judged


def judged(field: str, *, certifies: bool = False, revision: int = 0, **more: Any) -> Any:
    signature = SimpleNamespace(signed_revision=revision, fieldmdp=None, docmdp_level=None)
    report = SimpleNamespace(field=field, changes=more.get("changes", "none"))
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
    monkeypatch.setattr(rules, "_UNSIGNED_POLICY", policy)
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
    ],
)
def test_range_is_the_file_but_for_the_value(
    numbers: list[int],
    expected: bool,
) -> None:
    signature: Any = SimpleNamespace(byte_range=numbers, pkcs7_content=b"\xab\xcd")

    assert rules._range_is_plain(b"aa<ABCD>bb", signature) is expected


def test_range_is_refused_when_gap_holds_more_than_digits() -> None:
    signature: Any = SimpleNamespace(byte_range=[0, 2, 8, 2], pkcs7_content=b"\xab\xcd")

    assert not rules._range_is_plain(b"aa<ABxD>bb", signature)
    assert not rules._range_is_plain(b"aa<ABCE>bb", signature)


def test_worst_is_the_first_of_the_gravest() -> None:
    doubt = Finding(verdict=Verdict.INDETERMINATE, reason="A", message="")
    first = Finding(verdict=Verdict.FAILED, reason="B", message="")
    second = Finding(verdict=Verdict.FAILED, reason="C", message="", changed=True)

    assert worst([doubt, first, second]) is first
    assert worst([]) is None
    assert integrity([doubt, first]) is Integrity.INTACT
    assert integrity([doubt, second]) is Integrity.CHANGED
