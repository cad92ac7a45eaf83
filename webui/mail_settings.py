"""Read where mail goes out, from whom, and how long notices are kept."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from engine.errors import InvalidInputError

DEFAULT_NOTICE_DAYS = 180
_MOST_NOTICE_DAYS = 3650
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Hold how to reach the mail server.

    Args:
        is_wrapped: TLS from the first byte (`smtps`); otherwise STARTTLS comes before anything
            else, except on this machine.
        user: signs in under this name; "" signs in nowhere.
        password_file: read at each sending; None for no password.
    """

    host: str
    port: int
    sender: str
    is_wrapped: bool = False
    user: str = ""
    password_file: Path | None = field(default=None, repr=False)

    @property
    def is_here(self) -> bool:
        """Tell whether the server is on this machine, where nobody listens in."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def domain(self) -> str:
        """Return the domain mail is sent from."""
        return self.sender.rpartition("@")[2].rstrip(">")


def read_server() -> MailServer | None:
    """Return the server of `TRINHKY_SMTP_URL`, None when none is set.

    Raises:
        InvalidInputError: no `smtp://` or `smtps://` address, or `TRINHKY_MAIL_FROM` is none.
    """
    url = os.environ.get("TRINHKY_SMTP_URL", "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.password:
        # A password would be seen by whoever lists the environment of processes.
        raise InvalidInputError(
            "TRINHKY_SMTP_URL must be smtp://user@host:port, without a password",
            field="TRINHKY_SMTP_URL",
        )
    password_file = os.environ.get("TRINHKY_SMTP_PASSWORD_FILE", "").strip()
    return MailServer(
        host=parts.hostname,
        port=_port(parts.scheme, url),
        sender=_sender(),
        is_wrapped=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password_file=Path(password_file) if password_file else None,
    )


def read_notice_days() -> timedelta:
    """Return how long notices are kept: `TRINHKY_NOTICE_DAYS`, 180 unless set.

    Raises:
        InvalidInputError: no number from 1 to 3650.
    """
    text = os.environ.get("TRINHKY_NOTICE_DAYS", "").strip() or str(DEFAULT_NOTICE_DAYS)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST_NOTICE_DAYS):
        raise InvalidInputError(
            f"TRINHKY_NOTICE_DAYS must be a number from 1 to {_MOST_NOTICE_DAYS}",
            field="TRINHKY_NOTICE_DAYS",
        )
    return timedelta(days=int(text))


def _port(scheme: str, url: str) -> int:
    try:
        return urlsplit(url).port or _PORTS[scheme]
    except ValueError as error:
        raise InvalidInputError("TRINHKY_SMTP_URL: no port", field="TRINHKY_SMTP_URL") from error


def _sender() -> str:
    sender = os.environ.get("TRINHKY_MAIL_FROM", "").strip()
    name, at, domain = sender.rpartition("@")
    if not (name and at and domain and sender.isascii() and sender.isprintable()) or " " in sender:
        raise InvalidInputError(
            "TRINHKY_MAIL_FROM must be an address, name@host", field="TRINHKY_MAIL_FROM"
        )
    return sender
