"""Change the order of the files beside a draft, or take one away."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, NotFoundError
from engine.model.attachment import Attachment, AttachmentId
from engine.model.document import DocumentId
from engine.model.organisation import Actor
from engine.ports import StartWork, UnitOfWork
from engine.records import record_document
from workflows.outgoing.add_attachment import get_own_draft


@dataclass(frozen=True, kw_only=True)
class MoveAttachment:
    """Use case: the drafter moves a file one place up or down."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self, document_id: DocumentId, attachment_id: AttachmentId, actor: Actor, *, down: bool
    ) -> None:
        """Change places with the neighbour; at the end of the list nothing happens.

        Raises:
            NotFoundError: the draft has no such file.
            NotPermittedError: the actor is not the drafter.
            ConflictError: the draft was submitted.
        """
        now = self.clock.now()
        with self.start_work() as work:
            document = get_own_draft(work, document_id, actor)
            ordered = list(work.attachments.list_for(document_id))
            place = ordered.index(_of(work, document_id, attachment_id))
            other = place + 1 if down else place - 1
            if not 0 <= other < len(ordered):
                return
            ordered[place], ordered[other] = ordered[other], ordered[place]
            work.attachments.arrange({each.id: n for n, each in enumerate(ordered, start=1)})
            record_document(
                work,
                AuditEvent.ATTACHMENT_ARRANGE,
                document,
                actor=actor,
                now=now,
                attachment=attachment_id,
                position=str(other + 1),
            )
            work.commit()


@dataclass(frozen=True, kw_only=True)
class RemoveAttachment:
    """Use case: the drafter takes a file away from a draft."""

    start_work: StartWork
    clock: Clock

    def __call__(self, document_id: DocumentId, attachment_id: AttachmentId, actor: Actor) -> None:
        """Take the file away; the trail keeps its digest.

        Raises:
            NotFoundError: the draft has no such file.
            NotPermittedError: the actor is not the drafter.
            ConflictError: the draft was submitted.
        """
        now = self.clock.now()
        with self.start_work() as work:
            document = get_own_draft(work, document_id, actor)
            attachment = _of(work, document_id, attachment_id)
            work.attachments.remove(attachment_id)
            record_document(
                work,
                AuditEvent.ATTACHMENT_REMOVE,
                document,
                actor=actor,
                now=now,
                attachment=attachment_id,
                title=attachment.title,
                digest=attachment.digest,
            )
            work.commit()


def _of(work: UnitOfWork, document_id: DocumentId, attachment_id: AttachmentId) -> Attachment:
    attachment = work.attachments.get(attachment_id)
    if attachment.document_id != document_id:
        raise NotFoundError(
            f"{attachment_id} is not beside {document_id}", code=ErrorCode.ATTACHMENT_NOT_FOUND
        )
    return attachment
