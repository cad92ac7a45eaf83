"""Run a mail server on this machine that keeps, refuses, delays or drops what it is given."""

import email.policy
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER = "trinhky"
PASSWORD = "mat-khau-thu-tin"  # noqa: S105 of a server that lives for one test


@dataclass
class Mailbox:
    """Keep what arrives; `answers` are said instead of taking the next mails.

    Args:
        delay_seconds: before each answer to a mail.
        drops: takes the mail and hangs up without a word.
    """

    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    delay_seconds: float = 0.0
    drops: bool = False

    async def handle_RCPT(  # noqa: N802 the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.answers and self.answers[0].startswith("rcpt "):
            return self.answers.pop(0).removeprefix("rcpt ")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 the library's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.delay_seconds:
            time.sleep(self.delay_seconds)
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        if self.drops:
            server.transport.abort()
        return "250 taken"


@dataclass(frozen=True)
class RunningServer:
    """Hold where a server answers, and what it was given."""

    host: str
    port: int
    box: Mailbox


def _authenticate(_server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    knows = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=knows, handled=False)


@contextmanager
def mail_server(
    box: Mailbox, *, port: int = 0, asks_password: bool = False, tls: ssl.SSLContext | None = None
) -> Iterator[RunningServer]:
    """Run a server for the block.

    Args:
        port: the same again after the server was away; any free one unless told.
        tls: speaks TLS from the first byte.
    """
    options: dict[str, Any] = {}
    if asks_password:
        options = {
            "authenticator": _authenticate,
            "auth_require_tls": False,
        }
    controller = Controller(
        box, hostname="127.0.0.1", port=port or free_port(), ssl_context=tls, **options
    )
    controller.start()
    try:
        yield RunningServer("127.0.0.1", controller.port, box)
    finally:
        controller.stop()


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def text_of(mail: EmailMessage) -> str:
    """Return the plain words of a mail."""
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    """Return the HTML of a mail."""
    part = mail.get_body(("html",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())
