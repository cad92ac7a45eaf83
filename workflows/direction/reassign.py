"""Give an assignment to another lead, with a reason; the old lead hears of it."""

from dataclasses import dataclass
from datetime import datetime

from engine.assigning import (
    check_assigner,
    drop_extensions,
    get_seen,
    note_lead,
    record_assignment,
    tell_parties,
)
from engine.assignment_flow import lead_task_data, renew
from engine.assignment_rules import find_giver, fit_party
from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.assignment import Assignment, AssignmentId, AssignmentState, Order, Party
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork, UnitOfWork
from workflows.direction.acts import MAX_REASON_CHARS, check_decider, check_no_open_parts


@dataclass(frozen=True, kw_only=True)
class Reassign:
    """Use case: the assigner names another lead."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self, assignment_id: AssignmentId, actor: Actor, lead: Party, reason: str
    ) -> None:
        """Change the lead; the new one has to accept it, and asks for more time anew.

        Raises:
            InvalidInputError: no reason; code ASSIGNMENT_LEADS, the new lead co-operates; code
                ASSIGNMENT_PARTIES, it leads already; code ASSIGNMENT_NOBODY.
            NotPermittedError: code ASSIGNMENT_NOT_ASSIGNER, _OWN_WORK or _REACH.
            ConflictError: code ASSIGNMENT_STATE, it is reported done, or over; code
                ASSIGNMENT_CHILDREN, parts of it that were given on are still open.
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            assignment = get_seen(work, assignment_id, actor)
            check_assigner(work, assignment, actor, now)
            assignment.check_state(
                AssignmentState.GIVEN, AssignmentState.ACCEPTED, AssignmentState.RETURNED
            )
            # The new lead could neither see the parts nor finish with them open.
            check_no_open_parts(work, assignment)
            old = assignment.lead
            assignment.lead = _fit(work, assignment, lead, actor, now)
            _move(work, assignment, actor, said, now)
            drop_extensions(work, assignment, now=now)
            assignment.state, assignment.accepted_at = AssignmentState.GIVEN, None
            assignment.updated_at = now
            work.assignments.save(assignment)
            note_lead(work, assignment, now=now)
            tell_parties(
                work, NoticeKind.ASSIGNMENT_MOVED, assignment, [old], actor=actor, now=now
            )
            tell_parties(
                work,
                NoticeKind.ASSIGNMENT_GIVEN,
                assignment,
                [assignment.lead],
                actor=actor,
                now=now,
            )
            record_assignment(
                work,
                AuditEvent.ASSIGNMENT_REASSIGN,
                assignment,
                actor=actor,
                now=now,
                text=said,
                old_lead=_ref(old),
                lead=_ref(assignment.lead),
            )
            work.commit()


def _fit(
    work: UnitOfWork, assignment: Assignment, lead: Party, actor: Actor, now: datetime
) -> Party:
    day = local(now).date()
    order = Order(content=assignment.content, lead=lead)
    giver = find_giver(work, order, actor, day, agency_id=assignment.agency_id)
    fitted = fit_party(work.organisation, lead, giver, day)
    Order(
        content=assignment.content, lead=fitted, cooperators=assignment.cooperators
    ).check_parties()
    if fitted == assignment.lead:
        raise InvalidInputError("leads already", code=ErrorCode.ASSIGNMENT_PARTIES, field="lead")
    return fitted


def _move(
    work: UnitOfWork, assignment: Assignment, actor: Actor, reason: str, now: datetime
) -> None:
    """Open the task of the new lead, from the old lead's or from the assigner's."""
    if assignment.state is not AssignmentState.RETURNED:
        renew(work, assignment, key=f"lead:{assignment.id}:{assignment.version}", now=now)
        return
    task = check_decider(work, assignment, actor, use_case="reassign", now=now)
    work.processes.complete(
        task.id,
        actor,
        use_case="reassign",
        now=now,
        outcome="reassigned",
        comment=reason,
        writes=lead_task_data(assignment),
    )


def _ref(party: Party) -> str:
    return party.person_id or party.unit_id or party.agency_id
