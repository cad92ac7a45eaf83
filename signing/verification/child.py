"""Judge files in a process of its own; started by `signing.verification.sandbox` only.

The limits are set before the first byte of a file is read. The clock of the machine is never
asked: each question carries its time.
"""

import resource
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO

from engine.clock import FixedClock
from signing.intake import MAX_UPLOAD_BYTES
from signing.verification.verifier import PyHankoVerifier
from signing.verification.wire import (
    MAX_REPORT_BYTES,
    dump_report,
    load_question,
    load_settings,
    read_message,
    write_message,
)

_FORBIDDEN = frozenset(
    {"socket.connect", "socket.sendto", "subprocess.Popen", "os.exec", "os.fork"}
)


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
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer questions until there are no more."""
    settings = load_settings(read_message(questions, max_bytes=16 * MAX_REPORT_BYTES))
    verifier = PyHankoVerifier(
        trust_roots=settings.trust_roots,
        other_certs=settings.other_certs,
        crls=lambda: settings.crls,
        clock=FixedClock(datetime.fromtimestamp(0, UTC)),
    )
    while content := read_message(questions, max_bytes=MAX_REPORT_BYTES):
        question = load_question(content)
        pdf = read_message(questions, max_bytes=MAX_UPLOAD_BYTES)
        report = verifier.verify(pdf, at=question.at, expected=question.expected)
        write_message(answers, dump_report(report))


def main() -> None:
    """Read the limits from the command line and serve standard input and output."""
    memory_bytes, cpu_seconds = (int(word) for word in sys.argv[1:3])
    limit(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds)
    sys.addaudithook(forbid_outside)
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
