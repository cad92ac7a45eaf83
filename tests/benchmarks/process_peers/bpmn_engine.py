"""Talk to bpmn-engine, which runs and times itself in Node; see `bpmn_engine.mjs`."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.benchmarks.process_peers.drawings import Walk, with_javascript_conditions
from tests.benchmarks.process_peers.timing import Spent

_FOLDER = Path(__file__).parent
_PACKAGE = _FOLDER / "node_modules" / "bpmn-engine" / "package.json"
# `./run` says which Node it has found or installed.
_NODE = os.environ.get("TRINHKY_NODE", "node")


class BpmnEngine:
    """Peer: one Node process that keeps its compiled code warm, as a server would.

    Processes are named; how often something is done and timed is `count`.
    """

    def __init__(self, walks: Mapping[str, Walk]) -> None:
        self._walks = walks
        self._node: subprocess.Popen[str]

    def __enter__(self) -> Self:
        if not _PACKAGE.exists():
            raise SystemExit("bench process: ./run bench process installs bpmn-engine first")
        self._node = subprocess.Popen(  # noqa: S603 our own script
            [_NODE, "bpmn_engine.mjs"],
            cwd=_FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ask(load={name: _loaded(walk) for name, walk in self._walks.items()})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._node.communicate(timeout=30)  # the end of its input is the end of its work

    def parse(self, name: str, count: int) -> list[Spent]:
        return self._timed(parse=name, count=count)

    def start(self, name: str, count: int) -> list[Spent]:
        return self._timed(start=name, count=count)

    def walk(self, name: str, count: int) -> list[Spent]:
        """Return what a step costs, the mean of each of `count` walks."""
        return self._timed(walk=name, count=count)

    def rework(self, name: str, rounds: Sequence[int]) -> list[int]:
        """Keep the states after these rounds; return how many bytes they have."""
        return list(self._ask(rework=name, rounds=list(rounds)))

    def round(self, after: int, count: int) -> list[Spent]:
        return self._timed(round=after, count=count)

    def versions(self) -> dict[str, str]:
        node = subprocess.run(  # noqa: S603 the Node that has just been measured
            [_NODE, "--version"], check=True, capture_output=True, text=True
        )
        return {
            "bpmn_engine": json.loads(_PACKAGE.read_text())["version"],
            "node": node.stdout.strip().removeprefix("v"),
        }

    def _timed(self, **request: object) -> list[Spent]:
        return [Spent(*pair) for pair in self._ask(**request)]

    def _ask(self, **request: object) -> Any:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(request) + "\n")
        self._node.stdin.flush()
        answer = self._node.stdout.readline()
        if not answer:
            raise RuntimeError(f"bpmn-engine stopped with {self._node.wait(10)}")
        return json.loads(answer)


def _loaded(walk: Walk) -> dict[str, object]:
    return {
        "source": with_javascript_conditions(walk.xml),
        "variables": dict(walk.data),
        "steps": [dict(writes) for writes in walk.steps],
    }
