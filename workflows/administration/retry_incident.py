"""Let a step that failed be tried again at once."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.organisation import Actor
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork


@dataclass(frozen=True, kw_only=True)
class RetryIncident:
    """Use case: an administrator does not wait for the next try."""

    start_work: StartWork
    clock: Clock

    def __call__(self, incident_id: str, actor: Actor) -> None:
        """Make the failed step due now.

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: there is no such incident.
            InvalidInputError: a person's own step failed; only that person can try again.
        """
        check_permitted(Permission.PROCESS_ADMINISTER, actor)
        now = self.clock.now()
        with self.start_work() as work:
            incident = work.processes.schedule.retry(incident_id, now)
            work.audit.record(
                AuditEvent.INCIDENT_RETRY,
                subject=f"instance:{incident.instance_id}",
                actor=actor,
                at=now,
                details={"incident": incident_id, "node": incident.node_id},
            )
            work.commit()
