"""The desk of the agent: one order at a time, the person decides, nothing after the time."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from engine.errors import PinRejectedError, SignerUnavailableError
from webui.agent.codes import AgentCode, AgentError
from webui.agent.desk import Desk
from webui.agent.orders import Order, OrderItem, ShownCertificate

PIN = "482913"
ORDER = Order(
    origin="https://trinhky.example.vn",
    certificate=b"certificate",
    items=(OrderItem(title="Công văn", digest="0" * 64, attributes=b"attributes"),),
)


@dataclass
class FakeToken:
    """Hold one key; note in which threads it was asked."""

    signed: list[bytes] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    is_there: bool = True
    is_locked: bool = False

    def is_present(self) -> bool:
        self.threads.add(threading.get_ident())
        return self.is_there

    def list_certificates(self) -> Sequence[ShownCertificate]:
        raise SignerUnavailableError("no token")

    def holds(self, certificate: bytes) -> bool:
        self.threads.add(threading.get_ident())
        return certificate == ORDER.certificate

    def sign(self, certificate: bytes, pin: str, attributes: Sequence[bytes]) -> list[bytes]:
        self.threads.add(threading.get_ident())
        if self.is_locked:
            raise PinRejectedError("PinLocked", locked="1")
        if pin != PIN:
            raise PinRejectedError("PinIncorrect")
        self.signed.extend(attributes)
        return [b"value of " + each for each in attributes]


@dataclass
class FakePrompt:
    """Answer as the test's person does."""

    answer: Callable[[int], str | None]
    notes: list[str] = field(default_factory=list)

    def ask_pin(self, order: Order, *, note: str) -> str | None:
        self.notes.append(note)
        return self.answer(len(self.notes))


@dataclass
class Bench:
    """Hold a running desk."""

    token: FakeToken
    desk: Desk
    thread: threading.Thread


@pytest.fixture
def open_desk() -> Iterator[Callable[..., Bench]]:
    opened: list[Bench] = []

    def open_one(prompt: FakePrompt, seconds: float = 60.0) -> Bench:
        token = FakeToken()
        desk = Desk(token, prompt, order_seconds=seconds)
        bench = Bench(token, desk, threading.Thread(target=desk.run))
        bench.thread.start()
        opened.append(bench)
        return bench

    yield open_one
    for bench in opened:
        bench.desk.stop()
        bench.thread.join(60)
        assert not bench.thread.is_alive()


def refusal(act: Callable[[], object]) -> AgentCode:
    with pytest.raises(AgentError) as refused:
        act()
    return refused.value.code


def test_sign_returns_the_values_and_asks_the_token_in_one_thread(
    open_desk: Callable[..., Bench],
) -> None:
    bench = open_desk(FakePrompt(lambda _: PIN))

    assert bench.desk.sign(ORDER) == [b"value of attributes"]
    assert bench.desk.is_token_present()
    assert bench.token.threads == {bench.thread.ident}


def test_sign_signs_nothing_when_the_person_answers_too_late(
    open_desk: Callable[..., Bench],
) -> None:
    may_answer = threading.Event()

    def answer(_: int) -> str:
        may_answer.wait(60)
        return PIN

    bench = open_desk(FakePrompt(answer), seconds=0.1)

    assert refusal(lambda: bench.desk.sign(ORDER)) is AgentCode.TOO_SLOW
    assert refusal(lambda: bench.desk.sign(ORDER)) is AgentCode.BUSY
    may_answer.set()
    until = time.monotonic() + 60
    while refusal_or_none(bench) is AgentCode.BUSY and time.monotonic() < until:
        time.sleep(0.01)
    assert bench.token.signed == []


def refusal_or_none(bench: Bench) -> AgentCode | None:
    try:
        bench.desk.is_token_present()
    except AgentError as error:
        return error.code
    return None


def test_sign_is_free_for_the_next_page_the_moment_it_has_answered(
    open_desk: Callable[..., Bench],
) -> None:
    bench = open_desk(FakePrompt(lambda _: PIN))

    for _ in range(500):
        assert bench.desk.is_token_present()
    assert bench.desk.sign(ORDER)


def test_sign_stops_at_once_when_the_token_has_locked_the_pin(
    open_desk: Callable[..., Bench],
) -> None:
    prompt = FakePrompt(lambda _: PIN)
    bench = open_desk(prompt)
    bench.token.is_locked = True

    assert refusal(lambda: bench.desk.sign(ORDER)) is AgentCode.PIN_LOCKED
    assert len(prompt.notes) == 1


def test_sign_shows_how_often_the_pin_was_wrong(open_desk: Callable[..., Bench]) -> None:
    prompt = FakePrompt(lambda tries: PIN if tries == 3 else "000000")
    bench = open_desk(prompt)

    assert bench.desk.sign(ORDER)

    assert [note[-5:] for note in prompt.notes] == ["", "(1/3)", "(2/3)"]
    assert "000000" not in "".join(prompt.notes)


def test_sign_counts_wrong_pins_over_several_orders(open_desk: Callable[..., Bench]) -> None:
    answers = iter(["000000", None, "000000", "000000"])
    bench = open_desk(FakePrompt(lambda _: next(answers)))

    assert refusal(lambda: bench.desk.sign(ORDER)) is AgentCode.DECLINED
    assert refusal(lambda: bench.desk.sign(ORDER)) is AgentCode.PIN_LOCKED


def test_list_certificates_says_that_there_is_no_token(open_desk: Callable[..., Bench]) -> None:
    bench = open_desk(FakePrompt(lambda _: PIN))

    assert refusal(bench.desk.list_certificates) is AgentCode.TOKEN_ABSENT
