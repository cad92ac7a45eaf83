"""Do what is due: timers, reminders and what fails, each exactly once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.organisation import SYSTEM, Role, UnitId
from engine.process.deployment import lint_files
from engine.process.model import (
    Alert,
    DueEntry,
    DueKind,
    Incident,
    IncidentKind,
    InstanceId,
    InstanceStatus,
    TaskRule,
)
from engine.process.schedule import FIRST_WAIT, LONGEST_WAIT
from engine.process.steps import PACE
from tests.unit.process.office import (
    AGENCY,
    NOW,
    UNIT,
    Office,
    Running,
    a_flow,
    boundary,
    draw,
    shape,
    timer,
)

ANY = TaskRule(use_case="any")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: Monday 09:30 in Vietnam is NOW; three working days later work ends on Thursday at 17:00.
THURSDAY_EVENING = datetime(2026, 1, 8, 10, tzinfo=UTC)


def flow(nodes: list[str], flows: list[str], *, rule: TaskRule = ANY, **changes: object) -> Office:
    """Return an office with one procedure; its tasks are `a`, `b` and `n`."""
    xml = draw(["startEvent s", *nodes, "endEvent e"], flows)
    procedure = replace(a_flow(xml, a=rule, b=rule, n=rule), **changes)  # type: ignore[arg-type]
    known = frozenset({"agency_id", "unit_id", "days", "at_time", "ok"})
    return Office(replace(procedure, starts_with=known))


def with_timer(text: str = "P2D", *, interrupts: bool = True, date: bool = False) -> Office:
    event = boundary("t", "a", timer(text, date=date), interrupts=interrupts)
    return flow(["userTask a", event, "userTask n", "endEvent d"], ["s a", "a e", "t n", "n d"])


def with_deadline(text: str, *, rule: TaskRule = ANY, lane: str = "chuyen_vien") -> Office:
    office = flow([shape("userTask", "a", due=text), "userTask b"], ["s a", "a b", "b e"],
                  rule=rule)  # fmt: skip
    procedure = office.procedures["flow"]
    xml = procedure.bpmn.replace(b"chuyen_vien", lane.encode())
    office.procedures["flow"] = replace(procedure, bpmn=xml)
    return office


# --- timers ----------------------------------------------------------------------------------


def test_interrupting_timer_ends_its_task_when_it_is_due() -> None:
    office = with_timer()
    run = Running(office)
    item = run.open()["a"]
    assert office.settle(NOW + 2 * DAY - timedelta(seconds=1)) == []
    assert office.settle(NOW + 2 * DAY) == ["event t"]
    assert run.waiting() == ["n"]
    closed = office.store.get_work_item(item.id)
    assert (closed.closed_by, closed.outcome) == (SYSTEM.person_id, "timer")
    assert run.outcomes()[-1] == ("t", "timer", SYSTEM.person_id)
    assert office.store.due == {}


def test_timer_that_does_not_interrupt_happens_once_beside_its_task() -> None:
    office = with_timer(interrupts=False)
    run = Running(office)
    item = run.open()["a"]
    assert office.settle(NOW + 10 * DAY) == ["event t"]
    assert run.waiting() == ["a", "n"]
    assert office.store.get_work_item(item.id) == item
    assert office.settle(NOW + 20 * DAY) == []
    run.do("a")
    assert run.waiting() == ["n"]
    run.do("n")
    assert run.row.status is InstanceStatus.COMPLETED


def test_timer_is_gone_when_its_task_was_done_in_time() -> None:
    for interrupts in (True, False):
        office = with_timer(interrupts=interrupts)
        run = Running(office)
        run.do("a")
        assert office.store.due == {}
        assert office.settle(NOW + 10 * DAY) == []
        assert run.row.status is InstanceStatus.COMPLETED


def test_timer_changes_nothing_when_its_task_is_closed_after_it_was_read() -> None:
    office = with_timer(interrupts=False)
    run = Running(office)
    later = NOW + 2 * DAY
    (entry,) = office.processes().schedule.list_due(later)
    run.do("a", later)
    assert office.processes().schedule.perform(entry, later) is False
    assert run.row.status is InstanceStatus.COMPLETED


def test_timer_runs_anew_each_time_its_task_is_reached() -> None:
    event = boundary("t", "a", timer("P2D"), interrupts=False)
    office = flow(
        ["exclusiveGateway m", "userTask a", event, "exclusiveGateway g g-m", "endEvent d"],
        ["s m", "m a", "a g", "g m", "g e ok == True", "t d"],
        rule=TaskRule(use_case="any", writes=frozenset({"ok"})),
    )
    run = Running(office, ok=False)
    for number in range(3):
        opened = NOW + number * 10 * DAY
        assert [entry.due_at for entry in office.store.due.values()] == [opened + 2 * DAY]
        assert office.settle(opened + 5 * DAY) == ["event t"]
        run.do("a", opened + 10 * DAY, ok=number == 2)
    assert run.row.status is InstanceStatus.COMPLETED
    assert office.store.due == {}


@pytest.mark.parametrize(
    ("text", "date", "due_at"),
    [
        ("PT4H", False, NOW + 4 * HOUR),
        ("3 working days", False, THURSDAY_EVENING),
        ("days working days", False, THURSDAY_EVENING),
        ("at at_time", False, datetime(2026, 3, 1, 1, 30, tzinfo=UTC)),
        ("at at_time", True, datetime(2026, 3, 1, 1, 30, tzinfo=UTC)),
        ("2026-02-01T00:00:00+07:00", True, datetime(2026, 1, 31, 17, tzinfo=UTC)),
    ],
)
def test_catch_event_waits_for_its_time(text: str, date: bool, due_at: datetime) -> None:
    office = flow(
        ["userTask a", shape("intermediateCatchEvent", "c", timer(text, date=date)), "userTask b"],
        ["s a", "a c", "c b", "b e"],
    )
    run = Running(office, days=3, at_time="2026-03-01T08:30:00+07:00")
    run.do("a")
    assert run.waiting() == ["c"]
    assert [entry.due_at for entry in office.store.due.values()] == [due_at]
    assert office.settle(due_at - timedelta(microseconds=1)) == []
    assert office.settle(due_at) == ["event c"]
    assert run.waiting() == ["b"]
    assert run.outcomes()[-1] == ("c", "timer", SYSTEM.person_id)


def test_step_is_refused_when_the_time_of_what_comes_next_is_not_known() -> None:
    office = flow(
        ["userTask a", shape("intermediateCatchEvent", "c", timer("at at_time"))],
        ["s a", "a c", "c e"],
    )
    for at_time in ("tomorrow", "2026-03-01T08:30:00", None, 3):
        run = Running(office, key=str(at_time), at_time=at_time)
        before = run.row
        with pytest.raises(InvalidInputError) as caught:
            run.do("a")
        assert caught.value.code is ErrorCode.PROCESS_DATA
        assert run.row == before
        assert run.waiting() == ["a"]
        assert office.store.due == {}


def test_cancelled_process_leaves_nothing_to_do() -> None:
    office = with_timer()
    run = Running(office)
    office.processes().cancel(run.id, actor=SYSTEM, now=NOW, reason="Thôi")
    assert office.store.due == {}


def test_timer_that_leads_back_to_its_task_does_not_run_in_a_circle() -> None:
    event = boundary("t", "a", timer("at at_time", date=True))
    office = flow(["exclusiveGateway m", "userTask a", event], ["s m", "m a", "a e", "t m"])
    run = Running(office, at_time="2025-12-01T08:00:00+07:00")
    assert office.settle(NOW) == ["event t"]
    assert [entry.due_at for entry in office.store.due.values()] == [NOW + PACE]
    assert office.settle(NOW + PACE) == ["event t"]
    run.do("a", NOW + PACE)
    assert run.row.status is InstanceStatus.COMPLETED


# --- deadlines -------------------------------------------------------------------------------


def test_task_gets_its_deadline_and_three_entries_that_go_when_it_is_done() -> None:
    office = with_deadline("3 working days")
    run = Running(office)
    item = run.open()["a"]
    assert item.due_at == THURSDAY_EVENING
    entries = sorted(office.store.due.values(), key=lambda entry: entry.due_at)
    assert [entry.kind for entry in entries] == [DueKind.HALF, DueKind.NEAR, DueKind.OVERDUE]
    assert entries[-1].due_at == THURSDAY_EVENING
    assert all(earlier.due_at < later.due_at for earlier, later in pairwise(entries))
    run.do("a")
    assert office.store.due == {}
    assert run.open()["b"].due_at is None


def test_alerts_follow_one_another_until_the_task_is_overdue() -> None:
    office = with_deadline("3 working days")
    run = Running(office)
    seen: list[Alert] = []
    for entry in sorted(office.store.due.values(), key=lambda entry: entry.due_at):
        assert office.settle(entry.due_at) == [f"{entry.kind} a"]
        seen.append(run.open()["a"].alert)
    assert seen == [Alert.HALF, Alert.NEAR, Alert.OVERDUE]
    # Nothing was decided: nobody's step is in the history.
    assert [outcome for _node, outcome, _actor in run.outcomes()] == ["started"]


@pytest.mark.parametrize("text", ["PT0S", "0 working hours", "at at_time"])
def test_task_is_overdue_at_once_when_its_deadline_has_passed(text: str) -> None:
    for number in range(8):  # entries of one moment come in no particular order
        office = with_deadline(text)
        run = Running(office, key=str(number), at_time="2025-12-01T08:00:00+07:00")
        assert len(office.settle(NOW)) == 3
        assert run.open()["a"].alert is Alert.OVERDUE


def test_late_reminder_does_not_take_an_alert_back() -> None:
    office = with_deadline("3 working days")
    run = Running(office)
    half = next(entry for entry in office.store.due.values() if entry.kind is DueKind.HALF)
    office.processes().schedule.note_failure(half, InvalidInputError("busy"), THURSDAY_EVENING)
    office.settle(THURSDAY_EVENING)
    assert run.open()["a"].alert is Alert.OVERDUE
    assert office.settle(THURSDAY_EVENING + DAY) == ["half a"]
    assert run.open()["a"].alert is Alert.OVERDUE


@pytest.mark.parametrize(
    ("lane", "unit_key", "role", "unit"),
    [
        ("chuyen_vien", "unit_id", Role.DIVISION_HEAD, UNIT),
        ("chuyen_vien", None, Role.LEADER, None),
        ("lanh_dao_phong", "unit_id", Role.LEADER, None),
        ("van_thu", None, Role.LEADER, None),
        ("lanh_dao", None, Role.LEADER, None),
        ("kiem_tra", None, Role.ADMINISTRATOR, None),
    ],
)
def test_overdue_task_is_on_the_superiors_list(
    lane: str, unit_key: str | None, role: Role, unit: UnitId | None
) -> None:
    office = with_deadline("PT4H", rule=replace(ANY, unit_key=unit_key), lane=lane)
    run = Running(office, unit_id=UNIT)
    office.settle(NOW + 3 * HOUR)
    item = run.open()["a"]
    assert (item.escalated_role, item.escalated_unit_id) == (None, None)
    office.settle(NOW + 4 * HOUR)
    item = run.open()["a"]
    assert (item.alert, item.escalated_role, item.escalated_unit_id) == (Alert.OVERDUE, role, unit)
    assert item.agency_id == AGENCY


def test_task_has_no_deadline_when_the_data_says_so_on_purpose() -> None:
    office = with_deadline("at at_time")
    run = Running(office, at_time=None)
    assert run.open()["a"].due_at is None
    assert office.store.due == {}


def test_task_that_is_not_named_a_deadline_is_not_opened() -> None:
    office = with_deadline("days working days")
    with pytest.raises(InvalidInputError):
        Running(office)
    assert not office.store.instances


def test_overdue_entries_are_all_done_once_after_an_outage() -> None:
    event = boundary("t", "a", timer("P1D"), interrupts=False)
    office = flow(
        [shape("userTask", "a", due="PT4H"), event, "userTask n", "endEvent d"],
        ["s a", "a e", "t n", "n d"],
    )
    runs = [Running(office, key=str(n), now=NOW + n * HOUR) for n in range(30)]
    later = NOW + 30 * DAY
    due = office.processes().schedule.list_due(later, 10_000)
    assert [entry.due_at for entry in due] == sorted(entry.due_at for entry in due)
    assert len(due) == 30 * 4
    assert len(office.processes().schedule.list_due(later)) == 100
    done = office.settle(later)
    assert sorted(done) == sorted(["event t", "half a", "near a", "overdue a"] * 30)
    assert {run.open()["a"].alert for run in runs} == {Alert.OVERDUE}
    assert all(run.waiting() == ["a", "n"] for run in runs)


# --- once, and again -------------------------------------------------------------------------


def test_entry_is_done_by_the_first_of_two_workers() -> None:
    office = with_timer()
    run = Running(office)
    later = NOW + 2 * DAY
    (entry,) = office.processes().schedule.list_due(later)
    assert office.processes().schedule.perform(entry, later) is True
    assert office.processes().schedule.perform(entry, later) is False
    assert [node for node, _outcome, _actor in run.outcomes()] == ["s", "t"]


def failing(tries: int) -> tuple[Office, DueEntry, list[Incident]]:
    """Let a timer fail so many times; return its entry and what was noted each time."""
    office = with_timer()
    Running(office)
    (entry,) = office.store.due.values()
    noted: list[Incident] = []
    now = entry.due_at
    for number in range(tries):
        schedule = office.processes().schedule
        (read,) = office.store.list_due(now, 1)
        incident = schedule.note_failure(read, InvalidInputError(f"try {number}"), now)
        assert incident is not None
        assert incident.next_try_at is not None
        noted.append(incident)
        now = incident.next_try_at
    return office, entry, noted


def test_failure_puts_the_entry_off_and_opens_one_incident() -> None:
    office, entry, (first, second) = failing(2)
    assert first.id == second.id
    assert len(office.store.incidents) == 1
    assert (first.kind, first.node_id, first.entry_id) == (IncidentKind.TIMER, "t", entry.id)
    assert (first.tries, second.tries) == (1, 2)
    assert (first.opened_at, second.opened_at) == (entry.due_at, entry.due_at)
    assert second.last_at == first.next_try_at
    assert "try 1" in second.reason
    assert office.store.list_due(second.last_at, 10) == []


def test_waits_double_and_are_bounded() -> None:
    _office, entry, noted = failing(40)
    at = entry.due_at
    for number, incident in enumerate(noted):
        assert incident.next_try_at is not None
        usual = min(FIRST_WAIT * 2**number, LONGEST_WAIT)
        assert 0.79 * usual <= incident.next_try_at - at <= 1.21 * usual
        at = incident.next_try_at


def test_waits_differ_so_that_not_all_try_at_once() -> None:
    assert len({failing(1)[2][0].next_try_at for _number in range(10)}) > 1


def test_later_success_closes_the_incident() -> None:
    office, _entry, noted = failing(3)
    assert office.settle(NOW + 10 * DAY) == ["event t"]
    (incident,) = office.store.incidents.values()
    assert (incident.outcome, incident.closed_by_name) == ("resolved", SYSTEM.full_name)
    assert (incident.closed_at, incident.next_try_at) == (NOW + 10 * DAY, None)
    assert incident.tries == noted[-1].tries


def test_failure_after_a_success_of_another_round_is_an_incident_of_its_own() -> None:
    office, entry, noted = failing(1)
    office.settle(NOW + 10 * DAY)
    assert office.processes().schedule.note_failure(entry, InvalidInputError("x"), NOW) is None
    assert len(office.store.incidents) == 1
    with pytest.raises(InvalidInputError):
        office.processes().schedule.retry(noted[0].id, NOW)


def test_retry_by_hand_looks_at_the_entry_at_once() -> None:
    office, entry, noted = failing(8)
    at = noted[-1].last_at + timedelta(seconds=1)
    assert office.store.list_due(at, 10) == []
    again = office.processes().schedule.retry(noted[0].id, at)
    assert (again.next_try_at, again.tries) == (at, 8)
    (due,) = office.store.list_due(at, 10)
    assert (due.id, due.tries) == (entry.id, 8)
    assert office.settle(at) == ["event t"]
    assert office.store.get_incident(noted[0].id).outcome == "resolved"


def test_note_failure_writes_nothing_when_somebody_else_did_the_entry() -> None:
    office = with_timer()
    Running(office)
    (entry,) = office.store.due.values()
    office.settle(NOW + 2 * DAY)
    assert office.processes().schedule.note_failure(entry, InvalidInputError("x"), NOW) is None
    assert office.store.incidents == {}
    assert office.store.due == {}


def test_failing_step_of_a_person_is_noted_until_the_process_moves_on() -> None:
    office = with_timer(interrupts=False)
    run = Running(office)
    schedule = office.processes().schedule
    first = schedule.note_step(run.id, "a", InvalidInputError("first"), NOW)
    again = schedule.note_step(run.id, "a", InvalidInputError("again"), NOW + HOUR)
    assert (first.id, first.kind, again.tries) == (again.id, IncidentKind.STEP, 2)
    assert (again.version, again.next_try_at) == (run.row.version, None)
    with pytest.raises(InvalidInputError):
        schedule.retry(first.id, NOW)
    office.settle(NOW + 2 * DAY)
    other = schedule.note_step(run.id, "a", InvalidInputError("later"), NOW + 3 * DAY)
    assert other.id != first.id
    assert other.version == run.row.version


def test_timer_of_an_instance_that_cannot_go_on_leaves_everything_as_it_was() -> None:
    event = boundary("t", "a", timer("P2D"))
    office = flow(
        ["userTask a", event, "exclusiveGateway g", "endEvent d", "endEvent f"],
        ["s a", "a e", "t g", "g d days == 1", "g f days == 2"],
    )
    run = Running(office, days=3)
    before, later = run.row, NOW + 2 * DAY
    (entry,) = office.store.due.values()
    with pytest.raises(InvalidInputError) as caught:
        office.processes().schedule.perform(entry, later)
    assert caught.value.code is ErrorCode.PROCESS_DATA
    assert run.row == before
    assert run.waiting() == ["a"]


def test_perform_is_refused_when_the_row_was_written_meanwhile() -> None:
    office = with_timer()
    run = Running(office)
    (entry,) = office.store.due.values()
    stale = run.row

    class Stale(type(office.store)):  # type: ignore[misc]
        def get_instance(self, instance_id: InstanceId) -> object:
            return stale

    office.store.instances[run.id] = replace(stale, version=stale.version + 1)
    held = Stale()
    held.__dict__.update(office.store.__dict__)
    with pytest.raises(ConflictError) as caught:
        replace(office.processes(), store=held).schedule.perform(entry, NOW + 2 * DAY)
    assert caught.value.code is ErrorCode.PROCESS_CONFLICT


def test_timer_may_lead_back_to_an_earlier_task_when_no_gateway_stands_between() -> None:
    xml = draw(
        ["startEvent s", "userTask a", "userTask b", boundary("late", "b", timer("PT1H")),
         "endEvent e"],
        ["s a", "a b", "b e", "late a"],
    )  # fmt: skip
    rules = {name: TaskRule(use_case=f"do_{name}") for name in ("a", "b")}
    procedure = a_flow(xml, **rules)
    assert lint_files(xml, b"", {"flow": procedure}) == []
    office = Office(procedure)
    running = Running(office)
    for round_number in range(1, 4):
        now = NOW + timedelta(hours=2 * round_number)
        running.do("a", now)
        assert running.waiting() == ["b"]
        assert office.settle(now + timedelta(hours=1)) == ["event late"]
        assert running.waiting() == ["a"]
