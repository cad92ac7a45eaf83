"""Leave the audit leaf of an act on a meeting, tell people, and find the meeting of a task."""

from collections.abc import Iterable
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import local
from engine.errors import ConflictError, ErrorCode
from engine.model.document import Circulation, Document, DocumentStatus
from engine.model.meeting import MEETING_PROCEDURE, Invitee, Meeting, MeetingId
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import Actor, PersonId
from engine.notifying import notify
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import UnitOfWork
from engine.process.model import Plain, TaskId, WorkItem
from workflows.meeting.guests import list_told, today

#: A document people can hold on to.
ISSUED = frozenset({DocumentStatus.SEALED, DocumentStatus.DISPATCHED})


def record_meeting(
    work: UnitOfWork,
    event: AuditEvent,
    meeting: Meeting,
    *,
    actor: Actor,
    now: datetime,
    **details: str,
) -> None:
    """Append the leaf of an act on a meeting."""
    work.audit.record(
        event,
        subject=f"meeting:{meeting.id}",
        group=meeting.id,
        actor=actor,
        at=now,
        details={"meeting": meeting.id, "revision": str(meeting.revision)} | details,
    )


def find_task(
    work: UnitOfWork, task_id: TaskId, actor: Actor, *, use_case: str
) -> tuple[Meeting, WorkItem]:
    """Return the meeting behind a task that `actor` may complete by `use_case`.

    Raises:
        NotPermittedError, ConflictError, NotFoundError: as `Processes.check_may_complete`.
    """
    task = work.processes.check_may_complete(task_id, actor, use_case=use_case)
    return work.meetings.get(MeetingId(task.business_key)), task


def check_may_view(meeting: Meeting, invitees: Iterable[Invitee], actor: Actor) -> None:
    """Check that `actor` may know of a meeting.

    What is only planned is its organiser's affair.

    Raises:
        NotPermittedError: not of the organiser, not of an invited agency, not going there.
    """
    listed = list(invitees)
    goes = any(
        actor.person_id in {each.person_id, _substitute_of(each)} for each in listed
    ) or actor.person_id in {meeting.plan.chair_id, meeting.planner_id}
    is_sent = meeting.invited_at is not None
    subject = Subject(
        agency_id=meeting.plan.agency_id,
        reader_ids=frozenset(each.agency_id for each in listed) if is_sent else frozenset(),
        person_id=actor.person_id if goes and (is_sent or _prepares(meeting, actor)) else None,
    )
    check_permitted(Permission.MEETING_VIEW, actor, subject)


def _substitute_of(invitee: Invitee) -> PersonId | None:
    reply = invitee.reply
    return reply.substitute.person_id if reply and reply.substitute else None


def _prepares(meeting: Meeting, actor: Actor) -> bool:
    return actor.person_id in {meeting.plan.chair_id, meeting.planner_id}


def list_preparers(work: UnitOfWork, meeting: Meeting) -> list[PersonId]:
    """Return who has the meeting on their list now; the planner when nobody has it by name."""
    instance_id = work.processes.get_instance_id(MEETING_PROCEDURE, meeting.id)
    items = work.processes.store.list_open_work_items(instance_id)
    named = [item.person_id for item in items if item.person_id is not None]
    return named or [meeting.planner_id]


def tell_invitees(
    work: UnitOfWork,
    kind: NoticeKind,
    meeting: Meeting,
    invitees: Iterable[Invitee],
    *,
    actor: Actor | None,
    now: datetime,
    also: Iterable[PersonId] = (),
    **details: str,
) -> None:
    """Put a notice on the list of who answers for each invitee, and of who chairs.

    Args:
        also: people told besides, such as the chair, who need not be invited.
    """
    people = [
        person
        for invitee in invitees
        for person in list_told(work.organisation, invitee, today(now))
    ]
    people.extend(also)
    tell(work, kind, meeting, people, actor=actor, now=now, **details)


def tell(
    work: UnitOfWork,
    kind: NoticeKind,
    meeting: Meeting,
    people: Iterable[PersonId],
    *,
    actor: Actor | None,
    now: datetime,
    **details: str,
) -> None:
    """Put a notice on people's lists; it names time and place."""
    notify(
        work,
        kind,
        people,
        subject_kind=SubjectKind.MEETING,
        subject_id=meeting.id,
        title=meeting.plan.title,
        now=now,
        actor=actor,
        restricted=False,
        at=shown_time(meeting.plan.starts_at),
        place=meeting.plan.place,
        **details,
    )


def routing(meeting: Meeting) -> dict[str, Plain]:
    """Return what the process reads of a meeting: its end, and who chairs it."""
    return {"chair_id": meeting.plan.chair_id, "ends_at": meeting.plan.ends_at.isoformat()}


def shown_time(at: datetime) -> str:
    """Return a moment as notices write it."""
    return f"{local(at):%H:%M %d/%m/%Y}"


def is_inside(document: Document) -> bool:
    """Tell whether a document is for internal circulation: no other agency reads it."""
    return document.content.circulation is Circulation.INTERNAL


def check_papers(work: UnitOfWork, meeting: Meeting, invitees: Iterable[Invitee]) -> None:
    """Check that no other agency is invited to a meeting with papers for internal circulation.

    Raises:
        ConflictError: code MEETING_PAPER_INSIDE; `params["title"]` names the first such paper.
    """
    if all(each.agency_id == meeting.plan.agency_id for each in invitees):
        return
    for paper in meeting.papers:
        if paper.document_id is not None and is_inside(work.documents.get(paper.document_id)):
            raise ConflictError(
                f"paper {paper.id} stays inside",
                code=ErrorCode.MEETING_PAPER_INSIDE,
                title=paper.title,
            )


def check_issued(document: Document | None) -> None:
    """Check that a document drafted for a meeting is out, or was given up.

    Raises:
        ConflictError: code MEETING_NOT_ISSUED.
    """
    if document is None or document.status in ISSUED | {DocumentStatus.CANCELLED}:
        return
    raise ConflictError(
        f"document {document.id} is {document.status}", code=ErrorCode.MEETING_NOT_ISSUED
    )
