"""Keep applications for certificates, and read what the pages about certificates show."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import local
from engine.errors import ConflictError, ErrorCode
from engine.model.certification import EXPIRY_DAYS, Application, ApplicationId, LaterStop
from engine.model.organisation import AgencyId, PostId, Role
from engine.paging import Page
from engine.ports_certification import (
    Attention,
    CertificateFilter,
    CertificateRow,
    ExpiringRow,
    LockedPin,
)
from engine.ports_signing import CertificateId, HolderKind
from storage.queries import certificates as reading
from storage.repositories.base import Repository, missing
from storage.tables import organisation as people
from storage.tables.certification import certificate_application as _application
from storage.tables.certification import certificate_succession as _succession
from storage.tables.certification import expiry_threshold as _threshold
from storage.tables.certification import later_stop as _later_stop

MAX_LISTED = 100

_COLUMNS = tuple(column for column in _application.c if column.name != "procedure_id")
_SELECT = sa.select(*_COLUMNS)


class SqlCertification(Repository):
    """Keep applications; each is written only by whoever read its newest version."""

    def add(self, application: Application) -> None:
        """Add an application.

        Raises:
            ConflictError: code APPLICATION_OPEN; the holder has asked for one already.
        """
        if not self._insert_once(_application, _values(application)):
            raise ConflictError(
                f"{application.holder_id} has an application", code=ErrorCode.APPLICATION_OPEN
            )

    def get(self, application_id: ApplicationId) -> Application:
        """Return the application.

        Raises:
            NotFoundError: code APPLICATION_NOT_FOUND.
        """
        query = _SELECT.where(_application.c.id == application_id)
        return self._find(Application, query) or missing(
            "application", application_id, ErrorCode.APPLICATION_NOT_FOUND
        )

    def save(self, application: Application) -> None:
        """Write the application if nobody wrote it since it was read.

        Raises:
            ConflictError: code APPLICATION_STATE.
        """
        statement = (
            sa.update(_application)
            .where(
                _application.c.id == application.id,
                _application.c.version == application.version - 1,
            )
            .values(_values(application))
        )
        if self._changed(statement) == 0:
            raise ConflictError(
                f"application {application.id} has moved on", code=ErrorCode.APPLICATION_STATE
            )

    def list_of(self, holders: frozenset[tuple[HolderKind, str]]) -> Sequence[Application]:
        """Return the applications about these holders, newest first, 100 at most."""
        query = (
            _SELECT.where(reading.is_one_of(_application, holders))
            .order_by(_application.c.asked_at.desc(), _application.c.id)
            .limit(MAX_LISTED)
        )
        return self._list(Application, query)

    def supersede(
        self, holder_kind: HolderKind, holder_id: str, by: CertificateId, at: datetime
    ) -> Sequence[CertificateId]:
        """Let every other certificate of a holder step back behind `by`; return which."""
        certificate = people.issued_certificate
        earlier = self._connection.execute(
            sa.select(certificate.c.id).where(
                certificate.c.holder_kind == holder_kind,
                certificate.c.holder_id == holder_id,
                certificate.c.id != by,
                certificate.c.id.not_in(sa.select(_succession.c.certificate_id)),
            )
        ).scalars()
        found = [CertificateId(each) for each in earlier]
        for each in found:
            self._insert(_succession, {"certificate_id": each, "successor_id": by, "at": at})
        return found

    def list_certificates(
        self, wanted: CertificateFilter, now: datetime, *, cursor: str = "", limit: int = 50
    ) -> Page[CertificateRow]:
        """Return certificates, those that end first before the others."""
        return reading.list_certificates(self._connection, wanted, now, cursor, limit)

    def list_expiring(
        self, holders: frozenset[tuple[HolderKind, str]], now: datetime
    ) -> Sequence[ExpiringRow]:
        """Return the holders' certificates that end soon, in one statement."""
        return reading.list_expiring(self._connection, holders, now)

    def list_locked(self) -> Sequence[LockedPin]:
        """Return the PINs that are locked, oldest first."""
        return reading.list_locked(self._connection)

    def count_attention(self, now: datetime) -> Attention:
        """Return what an administrator of certificates should look at."""
        return reading.count_attention(self._connection, now, self.list_thresholds())

    def list_thresholds(self) -> tuple[int, ...]:
        """Return how many days before the end people are told, the longest first."""
        query = sa.select(_threshold.c.days).order_by(_threshold.c.days.desc())
        return tuple(self._connection.execute(query).scalars()) or EXPIRY_DAYS

    def set_thresholds(self, days: Sequence[int]) -> None:
        """Replace the days at which people are told."""
        self._connection.execute(sa.delete(_threshold))
        self._insert(_threshold, [{"days": each} for each in days])

    def plan_stop(self, stop: LaterStop) -> None:
        """Keep the wish, in place of an earlier one about the same post."""
        self.drop_stop(stop.post_id)
        self._insert(_later_stop, dict(vars(stop)))

    def drop_stop(self, post_id: PostId) -> None:
        """Forget the wish about a post, if there is one."""
        self._connection.execute(sa.delete(_later_stop).where(_later_stop.c.post_id == post_id))

    def list_due_stops(self, now: datetime) -> Sequence[LaterStop]:
        """Return the wishes about posts whose last day has passed, the first asked first."""
        query = (
            sa.select(_later_stop)
            .join(people.post, people.post.c.id == _later_stop.c.post_id)
            .where(people.post.c.until < local(now).date())
            .order_by(_later_stop.c.asked_at, _later_stop.c.post_id)
        )
        return self._list(LaterStop, query)

    def find_administration(self, now: datetime, *, besides: frozenset[str]) -> AgencyId | None:
        """Return an agency that has an administrator today who is none of `besides`."""
        day = local(now).date()
        post, agency = people.post, people.agency
        query = (
            sa.select(post.c.agency_id)
            .join(agency, agency.c.id == post.c.agency_id)
            .where(
                post.c.role == Role.ADMINISTRATOR,
                post.c.person_id.not_in(sorted(besides)),
                post.c.since <= day,
                sa.or_(post.c.until.is_(None), post.c.until >= day),
            )
            .order_by(agency.c.code, agency.c.id)
            .limit(1)
        )
        found = self._connection.execute(query).scalar_one_or_none()
        return None if found is None else AgencyId(found)


def _values(application: Application) -> dict[str, Any]:
    return {**vars(application), "procedure_id": application.procedure_id}
