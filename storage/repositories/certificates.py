"""Keep issued certificates and revocations."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from engine.errors import ErrorCode
from engine.ports_services import CertificateStatus
from engine.ports_signing import (
    HOLD_REASON,
    CertificateHold,
    CertificateId,
    HolderKind,
    IssuedCertificate,
    Revocation,
)
from storage.repositories.base import Repository, missing
from storage.tables.certification import certificate_succession as _succession
from storage.tables.organisation import issued_certificate as _certificate
from storage.tables.organisation import revocation as _revocation
from storage.tables.trust import certificate_hold as _hold
from storage.tables.trust import certificate_import as _import

_is_held = sa.and_(_hold.c.certificate_id == _certificate.c.id, _hold.c.released_at.is_(None))


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
        """Return the holder's newest certificate; those that may not sign come last."""
        usable = sa.and_(
            _certificate.c.not_before <= at,
            _certificate.c.not_after >= at,
            _revocation.c.certificate_id.is_(None),
            _hold.c.certificate_id.is_(None),
            sa.func.coalesce(_import.c.bound_from, _certificate.c.not_before) <= at,
            # Once a newer one was collected an older one never signs again, whatever becomes of
            # the newer.
            _certificate.c.id.not_in(sa.select(_succession.c.certificate_id)),
        )
        # An imported certificate is as new as its import: that is when somebody chose it.
        taken_up_at = sa.func.coalesce(_import.c.imported_at, _certificate.c.not_before)
        query = (
            sa.select(_certificate)
            .outerjoin(_revocation, _revocation.c.certificate_id == _certificate.c.id)
            .outerjoin(_hold, _is_held)
            .outerjoin(_import, _import.c.certificate_id == _certificate.c.id)
            .where(
                _certificate.c.holder_kind == holder_kind, _certificate.c.holder_id == holder_id
            )
            .order_by(
                sa.case((usable, 0), else_=1),
                taken_up_at.desc(),
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

    def find_revocation(self, certificate_id: CertificateId) -> Revocation | None:
        """Return the revocation of a certificate."""
        query = sa.select(_revocation).where(_revocation.c.certificate_id == certificate_id)
        return self._find(Revocation, query)

    def add_hold(self, hold: CertificateHold) -> bool:
        """Suspend a certificate; return False when it was suspended already."""
        return self._insert_once(_hold, dict(vars(hold)))

    def end_hold(self, certificate_id: CertificateId, at: datetime) -> bool:
        """End the suspension of a certificate; return False when there was none."""
        open_hold = sa.and_(
            _hold.c.certificate_id == certificate_id, _hold.c.released_at.is_(None)
        )
        return self._changed(sa.update(_hold).where(open_hold), {"released_at": at}) > 0

    def find_hold(self, certificate_id: CertificateId) -> CertificateHold | None:
        """Return the suspension that lasts, if there is one."""
        query = sa.select(_hold).where(
            _hold.c.certificate_id == certificate_id, _hold.c.released_at.is_(None)
        )
        return self._find(CertificateHold, query)

    def list_holds(self) -> Sequence[CertificateHold]:
        """Return the suspensions that last, oldest first."""
        query = (
            sa.select(_hold)
            .where(_hold.c.released_at.is_(None))
            .order_by(_hold.c.held_at, _hold.c.certificate_id)
        )
        return self._list(CertificateHold, query)

    def find_status(self, certificate_id: CertificateId) -> CertificateStatus | None:
        """Return what OCSP says of an own certificate; None for one that was never issued."""
        query = (
            sa.select(_certificate.c.id)
            .outerjoin(_import, _import.c.certificate_id == _certificate.c.id)
            .where(_certificate.c.id == certificate_id, _import.c.certificate_id.is_(None))
        )
        if self._connection.execute(query).first() is None:
            return None
        held, revoked = self.find_hold(certificate_id), self.find_revocation(certificate_id)
        return CertificateStatus(revocation=_merged(held, revoked))

    def list_published(self) -> Sequence[Revocation]:
        """Return what our own lists must name: own certificates revoked or suspended now."""
        foreign = set(self._connection.execute(sa.select(_import.c.certificate_id)).scalars())
        published = {entry.certificate_id: entry for entry in self.list_revocations()}
        for hold in self.list_holds():
            merged = _merged(hold, published.get(hold.certificate_id))
            if merged is not None:
                published[hold.certificate_id] = merged
        return sorted(
            (entry for entry in published.values() if entry.certificate_id not in foreign),
            key=lambda entry: (entry.revoked_at, entry.certificate_id),
        )

    def list_der(self) -> Sequence[bytes]:
        """Return every certificate in DER, imported and revoked ones too."""
        query = sa.select(_certificate.c.der).order_by(_certificate.c.id)
        return list(self._connection.execute(query).scalars())

    def count(self) -> int:
        """Return how many certificates were issued."""
        query = sa.select(sa.func.count()).select_from(_certificate)
        return self._connection.execute(query).scalar_one()


def _merged(hold: CertificateHold | None, revoked: Revocation | None) -> Revocation | None:
    """Return what is published of a certificate with a suspension, a revocation, or both.

    A revocation that followed a suspension counts from the suspension on: what was signed in
    between was signed with a certificate that might not sign.
    """
    if hold is None:
        return revoked
    since = hold.held_at if revoked is None else min(hold.held_at, revoked.revoked_at)
    return Revocation(
        certificate_id=hold.certificate_id,
        revoked_at=since,
        reason=HOLD_REASON if revoked is None else revoked.reason,
    )
