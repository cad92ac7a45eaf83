"""Serve one misbehaving answer on a local port, and count who came."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Decoy:
    """Hold a server of a test; `requests` are the heads of what was asked."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


def plain(body: bytes, *, status: str = "200 OK", more: str = "") -> Callable[..., None]:
    """Return an answer with a body."""

    def answer(connection: socket.socket, stopped: threading.Event) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        connection.sendall(head.encode() + body)

    return answer


def endless(connection: socket.socket, stopped: threading.Event) -> None:
    """Answer a gigabyte as fast as it is taken, and say so nowhere."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(1024):
        if stopped.is_set():
            return
        connection.sendall(bytes(1 << 20))


def dripping(head: bytes, drop: bytes = b"x") -> Callable[..., None]:
    """Return an answer that sends `head`, then a byte ten times a second, for ever."""

    def answer(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(head)
        while not stopped.wait(0.1):
            connection.sendall(drop)

    return answer


def silent(connection: socket.socket, stopped: threading.Event) -> None:
    """Take the question and never answer: whoever asks gives up, or waits for ever."""
    stopped.wait()


@contextlib.contextmanager
def serving(answer: Callable[[socket.socket, threading.Event], None]) -> Iterator[Decoy]:
    """Serve `answer` to everyone who connects."""
    listener = socket.create_server(("127.0.0.1", 0))
    decoy = Decoy(port=listener.getsockname()[1])
    stopped = threading.Event()

    def serve_one(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            decoy.requests.append(connection.recv(65536))
            answer(connection, stopped)

    def serve() -> None:
        while not stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve_one, args=(connection,), daemon=True))
            threads[-1].start()

    threads = [threading.Thread(target=serve, daemon=True)]
    threads[0].start()
    try:
        yield decoy
    finally:
        stopped.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in list(threads):
            thread.join(5)
