"""Run enqueued jobs in this process, at least once each, and show those that fail for good."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from engine.clock import Clock
from engine.errors import DigestMismatchError, StorageError
from engine.ports import JobHandlers
from storage.database import Database
from storage.errors import translated
from storage.job_queue import (
    APPLICATION,
    QUEUE,
    WAITING_STATUSES,
    WORKFLOW,
    WORKFLOW_STATUS,
)
from storage.tables.processes import failed_job

_log = logging.getLogger(__name__)

#: Jobs outlive releases, so every release takes over what another left behind.
APPLICATION_VERSION = "1"
_STOP_SECONDS = 15.0
#: A job that ended its process so often is given up.
_MAX_CRASHES = 10
_LOOK_SECONDS = 0.01

Workflow = Callable[[str, str, dict[str, str]], str]


@dataclass(frozen=True, kw_only=True)
class RunnerSettings:
    """Hold how jobs are run.

    Args:
        executor_id: names this process; after a crash the same name takes its jobs up again.
        running: handlers at work at the same time.
        tries: how often a job is tried before it is put on the list of what is stuck.
        first_wait_seconds: before the second try; each later wait is twice as long.
    """

    executor_id: str = "web-0"
    running: int = 2
    poll_seconds: float = 0.1
    tries: int = 5
    first_wait_seconds: float = 0.2


class DbosJobRunner:
    """Run jobs with DBOS on the same database; one runner in a process at a time.

    A job whose process dies is run again by the next process of the same `executor_id`, so a
    handler has to be harmless when it is repeated.
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
        self._dbos: DBOS | None = None

    def start(self) -> None:
        """Take up what a crash left behind and begin to run jobs.

        Raises:
            StorageError: another runner is at work in this process.
        """
        if self._dbos is not None:
            raise StorageError("the runner is started")
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
        for event in self._dbos.background_thread_stop_events:
            event.set()
        _wait_until_none(self._count_running, _STOP_SECONDS)
        DBOS.destroy(destroy_registry=True)
        self._dbos = None

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Wait until no job is queued or running; return False after the time."""
        return _wait_until_none(self._count_waiting, timeout_seconds)

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
        def run_job(name: str, key: str, payload: dict[str, str]) -> str:
            return DBOS.run_step({"name": name}, self._run, name, key, payload)

        return run_job

    def _run(self, name: str, key: str, payload: Mapping[str, str]) -> str:
        """Return "" when the job is done, or why it was given up."""
        wait_seconds = self._settings.first_wait_seconds
        for left in reversed(range(self._settings.tries)):
            error = self._try(name, payload)
            if error is None:
                return ""
            _log.warning("job %s failed, %d tries left: %s", key, left, error)
            if left == 0 or isinstance(error, DigestMismatchError):
                break
            time.sleep(wait_seconds)
            wait_seconds *= 2
        reason = f"{type(error).__name__}: {error}"
        self._record_failure(name, key, reason)
        return reason

    def _try(self, name: str, payload: Mapping[str, str]) -> Exception | None:
        with self._slots:
            try:
                self._handlers[name](payload)
            except Exception as error:  # noqa: BLE001 the worker loop outlives every job
                return error
        return None

    def _record_failure(self, name: str, key: str, reason: str) -> None:
        values = {"name": name, "reason": reason, "at": self._clock.now()}
        with translated(), self._database.writing.begin() as connection:
            again = sa.update(failed_job).where(failed_job.c.key == key).values(**values)
            if connection.execute(again).rowcount == 0:
                connection.execute(sa.insert(failed_job), {"key": key, **values})

    def _count(self, *conditions: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(WORKFLOW_STATUS).where(*conditions)
        with translated(), self._database.reading.connect() as connection:
            return connection.execute(query).scalar_one()

    def _count_waiting(self) -> int:
        return self._count(WORKFLOW_STATUS.c.status.in_(WAITING_STATUSES))

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
