"""Boards hold against a count by brute force, whatever happens to the assignments."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

import storage.step_tally
import storage.tally
from engine.clock import local
from engine.errors import ErrorCode, InvalidInputError, NotFoundError
from engine.model.assignment import (
    Assignment,
    AssignmentId,
    AssignmentState,
    Party,
    Source,
    Standing,
)
from engine.model.organisation import Role
from engine.model.urgency import Urgency
from engine.ports_boards import (
    SIX_WAYS,
    Assigner,
    BoardKind,
    BoardQuery,
    BoardTable,
    Month,
    Period,
    Reach,
    Waiting,
)
from storage.database import Database
from storage.schema import downgrade, upgrade
from storage.tables.tally import assignment_tally, running_assignment
from tests.integration.storage.town import (
    COMMITTEE,
    FINANCE,
    HEALTH,
    HOME_AFFAIRS,
    person_of,
    unit_of,
)

#: Around the turn of a year in Việt Nam, which comes seven hours before the one of UTC.
FIRST = datetime(2025, 11, 20, 1, 0, tzinfo=UTC)
TODAY = date(2026, 1, 20)
GIVERS = (
    (COMMITTEE, person_of(COMMITTEE, Role.LEADER)),
    (HOME_AFFAIRS, person_of(HOME_AFFAIRS, Role.LEADER)),
    (FINANCE, person_of(FINANCE, Role.LEADER)),
)
STATES = tuple(AssignmentState)


def a_party(chance: random.Random) -> Party:
    agency = chance.choice((HOME_AFFAIRS, FINANCE, HEALTH))
    unit = unit_of(agency) if chance.random() < 0.7 else None
    officer = person_of(agency, Role.DESK_OFFICER) if chance.random() < 0.5 else None
    return Party(agency_id=agency, unit_id=unit, person_id=officer)


def an_assignment(number: int, chance: random.Random) -> Assignment:
    agency_id, assigner_id = chance.choice(GIVERS)
    given_at = FIRST + timedelta(minutes=chance.randrange(60 * 24 * 60))
    due_on = local(given_at).date() + timedelta(days=chance.randrange(3, 40))
    due_on = due_on if chance.random() < 0.8 else None
    return Assignment(
        id=AssignmentId(f"a{number:04}"),
        agency_id=agency_id,
        year=local(given_at).year,
        number=number,
        assigner_id=assigner_id,
        assigner_name=assigner_id,
        content=f"Báo cáo việc số {number}",
        quoted="",
        product="",
        urgency=chance.choice(list(Urgency)),
        lead=a_party(chance),
        cooperators=(),
        due_on=due_on,
        first_due_on=due_on,
        given_at=given_at,
        updated_at=given_at,
        source=Source(),
    )


def change(assignment: Assignment, chance: random.Random) -> None:
    """Do something to an assignment; what becomes of it need make no sense."""
    assignment.state = chance.choice(STATES)
    assignment.extension_open = chance.random() < 0.3
    assignment.updated_at += timedelta(hours=1)
    if chance.random() < 0.3:
        assignment.lead = a_party(chance)
    if chance.random() < 0.3 and assignment.due_on:
        assignment.due_on += timedelta(days=chance.randrange(1, 20))
    is_reported = assignment.state in {AssignmentState.REPORTED, AssignmentState.COMPLETED}
    days = chance.randrange(1, 45)
    assignment.reported_at = assignment.given_at + timedelta(days=days) if is_reported else None


def fill(
    database: Database, seed: int, *, number: int = 120, changes: int = 200
) -> list[Assignment]:
    chance = random.Random(seed)  # noqa: S311 no secret
    made = {}
    for each in range(1, number + 1):
        assignment = an_assignment(each, chance)
        with database.start_work() as work:
            work.assignments.add(assignment)
            work.commit()
        made[assignment.id] = assignment
    for _ in range(changes):
        key = chance.choice(sorted(made))
        with database.start_work() as work:
            assignment = work.assignments.get(key)
            change(assignment, chance)
            work.assignments.save(assignment)
            work.commit()
        made[key] = assignment
    return list(made.values())


def line_of(assignment: Assignment, kind: BoardKind) -> tuple[str, str]:
    """Return scope and line of an assignment, told in the words of the contract."""
    lead = assignment.lead
    agency = f"agency:{lead.agency_id}"
    unit = f"unit:{lead.unit_id}" if lead.unit_id else ""
    person = f"person:{lead.person_id}" if lead.person_id else ""
    inside = lead.agency_id == assignment.agency_id
    return {
        BoardKind.CITY: ("", agency),
        BoardKind.AGENCY: (lead.agency_id, unit or person or agency),
        BoardKind.UNIT: (lead.unit_id or "none", person or unit),
        BoardKind.GIVEN: (
            assignment.assigner_id,
            (unit or person or agency) if inside else agency,
        ),
        BoardKind.OWN: (lead.person_id or "none", f"person:{assignment.assigner_id}"),
    }[kind]


def is_asked(assignment: Assignment, query: BoardQuery) -> bool:
    month = Month.of(local(assignment.given_at).date())
    first, last = query.period.first, query.period.last
    return (
        line_of(assignment, query.kind)[0] == query.scope_id
        and (first is None or first <= month)
        and (last is None or month <= last)
        and query.assigner_id in {None, assignment.assigner_id}
        and query.urgency in {None, assignment.urgency}
    )


def counted(
    assignments: Sequence[Assignment], query: BoardQuery, today: date
) -> dict[str, dict[Standing, int]]:
    found: dict[str, Counter[Standing]] = {}
    for each in assignments:
        if is_asked(each, query) and each.standing(today) is not Standing.CANCELLED:
            line = line_of(each, query.kind)[1]
            found.setdefault(line, Counter())[each.standing(today)] += 1
    return {key: {way: counts[way] for way in SIX_WAYS} for key, counts in found.items()}


def shown(board: BoardTable) -> dict[str, dict[Standing, int]]:
    return {row.key: dict(row.counts) for row in board.rows}


QUERIES = [
    BoardQuery(kind=BoardKind.CITY),
    BoardQuery(kind=BoardKind.CITY, assigner_id=GIVERS[0][1], urgency=Urgency.URGENT),
    BoardQuery(kind=BoardKind.CITY, period=Period(first=Month(2026, 1))),
    BoardQuery(kind=BoardKind.CITY, period=Period(first=Month(2025, 12), last=Month(2026, 1))),
    BoardQuery(kind=BoardKind.CITY, period=Period(last=Month(2025, 12))),
    BoardQuery(kind=BoardKind.AGENCY, scope_id=HOME_AFFAIRS),
    BoardQuery(kind=BoardKind.AGENCY, scope_id=FINANCE, assigner_id=GIVERS[2][1]),
    BoardQuery(kind=BoardKind.UNIT, scope_id=unit_of(HEALTH)),
    BoardQuery(kind=BoardKind.UNIT, scope_id=unit_of(FINANCE), urgency=Urgency.NORMAL),
    BoardQuery(kind=BoardKind.GIVEN, scope_id=GIVERS[0][1]),
    BoardQuery(
        kind=BoardKind.GIVEN,
        scope_id=GIVERS[1][1],
        period=Period(first=Month(2025, 12), last=Month(2025, 12)),
    ),
    BoardQuery(kind=BoardKind.OWN, scope_id=person_of(HEALTH, Role.DESK_OFFICER)),
]
#: On or after the day the last of them is given.
DAYS = (TODAY, date(2026, 1, 31), date(2026, 3, 1))


@pytest.mark.parametrize("seed", range(3))
def test_boards_equal_a_brute_force_count_when_assignments_change_at_random(
    database: Database, seed: int
) -> None:
    made = fill(database, seed)
    with database.start_reading() as work:
        assert work.boards.check_tally() == []
        for query in QUERIES:
            for today in DAYS:
                board = work.boards.read_board(query, today)
                assert shown(board) == counted(made, query, today), (query, today)
                late = [each for each in made if is_asked(each, query)]
                running = [
                    each.overdue_days(today)
                    for each in late
                    if each.standing(today) is Standing.RUNNING_OVERDUE
                ]
                assert board.sum.longest_days == max(running, default=0)


@pytest.mark.parametrize("seed", range(3))
def test_cells_list_what_they_count_when_walked_page_by_page(
    database: Database, seed: int
) -> None:
    made = {each.id: each for each in fill(database, seed)}
    with database.start_reading() as work:
        for query in QUERIES:
            board = work.boards.read_board(query, TODAY)
            for row in (*board.rows, board.sum):
                for way in SIX_WAYS:
                    found, cursor = [], None
                    while cursor != "":
                        page = work.boards.list_cell(
                            query,
                            TODAY,
                            row_key=row.key,
                            standing=way,
                            cursor=cursor or "",
                            limit=3,
                        )
                        found += page.rows
                        cursor = page.next_cursor
                    assert len(found) == row.counts[way], (query, row.key, way)
                    assert len({each.id for each in found}) == len(found)
                    for each in found:
                        assert is_asked(made[each.id], query)
                        assert made[each.id].standing(TODAY) is way is each.standing
                        assert row.key in {"", line_of(made[each.id], query.kind)[1]}
                    if way is Standing.RUNNING_OVERDUE:
                        late = [each.overdue_days for each in found]
                        assert late == sorted(late, reverse=True)
                every = work.boards.list_cell(query, TODAY, row_key=row.key, limit=500)
                assert len(every.rows) == row.total


def test_recount_finds_and_mends_a_tally_that_somebody_changed(database: Database) -> None:
    fill(database, 7, number=40, changes=40)
    with database.writing.begin() as connection:
        connection.execute(sa.update(assignment_tally).values(cancelled=99))
        some = sa.select(running_assignment.c.assignment_id).limit(2)
        gone = running_assignment.c.assignment_id.in_(some.scalar_subquery())
        connection.execute(sa.delete(running_assignment).where(gone))
    with database.start_work() as work:
        faults = work.boards.check_tally()
        assert [each.what for each in faults if each.what.startswith("running")]
        assert any(each.kept.get("cancelled") == 99 for each in faults)
        assert work.boards.rebuild_tally() == 40
        assert work.boards.check_tally() == []
        work.commit()


def test_waiting_lists_what_an_assigner_has_to_decide(database: Database) -> None:
    made = fill(database, 11)
    leader = GIVERS[0][1]
    mine = [each for each in made if each.assigner_id == leader]
    reported = {each.id for each in mine if each.state is AssignmentState.REPORTED}
    returned = {each.id for each in mine if each.state is AssignmentState.RETURNED}
    closed = {AssignmentState.COMPLETED, AssignmentState.CANCELLED}
    asked = {each.id for each in mine if each.extension_open and each.state not in closed}
    with database.start_reading() as work:
        asking = [Assigner(person_id=leader)]
        counts = work.boards.count_waiting(asking)
        confirm = work.boards.list_waiting(asking, Waiting.CONFIRMATION, TODAY)
        extend = work.boards.list_waiting(asking, Waiting.EXTENSION, TODAY)
        settle = work.boards.list_waiting(asking, Waiting.RETURNED, TODAY)
    assert {each.assignment.id for each in confirm} == reported
    assert {each.assignment.id for each in extend} == asked - reported - returned
    assert {each.assignment.id for each in settle} == returned
    assert counts == {
        Waiting.CONFIRMATION: len(reported),
        Waiting.EXTENSION: len(asked - reported - returned),
        Waiting.RETURNED: len(returned),
    }
    assert [each.since for each in confirm] == sorted(each.since for each in confirm)


def test_head_names_scope_and_assigners_of_a_board(database: Database) -> None:
    made = fill(database, 2, changes=0)
    unit = unit_of(FINANCE)
    with database.start_reading() as work:
        head = work.boards.read_head(BoardQuery(kind=BoardKind.UNIT, scope_id=unit))
        with pytest.raises(NotFoundError) as refused:
            work.boards.read_head(BoardQuery(kind=BoardKind.AGENCY, scope_id="nowhere"))
    assert (head.agency_id, head.unit_id) == (FINANCE, unit)
    givers = {each.assigner_id for each in made if each.lead.unit_id == unit}
    assert {person for person, _ in head.assigners} == givers
    assert refused.value.code is ErrorCode.AGENCY_NOT_FOUND


@pytest.mark.parametrize("row_key", ["", "agency:snv"])
def test_cell_is_refused_when_its_cursor_is_of_another_list(
    database: Database, row_key: str
) -> None:
    fill(database, 2, number=30, changes=30)
    query = BoardQuery(kind=BoardKind.CITY)
    with database.start_reading() as work:
        page = work.boards.list_cell(query, TODAY, limit=1)
        with pytest.raises(InvalidInputError):
            work.boards.list_cell(
                query,
                TODAY,
                row_key=row_key,
                standing=Standing.RUNNING_OVERDUE,
                cursor=page.next_cursor + "x",
            )


@pytest.mark.parametrize("row_key", ["agency", "agency:", "table:agency", ":"])
@pytest.mark.parametrize("way", [*SIX_WAYS, None])
def test_cell_is_refused_when_the_line_is_none(
    database: Database, row_key: str, way: Standing | None
) -> None:
    with database.start_reading() as work, pytest.raises(InvalidInputError):
        work.boards.list_cell(
            BoardQuery(kind=BoardKind.CITY), TODAY, row_key=row_key, standing=way
        )


def test_board_turns_overdue_at_midnight_without_a_write(database: Database) -> None:
    chance = random.Random(1)  # noqa: S311 no secret
    assignment = an_assignment(1, chance)
    assignment.due_on = TODAY
    with database.start_work() as work:
        work.assignments.add(assignment)
        work.commit()
    query = BoardQuery(kind=BoardKind.CITY)
    with database.start_reading() as work:
        before = work.boards.read_board(query, TODAY).sum
        after = work.boards.read_board(query, TODAY + timedelta(days=1)).sum
    assert before.counts[Standing.RUNNING_IN_TIME] == 1
    assert after.counts[Standing.RUNNING_OVERDUE] == after.longest_days == 1


@pytest.mark.parametrize(
    ("first", "last", "parts"),
    [
        (None, None, ("",)),
        (Month(2025, 1), Month(2025, 12), ("2025",)),
        (Month(2025, 11), Month(2026, 1), ("2025-11", "2025-12", "2026")),
        (Month(2024, 12), None, ("2024-12", "2025", "2026")),
        (Month(2026, 1), Month(2030, 6), ("2026",)),
        (Month(2031, 1), None, ()),
        (
            Month(2025, 2),
            Month(2025, 11),
            ("2025-02", "2025-03", "2025-Q2", "2025-Q3", "2025-10", "2025-11"),
        ),
        (Month(2025, 1), Month(2025, 3), ("2025-Q1",)),
        (Month(2026, 1), Month(2026, 1), ("2026",)),
    ],
)
def test_period_is_made_of_whole_years_and_months(
    first: Month | None, last: Month | None, parts: tuple[str, ...]
) -> None:
    assert Period(first=first, last=last).parts(TODAY) == parts


def test_period_is_refused_when_it_ends_before_it_begins() -> None:
    with pytest.raises(InvalidInputError) as refused:
        Period(first=Month(2026, 2), last=Month(2026, 1))
    assert refused.value.code is ErrorCode.PERIOD_REVERSED


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "1999-01", "2026", "x", "2026-1", "٢٠٢٦-٠١"]
)
def test_month_is_refused_when_there_is_none(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Month.parse(text)
    assert refused.value.code is ErrorCode.PERIOD_RANGE


def test_tally_is_counted_anew_when_a_database_with_assignments_is_upgraded(
    database: Database,
) -> None:
    fill(database, 5, number=60, changes=60)
    query = BoardQuery(kind=BoardKind.CITY)
    with database.start_reading() as work:
        before = work.boards.read_board(query, TODAY)

    downgrade(database.writing, "0016")
    assert "assignment_tally" not in sa.inspect(database.writing).get_table_names()
    upgrade(database.writing)

    with database.start_reading() as work:
        assert work.boards.check_tally() == []
        assert work.boards.read_board(query, TODAY) == before


def give_across_agencies(database: Database) -> list[Assignment]:
    """Have one leader give in the name of two agencies, to the people of three."""
    chance = random.Random(21)  # noqa: S311 no secret
    made = []
    for number in range(1, 150):
        assignment = replace(
            an_assignment(number, chance),
            agency_id=chance.choice((HOME_AFFAIRS, FINANCE)),
            assigner_id=person_of(HOME_AFFAIRS, Role.LEADER),
            state=chance.choice(STATES),
            extension_open=chance.random() < 0.3,
        )
        if assignment.state in {AssignmentState.REPORTED, AssignmentState.COMPLETED}:
            days = chance.randrange(1, 45)
            assignment.reported_at = assignment.given_at + timedelta(days=days)
        if chance.random() < 0.5:
            # A person of one agency leads in another: they moved.
            officer = person_of(FINANCE, Role.DESK_OFFICER)
            assignment.lead = replace(assignment.lead, person_id=officer)
        with database.start_work() as work:
            work.assignments.add(assignment)
            work.commit()
        made.append(assignment)
    return made


def is_within(assignment: Assignment, query: BoardQuery) -> bool:
    assert query.reach is not None
    if query.kind is BoardKind.GIVEN:
        return assignment.agency_id in query.reach.agencies
    lead = assignment.lead
    return lead.agency_id in query.reach.agencies or any(
        lead.agency_id == agency and lead.unit_id in {None, unit}
        for agency, unit in query.reach.units
    )


LEADER_GAVE = BoardQuery(kind=BoardKind.GIVEN, scope_id=person_of(HOME_AFFAIRS, Role.LEADER))
OFFICERS_OWN = BoardQuery(kind=BoardKind.OWN, scope_id=person_of(FINANCE, Role.DESK_OFFICER))


@pytest.mark.parametrize(
    "query",
    [
        replace(LEADER_GAVE, reach=Reach(agencies=frozenset({HOME_AFFAIRS}))),
        replace(LEADER_GAVE, reach=Reach()),
        replace(OFFICERS_OWN, reach=Reach(agencies=frozenset({HEALTH}))),
        replace(OFFICERS_OWN, reach=Reach(units=frozenset({(FINANCE, unit_of(FINANCE))}))),
        replace(
            OFFICERS_OWN,
            reach=Reach(agencies=frozenset({FINANCE})),
            urgency=Urgency.URGENT,
            period=Period(last=Month(2025, 12)),
        ),
    ],
)
def test_board_counts_only_what_its_reader_sees_when_it_is_somebody_elses(
    database: Database, query: BoardQuery
) -> None:
    seen = [each for each in give_across_agencies(database) if is_within(each, query)]
    with database.start_reading() as work:
        board = work.boards.read_board(query, TODAY)
        assert shown(board) == counted(seen, query, TODAY)
        for row in board.rows:
            for way in (*SIX_WAYS, None):
                page = work.boards.list_cell(
                    query, TODAY, row_key=row.key, standing=way, limit=500
                )
                assert len(page.rows) == (row.total if way is None else row.counts[way])
        every = work.boards.list_cell(query, TODAY, limit=500)
    assert {each.id for each in every.rows} == {
        each.id
        for each in seen
        if is_asked(each, query) and each.standing(TODAY) is not Standing.CANCELLED
    }


def test_lines_hold_what_they_count_when_a_leader_gives_in_two_agencies(
    database: Database,
) -> None:
    give_across_agencies(database)
    with database.start_reading() as work:
        board = work.boards.read_board(LEADER_GAVE, TODAY)
        for row in board.rows:
            every = work.boards.list_cell(LEADER_GAVE, TODAY, row_key=row.key, limit=500)
            assert len(every.rows) == row.total, row.key


def test_waiting_is_of_one_agency_when_it_is_looked_up_for_one(database: Database) -> None:
    made = give_across_agencies(database)
    leader = person_of(HOME_AFFAIRS, Role.LEADER)
    asking = [Assigner(person_id=leader, agency_ids=frozenset({FINANCE}))]
    with database.start_reading() as work:
        found = work.boards.list_waiting(asking, Waiting.RETURNED, TODAY, limit=500)
        counts = work.boards.count_waiting(asking)
        nothing = work.boards.count_waiting([])
    expected = {
        each.id
        for each in made
        if each.agency_id == FINANCE and each.state is AssignmentState.RETURNED
    }
    assert expected
    assert {each.assignment.id for each in found} == expected
    assert counts[Waiting.RETURNED] == len(expected)
    assert set(nothing.values()) == {0}


def test_tally_is_written_in_the_order_of_its_keys(database: Database) -> None:
    [made] = fill(database, 3, number=1, changes=0)
    written: list[tuple[object, ...]] = []

    def note(_c: object, _u: object, statement: str, values: list[tuple[object, ...]], *_: object):
        if "assignment_tally" in statement and statement.startswith("INSERT"):
            written.extend(row[:6] for row in values)

    sa.event.listen(database.writing, "before_cursor_execute", note)
    with database.start_work() as work:
        assignment = work.assignments.get(made.id)
        assignment.lead = Party(agency_id=FINANCE if made.lead.agency_id != FINANCE else HEALTH)
        assignment.updated_at += timedelta(hours=1)
        work.assignments.save(assignment)
        work.commit()
    assert len(written) > 20
    assert written == sorted(written)


def test_upgrade_counts_nothing_anew_when_there_is_nothing_yet(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise AssertionError("read the rows of an empty house")

    downgrade(database.writing, "0014")
    monkeypatch.setattr(storage.tally, "rebuild", refuse)
    monkeypatch.setattr(storage.step_tally, "rebuild", refuse)
    upgrade(database.writing)
    assert "assignment_tally" in sa.inspect(database.writing).get_table_names()
