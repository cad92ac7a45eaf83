"""Assignments on real rows: numbers, versions, what may not change, lists against brute force."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.clock import local
from engine.errors import ConflictError, ErrorCode, NotFoundError, StorageError
from engine.model.assignment import (
    Assignment,
    AssignmentId,
    AssignmentState,
    Extension,
    ExtensionId,
    Party,
    ProgressReport,
    Source,
    SourceKind,
    Standing,
)
from engine.model.organisation import PersonId, Role
from engine.model.urgency import Urgency
from engine.ports_direction import Part
from storage.database import Database
from tests.integration.storage.town import (
    COMMITTEE,
    FINANCE,
    HEALTH,
    HOME_AFFAIRS,
    a_document,
    an_actor,
    person_of,
    unit_of,
)

GIVEN_AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
TODAY = date(2026, 1, 20)
LEADER = an_actor(COMMITTEE, Role.LEADER)
SNV = Party(agency_id=HOME_AFFAIRS)
SNV_UNIT = Party(agency_id=HOME_AFFAIRS, unit_id=unit_of(HOME_AFFAIRS))


def an_assignment(number: int = 1, **changes: object) -> Assignment:
    values: dict[str, object] = {
        "id": AssignmentId(f"{number:032}"),
        "agency_id": COMMITTEE,
        "year": 2026,
        "number": number,
        "assigner_id": person_of(COMMITTEE, Role.LEADER),
        "assigner_name": "Đinh Thị Ngọc Huệ",
        "content": "Báo cáo tình hình.",
        "quoted": "Giao Sở Nội vụ báo cáo.",
        "product": "Báo cáo",
        "urgency": Urgency.URGENT,
        "lead": SNV,
        "cooperators": (Party(agency_id=FINANCE), Party(agency_id=HEALTH)),
        "due_on": date(2026, 1, 15),
        "first_due_on": date(2026, 1, 12),
        "given_at": GIVEN_AT + timedelta(minutes=number),
        "updated_at": GIVEN_AT,
        "source": Source(),
    }
    return Assignment(**(values | changes))  # type: ignore[arg-type]


def add(database: Database, *assignments: Assignment) -> None:
    with database.start_work() as work:
        for assignment in assignments:
            work.assignments.add(assignment)
        work.commit()


def get(database: Database, assignment_id: AssignmentId) -> Assignment:
    with database.start_reading() as work:
        return work.assignments.get(assignment_id)


def a_report(assignment: Assignment, sequence: int = 1, **changes: object) -> ProgressReport:
    values: dict[str, object] = {
        "assignment_id": assignment.id,
        "sequence": sequence,
        "author_id": PersonId("p2"),
        "author_name": "Mai Kim Loan",
        "party": assignment.lead,
        "at": GIVEN_AT,
        "percent": 40,
        "text": "Đã thu thập số liệu.",
    }
    return ProgressReport(**(values | changes))  # type: ignore[arg-type]


def an_extension(assignment: Assignment) -> Extension:
    return Extension(
        id=ExtensionId("e1"),
        assignment_id=assignment.id,
        asked_by=PersonId("p2"),
        asked_by_name="Mai Kim Loan",
        asked_at=GIVEN_AT,
        reason="Chờ số liệu.",
        old_due_on=date(2026, 1, 12),
        new_due_on=date(2026, 1, 15),
    )


def test_an_assignment_comes_back_as_it_was_added(database: Database) -> None:
    added = an_assignment()
    add(database, added)
    assert get(database, added.id) == added


def test_get_refuses_what_there_is_not(database: Database) -> None:
    with pytest.raises(NotFoundError) as caught:
        get(database, AssignmentId("khong-co"))
    assert caught.value.code is ErrorCode.ASSIGNMENT_NOT_FOUND


def test_take_number_is_dense_for_each_agency_and_year(database: Database) -> None:
    with database.start_work() as work:
        taken = [work.assignments.take_number(COMMITTEE, 2026) for _ in range(3)]
        assert taken == [1, 2, 3]
        assert work.assignments.take_number(FINANCE, 2026) == 1
        assert work.assignments.take_number(COMMITTEE, 2027) == 1
        work.commit()
    with database.start_work() as work:
        assert work.assignments.take_number(COMMITTEE, 2026) == 4
    with database.start_work() as work:  # rolled back: the number is there again
        assert work.assignments.take_number(COMMITTEE, 2026) == 4


def test_save_writes_what_may_change_and_counts_versions(database: Database) -> None:
    assignment = an_assignment()
    add(database, assignment)
    assignment.state = AssignmentState.ACCEPTED
    assignment.accepted_at = GIVEN_AT
    assignment.lead = SNV_UNIT
    assignment.cooperators = (Party(agency_id=HEALTH),)
    with database.start_work() as work:
        work.assignments.save(assignment)
        work.commit()
    assert get(database, assignment.id) == assignment
    assert assignment.version == 1


def test_save_refuses_who_read_an_older_version(database: Database) -> None:
    assignment = an_assignment()
    add(database, assignment)
    stale = get(database, assignment.id)
    with database.start_work() as work:
        work.assignments.save(assignment)
        work.commit()
    with database.start_work() as work, pytest.raises(ConflictError) as caught:
        work.assignments.save(stale)
    assert caught.value.code is ErrorCode.DOCUMENT_CHANGED


def test_percent_follows_the_lead_alone(database: Database) -> None:
    assignment = an_assignment()
    add(database, assignment)
    with database.start_work() as work:
        work.assignments.add_report(a_report(assignment, 1, percent=30))
        other = Party(agency_id=FINANCE)
        work.assignments.add_report(a_report(assignment, 2, party=other, percent=100))
        inside = replace(SNV_UNIT)
        work.assignments.add_report(a_report(assignment, 3, party=inside, percent=90))
        work.commit()
    with database.start_reading() as work:
        (row,) = work.assignments.list_rows(LEADER, Part.GIVEN, TODAY).rows
        reports = work.assignments.list_reports(assignment.id)
    assert row.percent == 30
    assert [report.percent for report in reports] == [30, 100, 90]
    assert [report.party for report in reports] == [SNV, other, inside]


def test_a_request_is_decided_once_and_nothing_else_of_it_changes(database: Database) -> None:
    assignment = an_assignment()
    add(database, assignment)
    extension = an_extension(assignment)
    decided = extension.decided(
        actor=LEADER, now=GIVEN_AT, due_on=date(2026, 1, 14), note="Đồng ý."
    )
    with database.start_work() as work:
        work.assignments.add_extension(extension)
        work.assignments.save_extension(decided)
        work.commit()
    with database.start_reading() as work:
        assert work.assignments.get_extension(extension.id) == decided
        assert list(work.assignments.list_extensions(assignment.id)) == [decided]
    with database.start_work() as work, pytest.raises(ConflictError) as caught:
        work.assignments.save_extension(decided)
    assert caught.value.code is ErrorCode.EXTENSION_CLOSED


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM assignment",
        "UPDATE assignment SET content = 'Khác'",
        "UPDATE assignment SET first_due_on = '2027-01-01'",
        "UPDATE assignment SET assigner_id = lead_person_id",
        "DELETE FROM progress_report",
        "UPDATE progress_report SET percent = 100",
        "DELETE FROM extension",
        "UPDATE extension SET new_due_on = '2027-01-01'",
        "UPDATE extension SET granted = 0",
    ],
)
def test_the_record_of_what_was_asked_cannot_be_changed(
    database: Database, statement: str
) -> None:
    assignment = an_assignment()
    add(database, assignment)
    extension = an_extension(assignment)
    with database.start_work() as work:
        work.assignments.add_report(a_report(assignment))
        work.assignments.add_extension(extension)
        work.assignments.save_extension(
            extension.decided(actor=LEADER, now=GIVEN_AT, due_on=date(2026, 1, 14), note="")
        )
        work.commit()
    with pytest.raises(sa.exc.DatabaseError), database.writing.begin() as connection:
        connection.exec_driver_sql(statement)
    assert get(database, assignment.id) == assignment


def test_a_number_is_given_once(database: Database) -> None:
    add(database, an_assignment())
    twin = replace(an_assignment(), id=AssignmentId("f" * 32))
    with pytest.raises((ConflictError, StorageError)):
        add(database, twin)


def test_parts_and_sources_are_found(database: Database) -> None:
    document = a_document()
    whole = an_assignment(
        1, source=Source(kind=SourceKind.DELIVERY, id="d1", document_id=document.id)
    )
    part = an_assignment(2, parent_id=whole.id, state=AssignmentState.COMPLETED)
    running = an_assignment(3, parent_id=whole.id)
    closing = an_assignment(4, closing_document_id=document.id)
    with database.start_work() as work:
        work.documents.add(document)
        work.commit()
    add(database, whole, part, running, closing)
    with database.start_reading() as work:
        found = work.assignments
        assert [each.id for each in found.list_children(whole.id)] == [part.id, running.id]
        assert found.count_open_children(whole.id) == 1
        assert [a.id for a in found.list_on_source(SourceKind.DELIVERY, "d1")] == [whole.id]
        assert [a.id for a in found.list_on_document(document.id)] == [whole.id, closing.id]


def test_list_open_of_puts_the_nearest_deadline_first(database: Database) -> None:
    late = an_assignment(1, due_on=date(2026, 3, 1))
    soon = an_assignment(2, due_on=date(2026, 2, 1))
    free = an_assignment(3, due_on=None)
    done = an_assignment(4, state=AssignmentState.COMPLETED)
    add(database, late, soon, free, done)
    with database.start_reading() as work:
        found = work.assignments.list_open_of(LEADER.person_id)
    assert [each.id for each in found] == [soon.id, late.id, free.id]


def test_lists_page_without_losing_or_repeating_a_row(database: Database) -> None:
    add(database, *(an_assignment(number) for number in range(1, 26)))
    seen: list[int] = []
    cursor = ""
    with database.start_reading() as work:
        while True:
            page = work.assignments.list_rows(LEADER, Part.GIVEN, TODAY, cursor=cursor, limit=7)
            seen += [row.number for row in page.rows]
            cursor = page.next_cursor
            if not cursor:
                break
    assert seen == list(range(25, 0, -1))


def test_a_person_sees_what_they_their_unit_or_their_agency_lead(database: Database) -> None:
    officer = person_of(HOME_AFFAIRS, Role.DESK_OFFICER)
    agency = an_assignment(1)
    unit = an_assignment(2, lead=SNV_UNIT)
    person = an_assignment(3, lead=replace(SNV_UNIT, person_id=officer))
    elsewhere = an_assignment(4, lead=Party(agency_id=FINANCE))
    add(database, agency, unit, person, elsewhere)
    expected = {Role.LEADER: {1, 2, 3}, Role.DIVISION_HEAD: {2, 3}, Role.DESK_OFFICER: {3}}
    with database.start_reading() as work:
        for role, numbers in expected.items():
            rows = work.assignments.list_rows(an_actor(HOME_AFFAIRS, role), Part.LED, TODAY).rows
            assert {row.number for row in rows} == numbers, role
        helping = work.assignments.list_rows(
            an_actor(HEALTH, Role.LEADER), Part.COOPERATING, TODAY
        ).rows
    assert {row.number for row in helping} == {1, 2, 3, 4}


def a_random_one(number: int, chance: random.Random) -> Assignment:
    state = chance.choice(list(AssignmentState))
    at = GIVEN_AT + timedelta(hours=chance.randrange(24 * 14))
    is_reported = state in {AssignmentState.REPORTED, AssignmentState.COMPLETED}
    due_on = local(GIVEN_AT).date() + timedelta(days=chance.randrange(25))
    return an_assignment(
        number,
        state=state,
        due_on=due_on if chance.random() < 0.8 else None,
        reported_at=at if is_reported else None,
        completed_at=at if state is AssignmentState.COMPLETED else None,
        extension_open=chance.random() < 0.3,
    )


def test_lists_by_standing_are_those_the_model_tells(database: Database) -> None:
    chance = random.Random(20260105)  # noqa: S311 no secret
    # What has no deadline cannot wait for a later one.
    everything = [
        replace(each, extension_open=each.extension_open and each.due_on is not None)
        for each in (a_random_one(number, chance) for number in range(1, 201))
    ]
    add(database, *everything)
    with database.start_reading() as work:
        for standing in Standing:
            rows = work.assignments.list_rows(
                LEADER, Part.GIVEN, TODAY, standing=standing, limit=500
            ).rows
            expected = {a.number for a in everything if a.standing(TODAY) is standing}
            assert expected, standing
            assert {row.number for row in rows} == expected, standing
            for row in rows:
                told = everything[row.number - 1]
                assert row.overdue_days == told.overdue_days(TODAY)
