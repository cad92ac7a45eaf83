"""Change what the estimates and the regular use of agencies assume."""

from dataclasses import dataclass, replace

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.indicators import ASSUMPTION_BOUNDS, Assumptions
from engine.model.organisation import Actor
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork


@dataclass(frozen=True, kw_only=True)
class SetAssumptions:
    """Use case: an administrator changes the assumptions; earlier ones stay on record."""

    start_work: StartWork
    clock: Clock

    def __call__(self, assumptions: Assumptions, actor: Actor) -> Assumptions:
        """Put the assumptions in force under the actor's name.

        Raises:
            NotPermittedError: not an administrator.
        """
        check_permitted(Permission.REPORT_ASSUME, actor)
        now = self.clock.now()
        kept = replace(assumptions, changed_by_name=actor.full_name, changed_at=now)
        with self.start_work() as work:
            work.reports.add_assumptions(kept, actor.person_id)
            work.audit.record(
                AuditEvent.ASSUMPTIONS_SET,
                subject="installation",
                actor=actor,
                at=now,
                details={name: f"{getattr(kept, name):g}" for name in ASSUMPTION_BOUNDS},
            )
            work.commit()
        return kept
