"""Sign and verify with certificates of other authorities, and refuse each that is unfit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from engine.clock import FixedClock
from engine.errors import CertificateRejectedError, ErrorCode, InvalidInputError
from engine.model.organisation import Validity
from engine.model.trust import AuthorityCrl, Binding, ImportedTrust, Refusal, TrustPurpose
from engine.model.verification import SignatureRole, Verdict
from engine.ports_services import CertificateStatus
from engine.ports_signing import (
    DocumentStage,
    HolderKind,
    IssuedCertificate,
    Revocation,
    SignatureField,
)
from signing.authority import AuthorityFiles, described
from signing.certificates import AGENCY_POLICY, PERSON_POLICY
from signing.foreign import ForeignFiles
from signing.keys.store import KeyStore
from signing.ocsp import OcspResponder
from signing.ocsp_client import OcspClient
from signing.outbound import Outbound
from signing.policy import SigningGate
from signing.signer import PyHankoPdfSigner
from signing.verification.imported import dump_imported, load_imported
from signing.verification.sandbox import SandboxedVerifier
from signing.verification.verifier import PyHankoVerifier
from tests.factories.answering import answering
from tests.factories.decoys import serving, silent
from tests.factories.foreign_ca import AUTHORITY, ForeignCa, Key, named
from tests.factories.pki_world import PIN, STYLE, PkiWorld, a_world

DAY = timedelta(days=1)
_NAMING = hashes.SHA1()  # noqa: S303 how the client names an issuer


@dataclass
class Foreign:
    """Hold a foreign root, an authority below it, and what the register says of them."""

    world: PkiWorld
    root: ForeignCa
    middle: ForeignCa
    key: Key
    trust: ImportedTrust

    def read(self) -> ImportedTrust:
        return self.trust

    def change(self, **changes: object) -> None:
        self.trust = replace(self.trust, **changes)

    def bind(
        self, certificate: x509.Certificate, kind: HolderKind = HolderKind.PERSON
    ) -> IssuedCertificate:
        """Register `certificate` as somebody's, with its key at hand."""
        issued = described(certificate, kind, "person-1")
        KeyStore(self.world.directory).save(issued.id, self.key, PIN)
        since = self.world.clock.now() - DAY
        binding = Binding(
            sha256=issued.sha256, holder_kind=kind, holder_id="person-1", since=since
        )
        self.change(bindings=(*self.trust.bindings, binding))
        return issued

    def leaf(self, **options: object) -> x509.Certificate:
        return self.middle.leaf("Nguyễn Văn Ngoại", self.key, **options)  # type: ignore[arg-type]

    @property
    def gate(self) -> SigningGate:
        return SigningGate(
            AuthorityFiles(directory=self.world.directory),
            read_trust=self.read,
            clock=self.world.clock,
        )

    def signed(self, certificate: IssuedCertificate, field: SignatureField) -> bytes:
        signer = PyHankoPdfSigner(
            directory=self.world.directory, clock=self.world.clock, style=STYLE, gate=self.gate
        )
        pdf = self.world.prepared()
        return self.world.signed(pdf, field, certificate, signer=signer)

    def refused(self, certificate: IssuedCertificate) -> ErrorCode:
        with pytest.raises(CertificateRejectedError) as caught:
            self.signed(certificate, SignatureField.LEADER)
        return caught.value.code

    def verifier(self) -> PyHankoVerifier:
        return PyHankoVerifier(
            trust_roots=[(self.world.directory / "root.pem").read_bytes()],
            clock=self.world.clock,
            crls=AuthorityFiles(directory=self.world.directory).crls,
            read_trust=self.read,
        )


def a_foreign_world(directory: Path, *, key: Key | None = None) -> Foreign:
    world = a_world(directory)
    at = world.clock.now()
    root = ForeignCa("Foreign Root", at)
    middle = ForeignCa("Foreign Issuing", at, issuer=root)
    return Foreign(
        world=world,
        root=root,
        middle=middle,
        key=key or ec.generate_private_key(ec.SECP256R1()),
        trust=ImportedTrust(
            authorities=(root.trusted(), middle.trusted(purposes=())),
            crls=(root.kept(root.crl()), middle.kept(middle.crl())),
        ),
    )


@pytest.fixture
def foreign(tmp_path: Path) -> Foreign:
    return a_foreign_world(tmp_path / "pki")


def test_imported_certificate_signs_and_passes_when_bound(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf())

    pdf = foreign.signed(issued, SignatureField.LEADER)
    report = foreign.verifier().verify(pdf, stage=DocumentStage.SIGNED)

    assert (report.verdict, report.reason) == (Verdict.PASSED, None), report.message
    assert report.signatures[0].role is SignatureRole.LEADER
    assert report.signatures[0].level == "B-T"
    assert foreign.gate.chain(x509.load_der_x509_certificate(issued.der)) == (foreign.middle.der,)


def test_sandbox_agrees_when_authority_is_imported(foreign: Foreign) -> None:
    pdf = foreign.signed(foreign.bind(foreign.leaf()), SignatureField.LEADER)
    words = {
        "trust_roots": [(foreign.world.directory / "root.pem").read_bytes()],
        "clock": foreign.world.clock,
        "crls": AuthorityFiles(directory=foreign.world.directory).crls,
    }
    with SandboxedVerifier(**words, read_trust=foreign.read) as judge:
        report = judge.verify(pdf, stage=DocumentStage.SIGNED)
        before = judge.revocation_epoch()
        foreign.change(bindings=())
        after = judge.revocation_epoch()

    assert report.verdict is Verdict.PASSED, report.message
    assert before != after


def test_what_is_imported_survives_the_wire(foreign: Foreign) -> None:
    foreign.bind(foreign.leaf())

    assert load_imported(dump_imported(foreign.trust)) == foreign.trust


RSA_1024 = rsa.generate_private_key(65537, 1024)  # noqa: S505 the gate must refuse it
P_192 = ec.generate_private_key(ec.SECP192R1())


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"days": 1, "since": -2 * DAY}, ErrorCode.CERTIFICATE_EXPIRED),
        ({"since": DAY}, ErrorCode.CERTIFICATE_NOT_YET_VALID),
        ({"signs": False}, ErrorCode.CERTIFICATE_USAGE),
        ({"purposes": [ExtendedKeyUsageOID.SERVER_AUTH]}, ErrorCode.CERTIFICATE_USAGE),
        ({"purposes": [ExtendedKeyUsageOID.OCSP_SIGNING]}, ErrorCode.CERTIFICATE_USAGE),
        (
            {
                "purposes": [
                    ExtendedKeyUsageOID.EMAIL_PROTECTION,
                    ExtendedKeyUsageOID.TIME_STAMPING,
                ]
            },
            ErrorCode.CERTIFICATE_USAGE,
        ),
    ],
    ids=["expired", "not_yet", "no_non_repudiation", "web", "ocsp", "also_time_stamps"],
)
def test_gate_refuses_imported_when_leaf_is_unfit(
    foreign: Foreign, options: dict[str, object], code: ErrorCode
) -> None:
    assert foreign.refused(foreign.bind(foreign.leaf(**options))) is code


@pytest.mark.parametrize(
    "purposes",
    [
        [],
        [ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE],
        [x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")],
        [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION],
    ],
)
def test_gate_accepts_imported_when_purposes_allow_documents(
    foreign: Foreign, purposes: Sequence[x509.ObjectIdentifier]
) -> None:
    issued = foreign.bind(foreign.leaf(purposes=purposes))

    assert foreign.signed(issued, SignatureField.LEADER)


def test_gate_refuses_imported_when_leaf_is_signed_with_sha1(foreign: Foreign) -> None:
    leaf = foreign.leaf(weakly=True)

    assert foreign.refused(foreign.bind(leaf)) is ErrorCode.CERTIFICATE_WEAK


def test_gate_refuses_imported_when_intermediate_is_signed_with_sha1(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf())
    foreign.middle.certificate = foreign.root.weakened(foreign.middle.certificate)
    foreign.change(authorities=(foreign.root.trusted(), foreign.middle.trusted(purposes=())))

    assert foreign.refused(issued) is ErrorCode.CERTIFICATE_WEAK


@pytest.mark.parametrize("key", [RSA_1024, P_192], ids=["rsa1024", "p192"])
def test_gate_refuses_imported_when_key_is_weak(tmp_path: Path, key: Key) -> None:
    foreign = a_foreign_world(tmp_path / "pki", key=key)

    assert foreign.refused(foreign.bind(foreign.leaf())) is ErrorCode.CERTIFICATE_WEAK


@pytest.mark.parametrize("key", [RSA_1024, P_192], ids=["rsa1024", "p192"])
def test_gate_refuses_imported_when_intermediate_is_weak(foreign: Foreign, key: Key) -> None:
    middle = ForeignCa("Weak Issuing", foreign.world.clock.now(), issuer=foreign.root, key=key)
    foreign.middle = middle
    foreign.change(
        authorities=(foreign.root.trusted(), middle.trusted(purposes=())),
        crls=(foreign.root.kept(foreign.root.crl()), middle.kept(middle.crl())),
    )

    assert foreign.refused(foreign.bind(foreign.leaf())) is ErrorCode.CERTIFICATE_WEAK


def test_gate_refuses_imported_when_intermediate_has_expired(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf())
    middle = foreign.middle
    middle.certificate = foreign.root.certify(
        middle.name, middle.key, extras=AUTHORITY, since=-3 * DAY, days=1
    )
    foreign.change(authorities=(foreign.root.trusted(), middle.trusted(purposes=())))

    assert foreign.refused(issued) is ErrorCode.CERTIFICATE_EXPIRED


@pytest.mark.parametrize(
    "extras",
    [
        [(x509.BasicConstraints(ca=False, path_length=None), True)],
        [],
    ],
    ids=["end_entity", "silent"],
)
def test_gate_refuses_imported_when_issuer_is_no_authority(
    foreign: Foreign, extras: list[tuple[x509.ExtensionType, bool]]
) -> None:
    middle = ForeignCa("Foreign Issuing", foreign.world.clock.now(), issuer=foreign.root)
    middle.certificate = foreign.root.certify(middle.name, middle.key, extras=extras)
    foreign.middle = middle
    foreign.change(authorities=(foreign.root.trusted(), middle.trusted(purposes=())))

    assert foreign.refused(foreign.bind(foreign.leaf())) is ErrorCode.CERTIFICATE_UNTRUSTED


Change = Callable[[Foreign], None]


def only_stamps(foreign: Foreign) -> None:
    anchor = foreign.root.trusted(purposes=(TrustPurpose.TIMESTAMPS,))
    foreign.change(authorities=(anchor, foreign.middle.trusted(purposes=())))


def no_more(foreign: Foreign) -> None:
    day = foreign.world.clock.now().date()
    ended = foreign.root.trusted(validity=Validity(since=day - 9 * DAY, until=day - DAY))
    foreign.change(authorities=(ended, foreign.middle.trusted(purposes=())))


def not_yet(foreign: Foreign) -> None:
    day = foreign.world.clock.now().date()
    later = foreign.root.trusted(validity=Validity(since=day + DAY))
    foreign.change(authorities=(later, foreign.middle.trusted(purposes=())))


def no_anchor(foreign: Foreign) -> None:
    foreign.change(authorities=(foreign.middle.trusted(purposes=()),))


def nothing(foreign: Foreign) -> None:
    foreign.change(authorities=())


@pytest.mark.parametrize("change", [only_stamps, no_more, not_yet, no_anchor, nothing])
def test_gate_refuses_imported_when_anchor_is_not_for_this(
    foreign: Foreign, change: Change
) -> None:
    issued = foreign.bind(foreign.leaf())
    change(foreign)

    assert foreign.refused(issued) is ErrorCode.CERTIFICATE_UNTRUSTED


def test_gate_refuses_imported_when_revoked_by_its_authority(foreign: Foreign) -> None:
    leaf = foreign.leaf()
    issued = foreign.bind(leaf)
    root, middle = foreign.root, foreign.middle
    foreign.change(crls=(root.kept(root.crl()), middle.kept(middle.crl(leaf))))

    assert foreign.refused(issued) is ErrorCode.CERTIFICATE_REVOKED


def test_gate_refuses_imported_when_intermediate_is_revoked(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf())
    root, middle = foreign.root, foreign.middle
    foreign.change(crls=(root.kept(root.crl(middle.certificate)), middle.kept(middle.crl())))

    assert foreign.refused(issued) is ErrorCode.CERTIFICATE_REVOKED


def stale_crl(foreign: Foreign) -> AuthorityCrl:
    at = foreign.world.clock.now() - 8 * DAY
    return foreign.middle.kept(foreign.middle.crl(at=at))


def future_crl(foreign: Foreign) -> AuthorityCrl:
    return foreign.middle.kept(foreign.middle.crl(at=foreign.world.clock.now() + DAY))


def crl_of_another(foreign: Foreign) -> AuthorityCrl:
    posing = ForeignCa(foreign.middle.name, foreign.world.clock.now())
    return foreign.middle.kept(posing.crl())


def crl_of_the_root(foreign: Foreign) -> AuthorityCrl:
    return foreign.middle.kept(foreign.root.crl())


@pytest.mark.parametrize("make", [stale_crl, future_crl, crl_of_another, crl_of_the_root])
def test_gate_refuses_imported_when_list_says_nothing(
    foreign: Foreign, make: Callable[[Foreign], AuthorityCrl]
) -> None:
    issued = foreign.bind(foreign.leaf())
    foreign.change(crls=(foreign.root.kept(foreign.root.crl()), make(foreign)))

    assert foreign.refused(issued) is ErrorCode.REVOCATION_STALE


def test_gate_refuses_imported_when_there_is_no_list(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf())
    foreign.change(crls=())

    assert foreign.refused(issued) is ErrorCode.REVOCATION_STALE


def test_gate_refuses_imported_when_nobody_bound_it(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf())
    foreign.change(bindings=())

    assert foreign.refused(issued) is ErrorCode.CERTIFICATE_HOLDER


def test_gate_refuses_imported_when_bound_to_somebody_else(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf())

    assert foreign.refused(replace(issued, holder_id="person-2")) is ErrorCode.CERTIFICATE_HOLDER


def test_gate_refuses_imported_when_bound_to_an_agency(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf(), HolderKind.AGENCY)

    posing = replace(issued, holder_kind=HolderKind.PERSON)
    assert foreign.refused(posing) is ErrorCode.CERTIFICATE_HOLDER


@pytest.mark.parametrize("name", ["until", "held_since"])
def test_gate_refuses_imported_when_register_ended_or_suspended_it(
    foreign: Foreign, name: str
) -> None:
    issued = foreign.bind(foreign.leaf())
    (binding,) = foreign.trust.bindings
    foreign.change(bindings=(replace(binding, **{name: foreign.world.clock.now()}),))

    assert foreign.refused(issued) is ErrorCode.CERTIFICATE_REVOKED


def test_verify_is_undecided_when_imported_holder_is_unknown(foreign: Foreign) -> None:
    pdf = foreign.signed(foreign.bind(foreign.leaf()), SignatureField.LEADER)
    foreign.change(bindings=())

    report = foreign.verifier().verify(pdf, stage=DocumentStage.SIGNED)

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "ROLE_UNKNOWN")
    assert report.signatures[0].role is SignatureRole.OTHER


def test_verify_passes_when_binding_ended_later(foreign: Foreign) -> None:
    pdf = foreign.signed(foreign.bind(foreign.leaf()), SignatureField.LEADER)
    (binding,) = foreign.trust.bindings
    later = foreign.world.clock.now() + timedelta(hours=1)
    foreign.change(bindings=(replace(binding, until=later),))

    report = foreign.verifier().verify(pdf, stage=DocumentStage.SIGNED)

    assert report.verdict is Verdict.PASSED, report.message


@pytest.mark.parametrize("policy", [PERSON_POLICY, AGENCY_POLICY])
def test_verify_does_not_believe_our_policies_in_foreign_certificates(
    foreign: Foreign, policy: x509.ObjectIdentifier
) -> None:
    information = x509.CertificatePolicies([x509.PolicyInformation(policy, None)])
    issued = foreign.bind(foreign.leaf(more=[(information, False)]))
    pdf = foreign.signed(issued, SignatureField.LEADER)
    foreign.change(bindings=())

    report = foreign.verifier().verify(pdf, stage=DocumentStage.SIGNED)

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "ROLE_UNKNOWN")


def test_verify_is_undecided_when_anchor_was_not_trusted_on_the_day(foreign: Foreign) -> None:
    pdf = foreign.signed(foreign.bind(foreign.leaf()), SignatureField.LEADER)
    no_more(foreign)

    report = foreign.verifier().verify(pdf, stage=DocumentStage.SIGNED)

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "ANCHOR_PERIOD")


def test_verify_does_not_pass_when_anchor_is_for_time_stamps(foreign: Foreign) -> None:
    pdf = foreign.signed(foreign.bind(foreign.leaf()), SignatureField.LEADER)
    only_stamps(foreign)

    assert foreign.verifier().verify(pdf).verdict is not Verdict.PASSED


def test_own_signatures_keep_their_role_when_others_are_imported(foreign: Foreign) -> None:
    report = foreign.verifier().verify(foreign.world.sealed())

    assert (report.verdict, report.reason) == (Verdict.PASSED, None), report.message
    assert [entry.role for entry in report.signatures] == [
        SignatureRole.LEADER,
        SignatureRole.SEAL,
    ]


@pytest.fixture
def other(tmp_path: Path) -> PkiWorld:
    """Return another installation: an authority with answers of its own."""
    return a_world(tmp_path / "other")


@pytest.fixture
def foreign_leader(foreign: Foreign, other: PkiWorld) -> IssuedCertificate:
    """Return a certificate of the other installation, bound to one of ours."""
    foreign.key = KeyStore(other.directory).load(other.leader.id, PIN)
    return foreign.bind(x509.load_der_x509_certificate(other.leader.der))


Status = Callable[[bytes], bytes]


def asked(
    foreign: Foreign,
    other: PkiWorld,
    leader: IssuedCertificate,
    answer: Status | None,
    *,
    crls: tuple[AuthorityCrl, ...] = (),
    timeout_seconds: float = 60.0,
) -> ErrorCode | None:
    """Return what the gate says when only OCSP, or OCSP beside `crls`, can tell.

    Args:
        answer: None where the service never answers.
    """
    files = AuthorityFiles(directory=other.directory)
    root = ForeignCa.known("root", files.certificate("root"), other.clock.now())
    with answering(answer) if answer else serving(silent) as service:
        middle = ForeignCa.known("issuing", files.certificate("issuing"), other.clock.now())
        foreign.change(
            authorities=(
                root.trusted(),
                middle.trusted(purposes=(), ocsp_url=service.url),
            ),
            crls=(root.kept(files.crl_der("root")), *crls),
        )
        gate = SigningGate(
            AuthorityFiles(directory=foreign.world.directory),
            read_trust=foreign.read,
            status=OcspClient(
                Outbound(["127.0.0.1"], max_bytes=65536, timeout_seconds=timeout_seconds)
            ),
        )
        try:
            gate.check(
                x509.load_der_x509_certificate(leader.der),
                foreign.world.clock.now(),
                holder_kind=HolderKind.PERSON,
                holder_id="person-1",
            )
        except CertificateRejectedError as error:
            return error.code
    return None


def honest(other: PkiWorld, revocation: Revocation | None = None) -> Status:
    files = AuthorityFiles(directory=other.directory)
    responder = OcspResponder(files, KeyStore(other.directory), other.clock)
    status = CertificateStatus(revocation=revocation)
    return lambda body: responder.answer(body, lambda _: status).der


def hold(leader: IssuedCertificate, other: PkiWorld) -> Revocation:
    return Revocation(
        certificate_id=leader.id, revoked_at=other.clock.now(), reason="certificate_hold"
    )


def test_gate_believes_ocsp_when_there_is_no_list(
    foreign: Foreign, other: PkiWorld, foreign_leader: IssuedCertificate
) -> None:
    assert asked(foreign, other, foreign_leader, honest(other)) is None


def test_gate_refuses_when_ocsp_says_suspended(
    foreign: Foreign, other: PkiWorld, foreign_leader: IssuedCertificate
) -> None:
    answer = honest(other, hold(foreign_leader, other))

    assert asked(foreign, other, foreign_leader, answer) is ErrorCode.CERTIFICATE_REVOKED


def replayed(other: PkiWorld, leader: IssuedCertificate) -> Status:
    """Answer with what was said to somebody else's nonce."""
    issuing = AuthorityFiles(directory=other.directory).certificate("issuing")
    certificate = x509.load_der_x509_certificate(leader.der)
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuing, _NAMING)
    request = builder.add_extension(x509.OCSPNonce(bytes(32)), False).build()
    answer = honest(other)(request.public_bytes(Encoding.DER))
    return lambda _: answer


def without_nonce(other: PkiWorld, leader: IssuedCertificate) -> Status:
    issuing = AuthorityFiles(directory=other.directory).certificate("issuing")
    certificate = x509.load_der_x509_certificate(leader.der)
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuing, _NAMING)
    answer = honest(other)(builder.build().public_bytes(Encoding.DER))
    return lambda _: answer


def forged(other: PkiWorld, leader: IssuedCertificate) -> Status:
    def answer(body: bytes) -> bytes:
        content = honest(other)(body)
        place = content.index(b"\x18\x0f")  # the first time in it
        return content[: place + 16] + bytes([content[place + 16] ^ 1]) + content[place + 17 :]

    return answer


def about_another(other: PkiWorld, leader: IssuedCertificate) -> Status:
    issuing = AuthorityFiles(directory=other.directory).certificate("issuing")
    certificate = x509.load_der_x509_certificate(other.agency.der)

    def answer(body: bytes) -> bytes:
        nonce = ocsp.load_der_ocsp_request(body).extensions[0].value
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuing, _NAMING)
        request = builder.add_extension(nonce, False).build()
        return honest(other)(request.public_bytes(Encoding.DER))

    return answer


def of_yesterday(other: PkiWorld, leader: IssuedCertificate) -> Status:
    files = AuthorityFiles(directory=other.directory)
    clock = FixedClock(other.clock.now() - timedelta(hours=2))
    responder = OcspResponder(files, KeyStore(other.directory), clock)
    return lambda body: responder.answer(body, lambda _: CertificateStatus()).der


def garbage(other: PkiWorld, leader: IssuedCertificate) -> Status:
    return lambda _: b"<html>"


def never_issued(other: PkiWorld, leader: IssuedCertificate) -> Status:
    files = AuthorityFiles(directory=other.directory)
    responder = OcspResponder(files, KeyStore(other.directory), other.clock)
    return lambda body: responder.answer(body, lambda _: None).der


@pytest.mark.parametrize(
    "make",
    [
        replayed,
        without_nonce,
        forged,
        about_another,
        of_yesterday,
        garbage,
        never_issued,
    ],
)
def test_gate_refuses_when_ocsp_cannot_be_believed(
    foreign: Foreign,
    other: PkiWorld,
    foreign_leader: IssuedCertificate,
    make: Callable[[PkiWorld, IssuedCertificate], Status],
) -> None:
    answer = make(other, foreign_leader)

    assert asked(foreign, other, foreign_leader, answer) is ErrorCode.REVOCATION_STALE


def test_gate_refuses_when_ocsp_never_answers(
    foreign: Foreign, other: PkiWorld, foreign_leader: IssuedCertificate
) -> None:
    code = asked(foreign, other, foreign_leader, None, timeout_seconds=0.5)

    assert code is ErrorCode.REVOCATION_STALE


def test_gate_believes_a_current_list_when_ocsp_is_garbage(
    foreign: Foreign, other: PkiWorld, foreign_leader: IssuedCertificate
) -> None:
    files = AuthorityFiles(directory=other.directory)
    middle = ForeignCa.known("issuing", files.certificate("issuing"), other.clock.now())
    crls = (middle.kept(files.crl_der("issuing")),)

    assert asked(foreign, other, foreign_leader, lambda _: b"", crls=crls) is None


def ended_middle(foreign: Foreign) -> None:
    """Stop trusting the authority below the root; its certificate and list live on."""
    day = foreign.world.clock.now().date()
    ended = Validity(since=day - 30 * DAY, until=day - DAY)
    foreign.change(
        authorities=(foreign.root.trusted(), foreign.middle.trusted(purposes=(), validity=ended))
    )


def test_gate_refuses_imported_when_intermediate_is_trusted_no_more(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf())
    ended_middle(foreign)

    assert foreign.refused(issued) is ErrorCode.CERTIFICATE_UNTRUSTED
    # What was signed while it was trusted is still brought together with its chain.
    assert foreign.gate.chain(x509.load_der_x509_certificate(issued.der)) == (foreign.middle.der,)


def test_verify_doubts_when_intermediate_was_not_trusted_on_the_day(foreign: Foreign) -> None:
    pdf = foreign.signed(foreign.bind(foreign.leaf()), SignatureField.LEADER)
    ended_middle(foreign)

    report = foreign.verifier().verify(pdf, stage=DocumentStage.SIGNED)

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "ANCHOR_PERIOD")


def test_verify_passes_when_trust_in_intermediate_ended_later(foreign: Foreign) -> None:
    pdf = foreign.signed(foreign.bind(foreign.leaf()), SignatureField.LEADER)
    day = foreign.world.clock.now().date()
    ended = foreign.middle.trusted(purposes=(), validity=Validity(since=day - DAY, until=day))
    foreign.change(authorities=(foreign.root.trusted(), ended))
    foreign.world.clock.move(DAY)

    report = foreign.verifier().verify(pdf, stage=DocumentStage.SIGNED)

    assert report.verdict is Verdict.PASSED, report.message


def renewed_middle(foreign: Foreign) -> ForeignCa:
    """Return the certificate that the middle authority had before, with the same key."""
    middle, at = foreign.middle, foreign.world.clock.now()
    expired = foreign.root.certify(
        middle.name, middle.key, extras=AUTHORITY, since=-20 * DAY, days=10
    )
    return ForeignCa.known(middle.name, expired, at)


def ended(foreign: Foreign) -> Validity:
    day = foreign.world.clock.now().date()
    return Validity(since=day - 30 * DAY, until=day - DAY)


@pytest.mark.parametrize("is_ended", [False, True])
@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize("has_list", [False, True])
def test_imported_signs_and_passes_when_its_authority_was_renewed_with_the_same_key(
    foreign: Foreign, is_ended: bool, is_first: bool, has_list: bool
) -> None:
    issued = foreign.bind(foreign.leaf())
    middle, old = foreign.middle, renewed_middle(foreign)
    before = old.trusted(purposes=(), validity=ended(foreign) if is_ended else None)
    after = middle.trusted(purposes=())
    both = (before, after) if is_first else (after, before)
    # The list under the old certificate is signed with the same key, and as good.
    holder = old if has_list else middle
    foreign.change(
        authorities=(*both, foreign.root.trusted()),
        crls=(foreign.root.kept(foreign.root.crl()), holder.kept(middle.crl())),
    )

    pdf = foreign.signed(issued, SignatureField.LEADER)
    report = foreign.verifier().verify(pdf, stage=DocumentStage.SIGNED)

    assert report.verdict is Verdict.PASSED, report.message
    assert foreign.gate.chain(x509.load_der_x509_certificate(issued.der)) == (middle.der,)


def test_imported_signs_when_only_one_of_two_ways_ends_at_an_anchor(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf())
    middle, at = foreign.middle, foreign.world.clock.now()
    elsewhere = ForeignCa("Unknown Root", at)
    crossed = elsewhere.certify(middle.name, middle.key, extras=AUTHORITY, days=9000)
    other = ForeignCa.known(middle.name, crossed, at)
    foreign.change(authorities=(other.trusted(purposes=()), *foreign.trust.authorities))

    assert foreign.signed(issued, SignatureField.LEADER)


def test_gate_refuses_imported_when_it_was_revoked_under_the_renewed_certificate(
    foreign: Foreign,
) -> None:
    leaf = foreign.leaf()
    issued = foreign.bind(leaf)
    old = renewed_middle(foreign)
    later = foreign.world.clock.now()
    foreign.change(
        authorities=(old.trusted(purposes=()), *foreign.trust.authorities),
        crls=(
            foreign.root.kept(foreign.root.crl()),
            foreign.middle.kept(foreign.middle.crl(at=later - DAY)),
            old.kept(foreign.middle.crl(leaf, at=later)),
        ),
    )

    assert foreign.refused(issued) is ErrorCode.CERTIFICATE_REVOKED


SHARD = x509.UniformResourceIdentifier("http://ca.example/7.crl")
UNKNOWN = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00"), True)


def idp(**changes: object) -> x509.IssuingDistributionPoint:
    values: dict[str, object] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(values | changes))  # type: ignore[arg-type]


def points(url: str) -> x509.CRLDistributionPoints:
    name = x509.UniformResourceIdentifier(url)
    return x509.CRLDistributionPoints([x509.DistributionPoint([name], None, None, None)])


def keep_shard(foreign: Foreign) -> None:
    der = foreign.middle.crl(extras=((idp(full_name=[SHARD]), True),))
    foreign.change(
        crls=(foreign.root.kept(foreign.root.crl()), foreign.middle.kept(der)),
    )


@pytest.mark.parametrize(
    "more", [(), ((points("http://ca.example/8.crl"), False),)], ids=["none", "another"]
)
def test_gate_refuses_imported_when_its_list_is_the_part_of_others(
    foreign: Foreign, more: Sequence[tuple[x509.ExtensionType, bool]]
) -> None:
    issued = foreign.bind(foreign.leaf(more=more))
    keep_shard(foreign)

    assert foreign.refused(issued) is ErrorCode.REVOCATION_STALE


def test_imported_signs_and_passes_when_its_list_is_its_own_part(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf(more=((points(SHARD.value), False),)))
    keep_shard(foreign)

    pdf = foreign.signed(issued, SignatureField.LEADER)

    report = foreign.verifier().verify(pdf, stage=DocumentStage.SIGNED)
    assert report.verdict is Verdict.PASSED, report.message


@pytest.mark.parametrize(
    "extra",
    [
        (
            idp(
                relative_name=x509.RelativeDistinguishedName(
                    [x509.NameAttribute(x509.NameOID.COMMON_NAME, "7")]
                )
            ),
            True,
        ),
        UNKNOWN,
    ],
    ids=["relative", "unknown"],
)
def test_list_is_refused_when_it_says_what_is_not_heeded(
    foreign: Foreign, extra: tuple[x509.ExtensionType, bool]
) -> None:
    files = ForeignFiles(AuthorityFiles(directory=foreign.world.directory), [])
    der = foreign.middle.crl(extras=(extra,))

    with pytest.raises(InvalidInputError) as caught:
        files.read_crl(der, foreign.middle.trusted(purposes=()), foreign.world.clock.now())

    assert caught.value.params["why"] == Refusal.LIST_PARTIAL


def test_gate_refuses_imported_when_a_critical_extension_is_unknown(foreign: Foreign) -> None:
    issued = foreign.bind(foreign.leaf(more=(UNKNOWN,)))

    assert foreign.refused(issued) is ErrorCode.CERTIFICATE_USAGE


ONLY_SOME = x509.NameConstraints(
    permitted_subtrees=[x509.DirectoryName(named("only this"))], excluded_subtrees=None
)


@pytest.mark.parametrize("extra", [(ONLY_SOME, True), (ONLY_SOME, False), UNKNOWN])
def test_gate_refuses_imported_when_its_authority_is_limited(
    foreign: Foreign, extra: tuple[x509.ExtensionType, bool]
) -> None:
    at = foreign.world.clock.now()
    middle = ForeignCa(foreign.middle.name, at, issuer=foreign.root, extras=(*AUTHORITY, extra))
    foreign.middle = middle
    foreign.change(
        authorities=(foreign.root.trusted(), middle.trusted(purposes=())),
        crls=(foreign.root.kept(foreign.root.crl()), middle.kept(middle.crl())),
    )

    assert foreign.refused(foreign.bind(foreign.leaf())) is ErrorCode.CERTIFICATE_UNTRUSTED


def test_gate_takes_a_list_when_it_came_after_the_signature_began(foreign: Foreign) -> None:
    leaf = foreign.leaf()
    foreign.bind(leaf)
    began = foreign.world.clock.now()
    foreign.world.clock.move(timedelta(hours=2))
    later = foreign.world.clock.now()
    root, middle = foreign.root, foreign.middle
    foreign.change(crls=(root.kept(root.crl(at=later)), middle.kept(middle.crl(at=later))))

    foreign.gate.check(leaf, began, holder_kind=HolderKind.PERSON)

    foreign.change(crls=(root.kept(root.crl(at=later)), middle.kept(middle.crl(leaf, at=later))))
    with pytest.raises(CertificateRejectedError) as caught:
        foreign.gate.check(leaf, began, holder_kind=HolderKind.PERSON)
    assert caught.value.code is ErrorCode.CERTIFICATE_REVOKED
