"""Do what pages ask one after another, in the thread that owns the token and the screen."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.errors import PinRejectedError, SignerUnavailableError
from webui.agent.codes import AgentCode, AgentError
from webui.agent.orders import Order, Prompt, ShownCertificate, Token

Result = TypeVar("Result")

#: Wrong PINs in a row before the agent asks no more; most tokens lock themselves a little later.
MAX_PIN_TRIES = 3
#: What waits at the server expires after five minutes.
ORDER_SECONDS = 280.0
QUESTION_SECONDS = 6.0


@dataclass
class _Job:
    """Hold what one page asks, until it is done or given up."""

    work: Callable[["_Job"], Any]
    future: Future[Any] = field(default_factory=Future)
    is_given_up: bool = False


class Desk:
    """Answer one page at a time; whoever comes meanwhile is told to wait.

    Args:
        prompt: asks the person for approval and PIN.
        order_seconds: a page that has waited so long has given up.
    """

    def __init__(
        self, token: Token, prompt: Prompt, *, order_seconds: float = ORDER_SECONDS
    ) -> None:
        self._token = token
        self._prompt = prompt
        self._order_seconds = order_seconds
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._is_busy = threading.Lock()
        self._wrong_tries: dict[bytes, int] = {}

    def run(self) -> None:
        """Do what is asked until `stop`; every call to the token is made in this thread."""
        while (job := self._jobs.get()) is not None:
            try:
                result = job.work(job)
            # Whatever went wrong is the asker's to hear; the desk goes on.
            except Exception as error:  # noqa: BLE001 told to whoever waits
                self._is_busy.release()
                job.future.set_exception(error)
                continue
            # Free before the answer is out: a page asks the next thing at once.
            self._is_busy.release()
            job.future.set_result(result)

    def stop(self) -> None:
        """Let `run` return."""
        self._jobs.put(None)

    def is_token_present(self) -> bool:
        """Tell whether a token is plugged in.

        Raises:
            AgentError: code BUSY; somebody is signing.
        """
        return self._ask(lambda _: self._token.is_present(), QUESTION_SECONDS)

    def list_certificates(self) -> list[ShownCertificate]:
        """Return the certificates on the token.

        Raises:
            AgentError: codes BUSY, TOKEN_ABSENT.
        """
        return self._ask(lambda _: list(self._token.list_certificates()), QUESTION_SECONDS)

    def sign(self, order: Order) -> list[bytes]:
        """Show `order` to the person, and return the raw signatures they agree to.

        Raises:
            AgentError: codes BUSY, TOKEN_ABSENT, KEY_ABSENT, DECLINED, PIN_LOCKED, TOO_SLOW.
        """
        return self._ask(lambda job: self._signed(order, job), self._order_seconds)

    def _ask(self, work: Callable[[_Job], Result], seconds: float) -> Result:
        if not self._is_busy.acquire(blocking=False):
            raise AgentError(AgentCode.BUSY)
        job = _Job(work)
        self._jobs.put(job)
        try:
            result: Result = job.future.result(seconds)
        except FutureTimeoutError:
            # The desk stays busy until the person has answered; nothing will be signed then.
            job.is_given_up = True
            raise AgentError(AgentCode.TOO_SLOW) from None
        except SignerUnavailableError as error:
            raise AgentError(AgentCode.TOKEN_ABSENT, error.detail) from error
        return result

    def _signed(self, order: Order, job: _Job) -> list[bytes]:
        if not self._token.holds(order.certificate):
            raise AgentError(AgentCode.KEY_ABSENT)
        note = ""
        while self._wrong_tries.get(order.certificate, 0) < MAX_PIN_TRIES:
            pin = self._prompt.ask_pin(order, note=note)
            if job.is_given_up:
                raise AgentError(AgentCode.TOO_SLOW)
            if not pin:
                raise AgentError(AgentCode.DECLINED)
            try:
                values = self._token.sign(
                    order.certificate, pin, [each.attributes for each in order.items]
                )
            except PinRejectedError as error:
                note = self._count(order, error)
                continue
            self._wrong_tries.pop(order.certificate, None)
            return values
        raise AgentError(AgentCode.PIN_LOCKED)

    def _count(self, order: Order, error: PinRejectedError) -> str:
        """Count a wrong PIN and return what is shown beside the next question."""
        tries = self._wrong_tries.get(order.certificate, 0) + 1
        if "locked" in error.params:
            tries = MAX_PIN_TRIES
        self._wrong_tries[order.certificate] = tries
        return f"Mã PIN không đúng / wrong PIN ({tries}/{MAX_PIN_TRIES})"
