import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.errors import ErrorCode, InvalidInputError
from engine.model.organisation import Role
from engine.ports import UnitOfWork
from engine.process.deployment import check_files
from engine.process.model import (
    NO_TASK,
    Alert,
    DefinitionSource,
    DueEntry,
    DueKind,
    IncidentKind,
    InstanceId,
    InstanceStatus,
    TaskId,
)
from engine.process_queries import InstanceFilter, InstanceState, ProcedureRow
from engine.queries import Queries
from storage.database import Database
from storage.tables.documents import document as document_table
from storage.tables.processes import instance as instance_table
from storage.tables.processes import work_item as work_item_table
from tests.integration.storage.test_queries import (
    CLERK,
    DRAFTER,
    STEPS,
    counted_statements,
    move_on,
    move_to,
    start_draft,
)
from tests.integration.storage.town import (
    HOME_AFFAIRS,
    NOW,
    a_document,
    an_actor,
    make_processes,
)
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

ADMINISTRATOR = an_actor(HOME_AFFAIRS, Role.ADMINISTRATOR)
COPIES = 700


def release(work: UnitOfWork) -> str:
    """Put what is shipped into force, as an installation does when it opens."""
    for procedure_id in work.processes.procedures:
        work.processes.deployment.release(procedure_id, NOW)
    digest = work.processes.store.find_current_digest(OUTGOING.id)
    assert digest is not None
    return digest


def redraw(work: UnitOfWork, note: str = "đổi nhãn") -> str:
    """Put a second version into force, one label apart."""
    xml = OUTGOING.bpmn.replace("Soạn thảo".encode(), "Dự thảo".encode())
    return work.processes.deployment.deploy(
        check_files(xml, OUTGOING.dmn, work.processes.procedures),
        actor=ADMINISTRATOR,
        now=NOW,
        source=DefinitionSource.EDITOR,
        note=note,
    ).digest


def drafted(work: UnitOfWork, name: str, at: datetime, subject: str = "báo cáo") -> InstanceId:
    document = replace(a_document(name, subject=subject), created_at=at, updated_at=at)
    return start_draft(work, document).instance_id


def outgoing_row(work: UnitOfWork, now: datetime) -> ProcedureRow:
    return next(r for r in work.queries.list_procedures(now) if r.procedure_id == "outgoing")


# --- procedures and versions -------------------------------------------------------------------


def test_list_procedures_counts_what_runs_on_every_version(database: Database) -> None:
    with database.start_work() as work:
        release(work)
        drafted(work, "old", NOW - timedelta(days=3))
        redraw(work)
        drafted(work, "new", NOW)
        rows = {row.procedure_id: row for row in work.queries.list_procedures(NOW)}

    outgoing = rows["outgoing"]
    assert list(rows) == sorted(rows)
    assert (outgoing.number, outgoing.versions) == (2, 2)
    assert (outgoing.running, outgoing.waiting, outgoing.overdue) == (2, 2, 0)
    assert outgoing.oldest_at == NOW - timedelta(days=3)
    assert (rows["incoming"].running, rows["incoming"].oldest_at) == (0, None)


def test_list_procedures_counts_overdue_tasks_and_open_incidents(database: Database) -> None:
    with database.start_work() as work:
        release(work)
        item = move_to(work, a_document(), "review")
        error = InvalidInputError("no rule matches", code=ErrorCode.PROCESS_DATA)
        work.processes.schedule.note_step(item.instance_id, "review", error, NOW)
        before = outgoing_row(work, NOW)
        after = outgoing_row(work, NOW + timedelta(days=30))

    assert (before.overdue, before.incidents) == (0, 1)
    assert after.overdue == 1


def test_list_versions_tells_who_made_each_and_which_is_in_force(database: Database) -> None:
    with database.start_work() as work:
        first = release(work)
        item = start_draft(work, a_document())
        second = redraw(work, note="theo góp ý của văn thư")
        work.processes.cancel(item.instance_id, actor=CLERK, now=NOW, reason="nhầm")
        newest, oldest = work.queries.list_versions("outgoing")

    assert (newest.digest, newest.number, newest.in_force) == (second, 2, True)
    assert newest.source is DefinitionSource.EDITOR
    assert newest.note == "theo góp ý của văn thư"
    assert newest.added_by_name == ADMINISTRATOR.full_name
    assert (oldest.digest, oldest.in_force) == (first, False)
    assert (oldest.running, oldest.completed, oldest.cancelled) == (0, 0, 1)


# --- heat ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ages", "middle"), [([1, 2, 9], 2), ([1, 2, 3, 9], 3), ([4], 4)])
def test_list_heat_tells_how_many_wait_and_how_long(
    database: Database, ages: list[int], middle: int
) -> None:
    with database.start_work() as work:
        digest = release(work)
        for days in ages:
            drafted(work, f"d{days}", NOW - timedelta(days=days))
        [row] = work.queries.list_heat(digest, NOW, is_forked=False)

    assert (row.node_id, row.waiting, row.overdue) == ("draft", len(ages), 0)
    assert row.oldest_at == NOW - timedelta(days=max(ages))
    assert row.median_at == NOW - timedelta(days=middle)


@pytest.mark.parametrize("is_forked", [False, True])
def test_list_heat_counts_what_waits_for_no_person(database: Database, is_forked: bool) -> None:
    with database.start_work() as work:
        digest = release(work)
        for name in ("a", "b"):
            seal = move_to(work, a_document(name), "seal")
            assert move_on(work, seal) is None
        move_to(work, a_document("c"), "sign")
        heat = {
            row.node_id: row.waiting
            for row in work.queries.list_heat(digest, NOW, is_forked=is_forked)
        }

    assert heat == {"dispatch": 2, "sign": 1}


def test_list_heat_is_of_one_version_only(database: Database) -> None:
    with database.start_work() as work:
        release(work)
        start_draft(work, a_document())
        second = redraw(work)

        assert work.queries.list_heat(second, NOW, is_forked=False) == []


# --- instances -----------------------------------------------------------------------------------


def test_list_instances_tells_what_each_is_about_and_where_it_waits(database: Database) -> None:
    with database.start_work() as work:
        release(work)
        item = move_to(work, a_document(subject="góp ý quy chế"), "review")
        late = replace(item, alert=Alert.NEAR)
        work.processes.store.update_work_item(late)
        [row] = work.queries.list_instances(InstanceFilter(), NOW).rows

    [place] = row.places
    assert (row.about.subject, row.number, row.status) == (
        "góp ý quy chế",
        1,
        InstanceStatus.RUNNING,
    )
    assert (place.node_id, place.role, place.person_name) == ("review", Role.DIVISION_HEAD, "")
    assert (place.due_at, place.alert) == (item.due_at, Alert.NEAR)


def test_list_instances_names_the_person_and_the_house(database: Database) -> None:
    with database.start_work() as work:
        release(work)
        drafted(work, "a", NOW - timedelta(days=1))
        move_on(work, move_to(work, a_document("b"), "seal"))
        mine, dispatched = work.queries.list_instances(InstanceFilter(), NOW).rows

    assert mine.places[0].person_name == DRAFTER.full_name
    assert (dispatched.places[0].node_id, dispatched.places[0].role) == ("dispatch", None)


def test_list_instances_narrows_by_node_age_version_and_procedure(database: Database) -> None:
    with database.start_work() as work:
        first = release(work)
        old = drafted(work, "old", NOW - timedelta(days=10))
        sealed = move_to(work, a_document("sealed"), "seal")
        move_on(work, sealed)
        second = redraw(work)
        new = drafted(work, "new", NOW)

        def found(**wanted: object) -> set[str]:
            rows = work.queries.list_instances(InstanceFilter(**wanted), NOW).rows  # type: ignore[arg-type]
            return {row.id for row in rows}

        assert found() == {old, sealed.instance_id, new}
        assert found(node_id="draft") == {old, new}
        assert found(node_id="dispatch") == {sealed.instance_id}
        # The answer to another question with the same letters in it is not taken for a place.
        assert found(node_id="patch") == set()
        assert found(digest=second) == {new}
        assert found(digest=first, node_id="draft") == {old}
        assert found(started_before=NOW - timedelta(days=1)) == {old}
        assert found(procedure_id="incoming") == set()


def test_list_instances_lists_those_that_ended_by_their_end(database: Database) -> None:
    with database.start_work() as work:
        release(work)
        names = [drafted(work, name, NOW) for name in ("a", "b")]
        for hours, instance_id in enumerate(names):
            work.processes.cancel(
                instance_id, actor=CLERK, now=NOW + timedelta(hours=hours), reason="thôi"
            )
        wanted = InstanceFilter(state=InstanceState.CANCELLED)
        rows = work.queries.list_instances(wanted, NOW).rows
        completed = InstanceFilter(state=InstanceState.COMPLETED)

        assert [row.id for row in rows] == names[::-1]
        assert work.queries.list_instances(completed, NOW).rows == []


def test_list_instances_calls_one_stuck_when_nothing_waits_for_anything(
    database: Database,
) -> None:
    later = NOW + timedelta(hours=2)
    wanted = InstanceFilter(state=InstanceState.STUCK)
    with database.start_work() as work:
        release(work)
        drafted(work, "waits", NOW)
        lost, timed, counted = (move_to(work, a_document(name), "seal") for name in "abc")
        for item in (lost, timed, counted):
            move_on(work, item)
        entry = DueEntry(
            id="e1",
            kind=DueKind.EVENT,
            instance_id=timed.instance_id,
            task_id=NO_TASK,
            node_id="dispatch",
            due_at=later,
        )
        work.processes.store.add_due([entry])
        work.processes.await_answers(counted.instance_id, "await_receipts", 2)

        assert work.queries.list_instances(wanted, NOW).rows == []
        rows = work.queries.list_instances(wanted, later).rows
        assert [row.id for row in rows] == [lost.instance_id]


def test_list_instances_gives_every_row_once_over_its_pages(database: Database) -> None:
    with database.start_work() as work:
        release(work)
        names = [f"d{n}" for n in range(7)]
        for number, name in enumerate(names):
            drafted(work, name, NOW - timedelta(days=number // 2))
        seen: list[str] = []
        cursor = ""
        while True:
            page = work.queries.list_instances(InstanceFilter(), NOW, cursor=cursor, limit=3)
            seen += [row.about.key for row in page.rows]
            cursor = page.next_cursor
            if not cursor:
                break

    assert sorted(seen) == names
    assert seen[0] == "d6"


def test_list_instances_refuses_a_cursor_of_another_list(database: Database) -> None:
    with database.start_reading() as work, pytest.raises(InvalidInputError):
        work.queries.list_instances(InstanceFilter(), NOW, cursor="WzFd")


# --- incidents and timers -----------------------------------------------------------------------


def failing_timer(work: UnitOfWork) -> DueEntry:
    item = move_to(work, a_document(subject="lịch công tác"), "review")
    entry = DueEntry(
        id="e1",
        kind=DueKind.EVENT,
        instance_id=item.instance_id,
        task_id=item.id,
        node_id="review",
        due_at=NOW,
    )
    work.processes.store.add_due([entry])
    error = InvalidInputError("no value for due_hours", code=ErrorCode.PROCESS_DATA)
    work.processes.schedule.note_failure(entry, error, NOW)
    return entry


def test_list_incidents_tells_what_failed_where_and_when_it_is_tried_again(
    database: Database,
) -> None:
    with database.start_work() as work:
        release(work)
        failing_timer(work)
        [row] = work.queries.list_incidents(is_over=False).rows
        over = work.queries.list_incidents(is_over=True).rows
        count = work.queries.count_incidents()

    assert (row.kind, row.procedure_id, row.node_id) == (IncidentKind.TIMER, "outgoing", "review")
    assert (row.code, row.reason) == (ErrorCode.PROCESS_DATA, "no value for due_hours")
    assert (row.tries, row.can_retry, row.is_over) == (1, True, False)
    assert row.next_try_at is not None
    assert row.about.subject == "lịch công tác"
    assert over == []
    assert count == 1


def test_list_incidents_takes_a_persons_step_for_over_when_it_was_made(
    database: Database,
) -> None:
    with database.start_work() as work:
        release(work)
        item = start_draft(work, a_document())
        error = InvalidInputError("no rule matches", code=ErrorCode.PROCESS_DATA)
        work.processes.schedule.note_step(item.instance_id, "draft", error, NOW)
        before = work.queries.list_incidents(is_over=False).rows
        move_on(work, item)
        after = work.queries.list_incidents(is_over=False).rows
        [over] = work.queries.list_incidents(is_over=True).rows

    assert [row.can_retry for row in before] == [False]
    assert after == []
    assert over.is_over


def test_list_incidents_shows_a_message_that_has_no_instance(database: Database) -> None:
    entry = DueEntry(
        id="m1",
        kind=DueKind.MESSAGE,
        instance_id=InstanceId(""),
        task_id=TaskId(""),
        node_id="",
        subject_id="m1",
        due_at=NOW,
    )
    with database.start_work() as work:
        work.processes.store.add_due([entry])
        work.processes.schedule.note_failure(entry, InvalidInputError("no such message"), NOW)
        [row] = work.queries.list_incidents(is_over=False).rows
        over = work.queries.list_incidents(is_over=True).rows

    assert (row.kind, row.procedure_id, row.about.key) == (IncidentKind.MESSAGE, "", "")
    assert over == []


def test_list_timers_begins_with_what_is_due_first(database: Database) -> None:
    with database.start_work() as work:
        release(work)
        move_to(work, a_document("a"), "review")
        first = work.queries.list_timers(limit=2)
        rest = work.queries.list_timers(cursor=first.next_cursor, limit=2)
        late = work.queries.count_overdue(NOW + timedelta(days=60))
        now = work.queries.count_overdue(NOW)

    rows = [*first.rows, *rest.rows]
    assert [row.kind for row in rows] == [DueKind.HALF, DueKind.NEAR, DueKind.OVERDUE]
    assert [row.due_at for row in rows] == sorted(row.due_at for row in rows)
    assert {row.about.key for row in rows} == {"a"}
    assert (late, now) == (3, 0)


# --- many ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crowd(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, str]]:
    """Give a database with thousands of instances, spread over the steps, and their version."""
    path = Path(shutil.copy(template, tmp_path_factory.mktemp("crowd") / "rows.db"))
    database = Database(path, make_processes)
    with database.start_work() as work:
        digest = release(work)
        for number, node_id in enumerate(STEPS):
            at = NOW - timedelta(minutes=number)
            document = replace(a_document(node_id), created_at=at, updated_at=at)
            move_to(work, document, node_id)
        move_on(work, move_to(work, a_document("dispatch"), "seal"))
        work.commit()
    with database.writing.begin() as connection:
        for table in (document_table, instance_table, work_item_table):
            multiply(connection, table)
    yield database, digest
    database.close()


def multiply(connection: sa.Connection, table: sa.Table) -> None:
    """Copy every row of a table, each time under other names, with all that refers to them."""
    numbers = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < COPIES))
    renamed = {"id", "instance_id", "business_key"}
    suffix = sa.literal("-").concat(sa.cast(numbers.c.n, sa.String))
    copied = [c.concat(suffix) if c.name in renamed else c for c in table.c]
    query = sa.select(*copied).select_from(table.join(numbers, sa.true()))
    connection.execute(sa.insert(table).from_select([c.name for c in table.c], query))


@pytest.mark.parametrize(
    ("ask", "most"),
    [
        (lambda q, digest: q.list_procedures(NOW), 4),
        (lambda q, digest: q.list_versions("outgoing"), 1),
        (lambda q, digest: q.list_heat(digest, NOW, is_forked=False), 2),
        (lambda q, digest: q.list_heat(digest, NOW, is_forked=True), 2),
        (lambda q, digest: q.list_instances(InstanceFilter(), NOW), 3),
        (lambda q, digest: q.list_instances(InstanceFilter(node_id="dispatch"), NOW), 3),
        (
            lambda q, digest: q.list_instances(
                InstanceFilter(state=InstanceState.STUCK), NOW + timedelta(days=1)
            ),
            3,
        ),
        (lambda q, digest: q.list_incidents(is_over=False), 1),
        (lambda q, digest: q.list_timers(), 1),
        (lambda q, digest: q.count_overdue(NOW), 1),
    ],
)
def test_few_statements_answer_when_thousands_run(
    crowd: tuple[Database, str], ask: Callable[[Queries, str], object], most: int
) -> None:
    database, digest = crowd
    with counted_statements(database) as seen, database.start_reading() as work:
        ask(work.queries, digest)

    assert len(seen) <= most
