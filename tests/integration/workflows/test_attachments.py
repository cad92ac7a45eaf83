"""Files that go out with a letter: from the draft to the recipient's register."""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from engine.clock import FixedClock
from engine.errors import (
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    PinRejectedError,
    SigningError,
)
from engine.model.attachment import MAX_ATTACHMENTS, MAX_TOTAL_BYTES, Attachment, AttachmentKind
from engine.model.delivery import DeliveryStatus
from engine.model.document import DocumentId, DocumentStatus
from engine.model.organisation import AgencyId
from engine.model.register import EntryState, RegisterBook
from engine.model.verification import Verdict
from storage.objects import LocalObjectStore
from tests.factories.pki_uploads import a_report, a_scan, saved, shown_text
from tests.factories.silent_stamper import SilentStamper
from tests.houses import RECIPIENTS, Stage
from webui.bootstrap import open_house
from webui.settings import Settings

ONE = RECIPIENTS[:1]


def add(stage: Stage, document_id: DocumentId, title: str, pdf: bytes | None = None) -> str:
    return stage.house.use_cases.add_attachment(
        document_id, title, pdf or a_report(title), stage.actor("snv.chuyenvien")
    )


def titles(stage: Stage, document_id: DocumentId) -> list[str]:
    return [each.title for each in _list(stage, document_id)]


def _list(stage: Stage, document_id: DocumentId) -> Sequence[Attachment]:
    with stage.house.start_reading() as work:
        return work.attachments.list_for(document_id)


def finish(stage: Stage, document_id: DocumentId) -> None:
    stage.submit(document_id)
    stage.review(document_id)
    stage.check(document_id)
    stage.sign(document_id)
    stage.number(document_id)
    stage.seal(document_id)
    stage.run_jobs()


def test_letter_with_two_attachments_reaches_the_recipients_register(stage: Stage) -> None:
    document_id = stage.draft(recipients=ONE)
    add(stage, document_id, "Phụ lục I: số liệu")
    add(stage, document_id, "Phụ lục II: biểu mẫu", a_report(turn=90))

    finish(stage, document_id)

    house, clerk = stage.house, stage.actor("stc.vanthu")
    first, second = _list(stage, document_id)
    with house.start_reading() as work:
        delivery = work.deliveries.find(document_id, AgencyId("stc"))
        receipts = work.attachments.list_receipts(delivery.id)
    assert delivery.verdict == Verdict.PASSED
    assert {receipts[each.id].verdict for each in (first, second)} == {Verdict.PASSED}
    assert [receipts[each.id].digest for each in (first, second)] == [
        first.sealed_digest,
        second.sealed_digest,
    ]
    for each in (first, second):
        _, content = house.use_cases.read_attachment(document_id, each.id, clerk)
        report = house.judge.verify(content)
        assert report.verdict is Verdict.PASSED
        assert [signature.role for signature in report.signatures] == ["seal"]
        assert [signature.level for signature in report.signatures] == ["B-T"]
    number = house.use_cases.register_delivery(stage.task("stc.vanthu", delivery.id), clerk)
    assert number == 1


def test_electronic_original_goes_out_as_it_came(stage: Stage) -> None:
    signed = stage.issue(recipients=ONE)
    stage.run_jobs()
    _, original = stage.house.use_cases.read_pdf(signed, stage.actor("snv.vanthu"))
    document_id = stage.draft(recipients=ONE)
    add(stage, document_id, "Văn bản gốc", original)

    finish(stage, document_id)

    [attachment] = _list(stage, document_id)
    assert attachment.kind is AttachmentKind.ORIGINAL
    assert attachment.signature is None
    assert attachment.sealed_digest == attachment.digest
    _, content = stage.house.use_cases.read_attachment(
        document_id, attachment.id, stage.actor("stc.vanthu")
    )
    assert content == original


def test_enclosure_bears_number_and_time_and_no_seal(stage: Stage) -> None:
    document_id = stage.draft(recipients=ONE)
    add(stage, document_id, "Phụ lục", a_scan())

    finish(stage, document_id)

    document = stage.document(document_id)
    [attachment] = _list(stage, document_id)
    _, content = stage.house.use_cases.read_attachment(
        document_id, attachment.id, stage.actor("snv.vanthu")
    )
    text = shown_text(content)
    assert document.number is not None
    assert text[0] == document.number.symbol
    assert re.fullmatch(r"\d\d-\d\d-\d{4} \d\d:\d\d:\d\d \+07:00", text[1])
    assert len(text) == 2


def test_wrong_pin_leaves_document_and_attachments_unsealed(stage: Stage) -> None:
    document_id = stage.draft(recipients=ONE)
    add(stage, document_id, "Phụ lục")
    stage.submit(document_id)
    stage.review(document_id)
    stage.check(document_id)
    stage.sign(document_id)
    stage.number(document_id)

    with pytest.raises(PinRejectedError):
        stage.seal(document_id, pin="000000")

    assert stage.document(document_id).status is DocumentStatus.NUMBERED
    assert [each.sealed_digest for each in _list(stage, document_id)] == [None]
    stage.seal(document_id)
    assert [each.signature is not None for each in _list(stage, document_id)] == [True]


def test_drafter_orders_and_removes_attachments(stage: Stage) -> None:
    use_cases, drafter = stage.house.use_cases, stage.actor("snv.chuyenvien")
    document_id = stage.draft()
    first, second, _third = (add(stage, document_id, title) for title in ("một", "hai", "ba"))

    use_cases.move_attachment(document_id, first, drafter, down=True)
    use_cases.move_attachment(document_id, second, drafter, down=False)
    assert titles(stage, document_id) == ["hai", "một", "ba"]
    use_cases.remove_attachment(document_id, first, drafter)

    assert titles(stage, document_id) == ["hai", "ba"]


def test_attachments_stay_as_reviewed_when_the_draft_was_submitted(stage: Stage) -> None:
    document_id = stage.draft()
    kept = add(stage, document_id, "Phụ lục")
    stage.submit(document_id)

    with pytest.raises(ConflictError):
        add(stage, document_id, "Phụ lục thêm")
    with pytest.raises(ConflictError):
        stage.house.use_cases.remove_attachment(document_id, kept, stage.actor("snv.chuyenvien"))

    assert titles(stage, document_id) == ["Phụ lục"]


def test_attachment_is_refused_when_somebody_else_adds_it(stage: Stage) -> None:
    document_id = stage.draft()

    with pytest.raises(NotPermittedError):
        stage.house.use_cases.add_attachment(
            document_id, "Phụ lục", a_report(), stage.actor("stc.chuyenvien")
        )

    assert titles(stage, document_id) == []


def test_attachment_is_refused_when_there_are_twenty(stage: Stage) -> None:
    document_id = stage.draft()
    first = add(stage, document_id, "tệp 1")
    with stage.house.start_work() as work:
        model = work.attachments.get(first)
        for number in range(2, MAX_ATTACHMENTS + 1):
            work.attachments.add(replace(model, id=f"{number}", position=number))
        work.commit()

    with pytest.raises(InvalidInputError) as refused:
        add(stage, document_id, "tệp 21")

    assert refused.value.code is ErrorCode.ATTACHMENT_LIMIT


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("", ErrorCode.INPUT_MISSING),
        ("x" * 201, ErrorCode.INPUT_TOO_LONG),
        ("TUYỆT MẬT: phương án", ErrorCode.DOCUMENT_CLASSIFIED),
    ],
)
def test_attachment_is_refused_when_its_title_may_not_be_kept(
    stage: Stage, title: str, code: ErrorCode
) -> None:
    document_id = stage.draft()

    with pytest.raises(InvalidInputError) as refused:
        stage.house.use_cases.add_attachment(
            document_id, title, a_report(), stage.actor("snv.chuyenvien")
        )

    assert refused.value.code is code
    assert titles(stage, document_id) == []


def test_delivery_is_not_made_when_an_attachment_was_changed_in_the_store(stage: Stage) -> None:
    document_id = stage.draft(recipients=ONE)
    add(stage, document_id, "Phụ lục")
    stage.submit(document_id)
    stage.review(document_id)
    stage.check(document_id)
    stage.sign(document_id)
    stage.number(document_id)
    stage.seal(document_id)
    [attachment] = _list(stage, document_id)
    digest = attachment.sealed_digest
    stored = next(stage.house.settings.originals_dir.rglob(f"*{digest[8:]}*"))
    stored.chmod(0o600)
    stored.write_bytes(stored.read_bytes() + b" ")

    stage.run_jobs()

    with stage.house.start_reading() as work:
        delivery = work.deliveries.find(document_id, AgencyId("stc"))
    assert delivery.status is DeliveryStatus.QUEUED


def replaced(stage: Stage, attachment_id: str, pdf: bytes) -> None:
    """Put a file in the place of an attachment, as it was kept before such files were refused."""
    with stage.house.start_work() as work:
        kept = work.attachments.get(attachment_id)
        work.attachments.remove(attachment_id)
        digest = LocalObjectStore(stage.house.settings.originals_dir).add(pdf)
        work.attachments.add(replace(kept, digest=digest))
        work.commit()


def test_original_with_broken_signatures_leaves_the_letter_undecided(stage: Stage) -> None:
    signed = stage.issue(recipients=ONE)
    _, original = stage.house.use_cases.read_pdf(signed, stage.actor("snv.vanthu"))
    place = original.rindex(b"endstream") - 40
    broken = original[:place] + bytes([original[place] ^ 1]) + original[place + 1 :]
    document_id = stage.draft(recipients=ONE)
    replaced(stage, add(stage, document_id, "Văn bản gốc", original), broken)

    finish(stage, document_id)

    [attachment] = _list(stage, document_id)
    with stage.house.start_reading() as work:
        delivery = work.deliveries.find(document_id, AgencyId("stc"))
        receipts = work.attachments.list_receipts(delivery.id)
    assert delivery.verdict == Verdict.INDETERMINATE
    assert delivery.verdict_reason == "ORIGINAL_FAILED"
    assert receipts[attachment.id].verdict == Verdict.FAILED


class _TiresStamper(SilentStamper):
    """An authority that gives `left` time-stamps, then none until it is told to go on."""

    left = 0

    def prompt_token(self, value: bytes) -> bytes | None:
        self.is_silent = self.left <= 0
        self.left -= 1
        return super().prompt_token(value)


@pytest.mark.parametrize("left", [0, 1], ids=["none", "the document's only"])
def test_enclosures_wait_for_their_time_stamps_with_the_document(
    installation: Path, tmp_path: Path, clock: FixedClock, left: int
) -> None:
    shutil.copytree(installation, tmp_path / "late")
    settings = Settings(data_dir=tmp_path / "late")
    stamper = _TiresStamper(settings.pki_dir, clock)
    stamper.left = 99
    house = open_house(settings, clock=clock, timestamper=stamper)
    stage = Stage(house)
    document_id = stage.draft(recipients=ONE)
    add(stage, document_id, "Phụ lục")
    stage.submit(document_id)
    stage.review(document_id)
    stage.check(document_id)
    stage.sign(document_id)
    stage.number(document_id)
    stamper.left = left
    stage.seal(document_id)
    assert stage.document(document_id).status is DocumentStatus.NUMBERED
    assert [each.sealed_digest for each in _list(stage, document_id)] == [None]
    stamper.left, stamper.is_silent = 99, False

    stage.run_jobs()

    with house.start_reading() as work:
        delivery = work.deliveries.find(document_id, AgencyId("stc"))
        [receipt] = work.attachments.list_receipts(delivery.id).values()
    assert (delivery.verdict, receipt.verdict) == (Verdict.PASSED, Verdict.PASSED)
    house.close()


def test_what_has_gone_out_stays_as_it_is_in_the_database(stage: Stage) -> None:
    document_id = stage.draft(recipients=ONE)
    add(stage, document_id, "Phụ lục")
    finish(stage, document_id)
    [attachment] = _list(stage, document_id)

    with stage.house.start_work() as work:
        with pytest.raises(ConflictError):
            work.attachments.remove(attachment.id)
        with pytest.raises(ConflictError):
            work.attachments.arrange({attachment.id: 2})
        with pytest.raises(ConflictError):
            work.attachments.save_sealed(attachment)
        work.commit()

    assert _list(stage, document_id) == [attachment]


def test_attachment_is_not_found_beside_another_document(stage: Stage) -> None:
    use_cases, drafter = stage.house.use_cases, stage.actor("snv.chuyenvien")
    document_id, other_id = stage.draft(), stage.draft()
    attachment_id = add(stage, document_id, "Phụ lục")

    with pytest.raises(NotFoundError):
        use_cases.read_attachment(other_id, attachment_id, drafter)
    with pytest.raises(NotFoundError):
        use_cases.remove_attachment(other_id, attachment_id, drafter)
    with pytest.raises(NotFoundError):
        use_cases.read_attachment(document_id, "khong-co", drafter)

    assert titles(stage, document_id) == ["Phụ lục"]


def test_attachment_at_the_end_of_the_list_stays_when_it_is_moved_on(stage: Stage) -> None:
    document_id = stage.draft()
    attachment_id = add(stage, document_id, "Phụ lục")

    for down in (True, False):
        stage.house.use_cases.move_attachment(
            document_id, attachment_id, stage.actor("snv.chuyenvien"), down=down
        )

    assert titles(stage, document_id) == ["Phụ lục"]


def altered(change: Callable[[pikepdf.Pdf], None], pdf: bytes = b"") -> bytes:
    with pikepdf.open(BytesIO(pdf or a_report())) as opened:
        change(opened)
        return saved(opened)


def test_attachment_is_refused_when_its_signature_is_made_up(stage: Stage) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        numbers = pikepdf.Array([0, 1, 2, 3])
        pdf.Root.Odd = pdf.make_indirect(pikepdf.Dictionary(ByteRange=numbers, Contents="x"))

    document_id = stage.draft(recipients=ONE)

    with pytest.raises(InvalidInputError) as refused:
        add(stage, document_id, "Phụ lục", altered(change))

    assert refused.value.code is ErrorCode.UPLOAD_SIGNATURE_BROKEN
    assert refused.value.params["reason"]
    assert titles(stage, document_id) == []


def test_attachment_is_refused_when_a_signed_file_was_changed(stage: Stage) -> None:
    signed = stage.issue(recipients=ONE)
    _, original = stage.house.use_cases.read_pdf(signed, stage.actor("snv.vanthu"))
    document_id = stage.draft(recipients=ONE)

    with pytest.raises(InvalidInputError) as refused:
        add(stage, document_id, "Văn bản gốc", original + b"\n% more\nstartxref\n0\n%%EOF\n")

    assert refused.value.code is ErrorCode.UPLOAD_SIGNATURE_BROKEN


@pytest.mark.parametrize("box", [(900, 900, 950, 950), (0, 0, 5, 5)], ids=["none", "tiny"])
def test_attachment_is_refused_when_what_is_seen_has_no_room_for_the_mark(
    stage: Stage, box: tuple[int, int, int, int]
) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].CropBox = pikepdf.Array(box)

    document_id = stage.draft(recipients=ONE)

    with pytest.raises(InvalidInputError) as refused:
        add(stage, document_id, "Phụ lục", altered(change))

    assert refused.value.code is ErrorCode.UPLOAD_UNMARKABLE
    assert titles(stage, document_id) == []


def test_document_is_cancelled_when_an_enclosure_of_before_cannot_be_sealed(stage: Stage) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Rotate = 45

    document_id = stage.draft(recipients=ONE)
    replaced(stage, add(stage, document_id, "Phụ lục"), altered(change))
    stage.submit(document_id)
    stage.review(document_id)
    stage.check(document_id)
    stage.sign(document_id)
    symbol = stage.number(document_id)

    with pytest.raises(SigningError) as refused:
        stage.seal(document_id)

    assert refused.value.code is ErrorCode.ATTACHMENT_UNSEALABLE
    assert refused.value.params["title"] == "Phụ lục"
    stage.house.use_cases.cancel_document(
        document_id, stage.actor("snv.vanthu"), "tệp đính kèm không ký được"
    )
    assert stage.document(document_id).status is DocumentStatus.CANCELLED
    with stage.house.start_reading() as work:
        year = stage.house.clock.now().year
        entries = work.registers.list_entries(AgencyId("snv"), RegisterBook.OUTGOING, year)
    assert [(each.symbol, each.state) for each in entries] == [(symbol, EntryState.VOID)]


def test_attachment_is_refused_when_all_are_too_large_together(stage: Stage) -> None:
    document_id = stage.draft(recipients=ONE)
    first = add(stage, document_id, "tệp 1")
    with stage.house.start_work() as work:
        large = replace(work.attachments.get(first), id="2", position=2)
        work.attachments.add(replace(large, size_bytes=MAX_TOTAL_BYTES))
        work.commit()

    with pytest.raises(InvalidInputError) as refused:
        add(stage, document_id, "tệp 3")

    assert refused.value.code is ErrorCode.ATTACHMENT_ROOM
