import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from engine.errors import SignerUnavailableError
from signing.outbound import AnswerRefusedError, Outbound, checked_addresses
from tests.factories.decoys import Decoy, dripping, endless, plain, serving, silent

LOCAL = ("127.0.0.1",)
#: Of refusals for time: ours, or the system's where one look alone took all of it.
LATE = "took too long|TimeoutError"
Answer = Callable[[socket.socket, threading.Event], None]


@pytest.fixture
def service() -> Iterator[Decoy]:
    with serving(plain(b"answer")) as decoy:
        yield decoy


def test_get_returns_the_answer_when_the_host_was_named(service: Decoy) -> None:
    assert Outbound(LOCAL).get(f"{service.url}a/b?c=d") == b"answer"

    assert service.requests[0].startswith(b"GET /a/b?c=d HTTP/1.1\r\n")


def test_post_sends_body_type_and_headers(service: Decoy) -> None:
    Outbound(LOCAL).post(service.url, b"question", "text/plain", {"X-Own": "1"})

    request = service.requests[0]
    assert request.startswith(b"POST / HTTP/1.1\r\n")
    assert b"Content-Type: text/plain\r\n" in request
    assert b"X-Own: 1\r\n" in request


@pytest.mark.parametrize(
    "allowed",
    [(), ("localhost",), ("127.0.0.2",), ("127.0.0.1:1",), ("127.0.0.1.example",), ("0.0.1",)],
)
def test_nobody_is_called_when_the_host_was_not_named(
    service: Decoy, allowed: tuple[str, ...]
) -> None:
    with pytest.raises(SignerUnavailableError):
        Outbound(allowed).get(service.url)

    assert not service.requests


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "ldap://127.0.0.1/",
        "//127.0.0.1/",
        "http://",
        "http://[::1/",
        "http://127.0.0.1:99999/",
        "http://user@127.0.0.1/",
        "http://127.0.0.1\u2028/",
        "",
    ],
)
def test_get_refuses_an_address_that_is_not_plain_http(url: str) -> None:
    with pytest.raises(SignerUnavailableError):
        Outbound((*LOCAL, "", "::1", "user")).get(url)


def test_get_calls_the_named_port_only(service: Decoy) -> None:
    outbound = Outbound((f"127.0.0.1:{service.port}",))

    assert outbound.get(service.url) == b"answer"
    with pytest.raises(SignerUnavailableError):
        outbound.get(f"http://127.0.0.1:{service.port + 1}/")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Again", "308 Moved"])
def test_redirect_is_not_followed(service: Decoy, status: str) -> None:
    more = f"Location: {service.url}\r\n"
    with (
        serving(plain(b"", status=status, more=more)) as decoy,
        pytest.raises(AnswerRefusedError) as refused,
    ):
        Outbound(LOCAL).get(decoy.url)

    assert refused.value.status == int(status[:3])
    assert not service.requests


def test_refused_answer_keeps_its_body_out_of_the_text() -> None:
    with (
        serving(plain(b"secret words", status="400 Bad")) as decoy,
        pytest.raises(AnswerRefusedError) as refused,
    ):
        Outbound(LOCAL).get(decoy.url)

    assert refused.value.body == b"secret words"
    assert "secret" not in str(refused.value)


def test_answer_is_cut_off_when_it_has_no_end() -> None:
    with serving(endless) as decoy, pytest.raises(SignerUnavailableError):
        Outbound(LOCAL, max_bytes=1 << 20).get(decoy.url)


def test_answer_may_be_exactly_as_long_as_allowed() -> None:
    with serving(plain(bytes(1000))) as decoy:
        assert Outbound(LOCAL, max_bytes=1000).get(decoy.url) == bytes(1000)
        with pytest.raises(SignerUnavailableError):
            Outbound(LOCAL, max_bytes=999).get(decoy.url)


@pytest.mark.parametrize(
    "answer",
    [
        silent,
        dripping(b""),
        dripping(b"HTTP/1.1 200 OK\r\nX-Long: "),
        dripping(b"HTTP/1.1 200 OK\r\n\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    ],
    ids=["silent", "status", "header", "endless body", "long body", "chunk"],
)
def test_answer_is_cut_off_when_it_drips(answer: Answer) -> None:
    # It drips until it is told to stop, which is after the block: only who cuts it off ends.
    with serving(answer) as decoy, pytest.raises(SignerUnavailableError, match=LATE):
        Outbound(LOCAL, timeout_seconds=0.6).get(decoy.url)


@pytest.mark.parametrize("garbage", [b"\x00" * 400, b"220 smtp ready\r\n", b""])
def test_garbage_is_refused_when_it_is_not_http(garbage: bytes) -> None:
    def answer(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(garbage)

    with serving(answer) as decoy, pytest.raises(SignerUnavailableError):
        Outbound(LOCAL).get(decoy.url)


def test_cut_off_answer_is_refused_when_its_length_was_told() -> None:
    def answer(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

    with serving(answer) as decoy, pytest.raises(SignerUnavailableError):
        Outbound(LOCAL).get(decoy.url)


def test_get_says_so_when_nobody_listens() -> None:
    with serving(plain(b"")) as decoy:
        url = decoy.url

    with pytest.raises(SignerUnavailableError) as refused:
        Outbound(LOCAL).get(f"{url}?key=private")

    assert "private" not in str(refused.value)


def test_get_returns_the_answer_over_tls_when_the_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = _self_signed(tmp_path / "server.pem", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with serving_tls(_over_tls(certificate)) as port:
        assert Outbound(LOCAL).get(f"https://127.0.0.1:{port}/") == b"secret"


@pytest.mark.parametrize(("named", "is_trusted"), [("127.0.0.1", False), ("127.0.0.2", True)])
def test_nothing_is_asked_when_the_certificate_is_not_the_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, *, is_trusted: bool
) -> None:
    certificate = _self_signed(tmp_path / "server.pem", named)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    asked: list[bytes] = []

    with (
        serving_tls(_over_tls(certificate, asked)) as port,
        pytest.raises(SignerUnavailableError),
    ):
        Outbound(LOCAL).get(f"https://127.0.0.1:{port}/")

    assert not asked


def test_handshake_is_cut_off_when_it_drips() -> None:
    drip = dripping(b"\x16\x03\x03\x40\x00")

    with serving_tls(drip) as port, pytest.raises(SignerUnavailableError, match=LATE):
        Outbound(LOCAL, timeout_seconds=0.6).get(f"https://127.0.0.1:{port}/")


def _over_tls(certificate: Path, asked: list[bytes] | None = None) -> Answer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def answer(connection: socket.socket, stopped: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            request = secure.recv(65536)
            if asked is not None and request:
                asked.append(request)
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")

    return answer


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "240.0.0.1", "224.0.0.1", "fe80::1", "::", "::ffff:169.254.169.254"],
)
def test_address_is_refused_when_it_is_the_link_or_a_group(host: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        checked_addresses(host, 80)


def test_address_is_refused_when_a_name_leads_to_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)

    with pytest.raises(ValueError, match="no address"):
        checked_addresses("tsa.example", 80)
    assert [str(each) for each in checked_addresses("localhost", 80)] == ["127.0.0.1"]


def test_next_address_is_called_when_the_first_is_dead(
    service: Decoy, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, service.port))
        for address in ("127.0.0.9", "127.0.0.1")
    ]
    found = socket.getaddrinfo

    def look_up(host: str, *words: object, **named: object) -> object:
        return answers if host == "localhost" else found(host, *words, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    assert Outbound(("localhost",)).get(f"http://localhost:{service.port}/") == b"answer"


def test_get_is_given_up_when_the_look_up_of_the_name_is_slow(
    service: Decoy, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    found = socket.getaddrinfo

    def slow(*words: object, **named: object) -> object:
        released.wait()
        return found(*words, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        with pytest.raises(SignerUnavailableError, match=LATE):
            Outbound(("localhost",), timeout_seconds=0.3).get(f"http://localhost:{service.port}/")
    finally:
        released.set()

    assert not service.requests


def test_post_is_given_up_earlier_when_told_so() -> None:
    patient = Outbound(LOCAL, timeout_seconds=3600)
    with serving(silent) as decoy, pytest.raises(SignerUnavailableError, match=LATE):
        patient.post(decoy.url, b"", "text/plain", timeout_seconds=0.3)


def serving_tls(answer: Answer) -> "_Port":
    return _Port(answer)


class _Port:
    """Serve without reading first: TLS begins with the handshake."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self._listener.getsockname()[1])

    def __exit__(self, *words: object) -> None:
        self._stopped.set()
        self._listener.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
            with connection:
                self._answer(connection, self._stopped)
        except OSError:
            return


def _self_signed(path: Path, address: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "decoy")])
    now = datetime.now(UTC)  # noqa: TID251 the handshake goes by the machine's clock
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    return path
