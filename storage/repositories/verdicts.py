"""Remember what verifications found."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.model.document import Digest
from engine.model.verification import (
    FileReport,
    Integrity,
    SignatureReport,
    SignatureRole,
    Verdict,
)
from storage.repositories.base import Repository
from storage.tables.processes import verdict as _verdict


class SqlVerdicts(Repository):
    """Keep reports by file, policy and state of revocation."""

    def find(self, digest: Digest, policy: str, epoch: str) -> FileReport | None:
        """Return the report on the file under this policy and epoch."""
        query = sa.select(_verdict.c.report).where(
            _verdict.c.digest == digest, _verdict.c.policy == policy, _verdict.c.epoch == epoch
        )
        return self._find(_file_report, query)

    def find_latest(self, digest: Digest) -> FileReport | None:
        """Return the newest report on the file."""
        query = (
            sa.select(_verdict.c.report)
            .where(_verdict.c.digest == digest)
            .order_by(_verdict.c.at.desc())
            .limit(1)
        )
        return self._find(_file_report, query)

    def add(self, report: FileReport, *, policy: str, epoch: str, at: datetime) -> None:
        """Keep a report; the first one of a file, policy and epoch stays."""
        self._insert_once(
            _verdict,
            {
                "digest": report.sha256,
                "policy": policy,
                "epoch": epoch,
                # Times become ISO 8601 with their zone on the way into JSON.
                "report": asdict(report),
                "at": at,
            },
        )


def _file_report(*, report: dict[str, Any]) -> FileReport:
    return FileReport(
        sha256=report["sha256"],
        verdict=Verdict(report["verdict"]),
        reason=report["reason"],
        message=report["message"],
        integrity=Integrity(report["integrity"]),
        signatures=tuple(_signature_report(**entry) for entry in report["signatures"]),
    )


def _signature_report(
    *,
    role: str,
    verdict: str,
    signed_at: str | None,
    timestamped_at: str | None,
    **values: Any,
) -> SignatureReport:
    return SignatureReport(
        **values,
        role=SignatureRole(role),
        verdict=Verdict(verdict),
        signed_at=_time(signed_at),
        timestamped_at=_time(timestamped_at),
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
