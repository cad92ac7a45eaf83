"""Gather what the page shows that gives a task to somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.clock import Clock, local
from engine.errors import ErrorCode, NotPermittedError
from engine.model.delivery import DeliveryId
from engine.model.document import DocumentId
from engine.model.organisation import Actor, Agency, Person, PersonId, Post
from engine.ports import StartWork, UnitOfWork
from engine.process.model import TaskId, WorkItem
from engine.text import name_sort_key
from workflows.reading.view_ad_hoc import oversees
from workflows.tasks.people import list_holders
from workflows.tasks.subjects import find_subject


@dataclass(frozen=True, kw_only=True)
class HandOverView:
    """Hold what the page shows that gives a task to somebody else.

    Args:
        holder: who has it now; None when a group has.
        candidates: who may get it, in the order of given names.
        as_superior: the reader does not have it, but answers for it.
        document_id: of a document or of an arrival's document; `delivery_id` of the arrival.
        is_reader: the reader may open the page of the document.
    """

    task: WorkItem
    agency: Agency
    holder: Person | None
    candidates: Sequence[tuple[Person, Post]]
    as_superior: bool
    document_id: DocumentId
    delivery_id: DeliveryId | None
    is_reader: bool


@dataclass(frozen=True, kw_only=True)
class ViewHandOver:
    """Use case: the holder of a task, or a superior, chooses who gets it."""

    start_reading: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor) -> HandOverView:
        """Return the task and who may get it.

        Raises:
            NotFoundError: there is no such task.
            ConflictError: it is closed.
            NotPermittedError: neither the reader's task nor below them; code TASK_STAYS, it
                stays with the person it names.
        """
        today = local(self.clock.now()).date()
        with self.start_reading() as work:
            task = work.processes.get_task(task_id)
            is_own = _is_own(work, task, actor)
            if not work.processes.reassignment.may_hand_over(task):
                raise NotPermittedError(
                    f"{task.node_id} stays", code=ErrorCode.TASK_STAYS, predicate="may_hand_over"
                )
            about = find_subject(work, task)
            organisation = work.organisation
            posts = {post.person_id: post for post in list_holders(organisation, task, today)}
            people = sorted(
                (organisation.get_person(person_id) for person_id in posts),
                key=lambda person: name_sort_key(person.full_name),
            )
            return HandOverView(
                task=task,
                agency=organisation.get_agency(task.agency_id),
                holder=organisation.get_person(task.person_id) if task.person_id else None,
                candidates=[(person, posts[PersonId(person.id)]) for person in people],
                as_superior=not is_own,
                document_id=about.document.id,
                delivery_id=about.delivery.id if about.delivery is not None else None,
                is_reader=task.agency_id in actor.agency_ids(),
            )


def _is_own(work: UnitOfWork, task: WorkItem, actor: Actor) -> bool:
    """Tell whether the actor has the task; refuse who neither has nor oversees it."""
    try:
        work.processes.reassignment.check_holder(task.id, actor)
        if work.deputies.find(actor.person_id) is not None:
            # What was delegated is not passed on.
            raise NotPermittedError(
                f"task {task.id} is another's", code=ErrorCode.TASK_STAYS, predicate="is_own"
            )
    except NotPermittedError:
        if not oversees(task, actor):
            raise
        return False
    return True
