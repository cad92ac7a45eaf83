"""The outgoing procedure on a real installation: what goes well, and what is refused."""

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.clock import FixedClock
from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    DigestMismatchError,
    ErrorCode,
    InvalidInputError,
    NotPermittedError,
    PinRejectedError,
    SigningError,
)
from engine.model.delivery import DeliveryStatus
from engine.model.document import DocumentStatus, InvitationContent
from engine.model.document import Stage as PdfStage
from engine.model.kinds import CONG_VAN, GIAY_MOI, THONG_BAO
from engine.model.organisation import AgencyId
from engine.model.register import EntryState, RegisterBook
from engine.model.verification import Verdict
from engine.ports_signing import HolderKind
from tests.houses import PIN, RECIPIENTS, Stage


def test_a_letter_goes_from_draft_to_every_register(stage: Stage) -> None:
    document_id = stage.issue()
    stage.run_jobs()

    document = stage.document(document_id)
    assert document.status is DocumentStatus.DISPATCHED
    assert [r.stage for r in document.revisions] == [
        PdfStage.RENDERED, PdfStage.SIGNED, PdfStage.NUMBERED, PdfStage.SEALED,
    ]  # fmt: skip
    with stage.house.start_reading() as work:
        board = work.queries.list_board(document_id)
    assert [row.status for row in board] == [DeliveryStatus.ARRIVED] * len(RECIPIENTS)
    assert {row.verdict for row in board} == {Verdict.PASSED}

    numbers = set()
    for row in board:
        login = f"{row.recipient_id}.vanthu"
        numbers.add(
            stage.house.use_cases.register_delivery(
                stage.task(login, row.delivery_id), stage.actor(login)
            )
        )
    assert numbers == {1}
    with stage.house.start_reading() as work:
        steps = work.queries.list_steps("outgoing", document_id)
        digests = {work.deliveries.get(row.delivery_id).digest for row in board}
    assert steps[-1].at is not None
    assert digests == {document.original_digest()}


def test_the_sealed_original_verifies_and_names_both_signers(stage: Stage) -> None:
    document_id = stage.issue()
    _digest, pdf = stage.house.use_cases.read_pdf(document_id, stage.actor("snv.vanthu"))

    report = stage.house.judge.verify(pdf)

    assert report.verdict is Verdict.PASSED
    assert [(s.field, s.level) for s in report.signatures] == [
        ("lanh_dao", "B-T"), ("co_quan", "B-T"),
    ]  # fmt: skip
    assert report.signatures[0].signer == stage.actor("snv.lanhdao").full_name
    assert report.signatures[1].signer == "Sở Nội vụ"


def test_register_is_dense_and_entry_issued(stage: Stage) -> None:
    symbols = [stage.document(stage.issue()).number for _ in range(3)]
    assert [number.number for number in symbols if number] == [1, 2, 3]
    assert symbols[0] is not None
    assert symbols[0].symbol == "01/SNV-CCHC"
    with stage.house.start_reading() as work:
        entries = work.registers.list_entries(
            AgencyId("snv"), RegisterBook.OUTGOING, symbols[0].year
        )
    assert [entry.state for entry in entries] == [EntryState.ISSUED] * 3


def test_return_document_sends_it_back_and_approvals_lapse(stage: Stage) -> None:
    document_id = stage.to_signature()
    leader = stage.actor("snv.lanhdao")
    stage.house.use_cases.return_document(
        stage.task("snv.lanhdao", document_id), leader, "Bổ sung thời hạn."
    )
    assert stage.document(document_id).status is DocumentStatus.DRAFT

    stage.submit(document_id)
    # The head of the division has to look again: the leader has no task yet.
    with stage.house.start_reading() as work:
        assert not work.queries.list_tasks_on(leader, document_id)
    stage.review(document_id)
    stage.check(document_id)
    stage.sign(document_id)
    assert stage.document(document_id).status is DocumentStatus.SIGNED


@pytest.mark.parametrize("step", ["review", "check_form"])
def test_return_document_needs_a_reason(stage: Stage, step: str) -> None:
    document_id = stage.draft()
    stage.submit(document_id)
    login = "snv.truongphong"
    if step == "check_form":
        stage.review(document_id)
        login = "snv.vanthu"
    with pytest.raises(InvalidInputError) as caught:
        stage.house.use_cases.return_document(
            stage.task(login, document_id), stage.actor(login), "  "
        )
    assert caught.value.code is ErrorCode.INPUT_MISSING


@pytest.mark.parametrize("degree", ["Mật", "Tối mật", "Tuyệt mật"])
def test_classified_choice_is_refused_and_nothing_is_stored(stage: Stage, degree: str) -> None:
    document_id = stage.draft()
    before = stage.document(document_id)
    with pytest.raises(InvalidInputError) as caught:
        stage.house.use_cases.save_draft(
            document_id,
            stage.content(subject="Kế hoạch"),
            stage.actor("snv.chuyenvien"),
            seen_version=before.version,
            classification=degree,
        )
    assert caught.value.code is ErrorCode.DOCUMENT_CLASSIFIED
    assert stage.document(document_id) == before


@pytest.mark.parametrize("marking", ["TUYỆT MẬT\nKế hoạch", "MẬT", "Độ mật: Tối mật"])
def test_classified_marking_in_the_text_is_detected(stage: Stage, marking: str) -> None:
    document_id = stage.draft()
    with pytest.raises(InvalidInputError) as caught:
        stage.house.use_cases.save_draft(
            document_id,
            stage.content(body=f"{marking}\nNội dung."),
            stage.actor("snv.chuyenvien"),
            seen_version=stage.document(document_id).version,
        )
    assert caught.value.code is ErrorCode.DOCUMENT_CLASSIFIED


def test_decomposed_text_is_stored_composed(stage: Stage) -> None:
    subject = "Kế hoạch của Ủy ban nhân dân quận Ô Môn"
    document_id = stage.draft(subject=unicodedata.normalize("NFD", subject))
    assert stage.document(document_id).content.subject == subject


def test_sign_document_leaves_the_task_open_when_the_pin_is_wrong(stage: Stage) -> None:
    document_id = stage.to_signature()
    with pytest.raises(PinRejectedError):
        stage.sign(document_id, pin="000000")
    assert stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE
    stage.sign(document_id)
    assert stage.document(document_id).status is DocumentStatus.SIGNED


def test_sign_document_is_refused_when_another_leader_tries(stage: Stage) -> None:
    document_id = stage.to_signature()
    task = stage.task("snv.lanhdao", document_id)
    with pytest.raises(NotPermittedError) as caught:
        stage.house.use_cases.sign_document(task, stage.actor("snv.photruong1"), PIN)
    assert caught.value.code is ErrorCode.TASK_NOT_YOURS


def test_the_same_task_completed_twice_names_who_was_first(stage: Stage) -> None:
    document_id = stage.draft()
    stage.submit(document_id)
    stage.review(document_id)
    task = stage.task("snv.vanthu", document_id)
    first = stage.actor("snv.vanthu2")
    stage.house.use_cases.check_form(task, first)
    with pytest.raises(ConflictError) as caught:
        stage.house.use_cases.check_form(task, stage.actor("snv.vanthu"))
    assert caught.value.code is ErrorCode.TASK_CLOSED
    assert caught.value.params["by"] == first.full_name


@pytest.mark.parametrize("recipient", ["so-khong-co", "snv"])
def test_save_draft_is_refused_when_a_recipient_does_not_exist_or_is_the_sender(
    stage: Stage, recipient: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        stage.draft(recipients=(AgencyId("stc"), AgencyId(recipient)))
    assert caught.value.code is ErrorCode.RECIPIENT_UNKNOWN


def test_submit_draft_is_refused_when_the_signatory_has_no_authority_for_the_kind(
    stage: Stage,
) -> None:
    # The chief of the office signs invitations and notices by order, never a công văn.
    chief = stage.actor("snv.chanhvanphong").person_id
    refused = stage.draft(signatory_id=chief)
    with pytest.raises(NotPermittedError) as caught:
        stage.submit(refused)
    assert caught.value.code is ErrorCode.AUTHORITY_MISSING
    allowed = stage.draft(kind=THONG_BAO, signatory_id=chief)
    stage.submit(allowed)
    assert stage.document(allowed).status is DocumentStatus.IN_REVIEW


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"recipients": ()}, ErrorCode.RECIPIENT_MISSING),
        ({"subject": ""}, ErrorCode.INPUT_MISSING),
        ({"body": ""}, ErrorCode.INPUT_MISSING),
        ({"signatory_id": None}, ErrorCode.INPUT_MISSING),
        ({"kind": GIAY_MOI}, ErrorCode.INPUT_MISSING),
    ],
)
def test_submit_draft_is_refused_when_incomplete(
    stage: Stage, changes: dict[str, object], code: ErrorCode
) -> None:
    document_id = stage.draft(**changes)
    with pytest.raises(InvalidInputError) as caught:
        stage.submit(document_id)
    assert caught.value.code is code


def test_sign_document_is_refused_when_the_certificate_has_expired(
    stage: Stage, clock: FixedClock
) -> None:
    document_id = stage.to_signature()
    clock.move(timedelta(days=731))
    with pytest.raises(CertificateRejectedError) as caught:
        stage.sign(document_id)
    assert caught.value.code is ErrorCode.CERTIFICATE_EXPIRED
    assert stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE


def test_sign_document_is_refused_when_the_certificate_is_revoked(
    stage: Stage, clock: FixedClock
) -> None:
    document_id = stage.to_signature()
    leader = stage.actor("snv.lanhdao")
    with stage.house.start_reading() as work:
        certificate = work.certificates.find_current(
            HolderKind.PERSON, leader.person_id, clock.now()
        )
    assert certificate is not None
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.revoke_certificate(certificate.id, leader, "key_compromise")
    stage.house.use_cases.revoke_certificate(
        certificate.id, stage.actor("vpub.quantri"), "key_compromise"
    )
    clock.move(timedelta(seconds=1))
    with pytest.raises(CertificateRejectedError) as caught:
        stage.sign(document_id)
    assert caught.value.code is ErrorCode.CERTIFICATE_REVOKED


def test_number_document_uses_the_same_number_again_after_a_failure(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = stage.to_signature()
    stage.sign(document_id)
    case = stage.house.use_cases.number_document

    def broken(*_args: object, **_kwargs: object) -> bytes:
        raise SigningError("the machine stopped here")

    with monkeypatch.context() as patch:
        patch.setattr(type(case.signer), "fill_number", broken)
        with pytest.raises(SigningError):
            stage.number(document_id)
    assert stage.number(document_id) == "01/SNV-CCHC"
    assert stage.document(stage.issue()).number.symbol == "02/SNV-CCHC"  # type: ignore[union-attr]


def test_void_number_keeps_the_number_in_the_register(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = stage.to_signature()
    stage.sign(document_id)
    case = stage.house.use_cases.number_document
    with monkeypatch.context() as patch:
        patch.setattr(
            type(case.signer),
            "fill_number",
            lambda *_a, **_k: (_ for _ in ()).throw(SigningError()),
        )
        with pytest.raises(SigningError):
            stage.number(document_id)
    clerk = stage.actor("snv.vanthu")
    stage.house.use_cases.void_number(document_id, clerk, "Hủy vì in sai")
    assert stage.number(document_id) == "02/SNV-CCHC"
    with stage.house.start_reading() as work:
        entries = work.registers.list_entries(
            AgencyId("snv"), RegisterBook.OUTGOING, stage.house.clock.now().year
        )
    assert [(e.number, e.state, e.reason) for e in entries] == [
        (1, EntryState.VOID, "Hủy vì in sai"),
        (2, EntryState.BOUND, ""),
    ]


def test_a_crash_between_begin_and_complete_frees_the_task_after_its_time(
    stage: Stage, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = stage.to_signature()
    case = stage.house.use_cases.sign_document

    class PowerCut(BaseException):
        pass

    def cut(*_args: object, **_kwargs: object) -> bytes:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(type(case.signer), "sign", cut)
        with pytest.raises(PowerCut):
            stage.sign(document_id)
    with pytest.raises(ConflictError) as caught:
        stage.sign(document_id)
    assert caught.value.code is ErrorCode.SIGNING_UNDERWAY
    clock.move(timedelta(minutes=6))
    stage.sign(document_id)
    assert stage.document(document_id).status is DocumentStatus.SIGNED


def test_a_changed_byte_in_a_stored_original_is_refused_and_reported(stage: Stage) -> None:
    document_id = stage.issue()
    digest = stage.document(document_id).original_digest()
    (path,) = (
        path
        for path in stage.house.settings.originals_dir.rglob("*")
        if path.is_file() and str(digest) in "".join(path.parts[-4:])
    )
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    clerk = stage.actor("snv.vanthu")
    with pytest.raises(DigestMismatchError):
        stage.house.use_cases.read_pdf(document_id, clerk)
    with stage.house.start_reading() as work:
        events = [leaf.event for leaf in work.audit.list_group(document_id)]
    assert events[-1] == "original.read.refuse"
    # Nothing of it is delivered, and an administrator sees what is stuck.
    stage.run_jobs()
    with stage.house.start_reading() as work:
        assert {r.status for r in work.queries.list_board(document_id)} == {DeliveryStatus.QUEUED}
        assert len(work.queries.list_stuck(stage.house.clock.now())) >= len(RECIPIENTS)


def test_every_act_leaves_one_leaf(stage: Stage) -> None:
    document_id = stage.issue()
    with stage.house.start_reading() as work:
        leaves = work.audit.list_group(document_id)
    assert [leaf.event for leaf in leaves] == [
        "document.draft.create",
        "document.draft.save",
        "document.draft.submit",
        "document.review.approve",
        "document.form.approve",
        "document.signing.begin",
        "document.signing.complete",
        "document.numbering.begin",
        "document.numbering.complete",
        "document.sealing.begin",
        "document.sealing.complete",
    ]
    assert leaves[0].previous == ""
    assert [leaf.previous for leaf in leaves[1:]] == [leaf.digest for leaf in leaves[:-1]]


def test_a_person_of_another_agency_may_not_read_a_draft(stage: Stage) -> None:
    document_id = stage.to_signature()
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.view_document(document_id, stage.actor("stc.vanthu"))
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.read_pdf(document_id, stage.actor("stc.vanthu"))


def test_a_recipient_reads_the_original_once_it_is_dispatched(stage: Stage) -> None:
    document_id = stage.issue()
    stage.run_jobs()
    digest, _pdf = stage.house.use_cases.read_pdf(document_id, stage.actor("stc.vanthu"))
    assert digest == stage.document(document_id).original_digest()


def test_save_draft_conflicts_when_somebody_saved_first(stage: Stage) -> None:
    document_id = stage.draft()
    seen = stage.document(document_id).version
    drafter = stage.actor("snv.chuyenvien")
    save = stage.house.use_cases.save_draft
    save(document_id, stage.content(subject="một"), drafter, seen_version=seen)
    with pytest.raises(ConflictError) as caught:
        save(document_id, stage.content(subject="hai"), drafter, seen_version=seen)
    assert caught.value.code is ErrorCode.DOCUMENT_CHANGED
    assert stage.document(document_id).content.subject == "một"


def test_create_draft_is_refused_for_an_agency_one_does_not_serve(stage: Stage) -> None:
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.create_draft(
            stage.actor("snv.chuyenvien"), AgencyId("stc"), CONG_VAN
        )


def test_a_person_without_a_post_in_the_agency_loses_its_tasks(stage: Stage) -> None:
    document_id = stage.to_signature()
    task = stage.task("snv.lanhdao", document_id)
    gone = replace(stage.actor("snv.lanhdao"), posts=stage.actor("stc.lanhdao").posts)
    for act in (
        lambda: stage.house.use_cases.sign_document(task, gone, PIN),
        lambda: stage.house.use_cases.return_document(task, gone, "Xem lại."),
    ):
        with pytest.raises(NotPermittedError) as caught:
            act()
        assert caught.value.params["predicate"] == "serves_agency"


def test_an_unexpected_error_while_signing_frees_the_task_at_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = stage.to_signature()
    case = stage.house.use_cases.sign_document

    def broken(*_args: object, **_kwargs: object) -> bytes:
        raise RuntimeError("a fault of the library")

    with monkeypatch.context() as patch:
        patch.setattr(type(case.signer), "sign", broken)
        with pytest.raises(RuntimeError):
            stage.sign(document_id)
    stage.sign(document_id)
    with stage.house.start_reading() as work:
        events = [leaf.event for leaf in work.audit.list_group(document_id)]
    assert events[-4:] == [
        "document.signing.begin",
        "document.signing.fail",
        "document.signing.begin",
        "document.signing.complete",
    ]


def test_sign_document_is_refused_when_the_printed_authority_has_changed(stage: Stage) -> None:
    document_id = stage.to_signature()
    with stage.house.start_work() as work:
        document = work.documents.get(document_id)
        document.authority_id = "snv.deputy-1.KT"
        work.documents.save(document)
        work.commit()
    with pytest.raises(ConflictError) as caught:
        stage.sign(document_id)
    assert caught.value.code is ErrorCode.AUTHORITY_CHANGED


def test_a_number_voided_while_the_pdf_is_filled_never_goes_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = stage.to_signature()
    stage.sign(document_id)
    case = stage.house.use_cases.number_document
    fill = type(case.signer).fill_number

    def void_meanwhile(self: object, *args: object, **kwargs: object) -> bytes:
        stage.house.use_cases.void_number(document_id, stage.actor("snv.vanthu2"), "Nhầm số")
        return fill(self, *args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(type(case.signer), "fill_number", void_meanwhile)
        with pytest.raises(ConflictError) as caught:
            stage.number(document_id)
    assert caught.value.code is ErrorCode.REGISTER_ENTRY_CLOSED
    assert stage.number(document_id) == "02/SNV-CCHC"
    stage.seal(document_id)


@pytest.mark.parametrize("numbered", [False, True])
def test_cancel_document_voids_its_number_and_ends_the_procedure(
    stage: Stage, *, numbered: bool
) -> None:
    document_id = stage.to_signature()
    stage.sign(document_id)
    if numbered:
        stage.number(document_id)
    clerk = stage.actor("snv.vanthu")
    cancel = stage.house.use_cases.cancel_document
    with pytest.raises(NotPermittedError):
        cancel(document_id, stage.actor("stc.vanthu"), "Không gửi nữa.")
    cancel(document_id, clerk, "Không gửi nữa.")

    assert stage.document(document_id).status is DocumentStatus.CANCELLED
    with stage.house.start_reading() as work:
        assert not work.queries.list_tasks_on(clerk, document_id)
        entries = work.registers.list_entries(
            AgencyId("snv"), RegisterBook.OUTGOING, stage.house.clock.now().year
        )
    assert [entry.state for entry in entries] == [EntryState.VOID] * numbered
    with pytest.raises(ConflictError):
        cancel(document_id, clerk, "Lần nữa.")


def test_cancel_document_is_refused_before_the_signature_and_after_the_seal(stage: Stage) -> None:
    clerk = stage.actor("snv.vanthu")
    for document_id in (stage.to_signature(), stage.issue()):
        with pytest.raises(ConflictError) as caught:
            stage.house.use_cases.cancel_document(document_id, clerk, "Không gửi nữa.")
        assert caught.value.code is ErrorCode.DOCUMENT_STATE


def test_signatures_are_on_record_as_they_are_in_the_original(stage: Stage) -> None:
    document_id = stage.issue()
    document = stage.document(document_id)
    _digest, pdf = stage.house.use_cases.read_pdf(document_id, stage.actor("snv.vanthu"))
    found = stage.house.use_cases.sign_document.signer.cms_digests(pdf)
    assert [(s.field, s.cms_sha256) for s in document.signatures] == [
        (placed.field, placed.sha256) for placed in found
    ]


@pytest.mark.parametrize("field", ["time", "reply_by"])
def test_classified_marking_in_an_invitation_is_detected(stage: Stage, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        stage.draft(kind=GIAY_MOI, invitation=InvitationContent(**{field: "08 giờ, TUYỆT MẬT"}))
    assert caught.value.code is ErrorCode.DOCUMENT_CLASSIFIED


def test_classified_marking_in_a_remark_is_detected(stage: Stage) -> None:
    document_id = stage.to_signature()
    with pytest.raises(InvalidInputError) as caught:
        stage.house.use_cases.return_document(
            stage.task("snv.lanhdao", document_id),
            stage.actor("snv.lanhdao"),
            "Dấu chỉ mức độ mật: MẬT",
        )
    assert caught.value.code is ErrorCode.DOCUMENT_CLASSIFIED
