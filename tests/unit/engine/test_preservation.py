from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import ErrorCode
from engine.model.document import Digest, DocumentId
from engine.model.preservation import (
    Preservation,
    PreservationLevel,
    PreservationPlan,
    PreservationState,
)

SEALED_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PLAN = PreservationPlan()
HOUR = timedelta(hours=1)
COPY = Digest("c" * 64)


def planned() -> Preservation:
    return Preservation.planned(DocumentId("d"), Digest("o" * 64), SEALED_AT, PLAN)


def test_planned_original_is_its_own_source_until_there_is_a_copy() -> None:
    row = planned()
    assert row.source == row.original
    assert row.evidenced(COPY, SEALED_AT + HOUR, PLAN).source == COPY


def test_evidenced_is_due_at_once_when_archiving_is_overdue() -> None:
    late = SEALED_AT + PLAN.archive_after + HOUR
    assert planned().evidenced(COPY, late, PLAN).due_at == late


def test_archived_is_due_a_margin_before_the_certificate_ends() -> None:
    ends = SEALED_AT + timedelta(days=1800)
    row = planned().archived(COPY, SEALED_AT, renew_by=ends, plan=PLAN)
    assert row.level is PreservationLevel.ARCHIVED
    assert row.due_at == ends - PLAN.renewal_margin


@pytest.mark.parametrize(("tries", "hours"), [(0, 1), (1, 2), (4, 16), (5, 24), (300, 24)])
def test_failed_is_tried_again_later_each_time_and_at_least_daily(tries: int, hours: int) -> None:
    row = planned()
    now = SEALED_AT + HOUR
    for _ in range(tries):
        row = row.failed(ErrorCode.EVIDENCE_MISSING, now, try_later=False)
    failed = row.failed(ErrorCode.EVIDENCE_MISSING, now, try_later=False)
    assert failed.state is PreservationState.FAILED
    assert failed.due_at == now + hours * HOUR


def test_a_step_that_succeeds_forgets_the_failures_before_it() -> None:
    failed = planned().failed(ErrorCode.EVIDENCE_TOO_OLD, SEALED_AT, try_later=True)
    done = failed.evidenced(COPY, SEALED_AT + HOUR, PLAN)
    assert failed.state is PreservationState.TRY_LATER
    assert (done.state, done.reason, done.tries) == (PreservationState.DUE_LATER, "", 0)
