"""Deadlines, reminders and overdue work on a real installation."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.model.document import DocumentId
from engine.model.urgency import Urgency
from engine.process.model import Alert, DueEntry, IncidentKind
from engine.process.schedule import Schedule
from engine.queries import Basket, WorkRow
from tests.houses import Stage, copy_house

#: A Monday at eight in the morning in Việt Nam; nothing of that week is a day off.
MONDAY = datetime(2026, 12, 7, 1, 0, tzinfo=UTC)


@pytest.fixture
def installation(installation_in_december: Path) -> Path:
    return installation_in_december


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


def waiting(stage: Stage, login: str, basket: Basket) -> list[WorkRow]:
    with stage.house.start_reading() as work:
        return list(work.queries.list_work(stage.actor(login), basket).rows)


def pass_time(stage: Stage, clock: FixedClock, **amount: float) -> None:
    clock.move(timedelta(**amount))
    assert stage.house.jobs.wait_until_idle(120)


def submitted(stage: Stage, **changes: object) -> DocumentId:
    document_id = stage.draft(**changes)
    stage.submit(document_id)
    return document_id


@pytest.mark.parametrize(
    ("urgency", "hours"),
    [
        (Urgency.EXPRESS, 1),
        (Urgency.VERY_URGENT, 2),
        (Urgency.URGENT, 5 + 1),  # four working hours: three, two of rest at noon, one
        (Urgency.NORMAL, 24),  # eight: the same time on the next working day
    ],
)
def test_a_step_is_due_by_the_urgency_of_the_document(
    stage: Stage, urgency: Urgency, hours: int
) -> None:
    submitted(stage, urgency=urgency)
    (row,) = waiting(stage, "snv.truongphong", Basket.TO_REVIEW)
    assert row.due_at == MONDAY + timedelta(hours=hours)
    assert row.alert is Alert.NONE


def test_the_holder_is_reminded_and_the_leader_hears_of_what_is_overdue(
    stage: Stage, clock: FixedClock
) -> None:
    document_id = submitted(stage, urgency=Urgency.VERY_URGENT)

    pass_time(stage, clock, minutes=60)
    (row,) = waiting(stage, "snv.truongphong", Basket.TO_REVIEW)
    assert row.alert is Alert.HALF
    pass_time(stage, clock, minutes=48)
    (row,) = waiting(stage, "snv.truongphong", Basket.TO_REVIEW)
    assert row.alert is Alert.NEAR
    assert waiting(stage, "snv.lanhdao", Basket.OVERDUE) == []
    pass_time(stage, clock, minutes=12)
    (row,) = waiting(stage, "snv.truongphong", Basket.TO_REVIEW)
    assert row.alert is Alert.OVERDUE

    (above,) = waiting(stage, "snv.lanhdao", Basket.OVERDUE)
    assert above.subject_id == document_id
    assert above.holder == "role:lanh_dao_phong"
    with stage.house.start_reading() as work:
        assert work.queries.count_baskets(stage.actor("snv.lanhdao"))[Basket.OVERDUE] == 1
        # What is overdue in one agency is nobody's business in another.
        assert work.queries.count_baskets(stage.actor("stc.lanhdao"))[Basket.OVERDUE] == 0

    stage.review(document_id)
    assert waiting(stage, "snv.lanhdao", Basket.OVERDUE) == []


def test_a_step_done_in_time_reminds_nobody(stage: Stage, clock: FixedClock) -> None:
    document_id = submitted(stage, urgency=Urgency.EXPRESS)
    stage.review(document_id)
    stage.check(document_id)
    stage.sign(document_id)
    stage.number(document_id)
    with stage.house.start_reading() as work:
        due = work.processes.schedule.list_due(clock.now() + timedelta(days=30))
    assert {entry.node_id for entry in due} == {"seal"}


def test_after_an_outage_everything_due_is_done_once(stage: Stage, clock: FixedClock) -> None:
    for _ in range(3):
        submitted(stage)

    pass_time(stage, clock, days=14)

    rows = waiting(stage, "snv.truongphong", Basket.TO_REVIEW)
    assert [row.alert for row in rows] == [Alert.OVERDUE] * 3
    assert len(waiting(stage, "snv.lanhdao", Basket.OVERDUE)) == 3
    with stage.house.start_reading() as work:
        assert work.processes.schedule.list_due(clock.now() + timedelta(days=30)) == []


def test_a_returned_document_has_its_deadline_anew(stage: Stage, clock: FixedClock) -> None:
    document_id = submitted(stage, urgency=Urgency.EXPRESS)
    pass_time(stage, clock, days=1)
    head = stage.actor("snv.truongphong")
    stage.house.use_cases.return_document(
        stage.task("snv.truongphong", document_id), head, "Bổ sung số liệu."
    )
    stage.submit(document_id)
    (row,) = waiting(stage, "snv.truongphong", Basket.TO_REVIEW)
    assert (row.alert, row.due_at) == (Alert.NONE, clock.now() + timedelta(hours=1))


def test_reminders_survive_the_end_of_the_process(
    stage: Stage, clock: FixedClock, tmp_path: Path
) -> None:
    submitted(stage, urgency=Urgency.EXPRESS)
    stage.house.close()
    clock.move(timedelta(hours=5))

    again = copy_house(tmp_path / "data", tmp_path / "restarted", clock)
    again.jobs.start()
    try:
        assert again.jobs.wait_until_idle(120)
    finally:
        again.jobs.stop()
    (row,) = waiting(Stage(again), "snv.truongphong", Basket.TO_REVIEW)
    assert row.alert is Alert.OVERDUE
    again.close()


def test_a_defect_met_by_one_entry_holds_up_no_other(
    stage: Stage, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = submitted(stage), submitted(stage)
    perform = Schedule.perform

    def fail_on_one(schedule: Schedule, entry: DueEntry, now: datetime) -> bool:
        item = schedule.stepper.store.get_work_item(entry.task_id)
        if item.business_key == broken:
            raise RuntimeError("a defect")
        return perform(schedule, entry, now)

    monkeypatch.setattr(Schedule, "perform", fail_on_one)
    pass_time(stage, clock, days=7)
    rows = waiting(stage, "snv.truongphong", Basket.TO_REVIEW)
    assert {row.subject_id: row.alert for row in rows} == {
        broken: Alert.NONE,
        sound: Alert.OVERDUE,
    }
    with stage.house.start_reading() as work:
        incidents = work.queries.list_incidents(is_over=False).rows
    assert {(each.kind, each.tries) for each in incidents} == {(IncidentKind.TIMER, 1)}

    # Whoever does the task ends the incident: nobody waits for its timers any more.
    stage.review(broken)
    with stage.house.start_reading() as work:
        assert work.queries.list_incidents(is_over=False).rows == []
