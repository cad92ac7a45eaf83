"""Open the database and hand out units of work."""

import threading
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from engine.ports import UnitOfWork
from engine.process.runtime import Processes
from engine.process.steps import EnqueueJob
from engine.process.store import ProcessStore
from storage.engines import database_url, reading_engine, writing_engine
from storage.job_queue import JobQueue
from storage.unit_of_work import SqlUnitOfWork

ProcessesFactory = Callable[[ProcessStore, EnqueueJob], Processes]


class Database:
    """Hold the engines of one database for the life of the process.

    Args:
        location: path of an SQLite file, or a URL.
        processes: makes the process runtime of one transaction over its store.
    """

    def __init__(self, location: Path | str, processes: ProcessesFactory) -> None:
        self.url: sa.URL = database_url(location)
        self.writing = writing_engine(self.url)
        self.reading = reading_engine(self.url)
        self.job_queue = JobQueue(self.writing)
        self._processes = processes
        # Threads of this process queue here rather than in SQLite, whose waiters sleep and poll.
        self._writer = threading.Lock() if self.url.get_backend_name() == "sqlite" else None

    def start_work(self) -> UnitOfWork:
        """Return a transaction that may write."""
        return SqlUnitOfWork(
            self.writing, self._processes, job_queue=self.job_queue, writer=self._writer
        )

    def start_reading(self) -> UnitOfWork:
        """Return a transaction that sees one state and refuses to write."""
        return SqlUnitOfWork(self.reading, self._processes, job_queue=self.job_queue, writer=None)

    def close(self) -> None:
        """Close every connection."""
        self.job_queue.close()
        self.writing.dispose()
        self.reading.dispose()
