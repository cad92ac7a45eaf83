"""Keep the signatures that wait for a token at the official's computer."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.model.document import Digest, DocumentId
from engine.model.organisation import PersonId
from engine.model.parking import ParkedItem, ParkedSignature
from storage.repositories.base import Repository
from storage.tables.parking import parked_signature as _parked


class SqlParking(Repository):
    """Keep prepared signatures; which of two callers may use one, the row decides."""

    def add(self, parked: ParkedSignature) -> None:
        """Add a prepared signature."""
        items = [vars(item) | {"attributes": item.attributes.hex()} for item in parked.items]
        self._insert(_parked, vars(parked) | {"items": items})

    def find(self, park_id: str) -> ParkedSignature | None:
        """Return the prepared signature."""
        return self._find(_parked_of, sa.select(_parked).where(_parked.c.id == park_id))

    def find_waiting(self, document_id: DocumentId, person_id: PersonId) -> ParkedSignature | None:
        """Return the newest one of this person on this document that nobody came back with."""
        query = (
            sa.select(_parked)
            .where(
                _parked.c.document_id == document_id,
                _parked.c.person_id == person_id,
                _parked.c.used_at.is_(None),
            )
            .order_by(_parked.c.begun_at.desc())
            .limit(1)
        )
        return self._find(_parked_of, query)

    def take(self, park_id: str, at: datetime) -> bool:
        """Mark it as used; return False when it was used before, whoever asks at once."""
        statement = (
            sa.update(_parked)
            .where(_parked.c.id == park_id, _parked.c.used_at.is_(None))
            .values(used_at=at)
        )
        return self._changed(statement) == 1

    def has_older(self, than: datetime) -> bool:
        """Tell whether anything is left that expired before `than`."""
        query = sa.select(_parked.c.id).where(_parked.c.expires_at < than).limit(1)
        return self._connection.execute(query).first() is not None

    def delete_older(self, than: datetime) -> None:
        """Delete what expired before `than`, used or not."""
        self._connection.execute(sa.delete(_parked).where(_parked.c.expires_at < than))


def _parked_of(*, items: list[dict[str, Any]], **values: Any) -> ParkedSignature:
    return ParkedSignature(items=tuple(_item_of(**each) for each in items), **values)


def _item_of(*, attributes: str, prepared: str, **values: Any) -> ParkedItem:
    return ParkedItem(attributes=bytes.fromhex(attributes), prepared=Digest(prepared), **values)
