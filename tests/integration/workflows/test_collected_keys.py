"""Certificates for keys that are made elsewhere: on a token, at the client, at a service."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.clock import FixedClock
from engine.errors import ErrorCode, InvalidInputError, PinRejectedError, SignerUnavailableError
from engine.model.certification import ApplicationState, KeyPlan
from engine.model.document import DocumentStatus
from engine.model.keys import KeyHome
from tests.bureau import LEADER, OFFICER, Bureau
from tests.factories.client_key import ClientKey
from tests.factories.softhsm import TOKEN, TOKEN_PIN, a_softhsm
from tests.houses import Stage, copy_house
from workflows.certificates.collect_certificate import Collection


@pytest.fixture
def bureau(stage: Stage) -> Bureau:
    return Bureau(stage)


def a_request(key: ClientKey, *, forged: bool = False) -> bytes:
    """Return a PKCS#10 request for `key`; a forged one is signed over other words."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ai cũng được")])
    )
    der = builder.sign(key.key, SHA256()).public_bytes(Encoding.DER)
    return der.replace(b"ai c", b"Ai c", 1) if forged else der


def public_key(der: bytes) -> bytes:
    certificate = x509.load_der_x509_certificate(der)
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def allowed(bureau: Bureau, plan: KeyPlan, login: str = OFFICER):
    application_id = bureau.ask(login)
    bureau.approve(application_id)
    bureau.allow(application_id, plan)
    return application_id, bureau.task(login, application_id)


@pytest.mark.parametrize(
    "plan",
    [KeyPlan(home=KeyHome.CLIENT), KeyPlan(home=KeyHome.REMOTE, key_name="cred-17")],
    ids=lambda plan: plan.home,
)
def test_request_of_the_holders_own_key_becomes_a_certificate(
    bureau: Bureau, plan: KeyPlan
) -> None:
    key = ClientKey()
    _application_id, task = allowed(bureau, plan)

    bureau.cases.collect(task, bureau.who(OFFICER), Collection(csr=a_request(key)))

    certificate = bureau.current(OFFICER)
    assert public_key(certificate.der) == key.public_der
    assert (certificate.key_home, certificate.key_ref) == (plan.home, plan.key_name)
    # Names in the request are not believed.
    assert certificate.common_name == bureau.who(OFFICER).full_name


def test_request_is_refused_when_its_signature_does_not_fit(bureau: Bureau) -> None:
    application_id, task = allowed(bureau, KeyPlan(home=KeyHome.CLIENT))

    with pytest.raises(InvalidInputError) as caught:
        bureau.cases.collect(
            task, bureau.who(OFFICER), Collection(csr=a_request(ClientKey(), forged=True))
        )

    assert caught.value.code is ErrorCode.CSR_REFUSED
    assert bureau.application(application_id).state is ApplicationState.ALLOWED


def test_collecting_waits_when_there_is_no_token(bureau: Bureau) -> None:
    application_id, task = allowed(bureau, KeyPlan(home=KeyHome.TOKEN))

    with pytest.raises(SignerUnavailableError):
        bureau.cases.collect(task, bureau.who(OFFICER), Collection(pin=TOKEN_PIN))

    assert bureau.application(application_id).claimed_at is None


@pytest.fixture
def token_bureau(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> Iterator[Bureau]:
    softhsm = a_softhsm(tmp_path / "hsm", monkeypatch)
    monkeypatch.setenv("TRINHKY_PKCS11_MODULE", str(softhsm.module_path))
    monkeypatch.setenv("TRINHKY_PKCS11_TOKEN", TOKEN)
    house = copy_house(installation, tmp_path / "data", clock)
    yield Bureau(Stage(house))
    house.close()


def test_key_made_on_the_token_signs_a_letter(token_bureau: Bureau) -> None:
    bureau = token_bureau
    _application_id, task = allowed(bureau, KeyPlan(home=KeyHome.TOKEN), LEADER)
    bureau.cases.collect(task, bureau.who(LEADER), Collection(pin=TOKEN_PIN))
    document_id = bureau.stage.to_signature()

    bureau.stage.sign(document_id, pin=TOKEN_PIN)

    assert bureau.current(LEADER).key_home is KeyHome.TOKEN
    assert bureau.current(LEADER).key_ref.startswith("pkcs11:")
    assert bureau.stage.document(document_id).status is DocumentStatus.SIGNED


def test_token_is_not_asked_any_more_when_the_pin_was_wrong_five_times(
    token_bureau: Bureau,
) -> None:
    bureau = token_bureau
    application_id, task = allowed(bureau, KeyPlan(home=KeyHome.TOKEN))
    actor = bureau.who(OFFICER)
    for _ in range(5):
        with pytest.raises(PinRejectedError):
            bureau.cases.collect(task, actor, Collection(pin="000111"))

    with pytest.raises(PinRejectedError):
        bureau.cases.collect(task, actor, Collection(pin=TOKEN_PIN))

    assert bureau.application(application_id).state is ApplicationState.ALLOWED
    bureau.cases.withdraw(application_id, actor, "Quên mã PIN.")
    _again, task = allowed(bureau, KeyPlan(home=KeyHome.TOKEN))
    bureau.cases.collect(task, actor, Collection(pin=TOKEN_PIN))
