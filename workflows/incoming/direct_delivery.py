"""Direct the handling of a document: the leader's bút phê names one lead, and a deadline.

What becomes of a direction is drawn: in the shipped flow it is an assignment the arrival waits
for; in an older one an officer handles the arrival itself.
"""

from dataclasses import dataclass
from datetime import date, datetime

from engine.answers import answer_sender
from engine.assigning import AWAIT_ASSIGNMENT, give
from engine.assignment_rules import one_lead
from engine.audit import AuditEvent
from engine.clock import Clock, end_of_day, local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.assignment import Order, Party, Source, SourceKind
from engine.model.delivery import Delivery, DeliveryId, DeliveryStatus
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor, PersonId
from engine.model.remarks import clean_remark
from engine.ports import StartWork, UnitOfWork
from engine.process.model import Plain, TaskId, WorkItem
from engine.records import record_delivery
from engine.telling import tell_of_delivery


@dataclass(frozen=True, kw_only=True)
class _Direction:
    """Hold what the leader wrote."""

    text: str
    lead: Party
    cooperators: tuple[Party, ...]
    due_on: date | None
    no_deadline: bool


@dataclass(frozen=True, kw_only=True)
class DirectDelivery:
    """Use case: the leader writes a direction."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        task_id: TaskId,
        actor: Actor,
        *,
        direction: str,
        lead: Party | None = None,
        handler_id: PersonId | None = None,
        cooperators: tuple[Party, ...] = (),
        due_on: date | None = None,
        no_deadline: bool | None = None,
    ) -> None:
        """Give the document to one lead with a direction; status 04 to the sender.

        Args:
            lead: a unit or a person, or an agency below; or `handler_id` for a person here.
            cooperators: who takes part; refused by a drawing without an assignment.
            due_on: last day; None says on purpose that there is no deadline.
            no_deadline: says so too; told from `due_on` unless given.

        Raises:
            InvalidInputError: empty direction, no lead, a deadline in the past; otherwise as
                `engine.assigning.give`.
            NotPermittedError: not this person's task; code ASSIGNMENT_REACH.
            ConflictError: the task is closed.

        Source: Decree 30/2020/NĐ-CP, Art. 23.
        """
        said = clean_remark(direction, field="direction", max_chars=2000)
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="direct_delivery")
            delivery = work.deliveries.get(DeliveryId(task.business_key))
            told = _Direction(
                text=said,
                lead=_find_lead(work, delivery, lead, handler_id, now),
                cooperators=cooperators,
                due_on=due_on,
                no_deadline=due_on is None if no_deadline is None else no_deadline,
            )
            writes = _writes(told)
            _check_drawing(work, task, told, writes, now)
            delivery.direction = said
            delivery.unit_id = told.lead.unit_id
            delivery.handler_id = told.lead.person_id
            delivery.due_on = due_on
            step = work.processes.complete(
                task_id,
                actor,
                use_case="direct_delivery",
                now=now,
                outcome="directed",
                comment=said,
                writes=writes,
            )
            _answer(work, delivery, actor, now)
            record_delivery(
                work,
                AuditEvent.DELIVERY_DIRECT,
                delivery,
                actor=actor,
                now=now,
                handler=told.lead.person_id or told.lead.unit_id or told.lead.agency_id,
                due_on=due_on.isoformat() if due_on else "",
            )
            if AWAIT_ASSIGNMENT in step.operations:
                _assign(work, delivery, told, actor, now)
            elif told.lead.person_id is not None:
                _tell_officer(work, delivery, told.lead.person_id, actor, now)
            work.commit()


def _find_lead(
    work: UnitOfWork,
    delivery: Delivery,
    lead: Party | None,
    handler_id: PersonId | None,
    now: datetime,
) -> Party:
    """Return the one lead; of a person of the agency also the unit they work in.

    Raises:
        InvalidInputError: nobody is named; the officer has no post in a unit here.
    """
    if lead is None and not handler_id:
        return one_lead([])
    if lead is None or (lead.person_id and not lead.unit_id):
        person_id = handler_id if lead is None else lead.person_id
        agency_id = delivery.recipient_id if lead is None else lead.agency_id
        for post in work.organisation.list_posts_of(person_id or PersonId(""), local(now).date()):
            if post.agency_id == agency_id and post.unit_id:
                return Party(agency_id=agency_id, unit_id=post.unit_id, person_id=post.person_id)
        raise InvalidInputError(
            f"{person_id} has no post here", code=ErrorCode.INPUT_INVALID, field="handler_id"
        )
    return lead


def _writes(told: _Direction) -> dict[str, Plain]:
    return {
        "unit_id": told.lead.unit_id,
        "handler_id": told.lead.person_id,
        "due_at": end_of_day(told.due_on).isoformat() if told.due_on else None,
    }


def _check_drawing(
    work: UnitOfWork, task: WorkItem, told: _Direction, writes: dict[str, Plain], now: datetime
) -> None:
    """Check what only an assignment can hold, where the drawing makes none of the direction.

    Raises:
        InvalidInputError: a unit leads or somebody co-operates, and an officer handles the
            arrival itself; the deadline is in the past.
    """
    opened = work.processes.reassignment.foresee(task, writes)
    takes_officer = any(node.work and node.work.rule == "handle" for node in opened)
    if not takes_officer:
        return
    if told.lead.person_id is None or told.lead.agency_id != task.agency_id:
        raise InvalidInputError("an officer handles it", field="handler_id")
    if told.cooperators:
        raise InvalidInputError("nobody co-operates here", field="cooperators")
    if told.due_on is not None and told.due_on < local(now).date():
        raise InvalidInputError("deadline in the past", field="due_on")


def _answer(work: UnitOfWork, delivery: Delivery, actor: Actor, now: datetime) -> None:
    if delivery.status is DeliveryStatus.IN_PROGRESS:
        # Work had begun and came back: the sender's codes never go back.
        delivery.updated_at = now
        work.deliveries.save(delivery)
    else:
        answer_sender(work, delivery, DeliveryStatus.ASSIGNED, actor=actor, now=now)


def _assign(
    work: UnitOfWork, delivery: Delivery, told: _Direction, actor: Actor, now: datetime
) -> None:
    """Make an assignment of the direction; the arrival waits for what becomes of it."""
    document = work.documents.get(delivery.document_id)
    give(
        work,
        Order(
            content=told.text,
            lead=told.lead,
            cooperators=told.cooperators,
            due_on=told.due_on,
            no_deadline=told.no_deadline,
            urgency=document.content.urgency,
            source=Source(
                kind=SourceKind.DELIVERY, id=delivery.id, document_id=delivery.document_id
            ),
        ),
        actor=actor,
        now=now,
        calendar=work.processes.calendar,
    )


def _tell_officer(
    work: UnitOfWork, delivery: Delivery, person_id: PersonId, actor: Actor, now: datetime
) -> None:
    tell_of_delivery(
        work,
        NoticeKind.DELIVERY_DIRECTED,
        [person_id],
        delivery,
        now=now,
        actor=actor,
        due=f"{delivery.due_on:%d/%m/%Y}" if delivery.due_on else "–",
    )
