"""Judge untrusted files in child processes with limits on processor, memory and time.

What a file does to a child is held against the file; what keeps a child from doing its work is
not, and is told by `SignerUnavailableError`.

Source: threat U1: 10 s of processor time, 20 s in all, bounded memory, no network.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType

from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError, SignerUnavailableError
from engine.model.verification import FileReport
from engine.ports_signing import DocumentStage, ExpectedSignatures
from engine.ports_trust import ReadTrust, nothing_imported
from signing.intake import check_upload
from signing.verification.process import ChildProcess, Limits
from signing.verification.trust import CrlProvider, TrustStore, check_lists, epoch_of
from signing.verification.verifier import POLICY_VERSION, no_crls, unreadable
from signing.verification.wire import Question, Settings, load_report

__all__ = ["Limits", "SandboxedVerifier"]


class SandboxedVerifier:
    """Verifier for untrusted files; may be used from many threads.

    Args:
        trust_roots: as for `PyHankoVerifier`; so are the others.

    Raises:
        InvalidInputError: a bundle of roots cannot be read, or holds no certificate.
    """

    policy_version = POLICY_VERSION

    def __init__(
        self,
        *,
        trust_roots: Sequence[bytes],
        clock: Clock,
        other_certs: Sequence[bytes] = (),
        crls: CrlProvider = no_crls,
        read_trust: ReadTrust = nothing_imported,
        limits: Limits | None = None,
    ) -> None:
        TrustStore(roots=trust_roots, others=other_certs, crls=crls)
        self._roots = tuple(trust_roots)
        self._others = tuple(other_certs)
        self._crls = crls
        self._read_trust = read_trust
        self._clock = clock
        self._limits = limits or Limits()
        self._pool = _Pool(self._limits)

    def revocation_epoch(self) -> str:
        """Return a name of the revocation lists in use; it changes when they do."""
        return epoch_of(self._crls, self._read_trust())

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
        stage: DocumentStage = DocumentStage.SEALED,
    ) -> FileReport:
        """Return the judgement of `pdf`; a child that it kills or stalls means it failed.

        Raises:
            SignerUnavailableError: no child could be started or had, with code VERIFIER_BUSY
                when all are at work; or the revocation lists cannot be read.
        """
        digest = hashlib.sha256(pdf).hexdigest()
        try:
            check_upload(pdf)
        except InvalidInputError as error:
            return unreadable(digest, error)
        settings = self._settings()
        question = Question(at=at or self._clock.now(), expected=expected, stage=stage)
        with self._pool.child(settings) as child:
            return _asked(child, pdf, digest, question)

    def close(self) -> None:
        """End the children; those at work end with their file."""
        self._pool.close()

    def __enter__(self) -> "SandboxedVerifier":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _settings(self) -> Settings:
        crls = tuple(self._crls())
        check_lists(crls)
        return Settings(
            trust_roots=self._roots,
            other_certs=self._others,
            crls=crls,
            imported=self._read_trust(),
        )


def _asked(child: ChildProcess, pdf: bytes, digest: str, question: Question) -> FileReport:
    try:
        report = load_report(child.ask(pdf, question))
    except (OSError, ValueError, TypeError, KeyError) as error:
        fate, was_killed = child.fate(), child.was_killed
        child.end()
        if was_killed:
            raise SignerUnavailableError("the verifier was killed by the machine") from error
        return unreadable(digest, f"the verifier gave up: {fate} ({error})")
    if report.sha256 != digest:
        child.end()
        return unreadable(digest, "the verifier answered for another file")
    return report


@dataclass(frozen=True, kw_only=True)
class _Idle:
    child: ChildProcess
    settings: Settings


class _Pool:
    """Lend children, at most `Limits.children` at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._places = threading.BoundedSemaphore(limits.children)
        self._lock = threading.Lock()
        self._idle: list[_Idle] = []
        self._epoch = 0  # grows when the pool is closed

    @contextmanager
    def child(self, settings: Settings) -> Iterator[ChildProcess]:
        """Lend a child that has `settings`; it is kept for the next file while it may be.

        Raises:
            SignerUnavailableError: none was free in time, or none could be started.
        """
        if not self._places.acquire(timeout=self._limits.queue_seconds):
            raise SignerUnavailableError("every verifier is at work", code=ErrorCode.VERIFIER_BUSY)
        try:
            epoch = self._epoch
            child = self._kept(settings) or ChildProcess(settings, self._limits)
            try:
                yield child
            except BaseException:
                child.end()
                raise
            self._take_back(child, settings, epoch)
        finally:
            self._places.release()

    def close(self) -> None:
        """End the idle children, and those at work when they come back."""
        with self._lock:
            self._epoch += 1
            idle, self._idle = self._idle, []
        for entry in idle:
            entry.child.end()

    def _kept(self, settings: Settings) -> ChildProcess | None:
        with self._lock:
            entry = self._idle.pop() if self._idle else None
        if entry is None:
            return None
        if entry.settings == settings:
            return entry.child
        entry.child.end()  # the lists were replaced since it started
        return None

    def _take_back(self, child: ChildProcess, settings: Settings, epoch: int) -> None:
        with self._lock:
            if child.may_go_on() and epoch == self._epoch:
                self._idle.append(_Idle(child=child, settings=settings))
                return
        child.end()
