"""Gather what can be done beside the drawn way: opinions, take back, return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.clock import Clock
from engine.errors import ConflictError
from engine.model.delivery import DeliveryId
from engine.model.document import DocumentId
from engine.model.opinion import OPINION_PROCEDURE, Opinion, OpinionState
from engine.model.organisation import Actor, AgencyId
from engine.permissions import Permission, Subject, check_permitted, is_permitted
from engine.ports import StartWork, UnitOfWork
from engine.process.model import TaskId, WorkItem
from engine.process.nodes import Node
from engine.process.runtime import Processes
from engine.queries import WorkRow
from workflows.incoming.return_delivery import list_targets as list_delivery_targets
from workflows.incoming.stages import check_not_begun
from workflows.outgoing.return_document import list_targets as list_document_targets
from workflows.tasks.subjects import find_subject


class _ListTargets(Protocol):
    def __call__(self, processes: Processes, task_id: TaskId) -> list[Node]: ...


#: Rules whose task may be returned, by procedure, with what tells where to.
_RETURNS: Mapping[str, tuple[frozenset[str], _ListTargets]] = {
    "outgoing": (frozenset({"review", "check_form", "sign"}), list_document_targets),
    "incoming": (frozenset({"direct", "handle"}), list_delivery_targets),
}


@dataclass(frozen=True, kw_only=True)
class TaskOptions:
    """Hold what the reader may do beside completing an open task.

    Args:
        holder: who has it, or `role:<id>` for a group.
        is_own: the reader may complete it, so may ask and return.
        targets: steps it may be returned to, the usual one first.
        can_hand_over: as its holder or as a superior.
        can_take_back: the reader's own step led here and nobody has acted since.
        opinions: those asked at it, oldest first.
    """

    task: WorkItem
    holder: str
    is_own: bool
    targets: Sequence[Node]
    can_hand_over: bool
    can_take_back: bool
    opinions: Sequence["OpinionLine"]

    @property
    def missing(self) -> int:
        """Return how many opinions may still come."""
        return sum(each.state is OpinionState.OPEN for each in self.opinions)


@dataclass(frozen=True, kw_only=True)
class OpinionLine:
    """Hold one question and what became of it.

    Args:
        can_withdraw: the reader asked it, or has the task it was asked at.
        answer_task: task of the reader that answers it, None when it is not the reader's.
    """

    opinion: Opinion
    state: OpinionState
    can_withdraw: bool
    answer_task: TaskId | None

    @property
    def question_key(self) -> tuple[str, str, str]:
        """Return what those have in common that were asked at once."""
        opinion = self.opinion
        return opinion.asked_at.isoformat(), opinion.asked_by, opinion.question


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Hold where the reader may ask: at a task of theirs, people of its agency."""

    task_id: TaskId
    agency_id: AgencyId


@dataclass(frozen=True, kw_only=True)
class AdHocView:
    """Hold what goes on beside the drawn way of one document or arrival."""

    tasks: Sequence[TaskOptions]
    opinions: Sequence[OpinionLine]

    @property
    def is_waiting(self) -> bool:
        """Tell whether an answer may still come."""
        return any(each.state is OpinionState.OPEN for each in self.opinions)

    @property
    def asking(self) -> Asking | None:
        """Return where the reader may ask; None without a task.

        Whoever answers for a unit may ask its people in turn.
        """
        for each in self.tasks:
            if each.is_own:
                return Asking(task_id=each.task.id, agency_id=each.task.agency_id)
        for line in self.opinions:
            if line.answer_task is not None and line.opinion.unit_id is not None:
                return Asking(task_id=line.answer_task, agency_id=line.opinion.agency_id)
        return None

    def options(self, task_id: str) -> TaskOptions | None:
        """Return what can be done at a task of the drawn way."""
        return next((each for each in self.tasks if each.task.id == task_id), None)


@dataclass(frozen=True, kw_only=True)
class ViewAdHoc:
    """Use case: a person of the agency opens a document or an arrival of it."""

    start_reading: StartWork
    clock: Clock

    def document(self, document_id: DocumentId, actor: Actor) -> AdHocView:
        """Return what goes on beside the way of an outgoing document.

        Raises:
            NotPermittedError: not a person of the issuing agency.
        """
        with self.start_reading() as work:
            document = work.documents.get(document_id)
            check_permitted(Permission.REGISTER_VIEW, actor, Subject(agency_id=document.agency_id))
            return self._view(work, "outgoing", document_id, actor)

    def delivery(self, delivery_id: DeliveryId, actor: Actor) -> AdHocView:
        """Return what goes on beside the way of an arrival.

        Raises:
            NotPermittedError: not a person of the receiving agency.
        """
        with self.start_reading() as work:
            delivery = work.deliveries.get(delivery_id)
            check_permitted(
                Permission.REGISTER_VIEW, actor, Subject(agency_id=delivery.recipient_id)
            )
            return self._view(work, "incoming", delivery_id, actor)

    def _view(
        self, work: UnitOfWork, procedure_id: str, subject_id: str, actor: Actor
    ) -> AdHocView:
        now = self.clock.now()
        own = {row.task_id: row for row in work.queries.list_tasks_on(actor, subject_id)}
        opinions = _list_opinions(work, subject_id, own, actor, now)
        instance = work.processes.store.find_instance(procedure_id, subject_id)
        items = work.processes.store.list_open_work_items(instance.id) if instance else ()
        return AdHocView(
            tasks=[_options(work, item, own, opinions, actor) for item in items],
            opinions=opinions,
        )


def _list_opinions(
    work: UnitOfWork,
    subject_id: str,
    own: Mapping[TaskId, WorkRow],
    actor: Actor,
    now: datetime,
) -> list[OpinionLine]:
    answers = {
        work.processes.get_task(task_id).business_key: task_id
        for task_id, row in own.items()
        if row.procedure_id == OPINION_PROCEDURE
    }
    return [
        OpinionLine(
            opinion=each,
            state=each.state(now),
            can_withdraw=each.state(now) is OpinionState.OPEN
            and (each.asked_by == actor.person_id or each.task_id in own),
            answer_task=answers.get(each.id),
        )
        for each in work.opinions.list_on(subject_id)
    ]


def _options(
    work: UnitOfWork,
    item: WorkItem,
    own: Mapping[TaskId, WorkRow],
    opinions: Sequence[OpinionLine],
    actor: Actor,
) -> TaskOptions:
    is_own = item.id in own
    return TaskOptions(
        task=item,
        holder=work.organisation.get_person(item.person_id).full_name
        if item.person_id
        else f"role:{item.role}",
        is_own=is_own,
        targets=_targets(work, item) if is_own else (),
        # What somebody does for another is not passed on.
        can_hand_over=_may_hand_over(
            work, item, actor, is_own=is_own and not own[item.id].on_behalf_of
        ),
        can_take_back=_can_take_back(work, item, actor),
        opinions=[each for each in opinions if each.opinion.task_id == item.id],
    )


def _targets(work: UnitOfWork, item: WorkItem) -> Sequence[Node]:
    rules, list_targets = _RETURNS.get(item.procedure_id, (frozenset(), None))
    if list_targets is None or item.rule not in rules:
        return ()
    return list_targets(work.processes, item.id)


def _may_hand_over(work: UnitOfWork, item: WorkItem, actor: Actor, *, is_own: bool) -> bool:
    if not work.processes.reassignment.may_hand_over(item):
        return False
    return is_own or oversees(item, actor)


def oversees(item: WorkItem, actor: Actor) -> bool:
    """Tell whether a person answers for a task, whoever has it."""
    subject = Subject(agency_id=item.agency_id, unit_id=item.unit_id)
    return is_permitted(Permission.TASK_REASSIGN, actor, subject)


def _can_take_back(work: UnitOfWork, item: WorkItem, actor: Actor) -> bool:
    if work.processes.reassignment.find_take_back(item.id, actor) is None:
        return False
    delivery = find_subject(work, item).delivery
    try:
        if delivery is not None:
            check_not_begun(delivery, item)
    except ConflictError:
        return False
    return True
