import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
)

from engine.clock import FixedClock
from engine.errors import (
    ConflictError,
    ErrorCode,
    InvalidInputError,
    PinRejectedError,
    SignerUnavailableError,
)
from engine.model.keys import KeyHome, KeyType
from engine.model.trust import Refusal
from engine.ports_signing import HOLD_REASON, CertificateId, Revocation
from signing.authority import AuthorityFiles, LocalCertificateAuthority
from signing.certificates import AGENCY_POLICY, PERSON_POLICY, PublicAddresses
from signing.keys.store import KeyStore, write_atomically
from tests.factories.pki_world import AGENCY, LEADER, PIN, START


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "pki"


@pytest.fixture
def authority(directory: Path) -> LocalCertificateAuthority:
    authority = LocalCertificateAuthority(directory, FixedClock(START))
    authority.create(name="Thành phố Cần Thơ")
    return authority


def extension(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> x509.Extension:
    return next(entry for entry in certificate.extensions if isinstance(entry.value, kind))


def test_create_makes_a_chain_of_three(
    authority: LocalCertificateAuthority, directory: Path
) -> None:
    files = AuthorityFiles(directory=directory)
    root, issuing, tsa = (files.certificate(name) for name in ("root", "issuing", "tsa"))

    root.verify_directly_issued_by(root)
    issuing.verify_directly_issued_by(root)
    tsa.verify_directly_issued_by(issuing)
    assert isinstance(root.public_key(), ec.EllipticCurvePublicKey)
    assert root.public_key().key_size == 384
    assert extension(issuing, x509.BasicConstraints).value.path_length == 0
    purpose = extension(tsa, x509.ExtendedKeyUsage)
    assert purpose.critical
    assert list(purpose.value) == [x509.ExtendedKeyUsageOID.TIME_STAMPING]
    assert authority.trust_root_path == directory / "root.pem"


def test_create_keeps_secrets_from_other_users(
    authority: LocalCertificateAuthority, directory: Path
) -> None:
    private = [directory / "secret", *directory.glob("*.key.pem")]

    assert len(private) == 5
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in private)
    assert stat.S_IMODE((directory / "keys").stat().st_mode) == 0o700
    assert all(
        b"ENCRYPTED PRIVATE KEY" in path.read_bytes() for path in directory.glob("*.key.pem")
    )


def test_create_refuses_when_there_is_one(authority: LocalCertificateAuthority) -> None:
    with pytest.raises(ConflictError) as caught:
        authority.create(name="Khác")

    assert caught.value.code is ErrorCode.INSTALLATION_EXISTS


def test_issue_binds_holder_and_key(authority: LocalCertificateAuthority, directory: Path) -> None:
    leader, agency = authority.issue([LEADER, AGENCY], pin=PIN, key_type=KeyType.P256, days=730)
    certificate = x509.load_der_x509_certificate(leader.der)

    assert leader.id != agency.id
    assert (leader.common_name, leader.holder_id) == (LEADER.common_name, LEADER.holder_id)
    assert leader.not_after - START == timedelta(days=730)
    subject = {entry.oid: entry.value for entry in certificate.subject}
    assert subject[x509.NameOID.USER_ID] == "person-1"
    assert subject[x509.NameOID.TITLE] == "Giám đốc"
    usage = extension(certificate, x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.content_commitment
    key = KeyStore(directory).load(leader.id, PIN)
    assert key.public_key() == certificate.public_key()


def test_issue_makes_rsa_keys_when_asked(
    authority: LocalCertificateAuthority, directory: Path
) -> None:
    (leader,) = authority.issue([LEADER], pin=PIN, key_type=KeyType.RSA2048)
    key = KeyStore(directory).load(leader.id, PIN)

    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size == 2048


def test_issue_refuses_when_name_is_too_long(authority: LocalCertificateAuthority) -> None:
    request = replace(LEADER, common_name="Ậ" * 65)

    with pytest.raises(InvalidInputError) as caught:
        list(authority.issue([request], pin=PIN, key_type=KeyType.P256))

    assert caught.value.code is ErrorCode.INPUT_TOO_LONG


def test_issue_refuses_when_there_is_no_authority(directory: Path) -> None:
    authority = LocalCertificateAuthority(directory, FixedClock(START))

    with pytest.raises(SignerUnavailableError):
        list(authority.issue([LEADER], pin=PIN, key_type=KeyType.P256))


def test_publish_crl_counts_up_and_says_why(
    authority: LocalCertificateAuthority, directory: Path
) -> None:
    files = AuthorityFiles(directory=directory)
    revoked = [
        Revocation(certificate_id=CertificateId("ab12"), revoked_at=START, reason="superseded"),
        Revocation(certificate_id=CertificateId("ab13"), revoked_at=START, reason="thôi việc"),
    ]

    authority.publish_crl(revoked, START + timedelta(hours=1))
    crl = files.crl("issuing")

    assert [number(files.crl(name)) for name in ("root", "issuing")] == [2, 2]
    assert crl.next_update_utc == START + timedelta(hours=1, days=7)
    known = crl.get_revoked_certificate_by_serial_number(0xAB12)
    other = crl.get_revoked_certificate_by_serial_number(0xAB13)
    assert known is not None
    assert other is not None
    reason = known.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.superseded
    assert not list(other.extensions)
    assert len(files.crls()) == 2


@pytest.mark.parametrize(
    ("age", "stale"),
    [
        (timedelta(minutes=-1), True),
        (timedelta(0), False),
        (timedelta(days=3, hours=11), False),
        (timedelta(days=3, hours=12), True),
        (timedelta(days=9), True),
    ],
)
def test_crl_is_stale_when_half_of_its_time_is_over(
    authority: LocalCertificateAuthority, age: timedelta, stale: bool
) -> None:
    assert authority.is_crl_stale(START + age) is stale


def test_crl_is_stale_when_one_of_both_is(
    authority: LocalCertificateAuthority, directory: Path
) -> None:
    old = (directory / "root.crl").read_bytes()
    authority.publish_crl([], START + timedelta(days=6))
    assert not authority.is_crl_stale(START + timedelta(days=6))
    (directory / "root.crl").write_bytes(old)

    assert authority.is_crl_stale(START + timedelta(days=6))


def test_list_is_behind_when_it_holds_anything_else(
    authority: LocalCertificateAuthority, directory: Path
) -> None:
    files = AuthorityFiles(directory=directory)
    at = START + timedelta(microseconds=7)
    held = Revocation(certificate_id=CertificateId("ab12"), revoked_at=at, reason=HOLD_REASON)
    revoked = replace(held, reason="thôi việc")
    assert not files.is_behind([])
    assert files.is_behind([held])
    authority.publish_crl([held], START + timedelta(hours=1))

    assert not files.is_behind([held])
    assert all(
        files.is_behind(other)
        for other in (
            [],
            [revoked],
            [replace(held, revoked_at=START + timedelta(seconds=1))],
            [held, replace(held, certificate_id=CertificateId("ab13"))],
        )
    )


def test_list_is_behind_when_it_cannot_be_read(
    authority: LocalCertificateAuthority, directory: Path
) -> None:
    (directory / "issuing.crl").write_bytes(b"half a li")

    assert AuthorityFiles(directory=directory).is_behind([])


def test_certificates_say_whose_they_are(
    authority: LocalCertificateAuthority, directory: Path
) -> None:
    issued = authority.issue([LEADER, AGENCY], pin=PIN, key_type=KeyType.P256)
    found = [
        [
            policy.policy_identifier
            for policy in extension(certificate, x509.CertificatePolicies).value
        ]
        for certificate in (x509.load_der_x509_certificate(entry.der) for entry in issued)
    ]

    assert found == [[PERSON_POLICY], [AGENCY_POLICY]]
    assert (
        PERSON_POLICY.dotted_string == f"2.25.{UUID('b87a4e9f-c74f-4f88-9ea9-e89b27e3285c').int}"
    )
    assert (
        AGENCY_POLICY.dotted_string == f"2.25.{UUID('ce01df76-fc25-4106-b108-07a189407771').int}"
    )
    tsa = AuthorityFiles(directory=directory).certificate("tsa")
    assert not [e for e in tsa.extensions if isinstance(e.value, x509.CertificatePolicies)]


def number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


@pytest.mark.parametrize("name", ["certificate", "crl"])
def test_files_say_unavailable_when_broken(
    authority: LocalCertificateAuthority, directory: Path, name: str
) -> None:
    (directory / "issuing.pem").write_bytes(b"nothing")
    (directory / "issuing.crl").write_bytes(b"nothing")

    with pytest.raises(SignerUnavailableError):
        getattr(AuthorityFiles(directory=directory), name)("issuing")


def test_key_store_refuses_when_pin_is_wrong_and_says_nothing_of_it(
    authority: LocalCertificateAuthority, directory: Path
) -> None:
    (leader,) = authority.issue([LEADER], pin=PIN, key_type=KeyType.P256)

    with pytest.raises(PinRejectedError) as caught:
        KeyStore(directory).load(leader.id, "739184")

    assert "739184" not in str(caught.value)


def test_key_files_are_of_no_use_when_secret_is_another(
    authority: LocalCertificateAuthority, directory: Path
) -> None:
    (leader,) = authority.issue([LEADER], pin=PIN, key_type=KeyType.P256)
    (directory / "secret").write_bytes(b"x" * 32)

    with pytest.raises(PinRejectedError):
        KeyStore(directory).load(leader.id, PIN)
    with pytest.raises(SignerUnavailableError):
        KeyStore(directory).load_unattended("issuing")


def test_key_store_says_unavailable_when_files_are_gone(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)

    with pytest.raises(SignerUnavailableError):
        store.load(CertificateId("ab"), PIN)
    store.create()
    with pytest.raises(SignerUnavailableError):
        store.load(CertificateId("ab"), PIN)


def test_key_store_says_unavailable_when_key_has_the_wrong_kind(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    store.create()
    store.save_unattended("tsa", rsa.generate_private_key(65537, 2048))

    with pytest.raises(SignerUnavailableError):
        store.load_unattended("tsa")
    encryption = BestAvailableEncryption(store._passphrase("odd", ""))
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, encryption
    )
    (tmp_path / "odd.key.pem").write_bytes(pem)
    with pytest.raises(SignerUnavailableError):
        store.load_unattended("odd")


def test_write_atomically_leaves_nothing_behind_when_it_fails(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.mkdir()

    with pytest.raises(OSError, match="taken"):
        write_atomically(target, b"x")

    assert list(tmp_path.iterdir()) == [target]


def test_certificates_name_where_their_status_is_published(directory: Path) -> None:
    addresses = PublicAddresses(base="https://vanban.example.vn/")
    authority = LocalCertificateAuthority(directory, FixedClock(START), addresses)
    authority.create(name="Thành phố Cần Thơ")
    (leader,) = authority.issue([LEADER], pin=PIN, key_type=KeyType.P256)
    certificate = x509.load_der_x509_certificate(leader.der)
    issuing = AuthorityFiles(directory=directory).certificate("issuing")

    assert published(certificate) == {
        "https://vanban.example.vn/pki/issuing.crl",
        "https://vanban.example.vn/pki/issuing.crt",
        "https://vanban.example.vn/pki/ocsp",
    }
    assert published(issuing) == {
        "https://vanban.example.vn/pki/root.crl",
        "https://vanban.example.vn/pki/root.crt",
    }


def test_certificates_name_no_address_when_there_is_none(
    authority: LocalCertificateAuthority,
) -> None:
    (leader,) = authority.issue([LEADER], pin=PIN, key_type=KeyType.P256)

    assert published(x509.load_der_x509_certificate(leader.der)) == set()


def published(certificate: x509.Certificate) -> set[str]:
    found = set()
    for entry in certificate.extensions:
        if isinstance(entry.value, x509.CRLDistributionPoints):
            found |= {name.value for point in entry.value for name in point.full_name or ()}
        if isinstance(entry.value, x509.AuthorityInformationAccess):
            found |= {access.access_location.value for access in entry.value}
    return found


def a_csr(key: object, *, common_name: str = "Nguyễn Văn Khác") -> x509.CertificateSigningRequest:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()
    return builder.sign(key, digest)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
@pytest.mark.parametrize(
    "key",
    [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)],
    ids=["p256", "rsa2048"],
)
def test_certify_binds_a_key_that_was_made_elsewhere(
    authority: LocalCertificateAuthority,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    encoding: Encoding,
) -> None:
    public_key = authority.check_csr(a_csr(key).public_bytes(encoding))

    issued = authority.certify(
        LEADER, public_key, days=30, key_home=KeyHome.TOKEN, key_ref="pkcs11:token=snv"
    )

    certificate = x509.load_der_x509_certificate(issued.der)
    assert certificate.public_key() == key.public_key()
    assert (issued.key_home, issued.key_ref) == (KeyHome.TOKEN, "pkcs11:token=snv")
    # Names in the request are not believed.
    assert issued.common_name == LEADER.common_name
    assert issued.not_after - START == timedelta(days=30)


def test_check_csr_refuses_when_key_did_not_sign_it(authority: LocalCertificateAuthority) -> None:
    der = a_csr(ec.generate_private_key(ec.SECP256R1())).public_bytes(Encoding.DER)
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    spki = other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    place = der.index(b"\x30\x59\x30\x13")  # where a P-256 key begins
    forged = der[:place] + spki + der[place + len(spki) :]

    assert refused(authority, forged) == Refusal.NOT_PROVED


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (rsa.generate_private_key(65537, 1024), Refusal.WEAK),  # noqa: S505 must be refused
        (ec.generate_private_key(ec.SECP192R1()), Refusal.WEAK),
        (ed25519.Ed25519PrivateKey.generate(), Refusal.WEAK),
    ],
    ids=["rsa1024", "p192", "ed25519"],
)
def test_check_csr_refuses_when_key_is_unfit(
    authority: LocalCertificateAuthority, key: object, why: Refusal
) -> None:
    assert refused(authority, a_csr(key).public_bytes(Encoding.DER)) == why


@pytest.mark.parametrize(
    "content", [b"", b"nothing", b"-----BEGIN CERTIFICATE REQUEST-----\nxx", bytes(20_000)]
)
def test_check_csr_refuses_when_it_cannot_be_read(
    authority: LocalCertificateAuthority, content: bytes
) -> None:
    assert refused(authority, content) == Refusal.UNREADABLE


def test_check_csr_refuses_when_its_version_is_unknown(
    authority: LocalCertificateAuthority,
) -> None:
    der = bytearray(a_csr(ec.generate_private_key(ec.SECP256R1())).public_bytes(Encoding.DER))
    der[der.index(b"\x02\x01\x00") + 2] = 2  # the library has an error of its own for that

    assert refused(authority, bytes(der)) == Refusal.UNREADABLE


@pytest.mark.parametrize("content", [b"", b"nothing"])
def test_certify_refuses_when_key_cannot_be_read(
    authority: LocalCertificateAuthority, content: bytes
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        authority.certify(LEADER, content, key_home=KeyHome.CLIENT)

    assert caught.value.code is ErrorCode.CSR_REFUSED


def refused(authority: LocalCertificateAuthority, content: bytes) -> str:
    with pytest.raises(InvalidInputError) as caught:
        authority.check_csr(content)
    assert caught.value.code is ErrorCode.CSR_REFUSED
    return caught.value.params["why"]
