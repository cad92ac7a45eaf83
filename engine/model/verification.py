"""Describe what a verification found: three-valued, with reasons.

Source: ETSI EN 319 102-1, clause 5.1.3 (indications); Decree 30/2020/NĐ-CP, Art. 21.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """Name the outcome. INDETERMINATE is never shown as valid."""

    PASSED = "PASSED"
    INDETERMINATE = "INDETERMINATE"
    FAILED = "FAILED"


class Integrity(StrEnum):
    """Say what is known of the bytes, apart from trust."""

    INTACT = "intact"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    UNSIGNED = "unsigned"


class SignatureRole(StrEnum):
    """Say what a signature stands for in an official document."""

    LEADER = "leader"
    SEAL = "seal"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class SignatureReport:
    """Hold the judgement of one signature, oldest first in a report.

    Args:
        signer: subject common name of the certificate, or "" when unreadable.
        sub_indication: ETSI sub-indication or name of an own rule; None when PASSED.
        signed_at: time claimed by the signer, aware UTC.
        timestamped_at: time proved by an RFC 3161 token, aware UTC.
        level: PAdES level: `B-B`, `B-T`, `B-LT`, `B-LTA`, or "" when it is not PAdES.
        coverage: `whole_file`, `revision`, `partial` or `unknown`.
        changes: what later revisions changed: `none`, `form_filling`, `lta`, `not_permitted`.
    """

    field: str
    signer: str
    role: SignatureRole
    verdict: Verdict
    sub_indication: str | None
    signed_at: datetime | None
    timestamped_at: datetime | None
    level: str
    coverage: str
    changes: str
    certificate_serial: str = ""
    issuer: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """Hold the judgement of one file: the worst over its signatures and the own rules.

    Args:
        sha256: of the whole file, hex.
        reason: ETSI sub-indication or own rule; None when PASSED.
        message: one English sentence for the log; pages translate `reason`.
    """

    sha256: str
    verdict: Verdict
    reason: str | None
    message: str
    integrity: Integrity
    signatures: tuple[SignatureReport, ...]
