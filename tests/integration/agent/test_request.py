"""A key on the official's token asks for its certificate."""

import os
import pty
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.errors import PinRejectedError, SignerUnavailableError
from engine.model.keys import KeyHome, KeyType
from signing.cms import check_value
from signing.keys.client_request import request_certificate
from signing.keys.client_token import ClientToken
from tests.factories.agents import PROJECT
from tests.factories.client_hsm import make_key
from tests.factories.pki_world import LEADER, a_world
from tests.factories.softhsm import TOKEN_PIN, SoftHsm, a_softhsm


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    return a_softhsm(tmp_path / "hsm", monkeypatch)


def public_der(request: bytes) -> bytes:
    key = x509.load_der_x509_csr(request).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("key_type", KeyType)
def test_request_certificate_proves_the_key_that_is_on_the_token(
    softhsm: SoftHsm, key_type: KeyType
) -> None:
    made = make_key(softhsm.module_path, "trinhky", key_type=key_type)

    request = request_certificate(softhsm.module_path, TOKEN_PIN, label="trinhky")

    assert x509.load_der_x509_csr(request).is_signature_valid
    assert public_der(request) == made


def test_request_certificate_makes_one_key_when_there_is_none(
    softhsm: SoftHsm, tmp_path: Path
) -> None:
    request = request_certificate(softhsm.module_path, TOKEN_PIN, label="trinhky")
    again = request_certificate(softhsm.module_path, TOKEN_PIN, label="trinhky")

    assert public_der(request) == public_der(again)
    # The authority takes the request, and the token signs for the certificate it gives.
    world = a_world(tmp_path / "pki")
    issued = world.authority.certify(
        LEADER, world.authority.check_csr(request), key_home=KeyHome.CLIENT
    )
    token = ClientToken(softhsm.module_path)
    assert token.holds(issued.der)
    (value,) = token.sign(issued.der, TOKEN_PIN, [b"attributes"])
    check_value(x509.load_der_x509_certificate(issued.der), b"attributes", value)


def test_request_certificate_is_refused_when_the_pin_is_wrong(softhsm: SoftHsm) -> None:
    with pytest.raises(PinRejectedError) as refused:
        request_certificate(softhsm.module_path, "000000", label="trinhky")

    assert "000000" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_request_certificate_is_refused_when_two_tokens_are_there(softhsm: SoftHsm) -> None:
    softhsm.init_token("Sở Tài chính")

    with pytest.raises(SignerUnavailableError, match="2 tokens"):
        request_certificate(softhsm.module_path, TOKEN_PIN, label="trinhky")


def test_agent_writes_the_request_for_its_person(softhsm: SoftHsm, tmp_path: Path) -> None:
    target = tmp_path / "lanh-dao.csr"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(PROJECT)
        words = ["-m", "webui.agent", "--module", str(softhsm.module_path), "--request"]
        os.execv(sys.executable, [sys.executable, *words, str(target)])  # noqa: S606
    os.read(terminal, 4096)
    os.write(terminal, f"{TOKEN_PIN}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.close(terminal)

    assert os.waitstatus_to_exitcode(status) == 0
    assert x509.load_pem_x509_csr(target.read_bytes()).is_signature_valid


def test_request_certificate_is_refused_when_two_keys_are_called_so(softhsm: SoftHsm) -> None:
    make_key(softhsm.module_path, "trinhky")
    make_key(softhsm.module_path, "trinhky")

    with pytest.raises(SignerUnavailableError, match="2 keys"):
        request_certificate(softhsm.module_path, TOKEN_PIN, label="trinhky")


def test_request_certificate_is_refused_when_there_is_no_module() -> None:
    with pytest.raises(SignerUnavailableError) as refused:
        request_certificate(Path("/no/such/module.so"), TOKEN_PIN, label="trinhky")

    assert TOKEN_PIN not in str(refused.value)
