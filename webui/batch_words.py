"""Name for people what becomes of a batch and of each document in it."""

from collections.abc import Mapping

from engine.errors import ErrorCode
from engine.model.batch import BatchItem, BatchOutcome, BatchState, ItemState
from webui.error_texts import TEXTS
from webui.i18n import mark as _l

BATCHES: Mapping[BatchState, tuple[str, str]] = {
    BatchState.PREPARED: (_l("Chưa ký"), "wait"),
    BatchState.RUNNING: (_l("Đang ký"), "info"),
    BatchState.PAUSED: (_l("Tạm dừng"), "wait"),
    BatchState.AWAITING_STAMP: (_l("Chờ dấu thời gian"), "wait"),
    # Whether that is good, only the outcome tells.
    BatchState.FINISHED: (_l("Đã kết thúc"), ""),
}

#: A run that was cut off is still on record as running.
INTERRUPTED = (_l("Bị gián đoạn"), "bad")

ITEMS: Mapping[ItemState, tuple[str, str]] = {
    ItemState.WAITING: (_l("Chưa ký"), ""),
    ItemState.SIGNING: (_l("Đang ký"), "info"),
    ItemState.SIGNED: (_l("Đã ký"), "good"),
    ItemState.AWAITING_STAMP: (_l("Chờ dấu thời gian"), "wait"),
    ItemState.FAILED: (_l("Lỗi"), "bad"),
    ItemState.SKIPPED: (_l("Không ký"), "wait"),
}


def finished_kind(outcome: BatchOutcome) -> str:
    """Return the kind of the mark of a finished batch: good only if every document is signed."""
    all_signed = outcome.signed and not (outcome.waiting or outcome.failed or outcome.skipped)
    return "good" if all_signed else "wait"


def item_state(item: BatchItem, *, is_interrupted: bool) -> tuple[str, str]:
    """Return the word and the kind of the mark of a document; nobody signs in a run cut off."""
    if is_interrupted and item.state is ItemState.SIGNING:
        return INTERRUPTED
    return ITEMS[item.state]


def reason_title(code: str) -> str:
    """Return the short name of why something stopped, "" without a reason."""
    if not code:
        return ""
    known = {each.value: each for each in ErrorCode}
    return TEXTS[known.get(code, ErrorCode.UNEXPECTED)].title
