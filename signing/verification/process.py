"""Start, ask and end one child process of a sandbox, for verdicts or for files to rewrite."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from engine.errors import SignerUnavailableError
from signing.verification.wire import (
    MAX_REPORT_BYTES,
    READY,
    Question,
    Settings,
    dump_question,
    dump_settings,
    read_message,
    write_message,
)

_PROJECT = Path(__file__).parents[2]
_KILLED = frozenset({-signal.SIGKILL, -signal.SIGTERM})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Say how much one file may cost, and how many are judged at once.

    Args:
        memory_bytes: address space of a child; the interpreter and pyHanko need about 200 MiB.
        start_seconds: time a child may take to be ready.
        files_per_child: 1 keeps files apart from each other; more is for files of one origin.
        queue_seconds: time a file may wait for a child.
    """

    memory_bytes: int = 512 * 1024 * 1024
    cpu_seconds: int = 10
    wall_seconds: float = 20.0
    start_seconds: float = 20.0
    files_per_child: int = 1
    children: int = 2
    queue_seconds: float = 20.0


class LimitedChild:
    """Own one child process that is ready for files.

    Args:
        module: what the child runs; it is told its limits on the command line.
        settings: the first message to the child, to which it says that it is ready.

    Raises:
        SignerUnavailableError: it could not be started, or did not come to be ready.
    """

    def __init__(self, module: str, settings: bytes, limits: Limits) -> None:
        self._asked = 0
        self._limits = limits
        self._stalled = False
        self._ended = False
        self._process = _started(limits, module)
        try:
            with self._within(limits.start_seconds):
                write_message(self._questions, settings)
                if read_message(self._answers, max_bytes=len(READY)) != READY:
                    raise ValueError("no word of being ready")
        except (OSError, ValueError) as error:
            fate = self.fate()
            self.end()
            raise SignerUnavailableError(f"the verifier is not ready: {fate}") from error
        except BaseException:
            self.end()
            raise

    @property
    def _questions(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 said for the type checker
        return self._process.stdin

    @property
    def _answers(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101 said for the type checker
        return self._process.stdout

    def exchange(self, question: bytes, pdf: bytes, *, max_bytes: int) -> bytes:
        """Return the child's answer, at most `max_bytes` of it.

        Raises:
            OSError: the child is gone.
            ValueError: it answered nonsense, or nothing in time.
            SignerUnavailableError: the machine has no room for a clock.
        """
        self._asked += 1
        with self._within(self._limits.wall_seconds):
            write_message(self._questions, question)
            write_message(self._questions, pdf)
            answer = read_message(self._answers, max_bytes=max_bytes)
        if not answer:
            raise ValueError("no answer")
        return answer

    def may_go_on(self) -> bool:
        """Tell whether the child may judge another file."""
        return not (self._ended or self._stalled) and self._asked < self._limits.files_per_child

    def fate(self) -> str:
        """Say how the child ended."""
        if self._stalled:
            return "out of time"
        try:
            return f"exit status {self._process.wait(timeout=1)}"
        except subprocess.TimeoutExpired:
            return "still running"

    @property
    def was_killed(self) -> bool:
        """Tell whether somebody else killed the child: the machine, when memory is short."""
        return not self._stalled and self._process.poll() in _KILLED

    def end(self) -> None:
        """End the process and wait for it."""
        self._ended = True
        self._process.kill()
        self._process.wait()
        for stream in (self._questions, self._answers):
            try:
                stream.close()
            except OSError:
                continue  # what was not sent to a dead child is of no use to anybody

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._stop)
        try:
            timer.start()
        except RuntimeError as error:
            raise SignerUnavailableError("no thread for the clock of a verifier") from error
        try:
            yield
        finally:
            timer.cancel()

    def _stop(self) -> None:
        self._stalled = True
        self._process.kill()


class ChildProcess(LimitedChild):
    """Own one child process that judges files.

    Raises:
        SignerUnavailableError: it could not be started, or did not come to be ready.
    """

    def __init__(self, settings: Settings, limits: Limits) -> None:
        super().__init__("signing.verification.child", dump_settings(settings), limits)

    def ask(self, pdf: bytes, question: Question) -> bytes:
        """Return the child's answer.

        Raises:
            OSError, ValueError, SignerUnavailableError: as `exchange`.
        """
        return self.exchange(dump_question(question), pdf, max_bytes=MAX_REPORT_BYTES)


def _started(limits: Limits, module: str) -> subprocess.Popen[bytes]:
    # The processor limit is for the life of a process, so it grows with the files it serves;
    # start-up takes a second of it.
    cpu_seconds = 5 + limits.cpu_seconds * limits.files_per_child
    try:
        return subprocess.Popen(  # noqa: S603 our own module, no shell, no user words
            [
                sys.executable,
                "-m",
                module,
                str(limits.memory_bytes),
                str(cpu_seconds),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PYTHONPATH": str(_PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
        )
    except (OSError, MemoryError) as error:
        raise SignerUnavailableError("the verifier cannot be started") from error
