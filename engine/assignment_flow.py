"""Start, change and end the processes of one assignment.

An assignment runs as `direction`; beside it run a `cooperation` for each co-operator, an
`extension` for a request for more time, and a `follow_up` that reminds while there is a deadline.
All of it moves in the transaction of the caller.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from engine.calendar.working_time import WorkingCalendar
from engine.clock import VIETNAM, end_of_day
from engine.errors import ConflictError, ErrorCode
from engine.model.assignment import (
    DIRECTION_PROCEDURE,
    Assignment,
    AssignmentId,
    ExtensionId,
)
from engine.model.organisation import SYSTEM, Actor
from engine.ports import UnitOfWork
from engine.process.model import InstanceStatus, Plain, WorkItem

EXTENSION_PROCEDURE = "extension"
COOPERATION_PROCEDURE = "cooperation"
FOLLOW_UP_PROCEDURE = "follow_up"
#: Procedures whose tasks are about an assignment.
DIRECTION_PROCEDURES = frozenset(
    {DIRECTION_PROCEDURE, EXTENSION_PROCEDURE, COOPERATION_PROCEDURE, FOLLOW_UP_PROCEDURE}
)
#: Message that interrupts whoever leads, and the operation it leads to.
CHANGED = "assignment_changed"
RENEW = "renew"
LEAD_KEYS = frozenset({"lead_agency_id", "lead_unit_id", "lead_person_id"})
#: Process data with the end of the deadline.
DUE_KEY = "due_at"

#: When the working day of a reminder begins, in Việt Nam.
_MORNING = time(8, 0)


class FollowUp(StrEnum):
    """Name the operations that remind of a deadline or tell of its passing, in their order."""

    THREE_DAYS = "remind_3_days"
    ONE_DAY = "remind_1_day"
    ON_DAY = "remind_on_day"
    TELL_HEAD = "tell_head"
    TELL_ASSIGNER = "tell_assigner"

    @property
    def moment_key(self) -> str:
        """Return the process data that says when it is done."""
        return _PLANS[self][0]

    def moment(self, due_on: date, calendar: WorkingCalendar) -> datetime:
        """Return when it is done: in the morning, so many working days from the deadline."""
        return datetime.combine(
            working_day_from(due_on, _PLANS[self][1], calendar), _MORNING, VIETNAM
        )


#: Five and fifteen working days have passed when the sixth and the sixteenth begin.
_PLANS: Mapping[FollowUp, tuple[str, int]] = {
    FollowUp.THREE_DAYS: ("before_3_at", -3),
    FollowUp.ONE_DAY: ("before_1_at", -1),
    FollowUp.ON_DAY: ("on_day_at", 0),
    FollowUp.TELL_HEAD: ("late_5_at", 6),
    FollowUp.TELL_ASSIGNER: ("late_15_at", 16),
}


def working_day_from(day: date, count: int, calendar: WorkingCalendar) -> date:
    """Return the `count`-th working day after `day`, before it when negative."""
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= calendar.is_working_day(day)
    return day


def start_processes(
    work: UnitOfWork, assignment: Assignment, *, actor: Actor, now: datetime
) -> None:
    """Start everything that runs for a new assignment."""
    work.processes.start(
        DIRECTION_PROCEDURE,
        business_key=assignment.id,
        data={
            "assignment_id": assignment.id,
            "agency_id": assignment.agency_id,
            "assigner_id": assignment.assigner_id,
            **lead_task_data(assignment),
        },
        actor=actor,
        now=now,
    )
    for position, party in enumerate(assignment.cooperators):
        work.processes.start(
            COOPERATION_PROCEDURE,
            business_key=cooperation_key(assignment.id, position),
            data={
                "agency_id": party.agency_id,
                "unit_id": party.unit_id,
                "person_id": party.person_id,
                DUE_KEY: due_at(assignment),
            },
            actor=actor,
            now=now,
        )
    start_follow_up(work, assignment, now=now)


def start_follow_up(work: UnitOfWork, assignment: Assignment, *, now: datetime) -> None:
    """Have people reminded of the deadline; nothing to do where there is none.

    What reminded of it before ends; each time has a process of its own.
    """
    due_on = assignment.due_on
    if due_on is None:
        return
    times = _end_follow_ups(work, assignment, now)
    calendar = work.processes.calendar
    work.processes.start(
        FOLLOW_UP_PROCEDURE,
        business_key=follow_up_key(assignment.id, due_on, times),
        data={each.moment_key: each.moment(due_on, calendar).isoformat() for each in FollowUp},
        actor=SYSTEM,
        now=now,
    )


def move_deadline(
    work: UnitOfWork, assignment: Assignment, due_on: date, *, key: str, now: datetime
) -> None:
    """Give an assignment a later deadline: its row, everybody's tasks and the reminders.

    Args:
        key: of what moved it; the same one moves it once.
    """
    _end_follow_ups(work, assignment, now)
    old, assignment.due_on = assignment.due_on, due_on
    renew(work, assignment, key=key, now=now)
    _put_off_cooperation(work, assignment, old, now)
    start_follow_up(work, assignment, now=now)


def renew(work: UnitOfWork, assignment: Assignment, *, key: str, now: datetime) -> bool:
    """Open the lead's task anew, as the assignment is now; return False when none is open.

    Args:
        key: of what changed; the same one changes it once.
    """
    told = work.processes.deliver_now(
        CHANGED, message_id=key, correlation={"assignment_id": assignment.id}, now=now
    )
    if told:
        work.processes.complete_operation(
            work.processes.get_instance_id(DIRECTION_PROCEDURE, assignment.id),
            RENEW,
            now=now,
            writes=lead_task_data(assignment),
        )
    return told


def end_side_processes(work: UnitOfWork, assignment: Assignment, *, now: datetime) -> None:
    """End what runs beside an assignment that is over: co-operation, reminders."""
    for position in range(len(assignment.cooperators)):
        _cancel(work, COOPERATION_PROCEDURE, cooperation_key(assignment.id, position), now)
    _end_follow_ups(work, assignment, now)


def _put_off_cooperation(
    work: UnitOfWork, assignment: Assignment, old: date | None, now: datetime
) -> None:
    """Give the open tasks of co-operators the new deadline, where the old one was theirs."""
    if old is None or assignment.due_on is None:
        return
    for position in range(len(assignment.cooperators)):
        key = cooperation_key(assignment.id, position)
        for task in work.processes.list_open_tasks(COOPERATION_PROCEDURE, key):
            # A flow drawn anew may count the time of co-operators in its own way.
            if task.due_at == end_of_day(old):
                work.processes.reassignment.put_off(
                    task.id, end_of_day(assignment.due_on), due_key=DUE_KEY, now=now
                )


def _end_follow_ups(work: UnitOfWork, assignment: Assignment, now: datetime) -> int:
    """End what reminds of the deadline in force; return how often that was begun."""
    times = 0
    while assignment.due_on is not None:
        key = follow_up_key(assignment.id, assignment.due_on, times)
        if work.processes.store.find_instance(FOLLOW_UP_PROCEDURE, key) is None:
            break
        _cancel(work, FOLLOW_UP_PROCEDURE, key, now)
        times += 1
    return times


def end_extension(work: UnitOfWork, extension_id: ExtensionId, *, now: datetime) -> None:
    """End the process of a request that needs no decision any more."""
    _cancel(work, EXTENSION_PROCEDURE, extension_id, now)


def get_open_task(work: UnitOfWork, assignment: Assignment) -> WorkItem:
    """Return the one open task of an assignment: the lead's or the assigner's.

    Raises:
        ConflictError: code ASSIGNMENT_STATE; the assignment is over.
    """
    tasks = work.processes.list_open_tasks(DIRECTION_PROCEDURE, assignment.id)
    if len(tasks) != 1:
        raise ConflictError(
            f"assignment {assignment.id} has {len(tasks)} open tasks",
            code=ErrorCode.ASSIGNMENT_STATE,
            state=assignment.state,
        )
    return tasks[0]


def lead_task_data(assignment: Assignment) -> dict[str, Plain]:
    """Return what the process needs to know to open the lead's task."""
    lead = assignment.lead
    return {
        "lead_agency_id": lead.agency_id,
        "lead_unit_id": lead.unit_id,
        "lead_person_id": lead.person_id,
        DUE_KEY: due_at(assignment),
    }


def cooperation_key(assignment_id: AssignmentId, position: int) -> str:
    """Return the business key of one co-operator's process."""
    return f"{assignment_id}.{position}"


def follow_up_key(assignment_id: AssignmentId, due_on: date, times: int = 0) -> str:
    """Return the business key of the reminders of one deadline; a deadline only moves on.

    Args:
        times: how often they were begun before, for work sent back after it was reported.
    """
    return f"{assignment_id}.{due_on.isoformat()}" + (f".{times}" if times else "")


def assignment_of(business_key: str) -> AssignmentId:
    """Return the assignment a process beside it belongs to."""
    return AssignmentId(business_key.partition(".")[0])


def due_at(assignment: Assignment) -> str | None:
    """Return the end of the deadline as process data; None when there is none."""
    return end_of_day(assignment.due_on).isoformat() if assignment.due_on else None


def _cancel(work: UnitOfWork, procedure_id: str, business_key: str, now: datetime) -> None:
    instance = work.processes.store.find_instance(procedure_id, business_key)
    if instance is not None and instance.status is InstanceStatus.RUNNING:
        work.processes.cancel(instance.id, actor=SYSTEM, now=now, reason="")
