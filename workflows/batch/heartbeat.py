"""Hold on to a batch while the key works, which may take longer than a run may be silent."""

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime

from engine.clock import Clock
from engine.errors import ConflictError, TrinhKyError
from engine.model.batch import ITEM_LIMIT, LEASE, BatchId
from engine.ports import StartWork

_log = logging.getLogger(__name__)

#: Three times within the lease: one that is lost or late costs nothing.
HEARTBEAT_SECONDS = 10.0


@dataclass(kw_only=True)
class Heartbeat:
    """Renew the hold of one run in a thread of its own, until `stop`.

    It speaks for a key or a service that is slow, not for one that hangs: `ITEM_LIMIT` after the
    last `step` it falls silent, and the run counts as dead.
    """

    start_work: StartWork
    clock: Clock
    batch_id: BatchId
    lease_id: str
    _stopped: threading.Event = field(default_factory=threading.Event)
    _stepped_at: datetime = field(init=False)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.step()
        self._thread = threading.Thread(
            target=self._beat, name=f"batch-hold-{self.batch_id[:8]}", daemon=True
        )

    def start(self) -> None:
        """Begin to renew the hold.

        Raises:
            RuntimeError: the process can have no more threads.
        """
        self._thread.start()

    def step(self) -> None:
        """Note that the run itself has come a step further."""
        self._stepped_at = self.clock.now()

    def stop(self) -> None:
        """Renew no more; when this returns, nothing is being written."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _beat(self) -> None:
        while not self._stopped.wait(HEARTBEAT_SECONDS):
            now = self.clock.now()
            if now - self._stepped_at > ITEM_LIMIT:
                continue
            try:
                with self.start_work() as work:
                    work.batches.renew(self.batch_id, self.lease_id, now + LEASE)
                    work.commit()
            except ConflictError:
                return  # another run has the batch; this one learns it at its next step
            except TrinhKyError as error:
                # The next one may get through; if none does, the run counts as dead.
                _log.warning("batch %s: hold not renewed: %s", self.batch_id, error)
