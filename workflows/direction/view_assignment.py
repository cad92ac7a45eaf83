"""Gather what the pages of assignments show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from engine.assigning import find_leaver, find_readers, get_seen
from engine.assignment_flow import COOPERATION_PROCEDURE, cooperation_key
from engine.assignment_rules import may_give, party_name
from engine.audit import AuditLeaf
from engine.clock import Clock, local
from engine.model.assignment import (
    DIRECTION_PROCEDURE,
    Assignment,
    AssignmentId,
    AssignmentState,
    Extension,
    Party,
    ProgressReport,
    SourceKind,
    Standing,
)
from engine.model.delivery import DeliveryId
from engine.model.document import Document, DocumentId
from engine.model.organisation import Actor, Agency, Person, Power, Role
from engine.paging import Page
from engine.permissions import Permission, is_permitted
from engine.ports import StartWork, UnitOfWork
from engine.ports_direction import AssignmentRow, Part
from engine.process.model import InstanceId
from engine.queries import StepRow, WorkRow
from workflows.direction.draft_urging import may_urge
from workflows.reading.view_document import reader_subject


@dataclass(frozen=True, kw_only=True)
class CooperatorView:
    """Hold one co-operator, and whether they have contributed."""

    name: str
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """Hold one report with the document that shows it."""

    report: ProgressReport
    party_name: str
    evidence: Document | None


@dataclass(frozen=True, kw_only=True)
class AssignmentView:
    """Hold one assignment with everything its page shows.

    Args:
        parent: what it is a part of; None when it is none, or the reader may not see it.
        children: parts of it that the reader may see, each with the name of its lead.
        source: document it comes from; None when there is none.
        standing, overdue_days: today.
        open_extension: the request that waits for a decision.
        is_lead: the reader acts for the lead now.
        is_assigner: the reader gave it, or acts for who did: absent, or gone from the agency.
        may_give_on: the reader may give parts of it on.
        may_urge: the reader may draft the letter that urges the lead.
    """

    assignment: Assignment
    agency: Agency
    lead_name: str
    cooperators: Sequence[CooperatorView]
    tracker: Person | None
    parent: Assignment | None
    children: Sequence[tuple[Assignment, str]]
    source: Document | None
    closing: Document | None
    reports: Sequence[ReportView]
    extensions: Sequence[Extension]
    open_extension: Extension | None
    standing: Standing
    overdue_days: int
    percent: int
    instance_id: InstanceId
    steps: Sequence[StepRow]
    tasks: Sequence[WorkRow]
    is_lead: bool
    is_assigner: bool
    may_give_on: bool
    may_urge: bool

    def has_task(self, *rules: str) -> bool:
        """Tell whether a task by one of the rules waits for the reader."""
        return any(task.rule in rules for task in self.tasks)


#: Assignments a page of something else shows; the lists of assignments hold the rest.
MAX_NAMED = 100
#: Rules of the tasks of whoever leads.
LEAD_RULES = ("handle_as_agency", "handle_as_unit", "handle_as_person")


@dataclass(frozen=True, kw_only=True)
class ViewAssignment:
    """Use case: somebody of an agency with a part in it looks at an assignment."""

    start_reading: StartWork
    clock: Clock

    def __call__(self, assignment_id: AssignmentId, actor: Actor) -> AssignmentView:
        """Return everything the page of one assignment shows.

        Raises:
            NotFoundError: there is no such assignment.
            NotPermittedError: it does not concern the actor's agencies.
        """
        with self.start_reading() as work:
            assignment = get_seen(work, assignment_id, actor)
            return self._gather(work, assignment, actor)

    def index(
        self, actor: Actor, part: Part, *, standing: Standing | None = None, cursor: str = ""
    ) -> Page[AssignmentRow]:
        """Return one page of the assignments the actor has a part in, newest first."""
        today = local(self.clock.now()).date()
        with self.start_reading() as work:
            return work.assignments.list_rows(actor, part, today, standing=standing, cursor=cursor)

    def on_document(
        self, document_id: DocumentId, actor: Actor
    ) -> Sequence[tuple[Assignment, str]]:
        """Return what was given out of a document, as far as the actor may see it, with leads."""
        with self.start_reading() as work:
            found = work.assignments.list_on_document(document_id)
            return _named(work, [a for a in found if a.parent_id is None], actor)

    def on_delivery(
        self, delivery_id: DeliveryId, actor: Actor
    ) -> Sequence[tuple[Assignment, str]]:
        """Return what was given out of an arrival, with the names of the leads."""
        with self.start_reading() as work:
            found = work.assignments.list_on_source(SourceKind.DELIVERY, delivery_id)
            return _named(work, found, actor)

    def trail(self, assignment_id: AssignmentId, actor: Actor) -> Sequence[AuditLeaf]:
        """Return the audit trail of an assignment.

        Raises:
            NotPermittedError: it does not concern the actor's agencies.
        """
        with self.start_reading() as work:
            get_seen(work, assignment_id, actor)
            return work.audit.list_group(assignment_id)

    def _gather(self, work: UnitOfWork, assignment: Assignment, actor: Actor) -> AssignmentView:
        today = local(self.clock.now()).date()
        organisation, source = work.organisation, assignment.source
        tasks = work.queries.list_tasks_on(actor, assignment.id)
        is_lead = any(task.rule in LEAD_RULES for task in tasks)
        reports = work.assignments.list_reports(assignment.id)
        extensions = work.assignments.list_extensions(assignment.id)
        return AssignmentView(
            assignment=assignment,
            agency=organisation.get_agency(assignment.agency_id),
            lead_name=party_name(organisation, assignment.lead),
            cooperators=_cooperators(work, assignment),
            tracker=organisation.get_person(assignment.tracker_id)
            if assignment.tracker_id
            else None,
            parent=_parent(work, assignment, actor),
            children=_named(work, work.assignments.list_children(assignment.id), actor),
            source=find_document(work, source.document_id, actor),
            closing=find_document(work, assignment.closing_document_id, actor),
            reports=[
                ReportView(
                    report=report,
                    party_name=party_name(organisation, report.party),
                    evidence=find_document(work, report.evidence_document_id, actor),
                )
                for report in reports
            ],
            extensions=extensions,
            open_extension=next((each for each in extensions if each.granted is None), None),
            standing=assignment.standing(today),
            overdue_days=assignment.overdue_days(today),
            percent=_last_percent(reports, assignment),
            instance_id=work.processes.get_instance_id(DIRECTION_PROCEDURE, assignment.id),
            steps=work.queries.list_steps(DIRECTION_PROCEDURE, assignment.id),
            tasks=tasks,
            is_lead=is_lead,
            is_assigner=_is_assigner(work, assignment, actor, today),
            may_give_on=is_lead
            and assignment.lead.person_id is None
            and assignment.state in {AssignmentState.GIVEN, AssignmentState.ACCEPTED}
            and may_give(actor),
            may_urge=assignment.overdue_days(today) > 0
            and may_urge(assignment)
            and actor.has_role(Role.DESK_OFFICER, assignment.agency_id),
        )


def _named(
    work: UnitOfWork, found: Sequence[Assignment], actor: Actor
) -> list[tuple[Assignment, str]]:
    """Return what the actor may see, each with the name of its lead; no more than a page holds."""
    seen = islice(
        (
            each
            for each in found
            if is_permitted(Permission.ASSIGNMENT_VIEW, actor, find_readers(work, each))
        ),
        MAX_NAMED,
    )
    names: dict[Party, str] = {}
    rows = []
    for each in seen:
        if each.lead not in names:
            names[each.lead] = party_name(work.organisation, each.lead)
        rows.append((each, names[each.lead]))
    return rows


def find_document(
    work: UnitOfWork, document_id: DocumentId | None, actor: Actor
) -> Document | None:
    """Return a document an assignment names, if there is one and the actor may read it."""
    if document_id is None:
        return None
    document = work.documents.get(document_id)
    subject = reader_subject(work, document)
    return document if is_permitted(Permission.DOCUMENT_VIEW, actor, subject) else None


def _last_percent(reports: Sequence[ProgressReport], assignment: Assignment) -> int:
    own = [report.percent for report in reports if report.party == assignment.lead]
    return own[-1] if own else 0


def _cooperators(work: UnitOfWork, assignment: Assignment) -> list[CooperatorView]:
    return [
        CooperatorView(
            name=party_name(work.organisation, party),
            is_open=bool(
                work.processes.list_open_tasks(
                    COOPERATION_PROCEDURE, cooperation_key(assignment.id, position)
                )
            ),
        )
        for position, party in enumerate(assignment.cooperators)
    ]


def _parent(work: UnitOfWork, assignment: Assignment, actor: Actor) -> Assignment | None:
    if assignment.parent_id is None:
        return None
    parent = work.assignments.get(assignment.parent_id)
    seen = is_permitted(Permission.ASSIGNMENT_VIEW, actor, find_readers(work, parent))
    return parent if seen else None


def _is_assigner(work: UnitOfWork, assignment: Assignment, actor: Actor, day: date) -> bool:
    if assignment.agency_id not in actor.agency_ids():
        return False
    is_named = actor.person_id == assignment.assigner_id or any(
        stand_in.giver_id == assignment.assigner_id and stand_in.covers(Power.DIRECT)
        for stand_in in actor.stands_in
    )
    return is_named or find_leaver(work, assignment, actor, day) is not None
