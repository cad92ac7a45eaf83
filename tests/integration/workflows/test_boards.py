"""Who directs in somebody's name sees that person's work too, marked as theirs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.clock import FixedClock, local
from engine.errors import NotPermittedError
from engine.model.assignment import AssignmentState, Party
from engine.model.indicators import IndicatorId, year_of
from engine.model.organisation import Actor, AgencyId, DelegationId, PostId, Power, StandIn
from engine.permissions import Permission, Subject, is_permitted
from engine.ports_boards import BoardKind, BoardQuery, Waiting
from engine.queries import Basket
from tests.factories.assignments import an_assignment
from tests.houses import Stage
from tests.integration.workflows.test_incoming import delivery_to, direct, present, register
from tests.orders import Desk
from workflows.boards.view_today import board_of
from workflows.reading.view_indicators import indicators


def as_deputy(stage: Stage, login: str, giver: str, *powers: Power) -> Actor:
    """Return a person as if the giver's powers were theirs for the day."""
    actor, leader = stage.actor(login), stage.actor(giver)
    standing_in = StandIn(
        delegation_id=DelegationId("d1"),
        giver_id=leader.person_id,
        giver_name=leader.full_name,
        post=leader.posts[0],
        powers=frozenset(powers),
        until=local(stage.house.clock.now()).date() + timedelta(days=1),
    )
    return replace(actor, stands_in=(standing_in,))


def give(stage: Stage, giver: str, **changes: object) -> str:
    """Have a leader give an assignment to the agency's own people; return its id."""
    actor, now = stage.actor(giver), stage.house.clock.now()
    lead = changes.pop("lead", Party(agency_id=actor.posts[0].agency_id))
    assignment = an_assignment(actor, lead, now, **changes)  # type: ignore[arg-type]
    with stage.house.start_work() as work:
        work.assignments.add(assignment)
        work.commit()
    return assignment.id


def test_deputy_sees_what_waits_for_the_giver_marked_as_the_givers(stage: Stage) -> None:
    reported_at = stage.house.clock.now()
    key = give(stage, "snv.lanhdao", state=AssignmentState.REPORTED, reported_at=reported_at)
    deputy = as_deputy(stage, "snv.truongphong", "snv.lanhdao", Power.DIRECT)

    view = stage.house.use_cases.view_today(deputy)

    [row] = view.waiting[Waiting.CONFIRMATION]
    assert row.assignment.id == key
    assert view.givers[row.assigner_id] == stage.actor("snv.lanhdao").full_name
    assert Basket.TO_DIRECT in view.baskets


def test_deputy_for_other_work_sees_nothing_of_what_the_giver_gave(stage: Stage) -> None:
    now = stage.house.clock.now()
    give(stage, "snv.lanhdao", state=AssignmentState.REPORTED, reported_at=now)
    deputy = as_deputy(stage, "snv.truongphong", "snv.lanhdao", Power.REVIEW)

    view = stage.house.use_cases.view_today(deputy)

    assert not view.waiting[Waiting.CONFIRMATION]
    assert not view.givers


def test_deputy_sees_the_board_of_the_giver_as_long_as_directing_is_delegated(
    stage: Stage,
) -> None:
    give(stage, "snv.lanhdao")
    leader = stage.actor("snv.lanhdao")
    query = BoardQuery(kind=BoardKind.GIVEN, scope_id=leader.person_id)
    deputy = as_deputy(stage, "snv.truongphong", "snv.lanhdao", Power.DIRECT)

    view = stage.house.use_cases.view_board(deputy, query)

    assert view.table.sum.total == 1
    assert leader.full_name in {tab.on_behalf_of for tab in view.tabs}
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.view_board(stage.actor("snv.truongphong"), query)


def test_head_of_another_unit_does_not_see_an_officers_board(stage: Stage) -> None:
    officer = stage.actor("snv.chuyenvien")
    own = BoardQuery(kind=BoardKind.OWN, scope_id=officer.person_id)
    stranger = stage.actor("stc.truongphong")
    assert stage.house.use_cases.view_board(officer, own).table.rows == []
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.view_board(stranger, own)
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.view_board.list_cell(stranger, own)


def test_each_begins_with_the_board_nearest_to_them(stage: Stage) -> None:
    expected = {
        "snv.lanhdao": BoardKind.GIVEN,
        "snv.truongphong": BoardKind.UNIT,
        "snv.chuyenvien": BoardKind.OWN,
        "snv.vanthu": BoardKind.OWN,
    }
    found = {login: board_of(stage.actor(login)).kind for login in expected}
    assert found == expected


def test_nobody_without_a_post_sees_a_board_of_an_agency(stage: Stage) -> None:
    nobody = replace(stage.actor("snv.lanhdao"), posts=())
    readers = frozenset({AgencyId("ubnd-tp")})
    for subject in (Subject(reader_ids=readers), Subject(agency_id=AgencyId("snv"))):
        assert not is_permitted(Permission.BOARD_VIEW, nobody, subject)


def appoint(stage: Stage, login: str, like: str, *, moves: bool) -> None:
    """Appoint somebody to the post another holds; whoever moves leaves their own."""
    today = local(stage.house.clock.now()).date()
    old, new = stage.actor(login).posts[0], stage.actor(like).posts[0]
    with stage.house.start_work() as work:
        if moves:
            work.organisation.end_post(old.id, today - timedelta(days=1))
        work.organisation.add_post(
            replace(
                new, id=PostId(f"{login}-{like}"), person_id=old.person_id, validity=old.validity
            )
        )
        work.commit()


def listed(stage: Stage, actor: Actor, query: BoardQuery) -> list[str]:
    view, cell = (
        stage.house.use_cases.view_board(actor, query),
        (stage.house.use_cases.view_board.list_cell(actor, query)),
    )
    assert view.table.sum.total == len(cell.page.rows)
    return [row.content for row in cell.page.rows]


def test_new_agency_does_not_see_what_an_officer_led_in_the_one_before(
    stage: Stage, clock: FixedClock
) -> None:
    desk = Desk(stage)
    desk.give("snv.lanhdao", lead=desk.person("snv.chuyenvien"), content="Việc của Sở Nội vụ")
    clock.move(timedelta(minutes=1))
    officer = stage.actor("snv.chuyenvien").person_id
    appoint(stage, "snv.chuyenvien", "stc.chuyenvien", moves=True)
    desk.give("stc.lanhdao", lead=desk.person("snv.chuyenvien"), content="Việc của Sở Tài chính")
    own = BoardQuery(kind=BoardKind.OWN, scope_id=officer)

    both = ["Việc của Sở Tài chính", "Việc của Sở Nội vụ"]
    expected = {
        "stc.lanhdao": both[:1],
        "stc.vanthu": both[:1],
        "stc.truongphong": both[:1],
        "snv.chuyenvien": both,
        "ubnd-tp.lanhdao": both,
    }
    found = {login: listed(stage, stage.actor(login), own) for login in expected}
    assert found == expected


def test_deputy_sees_nothing_of_what_the_giver_gave_in_another_agency(stage: Stage) -> None:
    desk = Desk(stage)
    leader = stage.actor("snv.lanhdao").person_id
    deputy = as_deputy(stage, "snv.truongphong", "snv.lanhdao", Power.DIRECT)
    now = stage.house.clock.now()
    reported = {"state": AssignmentState.REPORTED, "reported_at": now}
    here = give(stage, "snv.lanhdao", content="Việc của Sở Nội vụ", **reported)
    give(
        stage,
        "snv.lanhdao",
        content="Việc của Sở Tài chính",
        agency_id=AgencyId("stc"),
        lead=desk.unit("stc.truongphong"),
        **reported,
    )

    query = BoardQuery(kind=BoardKind.GIVEN, scope_id=leader)
    assert listed(stage, deputy, query) == ["Việc của Sở Nội vụ"]
    assert len(listed(stage, stage.actor("snv.lanhdao"), query)) == 2
    view = stage.house.use_cases.view_today(deputy)
    assert [row.assignment.id for row in view.waiting[Waiting.CONFIRMATION]] == [here]
    assert view.waiting_counts[Waiting.CONFIRMATION] == 1


def test_arrival_directed_to_a_unit_counts_as_forwarded(stage: Stage) -> None:
    desk = Desk(stage)
    document = stage.issue()
    stage.run_jobs()
    delivery = delivery_to(stage, document, "stc")
    register(stage, delivery.id)
    present(stage, delivery.id)
    period = year_of(local(stage.house.clock.now()).date())

    def counted() -> int:
        with stage.house.start_reading() as work:
            [within] = indicators(
                work, period, now=stage.house.clock.now(), wanted=[IndicatorId.WITHIN]
            )
        return within.counted

    assert counted() == 0
    direct(stage, delivery.id, handler_id=None, lead=desk.unit("stc.truongphong"))
    assert delivery_to(stage, document, "stc").handler_id is None
    assert counted() == 1
