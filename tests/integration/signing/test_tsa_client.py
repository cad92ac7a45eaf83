"""Ask time-stamp authorities that are slow, wrong or hostile."""

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from engine.clock import Clock
from engine.errors import ErrorCode, SignerUnavailableError
from engine.model.verification import Verdict
from engine.ports_pdf import SignatureAct
from engine.ports_signing import DocumentStage, SignatureField
from signing import loop
from signing.authority import AuthorityFiles
from signing.keys.store import KeyStore
from signing.outbound import Outbound
from signing.signer import PyHankoPdfSigner
from signing.timestamps import LocalTimeStamper
from signing.tsa import Rfc3161Service
from signing.tsa_client import REST_SECONDS, HttpTimeStamper, StampTrust
from tests.factories import decoys
from tests.factories.answering import answering
from tests.factories.pki_documents import a_stamp
from tests.factories.pki_world import STYLE, PkiWorld, a_world

VALUE = b"a raw signature"
DIGEST = hashlib.sha256(VALUE).digest()
Answer = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> PkiWorld:
    return a_world(tmp_path_factory.mktemp("tsa") / "pki")


class Monotonic:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def a_client(
    url: str,
    world: PkiWorld,
    *,
    trusted: PkiWorld | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    clock: Clock | None = None,
    timeout_seconds: float = 60.0,
) -> HttpTimeStamper:
    root = (trusted or world).directory / "root.pem"
    certificate = x509.load_pem_x509_certificate(root.read_bytes())
    trust = StampTrust(anchors=[certificate.public_bytes(Encoding.DER)])
    return HttpTimeStamper(
        url,
        outbound=Outbound(["127.0.0.1"], max_bytes=100_000, timeout_seconds=timeout_seconds),
        read_trust=lambda: trust,
        clock=clock or world.clock,
        monotonic=monotonic,
    )


def asked(client: HttpTimeStamper) -> bytes | None:
    return loop.run(client.async_token(VALUE))


def honest(world: PkiWorld) -> Answer:
    return Rfc3161Service(world.directory, world.clock).answer


def stamping(world: PkiWorld, change: Callable[[dict[str, object]], None]) -> Answer:
    """Return a service that changes the request before it answers it."""

    def answer(body: bytes) -> bytes:
        request = tsp.TimeStampReq.load(body)
        values: dict[str, object] = {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": request["message_imprint"]["hashed_message"].native,
            },
            "nonce": request["nonce"].native,
            "cert_req": True,
        }
        change(values)
        return honest(world)(tsp.TimeStampReq(values).dump())

    return answer


def test_client_takes_token_when_everything_fits(world: PkiWorld) -> None:
    with answering(honest(world)) as service:
        token = asked(a_client(service.url, world))

    assert token is not None
    info = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
    assert info["message_imprint"]["hashed_message"].native == DIGEST
    assert b"application/timestamp-query" in service.requests[0]


def test_signature_has_its_token_when_authority_is_outside(world: PkiWorld) -> None:
    act = SignatureAct(
        field=SignatureField.LEADER,
        certificate=world.leader,
        appearance=a_stamp(),
        reason="Ký duyệt",
        at=world.clock.now(),
    )
    with answering(honest(world)) as service, world.key_of(world.leader) as key:
        signer = PyHankoPdfSigner(
            directory=world.directory,
            clock=world.clock,
            style=STYLE,
            timestamper=a_client(service.url, world),
        )
        signed = signer.sign(world.prepared(), act, key)

    assert signed.is_stamped
    report = world.verifier.verify(signed.content, stage=DocumentStage.SIGNED)
    assert (report.verdict, report.reason) == (Verdict.PASSED, None)
    assert report.signatures[0].level == "B-T"


def other_imprint(values: dict[str, object]) -> None:
    values["message_imprint"] = {
        "hash_algorithm": {"algorithm": "sha256"},
        "hashed_message": bytes(32),
    }


def other_algorithm(values: dict[str, object]) -> None:
    values["message_imprint"] = {
        "hash_algorithm": {"algorithm": "sha512"},
        "hashed_message": bytes(64),
    }


def other_nonce(values: dict[str, object]) -> None:
    values["nonce"] = 7


def no_nonce(values: dict[str, object]) -> None:
    del values["nonce"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (other_imprint, "it stamped something else"),
        (other_algorithm, "it stamped another digest algorithm"),
        (other_nonce, "its nonce is not ours"),
        (no_nonce, "its nonce is not ours"),
        (lambda values: values.update(req_policy="1.2.3.4"), "it answered rejection"),
        (lambda values: values.update(cert_req=False), "it sent no certificate"),
    ],
)
def test_client_has_no_token_when_answer_is_about_something_else(
    world: PkiWorld,
    caplog: pytest.LogCaptureFixture,
    change: Callable[[dict[str, object]], None],
    why: str,
) -> None:
    with answering(stamping(world, change)) as service:
        assert asked(a_client(service.url, world)) is None

    assert why in caplog.text


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x30\x80\x30", b"\x30\x03\x02\x01\x00"])
def test_client_has_no_token_when_answer_is_garbage(
    world: PkiWorld, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    with answering(lambda _: content) as service:
        assert asked(a_client(service.url, world)) is None

    assert "no time-stamp: unreadable" in caplog.text


def test_client_has_no_token_when_authority_is_not_trusted(
    world: PkiWorld, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = a_world(tmp_path / "other")
    with answering(honest(other)) as service:
        assert asked(a_client(service.url, world)) is None

    assert "no time-stamp: its" in caplog.text


def test_client_has_no_token_when_certificate_is_for_documents(
    world: PkiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    issuing = AuthorityFiles(directory=world.directory).certificate_der("issuing")
    key = KeyStore(world.directory).load(world.agency.id, "482913")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    posing = Rfc3161Service(world.directory, world.clock)
    stamper = LocalTimeStamper(
        certificate=world.agency.der, key=key, chain=(issuing,), clock=world.clock
    )
    posing._stamps.__dict__["current"] = lambda: stamper
    with answering(posing.answer) as service:
        assert asked(a_client(service.url, world)) is None

    assert "not for time-stamps alone" in caplog.text


def test_client_has_no_token_when_a_byte_of_it_is_changed(
    world: PkiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    def changed(body: bytes) -> bytes:
        answer = honest(world)(body)
        return answer[:-1] + bytes([answer[-1] ^ 1])

    with answering(changed) as service:
        assert asked(a_client(service.url, world)) is None

    assert "no time-stamp: " in caplog.text


@pytest.mark.parametrize("drift", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_client_has_no_token_when_clocks_are_apart(
    world: PkiWorld, tmp_path: Path, caplog: pytest.LogCaptureFixture, drift: timedelta
) -> None:
    other = a_world(tmp_path / "other", at=world.clock.now() + drift)
    with answering(honest(other)) as service:
        client = a_client(service.url, world, trusted=other)
        assert asked(client) is None

    assert "its clock is" in caplog.text


def test_client_has_no_token_when_certificate_has_ended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = a_world(tmp_path / "pki")
    world.clock.move(timedelta(days=1900))
    with answering(honest(world)) as service:
        assert asked(a_client(service.url, world)) is None

    assert "no time-stamp: its" in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        decoys.silent,
        decoys.endless,
        decoys.dripping(b"HTTP/1.1 200 OK\r\n\r\n"),
        decoys.plain(b"", status="302 Found", more="Location: http://127.0.0.1:1/\r\n"),
        decoys.plain(b"", status="500 Oops"),
    ],
    ids=["silent", "gigabyte", "dripping", "redirect", "error"],
)
def test_client_has_no_token_when_service_misbehaves(
    world: PkiWorld, caplog: pytest.LogCaptureFixture, answer: Callable[..., None]
) -> None:
    # Those that never end do so after the block: only a client that gives up comes so far.
    with decoys.serving(answer) as decoy:
        assert asked(a_client(decoy.url, world, timeout_seconds=0.5)) is None

    assert len(decoy.requests) == 1
    assert "no time-stamp: 127.0.0.1" in caplog.text


def test_client_leaves_the_service_alone_when_it_failed(world: PkiWorld) -> None:
    monotonic = Monotonic()
    with decoys.serving(decoys.plain(b"", status="503 Busy")) as decoy:
        client = a_client(decoy.url, world, monotonic=monotonic)
        for _ in range(5):
            assert asked(client) is None
        assert len(decoy.requests) == 1

        monotonic.now += REST_SECONDS
        assert asked(client) is None
        assert len(decoy.requests) == 2


def test_document_stamp_fails_by_name_when_none_can_be_had(world: PkiWorld) -> None:
    with decoys.serving(decoys.plain(b"", status="503 Busy")) as decoy:
        client = a_client(decoy.url, world)
        with pytest.raises(SignerUnavailableError) as caught:
            loop.run(client.async_timestamp(DIGEST, "sha256"))

    assert caught.value.code is ErrorCode.TIMESTAMP_UNAVAILABLE
