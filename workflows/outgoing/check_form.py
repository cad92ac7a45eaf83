"""Check the form of a document and the authority to sign it before it goes to the leader."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.composition import get_printed_authority
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import TaskId
from engine.records import record_document
from workflows.outgoing.stages import IN_APPROVAL, document_of, follow


@dataclass(frozen=True, kw_only=True)
class CheckForm:
    """Use case: the clerk confirms the form (thể thức) and the authority to sign."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, comment: str = "") -> None:
        """Confirm the PDF as it stands.

        Raises:
            NotPermittedError: not this person's task, or the signatory has lost the authority.
            ConflictError: the task is closed.
        """
        note = clean_remark(comment, field="comment", max_chars=2000, required=False)
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="check_form")
            document = document_of(work, task)
            document.check_status(*IN_APPROVAL)
            get_printed_authority(work.organisation, document, local(now).date())
            step = work.processes.complete(
                task_id,
                actor,
                use_case="check_form",
                now=now,
                outcome="approved",
                comment=note,
                writes={"form_ok": True},
            )
            follow(document, step, now)
            work.documents.save(document)
            record_document(
                work,
                AuditEvent.DOCUMENT_CHECK,
                document,
                actor=actor,
                now=now,
                digest=document.current_revision().digest,
            )
            work.commit()
