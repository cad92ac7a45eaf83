"""Give the bytes of a document: the newest revision to its agency, the original to recipients."""

from dataclasses import dataclass

from engine.model.document import DocumentId
from engine.model.organisation import Actor
from engine.originals import OriginalReader
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork
from workflows.reading.view_document import reader_subject


@dataclass(frozen=True, kw_only=True)
class ReadPdf:
    """Use case: a person reads or downloads the PDF."""

    start_reading: StartWork
    read_original: OriginalReader

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
        return digest, self.read_original(digest, document_id, actor)
