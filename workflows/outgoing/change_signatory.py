"""Sign in somebody's place (ký thay): put one's own block under a text everybody approved.

A delegate never signs in the giver's block. The document is laid out again with the delegate's
own lines and name; the text is the same, so the approvals stay; then it is signed as any other.
"""

from dataclasses import dataclass, replace

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.composition import ComposedForm, compose_form
from engine.errors import ErrorCode, NotPermittedError
from engine.model.document import Digest, Document, DocumentStatus, Stage
from engine.model.organisation import Actor, PersonId
from engine.ports import Layout, ObjectStore, StartWork, UnitOfWork
from engine.ports_pdf import PdfSigner
from engine.process.model import TaskId
from engine.records import record_document
from engine.undertaking import check_not_underway
from workflows.outgoing.form import check_law
from workflows.outgoing.stages import document_of

OUTCOME = "signatory_changed"


@dataclass(frozen=True, kw_only=True)
class ChangeSignatory:
    """Use case: whoever stands in for the signatory becomes the signatory, in their own name."""

    start_work: StartWork
    start_reading: StartWork
    layout: Layout
    signer: PdfSigner
    originals: ObjectStore
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor) -> Digest:
        """Lay the document out with the actor's own block; return the digest of the new PDF.

        The task is the actor's own from then on, whatever becomes of the delegation: their name
        is under the text, and they sign by their own authority. To give it back, they return it.

        Raises:
            NotPermittedError: the task is not the actor's by a delegation to sign that is in
                force; or they have no authority of their own for this kind and field today.
            ConflictError: the task is closed, or a signature is being made at this moment.

        Source: Decree 30/2020/NĐ-CP, Art. 13.
        """
        now = self.clock.now()
        with self.start_reading() as work:
            document = _find_signable(work, task_id, actor)
            seen = document.version
            composed = self._compose(work, document, actor)
        check_law(composed.form)

        # Rendering needs no transaction; nothing of the text is taken from anywhere but the row.
        rendered = self.layout.render(composed.form, at=now)
        prepared = self.signer.prepare(rendered.pdf, rendered.boxes)
        digest = self.originals.add(prepared)

        with self.start_work() as work:
            document = _find_signable(work, task_id, actor)
            document.check_version(seen)
            check_not_underway(work, document, now)
            before = document.current_revision().digest
            was = document.content.signatory_id
            # Once more, under the lock: a right to sign may have ended meanwhile.
            authority = self._compose(work, document, actor).authority
            work.processes.reassignment.take_over(
                task_id, actor, now=now, outcome=OUTCOME, comment=" / ".join(authority.lines)
            )
            document.content = replace(document.content, signatory_id=actor.person_id)
            document.authority_id = authority.id
            document.page_count = rendered.page_count
            document.add_revision(
                Stage.RENDERED, digest, size_bytes=len(prepared), by=actor.person_id, at=now
            )
            work.documents.save(document)
            record_document(
                work,
                AuditEvent.SIGNATORY_CHANGE,
                document,
                actor=actor,
                now=now,
                digest=digest,
                **{"from": before, "signatory": was or PersonId("")},
            )
            work.commit()
        return digest

    def _compose(self, work: UnitOfWork, document: Document, actor: Actor) -> ComposedForm:
        return compose_form(
            work.organisation,
            replace(document.content, signatory_id=actor.person_id),
            agency_id=document.agency_id,
            unit_id=document.unit_id,
            day=local(self.clock.now()).date(),
        )


def _find_signable(work: UnitOfWork, task_id: TaskId, actor: Actor) -> Document:
    """Return the document, unsigned, that the actor may sign in somebody's place."""
    task = work.processes.check_may_complete(task_id, actor, use_case="sign_document")
    if work.deputies.find(actor.person_id) is None:
        raise NotPermittedError(
            f"task {task_id} is {actor.person_id}'s own",
            code=ErrorCode.DELEGATION_MISSING,
            predicate="stands_in_for",
        )
    document = document_of(work, task)
    document.check_status(DocumentStatus.AWAITING_SIGNATURE)
    return document
