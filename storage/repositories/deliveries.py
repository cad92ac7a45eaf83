"""Keep what recipients do with documents."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.delivery import Delivery, DeliveryId, StatusMessage
from engine.model.document import DocumentId
from engine.model.organisation import AgencyId
from storage.repositories.base import Repository, by_key, missing
from storage.tables import documents as tables
from storage.work_list import set_delivery_urgency

_delivery = tables.delivery
_message = tables.status_message

_SAVE = sa.update(_delivery).where(
    by_key(_delivery.c.id), _delivery.c.version == sa.bindparam("seen_version")
)
_COUNT_MESSAGES = sa.select(sa.func.count()).where(by_key(_message.c.delivery_id))


def _reading(*conditions: sa.ColumnElement[bool]) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Return the queries of deliveries and of their messages: two, however many there are."""
    messages = (
        sa.select(_message)
        .join(_delivery, _delivery.c.id == _message.c.delivery_id)
        .where(*conditions)
        .order_by(_message.c.delivery_id, _message.c.sequence)
    )
    return sa.select(_delivery).where(*conditions).order_by(_delivery.c.id), messages


_GET = _reading(by_key(_delivery.c.id))
_LIST_FOR_DOCUMENT = _reading(by_key(_delivery.c.document_id))
_FIND = _reading(
    by_key(_delivery.c.document_id), _delivery.c.recipient_id == sa.bindparam("recipient_id")
)


class SqlDeliveries(Repository):
    """Keep deliveries, their messages and how many answers are open."""

    def add(self, delivery: Delivery) -> None:
        """Add a delivery; a document has one for each recipient."""
        self._insert(_delivery, _values(delivery))
        self._add_messages(delivery, after=0)
        set_delivery_urgency(self._connection, delivery.id, delivery.document_id)

    def get(self, delivery_id: DeliveryId) -> Delivery:
        """Return the delivery.

        Raises:
            NotFoundError: there is no such delivery.
        """
        found = self._read(_GET, key=delivery_id)
        return found[0] if found else missing("delivery", delivery_id)

    def save(self, delivery: Delivery) -> None:
        """Write the delivery if nobody wrote it since it was read.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        written = {**_values(delivery), "version": delivery.version + 1}
        seen = {"key": delivery.id, "seen_version": delivery.version}
        changed = self._changed(_SAVE, {**written, **seen})
        if changed == 0:
            raise ConflictError(
                f"delivery {delivery.id}: {delivery.version} is not the newest",
                code=ErrorCode.DOCUMENT_CHANGED,
            )
        delivery.version += 1
        stored = self._connection.execute(_COUNT_MESSAGES, {"key": delivery.id})
        self._add_messages(delivery, after=stored.scalar_one())

    def find(self, document_id: DocumentId, recipient_id: AgencyId) -> Delivery | None:
        """Return the recipient's copy of the document."""
        found = self._read(_FIND, key=document_id, recipient_id=recipient_id)
        return found[0] if found else None

    def list_for_document(self, document_id: DocumentId) -> Sequence[Delivery]:
        """Return every copy of a document."""
        return self._read(_LIST_FOR_DOCUMENT, key=document_id)

    def _read(self, queries: tuple[sa.Select[Any], sa.Select[Any]], **key: str) -> list[Delivery]:
        rows: list[dict[str, Any]] = self._list(dict, queries[0], **key)
        messages: dict[str, list[StatusMessage]] = {row["id"]: [] for row in rows}
        stored = self._connection.execute(queries[1], key).mappings()
        for message in stored:
            values = dict(message)
            values.pop("sequence")
            messages[values.pop("delivery_id")].append(StatusMessage(**values))
        return [Delivery(**row, messages=messages[row["id"]]) for row in rows]

    def _add_messages(self, delivery: Delivery, *, after: int) -> None:
        rows = [
            {"delivery_id": delivery.id, "sequence": after + offset, **vars(message)}
            for offset, message in enumerate(delivery.messages[after:], start=1)
        ]
        if rows:
            self._insert(_message, rows)


def _values(delivery: Delivery) -> dict[str, Any]:
    values = dict(vars(delivery))
    del values["messages"]
    return values
