"""Cancel an assignment with a reason; it stays on record."""

from dataclasses import dataclass
from datetime import datetime

from engine.assigning import (
    check_assigner,
    close,
    get_seen,
    list_assigners,
    record_assignment,
    tell,
    tell_parties,
)
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.assignment import (
    CLOSED_STATES,
    DIRECTION_PROCEDURE,
    Assignment,
    AssignmentId,
    AssignmentState,
)
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork, UnitOfWork
from workflows.direction.acts import MAX_REASON_CHARS


@dataclass(frozen=True, kw_only=True)
class CancelAssignment:
    """Use case: the assigner takes the assignment back."""

    start_work: StartWork
    clock: Clock

    def __call__(self, assignment_id: AssignmentId, actor: Actor, reason: str) -> None:
        """End the assignment undone; the arrival it came from is to be directed again.

        Parts of it that were given on end with it, by whomever they were given.

        Raises:
            InvalidInputError: no reason.
            NotPermittedError: code ASSIGNMENT_NOT_ASSIGNER or ASSIGNMENT_OWN_WORK.
            ConflictError: code ASSIGNMENT_STATE, it is over.
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            assignment = get_seen(work, assignment_id, actor)
            check_assigner(work, assignment, actor, now)
            assignment.check_open()
            for part in _list_parts(work, assignment):
                _cancel(work, part, actor, said, now)
                givers = list_assigners(part)
                tell(work, NoticeKind.ASSIGNMENT_CANCELLED, part, givers, actor=actor, now=now)
            _cancel(work, assignment, actor, said, now)
            work.commit()


def _list_parts(work: UnitOfWork, assignment: Assignment) -> list[Assignment]:
    """Return the open parts of an assignment, and theirs, the smallest first."""
    found: list[Assignment] = []
    waiting = [assignment]
    while waiting:
        children = work.assignments.list_children(waiting.pop(0).id)
        still_open = [each for each in children if each.state not in CLOSED_STATES]
        found += still_open
        waiting += still_open
    return found[::-1]


def _cancel(
    work: UnitOfWork, assignment: Assignment, actor: Actor, reason: str, now: datetime
) -> None:
    work.processes.cancel(
        work.processes.get_instance_id(DIRECTION_PROCEDURE, assignment.id),
        actor=actor,
        now=now,
        reason=reason,
    )
    assignment.state = AssignmentState.CANCELLED
    assignment.updated_at = now
    close(work, assignment, actor=actor, now=now, is_done=False)
    work.assignments.save(assignment)
    tell_parties(
        work,
        NoticeKind.ASSIGNMENT_CANCELLED,
        assignment,
        [assignment.lead, *assignment.cooperators],
        actor=actor,
        now=now,
    )
    record_assignment(
        work, AuditEvent.ASSIGNMENT_CANCEL, assignment, actor=actor, now=now, text=reason
    )
