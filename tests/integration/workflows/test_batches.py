"""Sign many documents with one PIN: each exactly once, whatever happens in between."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

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
    StoreUnavailableError,
    TrinhKyError,
)
from engine.merkle import merkle_root
from engine.model.batch import (
    ITEM_LIMIT,
    LEASE,
    MAX_BATCH_ITEMS,
    Batch,
    BatchId,
    BatchItem,
    BatchOutcome,
    BatchState,
    ItemState,
)
from engine.model.document import Digest, DocumentId, DocumentStatus
from engine.model.document import Stage as Revision
from engine.model.keys import KeyHome, KeyType
from engine.model.signing_intent import INTENT_LIFETIME, IntentState
from engine.model.verification import SignatureRole, Verdict
from engine.ports import UnitOfWork
from engine.ports_keys import MadeKey, OpenKey, SigningKeys
from engine.ports_signing import CertificateRequest, HolderKind, IssuedCertificate, Revocation
from engine.process.model import TaskId
from signing.authority import LocalCertificateAuthority
from storage.objects import LocalObjectStore
from tests.factories.batches import census
from tests.factories.softhsm import TOKEN_PIN, a_softhsm
from tests.houses import PIN, Stage, copy_house
from workflows.batch.run_batch import RunBatch
from workflows.batch.settle_batches import SettleBatches

LEADER = "snv.lanhdao"


class FragileKey:
    """Pass on to a real key until it has made some signatures; then act as told."""

    def __init__(self, key: OpenKey, count: int, then: Callable[[], None]) -> None:
        self.key = key
        self.left = count
        self.then = then
        self.closed = False

    @property
    def is_proved(self) -> bool:
        return self.key.is_proved

    def sign(self, attributes: bytes) -> bytes:
        if self.left == 0:
            self.then()
        self.left -= 1
        return self.key.sign(attributes)

    def close(self) -> None:
        self.closed = True
        self.key.close()

    def __enter__(self) -> "FragileKey":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class FragileKeys:
    """Open real keys that stop after some signatures; the list's is the first."""

    def __init__(self, keys: SigningKeys, count: int, then: Callable[[], None]) -> None:
        self.keys = keys
        self.count = count
        self.then = then
        self.opened: list[FragileKey] = []

    def open(self, certificate: IssuedCertificate, pin: str) -> FragileKey:
        self.opened.append(FragileKey(self.keys.open(certificate, pin), self.count, self.then))
        return self.opened[-1]

    def check_signs_many(self, certificate: IssuedCertificate) -> None:
        self.keys.check_signs_many(certificate)


def pulled_out() -> None:
    raise SignerUnavailableError("the token is gone")


def broken() -> None:
    raise ZeroDivisionError("a defect")


def letters(stage: Stage, count: int) -> list[DocumentId]:
    return [stage.to_signature(subject=f"báo cáo số {place}") for place in range(1, count + 1)]


def begun(stage: Stage, documents: Sequence[DocumentId]) -> BatchId:
    tasks = [stage.task(LEADER, document_id) for document_id in documents]
    return stage.house.use_cases.begin_batch(tasks, stage.actor(LEADER))


def run(stage: Stage, batch_id: BatchId, pin: str = PIN, **options: bool) -> BatchOutcome:
    return stage.house.use_cases.run_batch(batch_id, stage.actor(LEADER), pin, **options)


def fragile(
    stage: Stage, count: int, then: Callable[[], None] = pulled_out
) -> tuple[RunBatch, FragileKeys]:
    run_batch = stage.house.use_cases.run_batch
    keys = FragileKeys(run_batch.pins.keys, count, then)
    return replace(run_batch, pins=replace(run_batch.pins, keys=keys)), keys


def batch_of(stage: Stage, batch_id: BatchId) -> Batch:
    with stage.house.start_reading() as work:
        return work.batches.get(batch_id)


def items_of(stage: Stage, batch_id: BatchId) -> Sequence[BatchItem]:
    with stage.house.start_reading() as work:
        return work.batches.list_items(batch_id)


def states_of(stage: Stage, batch_id: BatchId) -> list[ItemState]:
    return [item.state for item in items_of(stage, batch_id)]


def leaves_of(stage: Stage, batch_id: BatchId) -> list[tuple[AuditEvent, dict[str, str]]]:
    with stage.house.start_reading() as work:
        return [
            (leaf.event, dict(leaf.details))
            for leaf in work.audit.list_group("")
            if leaf.subject == f"batch:{batch_id}"
        ]


def settle(stage: Stage) -> None:
    SettleBatches(start_work=stage.house.start_work, clock=stage.house.clock)({})


def certificate_of(stage: Stage) -> IssuedCertificate:
    with stage.house.start_reading() as work:
        found = work.certificates.find_current(
            HolderKind.PERSON, stage.actor(LEADER).person_id, stage.house.clock.now()
        )
    assert found is not None
    return found


def authority_of(stage: Stage) -> LocalCertificateAuthority:
    return LocalCertificateAuthority(stage.house.settings.pki_dir, stage.house.clock)


def renew_certificate(stage: Stage, *, home: KeyHome = KeyHome.SOFTWARE) -> None:
    """Give the leader a newer certificate, as the end of a renewal does."""
    [issued] = authority_of(stage).issue(
        [
            CertificateRequest(
                holder_kind=HolderKind.PERSON,
                holder_id=stage.actor(LEADER).person_id,
                common_name=stage.actor(LEADER).full_name,
                organisation="Sở Nội vụ",
            )
        ],
        pin=PIN,
        key_type=KeyType.P256,
    )
    with stage.house.start_work() as work:
        work.certificates.add(replace(issued, key_home=home))
        work.commit()


# ── one list, one PIN ──────────────────────────────────────────────────────────────────────────


def test_batch_signs_every_document_when_one_pin_is_given(stage: Stage) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)
    told: list[tuple[str, int, int]] = []

    outcome = stage.house.use_cases.run_batch(
        batch_id, stage.actor(LEADER), PIN, progress=lambda *words: told.append(words)
    )

    assert (outcome.signed, outcome.waiting, outcome.failed, outcome.reason) == (3, 0, 0, "")
    assert told == [(f"báo cáo số {place}", place, 3) for place in (1, 2, 3)]
    for document_id, item in zip(documents, items_of(stage, batch_id), strict=True):
        document = stage.document(document_id)
        assert document.status is DocumentStatus.SIGNED
        assert document.current_revision().digest == item.result
        assert document.revisions[-2].digest == item.digest
    assert batch_of(stage, batch_id).state is BatchState.FINISHED
    assert batch_of(stage, batch_id).finished_at == stage.house.clock.now()
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_list_is_signed_before_the_documents_when_a_batch_runs(stage: Stage) -> None:
    documents = letters(stage, 2)
    batch_id = begun(stage, documents)
    digests = [stage.document(each).current_revision().digest for each in documents]
    run(stage, batch_id)

    batch, pdf = stage.house.use_cases.view_batch.manifest(batch_id, stage.actor(LEADER))

    report = stage.house.judge.verify(pdf)
    assert report.verdict is Verdict.PASSED
    [signature] = report.signatures
    assert (signature.role, signature.level, signature.field) == (
        SignatureRole.LEADER,
        "B-T",
        "bang_ke",
    )
    assert signature.certificate_serial == batch.certificate_id
    assert batch.merkle_root == merkle_root([bytes.fromhex(each) for each in digests]).hex()
    events = leaves_of(stage, batch_id)
    assert [event for event, _ in events] == [AuditEvent.BATCH_BEGIN, AuditEvent.BATCH_COMPLETE]
    assert {details["manifest"] for _, details in events} == {batch.manifest}
    with stage.house.start_reading() as work:
        signed_at = [leaf.sequence for leaf in work.audit.list_group(documents[0])]
        begun_at = [
            leaf.sequence
            for leaf in work.audit.list_group("")
            if leaf.event is AuditEvent.BATCH_BEGIN
        ]
    assert begun_at[0] < signed_at[-1]


def test_list_is_a_good_file_when_poppler_reads_it(stage: Stage, tmp_path: Path) -> None:
    batch_id = begun(stage, letters(stage, 1))
    run(stage, batch_id)
    _, pdf = stage.house.use_cases.view_batch.manifest(batch_id, stage.actor(LEADER))
    path = tmp_path / "bang-ke.pdf"
    path.write_bytes(pdf)
    program = shutil.which("pdfsig")
    assert program is not None, "poppler-utils is among the test tools"

    said = subprocess.run(  # noqa: S603 our own words
        [program, "-nocert", path], capture_output=True, check=True, text=True, timeout=30
    )

    assert "Signature is Valid" in said.stdout
    assert "Total document signed" in said.stdout


def test_batch_leaves_out_what_cannot_be_signed_when_it_is_ticked(stage: Stage) -> None:
    good, signed, underway, foreign = letters(stage, 4)
    tasks = [stage.task(LEADER, each) for each in (signed, underway, good)]
    stage.sign(signed)
    ceremonies = stage.house.use_cases.run_batch.ceremonies
    ceremonies.begin(Revision.SIGNED, tasks[1], stage.actor(LEADER))
    drafted = stage.draft()
    tasks += [stage.task("snv.chuyenvien", drafted), TaskId("no-such-task")]

    batch_id = stage.house.use_cases.begin_batch([*tasks, tasks[0]], stage.actor(LEADER))

    items = items_of(stage, batch_id)
    assert [(item.position, item.document_id, item.state, item.reason) for item in items] == [
        (1, good, ItemState.WAITING, ""),
        (2, signed, ItemState.SKIPPED, ErrorCode.TASK_CLOSED),
        (3, underway, ItemState.SKIPPED, ErrorCode.SIGNING_UNDERWAY),
        (4, None, ItemState.SKIPPED, ErrorCode.TASK_NOT_YOURS),
        (5, None, ItemState.SKIPPED, ErrorCode.TASK_NOT_FOUND),
    ]
    assert items[3].subject == ""
    assert run(stage, batch_id).signed == 1
    assert stage.document(foreign).status is DocumentStatus.AWAITING_SIGNATURE


def test_batch_has_nothing_to_run_when_every_tick_is_refused(stage: Stage) -> None:
    [document_id] = letters(stage, 1)
    task_id = stage.task(LEADER, document_id)
    stage.sign(document_id)

    batch_id = stage.house.use_cases.begin_batch([task_id], stage.actor(LEADER))

    assert batch_of(stage, batch_id).state is BatchState.FINISHED
    with pytest.raises(ConflictError) as refused:
        run(stage, batch_id)
    assert refused.value.code is ErrorCode.BATCH_FINISHED


@pytest.mark.parametrize(
    ("count", "code"),
    [(0, ErrorCode.BATCH_EMPTY), (MAX_BATCH_ITEMS + 1, ErrorCode.BATCH_TOO_LARGE)],
)
def test_begin_batch_is_refused_when_the_number_is_wrong(
    stage: Stage, count: int, code: ErrorCode
) -> None:
    tasks = [TaskId(f"task-{place}") for place in range(count)]

    with pytest.raises(InvalidInputError) as refused:
        stage.house.use_cases.begin_batch(tasks, stage.actor(LEADER))

    assert refused.value.code is code


def test_begin_batch_is_refused_when_the_key_is_at_the_client(
    stage: Stage, clock: FixedClock
) -> None:
    documents = letters(stage, 1)
    clock.move(timedelta(minutes=10))
    renew_certificate(stage, home=KeyHome.CLIENT)

    with pytest.raises(CertificateRejectedError) as refused:
        begun(stage, documents)

    assert refused.value.code is ErrorCode.BATCH_KEY_AT_CLIENT


def test_batch_is_refused_when_somebody_else_runs_it(stage: Stage) -> None:
    batch_id = begun(stage, letters(stage, 1))
    cases, clerk = stage.house.use_cases, stage.actor("snv.vanthu")

    for act in (
        lambda: cases.run_batch(batch_id, clerk, PIN),
        lambda: cases.end_batch(batch_id, clerk),
        lambda: cases.view_batch(batch_id, clerk),
        lambda: cases.view_batch.manifest(batch_id, clerk),
    ):
        with pytest.raises(NotPermittedError):
            act()


def test_batch_stays_as_ticked_when_the_pin_is_wrong(stage: Stage) -> None:
    batch_id = begun(stage, letters(stage, 1))

    with pytest.raises(PinRejectedError):
        run(stage, batch_id, "000000")

    assert batch_of(stage, batch_id).state is BatchState.PREPARED
    assert leaves_of(stage, batch_id) == []
    assert run(stage, batch_id).signed == 1


def test_batch_stays_as_ticked_when_the_list_cannot_be_signed(stage: Stage) -> None:
    batch_id = begun(stage, letters(stage, 1))
    run_batch, keys = fragile(stage, 0)

    with pytest.raises(SignerUnavailableError):
        run_batch(batch_id, stage.actor(LEADER), PIN)

    batch = batch_of(stage, batch_id)
    assert (batch.state, batch.manifest, batch.reason) == (
        BatchState.PREPARED,
        "",
        ErrorCode.SIGNER_UNAVAILABLE,
    )
    assert keys.opened[0].closed
    assert run(stage, batch_id).signed == 1


# ── what changes meanwhile ─────────────────────────────────────────────────────────────────────


def test_document_is_refused_when_it_was_changed_after_the_tick(stage: Stage) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)
    changed = documents[1]
    stage.house.use_cases.return_document(
        stage.task(LEADER, changed), stage.actor(LEADER), "sửa lại"
    )
    document = stage.document(changed)
    stage.house.use_cases.save_draft(
        changed,
        replace(document.content, body="Nội dung khác."),
        stage.actor("snv.chuyenvien"),
        seen_version=document.version,
    )
    stage.submit(changed)
    stage.review(changed)
    stage.check(changed)
    outcome = run(stage, batch_id)

    assert (outcome.signed, outcome.failed, outcome.skipped) == (2, 0, 1)
    first, left_out, last = items_of(stage, batch_id)
    assert left_out.reason == ErrorCode.TASK_CLOSED
    assert stage.document(changed).status is DocumentStatus.AWAITING_SIGNATURE
    batch = batch_of(stage, batch_id)
    assert batch.state is BatchState.FINISHED
    # The signed list names what was signed, and nothing else.
    digests = [bytes.fromhex(item.digest) for item in (first, last)]
    assert batch.merkle_root == merkle_root(digests).hex()


def test_document_is_refused_when_its_pdf_is_not_the_one_listed(stage: Stage) -> None:
    documents = letters(stage, 2)
    batch_id = begun(stage, documents)
    # The same task, another PDF: what a redrawn flow could do while the batch waits.
    with stage.house.start_work() as work:
        document = work.documents.get(documents[0])
        other = stage.house.use_cases.run_batch.manifests.originals.add(b"%PDF-1.7 another")
        document.add_revision(
            Revision.RENDERED,
            other,
            size_bytes=16,
            by=document.drafter_id,
            at=stage.house.clock.now(),
        )
        work.documents.save(document)
        work.commit()

    run(stage, batch_id)

    first, second = items_of(stage, batch_id)
    assert (first.state, first.reason) == (ItemState.SKIPPED, ErrorCode.DOCUMENT_CHANGED)
    assert second.state is ItemState.SIGNED
    with stage.house.start_reading() as work:
        assert work.intents.find_open(documents[0]) is None


def test_batch_is_refused_when_the_certificate_changed_after_the_tick(
    stage: Stage, clock: FixedClock
) -> None:
    batch_id = begun(stage, letters(stage, 1))
    clock.move(timedelta(minutes=10))
    renew_certificate(stage)

    with pytest.raises(ConflictError) as refused:
        run(stage, batch_id)

    assert refused.value.code is ErrorCode.BATCH_CERTIFICATE_CHANGED
    assert batch_of(stage, batch_id).state is BatchState.PREPARED


def test_batch_stops_when_the_certificate_changes_in_the_middle(
    stage: Stage, clock: FixedClock
) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)

    def renew(_title: str, done: int, _total: int) -> None:
        if done == 1:
            clock.move(timedelta(seconds=20))
            renew_certificate(stage)

    outcome = stage.house.use_cases.run_batch(batch_id, stage.actor(LEADER), PIN, progress=renew)

    assert (outcome.signed, outcome.waiting, outcome.failed) == (1, 2, 0)
    assert outcome.reason == ErrorCode.BATCH_CERTIFICATE_CHANGED
    assert batch_of(stage, batch_id).state is BatchState.PAUSED
    with pytest.raises(ConflictError) as refused:
        run(stage, batch_id)
    assert refused.value.code is ErrorCode.BATCH_CERTIFICATE_CHANGED

    # The way out: end it, and tick the rest again.
    stage.house.use_cases.end_batch(batch_id, stage.actor(LEADER))
    assert run(stage, begun(stage, documents[1:])).signed == 2
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_batch_stops_when_the_certificate_is_revoked_in_the_middle(stage: Stage) -> None:
    batch_id = begun(stage, letters(stage, 2))
    certificate = certificate_of(stage)

    def revoke(_title: str, done: int, _total: int) -> None:
        if done == 1:
            revocation = Revocation(
                certificate_id=certificate.id,
                revoked_at=stage.house.clock.now(),
                reason="key_compromise",
            )
            authority_of(stage).publish_crl([revocation], stage.house.clock.now())

    outcome = stage.house.use_cases.run_batch(batch_id, stage.actor(LEADER), PIN, progress=revoke)

    assert (outcome.signed, outcome.waiting) == (1, 1)
    assert outcome.reason == ErrorCode.CERTIFICATE_REVOKED


def test_failed_item_is_tried_again_when_the_signer_asks(stage: Stage) -> None:
    documents = letters(stage, 2)
    batch_id = begun(stage, documents)
    ceremonies = stage.house.use_cases.run_batch.ceremonies
    undertaken = ceremonies.begin(
        Revision.SIGNED, stage.task(LEADER, documents[0]), stage.actor(LEADER)
    )
    assert run(stage, batch_id).failed == 1
    assert items_of(stage, batch_id)[0].reason == ErrorCode.SIGNING_UNDERWAY
    with pytest.raises(ConflictError) as refused:
        run(stage, batch_id)
    assert refused.value.code is ErrorCode.BATCH_FINISHED
    with pytest.raises(ZeroDivisionError), ceremonies.or_void(undertaken, stage.actor(LEADER)):
        broken()

    outcome = run(stage, batch_id, retry_failed=True)

    assert (outcome.signed, outcome.failed) == (2, 0)
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_second_list_is_refused_unsigned_when_another_batch_signed_its_documents(
    stage: Stage,
) -> None:
    documents = letters(stage, 2)
    first, second = begun(stage, documents), begun(stage, documents)
    assert run(stage, first).signed == 2
    run_batch, keys = fragile(stage, 0)

    with pytest.raises(ConflictError) as refused:
        run_batch(second, stage.actor(LEADER), PIN)

    assert refused.value.code is ErrorCode.BATCH_NOTHING_LEFT
    [key] = keys.opened
    assert (key.left, key.closed) == (0, True)
    batch = batch_of(stage, second)
    assert (batch.state, batch.manifest) == (BatchState.FINISHED, "")
    assert [(item.state, item.reason) for item in items_of(stage, second)] == [
        (ItemState.SKIPPED, ErrorCode.TASK_CLOSED)
    ] * 2
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_second_list_names_only_what_is_left_when_a_document_was_signed_elsewhere(
    stage: Stage,
) -> None:
    documents = letters(stage, 2)
    first, second = begun(stage, documents[:1]), begun(stage, documents)
    run(stage, first)

    outcome = run(stage, second)

    assert (outcome.signed, outcome.skipped, outcome.failed) == (1, 1, 0)
    left = items_of(stage, second)[1]
    root = merkle_root([bytes.fromhex(left.digest)]).hex()
    assert batch_of(stage, second).merkle_root == root
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_failed_item_is_not_tried_again_when_it_can_never_pass(stage: Stage) -> None:
    documents = letters(stage, 2)
    batch_id = begun(stage, documents)

    def send_back(_title: str, done: int, _total: int) -> None:
        if done == 1:
            stage.house.use_cases.return_document(
                stage.task(LEADER, documents[1]), stage.actor(LEADER), "sửa lại"
            )

    outcome = stage.house.use_cases.run_batch(
        batch_id, stage.actor(LEADER), PIN, progress=send_back
    )

    assert (outcome.signed, outcome.failed) == (1, 1)
    assert not items_of(stage, batch_id)[1].can_be_retried
    with pytest.raises(ConflictError) as refused:
        run(stage, batch_id, retry_failed=True)
    assert refused.value.code is ErrorCode.BATCH_FINISHED


def test_document_is_left_out_when_another_batch_was_begun_with_it(stage: Stage) -> None:
    documents = letters(stage, 2)
    batch_id = begun(stage, documents)
    fragile(stage, 2)[0](batch_id, stage.actor(LEADER), PIN)

    other = begun(stage, [documents[1]])

    assert items_of(stage, other)[0].reason == ErrorCode.BATCH_ELSEWHERE


# ── token gone, defects, crashes ───────────────────────────────────────────────────────────────


def test_batch_pauses_and_goes_on_when_the_key_is_gone_in_the_middle(stage: Stage) -> None:
    documents = letters(stage, 4)
    batch_id = begun(stage, documents)
    run_batch, keys = fragile(stage, 3)

    outcome = run_batch(batch_id, stage.actor(LEADER), PIN)

    assert (outcome.signed, outcome.waiting, outcome.failed) == (2, 2, 0)
    assert outcome.reason == ErrorCode.SIGNER_UNAVAILABLE
    batch = batch_of(stage, batch_id)
    assert (batch.state, batch.lease_id) == (BatchState.PAUSED, "")
    assert keys.opened[0].closed
    with stage.house.start_reading() as work:
        [stuck] = work.queries.list_stuck(stage.house.clock.now())
    assert (stuck.kind, stuck.key, stuck.reason) == (
        "batch",
        batch_id,
        ErrorCode.SIGNER_UNAVAILABLE,
    )

    assert run(stage, batch_id).signed == 4
    assert batch_of(stage, batch_id).manifest == batch.manifest
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))
    assert [event for event, _ in leaves_of(stage, batch_id)] == [
        AuditEvent.BATCH_BEGIN,
        AuditEvent.BATCH_PAUSE,
        AuditEvent.BATCH_BEGIN,
        AuditEvent.BATCH_COMPLETE,
    ]


def test_item_is_failed_and_the_batch_paused_when_a_defect_is_met(stage: Stage) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)

    with pytest.raises(ZeroDivisionError):
        fragile(stage, 2, broken)[0](batch_id, stage.actor(LEADER), PIN)

    assert states_of(stage, batch_id) == [
        ItemState.SIGNED,
        ItemState.FAILED,
        ItemState.WAITING,
    ]
    assert batch_of(stage, batch_id).state is BatchState.PAUSED
    assert run(stage, batch_id, retry_failed=True).signed == 3
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


class Killed(BaseException):
    """Stand for the end of the process: nothing that handles errors sees it."""


def killed() -> None:
    raise Killed


def cut_off(stage: Stage, batch_id: BatchId, after: int) -> None:
    with pytest.raises(Killed):
        fragile(stage, after + 1, killed)[0](batch_id, stage.actor(LEADER), PIN)


def test_batch_goes_on_when_its_process_was_killed(stage: Stage, clock: FixedClock) -> None:
    documents = letters(stage, 4)
    batch_id = begun(stage, documents)
    cut_off(stage, batch_id, 2)
    assert states_of(stage, batch_id)[2] is ItemState.SIGNING
    with pytest.raises(ConflictError) as refused:
        run(stage, batch_id)
    assert refused.value.code is ErrorCode.BATCH_RUNNING
    clock.move(LEASE + timedelta(seconds=1))
    view = stage.house.use_cases.view_batch(batch_id, stage.actor(LEADER))
    assert view.is_interrupted
    with stage.house.start_reading() as work:
        assert [row.kind for row in work.queries.list_stuck(clock.now())] == ["batch"]

    # At once, long before the undertaking would expire by itself.
    outcome = run(stage, batch_id)

    assert (outcome.signed, outcome.waiting, outcome.failed) == (4, 0, 0)
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_sweep_pauses_a_batch_when_its_process_was_killed(stage: Stage, clock: FixedClock) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)
    cut_off(stage, batch_id, 1)
    settle(stage)
    assert batch_of(stage, batch_id).state is BatchState.RUNNING
    clock.move(LEASE + timedelta(seconds=1))

    settle(stage)

    batch = batch_of(stage, batch_id)
    assert (batch.state, batch.reason) == (BatchState.PAUSED, ErrorCode.BATCH_INTERRUPTED)
    assert states_of(stage, batch_id) == [
        ItemState.SIGNED,
        ItemState.WAITING,
        ItemState.WAITING,
    ]
    with stage.house.start_reading() as work:
        assert work.intents.find_open(documents[1]) is None
    assert run(stage, batch_id).signed == 3


def test_sweep_finishes_a_batch_when_it_was_killed_after_its_last_item(
    stage: Stage, clock: FixedClock
) -> None:
    documents = letters(stage, 1)
    batch_id = begun(stage, documents)

    def kill(*_words: object) -> None:
        raise Killed

    with pytest.raises(Killed):
        stage.house.use_cases.run_batch(batch_id, stage.actor(LEADER), PIN, progress=kill)
    assert batch_of(stage, batch_id).state is BatchState.RUNNING
    clock.move(LEASE + timedelta(seconds=1))

    settle(stage)

    assert batch_of(stage, batch_id).state is BatchState.FINISHED


def test_slow_run_records_nothing_when_another_has_taken_over(
    stage: Stage, clock: FixedClock
) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)

    def overtake() -> None:
        """While the key works, the run is taken for dead and the rest is signed by another."""
        clock.move(LEASE + timedelta(seconds=1))
        assert run(stage, batch_id).signed == 3

    with pytest.raises(ConflictError):
        fragile(stage, 2, overtake)[0](batch_id, stage.actor(LEADER), PIN)

    assert states_of(stage, batch_id) == [ItemState.SIGNED] * 3
    assert batch_of(stage, batch_id).state is BatchState.FINISHED
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_second_batch_is_refused_when_one_of_the_person_is_running(
    stage: Stage, clock: FixedClock
) -> None:
    first = begun(stage, letters(stage, 2))
    second = begun(stage, letters(stage, 1))
    cut_off(stage, first, 1)

    with pytest.raises(ConflictError) as refused:
        run(stage, second)
    assert refused.value.code is ErrorCode.BATCH_RUNNING

    clock.move(LEASE + timedelta(seconds=1))
    assert run(stage, second).signed == 1
    assert batch_of(stage, first).reason == ErrorCode.BATCH_INTERRUPTED
    assert run(stage, first).signed == 2


def test_only_one_run_begins_when_two_are_started_at_once(stage: Stage) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)
    gate = threading.Barrier(2)
    outcomes: list[object] = []

    def go() -> None:
        gate.wait()
        try:
            outcomes.append(run(stage, batch_id).signed)
        except TrinhKyError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert 3 in outcomes
    assert set(outcomes) <= {3, ErrorCode.BATCH_RUNNING, ErrorCode.BATCH_FINISHED}
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_batch_counts_as_cut_off_when_the_store_fails_in_the_middle(
    stage: Stage, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)
    down = threading.Event()

    def start_work() -> UnitOfWork:
        if down.is_set():
            raise StoreUnavailableError("the disk is gone")
        return stage.house.start_work()

    def fail() -> None:
        down.set()
        raise StoreUnavailableError("the disk is gone")

    run_batch = replace(fragile(stage, 2, fail)[0], start_work=start_work)

    with pytest.raises(StoreUnavailableError):
        run_batch(batch_id, stage.actor(LEADER), PIN)

    assert "could not be paused" in caplog.text
    assert batch_of(stage, batch_id).state is BatchState.RUNNING
    clock.move(LEASE + timedelta(seconds=1))
    assert run(stage, batch_id).signed == 3
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def hold_until(stage: Stage, batch_id: BatchId) -> datetime:
    until = batch_of(stage, batch_id).lease_until
    assert until is not None
    return until


def test_batch_stays_held_when_one_signature_takes_longer_than_the_lease(
    stage: Stage, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.batch.heartbeat.HEARTBEAT_SECONDS", 0.02)
    documents = letters(stage, 2)
    batch_id = begun(stage, documents)

    def work_slowly() -> None:
        for _ in range(3):
            clock.move(LEASE * 0.7)
            until = time.monotonic() + 120
            while hold_until(stage, batch_id) < clock.now() + LEASE:
                assert time.monotonic() < until, "nobody renewed the hold"
                time.sleep(0.01)
            settle(stage)

    run_batch, keys = fragile(stage, 1, work_slowly)
    outcome = run_batch(batch_id, stage.actor(LEADER), PIN)

    assert (outcome.signed, outcome.reason) == (2, "")
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))
    assert keys.opened[0].closed
    assert not [each for each in threading.enumerate() if each.name.startswith("batch-hold")]


def test_batch_is_let_go_when_its_key_hangs(
    stage: Stage, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.batch.heartbeat.HEARTBEAT_SECONDS", 0.02)
    batch_id = begun(stage, letters(stage, 1))
    states: list[BatchState] = []

    def hang() -> None:
        clock.move(ITEM_LIMIT + timedelta(seconds=1))
        time.sleep(0.2)
        settle(stage)
        states.append(batch_of(stage, batch_id).state)

    with pytest.raises(ConflictError) as lost:
        fragile(stage, 1, hang)[0](batch_id, stage.actor(LEADER), PIN)

    assert lost.value.code is ErrorCode.BATCH_LOST
    assert states[0] is BatchState.PAUSED


def test_sweep_leaves_the_persons_own_signing_alone_when_a_run_was_cut_off(
    stage: Stage, clock: FixedClock
) -> None:
    """The run ended after it marked the item and before it undertook anything."""
    documents = letters(stage, 1)
    batch_id = begun(stage, documents)
    run_batch = stage.house.use_cases.run_batch
    task_id = stage.task(LEADER, documents[0])

    def end(*_words: object, **_named: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(run_batch.ceremonies), "begin", end)
        with pytest.raises(Killed):
            run(stage, batch_id)
    assert states_of(stage, batch_id) == [ItemState.SIGNING]
    clock.move(LEASE + timedelta(seconds=1))
    own = run_batch.ceremonies.begin(Revision.SIGNED, task_id, stage.actor(LEADER))

    settle(stage)

    assert states_of(stage, batch_id) == [ItemState.WAITING]
    with stage.house.start_reading() as work:
        assert work.intents.get(own.intent.id).state is IntentState.BEGUN


def test_item_names_its_undertaking_when_its_process_was_killed(
    stage: Stage, clock: FixedClock
) -> None:
    documents = letters(stage, 1)
    batch_id = begun(stage, documents)
    cut_off(stage, batch_id, 0)

    [item] = items_of(stage, batch_id)

    with stage.house.start_reading() as work:
        intent = work.intents.find_open(documents[0])
    assert intent is not None
    assert item.intent_id == intent.id
    clock.move(LEASE + timedelta(seconds=1))
    settle(stage)
    with stage.house.start_reading() as work:
        assert work.intents.get(intent.id).state is IntentState.VOIDED


def test_item_is_signed_when_the_person_signed_it_alone_after_the_crash(
    stage: Stage, clock: FixedClock
) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)
    cut_off(stage, batch_id, 1)
    clock.move(INTENT_LIFETIME + timedelta(seconds=1))
    stage.sign(documents[1])

    outcome = run(stage, batch_id)

    assert (outcome.signed, outcome.waiting, outcome.failed) == (3, 0, 0)
    item = items_of(stage, batch_id)[1]
    assert item.result == stage.document(documents[1]).current_revision().digest
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_item_is_signed_when_the_person_signs_it_alone_while_the_batch_runs(stage: Stage) -> None:
    documents = letters(stage, 2)
    batch_id = begun(stage, documents)

    outcome = stage.house.use_cases.run_batch(
        batch_id,
        stage.actor(LEADER),
        PIN,
        progress=lambda _title, done, _total: stage.sign(documents[1]) if done == 1 else None,
    )

    assert (outcome.signed, outcome.failed) == (2, 0)
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_others_go_on_when_one_original_cannot_be_read_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)
    bad = stage.document(documents[0]).current_revision().digest
    read = LocalObjectStore.read

    def fail_to_read(store: LocalObjectStore, digest: Digest) -> bytes:
        if digest == bad:
            raise StoreUnavailableError("Input/output error")
        return read(store, digest)

    monkeypatch.setattr(LocalObjectStore, "read", fail_to_read)
    first = run(stage, batch_id)
    assert (first.signed, first.waiting, first.reason) == (0, 3, ErrorCode.STORE_UNAVAILABLE)

    second = run(stage, batch_id)

    assert (second.signed, second.failed, second.reason) == (2, 1, "")
    assert items_of(stage, batch_id)[0].reason == ErrorCode.STORE_UNAVAILABLE
    monkeypatch.undo()
    assert run(stage, batch_id, retry_failed=True).signed == 3
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_only_that_item_is_failed_when_its_stored_bytes_were_changed(stage: Stage) -> None:
    documents = letters(stage, 2)
    batch_id = begun(stage, documents)
    digest = stage.document(documents[0]).current_revision().digest
    [path] = stage.house.settings.originals_dir.rglob(f"*{digest}*")
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"x")

    run(stage, batch_id)

    first, second = items_of(stage, batch_id)
    assert (first.state, first.reason) == (ItemState.FAILED, ErrorCode.DIGEST_MISMATCH)
    assert second.state is ItemState.SIGNED


def test_batch_pauses_when_it_is_stopped(stage: Stage) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)
    started = stage.house.use_cases.run_batch.start(batch_id, stage.actor(LEADER), PIN)

    with started as running:
        outcome = running.sign_all(lambda *_words: running.stop())

    assert (outcome.signed, outcome.waiting) == (1, 2)
    assert outcome.reason == ErrorCode.BATCH_INTERRUPTED
    assert run(stage, batch_id).signed == 3


def test_ended_batch_frees_what_is_unsigned_when_it_was_paused(stage: Stage) -> None:
    documents = letters(stage, 2)
    batch_id = begun(stage, documents)
    fragile(stage, 2)[0](batch_id, stage.actor(LEADER), PIN)

    stage.house.use_cases.end_batch(batch_id, stage.actor(LEADER))

    assert states_of(stage, batch_id) == [ItemState.SIGNED, ItemState.SKIPPED]
    assert items_of(stage, batch_id)[1].reason == ErrorCode.BATCH_ENDED
    for refused in (
        lambda: run(stage, batch_id),
        lambda: stage.house.use_cases.end_batch(batch_id, stage.actor(LEADER)),
    ):
        with pytest.raises(ConflictError):
            refused()
    stage.sign(documents[1])


# ── time-stamps that come late ─────────────────────────────────────────────────────────────────


class NoStamps:
    """Stand for an authority that does not answer."""

    async def async_token(self, value: bytes) -> bytes | None:
        assert value
        return None


def without_stamps(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = stage.house.use_cases.run_batch.signer
    monkeypatch.setitem(vars(signer), "_other_timestamper", NoStamps())


def test_batch_waits_for_its_stamps_when_the_authority_goes_silent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = letters(stage, 3)
    batch_id = begun(stage, documents)

    def silence(_title: str, done: int, _total: int) -> None:
        if done == 1:
            without_stamps(stage, monkeypatch)

    outcome = stage.house.use_cases.run_batch(batch_id, stage.actor(LEADER), PIN, progress=silence)

    assert (outcome.signed, outcome.waiting, outcome.failed) == (1, 2, 0)
    assert states_of(stage, batch_id)[1:] == [ItemState.AWAITING_STAMP] * 2
    assert batch_of(stage, batch_id).state is BatchState.AWAITING_STAMP
    settle(stage)
    assert batch_of(stage, batch_id).state is BatchState.AWAITING_STAMP

    monkeypatch.undo()
    for document_id in documents[1:]:
        with stage.house.start_reading() as work:
            intent = work.intents.find_open(document_id)
        assert intent is not None
        stage.house.use_cases.run_batch.ceremonies.stamp_parked(intent, stage.actor(LEADER))
    settle(stage)

    assert batch_of(stage, batch_id).state is BatchState.FINISHED
    for item, document_id in zip(items_of(stage, batch_id), documents, strict=True):
        assert item.result == stage.document(document_id).current_revision().digest
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_item_is_failed_when_its_stamp_never_came(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    [document_id] = letters(stage, 1)
    batch_id = begun(stage, [document_id])
    started = stage.house.use_cases.run_batch.start(batch_id, stage.actor(LEADER), PIN)
    without_stamps(stage, monkeypatch)
    with started as running:
        running.sign_all()
    with stage.house.start_work() as work:
        intent = work.intents.find_open(document_id)
        assert intent is not None
        assert intent.state is IntentState.AWAITING_STAMP
        work.intents.save(intent.voided("expired"))
        work.commit()

    settle(stage)

    [item] = items_of(stage, batch_id)
    assert (item.state, item.reason) == (ItemState.FAILED, ErrorCode.TIMESTAMP_GRACE_OVER)
    assert batch_of(stage, batch_id).state is BatchState.FINISHED


def test_parked_signature_is_kept_when_the_signer_made_it_after_the_crash(
    stage: Stage, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = letters(stage, 2)
    batch_id = begun(stage, documents)
    cut_off(stage, batch_id, 0)
    clock.move(INTENT_LIFETIME + timedelta(seconds=1))
    without_stamps(stage, monkeypatch)
    assert stage.house.use_cases.sign_document(
        stage.task(LEADER, documents[0]), stage.actor(LEADER), PIN
    ).awaits_stamp
    monkeypatch.undo()

    outcome = run(stage, batch_id)

    assert (outcome.signed, outcome.waiting, outcome.failed) == (1, 1, 0)
    assert states_of(stage, batch_id)[0] is ItemState.AWAITING_STAMP
    with stage.house.start_reading() as work:
        intent = work.intents.find_open(documents[0])
    assert intent is not None
    stage.house.use_cases.run_batch.ceremonies.stamp_parked(intent, stage.actor(LEADER))
    settle(stage)
    assert batch_of(stage, batch_id).state is BatchState.FINISHED
    assert census(stage.house, documents) == dict.fromkeys(documents, (1, 1, 1))


def test_batch_does_not_begin_when_its_list_gets_no_stamp(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = letters(stage, 1)
    batch_id = begun(stage, documents)
    without_stamps(stage, monkeypatch)

    with pytest.raises(SignerUnavailableError) as refused:
        run(stage, batch_id)

    assert refused.value.code is ErrorCode.TIMESTAMP_UNAVAILABLE
    assert batch_of(stage, batch_id).state is BatchState.PREPARED
    assert stage.document(documents[0]).status is DocumentStatus.AWAITING_SIGNATURE


# ── a token that is pulled out ─────────────────────────────────────────────────────────────────


def test_batch_goes_on_when_the_token_was_pulled_out_and_put_back(
    installation: Path, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    softhsm = a_softhsm(tmp_path / "hsm", monkeypatch)
    monkeypatch.setenv("TRINHKY_PKCS11_MODULE", str(softhsm.module_path))
    house = copy_house(installation, tmp_path / "data", clock)
    stage = Stage(house)
    give_token(stage, softhsm.make_key(KeyType.P256), clock)
    documents = letters(stage, 4)
    batch_id = begun(stage, documents)

    def pull(_title: str, done: int, _total: int) -> None:
        if done == 2:
            softhsm.remove()

    outcome = house.use_cases.run_batch(batch_id, stage.actor(LEADER), TOKEN_PIN, progress=pull)

    assert (outcome.signed, outcome.waiting, outcome.failed) == (2, 2, 0), outcome
    assert outcome.reason in {ErrorCode.SIGNER_UNAVAILABLE, ErrorCode.SIGNER_TOKEN_MISSING}
    with pytest.raises(SignerUnavailableError):
        run(stage, batch_id, TOKEN_PIN)

    softhsm.put_back()
    assert run(stage, batch_id, TOKEN_PIN).signed == 4
    assert census(house, documents) == dict.fromkeys(documents, (1, 1, 1))
    house.close()


def give_token(stage: Stage, made: MadeKey, clock: FixedClock) -> None:
    clock.move(timedelta(minutes=1))
    actor = stage.actor(LEADER)
    issued = authority_of(stage).certify(
        CertificateRequest(
            holder_kind=HolderKind.PERSON,
            holder_id=actor.person_id,
            common_name=actor.full_name,
            organisation="Sở Nội vụ",
        ),
        made.public_key_der,
        key_home=KeyHome.TOKEN,
        key_ref=made.key_ref,
    )
    with stage.house.start_work() as work:
        work.certificates.add(issued)
        work.commit()
