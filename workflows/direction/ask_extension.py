"""Ask for more time, before the deadline, with a reason and a new day."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from engine.assigning import get_seen, list_assigners, record_assignment, show_day, tell
from engine.assignment_flow import EXTENSION_PROCEDURE
from engine.assignment_rules import check_deadline, check_within
from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.assignment import (
    Assignment,
    AssignmentId,
    AssignmentState,
    Extension,
    ExtensionId,
)
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork, UnitOfWork
from workflows.direction.acts import MAX_REASON_CHARS, check_lead


@dataclass(frozen=True, kw_only=True)
class AskExtension:
    """Use case: the lead asks the assigner for more time."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self, assignment_id: AssignmentId, actor: Actor, reason: str, *, new_due_on: date
    ) -> ExtensionId:
        """Put the request before the assigner and return its id.

        Args:
            new_due_on: a working day later than the deadline in force.

        Raises:
            InvalidInputError: no reason; code EXTENSION_DATE, not a later day; codes
                ASSIGNMENT_DEADLINE_* for a day off or past.
            NotPermittedError: somebody else leads.
            ConflictError: code EXTENSION_LATE, the deadline is over; code EXTENSION_OPEN, another
                request waits; code EXTENSION_NO_DEADLINE; code ASSIGNMENT_STATE.

        Source: Decision 42/2014/QĐ-TTg: more time is asked for before the time is over.
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            assignment = get_seen(work, assignment_id, actor)
            assignment.check_state(AssignmentState.ACCEPTED)
            check_lead(work, assignment, actor, use_case="ask_extension")
            extension = Extension(
                id=ExtensionId(uuid.uuid4().hex),
                assignment_id=assignment.id,
                asked_by=actor.person_id,
                asked_by_name=actor.full_name,
                asked_at=now,
                reason=said,
                old_due_on=_deadline_in_force(assignment, now),
                new_due_on=new_due_on,
            )
            check_new_day(work, assignment, new_due_on, now=now)
            work.assignments.add_extension(extension)
            assignment.extension_open = True
            assignment.extensions_asked += 1
            assignment.updated_at = now
            work.assignments.save(assignment)
            work.processes.start(
                EXTENSION_PROCEDURE,
                business_key=extension.id,
                data={
                    "agency_id": assignment.agency_id,
                    "assigner_id": assignment.assigner_id,
                    "assignment_id": assignment.id,
                },
                actor=actor,
                now=now,
            )
            tell(
                work,
                NoticeKind.EXTENSION_ASKED,
                assignment,
                list_assigners(assignment),
                actor=actor,
                now=now,
                new_due_on=show_day(new_due_on),
            )
            record_assignment(
                work,
                AuditEvent.EXTENSION_ASK,
                assignment,
                actor=actor,
                now=now,
                text=said,
                old_due_on=extension.old_due_on.isoformat(),
                new_due_on=new_due_on.isoformat(),
            )
            work.commit()
        return extension.id


def check_new_day(work: UnitOfWork, assignment: Assignment, day: date, *, now: datetime) -> None:
    """Check that a new deadline is a working day later than the one in force.

    Raises:
        InvalidInputError: code EXTENSION_DATE, or as `check_deadline`; or as `check_within`, a
            part would end later than the whole.
    """
    if assignment.due_on is not None and day <= assignment.due_on:
        raise InvalidInputError(
            f"{day} is not later",
            code=ErrorCode.EXTENSION_DATE,
            due_on=show_day(assignment.due_on),
            field="new_due_on",
        )
    check_deadline(day, no_deadline=False, now=now, calendar=work.processes.calendar)
    if assignment.parent_id is not None:
        check_within(work.assignments.get(assignment.parent_id), day, field="new_due_on")


def _deadline_in_force(assignment: Assignment, now: datetime) -> date:
    due_on = assignment.due_on
    if due_on is None:
        raise ConflictError("no deadline", code=ErrorCode.EXTENSION_NO_DEADLINE)
    if assignment.extension_open:
        raise ConflictError("another request waits", code=ErrorCode.EXTENSION_OPEN)
    if local(now).date() > due_on:
        raise ConflictError(
            f"deadline {due_on} is over",
            code=ErrorCode.EXTENSION_LATE,
            due_on=show_day(due_on),
        )
    return due_on
