"""Let two workers, each with a database handle of its own, do things to one instance at once."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from engine.errors import ConflictError, ErrorCode, TrinhKyError
from engine.model.organisation import Role
from engine.ports import UnitOfWork
from engine.process.definitions import DefinitionCache
from engine.process.model import DueEntry, InstanceId, InstanceStatus, WorkItem
from engine.process.runtime import Processes
from engine.process.steps import EnqueueJob
from engine.process.store import ProcessStore
from storage.database import Database
from tests.integration.storage.town import HOME_AFFAIRS, NOW, an_actor, make_processes
from tests.unit.process.office import draw
from tests.unit.process.traps.drawings import MESSAGE, OURS, PARALLEL, row, with_message
from tests.unit.process.traps.ours import a_procedure

ROUNDS = 10
ACTOR = an_actor(HOME_AFFAIRS, Role.DESK_OFFICER)
OPERATION = draw(
    ["startEvent s", "userTask a", "serviceTask w", "userTask z", "endEvent e"],
    ["s a", "a w", "w z", "z e"],
)
TIMER = row(
    "intermediateCatchEvent",
    "<timerEventDefinition><timeDuration>P3D</timeDuration></timerEventDefinition>",
)
ANSWER = with_message(
    row("intermediateCatchEvent", MESSAGE, attributes=f'{OURS} trinhky:correlation="agency_id"'),
    "answer",
)

Act = Callable[[UnitOfWork], object]


@pytest.fixture
def workers(path: Path, request: pytest.FixtureRequest) -> Iterator[list[Database]]:
    """Give two workers that know the procedure `flow`, drawn as the test wants it."""
    procedure = a_procedure(request.param)

    def open_worker() -> Database:
        definitions = DefinitionCache()

        def processes(store: ProcessStore, enqueue: EnqueueJob) -> Processes:
            known = {procedure.id: procedure}
            made = make_processes(store, enqueue)
            return replace(made, procedures=known, definitions=definitions)

        return Database(path, processes)

    opened = [open_worker() for _ in range(2)]
    yield opened
    for worker in opened:
        worker.close()


def start(worker: Database, key: str) -> InstanceId:
    with worker.start_work() as work:
        started = work.processes.start(
            "flow", business_key=key, data={"agency_id": HOME_AFFAIRS}, actor=ACTOR, now=NOW
        )
        work.commit()
    return started.instance_id


def open_items(worker: Database, instance_id: InstanceId) -> dict[str, WorkItem]:
    with worker.start_reading() as work:
        items = work.processes.store.list_open_work_items(instance_id)
    return {item.node_id: item for item in items}


def status_of(worker: Database, instance_id: InstanceId) -> InstanceStatus:
    with worker.start_reading() as work:
        return work.processes.store.get_instance(instance_id).status


def completing(item: WorkItem) -> Act:
    return lambda work: work.processes.complete(
        item.id, ACTOR, use_case="act", now=NOW, outcome="done"
    )


def at_once(workers: list[Database], acts: list[Act]) -> list[TrinhKyError | None]:
    """Let each worker act in a thread of its own; return the error of each, or None."""
    gate = threading.Barrier(len(acts))
    errors: list[TrinhKyError | None] = [None] * len(acts)

    def run(number: int) -> None:
        gate.wait()
        try:
            with workers[number].start_work() as work:
                acts[number](work)
                work.commit()
        except TrinhKyError as error:
            errors[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def check_one_won(errors: list[TrinhKyError | None]) -> TrinhKyError:
    """Check that one has done it and the other was told of a conflict; return what it was told."""
    (lost,) = [error for error in errors if error is not None]
    assert isinstance(lost, ConflictError)
    return lost


@pytest.mark.parametrize("workers", [PARALLEL], indirect=True)
def test_double_click_moves_the_process_once(workers: list[Database]) -> None:
    for number in range(ROUNDS):
        instance_id = start(workers[0], f"d{number}")
        item = open_items(workers[0], instance_id)["a"]
        lost = check_one_won(at_once(workers, [completing(item)] * 2))
        assert lost.code is ErrorCode.TASK_CLOSED
        assert lost.params["by"] == ACTOR.full_name
        assert set(open_items(workers[1], instance_id)) == {"b"}
        with workers[0].start_reading() as work:
            history = work.processes.list_history(instance_id)
        assert [entry.node_id for entry in history] == ["s", "a"]


@pytest.mark.parametrize("workers", [PARALLEL], indirect=True)
def test_double_click_within_one_worker_moves_the_process_once(workers: list[Database]) -> None:
    for number in range(ROUNDS):
        instance_id = start(workers[0], f"d{number}")
        item = open_items(workers[0], instance_id)["a"]
        check_one_won(at_once([workers[0]] * 2, [completing(item)] * 2))
        assert set(open_items(workers[0], instance_id)) == {"b"}


@pytest.mark.parametrize("workers", [PARALLEL], indirect=True)
def test_two_workers_finish_both_branches_and_the_join_fires_once(
    workers: list[Database],
) -> None:
    for number in range(ROUNDS):
        instance_id = start(workers[0], f"d{number}")
        items = open_items(workers[0], instance_id)
        errors = at_once(workers, [completing(items["a"]), completing(items["b"])])
        assert errors == [None, None]
        (last,) = open_items(workers[1], instance_id).values()
        assert last.node_id == "z"
        check_one_won(at_once(workers, [completing(last)] * 2))
        assert status_of(workers[0], instance_id) is InstanceStatus.COMPLETED


@pytest.mark.parametrize("workers", [OPERATION], indirect=True)
def test_job_that_two_workers_run_completes_its_operation_once(workers: list[Database]) -> None:
    for number in range(ROUNDS):
        instance_id = start(workers[0], f"d{number}")
        item = open_items(workers[0], instance_id)["a"]
        assert at_once(workers[:1], [completing(item)]) == [None]

        def act(work: UnitOfWork, instance_id: InstanceId = instance_id) -> object:
            return work.processes.complete_operation(instance_id, "w", now=NOW)

        check_one_won(at_once(workers, [act, act]))
        assert set(open_items(workers[1], instance_id)) == {"z"}


@pytest.mark.parametrize("workers", [PARALLEL], indirect=True)
def test_step_and_cancelling_do_not_both_happen(workers: list[Database]) -> None:
    outcomes: set[InstanceStatus] = set()
    for number in range(ROUNDS):
        instance_id = start(workers[0], f"d{number}")
        item = open_items(workers[0], instance_id)["a"]

        def cancel(work: UnitOfWork, instance_id: InstanceId = instance_id) -> object:
            return work.processes.cancel(instance_id, actor=ACTOR, now=NOW, reason="Trùng")

        at_once(workers, [completing(item), cancel])
        outcomes.add(status_of(workers[0], instance_id))
        assert open_items(workers[0], instance_id) == {}
    assert outcomes == {InstanceStatus.CANCELLED}


@pytest.mark.parametrize("workers", [PARALLEL], indirect=True)
def test_step_is_undone_as_a_whole_when_its_worker_dies_before_it_commits(
    workers: list[Database],
) -> None:
    instance_id = start(workers[0], "d")
    item = open_items(workers[0], instance_id)["a"]
    with workers[0].start_work() as work:
        completing(item)(work)
    assert set(open_items(workers[1], instance_id)) == {"a", "b"}
    assert at_once(workers[1:], [completing(item)]) == [None]
    assert set(open_items(workers[1], instance_id)) == {"b"}


@pytest.mark.parametrize("workers", [TIMER], indirect=True)
def test_timer_that_two_workers_see_fires_once(workers: list[Database]) -> None:
    later = NOW + timedelta(days=3)
    for number in range(ROUNDS):
        instance_id = start(workers[0], f"d{number}")
        item = open_items(workers[0], instance_id)["a"]
        assert at_once(workers[:1], [completing(item)]) == [None]
        with workers[0].start_reading() as work:
            assert not work.processes.schedule.list_due(later - timedelta(seconds=1))
            (entry,) = work.processes.schedule.list_due(later)
        done: list[bool] = []

        def act(work: UnitOfWork, entry: DueEntry = entry, done: list[bool] = done) -> object:
            done.append(work.processes.schedule.perform(entry, later))
            return None

        assert at_once(workers, [act, act]) == [None, None]
        assert sorted(done) == [False, True]
        assert set(open_items(workers[1], instance_id)) == {"z"}


@pytest.mark.parametrize("workers", [ANSWER], indirect=True)
def test_message_that_two_workers_send_is_taken_once(workers: list[Database]) -> None:
    instance_ids = [start(workers[0], f"d{number}") for number in range(2)]
    for instance_id in instance_ids:
        item = open_items(workers[0], instance_id)["a"]
        assert at_once(workers[:1], [completing(item)]) == [None]
    sent: list[bool] = []

    def send(work: UnitOfWork) -> None:
        correlation = {"agency_id": HOME_AFFAIRS}
        sent.append(
            work.processes.send_message(
                "answer", message_id="m1", correlation=correlation, payload={}, now=NOW
            )
        )

    assert at_once(workers, [send, send]) == [None, None]
    assert sorted(sent) == [False, True]
    with workers[0].start_reading() as work:
        (entry,) = work.processes.schedule.list_due(NOW)

    def deliver(work: UnitOfWork) -> object:
        return work.processes.schedule.perform(entry, NOW)

    assert at_once(workers, [deliver, deliver]) == [None, None]
    reached = [set(open_items(workers[1], instance_id)) for instance_id in instance_ids]
    assert sorted(reached, key=len) == [set(), {"z"}]
