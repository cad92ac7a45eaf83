"""Run pyHanko's coroutines on one kept event loop per process.

A new loop per signature costs 1.2 ms, and web threads sign at the same time; so one daemon
thread owns the loop and callers wait for their result.
"""

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from engine.errors import SignerUnavailableError

Result = TypeVar("Result")


class _LoopThread:
    """Own an event loop and the thread that turns it."""

    def __init__(self) -> None:
        self.process_id = os.getpid()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(
            target=self.loop.run_forever, name="signing-loop", daemon=True
        )
        try:
            self.thread.start()
        except RuntimeError as error:
            self.loop.close()
            raise SignerUnavailableError("no thread for the signing loop") from error


class _Shared:
    """Hold the one loop thread of this process; a forked child makes its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: _LoopThread | None = None

    def get(self) -> _LoopThread:
        with self._lock:
            current = self._current
            if current is None or current.process_id != os.getpid():
                current = self._current = _LoopThread()
            return current


_shared = _Shared()


def start() -> None:
    """Start the kept loop, if it is not running yet.

    Raises:
        SignerUnavailableError: the machine has no room for another thread.
    """
    _shared.get()


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run `work` to its end on the kept loop and return its result.

    Raises:
        SignerUnavailableError: the machine has no room for another thread.
    """
    try:
        kept = _shared.get()
    except SignerUnavailableError:
        work.close()
        raise
    return asyncio.run_coroutine_threadsafe(work, kept.loop).result()
