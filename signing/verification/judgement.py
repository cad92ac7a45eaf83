"""Judge one signature of a file.

The process follows the level: basic without a time-stamp, with time, or long-term.

Source: ETSI EN 319 102-1, clauses 5.3 (basic), 5.4 (time-stamps), 5.5 (with time), 5.6 (LTA).
"""

from dataclasses import dataclass, replace
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
    ades_lta_validation,
    ades_timestamp_validation,
    ades_with_time_validation,
)
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    SignatureValidationSpec,
    bootstrap_validation_data_handlers,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel, TimestampSignatureStatus
from pyhanko_certvalidator.ltv.poe import POEManager

from engine.model.verification import SignatureReport, Verdict
from signing.verification.encoding import Proved, is_plain
from signing.verification.findings import Finding, OwnRule
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
MAX_CLAIM_DRIFT = timedelta(hours=1)  # between the time a signer claims and the time proved


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Hold what judging one signature needs besides the signature.

    Args:
        has_evidence: the file carries revocation data (DSS).
        last_stamp: revision of the newest document time-stamp, or -1.
    """

    spec: SignatureValidationSpec
    at: datetime
    has_evidence: bool
    last_stamp: int


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


async def judge(signature: EmbeddedPdfSignature, setting: Setting) -> Judged:
    """Return the judgement of `signature`, own rules on its bytes included."""
    signature.compute_integrity_info()  # type: ignore[no-untyped-call]
    level = _level(signature, setting)
    is_stamp = is_document_stamp(signature)
    if is_stamp:
        indication = await _judge_stamp(signature, setting)
    else:
        indication = await _judge_signature(signature, setting, level)
    certifies = _certifies(signature)
    changes = _changes(signature)
    findings = _findings(signature, indication, changes)
    gravest = findings[0] if findings else None
    certificate = signature.signer_cert
    report = SignatureReport(
        field=signature.field_name,
        signer=_common_name(certificate.subject),
        role=role_of(signature.field_name, certificate),
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
    signature: EmbeddedPdfSignature, setting: Setting, level: str
) -> _Indication:
    known = timing(setting.at)
    process = ades_with_time_validation if _has_token(signature) else ades_basic_validation
    result: AdESBasicValidationResult[Any] = await process(
        signature.signed_data,
        setting.spec,
        timing_info=known,
        raw_digest=signature.compute_digest(),
        validation_data_handlers=bootstrap_validation_data_handlers(
            setting.spec,
            timing_info=known,
            poe_manager_override=POEManager(current_dt_override=setting.at),
        ),
    )
    if level == "B-LTA" and result.ades_subindic.status is AdESStatus.INDETERMINATE:
        # What cannot be decided today may be proved by the stamps over the evidence.
        pdf_spec = PdfSignatureValidationSpec(setting.spec)
        result = await ades_lta_validation(signature, pdf_spec, known)
    return _with_time_rules(signature, result)


async def _judge_stamp(signature: EmbeddedPdfSignature, setting: Setting) -> _Indication:
    result = await ades_timestamp_validation(
        signature.signed_data,
        setting.spec,
        expected_tst_imprint=signature.compute_digest,
        timing_info=timing(setting.at),
    )
    status = result.api_status
    proved = status.timestamp if isinstance(status, TimestampSignatureStatus) else None
    return _indication(result.ades_subindic, _aware(proved), result.failure_msg)


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
    signature: EmbeddedPdfSignature, indication: _Indication, changes: str
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
        signature.field_name, signature.signer_cert, is_stamp=is_document_stamp(signature)
    ):
        found.append(role)
    if not _is_plain(signature, indication):
        found.append(_not_plain(signature.field_name))
    # Failures come before doubts; a broken digest is the plainest word of all.
    return tuple(sorted(found, key=lambda finding: finding.verdict is not Verdict.FAILED))


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
