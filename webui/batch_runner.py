"""Run batches in threads of this process: closing the page does not stop the signing."""

import logging
import threading
from contextlib import ExitStack

from engine.errors import ConflictError, ErrorCode, TrinhKyError
from engine.model.batch import BatchId
from engine.model.organisation import Actor
from workflows.batch.run_batch import RunBatch
from workflows.batch.running import BatchRun

log = logging.getLogger(__name__)


class BatchRunner:
    """Give each batch a thread that owns the open key until the batch ends or stops.

    The PIN does not live longer than the opening of the key: the thread never sees it.
    """

    def __init__(self, run_batch: RunBatch) -> None:
        self._run_batch = run_batch
        self._lock = threading.Lock()
        self._running: list[tuple[BatchRun, threading.Thread]] = []
        self._is_stopped = False

    def start(
        self, batch_id: BatchId, actor: Actor, pin: str, *, retry_failed: bool = False
    ) -> None:
        """Open the key and sign the list; the documents follow in a thread.

        Raises:
            TrinhKyError: as `RunBatch.start`; no thread was begun.
            ConflictError: code BATCH_INTERRUPTED; the server is stopping.
            RuntimeError: the process can have no more threads; the batch is paused.
        """
        self._check_open()
        run = self._run_batch.start(batch_id, actor, pin, retry_failed=retry_failed)
        thread = threading.Thread(
            target=self._work, args=(batch_id, run), name=f"batch-{batch_id[:8]}", daemon=True
        )
        with ExitStack() as undo:
            # Until the thread owns it, an error pauses the batch and closes the key.
            undo.push(run)
            with self._lock:
                self._check_open()
                thread.start()
                self._running.append((run, thread))
            undo.pop_all()

    def stop(self) -> None:
        """Stop every run after the document it is at; the batches are paused, none is begun."""
        with self._lock:
            self._is_stopped = True
            running = list(self._running)
        for run, _ in running:
            run.stop()
        for _, thread in running:
            thread.join()

    def pause(self, batch_id: BatchId) -> None:
        """Stop the run of one batch, if there is one, after the document it is at."""
        with self._lock:
            runs = [run for run, _ in self._running if run.batch.id == batch_id]
        for run in runs:
            run.stop(ErrorCode.BATCH_STOPPED)

    def wait(self, timeout_seconds: float) -> bool:
        """Wait until no batch runs; return False after the time."""
        with self._lock:
            threads = [thread for _, thread in self._running]
        for thread in threads:
            thread.join(timeout_seconds)
        return not any(thread.is_alive() for thread in threads)

    def _check_open(self) -> None:
        if self._is_stopped:
            raise ConflictError("the server is stopping", code=ErrorCode.BATCH_INTERRUPTED)

    def _work(self, batch_id: BatchId, run: BatchRun) -> None:
        try:
            with run:
                run.sign_all()
        except TrinhKyError as error:
            log.warning("batch %s stopped: %s", batch_id, error)
        # The thread ends here whatever happens: the run has paused the batch with the reason.
        except Exception:
            log.exception("batch %s stopped", batch_id)
        finally:
            with self._lock:
                self._running.remove((run, threading.current_thread()))
