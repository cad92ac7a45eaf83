"""Answer HTTP posts on a local port, as services of other people do."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.factories import decoys


@contextmanager
def answering(answer: Callable[[bytes], bytes]) -> Iterator[decoys.Decoy]:
    """Serve what `answer` makes of each request's body."""

    def serve(connection: socket.socket, stopped: threading.Event) -> None:
        head, _, body = decoy.requests[-1].partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        while len(body) < length:  # it may come in a packet of its own
            body += connection.recv(length - len(body))
        decoys.plain(answer(body))(connection, stopped)

    with decoys.serving(serve) as decoy:
        yield decoy
