"""Keep how far originals have come in their preservation, and which services are silent."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.document import DocumentId, Stage
from engine.model.organisation import AgencyId
from engine.model.outage import Outage, Service
from engine.model.preservation import Preservation, PreservationLevel, PreservationState
from engine.ports_preservation import PreservationRow, SealedOriginal
from storage.repositories.base import Repository, missing
from storage.tables import documents, organisation
from storage.tables.documents import document as _document
from storage.tables.preservation import outage as _outage
from storage.tables.preservation import preservation as _preservation

#: A page shows no more; what ends or waits first is among them.
_ROWS_SHOWN = 200


class SqlOutages(Repository):
    """Keep one row for each service that is silent now."""

    def begin(self, outage: Outage) -> bool:
        """Record that a service is silent; return False when that is known."""
        return self._insert_once(_outage, dict(vars(outage)))

    def end(self, service: Service) -> bool:
        """Record that a service answers again; return False when it was not silent."""
        gone = self._connection.execute(sa.delete(_outage).where(_outage.c.service == service))
        return gone.rowcount > 0

    def find(self, service: Service) -> Outage | None:
        """Return since when a service is silent, None when it answers."""
        return self._find(Outage, sa.select(_outage).where(_outage.c.service == service))

    def list_current(self) -> Sequence[Outage]:
        """Return the services that are silent now, the longest first."""
        return self._list(Outage, sa.select(_outage).order_by(_outage.c.since))


class SqlPreservations(Repository):
    """Keep one row for each sealed original."""

    def add(self, preservation: Preservation) -> bool:
        """Plan an original; return False when it is planned already."""
        return self._insert_once(_preservation, dict(vars(preservation)))

    def get(self, document_id: DocumentId) -> Preservation:
        """Return how far the original of a document has come.

        Raises:
            NotFoundError: nothing is planned for it.
        """
        return self.find(document_id) or missing(
            "preservation", document_id, ErrorCode.PRESERVATION_NOT_FOUND
        )

    def find(self, document_id: DocumentId) -> Preservation | None:
        """Return how far the original has come, None when nothing is planned."""
        query = sa.select(_preservation).where(_preservation.c.document_id == document_id)
        return self._find(Preservation, query)

    def save(self, preservation: Preservation, *, seen: Preservation) -> None:
        """Write the next state if nobody wrote one since `seen` was read.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        statement = (
            sa.update(_preservation)
            .where(
                _preservation.c.document_id == preservation.document_id,
                _preservation.c.updated_at == seen.updated_at,
                _preservation.c.copy.is_not_distinct_from(seen.copy),
                _preservation.c.tries == seen.tries,
            )
            .values({k: v for k, v in vars(preservation).items() if k != "document_id"})
        )
        if self._changed(statement) == 0:
            raise ConflictError(
                f"preservation of {preservation.document_id} has moved on",
                code=ErrorCode.DOCUMENT_CHANGED,
            )

    def list_unplanned(self, limit: int) -> Sequence[SealedOriginal]:
        """Return sealed originals without a plan, oldest first."""
        revision = documents.document_revision
        planned = sa.select(_preservation.c.document_id)
        query = (
            sa.select(
                revision.c.document_id, revision.c.digest, revision.c.made_at.label("sealed_at")
            )
            .where(revision.c.stage == Stage.SEALED, revision.c.document_id.not_in(planned))
            .order_by(revision.c.made_at, revision.c.document_id)
            .limit(limit)
        )
        return self._list(SealedOriginal, query)

    def list_due(self, now: datetime, limit: int) -> Sequence[Preservation]:
        """Return what is due, the longest due first."""
        query = (
            sa.select(_preservation)
            .where(_preservation.c.due_at <= now)
            .order_by(_preservation.c.due_at, _preservation.c.document_id)
            .limit(limit)
        )
        return self._list(Preservation, query)

    def list_rows(
        self,
        *,
        agency_ids: frozenset[AgencyId] | None = None,
        states: Sequence[PreservationState] = (),
        ends_before: datetime | None = None,
        level: PreservationLevel | None = None,
    ) -> Sequence[PreservationRow]:
        """Return at most 200 lines, what ends first or waits longest first."""
        agency = organisation.agency
        query = (
            sa.select(
                _preservation,
                agency.c.name.label("agency_name"),
                sa.func.coalesce(_document.c.symbol, "").label("symbol"),
                _document.c.subject,
            )
            .join(_document, _document.c.id == _preservation.c.document_id)
            .join(agency, agency.c.id == _document.c.agency_id)
            .where(*_of(agency_ids))
            .limit(_ROWS_SHOWN)
        )
        if states:
            query = query.where(_preservation.c.state.in_(states))
        if level is not None:
            query = query.where(_preservation.c.level == level)
        if ends_before is not None:
            query = query.where(_preservation.c.renew_by < ends_before)
            query = query.order_by(_preservation.c.renew_by)
        query = query.order_by(_preservation.c.due_at, _preservation.c.document_id)
        return [_row_of(row) for row in self._connection.execute(query).mappings()]

    def count_levels(
        self, agency_ids: frozenset[AgencyId] | None = None
    ) -> dict[PreservationLevel, int]:
        """Return how many originals stand at each level, absent ones as 0."""
        query = (
            sa.select(_preservation.c.level, sa.func.count().label("count"))
            .join(_document, _document.c.id == _preservation.c.document_id)
            .where(*_of(agency_ids))
            .group_by(_preservation.c.level)
        )
        found = {row["level"]: row["count"] for row in self._connection.execute(query).mappings()}
        return dict.fromkeys(PreservationLevel, 0) | found


def _of(agency_ids: frozenset[AgencyId] | None) -> list[sa.ColumnElement[bool]]:
    return [] if agency_ids is None else [_document.c.agency_id.in_(sorted(agency_ids))]


def _row_of(row: sa.RowMapping) -> PreservationRow:
    values = dict(row)
    about = {name: str(values.pop(name)) for name in ("agency_name", "symbol", "subject")}
    return PreservationRow(preservation=Preservation(**values), **about)
