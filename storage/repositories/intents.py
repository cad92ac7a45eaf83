"""Keep undertakings to sign."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import ErrorCode
from engine.model.document import Digest, DocumentId
from engine.model.signing_intent import OPEN_STATES, IntentState, SigningIntent
from storage.errors import unique
from storage.repositories.base import Repository, missing
from storage.tables.documents import signing_intent as _intent


class SqlIntents(Repository):
    """Keep undertakings; a document has one open at most for each stage."""

    def add(self, intent: SigningIntent) -> None:
        """Record an undertaking.

        Raises:
            ConflictError: code SIGNING_UNDERWAY, when one is open for the same stage.
        """
        with unique(ErrorCode.SIGNING_UNDERWAY, f"{intent.document_id} {intent.stage}"):
            self._insert(_intent, vars(intent) | {"parked": list(intent.parked)})

    def get(self, intent_id: str) -> SigningIntent:
        """Return the undertaking.

        Raises:
            NotFoundError: there is no such undertaking.
        """
        query = sa.select(_intent).where(_intent.c.id == intent_id)
        return self._find(_intent_of, query) or missing("intent", intent_id)

    def save(self, intent: SigningIntent) -> None:
        """Write what became of an undertaking.

        Raises:
            NotFoundError: there is no such undertaking.
        """
        statement = (
            sa.update(_intent)
            .where(_intent.c.id == intent.id)
            .values(
                state=intent.state,
                reason=intent.reason,
                expires_at=intent.expires_at,
                parked=list(intent.parked),
            )
        )
        if self._changed(statement) == 0:
            missing("intent", intent.id)

    def list_expired(
        self, now: datetime, document_id: DocumentId | None = None
    ) -> Sequence[SigningIntent]:
        """Return open undertakings that are too old, oldest first; of one document if given."""
        query = (
            sa.select(_intent)
            .where(_intent.c.state.in_(OPEN_STATES), _intent.c.expires_at < now)
            .order_by(_intent.c.expires_at)
        )
        if document_id is not None:
            query = query.where(_intent.c.document_id == document_id)
        return self._list(_intent_of, query)

    def list_awaiting(self) -> Sequence[SigningIntent]:
        """Return what is signed and waits for its time-stamp, oldest first."""
        query = (
            sa.select(_intent)
            .where(_intent.c.state == IntentState.AWAITING_STAMP)
            .order_by(_intent.c.begun_at, _intent.c.id)
        )
        return self._list(_intent_of, query)

    def find_open(self, document_id: DocumentId) -> SigningIntent | None:
        """Return the newest open undertaking on a document."""
        query = (
            sa.select(_intent)
            .where(_intent.c.document_id == document_id, _intent.c.state.in_(OPEN_STATES))
            .order_by(_intent.c.begun_at.desc())
            .limit(1)
        )
        return self._find(_intent_of, query)


def _intent_of(*, parked: list[str], **values: Any) -> SigningIntent:
    return SigningIntent(parked=tuple(Digest(each) for each in parked), **values)
