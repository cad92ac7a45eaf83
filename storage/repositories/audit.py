"""Append audit leaves; triggers refuse every change of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from engine.audit import AuditEvent, AuditLeaf, canonical_leaf, leaf_digest
from engine.deputising import Deputies
from engine.model.organisation import Actor
from storage.repositories.base import Repository, by_key
from storage.tables.processes import audit_leaf as _leaf

_FIND_NEWEST = (
    sa.select(_leaf.c.digest)
    .where(by_key(_leaf.c.subject))
    .order_by(_leaf.c.sequence.desc())
    .limit(1)
)
_ADD = sa.insert(_leaf).returning(_leaf.c.sequence)


class SqlAuditTrail(Repository):
    """Keep the trail: each leaf names the digest of its subject's leaf before it.

    Args:
        deputies: say for whom the actor acts in this transaction; the leaf says it too.
    """

    def __init__(self, connection: sa.Connection, deputies: Deputies | None = None) -> None:
        super().__init__(connection)
        self._deputies = deputies or Deputies()

    def record(
        self,
        event: AuditEvent,
        *,
        subject: str,
        actor: Actor,
        at: datetime,
        group: str = "",
        details: Mapping[str, str] | None = None,
    ) -> AuditLeaf:
        """Append one leaf."""
        previous = self._newest_digest(subject)
        said = {**(details or {}), **self._deputies.details(actor.person_id)}
        digest = leaf_digest(
            canonical_leaf(
                event=event,
                subject=subject,
                group=group,
                actor_id=actor.person_id,
                actor_name=actor.full_name,
                at=at,
                details=said,
                previous=previous,
            )
        )
        values = {
            "event": event,
            "subject": subject,
            "group": group,
            "actor_id": actor.person_id,
            "actor_name": actor.full_name,
            "at": at,
            "details": said,
            "previous": previous,
            "digest": digest,
        }
        sequence = self._connection.execute(_ADD, values).scalar_one()
        return AuditLeaf(sequence=sequence, **values)  # type: ignore[arg-type]

    def list_group(self, group: str) -> Sequence[AuditLeaf]:
        """Return the leaves of a document and of its deliveries, oldest first."""
        query = sa.select(_leaf).where(_leaf.c.group == group).order_by(_leaf.c.sequence)
        return self._list(AuditLeaf, query)

    def _newest_digest(self, subject: str) -> str:
        found = self._connection.execute(_FIND_NEWEST, {"key": subject}).scalar_one_or_none()
        return found or ""
