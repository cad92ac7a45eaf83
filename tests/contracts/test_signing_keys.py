"""One class for every home of keys: what holds for one, holds for all."""

import contextlib
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate

from engine.errors import (
    ErrorCode,
    PinRejectedError,
    SignerUnavailableError,
    SigningError,
    TrinhKyError,
)
from engine.model.keys import KeyHome, KeyType
from engine.model.verification import Verdict
from engine.ports_keys import MadeKey, OpenKey, SigningKeys
from engine.ports_pdf import PreparedSignature, SignatureAct
from engine.ports_signing import CertificateId, IssuedCertificate, SignatureField
from signing.keys.client import ClientKeys
from signing.keys.maker import HouseKeyMaker
from signing.keys.remote import RemoteKeys, RemoteService
from signing.keys.router import HouseKeys
from signing.keys.software import SoftwareKeys
from signing.keys.store import KeyStore
from signing.keys.token import TokenKeys
from tests.factories.certified import a_certificate
from tests.factories.pki_documents import a_stamp
from tests.factories.pki_world import PkiWorld, a_world
from tests.factories.softhsm import TOKEN_PIN, SoftHsm, a_copy, a_softhsm, find_module
from tests.fakes.csc_service import BEARER, csc_service

PIN = TOKEN_PIN
WRONG_PIN = "975318"
ATTRIBUTES = b"1\x0bsigned attributes of a document"
MESSAGES = [ATTRIBUTES, b"", bytes(100_000)]


@dataclass(frozen=True, kw_only=True)
class Home:
    """Hold one home of keys with two certificates in it, and the way to take it away."""

    keys: SigningKeys
    certificate: IssuedCertificate
    other: IssuedCertificate
    take_away: Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class MadeHome:
    """Hold two certificates and what their keys are in; copied for each test."""

    directory: Path
    certificates: tuple[IssuedCertificate, ...]


@pytest.fixture(scope="session")
def software_made(tmp_path_factory: pytest.TempPathFactory) -> dict[KeyType, MadeHome]:
    return {each: make_software(tmp_path_factory.mktemp(each), each) for each in KeyType}


def make_software(directory: Path, key_type: KeyType) -> MadeHome:
    store = KeyStore(directory / "pki")
    store.create()
    maker = HouseKeyMaker(store, None)
    made = [maker.make(KeyHome.SOFTWARE, key_type, name="khóa", pin=PIN) for _ in range(2)]
    return MadeHome(directory=directory / "pki", certificates=certified(KeyHome.SOFTWARE, made))


@pytest.fixture(scope="session")
def token_made(tmp_path_factory: pytest.TempPathFactory) -> dict[KeyType, MadeHome]:
    made = {}
    for key_type in KeyType:
        with pytest.MonkeyPatch.context() as monkeypatch:
            softhsm = a_softhsm(tmp_path_factory.mktemp(key_type) / "hsm", monkeypatch)
            keys = [softhsm.make_key(key_type, label) for label in ("khóa một", "khóa hai")]
        made[key_type] = MadeHome(
            directory=softhsm.directory, certificates=certified(KeyHome.TOKEN, keys)
        )
    return made


def certified(home: KeyHome, made: list[MadeKey]) -> tuple[IssuedCertificate, ...]:
    return tuple(a_certificate(key.public_key_der, home=home, key_ref=key.key_ref) for key in made)


def a_software_home(made: MadeHome, directory: Path) -> Home:
    shutil.copytree(made.directory, directory / "pki")

    def take_away() -> None:
        (directory / "pki" / "keys").rename(directory / "gone")

    first, second = made.certificates
    keys = SoftwareKeys(KeyStore(directory / "pki"))
    return Home(keys=keys, certificate=first, other=second, take_away=take_away)


def a_token_home(made: MadeHome, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    original = SoftHsm(directory=made.directory, module_path=find_module())
    softhsm = a_copy(original, directory / "hsm", monkeypatch)
    first, second = made.certificates
    keys = TokenKeys(softhsm.module)
    return Home(keys=keys, certificate=first, other=second, take_away=softhsm.remove)


@contextlib.contextmanager
def a_remote_home(made: MadeHome, directory: Path, key_type: KeyType) -> Iterator[Home]:
    token_file = directory / "csc-token"
    token_file.write_text(BEARER, encoding="ascii")
    store = KeyStore(made.directory)
    methods = ("credentials/info", "credentials/authorize", "signatures/signHash")
    with csc_service() as service:
        first, second = (
            service.add(key_type, pin=PIN, key=store.load(CertificateId(each.key_ref), PIN))
            for each in made.certificates
        )
        yield Home(
            keys=RemoteKeys(RemoteService.at(service.url, token_file)),
            certificate=first.certificate,
            other=second.certificate,
            take_away=lambda: service.faults.update(dict.fromkeys(methods, lambda: (503, b""))),
        )


@pytest.fixture(
    params=[
        "software-p256",
        "software-rsa",
        "token-p256",
        "token-rsa",
        "remote-p256",
        "remote-rsa",
    ]
)
def home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Home]:
    where, kind = request.param.split("-")
    key_type = KeyType.P256 if kind == "p256" else KeyType.RSA2048
    if where == "token":
        made = request.getfixturevalue("token_made")[key_type]
        yield a_token_home(made, tmp_path, monkeypatch)
        return
    made = request.getfixturevalue("software_made")[key_type]
    if where == "software":
        yield a_software_home(made, tmp_path)
        return
    with a_remote_home(made, tmp_path, key_type) as remote:
        yield remote


def is_signature(certificate: IssuedCertificate, message: bytes, value: bytes) -> bool:
    """Judge a value without our own code."""
    key = load_der_x509_certificate(certificate.der).public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(value, message, ec.ECDSA(SHA256()))
    else:
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(value, message, padding.PKCS1v15(), SHA256())
    return True


class TestSigningKeys:
    """Behave the same, wherever keys live."""

    @pytest.mark.parametrize("message", MESSAGES, ids=["attributes", "empty", "long"])
    def test_value_is_the_certificates_signature(self, home: Home, message: bytes) -> None:
        with home.keys.open(home.certificate, PIN) as key:
            value = key.sign(message)

        assert is_signature(home.certificate, message, value)

    def test_key_signs_again_and_again_while_it_is_open(self, home: Home) -> None:
        with home.keys.open(home.certificate, PIN) as key:
            messages = [f"văn bản {number}".encode() for number in range(20)]
            values = [key.sign(message) for message in messages]

        pairs = zip(messages, values, strict=True)
        assert all(is_signature(home.certificate, *pair) for pair in pairs)

    def test_two_keys_are_open_at_once_and_each_signs_for_itself(self, home: Home) -> None:
        with home.keys.open(home.certificate, PIN) as first:
            with home.keys.open(home.other, PIN) as second:
                theirs = second.sign(ATTRIBUTES)
            ours = first.sign(ATTRIBUTES)

        assert is_signature(home.certificate, ATTRIBUTES, ours)
        assert is_signature(home.other, ATTRIBUTES, theirs)

    @pytest.mark.parametrize("pin", [WRONG_PIN, "", f"{PIN}0", f" {PIN}", "ẵ" * 200])
    def test_open_refuses_when_the_pin_is_wrong(self, home: Home, pin: str) -> None:
        with pytest.raises(PinRejectedError):
            home.keys.open(home.certificate, pin)

    def test_right_pin_opens_when_a_wrong_one_came_before(self, home: Home) -> None:
        with pytest.raises(PinRejectedError):
            home.keys.open(home.certificate, WRONG_PIN)

        with home.keys.open(home.certificate, PIN) as key:
            assert is_signature(home.certificate, ATTRIBUTES, key.sign(ATTRIBUTES))

    def test_sign_refuses_when_the_key_is_closed(self, home: Home) -> None:
        key = home.keys.open(home.certificate, PIN)
        key.sign(ATTRIBUTES)
        key.close()
        key.close()

        with pytest.raises(SignerUnavailableError):
            key.sign(ATTRIBUTES)

    def test_open_refuses_when_the_certificate_names_another_key(self, home: Home) -> None:
        crossed = replace(home.certificate, key_ref=home.other.key_ref)

        with pytest.raises(SigningError) as refused:
            home.keys.open(crossed, PIN)

        assert refused.value.code is ErrorCode.SIGNER_KEY_OTHER

    def test_open_refuses_when_the_home_is_gone(self, home: Home) -> None:
        home.take_away()

        with pytest.raises(SignerUnavailableError) as refused:
            home.keys.open(home.certificate, PIN)

        assert refused.value.retryable

    @pytest.mark.parametrize("key_ref", ["cred-0", "pkcs11:token=x;object=y", "ab" * 16])
    def test_open_refuses_when_there_is_no_such_key(self, home: Home, key_ref: str) -> None:
        with pytest.raises(SignerUnavailableError):
            home.keys.open(replace(home.certificate, key_ref=key_ref), PIN)

    def test_pin_is_nowhere_when_all_is_done(
        self, home: Home, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        errors: list[TrinhKyError] = []
        for pin in (PIN, WRONG_PIN):
            try:
                with home.keys.open(home.certificate, pin) as key:
                    key.sign(ATTRIBUTES)
                    errors += failing(key, home)
            except TrinhKyError as error:
                errors.append(error)

        told = caplog.text + "".join(
            f"{error!r} {error} {error.detail} {error.params} {error.__cause__!r}"
            for error in errors
        )
        assert len(errors) == 2
        assert not any(pin in told for pin in (PIN, WRONG_PIN))
        assert not any(
            pin.encode() in path.read_bytes()
            for path in tmp_path.rglob("*")
            if path.is_file()
            for pin in (PIN, WRONG_PIN)
        )

    def test_key_is_proved_when_it_opened_and_signs_many(self, home: Home) -> None:
        home.keys.check_signs_many(home.certificate)

        with home.keys.open(home.certificate, PIN) as key:
            assert key.is_proved

    def test_open_key_shows_no_pin(self, home: Home) -> None:
        with home.keys.open(home.certificate, PIN) as key:
            assert PIN not in repr(key)
            assert PIN not in str(key.__dict__)


def failing(key: OpenKey, home: Home) -> list[TrinhKyError]:
    """Return what an open key says when it is closed."""
    key.close()
    try:
        key.sign(ATTRIBUTES)
    except TrinhKyError as error:
        return [error]
    return []


@pytest.mark.parametrize("home", ["token-p256", "remote-p256"], indirect=True)
def test_sign_refuses_when_the_home_goes_away_while_the_key_is_open(home: Home) -> None:
    with home.keys.open(home.certificate, PIN) as key:
        key.sign(ATTRIBUTES)
        home.take_away()

        with pytest.raises(SignerUnavailableError) as refused:
            key.sign(ATTRIBUTES)

    assert refused.value.retryable


class TestClientKeys:
    """Take values that a key elsewhere made, the way a file signed at the client is finished."""

    @pytest.fixture(params=list(KeyType))
    def world(self, request: pytest.FixtureRequest, tmp_path: Path) -> PkiWorld:
        return a_world(tmp_path / "pki", key_type=request.param)

    @pytest.fixture
    def act(self, world: PkiWorld) -> SignatureAct:
        return SignatureAct(
            field=SignatureField.LEADER,
            certificate=world.leader,
            appearance=a_stamp(),
            reason="Ký duyệt",
            at=world.clock.now(),
        )

    @pytest.fixture
    def begun(self, world: PkiWorld, act: SignatureAct) -> PreparedSignature:
        return world.signer.begin(world.prepared(), act)

    def test_nothing_is_opened_and_nothing_signs_many(self, world: PkiWorld) -> None:
        keys = ClientKeys()
        for act in (
            lambda: keys.open(world.leader, PIN),
            lambda: keys.check_signs_many(world.leader),
        ):
            with pytest.raises(SignerUnavailableError) as refused:
                act()
            assert refused.value.code is ErrorCode.SIGNER_AT_CLIENT

    def test_file_is_finished_when_the_value_is_the_certificates(
        self, world: PkiWorld, act: SignatureAct, begun: PreparedSignature
    ) -> None:
        with world.key_of(world.leader) as key:
            signed = world.signer.finish(begun, act, key.sign(begun.attributes))

        sealed = world.sealed(world.filled(signed.content))
        assert world.verifier.verify(sealed).verdict is Verdict.PASSED

    def test_value_is_refused_when_it_is_over_something_else(
        self, world: PkiWorld, act: SignatureAct, begun: PreparedSignature
    ) -> None:
        with world.key_of(world.leader) as key:
            value = key.sign(b"another document")

        assert code_of(world, act, begun, value) is ErrorCode.SIGNATURE_VALUE_WRONG

    def test_value_is_refused_when_another_key_made_it(
        self, world: PkiWorld, act: SignatureAct, begun: PreparedSignature
    ) -> None:
        with world.key_of(world.agency) as key:
            value = key.sign(begun.attributes)

        assert code_of(world, act, begun, value) is ErrorCode.SIGNATURE_VALUE_WRONG

    @pytest.mark.parametrize(
        "garbage",
        [b"", b"\0", b"0\x06\x02\x01\0\x02\x01\0", bytes(64), bytes(256), b"x" * 100_000],
    )
    def test_value_is_refused_when_it_is_garbage(
        self, world: PkiWorld, act: SignatureAct, begun: PreparedSignature, garbage: bytes
    ) -> None:
        assert code_of(world, act, begun, garbage) is ErrorCode.SIGNATURE_VALUE_WRONG


def code_of(
    world: PkiWorld, act: SignatureAct, begun: PreparedSignature, value: bytes
) -> ErrorCode:
    with pytest.raises(SigningError) as refused:
        world.signer.finish(begun, act, value)
    return refused.value.code


def test_house_opens_each_key_in_its_home(
    software_made: dict[KeyType, MadeHome],
    token_made: dict[KeyType, MadeHome],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    software = a_software_home(software_made[KeyType.P256], tmp_path)
    token = a_token_home(token_made[KeyType.P256], tmp_path, monkeypatch)
    house = HouseKeys(
        {
            KeyHome.SOFTWARE: software.keys,
            KeyHome.TOKEN: token.keys,
            KeyHome.CLIENT: ClientKeys(),
        }
    )

    for certificate in (software.certificate, token.certificate):
        with house.open(certificate, PIN) as key:
            assert is_signature(certificate, ATTRIBUTES, key.sign(ATTRIBUTES))
    with pytest.raises(SignerUnavailableError) as at_client:
        house.open(replace(token.certificate, key_home=KeyHome.CLIENT), PIN)
    assert at_client.value.code is ErrorCode.SIGNER_AT_CLIENT


def test_house_refuses_when_nobody_opens_such_keys(
    software_made: dict[KeyType, MadeHome], tmp_path: Path
) -> None:
    software = a_software_home(software_made[KeyType.P256], tmp_path)
    house = HouseKeys({KeyHome.SOFTWARE: software.keys})

    with pytest.raises(SignerUnavailableError):
        house.open(replace(software.certificate, key_home=KeyHome.REMOTE), PIN)
