"""Report an assignment done, with what closes it; the assigner confirms or sends it back."""

from dataclasses import dataclass

from engine.assigning import get_seen, list_assigners, record_assignment, tell
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.assignment import AssignmentId, AssignmentState
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from workflows.direction.acts import (
    MAX_REPORT_CHARS,
    check_follows,
    check_lead,
    check_no_open_parts,
    find_evidence,
    make_report,
)


@dataclass(frozen=True, kw_only=True)
class ReportCompletion:
    """Use case: the lead reports that it is done."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self, assignment_id: AssignmentId, actor: Actor, text: str, *, evidence: str = ""
    ) -> None:
        """Ask the assigner to confirm.

        Args:
            evidence: number and symbol, or id, of the issued document that closes it, such as
                the answer; of the actor's agency.

        Raises:
            InvalidInputError: no text; code ASSIGNMENT_EVIDENCE.
            NotPermittedError: somebody else leads.
            ConflictError: code ASSIGNMENT_STATE, not accepted yet or over; code
                ASSIGNMENT_CHILDREN, parts of it that were given on are still open.
        """
        said = clean_remark(text, field="report", max_chars=MAX_REPORT_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            assignment = get_seen(work, assignment_id, actor)
            assignment.check_state(AssignmentState.ACCEPTED)
            task = check_lead(work, assignment, actor, use_case="report_completion")
            check_no_open_parts(work, assignment)
            evidence_id = find_evidence(work, actor, evidence)
            check_follows(work, assignment, evidence_id)
            make_report(
                work,
                assignment,
                actor,
                assignment.lead,
                now=now,
                percent=100,
                text=said,
                evidence_id=evidence_id,
                is_final=True,
            )
            assignment.state = AssignmentState.REPORTED
            assignment.reported_at = assignment.updated_at = now
            assignment.closing_document_id = evidence_id or assignment.closing_document_id
            work.assignments.save(assignment)
            work.processes.complete(
                task.id,
                actor,
                use_case="report_completion",
                now=now,
                outcome="reported",
                comment=said,
                writes={"done": True},
            )
            tell(
                work,
                NoticeKind.ASSIGNMENT_DONE,
                assignment,
                list_assigners(assignment),
                actor=actor,
                now=now,
            )
            record_assignment(
                work,
                AuditEvent.ASSIGNMENT_DONE,
                assignment,
                actor=actor,
                now=now,
                text=said,
                evidence=evidence_id or "",
            )
            work.commit()
