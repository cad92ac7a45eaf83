"""Work through a batch with one open key: each document for itself, each exactly once.

1. The item is marked before it is begun, so that a crash leaves a trace of what was under way.
2. The document is undertaken, signed and kept by the ceremony every signature goes through.
3. The item's outcome is written in the transaction that records the signature.

Every transaction first renews the hold on the batch, and a heartbeat does while the key works. A
run that was taken for dead finds its hold gone and records nothing more: its undertakings are
void by then as well.
"""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    DigestMismatchError,
    ErrorCode,
    PinRejectedError,
    SignerUnavailableError,
    StorageError,
    TrinhKyError,
)
from engine.model.batch import (
    LEASE,
    OPEN_ITEMS,
    Batch,
    BatchItem,
    BatchOutcome,
    BatchState,
    ItemState,
    outcome_of,
)
from engine.model.document import Stage
from engine.model.organisation import Actor
from engine.model.signing_intent import SigningIntent
from engine.ports import Progress, StartWork, UnitOfWork
from engine.ports_keys import OpenKey
from engine.ports_pdf import PdfSigner
from engine.process.model import TaskId
from workflows.batch.heartbeat import Heartbeat
from workflows.batch.recovery import record_batch, signed_by_hand
from workflows.outgoing.ceremonies import Ceremonies, Kept, Undertaken

_log = logging.getLogger(__name__)

#: What the next document would meet as well: the run stops, and nothing is lost by it.
_STOPPING = (CertificateRejectedError, PinRejectedError, SignerUnavailableError, StorageError)
_STOPPING_CODES = (ErrorCode.BATCH_CERTIFICATE_CHANGED, ErrorCode.SIGNATURE_VALUE_WRONG)


@dataclass(kw_only=True)
class BatchRun:
    """Hold a batch and the open key, for one run in one thread.

    Use as a context manager: leaving it closes the key, and an error that leaves it pauses the
    batch, so that it is on the signer's list at once.
    """

    start_work: StartWork
    clock: Clock
    ceremonies: Ceremonies
    signer: PdfSigner
    batch: Batch
    actor: Actor
    key: OpenKey = field(repr=False)
    heartbeat: Heartbeat = field(init=False, repr=False)
    _stop_reason: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        self.heartbeat = Heartbeat(
            start_work=self.start_work,
            clock=self.clock,
            batch_id=self.batch.id,
            lease_id=self.batch.lease_id,
        )

    def __enter__(self) -> "BatchRun":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.key.close()
        self.heartbeat.stop()
        # Whatever stops the process itself leaves the batch held; it counts as cut off soon.
        if isinstance(error, Exception):
            self._give_up(error)

    def stop(self, reason: ErrorCode = ErrorCode.BATCH_INTERRUPTED) -> None:
        """Stop after the document that is being signed; what is left stays waiting."""
        self._stop_reason = reason

    def sign_all(self, progress: Progress | None = None) -> BatchOutcome:
        """Sign every open item in its order and say what became of all.

        Args:
            progress: told each title with how many of the open items are done.

        Raises:
            ConflictError: code BATCH_LOST; another run has taken over.
            StoreUnavailableError: the rows cannot be written; the batch counts as cut off.
        """
        with self.start_work() as work:
            items = work.batches.list_items(self.batch.id)
        left = [item for item in items if item.state in OPEN_ITEMS]
        for done, item in enumerate(left, start=1):
            if self._stop_reason:
                return self._pause(self._stop_reason)
            stopped_by = self._attempt(item)
            if stopped_by:
                return self._pause(stopped_by)
            if progress is not None:
                progress(item.subject, done, len(left))
        return self._end()

    def _attempt(self, item: BatchItem) -> str:
        """Sign one item; return the code of what must stop the run, "" to go on."""
        begun = replace(item.moved(ItemState.SIGNING, self.clock.now()), intent_id="")
        self._write(begun, was=item.state)
        try:
            self._sign(begun)
        except TrinhKyError as error:
            if error.code is ErrorCode.BATCH_LOST:
                raise
            _log.info("batch %s item %d: %s", self.batch.id, item.position, error.code)
            return self._note_error(item, error)
        return ""

    def _note_error(self, item: BatchItem, error: TrinhKyError) -> str:
        """Write what an error makes of an item; return the code of what must stop the run."""
        now, stops = self.clock.now(), _stops(error, item)
        state = ItemState.WAITING if stops else ItemState.FAILED
        ended = replace(item.moved(state, now, reason=error.code), intent_id="")
        with self.start_work() as work:
            self._renew(work, now)
            by_hand = None if stops else signed_by_hand(work, item, self.actor.person_id, now)
            # Should the signature be on record after all, the item says so and stays as it is.
            work.batches.save_item(self.batch.id, by_hand or ended, was=ItemState.SIGNING)
            work.commit()
        return error.code if stops else ""

    def _sign(self, item: BatchItem) -> None:
        def note_begun(work: UnitOfWork, intent: SigningIntent) -> None:
            self._note(work, replace(item, intent_id=intent.id))

        undertaken = self.ceremonies.begin(
            Stage.SIGNED, TaskId(item.task_id), self.actor, also=note_begun
        )
        # No transaction is open while the key works.
        with self.ceremonies.or_void(undertaken, self.actor):
            self._check_as_ticked(item, undertaken)
            files = self.ceremonies.list_signable(undertaken, self.actor)
            signed = [self.signer.sign(each.content, each.act, self.key) for each in files]

            def note(work: UnitOfWork, kept: Kept) -> None:
                self._note_kept(work, item, undertaken.intent.id, kept)

            self.ceremonies.keep(undertaken, signed, self.actor, also=note)

    def _check_as_ticked(self, item: BatchItem, undertaken: Undertaken) -> None:
        """Check that what is to be signed is what the list shows, by the key it was shown for.

        Raises:
            ConflictError: the PDF or the signer's certificate is another one.
        """
        if undertaken.act.certificate.id != self.batch.certificate_id:
            raise ConflictError(
                f"certificate is {undertaken.act.certificate.id}",
                code=ErrorCode.BATCH_CERTIFICATE_CHANGED,
            )
        if undertaken.intent.digest != item.digest:
            raise ConflictError(
                f"document {item.document_id} is another PDF", code=ErrorCode.DOCUMENT_CHANGED
            )

    def _note_kept(self, work: UnitOfWork, item: BatchItem, intent_id: str, kept: Kept) -> None:
        state = ItemState.AWAITING_STAMP if kept.awaits_stamp else ItemState.SIGNED
        moved = item.moved(state, self.clock.now())
        self._note(work, replace(moved, intent_id=intent_id, result=kept.digest))

    def _note(self, work: UnitOfWork, item: BatchItem) -> None:
        """Write an item in the transaction that records what it says of the signature."""
        self._renew(work, self.clock.now())
        if not work.batches.save_item(self.batch.id, item, was=ItemState.SIGNING):
            raise ConflictError(f"item {item.position} was taken", code=ErrorCode.BATCH_LOST)

    def _renew(self, work: UnitOfWork, now: datetime) -> None:
        self.heartbeat.step()
        work.batches.renew(self.batch.id, self.batch.lease_id, now + LEASE)

    def _write(self, item: BatchItem, *, was: ItemState) -> None:
        with self.start_work() as work:
            self._renew(work, self.clock.now())
            work.batches.save_item(self.batch.id, item, was=was)
            work.commit()

    def _pause(self, reason: str) -> BatchOutcome:
        now = self.clock.now()
        with self.start_work() as work:
            self._renew(work, now)
            # Without its signed list nothing was begun: it is as it was when it was ticked.
            state = BatchState.PAUSED if self.batch.manifest else BatchState.PREPARED
            paused = self.batch.released(state, reason=reason)
            items = work.batches.list_items(self.batch.id)
            work.batches.save(paused)
            if self.batch.manifest:
                record_batch(
                    work, AuditEvent.BATCH_PAUSE, paused, items, actor=self.actor, now=now
                )
            work.commit()
        return outcome_of(paused, items)

    def _end(self) -> BatchOutcome:
        now = self.clock.now()
        with self.start_work() as work:
            self._renew(work, now)
            items = work.batches.list_items(self.batch.id)
            ended = self.batch.ended(items, now)
            work.batches.save(ended)
            if ended.state is BatchState.FINISHED:
                record_batch(
                    work, AuditEvent.BATCH_COMPLETE, ended, items, actor=self.actor, now=now
                )
            work.commit()
        return outcome_of(ended, items)

    def _give_up(self, error: Exception) -> None:
        """Pause after an error that stops the run; an item it happened to counts as failed."""
        reason = error.code if isinstance(error, TrinhKyError) else ErrorCode.UNEXPECTED
        if reason is ErrorCode.BATCH_LOST:
            return
        try:
            with self.start_work() as work:
                items = work.batches.list_items(self.batch.id)
            for item in items:
                if item.state is ItemState.SIGNING:
                    failed = item.moved(ItemState.FAILED, self.clock.now(), reason=reason)
                    self._write(failed, was=ItemState.SIGNING)
            self._pause(reason)
        except TrinhKyError as second:
            # The store is what failed: the hold runs out, and the sweep puts it on the list.
            _log.warning("batch %s could not be paused: %s", self.batch.id, second)


def _stops(error: TrinhKyError, item: BatchItem) -> bool:
    if isinstance(error, DigestMismatchError):
        return False
    # What stopped at this very item before may be the fault of its file alone: the others go on,
    # and meet it again if it is not.
    if isinstance(error, StorageError) and item.reason == error.code:
        return False
    return isinstance(error, _STOPPING) or error.code in _STOPPING_CODES
