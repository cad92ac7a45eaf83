"""Report how far an assignment is, with what shows it."""

from dataclasses import dataclass

from engine.assigning import get_seen, list_assigners, record_assignment, tell
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import InvalidInputError
from engine.model.assignment import AssignmentId, AssignmentState
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from workflows.direction.acts import MAX_REPORT_CHARS, check_lead, find_evidence, make_report


@dataclass(frozen=True, kw_only=True)
class ReportProgress:
    """Use case: the lead says how far it is."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        assignment_id: AssignmentId,
        actor: Actor,
        text: str,
        *,
        percent: int,
        evidence: str = "",
    ) -> None:
        """Put a report on record; the task stays open.

        Args:
            percent: 0 to 100.
            evidence: number and symbol, or id, of an issued document of the actor's agency.

        Raises:
            InvalidInputError: no text, a percentage outside 0 to 100; code ASSIGNMENT_EVIDENCE.
            NotPermittedError: somebody else leads.
            ConflictError: code ASSIGNMENT_STATE; it is not accepted yet, or over.
        """
        said = clean_remark(text, field="report", max_chars=MAX_REPORT_CHARS)
        if not 0 <= percent <= 100:
            raise InvalidInputError(f"{percent} percent", field="percent")
        now = self.clock.now()
        with self.start_work() as work:
            assignment = get_seen(work, assignment_id, actor)
            assignment.check_state(AssignmentState.ACCEPTED)
            check_lead(work, assignment, actor, use_case="report_progress")
            evidence_id = find_evidence(work, actor, evidence)
            make_report(
                work,
                assignment,
                actor,
                assignment.lead,
                now=now,
                percent=percent,
                text=said,
                evidence_id=evidence_id,
            )
            assignment.updated_at = now
            work.assignments.save(assignment)
            tell(
                work,
                NoticeKind.ASSIGNMENT_PROGRESS,
                assignment,
                list_assigners(assignment),
                actor=actor,
                now=now,
                percent=str(percent),
            )
            record_assignment(
                work,
                AuditEvent.ASSIGNMENT_REPORT,
                assignment,
                actor=actor,
                now=now,
                text=said,
                percent=str(percent),
                evidence=evidence_id or "",
            )
            work.commit()
