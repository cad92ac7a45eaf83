"""Refuse an application for a certificate, as the leader or as the administrator."""

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

MAX_REASON_CHARS = 1000
_DECIDES = {"approve": "approved", "allow": "allowed"}


@dataclass(frozen=True, kw_only=True)
class RefuseApplication:
    """Use case: whoever must decide says no, and why."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, reason: str) -> None:
        """Refuse the application behind `task_id`; nothing was made, the present one stays.

        Raises:
            InvalidInputError: no reason.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            task = work.processes.check_may_complete(
                task_id, serving, use_case="refuse_application"
            )
            application = work.certification.get(ApplicationId(task.business_key))
            work.certification.save(application.refused(now))
            work.processes.complete(
                task_id,
                serving,
                use_case="refuse_application",
                now=now,
                outcome="refused",
                comment=said,
                writes={_DECIDES[task.rule]: False},
            )
            record_application(
                work,
                AuditEvent.APPLICATION_REFUSE,
                application,
                actor=actor,
                now=now,
                reason=said,
                step=task.node_id,
            )
            work.commit()
