"""Keep what the drafter has typed so far."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.model.document import DocumentId, DocumentStatus, DraftContent
from engine.model.organisation import Actor
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from engine.records import record_document
from workflows.outgoing.form import check_names, clean_content


@dataclass(frozen=True, kw_only=True)
class SaveDraft:
    """Use case: the drafter saves an unfinished draft."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        document_id: DocumentId,
        content: DraftContent,
        actor: Actor,
        *,
        seen_version: int,
        classification: str = "",
    ) -> int:
        """Store the content and return the document's new version.

        Raises:
            InvalidInputError: classified, text that cannot be kept, or a recipient that does not
                exist; nothing is stored.
            NotPermittedError: the actor is not the drafter.
            ConflictError: somebody saved since `seen_version`, or the draft was submitted.
        """
        cleaned = clean_content(content, classification=classification)
        now = self.clock.now()
        with self.start_work() as work:
            document = work.documents.get(document_id)
            check_permitted(
                Permission.DOCUMENT_EDIT,
                actor,
                Subject(agency_id=document.agency_id, person_id=document.drafter_id),
            )
            document.check_status(DocumentStatus.DRAFT)
            document.check_version(seen_version)
            check_names(work.organisation, cleaned, document.agency_id, local(now).date())
            if cleaned == document.content:
                return document.version
            document.content = cleaned
            document.updated_at = now
            work.documents.save(document)
            kept = work.documents.add_draft_version(document, actor.person_id, now)
            record_document(
                work,
                AuditEvent.DOCUMENT_SAVE,
                document,
                actor=actor,
                now=now,
                draft_version=str(kept),
            )
            work.commit()
        return document.version
