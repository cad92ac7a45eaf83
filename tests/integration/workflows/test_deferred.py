"""Signing with a token at the client: what goes well, and everything that is refused."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from engine.audit import AuditEvent
from engine.clock import FixedClock
from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    ErrorCode,
    NotFoundError,
    NotPermittedError,
    SigningError,
    TrinhKyError,
)
from engine.model.document import DocumentId, DocumentStatus
from engine.model.document import Stage as PdfStage
from engine.model.keys import KeyType
from engine.model.parking import nonce_digest
from engine.model.verification import Verdict
from engine.ports_signing import CertificateHold, HolderKind, Revocation
from signing.authority import LocalCertificateAuthority
from signing.signer import TOKEN_BYTES
from tests.factories.client_key import ClientKey, certify_client
from tests.factories.pki_uploads import a_report
from tests.factories.silent_stamper import SilentStamper
from tests.houses import PIN, RECIPIENTS, Stage
from webui.bootstrap import open_house
from webui.serving import _enqueue_due
from webui.settings import Settings
from workflows.outgoing.begin_deferred import Deferred

LEADER = "snv.lanhdao"
CLERK = "snv.vanthu"


@dataclass
class Desk:
    """Act as the leader's page does, with a key the server never sees."""

    stage: Stage
    key: ClientKey
    document_id: DocumentId

    def begin(self, login: str = LEADER, stage: PdfStage = PdfStage.SIGNED) -> Deferred:
        return self.stage.house.use_cases.begin_deferred(
            self.document_id,
            stage,
            self.stage.task(login, self.document_id),
            self.stage.actor(login),
        )

    def values(self, deferred: Deferred) -> list[bytes]:
        return [self.key.sign(item.attributes) for item in deferred.items]

    def complete(
        self,
        deferred: Deferred,
        values: list[bytes] | None = None,
        *,
        login: str = LEADER,
        nonce: str = "",
        document_id: str = "",
    ) -> None:
        self.stage.house.use_cases.complete_deferred(
            DocumentId(document_id or self.document_id),
            deferred.id,
            nonce or deferred.nonce,
            self.values(deferred) if values is None else values,
            self.stage.actor(login),
        )

    def leaves(self) -> list[tuple[AuditEvent, str]]:
        with self.stage.house.start_reading() as work:
            leaves = work.audit.list_group(self.document_id)
        return [(leaf.event, leaf.details.get("reason", "")) for leaf in leaves]

    def check_free(self, reason: str) -> None:
        """Check that nothing was signed, the failure is on record, and the task is free."""
        document = self.stage.document(self.document_id)
        assert document.status is DocumentStatus.AWAITING_SIGNATURE
        assert [r.stage for r in document.revisions] == [PdfStage.RENDERED]
        assert (AuditEvent.DOCUMENT_SIGN_FAIL, reason) in self.leaves()
        with self.stage.house.start_reading() as work:
            assert work.intents.find_open(self.document_id) is None
        self.complete(self.begin())
        assert self.stage.document(self.document_id).status is DocumentStatus.SIGNED


def a_leader_key(stage: Stage, key_type: KeyType = KeyType.P256) -> ClientKey:
    actor = stage.actor(LEADER)
    key = ClientKey(key_type)
    certify_client(
        stage.house,
        key.public_der,
        holder_kind=HolderKind.PERSON,
        holder_id=actor.person_id,
        name=actor.full_name,
    )
    return key


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage, a_leader_key(stage), stage.to_signature())


@pytest.mark.parametrize("key_type", KeyType)
def test_complete_deferred_signs_when_the_token_made_the_value(
    stage: Stage, key_type: KeyType
) -> None:
    desk = Desk(stage, a_leader_key(stage, key_type), stage.to_signature())

    desk.complete(desk.begin())

    document = stage.document(desk.document_id)
    assert document.status is DocumentStatus.SIGNED
    stage.number(desk.document_id)
    stage.seal(desk.document_id)
    _, pdf = stage.house.use_cases.read_pdf(desk.document_id, stage.actor(CLERK))
    report = stage.house.judge.verify(pdf)
    assert report.verdict is Verdict.PASSED
    assert [each.level for each in report.signatures] == ["B-T", "B-T"]


def test_complete_deferred_seals_when_the_agency_key_is_at_the_clerk(stage: Stage) -> None:
    key = ClientKey()
    certify_client(
        stage.house,
        key.public_der,
        holder_kind=HolderKind.AGENCY,
        holder_id="snv",
        name="Sở Nội vụ",
    )
    desk = Desk(stage, key, stage.to_signature())
    stage.sign(desk.document_id)
    stage.number(desk.document_id)

    desk.complete(desk.begin(CLERK, PdfStage.SEALED), login=CLERK)

    assert stage.document(desk.document_id).status is DocumentStatus.SEALED
    _, pdf = stage.house.use_cases.read_pdf(desk.document_id, stage.actor(CLERK))
    assert stage.house.judge.verify(pdf).verdict is Verdict.PASSED


def test_begin_deferred_stores_only_the_digest_of_the_nonce(desk: Desk) -> None:
    deferred = desk.begin()

    with desk.stage.house.start_reading() as work:
        parked = work.parking.find(deferred.id)
    assert parked is not None
    assert deferred.nonce not in repr(parked)
    assert parked.nonce_digest == nonce_digest(deferred.nonce)
    assert len(bytes.fromhex(deferred.nonce)) * 8 == 256
    assert parked.expires_at - parked.begun_at == timedelta(minutes=5)


def test_complete_deferred_is_refused_when_it_was_used_before(desk: Desk) -> None:
    deferred = desk.begin()
    values = desk.values(deferred)
    desk.complete(deferred, values)

    with pytest.raises(ConflictError) as refused:
        desk.complete(deferred, values)

    assert refused.value.code is ErrorCode.PARKED_USED
    assert desk.stage.document(desk.document_id).status is DocumentStatus.SIGNED
    assert (AuditEvent.PARKED_REFUSE, ErrorCode.PARKED_USED) in desk.leaves()


def test_complete_deferred_signs_once_when_two_come_back_at_once(desk: Desk) -> None:
    deferred = desk.begin()
    values = desk.values(deferred)

    def attempt(_: int) -> str:
        try:
            desk.complete(deferred, values)
        except TrinhKyError as error:
            return error.code
        return "signed"

    with ThreadPoolExecutor(4) as threads:
        outcomes = sorted(threads.map(attempt, range(4)))

    assert outcomes == [*[ErrorCode.PARKED_USED] * 3, "signed"]
    document = desk.stage.document(desk.document_id)
    assert [each.field for each in document.signatures] == ["lanh_dao"]


def test_complete_deferred_is_refused_after_five_minutes(desk: Desk, clock: FixedClock) -> None:
    deferred = desk.begin()
    clock.move(timedelta(minutes=5, seconds=1))

    with pytest.raises(ConflictError) as refused:
        desk.complete(deferred)

    assert refused.value.code is ErrorCode.PARKED_EXPIRED
    desk.check_free(ErrorCode.PARKED_EXPIRED)


def test_complete_deferred_is_not_found_when_another_person_comes(desk: Desk) -> None:
    deferred = desk.begin()

    with pytest.raises(NotFoundError) as refused:
        desk.complete(deferred, login="stc.lanhdao")

    assert refused.value.code is ErrorCode.PARKED_NOT_YOURS
    assert (AuditEvent.PARKED_REFUSE, ErrorCode.PARKED_NOT_YOURS) in desk.leaves()
    # A stranger cannot use it up: its owner still may come back.
    desk.complete(deferred)
    assert desk.stage.document(desk.document_id).status is DocumentStatus.SIGNED


def test_complete_deferred_is_not_found_when_nothing_is_parked(desk: Desk) -> None:
    with pytest.raises(NotFoundError) as refused:
        desk.stage.house.use_cases.complete_deferred(
            desk.document_id, "no-such", "nonce", [b"value"], desk.stage.actor(LEADER)
        )

    assert refused.value.code is ErrorCode.PARKED_NOT_YOURS


def test_complete_deferred_is_refused_when_it_is_for_another_document(desk: Desk) -> None:
    other = desk.stage.to_signature()
    deferred = desk.begin()

    with pytest.raises(ConflictError) as refused:
        desk.complete(deferred, document_id=other)

    assert refused.value.code is ErrorCode.PARKED_MISMATCH
    assert desk.stage.document(other).status is DocumentStatus.AWAITING_SIGNATURE
    desk.check_free(ErrorCode.PARKED_MISMATCH)


def test_complete_deferred_is_refused_when_the_nonce_is_another(desk: Desk) -> None:
    with pytest.raises(ConflictError) as refused:
        desk.complete(desk.begin(), nonce="0" * 64)

    assert refused.value.code is ErrorCode.PARKED_MISMATCH
    desk.check_free(ErrorCode.PARKED_MISMATCH)


@pytest.mark.parametrize("count", [0, 2])
def test_complete_deferred_is_refused_when_values_are_too_few_or_many(
    desk: Desk, count: int
) -> None:
    deferred = desk.begin()

    with pytest.raises(ConflictError) as refused:
        desk.complete(deferred, desk.values(deferred) * count)

    assert refused.value.code is ErrorCode.PARKED_MISMATCH
    desk.check_free(ErrorCode.PARKED_MISMATCH)


@pytest.mark.parametrize(
    "garble",
    [
        lambda value: b"",
        lambda value: b"\x00" * 256,
        lambda value: value[:-1],
        lambda value: value + b"\x00",
        lambda value: b"\x30\x82\xff\xff" + value,
        lambda value: value[:-1] + bytes([value[-1] ^ 1]),
    ],
    ids=["empty", "zeros", "short", "long", "lying-length", "one-bit"],
)
def test_complete_deferred_is_refused_when_the_value_is_garbage(
    desk: Desk, garble: Callable[[bytes], bytes]
) -> None:
    deferred = desk.begin()

    with pytest.raises(SigningError) as refused:
        desk.complete(deferred, [garble(value) for value in desk.values(deferred)])

    assert refused.value.code is ErrorCode.SIGNATURE_VALUE_WRONG
    desk.check_free(ErrorCode.SIGNATURE_VALUE_WRONG)


def test_complete_deferred_is_refused_when_another_key_made_the_value(desk: Desk) -> None:
    deferred = desk.begin()

    with pytest.raises(SigningError) as refused:
        desk.complete(deferred, [ClientKey().sign(deferred.items[0].attributes)])

    assert refused.value.code is ErrorCode.SIGNATURE_VALUE_WRONG
    desk.check_free(ErrorCode.SIGNATURE_VALUE_WRONG)


def test_complete_deferred_is_refused_when_the_value_is_of_another_document(desk: Desk) -> None:
    other = Desk(desk.stage, desk.key, desk.stage.to_signature(subject="một văn bản khác hẳn"))
    values = other.values(other.begin())

    with pytest.raises(SigningError) as refused:
        desk.complete(desk.begin(), values)

    assert refused.value.code is ErrorCode.SIGNATURE_VALUE_WRONG
    desk.check_free(ErrorCode.SIGNATURE_VALUE_WRONG)


def test_begin_deferred_gives_up_what_the_same_person_left_open(desk: Desk) -> None:
    earlier = desk.begin()

    later = desk.begin()

    assert (AuditEvent.DOCUMENT_SIGN_FAIL, ErrorCode.PARKED_RESTARTED) in desk.leaves()
    with pytest.raises(ConflictError) as refused:
        desk.complete(earlier)
    assert refused.value.code is ErrorCode.PARKED_USED
    desk.complete(later)
    assert desk.stage.document(desk.document_id).status is DocumentStatus.SIGNED


def test_cancel_deferred_frees_the_task_at_once(desk: Desk) -> None:
    deferred = desk.begin()

    desk.stage.house.use_cases.cancel_deferred(deferred.id, desk.stage.actor(LEADER))

    with pytest.raises(ConflictError) as refused:
        desk.complete(deferred)
    assert refused.value.code is ErrorCode.PARKED_USED
    desk.check_free(ErrorCode.PARKED_CANCELLED)


def test_cancel_deferred_is_not_found_when_another_person_asks(desk: Desk) -> None:
    deferred = desk.begin()

    with pytest.raises(NotFoundError):
        desk.stage.house.use_cases.cancel_deferred(deferred.id, desk.stage.actor("stc.lanhdao"))

    desk.complete(deferred)
    assert desk.stage.document(desk.document_id).status is DocumentStatus.SIGNED


def test_begin_deferred_is_refused_when_the_key_is_at_the_server(stage: Stage) -> None:
    desk = Desk(stage, ClientKey(), stage.to_signature())

    with pytest.raises(CertificateRejectedError) as refused:
        desk.begin()

    assert refused.value.code is ErrorCode.SIGNER_NOT_AT_CLIENT
    stage.sign(desk.document_id)
    assert stage.document(desk.document_id).status is DocumentStatus.SIGNED


def test_begin_deferred_is_refused_when_the_task_is_another_persons(desk: Desk) -> None:
    stage = desk.stage
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.begin_deferred(
            desk.document_id,
            PdfStage.SIGNED,
            stage.task(LEADER, desk.document_id),
            stage.actor("stc.lanhdao"),
        )


def test_complete_deferred_is_refused_when_the_certificate_was_revoked_meanwhile(
    desk: Desk,
) -> None:
    house = desk.stage.house
    deferred = desk.begin()
    authority = LocalCertificateAuthority(house.settings.pki_dir, house.clock)
    revocation = Revocation(
        certificate_id=deferred.certificate.id,
        revoked_at=house.clock.now(),
        reason="key_compromise",
    )
    authority.publish_crl([revocation], house.clock.now())

    with pytest.raises(SigningError):
        desk.complete(deferred)

    assert desk.stage.document(desk.document_id).status is DocumentStatus.AWAITING_SIGNATURE


@pytest.mark.parametrize("is_revoked", [False, True])
def test_complete_deferred_is_refused_when_the_register_alone_has_stopped_the_certificate(
    desk: Desk, is_revoked: bool
) -> None:
    deferred, now = desk.begin(), desk.stage.house.clock.now()
    found = deferred.certificate.id
    with desk.stage.house.start_work() as work:
        if is_revoked:
            work.certificates.add_revocation(
                Revocation(certificate_id=found, revoked_at=now, reason="key_compromise")
            )
        else:
            work.certificates.add_hold(
                CertificateHold(certificate_id=found, held_at=now, reason="mất token")
            )
        work.commit()

    with pytest.raises(CertificateRejectedError) as refused:
        desk.complete(deferred)

    assert refused.value.code is ErrorCode.CERTIFICATE_REVOKED
    assert (AuditEvent.DOCUMENT_SIGN_FAIL, ErrorCode.CERTIFICATE_REVOKED) in desk.leaves()
    assert desk.stage.document(desk.document_id).status is DocumentStatus.AWAITING_SIGNATURE


def test_sign_document_names_the_other_way_when_the_key_is_at_the_client(desk: Desk) -> None:
    with pytest.raises(SigningError) as refused:
        desk.stage.sign(desk.document_id, pin=PIN)

    assert refused.value.code is ErrorCode.SIGNER_AT_CLIENT


def test_complete_deferred_seals_every_attachment_with_a_value_of_its_own(stage: Stage) -> None:
    key = ClientKey()
    certify_client(
        stage.house,
        key.public_der,
        holder_kind=HolderKind.AGENCY,
        holder_id="snv",
        name="Sở Nội vụ",
    )
    document_id = stage.draft(recipients=RECIPIENTS[:1])
    drafter = stage.actor("snv.chuyenvien")
    for title in ("Phụ lục I: số liệu", "Phụ lục II: biểu mẫu"):
        stage.house.use_cases.add_attachment(document_id, title, a_report(title), drafter)
    for step in (stage.submit, stage.review, stage.check, stage.sign, stage.number):
        step(document_id)
    desk = Desk(stage, key, document_id)
    deferred = desk.begin(CLERK, PdfStage.SEALED)
    assert len({item.digest for item in deferred.items}) == 3

    # The values belong to their files: another order is refused, and nothing is sealed.
    with pytest.raises(SigningError):
        desk.complete(deferred, desk.values(deferred)[::-1], login=CLERK)
    assert stage.document(document_id).status is DocumentStatus.NUMBERED
    desk.complete(desk.begin(CLERK, PdfStage.SEALED), login=CLERK)

    with stage.house.start_reading() as work:
        attachments = work.attachments.list_for(document_id)
    assert stage.document(document_id).status is DocumentStatus.SEALED
    for each in attachments:
        _, pdf = stage.house.use_cases.read_attachment(document_id, each.id, drafter)
        assert stage.house.judge.verify(pdf).verdict is Verdict.PASSED


def test_complete_deferred_waits_in_sight_when_no_time_stamp_comes(
    installation: Path, tmp_path: Path, clock: FixedClock
) -> None:
    shutil.copytree(installation, tmp_path / "late")
    settings = Settings(data_dir=tmp_path / "late")
    stamper = SilentStamper(settings.pki_dir, clock)
    house = open_house(settings, clock=clock, timestamper=stamper)
    stage = Stage(house)
    desk = Desk(stage, a_leader_key(stage), stage.to_signature())
    deferred = desk.begin()
    stamper.is_silent = True

    kept = house.use_cases.complete_deferred(
        desk.document_id,
        deferred.id,
        deferred.nonce,
        desk.values(deferred),
        stage.actor(LEADER),
    )

    assert kept.awaits_stamp
    assert stage.document(desk.document_id).status is DocumentStatus.AWAITING_SIGNATURE
    # What waits for its time-stamp is not begun anew.
    with pytest.raises(ConflictError) as refused:
        desk.begin()
    assert refused.value.code is ErrorCode.TIMESTAMP_AWAITED
    stamper.is_silent = False
    with house.start_work() as work:
        work.jobs.enqueue("complete_stamps", "complete_stamps:test", {})
        work.commit()
    stage.run_jobs()
    assert stage.document(desk.document_id).status is DocumentStatus.SIGNED
    house.close()


def test_complete_deferred_signs_at_once_when_the_time_stamp_is_large(
    installation: Path, tmp_path: Path, clock: FixedClock
) -> None:
    shutil.copytree(installation, tmp_path / "large")
    settings = Settings(data_dir=tmp_path / "large")
    stamper = SilentStamper(settings.pki_dir, clock)
    house = open_house(settings, clock=clock, timestamper=stamper)
    stage = Stage(house)
    stamper.grow(9)
    assert len(stamper.token(bytes(32))) > TOKEN_BYTES
    desk = Desk(stage, a_leader_key(stage), stage.to_signature())

    desk.complete(desk.begin())

    assert stage.document(desk.document_id).status is DocumentStatus.SIGNED
    house.close()


@pytest.mark.parametrize("nonce", ["\ud800" * 64, "", "0" * 63, "0" * 63 + "A", "٠" * 64])
def test_complete_deferred_is_refused_when_the_nonce_is_none(desk: Desk, nonce: str) -> None:
    deferred = desk.begin()

    with pytest.raises(ConflictError) as refused:
        desk.stage.house.use_cases.complete_deferred(
            desk.document_id, deferred.id, nonce, desk.values(deferred), desk.stage.actor(LEADER)
        )

    assert refused.value.code is ErrorCode.PARKED_MISMATCH


def test_sweep_forgets_what_was_prepared_a_day_after_it_expired(
    desk: Desk, clock: FixedClock
) -> None:
    house, deferred = desk.stage.house, desk.begin()
    desk.complete(deferred)
    clock.move(timedelta(hours=24))
    _enqueue_due(house, 2)
    desk.stage.run_jobs()
    with house.start_reading() as work:
        assert work.parking.find(deferred.id) is not None
    clock.move(timedelta(minutes=6))

    _enqueue_due(house, 2)
    desk.stage.run_jobs()

    with house.start_reading() as work:
        assert work.parking.find(deferred.id) is None
        assert not work.parking.has_older(clock.now())
