"""Sign many documents in one ceremony; the worker is killed, then the token is pulled out.

The whole house works: undertakings, gate, signatures on a token, verification, rows, leaves. The
first worker is killed without a word a third of the way; the second finds the token gone at two
thirds and pauses; the third ends the ceremony. Then every place where a signature could be lost
or doubled is counted: the PDF, the undertakings, the audit leaves.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.clock import FixedClock, SystemClock
from engine.model.batch import LEASE, BatchId
from engine.model.document import DocumentId
from engine.model.keys import KeyHome, KeyType
from engine.ports_signing import CertificateRequest, HolderKind
from signing.authority import LocalCertificateAuthority
from tests.factories.batches import census
from tests.factories.softhsm import TOKEN_PIN, SoftHsm, a_softhsm
from tests.houses import Stage, install_small
from webui.bootstrap import House, open_house
from webui.settings import Settings

LEADER = "snv.lanhdao"
#: The first worker: one line a document, after it is on record.
_WORKER = """
import sys
from pathlib import Path
from webui.bootstrap import open_house
from webui.settings import Settings

house = open_house(Settings(data_dir=Path(sys.argv[1])))
house.use_cases.run_batch(
    sys.argv[2],
    house.use_cases.identify.by_login(sys.argv[3]),
    sys.stdin.readline().strip(),
    progress=lambda title, done, total: print(done, flush=True),
)
"""


def measure_batch(folder: Path, count: int) -> dict[str, Any]:
    """Return the seconds of the three runs, and how many documents were lost or doubled."""
    folder.mkdir()
    with _house(folder) as (house, softhsm, clock):
        stage = Stage(house)
        documents = [stage.to_signature(subject=f"báo cáo số {n}") for n in range(count)]
        tasks = [stage.task(LEADER, each) for each in documents]
        batch_id = house.use_cases.begin_batch(tasks, stage.actor(LEADER))

        seconds = _run_until_killed(house, batch_id, count // 3)
        clock.move(SystemClock().now() - clock.now() + LEASE + timedelta(seconds=1))
        started = time.perf_counter()
        _run_until_pulled(stage, batch_id, softhsm, count // 3)
        outcome = house.use_cases.run_batch(batch_id, stage.actor(LEADER), TOKEN_PIN)
        seconds += time.perf_counter() - started
        lost, doubled = _judged(house, documents)
    return {
        "seconds": round(seconds, 1),
        "lost": lost,
        "doubled": doubled,
        "signed": outcome.signed,
        "workers": 3,
    }


@contextmanager
def _house(folder: Path) -> Iterator[tuple[House, SoftHsm, FixedClock]]:
    """Yield a small city whose leader signs with a token."""
    with pytest.MonkeyPatch.context() as patch:
        softhsm = a_softhsm(folder / "hsm", patch)
        patch.setenv("TRINHKY_PKCS11_MODULE", str(softhsm.module_path))
        install_small(folder / "data")
        clock = FixedClock(SystemClock().now())
        house = open_house(Settings(data_dir=folder / "data"), clock=clock)
        try:
            clock.move(timedelta(seconds=1))  # the newest certificate is the one that signs
            _give_token(Stage(house), softhsm, clock)
            yield house, softhsm, clock
        finally:
            house.close()


def _give_token(stage: Stage, softhsm: SoftHsm, clock: FixedClock) -> None:
    made = softhsm.make_key(KeyType.P256)
    authority = LocalCertificateAuthority(stage.house.settings.pki_dir, clock)
    leader = stage.actor(LEADER)
    request = CertificateRequest(
        holder_kind=HolderKind.PERSON,
        holder_id=leader.person_id,
        common_name=leader.full_name,
        organisation="Sở Nội vụ",
    )
    certificate = authority.certify(
        request, made.public_key_der, key_home=KeyHome.TOKEN, key_ref=made.key_ref
    )
    with stage.house.start_work() as work:
        work.certificates.add(certificate)
        work.commit()


def _run_until_killed(house: House, batch_id: BatchId, count: int) -> float:
    """Let a process sign `count` documents, and kill it a moment into the next."""
    worker = subprocess.Popen(  # noqa: S603 our own words
        [sys.executable, "-c", _WORKER, str(house.settings.data_dir), batch_id, LEADER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    started = time.perf_counter()
    with worker:
        worker.stdin.write(f"{TOKEN_PIN}\n")
        worker.stdin.flush()
        for done in range(1, count + 1):
            if worker.stdout.readline() != f"{done}\n":
                raise RuntimeError(f"the first worker stopped with {worker.wait(60)}")
        time.sleep(0.02)
        worker.send_signal(signal.SIGKILL)
        worker.wait(60)
    return time.perf_counter() - started


def _run_until_pulled(stage: Stage, batch_id: BatchId, softhsm: SoftHsm, count: int) -> None:
    """Go on, and pull the token out after `count` documents; the batch pauses."""

    def pull(title: str, done: int, total: int) -> None:
        if done == count:
            softhsm.remove()

    outcome = stage.house.use_cases.run_batch(
        batch_id, stage.actor(LEADER), TOKEN_PIN, progress=pull
    )
    softhsm.put_back()
    if not outcome.reason or not outcome.waiting:
        raise RuntimeError(f"the batch did not notice that its token was gone: {outcome}")


def _judged(house: House, documents: list[DocumentId]) -> tuple[int, int]:
    counts = census(house, documents).values()
    return sum(min(count) < 1 for count in counts), sum(max(count) > 1 for count in counts)
