"""Give mail to an SMTP server: one connection a mail, encrypted, never longer than a minute."""

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from engine.clock import local
from engine.errors import MailRefusedError, MailUnavailableError
from engine.ports_notices import Letter
from webui.mail_settings import MailServer

#: For each answer of the server.
ANSWER_SECONDS = 15.0
#: For the whole mail: a server that sends a byte now and then must not hold the queue.
MAIL_SECONDS = 60.0
#: The answer is kept and shown to administrators; a server may send a novel.
_MAX_ANSWER_CHARS = 300
_SENDER_NAME = "Hệ thống Trình ký"
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOT_NOW = range(400, 500)
_SERVICE_CLOSING = 421


class NoMailer:
    """Stand where no mail server is set."""

    def is_configured(self) -> bool:
        """Tell that there is none."""
        return False

    def send(self, letter: Letter) -> None:  # noqa: ARG002 every mailer takes one
        """Refuse.

        Raises:
            MailUnavailableError: always.
        """
        raise MailUnavailableError("TRINHKY_SMTP_URL is not set")


class SmtpMailer:
    """Send through one SMTP server.

    Args:
        context: how the server's certificate is checked; the machine's own roots unless told.
    """

    def __init__(
        self,
        server: MailServer,
        *,
        context: ssl.SSLContext | None = None,
        answer_seconds: float = ANSWER_SECONDS,
        mail_seconds: float = MAIL_SECONDS,
    ) -> None:
        self._server = server
        self._context = context or ssl.create_default_context()
        self._answer_seconds = answer_seconds
        self._mail_seconds = mail_seconds

    def is_configured(self) -> bool:
        """Tell that there is a server."""
        return True

    def send(self, letter: Letter) -> None:
        """Give one mail to the server; when it returns, the server has taken it.

        Raises:
            MailRefusedError: the server does not take this one.
            MailUnavailableError: no server, or it lets nobody in.
        """
        _check_recipient(letter)
        with _translated():
            message = build_message(letter, self._server)
            with self._connected() as connection:
                connection.send_message(message)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        connection = self._connect()
        try:
            self._begin(connection)
            yield connection
            _leave(connection)
        finally:
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        options: dict[str, Any] = {
            # Named, so that the machine's own name is neither looked up nor told.
            "local_hostname": server.domain,
            "timeout": self._answer_seconds,
            "mail_seconds": self._mail_seconds,
        }
        if server.is_wrapped:
            return _WatchedTls(server.host, server.port, context=self._context, **options)
        return _Watched(server.host, server.port, **options)

    def _begin(self, connection: smtplib.SMTP) -> None:
        """Encrypt, then sign in; a server that cannot encrypt gets neither password nor mail."""
        server = self._server
        connection.ehlo_or_helo_if_needed()
        if not server.is_wrapped and not server.is_here:
            connection.starttls(context=self._context)
            connection.ehlo()
        if server.user:
            connection.login(server.user, _read_password(server))


class _Watched(smtplib.SMTP):
    """End the connection from outside when its time is over: whoever waits gets an error."""

    def __init__(self, host: str, port: int, *, mail_seconds: float, **options: Any) -> None:
        self._watch = threading.Timer(mail_seconds, self._cut)
        self._watch.daemon = True
        self._watch.start()
        try:
            super().__init__(host, port, **options)
        except BaseException:
            self._watch.cancel()
            raise

    def close(self) -> None:
        """Close, and watch no more."""
        super().close()
        if self.sock is None:
            self._watch.cancel()

    def _cut(self) -> None:
        held = self.sock
        if held is not None:
            # Not the method of a TLS socket, which is in use by the thread that waits.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(held, socket.SHUT_RDWR)


class _WatchedTls(_Watched, smtplib.SMTP_SSL):
    """Speak TLS from the first byte."""


def build_message(letter: Letter, server: MailServer) -> EmailMessage:
    """Return the mail as it is sent; what people typed cannot become a header."""
    message = EmailMessage()
    message["From"] = Address(_SENDER_NAME, addr_spec=server.sender)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(local(letter.made_at))
    # The same at every try, so that a mail sent twice can be told from two.
    message["Message-ID"] = f"<{letter.mail_id}@{server.domain}>"
    # No holiday answers, please: nobody reads them.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def one_line(text: str) -> str:
    """Return a text without line breaks and other control characters."""
    return _NOT_SHOWN.sub(" ", text).strip()


def _check_recipient(letter: Letter) -> None:
    """Refuse one mail for good if its address cannot be written; the others may go."""
    try:
        Address(addr_spec=letter.to)
    except (ValueError, MessageError):
        # Whose address it is stays out of the answer administrators read.
        raise MailRefusedError("the address cannot be written", for_good=True) from None


def _read_password(server: MailServer) -> str:
    if server.password_file is None:
        return ""
    try:
        password = server.password_file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise MailUnavailableError("the file of the mail password cannot be read") from error
    if not password.isascii():
        raise MailUnavailableError("the mail password has letters that are not ASCII")
    return password


def _leave(connection: smtplib.SMTP) -> None:
    """Say goodbye; the mail is taken, so a server that does not answer any more is no matter."""
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        return


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the library raises into what the house knows."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _refused(code, answer) from error
    except smtplib.SMTPDataError as error:
        raise _refused(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPResponseException as error:
        # The sender or the sign-in is refused: so would every other mail be.
        raise MailUnavailableError(_answer(error.smtp_code, error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailUnavailableError(one_line(f"{type(error).__name__}: {error}")) from error
    except (ValueError, MessageError) as error:
        # A host, user or sender that cannot be written down: so it is for every other mail. Its
        # kind alone is told, since the text quotes what it is about.
        raise MailUnavailableError(type(error).__name__) from None


def _refused(code: int, answer: bytes | str) -> MailRefusedError | MailUnavailableError:
    told = _answer(code, answer)
    if code == _SERVICE_CLOSING:
        return MailUnavailableError(told)
    return MailRefusedError(told, for_good=code not in _NOT_NOW)


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return one_line(f"{code} {text}")[:_MAX_ANSWER_CHARS]


def mailer_of(server: MailServer | None) -> SmtpMailer | NoMailer:
    """Return how mail is sent in an installation."""
    return NoMailer() if server is None else SmtpMailer(server)
