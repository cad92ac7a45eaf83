"""Approve a draft: the head of the division puts an initial on record (ký nháy)."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, NotPermittedError
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import TaskId
from engine.records import record_document
from workflows.outgoing.stages import IN_APPROVAL, document_of, follow


@dataclass(frozen=True, kw_only=True)
class ReviewDraft:
    """Use case: the head of the division approves the draft."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, comment: str = "") -> None:
        """Approve the PDF as it stands.

        Raises:
            NotPermittedError: not this person's task; or by delegation only, and they drafted it.
            ConflictError: the task is closed, by whom and when.
        """
        note = clean_remark(comment, field="comment", max_chars=2000, required=False)
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="review_draft")
            document = document_of(work, task)
            document.check_status(*IN_APPROVAL)
            if document.drafter_id == actor.person_id and work.deputies.find(actor.person_id):
                # Nobody approves their own draft in somebody else's place.
                raise NotPermittedError(
                    f"{actor.person_id} drafted {document.id}",
                    code=ErrorCode.DELEGATION_OWN_DRAFT,
                    predicate="is_not_the_drafter",
                )
            step = work.processes.complete(
                task_id,
                actor,
                use_case="review_draft",
                now=now,
                outcome="approved",
                comment=note,
                writes={"approved": True},
            )
            follow(document, step, now)
            work.documents.save(document)
            record_document(
                work,
                AuditEvent.DOCUMENT_APPROVE,
                document,
                actor=actor,
                now=now,
                digest=document.current_revision().digest,
            )
            work.commit()
