"""Assignments on a real installation: given, accepted, reported, confirmed, extended, followed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.assignment_flow import FollowUp, cooperation_key, follow_up_key
from engine.calendar.working_time import vietnam_calendar
from engine.clock import FixedClock
from engine.errors import ConflictError, ErrorCode, NotPermittedError
from engine.model.assignment import AssignmentState, Party, Standing
from engine.model.organisation import Role
from engine.ports_direction import Part
from engine.process.model import InstanceStatus
from engine.queries import Basket
from tests.houses import Stage
from tests.orders import (
    CITY,
    HEAD,
    LEADER,
    OFFICER,
    OTHER_LEADER,
    SNV,
    STC,
    Desk,
)

#: A Monday at eight in the morning in Việt Nam; nothing of that week is a day off.
MONDAY = datetime(2026, 12, 7, 1, 0, tzinfo=UTC)


@pytest.fixture
def installation(installation_in_december: Path) -> Path:
    return installation_in_december


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def baskets(stage: Stage, login: str) -> set[Basket]:
    with stage.house.start_reading() as work:
        counts = work.queries.count_baskets(stage.actor(login))
    return {basket for basket, count in counts.items() if count}


def pass_days(stage: Stage, clock: FixedClock, until: datetime) -> None:
    clock.at = until
    stage.run_jobs()


def test_an_assignment_goes_from_given_to_confirmed(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.give()
    assert desk.get(assignment_id).state is AssignmentState.GIVEN
    assert Basket.ASSIGNED in baskets(stage, LEADER)
    desk.accept(assignment_id)
    desk.report(assignment_id, percent=40)
    desk.finish(assignment_id)
    assert Basket.TO_DECIDE in baskets(stage, CITY)
    assert desk.get(assignment_id).standing(desk.today()) is Standing.RUNNING_IN_TIME
    desk.confirm(assignment_id)

    done = desk.get(assignment_id)
    assert done.state is AssignmentState.COMPLETED
    assert done.standing(desk.today()) is Standing.DONE_IN_TIME
    assert desk.instance("direction", assignment_id).status is InstanceStatus.COMPLETED
    assert desk.events(assignment_id) == [
        "assignment.give.complete",
        "assignment.accept.complete",
        "assignment.progress.report",
        "assignment.completion.report",
        "assignment.completion.confirm",
    ]
    assert not baskets(stage, LEADER) & {Basket.ASSIGNED, Basket.COOPERATION}


@pytest.mark.parametrize(
    ("giver", "doer", "rule"),
    [
        (LEADER, HEAD, "handle_as_unit"),
        (LEADER, OFFICER, "handle_as_person"),
        (HEAD, OFFICER, "handle_as_person"),
    ],
)
def test_give_opens_the_task_of_the_level_that_leads(
    desk: Desk, giver: str, doer: str, rule: str
) -> None:
    lead = desk.unit(doer) if rule == "handle_as_unit" else desk.person(doer)
    assignment_id = desk.give(giver, lead=lead)
    assert desk.rules(doer, assignment_id) == [rule]
    desk.accept(assignment_id, doer)
    desk.finish(assignment_id, doer)
    desk.confirm(assignment_id, giver)
    assert desk.get(assignment_id).state is AssignmentState.COMPLETED


def test_give_numbers_assignments_of_an_agency_without_gaps(desk: Desk) -> None:
    numbers = [desk.get(desk.give()).number for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert desk.get(desk.give(LEADER, lead=desk.unit())).number == 1


def test_everybody_concerned_is_told(desk: Desk) -> None:
    assignment_id = desk.give(cooperators=(Party(agency_id=STC),))
    assert desk.notices(LEADER) == ["assignment.given"]
    assert desk.notices(OTHER_LEADER) == ["assignment.cooperate"]
    desk.accept(assignment_id)
    desk.finish(assignment_id)
    assert set(desk.notices(CITY)) == {"assignment.accepted", "assignment.done"}
    desk.confirm(assignment_id)
    assert "assignment.confirmed" in desk.notices(LEADER)


def test_return_assignment_lets_the_assigner_name_another_lead(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.give()
    stage.house.use_cases.return_assignment(
        assignment_id, stage.actor(LEADER), "Không đúng chức năng."
    )
    assert desk.get(assignment_id).state is AssignmentState.RETURNED
    assert desk.rules(CITY, assignment_id) == ["settle"]
    stage.house.use_cases.reassign(
        assignment_id, stage.actor(CITY), Party(agency_id=STC), "Đúng chức năng Sở Tài chính."
    )
    assert desk.rules(LEADER, assignment_id) == []
    desk.accept(assignment_id, OTHER_LEADER)
    assert desk.get(assignment_id).lead == Party(agency_id=STC)


def test_reopen_assignment_insists_on_the_lead_who_returned_it(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.give()
    cases = stage.house.use_cases
    cases.return_assignment(assignment_id, stage.actor(LEADER), "Không đúng chức năng.")
    cases.reopen_assignment(assignment_id, stage.actor(CITY), "Đúng là của Sở.")
    assert desk.get(assignment_id).state is AssignmentState.GIVEN
    desk.accept(assignment_id)


def test_reopen_assignment_sends_back_what_is_not_done(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted()
    desk.finish(assignment_id)
    stage.house.use_cases.reopen_assignment(assignment_id, stage.actor(CITY), "Thiếu phụ lục.")
    assert desk.get(assignment_id).state is AssignmentState.ACCEPTED
    with stage.house.start_reading() as work:
        (row,) = work.queries.list_work(stage.actor(LEADER), Basket.ASSIGNED).rows
    assert row.returned_reason == "Thiếu phụ lục."
    desk.finish(assignment_id)
    desk.confirm(assignment_id)


def test_reassign_moves_the_task_and_asks_the_new_lead_to_accept(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted(LEADER, by=HEAD, lead=desk.unit())
    stage.house.use_cases.reassign(
        assignment_id, stage.actor(LEADER), desk.person(), "Giao thẳng chuyên viên."
    )
    moved = desk.get(assignment_id)
    assert (moved.state, moved.accepted_at) == (AssignmentState.GIVEN, None)
    assert desk.rules(HEAD, assignment_id) == []
    assert desk.rules(OFFICER, assignment_id) == ["handle_as_person"]
    assert "assignment.moved" in desk.notices(HEAD)


def test_parts_of_an_assignment_are_given_on(desk: Desk) -> None:
    whole = desk.accepted()
    part = desk.give(LEADER, lead=desk.unit(), parent_id=whole)
    small = desk.get(desk.give(HEAD, lead=desk.person(), parent_id=part))
    assert small.parent_id == part
    assert small.source.kind == "assignment"


def test_who_gave_the_whole_sees_its_parts(stage: Stage, desk: Desk) -> None:
    whole = desk.accepted()
    part = desk.give(LEADER, lead=desk.unit(), parent_id=whole)
    view = stage.house.use_cases.view_assignment(whole, stage.actor(CITY))
    assert [child.id for child, _lead in view.children] == [part]


def test_contribute_ends_the_part_of_one_co_operator(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.give(CITY, cooperators=(Party(agency_id=STC),))
    assert Basket.COOPERATION in baskets(stage, OTHER_LEADER)
    stage.house.use_cases.contribute(
        assignment_id, stage.actor(OTHER_LEADER), "Đã cung cấp số liệu."
    )
    assert Basket.COOPERATION not in baskets(stage, OTHER_LEADER)
    key = cooperation_key(assignment_id, 0)
    assert desk.instance("cooperation", key).status is InstanceStatus.COMPLETED


def test_a_contribution_is_not_the_progress_of_the_lead(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted(LEADER, by=HEAD, lead=desk.unit(), cooperators=(desk.person(),))
    desk.report(assignment_id, HEAD, percent=20)
    stage.house.use_cases.contribute(assignment_id, stage.actor(OFFICER), "Đã góp số liệu.")
    view = stage.house.use_cases.view_assignment(assignment_id, stage.actor(LEADER))
    assert view.percent == 20
    rows = stage.house.use_cases.view_assignment.index(stage.actor(LEADER), Part.GIVEN).rows
    assert [row.percent for row in rows] == [20]


def test_confirm_completion_ends_what_runs_beside(desk: Desk) -> None:
    assignment_id = desk.accepted(cooperators=(Party(agency_id=STC),))
    due_on = desk.get(assignment_id).due_on
    assert due_on is not None
    desk.finish(assignment_id)
    desk.confirm(assignment_id)
    for procedure_id, key in (
        ("cooperation", cooperation_key(assignment_id, 0)),
        ("follow_up", follow_up_key(assignment_id, due_on)),
    ):
        assert desk.instance(procedure_id, key).status is InstanceStatus.CANCELLED


def test_decide_extension_moves_the_deadline_and_keeps_the_first(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted()
    first = desk.get(assignment_id).due_on
    extension_id = desk.ask(assignment_id, desk.day(15))
    assert desk.get(assignment_id).standing(desk.today()) is Standing.EXTENSION_ASKED
    desk.decide(extension_id)

    moved = desk.get(assignment_id)
    assert (moved.due_on, moved.first_due_on) == (desk.day(15), first)
    assert (moved.state, moved.extensions_asked) == (AssignmentState.ACCEPTED, 1)
    with stage.house.start_reading() as work:
        (row,) = work.queries.list_tasks_on(stage.actor(LEADER), assignment_id)
        (extension,) = work.assignments.list_extensions(assignment_id)
    assert row.due_at is not None
    assert row.due_at.date() == desk.day(15)
    assert (extension.old_due_on, extension.granted_due_on) == (first, desk.day(15))
    assert first is not None
    old_reminders = desk.instance("follow_up", follow_up_key(assignment_id, first))
    assert old_reminders.status is InstanceStatus.CANCELLED
    desk.finish(assignment_id)


def test_decide_extension_grants_another_day(desk: Desk) -> None:
    assignment_id = desk.accepted()
    desk.decide(desk.ask(assignment_id, desk.day(20)), due_on=desk.day(12))
    assert desk.get(assignment_id).due_on == desk.day(12)


def test_decide_extension_refuses_and_the_deadline_stays(desk: Desk) -> None:
    assignment_id = desk.accepted()
    desk.decide(desk.ask(assignment_id, desk.day(20)), granted=False)
    kept = desk.get(assignment_id)
    assert (kept.due_on, kept.extension_open) == (desk.day(10), False)
    assert "assignment.extension_decided" in desk.notices(LEADER)


def test_a_second_extension_may_follow_the_first(desk: Desk) -> None:
    assignment_id = desk.accepted()
    desk.decide(desk.ask(assignment_id, desk.day(12)))
    desk.decide(desk.ask(assignment_id, desk.day(14)))
    assert desk.get(assignment_id).extensions_asked == 2


def test_an_open_request_for_time_ends_with_the_assignment(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted()
    extension_id = desk.ask(assignment_id, desk.day(20))
    desk.finish(assignment_id)
    desk.confirm(assignment_id)
    assert Basket.TO_DECIDE not in baskets(stage, CITY)
    with stage.house.start_reading() as work:
        assert work.assignments.get_extension(extension_id).granted is False
    assert desk.instance("extension", extension_id).status is InstanceStatus.CANCELLED


def test_cancel_assignment_closes_everything(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted(cooperators=(Party(agency_id=STC),))
    stage.house.use_cases.cancel_assignment(assignment_id, stage.actor(CITY), "Không cần nữa.")
    assert desk.get(assignment_id).standing(desk.today()) is Standing.CANCELLED
    assert desk.instance("direction", assignment_id).status is InstanceStatus.CANCELLED
    for login in (LEADER, OTHER_LEADER):
        assert not baskets(stage, login) & {Basket.ASSIGNED, Basket.COOPERATION}


def test_an_assignment_without_deadline_is_followed_by_nobody(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted(due_on=None, no_deadline=True)
    with stage.house.start_reading() as work:
        (row,) = work.queries.list_tasks_on(stage.actor(LEADER), assignment_id)
    assert row.due_at is None
    assert desk.get(assignment_id).standing(desk.today()) is Standing.NO_DEADLINE
    desk.finish(assignment_id)
    desk.confirm(assignment_id)


def test_the_lead_is_reminded_before_the_deadline_each_time_once(
    stage: Stage, desk: Desk, clock: FixedClock
) -> None:
    due_on = date(2026, 12, 18)
    desk.accepted(due_on=due_on)
    for reminders, step in enumerate(
        (FollowUp.THREE_DAYS, FollowUp.ONE_DAY, FollowUp.ON_DAY), start=1
    ):
        pass_days(stage, clock, step.moment(due_on, vietnam_calendar()) + timedelta(minutes=1))
        stage.run_jobs()
        assert desk.notices(LEADER).count("assignment.due") == reminders, step


def test_a_short_deadline_brings_no_reminder_of_what_is_past(
    stage: Stage, desk: Desk, clock: FixedClock
) -> None:
    desk.accepted(due_on=date(2026, 12, 8))
    pass_days(stage, clock, MONDAY + timedelta(minutes=5))
    assert "assignment.due" not in desk.notices(LEADER)


def test_overdue_work_is_told_to_who_answers_for_it_then_to_the_assigner(
    stage: Stage, desk: Desk, clock: FixedClock
) -> None:
    due_on = date(2026, 12, 9)
    assignment_id = desk.accepted(LEADER, by=OFFICER, lead=desk.person(), due_on=due_on)
    calendar = vietnam_calendar()
    pass_days(stage, clock, FollowUp.TELL_HEAD.moment(due_on, calendar) - timedelta(minutes=1))
    assert "assignment.overdue" not in desk.notices(HEAD)
    pass_days(stage, clock, FollowUp.TELL_HEAD.moment(due_on, calendar) + timedelta(minutes=1))
    assert "assignment.overdue" in desk.notices(HEAD)
    assert "assignment.overdue" not in desk.notices(LEADER)
    pass_days(stage, clock, FollowUp.TELL_ASSIGNER.moment(due_on, calendar) + timedelta(minutes=1))
    assert "assignment.overdue" in desk.notices(LEADER)
    assert Basket.OVERDUE in baskets(stage, LEADER)
    desk.finish(assignment_id, OFFICER)
    desk.confirm(assignment_id, LEADER)
    assert desk.get(assignment_id).standing(desk.today()) is Standing.DONE_LATE


def test_what_is_reported_done_is_not_chased_any_more(
    stage: Stage, desk: Desk, clock: FixedClock
) -> None:
    due_on = date(2026, 12, 9)
    desk.finish(desk.accepted(due_on=due_on))
    pass_days(
        stage, clock, FollowUp.TELL_HEAD.moment(due_on, vietnam_calendar()) + timedelta(hours=1)
    )
    assert "assignment.overdue" not in desk.notices(LEADER)


def test_lists_show_each_part_and_filter_by_standing(stage: Stage, desk: Desk) -> None:
    officer = stage.actor(OFFICER).person_id
    assignment_id = desk.accepted(cooperators=(Party(agency_id=STC),))
    tracked = desk.give(LEADER, lead=desk.unit(), tracker_id=officer)
    index = stage.house.use_cases.view_assignment.index
    given = index(stage.actor(CITY), Part.GIVEN).rows
    assert [row.id for row in given] == [assignment_id]
    assert given[0].lead_name == "Sở Nội vụ"
    # Who leads an agency answers for what its units lead.
    led = {row.id for row in index(stage.actor(LEADER), Part.LED).rows}
    assert led == {assignment_id, tracked}
    assert [row.id for row in index(stage.actor(HEAD), Part.LED).rows] == [tracked]
    assert [row.id for row in index(stage.actor(OTHER_LEADER), Part.COOPERATING).rows] == [
        assignment_id
    ]
    assert [row.id for row in index(stage.actor(OFFICER), Part.TRACKED).rows] == [tracked]
    late = index(stage.actor(CITY), Part.GIVEN, standing=Standing.RUNNING_OVERDUE)
    assert list(late.rows) == []


def test_a_leader_of_the_lead_agency_may_act_for_it(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.give()
    with stage.house.start_reading() as work:
        leaders = work.organisation.list_posts(SNV, desk.today(), role=Role.LEADER)
    deputy = stage.house.use_cases.identify.by_person(leaders[-1].person_id)
    assert deputy is not None
    stage.house.use_cases.accept_assignment(assignment_id, deputy)
    assert desk.get(assignment_id).state is AssignmentState.ACCEPTED


def test_an_officer_drafts_the_letter_that_urges_with_one_act(
    stage: Stage, desk: Desk, clock: FixedClock
) -> None:
    officer = stage.actor("ubnd-tp.chuyenvien")
    assignment_id = desk.accepted(due_on=date(2026, 12, 9), tracker_id=officer.person_id)
    with pytest.raises(ConflictError) as caught:
        stage.house.use_cases.draft_urging(assignment_id, officer)
    assert caught.value.code is ErrorCode.ASSIGNMENT_STATE
    clock.move(timedelta(days=9))
    draft = stage.house.use_cases.draft_urging(assignment_id, officer)
    content = stage.document(draft).content
    assert content.recipients == (SNV,)
    assert "quá hạn 7 ngày" in content.body
    assert "Sở Nội vụ" in content.body
    assert stage.document(draft).drafter_id == officer.person_id
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.draft_urging(assignment_id, stage.actor(OFFICER))
