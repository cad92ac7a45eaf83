"""Write reports as data: verification reports, registers, audit trails."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.audit import AuditLeaf
from engine.clock import local
from engine.model.register import EntryState, RegisterEntry
from engine.model.verification import FileReport, SignatureReport

Json = str | int | float | bool | None | Mapping[str, "Json"] | Sequence["Json"]

REGISTER_COLUMNS = (
    "number",
    "symbol",
    "date",
    "title",
    "signatory",
    "counterpart",
    "state",
    "reason",
)


def time_text(at: datetime | None) -> str | None:
    """Return a time as ISO 8601 with Việt Nam's zone, to the second."""
    return local(at).isoformat(timespec="seconds") if at else None


def file_report(path: str, report: FileReport) -> dict[str, Json]:
    """Return the object `trinhky verify` prints for one file."""
    return {
        "file": path,
        "sha256": report.sha256,
        "verdict": report.verdict,
        "reason": report.reason,
        "message": report.message,
        "integrity": report.integrity,
        "signatures": [signature_report(signature) for signature in report.signatures],
    }


def signature_report(report: SignatureReport) -> dict[str, Json]:
    """Return the part of the object that stands for one signature."""
    return {
        "field": report.field,
        "signer": report.signer,
        "role": report.role,
        "verdict": report.verdict,
        "sub_indication": report.sub_indication,
        "signed_at": time_text(report.signed_at),
        "timestamped_at": time_text(report.timestamped_at),
        "level": report.level,
        "coverage": report.coverage,
        "changes": report.changes,
    }


def register_rows(entries: Sequence[RegisterEntry]) -> list[tuple[str, ...]]:
    """Return the lines of a register in the order of its numbers, as text."""
    return [
        (
            f"{entry.number}{entry.suffix}",
            entry.symbol,
            f"{entry.dated_on:%d/%m/%Y}",
            entry.title,
            entry.signatory,
            entry.counterpart,
            "hủy số" if entry.state is EntryState.VOID else "",
            entry.reason,
        )
        for entry in entries
    ]


def register_csv(entries: Sequence[RegisterEntry]) -> str:
    """Return a register as CSV; no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(REGISTER_COLUMNS)
    for row in register_rows(entries):
        writer.writerow([_inert(cell) for cell in row])
    return out.getvalue()


def audit_line(leaf: AuditLeaf) -> str:
    """Return one leaf of a trail as a line."""
    details = " ".join(f"{key}={value}" for key, value in sorted(leaf.details.items()))
    return (
        f"{time_text(leaf.at)}  {leaf.event:<32} {leaf.actor_name}  {details}  {leaf.digest[:16]}"
    )


def _inert(cell: str) -> str:
    # A spreadsheet runs what begins with these.
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
