"""The count of wrong PINs: five, then a second person; nothing tells wrong from locked."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.audit import AuditEvent
from engine.errors import (
    ErrorCode,
    PinRejectedError,
    SignerUnavailableError,
    StoreUnavailableError,
)
from engine.model.document import DocumentStatus
from engine.model.pin import MAX_PIN_TRIES, PinCounter
from engine.pin_guard import REFUSAL_SECONDS, PinGuard
from engine.ports import UnitOfWork
from engine.ports_keys import OpenKey, SigningKeys
from engine.ports_signing import HolderKind, IssuedCertificate
from tests.houses import PIN, Stage

WRONG = "000000"


class CountingKeys:
    """Pass on to the house's keys, and count how often one was asked."""

    def __init__(self, keys: SigningKeys, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.keys = keys
        self.meanwhile = meanwhile
        self.asked = 0

    def open(self, certificate: IssuedCertificate, pin: str) -> OpenKey:
        self.asked += 1
        self.meanwhile()
        self.opened = self.keys.open(certificate, pin)
        return self.opened

    def check_signs_many(self, certificate: IssuedCertificate) -> None:
        self.keys.check_signs_many(certificate)


class GoneKeys:
    """Stand for a token that was pulled out."""

    def check_signs_many(self, certificate: IssuedCertificate) -> None:
        raise SignerUnavailableError(f"no token for {certificate.id}")

    def open(self, certificate: IssuedCertificate, pin: str) -> OpenKey:
        raise SignerUnavailableError(f"no token for {certificate.id}, {len(pin)} digits")


@pytest.fixture
def guard(stage: Stage) -> PinGuard:
    """Return the house's guard; its refusals take no time."""
    return replace(stage.house.use_cases.sign_document.pins, sleep=lambda _seconds: None)


def certificate_of(stage: Stage, login: str = "snv.lanhdao") -> IssuedCertificate:
    with stage.house.start_reading() as work:
        found = work.certificates.find_current(
            HolderKind.PERSON, stage.actor(login).person_id, stage.house.clock.now()
        )
    assert found is not None
    return found


def counter_of(stage: Stage, login: str = "snv.lanhdao") -> PinCounter:
    with stage.house.start_reading() as work:
        return work.pins.get(certificate_of(stage).id, stage.actor(login).person_id)


def try_pin(guard: PinGuard, stage: Stage, pin: str, login: str = "snv.lanhdao") -> bool:
    try:
        guard.open(certificate_of(stage), pin, stage.actor(login)).close()
    except PinRejectedError:
        return False
    return True


def test_sign_refuses_the_right_pin_when_five_were_wrong(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    document_id = stage.to_signature()
    caplog.set_level(logging.DEBUG)

    for pin in [WRONG] * MAX_PIN_TRIES + [PIN]:
        with pytest.raises(PinRejectedError) as caught:
            stage.sign(document_id, pin=pin)
        assert (caught.value.code, caught.value.params) == (ErrorCode.PIN_REJECTED, {})

    assert stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE
    with stage.house.start_reading() as work:
        (locked,) = work.pins.list_locked()
        leaves = work.audit.list_group(document_id)
    assert locked == counter_of(stage)
    assert locked.locked_at == stage.house.clock.now()
    assert not [leaf for leaf in leaves if leaf.event is AuditEvent.DOCUMENT_SIGN]
    assert WRONG not in caplog.text
    assert PIN not in caplog.text


@pytest.mark.parametrize("pin", ["", "   ", "\t\n"])
def test_try_does_not_count_when_the_pin_is_blank(stage: Stage, guard: PinGuard, pin: str) -> None:
    assert not try_pin(guard, stage, pin)

    assert counter_of(stage).tries == 0


def test_count_starts_anew_when_pin_was_right(stage: Stage, guard: PinGuard) -> None:
    pins = [WRONG] * (MAX_PIN_TRIES - 1) + [PIN] + [WRONG] * (MAX_PIN_TRIES - 1) + [PIN]

    results = [try_pin(guard, stage, pin) for pin in pins]

    assert [pin for pin, result in zip(pins, results, strict=True) if result] == [PIN, PIN]
    assert counter_of(stage).tries == 0


def test_key_is_not_asked_when_it_is_locked(stage: Stage, guard: PinGuard) -> None:
    keys = CountingKeys(guard.keys)
    counting = replace(guard, keys=keys)

    assert not any(try_pin(counting, stage, WRONG) for _ in range(MAX_PIN_TRIES + 3))

    assert keys.asked == MAX_PIN_TRIES


def test_no_try_is_won_when_twenty_come_at_once(stage: Stage, guard: PinGuard) -> None:
    keys = CountingKeys(guard.keys)
    counting = replace(guard, keys=keys)
    threads = [threading.Thread(target=try_pin, args=(counting, stage, WRONG)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert keys.asked == MAX_PIN_TRIES
    assert counter_of(stage).is_locked


def test_one_person_locks_nobody_else(stage: Stage, guard: PinGuard) -> None:
    for _ in range(MAX_PIN_TRIES):
        assert not try_pin(guard, stage, WRONG, login="snv.vanthu")

    assert counter_of(stage, "snv.vanthu").is_locked
    assert try_pin(guard, stage, PIN)


def test_try_does_not_count_when_token_is_gone(stage: Stage, guard: PinGuard) -> None:
    gone = replace(guard, keys=GoneKeys())

    for _ in range(MAX_PIN_TRIES + 1):
        with pytest.raises(SignerUnavailableError):
            gone.open(certificate_of(stage), PIN, stage.actor("snv.lanhdao"))

    assert counter_of(stage).tries == 0


def test_key_is_closed_when_the_count_cannot_be_written(stage: Stage, guard: PinGuard) -> None:
    keys = CountingKeys(guard.keys)
    works = iter([stage.house.start_work])

    def start_work() -> UnitOfWork:
        start = next(works, None)
        if start is None:
            raise StoreUnavailableError("the disk is full")
        return start()

    with pytest.raises(StoreUnavailableError):
        replace(guard, keys=keys, start_work=start_work).open(
            certificate_of(stage), PIN, stage.actor("snv.lanhdao")
        )

    with pytest.raises(SignerUnavailableError):
        keys.opened.sign(b"1")
    assert counter_of(stage).tries == 1


def test_wrong_and_locked_take_the_same_time(stage: Stage) -> None:
    now = 0.0

    def pass_the_time() -> None:
        nonlocal now
        now += 0.25

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    guard = stage.house.use_cases.sign_document.pins
    assert (guard.monotonic, guard.sleep) == (time.monotonic, time.sleep)
    keys = CountingKeys(guard.keys, pass_the_time)
    guard = replace(guard, keys=keys, monotonic=lambda: now, sleep=sleep)
    seconds = []
    for _ in range(MAX_PIN_TRIES + 2):
        begun = now
        assert not try_pin(guard, stage, WRONG)
        seconds.append(now - begun)

    # The wrong ones had to ask the key.
    assert keys.asked == MAX_PIN_TRIES
    assert set(seconds) == {REFUSAL_SECONDS[certificate_of(stage).key_home]}
