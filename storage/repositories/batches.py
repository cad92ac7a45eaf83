"""Keep ceremonies that sign many documents."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.batch import OPEN_ITEMS, Batch, BatchId, BatchItem, BatchState, ItemState
from engine.model.document import DocumentId
from engine.model.organisation import PersonId
from storage.errors import unique
from storage.repositories.base import Repository, by_key, missing
from storage.tables.batches import BATCH_COLUMNS, ITEM_COLUMNS
from storage.tables.batches import signing_batch as _batch
from storage.tables.batches import signing_batch_item as _item

_GET = sa.select(_batch).where(by_key(_batch.c.id))
_LIST_ITEMS = (
    sa.select(*(column for column in _item.c if column.name != "batch_id"))
    .where(by_key(_item.c.batch_id))
    .order_by(_item.c.position)
)
_SAVE = (
    sa.update(_batch)
    .where(by_key(_batch.c.id))
    .values({name: sa.bindparam(name) for name in BATCH_COLUMNS})
)
_SAVE_ITEM = (
    sa.update(_item)
    .where(
        by_key(_item.c.batch_id),
        _item.c.position == sa.bindparam("place"),
        _item.c.state == sa.bindparam("was", type_=_item.c.state.type),
    )
    .values({name: sa.bindparam(name) for name in ITEM_COLUMNS})
)
_NEEDS_SIGNER = (BatchState.PREPARED, BatchState.RUNNING, BatchState.PAUSED)
_BEGUN = (BatchState.RUNNING, BatchState.PAUSED)


class SqlBatches(Repository):
    """Keep batches; a person has one running at most."""

    def add(self, batch: Batch, items: Sequence[BatchItem]) -> None:
        """Add a batch with its items."""
        self._insert(_batch, dict(vars(batch)))
        self._insert(_item, [vars(item) | {"batch_id": batch.id} for item in items])

    def get(self, batch_id: BatchId) -> Batch:
        """Return the batch.

        Raises:
            NotFoundError: code BATCH_NOT_FOUND.
        """
        found = self._find(Batch, _GET, key=batch_id)
        return found or missing("batch", batch_id, ErrorCode.BATCH_NOT_FOUND)

    def save(self, batch: Batch) -> None:
        """Write how far a batch has come.

        Raises:
            ConflictError: code BATCH_RUNNING; another batch of the person is running.
        """
        values = {name: getattr(batch, name) for name in BATCH_COLUMNS}
        with unique(ErrorCode.BATCH_RUNNING, f"of {batch.person_id}"):
            changed = self._changed(_SAVE, {**values, "key": batch.id})
        if changed == 0:
            missing("batch", batch.id, ErrorCode.BATCH_NOT_FOUND)

    def list_items(self, batch_id: BatchId) -> Sequence[BatchItem]:
        """Return the items in their order."""
        return self._list(BatchItem, _LIST_ITEMS, key=batch_id)

    def save_item(self, batch_id: BatchId, item: BatchItem, *, was: ItemState) -> bool:
        """Write what became of an item, if it still is as it `was`; tell whether it was."""
        values = {name: getattr(item, name) for name in ITEM_COLUMNS}
        keys = {"key": batch_id, "place": item.position, "was": was}
        return self._changed(_SAVE_ITEM, values | keys) > 0

    def renew(self, batch_id: BatchId, lease_id: str, until: datetime) -> None:
        """Go on holding a batch.

        Raises:
            ConflictError: code BATCH_LOST; the run was taken for dead.
        """
        statement = (
            sa.update(_batch)
            .where(_batch.c.id == batch_id, _batch.c.lease_id == lease_id)
            .values(lease_until=until)
        )
        if self._changed(statement) == 0:
            raise ConflictError(f"batch {batch_id} has another run", code=ErrorCode.BATCH_LOST)

    def find_running(self, person_id: PersonId) -> Batch | None:
        """Return the batch of a person that is running, alive or not."""
        query = sa.select(_batch).where(
            _batch.c.person_id == person_id, _batch.c.state == BatchState.RUNNING
        )
        return self._find(Batch, query)

    def list_open(self, person_id: PersonId) -> Sequence[Batch]:
        """Return a person's batches that need them, newest first."""
        query = sa.select(_batch).where(
            _batch.c.person_id == person_id, _batch.c.state.in_(_NEEDS_SIGNER)
        )
        return self._list(Batch, query.order_by(_batch.c.created_at.desc()))

    def list_recent(self, person_id: PersonId, limit: int = 50) -> Sequence[Batch]:
        """Return a person's batches, newest first."""
        query = sa.select(_batch).where(_batch.c.person_id == person_id)
        return self._list(Batch, query.order_by(_batch.c.created_at.desc()).limit(limit))

    def list_awaiting_stamp(self) -> Sequence[Batch]:
        """Return the batches whose last documents wait for their time-stamps."""
        query = sa.select(_batch).where(_batch.c.state == BatchState.AWAITING_STAMP)
        return self._list(Batch, query.order_by(_batch.c.created_at))

    def list_dead(self, now: datetime) -> Sequence[Batch]:
        """Return the batches whose run was cut off."""
        query = sa.select(_batch).where(
            _batch.c.state == BatchState.RUNNING, _batch.c.lease_until < now
        )
        return self._list(Batch, query.order_by(_batch.c.created_at))

    def list_taken(self, document_ids: Sequence[DocumentId]) -> frozenset[DocumentId]:
        """Return which of the documents stand, unsigned, in a batch that was begun."""
        query = (
            sa.select(_item.c.document_id)
            .join(_batch, _batch.c.id == _item.c.batch_id)
            .where(
                _item.c.document_id.in_(document_ids),
                _item.c.state.in_(OPEN_ITEMS),
                _batch.c.state.in_(_BEGUN),
            )
        )
        return frozenset(self._connection.execute(query).scalars())
