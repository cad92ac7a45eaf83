"""Read a stored PDF on behalf of somebody; what cannot be trusted is refused and put on record."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import DigestMismatchError, NotFoundError
from engine.model.copy import CopyId
from engine.model.document import Digest, DocumentId
from engine.model.meeting import MeetingId
from engine.model.organisation import Actor
from engine.model.schedule_entries import (
    ScheduleId,
)
from engine.ports import ObjectStore, StartWork


@dataclass(frozen=True, kw_only=True)
class OriginalReader:
    """Read originals; every hop hashes the bytes again."""

    originals: ObjectStore
    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        digest: Digest,
        document_id: DocumentId | CopyId | ScheduleId | MeetingId,
        actor: Actor,
        *,
        kind: str = "document",
    ) -> bytes:
        """Return the bytes named `digest`, which belong to a document.

        Args:
            kind: what the id is of: `document`, `copy` of a certified copy, `meeting`, `schedule`.

        Raises:
            DigestMismatchError: the stored bytes were changed; a leaf says so.
            NotFoundError: the object is gone; a leaf says so.
        """
        try:
            return self.originals.read(digest)
        except (DigestMismatchError, NotFoundError) as error:
            with self.start_work() as work:
                work.audit.record(
                    AuditEvent.ORIGINAL_REFUSE,
                    subject=f"{kind}:{document_id}",
                    group=document_id,
                    actor=actor,
                    at=self.clock.now(),
                    details={"digest": digest, "reason": error.code},
                )
                work.commit()
            raise
