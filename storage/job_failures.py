"""Say when a job that failed is tried again, and show it when it keeps failing."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from engine.errors import (
    ConflictError,
    DigestMismatchError,
    InvalidInputError,
    NotPermittedError,
)
from storage.job_queue import Attempt, JobQueue
from storage.tables.processes import failed_job, job_key

#: The same try would fail the same way for ever; whoever sees the list decides.
HOPELESS = (DigestMismatchError, ConflictError, InvalidInputError, NotPermittedError)
#: Waits differ by so much either way, so that what failed together is not tried together.
_JITTER = 0.2
_DELETE = sa.delete(failed_job).where(failed_job.c.key == sa.bindparam("job"))
_GET_ROUND = sa.select(job_key.c.round).where(job_key.c.key == sa.bindparam("job"))


@dataclass(frozen=True, kw_only=True)
class RetryRule:
    """Hold how long and how often a job is tried.

    Args:
        tries_unseen: the job is shown as stuck when so many tries have failed.
        first_wait_seconds: before the second try; each later wait is twice as long.
        longest_wait_seconds: no wait is longer.
        give_up_after: from the first failure; no try begins later.
    """

    tries_unseen: int = 5
    first_wait_seconds: float = 0.2
    longest_wait_seconds: float = 600.0
    give_up_after: timedelta = timedelta(hours=24)

    def wait_after(self, number: int) -> float:
        """Return the seconds between try `number` and the next."""
        # Bounded before the power: a day of tries must not overflow.
        doubled = self.first_wait_seconds * 2.0 ** min(number - 1, 64)
        spread = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 no secret
        return min(doubled * spread, self.longest_wait_seconds)

    def next_wait(self, attempt: Attempt, error: Exception, now: datetime) -> float | None:
        """Return the seconds to the next try, None when there is none."""
        if isinstance(error, HOPELESS):
            return None
        wait_seconds = self.wait_after(attempt.number)
        since = datetime.fromisoformat(attempt.failing_since) if attempt.failing_since else now
        over = now + timedelta(seconds=wait_seconds) - since > self.give_up_after
        return None if over else wait_seconds


def is_superseded(connection: sa.Connection, attempt: Attempt) -> bool:
    """Tell whether the job was begun again after this try was put off."""
    return connection.execute(_GET_ROUND, {"job": attempt.key}).scalar() != attempt.round


def forget_failure(connection: sa.Connection, key: str) -> None:
    """Take a job that succeeded after all off the list."""
    connection.execute(_DELETE, {"job": key})


def record_failure(
    connection: sa.Connection,
    queue: JobQueue,
    rule: RetryRule,
    *,
    attempt: Attempt,
    error: Exception,
    now: datetime,
) -> float | None:
    """Enqueue the next try, and show the job once it has failed too often.

    Returns:
        Seconds to the next try, None when there is none.
    """
    wait_seconds = rule.next_wait(attempt, error, now)
    if wait_seconds is not None:
        following = replace(
            attempt,
            number=attempt.number + 1,
            failing_since=attempt.failing_since or now.isoformat(),
        )
        queue.send(connection, following, wait_seconds=wait_seconds)
    shown = {
        "name": attempt.name,
        "reason": f"{type(error).__name__}: {error}",
        "next_try_at": None if wait_seconds is None else now + timedelta(seconds=wait_seconds),
    }
    again = sa.update(failed_job).where(failed_job.c.key == attempt.key)
    listed = connection.execute(again.values(**shown, tries=failed_job.c.tries + 1)).rowcount
    if not listed and (wait_seconds is None or attempt.number >= rule.tries_unseen):
        first = {"key": attempt.key, "tries": attempt.number, "at": now, **shown}
        connection.execute(sa.insert(failed_job), first)
    return wait_seconds
