"""Keep certified copies."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.copy import (
    CertifiedCopy,
    CertifiedFile,
    CopyId,
    CopySealing,
    CopyStatus,
    PaperOriginal,
    Scan,
    ScanWarning,
)
from engine.model.document import PlacedSignature
from engine.model.organisation import AgencyId
from engine.ports_signing import SignatureField
from storage.repositories.base import Repository, missing
from storage.tables.copies import certified_copy as _copy

_FLAT = (
    "id",
    "agency_id",
    "unit_id",
    "requester_id",
    "form",
    "pages",
    "status",
    "created_at",
    "updated_at",
    "version",
    "reason",
    "approved_by",
    "approved_at",
    "symbol",
)


class SqlCopies(Repository):
    """Keep copies, each in one row."""

    def add(self, copy: CertifiedCopy) -> None:
        """Add a copy."""
        self._insert(_copy, _values(copy))

    def get(self, copy_id: CopyId) -> CertifiedCopy:
        """Return the copy.

        Raises:
            NotFoundError: there is no such copy.
        """
        query = sa.select(_copy).where(_copy.c.id == copy_id)
        return self._find(_made, query) or missing("copy", copy_id, ErrorCode.COPY_NOT_FOUND)

    def save(self, copy: CertifiedCopy) -> None:
        """Write the copy if nobody wrote it since it was read.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        seen = copy.version
        values = _values(copy) | {"version": seen + 1}
        statement = sa.update(_copy).where(_copy.c.id == copy.id, _copy.c.version == seen)
        if self._changed(statement.values(values)) == 0:
            raise ConflictError(f"copy {copy.id} changed", code=ErrorCode.DOCUMENT_CHANGED)
        copy.version = seen + 1

    def list_for(
        self, agency_ids: frozenset[AgencyId], *, limit: int = 200
    ) -> Sequence[CertifiedCopy]:
        """Return the copies of the agencies, newest first."""
        query = (
            sa.select(_copy)
            .where(_copy.c.agency_id.in_(sorted(agency_ids)))
            .order_by(_copy.c.created_at.desc(), _copy.c.id.desc())
            .limit(limit)
        )
        return self._list(_made, query)

    def list_returned(self, agency_ids: frozenset[AgencyId]) -> Sequence[CertifiedCopy]:
        """Return every copy of the agencies that came back and waits, oldest first."""
        query = (
            sa.select(_copy)
            .where(
                _copy.c.agency_id.in_(sorted(agency_ids)), _copy.c.status == CopyStatus.RETURNED
            )
            .order_by(_copy.c.updated_at, _copy.c.id)
        )
        return self._list(_made, query)


def _values(copy: CertifiedCopy) -> dict[str, Any]:
    values = {name: getattr(copy, name) for name in _FLAT}
    original, scan, sealing, file = copy.original, copy.scan, copy.sealing, copy.file
    return values | {
        "kind": original.kind,
        "original_symbol": original.symbol,
        "dated_on": original.dated_on,
        "issuer": original.issuer,
        "subject": original.subject,
        "scan_digest": scan.digest,
        "scan_size_bytes": scan.size_bytes,
        "scan_page_count": scan.page_count,
        "scan_warnings": list(scan.warnings),
        "nonce": sealing.nonce if sealing else None,
        "sealing_certificate_id": sealing.certificate_id if sealing else None,
        "sealing_actor_id": sealing.actor_id if sealing else None,
        "sealing_begun_at": sealing.begun_at if sealing else None,
        "digest": file.digest if file else None,
        "size_bytes": file.size_bytes if file else None,
        "certificate_id": file.signature.certificate_id if file else None,
        "cms_sha256": file.signature.cms_sha256 if file else None,
        "signed_at": file.signature.made_at if file else None,
    }


def _made(**row: Any) -> CertifiedCopy:
    return CertifiedCopy(
        **{name: row[name] for name in _FLAT},
        original=PaperOriginal(
            kind=row["kind"],
            symbol=row["original_symbol"],
            dated_on=row["dated_on"],
            issuer=row["issuer"],
            subject=row["subject"],
        ),
        scan=Scan(
            digest=row["scan_digest"],
            size_bytes=row["scan_size_bytes"],
            page_count=row["scan_page_count"],
            warnings=tuple(ScanWarning(each) for each in row["scan_warnings"]),
        ),
        sealing=_sealing(row),
        file=_file(row),
    )


def _sealing(row: dict[str, Any]) -> CopySealing | None:
    if row["nonce"] is None:
        return None
    return CopySealing(
        nonce=row["nonce"],
        certificate_id=row["sealing_certificate_id"],
        actor_id=row["sealing_actor_id"],
        begun_at=row["sealing_begun_at"],
    )


def _file(row: dict[str, Any]) -> CertifiedFile | None:
    if row["digest"] is None:
        return None
    return CertifiedFile(
        digest=row["digest"],
        size_bytes=row["size_bytes"],
        signature=PlacedSignature(
            field=SignatureField.MARK,
            certificate_id=row["certificate_id"],
            cms_sha256=row["cms_sha256"],
            made_at=row["signed_at"],
        ),
    )
