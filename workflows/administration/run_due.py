"""Do what is due: timers, reminders, messages, the end of waits."""

import logging
from dataclasses import dataclass
from datetime import datetime

from engine.clock import Clock
from engine.errors import ConflictError, TrinhKyError
from engine.ports import StartWork, UnitOfWork
from engine.process.model import DueEntry, DueKind, InstanceId
from workflows.administration.overdue import tell_overdue
from workflows.outgoing.stages import follow_open

_log = logging.getLogger(__name__)

BATCH = 100
#: How often a step is made anew when the instance has moved meanwhile.
_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class RunDue:
    """Job of the scheduler: each entry in a transaction of its own, exactly once."""

    start_work: StartWork
    start_reading: StartWork
    clock: Clock

    def __call__(self) -> int:
        """Do one batch of what is due and return how many entries were looked at.

        What fails is put off and put on the administrators' list; the others go on.
        """
        with self.start_reading() as work:
            entries = work.processes.schedule.list_due(self.clock.now(), BATCH)
        for entry in entries:
            self._perform(entry)
        return len(entries)

    def _perform(self, entry: DueEntry) -> None:
        now = self.clock.now()
        try:
            self._insist(entry, now)
        # A defect met by one entry must not hold up all that is due after it.
        except Exception as raised:  # noqa: BLE001 what it was is on the list and in the log
            error = raised if isinstance(raised, TrinhKyError) else TrinhKyError(repr(raised))
            _log.warning("%s at %s failed: %s", entry.kind, entry.node_id, error, exc_info=raised)
            with self.start_work() as work:
                work.processes.schedule.note_failure(entry, error, now)
                work.commit()

    def _insist(self, entry: DueEntry, now: datetime) -> None:
        """Do one entry; somebody who moved the same instance first is no failure."""
        for tries_left in reversed(range(_TRIES)):
            try:
                with self.start_work() as work:
                    if work.processes.schedule.perform(entry, now):
                        _follow(work, entry, now)
                        if entry.kind is DueKind.OVERDUE:
                            tell_overdue(work, entry.task_id, now)
                        work.commit()
            except ConflictError:
                if not tries_left:
                    raise
            else:
                return


def _follow(work: UnitOfWork, entry: DueEntry, now: datetime) -> None:
    """Let what the moved instance is about follow it."""
    moved: InstanceId | None = None
    if entry.kind is DueKind.MESSAGE:
        moved = work.processes.store.get_message(entry.subject_id).delivered_to
    elif entry.kind in {DueKind.EVENT, DueKind.RESUME}:
        moved = entry.instance_id
    if moved is not None:
        follow_open(work, moved, now)
