"""PINs of a remote service: counted like all others, and refused in the same time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from engine.audit import AuditEvent
from engine.errors import ErrorCode, PinRejectedError, SignerUnavailableError, SigningError
from engine.model.keys import KeyHome, KeyType
from engine.model.pin import MAX_PIN_TRIES, PinCounter
from engine.pin_guard import REFUSAL_SECONDS, PinGuard
from signing.keys.remote import OPEN_SECONDS, RemoteKeys, RemoteService
from signing.outbound import TIMEOUT_SECONDS, Outbound
from tests.fakes.csc_service import BEARER, Credential, CscService, csc_service
from tests.houses import Stage

LEADER = "snv.lanhdao"
PIN = "204680"
OTP = "731902"
RIGHT = f"{PIN} {OTP}"


@pytest.fixture
def service() -> Iterator[CscService]:
    with csc_service() as running:
        yield running


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "csc-token"
    path.write_text(BEARER, encoding="ascii")
    return path


@pytest.fixture
def keys(service: CscService, token_file: Path) -> RemoteKeys:
    return RemoteKeys(RemoteService.at(service.url, token_file))


class SlowOutbound(Outbound):
    """Take some seconds for each answer, on a clock of its own; give up when told earlier."""

    def __init__(self, seconds: float) -> None:
        super().__init__(("127.0.0.1",))
        self.seconds = seconds
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def post(self, *words: Any, timeout_seconds: float | None = None) -> bytes:
        allowed = timeout_seconds or TIMEOUT_SECONDS
        self.now += min(self.seconds, allowed)
        if allowed < self.seconds:
            raise SignerUnavailableError("took too long")
        return super().post(*words)


@dataclass
class Door:
    """Hold a credential of the service, and the guard before it."""

    stage: Stage
    guard: PinGuard
    credential: Credential

    def tries(self, pin: str) -> bool:
        """Open and sign; tell whether the PIN was taken."""
        try:
            with self.guard.open(
                self.credential.certificate, pin, self.stage.actor(LEADER)
            ) as key:
                key.sign(b"attributes")
        except PinRejectedError:
            return False
        return True

    def counter(self) -> PinCounter:
        person = self.stage.actor(LEADER).person_id
        with self.stage.house.start_reading() as work:
            return work.pins.get(self.credential.certificate.id, person)

    def locks(self) -> int:
        subject = f"certificate:{self.credential.certificate.id}"
        with self.stage.house.start_reading() as work:
            leaves = work.audit.list_group("")
        return [(leaf.event, leaf.subject) for leaf in leaves].count(
            (AuditEvent.PIN_LOCK, subject)
        )


def a_door(stage: Stage, keys: RemoteKeys, credential: Credential) -> Door:
    leader = stage.actor(LEADER)
    credential.certificate = replace(credential.certificate, holder_id=leader.person_id)
    with stage.house.start_work() as work:
        work.certificates.add(credential.certificate)
        work.commit()
    guard = stage.house.use_cases.sign_document.pins
    quick = replace(guard, keys=keys, sleep=lambda _seconds: None)
    return Door(stage=stage, guard=quick, credential=credential)


@pytest.fixture
def bound(stage: Stage, service: CscService, keys: RemoteKeys) -> Door:
    """Return a credential whose PIN and password are judged with the first digest."""
    return a_door(stage, keys, service.add(KeyType.P256, pin=PIN, otp=OTP, scal="2"))


def test_fifth_wrong_pin_locks_when_it_shows_at_signing_only(
    bound: Door, service: CscService
) -> None:
    assert not any(bound.tries(f"00000{number} {OTP}") for number in range(MAX_PIN_TRIES))

    assert bound.counter().is_locked
    assert bound.locks() == 1
    asked = len(service.asked)
    assert not bound.tries(RIGHT)
    assert len(service.asked) == asked


def test_count_is_cleared_by_the_first_signature_and_not_by_opening(bound: Door) -> None:
    assert not bound.tries(f"000000 {OTP}")

    actor = bound.stage.actor(LEADER)
    with bound.guard.open(bound.credential.certificate, RIGHT, actor) as key:
        assert bound.counter().tries == 2
        key.sign(b"attributes")
        assert bound.counter().tries == 0


def test_try_is_given_back_when_the_key_was_never_asked(bound: Door) -> None:
    actor = bound.stage.actor(LEADER)
    for _ in range(MAX_PIN_TRIES + 1):
        with bound.guard.open(bound.credential.certificate, RIGHT, actor):
            pass

    assert bound.counter().tries == 0


def test_try_is_given_back_and_the_key_closed_when_the_service_fails(
    bound: Door, service: CscService
) -> None:
    actor = bound.stage.actor(LEADER)
    with bound.guard.open(bound.credential.certificate, RIGHT, actor) as key:
        service.faults["credentials/authorize"] = lambda: (503, b"")
        with pytest.raises(SignerUnavailableError):
            key.sign(b"attributes")
        service.faults.clear()
        with pytest.raises(SignerUnavailableError):
            key.sign(b"attributes")

    assert bound.counter().tries == 0


def test_one_password_signs_once_and_a_second_signature_says_so(bound: Door) -> None:
    actor = bound.stage.actor(LEADER)
    with bound.guard.open(bound.credential.certificate, RIGHT, actor) as key:
        key.sign(b"attributes")
        with pytest.raises(SigningError) as refused:
            key.sign(b"of an attachment")

    assert refused.value.code is ErrorCode.SIGNER_SIGNS_ONCE
    assert bound.counter().tries == 0


@pytest.mark.parametrize("scal", ["1", "2"])
def test_wrong_and_locked_take_the_same_time_when_the_service_is_slow(
    stage: Stage, service: CscService, keys: RemoteKeys, scal: str
) -> None:
    otp = OTP if scal == "2" else ""
    door = a_door(stage, keys, service.add(KeyType.P256, pin=PIN, otp=otp, scal=scal))
    answer = service.answer

    now = 0.0
    waited: list[float] = []

    def slow(*words: Any) -> Any:
        nonlocal now
        now += 0.25
        return answer(*words)

    def sleep(seconds: float) -> None:
        nonlocal now
        waited.append(seconds)
        now += seconds

    service.answer = slow  # type: ignore[method-assign]
    door.guard = replace(door.guard, monotonic=lambda: now, sleep=sleep)
    seconds = []
    for _ in range(MAX_PIN_TRIES + 2):
        begun = now
        assert not door.tries(f"000000 {otp}".strip())
        seconds.append(now - begun)

    assert door.counter().is_locked
    # The wrong ones were asked of the service, so there was less to wait for.
    assert max(waited[:MAX_PIN_TRIES]) <= min(waited[MAX_PIN_TRIES:]) - 0.5
    assert set(seconds) == {REFUSAL_SECONDS[KeyHome.REMOTE]}


@pytest.mark.parametrize("seconds", [2.5, 3.5, 60])
def test_opening_is_cut_off_before_a_refusal_would_be_told(
    stage: Stage, service: CscService, token_file: Path, seconds: float
) -> None:
    slow = SlowOutbound(seconds)
    keys = RemoteKeys(RemoteService(service.url, token_file, slow), monotonic=slow.monotonic)
    door = a_door(stage, keys, service.add(KeyType.P256, pin=PIN))

    with pytest.raises(SignerUnavailableError):
        door.tries("000000")

    assert slow.now <= OPEN_SECONDS < REFUSAL_SECONDS[KeyHome.REMOTE]
    assert door.counter().tries == 0


def test_begin_batch_refuses_when_the_key_wants_a_password_for_each(
    bound: Door, keys: RemoteKeys
) -> None:
    stage = bound.stage
    document_id = stage.to_signature()
    taken_up = replace(
        bound.credential.certificate,
        id="ab" * 10,
        sha256="ab" * 32,
        not_before=stage.house.clock.now(),
    )
    with stage.house.start_work() as work:
        work.certificates.add(taken_up)
        work.commit()
    begin = replace(stage.house.use_cases.begin_batch, keys=keys)

    with pytest.raises(SigningError) as refused:
        begin([stage.task(LEADER, document_id)], stage.actor(LEADER))

    assert refused.value.code is ErrorCode.SIGNER_SIGNS_ONCE
    with stage.house.start_reading() as work:
        assert not work.batches.list_recent(stage.actor(LEADER).person_id)
