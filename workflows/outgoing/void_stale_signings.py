"""Void undertakings to sign that a crash left behind, so that nothing is stuck silently."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.clock import Clock
from engine.ports import StartWork
from engine.undertaking import void_undertaking


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
                void_undertaking(work, intent, reason="expired", actor=None, now=now)
            work.commit()
