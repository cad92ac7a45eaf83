"""End a batch before its time: what is not signed is free again."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode
from engine.model.batch import OPEN_ITEMS, BatchId, BatchState, ItemState
from engine.model.organisation import Actor
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from workflows.batch.recovery import record_batch, recovered


@dataclass(frozen=True, kw_only=True)
class EndBatch:
    """Use case: the signatory ends a batch that will not be run to its end."""

    start_work: StartWork
    clock: Clock

    def __call__(self, batch_id: BatchId, actor: Actor) -> None:
        """Skip what is not signed; it may be ticked for another batch.

        Raises:
            NotPermittedError: not this person's batch.
            ConflictError: a run works on it, or it has ended.
        """
        now = self.clock.now()
        with self.start_work() as work:
            batch = work.batches.get(batch_id)
            check_permitted(Permission.BATCH_SIGN, actor, Subject(person_id=batch.person_id))
            batch.check_open(now)
            items = recovered(work, batch, now)
            for place, item in enumerate(items):
                if item.state in OPEN_ITEMS:
                    items[place] = item.moved(ItemState.SKIPPED, now, reason=ErrorCode.BATCH_ENDED)
                    work.batches.save_item(batch_id, items[place], was=item.state)
            ended = batch.ended(items, now)
            work.batches.save(ended)
            if ended.state is BatchState.FINISHED:
                record_batch(work, AuditEvent.BATCH_COMPLETE, ended, items, actor=actor, now=now)
            work.commit()
