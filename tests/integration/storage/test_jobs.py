import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from engine.clock import FixedClock, SystemClock
from engine.errors import (
    ConflictError,
    DigestMismatchError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    StorageError,
    StoreUnavailableError,
    TrinhKyError,
)
from engine.model.document import DocumentId
from engine.ports import JobHandlers
from engine.queries import StuckRow
from storage.database import Database
from storage.job_failures import RetryRule
from storage.job_queue import Attempt
from storage.jobs import KEPT, DbosJobRunner, RunnerSettings
from storage.tables.processes import failed_job
from tests.integration.storage.town import (
    NOW,
    a_delivery,
    a_document,
    make_processes,
    open_database,
)

FAST = RunnerSettings(
    poll_seconds=0.05, retries=RetryRule(tries_unseen=2, first_wait_seconds=0.01)
)
Payload = Mapping[str, str]
#: Longer than anything here takes on a busy machine; who waits goes on as soon as it is done.
PATIENCE_SECONDS = 120

WORKER = """
import sys, time
from pathlib import Path
from engine.clock import SystemClock
from storage.database import Database
from storage.jobs import DbosJobRunner
from tests.integration.storage.town import make_processes

folder = Path(sys.argv[1])

def slow(payload):
    with (folder / "begun").open("a") as file:
        file.write("x")
    if sys.argv[2] == "hang":
        time.sleep(60)
    with (folder / "done").open("a") as file:
        file.write("x")

database = Database(folder / "rows.db", make_processes)
runner = DbosJobRunner(database, {"slow": slow}, SystemClock())
runner.start()
idle = runner.wait_until_idle(120)
runner.stop()
database.close()
sys.exit(0 if idle else 1)
"""


class StartRunner(Protocol):
    def __call__(
        self, handlers: JobHandlers, settings: RunnerSettings = FAST
    ) -> DbosJobRunner: ...


@pytest.fixture
def start_runner(database: Database) -> Iterator[StartRunner]:
    started: list[DbosJobRunner] = []

    def start(handlers: JobHandlers, settings: RunnerSettings = FAST) -> DbosJobRunner:
        runner = DbosJobRunner(database, handlers, FixedClock(NOW), settings)
        runner.start()
        started.append(runner)
        return runner

    yield start
    for runner in started:
        runner.stop()


def enqueue(database: Database, name: str, *keys: str) -> None:
    with database.start_work() as work:
        for key in keys:
            work.jobs.enqueue(name, key, {"key": key})
        work.commit()


def stuck(database: Database) -> Sequence[StuckRow]:
    with database.start_reading() as work:
        return work.queries.list_stuck(NOW)


def retry(database: Database, key: str) -> bool:
    with database.start_work() as work:
        again = work.jobs.retry(key)
        work.commit()
    return again


def read_failed_job(database: Database) -> Any:
    with database.reading.connect() as connection:
        return connection.execute(failed_job.select()).one()


def make_due(database: Database) -> None:
    """Let the tries that wait begin now, so that nobody waits for them."""
    with database.writing.begin() as connection:
        changed = connection.exec_driver_sql(
            "UPDATE workflow_status SET delay_until_epoch_ms = 1 WHERE status = 'DELAYED'"
        )
        assert changed.rowcount == 1


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_job_runs_with_its_payload_after_the_commit(
    database: Database, start_runner: StartRunner
) -> None:
    seen: list[Payload] = []
    runner = start_runner({"note": seen.append})
    with database.start_work() as work:
        work.jobs.enqueue("note", "note:1", {"tên": "Sở Nội vụ"})
        time.sleep(0.2)
        assert seen == []
        work.commit()
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert seen == [{"tên": "Sở Nội vụ"}]


def test_a_rollback_leaves_no_job(database: Database, start_runner: StartRunner) -> None:
    seen: list[Payload] = []
    runner = start_runner({"note": seen.append})
    with database.start_work() as work:
        work.jobs.enqueue("note", "note:1", {})
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert seen == []


def test_a_job_runs_once_for_its_key(database: Database, start_runner: StartRunner) -> None:
    seen: list[Payload] = []
    enqueue(database, "note", "a", "b", "a")
    runner = start_runner({"note": seen.append})
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    enqueue(database, "note", "a")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert sorted(payload["key"] for payload in seen) == ["a", "b"]


def test_a_job_may_enqueue_others_and_write(database: Database, start_runner: StartRunner) -> None:
    def fan_out(payload: Payload) -> None:
        enqueue(database, "receive", *(f"receive:{number}" for number in range(31)))

    def receive(payload: Payload) -> None:
        with database.start_work() as work:
            work.documents.add(a_document(payload["key"]))
            work.commit()

    runner = start_runner({"fan_out": fan_out, "receive": receive})
    enqueue(database, "fan_out", "fan-out")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    with database.start_reading() as work:
        for number in range(31):
            work.documents.get(DocumentId(f"receive:{number}"))


@pytest.mark.parametrize(
    "error",
    [StoreUnavailableError("busy"), NotFoundError("no object"), RuntimeError("unforeseen")],
)
def test_a_job_is_tried_again_when_it_may_succeed_later(
    database: Database, start_runner: StartRunner, error: Exception
) -> None:
    tries: list[Payload] = []

    def fail_once(payload: Payload) -> None:
        tries.append(payload)
        if len(tries) == 1:
            raise error

    runner = start_runner({"fail": fail_once})
    enqueue(database, "fail", "a")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert len(tries) == 2
    assert stuck(database) == []


@pytest.mark.parametrize(
    "error",
    [DigestMismatchError, ConflictError, InvalidInputError, NotPermittedError],
)
def test_a_job_is_listed_at_once_when_it_can_never_succeed(
    database: Database, start_runner: StartRunner, error: type[TrinhKyError]
) -> None:
    tries: list[Payload] = []

    def fail(payload: Payload) -> None:
        tries.append(payload)
        raise error("why")

    runner = start_runner({"fail": fail})
    enqueue(database, "fail", "a")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert len(tries) == 1
    (row,) = stuck(database)
    assert (row.kind, row.what, row.key, row.since, row.can_retry) == (
        "job",
        "fail",
        "a",
        NOW,
        True,
    )
    assert row.reason.startswith(f"{error.__name__}: ")
    assert read_failed_job(database).next_try_at is None


def test_a_job_nobody_handles_is_listed(database: Database, start_runner: StartRunner) -> None:
    runner = start_runner({})
    enqueue(database, "unknown", "a")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert [row.key for row in stuck(database)] == ["a"]


def test_a_job_that_keeps_failing_is_listed_until_it_succeeds(
    database: Database, start_runner: StartRunner
) -> None:
    tries: list[Payload] = []
    well = threading.Event()

    def fail(payload: Payload) -> None:
        tries.append(payload)
        if not well.is_set():
            raise StoreUnavailableError("busy")

    runner = start_runner({"fail": fail})
    enqueue(database, "fail", "a")
    wait_until(lambda: bool(stuck(database)))
    listed = read_failed_job(database)
    assert (listed.tries, listed.at) == (FAST.retries.tries_unseen, NOW)
    assert listed.next_try_at > NOW
    wait_until(lambda: len(tries) > FAST.retries.tries_unseen)
    well.set()
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert stuck(database) == []


def test_a_job_that_waits_long_holds_nothing_and_counts_as_idle(
    database: Database, start_runner: StartRunner
) -> None:
    seen: list[Payload] = []

    def fail(payload: Payload) -> None:
        raise StoreUnavailableError("busy")

    settings = replace(FAST, running=1, retries=RetryRule(first_wait_seconds=600))
    runner = start_runner({"fail": fail, "note": seen.append}, settings)
    enqueue(database, "fail", *map(str, range(10)))
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    enqueue(database, "note", "a")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert len(seen) == 1
    assert stuck(database) == []  # one failed try is nobody's concern yet


def test_a_waiting_job_survives_a_restart(database: Database, start_runner: StartRunner) -> None:
    seen: list[Payload] = []

    def fail(payload: Payload) -> None:
        raise StoreUnavailableError("busy")

    settings = replace(FAST, retries=RetryRule(first_wait_seconds=600))
    first = start_runner({"note": fail}, settings)
    enqueue(database, "note", "a")
    assert first.wait_until_idle(PATIENCE_SECONDS)
    first.stop()
    start_runner({"note": seen.append})
    make_due(database)
    wait_until(lambda: seen == [{"key": "a"}])


def test_what_became_of_a_job_is_kept_when_the_database_was_busy(
    database: Database, start_runner: StartRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Payload] = []
    refusals = [StoreUnavailableError("busy")]
    send = database.job_queue.send

    def refuse_once(*args: Any, **options: Any) -> None:
        if refusals:
            raise refusals.pop()
        send(*args, **options)

    def fail_once(payload: Payload) -> None:
        tries.append(payload)
        if len(tries) == 1:
            monkeypatch.setattr(database.job_queue, "send", refuse_once)
            raise RuntimeError

    runner = start_runner({"fail": fail_once})
    enqueue(database, "fail", "a")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert (len(tries), refusals) == (2, [])


# --- an administrator ------------------------------------------------------------------------


def test_retry_runs_a_stuck_job_again_and_clears_the_list(
    database: Database, start_runner: StartRunner
) -> None:
    tries: list[Payload] = []

    def fail_once(payload: Payload) -> None:
        tries.append(payload)
        if len(tries) == 1:
            raise DigestMismatchError("changed")

    runner = start_runner({"fail": fail_once})
    enqueue(database, "fail", "a")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    with database.start_work() as work:
        assert work.jobs.retry("a")  # and rolled back
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert len(tries) == 1
    assert retry(database, "a")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert tries == [{"key": "a"}] * 2
    assert stuck(database) == []
    assert not retry(database, "a")
    assert not retry(database, "never enqueued")
    enqueue(database, "fail", "a")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert len(tries) == 2


def test_retry_makes_the_waiting_try_void(database: Database, start_runner: StartRunner) -> None:
    tries: list[Payload] = []

    def fail_once(payload: Payload) -> None:
        tries.append(payload)
        if len(tries) == 1:
            raise StoreUnavailableError("busy")

    settings = replace(FAST, retries=RetryRule(tries_unseen=1, first_wait_seconds=600))
    runner = start_runner({"fail": fail_once}, settings)
    enqueue(database, "fail", "a")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert retry(database, "a")
    wait_until(lambda: len(tries) == 2)
    make_due(database)
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert len(tries) == 2


def test_retry_takes_a_job_the_runner_gave_up(
    database: Database, start_runner: StartRunner
) -> None:
    seen: list[Payload] = []
    enqueue(database, "note", "a")
    with database.writing.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'"
        )
    (row,) = stuck(database)
    assert (row.key, row.what, row.reason, row.can_retry) == (
        "a",
        "note",
        "MAX_RECOVERY_ATTEMPTS_EXCEEDED",
        True,
    )
    runner = start_runner({"note": seen.append})
    assert retry(database, "a")
    assert stuck(database) == []
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert seen == [{"key": "a"}]
    assert not retry(database, "a")


def test_the_list_names_the_document_of_a_job(
    database: Database, start_runner: StartRunner
) -> None:
    document = a_document()
    delivery = a_delivery(document)
    with database.start_work() as work:
        work.documents.add(document)
        work.deliveries.add(delivery)
        work.jobs.enqueue("unknown", "a", {"document_id": document.id})
        work.jobs.enqueue("unknown", "b", {"delivery_id": delivery.id})
        work.jobs.enqueue("unknown", "c", {})
        work.commit()
    assert start_runner({}).wait_until_idle(PATIENCE_SECONDS)
    found = {row.key: row.document_id for row in stuck(database)}
    assert found == {"a": document.id, "b": document.id, "c": ""}


# --- how long --------------------------------------------------------------------------------


def test_waits_double_up_to_ten_minutes() -> None:
    rule = RetryRule()
    waits = [rule.wait_after(number) for number in range(1, 200)]
    for number, wait_seconds in enumerate(waits[:10]):
        assert 0.8 <= wait_seconds / (0.2 * 2**number) <= 1.2
    assert max(waits) == waits[-1] == 600
    assert len({rule.wait_after(3) for _ in range(9)}) > 1


def test_a_job_is_given_up_a_day_after_its_first_failure() -> None:
    rule, error = RetryRule(), StoreUnavailableError("busy")
    old = Attempt(name="n", key="k", payload={}, number=99, failing_since=NOW.isoformat())
    assert rule.tries_unseen == 5
    assert rule.next_wait(old, error, NOW + timedelta(hours=23)) == 600
    assert rule.next_wait(old, error, NOW + timedelta(hours=23, minutes=51)) is None


# --- what is forgotten -----------------------------------------------------------------------


def test_prune_forgets_ended_jobs_but_not_their_keys(
    database: Database, start_runner: StartRunner
) -> None:
    seen: list[Payload] = []
    runner = start_runner({"note": seen.append})
    enqueue(database, "note", *map(str, range(3)))
    enqueue(database, "unknown", "stuck")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    now = SystemClock().now()
    assert runner.prune(now - timedelta(hours=1)) == 0
    assert runner.prune(now + timedelta(seconds=1)) == 4
    enqueue(database, "note", "1")
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert len(seen) == 3
    assert [row.key for row in stuck(database)] == ["stuck"]
    assert retry(database, "stuck")


def test_starting_forgets_what_ended_a_week_ago(
    database: Database, start_runner: StartRunner
) -> None:
    first = start_runner({"note": lambda payload: None})
    enqueue(database, "note", "a")
    assert first.wait_until_idle(PATIENCE_SECONDS)
    first.stop()
    week_ago = FixedClock(SystemClock().now() + KEPT + timedelta(minutes=1))
    runner = DbosJobRunner(database, {}, week_ago, FAST)
    runner.start()
    runner.stop()
    with database.reading.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM workflow_status").scalar() == 0


def test_no_more_handlers_run_at_once_than_the_settings_say(
    database: Database, start_runner: StartRunner
) -> None:
    running = 0
    most = 0
    lock = threading.Lock()
    as_many = threading.Barrier(FAST.running, timeout=PATIENCE_SECONDS)

    def work(payload: Payload) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        as_many.wait()
        time.sleep(0.02)  # for one too many to come
        with lock:
            running -= 1

    runner = start_runner({"work": work})
    enqueue(database, "work", *map(str, range(12)))
    assert runner.wait_until_idle(PATIENCE_SECONDS)
    assert most == FAST.running


def test_wait_until_idle_ends_when_the_time_is_over(
    database: Database, start_runner: StartRunner
) -> None:
    release = threading.Event()
    runner = start_runner({"wait": lambda payload: release.wait(PATIENCE_SECONDS)})
    enqueue(database, "wait", "a")
    assert not runner.wait_until_idle(0.2)
    release.set()
    assert runner.wait_until_idle(PATIENCE_SECONDS)


def test_runners_may_follow_one_another_in_a_process(tmp_path: Path) -> None:
    for name in ("one", "two"):
        database = open_database(tmp_path / f"{name}.db")
        seen: list[Payload] = []
        runner = DbosJobRunner(database, {"note": seen.append}, FixedClock(NOW), FAST)
        runner.start()
        with pytest.raises(StorageError):
            runner.start()
        enqueue(database, "note", name)
        assert runner.wait_until_idle(PATIENCE_SECONDS)
        runner.stop()
        runner.stop()
        database.close()
        assert seen == [{"key": name}]


def test_the_runner_writes_nothing_of_its_own(
    database: Database,
    start_runner: StartRunner,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        runner = start_runner({"note": lambda payload: None})
        enqueue(database, "note", "a")
        assert runner.wait_until_idle(PATIENCE_SECONDS)
        runner.stop()
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.name.startswith("dbos")] == []


def test_a_job_is_taken_up_again_when_its_process_was_killed(path: Path) -> None:
    database = Database(path, make_processes)
    enqueue(database, "slow", "slow:1")
    database.close()
    folder = path.parent
    killed = run_worker(folder, "hang")
    wait_for(folder / "begun")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not (folder / "done").exists()
    for _ in range(2):  # the second finds nothing left to do
        assert run_worker(folder, "finish").wait(60) == 0
    assert (folder / "begun").read_text() == "xx"
    assert (folder / "done").read_text() == "x"


def run_worker(folder: Path, mood: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WORKER, str(folder), mood]
    return subprocess.Popen(command)  # noqa: S603 our own program


def wait_for(path: Path) -> None:
    wait_until(path.exists)
