"""Measure signing beside pyHanko as it comes, openssl, Node, pyHanko's program and bare keys.

Every contestant signs the same letter of three pages, each in a process of its own that times
itself; they take turns, a few signatures at a time. `fast_…` is the product's signer with its
gate before and its check of the raw value after each signature; `bt` adds a time-stamp of the
same authority for both sides. Milliseconds are of the processor, medians; what a program or a
token's process uses is counted with it.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engine.model.keys import KeyType
from tests.benchmarks.process_peers.timing import Contest, Spent, take_turns
from tests.benchmarks.sign_peers.batch import measure_batch
from tests.benchmarks.sign_peers.materials import P12_PASSWORD, Materials, make_materials

TURNS = 9
#: How often each signs in a turn.
SIGNATURES = {
    "fast_p256_bb": 12,
    "fast_rsa2048_bb": 12,
    "fast_p256_bt": 12,
    "pkcs11_p256_bb": 12,
    "visible_p256_bb": 12,
    "stock_p256_bb": 4,
    "stock_rsa2048_bb": 2,
    "stock_p256_bt": 4,
    "openssl_cms": 3,
    "signpdf_npm": 3,
    "pyhanko_cli": 1,
    "raw_p256": 50,
    "raw_rsa2048": 50,
}
LARGE_MEGABYTES = 200
BATCH_DOCUMENTS = 200

_PEERS = Path(__file__).parent / "sign_peers"
_SIGNPDF = _PEERS / "node_modules" / "@signpdf" / "signpdf" / "package.json"
# `./run` says which Node it has found or installed.
_NODE = os.environ.get("TRINHKY_NODE", "node")


def measure() -> dict[str, Any]:
    """Return milliseconds, the large file, the batch, ratios and bars."""
    with tempfile.TemporaryDirectory(prefix="trinhky-bench-") as name:
        materials = make_materials(Path(name))
        contest = _contest(materials)
        medians = {who: round(spent.cpu, 3) for who, spent in contest.medians().items()}
        large = _large(materials)
        batch = measure_batch(materials.folder / "batch", BATCH_DOCUMENTS)
        results = {
            "cpu_ms": medians,
            "large_200mb": large,
            "batch_200": batch,
            "ratios": _ratios(contest),
            "file": {"bytes": materials.pdf.stat().st_size, "pages": 3},
            "repetitions": {who: TURNS * count for who, count in SIGNATURES.items()}
            | {"large_200mb": 1, "batch_200": 1},
        }
    return results | {"bars": _bars(results)}


class Worker:
    """Own the process of one contestant, which stays warm as a server would."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._process: subprocess.Popen[str]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 our own scripts
            self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._answer()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=60)  # the end of its input is the end of its work

    def sign(self, count: int) -> list[Spent]:
        """Return what each of `count` signatures cost."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        return [Spent(*pair) for pair in self._answer()]

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._words} stopped with {self._process.wait(60)}")
        return json.loads(line)


def _contest(materials: Materials) -> Contest:
    with ExitStack() as life:
        workers = {
            name: life.enter_context(Worker(_words(name, materials))) for name in SIGNATURES
        }
        return take_turns(
            TURNS, {name: _turn(workers[name], count) for name, count in SIGNATURES.items()}
        )


def _turn(worker: Worker, count: int) -> Callable[[], Sequence[Spent]]:
    return lambda: worker.sign(count)


def _words(name: str, materials: Materials) -> list[str]:
    if name == "signpdf_npm":
        if not _SIGNPDF.exists():
            raise SystemExit("bench sign: ./run bench sign installs @signpdf first")
        p12 = materials.p12(KeyType.RSA2048)
        return [_NODE, str(_PEERS / "signpdf.mjs"), str(materials.pdf), str(p12), P12_PASSWORD]
    return [*_python("worker"), name, str(materials.folder)]


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", f"tests.benchmarks.sign_peers.{module}"]


def _large(materials: Materials) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 our own script
        [*_python("large"), str(materials.folder), str(LARGE_MEGABYTES)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def _ratios(contest: Contest) -> dict[str, float]:
    """Return how many of our signatures go into one of theirs; medians of the turns' ratios."""
    pairs = {
        "stock_over_fast_p256_bb": ("stock_p256_bb", "fast_p256_bb"),
        "stock_over_fast_rsa2048_bb": ("stock_rsa2048_bb", "fast_rsa2048_bb"),
        "stock_over_fast_p256_bt": ("stock_p256_bt", "fast_p256_bt"),
        "openssl_over_fast_p256_bb": ("openssl_cms", "fast_p256_bb"),
        "signpdf_over_fast_rsa2048_bb": ("signpdf_npm", "fast_rsa2048_bb"),
        "fast_over_raw_p256": ("fast_p256_bb", "raw_p256"),
    }
    return {name: round(contest.ratio(*pair).cpu, 2) for name, pair in pairs.items()}


def _bars(results: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each bar with its limit, what was measured, and whether it is met."""
    ratios, cpu, batch = results["ratios"], results["cpu_ms"], results["batch_200"]
    at_least = {
        "stock_over_fast_p256_bb": (ratios["stock_over_fast_p256_bb"], 8),
        "stock_over_fast_rsa2048_bb": (ratios["stock_over_fast_rsa2048_bb"], 25),
        "stock_over_fast_p256_bt": (ratios["stock_over_fast_p256_bt"], 5),
    }
    at_most = {
        "visible_adds_ms": (round(cpu["visible_p256_bb"] - cpu["fast_p256_bb"], 3), 5),
        "large_extra_rss_mb": (results["large_200mb"]["extra_rss_mb"], 50),
        "batch_lost": (batch["lost"], 0),
        "batch_doubled": (batch["doubled"], 0),
    }
    return {
        name: {"measured": measured, "at_least": limit, "met": measured >= limit}
        for name, (measured, limit) in at_least.items()
    } | {
        name: {"measured": measured, "at_most": limit, "met": measured <= limit}
        for name, (measured, limit) in at_most.items()
    }
