"""Enqueue jobs in the transaction that needs them; `storage.job_queue` holds the queue."""

from collections.abc import Mapping

import sqlalchemy as sa

from storage.job_queue import Attempt, JobQueue, list_lost
from storage.repositories.base import Repository
from storage.tables.processes import failed_job, job_key


class SqlJobs(Repository):
    """Enqueue on the connection of one transaction."""

    def __init__(self, connection: sa.Connection, queue: JobQueue) -> None:
        super().__init__(connection)
        self._queue = queue

    def enqueue(self, name: str, key: str, payload: Mapping[str, str]) -> None:
        """Run the job `name` once for `key` after the commit; a second enqueue does nothing."""
        job = {
            "key": key,
            "name": name,
            "payload": dict(payload),
            "round": 0,
            "enqueued_at": self._queue.clock.now(),
        }
        # The key is spent here: the runner forgets jobs that ended long ago.
        if self._insert_once(job_key, job):
            self._queue.send(self._connection, Attempt(name=name, key=key, payload=payload))

    def retry(self, key: str) -> bool:
        """Try a stuck job again after the commit; return False when it is not stuck.

        Tries of before that are still to come are void from now on.
        """
        query = sa.select(job_key).where(job_key.c.key == key).with_for_update()
        job = self._connection.execute(query).first()
        if job is None or not self._is_stuck(key, job.round):
            return False
        following = job.round + 1
        self._connection.execute(
            sa.update(job_key).where(job_key.c.key == key).values(round=following)
        )
        attempt = Attempt(name=job.name, key=key, payload=job.payload, round=following)
        self._queue.send(self._connection, attempt)
        return True

    def _is_stuck(self, key: str, job_round: int) -> bool:
        listed = sa.select(failed_job.c.key).where(failed_job.c.key == key)
        if self._connection.execute(listed).first() is not None:
            return True
        return any(
            lost.key == key and lost.round == job_round for lost in list_lost(self._connection)
        )
