"""Lists of those who act for others: right, each item once, and one walk for each stand-in."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from engine.errors import ConflictError, ErrorCode, NotFoundError
from engine.model.delegation import Delegation
from engine.model.document import DocumentId
from engine.model.kinds import DocumentKind
from engine.model.organisation import (
    Actor,
    AgencyId,
    DelegationId,
    Person,
    PersonId,
    PostId,
    Power,
    Role,
    StandIn,
    UnitId,
    Validity,
)
from engine.ports import UnitOfWork
from engine.process.model import Alert, InstanceId, TaskId, WorkItem
from engine.process.work_items import alerted
from engine.queries import Basket
from storage.database import Database
from tests.integration.storage.town import (
    FINANCE,
    HOME_AFFAIRS,
    NOW,
    TODAY,
    a_document,
    a_post,
    an_actor,
    unit_of,
)

HEAD = an_actor(HOME_AFFAIRS, Role.DIVISION_HEAD)
LEADER = an_actor(HOME_AFFAIRS, Role.LEADER)
OFFICER = an_actor(HOME_AFFAIRS, Role.DESK_OFFICER)
CLERK = an_actor(HOME_AFFAIRS, Role.CLERK)


def a_delegation(giver: Actor = HEAD, delegate: Actor = OFFICER, **changes: Any) -> Delegation:
    values: dict[str, Any] = {
        "id": DelegationId(f"{giver.person_id}-{delegate.person_id}"),
        "agency_id": HOME_AFFAIRS,
        "post_id": giver.posts[0].id,
        "giver_id": giver.person_id,
        "giver_name": giver.full_name,
        "delegate_id": delegate.person_id,
        "delegate_name": delegate.full_name,
        "powers": frozenset({Power.REVIEW}),
        "kinds": frozenset(),
        "basis": "",
        "since": TODAY,
        "until": TODAY + timedelta(days=1),
        "given_at": NOW,
    }
    return Delegation(**(values | changes))


def a_stand_in(giver: Actor = HEAD, *powers: Power, **changes: Any) -> StandIn:
    values: dict[str, Any] = {
        "delegation_id": DelegationId(f"for-{giver.person_id}"),
        "giver_id": giver.person_id,
        "giver_name": giver.full_name,
        "post": giver.posts[0],
        "powers": frozenset(powers or {Power.REVIEW}),
        "until": TODAY,
    }
    return StandIn(**(values | changes))


def standing_in(actor: Actor, *stand_ins: StandIn) -> Actor:
    return replace(actor, stands_in=stand_ins)


def open_items(work: UnitOfWork, *items: WorkItem) -> None:
    """Put open items on the lists as a step does."""
    for item in items:
        document = a_document(
            item.business_key,
            kind=DocumentKind("cong_van"),
            drafter_id=OFFICER.person_id if item.id == "t-own-draft" else LEADER.person_id,
        )
        work.documents.add(document)
        instance = work.processes.start(
            "outgoing",
            business_key=item.business_key,
            data={
                "agency_id": HOME_AFFAIRS,
                "unit_id": unit_of(HOME_AFFAIRS),
                "drafter_id": OFFICER.person_id,
                "signatory_id": None,
            },
            actor=OFFICER,
            now=NOW,
        ).instance_id
        work.processes.store.add_work_items([replace(item, instance_id=instance)])


def an_item(name: str, rule: str = "review", **changes: Any) -> WorkItem:
    values: dict[str, Any] = {
        "id": TaskId(f"t-{name}"),
        "instance_id": InstanceId(""),
        "procedure_id": "outgoing",
        "business_key": name,
        "node_id": rule,
        "rule": rule,
        "name": rule,
        "role": Role.DIVISION_HEAD,
        "agency_id": HOME_AFFAIRS,
        "unit_id": unit_of(HOME_AFFAIRS),
        "person_id": None,
        "opened_at": NOW,
        "power": Power.REVIEW,
    }
    return WorkItem(**(values | changes))


def listed(database: Database, actor: Actor, basket: Basket = Basket.TO_REVIEW) -> dict[str, str]:
    """Return for whom each item of a basket is done, by subject; its count must agree."""
    with database.start_reading() as work:
        rows = work.queries.list_work(actor, basket).rows
        assert work.queries.count_baskets(actor)[basket] == len(rows)
    found = {row.subject_id: row.on_behalf_of for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture
def items(database: Database) -> Database:
    other_unit = UnitId("snv-khac")
    with database.start_work() as work:
        work.organisation.add_unit(
            replace(work.organisation.get_unit(unit_of(HOME_AFFAIRS)), id=other_unit)
        )
        open_items(
            work,
            an_item("of-unit"),
            an_item("of-other-unit", unit_id=other_unit),
            an_item("of-agency", unit_id=None),
            an_item("of-person", person_id=HEAD.person_id),
            an_item("of-leader", role=Role.LEADER, person_id=LEADER.person_id, unit_id=None),
            an_item("form", "check_form", role=Role.CLERK, unit_id=None, power=None),
            an_item("elsewhere", agency_id=FINANCE, unit_id=None),
        )
        work.commit()
    return database


def test_delegate_sees_what_waits_for_the_giver_and_the_givers_post(items: Database) -> None:
    found = listed(items, standing_in(OFFICER, a_stand_in()))

    assert found == dict.fromkeys(["of-unit", "of-agency", "of-person"], HEAD.full_name)


def test_own_draft_is_not_listed_when_it_would_be_reviewed_for_another(items: Database) -> None:
    with items.start_work() as work:
        open_items(work, an_item("own-draft"))
        work.commit()

    assert "own-draft" not in listed(items, standing_in(OFFICER, a_stand_in()))
    assert listed(items, standing_in(CLERK, a_stand_in()))["own-draft"] == HEAD.full_name


def test_delegate_sees_what_is_overdue_below_the_giver(items: Database) -> None:
    with items.start_work() as work:
        item = work.processes.get_task(TaskId("t-of-unit"))
        work.processes.store.update_work_item(alerted(item, Alert.OVERDUE))
        work.commit()

    def count(actor: Actor) -> int:
        with items.start_reading() as work:
            rows = work.queries.list_work(actor, Basket.OVERDUE).rows
            assert work.queries.count_baskets(actor)[Basket.OVERDUE] == len(rows)
        return len(rows)

    assert count(LEADER) == 1
    assert count(standing_in(OFFICER, a_stand_in(LEADER, Power.DIRECT))) == 1
    assert count(standing_in(OFFICER, a_stand_in(LEADER, Power.SIGN))) == 0
    of_another_kind = a_stand_in(LEADER, Power.DIRECT, kinds=frozenset({DocumentKind("giay_moi")}))
    assert count(standing_in(OFFICER, of_another_kind)) == 0


def test_leaders_see_what_stays_with_whoever_left_the_agency(items: Database) -> None:
    gone = replace(
        a_post(HOME_AFFAIRS, Role.LEADER),
        id=PostId("snv-gone"),
        person_id=PersonId("gone"),
        validity=Validity(since=TODAY - timedelta(days=9), until=TODAY - timedelta(days=1)),
    )
    yesterday = TODAY - timedelta(days=1)
    with items.start_work() as work:
        work.organisation.add_person(
            Person(id=PersonId("gone"), full_name="Người đã đi", login="gone")
        )
        work.organisation.add_post(gone)
        # Two posts that ended on the same day are no two persons.
        work.organisation.add_post(replace(gone, id=PostId("snv-gone-too")))
        by_name = {"role": Role.LEADER, "unit_id": None, "person_id": gone.person_id}
        open_items(
            work,
            an_item("signs", "sign", power=Power.SIGN, **by_name),
            an_item("handles", "review", power=Power.HANDLE, **by_name),
        )
        work.commit()
    with items.start_reading() as work:
        on_the_last_day = work.delegations.list_leavers([HOME_AFFAIRS], yesterday)
        left = tuple(work.delegations.list_leavers([HOME_AFFAIRS], TODAY))
        assert work.delegations.list_leavers([FINANCE], TODAY) == []
        assert work.delegations.find_leaver(gone.person_id, HOME_AFFAIRS, yesterday) is None
        assert work.delegations.find_leaver(LEADER.person_id, HOME_AFFAIRS, TODAY) is None
        assert work.delegations.find_leaver(gone.person_id, HOME_AFFAIRS, TODAY) in left

    assert on_the_last_day == []
    leader = replace(LEADER, succeeds=left)
    assert listed(items, leader, Basket.TO_SIGN) == {"signs": "Người đã đi"}


def test_nobody_has_left_when_a_later_post_lasts(items: Database) -> None:
    earlier = replace(
        a_post(HOME_AFFAIRS, Role.LEADER),
        id=PostId("snv-earlier"),
        validity=Validity(since=TODAY - timedelta(days=9), until=TODAY - timedelta(days=1)),
    )
    with items.start_work() as work:
        work.organisation.add_post(earlier)
        work.commit()

    with items.start_reading() as work:
        assert work.delegations.find_leaver(LEADER.person_id, HOME_AFFAIRS, TODAY) is None


def test_each_item_is_listed_once_when_it_is_the_delegates_own_too(items: Database) -> None:
    same = replace(HEAD, person_id=PersonId("snv-khac"), full_name="Khác")
    own_unit = standing_in(same, a_stand_in(HEAD), a_stand_in(HEAD, Power.REVIEW, Power.SIGN))

    found = listed(items, own_unit)

    assert found == {"of-unit": "", "of-agency": "", "of-person": HEAD.full_name}


def test_head_of_another_unit_sees_the_givers_unit_besides(items: Database) -> None:
    post = replace(a_post(HOME_AFFAIRS, Role.DIVISION_HEAD), unit_id=UnitId("snv-khac"))
    other = Actor(person_id=PersonId("x"), full_name="X", posts=(post,), stands_in=(a_stand_in(),))

    assert listed(items, other) == {
        "of-other-unit": "",
        "of-agency": "",
        "of-unit": HEAD.full_name,
        "of-person": HEAD.full_name,
    }


def test_two_givers_are_told_apart(items: Database) -> None:
    delegate = standing_in(OFFICER, a_stand_in(), a_stand_in(LEADER))

    found = listed(items, delegate)

    assert found["of-leader"] == LEADER.full_name
    assert found["of-unit"] == HEAD.full_name
    assert len(found) == 4


@pytest.mark.parametrize(
    "stand_in",
    [
        a_stand_in(HEAD, Power.HANDLE, Power.SIGN),
        a_stand_in(CLERK, *Power),
        a_stand_in(HEAD, kinds=frozenset({DocumentKind("giay_moi")})),
    ],
)
def test_nothing_is_listed_when_the_delegation_does_not_reach_it(
    items: Database, stand_in: StandIn
) -> None:
    assert listed(items, standing_in(OFFICER, stand_in)) == {}


def test_items_of_the_kinds_left_are_listed(items: Database) -> None:
    only = a_stand_in(kinds=frozenset({DocumentKind("cong_van")}))

    assert set(listed(items, standing_in(OFFICER, only))) == {"of-unit", "of-agency", "of-person"}


def test_who_left_the_agency_sees_nothing_of_it(items: Database) -> None:
    gone = standing_in(an_actor(FINANCE, Role.DESK_OFFICER), a_stand_in())

    assert listed(items, gone) == {}


def test_tasks_on_a_subject_say_for_whom_they_are(items: Database) -> None:
    with items.start_reading() as work:
        (row,) = work.queries.list_tasks_on(standing_in(CLERK, a_stand_in()), "of-unit")
        assert row.on_behalf_of == HEAD.full_name
        assert work.queries.list_tasks_on(CLERK, "of-unit") == []


def test_lists_cost_no_more_statements_and_walk_along_indexes(items: Database) -> None:
    plans: list[str] = []
    statements: list[str] = []

    def explain(
        connection: sa.Connection,
        cursor: object,
        statement: str,
        parameters: tuple[object, ...],
        *rest: object,
    ) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)
            raw = connection.connection.cursor()
            raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in raw.fetchall())

    event.listen(items.reading, "before_cursor_execute", explain)
    delegate = standing_in(CLERK, a_stand_in(), a_stand_in(LEADER), a_stand_in(OFFICER))
    with items.start_reading() as work:
        work.queries.list_work(delegate, Basket.TO_REVIEW)
        work.queries.count_baskets(delegate)
        work.queries.list_tasks_on(delegate, "of-unit")
        work.delegations.list_stand_ins(OFFICER.person_id, TODAY)
        work.delegations.is_in_force(DelegationId("x"), TODAY)
        work.delegations.list_open(HOME_AFFAIRS, TODAY)
        work.delegations.list_given(HEAD.person_id)
        work.delegations.list_received(HEAD.person_id)
        work.delegations.list_of_agency(HOME_AFFAIRS)
    assert len(statements) == 9
    assert not [plan for plan in plans if plan.startswith(("SCAN work_item", "SCAN delegation"))]
    covered = [plan for plan in plans if "COVERING INDEX ix_work_item" in plan]
    # Two walks for each giver and two of one's own, in each of the two lists.
    assert len(covered) >= 16


def test_stand_ins_are_those_of_the_day_whose_giver_holds_the_post(database: Database) -> None:
    tomorrow = TODAY + timedelta(days=1)
    with database.start_work() as work:
        work.delegations.add(a_delegation())
        work.delegations.add(a_delegation(LEADER, since=tomorrow))
        work.delegations.add(a_delegation(HEAD, CLERK))
        ended = a_delegation(LEADER, id=DelegationId("ended"))
        work.delegations.add(ended)
        work.delegations.end(ended.ended(LEADER.person_id, "L", NOW, "về"))
        work.commit()

    with database.start_work() as work:
        (stand_in,) = work.delegations.list_stand_ins(OFFICER.person_id, TODAY)
        assert stand_in.giver_id == HEAD.person_id
        assert stand_in.post == a_post(HOME_AFFAIRS, Role.DIVISION_HEAD)
        assert len(work.delegations.list_stand_ins(OFFICER.person_id, tomorrow)) == 2
        assert not work.delegations.is_in_force(DelegationId("ended"), None)
        work.organisation.end_post(HEAD.posts[0].id, TODAY)
        assert work.delegations.is_in_force(a_delegation().id, TODAY)
        assert not work.delegations.is_in_force(a_delegation().id, tomorrow)
        assert work.delegations.is_in_force(a_delegation().id, None)
        (later,) = work.delegations.list_stand_ins(OFFICER.person_id, tomorrow)
        assert later.giver_id == LEADER.person_id


def test_delegation_is_kept_as_it_was_agreed(database: Database) -> None:
    given = a_delegation(
        powers=frozenset({Power.SIGN, Power.DIRECT}),
        kinds=frozenset({DocumentKind("cong_van")}),
        basis="QĐ 12",
    )
    with database.start_work() as work:
        work.delegations.add(given)
        work.commit()

    with database.start_work() as work:
        assert work.delegations.get(given.id) == given
        ended = given.ended(HEAD.person_id, HEAD.full_name, NOW, "đã về")
        work.delegations.end(ended)
        assert work.delegations.get(given.id) == ended
        with pytest.raises(ConflictError) as again:
            work.delegations.end(ended)
        assert again.value.code is ErrorCode.DELEGATION_CLOSED
        with pytest.raises(NotFoundError) as unknown:
            work.delegations.get(DelegationId("x"))
        assert unknown.value.code is ErrorCode.DELEGATION_NOT_FOUND


def test_agencys_delegations_come_page_by_page(database: Database) -> None:
    with database.start_work() as work:
        for number in range(5):
            work.delegations.add(
                a_delegation(
                    id=DelegationId(f"d{number}"), given_at=NOW + timedelta(seconds=number // 2)
                )
            )
        work.delegations.add(a_delegation(agency_id=AgencyId("stc"), id=DelegationId("other")))
        work.commit()

    seen: list[str] = []
    cursor = ""
    with database.start_reading() as work:
        for _page in range(3):
            page = work.delegations.list_of_agency(HOME_AFFAIRS, cursor=cursor, limit=2)
            seen += [row.id for row in page.rows]
            cursor = page.next_cursor

    assert seen == ["d4", "d3", "d2", "d1", "d0"]
    assert cursor == ""


def test_database_refuses_to_change_what_was_agreed(database: Database) -> None:
    with database.start_work() as work:
        work.delegations.add(a_delegation())
        work.documents.add(a_document("d9"))
        work.commit()
    for statement in (
        "UPDATE delegation SET until = '2030-01-01'",
        "UPDATE delegation SET powers = '[]'",
        "DELETE FROM delegation",
    ):
        with pytest.raises(sa.exc.IntegrityError), database.writing.begin() as connection:
            connection.execute(sa.text(statement))
    with database.start_reading() as work:
        assert work.delegations.get(a_delegation().id) == a_delegation()
        assert work.documents.get(DocumentId("d9")).content.field_id is None
