"""Open a key by PIN: count every try, lock at the fifth wrong one, tell nothing more.

Whether a PIN is wrong or the key is locked cannot be told from outside: the same error after
the same time. A token or a file may count nothing at all, so the count is the house's own. Some
keys judge their PIN at the first signature only; until then the try stays counted.

Source: NIST SP 800-63B-4, clause 3.2.2 (limit of tries); threat W3.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import PinRejectedError, StorageError, TrinhKyError
from engine.model.keys import KeyHome
from engine.model.organisation import Actor
from engine.model.pin import PinCounter
from engine.ports import StartWork
from engine.ports_keys import OpenKey, SigningKeys
from engine.ports_signing import IssuedCertificate

_log = logging.getLogger(__name__)

#: How long every refusal takes, by the key's home; longer than any key there needs to say no.
REFUSAL_SECONDS: Mapping[KeyHome, float] = {
    KeyHome.SOFTWARE: 0.5,
    # A process begins, loads the maker's module and logs in.
    KeyHome.TOKEN: 1.0,
    KeyHome.CLIENT: 0.5,
    # Two questions to a service elsewhere, which are cut off before.
    KeyHome.REMOTE: 5.0,
}


@dataclass(frozen=True, kw_only=True)
class PinGuard:
    """Open keys for people, on the count of the certificate and the person."""

    start_work: StartWork
    keys: SigningKeys
    clock: Clock
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def open(self, certificate: IssuedCertificate, pin: str, actor: Actor) -> OpenKey:
        """Return the key of `certificate`, opened with `pin`; close it after use.

        Its first signature may refuse the PIN as well, if nothing has judged it before.

        Raises:
            PinRejectedError: wrong PIN, or five wrong ones before; which, nobody is told. A
                blank one is refused alike and is no try: no key has it.
            SignerUnavailableError: the key cannot be reached; the try does not count.
        """
        attempt = _Attempt(
            guard=self, certificate=certificate, actor=actor, begun=self.monotonic()
        )
        try:
            _check_given(pin)
            return attempt.open(pin)
        except PinRejectedError:
            attempt.wait()
            raise


def _check_given(pin: str) -> None:
    if not pin.strip():
        raise PinRejectedError("no PIN was given")


@dataclass(kw_only=True)
class _Attempt:
    """Hold one try: counted before the key is asked, cleared when the PIN proved right."""

    guard: PinGuard
    certificate: IssuedCertificate
    actor: Actor
    begun: float
    locks: bool = False

    def open(self, pin: str) -> OpenKey:
        self._count()
        with self.judged():
            key = self.guard.keys.open(self.certificate, pin)
        try:
            if not key.is_proved:
                return _UnprovedKey(key, self)
            self.succeed()
        except BaseException:
            key.close()
            raise
        return key

    @contextlib.contextmanager
    def judged(self) -> Iterator[None]:
        """Leave the try counted if the key refuses it, and give it back if it never got there."""
        try:
            yield
        except PinRejectedError:
            if self.locks:
                self._record_lock()
            raise
        except TrinhKyError:
            self.give_back()
            raise

    def succeed(self) -> None:
        self._save(PinCounter.cleared)

    def give_back(self) -> None:
        self._save(PinCounter.given_back)

    def _record_lock(self) -> None:
        with self.guard.start_work() as work:
            work.audit.record(
                AuditEvent.PIN_LOCK,
                subject=f"certificate:{self.certificate.id}",
                actor=self.actor,
                at=self.guard.clock.now(),
            )
            work.commit()

    def wait(self) -> None:
        """Wait until a refusal has taken its time."""
        ends_at = self.begun + REFUSAL_SECONDS[self.certificate.key_home]
        self.guard.sleep(max(ends_at - self.guard.monotonic(), 0.0))

    def _count(self) -> None:
        with self.guard.start_work() as work:
            counter = work.pins.get(self.certificate.id, self.actor.person_id)
            if counter.is_locked:
                raise PinRejectedError(f"locked: {self.certificate.id} for {self.actor.person_id}")
            counter = counter.tried(self.guard.clock.now())
            work.pins.save(counter)
            work.commit()
        self.locks = counter.is_locked

    def _save(self, change: Callable[[PinCounter], PinCounter]) -> None:
        with self.guard.start_work() as work:
            work.pins.save(change(work.pins.get(self.certificate.id, self.actor.person_id)))
            work.commit()


class _UnprovedKey:
    """Adapter of `OpenKey`: a key whose first signature is the proof of its PIN.

    Whatever goes wrong with that closes it, so that no second try is had for one count.
    """

    def __init__(self, key: OpenKey, attempt: _Attempt) -> None:
        self._key = key
        self._attempt = attempt
        self._was_asked = False

    @property
    def is_proved(self) -> bool:
        return self._key.is_proved

    def sign(self, attributes: bytes) -> bytes:
        """Do as the key does; a PIN that is refused now counts like one refused at opening."""
        if self._was_asked:
            return self._key.sign(attributes)
        self._was_asked = True
        try:
            with self._attempt.judged():
                value = self._key.sign(attributes)
            self._attempt.succeed()
        except BaseException as error:
            self._key.close()
            if isinstance(error, PinRejectedError):
                self._attempt.wait()
            raise
        return value

    def close(self) -> None:
        """Close the key; a try that was never made is given back."""
        self._key.close()
        if self._was_asked:
            return
        self._was_asked = True
        try:
            self._attempt.give_back()
        except StorageError as error:
            # Closing goes through; a try too many is counted, and the next right PIN clears it.
            _log.warning("a try stays counted: %s", error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
