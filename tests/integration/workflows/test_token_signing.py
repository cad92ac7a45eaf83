"""Documents signed and sealed with keys on tokens, on a real installation."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.errors import ErrorCode, PinRejectedError, SignerUnavailableError
from engine.model.document import DocumentStatus
from engine.model.keys import KeyHome, KeyType
from engine.ports_signing import CertificateRequest, HolderKind, IssuedCertificate
from signing.authority import LocalCertificateAuthority
from tests.factories.softhsm import TOKEN_PIN, SoftHsm, a_softhsm
from tests.houses import Stage
from webui.bootstrap import open_house
from webui.settings import Settings

WRONG_PIN = "000000"


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    return a_softhsm(tmp_path / "hsm", monkeypatch)


@pytest.fixture
def stage(
    installation: Path, tmp_path: Path, clock: FixedClock, softhsm: SoftHsm
) -> Iterator[Stage]:
    """Give a house whose leader signs with a token of P-256, whose agency seals with RSA."""
    data_dir = tmp_path / "data"
    shutil.copytree(installation, data_dir)
    settings = Settings(data_dir=data_dir, pkcs11_module=softhsm.module_path)
    house = open_house(settings, clock=clock)
    stage = Stage(house)
    clock.move(timedelta(minutes=1))
    authority = LocalCertificateAuthority(settings.pki_dir, clock)
    leader = stage.actor("snv.lanhdao").person_id
    issued = [
        certified(authority, softhsm, HolderKind.PERSON, leader, KeyType.P256),
        certified(authority, softhsm, HolderKind.AGENCY, "snv", KeyType.RSA2048),
    ]
    with house.start_work() as work:
        for certificate in issued:
            work.certificates.add(certificate)
        work.commit()
    yield stage
    house.close()


def certified(
    authority: LocalCertificateAuthority,
    softhsm: SoftHsm,
    kind: HolderKind,
    holder_id: str,
    key_type: KeyType,
) -> IssuedCertificate:
    made = softhsm.make_key(key_type, holder_id)
    request = CertificateRequest(
        holder_kind=kind, holder_id=holder_id, common_name=holder_id, organisation="Sở Nội vụ"
    )
    return authority.certify(
        request, made.public_key_der, key_home=KeyHome.TOKEN, key_ref=made.key_ref
    )


def test_letter_is_issued_with_tokens(stage: Stage) -> None:
    document_id = stage.to_signature()
    stage.sign(document_id, pin=TOKEN_PIN)
    stage.number(document_id)
    stage.seal(document_id, pin=TOKEN_PIN)

    assert stage.document(document_id).status is DocumentStatus.SEALED
    lines = (stage.house.settings.token_audit_path).read_text(encoding="utf-8").splitlines()
    assert [line.count('"act": "sign"') for line in lines] == [0, 1, 0, 1]


def test_right_pin_is_refused_when_five_were_wrong_though_the_token_counts_none(
    stage: Stage,
) -> None:
    document_id = stage.to_signature()
    for _ in range(5):
        with pytest.raises(PinRejectedError):
            stage.sign(document_id, pin=WRONG_PIN)

    with pytest.raises(PinRejectedError):
        stage.sign(document_id, pin=TOKEN_PIN)
    assert stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE


def test_document_waits_for_its_leader_when_the_token_is_out(
    stage: Stage, softhsm: SoftHsm
) -> None:
    document_id = stage.to_signature()
    softhsm.remove()
    for _ in range(6):  # more than wrong PINs are allowed: such a try is not counted
        with pytest.raises(SignerUnavailableError) as refused:
            stage.sign(document_id, pin=TOKEN_PIN)
        assert refused.value.code is ErrorCode.SIGNER_TOKEN_MISSING
    assert stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE

    softhsm.put_back()
    stage.sign(document_id, pin=TOKEN_PIN)

    assert stage.document(document_id).status is DocumentStatus.SIGNED
