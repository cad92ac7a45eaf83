"""Certified copies: paper in, a signed file out; and what is refused."""

import re
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from engine.audit import AuditEvent
from engine.clock import FixedClock
from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotPermittedError,
    PinRejectedError,
    SignerUnavailableError,
    StorageError,
)
from engine.model.copy import (
    SEALING_LIFETIME,
    CertifiedCopy,
    CopyForm,
    CopyId,
    CopyStatus,
    PaperOriginal,
    ScanWarning,
)
from engine.model.organisation import AgencyId
from engine.model.outage import Service
from engine.model.register import EntryState, RegisterBook
from engine.model.verification import Verdict
from engine.ports_signing import Revocation
from engine.process.model import TaskId
from tests.bureau import Bureau
from tests.factories.pki_uploads import a_scan, saved, shown_text
from tests.factories.silent_stamper import SilentStamper
from tests.houses import PIN, RECIPIENTS, Stage, standing_clock
from webui.bootstrap import open_house
from webui.settings import Settings

PAPER = PaperOriginal(
    kind="Quyết định",
    symbol="15/QĐ-UBND",
    dated_on=date(2026, 3, 2),
    issuer="Ủy ban nhân dân thành phố Cần Thơ",
    subject="về việc ban hành quy chế văn thư",
)
SNV = AgencyId("snv")


def ask(stage: Stage, scan: bytes | None = None, login: str = "snv.chuyenvien") -> CopyId:
    return stage.house.use_cases.request_copy(
        SNV, CopyForm.TRUE_COPY, PAPER, scan or a_scan(), stage.actor(login)
    )


def approve(stage: Stage, copy_id: CopyId) -> None:
    login = "snv.lanhdao"
    stage.house.use_cases.approve_copy(stage.task(login, copy_id), stage.actor(login))


def certify(stage: Stage, copy_id: CopyId, pin: str = PIN) -> str:
    login = "snv.vanthu"
    return stage.house.use_cases.certify_copy(stage.task(login, copy_id), stage.actor(login), pin)


def the_copy(stage: Stage, copy_id: CopyId) -> CertifiedCopy:
    with stage.house.start_reading() as work:
        return work.copies.get(copy_id)


def test_scan_becomes_a_certified_copy(stage: Stage) -> None:
    copy_id = ask(stage)
    approve(stage, copy_id)

    symbol = certify(stage, copy_id)

    assert symbol == "01/SY-SNV"
    copy, content = stage.house.use_cases.view_copies.pdf(copy_id, stage.actor("snv.vanthu"))
    assert copy.status is CopyStatus.CERTIFIED
    report = stage.house.judge.verify(content)
    assert report.verdict is Verdict.PASSED
    [signature] = report.signatures
    assert (signature.role, signature.level, signature.coverage) == ("seal", "B-T", "whole_file")
    with stage.house.start_reading() as work:
        [entry] = work.registers.list_entries(SNV, RegisterBook.COPIES, copy.created_at.year)
    assert (entry.state, entry.symbol, entry.subject_id) == (EntryState.ISSUED, symbol, copy_id)


def test_copy_bears_form_agency_and_time_and_no_seal(stage: Stage) -> None:
    copy_id = ask(stage)
    approve(stage, copy_id)
    certify(stage, copy_id)

    _, content = stage.house.use_cases.view_copies.pdf(copy_id, stage.actor("snv.vanthu"))

    form, agency, time = shown_text(content)
    assert (form, agency) == ("SAO Y", "Sở Nội vụ")
    assert re.fullmatch(r"\d\d-\d\d-\d{4} \d\d:\d\d:\d\d \+07:00", time)


def test_copies_of_all_forms_share_one_series(stage: Stage) -> None:
    symbols = []
    for form, pages in ((CopyForm.TRUE_COPY, ""), (CopyForm.EXTRACT, "1-2")):
        copy_id = stage.house.use_cases.request_copy(
            SNV, form, PAPER, a_scan(), stage.actor("snv.vanthu"), pages=pages
        )
        approve(stage, copy_id)
        symbols.append(certify(stage, copy_id))

    assert symbols == ["01/SY-SNV", "02/TrS-SNV"]


def test_electronic_original_is_not_certified_as_a_copy(stage: Stage) -> None:
    document_id = stage.issue(recipients=RECIPIENTS[:1])
    _, original = stage.house.use_cases.read_pdf(document_id, stage.actor("snv.vanthu"))

    with pytest.raises(InvalidInputError) as refused:
        ask(stage, original)

    assert refused.value.code is ErrorCode.UPLOAD_SIGNED
    assert stage.house.use_cases.view_copies.index(stage.actor("snv.vanthu")) == []


def test_poor_scan_is_kept_with_warnings(stage: Stage) -> None:
    copy_id = ask(stage, a_scan(mode="L", dpi=100, size_mm=(100, 100)))

    assert the_copy(stage, copy_id).scan.warnings == (
        ScanWarning.NOT_COLOUR,
        ScanWarning.LOW_RESOLUTION,
        ScanWarning.ODD_SIZE,
    )


def test_returned_request_is_mended_and_put_forward_again(stage: Stage) -> None:
    use_cases = stage.house.use_cases
    copy_id = ask(stage)
    before = the_copy(stage, copy_id).scan
    use_cases.return_copy(
        stage.task("snv.lanhdao", copy_id), stage.actor("snv.lanhdao"), "thiếu trang 2"
    )
    assert the_copy(stage, copy_id).reason == "thiếu trang 2"

    use_cases.amend_copy(
        stage.task("snv.chuyenvien", copy_id),
        CopyForm.COPY_OF_COPY,
        PAPER,
        b"",
        stage.actor("snv.chuyenvien"),
    )

    mended = the_copy(stage, copy_id)
    assert (mended.status, mended.form) == (CopyStatus.AWAITING_APPROVAL, CopyForm.COPY_OF_COPY)
    assert mended.scan == before
    approve(stage, copy_id)
    assert certify(stage, copy_id) == "01/SL-SNV"


def test_withdrawn_request_ends_without_a_number(stage: Stage) -> None:
    use_cases = stage.house.use_cases
    copy_id = ask(stage, login="snv.vanthu")
    use_cases.return_copy(
        stage.task("snv.lanhdao", copy_id), stage.actor("snv.lanhdao"), "không cần sao"
    )

    use_cases.withdraw_copy(stage.task("snv.vanthu", copy_id), stage.actor("snv.vanthu"))

    copy = the_copy(stage, copy_id)
    assert (copy.status, copy.symbol) == (CopyStatus.WITHDRAWN, "")
    with stage.house.start_reading() as work:
        assert work.registers.list_entries(SNV, RegisterBook.COPIES, 2026) == []


def test_certifying_uses_the_same_number_when_the_pin_was_wrong(stage: Stage) -> None:
    copy_id = ask(stage)
    approve(stage, copy_id)

    with pytest.raises(PinRejectedError):
        certify(stage, copy_id, pin="000000")

    assert the_copy(stage, copy_id).sealing is None
    assert certify(stage, copy_id) == "01/SY-SNV"
    with stage.house.start_reading() as work:
        events = [leaf.event for leaf in work.audit.list_group(copy_id)]
    assert events.count(AuditEvent.COPY_CERTIFY_FAIL) == 1
    assert events.count(AuditEvent.COPY_NUMBER_BIND) == 1


def test_certifying_is_refused_while_another_clerk_is_at_it(
    stage: Stage, clock: FixedClock
) -> None:
    copy_id = ask(stage)
    approve(stage, copy_id)
    # What a crash in the middle leaves behind.
    stage.house.use_cases.certify_copy._begin(
        stage.task("snv.vanthu", copy_id), stage.actor("snv.vanthu")
    )

    with pytest.raises(ConflictError) as refused:
        certify(stage, copy_id)
    assert refused.value.code is ErrorCode.SIGNING_UNDERWAY

    clock.move(SEALING_LIFETIME + timedelta(seconds=1))
    assert certify(stage, copy_id) == "01/SY-SNV"


def test_copy_is_not_certified_when_the_seal_was_revoked_while_the_key_worked(
    stage: Stage,
) -> None:
    copy_id = ask(stage)
    approve(stage, copy_id)
    use_case = stage.house.use_cases.certify_copy
    task, clerk = stage.task("snv.vanthu", copy_id), stage.actor("snv.vanthu")
    begun = use_case._begin(task, clerk)
    file = use_case._sign(begun, clerk, PIN)
    with stage.house.start_work() as work:
        # The row alone: the list is written later.
        work.certificates.add_revocation(
            Revocation(
                certificate_id=begun.act.certificate.id,
                revoked_at=stage.house.clock.now(),
                reason="key_compromise",
            )
        )
        work.commit()

    with pytest.raises(CertificateRejectedError) as refused:
        use_case._keep(task, clerk, begun, file)

    assert refused.value.code is ErrorCode.CERTIFICATE_REVOKED
    assert the_copy(stage, copy_id).status is not CopyStatus.CERTIFIED


def test_copy_is_not_certified_before_the_head_approves(stage: Stage) -> None:
    copy_id = ask(stage)
    clerk = stage.actor("snv.vanthu")

    with stage.house.start_reading() as work:
        assert work.queries.list_tasks_on(clerk, copy_id) == []
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.certify_copy(stage.task("snv.lanhdao", copy_id), clerk, PIN)


@pytest.mark.parametrize("login", ["snv.lanhdao", "stc.vanthu"])
def test_copy_is_asked_for_by_officers_and_clerks_of_the_agency_only(
    stage: Stage, login: str
) -> None:
    with pytest.raises(NotPermittedError):
        ask(stage, login=login)


def test_copy_is_shown_to_its_agency_only(stage: Stage) -> None:
    copy_id = ask(stage)

    with pytest.raises(NotPermittedError):
        stage.house.use_cases.view_copies(copy_id, stage.actor("stc.vanthu"))
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.view_copies.pdf(copy_id, stage.actor("stc.vanthu"))
    assert stage.house.use_cases.view_copies.index(stage.actor("stc.vanthu")) == []


@pytest.mark.parametrize(
    ("changes", "form", "code"),
    [
        ({"symbol": ""}, CopyForm.TRUE_COPY, ErrorCode.INPUT_MISSING),
        ({"subject": "TỐI MẬT"}, CopyForm.TRUE_COPY, ErrorCode.DOCUMENT_CLASSIFIED),
        ({"dated_on": date(2126, 1, 1)}, CopyForm.TRUE_COPY, ErrorCode.INPUT_INVALID),
        ({}, CopyForm.EXTRACT, ErrorCode.INPUT_MISSING),
    ],
    ids=["no symbol", "classified", "dated ahead", "extract without pages"],
)
def test_request_is_refused_when_what_it_says_may_not_be_kept(
    stage: Stage, changes: dict[str, Any], form: CopyForm, code: ErrorCode
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        stage.house.use_cases.request_copy(
            SNV, form, replace(PAPER, **changes), a_scan(), stage.actor("snv.vanthu")
        )

    assert refused.value.code is code
    assert stage.house.use_cases.view_copies.index(stage.actor("snv.vanthu")) == []


def test_certified_copy_stays_as_it_is_in_the_database(stage: Stage) -> None:
    copy_id = ask(stage)
    approve(stage, copy_id)
    certify(stage, copy_id)

    with pytest.raises(StorageError), stage.house.start_work() as work:
        work.copies.save(the_copy(stage, copy_id))


def returned_by_the_head(stage: Stage) -> CopyId:
    copy_id = ask(stage)
    head = "snv.lanhdao"
    stage.house.use_cases.return_copy(
        stage.task(head, copy_id), stage.actor(head), "thiếu trang 2"
    )
    return copy_id


def amend_task(stage: Stage, copy_id: CopyId, login: str) -> TaskId:
    [task] = stage.house.use_cases.view_copies(copy_id, stage.actor(login)).tasks
    return task.task_id


def test_clerk_takes_a_returned_request_on_when_who_asked_has_left(stage: Stage) -> None:
    copy_id = returned_by_the_head(stage)
    clerk = stage.actor("snv.vanthu")
    cases = stage.house.use_cases
    assert cases.view_copies.list_abandoned(clerk) == []
    Bureau(stage).leave("snv.chuyenvien")

    assert [each.id for each in cases.view_copies.list_abandoned(clerk)] == [copy_id]
    task_id = amend_task(stage, copy_id, "snv.vanthu")
    cases.amend_copy(task_id, CopyForm.TRUE_COPY, PAPER, b"", clerk)

    assert the_copy(stage, copy_id).requester_id == clerk.person_id
    approve(stage, copy_id)
    assert certify(stage, copy_id) == "01/SY-SNV"


def test_clerk_withdraws_a_returned_request_when_who_asked_has_left(stage: Stage) -> None:
    copy_id = returned_by_the_head(stage)
    Bureau(stage).leave("snv.chuyenvien")

    stage.house.use_cases.withdraw_copy(
        amend_task(stage, copy_id, "snv.vanthu"), stage.actor("snv.vanthu")
    )

    assert the_copy(stage, copy_id).status is CopyStatus.WITHDRAWN
    assert stage.house.use_cases.view_copies.list_abandoned(stage.actor("snv.vanthu")) == []


def test_returned_request_stays_with_who_asked_as_long_as_they_serve(stage: Stage) -> None:
    copy_id = returned_by_the_head(stage)
    task_id = stage.task("snv.chuyenvien", copy_id)
    clerk = stage.actor("snv.vanthu")

    with pytest.raises(NotPermittedError):
        stage.house.use_cases.withdraw_copy(task_id, clerk)

    assert stage.house.use_cases.view_copies(copy_id, clerk).tasks == []
    assert the_copy(stage, copy_id).status is CopyStatus.RETURNED


def test_abandoned_request_is_refused_to_who_keeps_no_books_of_the_agency(stage: Stage) -> None:
    copy_id = returned_by_the_head(stage)
    task_id = stage.task("snv.chuyenvien", copy_id)
    Bureau(stage).leave("snv.chuyenvien")

    for login in ("stc.vanthu", "snv.lanhdao"):
        with pytest.raises(NotPermittedError):
            stage.house.use_cases.withdraw_copy(task_id, stage.actor(login))


def test_scan_is_refused_when_it_cannot_be_marked(stage: Stage) -> None:
    with pikepdf.open(BytesIO(a_scan())) as pdf:
        pdf.pages[0].Rotate = 45
        askew = saved(pdf)

    with pytest.raises(InvalidInputError) as refused:
        ask(stage, askew)

    assert refused.value.code is ErrorCode.UPLOAD_UNMARKABLE
    assert stage.house.use_cases.view_copies.index(stage.actor("snv.vanthu")) == []


def test_silence_of_the_time_stamps_is_noted_and_stops_certifying_in_time(
    installation: Path, tmp_path: Path
) -> None:
    clock = standing_clock()
    shutil.copytree(installation, tmp_path / "silent")
    settings = Settings(data_dir=tmp_path / "silent")
    stamper = SilentStamper(settings.pki_dir, clock)
    with closing(open_house(settings, clock=clock, timestamper=stamper)) as house:
        stage = Stage(house)
        copy_id = ask(stage)
        approve(stage, copy_id)
        stamper.is_silent = True

        with pytest.raises(SignerUnavailableError) as refused:
            certify(stage, copy_id)

        assert refused.value.code is ErrorCode.TIMESTAMP_UNAVAILABLE
        with house.start_reading() as work:
            assert work.outages.find(Service.TIMESTAMP) is not None
        clock.move(settings.timestamp_grace + timedelta(minutes=1))
        with pytest.raises(SignerUnavailableError) as stopped:
            certify(stage, copy_id)
        assert stopped.value.code is ErrorCode.TIMESTAMP_GRACE_OVER
        assert the_copy(stage, copy_id).sealing is None
