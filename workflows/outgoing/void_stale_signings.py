"""Void undertakings to sign that a crash left behind, so that nothing is stuck silently."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.document import Stage
from engine.model.organisation import SYSTEM
from engine.ports import StartWork


@dataclass(frozen=True, kw_only=True)
class VoidStaleSignings:
    """Job: free the tasks of signings that began and never ended."""

    start_work: StartWork
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:  # noqa: ARG002 every job takes one
        """Void every undertaking past its time; the person may sign again."""
        now = self.clock.now()
        with self.start_work() as work:
            for intent in work.intents.list_expired(now):
                work.intents.save(intent.voided("expired"))
                work.audit.record(
                    AuditEvent.DOCUMENT_SIGN_FAIL
                    if intent.stage is Stage.SIGNED
                    else AuditEvent.DOCUMENT_SEAL_FAIL,
                    subject=f"document:{intent.document_id}",
                    group=intent.document_id,
                    actor=SYSTEM,
                    at=now,
                    details={"nonce": intent.nonce, "reason": "expired"},
                )
            work.commit()
