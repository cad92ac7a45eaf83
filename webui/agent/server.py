"""Answer pages on the loopback address; only sites the person has named, one order at a time.

A page of any site can reach this address, and a name can be made to lead to it. So the Host
must be the loopback itself, the Origin one of the allowed, and the body JSON, which a browser
sends to another origin only after asking first.

Source: Fetch standard, clause 3.2 (CORS); Private Network Access, clause 3.
"""

import base64
import json
import os
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

import click

from webui.agent.codes import AgentCode, AgentError
from webui.agent.desk import Desk
from webui.agent.orders import ReadDigest, plain, read_order
from webui.agent.origins import AllowedOrigins

HOST = "127.0.0.1"
MAX_BODY_BYTES = 1024 * 1024
_LENGTH_DIGITS = 18
SOCKET_SECONDS = 15.0
STATUS_PATH, CERTIFICATES_PATH, SIGN_PATH = "/trang-thai", "/chung-thu", "/ky"

_STATUSES = {
    AgentCode.HOST_REFUSED: HTTPStatus.FORBIDDEN,
    AgentCode.ORIGIN_REFUSED: HTTPStatus.FORBIDDEN,
    AgentCode.REQUEST_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    AgentCode.REQUEST_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    AgentCode.ADDRESS_UNKNOWN: HTTPStatus.NOT_FOUND,
    AgentCode.ATTRIBUTES_REFUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
    AgentCode.TOKEN_ABSENT: HTTPStatus.SERVICE_UNAVAILABLE,
    AgentCode.KEY_ABSENT: HTTPStatus.NOT_FOUND,
    AgentCode.PIN_LOCKED: HTTPStatus.LOCKED,
    AgentCode.DECLINED: HTTPStatus.FORBIDDEN,
    AgentCode.BUSY: HTTPStatus.CONFLICT,
    AgentCode.TOO_SLOW: HTTPStatus.REQUEST_TIMEOUT,
    AgentCode.UNEXPECTED: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class AgentServer(ThreadingHTTPServer):
    """Serve one desk on one port of the loopback address.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True
    # On Windows reuse would let another program sit on the same port.
    allow_reuse_address = os.name == "posix"

    def __init__(
        self, port: int, *, desk: Desk, origins: AllowedOrigins, read_digest: ReadDigest
    ) -> None:
        self.desk = desk
        self.origins = origins
        self.read_digest = read_digest
        super().__init__((HOST, port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a page that was closed before its answer."""

    @property
    def hosts(self) -> frozenset[str]:
        """Return the names under which pages may ask."""
        return frozenset({f"{HOST}:{self.server_port}", f"localhost:{self.server_port}"})


class _Handler(BaseHTTPRequestHandler):
    """Answer one request."""

    server: AgentServer
    timeout = SOCKET_SECONDS
    server_version = "trinhky-agent"
    sys_version = ""

    def do_OPTIONS(self) -> None:
        """Tell a browser what a page of an allowed site may send."""
        self._guarded(lambda _: None)

    def do_GET(self) -> None:
        """Say that the agent is there."""
        self._guarded(lambda _: self._status() if self.path == STATUS_PATH else _unknown())

    def do_POST(self) -> None:
        """List certificates, or sign."""
        acts = {CERTIFICATES_PATH: self._certificates, SIGN_PATH: self._signatures}
        self._guarded(acts.get(self.path, _unknown))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of single requests: what is signed is shown when it is asked for."""

    def _guarded(self, act: Callable[[str], dict[str, object] | None]) -> None:
        """Check who asks before anything else is read, and answer."""
        allowed = ""
        try:
            # (1) By the address itself: a site's name that leads here is no site of ours.
            if self.headers.get("Host") not in self.server.hosts:
                raise AgentError(AgentCode.HOST_REFUSED)
            # (2) From an allowed site.
            allowed = self.server.origins.check(self.headers.get("Origin", ""))
            said = act(allowed)
            status = HTTPStatus.OK if said is not None else HTTPStatus.NO_CONTENT
        except AgentError as error:
            status, said = _STATUSES[error.code], {"code": error.code}
            click.echo(f"{error.code} {plain(error.detail)}".rstrip())
        # The border of the program: an error here must not end as half an answer.
        except Exception as error:  # noqa: BLE001
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            said = {"code": AgentCode.UNEXPECTED}
            click.echo(f"{AgentCode.UNEXPECTED} {type(error).__name__}")
        self._answer(status, said, allowed)

    def _answer(self, status: HTTPStatus, said: dict[str, object] | None, allowed: str) -> None:
        body = b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Vary", "Origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        if allowed:
            self._send_permissions(allowed)
        if body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_permissions(self, allowed: str) -> None:
        self.send_header("Access-Control-Allow-Origin", allowed)
        if self.command != "OPTIONS":
            return
        self.send_header("Access-Control-Allow-Methods", "GET, POST")
        self.send_header("Access-Control-Allow-Headers", "Content-Type")
        if self.headers.get("Access-Control-Request-Private-Network") == "true":
            self.send_header("Access-Control-Allow-Private-Network", "true")

    def _status(self) -> dict[str, object]:
        try:
            has_token, is_busy = self.server.desk.is_token_present(), False
        except AgentError as error:
            if error.code is not AgentCode.BUSY:
                raise
            has_token, is_busy = True, True
        return {"version": version("trinhky"), "token": has_token, "busy": is_busy}

    def _certificates(self, _origin: str) -> dict[str, object]:
        self._body()
        shown = self.server.desk.list_certificates()
        return {
            "certificates": [
                {
                    "sha256": each.sha256,
                    "name": each.name,
                    "not_after": each.not_after.isoformat(),
                }
                for each in shown
            ]
        }

    def _signatures(self, origin: str) -> dict[str, object]:
        order = read_order(self._body(), origin, self.server.read_digest)
        values = self.server.desk.sign(order)
        click.echo(f"✓ {len(values)} chữ ký / signatures → {origin}")
        return {"values": [base64.b64encode(each).decode() for each in values]}

    def _body(self) -> bytes:
        if self.headers.get_content_type() != "application/json":
            raise AgentError(AgentCode.REQUEST_INVALID, "not JSON")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()):
            raise AgentError(AgentCode.REQUEST_INVALID, "no length")
        # A number of thousands of digits is not even read as one.
        if len(length) > _LENGTH_DIGITS or int(length) > MAX_BODY_BYTES:
            raise AgentError(AgentCode.REQUEST_TOO_LARGE)
        return self.rfile.read(int(length))


def _unknown(_origin: str = "") -> dict[str, object]:
    raise AgentError(AgentCode.ADDRESS_UNKNOWN)
