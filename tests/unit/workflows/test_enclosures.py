"""What the enclosures of a delivery mean for its verdict."""

import pytest

from engine.model.attachment import AttachmentId, AttachmentKind, AttachmentReceipt
from engine.model.document import Digest
from engine.model.verification import FileReport, Integrity, Verdict
from workflows.incoming.enclosures import worst_of

ONE, TWO = AttachmentId("1"), AttachmentId("2")


def a_report(verdict: Verdict, reason: str | None = None) -> FileReport:
    return FileReport(
        sha256="00",
        verdict=verdict,
        reason=reason,
        message="",
        integrity=Integrity.INTACT,
        signatures=(),
    )


def a_receipt(attachment_id: AttachmentId, verdict: Verdict, reason: str) -> AttachmentReceipt:
    return AttachmentReceipt(
        attachment_id=attachment_id, digest=Digest("00"), verdict=verdict, verdict_reason=reason
    )


@pytest.mark.parametrize(
    ("document", "enclosure", "expected"),
    [
        (Verdict.PASSED, Verdict.PASSED, Verdict.PASSED),
        (Verdict.PASSED, Verdict.INDETERMINATE, Verdict.INDETERMINATE),
        (Verdict.INDETERMINATE, Verdict.FAILED, Verdict.FAILED),
        (Verdict.FAILED, Verdict.PASSED, Verdict.FAILED),
    ],
)
def test_delivery_is_judged_by_its_worst_file(
    document: Verdict, enclosure: Verdict, expected: Verdict
) -> None:
    found = worst_of(
        a_report(document), [a_receipt(ONE, enclosure, "")], {ONE: AttachmentKind.ENCLOSURE}
    )

    assert found[0] is expected


def test_delivery_names_the_reason_of_its_worst_file() -> None:
    receipts = [a_receipt(ONE, Verdict.PASSED, ""), a_receipt(TWO, Verdict.FAILED, "HASH_FAILURE")]
    kinds = dict.fromkeys((ONE, TWO), AttachmentKind.ENCLOSURE)

    assert worst_of(a_report(Verdict.PASSED), receipts, kinds) == (Verdict.FAILED, "HASH_FAILURE")


def test_delivery_is_not_lowered_when_an_original_of_others_is_undecided() -> None:
    receipts = [a_receipt(ONE, Verdict.INDETERMINATE, "EXPIRED")]

    found = worst_of(a_report(Verdict.PASSED), receipts, {ONE: AttachmentKind.ORIGINAL})

    assert found == (Verdict.PASSED, "")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (Verdict.PASSED, (Verdict.INDETERMINATE, "ORIGINAL_FAILED")),
        (Verdict.FAILED, (Verdict.FAILED, "")),
    ],
)
def test_delivery_never_passes_when_an_original_of_others_failed(
    document: Verdict, expected: tuple[Verdict, str]
) -> None:
    receipts = [a_receipt(ONE, Verdict.FAILED, "HASH_FAILURE")]

    assert worst_of(a_report(document), receipts, {ONE: AttachmentKind.ORIGINAL}) == expected
