"""Signatures made while the time-stamp authority is silent: parked, in sight, completed once."""

import shutil
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    ErrorCode,
    SignerUnavailableError,
    StoreUnavailableError,
)
from engine.model.document import DocumentId, DocumentStatus
from engine.model.outage import Service
from engine.model.signing_intent import TIMESTAMP_GRACE, IntentState, SigningIntent
from engine.model.verification import Verdict
from signing.signer import OTHER_TOKEN_BYTES
from tests.factories.silent_stamper import SilentStamper
from tests.houses import PIN, Stage, standing_clock
from webui.bootstrap import open_house
from webui.serving import _enqueue_due
from webui.settings import Settings

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> FixedClock:
    return standing_clock()


@pytest.fixture
def town(
    installation: Path, tmp_path: Path, clock: FixedClock
) -> Iterator[tuple[Stage, SilentStamper]]:
    data_dir = tmp_path / "late"
    shutil.copytree(installation, data_dir)
    settings = Settings(data_dir=data_dir)
    stamper = SilentStamper(settings.pki_dir, clock)
    house = open_house(settings, clock=clock, timestamper=stamper)
    yield Stage(house), stamper
    house.close()


@pytest.fixture
def stage(town: tuple[Stage, SilentStamper]) -> Stage:
    return town[0]


@pytest.fixture
def stamper(town: tuple[Stage, SilentStamper]) -> SilentStamper:
    return town[1]


def waiting(stage: Stage) -> list[SigningIntent]:
    with stage.house.start_reading() as work:
        return list(work.intents.list_awaiting())


def signed_in_silence(stage: Stage, stamper: SilentStamper) -> DocumentId:
    document_id = stage.to_signature()
    stamper.is_silent = True
    stage.sign(document_id)
    return document_id


def look(stage: Stage, job: str = "complete_stamps") -> None:
    """Do what the sweep of a minute does."""
    with stage.house.start_work() as work:
        work.jobs.enqueue(job, f"{job}:{uuid.uuid4()}", {})
        work.commit()
    stage.run_jobs()


def audited(stage: Stage, document_id: DocumentId) -> list[str]:
    with stage.house.start_reading() as work:
        return [leaf.event.value for leaf in work.audit.list_group(document_id)]


def test_sign_document_parks_the_signature_when_no_time_stamp_comes(
    stage: Stage, stamper: SilentStamper, clock: FixedClock
) -> None:
    document_id = signed_in_silence(stage, stamper)

    (intent,) = waiting(stage)
    document = stage.document(document_id)
    assert document.status is DocumentStatus.AWAITING_SIGNATURE
    assert intent.state is IntentState.AWAITING_STAMP
    assert intent.expires_at == clock.now() + TIMESTAMP_GRACE
    assert not document.signatures
    with stage.house.start_reading() as work:
        outage = work.outages.find(Service.TIMESTAMP)
    assert outage is not None
    assert outage.since == clock.now()
    assert "document.signing.park" in audited(stage, document_id)


def test_complete_stamps_records_one_signature_when_the_authority_is_back(
    stage: Stage, stamper: SilentStamper, clock: FixedClock
) -> None:
    document_id = signed_in_silence(stage, stamper)
    clock.move(TIMESTAMP_GRACE - MINUTE)
    stage.run_jobs()
    assert stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE
    stamper.is_silent = False

    look(stage)
    look(stage)

    document = stage.document(document_id)
    assert document.status is DocumentStatus.SIGNED
    assert len(document.signatures) == 1
    assert not waiting(stage)
    assert audited(stage, document_id).count("document.signing.complete") == 1
    with stage.house.start_reading() as work:
        assert work.outages.find(Service.TIMESTAMP) is None
    stage.number(document_id)
    stage.seal(document_id)
    _digest, pdf = stage.house.use_cases.read_pdf(document_id, stage.actor("snv.vanthu"))
    report = stage.house.judge.verify(pdf)
    assert report.verdict is Verdict.PASSED, report.message
    assert [entry.level for entry in report.signatures] == ["B-T", "B-T"]


def test_seal_document_waits_and_goes_out_when_the_authority_is_back(
    stage: Stage, stamper: SilentStamper
) -> None:
    document_id = stage.to_signature()
    stage.sign(document_id)
    stage.number(document_id)
    stamper.is_silent = True
    stage.seal(document_id)
    assert stage.document(document_id).status is DocumentStatus.NUMBERED
    stamper.is_silent = False

    look(stage)

    assert stage.document(document_id).status is DocumentStatus.DISPATCHED


def test_complete_stamps_signs_nothing_twice_when_it_stops_before_recording(
    stage: Stage, stamper: SilentStamper, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = signed_in_silence(stage, stamper)
    parked = waiting(stage)[0].parked
    stamper.is_silent = False
    store = type(stage.house.use_cases.sign_document.ceremonies.originals)

    def stopped(*_words: object) -> str:
        raise StoreUnavailableError("the machine stopped here")

    with monkeypatch.context() as patch:
        patch.setattr(store, "add", stopped)
        look(stage)
    assert stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE
    assert waiting(stage)[0].parked == parked

    look(stage)

    document = stage.document(document_id)
    assert (document.status, len(document.signatures)) == (DocumentStatus.SIGNED, 1)


def test_nothing_else_happens_to_a_document_when_its_time_stamp_is_awaited(
    stage: Stage, stamper: SilentStamper
) -> None:
    document_id = signed_in_silence(stage, stamper)
    leader, task = stage.actor("snv.lanhdao"), stage.task("snv.lanhdao", document_id)

    with pytest.raises(ConflictError) as again:
        stage.sign(document_id)
    with pytest.raises(ConflictError) as back:
        stage.house.use_cases.return_document(task, leader, "Bổ sung thời hạn.")

    assert again.value.code is back.value.code is ErrorCode.TIMESTAMP_AWAITED
    assert len(waiting(stage)) == 1


def test_sign_document_is_refused_when_the_grace_is_over(
    stage: Stage, stamper: SilentStamper, clock: FixedClock
) -> None:
    other = stage.to_signature()
    document_id = signed_in_silence(stage, stamper)
    clock.move(TIMESTAMP_GRACE + MINUTE)

    with pytest.raises(SignerUnavailableError) as caught:
        stage.sign(other)

    assert caught.value.code is ErrorCode.TIMESTAMP_GRACE_OVER
    look(stage, "void_stale_signings")
    assert not waiting(stage)
    assert "document.signing.fail" in audited(stage, document_id)
    with stage.house.start_reading() as work:
        rows = work.queries.list_stuck(clock.now())
    assert [(row.kind, row.document_id, row.reason) for row in rows] == [
        ("stamp", document_id, ErrorCode.TIMESTAMP_GRACE_OVER)
    ]


def test_sign_document_signs_again_when_the_authority_came_back_after_the_grace(
    stage: Stage, stamper: SilentStamper, clock: FixedClock
) -> None:
    document_id = signed_in_silence(stage, stamper)
    clock.move(TIMESTAMP_GRACE + MINUTE)
    look(stage, "void_stale_signings")
    stamper.is_silent = False
    look(stage)

    stage.sign(document_id)

    document = stage.document(document_id)
    assert (document.status, len(document.signatures)) == (DocumentStatus.SIGNED, 1)
    with stage.house.start_reading() as work:
        assert not work.queries.list_stuck(clock.now())


def test_list_stuck_shows_what_waits_until_when(
    stage: Stage, stamper: SilentStamper, clock: FixedClock
) -> None:
    document_id = signed_in_silence(stage, stamper)

    with stage.house.start_reading() as work:
        rows = work.queries.list_stuck(clock.now())
        tasks = work.queries.list_tasks_on(stage.actor("snv.lanhdao"), document_id)

    assert [(row.kind, row.document_id, row.since, row.reason) for row in rows] == [
        ("stamp", document_id, clock.now(), ErrorCode.TIMESTAMP_UNAVAILABLE)
    ]
    assert [task.awaits_stamp for task in tasks] == [True]


def test_list_stuck_says_what_else_keeps_a_signature_waiting(
    stage: Stage, stamper: SilentStamper, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in_silence(stage, stamper)
    stamper.is_silent = False
    ceremonies = type(stage.house.use_cases.sign_document.ceremonies)

    def stale(*_words: object) -> None:
        raise CertificateRejectedError("old list", code=ErrorCode.REVOCATION_STALE)

    with monkeypatch.context() as patch:
        patch.setattr(ceremonies, "stamp_parked", stale)
        look(stage)

    with stage.house.start_reading() as work:
        [row] = work.queries.list_stuck(clock.now())
    assert row.reason == ErrorCode.REVOCATION_STALE
    look(stage)
    with stage.house.start_reading() as work:
        assert not work.queries.list_stuck(clock.now())


def test_complete_stamps_voids_the_signature_when_the_signer_has_left(
    stage: Stage, stamper: SilentStamper, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = signed_in_silence(stage, stamper)
    stamper.is_silent = False
    organisation = stage.house.start_reading
    with organisation() as work:
        kind = type(work.organisation)
    monkeypatch.setattr(kind, "list_posts_of", lambda *_words: [])

    look(stage)

    assert not waiting(stage)
    assert not stage.document(document_id).signatures
    assert "document.signing.fail" in audited(stage, document_id)


def test_complete_stamps_records_when_the_late_time_stamp_is_large(
    stage: Stage, stamper: SilentStamper
) -> None:
    document_id = signed_in_silence(stage, stamper)
    stamper.is_silent = False
    stamper.grow(9)
    assert 8_000 < len(stamper.token(bytes(32))) < OTHER_TOKEN_BYTES

    look(stage)

    assert stage.document(document_id).status is DocumentStatus.SIGNED


def test_complete_stamps_voids_at_once_when_the_time_stamp_will_never_fit(
    stage: Stage, stamper: SilentStamper
) -> None:
    document_id = signed_in_silence(stage, stamper)
    (intent,) = waiting(stage)
    stamper.is_silent = False
    stamper.grow(24)
    assert len(stamper.token(bytes(32))) > OTHER_TOKEN_BYTES

    look(stage)

    with stage.house.start_reading() as work:
        voided = work.intents.get(intent.id)
        tasks = work.queries.list_tasks_on(stage.actor("snv.lanhdao"), document_id)
    assert (voided.state, voided.reason) == (IntentState.VOIDED, ErrorCode.TIMESTAMP_TOO_LARGE)
    assert [task.awaits_stamp for task in tasks] == [False]
    # The person signs again, and by now there is room.
    stage.sign(document_id)
    assert stage.document(document_id).status is DocumentStatus.SIGNED


def test_the_pin_is_asked_once_when_the_time_stamp_is_late(
    stage: Stage, stamper: SilentStamper, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = signed_in_silence(stage, stamper)
    stamper.is_silent = False
    opened: list[object] = []
    pins = type(stage.house.use_cases.sign_document.pins)
    monkeypatch.setattr(pins, "open", lambda *words: opened.append(words))

    look(stage)

    assert stage.document(document_id).status is DocumentStatus.SIGNED
    assert PIN
    assert not opened


def test_sweep_completes_what_waits_and_plans_what_is_sealed(
    stage: Stage, stamper: SilentStamper, clock: FixedClock
) -> None:
    sealed = stage.issue()
    document_id = signed_in_silence(stage, stamper)
    stage.run_jobs()
    stamper.is_silent = False
    clock.move(MINUTE)

    _enqueue_due(stage.house, 2)
    stage.run_jobs()

    assert stage.document(document_id).status is DocumentStatus.SIGNED
    with stage.house.start_reading() as work:
        assert work.preservations.find(sealed) is not None
        assert work.outages.find(Service.TIMESTAMP) is None
