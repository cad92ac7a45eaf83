"""Give an assignment, and tell everybody whom what becomes of it concerns.

`give` is what every use case calls that makes assignments: a direction on an arrival, a leader's
order, a paragraph of a conclusion. It writes in the caller's transaction and does not commit.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from engine.answers import answer_sender
from engine.assignment_flow import end_extension, end_side_processes, start_processes
from engine.assignment_rules import (
    check_deadline,
    check_parent,
    check_tracker,
    clean_order,
    find_giver,
    fit_party,
    list_holders,
    party_name,
)
from engine.audit import AuditEvent
from engine.calendar.working_time import WorkingCalendar
from engine.clock import local
from engine.errors import ErrorCode, NotPermittedError
from engine.model.assignment import Assignment, AssignmentId, Order, Party, Source, SourceKind
from engine.model.delivery import DeliveryId, DeliveryStatus
from engine.model.document import Document
from engine.model.kinds import get_kind
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import SYSTEM, Actor, PersonId, Power, Role, StandIn
from engine.notifying import notify
from engine.own_work import is_last_judge, list_doers, own_work
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import UnitOfWork
from engine.telling import is_restricted

#: Operation at which an arrival waits for what was made of it.
AWAIT_ASSIGNMENT = "await_assignment"
#: Assignments that may stand above one another.
_MAX_LEVELS = 8


def give(
    work: UnitOfWork, order: Order, *, actor: Actor, now: datetime, calendar: WorkingCalendar
) -> Assignment:
    """Make an assignment of an order, start its processes and tell those it is given to.

    (1) Its words and parties. (2) Who gives it, and whether they may. (3) Its deadline. (4) What
    it is a part of. (5) Its number, row and processes. (6) Notices and the audit leaf.

    Args:
        calendar: tells the days off.

    Raises:
        InvalidInputError: as `clean_order`, `fit_party`, `check_tracker`, `check_deadline` and
            `check_parent`.
        NotPermittedError: code ASSIGNMENT_REACH or ASSIGNMENT_PARENT.
        ConflictError: code ASSIGNMENT_STATE; what it is a part of is over.
    """
    today = local(now).date()
    order = clean_order(order)  # (1)
    giver = find_giver(work, order, actor, today)  # (2)
    fitted = [
        fit_party(work.organisation, party, giver, today)
        for party in (order.lead, *order.cooperators)
    ]
    order = replace(order, lead=fitted[0], cooperators=tuple(fitted[1:]))
    order.check_parties()
    check_tracker(work.organisation, order.tracker_id, giver, today)
    check_deadline(order.due_on, no_deadline=order.no_deadline, now=now, calendar=calendar)  # (3)
    source = order.source
    if order.parent_id is not None:  # (4)
        parent = work.assignments.get(order.parent_id)
        check_parent(parent, order, giver)
        if source.kind is SourceKind.NONE:
            source = Source(
                kind=SourceKind.ASSIGNMENT, id=parent.id, document_id=parent.source.document_id
            )
    agency_id = giver.post.agency_id
    assignment = Assignment(
        id=AssignmentId(uuid.uuid4().hex),
        agency_id=agency_id,
        year=today.year,
        number=work.assignments.take_number(agency_id, today.year),  # (5)
        assigner_id=giver.person_id,
        assigner_name=giver.full_name,
        content=order.content,
        quoted=order.quoted,
        product=order.product,
        urgency=order.urgency,
        lead=order.lead,
        cooperators=order.cooperators,
        due_on=order.due_on,
        first_due_on=order.due_on,
        given_at=now,
        updated_at=now,
        source=source,
        parent_id=order.parent_id,
        tracker_id=order.tracker_id,
    )
    work.assignments.add(assignment)
    start_processes(work, assignment, actor=actor, now=now)
    _announce(work, assignment, actor=actor, now=now)  # (6)
    return assignment


def _announce(work: UnitOfWork, assignment: Assignment, *, actor: Actor, now: datetime) -> None:
    lead = assignment.lead
    tell_parties(work, NoticeKind.ASSIGNMENT_GIVEN, assignment, [lead], actor=actor, now=now)
    tell_parties(
        work,
        NoticeKind.ASSIGNMENT_COOPERATE,
        assignment,
        assignment.cooperators,
        actor=actor,
        now=now,
    )
    record_assignment(
        work,
        AuditEvent.ASSIGNMENT_GIVE,
        assignment,
        actor=actor,
        now=now,
        text=assignment.content,
        lead=lead.person_id or lead.unit_id or lead.agency_id,
        due_on=assignment.due_on.isoformat() if assignment.due_on else "",
        source=f"{assignment.source.kind}:{assignment.source.id}",
    )


def tell_parties(
    work: UnitOfWork,
    kind: NoticeKind,
    assignment: Assignment,
    parties: Iterable[Party],
    *,
    actor: Actor | None,
    now: datetime,
    **details: str,
) -> None:
    """Put a notice on the lists of those who act for the parties."""
    today = local(now).date()
    people = [
        person for party in parties for person in list_holders(work.organisation, party, today)
    ]
    tell(work, kind, assignment, people, actor=actor, now=now, **details)


def tell(
    work: UnitOfWork,
    kind: NoticeKind,
    assignment: Assignment,
    people: Iterable[PersonId],
    *,
    actor: Actor | None,
    now: datetime,
    **details: str,
) -> None:
    """Put a notice of an assignment on each person's list."""
    source = assignment.source.document_id
    document = None if source is None else work.documents.get(source)
    notify(
        work,
        kind,
        people,
        subject_kind=SubjectKind.ASSIGNMENT,
        subject_id=assignment.id,
        title=_title(assignment, document),
        now=now,
        actor=actor,
        # No mail may name what comes from a document for internal circulation.
        restricted=document is not None and is_restricted(document),
        due_on=assignment.due_on.strftime("%d/%m/%Y") if assignment.due_on else "",
        **details,
    )


def find_readers(work: UnitOfWork, assignment: Assignment) -> Subject:
    """Return what decides who may see an assignment: the agencies that have a part in it.

    What was given on as a part of another is seen by who gave the whole, too.
    """
    readers = {assignment.lead.agency_id} | {each.agency_id for each in assignment.cooperators}
    above, level = assignment.parent_id, 0
    while above is not None and level < _MAX_LEVELS:
        parent = work.assignments.get(above)
        readers.add(parent.agency_id)
        above, level = parent.parent_id, level + 1
    return Subject(agency_id=assignment.agency_id, reader_ids=frozenset(readers))


def get_seen(work: UnitOfWork, assignment_id: AssignmentId, actor: Actor) -> Assignment:
    """Return an assignment the actor may see.

    Raises:
        NotFoundError: there is none.
        NotPermittedError: it does not concern the actor's agencies.
    """
    assignment = work.assignments.get(assignment_id)
    check_permitted(Permission.ASSIGNMENT_VIEW, actor, find_readers(work, assignment))
    return assignment


def list_assigners(assignment: Assignment) -> list[PersonId]:
    """Return who is told what becomes of an assignment: who gave it, and who follows it up."""
    return [assignment.assigner_id, *([assignment.tracker_id] if assignment.tracker_id else [])]


def check_assigner(work: UnitOfWork, assignment: Assignment, actor: Actor, now: datetime) -> None:
    """Check that the actor gave the assignment, or acts for who gave it: absent, or gone.

    Raises:
        NotPermittedError: code ASSIGNMENT_NOT_ASSIGNER; or ASSIGNMENT_OWN_WORK, they act for
            another and it is their own work.
    """
    is_own = actor.person_id == assignment.assigner_id
    if is_own and assignment.agency_id in actor.agency_ids():
        return
    day = local(now).date()
    try:
        work.processes.deputies.act_for(
            actor,
            assignment.assigner_id,
            power=Power.DIRECT,
            agency_id=assignment.agency_id,
            day=day,
        )
    except NotPermittedError as error:
        gone = find_leaver(work, assignment, actor, day)
        if gone is None:
            raise not_assigner(assignment, actor) from error
        work.processes.deputies.note(actor, gone)
    check_not_own_work(work, assignment, actor, now)


def find_leaver(
    work: UnitOfWork, assignment: Assignment, actor: Actor, day: date
) -> StandIn | None:
    """Return who gave the assignment if they left the agency and the actor leads it.

    Nobody is left to delegate anything then, so its leaders decide.
    """
    if not actor.has_role(Role.LEADER, assignment.agency_id):
        return None
    return work.delegations.find_leaver(assignment.assigner_id, assignment.agency_id, day)


def check_not_own_work(
    work: UnitOfWork, assignment: Assignment, actor: Actor, now: datetime
) -> None:
    """Check that who acts for the assigner is none of those who do the work.

    To be called when it is settled for whom the actor acts. Where the assigner has left and each
    leader works on it, one of them decides after all: it would wait for nobody.

    Raises:
        NotPermittedError: code ASSIGNMENT_OWN_WORK; they lead it, have reported on it or have
            asked for more time.
    """
    if work.deputies.find(actor.person_id) is None:
        return
    day = local(now).date()
    is_doer = actor.person_id in list_doers(work, assignment, day)
    if is_doer and not is_last_judge(work, assignment, actor, day):
        raise own_work(assignment, actor)


def not_assigner(assignment: Assignment, actor: Actor) -> NotPermittedError:
    """Return the error of who acts on an assignment somebody else gave."""
    return NotPermittedError(
        f"{actor.person_id} did not give {assignment.id}",
        code=ErrorCode.ASSIGNMENT_NOT_ASSIGNER,
        predicate="is_assigner",
        name=assignment.assigner_name,
    )


def note_acceptance(
    work: UnitOfWork, assignment: Assignment, *, actor: Actor, now: datetime
) -> None:
    """Tell the sender of the arrival behind an assignment that work has begun: status 05."""
    if assignment.source.kind is not SourceKind.DELIVERY:
        return
    delivery = work.deliveries.get(DeliveryId(assignment.source.id))
    if delivery.status is DeliveryStatus.ASSIGNED:
        answer_sender(work, delivery, DeliveryStatus.IN_PROGRESS, actor=actor, now=now)


def note_lead(work: UnitOfWork, assignment: Assignment, *, now: datetime) -> None:
    """Let the arrival behind an assignment name its lead and deadline as they are now."""
    if assignment.source.kind is not SourceKind.DELIVERY:
        return
    delivery = work.deliveries.get(DeliveryId(assignment.source.id))
    delivery.unit_id, delivery.handler_id = assignment.lead.unit_id, assignment.lead.person_id
    delivery.due_on, delivery.updated_at = assignment.due_on, now
    work.deliveries.save(delivery)


def close(
    work: UnitOfWork, assignment: Assignment, *, actor: Actor, now: datetime, is_done: bool
) -> None:
    """End what runs beside an assignment that is completed or cancelled.

    The arrival it came from is done with it, or goes back to who directs it.
    """
    end_side_processes(work, assignment, now=now)
    drop_extensions(work, assignment, now=now)
    if assignment.source.kind is SourceKind.DELIVERY:
        _close_arrival(work, assignment, actor=actor, now=now, is_done=is_done)


def drop_extensions(work: UnitOfWork, assignment: Assignment, *, now: datetime) -> None:
    """End a request for more time that nobody has to decide any more; the caller saves."""
    for extension in work.assignments.list_extensions(assignment.id):
        if extension.granted is None:
            decided = extension.decided(actor=SYSTEM, now=now, due_on=None, note="")
            work.assignments.save_extension(decided)
            end_extension(work, extension.id, now=now)
    assignment.extension_open = False


def _close_arrival(
    work: UnitOfWork, assignment: Assignment, *, actor: Actor, now: datetime, is_done: bool
) -> None:
    delivery = work.deliveries.get(DeliveryId(assignment.source.id))
    if is_done:
        reports = work.assignments.list_reports(assignment.id)
        delivery.result = next((each.text for each in reversed(reports) if each.is_final), "")
        answer_sender(work, delivery, DeliveryStatus.COMPLETED, actor=actor, now=now)
    else:
        delivery.direction, delivery.unit_id, delivery.handler_id = "", None, None
        delivery.due_on, delivery.updated_at = None, now
        work.deliveries.save(delivery)
    work.processes.complete_operation(
        work.processes.get_instance_id("incoming", delivery.id),
        AWAIT_ASSIGNMENT,
        now=now,
        outcome="handled" if is_done else "cancelled",
        writes={"handled": is_done},
    )


def record_assignment(
    work: UnitOfWork,
    event: AuditEvent,
    assignment: Assignment,
    *,
    actor: Actor,
    now: datetime,
    text: str = "",
    **details: str,
) -> None:
    """Append the leaf of an act on an assignment; words are in it as a digest only."""
    told = {"text_digest": _digest(assignment.id, text)} if text else {}
    if is_last_judge(work, assignment, actor, local(now).date()):
        told["own_work"] = "no_other_leader"
    work.audit.record(
        event,
        subject=f"assignment:{assignment.id}",
        group=assignment.id,
        actor=actor,
        at=now,
        details={"number": f"{assignment.number}/{assignment.year}"} | told | details,
    )


def lead_name(work: UnitOfWork, assignment: Assignment) -> str:
    """Return how the lead is named to people."""
    return party_name(work.organisation, assignment.lead)


def show_day(day: date | None) -> str:
    """Return a day as it stands in a notice; "" for none."""
    return day.strftime("%d/%m/%Y") if day else ""


def _title(assignment: Assignment, source: Document | None) -> str:
    """Return its number and the symbol of what it comes from, and nothing of what it says.

    Its words may be a document's own, and the title goes into mail.
    """
    title = f"Nhiệm vụ số {assignment.number}/{assignment.year}"
    if source is None or source.number is None:
        return title
    return f"{title}, {get_kind(source.content.kind).name} {source.number.symbol}"


def _digest(assignment_id: AssignmentId, text: str) -> str:
    return hashlib.sha256(f"{assignment_id}\n{text}".encode()).hexdigest()
