"""Submit a draft: lay it out by law, fix the PDF, and pass it on for review."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.composition import compose_form
from engine.model.document import Digest, DocumentStatus, DraftContent, Stage
from engine.model.organisation import Actor
from engine.ports import Layout, ObjectStore, StartWork
from engine.ports_pdf import PdfSigner
from engine.process.model import TaskId
from engine.records import record_document
from workflows.outgoing.form import check_complete, check_law, clean_content
from workflows.outgoing.stages import document_of, follow


@dataclass(frozen=True, kw_only=True)
class SubmitDraft:
    """Use case: the drafter submits the document for review."""

    start_work: StartWork
    start_reading: StartWork
    layout: Layout
    signer: PdfSigner
    originals: ObjectStore
    clock: Clock

    def __call__(
        self,
        task_id: TaskId,
        content: DraftContent,
        actor: Actor,
        *,
        seen_version: int,
        classification: str = "",
    ) -> Digest:
        """Fix the PDF that the reviewers and the leader will see; return its digest.

        Raises:
            InvalidInputError: incomplete, classified or unprintable; nothing is stored.
            NotPermittedError: not the drafter's task, or the signatory lacks authority.
            ConflictError: somebody saved since `seen_version`, or the task is closed.
        """
        cleaned = clean_content(content, classification=classification)
        check_complete(cleaned)
        now = self.clock.now()
        with self.start_reading() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="submit_draft")
            document = document_of(work, task)
            composed = compose_form(
                work.organisation,
                cleaned,
                agency_id=document.agency_id,
                unit_id=document.unit_id,
                day=local(now).date(),
            )
        check_law(composed.form)

        # Rendering needs no transaction: the same form always gives the same bytes.
        rendered = self.layout.render(composed.form, at=now)
        prepared = self.signer.prepare(rendered.pdf, rendered.boxes)
        digest = self.originals.add(prepared)

        with self.start_work() as work:
            # Again, under the write lock: whoever was second is told by whom.
            work.processes.check_may_complete(task_id, actor, use_case="submit_draft")
            document = document_of(work, task)
            document.check_status(DocumentStatus.DRAFT)
            document.check_version(seen_version)
            document.content = cleaned
            document.authority_id = composed.authority.id
            document.page_count = rendered.page_count
            document.add_revision(
                Stage.RENDERED, digest, size_bytes=len(prepared), by=actor.person_id, at=now
            )
            step = work.processes.complete(
                task_id,
                actor,
                use_case="submit_draft",
                now=now,
                outcome="submitted",
                writes={
                    "signatory_id": cleaned.signatory_id,
                    "kind": cleaned.kind,
                    "urgency": cleaned.urgency.value,
                },
            )
            follow(document, step, now)
            work.documents.save(document)
            work.documents.add_draft_version(document, actor.person_id, now)
            record_document(
                work,
                AuditEvent.DOCUMENT_SUBMIT,
                document,
                actor=actor,
                now=now,
                digest=digest,
                subject=cleaned.subject,
            )
            work.commit()
        return digest
