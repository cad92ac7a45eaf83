"""Judge one signature of a file.

The process follows the level: basic without a time-stamp, or with time; document time-stamps
above a signature prove both of it at an earlier time.

Source: ETSI EN 319 102-1, clauses 5.3 (basic), 5.4 (time-stamps), 5.5 (with time), 5.6 (LTA).
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.sign.ades.report import AdESIndeterminate, AdESPassed, AdESStatus, AdESSubIndic
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.ades import (
    AdESBasicValidationResult,
    ades_basic_validation,
    ades_timestamp_validation,
    ades_with_time_validation,
)
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.policy_decl import (
    SignatureValidationSpec,
    bootstrap_validation_data_handlers,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel, TimestampSignatureStatus
from pyhanko_certvalidator.context import ValidationDataHandlers
from pyhanko_certvalidator.ltv.poe import POEManager

from engine.model.signing_intent import TIMESTAMP_GRACE
from engine.model.trust import ImportedTrust
from engine.model.verification import SignatureReport, Verdict
from engine.ports_signing import HolderKind
from signing.verification.differences import SIGNED_POLICY
from signing.verification.encoding import Proved, is_plain
from signing.verification.findings import Finding, OwnRule
from signing.verification.imported import bound_kinds, period_findings
from signing.verification.roles import is_ours, role_finding, role_of
from signing.verification.trust import timing

_COVERAGE = {
    SignatureCoverageLevel.ENTIRE_FILE: "whole_file",
    SignatureCoverageLevel.ENTIRE_REVISION: "revision",
    SignatureCoverageLevel.CONTIGUOUS_BLOCK_FROM_START: "partial",
    SignatureCoverageLevel.UNCLEAR: "unknown",
}
_CHANGES = {
    ModificationLevel.NONE: "none",
    ModificationLevel.LTA_UPDATES: "lta",
    ModificationLevel.FORM_FILLING: "form_filling",
}
_VERDICTS = {
    AdESStatus.PASSED: Verdict.PASSED,
    AdESStatus.INDETERMINATE: Verdict.INDETERMINATE,
    AdESStatus.FAILED: Verdict.FAILED,
}
_CHANGED_BYTES = frozenset({"HASH_FAILURE", "SIG_CRYPTO_FAILURE"})
NOT_PERMITTED = "not_permitted"
#: Between the time a signer claims and the time proved: a time-stamp may come that late.
MAX_CLAIM_DRIFT = TIMESTAMP_GRACE + timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Hold what judging one signature needs besides the signature.

    Args:
        has_evidence: the file carries revocation data (DSS).
        last_stamp: revision of the newest document time-stamp, or -1.
        proved_at: time of the nearest later document time-stamp that is itself proved.
        imported: authorities besides the roots, and whose their certificates are.
    """

    spec: SignatureValidationSpec
    at: datetime
    has_evidence: bool
    last_stamp: int
    proved_at: datetime | None = None
    imported: ImportedTrust = field(default_factory=ImportedTrust)

    def below(self, later: "Judged") -> "Setting":
        """Return the setting of what is older than `later`."""
        if not later.is_stamp or later.findings or later.report.timestamped_at is None:
            return self
        return replace(self, proved_at=later.report.timestamped_at)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Hold a judged signature with what the rules of the whole file need."""

    report: SignatureReport
    signature: EmbeddedPdfSignature
    findings: tuple[Finding, ...]
    certifies: bool
    is_stamp: bool


@dataclass(frozen=True, kw_only=True)
class _Indication:
    verdict: Verdict
    sub_indication: str | None
    timestamped_at: datetime | None
    message: str = ""
    proved: Proved | None = None


@dataclass(frozen=True, kw_only=True)
class _Holder:
    """Hold what the register knows of a signer that another authority certified."""

    bound: frozenset[HolderKind] | None
    findings: tuple[Finding, ...]


async def judge(signature: EmbeddedPdfSignature, setting: Setting) -> Judged:
    """Return the judgement of `signature`, own rules on its bytes included.

    What cannot be decided at the time of the judgement is judged at the time of the document
    time-stamp above it: signature and evidence existed then, unchanged, and a stamp holds as
    long as the stamp above it does. pyHanko 0.38 walks such a chain itself only where the
    evidence is OCSP or the issuer of every certificate is a root.

    Source: ETSI EN 319 102-1, clause 5.6.2.3 (past validation, proof of existence).
    """
    signature.compute_integrity_info(SIGNED_POLICY)  # type: ignore[no-untyped-call]
    level = _level(signature, setting)
    is_stamp = is_document_stamp(signature)
    process = _judge_stamp if is_stamp else _judge_signature
    indication = await process(signature, setting.spec, setting.at)
    if indication.verdict is Verdict.INDETERMINATE and setting.proved_at is not None:
        earlier = await process(signature, setting.spec, setting.proved_at)
        # A doubt that stays is told as of today.
        indication = indication if earlier.verdict is Verdict.INDETERMINATE else earlier
    certifies = _certifies(signature)
    changes = _changes(signature)
    holder = _holder(signature, indication, setting)
    findings = _findings(signature, indication, changes, holder)
    gravest = findings[0] if findings else None
    certificate = signature.signer_cert
    report = SignatureReport(
        field=signature.field_name,
        signer=_common_name(certificate.subject),
        role=role_of(signature.field_name, certificate, bound=holder.bound),
        verdict=gravest.verdict if gravest else indication.verdict,
        sub_indication=gravest.reason if gravest else None,
        signed_at=_aware(signature.self_reported_timestamp),
        timestamped_at=indication.timestamped_at,
        level=level,
        coverage=_coverage(signature),
        changes=changes,
        certificate_serial=f"{certificate.serial_number:x}",
        issuer=_common_name(certificate.issuer),
        message=gravest.message if gravest else "",
    )
    return Judged(
        report=report,
        signature=signature,
        findings=findings,
        certifies=certifies,
        is_stamp=is_stamp,
    )


def is_document_stamp(signature: EmbeddedPdfSignature) -> bool:
    """Tell whether `signature` is a time-stamp over the document, not somebody's signature."""
    return bool(signature.sig_object_type == "/DocTimeStamp")


async def _judge_signature(
    signature: EmbeddedPdfSignature, spec: SignatureValidationSpec, at: datetime
) -> _Indication:
    process = ades_with_time_validation if _has_token(signature) else ades_basic_validation
    result: AdESBasicValidationResult[Any] = await process(
        signature.signed_data,
        spec,
        timing_info=timing(at),
        raw_digest=signature.compute_digest(),
        validation_data_handlers=_handlers(spec, at),
    )
    return _with_time_rules(signature, result)


async def _judge_stamp(
    signature: EmbeddedPdfSignature, spec: SignatureValidationSpec, at: datetime
) -> _Indication:
    result = await ades_timestamp_validation(
        signature.signed_data,
        spec,
        expected_tst_imprint=signature.compute_digest,
        timing_info=timing(at),
        validation_data_handlers=_handlers(spec, at),
    )
    status = result.api_status
    proved = status.timestamp if isinstance(status, TimestampSignatureStatus) else None
    return _indication(result.ades_subindic, _aware(proved), result.failure_msg)


def _handlers(spec: SignatureValidationSpec, at: datetime) -> ValidationDataHandlers:
    return bootstrap_validation_data_handlers(
        spec,
        timing_info=timing(at),
        poe_manager_override=POEManager(current_dt_override=at),
    )


def _with_time_rules(
    signature: EmbeddedPdfSignature, result: AdESBasicValidationResult[Any]
) -> _Indication:
    """Lower or sharpen pyHanko's indication by what the proved time says.

    pyHanko 0.38 passes a signature that was made and stamped after the certificate ended, and
    leaves one made after a revocation undecided although its signer claims that very time.
    """
    proved = _aware(_proved_time(result))
    claimed = _aware(signature.self_reported_timestamp)
    plain = _indication(result.ades_subindic, proved, result.failure_msg)
    if plain.verdict is Verdict.PASSED:
        if proved is not None and proved > signature.signer_cert.not_valid_after:
            return _indication(AdESIndeterminate.EXPIRED, proved, "stamped after the end")
        if proved is not None and claimed is not None and _drifts(claimed, proved):
            return _Indication(
                verdict=Verdict.INDETERMINATE,
                sub_indication=OwnRule.CLAIMED_TIME,
                timestamped_at=proved,
                message=f"claims {claimed.isoformat()}, stamped at {proved.isoformat()}",
            )
        return replace(plain, proved=_proved(signature, result))
    details = getattr(result.api_status, "revocation_details", None)
    if (
        result.ades_subindic is AdESIndeterminate.REVOKED_NO_POE
        and details is not None
        and claimed is not None
        and claimed >= details.revocation_date
    ):
        return _Indication(
            verdict=Verdict.FAILED,
            sub_indication="REVOKED",
            timestamped_at=proved,
            message=f"revoked at {details.revocation_date.isoformat()}, signed later",
        )
    return plain


def _drifts(claimed: datetime, proved: datetime) -> bool:
    return abs(claimed - proved) > MAX_CLAIM_DRIFT


def _proved_time(result: AdESBasicValidationResult[Any]) -> datetime | None:
    status = _stamp_status(result)
    return status.timestamp if status else None


def _stamp_status(result: AdESBasicValidationResult[Any]) -> TimestampSignatureStatus | None:
    status = getattr(result.api_status, "timestamp_validity", None)
    if isinstance(status, TimestampSignatureStatus) and status.valid and status.intact:
        return status
    return None


def _proved(signature: EmbeddedPdfSignature, result: AdESBasicValidationResult[Any]) -> Proved:
    stamp = _stamp_status(result)
    statuses = (result.api_status, stamp)
    paths = [status.validation_path for status in statuses if status is not None]
    return Proved(
        signer=signature.signer_cert,
        stamper=stamp.signing_cert if stamp else None,
        paths={bytes(entry.dump()) for path in paths if path for entry in path.iter_certs(True)},
    )


def _indication(found: AdESSubIndic, proved: datetime | None, message: str | None) -> _Indication:
    verdict = _VERDICTS[found.status]
    name = None if found is AdESPassed.OK else str(found.standard_name)
    return _Indication(
        verdict=verdict, sub_indication=name, timestamped_at=proved, message=message or ""
    )


def _findings(
    signature: EmbeddedPdfSignature, indication: _Indication, changes: str, holder: _Holder
) -> tuple[Finding, ...]:
    """Return what speaks against a signature, gravest first."""
    found = []
    if indication.verdict is not Verdict.PASSED:
        reason = indication.sub_indication or "GENERIC"
        found.append(
            Finding(
                verdict=indication.verdict,
                reason=reason,
                message=f"{signature.field_name}: {indication.message or reason}",
                changed=reason in _CHANGED_BYTES,
            )
        )
    if changes == NOT_PERMITTED:
        found.append(
            Finding(
                verdict=Verdict.FAILED,
                reason=OwnRule.MODIFICATION_NOT_PERMITTED,
                message=f"{signature.field_name}: {_one_line(signature.diff_result)}",
                changed=True,
            )
        )
    if role := role_finding(
        signature.field_name,
        signature.signer_cert,
        is_stamp=is_document_stamp(signature),
        bound=holder.bound,
    ):
        found.append(role)
    found.extend(holder.findings)
    if not _is_plain(signature, indication):
        found.append(_not_plain(signature.field_name))
    # Failures come before doubts; a broken digest is the plainest word of all.
    return tuple(sorted(found, key=lambda finding: finding.verdict is not Verdict.FAILED))


def _holder(signature: EmbeddedPdfSignature, indication: _Indication, setting: Setting) -> _Holder:
    claimed = _aware(signature.self_reported_timestamp)
    made_at = indication.timestamped_at or claimed or setting.at
    path = indication.proved.paths if indication.proved is not None else frozenset()
    return _Holder(
        bound=bound_kinds(setting.imported, signature.signer_cert, path, made_at),
        findings=tuple(period_findings(setting.imported, signature.field_name, path, made_at)),
    )


def _is_plain(signature: EmbeddedPdfSignature, indication: _Indication) -> bool:
    # Other programs may frame a value in their own way; in our fields only our signer writes.
    if indication.proved is None or not is_ours(signature.field_name):
        return True
    return is_plain(signature.pkcs7_content, indication.proved)


def _not_plain(field: str) -> Finding:
    return Finding(
        verdict=Verdict.FAILED,
        reason=OwnRule.UNACCOUNTED_BYTES,
        message=f"{field}: the value holds what nobody signed",
        changed=True,
    )


def _coverage(signature: EmbeddedPdfSignature) -> str:
    level: SignatureCoverageLevel | None = signature.coverage
    return _COVERAGE[level] if level is not None else "unknown"


def _changes(signature: EmbeddedPdfSignature) -> str:
    if _coverage(signature) == "whole_file":
        return "none"
    summary = signature.summarise_integrity_info()
    difference = summary["diff_result"]
    if not summary["docmdp_ok"] or not isinstance(difference, DiffResult):
        return NOT_PERMITTED
    return _CHANGES.get(difference.modification_level, NOT_PERMITTED)


def _level(signature: EmbeddedPdfSignature, setting: Setting) -> str:
    filters = {SigSeedSubFilter.PADES.value, SigSeedSubFilter.PBAD_PADES.value}
    if signature.sig_object.get("/SubFilter") not in filters:
        return ""
    if not _has_token(signature):
        return "B-B"
    if not setting.has_evidence:
        return "B-T"
    return "B-LTA" if setting.last_stamp > signature.signed_revision else "B-LT"


def _has_token(signature: EmbeddedPdfSignature) -> bool:
    return any(True for _ in extract_tst_data_iter(signature.signer_info, signed=False))


def _certifies(signature: EmbeddedPdfSignature) -> bool:
    references = signature.sig_object.get("/Reference")
    if not isinstance(references, generic.ArrayObject):
        return False
    return any(
        reference.get_object().get("/TransformMethod") == "/DocMDP" for reference in references
    )


def _common_name(name: Any) -> str:
    value = name.native.get("common_name", "")
    if isinstance(value, list):
        value = value[-1]
    return str(value or name.human_friendly)


def _aware(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _one_line(text: object) -> str:
    return " ".join(str(text).split())[:300]
