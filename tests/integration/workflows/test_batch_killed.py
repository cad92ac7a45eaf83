"""Kill the process that signs a batch, in the middle, without a word of warning."""

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.model.batch import LEASE, BatchState, ItemState
from tests.factories.batches import census
from tests.houses import PIN, Stage, copy_house

LEADER = "snv.lanhdao"
#: Signs the batch in a process of its own; one line a document, after it is on record.
CHILD = """
import sys
from pathlib import Path
from webui.bootstrap import open_house
from webui.settings import Settings

house = open_house(Settings(data_dir=Path(sys.argv[1])))
actor = house.use_cases.identify.by_login(sys.argv[3])
house.use_cases.run_batch(
    sys.argv[2], actor, sys.stdin.readline().strip(),
    progress=lambda title, done, total: print(done, flush=True),
)
"""


def killed_after(data_dir: Path, batch_id: str, count: int, delay_seconds: float) -> None:
    """Let a child sign `count` documents, and kill it a moment into the next."""
    child = subprocess.Popen(  # noqa: S603 our own words
        [sys.executable, "-c", CHILD, str(data_dir), batch_id, LEADER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        child.stdin.write(f"{PIN}\n")
        child.stdin.flush()
        for done in range(1, count + 1):
            assert child.stdout.readline() == f"{done}\n"
        time.sleep(delay_seconds)
        child.send_signal(signal.SIGKILL)
        child.wait(30)
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("delay_seconds", [0.0, 0.004, 0.02, 0.06])
def test_no_document_is_lost_or_doubled_when_the_process_is_killed(
    installation: Path, tmp_path: Path, delay_seconds: float
) -> None:
    clock = FixedClock(datetime.now(UTC))  # noqa: TID251 the child's clock is the machine's
    house = copy_house(installation, tmp_path / "data", clock)
    stage, cases = Stage(house), house.use_cases
    documents = [stage.to_signature(subject=f"báo cáo {place}") for place in range(5)]
    tasks = [stage.task(LEADER, each) for each in documents]
    batch_id = cases.begin_batch(tasks, stage.actor(LEADER))

    killed_after(tmp_path / "data", batch_id, 2, delay_seconds)

    with house.start_reading() as work:
        left = [item.state for item in work.batches.list_items(batch_id)]
        assert work.batches.get(batch_id).state is BatchState.RUNNING
    assert left[:2] == [ItemState.SIGNED] * 2
    assert left[4] is ItemState.WAITING
    clock.move(datetime.now(UTC) - clock.now() + LEASE + timedelta(seconds=1))  # noqa: TID251 as above

    outcome = cases.run_batch(batch_id, stage.actor(LEADER), PIN)

    assert (outcome.signed, outcome.waiting, outcome.failed) == (5, 0, 0)
    assert census(house, documents) == dict.fromkeys(documents, (1, 1, 1))
    house.close()
