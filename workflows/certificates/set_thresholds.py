"""Say how many days before the end of a certificate people are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.certification import check_thresholds
from engine.model.organisation import Actor
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork


@dataclass(frozen=True, kw_only=True)
class SetThresholds:
    """Use case: an administrator changes when holders are warned."""

    start_work: StartWork
    clock: Clock

    def __call__(self, days: Sequence[int], actor: Actor) -> tuple[int, ...]:
        """Keep the days, the longest first.

        Raises:
            InvalidInputError: none, too many, or not between 1 and 366.
            NotPermittedError: not an administrator.
        """
        check_permitted(Permission.CERTIFICATE_ADMINISTER, actor)
        chosen = check_thresholds(days)
        with self.start_work() as work:
            work.certification.set_thresholds(chosen)
            work.audit.record(
                AuditEvent.EXPIRY_WARNINGS_SET,
                subject="installation",
                actor=actor,
                at=self.clock.now(),
                details={"days": " ".join(map(str, chosen))},
            )
            work.commit()
        return chosen
