"""Collect what speaks against a file and take the worst of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.model.verification import Integrity, Verdict


class OwnRule(StrEnum):
    """Name the reasons that ETSI's sub-indications do not cover."""

    NO_SIGNATURE = "NO_SIGNATURE"
    SIGNATURE_HIDDEN = "SIGNATURE_HIDDEN"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"
    SIGNATURE_UNSUPPORTED = "SIGNATURE_UNSUPPORTED"
    UNACCOUNTED_BYTES = "UNACCOUNTED_BYTES"
    BYTE_RANGE = "BYTE_RANGE"
    MODIFICATION_NOT_PERMITTED = "MODIFICATION_NOT_PERMITTED"
    UNSIGNED_CHANGES = "UNSIGNED_CHANGES"
    NO_CERTIFICATION = "NO_CERTIFICATION"
    SECOND_CERTIFICATION = "SECOND_CERTIFICATION"
    LATE_CERTIFICATION = "LATE_CERTIFICATION"
    SIGNER_UNEXPECTED = "SIGNER_UNEXPECTED"
    SIGNER_ROLE = "SIGNER_ROLE"
    ROLE_UNKNOWN = "ROLE_UNKNOWN"
    CLAIMED_TIME = "CLAIMED_TIME"
    NOT_SEALED = "NOT_SEALED"
    LEADER_MISSING = "LEADER_MISSING"
    NUMBER_MISSING = "NUMBER_MISSING"
    WRONG_STAGE = "WRONG_STAGE"
    ANCHOR_PERIOD = "ANCHOR_PERIOD"


_RANK = {Verdict.PASSED: 0, Verdict.INDETERMINATE: 1, Verdict.FAILED: 2}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Hold one reason against a file.

    Args:
        changed: the bytes are not those that were signed.
    """

    verdict: Verdict
    reason: str
    message: str
    changed: bool = False


def worst(findings: Iterable[Finding]) -> Finding | None:
    """Return the first of the gravest findings, or None when nothing speaks against a file."""
    return max(findings, key=lambda finding: _RANK[finding.verdict], default=None)


def integrity(findings: Iterable[Finding]) -> Integrity:
    """Return what the findings say of the bytes."""
    changed = any(finding.changed for finding in findings)
    return Integrity.CHANGED if changed else Integrity.INTACT
