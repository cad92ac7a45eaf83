"""Ask services outside: the only module that opens HTTP connections to other machines.

An address is called only when an administrator has named its host. The name is looked up once,
and the address that was checked is the one that is called, so that it cannot change in between;
nothing is followed, and size and time end where the caller says, whatever the other side does.

Source: threat U3 (requests forged through the server); RFC 9110, clause 15.4 (redirects).
"""

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from engine.errors import SignerUnavailableError

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_BYTES = 4 << 20
TIMEOUT_SECONDS = 15.0
_CHUNK_BYTES = 64 << 10
_OK = 200

Address = IPv4Address | IPv6Address


class AnswerRefusedError(SignerUnavailableError):
    """Report an answer whose status is not 200.

    Args:
        status: of HTTP.
        body: as it came, no longer than the limit; never a part of the error's text.
    """

    def __init__(self, host: str, status: int, body: bytes) -> None:
        self.status = status
        self.body = body
        super().__init__(f"{host} answered {status}")


class Outbound:
    """Ask the hosts that were named, each request on its own connection.

    Args:
        allowed_hosts: exact names or addresses, `host` or `host:port`; without a port, any.
        max_bytes: of an answer's body.
        timeout_seconds: of a whole request, from looking up the name to the last byte.
    """

    def __init__(
        self,
        allowed_hosts: Collection[str],
        *,
        max_bytes: int = MAX_BYTES,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._max_bytes = max_bytes
        self._timeout_seconds = timeout_seconds

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """Return what is at `url`.

        Raises:
            SignerUnavailableError: the host was not named, does not answer in time, answers
                more than `max_bytes`, or with another status than 200 (AnswerRefusedError).
        """
        return self._ask("GET", url, None, dict(headers or {}))

    def post(
        self,
        url: str,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        *,
        timeout_seconds: float | None = None,
    ) -> bytes:
        """Send `body` and return the answer.

        Args:
            timeout_seconds: where this request may take less than others.

        Raises:
            SignerUnavailableError: as for `get`.
        """
        words = {**(headers or {}), "Content-Type": content_type}
        return self._ask("POST", url, body, words, timeout_seconds)

    def _ask(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: dict[str, str],
        timeout_seconds: float | None = None,
    ) -> bytes:
        parts = self._checked(url)
        seconds = min(self._timeout_seconds, timeout_seconds or self._timeout_seconds)
        with _deadline(seconds) as deadline:
            try:
                status, answer = self._exchange(method, parts, body, headers, deadline)
            except (OSError, ValueError, HTTPException, HTTPError) as error:
                # Messages of the library may quote the address with its query; ours do not.
                fate = "took too long" if deadline.is_over else type(error).__name__
                raise SignerUnavailableError(f"{parts.netloc}: {fate}") from None
        if deadline.is_over:
            raise SignerUnavailableError(f"{parts.netloc}: took too long")
        if status != _OK:
            raise AnswerRefusedError(parts.netloc, status, answer)
        return answer

    def _checked(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise SignerUnavailableError("the address is malformed") from None
        if parts.scheme not in DEFAULT_PORTS or parts.username is not None or not url.isascii():
            raise SignerUnavailableError("only plain http and https addresses are called")
        wanted = port or DEFAULT_PORTS[parts.scheme]
        if not self._allowed & {host, f"{host}:{wanted}"}:
            raise SignerUnavailableError(f"host {host} was not named")
        return parts

    def _exchange(
        self,
        method: str,
        parts: SplitResult,
        body: bytes | None,
        headers: dict[str, str],
        deadline: "_Deadline",
    ) -> tuple[int, bytes]:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection(parts, deadline)
        try:
            connection.request(
                method,
                target,
                body=body,
                headers={**headers, "Accept-Encoding": "identity", "User-Agent": "trinhky"},
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
            return response.status, self._body(response)
        finally:
            connection.close()

    def _connection(self, parts: SplitResult, deadline: "_Deadline") -> HTTPConnection:
        host = parts.hostname or ""
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        if parts.scheme == "https":
            context = ssl.create_default_context()
            secure = _SecureConnection(host, port, timeout=self._timeout_seconds)
            secure.ssl_context = context
            secure.deadline = deadline
            return secure
        plain = _PlainConnection(host, port, timeout=self._timeout_seconds)
        plain.deadline = deadline
        return plain

    def _body(self, response: urllib3.BaseHTTPResponse) -> bytes:
        content = bytearray()
        for chunk in response.stream(_CHUNK_BYTES, decode_content=False):
            content += chunk
            if len(content) > self._max_bytes:
                raise ValueError("too long")
        return bytes(content)


class _Deadline:
    """Cut a connection off when its time is over, whatever it is waiting for."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._ends_at = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._plug: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def start(self) -> None:
        try:
            self._timer.start()
        except RuntimeError as error:
            raise SignerUnavailableError("no thread for the clock of a request") from error

    def remaining_seconds(self) -> float:
        """Return what is left, at least a moment: nought would mean not to wait at all."""
        return max(self._ends_at - time.monotonic(), 0.01)

    def guard(self, connected: socket.socket) -> None:
        """Remember a connection; a copy of its handle outlives the wrapping in TLS."""
        plug = socket.socket(fileno=os.dup(connected.fileno()))
        with self._lock:
            self._plug = plug
        if self.is_over:
            raise TimeoutError

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            if self._plug is not None:
                self._plug.close()
                self._plug = None

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            if self._plug is not None:
                with contextlib.suppress(OSError):
                    self._plug.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[_Deadline]:
    deadline = _Deadline(seconds)
    deadline.start()
    try:
        yield deadline
    finally:
        deadline.stop()


class _Pinned:
    """Connect to the address that was checked."""

    deadline: _Deadline
    host: str
    port: int
    timeout: Any

    def _new_conn(self) -> socket.socket:
        failure: OSError | None = None
        seconds = self.deadline.remaining_seconds()
        for address in _addresses_within(self.host, self.port, seconds):
            try:
                connected = socket.create_connection(
                    (str(address), self.port), timeout=self.deadline.remaining_seconds()
                )
            except OSError as error:
                failure = error
                continue
            connected.settimeout(self.timeout)
            self.deadline.guard(connected)
            return connected
        raise failure or OSError("no address")


class _PlainConnection(_Pinned, HTTPConnection):
    """Speak HTTP."""


class _SecureConnection(_Pinned, HTTPSConnection):
    """Speak HTTP over TLS; the certificate must be the named host's."""


def checked_addresses(host: str, port: int) -> list[Address]:
    """Return the addresses of `host` that may be called, in the order of the system.

    Raises:
        ValueError: it has none: addresses of the link, of groups and of this very machine are
            not called, the last unless the host was named by such an address.
        OSError: the name is unknown.
    """
    is_local = host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    usable = [each for each in addresses if _may_be_called(each, is_local=is_local)]
    if not usable:
        raise ValueError("no address that may be called")
    return usable


def _addresses_within(host: str, port: int, seconds: float) -> list[Address]:
    """Look up `host` in a thread that is left behind when it takes too long.

    The system's look-up cannot be cut off from outside; it ends by itself, later.

    Raises:
        ValueError: as `checked_addresses`.
        OSError: the same, or no answer in time.
    """
    found: list[Address] = []
    failures: list[Exception] = []

    def look_up() -> None:
        try:
            found.extend(checked_addresses(host, port))
        except (OSError, ValueError) as error:
            failures.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise OSError("no thread for the look-up of a name") from error
    thread.join(seconds)
    if failures:
        raise failures[0]
    if not found:
        raise TimeoutError
    return found


def _may_be_called(address: Address, *, is_local: bool) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    real = mapped or address
    if real.is_loopback:
        return is_local
    return not (real.is_link_local or real.is_multicast or real.is_unspecified or real.is_reserved)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
