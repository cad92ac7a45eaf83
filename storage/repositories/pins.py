"""Keep the counts of wrong PINs."""

from collections.abc import Sequence

import sqlalchemy as sa

from engine.model.organisation import PersonId
from engine.model.pin import MAX_PIN_TRIES, PinCounter
from engine.ports_signing import CertificateId
from storage.repositories.base import Repository
from storage.tables.keys import pin_counter as _counter


class SqlPins(Repository):
    """Keep one row for each certificate and person who gave a wrong PIN."""

    def get(self, certificate_id: CertificateId, person_id: PersonId) -> PinCounter:
        """Return the count; an empty one when no PIN was wrong."""
        query = sa.select(_counter).where(
            _counter.c.certificate_id == certificate_id, _counter.c.person_id == person_id
        )
        return self._find(PinCounter, query) or PinCounter(
            certificate_id=certificate_id, person_id=person_id
        )

    def save(self, counter: PinCounter) -> None:
        """Write the count."""
        values = dict(vars(counter))
        if self._insert_once(_counter, values):
            return
        self._changed(
            sa.update(_counter)
            .where(
                _counter.c.certificate_id == counter.certificate_id,
                _counter.c.person_id == counter.person_id,
            )
            .values(tries=counter.tries, locked_at=counter.locked_at)
        )

    def list_locked(self) -> Sequence[PinCounter]:
        """Return the counts that are used up, oldest first."""
        query = (
            sa.select(_counter)
            .where(_counter.c.tries >= MAX_PIN_TRIES)
            .order_by(_counter.c.locked_at, _counter.c.certificate_id)
        )
        return self._list(PinCounter, query)
