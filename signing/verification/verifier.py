"""Judge a whole file: strict parsing, every signature, then the rules of the whole.

Source: ETSI EN 319 102-1, clause 5.1; Decree 30/2020/NĐ-CP, Art. 21.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto.crl import CertificateList  # type: ignore[import-untyped]
from asn1crypto.ocsp import OCSPResponse  # type: ignore[import-untyped]
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import IndirectObject, StreamObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import DocumentSecurityStore, EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko.version import __version__ as pyhanko_version
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from engine.clock import Clock
from engine.errors import SignerUnavailableError, TrinhKyError
from engine.model.verification import FileReport, Integrity, Verdict
from engine.ports_signing import DocumentStage, ExpectedSignatures
from engine.ports_trust import ReadTrust, nothing_imported
from signing import loop
from signing.quiet import quieten
from signing.verification.findings import Finding, OwnRule, integrity, worst
from signing.verification.judgement import Judged, Setting, is_document_stamp, judge
from signing.verification.profile import is_official, stage_findings
from signing.verification.rules import file_findings
from signing.verification.trust import CrlProvider, TrustStore, epoch_of

RULES_VERSION = 3
POLICY_VERSION = f"trinhky-{RULES_VERSION}+pyhanko-{pyhanko_version}"
FORMAT_FAILURE = "FORMAT_FAILURE"


def no_crls() -> tuple[bytes, ...]:
    """Return no revocation lists beyond those of the bundles."""
    return ()


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """Hold what the caller demands of a file."""

    expected: ExpectedSignatures | None
    stage: DocumentStage


class PyHankoVerifier:
    """Adapter of `Verifier`, in this process; give it files of our own making.

    Args:
        trust_roots: PEM bundles of trusted roots; they may hold revocation lists.
        other_certs: PEM bundles that help to build paths.
        crls: gives the current revocation lists in DER.
        read_trust: gives what is imported besides, asked again for each file.
    """

    policy_version = POLICY_VERSION

    def __init__(
        self,
        *,
        trust_roots: Sequence[bytes],
        clock: Clock,
        other_certs: Sequence[bytes] = (),
        crls: CrlProvider = no_crls,
        read_trust: ReadTrust = nothing_imported,
    ) -> None:
        quieten()
        self._trust = TrustStore(roots=trust_roots, others=other_certs, crls=crls)
        self._crls = crls
        self._read_trust = read_trust
        self._clock = clock

    def revocation_epoch(self) -> str:
        """Return a name of the revocation lists in use; it changes when they do."""
        return epoch_of(self._crls, self._read_trust())

    def verify(
        self,
        pdf: bytes,
        *,
        at: datetime | None = None,
        expected: ExpectedSignatures | None = None,
        stage: DocumentStage = DocumentStage.SEALED,
    ) -> FileReport:
        """Return the judgement of `pdf`; never raises because of what the file holds.

        Raises:
            SignerUnavailableError: the revocation lists cannot be read, or memory is short.
        """
        digest = hashlib.sha256(pdf).hexdigest()
        moment = at or self._clock.now()
        try:
            return self._judged(pdf, digest, moment, _Wanted(expected=expected, stage=stage))
        except TrinhKyError:
            raise  # our own lists or keys are missing: that is not the file's fault
        except MemoryError as error:
            raise SignerUnavailableError("out of memory") from error
        # Hostile files make the parsers raise anything, RecursionError and AssertionError
        # included; whatever it is, the file has not passed.
        except Exception as error:  # noqa: BLE001 the boundary to hostile input
            return unreadable(digest, error)

    def _judged(self, pdf: bytes, digest: str, at: datetime, wanted: _Wanted) -> FileReport:
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        if reader.encrypted:
            raise PdfError("encrypted")
        fields = [(name, value is not None) for name, value, _ in enumerate_sig_fields(reader)]
        filled = [name for name, is_filled in fields if is_filled]
        signatures = list(reader.embedded_signatures)
        findings: list[Finding] = []
        if len(signatures) < len(filled):
            findings.append(
                Finding(
                    verdict=Verdict.INDETERMINATE,
                    reason=OwnRule.SIGNATURE_UNSUPPORTED,
                    message=f"{len(filled) - len(signatures)} signatures of unknown type",
                )
            )
        elif not signatures:
            return _unsigned(pdf, digest, wanted.expected)
        judged = loop.run(self._judge_all(reader, signatures, at))
        findings.extend(finding for entry in judged for finding in entry.findings)
        if judged:
            findings.extend(file_findings(pdf, reader, judged, wanted.expected))
        findings.extend(_profile_findings(reader, dict(fields), judged, wanted.stage))
        return _report(digest, judged, findings)

    async def _judge_all(
        self, reader: PdfFileReader, signatures: Sequence[EmbeddedPdfSignature], at: datetime
    ) -> list[Judged]:
        inside = _evidence(reader)
        stamps = [entry.signed_revision for entry in signatures if is_document_stamp(entry)]
        imported = self._read_trust()
        setting = Setting(
            spec=self._trust.spec(inside, imported),
            at=at,
            has_evidence=bool(inside.known_crls or inside.known_ocsps),
            last_stamp=max(stamps, default=-1),
            imported=imported,
        )
        judged: list[Judged] = []
        for signature in reversed(signatures):
            judged.append(await judge(signature, setting))
            setting = setting.below(judged[-1])
        return judged[::-1]


def _profile_findings(
    reader: PdfFileReader, fields: Iterable[str], judged: Sequence[Judged], stage: DocumentStage
) -> Iterator[Finding]:
    if is_official(fields):
        yield from stage_findings(reader, judged, stage)
    elif stage is not DocumentStage.SEALED:
        yield Finding(
            verdict=Verdict.FAILED,
            reason=OwnRule.WRONG_STAGE,
            message="not an official document of ours",
        )


def unreadable(digest: str, error: Exception | str) -> FileReport:
    """Return the report of a file that could not be read to its end."""
    text = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    return FileReport(
        sha256=digest,
        verdict=Verdict.FAILED,
        reason=FORMAT_FAILURE,
        message=" ".join(text.split())[:300],
        integrity=Integrity.UNREADABLE,
        signatures=(),
    )


def _unsigned(pdf: bytes, digest: str, expected: ExpectedSignatures | None) -> FileReport:
    """Return the report of a file without signatures, or with signatures made to vanish."""
    reason, message, state = OwnRule.NO_SIGNATURE, "no signature", Integrity.UNSIGNED
    if expected is not None and expected.fields:
        reason, message = OwnRule.SIGNATURE_MISSING, "every expected signature is missing"
        state = Integrity.CHANGED
    elif b"/ByteRange" in pdf:
        reason, message = OwnRule.SIGNATURE_HIDDEN, "a signature is no longer in the form"
        state = Integrity.CHANGED
    return FileReport(
        sha256=digest,
        verdict=Verdict.FAILED,
        reason=reason,
        message=message,
        integrity=state,
        signatures=(),
    )


def _report(digest: str, judged: Sequence[Judged], findings: Sequence[Finding]) -> FileReport:
    gravest = worst(findings)
    return FileReport(
        sha256=digest,
        verdict=gravest.verdict if gravest else Verdict.PASSED,
        reason=gravest.reason if gravest else None,
        message=gravest.message if gravest else "",
        integrity=integrity(findings),
        signatures=tuple(entry.report for entry in judged),
    )


def _evidence(reader: PdfFileReader) -> LocalKnowledge:
    """Return the certificates and revocation data that the file carries (DSS)."""
    if "/DSS" not in reader.root:
        return LocalKnowledge()
    store = DocumentSecurityStore.read_dss(reader)
    answers = [_content(entry, DecodePurpose.OCSP_RESPONSE) for entry in store.ocsps]
    lists = [_content(entry, DecodePurpose.CRL) for entry in store.crls]
    return LocalKnowledge(
        known_ocsps=[
            entry
            for answer in answers
            for entry in OCSPContainer.load_multi(OCSPResponse.load(answer))
        ],
        known_crls=[CRLContainer(CertificateList.load(der)) for der in lists],
        known_certs=list(store.load_certs()),
    )


def _content(reference: IndirectObject, purpose: DecodePurpose) -> bytes:
    stream = reference.get_object()  # type: ignore[no-untyped-call]
    if not isinstance(stream, StreamObject):
        raise PdfError("evidence is no stream")
    return stream.read_data(purpose)
