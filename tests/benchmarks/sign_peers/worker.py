"""Run one contestant in a process of its own and time it there.

Usage: python -m tests.benchmarks.sign_peers.worker NAME FOLDER

Reads how often to sign, one number a line, and answers each with one line of JSON: milliseconds
of each act, processor and wall. Processes that an act starts are counted with it.
"""

import gc
import importlib
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Act = Callable[[], object]
#: Returns nanoseconds of the processor that something outside this process has used.
Meter = Callable[[], int]

_WARM_UP = 3
_MODULES = {
    "fast": "ours",
    "visible": "ours",
    "pkcs11": "ours",
    "raw": "ours",
    "stock": "stock",
    "openssl": "programs",
    "pyhanko": "programs",
}


@contextmanager
def opened(name: str, folder: Path) -> Iterator[tuple[Act, Meter]]:
    """Yield what the contestant does once, and what else is to be counted."""
    # A contestant loads its own code only: ours mends parts of the library, stock has none of it.
    module = importlib.import_module(
        f"tests.benchmarks.sign_peers.{_MODULES[name.partition('_')[0]]}"
    )
    with module.contestant(name, folder) as found:
        yield found


def main() -> int:
    """Serve one contestant until the input ends."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    with opened(name, folder) as (act, meter):
        for _ in range(_WARM_UP):
            act()
        _answer("ready")
        for line in sys.stdin:
            gc.collect()
            act()  # the others have had the caches meanwhile
            _answer([_timed(act, meter) for _ in range(int(line))])
    return 0


def _timed(act: Act, meter: Meter) -> tuple[float, float]:
    wall, used = time.perf_counter(), _used(meter)
    act()
    return (_used(meter) - used) / 1e6, (time.perf_counter() - wall) * 1e3


def _used(meter: Meter) -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time_ns() + (children.ru_utime + children.ru_stime) * 1e9 + meter()


def _answer(found: object) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
