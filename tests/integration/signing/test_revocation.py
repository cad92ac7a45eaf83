import hashlib
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign import signers, validation
from pyhanko_certvalidator import ValidationContext

from engine.errors import (
    CertificateRejectedError,
    ErrorCode,
    SignerUnavailableError,
    SigningError,
)
from engine.model.keys import KeyType
from engine.model.verification import Verdict
from engine.ports_signing import (
    HOLD_REASON,
    CertificateId,
    DocumentStage,
    HolderKind,
    IssuedCertificate,
    Revocation,
    SignatureField,
)
from signing import loop
from signing.authority import AuthorityFiles, described
from signing.certificates import Issuer, SigningKey, build_crl, build_leaf
from signing.keys.store import KeyStore
from signing.policy import SigningGate
from signing.timestamps import LocalTimeStamper
from signing.verification.verifier import PyHankoVerifier
from signing.writer import PlainWriter
from tests.factories.pki_world import AGENCY, LEADER, PIN, PkiWorld, a_world

HOUR = timedelta(hours=1)


@pytest.fixture
def world(tmp_path: Path) -> PkiWorld:
    return a_world(tmp_path / "pki")


def certified_by_thief(world: PkiWorld, certificate: IssuedCertificate | None = None) -> bytes:
    """Certify without the gate, as somebody who has key and PIN could."""
    return world.signed(
        world.prepared(),
        SignatureField.LEADER,
        certificate or world.leader,
        signer=world.without_gate(),
    )


def a_leaf(world: PkiWorld, key: SigningKey) -> x509.Certificate:
    return build_leaf(LEADER, key.public_key(), an_issuer(world), world.clock.now(), days=9)


def an_issuer(world: PkiWorld) -> Issuer:
    return Issuer(
        certificate=AuthorityFiles(directory=world.directory).certificate("issuing"),
        key=KeyStore(world.directory).load_unattended("issuing"),
    )


def test_verify_passes_when_certificate_was_revoked_later(world: PkiWorld) -> None:
    sealed = world.sealed()
    world.clock.move(HOUR)
    world.revoke(world.leader)

    report = world.verifier.verify(sealed)

    assert (report.verdict, report.reason) == (Verdict.PASSED, None)


def test_verify_fails_when_certificate_was_revoked_before(world: PkiWorld) -> None:
    world.revoke(world.leader)
    world.clock.move(HOUR)

    report = world.verifier.verify(certified_by_thief(world))

    assert (report.verdict, report.reason) == (Verdict.FAILED, "REVOKED")
    assert report.signatures[0].sub_indication == "REVOKED"


def test_verify_is_undecided_when_revoked_signer_claims_an_earlier_time(world: PkiWorld) -> None:
    claimed = world.clock.now()
    world.clock.move(HOUR)
    world.revoke(world.leader)
    world.clock.move(HOUR)
    pdf = world.signed(
        world.prepared(),
        SignatureField.LEADER,
        world.leader,
        signer=world.without_gate(),
        at=claimed,
    )

    report = world.verifier.verify(pdf)

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "REVOKED_NO_POE")


def test_verify_is_undecided_when_lists_are_out_of_date(world: PkiWorld) -> None:
    sealed = world.sealed()
    world.clock.move(timedelta(days=8))

    report = world.verifier.verify(sealed)

    assert report.verdict is Verdict.INDETERMINATE
    world.authority.publish_crl([], world.clock.now())
    assert world.verifier.verify(sealed).verdict is Verdict.PASSED


def test_verify_is_undecided_when_there_are_no_lists(world: PkiWorld) -> None:
    root = (world.directory / "root.pem").read_bytes()
    verifier = PyHankoVerifier(trust_roots=[root], clock=world.clock)

    assert verifier.verify(world.sealed()).verdict is Verdict.INDETERMINATE


def test_verify_passes_when_bundle_holds_lists(world: PkiWorld) -> None:
    files = AuthorityFiles(directory=world.directory)
    lists = b"".join(files.crl(name).public_bytes(Encoding.PEM) for name in ("root", "issuing"))
    root = (world.directory / "root.pem").read_bytes()
    issuing = (world.directory / "issuing.pem").read_bytes()
    verifier = PyHankoVerifier(
        trust_roots=[root + lists], other_certs=[issuing], clock=world.clock
    )

    assert verifier.verify(world.sealed()).verdict is Verdict.PASSED


def test_verify_passes_when_certificate_expired_after_the_time_stamp(world: PkiWorld) -> None:
    sealed = world.sealed()
    world.clock.move(timedelta(days=800))
    world.authority.publish_crl([], world.clock.now())

    assert world.verifier.verify(sealed).verdict is Verdict.PASSED


def test_verify_is_undecided_when_signed_and_stamped_after_the_end(world: PkiWorld) -> None:
    world.clock.move(timedelta(days=800))
    world.authority.publish_crl([], world.clock.now())

    report = world.verifier.verify(certified_by_thief(world))

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "EXPIRED")


def test_verify_is_undecided_when_judged_before_the_certificate(world: PkiWorld) -> None:
    sealed = world.sealed()

    report = world.verifier.verify(sealed, at=world.clock.now() - timedelta(days=3))

    assert report.verdict is not Verdict.PASSED


def test_verify_refuses_when_key_is_not_for_documents(world: PkiWorld) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    at = world.clock.now()
    issuer = an_issuer(world)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "web")]))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - HOUR)
        .not_valid_after(at + HOUR)
        .add_extension(_usage(digital_signature=True), critical=True)
        .sign(issuer.key, hashes.SHA384())
    )
    issued = described(certificate, HolderKind.PERSON, "web")
    KeyStore(world.directory).save(issued.id, key, PIN)

    report = world.verifier.verify(certified_by_thief(world, issued))

    assert report.verdict is not Verdict.PASSED
    assert report.reason in {"CHAIN_CONSTRAINTS_FAILURE", "SIG_CONSTRAINTS_FAILURE"}
    assert refused(world, issued) is ErrorCode.CERTIFICATE_USAGE


def _usage(*, digital_signature: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def refused(world: PkiWorld, certificate: IssuedCertificate | None = None) -> ErrorCode:
    with pytest.raises(CertificateRejectedError) as caught:
        world.certified(certificate=certificate)
    return caught.value.code


def test_gate_refuses_when_certificate_is_revoked(world: PkiWorld) -> None:
    world.revoke(world.leader)

    assert refused(world) is ErrorCode.CERTIFICATE_REVOKED


@pytest.mark.parametrize(
    ("move", "code"),
    [
        (timedelta(days=731), ErrorCode.CERTIFICATE_EXPIRED),
        (-timedelta(days=2), ErrorCode.CERTIFICATE_NOT_YET_VALID),
    ],
)
def test_gate_refuses_when_certificate_is_out_of_its_time(
    world: PkiWorld, move: timedelta, code: ErrorCode
) -> None:
    world.clock.move(move)

    assert refused(world) is code


def test_gate_refuses_when_lists_are_out_of_date(world: PkiWorld) -> None:
    world.clock.move(timedelta(days=8))

    assert refused(world) is ErrorCode.REVOCATION_STALE


def test_gate_refuses_when_lists_are_gone(world: PkiWorld) -> None:
    (world.directory / "issuing.crl").unlink()

    assert refused(world) is ErrorCode.REVOCATION_STALE


def test_gate_refuses_when_certificate_is_suspended(world: PkiWorld) -> None:
    world.revoke(world.leader, reason=HOLD_REASON)
    assert refused(world) is ErrorCode.CERTIFICATE_REVOKED

    world.authority.publish_crl([], world.clock.now())

    assert world.certified()


def test_gate_refuses_when_issuing_authority_is_revoked(world: PkiWorld) -> None:
    files = AuthorityFiles(directory=world.directory)
    root = Issuer(
        certificate=files.certificate("root"),
        key=KeyStore(world.directory).load_unattended("root"),
    )
    entry = Revocation(
        certificate_id=CertificateId(f"{files.certificate('issuing').serial_number:x}"),
        revoked_at=world.clock.now(),
        reason="ca_compromise",
    )
    crl = build_crl(root, [entry], world.clock.now(), number=9)
    (world.directory / "root.crl").write_bytes(crl.public_bytes(Encoding.DER))

    assert refused(world) is ErrorCode.CERTIFICATE_REVOKED


def test_gate_refuses_when_certificate_is_of_another_agency(world: PkiWorld) -> None:
    (other,) = world.authority.issue(
        [replace(AGENCY, holder_id="stc")], pin=PIN, key_type=KeyType.P256
    )

    with pytest.raises(CertificateRejectedError) as caught:
        world.sealed(certificate=replace(other, holder_id=world.agency.holder_id))

    assert caught.value.code is ErrorCode.CERTIFICATE_HOLDER


def test_gate_refuses_when_agency_signs_for_a_person(world: PkiWorld) -> None:
    posing = replace(world.agency, holder_kind=HolderKind.PERSON)

    assert refused(world, posing) is ErrorCode.CERTIFICATE_HOLDER


def test_gate_refuses_when_list_is_of_another_authority(world: PkiWorld, tmp_path: Path) -> None:
    other = a_world(tmp_path / "other")
    (world.directory / "issuing.crl").write_bytes((other.directory / "issuing.crl").read_bytes())

    assert refused(world) is ErrorCode.REVOCATION_STALE


def test_gate_refuses_when_certificate_is_of_another_authority(
    world: PkiWorld, tmp_path: Path
) -> None:
    other = a_world(tmp_path / "other")
    KeyStore(world.directory).save(
        other.leader.id, KeyStore(other.directory).load(other.leader.id, PIN), PIN
    )

    assert refused(world, other.leader) is ErrorCode.CERTIFICATE_UNTRUSTED


def test_key_does_not_open_when_it_belongs_to_another_certificate(world: PkiWorld) -> None:
    KeyStore(world.directory).save(world.leader.id, ec.generate_private_key(ec.SECP256R1()), PIN)

    with pytest.raises(SigningError) as caught:
        world.certified()

    assert caught.value.code is ErrorCode.SIGNER_KEY_OTHER


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP192R1()),
        rsa.generate_private_key(65537, 1024),  # noqa: S505 the gate must refuse it
    ],
    ids=["p192", "rsa1024"],
)
def test_gate_refuses_when_key_is_weak(world: PkiWorld, key: SigningKey) -> None:
    gate = SigningGate(AuthorityFiles(directory=world.directory))

    with pytest.raises(CertificateRejectedError) as caught:
        gate.check(a_leaf(world, key), world.clock.now(), holder_kind=HolderKind.PERSON)

    assert caught.value.code is ErrorCode.CERTIFICATE_WEAK


def test_gate_refuses_when_certificate_is_for_time_stamps(world: PkiWorld) -> None:
    gate = SigningGate(AuthorityFiles(directory=world.directory))
    certificate = AuthorityFiles(directory=world.directory).certificate("tsa")

    with pytest.raises(CertificateRejectedError) as caught:
        gate.check(certificate, world.clock.now(), holder_kind=HolderKind.PERSON)

    assert caught.value.code is ErrorCode.CERTIFICATE_USAGE


def test_gate_refuses_when_key_usage_is_missing(world: PkiWorld) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = an_issuer(world)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bare")]))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(world.clock.now() - HOUR)
        .not_valid_after(world.clock.now() + HOUR)
        .sign(issuer.key, hashes.SHA384())
    )

    with pytest.raises(CertificateRejectedError) as caught:
        SigningGate(AuthorityFiles(directory=world.directory)).check(
            certificate, world.clock.now(), holder_kind=HolderKind.PERSON
        )

    assert caught.value.code is ErrorCode.CERTIFICATE_USAGE


def test_gate_refuses_when_certificate_on_record_was_tampered_with(world: PkiWorld) -> None:
    (other,) = world.authority.issue(
        [replace(LEADER, holder_id="person-2")], pin=PIN, key_type=KeyType.P256
    )

    assert refused(world, replace(other, holder_id="person-1")) is ErrorCode.CERTIFICATE_HOLDER


def stamped(world: PkiWorld, pdf: bytes) -> bytes:
    """Return `pdf` with revocation data (DSS) and a document time-stamp added."""
    files = AuthorityFiles(directory=world.directory)
    chain = files.certificate("issuing").public_bytes(Encoding.DER)
    timestamper = LocalTimeStamper(
        certificate=files.certificate("tsa").public_bytes(Encoding.DER),
        key=KeyStore(world.directory).load_unattended("tsa"),
        chain=(chain,),
        clock=world.clock,
    )
    store = BytesIO()
    writer = PlainWriter(BytesIO(pdf), strict=True)
    validation.DocumentSecurityStore.supply_dss_in_writer(
        writer,
        sig_contents=None,
        validation_context=ValidationContext(
            trust_roots=[], crls=list(files.crls()), allow_fetching=False
        ),
    )
    writer.write(store)
    output = BytesIO()
    stamper = signers.PdfTimeStamper(timestamper, field_name="Moc")
    loop.run(
        stamper.async_timestamp_pdf(
            PlainWriter(store, strict=True), "sha256", bytes_reserved=16384, output=output
        )
    )
    return output.getvalue()


def test_verify_passes_at_long_term_level_when_file_is_stamped(world: PkiWorld) -> None:
    pdf = stamped(world, world.certified())

    report = world.verifier.verify(pdf, stage=DocumentStage.SIGNED)

    assert (report.verdict, report.reason) == (Verdict.PASSED, None), report.message
    assert [entry.level for entry in report.signatures] == ["B-LTA", ""]
    assert report.signatures[0].changes == "lta"
    assert report.signatures[1].timestamped_at == world.clock.now()


def test_verify_fails_when_document_stamp_is_changed(world: PkiWorld) -> None:
    pdf = stamped(world, world.certified())
    place = pdf.rindex(b"/ETSI.RFC3161")
    changed = pdf[:place] + b"/ETSI.RFC3161 " + pdf[place + 14 :]

    assert hashlib.sha256(changed).digest() != hashlib.sha256(pdf).digest()
    assert world.verifier.verify(changed).verdict is Verdict.FAILED


def test_verify_is_undecided_when_every_stamp_is_too_old(world: PkiWorld) -> None:
    pdf = stamped(world, world.certified())
    world.clock.move(timedelta(days=7 * 365))
    world.authority.publish_crl([], world.clock.now())

    report = world.verifier.verify(pdf)

    assert report.verdict is Verdict.INDETERMINATE
    assert report.signatures[0].level == "B-LTA"


def test_verify_does_not_pass_when_time_stamp_is_by_a_holder(world: PkiWorld) -> None:
    thief = world.without_gate()
    issuing = AuthorityFiles(directory=world.directory).certificate("issuing")
    key = KeyStore(world.directory).load(world.agency.id, PIN)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    thief._other_timestamper = LocalTimeStamper(
        certificate=world.agency.der,
        key=key,
        chain=(issuing.public_bytes(Encoding.DER),),
        clock=world.clock,
    )
    pdf = world.signed(world.prepared(), SignatureField.LEADER, world.leader, signer=thief)

    report = world.verifier.verify(pdf)

    assert report.verdict is not Verdict.PASSED
    assert report.signatures[0].timestamped_at is None


def test_verify_blames_the_installation_when_its_lists_are_gone(world: PkiWorld) -> None:
    sealed = world.sealed()
    (world.directory / "root.crl").unlink()

    with pytest.raises(SignerUnavailableError):
        world.verifier.verify(sealed)


def test_gate_takes_the_own_list_when_it_was_published_after_the_signature_began(
    world: PkiWorld,
) -> None:
    began = world.clock.now()
    world.clock.move(timedelta(seconds=1))
    world.revoke(world.agency)

    SigningGate(AuthorityFiles(directory=world.directory), clock=world.clock).check(
        x509.load_der_x509_certificate(world.leader.der), began, holder_kind=HolderKind.PERSON
    )
