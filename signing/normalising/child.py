"""Rewrite one file in a process of its own; started by `signing.normalising.sandbox` only.

The limits are those of the process that judges files: no network, no files, no new programs.
"""

import json
import sys
from collections.abc import Mapping
from typing import IO

from engine.errors import ErrorCode, InvalidInputError
from engine.ports_copies import Purpose, TakenIn
from signing.intake import MAX_UPLOAD_BYTES
from signing.normalising.rewriting import take_in
from signing.verification.child import HEADROOM_BYTES, forbid_outside, limit
from signing.verification.wire import READY, read_message, write_message

_MAX_SETTINGS_BYTES = 64
_MAX_QUESTION_BYTES = 64


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer questions until there are no more.

    Raises:
        MemoryError: the limits leave no room for a file.
    """
    read_message(questions, max_bytes=_MAX_SETTINGS_BYTES)
    bytearray(HEADROOM_BYTES)
    write_message(answers, READY)
    while purpose := read_message(questions, max_bytes=_MAX_QUESTION_BYTES):
        pdf = read_message(questions, max_bytes=MAX_UPLOAD_BYTES)
        write_message(answers, _answer(pdf, Purpose(purpose.decode())))


def _answer(pdf: bytes, purpose: Purpose) -> bytes:
    try:
        return dump_taken(take_in(pdf, purpose))
    except InvalidInputError as error:
        return _dump({"refused": error.code, "detail": error.detail, **error.params}, b"")
    except (MemoryError, RecursionError) as error:
        refused = {"refused": ErrorCode.UPLOAD_UNREADABLE, "detail": type(error).__name__}
        return _dump(refused, b"")


def dump_taken(taken: TakenIn) -> bytes:
    """Return a file that was taken in as one message: a line of JSON, then the bytes."""
    facts = {
        "page_count": taken.page_count,
        "is_signed": taken.is_signed,
        "warnings": list(taken.warnings),
    }
    return _dump(facts, taken.pdf)


def _dump(facts: Mapping[str, object], pdf: bytes) -> bytes:
    return json.dumps(facts).encode() + b"\n" + pdf


def main() -> None:
    """Read the limits from the command line and serve standard input and output."""
    memory_bytes, cpu_seconds = (int(word) for word in sys.argv[1:3])
    limit(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds)
    sys.addaudithook(forbid_outside)
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
