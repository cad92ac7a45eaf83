"""What the authority answers to programs of other people, over HTTP."""

import base64
import secrets

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from flask.testing import FlaskClient

from engine.model.keys import HolderKind
from engine.model.organisation import Validity
from engine.model.trust import TrustPurpose
from engine.ports_signing import CertificateHold, IssuedCertificate
from engine.ports_trust import AuthorityTerms
from tests.factories.foreign_ca import ForeignCa
from tests.integration.webui.conftest import Town
from webui.limits import limiter


def leader(town: Town) -> IssuedCertificate:
    actor = town.stage.actor("stc.lanhdao")
    with town.house.start_reading() as work:
        found = work.certificates.find_current(
            HolderKind.PERSON, actor.person_id, town.house.clock.now()
        )
    assert found is not None
    return found


def issuing(client: FlaskClient) -> x509.Certificate:
    return x509.load_der_x509_certificate(client.get("/pki/issuing.crt").data)


def request_about(client: FlaskClient, certificate: IssuedCertificate, nonce: bytes) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        x509.load_der_x509_certificate(certificate.der), issuing(client), hashes.SHA256()
    )
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def status_of(content: bytes) -> ocsp.OCSPCertStatus:
    return ocsp.load_der_ocsp_response(content).certificate_status


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("root.crt", "application/pkix-cert"),
        ("issuing.crt", "application/pkix-cert"),
        ("tsa.crt", "application/pkix-cert"),
        ("ocsp.crt", "application/pkix-cert"),
        ("root.crl", "application/pkix-crl"),
        ("issuing.crl", "application/pkix-crl"),
    ],
)
def test_files_are_given_out_to_anybody(town: Town, name: str, media_type: str) -> None:
    answer = town.anyone().get(f"/pki/{name}")

    assert answer.status_code == 200
    assert answer.content_type == media_type
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    load = x509.load_der_x509_crl if name.endswith("crl") else x509.load_der_x509_certificate
    assert load(answer.data).public_bytes(Encoding.DER) == answer.data


@pytest.mark.parametrize("name", ["tsa.crl", "secret.crt", "root.key.pem", "..%2fsecret", "root"])
def test_nothing_else_is_given_out(town: Town, name: str) -> None:
    assert town.anyone().get(f"/pki/{name}").status_code == 404


def test_status_is_answered_when_posted(town: Town) -> None:
    client = town.anyone()
    nonce = secrets.token_bytes(16)

    answer = client.post("/pki/ocsp", data=request_about(client, leader(town), nonce))

    assert answer.status_code == 200
    assert answer.content_type == "application/ocsp-response"
    assert status_of(answer.data) is ocsp.OCSPCertStatus.GOOD
    found = ocsp.load_der_ocsp_response(answer.data).extensions
    assert found.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce


def test_status_may_be_kept_when_asked_by_address(town: Town) -> None:
    client = town.anyone()
    encoded = base64.b64encode(request_about(client, leader(town), b"")).decode()

    answer = client.get(f"/pki/ocsp/{encoded}")

    assert status_of(answer.data) is ocsp.OCSPCertStatus.GOOD
    assert "must-revalidate" in answer.headers["Cache-Control"]
    assert "Expires" in answer.headers


@pytest.mark.parametrize("path", ["/pki/ocsp/%21%21", "/pki/ocsp/AAAA", "/pki/ocsp/%C3%A9"])
def test_status_is_malformed_when_address_holds_none(town: Town, path: str) -> None:
    answer = ocsp.load_der_ocsp_response(town.anyone().get(path).data)

    assert answer.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_suspension_is_told_at_once_and_forgotten_when_it_ends(town: Town) -> None:
    client, certificate = town.anyone(), leader(town)
    body = request_about(client, certificate, b"")
    now = town.house.clock.now()
    hold = CertificateHold(certificate_id=certificate.id, held_at=now, reason="nghỉ phép")
    with town.house.start_work() as work:
        assert work.certificates.add_hold(hold)
        assert not work.certificates.add_hold(hold)
        work.commit()
    said = ocsp.load_der_ocsp_response(client.post("/pki/ocsp", data=body).data)
    assert said.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert said.revocation_reason is x509.ReasonFlags.certificate_hold

    with town.house.start_work() as work:
        assert work.certificates.end_hold(certificate.id, town.house.clock.now())
        assert not work.certificates.end_hold(certificate.id, town.house.clock.now())
        work.commit()
    assert status_of(client.post("/pki/ocsp", data=body).data) is ocsp.OCSPCertStatus.GOOD


def test_revocation_is_told_and_counts_from_the_suspension(town: Town) -> None:
    client = town.anyone()
    actor = town.stage.actor("syt.lanhdao")
    now = town.house.clock.now()
    with town.house.start_work() as work:
        found = work.certificates.find_current(HolderKind.PERSON, actor.person_id, now)
        assert found is not None
        work.certificates.add_hold(
            CertificateHold(certificate_id=found.id, held_at=now, reason="mất token")
        )
        work.commit()
    administrator = town.stage.actor("vpub.quantri")
    town.house.use_cases.revoke_certificate(found.id, administrator, "key_compromise")

    said = ocsp.load_der_ocsp_response(
        client.post("/pki/ocsp", data=request_about(client, found, b"")).data
    )
    crl = x509.load_der_x509_crl(client.get("/pki/issuing.crl").data)

    assert said.revocation_reason is x509.ReasonFlags.key_compromise
    assert said.revocation_time_utc == now.replace(microsecond=0)
    entry = crl.get_revoked_certificate_by_serial_number(int(found.id, 16))
    assert entry is not None
    assert entry.revocation_date_utc == now.replace(microsecond=0)


def test_time_is_stamped_for_anybody(town: Town) -> None:
    asked = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": bytes(32),
            },
            "nonce": 17,
            "cert_req": True,
        }
    )

    answer = town.anyone().post(
        "/pki/tsa", data=asked.dump(), content_type="application/timestamp-query"
    )

    assert answer.content_type == "application/timestamp-reply"
    assert tsp.TimeStampResp.load(answer.data)["status"]["status"].native == "granted"


def test_page_of_trust_shows_who_is_trusted_and_whose_list_is_missing(town: Town) -> None:
    administrator = town.visitor("vpub.quantri")
    assert "Chưa tin cậy tổ chức nào khác" in administrator.get("/quan-tri/tin-cay").text
    now = town.house.clock.now()
    ca = ForeignCa("VGCA Root", now)
    terms = AuthorityTerms(
        label="VGCA",
        basis="Quyết định 12/QĐ-UBND",
        validity=Validity(since=now.date()),
        purposes=(TrustPurpose.DOCUMENTS,),
    )
    actor = town.stage.actor("vpub.quantri")
    town.house.use_cases.import_trust_anchor(ca.der, terms, actor)
    page = administrator.get("/quan-tri/tin-cay").text
    assert "VGCA" in page
    assert "Ký văn bản" in page
    assert "Chưa có" in page

    town.house.use_cases.import_crl(ca.trusted().id, ca.crl(), actor)

    assert "Còn hạn" in administrator.get("/quan-tri/tin-cay").text


def test_page_of_trust_is_for_administrators(town: Town) -> None:
    assert town.visitor("snv.lanhdao").get("/quan-tri/tin-cay").status_code == 403


def test_nobody_asks_for_ever(town: Town) -> None:
    client = town.anyone()
    limiter.reset()
    try:
        answers = [client.get("/pki/root.crl").status_code for _ in range(601)]
    finally:
        limiter.reset()

    assert answers == [200] * 600 + [429]
