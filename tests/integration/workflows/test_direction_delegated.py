"""Assignments while the assigner or the lead is away: delegates act, both names on record."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.errors import ErrorCode, NotPermittedError
from engine.model.assignment import AssignmentState, Order
from engine.model.organisation import Actor, Power, Role
from tests.houses import Stage
from tests.orders import HEAD, LEADER, OFFICER, Desk
from workflows.authority.delegate import DelegationTerms

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


#: Heads another unit of the same agency.
OTHER_HEAD = "snv.chanhvanphong"


def delegate(desk: Desk, giver: str, delegate_login: str, *powers: Power) -> Actor:
    """Leave powers of `giver` to somebody and return who that is, as they are now."""
    stage = desk.stage
    actor = stage.actor(giver)
    terms = DelegationTerms(
        post_id=actor.posts[0].id,
        delegate_id=stage.actor(delegate_login).person_id,
        powers=frozenset(powers),
        since=desk.today(),
        until=desk.today() + timedelta(days=20),
    )
    stage.house.use_cases.authority.delegate(terms, actor)
    return stage.actor(delegate_login)


def leaf(desk: Desk, assignment_id: str, event: str) -> dict[str, str]:
    with desk.stage.house.start_reading() as work:
        leaves = work.audit.list_group(assignment_id)
    (found,) = (each for each in leaves if each.event.value == event)
    return {"actor": found.actor_id, **found.details}


def test_a_delegate_confirms_in_the_assigner_s_name(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted(LEADER, by=OFFICER, lead=desk.person())
    desk.finish(assignment_id, OFFICER)
    with pytest.raises(NotPermittedError) as caught:
        desk.confirm(assignment_id, HEAD)
    assert caught.value.code is ErrorCode.ASSIGNMENT_NOT_ASSIGNER

    head = delegate(desk, LEADER, HEAD, Power.DIRECT)
    desk.confirm(assignment_id, HEAD)

    assert desk.get(assignment_id).state is AssignmentState.COMPLETED
    said = leaf(desk, assignment_id, "assignment.completion.confirm")
    assert said["actor"] == head.person_id
    assert said["on_behalf_of"] == stage.actor(LEADER).person_id


def test_a_delegate_without_the_power_does_not_confirm(desk: Desk) -> None:
    assignment_id = desk.accepted(LEADER, by=OFFICER, lead=desk.person())
    desk.finish(assignment_id, OFFICER)
    delegate(desk, LEADER, HEAD, Power.REVIEW)
    with pytest.raises(NotPermittedError) as caught:
        desk.confirm(assignment_id, HEAD)
    assert caught.value.code is ErrorCode.ASSIGNMENT_NOT_ASSIGNER


def test_a_delegate_gives_what_the_giver_could_give(stage: Stage, desk: Desk) -> None:
    head = delegate(desk, LEADER, HEAD, Power.DIRECT)
    other_unit = desk.unit("snv.vanthu")
    # A head gives to the people of their own unit only; whom they stand in for reaches further.
    person = desk.person("snv.vanthu")
    assert other_unit.unit_id != desk.unit(HEAD).unit_id
    assignment_id = stage.house.use_cases.give_assignment(
        head, Order(content="Rà soát sổ văn bản.", lead=person, due_on=desk.day(5))
    )
    given = desk.get(assignment_id)
    assert given.assigner_id == stage.actor(LEADER).person_id
    said = leaf(desk, assignment_id, "assignment.give.complete")
    assert (said["actor"], said["on_behalf_of"]) == (head.person_id, given.assigner_id)
    assert "assignment.given" in desk.notices("snv.vanthu")


def test_a_delegate_decides_on_more_time_reassigns_and_cancels(stage: Stage, desk: Desk) -> None:
    delegate(desk, LEADER, HEAD, Power.DIRECT)
    assignment_id = desk.accepted(LEADER, by=OFFICER, lead=desk.person())
    desk.decide(desk.ask(assignment_id, desk.day(12), OFFICER), HEAD)
    assert desk.get(assignment_id).due_on == desk.day(12)
    cases = stage.house.use_cases
    cases.reassign(assignment_id, stage.actor(HEAD), desk.person("snv.vanthu"), "Đổi người.")
    cases.cancel_assignment(assignment_id, stage.actor(HEAD), "Không cần nữa.")
    said = leaf(desk, assignment_id, "assignment.cancel.complete")
    assert said["on_behalf_of"] == stage.actor(LEADER).person_id


def test_a_delegate_acts_for_the_lead(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.give(LEADER, lead=desk.unit())
    delegate(desk, HEAD, OFFICER, Power.HANDLE)
    assert desk.rules(OFFICER, assignment_id) == ["handle_as_unit"]
    desk.accept(assignment_id, OFFICER)
    desk.report(assignment_id, OFFICER)
    desk.finish(assignment_id, OFFICER)
    said = leaf(desk, assignment_id, "assignment.completion.report")
    assert said["on_behalf_of"] == stage.actor(HEAD).person_id


def test_a_delegation_that_was_ended_confirms_nothing(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted(LEADER, by=OFFICER, lead=desk.person())
    desk.finish(assignment_id, OFFICER)
    head = delegate(desk, LEADER, HEAD, Power.DIRECT)
    (stand_in,) = head.stands_in
    stage.house.use_cases.authority.end_delegation(stand_in.delegation_id, stage.actor(LEADER))
    # The page was opened while the delegation lasted.
    with pytest.raises(NotPermittedError) as caught:
        stage.house.use_cases.confirm_completion(assignment_id, head)
    assert caught.value.code is ErrorCode.ASSIGNMENT_NOT_ASSIGNER
    assert desk.get(assignment_id).state is AssignmentState.REPORTED


def leave(stage: Stage, actor: Actor, today: date) -> None:
    """Let somebody have left their posts yesterday."""
    with stage.house.start_work() as work:
        for post in actor.posts:
            work.organisation.end_post(post.id, today - timedelta(days=1))
        work.commit()


def deputy_of(stage: Stage, login: str, today: date) -> Actor:
    """Return another leader of the agency of `login`."""
    head = stage.actor(login)
    with stage.house.start_reading() as work:
        posts = work.organisation.list_posts(head.posts[0].agency_id, today, role=Role.LEADER)
    return stage.house.use_cases.identify.by_person(
        next(post.person_id for post in posts if post.person_id != head.person_id)
    )


def refused(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(NotPermittedError) as caught:
        act()
    return caught.value.code


def test_a_delegate_decides_nothing_about_their_own_work(stage: Stage, desk: Desk) -> None:
    cases = stage.house.use_cases
    assignment_id = desk.accepted(LEADER, by=HEAD, lead=desk.person(HEAD))
    head = delegate(desk, LEADER, HEAD, Power.DIRECT)
    extension_id = desk.ask(assignment_id, desk.day(15), HEAD)

    for act in (
        lambda: desk.decide(extension_id, HEAD),
        lambda: cases.reassign(assignment_id, head, desk.person("snv.vanthu"), "Bận."),
        lambda: cases.cancel_assignment(assignment_id, head, "Không làm."),
    ):
        assert refused(act) is ErrorCode.ASSIGNMENT_OWN_WORK
    desk.finish(assignment_id, HEAD)
    assert refused(lambda: desk.confirm(assignment_id, HEAD)) is ErrorCode.ASSIGNMENT_OWN_WORK
    reopened = refused(lambda: cases.reopen_assignment(assignment_id, head, "Chưa xong."))
    assert reopened is ErrorCode.ASSIGNMENT_OWN_WORK
    assert desk.get(assignment_id).state is AssignmentState.REPORTED
    desk.confirm(assignment_id, LEADER)


def test_a_delegate_who_reported_for_the_lead_does_not_confirm(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.give(LEADER, lead=desk.unit())
    delegate(desk, HEAD, OTHER_HEAD, Power.HANDLE)
    delegate(desk, LEADER, OTHER_HEAD, Power.DIRECT)
    desk.accept(assignment_id, OTHER_HEAD)
    desk.finish(assignment_id, OTHER_HEAD)

    assert (
        refused(lambda: desk.confirm(assignment_id, OTHER_HEAD)) is ErrorCode.ASSIGNMENT_OWN_WORK
    )


def test_a_leader_decides_for_an_assigner_who_left(stage: Stage, desk: Desk) -> None:
    cases = stage.house.use_cases
    gone = deputy_of(stage, LEADER, desk.today())
    order = desk.order(lead=desk.person())
    assignment_id = cases.give_assignment(gone, order)
    desk.accept(assignment_id, OFFICER)
    extension_id = desk.ask(assignment_id, desk.day(15), OFFICER)
    early = refused(lambda: desk.decide(extension_id, LEADER))
    assert early is ErrorCode.ASSIGNMENT_NOT_ASSIGNER
    leave(stage, gone, desk.today())

    assert desk.rules(LEADER, assignment_id) == ["decide"]
    assert cases.view_assignment(assignment_id, stage.actor(LEADER)).is_assigner
    desk.decide(extension_id, LEADER)
    desk.finish(assignment_id, OFFICER)
    assert desk.rules(LEADER, assignment_id) == ["confirm"]
    assert desk.rules(HEAD, assignment_id) == []
    not_leader = refused(lambda: desk.confirm(assignment_id, HEAD))
    assert not_leader is ErrorCode.ASSIGNMENT_NOT_ASSIGNER
    desk.confirm(assignment_id, LEADER)

    assert desk.get(assignment_id).state is AssignmentState.COMPLETED
    said = leaf(desk, assignment_id, "assignment.completion.confirm")
    assert (said["actor"], said["on_behalf_of"]) == (
        stage.actor(LEADER).person_id,
        gone.person_id,
    )
    assert said["on_behalf_of_name"] == gone.full_name
    assert "delegation" not in said


def test_a_leader_reassigns_and_cancels_what_a_leaver_gave(stage: Stage, desk: Desk) -> None:
    cases = stage.house.use_cases
    gone = deputy_of(stage, LEADER, desk.today())
    assignment_id = cases.give_assignment(gone, desk.order(lead=desk.person()))
    leave(stage, gone, desk.today())
    head, leader = stage.actor(HEAD), stage.actor(LEADER)

    someone_else = refused(lambda: cases.cancel_assignment(assignment_id, head, "Thôi."))
    cases.reassign(assignment_id, leader, desk.person("snv.vanthu"), "Đổi người.")
    cases.cancel_assignment(assignment_id, leader, "Không cần nữa.")

    assert someone_else is ErrorCode.ASSIGNMENT_NOT_ASSIGNER
    assert desk.get(assignment_id).assigner_id == gone.person_id
    said = leaf(desk, assignment_id, "assignment.lead.change")
    assert said["on_behalf_of"] == gone.person_id
