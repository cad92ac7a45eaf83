import base64
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import load_der_x509_certificate

from engine.errors import (
    ErrorCode,
    InvalidInputError,
    PinRejectedError,
    SignerUnavailableError,
    SigningError,
)
from engine.model.keys import KeyType
from signing.cms import check_value
from signing.keys.remote import RemoteKey, RemoteKeys, RemoteService
from signing.outbound import Outbound
from tests.fakes.csc_service import BEARER, Credential, CscService, csc_service

PIN = "204680"
OTP = "731902"
ATTRIBUTES = b"signed attributes"
METHODS = ("credentials/info", "credentials/authorize", "signatures/signHash")
GARBAGE: dict[str, tuple[int, Any]] = {
    "no json": (200, b"<html>"),
    "nothing": (200, b""),
    "list": (200, b"[]"),
    "deep": (200, b"[" * 100_000),
    "not text": (200, b"\xff\xfe\x00"),
    "empty": (200, {}),
    "wrong types": (200, {"key": [], "cert": 1, "SAD": 7, "signatures": {}, "expiresIn": "x"}),
    "null": (200, {"key": None, "cert": None, "SAD": None, "signatures": None}),
    "not base64": (200, {"signatures": ["%%%"], "cert": {"certificates": ["%%%"]}}),
    "two values": (200, {"signatures": ["AA==", "AA=="], "SAD": ""}),
    "error": (500, {"error": "server_error"}),
    "moved": (302, b""),
}


@pytest.fixture
def service() -> Iterator[CscService]:
    with csc_service() as running:
        yield running


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "csc-token"
    path.write_text(f"{BEARER}\n", encoding="ascii")
    return path


@pytest.fixture
def keys(service: CscService, token_file: Path) -> RemoteKeys:
    return RemoteKeys(RemoteService.at(service.url, token_file, timeout_seconds=2))


def signs(key: RemoteKey, credential: Credential, attributes: bytes = ATTRIBUTES) -> bool:
    certificate = load_der_x509_certificate(credential.certificate.der)
    check_value(certificate, attributes, key.sign(attributes))
    return True


@pytest.mark.parametrize("scal", ["1", "2"])
def test_key_signs_with_pin_whatever_the_service_binds(
    service: CscService, keys: RemoteKeys, scal: str
) -> None:
    credential = service.add(KeyType.P256, pin=PIN, scal=scal)

    with keys.open(credential.certificate, PIN) as key:
        assert all(signs(key, credential, bytes([number])) for number in range(3))


@pytest.mark.parametrize("scal", ["1", "2"])
def test_wrong_pin_shows_at_opening_whatever_the_service_binds(
    service: CscService, keys: RemoteKeys, scal: str
) -> None:
    credential = service.add(KeyType.P256, pin=PIN, scal=scal)

    with pytest.raises(PinRejectedError):
        keys.open(credential.certificate, "000000")
    assert "signatures/signHash" not in service.methods()


def test_one_authorisation_is_used_for_one_signature(
    service: CscService, keys: RemoteKeys
) -> None:
    credential = service.add(KeyType.P256, pin=PIN)

    with keys.open(credential.certificate, PIN) as key:
        for number in range(3):
            key.sign(bytes([number]))

    sads = [words["SAD"] for method, words in service.asked if method == "signatures/signHash"]
    assert len(set(sads)) == 3
    assert service.methods().count("credentials/authorize") == 3


@pytest.mark.parametrize(
    ("pin", "typed"), [("", OTP), (PIN, f"{PIN} {OTP}"), (PIN, f" {PIN}   {OTP} ")]
)
@pytest.mark.parametrize("scal", ["1", "2"])
def test_key_signs_with_a_one_time_password(
    service: CscService, keys: RemoteKeys, pin: str, typed: str, scal: str
) -> None:
    credential = service.add(KeyType.P256, pin=pin, otp=OTP, scal=scal)

    with keys.open(credential.certificate, typed) as key:
        assert signs(key, credential)


@pytest.mark.parametrize("typed", [PIN, OTP, f"{PIN}{OTP}", f"{OTP} {PIN}", ""])
def test_open_refuses_when_pin_or_password_is_lacking(
    service: CscService, keys: RemoteKeys, typed: str
) -> None:
    credential = service.add(KeyType.P256, pin=PIN, otp=OTP)

    with pytest.raises(PinRejectedError):
        keys.open(credential.certificate, typed)


def test_wrong_one_time_password_shows_at_signing_when_it_is_bound_to_a_digest(
    service: CscService, keys: RemoteKeys
) -> None:
    credential = service.add(KeyType.P256, pin="", otp=OTP, scal="2")

    with keys.open(credential.certificate, "000000") as key:
        assert not key.is_proved
        with pytest.raises(PinRejectedError):
            key.sign(ATTRIBUTES)
        assert not key.is_proved
    with keys.open(credential.certificate, OTP) as key:
        key.sign(ATTRIBUTES)
        assert key.is_proved


@pytest.mark.parametrize(("pin", "otp", "scal"), [(PIN, "", "1"), (PIN, "", "2"), (PIN, OTP, "1")])
def test_key_is_proved_when_opening_had_the_pin_judged(
    service: CscService, keys: RemoteKeys, pin: str, otp: str, scal: str
) -> None:
    credential = service.add(KeyType.P256, pin=pin, otp=otp, scal=scal)

    with keys.open(credential.certificate, f"{pin} {otp}".strip()) as key:
        assert key.is_proved


@pytest.mark.parametrize("scal", ["1", "2"])
def test_second_signature_is_refused_when_the_password_is_spent(
    service: CscService, keys: RemoteKeys, scal: str
) -> None:
    credential = service.add(KeyType.P256, pin=PIN, otp=OTP, scal=scal)

    with pytest.raises(SigningError) as listed:
        keys.check_signs_many(credential.certificate)
    with keys.open(credential.certificate, f"{PIN} {OTP}") as key:
        key.sign(ATTRIBUTES)
        with pytest.raises(SigningError) as refused:
            key.sign(ATTRIBUTES)

    assert listed.value.code is refused.value.code is ErrorCode.SIGNER_SIGNS_ONCE
    assert service.methods().count("credentials/authorize") == 1


def test_key_signs_many_when_no_password_is_wanted(service: CscService, keys: RemoteKeys) -> None:
    credential = service.add(KeyType.P256, pin=PIN)

    keys.check_signs_many(credential.certificate)

    service.faults["credentials/info"] = lambda: (503, b"")
    with pytest.raises(SignerUnavailableError):
        keys.check_signs_many(credential.certificate)


@pytest.mark.parametrize("seconds", [b"1" + b"0" * 400, b"0", b"-1", b"86401", b"true", b"1.5"])
def test_authorisation_is_refused_when_its_lifetime_is_absurd(
    service: CscService, keys: RemoteKeys, seconds: bytes
) -> None:
    credential = service.add(KeyType.P256, pin=PIN)
    service.faults["credentials/authorize"] = lambda: (
        200,
        b'{"SAD": "x", "expiresIn": ' + seconds + b"}",
    )

    with pytest.raises(SignerUnavailableError):
        keys.open(credential.certificate, PIN)


def test_authorisation_may_last_a_day(service: CscService, keys: RemoteKeys) -> None:
    service.expires_in = 24 * 3600
    credential = service.add(KeyType.P256, pin=PIN)

    with keys.open(credential.certificate, PIN) as key:
        assert signs(key, credential)


def test_new_authorisation_is_asked_for_when_the_first_has_expired(
    service: CscService, token_file: Path
) -> None:
    now = [100.0]
    remote = RemoteService.at(service.url, token_file)
    credential = service.add(KeyType.P256, pin=PIN)

    with RemoteKeys(remote, monotonic=lambda: now[0]).open(credential.certificate, PIN) as key:
        now[0] += service.expires_in
        assert signs(key, credential)

    assert service.methods().count("credentials/authorize") == 2


def test_sign_says_so_when_the_service_forgot_its_authorisation(
    service: CscService, keys: RemoteKeys
) -> None:
    credential = service.add(KeyType.P256, pin=PIN)

    with keys.open(credential.certificate, PIN) as key:
        service.drop_approvals()
        with pytest.raises(SignerUnavailableError) as refused:
            key.sign(ATTRIBUTES)
        assert signs(key, credential)

    assert refused.value.code is ErrorCode.SIGNER_APPROVAL_LAPSED


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_an_unavailable_service(
    service: CscService, keys: RemoteKeys, method: str, garbage: tuple[int, Any]
) -> None:
    credential = service.add(KeyType.P256, pin=PIN)
    service.faults[method] = lambda: garbage

    with pytest.raises(SignerUnavailableError):
        keys.open(credential.certificate, PIN).sign(ATTRIBUTES)


@pytest.mark.parametrize("method", METHODS)
def test_slow_service_is_given_up_in_time(
    service: CscService, token_file: Path, method: str
) -> None:
    credential = service.add(KeyType.P256, pin=PIN)
    keys = RemoteKeys(RemoteService.at(service.url, token_file, timeout_seconds=0.5))
    given_up = threading.Event()

    def late() -> tuple[int, Any]:
        given_up.wait()
        return 200, {}

    service.faults[method] = late
    try:
        with pytest.raises(SignerUnavailableError):
            keys.open(credential.certificate, PIN).sign(ATTRIBUTES)
    finally:
        given_up.set()
    assert service.asked[-1][0] == method


def test_value_is_refused_when_another_key_made_it(service: CscService, keys: RemoteKeys) -> None:
    credential, other = (service.add(KeyType.P256, pin=PIN) for _ in range(2))

    with keys.open(credential.certificate, PIN) as key:
        credential.key = other.key
        with pytest.raises(SigningError) as refused:
            key.sign(ATTRIBUTES)

    assert refused.value.code is ErrorCode.SIGNATURE_VALUE_WRONG


def test_value_is_refused_when_the_service_signs_something_else(
    service: CscService, keys: RemoteKeys
) -> None:
    credential = service.add(KeyType.P256, pin=PIN)
    service.faults["signatures/signHash"] = lambda: (
        200,
        {"signatures": [base64.b64encode(bytes(70)).decode()]},
    )

    with keys.open(credential.certificate, PIN) as key, pytest.raises(SigningError) as refused:
        key.sign(ATTRIBUTES)

    assert refused.value.code is ErrorCode.SIGNATURE_VALUE_WRONG


@pytest.mark.parametrize(
    "change",
    [
        lambda credential: setattr(credential, "status", "disabled"),
        lambda credential: setattr(credential, "algorithms", ["1.2.840.113549.1.1.5"]),
        lambda credential: setattr(credential, "pin", ""),
    ],
    ids=["disabled", "sha1", "no pin"],
)
def test_open_refuses_when_the_credential_cannot_be_used(
    service: CscService, keys: RemoteKeys, change: Callable[[Credential], None]
) -> None:
    credential = service.add(KeyType.P256, pin=PIN)
    change(credential)

    with pytest.raises(SignerUnavailableError):
        keys.open(credential.certificate, PIN)


@pytest.mark.parametrize("content", ["another", "", "a\r\nX-Other: b", "ể", "x" * 10_000])
def test_open_refuses_when_the_houses_token_is_not_usable(
    service: CscService, keys: RemoteKeys, token_file: Path, content: str
) -> None:
    credential = service.add(KeyType.P256, pin=PIN)
    token_file.write_text(content, encoding="utf-8")

    with pytest.raises(SignerUnavailableError) as refused:
        keys.open(credential.certificate, PIN)
    assert not content or content not in str(refused.value)


def test_renewed_token_is_used_without_a_restart(
    service: CscService, keys: RemoteKeys, token_file: Path
) -> None:
    credential = service.add(KeyType.P256, pin=PIN)
    token_file.unlink()
    with pytest.raises(SignerUnavailableError):
        keys.open(credential.certificate, PIN)

    token_file.write_text(BEARER, encoding="ascii")

    assert signs(keys.open(credential.certificate, PIN), credential)


@pytest.mark.parametrize(
    "url",
    [
        "http://signing.example",
        "ftp://127.0.0.1",
        "signing.example",
        "",
        "http://[::1",
        "https:",
        "https://a:b@signing.example",
    ],
)
def test_service_is_refused_when_secrets_would_travel_in_the_open(
    url: str, token_file: Path
) -> None:
    with pytest.raises(InvalidInputError):
        RemoteService.at(url, token_file)


def test_nothing_the_service_wrote_is_repeated(service: CscService, keys: RemoteKeys) -> None:
    credential = service.add(KeyType.P256, pin=PIN)
    service.faults["credentials/authorize"] = lambda: (
        400,
        {"error": "strange words", "error_description": f"PIN {PIN} of the house {BEARER}"},
    )

    with pytest.raises(SignerUnavailableError) as refused:
        keys.open(credential.certificate, PIN)

    told = f"{refused.value!r} {refused.value.__cause__!r} {refused.value.params}"
    assert not any(word in told for word in (PIN, BEARER, "strange words"))


def test_open_refuses_when_no_service_is_set_up(service: CscService) -> None:
    credential = service.add(KeyType.P256, pin=PIN)

    with pytest.raises(SignerUnavailableError):
        RemoteKeys(None).open(credential.certificate, PIN)


def test_service_asks_its_own_host_only(service: CscService, token_file: Path) -> None:
    credential = service.add(KeyType.P256, pin=PIN)
    elsewhere = RemoteService(service.url, token_file, Outbound(("signing.example",)))

    with pytest.raises(SignerUnavailableError):
        RemoteKeys(elsewhere).open(credential.certificate, PIN)
    assert not service.asked
