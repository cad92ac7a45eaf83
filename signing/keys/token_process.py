"""Hold one login to one token in a process of its own, and sign with one key.

PKCS#11 gives every session of a process the rights of whoever logged in, and the binding is not
safe for threads: the process is the border. It has one thread and one login, serves whoever
started it over a pair of sockets that has no name, and ends when that side closes, when nothing
was asked for a while, or when the token hangs; its end is the log-out.

Each opening and each signature is a line in a file of its own, written before the answer is.
Started often, so it imports little: neither pyHanko nor the rest of the house.

Source: PKCS #11 v2.40, clauses 2.4 and 5.6; RFC 3279, clause 2.2.3; RFC 8017, clause 9.2.
"""

import hashlib
import json
import os
import resource
import secrets
import signal
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass

from engine.clock import SystemClock
from signing.keys.wire import MAKING_FACTOR, Message, receive, send

P256 = bytes.fromhex("06082a8648ce3d030107")
P256_POINT_BYTES = 65
RSA_BITS = 2048
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_KEY_ID_BYTES = 16

_PIN_ERRORS = (
    pkcs11.PinIncorrect,
    pkcs11.PinInvalid,
    pkcs11.PinLenRange,
    pkcs11.PinLocked,
    pkcs11.PinExpired,
    pkcs11.UserPinNotInitialized,
)


class RefusedError(Exception):
    """Answer with a word that the other side knows."""

    def __init__(self, word: str, detail: str) -> None:
        self.word = word
        self.detail = detail
        super().__init__(word)


class AuditLines:
    """Append one line of JSON for each act; a line that cannot be written stops the act."""

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._file = os.open(path, flags, 0o600)
        self._clock = SystemClock()

    def write(self, act: str, **words: str) -> None:
        """Append a line; no PIN ever comes here."""
        line = {"at": self._clock.now().isoformat(), "pid": os.getpid(), "act": act, **words}
        os.write(self._file, json.dumps(line, ensure_ascii=False).encode() + b"\n")


class Desk:
    """Do what one connection asks: open one key and sign with it, or make a key.

    Args:
        module: of the token's maker, a shared library.
    """

    def __init__(self, module: Path, audit: AuditLines, life: ExitStack) -> None:
        self._module = module
        self._audit = audit
        self._life = life
        self._key: Any = None
        self._names: dict[str, str] = {}

    def open(self, message: Message) -> Message:
        """Log in and find the key; it must be the certificate's."""
        if self._key is not None:
            raise RefusedError("failed", "one process opens one key")
        self._names = {name: str(message[name]) for name in ("certificate", "token", "label")}
        session = self._logged_in(message, is_writing=False)
        key = _only(session, ObjectClass.PRIVATE_KEY, message)
        public = _only(session, ObjectClass.PUBLIC_KEY, {"key_id": key.id.hex(), "label": ""})
        if not _is_same_key(public, message["public"]):
            raise RefusedError("other_key", "the certificate is another key's")
        if key[Attribute.EXTRACTABLE] or not key[Attribute.SENSITIVE]:
            raise RefusedError("exposed", "the key could leave the token")
        self._audit.write("open", **self._names, outcome="opened")
        self._key = key
        return {}

    def sign(self, message: Message) -> Message:
        """Sign the SHA-256 of the attributes."""
        if self._key is None:
            raise RefusedError("failed", "no key is open")
        digest = hashlib.sha256(bytes.fromhex(message["attributes"])).digest()
        self._names["digest"] = digest.hex()
        value = _signed(self._key, digest)
        self._audit.write("sign", **self._names, outcome="signed")
        return {"value": value.hex()}

    def make(self, message: Message) -> Message:
        """Make a key pair that cannot leave the token."""
        self._names = {name: str(message[name]) for name in ("token", "label")}
        session = self._logged_in(message, is_writing=True)
        key_id = secrets.token_bytes(_KEY_ID_BYTES)
        public, _ = _generator(session, str(message["key_type"]))(
            id=key_id,
            label=message["label"],
            store=True,
            capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            private_template={
                Attribute.PRIVATE: True,
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: False,
            },
        )
        self._audit.write("make", **self._names, key_id=key_id.hex(), outcome="made")
        return {"key_id": key_id.hex(), "public": _public(public)}

    def refused(self, act: str, word: str, detail: str) -> Message:
        """Write down what failed, and answer so."""
        self._audit.write(act, **self._names, outcome=word, detail=detail)
        return {"error": word, "detail": detail}

    def _logged_in(self, message: Message, *, is_writing: bool) -> Any:
        try:
            library = pkcs11.lib(str(self._module))
        except RuntimeError as error:
            raise RefusedError("missing", "the module does not load") from error
        tokens = [
            token
            for token in library.get_tokens(token_label=message["token"])
            if message["serial"] in {"", token.serial.decode("ascii", "replace")}
        ]
        if len(tokens) != 1:
            raise RefusedError("missing", f"{len(tokens)} tokens of this name")
        session = tokens[0].open(rw=is_writing, user_pin=message["pin"])
        return self._life.enter_context(session)


def _only(session: Any, kind: ObjectClass, message: Message) -> Any:
    wanted: dict[Attribute, object] = {Attribute.CLASS: kind}
    if message["label"]:
        wanted[Attribute.LABEL] = message["label"]
    if message["key_id"]:
        wanted[Attribute.ID] = bytes.fromhex(message["key_id"])
    found = list(session.get_objects(wanted))
    if len(found) != 1:
        raise RefusedError("missing", f"{len(found)} objects {kind.name} of this name")
    return found[0]


def _is_same_key(public: Any, expected: dict[str, str]) -> bool:
    return _public(public) == expected


def _public(public: Any) -> dict[str, str]:
    if public.key_type == KeyType.EC:
        # An OCTET STRING around the point, by the standard; some tokens leave it out.
        return {"point": public[Attribute.EC_POINT][-P256_POINT_BYTES:].hex()}
    modulus, exponent = public[Attribute.MODULUS], public[Attribute.PUBLIC_EXPONENT]
    return {
        "modulus": f"{int.from_bytes(modulus):x}",
        "exponent": f"{int.from_bytes(exponent):x}",
    }


def _generator(session: Any, key_type: str) -> Callable[..., tuple[Any, Any]]:
    if key_type == "rsa2048":
        # The library takes the length first.
        return lambda **words: session.generate_keypair(KeyType.RSA, RSA_BITS, **words)
    parameters = session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: P256}, local=True
    )
    return parameters.generate_keypair  # type: ignore[no-any-return]


def _signed(key: Any, digest: bytes) -> bytes:
    if key.key_type == KeyType.EC:
        return encoded(key.sign(digest, mechanism=Mechanism.ECDSA))
    return bytes(key.sign(_SHA256_INFO + digest, mechanism=Mechanism.RSA_PKCS))


def encoded(raw: bytes) -> bytes:
    """Return the DER of an ECDSA value that came as two numbers side by side."""
    half = len(raw) // 2
    numbers = b"".join(_integer(raw[start : start + half]) for start in (0, half))
    return bytes([0x30, len(numbers)]) + numbers


def _integer(number: bytes) -> bytes:
    digits = number.lstrip(b"\0") or b"\0"
    if digits[0] & 0x80:
        digits = b"\0" + digits
    return bytes([0x02, len(digits)]) + digits


def answer(desk: Desk, message: Message) -> Message:
    """Return the answer to one message; only the words of the answer say what went wrong."""
    acts: dict[str, Callable[[Message], Message]] = {
        "open": desk.open,
        "sign": desk.sign,
        "make": desk.make,
    }
    act = str(message.get("do"))
    if act not in acts:
        return {"error": "failed", "detail": "unknown act"}
    try:
        return acts[act](message)
    except RefusedError as error:
        return desk.refused(act, error.word, error.detail)
    except _PIN_ERRORS as error:
        return desk.refused(act, "pin", type(error).__name__)
    except pkcs11.PKCS11Error as error:
        return desk.refused(act, "missing", type(error).__name__)
    except (KeyError, TypeError, ValueError) as error:
        return desk.refused(act, "failed", type(error).__name__)


def check_peer(peer: socket.socket) -> None:
    """Check that the other side is a process of the same user.

    Raises:
        PermissionError: it is not.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        return  # the pair has no name that a stranger could connect to
    content = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", content)
    if user != os.getuid():
        raise PermissionError("the other side is another user")


def serve(peer: socket.socket, desk: Desk, *, idle_seconds: float, act_seconds: int) -> None:
    """Answer until the other side goes, or asks nothing for `idle_seconds`."""
    peer.settimeout(idle_seconds)
    while True:
        try:
            message = receive(peer)
        except (OSError, ValueError):
            return
        if message is None:
            return
        # A token that hangs does so inside its library: only a signal ends that.
        is_making = message.get("do") == "make"
        signal.alarm(act_seconds * (MAKING_FACTOR if is_making else 1))
        answered = answer(desk, message)
        signal.alarm(0)
        send(peer, answered)


def main(arguments: list[str]) -> None:
    """Serve the socket whose number was given."""
    number, module, audit_path, idle_seconds, act_seconds = arguments
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a picture of memory would hold the PIN
    with socket.socket(fileno=int(number)) as peer, ExitStack() as life:
        check_peer(peer)
        desk = Desk(Path(module), AuditLines(Path(audit_path)), life)
        serve(peer, desk, idle_seconds=float(idle_seconds), act_seconds=int(act_seconds))
        # Logging out of a token that is gone may hang as well.
        signal.alarm(int(act_seconds))


if __name__ == "__main__":
    main(sys.argv[1:])
