"""Where mail goes out, as the environment says it."""

from datetime import timedelta
from pathlib import Path

import pytest

from engine.errors import InvalidInputError
from webui.mail_settings import read_notice_days, read_server


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMTP_URL", "SMTP_PASSWORD_FILE", "MAIL_FROM", "NOTICE_DAYS"):
        monkeypatch.delenv(f"TRINHKY_{name}", raising=False)


def test_read_server_returns_none_when_nothing_is_set() -> None:
    assert read_server() is None


@pytest.mark.parametrize(
    ("url", "reached", "user"),
    [
        ("smtp://mail.cantho.example", (587, False, False), ""),
        ("smtps://mail.cantho.example", (465, True, False), ""),
        ("smtp://bao%40cantho.example@127.0.0.1:25", (25, False, True), "bao@cantho.example"),
        ("smtp://[::1]:2525", (2525, False, True), ""),
        ("smtp://localhost", (587, False, True), ""),
        ("smtp://10.0.0.1", (587, False, False), ""),
    ],
)
def test_read_server_reads_the_address_when_it_is_one(
    monkeypatch: pytest.MonkeyPatch, url: str, reached: tuple[int, bool, bool], user: str
) -> None:
    monkeypatch.setenv("TRINHKY_SMTP_URL", url)
    monkeypatch.setenv("TRINHKY_MAIL_FROM", "bao@cantho.example")
    monkeypatch.setenv("TRINHKY_SMTP_PASSWORD_FILE", "/run/secrets/smtp")
    server = read_server()

    assert server is not None
    assert (server.port, server.is_wrapped, server.is_here) == reached
    assert server.user == user
    assert server.domain == "cantho.example"
    assert server.password_file == Path("/run/secrets/smtp")
    assert "/run/secrets" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example",
        "mail.example",
        "smtp://",
        "smtp://ai:mat-khau@mail.example",
        "smtp://mail.example:x",
    ],
)
def test_read_server_refuses_when_the_address_is_none(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("TRINHKY_SMTP_URL", url)
    monkeypatch.setenv("TRINHKY_MAIL_FROM", "bao@cantho.example")
    with pytest.raises(InvalidInputError) as refused:
        read_server()

    assert "mat-khau" not in str(refused.value)


@pytest.mark.parametrize(
    "sender", ["", "bao", "bao@", "@x.vn", "a b@x.vn", "báo@x.vn", "a@x\n.vn"]
)
def test_read_server_refuses_when_the_sender_is_none(
    monkeypatch: pytest.MonkeyPatch, sender: str
) -> None:
    monkeypatch.setenv("TRINHKY_SMTP_URL", "smtp://127.0.0.1:25")
    monkeypatch.setenv("TRINHKY_MAIL_FROM", sender)
    with pytest.raises(InvalidInputError):
        read_server()


def test_read_notice_days_is_half_a_year_unless_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_notice_days() == timedelta(days=180)
    monkeypatch.setenv("TRINHKY_NOTICE_DAYS", "30")
    assert read_notice_days() == timedelta(days=30)


@pytest.mark.parametrize("text", ["0", "-1", "x", "3651", "1.5", "٣"])
def test_read_notice_days_refuses_when_it_is_no_number(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("TRINHKY_NOTICE_DAYS", text)
    with pytest.raises(InvalidInputError):
        read_notice_days()
