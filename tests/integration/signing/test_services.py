"""Ask the authority's services with another program: OpenSSL."""

import random
import secrets
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from asn1crypto import core, tsp
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from engine.clock import FixedClock
from engine.errors import SignerUnavailableError
from engine.model.keys import KeyType
from engine.model.verification import Verdict
from engine.ports_services import CertificateStatus
from engine.ports_signing import CertificateId, IssuedCertificate, Revocation
from signing.authority import TSA_DAYS, AuthorityFiles
from signing.certificates import OCSP_SIGNER_DAYS
from signing.keys.store import KeyStore
from signing.ocsp import OcspResponder
from signing.timestamps import EVALUATION_POLICY
from signing.tsa import Rfc3161Service
from tests.factories.pki_world import AGENCY, PIN, PkiWorld, a_world

OPENSSL = shutil.which("openssl") or "openssl"
Find = Callable[[CertificateId], CertificateStatus | None]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> PkiWorld:
    # OpenSSL reads the machine's clock, so the world stands at the present.
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 the clock of OpenSSL
    return a_world(tmp_path_factory.mktemp("services") / "pki", at=now)


@pytest.fixture
def responder(world: PkiWorld) -> OcspResponder:
    files = AuthorityFiles(directory=world.directory)
    return OcspResponder(files, KeyStore(world.directory), world.clock)


@pytest.fixture
def stamps(world: PkiWorld) -> Rfc3161Service:
    return Rfc3161Service(world.directory, world.clock)


def openssl(*words: str | Path, ok: bool = True) -> str:
    done = subprocess.run(  # noqa: S603 OpenSSL, on files of the test
        [OPENSSL, *map(str, words)], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode == 0) is ok, done.stdout + done.stderr
    return done.stdout + done.stderr


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def asked(
    folder: Path, world: PkiWorld, responder: OcspResponder, find: Find, *options: str
) -> str:
    """Let OpenSSL ask about the leader, and judge the answer."""
    issuing = world.directory / "issuing.pem"
    leaf = put(folder, "leaf.pem", pem(world.leader.der))
    about = ("-issuer", issuing, "-cert", leaf)
    openssl("ocsp", *options, *about, "-reqout", folder / "request.der")
    answer = responder.answer((folder / "request.der").read_bytes(), find)
    put(folder, "answer.der", answer.der)
    root = world.directory / "root.pem"
    return openssl(
        "ocsp",
        *options,
        *about,
        "-no_nonce",  # none beside the one that the request holds
        "-reqin",
        folder / "request.der",
        "-respin",
        folder / "answer.der",
        "-CAfile",
        root,
        "-verify_other",
        issuing,
    )


def known(world: PkiWorld, revocation: Revocation | None = None) -> Find:
    def find(certificate_id: CertificateId) -> CertificateStatus | None:
        if certificate_id != world.leader.id:
            return None
        return CertificateStatus(revocation=revocation)

    return find


@pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
def test_ocsp_says_good_when_certificate_is(
    tmp_path: Path, world: PkiWorld, responder: OcspResponder, digest: str
) -> None:
    said = asked(tmp_path, world, responder, known(world), digest)

    assert "Response verify OK" in said
    assert "leaf.pem: good" in said
    assert "no nonce in response" not in said


@pytest.mark.parametrize(
    ("reason", "word"),
    [("key_compromise", "keyCompromise"), ("certificate_hold", "certificateHold")],
)
def test_ocsp_says_why_when_certificate_may_not_sign(
    tmp_path: Path, world: PkiWorld, responder: OcspResponder, reason: str, word: str
) -> None:
    revocation = Revocation(
        certificate_id=world.leader.id, revoked_at=world.clock.now(), reason=reason
    )

    said = asked(tmp_path, world, responder, known(world, revocation))

    assert "Response verify OK" in said
    assert "leaf.pem: revoked" in said
    assert word in said


def test_ocsp_says_unknown_when_certificate_was_never_issued(
    tmp_path: Path, world: PkiWorld, responder: OcspResponder
) -> None:
    assert "leaf.pem: unknown" in asked(tmp_path, world, responder, lambda _: None)


def test_ocsp_answer_may_be_kept_when_no_nonce_was_sent(
    tmp_path: Path, world: PkiWorld, responder: OcspResponder
) -> None:
    asked(tmp_path, world, responder, known(world), "-no_nonce")
    request = (tmp_path / "request.der").read_bytes()

    answer = responder.answer(request, known(world))

    assert answer.fresh_until == world.clock.now() + timedelta(hours=1)
    parsed = ocsp.load_der_ocsp_response(answer.der)
    assert not list(parsed.extensions)
    assert parsed.next_update_utc == answer.fresh_until


def an_ocsp_request(world: PkiWorld, nonce: bytes, issuer: bytes | None = None) -> bytes:
    files = AuthorityFiles(directory=world.directory)
    certificate = x509.load_der_x509_certificate(world.leader.der)
    of = files.certificate("issuing" if issuer is None else "root")
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, of, hashes.SHA256())
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def test_ocsp_repeats_the_nonce_when_one_was_sent(
    world: PkiWorld, responder: OcspResponder
) -> None:
    nonce = secrets.token_bytes(32)

    answer = responder.answer(an_ocsp_request(world, nonce), known(world))

    found = ocsp.load_der_ocsp_response(answer.der).extensions
    assert found.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce
    assert answer.fresh_until is None


@pytest.mark.parametrize(
    "request_der", [b"", b"\x30\x00", b"garbage", b"\x30\x82\xff\xff", b"0" * 5000]
)
def test_ocsp_calls_it_malformed_when_request_is_none(
    world: PkiWorld, responder: OcspResponder, request_der: bytes
) -> None:
    answer = responder.answer(request_der, known(world))

    status = ocsp.load_der_ocsp_response(answer.der).response_status
    assert status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_ocsp_calls_it_malformed_when_nonce_is_too_long(
    world: PkiWorld, responder: OcspResponder
) -> None:
    answer = responder.answer(an_ocsp_request(world, bytes(129)), known(world))

    status = ocsp.load_der_ocsp_response(answer.der).response_status
    assert status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_ocsp_is_not_for_others_when_issuer_is_not_ours(
    world: PkiWorld, responder: OcspResponder
) -> None:
    answer = responder.answer(an_ocsp_request(world, b"", issuer=b"root"), known(world))

    status = ocsp.load_der_ocsp_response(answer.der).response_status
    assert status is ocsp.OCSPResponseStatus.UNAUTHORIZED


def test_ocsp_signer_is_renewed_when_it_comes_to_its_end(tmp_path: Path) -> None:
    world = a_world(tmp_path / "pki")
    files = AuthorityFiles(directory=world.directory)
    first = files.certificate("ocsp")
    world.clock.move(timedelta(days=OCSP_SIGNER_DAYS - 31))
    world.authority.renew_services(world.clock.now())
    assert files.certificate("ocsp") == first

    world.clock.move(timedelta(days=2))
    world.authority.renew_services(world.clock.now())

    second = files.certificate("ocsp")
    assert second.public_key() != first.public_key()
    assert second.not_valid_after_utc - world.clock.now() == timedelta(days=OCSP_SIGNER_DAYS)
    assert second.extensions.get_extension_for_class(x509.OCSPNoCheck)
    key = KeyStore(world.directory).load_unattended("ocsp")
    assert key.public_key() == second.public_key()


def test_openssl_accepts_the_lists_and_finds_who_is_on_them(
    tmp_path: Path, world: PkiWorld
) -> None:
    files = AuthorityFiles(directory=world.directory)
    world.revoke(world.agency)
    put(tmp_path, "issuing.crl", files.crl_der("issuing"))

    said = openssl(
        "crl",
        "-inform",
        "DER",
        "-in",
        tmp_path / "issuing.crl",
        "-CAfile",
        world.directory / "issuing.pem",
        "-text",
    )

    assert "verify OK" in said
    assert f"{int(world.agency.id, 16):X}" in said.replace(":", "").replace("\n", "")
    both = b"".join(files.crl(name).public_bytes(Encoding.PEM) for name in ("root", "issuing"))
    put(tmp_path, "lists.pem", both)
    leaf = put(tmp_path, "leaf.pem", pem(world.agency.der))
    words = ("verify", "-crl_check_all", "-CRLfile", tmp_path / "lists.pem", "-CAfile")
    chain = ("-untrusted", world.directory / "issuing.pem")
    refused = openssl(*words, world.directory / "root.pem", *chain, leaf, ok=False)
    assert "certificate revoked" in refused
    good = put(tmp_path, "good.pem", pem(world.leader.der))
    assert "OK" in openssl(*words, world.directory / "root.pem", *chain, good)


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("asks_certificate", [True, False])
def test_tsa_is_believed_by_openssl_when_request_is_good(
    tmp_path: Path,
    world: PkiWorld,
    stamps: Rfc3161Service,
    digest: str,
    asks_certificate: bool,
) -> None:
    words = put(tmp_path, "words.txt", b"to be stamped")
    wishes = ["-cert"] if asks_certificate else []
    openssl("ts", "-query", "-data", words, f"-{digest}", *wishes, "-out", tmp_path / "q.tsq")
    put(tmp_path, "a.tsr", stamps.answer((tmp_path / "q.tsq").read_bytes()))

    chain = tmp_path / "chain.pem"
    chain.write_bytes(
        (world.directory / "issuing.pem").read_bytes() + (world.directory / "tsa.pem").read_bytes()
    )
    judge = ("ts", "-verify", "-in", tmp_path / "a.tsr", "-untrusted", chain)
    trust = ("-CAfile", world.directory / "root.pem")
    assert "Verification: OK" in openssl(*judge, "-queryfile", tmp_path / "q.tsq", *trust)
    other = put(tmp_path, "other.txt", b"something else")
    openssl(*judge, "-data", other, *trust, ok=False)
    said = openssl("ts", "-reply", "-in", tmp_path / "a.tsr", "-text")
    assert "Accuracy: 0x01 seconds" in said
    assert EVALUATION_POLICY in said


def a_stamp_request(
    algorithm: str = "sha256", digest: bytes = bytes(32), **changes: object
) -> bytes:
    values = {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": algorithm},
            "hashed_message": digest,
        },
        "cert_req": True,
    }
    return bytes(tsp.TimeStampReq(values | changes).dump())


class Refusal(core.Sequence):
    _fields: ClassVar = [("status", tsp.PKIStatusInfo)]


@pytest.mark.parametrize(
    ("request_der", "failure"),
    [
        (b"", "bad_data_format"),
        (b"garbage", "bad_data_format"),
        (a_stamp_request() + b"\x00", "bad_data_format"),
        (b"0" * 9000, "bad_data_format"),
        (a_stamp_request("sha1", bytes(20)), "bad_alg"),
        (a_stamp_request("md5", bytes(16)), "bad_alg"),
        (a_stamp_request("sha256", bytes(31)), "bad_data_format"),
        (a_stamp_request(req_policy="1.2.3.4"), "unaccepted_policy"),
        (a_stamp_request(nonce=-1), "bad_request"),
        (a_stamp_request(nonce=1 << 300), "bad_request"),
        (
            a_stamp_request(
                extensions=[{"extn_id": "1.2.3", "critical": False, "extn_value": b"\x05\x00"}]
            ),
            "unaccepted_extensions",
        ),
    ],
)
def test_tsa_rejects_when_request_cannot_be_answered(
    stamps: Rfc3161Service, request_der: bytes, failure: str
) -> None:
    status = Refusal.load(stamps.answer(request_der), strict=True)["status"]

    assert status["status"].native == "rejection"
    assert status["fail_info"].native == {failure}


def info_of(answer: bytes) -> tsp.TSTInfo:
    response = tsp.TimeStampResp.load(answer)
    content = response["time_stamp_token"]["content"]["encap_content_info"]["content"]
    return content.parsed


def test_tsa_repeats_nonce_and_never_a_serial(stamps: Rfc3161Service) -> None:
    request = a_stamp_request(nonce=(1 << 255) - 19, req_policy=EVALUATION_POLICY)

    found = [info_of(stamps.answer(request)) for _ in range(50)]

    assert {entry["nonce"].native for entry in found} == {(1 << 255) - 19}
    assert len({entry["serial_number"].native for entry in found}) == 50


def test_tsa_tells_the_time_of_its_clock(tmp_path: Path) -> None:
    at = datetime(2026, 2, 5, 8, 30, tzinfo=UTC)
    world = a_world(tmp_path / "pki", at=at)
    service = Rfc3161Service(world.directory, FixedClock(at))

    assert info_of(service.answer(a_stamp_request()))["gen_time"].native == at


def test_tsa_is_renewed_years_before_its_end_and_stamps_with_the_new_key(tmp_path: Path) -> None:
    world = a_world(tmp_path / "pki")
    files = AuthorityFiles(directory=world.directory)
    responder = OcspResponder(files, KeyStore(world.directory), world.clock)
    service = Rfc3161Service(world.directory, world.clock)
    service.answer(a_stamp_request())  # whoever keeps the old key must let go of it
    pdf = world.certified()
    first = files.certificate("tsa")
    world.clock.move(timedelta(days=TSA_DAYS - 1096))
    world.authority.renew_services(world.clock.now())
    assert files.certificate("tsa") == first

    world.clock.move(timedelta(days=2))
    world.authority.publish_crl([], world.clock.now())
    world.authority.renew_services(world.clock.now())

    second = files.certificate("tsa")
    assert second.public_key() != first.public_key()
    assert second.not_valid_after_utc - world.clock.now() == timedelta(days=TSA_DAYS)
    token = tsp.TimeStampResp.load(service.answer(a_stamp_request()))["time_stamp_token"]
    carried = token["content"]["certificates"][0].chosen.dump()
    assert carried == second.public_bytes(Encoding.DER)
    sealed = world.sealed(world.filled(pdf), certificate=renewed_agency(world))
    report = world.verifier.verify(sealed)
    assert report.verdict is Verdict.PASSED, report.message
    # Tokens of the first are in the world, so OCSP goes on answering for it.
    for certificate in (first, second):
        asked_about = ocsp.OCSPRequestBuilder().add_certificate(
            certificate, files.certificate("issuing"), hashes.SHA256()
        )
        der = asked_about.build().public_bytes(Encoding.DER)
        answer = ocsp.load_der_ocsp_response(responder.answer(der, lambda _: None).der)
        assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD


def renewed_agency(world: PkiWorld) -> IssuedCertificate:
    (agency,) = world.authority.issue([AGENCY], pin=PIN, key_type=KeyType.P256)
    return agency


def test_tsa_says_unavailable_when_only_its_key_was_renewed(
    world: PkiWorld, tmp_path: Path
) -> None:
    shutil.copytree(world.directory, tmp_path / "pki")
    key = ec.generate_private_key(ec.SECP256R1())
    KeyStore(tmp_path / "pki").save_unattended("tsa", key)

    with pytest.raises(SignerUnavailableError):
        Rfc3161Service(tmp_path / "pki", world.clock).answer(a_stamp_request())


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Return `content` with one to three octets changed, lost or added."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(changed))
        what = chance.choice(["change", "change", "change", "lose", "add"])
        if what == "change":
            changed[place] = chance.choice(
                [0, 1, 2, 3, 8, 0x7F, 0x80, 0xFF, chance.randrange(256)]
            )
        elif what == "lose" and len(changed) > 1:
            del changed[place]
        else:
            changed.insert(place, chance.randrange(256))
    return bytes(changed)


def test_services_answer_whatever_they_are_sent(
    world: PkiWorld, responder: OcspResponder, stamps: Rfc3161Service
) -> None:
    chance = random.Random(9)  # noqa: S311 the same octets each time
    status = an_ocsp_request(world, b"x" * 16)
    full = {
        "req_policy": EVALUATION_POLICY,
        "nonce": 5,
        "extensions": [{"extn_id": "1.2.3", "extn_value": b"\x05\x00"}],
    }
    requests = (a_stamp_request(nonce=5), a_stamp_request(**full))

    for _ in range(500):
        answer = responder.answer(mutated(status, chance), known(world))
        assert ocsp.load_der_ocsp_response(answer.der)
        assert Refusal.load(stamps.answer(mutated(chance.choice(requests), chance)))["status"]


def twice_the_same(request: bytes) -> bytes:
    found = asn1_ocsp.OCSPRequest.load(request)
    (nonce,) = found["tbs_request"]["request_extensions"]
    found["tbs_request"]["request_extensions"] = [nonce.copy(), nonce.copy()]
    return bytes(found.dump(force=True))


def with_serial(request: bytes, serial: int) -> bytes:
    found = asn1_ocsp.OCSPRequest.load(request)
    found["tbs_request"]["request_list"][0]["req_cert"]["serial_number"] = serial
    return bytes(found.dump(force=True))


@pytest.mark.parametrize(
    "change",
    [
        twice_the_same,
        lambda request: with_serial(request, -5),
        lambda request: with_serial(request, 1 << 200),
    ],
    ids=["duplicate_extension", "negative_serial", "long_serial"],
)
def test_ocsp_is_malformed_when_request_breaks_the_rules(
    world: PkiWorld, responder: OcspResponder, change: Callable[[bytes], bytes]
) -> None:
    answer = responder.answer(change(an_ocsp_request(world, b"x" * 16)), known(world))

    status = ocsp.load_der_ocsp_response(answer.der).response_status
    assert status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST
