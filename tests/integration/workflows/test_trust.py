"""Trust that is kept up by itself: lists that are fetched, services that are renewed."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from engine.clock import FixedClock
from engine.errors import (
    CertificateRejectedError,
    ErrorCode,
    InvalidInputError,
    SignerUnavailableError,
    TrinhKyError,
)
from engine.model.keys import HolderKind, KeyHome
from engine.model.organisation import Validity
from engine.model.trust import Refusal, TrustPurpose
from engine.ports_signing import CertificateHold, SignatureField
from engine.ports_trust import AuthorityTerms, CertificateHolder
from signing.authority import AuthorityFiles
from signing.foreign import ForeignFiles
from signing.tsa import Rfc3161Service
from tests.factories import decoys
from tests.factories.answering import answering
from tests.factories.foreign_ca import ForeignCa
from tests.houses import Stage, copy_house
from webui.bootstrap import House, open_house
from webui.settings import Settings
from workflows.organisation.import_crl import RefreshImportedLists

ADMINISTRATOR = "vpub.quantri"


@pytest.fixture
def ca(clock: FixedClock) -> ForeignCa:
    return ForeignCa("Foreign Root", clock.now().replace(microsecond=0))


def terms(ca: ForeignCa, *, crl_url: str = "", label: str = "VGCA") -> AuthorityTerms:
    return AuthorityTerms(
        label=label,
        basis="Quyết định 12/QĐ-UBND",
        validity=Validity(since=ca.at.date()),
        purposes=(TrustPurpose.DOCUMENTS,),
        crl_url=crl_url,
    )


def trusted(house: House, ca: ForeignCa, crl_url: str, label: str = "VGCA") -> None:
    """Trust an authority with an address that the installation may call."""
    with house.start_work() as work:
        files = ForeignFiles(AuthorityFiles(directory=house.settings.pki_dir), ["127.0.0.1"])
        work.trust.add(
            files.read_authority(ca.der, terms(ca, crl_url=crl_url, label=label), ca.at)
        )
        work.commit()


def a_refresh(house: House) -> RefreshImportedLists:
    return RefreshImportedLists(
        start_work=house.start_work,
        start_reading=house.start_reading,
        files=ForeignFiles(AuthorityFiles(directory=house.settings.pki_dir), ["127.0.0.1"]),
        clock=house.clock,
    )


def test_refresh_keeps_the_newest_list(house: House, ca: ForeignCa) -> None:
    with decoys.serving(decoys.plain(ca.crl(number=7))) as service:
        trusted(house, ca, service.url)
        a_refresh(house)({})
        a_refresh(house)({})

    with house.start_reading() as work:
        kept = work.trust.find_crl(ca.trusted().id)
    assert kept is not None
    assert kept.number == 7


def test_refresh_goes_on_when_one_authority_fails(house: House, ca: ForeignCa) -> None:
    silent = ForeignCa("Broken Root", ca.at)
    with (
        decoys.serving(decoys.plain(b"<html>")) as broken,
        decoys.serving(decoys.plain(ca.crl())) as service,
    ):
        trusted(house, silent, broken.url, "A")
        trusted(house, ca, service.url, "B")
        with pytest.raises(TrinhKyError):
            a_refresh(house)({})

    with house.start_reading() as work:
        assert work.trust.find_crl(ca.trusted().id) is not None
        assert work.trust.find_crl(silent.trusted().id) is None


def with_version(crl: bytes, version: int) -> bytes:
    """Return a list that says it has another version; the library has its own error for that."""
    changed = bytearray(crl)
    changed[changed.index(b"\x02\x01\x01") + 2] = version
    return bytes(changed)


def test_refresh_goes_on_and_names_the_one_whose_list_breaks_the_library(
    house: House, ca: ForeignCa, caplog: pytest.LogCaptureFixture
) -> None:
    bad = ForeignCa("Broken Root", ca.at)
    while bad.trusted().id > ca.trusted().id:  # it must come first
        bad = ForeignCa("Broken Root", ca.at)
    with (
        decoys.serving(decoys.plain(with_version(bad.crl(), 3))) as broken,
        decoys.serving(decoys.plain(ca.crl())) as service,
    ):
        trusted(house, bad, broken.url, "VGCA hỏng")
        trusted(house, ca, service.url, "VGCA")
        with pytest.raises(InvalidInputError) as caught:
            a_refresh(house)({})

    assert caught.value.params["why"] == Refusal.UNREADABLE
    assert "VGCA hỏng" in caplog.text
    with house.start_reading() as work:
        assert work.trust.find_crl(ca.trusted().id) is not None


def test_refresh_calls_nobody_whose_host_was_not_named(house: House, ca: ForeignCa) -> None:
    with decoys.serving(decoys.plain(ca.crl())) as service:
        trusted(house, ca, service.url)
        unnamed = ForeignFiles(AuthorityFiles(directory=house.settings.pki_dir), [])
        refresh = RefreshImportedLists(
            start_work=house.start_work,
            start_reading=house.start_reading,
            files=unnamed,
            clock=house.clock,
        )
        with pytest.raises(SignerUnavailableError):
            refresh({})

    assert service.requests == []


def test_signing_stops_when_leader_is_suspended_and_goes_on_after(stage: Stage) -> None:
    house = stage.house
    leader = stage.actor("snv.lanhdao").person_id
    with house.start_work() as work:
        found = work.certificates.find_current(HolderKind.PERSON, leader, house.clock.now())
        assert found is not None
        work.certificates.add_hold(
            CertificateHold(certificate_id=found.id, held_at=house.clock.now(), reason="nghỉ phép")
        )
        work.commit()
    house.jobs.start()
    with house.start_work() as work:
        work.jobs.enqueue("refresh_revocations", "now", {})
        work.commit()
    assert house.jobs.wait_until_idle(120)
    house.jobs.stop()
    document_id = stage.to_signature()

    with pytest.raises(CertificateRejectedError) as caught:
        stage.sign(document_id)

    assert caught.value.code is ErrorCode.CERTIFICATE_REVOKED
    with house.start_work() as work:
        work.certificates.end_hold(found.id, house.clock.now())
        work.jobs.enqueue("refresh_revocations", "later", {})
        work.commit()
    house.jobs.start()
    assert house.jobs.wait_until_idle(120)
    house.jobs.stop()
    stage.sign(document_id)


def test_imported_certificate_is_taken_for_signing_and_its_key_is_at_the_client(
    stage: Stage, ca: ForeignCa, clock: FixedClock
) -> None:
    house, administrator = stage.house, stage.actor(ADMINISTRATOR)
    house.use_cases.import_trust_anchor(ca.der, terms(ca), administrator)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = ca.leaf("Người ký", key).public_bytes(Encoding.DER)
    holder = CertificateHolder(
        kind=HolderKind.PERSON,
        id=stage.actor("snv.lanhdao").person_id,
        key_home=KeyHome.CLIENT,
        key_ref="",
        bound_from=clock.now() - timedelta(minutes=1),
        basis="Quyết định 15/QĐ-UBND",
    )
    house.use_cases.import_certificate(leaf, holder, administrator)
    document_id = stage.to_signature()

    with pytest.raises(TrinhKyError) as caught:
        stage.sign(document_id)

    assert caught.value.code is ErrorCode.SIGNER_AT_CLIENT


def test_document_is_stamped_by_the_authority_of_the_settings(
    installation: Path, tmp_path: Path, clock: FixedClock
) -> None:
    shutil.copytree(installation, tmp_path / "data")
    service = Rfc3161Service(tmp_path / "data" / "pki", clock)
    with answering(service.answer) as outside:
        settings = Settings(data_dir=tmp_path / "data", tsa_url=outside.url)
        house = open_house(settings, clock=clock)
        try:
            stage = Stage(house)
            document_id = stage.to_signature()
            stage.sign(document_id)
            state = stage.document(document_id)
        finally:
            house.close()

    assert len(outside.requests) == 1
    assert [signature.field for signature in state.signatures] == [SignatureField.LEADER]


def test_house_renews_its_ocsp_signer_when_it_is_opened(
    installation: Path, tmp_path: Path
) -> None:
    clock = FixedClock(
        AuthorityFiles(directory=installation / "pki").certificate("ocsp").not_valid_after_utc
        - timedelta(days=10)
    )

    house = copy_house(installation, tmp_path / "later", clock)
    try:
        pem = (house.settings.pki_dir / "ocsp.pem").read_bytes()
    finally:
        house.close()

    renewed = x509.load_pem_x509_certificate(pem)
    assert renewed.not_valid_after_utc - clock.now() == timedelta(days=90)


def test_house_renews_who_stamps_when_its_nightly_job_runs(stage: Stage) -> None:
    house = stage.house
    files = AuthorityFiles(directory=house.settings.pki_dir)
    first = files.certificate("tsa")
    house.clock.move(first.not_valid_after_utc - timedelta(days=1000) - house.clock.now())

    with house.start_work() as work:
        work.jobs.enqueue("refresh_revocations", "now", {})
        work.commit()
    stage.run_jobs()

    second = files.certificate("tsa")
    assert second.not_valid_after_utc - first.not_valid_after_utc > timedelta(days=800)
