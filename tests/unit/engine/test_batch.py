"""A batch: when a run may begin, when it counts as dead, when it has ended."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import ConflictError, ErrorCode
from engine.model.batch import (
    LEASE,
    Batch,
    BatchId,
    BatchItem,
    BatchState,
    ItemState,
    outcome_of,
    root_of,
    short_name,
)
from engine.model.document import Digest, DocumentId
from engine.model.kinds import CONG_VAN
from engine.model.organisation import AgencyId, PersonId

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BATCH = Batch(
    id=BatchId("0123456789abcdef"),
    person_id=PersonId("p1"),
    agency_id=AgencyId("snv"),
    certificate_id="4f",
    merkle_root="",
    created_at=NOW,
)


def an_item(state: ItemState, position: int = 1) -> BatchItem:
    return BatchItem(
        position=position,
        task_id=f"t{position}",
        document_id=DocumentId(f"d{position}"),
        digest=Digest("ab" * 32),
        page_count=1,
        kind=CONG_VAN,
        subject="báo cáo",
        unit_name="Văn phòng",
        drafter_name="Võ Tấn Hải",
        state=state,
    )


def test_run_counts_as_dead_when_its_hold_has_run_out() -> None:
    held = BATCH.held("run-1", NOW)

    assert held.is_alive(NOW + LEASE)
    assert not held.is_interrupted(NOW + LEASE)
    assert not held.is_alive(NOW + LEASE + timedelta(microseconds=1))
    assert held.is_interrupted(NOW + LEASE + timedelta(microseconds=1))
    assert not BATCH.is_alive(NOW)
    assert not BATCH.is_interrupted(NOW)


@pytest.mark.parametrize(
    "batch",
    [
        BATCH,
        BATCH.released(BatchState.PAUSED),
        BATCH.released(BatchState.FINISHED),
        BATCH.held("run-1", NOW - 2 * LEASE),
    ],
)
def test_run_may_begin_when_none_works_on_the_batch(batch: Batch) -> None:
    batch.check_startable(NOW)


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        (BATCH.held("run-1", NOW), ErrorCode.BATCH_RUNNING),
        (BATCH.released(BatchState.AWAITING_STAMP), ErrorCode.BATCH_FINISHED),
    ],
)
def test_run_is_refused_when_one_works_or_nothing_is_left(batch: Batch, code: ErrorCode) -> None:
    with pytest.raises(ConflictError) as refused:
        batch.check_startable(NOW)

    assert refused.value.code is code


@pytest.mark.parametrize("state", [ItemState.WAITING, ItemState.SIGNING])
def test_batch_does_not_end_when_an_item_is_open(state: ItemState) -> None:
    with pytest.raises(ConflictError):
        BATCH.ended([an_item(ItemState.SIGNED), an_item(state)], NOW)


def test_batch_waits_when_an_item_lacks_its_stamp() -> None:
    ended = BATCH.held("run-1", NOW).ended([an_item(ItemState.AWAITING_STAMP)], NOW)

    assert (ended.state, ended.lease_id, ended.finished_at) == (
        BatchState.AWAITING_STAMP,
        "",
        None,
    )


def test_batch_is_finished_when_every_item_is_final() -> None:
    items = [an_item(state) for state in (ItemState.SIGNED, ItemState.FAILED, ItemState.SKIPPED)]

    ended = BATCH.held("run-1", NOW).ended(items, NOW)

    assert (ended.state, ended.finished_at) == (BatchState.FINISHED, NOW)


def test_outcome_counts_every_item_once_when_all_states_occur() -> None:
    outcome = outcome_of(BATCH, [an_item(state) for state in ItemState])

    assert (outcome.signed, outcome.waiting, outcome.failed, outcome.skipped) == (1, 3, 1, 1)


def test_root_changes_when_the_order_does() -> None:
    first = an_item(ItemState.WAITING)
    second = BatchItem(**{**vars(first), "digest": Digest("cd" * 32)})

    assert root_of([first, second]) != root_of([second, first])


def test_short_name_is_what_people_read_out_when_a_batch_is_named() -> None:
    assert short_name(BATCH.id) == "01234567"
