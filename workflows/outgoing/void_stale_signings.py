"""Clear up after signings that never ended, so that nothing is stuck silently."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.clock import Clock
from engine.model.parking import PARKED_DAYS
from engine.ports import StartWork
from engine.undertaking import void_expired


@dataclass(frozen=True, kw_only=True)
class VoidStaleSignings:
    """Job: free the tasks of signings that never ended, or whose time-stamp never came.

    What was prepared for a token is forgotten a day after it expired. The prepared file itself
    stays: the store of originals has no delete, so that no error here can lose a document.
    """

    start_work: StartWork
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:  # noqa: ARG002 every job takes one
        """Void every undertaking past its time; the person may sign again."""
        now = self.clock.now()
        with self.start_work() as work:
            for intent in work.intents.list_expired(now):
                void_expired(work, intent, now)
            work.parking.delete_older(now - PARKED_DAYS)
            work.commit()
