"""Signing in and being recognised."""

from datetime import timedelta

import pytest

from engine.clock import FixedClock
from engine.errors import ErrorCode, NotPermittedError
from tests.houses import PASSWORD, Stage


def test_sign_in_opens_a_session_that_names_the_person(stage: Stage) -> None:
    cases = stage.house.use_cases
    token = cases.sign_in("snv.vanthu", PASSWORD)
    actor = cases.identify(token)
    assert actor == stage.actor("snv.vanthu")
    cases.sign_out(token, actor)
    assert cases.identify(token) is None


@pytest.mark.parametrize("login", ["snv.vanthu", "nobody"])
def test_sign_in_says_the_same_when_name_or_password_is_wrong(stage: Stage, login: str) -> None:
    with pytest.raises(NotPermittedError) as caught:
        stage.house.use_cases.sign_in(login, "wrong")
    assert caught.value.code is ErrorCode.LOGIN_FAILED
    assert not caught.value.params


def test_sign_in_is_throttled_after_five_failures(stage: Stage, clock: FixedClock) -> None:
    cases = stage.house.use_cases
    for _ in range(5):
        with pytest.raises(NotPermittedError):
            cases.sign_in("snv.vanthu", "wrong")
    with pytest.raises(NotPermittedError) as caught:
        cases.sign_in("snv.vanthu", PASSWORD)
    assert caught.value.code is ErrorCode.LOGIN_THROTTLED
    clock.move(timedelta(seconds=31))
    assert cases.sign_in("snv.vanthu", PASSWORD)


def test_a_session_ends_when_it_is_idle_or_old(stage: Stage, clock: FixedClock) -> None:
    cases = stage.house.use_cases
    idle = cases.sign_in("snv.vanthu", PASSWORD)
    clock.move(timedelta(minutes=16))
    assert cases.identify(idle) is None
    busy = cases.sign_in("snv.vanthu", PASSWORD)
    for _ in range(12 * 6):
        clock.move(timedelta(minutes=10))
        last = cases.identify(busy)
    assert last is not None
    clock.move(timedelta(minutes=1))
    assert cases.identify(busy) is None
