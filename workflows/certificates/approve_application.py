"""Approve an application for a certificate, as a leader of the agency."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.certification import ApplicationId
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.presence import with_posts_today
from engine.process.model import TaskId
from workflows.certificates.records import record_application

MAX_COMMENT_CHARS = 1000


@dataclass(frozen=True, kw_only=True)
class ApproveApplication:
    """Use case: a leader other than whoever asked agrees that the certificate is needed."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, comment: str = "") -> None:
        """Approve the application behind `task_id`.

        Raises:
            NotPermittedError: not this person's task, or they asked themselves.
            ConflictError: the task is closed.
        """
        said = clean_remark(comment, field="comment", max_chars=MAX_COMMENT_CHARS, required=False)
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            task = work.processes.check_may_complete(
                task_id, serving, use_case="approve_application"
            )
            application = work.certification.get(ApplicationId(task.business_key))
            work.certification.save(application.approved(actor))
            work.processes.complete(
                task_id,
                serving,
                use_case="approve_application",
                now=now,
                outcome="approved",
                comment=said,
                writes={"approved": True},
            )
            record_application(
                work, AuditEvent.APPLICATION_APPROVE, application, actor=actor, now=now
            )
            work.commit()
