"""Find the task behind an act on an assignment, and read what is given with it."""

from datetime import datetime

from engine.assigning import check_not_own_work, not_assigner
from engine.assignment_flow import get_open_task
from engine.clock import local
from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.model.assignment import Assignment, Party, ProgressReport
from engine.model.document import DocumentId, DocumentStatus
from engine.model.organisation import Actor
from engine.ports import UnitOfWork
from engine.process.model import WorkItem

MAX_REPORT_CHARS = 5000
MAX_REASON_CHARS = 2000
#: Documents that may be shown as evidence: out of the house, or about to be.
_ISSUED = frozenset({DocumentStatus.SEALED, DocumentStatus.DISPATCHED})
#: Tasks of the assigner; all others are the lead's.
_OF_THE_ASSIGNER = frozenset({"confirm", "settle"})


def check_lead(
    work: UnitOfWork, assignment: Assignment, actor: Actor, *, use_case: str
) -> WorkItem:
    """Return the lead's open task, once it is sure that the actor may act for the lead.

    Raises:
        NotPermittedError: code TASK_NOT_YOURS; somebody else leads.
        ConflictError: code ASSIGNMENT_STATE; it is over.
    """
    task = get_open_task(work, assignment)
    work.processes.check_may_complete(task.id, actor, use_case=use_case)
    return task


def check_decider(
    work: UnitOfWork, assignment: Assignment, actor: Actor, *, use_case: str, now: datetime
) -> WorkItem:
    """Return the assigner's open task, once it is sure that the actor may decide.

    Raises:
        NotPermittedError: code ASSIGNMENT_NOT_ASSIGNER, neither the assigner nor a delegate;
            code ASSIGNMENT_OWN_WORK, a delegate who does the work.
        ConflictError: code ASSIGNMENT_STATE; it is over.
    """
    task = get_open_task(work, assignment)
    try:
        work.processes.check_may_complete(task.id, actor, use_case=use_case)
    except NotPermittedError as error:
        if task.rule in _OF_THE_ASSIGNER and error.params.get("predicate") != "use_case":
            raise not_assigner(assignment, actor) from error
        raise
    check_not_own_work(work, assignment, actor, now)
    return task


def check_no_open_parts(work: UnitOfWork, assignment: Assignment) -> None:
    """Check that no part of an assignment that was given on is open.

    Raises:
        ConflictError: code ASSIGNMENT_CHILDREN; `count` says how many are.
    """
    count = work.assignments.count_open_children(assignment.id)
    if count:
        raise ConflictError(
            f"{count} parts are open", code=ErrorCode.ASSIGNMENT_CHILDREN, count=str(count)
        )


def find_evidence(work: UnitOfWork, actor: Actor, text: str) -> DocumentId | None:
    """Return the document that a number and symbol, or an id, stands for; None for "".

    Raises:
        InvalidInputError: code ASSIGNMENT_EVIDENCE; there is none, it is another agency's or not
            issued yet.
    """
    wanted = text.strip()
    if not wanted:
        return None
    for agency_id in sorted(actor.agency_ids()):
        found = work.queries.find_document(wanted, agency_id, among=_ISSUED)
        if found is not None:
            return found
    raise InvalidInputError(
        "no such evidence", code=ErrorCode.ASSIGNMENT_EVIDENCE, symbol=wanted, field="evidence"
    )


def check_follows(
    work: UnitOfWork, assignment: Assignment, document_id: DocumentId | None
) -> None:
    """Check that what is to close an assignment was issued after it was given.

    Raises:
        InvalidInputError: code ASSIGNMENT_EVIDENCE; it is older than the assignment.
    """
    if document_id is None:
        return
    number = work.documents.get(document_id).number
    if number is not None and number.issued_on < local(assignment.given_at).date():
        raise InvalidInputError(
            f"{document_id} is older than {assignment.id}",
            code=ErrorCode.ASSIGNMENT_EVIDENCE,
            symbol=number.symbol,
            field="evidence",
        )


def make_report(
    work: UnitOfWork,
    assignment: Assignment,
    actor: Actor,
    party: Party,
    *,
    now: datetime,
    percent: int,
    text: str,
    evidence_id: DocumentId | None,
    is_final: bool = False,
) -> ProgressReport:
    """Add what was reported to the record and return it."""
    report = ProgressReport(
        assignment_id=assignment.id,
        sequence=len(work.assignments.list_reports(assignment.id)) + 1,
        author_id=actor.person_id,
        author_name=actor.full_name,
        party=party,
        at=now,
        percent=percent,
        text=text,
        evidence_document_id=evidence_id,
        is_final=is_final,
    )
    work.assignments.add_report(report)
    return report
