"""Give the archival copy of an original to those who may see the document."""

from dataclasses import dataclass

from engine.errors import ErrorCode, NotFoundError
from engine.model.document import DocumentId
from engine.model.organisation import Actor
from engine.originals import OriginalReader
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork
from workflows.reading.view_document import reader_subject


@dataclass(frozen=True, kw_only=True)
class ReadArchivalCopy:
    """Use case: a person downloads the copy that stays provable."""

    start_reading: StartWork
    read_original: OriginalReader

    def __call__(self, document_id: DocumentId, actor: Actor) -> tuple[str, bytes]:
        """Return the digest and the bytes, hashed again on the way out.

        Raises:
            NotPermittedError: neither the agency's nor a recipient's person.
            NotFoundError: code PRESERVATION_NOT_FOUND; there is no copy yet.
            DigestMismatchError: the stored bytes were changed; refused and put on record.
        """
        with self.start_reading() as work:
            document = work.documents.get(document_id)
            check_permitted(Permission.DOCUMENT_VIEW, actor, reader_subject(work, document))
            row = work.preservations.find(document_id)
        if row is None or row.copy is None:
            raise NotFoundError(
                f"no archival copy of {document_id}", code=ErrorCode.PRESERVATION_NOT_FOUND
            )
        return row.copy, self.read_original(row.copy, document_id, actor)
