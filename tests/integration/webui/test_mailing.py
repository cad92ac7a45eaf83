"""The adapter that speaks SMTP, against servers that are slow, closed, encrypted or broken."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.errors import MailRefusedError, MailUnavailableError
from engine.model.notice import MailId
from engine.ports_notices import Letter
from tests.factories.mail_server import USER, Mailbox, free_port, html_of, mail_server, text_of
from webui.mail_settings import MailServer
from webui.mailing import NoMailer, SmtpMailer, build_message, one_line

SENDER = "bao@cantho.example"


def letter(**changes: object) -> Letter:
    values: dict[str, object] = {
        "mail_id": MailId("m-1"),
        "to": "ai@snv.example",
        "subject": "[Trình ký] Văn bản bị trả lại",
        "text": "Kính gửi,\n\nMột việc.\n",
        "html": "<p>Một việc.</p>",
        "made_at": dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC),
    }
    return Letter(**(values | changes))  # type: ignore[arg-type]


def server(port: int, **changes: object) -> MailServer:
    values: dict[str, object] = {"host": "127.0.0.1", "port": port, "sender": SENDER}
    return MailServer(**(values | changes))  # type: ignore[arg-type]


def self_signed(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server on this machine and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 TLS asks the machine's clock
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(path)
    return serving, ssl.create_default_context(cafile=str(path))


@dataclass
class Talker:
    """A server that hears nothing; it hangs up by itself only after `patience` words or gaps."""

    port: int
    hung_up: threading.Event = field(default_factory=threading.Event)


@contextmanager
def talker(*words: bytes, drip: bytes = b"", patience: int = 400) -> Iterator[Talker]:
    """Serve one caller: say the words, then a drip at every gap, whatever the caller says."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()
    served = Talker(listening.getsockname()[1])

    def talk() -> None:
        with listening, listening.accept()[0] as caller:
            for word, _ in zip(chain(words, repeat(drip)), range(patience), strict=False):
                try:
                    caller.sendall(word)
                except OSError:
                    return
                if over.wait(0.05):
                    return
            served.hung_up.set()

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        over.set()
        thread.join(5)


def test_smtp_mailer_sends_both_parts_when_the_server_takes_them() -> None:
    box = Mailbox()
    with mail_server(box) as running:
        SmtpMailer(server(running.port)).send(letter())

    [mail] = box.mails
    assert mail["Subject"] == "[Trình ký] Văn bản bị trả lại"
    assert mail["Message-ID"] == "<m-1@cantho.example>"
    assert mail["Date"] == "Mon, 23 Nov 2026 08:00:00 +0700"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Hệ thống Trình ký" in mail["From"]
    assert "Một việc." in text_of(mail)
    assert "<p>Một việc.</p>" in html_of(mail)


def test_smtp_mailer_sends_encrypted_when_the_server_wraps(tmp_path: Path) -> None:
    serving, trusting = self_signed(tmp_path)
    box = Mailbox()
    with mail_server(box, tls=serving) as running:
        SmtpMailer(server(running.port, is_wrapped=True), context=trusting).send(letter())
        with pytest.raises(MailUnavailableError) as refused:
            SmtpMailer(server(running.port, is_wrapped=True)).send(letter())

    assert len(box.mails) == 1
    assert "CERTIFICATE_VERIFY_FAILED" in refused.value.detail


def test_smtp_mailer_sends_nothing_when_a_server_elsewhere_cannot_encrypt() -> None:
    box = Mailbox()
    with mail_server(box) as running:
        # The machine itself under an address that is not loopback's.
        elsewhere = server(running.port, host="0.0.0.0", user="ai")  # noqa: S104 nothing listens
        with pytest.raises(MailUnavailableError) as refused:
            SmtpMailer(elsewhere).send(letter())

    assert box.mails == []
    assert "STARTTLS" in refused.value.detail


def test_smtp_mailer_gives_up_when_the_server_never_answers() -> None:
    with talker() as silent:
        with pytest.raises(MailUnavailableError):
            SmtpMailer(server(silent.port), answer_seconds=0.3).send(letter())
        # The mailer went first: the server would have held the line.
        assert not silent.hung_up.is_set()


def test_smtp_mailer_gives_up_when_the_server_drips() -> None:
    with talker(b"220 ", drip=b"x") as dripping:
        with pytest.raises(MailUnavailableError):
            SmtpMailer(server(dripping.port), answer_seconds=5, mail_seconds=0.5).send(letter())
        assert not dripping.hung_up.is_set()


def test_smtp_mailer_gives_up_when_the_mail_itself_is_not_answered() -> None:
    box = Mailbox(delay_seconds=1.5)
    with mail_server(box) as running, pytest.raises(MailUnavailableError):
        SmtpMailer(server(running.port), answer_seconds=0.3).send(letter())


def test_smtp_mailer_waits_when_the_server_closes_for_now() -> None:
    box = Mailbox(answers=["421 closing down"])
    with mail_server(box) as running, pytest.raises(MailUnavailableError) as refused:
        SmtpMailer(server(running.port)).send(letter())

    assert refused.value.detail == "421 closing down"


@pytest.mark.parametrize("greeting", [b"hello there\r\n", b"554 go away\r\n", b"\x00\xff\r\n"])
def test_smtp_mailer_gives_up_when_it_is_no_mail_server(greeting: bytes) -> None:
    with talker(greeting) as stranger, pytest.raises(MailUnavailableError) as refused:
        SmtpMailer(server(stranger.port), answer_seconds=1).send(letter())

    assert refused.value.detail.isprintable()


def test_smtp_mailer_keeps_the_answer_short_when_the_server_talks_much() -> None:
    box = Mailbox(answers=["550 " + "x" * 450])
    with mail_server(box) as running, pytest.raises(MailRefusedError) as refused:
        SmtpMailer(server(running.port)).send(letter())

    assert len(refused.value.detail) == 300
    assert refused.value.for_good


@pytest.mark.parametrize(
    "wrong", [{"host": f"{'x' * 70}.example"}, {"user": "người-gửi"}, {"sender": "<bao@snv>"}]
)
def test_smtp_mailer_names_no_value_when_a_setting_cannot_be_written(
    wrong: dict[str, object],
) -> None:
    with (
        mail_server(Mailbox(), asks_password=True) as running,
        pytest.raises(MailUnavailableError) as refused,
    ):
        SmtpMailer(server(running.port, **wrong)).send(letter())

    assert refused.value.detail.isidentifier()


def test_smtp_mailer_tells_nothing_of_the_password_when_it_is_not_ascii(tmp_path: Path) -> None:
    password_file = tmp_path / "smtp-password"
    password_file.write_text("mật-khẩu", encoding="utf-8")
    with mail_server(Mailbox(), asks_password=True) as running:
        wrong = server(running.port, user=USER, password_file=password_file)
        with pytest.raises(MailUnavailableError) as refused:
            SmtpMailer(wrong).send(letter())

    assert refused.value.detail.isascii()
    assert "ASCII" in refused.value.detail


def test_smtp_mailer_refuses_one_mail_when_its_address_cannot_be_written() -> None:
    with pytest.raises(MailRefusedError) as refused:
        SmtpMailer(server(free_port())).send(letter(to="ai..do@snv.example"))

    assert refused.value.for_good
    assert "snv.example" not in refused.value.detail


def test_smtp_mailer_gives_up_when_nobody_listens() -> None:
    with pytest.raises(MailUnavailableError):
        SmtpMailer(server(free_port())).send(letter())


def test_no_mailer_refuses_when_it_is_asked() -> None:
    assert not NoMailer().is_configured()
    with pytest.raises(MailUnavailableError):
        NoMailer().send(letter())


@pytest.mark.parametrize("gap", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\x00"])
def test_build_message_adds_no_header_when_the_subject_breaks_lines(gap: str) -> None:
    message = build_message(letter(subject=f"Tựa{gap}Bcc: ke@khac.example"), server(25))

    assert message["Bcc"] is None
    assert message["Subject"] == "Tựa Bcc: ke@khac.example"
    assert b"\nBcc:" not in message.as_bytes()


def test_build_message_refuses_when_the_address_breaks_lines() -> None:
    with pytest.raises(ValueError, match=r"address|addr|CR|LF"):
        build_message(letter(to="a@b.vn\nBcc: x@y.vn"), server(25))


def test_build_message_keeps_every_letter_when_the_subject_is_long() -> None:
    subject = "Về việc báo cáo tình hình sử dụng chữ ký số của các cơ quan, đơn vị " * 4
    raw = build_message(letter(subject=subject), server(25)).as_bytes()

    assert all(len(line) < 998 for line in raw.splitlines())
    assert build_message(letter(subject=subject), server(25))["Subject"] == one_line(subject)
