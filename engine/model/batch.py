"""Describe a ceremony that signs many documents with one PIN.

The list is fixed when it is ticked: what was shown is what is signed, or it is not signed at all.
Each item ends for itself, and the batch has ended when every item has.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from engine.errors import ConflictError, ErrorCode
from engine.merkle import merkle_root
from engine.model.document import Digest, DocumentId
from engine.model.kinds import DocumentKind
from engine.model.organisation import AgencyId, PersonId

BatchId = NewType("BatchId", str)

MAX_BATCH_ITEMS = 200
NO_FILE = Digest("")
#: How long a run may be silent before it counts as dead. It reports before and after each item,
#: and meanwhile its heartbeat does; one that was only stopped finds its hold gone and records
#: nothing more.
LEASE = timedelta(seconds=30)
#: How long the heartbeat speaks for one item: whatever takes longer hangs, and its undertaking
#: has run out as well.
ITEM_LIMIT = timedelta(minutes=5)


class BatchState(StrEnum):
    """Name how far a batch has come."""

    PREPARED = "prepared"  # ticked and shown; nothing is signed
    RUNNING = "running"
    PAUSED = "paused"  # goes on when the signer gives the PIN again
    AWAITING_STAMP = "awaiting_stamp"  # the key has done its part; time-stamps are missing
    FINISHED = "finished"


class ItemState(StrEnum):
    """Name what became of one document of a batch."""

    WAITING = "waiting"
    SIGNING = "signing"
    SIGNED = "signed"
    AWAITING_STAMP = "awaiting_stamp"
    FAILED = "failed"
    SKIPPED = "skipped"  # could not be signed when ticked or begun, or the signer ended the batch


#: Nothing more happens to an item by itself.
FINAL_STATES = (ItemState.SIGNED, ItemState.FAILED, ItemState.SKIPPED)
#: A run takes these up.
OPEN_ITEMS = (ItemState.WAITING, ItemState.SIGNING)
#: Reasons that stay: the task or the PDF that was ticked is no longer there to be signed.
HOPELESS = frozenset(
    {
        ErrorCode.TASK_CLOSED,
        ErrorCode.TASK_NOT_FOUND,
        ErrorCode.TASK_NOT_YOURS,
        ErrorCode.DOCUMENT_CHANGED,
        ErrorCode.DOCUMENT_NOT_FOUND,
        ErrorCode.DOCUMENT_STATE,
    }
)
#: States a run may begin from; a finished one only to try its failed items again.
RESUMABLE = (BatchState.PREPARED, BatchState.PAUSED, BatchState.FINISHED)


@dataclass(frozen=True, kw_only=True)
class BatchItem:
    """Hold one document of a batch as it was ticked; `state` and what follows tell its fate.

    Args:
        position: from 1, as printed.
        task_id: of the task that the signature completes.
        document_id: None when the task was not the signer's to see.
        digest: of the PDF that was shown; no other is signed.
        page_count: of that PDF.
        reason: code of the error, "" without one.
        intent_id: the run's newest undertaking to sign it, "" before.
        result: digest of the signed PDF, or of the parked one.
        at: when `state` was reached.
    """

    position: int
    task_id: str
    document_id: DocumentId | None
    digest: Digest
    page_count: int
    kind: DocumentKind
    subject: str
    unit_name: str
    drafter_name: str
    state: ItemState = ItemState.WAITING
    reason: str = ""
    intent_id: str = ""
    result: Digest = NO_FILE
    at: datetime | None = None

    @property
    def can_be_retried(self) -> bool:
        """Tell whether it failed of something that may be otherwise the next time."""
        return self.state is ItemState.FAILED and self.reason not in HOPELESS

    def moved(self, state: ItemState, at: datetime, *, reason: str = "") -> "BatchItem":
        """Return the item in another state."""
        return replace(self, state=state, reason=reason, at=at)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Hold one ceremony.

    Args:
        certificate_id: the signer's certificate when the list was ticked; no other may sign.
        merkle_root: over the digests of the items that are to be signed, in order, hex; it is
            fixed when the list is signed.
        manifest: digest of the signed list, "" until it is signed.
        reason: code of what stopped the last run, "" without one.
        lease_id: of the run that works on it now, "" when none does.
        lease_until: when that run counts as dead.
    """

    id: BatchId
    person_id: PersonId
    agency_id: AgencyId
    certificate_id: str
    merkle_root: str
    created_at: datetime
    state: BatchState = BatchState.PREPARED
    manifest: Digest = NO_FILE
    reason: str = ""
    lease_id: str = ""
    lease_until: datetime | None = None
    finished_at: datetime | None = None

    def is_alive(self, now: datetime) -> bool:
        """Tell whether a run works on it."""
        running = self.state is BatchState.RUNNING and self.lease_until is not None
        return running and self.lease_until is not None and now <= self.lease_until

    def is_interrupted(self, now: datetime) -> bool:
        """Tell whether a run worked on it and was cut off: the process ended, or hangs."""
        return self.state is BatchState.RUNNING and not self.is_alive(now)

    def check_startable(self, now: datetime) -> None:
        """Check that a run may begin.

        Raises:
            ConflictError: one works on it, or nothing is left to sign.
        """
        if self.is_alive(now):
            raise ConflictError(f"batch {self.id} is running", code=ErrorCode.BATCH_RUNNING)
        if self.state not in RESUMABLE and not self.is_interrupted(now):
            raise ConflictError(f"batch {self.id} is {self.state}", code=ErrorCode.BATCH_FINISHED)

    def check_open(self, now: datetime) -> None:
        """Check that the batch may be ended: nothing works on it, and something is left.

        Raises:
            ConflictError: a run works on it, or it has ended.
        """
        self.check_startable(now)
        if self.state is BatchState.FINISHED:
            raise ConflictError(f"batch {self.id} is finished", code=ErrorCode.BATCH_FINISHED)

    def held(self, lease_id: str, now: datetime) -> "Batch":
        """Return the batch as the run `lease_id` works on it."""
        return replace(
            self,
            state=BatchState.RUNNING,
            reason="",
            lease_id=lease_id,
            lease_until=now + LEASE,
            finished_at=None,
        )

    def released(self, state: BatchState, *, reason: str = "") -> "Batch":
        """Return the batch with no run working on it."""
        return replace(self, state=state, reason=reason, lease_id="", lease_until=None)

    def ended(self, items: Sequence[BatchItem], now: datetime) -> "Batch":
        """Return the batch after its last item; it is finished only when every item is final.

        Raises:
            ConflictError: an item still waits for the key.
        """
        if any(item.state in OPEN_ITEMS for item in items):
            raise ConflictError(f"batch {self.id} has open items", code=ErrorCode.BATCH_RUNNING)
        if any(item.state is ItemState.AWAITING_STAMP for item in items):
            return self.released(BatchState.AWAITING_STAMP)
        return replace(self.released(BatchState.FINISHED), finished_at=now)


@dataclass(frozen=True, kw_only=True)
class BatchOutcome:
    """Count what became of the items of a batch.

    Args:
        waiting: not signed yet, or signed and without their time-stamps.
        reason: code of what stopped the run, "" when it came to its end.
    """

    signed: int
    waiting: int
    failed: int
    skipped: int = 0
    reason: str = ""


def outcome_of(batch: Batch, items: Sequence[BatchItem]) -> BatchOutcome:
    """Return the counts of a batch."""
    states = [item.state for item in items]
    skipped = states.count(ItemState.SKIPPED)
    signed, failed = states.count(ItemState.SIGNED), states.count(ItemState.FAILED)
    return BatchOutcome(
        signed=signed,
        waiting=len(states) - signed - failed - skipped,
        failed=failed,
        skipped=skipped,
        reason=batch.reason,
    )


def root_of(items: Sequence[BatchItem]) -> str:
    """Return the Merkle root over the digests of the documents, hex."""
    return merkle_root([bytes.fromhex(item.digest) for item in items]).hex()


def short_name(batch_id: BatchId) -> str:
    """Return the name that people read out: first digits of the batch's id."""
    return batch_id[:8].upper()
