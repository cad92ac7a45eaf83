"""Gather what the pages of meetings show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.assignments_in_text import ProposedOrder
from engine.audit import AuditLeaf
from engine.clock import Clock
from engine.model.assignment import SourceKind
from engine.model.document import Document, DocumentId
from engine.model.meeting import (
    MEETING_PROCEDURE,
    STANDING_STATES,
    Clash,
    Invitee,
    Meeting,
    MeetingId,
    MeetingState,
    Paper,
    Tally,
    count_answers,
)
from engine.model.organisation import Actor, Agency, Person, PersonId, Post, Role, Unit
from engine.paging import Page
from engine.permissions import Permission, Subject, check_permitted, is_permitted
from engine.ports import StartWork, UnitOfWork
from engine.ports_meetings import MeetingRow, MeetingScope
from engine.process.model import InstanceId
from engine.queries import StepRow, WorkRow
from workflows.meeting.conclude_meeting import propose_orders
from workflows.meeting.guests import answers_for, today
from workflows.meeting.letters import is_letter_due
from workflows.meeting.plans import list_clashes
from workflows.meeting.records import check_may_view, is_inside, list_preparers


@dataclass(frozen=True, kw_only=True)
class MeetingView:
    """Hold one meeting as its reader sees it.

    Args:
        asked: invitees the reader may answer for.
        tasks: the reader's own steps of the meeting; no invitations.
        is_own: the reader works for the organiser: sees the answers and the minutes.
        may_answer: answers are still taken.
        letter_due: no giấy mời is out, or on its way, that says what the plan says.
        clashes: what the chair, people invited by name or the room are in then; for its own.
        proposals: orders of the conclusions, for the chair who is to confirm them.
        given: how many assignments came of it.
    """

    meeting: Meeting
    agency: Agency
    unit: Unit | None
    planner: Person
    invitees: Sequence[Invitee]
    tally: Tally
    asked: Sequence[Invitee]
    tasks: Sequence[WorkRow]
    steps: Sequence[StepRow]
    instance_id: InstanceId
    is_own: bool
    may_draft: bool
    may_answer: bool
    clashes: Sequence[Clash]
    invitation: Document | None
    letter_due: bool
    conclusion: Document | None
    proposals: Sequence[ProposedOrder]
    given: int


@dataclass(frozen=True, kw_only=True)
class ViewMeetings:
    """Use case: a person looks at meetings."""

    start_reading: StartWork
    clock: Clock

    def __call__(self, meeting_id: MeetingId, actor: Actor) -> MeetingView:
        """Return everything the page of one meeting shows.

        Raises:
            NotFoundError: no such meeting.
            NotPermittedError: no part in it.
        """
        now = self.clock.now()
        with self.start_reading() as work:
            meeting = work.meetings.get(meeting_id)
            invitees = work.meetings.list_invitees(meeting_id)
            check_may_view(meeting, invitees, actor)
            plan, organisation = meeting.plan, work.organisation
            own = Subject(agency_id=plan.agency_id)
            is_own = is_permitted(Permission.REGISTER_VIEW, actor, own)
            if not is_own:
                meeting.papers = tuple(_list_shown(work, meeting.papers))
            tasks = [
                task
                for task in work.queries.list_tasks_on(actor, meeting_id)
                if task.procedure_id == MEETING_PROCEDURE
            ]
            invitation = _find(work, meeting.invitation_id)
            is_ahead = meeting.state in {MeetingState.PLANNED, MeetingState.INVITED}
            return MeetingView(
                meeting=meeting,
                agency=organisation.get_agency(plan.agency_id),
                unit=organisation.get_unit(plan.unit_id) if plan.unit_id else None,
                planner=organisation.get_person(_find_preparer(work, meeting)),
                invitees=invitees,
                tally=count_answers(invitees),
                asked=_list_asked(work, meeting, invitees, actor, today(now)),
                tasks=tasks,
                steps=work.queries.list_steps(MEETING_PROCEDURE, meeting_id) if is_own else (),
                instance_id=work.processes.get_instance_id(MEETING_PROCEDURE, meeting_id),
                is_own=is_own,
                may_draft=is_permitted(Permission.DOCUMENT_DRAFT, actor, own),
                may_answer=meeting.state is MeetingState.INVITED and now < plan.starts_at,
                clashes=list_clashes(work, plan, invitees, meeting_id)
                if is_own and is_ahead
                else (),
                invitation=invitation,
                letter_due=is_letter_due(invitation, meeting, invitees),
                conclusion=_find(work, meeting.conclusion_id),
                proposals=propose_orders(work, meeting)
                if any(task.rule == "assign" for task in tasks)
                else (),
                given=len(work.assignments.list_on_source(SourceKind.MEETING, meeting_id))
                if meeting.orders_given
                else 0,
            )

    def index(
        self,
        scope: MeetingScope,
        actor: Actor,
        *,
        since: datetime,
        until: datetime | None = None,
        cursor: str = "",
    ) -> Page[MeetingRow]:
        """Return one page of a list, earliest first."""
        with self.start_reading() as work:
            return work.meetings.list_page(scope, actor, since=since, until=until, cursor=cursor)

    def trail(self, meeting_id: MeetingId, actor: Actor) -> Sequence[AuditLeaf]:
        """Return the audit trail of a meeting, to its organiser: every answer is in it.

        Raises:
            NotPermittedError: not of the organiser.
        """
        with self.start_reading() as work:
            meeting = work.meetings.get(meeting_id)
            check_may_view(meeting, work.meetings.list_invitees(meeting_id), actor)
            own = Subject(agency_id=meeting.plan.agency_id)
            check_permitted(Permission.REGISTER_VIEW, actor, own)
            return work.audit.list_group(meeting_id)

    def find_for_document(self, document_id: DocumentId, actor: Actor) -> Meeting | None:
        """Return the meeting a document belongs to; None when the reader has no part in it."""
        with self.start_reading() as work:
            meeting = work.meetings.find_for_document(document_id)
            if meeting is None:
                return None
            reach = frozenset(each.agency_id for each in work.meetings.list_invitees(meeting.id))
            subject = Subject(
                agency_id=meeting.plan.agency_id,
                reader_ids=reach if meeting.invited_at else frozenset(),
            )
            return meeting if is_permitted(Permission.MEETING_VIEW, actor, subject) else None

    def may_plan(self, actor: Actor) -> bool:
        """Tell whether there is an agency the actor may plan meetings of."""
        return any(
            is_permitted(Permission.MEETING_PLAN, actor, Subject(agency_id=agency_id))
            for agency_id in actor.agency_ids()
        )

    def list_chairs(self, actor: Actor) -> Sequence[tuple[Agency, Sequence[tuple[Post, Person]]]]:
        """Return the agencies the actor may plan for, with who may chair there, heads first."""
        day = today(self.clock.now())
        with self.start_reading() as work:
            order = {
                authority.post_id: place
                for agency_id in sorted(actor.agency_ids())
                for place, authority in enumerate(
                    work.organisation.list_authorities(agency_id, day)
                )
            }
            names = {person.id: person for person in work.organisation.list_people()}
            return [
                (
                    work.organisation.get_agency(agency_id),
                    [
                        (post, names[post.person_id])
                        for role in (Role.LEADER, Role.DIVISION_HEAD)
                        for post in sorted(
                            work.organisation.list_posts(agency_id, day, role=role),
                            key=lambda post: order.get(post.id, len(order)),
                        )
                    ],
                )
                for agency_id in sorted(actor.agency_ids())
                if is_permitted(Permission.MEETING_PLAN, actor, Subject(agency_id=agency_id))
            ]


def _list_asked(
    work: UnitOfWork, meeting: Meeting, invitees: Sequence[Invitee], actor: Actor, day: date
) -> list[Invitee]:
    if meeting.invited_at is None:
        return []
    return [each for each in invitees if answers_for(work, actor, each, day)]


def _list_shown(work: UnitOfWork, papers: Sequence[Paper]) -> Iterator[Paper]:
    """Yield the papers that other agencies read: what circulates inside is not among them."""
    for paper in papers:
        if paper.document_id is None or not is_inside(work.documents.get(paper.document_id)):
            yield paper


def _find_preparer(work: UnitOfWork, meeting: Meeting) -> PersonId:
    """Return who prepares it now; the chair's orders are the chair's work, not preparation."""
    holders = list_preparers(work, meeting)
    is_open = meeting.state in {*STANDING_STATES, MeetingState.HELD}
    return holders[0] if is_open else meeting.planner_id


def _find(work: UnitOfWork, document_id: DocumentId | None) -> Document | None:
    return work.documents.get(document_id) if document_id is not None else None
