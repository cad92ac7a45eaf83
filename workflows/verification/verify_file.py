"""Verify a file somebody brings: nothing of it is kept but the verdict's leaf."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.organisation import Actor
from engine.model.verification import FileReport
from engine.ports import FileJudge, StartWork


@dataclass(frozen=True, kw_only=True)
class VerifyFile:
    """Use case: anybody in the city checks a PDF."""

    start_work: StartWork
    judge: FileJudge
    clock: Clock

    def __call__(self, pdf: bytes, actor: Actor) -> FileReport:
        """Return the judgement of an uploaded file.

        Raises:
            InvalidInputError: not a PDF, encrypted, cut off, or over 25 MiB; nothing is stored.
        """
        self.judge.check(pdf)
        report = self.judge.verify(pdf)
        with self.start_work() as work:
            work.audit.record(
                AuditEvent.FILE_VERIFY,
                subject=f"file:{report.sha256}",
                actor=actor,
                at=self.clock.now(),
                details={"verdict": report.verdict, "reason": report.reason or ""},
            )
            work.commit()
        return report
