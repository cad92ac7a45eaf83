"""Give the bytes of a file beside a document, to whoever may read the document."""

from dataclasses import dataclass

from engine.errors import ErrorCode, NotFoundError
from engine.model.attachment import Attachment, AttachmentId
from engine.model.document import DocumentId
from engine.model.organisation import Actor
from engine.originals import OriginalReader
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork
from workflows.reading.view_document import reader_subject


@dataclass(frozen=True, kw_only=True)
class ReadAttachment:
    """Use case: a person reads or downloads an attachment."""

    start_reading: StartWork
    read_original: OriginalReader

    def __call__(
        self, document_id: DocumentId, attachment_id: AttachmentId, actor: Actor
    ) -> tuple[Attachment, bytes]:
        """Return the attachment and its bytes as they are now, hashed again on the way out.

        Raises:
            NotPermittedError: neither the agency's nor a recipient's person.
            NotFoundError: the document has no such file.
            DigestMismatchError: the stored bytes were changed; refused and put on record.
        """
        with self.start_reading() as work:
            document = work.documents.get(document_id)
            check_permitted(Permission.DOCUMENT_VIEW, actor, reader_subject(work, document))
            attachment = work.attachments.get(attachment_id)
        if attachment.document_id != document_id:
            raise NotFoundError(
                f"{attachment_id} is not beside {document_id}", code=ErrorCode.ATTACHMENT_NOT_FOUND
            )
        return attachment, self.read_original(attachment.current_digest, document_id, actor)
