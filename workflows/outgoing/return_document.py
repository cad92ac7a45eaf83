"""Return a document to its drafter with a reason; every approval lapses."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.document import DocumentId, DocumentStatus
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import Plain, TaskId
from engine.records import record_document
from engine.undertaking import check_not_underway

#: What each step writes so that its gateway leads back to the draft.
_REFUSALS: Mapping[str, Mapping[str, Plain]] = {
    "review": {"approved": False},
    "check_form": {"form_ok": False},
    "sign": {"signed": False},
}


@dataclass(frozen=True, kw_only=True)
class ReturnDocument:
    """Use case: a reviewer, the clerk or the leader returns the document."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, reason: str) -> None:
        """Send the document back to the drafter.

        Raises:
            InvalidInputError: no reason given; code REASON_MISSING.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed, or a signature is being made at this moment.
        """
        said = clean_remark(reason, field="reason", max_chars=2000)
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="return_document")
            document = work.documents.get(DocumentId(task.business_key))
            document.check_status(
                DocumentStatus.IN_REVIEW,
                DocumentStatus.IN_CHECK,
                DocumentStatus.AWAITING_SIGNATURE,
            )
            check_not_underway(work, document, now)
            document.move(DocumentStatus.DRAFT, now)
            work.documents.save(document)
            work.processes.complete(
                task_id,
                actor,
                use_case="return_document",
                now=now,
                outcome="returned",
                comment=said,
                writes=_REFUSALS[task.node_id],
            )
            record_document(
                work,
                AuditEvent.DOCUMENT_RETURN,
                document,
                actor=actor,
                now=now,
                step=task.node_id,
                reason=said,
            )
            work.commit()
