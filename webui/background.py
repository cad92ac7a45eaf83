"""Run the background work of this process: jobs, and what is due by the clock."""

import logging
import threading
import time
from collections.abc import Callable

from engine.ports import JobRunner

log = logging.getLogger(__name__)

#: How soon after its time a timer, a message or the end of a wait is looked at.
TICK_SECONDS = 1.0


class Background:
    """Run jobs and the scheduler together; several processes may do so on one database.

    Args:
        jobs: runs enqueued jobs.
        run_due: does one batch of what is due and returns how much it was.
    """

    def __init__(self, jobs: JobRunner, run_due: Callable[[], int]) -> None:
        self._jobs = jobs
        self._run_due = run_due
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to run jobs and to look at what is due."""
        self._jobs.start()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._tick, name="scheduler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let what runs end, and begin nothing more."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._jobs.stop()

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Wait until no job runs and nothing is due; return False after the time."""
        end = time.monotonic() + timeout_seconds
        while self._jobs.wait_until_idle(max(end - time.monotonic(), 0.0)):
            # What was due may have enqueued jobs, and those may have made more due.
            if self._run_due() == 0:
                return True
            if time.monotonic() >= end:
                return False
        return False

    def _tick(self) -> None:
        wait_seconds = 0.0
        while not self._stopping.wait(wait_seconds):
            try:
                done = self._run_due()
            # The scheduler outlives every error: without it deadlines would pass unseen.
            except Exception:
                log.exception("the scheduler failed; the next look tries again")
                done = 0
            # After an outage there may be many batches: they follow one another at once.
            wait_seconds = 0.0 if done else TICK_SECONDS
