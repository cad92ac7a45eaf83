"""Judge untrusted files in a child process with limits on processor, memory and time.

Source: threat U1: 10 s of processor time, 20 s in all, bounded memory, no network.
"""

import hashlib
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from engine.clock import Clock
from engine.errors import InvalidInputError
from engine.model.verification import FileReport
from engine.ports_signing import ExpectedSignatures
from signing.intake import check_upload
from signing.verification.trust import CrlProvider, epoch_of
from signing.verification.verifier import POLICY_VERSION, no_crls, unreadable
from signing.verification.wire import (
    MAX_REPORT_BYTES,
    Question,
    Settings,
    dump_question,
    dump_settings,
    load_report,
    read_message,
    write_message,
)

_PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Say how much one file may cost.

    Args:
        memory_bytes: address space of a child; the interpreter and pyHanko need about 200 MiB.
        files_per_child: 1 keeps files apart from each other; more is for files of one origin.
    """

    memory_bytes: int = 512 * 1024 * 1024
    cpu_seconds: int = 10
    wall_seconds: float = 20.0
    files_per_child: int = 1


class SandboxedVerifier:
    """Verifier for untrusted files; may be used from many threads, one file at a time.

    Args:
        trust_roots: as for `PyHankoVerifier`; so are the others.
    """

    policy_version = POLICY_VERSION

    def __init__(
        self,
        *,
        trust_roots: Sequence[bytes],
        clock: Clock,
        other_certs: Sequence[bytes] = (),
        crls: CrlProvider = no_crls,
        limits: Limits | None = None,
    ) -> None:
        self._roots = tuple(trust_roots)
        self._others = tuple(other_certs)
        self._crls = crls
        self._clock = clock
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def revocation_epoch(self) -> str:
        """Return a name of the revocation lists in use; it changes when they do."""
        return epoch_of(self._crls)

    def check(self, pdf: bytes) -> None:
        """Check what can be told without parsing.

        Raises:
            InvalidInputError: not a PDF, encrypted, cut off, or over 25 MiB.
        """
        check_upload(pdf)

    def verify(
        self,
        pdf: bytes,
        *,
        at: datetime | None = None,
        expected: ExpectedSignatures | None = None,
    ) -> FileReport:
        """Return the judgement of `pdf`; a child that dies or stalls means it failed.

        Raises:
            SignerUnavailableError: the revocation lists cannot be read.
        """
        digest = hashlib.sha256(pdf).hexdigest()
        try:
            check_upload(pdf)
        except InvalidInputError as error:
            return unreadable(digest, error)
        question = Question(at=at or self._clock.now(), expected=expected)
        with self._lock:
            return self._ask(pdf, digest, question)

    def close(self) -> None:
        """End the child, if one is left."""
        with self._lock:
            self._drop()

    def __enter__(self) -> "SandboxedVerifier":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, pdf: bytes, digest: str, question: Question) -> FileReport:
        settings = self._settings()
        if self._child is not None and self._child.settings != settings:
            self._drop()  # the lists were replaced since it started
        try:
            child = self._child = self._child or _Child(settings, self._limits)
        except OSError as error:
            return unreadable(digest, f"the verifier did not start: {error}")
        try:
            report = load_report(child.ask(pdf, question))
        except (OSError, ValueError, TypeError, KeyError) as error:
            self._drop()
            return unreadable(digest, f"the verifier gave up: {child.fate()} ({error})")
        if child.asked >= self._limits.files_per_child:
            self._drop()
        if report.sha256 != digest:
            self._drop()
            return unreadable(digest, "the verifier answered for another file")
        return report

    def _settings(self) -> Settings:
        return Settings(
            trust_roots=self._roots, other_certs=self._others, crls=tuple(self._crls())
        )

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class _Child:
    """Own one child process."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self.asked = 0
        self.settings = settings
        self._limits = limits
        self._stalled = False
        # The processor limit is for the life of a process, so it grows with the files it serves;
        # start-up takes a second of it.
        cpu_seconds = 5 + limits.cpu_seconds * limits.files_per_child
        self._process = subprocess.Popen(  # noqa: S603 our own module, no shell, no user words
            [
                sys.executable,
                "-m",
                "signing.verification.child",
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
        assert self._process.stdin is not None  # noqa: S101 said for the type checker
        assert self._process.stdout is not None  # noqa: S101 said for the type checker
        self._questions, self._answers = self._process.stdin, self._process.stdout
        try:
            write_message(self._questions, dump_settings(settings))
        except OSError:
            self.end()
            raise

    def ask(self, pdf: bytes, question: Question) -> bytes:
        """Return the child's answer.

        Raises:
            OSError: the child is gone.
            ValueError: it answered nonsense, or nothing in time.
        """
        self.asked += 1
        timer = threading.Timer(self._limits.wall_seconds, self._stop)
        timer.start()
        try:
            write_message(self._questions, dump_question(question))
            write_message(self._questions, pdf)
            answer = read_message(self._answers, max_bytes=MAX_REPORT_BYTES)
        finally:
            timer.cancel()
        if not answer:
            raise ValueError("no answer")
        return answer

    def fate(self) -> str:
        """Say how the child ended."""
        return "out of time" if self._stalled else f"exit status {self._process.poll()}"

    def _stop(self) -> None:
        self._stalled = True
        self._process.kill()

    def end(self) -> None:
        """End the process and wait for it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._questions, self._answers):
            try:
                stream.close()
            except OSError:
                continue  # what was not sent to a dead child is of no use to anybody
