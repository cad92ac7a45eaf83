"""Pass messages between the house and the process that holds a token's login.

Imported by that process too, which shall start at once: the standard library only.
"""

import json
import socket
from typing import Any

MAX_MESSAGE_BYTES = 1 << 20
#: A card takes so many times longer to make a key than it may take to sign.
MAKING_FACTOR = 4
_LENGTH_BYTES = 4

Message = dict[str, Any]


def send(peer: socket.socket, message: Message) -> None:
    """Send one message."""
    content = json.dumps(message).encode()
    peer.sendall(len(content).to_bytes(_LENGTH_BYTES) + content)


def receive(peer: socket.socket) -> Message | None:
    """Return the next message; None when the other side has gone.

    Raises:
        ValueError: it is too long, or no object of JSON.
        OSError: the connection broke, or nothing came in time.
    """
    head = _read(peer, _LENGTH_BYTES)
    if head is None:
        return None
    length = int.from_bytes(head)
    if length > MAX_MESSAGE_BYTES:
        raise ValueError("the message is too long")
    content = _read(peer, length)
    if content is None:
        return None
    message = json.loads(content)
    if not isinstance(message, dict):
        raise ValueError("the message is no object")  # noqa: TRY004 it is data, not a type
    return message


def _read(peer: socket.socket, length: int) -> bytes | None:
    content = bytearray()
    while len(content) < length:
        chunk = peer.recv(length - len(content))
        if not chunk:
            return None
        content += chunk
    return bytes(content)
