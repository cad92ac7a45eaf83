"""Contribute to an assignment one co-operates on: what was done, and what shows it."""

from dataclasses import dataclass

from engine.assigning import get_seen, list_assigners, record_assignment, tell, tell_parties
from engine.assignment_flow import COOPERATION_PROCEDURE, cooperation_key
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, NotPermittedError
from engine.model.assignment import Assignment, AssignmentId, Party
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork, UnitOfWork
from engine.process.model import TaskId
from workflows.direction.acts import MAX_REPORT_CHARS, find_evidence, make_report


@dataclass(frozen=True, kw_only=True)
class Contribute:
    """Use case: a co-operator says what they contributed."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self, assignment_id: AssignmentId, actor: Actor, text: str, *, evidence: str = ""
    ) -> None:
        """Put the contribution on record and end the co-operator's task.

        Args:
            evidence: number and symbol, or id, of an issued document of the actor's agency.

        Raises:
            InvalidInputError: no text; code ASSIGNMENT_EVIDENCE.
            NotPermittedError: the actor does not co-operate.
            ConflictError: code ASSIGNMENT_STATE; it is over, or they have contributed.
        """
        said = clean_remark(text, field="report", max_chars=MAX_REPORT_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            assignment = get_seen(work, assignment_id, actor)
            assignment.check_open()
            task_id, party = _find_part(work, assignment, actor)
            evidence_id = find_evidence(work, actor, evidence)
            make_report(
                work,
                assignment,
                actor,
                party,
                now=now,
                percent=100,
                text=said,
                evidence_id=evidence_id,
            )
            work.processes.complete(
                task_id,
                actor,
                use_case="contribute",
                now=now,
                outcome="contributed",
                comment=said,
            )
            kind, told = NoticeKind.ASSIGNMENT_PROGRESS, list_assigners(assignment)
            tell(work, kind, assignment, told, actor=actor, now=now, percent="")
            tell_parties(
                work, kind, assignment, [assignment.lead], actor=actor, now=now, percent=""
            )
            record_assignment(
                work,
                AuditEvent.ASSIGNMENT_CONTRIBUTE,
                assignment,
                actor=actor,
                now=now,
                text=said,
                evidence=evidence_id or "",
            )
            work.commit()


def _find_part(work: UnitOfWork, assignment: Assignment, actor: Actor) -> tuple[TaskId, Party]:
    """Return the open task of the co-operator the actor acts for."""
    refusal: Exception = ConflictError(
        f"nobody is waited for on {assignment.id}",
        code=ErrorCode.ASSIGNMENT_STATE,
        state=assignment.state,
    )
    for position, party in enumerate(assignment.cooperators):
        key = cooperation_key(assignment.id, position)
        for task in work.processes.list_open_tasks(COOPERATION_PROCEDURE, key):
            try:
                work.processes.check_may_complete(task.id, actor, use_case="contribute")
            except NotPermittedError as error:
                refusal = error
            else:
                return task.id, party
    raise refusal
