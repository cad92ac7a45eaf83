"""Return an assignment before accepting it: it is not the lead's business."""

from dataclasses import dataclass

from engine.assigning import get_seen, list_assigners, record_assignment, tell
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.assignment import AssignmentId, AssignmentState
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from workflows.direction.acts import MAX_REASON_CHARS, check_lead, check_no_open_parts


@dataclass(frozen=True, kw_only=True)
class ReturnAssignment:
    """Use case: the lead sends the assignment back to the assigner with a reason."""

    start_work: StartWork
    clock: Clock

    def __call__(self, assignment_id: AssignmentId, actor: Actor, reason: str) -> None:
        """Return it; the assigner names another lead, insists, or cancels it.

        Raises:
            InvalidInputError: no reason.
            NotPermittedError: somebody else leads.
            ConflictError: code ASSIGNMENT_STATE; what is accepted is not returned any more, it
                can be extended or given to somebody else by the assigner; code
                ASSIGNMENT_CHILDREN, parts of it that were given on are still open.
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            assignment = get_seen(work, assignment_id, actor)
            task = check_lead(work, assignment, actor, use_case="return_assignment")
            assignment.check_state(AssignmentState.GIVEN)
            check_no_open_parts(work, assignment)
            assignment.state = AssignmentState.RETURNED
            assignment.updated_at = now
            work.assignments.save(assignment)
            work.processes.complete(
                task.id,
                actor,
                use_case="return_assignment",
                now=now,
                outcome="returned",
                comment=said,
                writes={"done": False},
            )
            tell(
                work,
                NoticeKind.ASSIGNMENT_RETURNED,
                assignment,
                list_assigners(assignment),
                actor=actor,
                now=now,
            )
            record_assignment(
                work,
                AuditEvent.ASSIGNMENT_RETURN,
                assignment,
                actor=actor,
                now=now,
                text=said,
            )
            work.commit()
