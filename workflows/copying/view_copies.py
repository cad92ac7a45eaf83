"""Gather what the pages of certified copies show."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.audit import AuditLeaf
from engine.clock import Clock
from engine.model.copy import COPY_PROCEDURE, CertifiedCopy, CopyId
from engine.model.organisation import Actor, Agency, Person
from engine.originals import OriginalReader
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from engine.process.model import InstanceId
from engine.queries import StepRow, WorkRow
from workflows.copying.requests import may_step_in


@dataclass(frozen=True, kw_only=True)
class CopyView:
    """Hold one copy with its steps and the reader's tasks."""

    copy: CertifiedCopy
    agency: Agency
    requester: Person
    approver: Person | None
    instance_id: InstanceId
    steps: Sequence[StepRow]
    tasks: Sequence[WorkRow]


@dataclass(frozen=True, kw_only=True)
class ViewCopies:
    """Use case: a person of the agency looks at its copies."""

    start_reading: StartWork
    read_original: OriginalReader
    clock: Clock

    def __call__(self, copy_id: CopyId, actor: Actor) -> CopyView:
        """Return everything the page of one copy shows.

        Raises:
            NotFoundError: no such copy.
            NotPermittedError: not a person of the agency.
        """
        with self.start_reading() as work:
            copy = work.copies.get(copy_id)
            check_permitted(Permission.COPY_VIEW, actor, Subject(agency_id=copy.agency_id))
            approver_id = copy.approved_by
            tasks = [*work.queries.list_tasks_on(actor, copy_id)]
            if not tasks and may_step_in(work, copy, actor, self.clock.now()):
                gone = Actor(person_id=copy.requester_id, full_name="", posts=())
                tasks = [*work.queries.list_tasks_on(gone, copy_id)]
            return CopyView(
                copy=copy,
                agency=work.organisation.get_agency(copy.agency_id),
                requester=work.organisation.get_person(copy.requester_id),
                approver=work.organisation.get_person(approver_id) if approver_id else None,
                instance_id=work.processes.get_instance_id(COPY_PROCEDURE, copy_id),
                steps=work.queries.list_steps(COPY_PROCEDURE, copy_id),
                tasks=tasks,
            )

    def index(self, actor: Actor) -> Sequence[CertifiedCopy]:
        """Return the copies of the actor's agencies, newest first."""
        with self.start_reading() as work:
            return work.copies.list_for(actor.agency_ids())

    def list_abandoned(self, actor: Actor) -> Sequence[CertifiedCopy]:
        """Return the returned requests that `actor` may take on: who made them has left."""
        now = self.clock.now()
        with self.start_reading() as work:
            returned = work.copies.list_returned(actor.agency_ids())
            return [each for each in returned if may_step_in(work, each, actor, now)]

    def trail(self, copy_id: CopyId, actor: Actor) -> Sequence[AuditLeaf]:
        """Return the audit trail of a copy of the actor's agency.

        Raises:
            NotPermittedError: not a person of the agency.
        """
        with self.start_reading() as work:
            copy = work.copies.get(copy_id)
            check_permitted(Permission.COPY_VIEW, actor, Subject(agency_id=copy.agency_id))
            return work.audit.list_group(copy_id)

    def pdf(self, copy_id: CopyId, actor: Actor) -> tuple[CertifiedCopy, bytes]:
        """Return the copy and its bytes: the scan until it is certified.

        Raises:
            NotPermittedError: not a person of the agency.
            DigestMismatchError: the stored bytes were changed; refused and put on record.
        """
        with self.start_reading() as work:
            copy = work.copies.get(copy_id)
            check_permitted(Permission.COPY_VIEW, actor, Subject(agency_id=copy.agency_id))
        return copy, self.read_original(copy.current_digest, copy_id, actor, kind="copy")
