"""Withdraw an application that nobody needs any more, or that cannot be collected."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import NotPermittedError
from engine.model.certification import ApplicationId
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.presence import with_posts_today
from workflows.certificates.people import may_withdraw
from workflows.certificates.records import record_application

MAX_REASON_CHARS = 1000


@dataclass(frozen=True, kw_only=True)
class WithdrawApplication:
    """Use case: whoever asked ends an application, or when they have left who may in their place.

    That is an administrator, and for a seal any clerk of the agency: a clerk who leaves must not
    keep the next one from asking.
    """

    start_work: StartWork
    clock: Clock

    def __call__(self, application_id: ApplicationId, actor: Actor, reason: str) -> None:
        """End the application with its open task.

        Raises:
            InvalidInputError: no reason.
            NotPermittedError: somebody else asked, and it is not this actor's to end.
            ConflictError: it has ended, or it stopped a certificate and has to be settled.
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            application = work.certification.get(application_id)
            serving = with_posts_today(work.organisation, actor, now)
            if not may_withdraw(application, serving):
                raise NotPermittedError(
                    f"{actor.person_id} did not ask", predicate="is_the_applicant"
                )
            work.certification.save(application.withdrawn(now))
            instance_id = work.processes.get_instance_id(application.procedure_id, application.id)
            work.processes.cancel(instance_id, actor=actor, now=now, reason=said)
            record_application(
                work,
                AuditEvent.APPLICATION_WITHDRAW,
                application,
                actor=actor,
                now=now,
                reason=said,
            )
            work.commit()
