"""Sign with keys on tokens, each opened in a process of its own.

There is one process for each opening, not for each token: a login belongs to all sessions that a
process has with a token, so that two people whose keys are on one token would share it. Each
process has one thread and asks for one act at a time; where several are open on one token, its
maker's module or the device puts their acts in a row.

The PIN goes to the process over a socket without a name, never in arguments, environment or
files. Every value that comes back is checked against the certificate before it is used.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate, load_der_x509_certificate

from engine.errors import ErrorCode, PinRejectedError, SignerUnavailableError, SigningError
from engine.ports_signing import IssuedCertificate
from signing.cms import check_value
from signing.keys.token_uri import TokenKeyName
from signing.keys.wire import MAKING_FACTOR, Message, receive, send

_PROJECT = Path(__file__).parents[2]
_END_SECONDS = 3.0
_SLACK_SECONDS = 2.0

_REFUSALS = {
    "missing": ErrorCode.SIGNER_TOKEN_MISSING,
    "other_key": ErrorCode.SIGNER_KEY_OTHER,
    "exposed": ErrorCode.SIGNER_KEY_EXPOSED,
}


@dataclass(frozen=True, kw_only=True)
class TokenModule:
    """Say how tokens are reached.

    Args:
        path: shared library of the tokens' maker.
        audit_path: file of the processes' own lines; its folder must exist.
        idle_seconds: a process that is asked nothing for so long logs out.
        act_seconds: a token may take so long for one act, four times as long to make a key.
    """

    path: Path
    audit_path: Path
    idle_seconds: int = 300
    act_seconds: int = 30


class TokenProcess:
    """Own one process that holds one login; asked from one thread at a time.

    Raises:
        SignerUnavailableError: it cannot be started.
    """

    def __init__(self, module: TokenModule) -> None:
        self._lock = threading.Lock()
        self._act_seconds = module.act_seconds
        self._peer, theirs = socket.socketpair()
        with theirs:
            self._process: subprocess.Popen[bytes] | None = self._started(module, theirs)

    @property
    def pid(self) -> int:
        """Return the number of the process; 0 when it has ended."""
        return self._process.pid if self._process else 0

    def ask(self, message: Message) -> Message:
        """Return the answer to `message`.

        Raises:
            PinRejectedError: the token refuses the PIN.
            SignerUnavailableError: the process is gone or does not answer; or, with code
                SIGNER_TOKEN_MISSING, the token or the key is not there.
            SigningError: the key may not be used, by code.
        """
        with self._lock:
            answer = self._exchanged(message)
        word, detail = str(answer.get("error", "")), str(answer.get("detail", ""))
        if not word:
            return answer
        if word == "pin":
            raise PinRejectedError(f"token: {detail}")
        if word in {"other_key", "exposed"}:
            raise SigningError(f"token: {detail}", code=_REFUSALS[word])
        raise SignerUnavailableError(f"token: {detail}", code=_REFUSALS.get(word))

    def end(self) -> None:
        """Log out by ending the process; ending again is harmless."""
        with self._lock:
            self._end()

    def _exchanged(self, message: Message) -> Message:
        if self._process is None:
            raise SignerUnavailableError("the key is closed")
        try:
            self._peer.settimeout(self._patience_seconds(message))
            send(self._peer, message)
            answer = receive(self._peer)
        except (OSError, ValueError):
            answer = None
        if answer is None:
            self._process.kill()  # whatever it is doing, it will not say how it ended
            self._end()
            # The cause is not carried on: its frames hold the message, and that the PIN.
            raise SignerUnavailableError("the token's process is gone") from None
        return answer

    def _patience_seconds(self, message: Message) -> float:
        """Return a little more than the process gives the token."""
        factor = MAKING_FACTOR if message.get("do") == "make" else 1
        return self._act_seconds * factor + _SLACK_SECONDS

    def _started(self, module: TokenModule, theirs: socket.socket) -> subprocess.Popen[bytes]:
        number = str(theirs.fileno())
        words = (number, module.path, module.audit_path, module.idle_seconds, module.act_seconds)
        try:
            return subprocess.Popen(  # noqa: S603 our own module, no shell, no user words
                [sys.executable, "-m", "signing.keys.token_process", *map(str, words)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except (OSError, MemoryError) as error:
            self._peer.close()
            raise SignerUnavailableError("the token's process cannot be started") from error

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        self._peer.close()  # its end is the log-out
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
            return
        process.kill()
        process.wait()


class TokenKey:
    """Adapter of `OpenKey`: one key on one token, in its own process."""

    is_proved = True  # the token logged in

    def __init__(self, process: TokenProcess, certificate: Certificate) -> None:
        self._process = process
        self._certificate = certificate

    @property
    def pid(self) -> int:
        """Return the number of the process that holds the login; 0 when closed."""
        return self._process.pid

    def sign(self, attributes: bytes) -> bytes:
        """Return the raw signature over the SHA-256 of `attributes`.

        Raises:
            SignerUnavailableError: the key was closed, or the token was removed.
            SigningError: code SIGNATURE_VALUE_WRONG; the token signed with something else.
        """
        answer = self._process.ask({"do": "sign", "attributes": attributes.hex()})
        try:
            value = bytes.fromhex(str(answer["value"]))
        except (KeyError, ValueError):
            raise SignerUnavailableError("the token's process answers nonsense") from None
        check_value(self._certificate, attributes, value)
        return value

    def close(self) -> None:
        """End the process, which logs out."""
        self._process.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class TokenKeys:
    """Adapter of `SigningKeys` on the tokens of one maker's module.

    Args:
        module: None where the installation has none.
    """

    def __init__(self, module: TokenModule | None) -> None:
        self._module = module

    def open(self, certificate: IssuedCertificate, pin: str) -> TokenKey:
        """Log in to the token that `certificate.key_ref` names, in a new process.

        Raises:
            PinRejectedError: wrong PIN, or the token itself has locked it.
            SignerUnavailableError: code SIGNER_TOKEN_MISSING when the token or the key is not
                there.
            SigningError: code SIGNER_KEY_OTHER; the key is not the certificate's. Code
                SIGNER_KEY_EXPOSED; it could be read from the token.
        """
        name = TokenKeyName.from_uri(certificate.key_ref)
        parsed = load_der_x509_certificate(certificate.der)
        process = TokenProcess(checked_module(self._module))
        try:
            process.ask(
                {
                    "do": "open",
                    "pin": pin,
                    "certificate": certificate.id,
                    "token": name.token,
                    "serial": name.serial,
                    "label": name.label,
                    "key_id": name.key_id.hex(),
                    "public": _public(parsed),
                }
            )
        except BaseException:
            process.end()
            raise
        return TokenKey(process, parsed)

    def check_signs_many(self, certificate: IssuedCertificate) -> None:
        """Refuse nothing: a login lasts until the key is closed."""


def checked_module(module: TokenModule | None) -> TokenModule:
    """Return the module.

    Raises:
        SignerUnavailableError: code SIGNER_TOKEN_MISSING; none is set up.
    """
    if module is None:
        raise SignerUnavailableError(
            "no PKCS#11 module is set up", code=ErrorCode.SIGNER_TOKEN_MISSING
        )
    return module


def _environment() -> dict[str, str]:
    """Return ours without the house's own: the first PIN of an installation may be there.

    The rest stays, for the maker's library may be told so where tokens are.
    """
    kept = {name: word for name, word in os.environ.items() if not name.startswith("TRINHKY_")}
    return {**kept, "PYTHONPATH": str(_PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}


def _public(certificate: Certificate) -> dict[str, str]:
    key = certificate.public_key()
    if isinstance(key, EllipticCurvePublicKey):
        point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"point": point.hex()}
    if isinstance(key, RSAPublicKey):
        numbers = key.public_numbers()
        return {"modulus": f"{numbers.n:x}", "exponent": f"{numbers.e:x}"}
    raise SigningError("the certificate's key is of an unknown kind")
