"""Leave out, before the key signs anything, what can no longer be signed as it was ticked."""

from collections.abc import Sequence
from datetime import datetime

from engine.errors import ConflictError, ErrorCode, NotFoundError, NotPermittedError
from engine.model.batch import OPEN_ITEMS, Batch, BatchItem, ItemState
from engine.model.document import DocumentStatus
from engine.model.organisation import Actor
from engine.ports import UnitOfWork
from engine.presence import with_posts_today
from engine.process.model import TaskId
from workflows.outgoing.stages import document_of

#: Name of the use case that completes the task, whichever way the signature is made.
USE_CASE = "sign_document"


def weeded(
    work: UnitOfWork, batch: Batch, items: Sequence[BatchItem], actor: Actor, now: datetime
) -> list[BatchItem]:
    """Skip the open items that no run can sign any more, each with its reason; return them all.

    A list may wait for days while its documents are signed one by one, in another batch, or sent
    back. What may still come right, such as a signature under way elsewhere, is left to the run.
    """
    serving = with_posts_today(work.organisation, actor, now)
    left = []
    for item in items:
        current = item
        reason = _refusal(work, item, serving) if item.state in OPEN_ITEMS else ""
        if reason:
            current = item.moved(ItemState.SKIPPED, now, reason=reason)
            work.batches.save_item(batch.id, current, was=item.state)
        left.append(current)
    return left


def _refusal(work: UnitOfWork, item: BatchItem, actor: Actor) -> str:
    try:
        task = work.processes.check_may_complete(TaskId(item.task_id), actor, use_case=USE_CASE)
        document = document_of(work, task)
        document.check_status(DocumentStatus.AWAITING_SIGNATURE)
        revision = document.current_revision()
    except (NotFoundError, NotPermittedError, ConflictError) as error:
        return error.code
    if revision.digest != item.digest:
        return ErrorCode.DOCUMENT_CHANGED
    intent = work.intents.find_open(document.id)
    return ErrorCode.TIMESTAMP_AWAITED if intent is not None and intent.awaits_stamp else ""
