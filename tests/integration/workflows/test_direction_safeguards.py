"""What keeps an assignment from getting stuck, from being judged by its doer, or from lying."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.assignment_flow import FollowUp, cooperation_key
from engine.calendar.working_time import vietnam_calendar
from engine.clock import FixedClock, end_of_day
from engine.errors import ErrorCode, InvalidInputError, TrinhKyError
from engine.model.assignment import (
    AssignmentId,
    AssignmentState,
    Party,
    Source,
    SourceKind,
    Standing,
)
from engine.model.document import DocumentStatus
from engine.model.organisation import AgencyId, PersonId, PostId, Power, Role
from engine.ports_direction import Part
from storage.tables.processes import failed_job, job_key
from tests.houses import Stage
from tests.integration.workflows.test_direction_delegated import delegate, deputy_of, leaf, leave
from tests.integration.workflows.test_incoming import delivery_to, present, register
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
CITY_OFFICER = "ubnd-tp.chuyenvien"


@pytest.fixture
def installation(installation_in_december: Path) -> Path:
    return installation_in_december


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def refusal(act: Callable[[], object]) -> TrinhKyError:
    with pytest.raises(TrinhKyError) as caught:
        act()
    return caught.value


def lead_task_due(desk: Desk, login: str, assignment_id: AssignmentId) -> datetime | None:
    with desk.stage.house.start_reading() as work:
        (row,) = work.queries.list_tasks_on(desk.stage.actor(login), assignment_id)
    return row.due_at


# --- parts -----------------------------------------------------------------------------------


def test_return_is_refused_when_parts_were_given_on(stage: Stage, desk: Desk) -> None:
    whole = desk.give()
    desk.give(LEADER, lead=desk.unit(), parent_id=whole)
    error = refusal(
        lambda: stage.house.use_cases.return_assignment(whole, stage.actor(LEADER), "Không phải.")
    )
    assert error.code is ErrorCode.ASSIGNMENT_CHILDREN
    assert desk.get(whole).state is AssignmentState.GIVEN


def test_cancelling_the_whole_cancels_its_parts_and_theirs(stage: Stage, desk: Desk) -> None:
    whole = desk.accepted()
    done = desk.accepted(LEADER, by=HEAD, lead=desk.unit(), parent_id=whole)
    desk.finish(done, HEAD)
    desk.confirm(done, LEADER)
    part = desk.accepted(LEADER, by=HEAD, lead=desk.unit(), parent_id=whole)
    small = desk.give(HEAD, lead=desk.person(), parent_id=part)

    stage.house.use_cases.cancel_assignment(whole, stage.actor(CITY), "Không cần nữa.")

    states = [desk.get(each).state for each in (whole, part, small, done)]
    assert states == [AssignmentState.CANCELLED] * 3 + [AssignmentState.COMPLETED]
    assert desk.rules(OFFICER, small) == []
    for login in (OFFICER, HEAD, LEADER):
        assert "assignment.cancelled" in desk.notices(login)
    assert desk.events(small)[-1] == "assignment.cancel.complete"


@pytest.mark.parametrize("granting", [False, True])
def test_more_time_for_a_part_ends_with_the_whole(desk: Desk, granting: bool) -> None:
    whole = desk.accepted()
    part = desk.accepted(LEADER, by=HEAD, lead=desk.unit(), parent_id=whole, due_on=desk.day(5))
    if granting:
        extension_id = desk.ask(part, desk.day(8), HEAD)
        error = refusal(lambda: desk.decide(extension_id, LEADER, due_on=desk.day(11)))
    else:
        error = refusal(lambda: desk.ask(part, desk.day(11), HEAD))
    assert error.code is ErrorCode.ASSIGNMENT_DEADLINE_PARENT
    assert error.params["latest"] == desk.day(10).strftime("%d/%m/%Y")
    assert desk.get(part).due_on == desk.day(5)


# --- own work --------------------------------------------------------------------------------


def test_an_assigner_who_reported_for_the_lead_does_not_confirm(desk: Desk) -> None:
    assignment_id = desk.accepted(LEADER, by=OFFICER, lead=desk.person())
    delegate(desk, OFFICER, LEADER, Power.HANDLE)
    desk.finish(assignment_id, LEADER)
    error = refusal(lambda: desk.confirm(assignment_id, LEADER))
    assert error.code is ErrorCode.ASSIGNMENT_OWN_WORK
    assert desk.get(assignment_id).state is AssignmentState.REPORTED


def test_an_assigner_who_asked_for_the_lead_grants_no_time(desk: Desk) -> None:
    assignment_id = desk.accepted(LEADER, by=OFFICER, lead=desk.person())
    delegate(desk, OFFICER, LEADER, Power.HANDLE)
    extension_id = desk.ask(assignment_id, desk.day(15), LEADER)
    error = refusal(lambda: desk.decide(extension_id, LEADER))
    assert error.code is ErrorCode.ASSIGNMENT_OWN_WORK
    assert desk.get(assignment_id).due_on == desk.day(10)


def head_the_unit(stage: Stage, login: str, head: str, *, alone: bool, today: date) -> None:
    """Let somebody head the unit of `head` as well, or instead."""
    post = stage.actor(head).posts[0]
    with stage.house.start_work() as work:
        if alone:
            work.organisation.end_post(post.id, today - timedelta(days=1))
        second = replace(post, id=PostId("second"), person_id=stage.actor(login).person_id)
        work.organisation.add_post(second)
        work.commit()


def test_a_leader_does_not_confirm_the_work_of_the_unit_they_head(
    stage: Stage, desk: Desk
) -> None:
    unit = desk.unit()
    head_the_unit(stage, LEADER, HEAD, alone=False, today=desk.today())
    assignment_id = desk.give(LEADER, lead=unit)
    desk.accept(assignment_id, LEADER)
    desk.finish(assignment_id, LEADER)
    assert refusal(lambda: desk.confirm(assignment_id, LEADER)).code is (
        ErrorCode.ASSIGNMENT_OWN_WORK
    )


def test_give_refuses_a_unit_only_the_giver_heads(stage: Stage, desk: Desk) -> None:
    unit = desk.unit()
    head_the_unit(stage, LEADER, HEAD, alone=True, today=desk.today())
    error = refusal(lambda: desk.give(LEADER, lead=unit))
    assert (error.code, error.params["why"]) == (ErrorCode.PERSON_UNSUITABLE, "oneself")


def test_the_last_leader_decides_for_a_leaver_though_they_did_the_work(
    stage: Stage, desk: Desk
) -> None:
    unit = desk.unit()
    head_the_unit(stage, LEADER, HEAD, alone=False, today=desk.today())
    gone = deputy_of(stage, LEADER, desk.today())
    assignment_id = stage.house.use_cases.give_assignment(gone, desk.order(lead=unit))
    desk.accept(assignment_id, LEADER)
    desk.finish(assignment_id, LEADER)
    with stage.house.start_reading() as work:
        leaders = work.organisation.list_posts(SNV, desk.today(), role=Role.LEADER)
    others = {post.person_id for post in leaders} - {stage.actor(LEADER).person_id}
    for person_id in others - {gone.person_id}:
        leave(stage, stage.house.use_cases.identify.by_person(person_id), desk.today())
    leave(stage, gone, desk.today())

    desk.confirm(assignment_id, LEADER)

    assert desk.get(assignment_id).state is AssignmentState.COMPLETED
    said = leaf(desk, assignment_id, "assignment.completion.confirm")
    assert said["own_work"] == "no_other_leader"


# --- deadlines -------------------------------------------------------------------------------


def test_an_extension_moves_the_deadline_of_co_operators(
    stage: Stage, desk: Desk, clock: FixedClock
) -> None:
    assignment_id = desk.accepted(cooperators=(Party(agency_id=STC),), due_on=desk.day(5))
    desk.decide(desk.ask(assignment_id, desk.day(15)))
    new = end_of_day(desk.day(15))
    key = cooperation_key(assignment_id, 0)
    with stage.house.start_reading() as work:
        (task,) = work.processes.list_open_tasks("cooperation", key)
    assert task.due_at == new
    clock.at = end_of_day(desk.day(6))
    stage.run_jobs()
    with stage.house.start_reading() as work:
        (task,) = work.processes.list_open_tasks("cooperation", key)
    assert task.escalated_role is None
    clock.at = new + timedelta(minutes=5)
    stage.run_jobs()
    with stage.house.start_reading() as work:
        (task,) = work.processes.list_open_tasks("cooperation", key)
    assert task.escalated_role is Role.LEADER


def test_time_granted_while_reported_is_the_lead_s_after_reopening(
    stage: Stage, desk: Desk
) -> None:
    assignment_id = desk.accepted()
    extension_id = desk.ask(assignment_id, desk.day(15))
    desk.finish(assignment_id)
    desk.decide(extension_id)
    stage.house.use_cases.reopen_assignment(assignment_id, stage.actor(CITY), "Chưa đủ.")
    assert lead_task_due(desk, LEADER, assignment_id) == end_of_day(desk.day(15))


def test_work_sent_back_late_is_chased_anew(stage: Stage, desk: Desk, clock: FixedClock) -> None:
    due_on = date(2026, 12, 9)
    calendar = vietnam_calendar()
    assignment_id = desk.accepted(LEADER, by=OFFICER, lead=desk.person(), due_on=due_on)
    desk.finish(assignment_id, OFFICER)
    clock.at = FollowUp.TELL_HEAD.moment(due_on, calendar) + timedelta(hours=1)
    stage.run_jobs()
    assert "assignment.overdue" not in desk.notices(HEAD)

    stage.house.use_cases.reopen_assignment(assignment_id, stage.actor(LEADER), "Chưa đủ.")
    stage.run_jobs()
    assert desk.notices(HEAD).count("assignment.overdue") == 1
    clock.at = FollowUp.TELL_ASSIGNER.moment(due_on, calendar) + timedelta(hours=1)
    stage.run_jobs()
    assert desk.notices(LEADER).count("assignment.overdue") == 1
    desk.finish(assignment_id, OFFICER)
    desk.confirm(assignment_id, LEADER)
    with stage.house.start_reading() as work:
        for times in ("", ".1"):
            key = f"{assignment_id}.{due_on.isoformat()}{times}"
            found = work.processes.store.find_instance("follow_up", key)
            assert found is not None
            assert found.status.value != "running"


# --- another lead ----------------------------------------------------------------------------


def test_a_new_lead_begins_without_what_the_old_one_asked_and_reported(
    stage: Stage, desk: Desk
) -> None:
    cases = stage.house.use_cases
    assignment_id = desk.accepted()
    desk.ask(assignment_id, desk.day(15))
    desk.report(assignment_id, percent=80)
    cases.reassign(assignment_id, stage.actor(CITY), Party(agency_id=STC), "Đổi nơi.")

    assert desk.get(assignment_id).standing(desk.today()) is Standing.RUNNING_IN_TIME
    assert desk.rules(CITY, assignment_id) == []
    (row,) = cases.view_assignment.index(stage.actor(CITY), Part.GIVEN).rows
    assert row.percent == 0
    desk.accept(assignment_id, OTHER_LEADER)
    desk.ask(assignment_id, desk.day(16), OTHER_LEADER)
    desk.report(assignment_id, OTHER_LEADER, percent=30)
    cases.reassign(assignment_id, stage.actor(CITY), Party(agency_id=SNV), "Giao lại.")
    (row,) = cases.view_assignment.index(stage.actor(CITY), Part.GIVEN).rows
    assert row.percent == 80


def test_reassign_refuses_a_lead_of_another_agency_the_assigner_also_serves(
    stage: Stage, desk: Desk
) -> None:
    assignment_id = desk.accepted(LEADER, by=HEAD, lead=desk.unit())
    elsewhere = desk.unit("stc.truongphong")
    post = stage.actor(OTHER_LEADER).posts[0]
    with stage.house.start_work() as work:
        person_id = stage.actor(LEADER).person_id
        work.organisation.add_post(replace(post, id=PostId("second"), person_id=person_id))
        work.commit()
    error = refusal(
        lambda: stage.house.use_cases.reassign(
            assignment_id, stage.actor(LEADER), elsewhere, "Đổi nơi."
        )
    )
    assert error.code is ErrorCode.ASSIGNMENT_REACH


# --- what an order says ----------------------------------------------------------------------


@pytest.mark.parametrize("login", ["", "snv.chuyenvien", "ubnd-tp.vanthu"])
def test_give_refuses_a_tracker_who_is_no_officer_here(
    stage: Stage, desk: Desk, login: str
) -> None:
    tracker = stage.actor(login).person_id if login else PersonId("khong-co")
    error = refusal(lambda: desk.give(tracker_id=tracker))
    assert isinstance(error, InvalidInputError)
    assert (error.code, error.params["field"]) == (ErrorCode.PERSON_UNSUITABLE, "tracker_id")


def test_give_takes_an_officer_of_the_giver_s_agency_as_tracker(stage: Stage, desk: Desk) -> None:
    tracker = stage.actor(CITY_OFFICER).person_id
    assert desk.get(desk.give(tracker_id=tracker)).tracker_id == tracker


def test_give_refuses_one_person_named_with_and_without_their_unit(desk: Desk) -> None:
    person = desk.person()
    again = replace(person, unit_id=desk.unit_of(OFFICER))
    error = refusal(lambda: desk.give(LEADER, lead=person, cooperators=(again,)))
    assert error.code is ErrorCode.ASSIGNMENT_LEADS
    error = refusal(lambda: desk.give(LEADER, lead=desk.unit(), cooperators=(person, again)))
    assert error.code is ErrorCode.ASSIGNMENT_PARTIES


def test_give_refuses_a_document_that_is_not_out_yet_to_its_recipients(
    stage: Stage, desk: Desk
) -> None:
    letter = stage.draft(recipients=(AgencyId("ubnd-tp"),))
    source = Source(kind=SourceKind.DOCUMENT, id=letter, document_id=letter)
    error = refusal(lambda: desk.give(source=source))
    assert error.code is ErrorCode.PERMISSION_DENIED


@pytest.mark.parametrize("kind", [SourceKind.DELIVERY, SourceKind.MEETING])
def test_give_refuses_a_source_another_procedure_gives_from(desk: Desk, kind: SourceKind) -> None:
    error = refusal(lambda: desk.give(source=Source(kind=kind, id="x")))
    assert error.code is ErrorCode.INPUT_INVALID


def test_evidence_is_the_agency_s_own_issued_document_of_that_symbol(
    stage: Stage, desk: Desk
) -> None:
    letter = stage.issue()
    stage.run_jobs()
    symbol = stage.document(letter).number.symbol
    with stage.house.start_reading() as work:
        other = work.queries.find_document(symbol, STC)
        unsealed = work.queries.find_document(
            symbol, SNV, among=frozenset({DocumentStatus.NUMBERED})
        )
    assert (other, unsealed) == (None, None)
    assignment_id = desk.accepted()
    desk.finish(assignment_id, evidence=symbol)
    assert desk.get(assignment_id).closing_document_id == letter


# --- urging, arrivals, chains ----------------------------------------------------------------


def test_no_letter_urges_what_is_reported_done(
    stage: Stage, desk: Desk, clock: FixedClock
) -> None:
    cases = stage.house.use_cases
    officer = stage.actor(CITY_OFFICER)
    assignment_id = desk.accepted(due_on=desk.day(1))
    clock.at += timedelta(days=20)
    assert cases.view_assignment(assignment_id, officer).may_urge
    desk.finish(assignment_id)
    assert not cases.view_assignment(assignment_id, officer).may_urge
    error = refusal(lambda: cases.draft_urging(assignment_id, officer))
    assert error.code is ErrorCode.ASSIGNMENT_STATE


def test_a_direction_with_a_past_deadline_names_the_next_working_day(
    stage: Stage, desk: Desk
) -> None:
    letter = stage.issue(recipients=(STC,))
    stage.run_jobs()
    delivery = delivery_to(stage, letter, "stc")
    register(stage, delivery.id, "stc")
    present(stage, delivery.id, "stc")
    error = refusal(
        lambda: stage.house.use_cases.direct_delivery(
            stage.task(OTHER_LEADER, delivery.id),
            stage.actor(OTHER_LEADER),
            direction="Tham mưu.",
            lead=desk.unit("stc.truongphong"),
            due_on=desk.today() - timedelta(days=3),
        )
    )
    assert error.code is ErrorCode.ASSIGNMENT_DEADLINE_PAST
    assert error.params["next"] == desk.today().strftime("%d/%m/%Y")


def test_a_chain_shows_no_direction_to_those_who_may_not_see_the_arrival(
    stage: Stage, desk: Desk, clock: FixedClock
) -> None:
    cases, city = stage.house.use_cases, stage.actor(CITY)
    letter = stage.issue(recipients=(STC, AgencyId("ubnd-tp")))
    stage.run_jobs()
    delivery = delivery_to(stage, letter, "ubnd-tp")
    register(stage, delivery.id, "ubnd-tp")
    present(stage, delivery.id, "ubnd-tp")
    inner = "Thanh tra việc chi, không để lộ."
    for said, lead in (
        ("Giao Sở Tài chính.", Party(agency_id=STC)),
        (inner, desk.unit("ubnd-tp.truongphong")),
    ):
        cases.direct_delivery(
            stage.task(CITY, delivery.id), city, direction=said, lead=lead, due_on=desk.day(5)
        )
        with stage.house.start_reading() as work:
            newest = work.assignments.list_on_source(SourceKind.DELIVERY, delivery.id)[-1]
        if said != inner:
            cases.cancel_assignment(newest.id, city, "Đổi nơi.")
            clock.at += timedelta(minutes=1)

    outside = cases.view_chain.of_document(letter, stage.actor(OTHER_LEADER))
    assert "direction" not in {node.kind.value for node in outside.nodes}
    assert inner not in {node.title for node in outside.nodes}
    inside = cases.view_chain.of_document(letter, city)
    directions = [node.title for node in inside.nodes if node.kind.value == "direction"]
    assert directions == ["Giao Sở Tài chính.", inner]


# --- people who left -------------------------------------------------------------------------


def test_the_task_of_a_lead_who_left_is_on_the_list_of_what_is_stuck(
    stage: Stage, desk: Desk
) -> None:
    assignment_id = desk.accepted(LEADER, by=OFFICER, lead=desk.person())
    now = stage.house.clock.now()
    with stage.house.start_reading() as work:
        assert not work.queries.list_stuck(now)
    officer = stage.actor(OFFICER)
    leave(stage, officer, desk.today())
    with stage.house.start_reading() as work:
        (row,) = work.queries.list_stuck(now)
    assert (row.kind, row.key) == ("leaver", assignment_id)
    assert officer.full_name in row.what
    stage.house.use_cases.reassign(assignment_id, stage.actor(LEADER), desk.unit(), "Đã nghỉ.")
    with stage.house.start_reading() as work:
        assert not work.queries.list_stuck(now)


def test_what_waits_for_an_assigner_who_left_is_not_stuck_while_there_are_leaders(
    stage: Stage, desk: Desk
) -> None:
    gone = deputy_of(stage, LEADER, desk.today())
    assignment_id = stage.house.use_cases.give_assignment(gone, desk.order(lead=desk.person()))
    desk.accept(assignment_id, OFFICER)
    desk.finish(assignment_id, OFFICER)
    leave(stage, gone, desk.today())
    with stage.house.start_reading() as work:
        assert not work.queries.list_stuck(stage.house.clock.now())


def test_a_failed_job_about_an_assignment_leads_to_no_document(stage: Stage, desk: Desk) -> None:
    letter = stage.issue(recipients=(STC,))
    stage.run_jobs()
    assignment_id = desk.give()
    with stage.house.start_reading() as work:
        delivery = work.deliveries.find(letter, STC)
    assert delivery is not None
    payloads = {
        "one": {"instance_id": "i", "business_key": f"{assignment_id}.2026-12-09"},
        "two": {"instance_id": "i", "business_key": delivery.id},
        "three": {"instance_id": "i", "business_key": letter},
        "four": {"delivery_id": delivery.id},
        "five": {"document_id": letter},
    }
    at = stage.house.clock.now()
    engine = sa.create_engine(f"sqlite:///{stage.house.settings.database_path}")
    with engine.begin() as connection:
        for key, payload in payloads.items():
            job = {"key": key, "name": "job", "payload": payload, "round": 0, "enqueued_at": at}
            failure = {"key": key, "name": "job", "reason": "x", "tries": 1, "at": at}
            connection.execute(sa.insert(job_key), job)
            connection.execute(sa.insert(failed_job), failure)
    engine.dispose()
    with stage.house.start_reading() as work:
        rows = {row.key: row.document_id for row in work.queries.list_stuck(at)}
    expected = {"one": "", "two": letter, "three": letter, "four": letter, "five": letter}
    assert {key: rows[key] for key in payloads} == expected


def test_what_closes_an_assignment_is_no_older_than_it(
    stage: Stage, desk: Desk, clock: FixedClock
) -> None:
    letter = stage.issue()
    clock.move(timedelta(days=1))
    assignment_id = desk.accepted()

    error = refusal(lambda: desk.finish(assignment_id, evidence=letter))

    assert error.code is ErrorCode.ASSIGNMENT_EVIDENCE
    assert desk.get(assignment_id).state is AssignmentState.ACCEPTED
    desk.report(assignment_id, evidence=letter)  # as evidence on the way it may be
