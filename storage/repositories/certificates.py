"""Keep issued certificates and revocations."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from engine.errors import ErrorCode
from engine.ports_signing import CertificateId, HolderKind, IssuedCertificate, Revocation
from storage.repositories.base import Repository, missing
from storage.tables.organisation import issued_certificate as _certificate
from storage.tables.organisation import revocation as _revocation


class SqlCertificates(Repository):
    """Keep certificates; a revocation is never taken back."""

    def add(self, certificate: IssuedCertificate) -> None:
        """Add an issued certificate."""
        self._insert(_certificate, dict(vars(certificate)))

    def get(self, certificate_id: CertificateId) -> IssuedCertificate:
        """Return the certificate.

        Raises:
            NotFoundError: code CERTIFICATE_MISSING.
        """
        query = sa.select(_certificate).where(_certificate.c.id == certificate_id)
        return self._find(IssuedCertificate, query) or missing(
            "certificate", certificate_id, ErrorCode.CERTIFICATE_MISSING
        )

    def find_current(
        self, holder_kind: HolderKind, holder_id: str, at: datetime
    ) -> IssuedCertificate | None:
        """Return the holder's newest certificate, expired or revoked ones included last."""
        usable = sa.and_(
            _certificate.c.not_before <= at,
            _certificate.c.not_after >= at,
            _revocation.c.certificate_id.is_(None),
        )
        query = (
            sa.select(_certificate)
            .outerjoin(_revocation, _revocation.c.certificate_id == _certificate.c.id)
            .where(
                _certificate.c.holder_kind == holder_kind, _certificate.c.holder_id == holder_id
            )
            .order_by(
                sa.case((usable, 0), else_=1),
                _certificate.c.not_before.desc(),
                _certificate.c.id.desc(),
            )
            .limit(1)
        )
        return self._find(IssuedCertificate, query)

    def add_revocation(self, revocation: Revocation) -> None:
        """Record a revocation; a second one of the same certificate changes nothing."""
        self._insert_once(_revocation, dict(vars(revocation)))

    def list_revocations(self) -> Sequence[Revocation]:
        """Return every revocation, oldest first."""
        query = sa.select(_revocation).order_by(
            _revocation.c.revoked_at, _revocation.c.certificate_id
        )
        return self._list(Revocation, query)

    def count(self) -> int:
        """Return how many certificates were issued."""
        query = sa.select(sa.func.count()).select_from(_certificate)
        return self._connection.execute(query).scalar_one()
