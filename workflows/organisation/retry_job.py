"""Try a stuck job again."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, NotFoundError
from engine.model.organisation import Actor
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork


@dataclass(frozen=True, kw_only=True)
class RetryJob:
    """Use case: an administrator lets a stuck job try again at once."""

    start_work: StartWork
    clock: Clock

    def __call__(self, key: str, actor: Actor) -> None:
        """Start a new round of tries; what the job did before is not done twice.

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: no job of that key is stuck.
        """
        check_permitted(Permission.INSTALLATION_VIEW, actor)
        with self.start_work() as work:
            if not work.jobs.retry(key):
                raise NotFoundError(f"no stuck job {key}", code=ErrorCode.TASK_NOT_FOUND)
            work.audit.record(
                AuditEvent.JOB_RETRY, subject=f"job:{key}", actor=actor, at=self.clock.now()
            )
            work.commit()
