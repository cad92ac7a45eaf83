import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.errors import (
    ErrorCode,
    InvalidInputError,
    PinRejectedError,
    SignerUnavailableError,
    SigningError,
)
from engine.model.keys import KeyHome, KeyType
from engine.ports_signing import IssuedCertificate
from signing.keys.maker import HouseKeyMaker
from signing.keys.store import KeyStore
from signing.keys.token import TokenKey, TokenKeys, TokenModule, TokenProcess
from signing.keys.token_uri import TokenKeyName
from tests.factories.certified import a_certificate
from tests.factories.softhsm import TOKEN, TOKEN_PIN, SoftHsm, a_softhsm

ATTRIBUTES = b"signed attributes"

READ_KEY = """
import sys, pkcs11
from pkcs11 import Attribute, ObjectClass
module, token, pin = sys.argv[1:]
with pkcs11.lib(module).get_token(token_label=token).open(user_pin=pin) as session:
    for key in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}):
        for name in (Attribute.VALUE, Attribute.PRIVATE_EXPONENT, Attribute.PRIME_1):
            try:
                print("read", key[name])
            except (pkcs11.AttributeSensitive, pkcs11.AttributeTypeInvalid) as error:
                print(type(error).__name__)
        print(key[Attribute.EXTRACTABLE], key[Attribute.SENSITIVE])
"""

EXPOSED_KEY = """
import sys, pkcs11
from pkcs11 import Attribute, KeyType
module, token, pin = sys.argv[1:]
with pkcs11.lib(module).get_token(token_label=token).open(rw=True, user_pin=pin) as session:
    public, _ = session.generate_keypair(KeyType.RSA, 2048, id=b"\\1\\2", label="hở", store=True,
        private_template={Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: False})
    print(public[Attribute.MODULUS].hex())
"""


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    return a_softhsm(tmp_path / "hsm", monkeypatch)


@pytest.fixture
def certificate(softhsm: SoftHsm) -> IssuedCertificate:
    return certified(softhsm, KeyType.P256)


def certified(
    softhsm: SoftHsm, key_type: KeyType, *, label: str = "khóa ký", token: str = TOKEN
) -> IssuedCertificate:
    made = softhsm.make_key(key_type, label, token)
    return a_certificate(made.public_key_der, home=KeyHome.TOKEN, key_ref=made.key_ref)


def opened(softhsm: SoftHsm, certificate: IssuedCertificate, **changes: int) -> TokenKey:
    return TokenKeys(replace(softhsm.module, **changes)).open(certificate, TOKEN_PIN)


def ends(pid: int, seconds: float = 120) -> bool:
    """Tell whether the process ends, with the patience that a busy machine needs."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text(encoding="ascii"):
            return True
        time.sleep(0.02)
    return False


def run_there(script: str, softhsm: SoftHsm) -> str:
    """Run a script that speaks to the token, in a process of its own."""
    finished = subprocess.run(  # noqa: S603 our own words
        [sys.executable, "-c", script, str(softhsm.module_path), TOKEN, TOKEN_PIN],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return finished.stdout


def lines(softhsm: SoftHsm) -> list[dict[str, str]]:
    return [json.loads(line) for line in softhsm.audit_text().splitlines()]


@pytest.mark.parametrize("key_type", list(KeyType))
def test_private_key_cannot_be_read_even_by_who_has_the_pin(
    softhsm: SoftHsm, key_type: KeyType
) -> None:
    softhsm.make_key(key_type)

    told = run_there(READ_KEY, softhsm)

    assert "read" not in told
    assert "AttributeSensitive" in told
    assert told.endswith("False True\n")


def test_open_refuses_when_the_key_could_leave_the_token(softhsm: SoftHsm) -> None:
    modulus = int(run_there(EXPOSED_KEY, softhsm), 16)
    uri = TokenKeyName(token=TOKEN, label="hở").to_uri()
    certificate = a_certificate(_rsa_der(modulus), home=KeyHome.TOKEN, key_ref=uri)

    with pytest.raises(SigningError) as refused:
        opened(softhsm, certificate)

    assert refused.value.code is ErrorCode.SIGNER_KEY_EXPOSED


def _rsa_der(modulus: int) -> bytes:
    key = RSAPublicNumbers(65537, modulus).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_pin_is_neither_in_arguments_nor_in_environment_of_the_process(
    softhsm: SoftHsm, certificate: IssuedCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRINHKY_FIRST_PIN", "of-the-installation")
    with opened(softhsm, certificate) as key:
        process = Path(f"/proc/{key.pid}")
        shown = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()

    assert TOKEN_PIN.encode() not in shown
    assert b"of-the-installation" not in shown
    assert b"SOFTHSM2_CONF" in shown


def test_process_ends_when_the_key_is_closed(
    softhsm: SoftHsm, certificate: IssuedCertificate
) -> None:
    key = opened(softhsm, certificate)
    pid = key.pid
    key.close()

    assert ends(pid)
    assert key.pid == 0


def test_each_opening_has_a_process_of_its_own(
    softhsm: SoftHsm, certificate: IssuedCertificate
) -> None:
    with opened(softhsm, certificate) as first, opened(softhsm, certificate) as second:
        assert first.pid != second.pid
        second.close()
        assert first.sign(ATTRIBUTES)


def test_process_logs_out_when_nothing_was_asked_for_a_while(
    softhsm: SoftHsm, certificate: IssuedCertificate
) -> None:
    with opened(softhsm, certificate, idle_seconds=1) as key:
        assert ends(key.pid)
        with pytest.raises(SignerUnavailableError):
            key.sign(ATTRIBUTES)


def test_process_ends_when_the_house_is_killed(
    softhsm: SoftHsm, certificate: IssuedCertificate, tmp_path: Path
) -> None:
    script = f"""
import os, pickle, signal, sys
from pathlib import Path
from signing.keys.token import TokenKeys
keys, certificate = pickle.loads(Path({str(tmp_path / "words")!r}).read_bytes())
key = TokenKeys(keys).open(certificate, {TOKEN_PIN!r})
print(key.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    (tmp_path / "words").write_bytes(pickle.dumps((softhsm.module, certificate)))
    finished = subprocess.run(  # noqa: S603 our own words
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )

    assert finished.returncode == -signal.SIGKILL
    assert ends(int(finished.stdout))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_sign_says_so_when_the_process_was_killed(
    softhsm: SoftHsm, certificate: IssuedCertificate, how: signal.Signals
) -> None:
    with opened(softhsm, certificate) as key:
        os.kill(key.pid, how)
        with pytest.raises(SignerUnavailableError) as refused:
            key.sign(ATTRIBUTES)

    assert refused.value.retryable


def test_sign_gives_up_when_the_token_hangs(
    softhsm: SoftHsm, certificate: IssuedCertificate
) -> None:
    with opened(softhsm, certificate, act_seconds=1) as key:
        pid = key.pid
        os.kill(pid, signal.SIGSTOP)
        # It never goes on by itself: only who gives up comes further.
        with pytest.raises(SignerUnavailableError):
            key.sign(ATTRIBUTES)

    assert ends(pid)


def test_removed_token_is_named_and_works_again_when_it_is_back(
    softhsm: SoftHsm, certificate: IssuedCertificate
) -> None:
    with opened(softhsm, certificate) as key:
        key.sign(ATTRIBUTES)
        softhsm.remove()
        with pytest.raises(SignerUnavailableError) as while_open:
            key.sign(ATTRIBUTES)
    with pytest.raises(SignerUnavailableError) as at_opening:
        opened(softhsm, certificate)
    softhsm.put_back()

    assert while_open.value.code is ErrorCode.SIGNER_TOKEN_MISSING
    assert at_opening.value.code is ErrorCode.SIGNER_TOKEN_MISSING
    with opened(softhsm, certificate) as key:
        assert key.sign(ATTRIBUTES)


def test_key_opens_when_several_tokens_are_plugged_in(softhsm: SoftHsm) -> None:
    softhsm.init_token("Sở Tài chính")
    theirs = certified(softhsm, KeyType.P256, token="Sở Tài chính")  # noqa: S106 a label
    ours = certified(softhsm, KeyType.P256)

    for certificate in (ours, theirs):
        with opened(softhsm, certificate) as key:
            assert key.sign(ATTRIBUTES)


def test_open_refuses_when_two_tokens_have_the_same_name(
    softhsm: SoftHsm, certificate: IssuedCertificate
) -> None:
    softhsm.init_token(TOKEN)

    with pytest.raises(SignerUnavailableError) as refused:
        opened(softhsm, certificate)

    assert refused.value.code is ErrorCode.SIGNER_TOKEN_MISSING


def test_open_refuses_when_two_keys_have_the_same_label(softhsm: SoftHsm) -> None:
    first = certified(softhsm, KeyType.P256, label="trùng")
    certified(softhsm, KeyType.P256, label="trùng")
    by_label = TokenKeyName(token=TOKEN, label="trùng").to_uri()

    with opened(softhsm, first) as key:
        assert key.sign(ATTRIBUTES)
    with pytest.raises(SignerUnavailableError):
        opened(softhsm, replace(first, key_ref=by_label))


def test_every_act_leaves_a_line_with_certificate_and_digest(
    softhsm: SoftHsm, certificate: IssuedCertificate
) -> None:
    with opened(softhsm, certificate) as key:
        key.sign(b"abc")
    with pytest.raises(PinRejectedError):
        TokenKeys(softhsm.module).open(certificate, "000000")

    made, opening, signing, refusal = lines(softhsm)
    assert (made["act"], made["outcome"]) == ("make", "made")
    assert (opening["act"], opening["outcome"]) == ("open", "opened")
    assert opening["certificate"] == signing["certificate"] == certificate.id
    assert signing["digest"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (refusal["act"], refusal["outcome"]) == ("open", "pin")
    assert softhsm.module.audit_path.stat().st_mode & 0o777 == 0o600


def test_open_refuses_when_its_line_cannot_be_written(
    softhsm: SoftHsm, certificate: IssuedCertificate, tmp_path: Path
) -> None:
    module = replace(softhsm.module, audit_path=tmp_path / "missing" / "tokens.jsonl")

    with pytest.raises(SignerUnavailableError):
        TokenKeys(module).open(certificate, TOKEN_PIN)


@pytest.mark.parametrize("content", [None, b"", b"no library"])
def test_open_refuses_when_the_module_is_none(
    certificate: IssuedCertificate, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "module.so"
    if content is not None:
        path.write_bytes(content)
    module = TokenModule(path=path, audit_path=tmp_path / "tokens.jsonl")

    with pytest.raises(SignerUnavailableError) as refused:
        TokenKeys(module).open(certificate, TOKEN_PIN)

    assert refused.value.code is ErrorCode.SIGNER_TOKEN_MISSING


def test_open_refuses_when_no_module_is_set_up(certificate: IssuedCertificate) -> None:
    with pytest.raises(SignerUnavailableError) as refused:
        TokenKeys(None).open(certificate, TOKEN_PIN)

    assert refused.value.code is ErrorCode.SIGNER_TOKEN_MISSING


@pytest.mark.parametrize("message", [{}, {"do": "export"}, {"do": "sign", "attributes": ""}])
def test_process_refuses_what_it_does_not_know(softhsm: SoftHsm, message: dict[str, str]) -> None:
    process = TokenProcess(softhsm.module)
    try:
        with pytest.raises(SignerUnavailableError):
            process.ask(message)
    finally:
        process.end()


def test_process_opens_one_key_only(softhsm: SoftHsm, certificate: IssuedCertificate) -> None:
    with opened(softhsm, certificate) as key:
        with pytest.raises(SignerUnavailableError):
            key._process.ask({"do": "open", "pin": TOKEN_PIN})
        assert key.sign(ATTRIBUTES)


def test_process_ends_when_it_is_sent_garbage(softhsm: SoftHsm) -> None:
    process = TokenProcess(softhsm.module)
    process._peer.sendall(b"\xff\xff\xff\xff garbage")
    process._peer.shutdown(socket.SHUT_WR)

    assert ends(process.pid)
    process.end()


def test_process_starts_fast_and_without_pyhanko() -> None:
    script = (
        "import sys, signing.keys.token_process\n"
        "print(sorted({n.split('.')[0] for n in sys.modules} & {'pyhanko', 'cryptography'}))"
    )
    finished = subprocess.run(  # noqa: S603 our own words
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True
    )

    assert finished.stdout == "[]\n"


def test_maker_refuses_when_the_pin_is_wrong(softhsm: SoftHsm) -> None:
    maker = HouseKeyMaker(KeyStore(softhsm.directory), softhsm.module, token=TOKEN)

    with pytest.raises(PinRejectedError):
        maker.make(KeyHome.TOKEN, KeyType.P256, name="x", pin="000000")


@pytest.mark.parametrize("home", [KeyHome.CLIENT, KeyHome.REMOTE])
def test_maker_refuses_when_keys_are_made_elsewhere(softhsm: SoftHsm, home: KeyHome) -> None:
    maker = HouseKeyMaker(KeyStore(softhsm.directory), softhsm.module, token=TOKEN)

    with pytest.raises(InvalidInputError):
        maker.make(home, KeyType.P256, name="x", pin=TOKEN_PIN)


def test_maker_says_so_when_there_is_no_token(softhsm: SoftHsm) -> None:
    store = KeyStore(softhsm.directory)
    for module in (softhsm.module, None):
        maker = HouseKeyMaker(store, module, token="Sở khác")  # noqa: S106 a label
        with pytest.raises(SignerUnavailableError) as refused:
            maker.make(KeyHome.TOKEN, KeyType.P256, name="x", pin=TOKEN_PIN)
        assert refused.value.code is ErrorCode.SIGNER_TOKEN_MISSING


def test_open_says_so_when_no_process_can_be_started(
    softhsm: SoftHsm, certificate: IssuedCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")

    with pytest.raises(SignerUnavailableError):
        opened(softhsm, certificate)


def test_close_ends_a_process_that_is_stuck(
    softhsm: SoftHsm, certificate: IssuedCertificate
) -> None:
    key = opened(softhsm, certificate)
    pid = key.pid
    os.kill(pid, signal.SIGSTOP)

    key.close()

    assert ends(pid, seconds=1)


def test_open_refuses_when_the_certificates_key_is_of_another_kind(softhsm: SoftHsm) -> None:
    uri = certified(softhsm, KeyType.P256).key_ref
    for public_key in (
        ed25519.Ed25519PrivateKey.generate().public_key(),
        ec.generate_private_key(ec.SECP384R1()).public_key(),
    ):
        der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        certificate = a_certificate(der, home=KeyHome.TOKEN, key_ref=uri)
        with pytest.raises(SigningError):
            opened(softhsm, certificate)
