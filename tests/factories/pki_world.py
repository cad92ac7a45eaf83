"""Build an authority with two holders, a signer and a verifier, in a directory of a test."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign import fields, signers

from engine.clock import FixedClock
from engine.model.keys import KeyType
from engine.ports_pdf import SignatureAct
from engine.ports_signing import (
    CertificateRequest,
    HolderKind,
    IssuedCertificate,
    Revocation,
    SignatureField,
)
from signing import loop
from signing.authority import AuthorityFiles, LocalCertificateAuthority
from signing.fields import FormStyle
from signing.keys.software import SoftwareKey, SoftwareKeys
from signing.keys.store import KeyStore
from signing.policy import SigningGate
from signing.signer import PyHankoPdfSigner
from signing.verification.verifier import PyHankoVerifier
from signing.writer import PlainWriter
from tests.factories.held_key import HeldKeySigner
from tests.factories.pki_documents import (
    ITALIC,
    LETTER_BOXES,
    REGULAR,
    a_letter,
    a_seal,
    a_stamp,
)

PIN = "482913"
START = datetime(2026, 2, 5, 8, 30, tzinfo=UTC)
ISSUED_ON = date(2026, 2, 5)
STYLE = FormStyle(regular=REGULAR, italic=ITALIC)
LEADER = CertificateRequest(
    holder_kind=HolderKind.PERSON,
    holder_id="person-1",
    common_name="Nguyễn Thị Lấp Lánh Ánh",
    organisation="Sở Nội vụ",
    title="Giám đốc",
)
AGENCY = CertificateRequest(
    holder_kind=HolderKind.AGENCY,
    holder_id="snv",
    common_name="Sở Nội vụ thành phố Cần Thơ",
    organisation="Sở Nội vụ",
)


@dataclass(frozen=True, kw_only=True)
class PkiWorld:
    """Hold everything that signs and verifies in one test; its clock stands still."""

    directory: Path
    clock: FixedClock
    authority: LocalCertificateAuthority
    signer: PyHankoPdfSigner
    verifier: PyHankoVerifier
    leader: IssuedCertificate
    agency: IssuedCertificate

    def prepared(self, body: str = "thử nghiệm") -> bytes:
        return self.signer.prepare(a_letter(body), LETTER_BOXES)

    def certified(
        self, pdf: bytes | None = None, *, certificate: IssuedCertificate | None = None
    ) -> bytes:
        return self.signed(
            self.prepared() if pdf is None else pdf,
            SignatureField.LEADER,
            certificate or self.leader,
        )

    def filled(self, pdf: bytes | None = None, *, number: str = "1247a") -> bytes:
        source = self.certified() if pdf is None else pdf
        return self.signer.fill_number(source, number=number, issued_on=ISSUED_ON)

    def sealed(
        self, pdf: bytes | None = None, *, certificate: IssuedCertificate | None = None
    ) -> bytes:
        return self.signed(
            self.filled() if pdf is None else pdf,
            SignatureField.SEAL,
            certificate or self.agency,
        )

    def key_of(self, certificate: IssuedCertificate) -> SoftwareKey:
        return SoftwareKeys(KeyStore(self.directory)).open(certificate, PIN)

    def signed(
        self,
        pdf: bytes,
        field: SignatureField,
        certificate: IssuedCertificate,
        *,
        signer: PyHankoPdfSigner | None = None,
        appearance: bytes | None = None,
        at: datetime | None = None,
    ) -> bytes:
        is_leader = field is SignatureField.LEADER
        shown = a_stamp() if is_leader else a_seal()
        act = SignatureAct(
            field=field,
            certificate=certificate,
            appearance=shown if appearance is None else appearance,
            reason="Ký duyệt" if is_leader else "Phát hành",
            at=at or self.clock.now(),
        )
        with self.key_of(certificate) as key:
            signed = (signer or self.signer).sign(pdf, act, key)
        assert signed.is_stamped
        return signed.content

    def revoke(
        self,
        certificate: IssuedCertificate,
        *,
        at: datetime | None = None,
        reason: str = "key_compromise",
    ) -> None:
        revocation = Revocation(
            certificate_id=certificate.id,
            revoked_at=at or self.clock.now(),
            reason=reason,
        )
        self.authority.publish_crl([revocation], self.clock.now())

    def without_gate(self) -> PyHankoPdfSigner:
        """Return a signer that signs with anything, as a thief's would."""
        signer = PyHankoPdfSigner(directory=self.directory, clock=self.clock, style=STYLE)
        signer._gate = _OpenGate(AuthorityFiles(directory=self.directory))
        return signer


class _OpenGate(SigningGate):
    def check(self, *words: object, **named: object) -> None:
        return None

    def chain(self, certificate: x509.Certificate) -> tuple[bytes, ...]:
        return (self._files.certificate("issuing").public_bytes(Encoding.DER),)


def a_world(
    directory: Path, *, key_type: KeyType = KeyType.P256, at: datetime = START, days: int = 730
) -> PkiWorld:
    """Return a world whose authority was made five minutes before `at`."""
    clock = FixedClock(at - timedelta(minutes=5))
    authority = LocalCertificateAuthority(directory, clock)
    authority.create(name="Thành phố Cần Thơ (thử nghiệm)")
    leader, agency = authority.issue([LEADER, AGENCY], pin=PIN, key_type=key_type, days=days)
    clock.move(timedelta(minutes=5))
    return PkiWorld(
        directory=directory,
        clock=clock,
        authority=authority,
        signer=PyHankoPdfSigner(directory=directory, clock=clock, style=STYLE),
        verifier=a_verifier(directory, clock),
        leader=leader,
        agency=agency,
    )


def a_verifier(directory: Path, clock: FixedClock) -> PyHankoVerifier:
    return PyHankoVerifier(
        trust_roots=[(directory / "root.pem").read_bytes()],
        clock=clock,
        crls=AuthorityFiles(directory=directory).crls,
    )


def signed_with(
    world: PkiWorld,
    pdf: bytes,
    field: str,
    *,
    certify: bool = False,
    certificate: IssuedCertificate | None = None,
    subfilter: fields.SigSeedSubFilter = fields.SigSeedSubFilter.PADES,
) -> bytes:
    """Sign as another program would: no gate, no time-stamp, a new invisible field."""
    holder = certificate or world.leader
    files = AuthorityFiles(directory=world.directory)
    chain = files.certificate("issuing").public_bytes(Encoding.DER)
    signer = HeldKeySigner(
        certificate=holder.der,
        chain=(chain,),
        key=KeyStore(world.directory).load(holder.id, PIN),
    )
    output = BytesIO()
    engine = signers.PdfSigner(
        signers.PdfSignatureMetadata(
            field_name=field, md_algorithm="sha256", subfilter=subfilter, certify=certify
        ),
        signer,
    )
    writer = PlainWriter(BytesIO(pdf), strict=True)
    loop.run(engine.async_sign_pdf(writer, bytes_reserved=16384, output=output))
    return output.getvalue()
