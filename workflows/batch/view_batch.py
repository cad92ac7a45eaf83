"""Show a batch to its signer: the list, what became of each document, the signed list."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.clock import Clock
from engine.errors import ErrorCode, NotFoundError
from engine.model.batch import Batch, BatchId, BatchItem, BatchOutcome, outcome_of
from engine.model.organisation import Actor
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import ObjectStore, StartWork
from engine.ports_signing import CertificateId, IssuedCertificate


@dataclass(frozen=True, kw_only=True)
class BatchView:
    """Hold what the page of a batch shows.

    Args:
        is_running: a run works on it now.
        is_interrupted: a run was cut off and nobody has gone on yet.
    """

    batch: Batch
    items: Sequence[BatchItem]
    outcome: BatchOutcome
    certificate: IssuedCertificate
    agency_name: str
    is_running: bool
    is_interrupted: bool


@dataclass(frozen=True, kw_only=True)
class ViewBatch:
    """Use case: the signatory looks at a batch."""

    start_reading: StartWork
    originals: ObjectStore
    clock: Clock

    def __call__(self, batch_id: BatchId, actor: Actor) -> BatchView:
        """Return the batch with its items.

        Raises:
            NotPermittedError: not this person's batch.
        """
        now = self.clock.now()
        with self.start_reading() as work:
            batch = work.batches.get(batch_id)
            check_permitted(Permission.BATCH_SIGN, actor, Subject(person_id=batch.person_id))
            items = work.batches.list_items(batch_id)
            certificate = work.certificates.get(CertificateId(batch.certificate_id))
            agency = work.organisation.get_agency(batch.agency_id)
        return BatchView(
            batch=batch,
            items=items,
            outcome=outcome_of(batch, items),
            certificate=certificate,
            agency_name=agency.name,
            is_running=batch.is_alive(now),
            is_interrupted=batch.is_interrupted(now),
        )

    def manifest(self, batch_id: BatchId, actor: Actor) -> tuple[Batch, bytes]:
        """Return the signed list, hashed again on the way out.

        Raises:
            NotPermittedError: not this person's batch.
            NotFoundError: the list is not signed yet.
            DigestMismatchError: the stored bytes were changed.
        """
        batch = self(batch_id, actor).batch
        if not batch.manifest:
            raise NotFoundError(f"batch {batch_id} has no list", code=ErrorCode.BATCH_NOT_FOUND)
        return batch, self.originals.read(batch.manifest)
