"""Give the bytes of a document: the newest revision to its agency, the original to recipients."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import DigestMismatchError
from engine.model.document import DocumentId
from engine.model.organisation import Actor
from engine.permissions import Permission, check_permitted
from engine.ports import ObjectStore, StartWork
from workflows.reading.view_document import reader_subject


@dataclass(frozen=True, kw_only=True)
class ReadPdf:
    """Use case: a person reads or downloads the PDF."""

    start_reading: StartWork
    start_work: StartWork
    originals: ObjectStore
    clock: Clock

    def __call__(self, document_id: DocumentId, actor: Actor) -> tuple[str, bytes]:
        """Return the digest and the bytes, hashed again on the way out.

        Raises:
            NotPermittedError: neither the agency's nor a recipient's person.
            ConflictError: nothing has been rendered yet.
            DigestMismatchError: the stored bytes were changed; refused and put on record.
        """
        with self.start_reading() as work:
            document = work.documents.get(document_id)
            check_permitted(Permission.DOCUMENT_VIEW, actor, reader_subject(work, document))
        digest = document.current_revision().digest
        try:
            return digest, self.originals.read(digest)
        except DigestMismatchError:
            with self.start_work() as work:
                work.audit.record(
                    AuditEvent.ORIGINAL_REFUSE,
                    subject=f"document:{document_id}",
                    group=document_id,
                    actor=actor,
                    at=self.clock.now(),
                    details={"digest": digest},
                )
                work.commit()
            raise
