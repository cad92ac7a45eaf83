"""Run the agent as an official does: in a terminal of its own, with the token plugged in."""

import contextlib
import http.client
import json
import os
import pty
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROJECT = Path(__file__).parents[2]
SITE = "https://trinhky.example.vn"
_PATIENCE_SECONDS = 120.0


@dataclass
class RunningAgent:
    """Hold an agent in a terminal whose keyboard and screen the test has."""

    pid: int
    terminal: int
    port: int = 0
    screen: str = field(default="", repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def wait_for(self, text: str) -> str:
        """Return the screen once it shows `text`."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while text not in self.screen:
            assert time.monotonic() < until, f"no {text!r} in:\n{self.screen}"
            ready, _, _ = select.select([self.terminal], [], [], 0.2)
            if ready:
                self.screen += os.read(self.terminal, 65536).decode(errors="replace")
        return self.screen

    def wait_until_gone(self) -> None:
        """Return once nobody listens there any more."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) != 0:
                    return
            assert time.monotonic() < until, f"it goes on:\n{self.screen}"
            time.sleep(0.05)

    def type(self, text: str) -> None:
        os.write(self.terminal, f"{text}\n".encode())

    def ask(
        self,
        path: str,
        body: object = None,
        *,
        origin: str | None = SITE,
        method: str = "",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Return status, JSON and headers of the answer, as a browser would get it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"Origin": origin} if origin is not None else {}
        if body is not None:
            sent["Content-Type"] = "application/json"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            connection.request(
                method or ("GET" if body is None else "POST"),
                path,
                body=None if body is None else content,
                headers=sent | (headers or {}),
            )
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(said) if said else {}, dict(answer.getheaders())


def run_agent(*words: str) -> tuple[int, str]:
    """Run the agent with `words` to its end; return its status and its screen."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(PROJECT)
        os.execv(sys.executable, [sys.executable, "-m", "webui.agent", *words])  # noqa: S606
    screen = b""
    # A terminal whose other side has ended reads as an error.
    with contextlib.suppress(OSError):
        while more := os.read(terminal, 65536):
            screen += more
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), screen.decode(errors="replace")


@contextlib.contextmanager
def an_agent(module: Path, folder: Path, *, allowed: str = SITE) -> Iterator[RunningAgent]:
    """Run the agent on a free port until the block is left."""
    command = [
        sys.executable, "-m", "webui.agent", "--terminal", "--port", "0",
        "--module", str(module), "--folder", str(folder), "--allow", allowed,
    ]  # fmt: skip
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(PROJECT)
        os.execv(sys.executable, command)  # noqa: S606 our own words, no shell
    with RunningAgent(pid, terminal) as agent:
        agent.wait_for("(Ctrl+C)")
        agent.port = int(agent.screen.split("http://127.0.0.1:")[1].split("/")[0])
        yield agent
