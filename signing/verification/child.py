"""Judge files in a process of its own; started by `signing.verification.sandbox` only.

The limits are set before the first byte of a file is read, and the child says that it is ready
only when it has everything it needs: whatever happens later is the file's doing. The clock of
the machine is never asked: each question carries its time.
"""

import hashlib
import resource
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO

from engine.clock import FixedClock
from engine.errors import SignerUnavailableError
from engine.model.verification import FileReport
from signing import loop
from signing.intake import MAX_UPLOAD_BYTES
from signing.verification.verifier import PyHankoVerifier, unreadable
from signing.verification.wire import (
    MAX_REPORT_BYTES,
    READY,
    Question,
    dump_report,
    load_question,
    load_settings,
    read_message,
    write_message,
)

_FORBIDDEN = frozenset(
    {"socket.connect", "socket.sendto", "subprocess.Popen", "os.exec", "os.fork"}
)

HEADROOM_BYTES = 4 * MAX_UPLOAD_BYTES
XCPU_SECONDS = 2  # between the polite end and the hard one


def forbid_outside(event: str, arguments: Iterable[object]) -> None:
    """Stop library code that would reach out; a guard against surprise, not against exploits.

    Raises:
        PermissionError: for network connections and new programs.
    """
    del arguments
    if event in _FORBIDDEN:
        raise PermissionError(event)


def limit(*, memory_bytes: int, cpu_seconds: int) -> None:
    """Give up memory, processor time, core dumps and writing of files for good."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # The soft limit ends the child by a signal of its own, which tells a file that takes too long
    # from a machine that kills the child.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + XCPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer questions until there are no more.

    Raises:
        MemoryError: the limits leave no room for a file.
    """
    settings = load_settings(read_message(questions, max_bytes=16 * MAX_REPORT_BYTES))
    verifier = PyHankoVerifier(
        trust_roots=settings.trust_roots,
        other_certs=settings.other_certs,
        crls=lambda: settings.crls,
        read_trust=lambda: settings.imported,
        clock=FixedClock(datetime.fromtimestamp(0, UTC)),
    )
    loop.start()
    bytearray(HEADROOM_BYTES)
    write_message(answers, READY)
    while content := read_message(questions, max_bytes=MAX_REPORT_BYTES):
        question = load_question(content)
        pdf = read_message(questions, max_bytes=MAX_UPLOAD_BYTES)
        write_message(answers, dump_report(_report(verifier, pdf, question)))


def _report(verifier: PyHankoVerifier, pdf: bytes, question: Question) -> FileReport:
    try:
        return verifier.verify(
            pdf, at=question.at, expected=question.expected, stage=question.stage
        )
    except SignerUnavailableError as error:
        # Settings were read and memory was at hand: it is this file that asks for too much.
        return unreadable(hashlib.sha256(pdf).hexdigest(), error)


def main() -> None:
    """Read the limits from the command line and serve standard input and output."""
    memory_bytes, cpu_seconds = (int(word) for word in sys.argv[1:3])
    limit(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds)
    sys.addaudithook(forbid_outside)
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
