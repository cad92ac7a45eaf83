"""Confirm that an assignment is done: the assigner's word, never the doer's."""

from dataclasses import dataclass

from engine.assigning import close, get_seen, record_assignment, tell_parties
from engine.assignment_flow import DUE_KEY, due_at
from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.model.assignment import AssignmentId, AssignmentState
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.own_work import check_not_reporter
from engine.ports import StartWork
from workflows.direction.acts import MAX_REASON_CHARS, check_decider


@dataclass(frozen=True, kw_only=True)
class ConfirmCompletion:
    """Use case: the assigner, or a delegate, confirms that it is done."""

    start_work: StartWork
    clock: Clock

    def __call__(self, assignment_id: AssignmentId, actor: Actor, note: str = "") -> None:
        """Close the assignment; the arrival it came from is done too: status 06.

        Raises:
            NotPermittedError: code ASSIGNMENT_NOT_ASSIGNER, somebody else gave it; code
                ASSIGNMENT_OWN_WORK, nobody confirms what they reported themselves, and no
                delegate what they worked on.
            ConflictError: code ASSIGNMENT_STATE; it is not reported done, or over.

        Source: Decision 42/2014/QĐ-TTg: who gave it says whether it is done.
        """
        said = clean_remark(note, field="decision", max_chars=MAX_REASON_CHARS, required=False)
        now = self.clock.now()
        with self.start_work() as work:
            assignment = get_seen(work, assignment_id, actor)
            assignment.check_state(AssignmentState.REPORTED)
            task = check_decider(work, assignment, actor, use_case="confirm_completion", now=now)
            check_not_reporter(work, assignment, actor)
            work.processes.complete(
                task.id,
                actor,
                use_case="confirm_completion",
                now=now,
                outcome="confirmed",
                comment=said,
                writes={"confirmed": True, DUE_KEY: due_at(assignment)},
            )
            assignment.state = AssignmentState.COMPLETED
            assignment.completed_at = assignment.updated_at = now
            close(work, assignment, actor=actor, now=now, is_done=True)
            work.assignments.save(assignment)
            tell_parties(
                work,
                NoticeKind.ASSIGNMENT_CONFIRMED,
                assignment,
                [assignment.lead],
                actor=actor,
                now=now,
            )
            record_assignment(
                work,
                AuditEvent.ASSIGNMENT_CONFIRM,
                assignment,
                actor=actor,
                now=now,
                standing=assignment.standing(local(now).date()).value,
            )
            work.commit()
