"""Send an assignment back to its lead: not done yet, or theirs to do after all."""

from dataclasses import dataclass
from datetime import datetime

from engine.assigning import get_seen, record_assignment, tell_parties
from engine.assignment_flow import DUE_KEY, FollowUp, due_at, lead_task_data, start_follow_up
from engine.audit import AuditEvent
from engine.calendar.working_time import WorkingCalendar
from engine.clock import Clock
from engine.model.assignment import Assignment, AssignmentId, AssignmentState
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import Plain
from workflows.direction.acts import MAX_REASON_CHARS, check_decider


@dataclass(frozen=True, kw_only=True)
class ReopenAssignment:
    """Use case: the assigner does not confirm, or insists on the lead who returned it."""

    start_work: StartWork
    clock: Clock

    def __call__(self, assignment_id: AssignmentId, actor: Actor, reason: str) -> None:
        """Put the assignment back on the lead's list with a reason.

        What was reported done goes on as accepted, and is chased anew where it is long overdue;
        what was returned waits to be accepted.

        Raises:
            InvalidInputError: no reason.
            NotPermittedError: code ASSIGNMENT_NOT_ASSIGNER or ASSIGNMENT_OWN_WORK.
            ConflictError: code ASSIGNMENT_STATE; it is neither reported nor returned.
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            assignment = get_seen(work, assignment_id, actor)
            assignment.check_state(AssignmentState.REPORTED, AssignmentState.RETURNED)
            task = check_decider(work, assignment, actor, use_case="reopen_assignment", now=now)
            work.processes.complete(
                task.id,
                actor,
                use_case="reopen_assignment",
                now=now,
                outcome="returned",
                comment=said,
                writes=_writes(assignment),
            )
            was_reported = assignment.state is AssignmentState.REPORTED
            if was_reported and _is_past_chasing(assignment, work.processes.calendar, now):
                start_follow_up(work, assignment, now=now)
            assignment.state = AssignmentState.ACCEPTED if was_reported else AssignmentState.GIVEN
            assignment.updated_at = now
            work.assignments.save(assignment)
            tell_parties(
                work,
                NoticeKind.ASSIGNMENT_REOPENED,
                assignment,
                [assignment.lead],
                actor=actor,
                now=now,
            )
            record_assignment(
                work,
                AuditEvent.ASSIGNMENT_REOPEN,
                assignment,
                actor=actor,
                now=now,
                text=said,
            )
            work.commit()


def _writes(assignment: Assignment) -> dict[str, Plain]:
    """Return what the open task of the assigner writes: no, or the same lead again."""
    if assignment.state is AssignmentState.REPORTED:
        return {"confirmed": False, DUE_KEY: due_at(assignment)}
    return lead_task_data(assignment)


def _is_past_chasing(assignment: Assignment, calendar: WorkingCalendar, now: datetime) -> bool:
    """Tell whether days on which somebody hears of late work went by while it was reported."""
    due_on = assignment.due_on
    return due_on is not None and FollowUp.TELL_HEAD.moment(due_on, calendar) <= now
