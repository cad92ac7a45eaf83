"""Forget notices that are older than anybody looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from engine.clock import Clock
from engine.ports import StartWork

#: In one transaction; the next sweep takes the next ones.
BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class ForgetNotices:
    """Job of the sweep: what is told in the books and in the leaves is not kept here for ever.

    Args:
        kept: how long a notice stays on a list, read or not.
    """

    start_work: StartWork
    clock: Clock
    kept: timedelta

    def __call__(self, payload: Mapping[str, str]) -> None:  # noqa: ARG002 every job takes one
        """Delete notices that are too old, and the mails that carried nothing else."""
        before = self.clock.now() - self.kept
        with self.start_work() as work:
            work.notices.forget(before, BATCH)
            work.mails.forget(before, BATCH)
            work.commit()
