"""Run enqueued jobs in this process, at least once each; those that fail are tried again."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from engine.clock import Clock
from engine.errors import InvalidInputError, StorageError, StoreUnavailableError
from engine.ports import JobHandlers
from storage.database import Database
from storage.errors import translated
from storage.job_failures import RetryRule, forget_failure, is_superseded, record_failure
from storage.job_queue import (
    APPLICATION,
    DELAYED,
    QUEUE,
    WAITING_STATUSES,
    WORKFLOW,
    WORKFLOW_STATUS,
    Attempt,
)

_log = logging.getLogger(__name__)

#: Jobs outlive releases, so every release takes over what another left behind.
APPLICATION_VERSION = "1"
_STOP_SECONDS = 15.0
#: A job that ended its process so often is given up.
_MAX_CRASHES = 10
_LOOK_SECONDS = 0.01
#: A try that is due so soon is worth waiting for.
_SOON_SECONDS = 1.0
#: Jobs that ended so long ago are no longer of use to anybody.
KEPT = timedelta(days=7)
_PRUNED_AT_ONCE = 500

Value = TypeVar("Value")
Workflow = Callable[[dict[str, Any]], str]


@dataclass(frozen=True, kw_only=True)
class RunnerSettings:
    """Hold how jobs are run.

    Args:
        executor_id: names this process; after a crash the same name takes its jobs up again.
        running: handlers at work at the same time.
        retries: when a job that failed is tried again.
    """

    executor_id: str = "web-0"
    running: int = 2
    poll_seconds: float = 0.1
    retries: RetryRule = field(default_factory=RetryRule)


class DbosJobRunner:
    """Run jobs with DBOS on the same database; one runner in a process at a time.

    A job whose process dies is run again by the next process of the same `executor_id`, so a
    handler has to be harmless when it is repeated. A try that failed ends; the next is another
    entry of the queue that waits in the database, so it holds nothing and outlives the process.
    """

    def __init__(
        self,
        database: Database,
        handlers: JobHandlers,
        clock: Clock,
        settings: RunnerSettings | None = None,
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._clock = clock
        self._settings = settings or RunnerSettings()
        self._slots = threading.BoundedSemaphore(self._settings.running)
        self._stopping = threading.Event()
        self._dbos: DBOS | None = None

    def start(self) -> None:
        """Take up what a crash left behind and begin to run jobs; forget those of long ago.

        Raises:
            StorageError: another runner is at work in this process.
        """
        if self._dbos is not None:
            raise StorageError("the runner is started")
        self.prune(self._clock.now() - KEPT)
        self._stopping.clear()
        # A handler of its own keeps the library from writing to the console.
        logger = logging.getLogger("dbos")
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
        # What the library holds for the whole process is made anew for each runner.
        DBOS.destroy(destroy_registry=True)
        self._dbos = DBOS(config=self._config())
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=_MAX_CRASHES)(self._workflow())
        with translated():
            self._database.job_queue.client().register_queue(
                QUEUE,
                # More jobs are claimed than run: the next is at hand when a handler ends.
                worker_concurrency=self._settings.running * 4,
                polling_interval_sec=self._settings.poll_seconds,
            )
            DBOS.launch()

    def stop(self) -> None:
        """Take no more jobs, let those at work end, and stop."""
        if self._dbos is None:
            return
        self._stopping.set()
        for event in self._dbos.background_thread_stop_events:
            event.set()
        _wait_until_none(self._count_running, _STOP_SECONDS)
        DBOS.destroy(destroy_registry=True)
        self._dbos = None

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Wait until no job is queued or running; return False after the time.

        A job that failed and is tried again more than a second from now is not waited for.
        """
        return _wait_until_none(self._count_waiting, timeout_seconds)

    def prune(self, before: datetime) -> int:
        """Forget jobs that succeeded before a time and return how many tries those were.

        Their keys stay spent: the house keeps them itself.
        """
        done = (
            sa.select(WORKFLOW_STATUS.c.workflow_uuid)
            .where(
                WORKFLOW_STATUS.c.name == WORKFLOW,
                WORKFLOW_STATUS.c.status == "SUCCESS",
                WORKFLOW_STATUS.c.completed_at < int(before.timestamp() * 1000),
            )
            .limit(_PRUNED_AT_ONCE)
        )
        pruned = 0
        with translated():
            while True:
                with self._database.reading.connect() as connection:
                    found = list(connection.execute(done).scalars())
                if not found:
                    return pruned
                self._database.job_queue.client().delete_workflows(found)
                pruned += len(found)

    def _config(self) -> DBOSConfig:
        return DBOSConfig(
            name=APPLICATION,
            system_database_url=self._database.url.render_as_string(hide_password=False),
            application_version=APPLICATION_VERSION,
            executor_id=self._settings.executor_id,
            serializer=DBOSPortableJSONSerializer(),
            run_migrations=False,
            enable_otlp=False,
            log_level="ERROR",
            # Neither is used here; the first only bounds how long stopping takes.
            notification_listener_polling_interval_sec=0.1,
            scheduler_polling_interval_sec=3600.0,
        )

    def _workflow(self) -> Workflow:
        def run_job(attempt: dict[str, Any]) -> str:
            return DBOS.run_step({"name": attempt["name"]}, self._run, Attempt(**attempt))

        return run_job

    def _run(self, attempt: Attempt) -> str:
        """Return "" when the job is done, or why this try failed."""
        begun_before = attempt.number > 1 or attempt.round > 0
        if begun_before and self._insist(lambda connection: is_superseded(connection, attempt)):
            return ""
        error = self._try(attempt)
        if error is not None:
            self._insist(lambda connection: self._put_off(connection, attempt, error))
            return f"{type(error).__name__}: {error}"
        if begun_before:  # only then can it be on the list
            self._insist(lambda connection: forget_failure(connection, attempt.key))
        return ""

    def _try(self, attempt: Attempt) -> Exception | None:
        with self._slots:
            try:
                handler = self._handlers.get(attempt.name)
                if handler is None:
                    # Another release may handle it; waiting for this one to do so is vain.
                    return InvalidInputError(f"no handler of {attempt.name}")
                handler(attempt.payload)
            except Exception as error:  # noqa: BLE001 the worker loop outlives every job
                return error
        return None

    def _put_off(self, connection: sa.Connection, attempt: Attempt, error: Exception) -> None:
        wait_seconds = record_failure(
            connection,
            self._database.job_queue,
            self._settings.retries,
            attempt=attempt,
            error=error,
            now=self._clock.now(),
        )
        then = "given up" if wait_seconds is None else f"again in {wait_seconds:.1f} s"
        _log.warning("job %s: try %d failed, %s: %s", attempt.key, attempt.number, then, error)

    def _insist(self, note: Callable[[sa.Connection], Value]) -> Value:
        """Run `note` in a transaction; a job must not be lost to a busy database."""
        while True:
            try:
                with translated(), self._database.writing.begin() as connection:
                    return note(connection)
            except StoreUnavailableError:
                _log.exception("what became of a job cannot be written yet")
                if self._stopping.wait(_SOON_SECONDS):
                    raise

    def _count(self, *conditions: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(WORKFLOW_STATUS).where(*conditions)
        with translated(), self._database.reading.connect() as connection:
            return connection.execute(query).scalar_one()

    def _count_waiting(self) -> int:
        status = WORKFLOW_STATUS.c
        soon = int((time.time() + _SOON_SECONDS) * 1000)
        return self._count(
            sa.or_(
                status.status.in_(WAITING_STATUSES),
                sa.and_(status.status == DELAYED, status.delay_until_epoch_ms <= soon),
            )
        )

    def _count_running(self) -> int:
        return self._count(
            WORKFLOW_STATUS.c.status == "PENDING",
            WORKFLOW_STATUS.c.executor_id == self._settings.executor_id,
        )


def _wait_until_none(count: Callable[[], int], timeout_seconds: float) -> bool:
    """Wait until `count` returns 0; return False after the time."""
    end = time.monotonic() + timeout_seconds
    while count():
        if time.monotonic() >= end:
            return False
        time.sleep(_LOOK_SECONDS)
    return True
