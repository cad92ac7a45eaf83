"""Give up a version that is still gathered: a week opened by mistake, a change not needed."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.model.schedule import (
    SCHEDULE_PROCEDURE,
)
from engine.model.schedule_entries import (
    ScheduleId,
)
from engine.ports import StartWork
from workflows.schedule.weeks import check_may_compile, record_schedule

_MAX_REASON_CHARS = 1000


@dataclass(frozen=True, kw_only=True)
class DiscardVersion:
    """Use case: the office gives up a version; what is published stays in force."""

    start_work: StartWork
    clock: Clock

    def __call__(self, schedule_id: ScheduleId, actor: Actor, reason: str) -> None:
        """End the version and its process.

        Raises:
            InvalidInputError: no reason given.
            NotPermittedError: the actor does not keep the agency's schedule.
            ConflictError: code SCHEDULE_CLOSED; it is with the leaders, or published.
        """
        said = clean_remark(reason, field="reason", max_chars=_MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            schedule = work.schedules.get(schedule_id)
            check_may_compile(work, schedule.agency_id, actor, now)
            schedule.discard(now)
            schedule.reason = said
            work.schedules.save(schedule)
            instance_id = work.processes.get_instance_id(SCHEDULE_PROCEDURE, schedule.id)
            work.processes.cancel(instance_id, actor=actor, now=now, reason=said)
            record_schedule(
                work, AuditEvent.SCHEDULE_DISCARD, schedule, actor=actor, now=now, reason=said
            )
            work.commit()
