import socket
from collections.abc import Iterator

import pytest

from signing.keys.wire import MAX_MESSAGE_BYTES, receive, send


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(60)
    with ours, theirs:
        yield ours, theirs


def test_message_arrives_as_it_was_sent(pair: tuple[socket.socket, socket.socket]) -> None:
    message = {"do": "open", "label": "khóa ký", "many": ["x" * 100] * 100}
    send(pair[1], message)
    send(pair[1], {})

    assert receive(pair[0]) == message
    assert receive(pair[0]) == {}


@pytest.mark.parametrize("sent", [b"", b"\0\0", b"\0\0\0\x09{}"])
def test_nothing_is_received_when_the_other_side_goes(
    pair: tuple[socket.socket, socket.socket], sent: bytes
) -> None:
    pair[1].sendall(sent)
    pair[1].close()

    assert receive(pair[0]) is None


@pytest.mark.parametrize(
    "sent",
    [
        (MAX_MESSAGE_BYTES + 1).to_bytes(4),
        b"\xff\xff\xff\xff",
        b"\0\0\0\0",
        b"\0\0\0\x02[]",
        b"\0\0\0\x02\xff\xff",
        b"\0\0\0\x01{",
    ],
)
def test_message_is_refused_when_it_is_garbage(
    pair: tuple[socket.socket, socket.socket], sent: bytes
) -> None:
    pair[1].sendall(sent)

    with pytest.raises(ValueError):  # noqa: PT011 whatever the reason
        receive(pair[0])


def test_nothing_is_waited_for_longer_than_the_timeout(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    pair[0].settimeout(0.05)

    with pytest.raises(TimeoutError):
        receive(pair[0])
