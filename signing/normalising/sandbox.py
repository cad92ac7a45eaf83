"""Take in files in child processes with limits on processor, memory and time.

What a file does to a child is held against the file; what keeps a child from doing its work is
not, and is told by `SignerUnavailableError`.
"""

import json
import threading

from engine.errors import ErrorCode, InvalidInputError, SignerUnavailableError
from engine.model.copy import ScanWarning
from engine.ports_copies import Purpose, TakenIn
from signing.intake import MAX_UPLOAD_BYTES, check_upload
from signing.verification.process import LimitedChild, Limits

_MODULE = "signing.normalising.child"
#: Rewriting takes compression off nothing and keeps object streams, so a file grows little;
#: flattened pages repeat what they inherited.
_MAX_ANSWER_BYTES = 2 * MAX_UPLOAD_BYTES


class SandboxedIntake:
    """Adapter of `PdfIntake`; may be used from many threads. Each file gets its own child."""

    def __init__(self, *, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._places = threading.BoundedSemaphore(self._limits.children)

    def take_in(self, pdf: bytes, purpose: Purpose) -> TakenIn:
        """Return the file as it may be kept.

        Raises:
            InvalidInputError: not a PDF, encrypted, cut off, over 25 MiB, 2,000 pages or 100,000
                objects, turned askew, or with content that acts or hides: code UPLOAD_ACTIVE
                names the rule and the object.
            SignerUnavailableError: no child could be had; it says nothing of the file.
        """
        check_upload(pdf)
        if not self._places.acquire(timeout=self._limits.queue_seconds):
            raise SignerUnavailableError("every child is at work", code=ErrorCode.VERIFIER_BUSY)
        try:
            child = LimitedChild(_MODULE, b"intake", self._limits)
            try:
                return _asked(child, pdf, purpose)
            finally:
                child.end()
        finally:
            self._places.release()


def _asked(child: LimitedChild, pdf: bytes, purpose: Purpose) -> TakenIn:
    try:
        answer = child.exchange(purpose.value.encode(), pdf, max_bytes=_MAX_ANSWER_BYTES)
        line, _, content = answer.partition(b"\n")
        facts = json.loads(line)
    except (OSError, ValueError) as error:
        fate, was_killed = child.fate(), child.was_killed
        if was_killed:
            raise SignerUnavailableError("the child was killed by the machine") from error
        raise InvalidInputError(
            f"the child gave up: {fate}", code=ErrorCode.UPLOAD_UNREADABLE
        ) from error
    if "refused" in facts:
        code, detail = ErrorCode(facts.pop("refused")), facts.pop("detail")
        raise InvalidInputError(str(detail), code=code, **facts)
    return TakenIn(
        pdf=content,
        page_count=int(facts["page_count"]),
        is_signed=bool(facts["is_signed"]),
        warnings=tuple(ScanWarning(each) for each in facts["warnings"]),
    )
