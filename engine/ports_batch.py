"""Name what batches of signatures need from the world: rows, and a page that lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.model.batch import Batch, BatchId, BatchItem, ItemState
from engine.model.boxes import Box
from engine.model.document import DocumentId
from engine.model.organisation import PersonId


class Batches(Protocol):
    """Keep ceremonies that sign many documents."""

    def add(self, batch: Batch, items: Sequence[BatchItem]) -> None: ...
    def get(self, batch_id: BatchId) -> Batch:
        """Return the batch.

        Raises:
            NotFoundError: code BATCH_NOT_FOUND.
        """
        ...

    def save(self, batch: Batch) -> None:
        """Write how far a batch has come; which documents were ticked never changes.

        Raises:
            ConflictError: code BATCH_RUNNING; another batch of the person is running.
        """
        ...

    def list_items(self, batch_id: BatchId) -> Sequence[BatchItem]:
        """Return the items in their order."""
        ...

    def save_item(self, batch_id: BatchId, item: BatchItem, *, was: ItemState) -> bool:
        """Write what became of an item, if it still is as it `was`; tell whether it was."""
        ...

    def renew(self, batch_id: BatchId, lease_id: str, until: datetime) -> None:
        """Go on holding a batch; the first thing every transaction of a run does.

        Raises:
            ConflictError: code BATCH_LOST; the run was taken for dead.
        """
        ...

    def find_running(self, person_id: PersonId) -> Batch | None:
        """Return the batch of a person that is running, alive or not."""
        ...

    def list_open(self, person_id: PersonId) -> Sequence[Batch]:
        """Return a person's batches that need them: paused, cut off, or never begun."""
        ...

    def list_recent(self, person_id: PersonId, limit: int = 50) -> Sequence[Batch]:
        """Return a person's batches, newest first."""
        ...

    def list_awaiting_stamp(self) -> Sequence[Batch]:
        """Return the batches whose last documents wait for their time-stamps."""
        ...

    def list_dead(self, now: datetime) -> Sequence[Batch]:
        """Return the batches whose run was cut off."""
        ...

    def list_taken(self, document_ids: Sequence[DocumentId]) -> frozenset[DocumentId]:
        """Return which of the documents stand in a batch that is running or paused."""
        ...


@dataclass(frozen=True, kw_only=True)
class ManifestRow:
    """Hold one line of a list of documents."""

    position: int
    kind: str
    subject: str
    unit_name: str
    drafter_name: str
    page_count: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Hold what a list of documents to sign says.

    Args:
        number: short name of the ceremony.
        serial: number of the certificate, hex.
        merkle_root: hex.
        at: time of the ceremony, aware.
    """

    number: str
    agency_name: str
    signer_name: str
    signer_title: str
    serial: str
    merkle_root: str
    at: datetime
    rows: tuple[ManifestRow, ...]


@dataclass(frozen=True, kw_only=True)
class RenderedManifest:
    """Hold a list as PDF/A-2b, and the place where its signature goes."""

    pdf: bytes
    page_count: int
    signature: Box


class ManifestLayout(Protocol):
    """Lay out lists of documents."""

    def render(self, manifest: Manifest) -> RenderedManifest:
        """Return the list on A4 pages; the same list gives the same bytes.

        Raises:
            InvalidInputError: a text has characters the font lacks.
        """
        ...
