"""Put the gathered week before the leaders, once every clash is settled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.organisation import Actor
from engine.model.schedule import (
    Week,
    WeekState,
)
from engine.model.schedule_entries import (
    Clash,
    find_clashes,
    published_part,
)
from engine.ports import StartWork, UnitOfWork
from engine.ports_schedules import ScheduleLayout
from engine.process.model import TaskId
from workflows.schedule.papers import compose_paper
from workflows.schedule.weeks import find_task, record_schedule

_USE_CASE = "submit_schedule"


@dataclass(frozen=True, kw_only=True)
class SubmitSchedule:
    """Use case: the office consolidates the week and submits it."""

    start_work: StartWork
    start_reading: StartWork
    layout: ScheduleLayout
    clock: Clock

    def __call__(
        self,
        task_id: TaskId,
        actor: Actor,
        *,
        confirmed: Collection[str] = (),
        to_city: bool = False,
    ) -> None:
        """Submit the week behind `task_id`.

        Args:
            confirmed: ids of the clashes that the office has seen and lets stand.
            to_city: show the published version to every agency of the city.

        Raises:
            NotPermittedError: not this person's task.
            ConflictError: the task is closed; or code SCHEDULE_CLASH, a person or place is
                needed twice at the same time and nobody has confirmed it.
            InvalidInputError: code SCHEDULE_EMPTY, nothing in it may be published;
                SCHEDULE_UNCHANGED, a change of no line and of nobody who may read it; or it
                cannot be laid out.
        """
        now = self.clock.now()
        with self.start_reading() as work:
            schedule = find_task(work, task_id, actor, use_case=_USE_CASE)
            week = work.schedules.read_week(schedule.id)
            _check_worth_it(work, week, to_city=to_city)
            paper = compose_paper(work, week, approver="", at=now)
        # Tried here, so that a text that cannot be printed comes back to who can mend it.
        self.layout.render(paper)
        with self.start_work() as work:
            schedule = find_task(work, task_id, actor, use_case=_USE_CASE)
            schedule.check_state(WeekState.GATHERING)
            current = work.schedules.read_week(schedule.id)
            if current.schedule.version != week.schedule.version:
                raise ConflictError(f"{schedule.id} changed", code=ErrorCode.DOCUMENT_CHANGED)
            clashes = find_clashes(current.entries)
            _check_confirmed(clashes, confirmed)
            schedule.to_city = to_city
            schedule.submit(actor.person_id, now)
            work.schedules.save(schedule)
            work.processes.complete(
                task_id, actor, use_case=_USE_CASE, now=now, outcome="submitted"
            )
            record_schedule(
                work,
                AuditEvent.SCHEDULE_SUBMIT,
                schedule,
                actor=actor,
                now=now,
                entries=str(len(current.entries)),
                clashes=str(len(clashes)),
                to_city="yes" if to_city else "no",
            )
            work.commit()


def _check_worth_it(work: UnitOfWork, week: Week, *, to_city: bool) -> None:
    if not published_part(week.entries):
        raise InvalidInputError(
            f"{week.schedule.id} has nothing to publish", code=ErrorCode.SCHEDULE_EMPTY
        )
    base_id = week.schedule.base_id
    if base_id is None or week.is_changed():
        return
    if work.schedules.get(base_id).to_city == to_city:
        raise InvalidInputError(
            f"{week.schedule.id} changes nothing", code=ErrorCode.SCHEDULE_UNCHANGED
        )


def _check_confirmed(clashes: Sequence[Clash], confirmed: Collection[str]) -> None:
    open_ones = [clash for clash in clashes if clash.id not in confirmed]
    if open_ones:
        raise ConflictError(
            f"{len(open_ones)} clashes", code=ErrorCode.SCHEDULE_CLASH, count=str(len(open_ones))
        )
