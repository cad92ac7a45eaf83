import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.errors import ConflictError, DigestMismatchError, StorageError
from engine.model.document import DocumentId
from engine.ports import JobHandlers
from storage.database import Database
from storage.jobs import DbosJobRunner, RunnerSettings
from tests.integration.storage.town import NOW, a_document, make_processes, open_database

FAST = RunnerSettings(poll_seconds=0.05, tries=3, first_wait_seconds=0.01)
Payload = Mapping[str, str]

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
idle = runner.wait_until_idle(30)
runner.stop()
database.close()
sys.exit(0 if idle else 1)
"""

StartRunner = Callable[[JobHandlers], DbosJobRunner]


@pytest.fixture
def start_runner(database: Database) -> Iterator[StartRunner]:
    started: list[DbosJobRunner] = []

    def start(handlers: JobHandlers) -> DbosJobRunner:
        runner = DbosJobRunner(database, handlers, FixedClock(NOW), FAST)
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
    assert runner.wait_until_idle(5)
    assert seen == [{"tên": "Sở Nội vụ"}]


def test_a_rollback_leaves_no_job(database: Database, start_runner: StartRunner) -> None:
    seen: list[Payload] = []
    runner = start_runner({"note": seen.append})
    with database.start_work() as work:
        work.jobs.enqueue("note", "note:1", {})
    assert runner.wait_until_idle(5)
    assert seen == []


def test_a_job_runs_once_for_its_key(database: Database, start_runner: StartRunner) -> None:
    seen: list[Payload] = []
    enqueue(database, "note", "a", "b", "a")
    runner = start_runner({"note": seen.append})
    assert runner.wait_until_idle(5)
    enqueue(database, "note", "a")
    assert runner.wait_until_idle(5)
    assert sorted(payload["key"] for payload in seen) == ["a", "b"]


def test_a_job_may_enqueue_others_and_write(database: Database, start_runner: StartRunner) -> None:
    def fan_out(payload: Payload) -> None:
        enqueue(database, "receive", *(f"receive:{number}" for number in range(31)))

    def receive(payload: Payload) -> None:
        with database.start_work() as work:
            work.documents.add(a_document(payload["key"]))
            work.commit()

    runner = start_runner({"fan_out": fan_out, "receive": receive})
    begun = time.perf_counter()
    enqueue(database, "fan_out", "fan-out")
    assert runner.wait_until_idle(10)
    assert time.perf_counter() - begun < 5  # about half a second when nothing else runs
    with database.start_reading() as work:
        for number in range(31):
            work.documents.get(DocumentId(f"receive:{number}"))


def test_a_failing_job_is_tried_again_then_listed(
    database: Database, start_runner: StartRunner
) -> None:
    tries: list[str] = []

    def fail(payload: Payload) -> None:
        tries.append(payload["key"])
        if payload["key"] == "twice" and tries.count("twice") == 2:
            return
        raise ConflictError("not yet")

    runner = start_runner({"fail": fail})
    enqueue(database, "fail", "always", "twice")
    assert runner.wait_until_idle(5)
    assert (tries.count("always"), tries.count("twice")) == (3, 2)
    with database.start_reading() as work:
        (line,) = work.queries.list_stuck(NOW)
    assert line.startswith("job always since 2026-01-05T02:30+00:00: ConflictError")


def test_a_job_is_not_tried_again_when_bytes_were_changed(
    database: Database, start_runner: StartRunner
) -> None:
    tries: list[Payload] = []

    def fail(payload: Payload) -> None:
        tries.append(payload)
        raise DigestMismatchError("changed")

    runner = start_runner({"fail": fail})
    enqueue(database, "fail", "a")
    assert runner.wait_until_idle(5)
    assert len(tries) == 1


def test_a_job_nobody_handles_is_listed(database: Database, start_runner: StartRunner) -> None:
    runner = start_runner({})
    enqueue(database, "unknown", "a")
    assert runner.wait_until_idle(5)
    with database.start_reading() as work:
        assert work.queries.list_stuck(NOW)[0].startswith("job a ")


def test_no_more_handlers_run_at_once_than_the_settings_say(
    database: Database, start_runner: StartRunner
) -> None:
    running = 0
    most = 0
    lock = threading.Lock()

    def work(payload: Payload) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1

    runner = start_runner({"work": work})
    enqueue(database, "work", *map(str, range(12)))
    assert runner.wait_until_idle(10)
    assert most == FAST.running


def test_wait_until_idle_ends_when_the_time_is_over(
    database: Database, start_runner: StartRunner
) -> None:
    release = threading.Event()
    runner = start_runner({"wait": lambda payload: release.wait(10)})
    enqueue(database, "wait", "a")
    assert not runner.wait_until_idle(0.2)
    release.set()
    assert runner.wait_until_idle(5)


def test_runners_may_follow_one_another_in_a_process(tmp_path: Path) -> None:
    for name in ("one", "two"):
        database = open_database(tmp_path / f"{name}.db")
        seen: list[Payload] = []
        runner = DbosJobRunner(database, {"note": seen.append}, FixedClock(NOW), FAST)
        runner.start()
        with pytest.raises(StorageError):
            runner.start()
        enqueue(database, "note", name)
        assert runner.wait_until_idle(5)
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
        assert runner.wait_until_idle(5)
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
    end = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
