"""Find out what became of items whose run was cut off, or whose time-stamps came late.

The undertaking on record decides, never a guess: what was recorded as signed is signed, what the
run had begun and not recorded is voided, which also stops whoever might still be at it. What the
signer has begun outside of the batch is left alone, and what they signed there is signed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from engine.audit import AuditEvent
from engine.errors import ErrorCode
from engine.model.batch import (
    OPEN_ITEMS,
    Batch,
    BatchItem,
    BatchState,
    ItemState,
    outcome_of,
    short_name,
)
from engine.model.document import Digest, Stage
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import SYSTEM, Actor, PersonId
from engine.model.signing_intent import IntentState, SigningIntent
from engine.notifying import notify
from engine.ports import UnitOfWork
from engine.undertaking import void_undertaking


def recovered(work: UnitOfWork, batch: Batch, now: datetime) -> list[BatchItem]:
    """Bring the items of a batch that no run works on up to date, and return them all.

    Call it only when the batch is not held: what a run has begun is voided.
    """
    items = []
    for item in work.batches.list_items(batch.id):
        current = _current(work, batch, item, now)
        if current != item:
            work.batches.save_item(batch.id, current, was=item.state)
        items.append(current)
    return items


def pause_dead(work: UnitOfWork, batch: Batch, now: datetime) -> None:
    """Clear up after a run that was cut off: pause the batch, or end it if nothing was left."""
    items = recovered(work, batch, now)
    if any(item.state in OPEN_ITEMS for item in items):
        state = BatchState.PAUSED if batch.manifest else BatchState.PREPARED
        released = batch.released(state, reason=ErrorCode.BATCH_INTERRUPTED)
        event = AuditEvent.BATCH_PAUSE
    else:
        released, event = batch.ended(items, now), AuditEvent.BATCH_COMPLETE
    work.batches.save(released)
    if released.state in (BatchState.PAUSED, BatchState.FINISHED):
        record_batch(work, event, released, items, now=now)


def signed_by_hand(
    work: UnitOfWork, item: BatchItem, person_id: PersonId, now: datetime
) -> BatchItem | None:
    """Return the item as signed if the person has signed what was ticked, outside of the run.

    Where that signature still waits for its time-stamp, so does the item.
    """
    if item.document_id is None:
        return None
    intent = work.intents.find_open(item.document_id)
    if intent is not None and intent.awaits_stamp:
        if (intent.stage, intent.actor_id, intent.digest) != (
            Stage.SIGNED,
            person_id,
            item.digest,
        ):
            return None
        parked = replace(item, intent_id=intent.id, result=intent.parked[0])
        return parked.moved(ItemState.AWAITING_STAMP, now)
    revisions = work.documents.get(item.document_id).revisions
    for before, signed in pairwise(revisions):
        is_theirs = signed.stage is Stage.SIGNED and signed.made_by == person_id
        if is_theirs and before.digest == item.digest:
            return replace(item.moved(ItemState.SIGNED, now), intent_id="", result=signed.digest)
    return None


def record_batch(
    work: UnitOfWork,
    event: AuditEvent,
    batch: Batch,
    items: Sequence[BatchItem],
    *,
    actor: Actor = SYSTEM,
    now: datetime,
) -> None:
    """Append the leaf of what happened to a batch, with the counts; tell its signer of the end."""
    counts = outcome_of(batch, items)
    details = {
        "certificate": batch.certificate_id,
        "manifest": batch.manifest,
        "merkle_root": batch.merkle_root,
        "signed": str(counts.signed),
        "waiting": str(counts.waiting),
        "failed": str(counts.failed),
        "skipped": str(counts.skipped),
    }
    if batch.reason:
        details["reason"] = batch.reason
    work.audit.record(event, subject=f"batch:{batch.id}", actor=actor, at=now, details=details)
    if event is AuditEvent.BATCH_COMPLETE:
        # The signer too: the keys worked while they did something else.
        notify(
            work,
            NoticeKind.BATCH_FINISHED,
            [batch.person_id],
            subject_kind=SubjectKind.BATCH,
            subject_id=batch.id,
            title=short_name(batch.id),
            now=now,
            signed=str(counts.signed),
            total=str(len(items)),
        )


def _current(work: UnitOfWork, batch: Batch, item: BatchItem, now: datetime) -> BatchItem:
    if item.state is ItemState.AWAITING_STAMP:
        return _stamped(work, item, now)
    # Without its signed list nothing was begun: what was signed elsewhere is not of this batch.
    if item.state not in OPEN_ITEMS or not batch.manifest:
        return item
    by_hand = signed_by_hand(work, item, batch.person_id, now)
    if by_hand is not None:
        return by_hand
    return _cut_off(work, item, now) if item.state is ItemState.SIGNING else item


def _stamped(work: UnitOfWork, item: BatchItem, now: datetime) -> BatchItem:
    intent = work.intents.get(item.intent_id)
    if intent.state is IntentState.VOIDED:
        return item.moved(ItemState.FAILED, now, reason=_reason_of(intent))
    if intent.state is not IntentState.COMPLETED:
        return item
    document = work.documents.get(intent.document_id)
    signed = [each.digest for each in document.revisions if each.stage is Stage.SIGNED]
    return replace(item.moved(ItemState.SIGNED, now), result=signed[-1] if signed else Digest(""))


def _cut_off(work: UnitOfWork, item: BatchItem, now: datetime) -> BatchItem:
    # The item names its undertaking from that one's first moment on; without a name nothing was
    # begun, and what is open on the document is somebody's own.
    if item.intent_id:
        intent = work.intents.get(item.intent_id)
        void_undertaking(work, intent, reason=ErrorCode.BATCH_INTERRUPTED, actor=None, now=now)
    return item.moved(ItemState.WAITING, now, reason=ErrorCode.BATCH_INTERRUPTED)


def _reason_of(intent: SigningIntent) -> str:
    """Return the code of why an undertaking was voided; the sweep's own word is no code."""
    known = {code.value for code in ErrorCode}
    return intent.reason if intent.reason in known else ErrorCode.TIMESTAMP_GRACE_OVER
