"""Allow a certificate to be made: where its key lives and how long it lasts."""

from dataclasses import dataclass, replace

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError
from engine.model.certification import ApplicationId, KeyPlan
from engine.model.keys import KeyHome
from engine.model.organisation import Actor
from engine.ports import StartWork
from engine.presence import with_posts_today
from engine.process.model import TaskId
from engine.text import clean_line
from workflows.certificates.records import record_application

MAX_KEY_NAME_CHARS = 128


@dataclass(frozen=True, kw_only=True)
class AllowApplication:
    """Use case: an administrator, the third person, decides how the certificate is made.

    Args:
        homes: where this installation can have keys.
    """

    start_work: StartWork
    homes: frozenset[KeyHome]
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, plan: KeyPlan) -> None:
        """Allow the application behind `task_id`; its holder may collect it now.

        Raises:
            InvalidInputError: the plan cannot be carried out; code KEY_HOME_MISSING when the
                server has no such home, and the holder could never collect.
            NotPermittedError: not this person's task, or they asked or approved themselves.
            ConflictError: the task is closed.
        """
        if plan.home not in self.homes:
            raise InvalidInputError(
                f"no keys in {plan.home}", code=ErrorCode.KEY_HOME_MISSING, field="home"
            )
        name = clean_line(
            plan.key_name, field="key_name", max_chars=MAX_KEY_NAME_CHARS, required=False
        )
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            task = work.processes.check_may_complete(
                task_id, serving, use_case="allow_application"
            )
            application = work.certification.get(ApplicationId(task.business_key))
            allowed = application.allowed(replace(plan, key_name=name), actor)
            work.certification.save(allowed)
            work.processes.complete(
                task_id,
                serving,
                use_case="allow_application",
                now=now,
                outcome="approved",
                writes={"allowed": True},
            )
            record_application(
                work,
                AuditEvent.APPLICATION_ALLOW,
                allowed,
                actor=actor,
                now=now,
                key_home=plan.home,
                key_type=plan.key_type,
                days=str(plan.days),
            )
            work.commit()
