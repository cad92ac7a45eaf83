"""Look after batches nobody works on: cut off, or waiting for their time-stamps."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.batch import Batch, BatchState
from engine.ports import StartWork
from workflows.batch.recovery import pause_dead, record_batch, recovered


@dataclass(frozen=True, kw_only=True)
class SettleBatches:
    """Job: pause what was cut off, finish what got its last time-stamp."""

    start_work: StartWork
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:  # noqa: ARG002 every job takes one
        """Bring every such batch up to date, each in a transaction of its own."""
        with self.start_work() as work:
            dead = work.batches.list_dead(self.clock.now())
            awaiting = work.batches.list_awaiting_stamp()
        for batch in dead:
            self._pause(batch)
        for batch in awaiting:
            self._finish(batch)

    def _pause(self, batch: Batch) -> None:
        now = self.clock.now()
        with self.start_work() as work:
            current = work.batches.get(batch.id)
            if current.is_interrupted(now):
                pause_dead(work, current, now)
                work.commit()

    def _finish(self, batch: Batch) -> None:
        now = self.clock.now()
        with self.start_work() as work:
            current = work.batches.get(batch.id)
            if current.state is not BatchState.AWAITING_STAMP:
                return
            items = recovered(work, current, now)
            ended = current.ended(items, now)
            work.batches.save(ended)
            if ended.state is BatchState.FINISHED:
                record_batch(work, AuditEvent.BATCH_COMPLETE, ended, items, now=now)
            work.commit()
