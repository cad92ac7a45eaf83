"""Watch the memory of one worker: 100 definitions in its cache, 10,000 instances stepped.

It runs as a process of its own, so that nothing else that was measured is in its memory. The
instances are in a database file, many to a transaction for speed; what is measured is what the
worker still holds after 1,000 and after 10,000 of them.
"""

import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from engine.process.model import Procedure
from tests.benchmarks.process_peers.drawings import draw_rework
from tests.benchmarks.process_peers.our_house import REWORK, OurHouse, open_our_house

DEFINITIONS = 100
FIRST_MARK, LAST_MARK = 1_000, 10_000
_BATCH = 500
_RESIDENT_PAGES = Path("/proc/self/statm")


def measure_worker() -> dict[str, float]:
    """Return the resident megabytes after both marks and their ratio, from a new process."""
    run = subprocess.run(  # noqa: S603 this module
        [sys.executable, "-m", __name__], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, float] = json.loads(run.stdout)
    return found


def main() -> None:
    """Print what `measure_worker` returns."""
    procedures = [_procedure(number) for number in range(DEFINITIONS)]
    with (
        tempfile.TemporaryDirectory(prefix="trinhky-bench-") as folder,
        open_our_house(Path(folder), procedures) as house,
    ):
        _step_instances(house, FIRST_MARK)
        first = _resident_mb()
        _step_instances(house, LAST_MARK - FIRST_MARK)
        last = _resident_mb()
    found = {"after_1000": first, "after_10000": last, "ratio": last / first}
    sys.stdout.write(json.dumps({name: round(value, 3) for name, value in found.items()}))


def _step_instances(house: OurHouse, number: int) -> None:
    """Start instances of all definitions in turn and take one step in each."""
    data = draw_rework().data
    for _ in range(0, number, _BATCH):
        with house.database.start_work() as work:
            for turn in range(_BATCH):
                name = _name(turn % DEFINITIONS)
                item = house.start(work, name, data).opened[0]
                house.complete(work, item, {"finished": False})
            work.commit()


def _procedure(number: int) -> Procedure:
    name = _name(number)
    return replace(REWORK, id=name, bpmn=draw_rework(name).xml)


def _name(number: int) -> str:
    return f"{REWORK.id}_{number}"


def _resident_mb() -> float:
    if _RESIDENT_PAGES.exists():
        pages = int(_RESIDENT_PAGES.read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    # Elsewhere only the highest mark is known, in bytes; it is never lower than the present one.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main()
