"""Accept an assignment: the lead takes it on."""

from dataclasses import dataclass

from engine.assigning import get_seen, list_assigners, note_acceptance, record_assignment, tell
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.assignment import AssignmentId, AssignmentState
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.ports import StartWork
from workflows.direction.acts import check_lead


@dataclass(frozen=True, kw_only=True)
class AcceptAssignment:
    """Use case: somebody who acts for the lead accepts the assignment."""

    start_work: StartWork
    clock: Clock

    def __call__(self, assignment_id: AssignmentId, actor: Actor) -> None:
        """Put on record that the lead has taken it on; the task stays open.

        Raises:
            NotPermittedError: somebody else leads.
            ConflictError: code ASSIGNMENT_STATE; it is accepted, returned or over.
        """
        now = self.clock.now()
        with self.start_work() as work:
            assignment = get_seen(work, assignment_id, actor)
            check_lead(work, assignment, actor, use_case="accept_assignment")
            assignment.check_state(AssignmentState.GIVEN)
            assignment.state = AssignmentState.ACCEPTED
            assignment.accepted_at = assignment.updated_at = now
            work.assignments.save(assignment)
            note_acceptance(work, assignment, actor=actor, now=now)
            tell(
                work,
                NoticeKind.ASSIGNMENT_ACCEPTED,
                assignment,
                list_assigners(assignment),
                actor=actor,
                now=now,
            )
            record_assignment(work, AuditEvent.ASSIGNMENT_ACCEPT, assignment, actor=actor, now=now)
            work.commit()
