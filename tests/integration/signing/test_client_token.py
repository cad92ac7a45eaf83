"""The token at the official's own computer, asked in this process."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from engine.errors import ErrorCode, PinRejectedError, SignerUnavailableError
from engine.model.keys import KeyHome, KeyType
from signing.cms import check_value
from signing.keys.client_token import ClientToken
from tests.factories.certified import MADE_AT, a_certificate
from tests.factories.client_hsm import make_key, store_certificate
from tests.factories.softhsm import TOKEN_PIN, SoftHsm, a_softhsm

ATTRIBUTES = (b"attributes of one", b"attributes of another")


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    return a_softhsm(tmp_path / "hsm", monkeypatch)


@pytest.fixture
def token(softhsm: SoftHsm) -> ClientToken:
    return ClientToken(softhsm.module_path)


def certified(public_der: bytes) -> bytes:
    return a_certificate(public_der, home=KeyHome.CLIENT).der


def an_ed25519_certificate() -> bytes:
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "khóa lạ")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7)
    builder = builder.not_valid_before(MADE_AT)
    return (
        builder.not_valid_after(MADE_AT + timedelta(days=1))
        .sign(key, None)
        .public_bytes(Encoding.DER)
    )


@pytest.mark.parametrize("key_type", KeyType)
def test_sign_makes_a_value_for_each_of_the_attributes(
    softhsm: SoftHsm, token: ClientToken, key_type: KeyType
) -> None:
    make_key(softhsm.module_path, "other", key_type=key_type)
    der = certified(make_key(softhsm.module_path, key_type=key_type))

    values = token.sign(der, TOKEN_PIN, ATTRIBUTES)

    certificate = x509.load_der_x509_certificate(der)
    for attributes, value in zip(ATTRIBUTES, values, strict=True):
        check_value(certificate, attributes, value)


def test_sign_is_refused_when_the_pin_is_wrong(softhsm: SoftHsm, token: ClientToken) -> None:
    der = certified(make_key(softhsm.module_path))

    for pin in ("000000", "", "1" * 300):
        with pytest.raises(PinRejectedError) as refused:
            token.sign(der, pin, ATTRIBUTES)
        assert refused.value.__cause__ is None
    assert token.sign(der, TOKEN_PIN, ATTRIBUTES)


def test_sign_is_refused_when_the_key_is_on_no_token_here(
    softhsm: SoftHsm, token: ClientToken
) -> None:
    make_key(softhsm.module_path)
    make_key(softhsm.module_path, "rsa", key_type=KeyType.RSA2048)
    der = certified(make_key(softhsm.module_path, "gone"))
    softhsm.remove()
    softhsm.init_token()

    assert not token.holds(der)
    with pytest.raises(SignerUnavailableError) as refused:
        token.sign(der, TOKEN_PIN, ATTRIBUTES)

    assert refused.value.code is ErrorCode.SIGNER_TOKEN_MISSING


def test_sign_is_refused_when_the_token_has_the_certificate_without_its_key(
    softhsm: SoftHsm, token: ClientToken
) -> None:
    der = certified(make_key(softhsm.module_path))
    store_certificate(softhsm.module_path, der, "no-such-key")

    assert token.holds(der)
    with pytest.raises(SignerUnavailableError):
        token.sign(der, TOKEN_PIN, ATTRIBUTES)


def test_holds_refuses_a_key_of_an_unknown_kind(softhsm: SoftHsm, token: ClientToken) -> None:
    make_key(softhsm.module_path)

    with pytest.raises(SignerUnavailableError, match="unknown kind"):
        token.holds(an_ed25519_certificate())
    with pytest.raises(SignerUnavailableError, match="cannot be read"):
        token.holds(b"no certificate")


def test_list_certificates_leaves_out_what_cannot_be_read(
    softhsm: SoftHsm, token: ClientToken
) -> None:
    der = certified(make_key(softhsm.module_path))
    store_certificate(softhsm.module_path, b"\x30\x03garbage", "garbage")
    store_certificate(softhsm.module_path, der)

    (shown,) = token.list_certificates()

    assert shown.sha256 == hashlib.sha256(der).hexdigest()
    assert shown.name == "person-1"
    assert shown.not_after == MADE_AT + timedelta(days=730)


def test_token_is_absent_when_it_was_pulled_out(softhsm: SoftHsm, token: ClientToken) -> None:
    der = certified(make_key(softhsm.module_path))
    assert token.is_present()
    softhsm.remove()

    assert not token.is_present()
    with pytest.raises(SignerUnavailableError) as refused:
        token.holds(der)

    assert refused.value.code is ErrorCode.SIGNER_TOKEN_MISSING


def test_token_is_absent_when_the_module_is_none(tmp_path: Path) -> None:
    library = tmp_path / "module.so"
    library.write_bytes(b"not a library")

    assert not ClientToken(library).is_present()
    with pytest.raises(SignerUnavailableError) as refused:
        ClientToken(library).list_certificates()

    assert refused.value.code is ErrorCode.SIGNER_TOKEN_MISSING
