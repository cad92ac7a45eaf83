"""Direct the handling of a document: the leader's bút phê names one lead, and a deadline."""

from dataclasses import dataclass
from datetime import date

from engine.answers import answer_sender
from engine.audit import AuditEvent
from engine.clock import Clock, end_of_day, local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.delivery import DeliveryId, DeliveryStatus
from engine.model.organisation import Actor, PersonId
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import TaskId
from engine.records import record_delivery


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
        handler_id: PersonId,
        due_on: date | None = None,
    ) -> None:
        """Assign the document to one officer with a direction; status 04 to the sender.

        Args:
            due_on: last day; None says on purpose that there is no deadline.

        Raises:
            InvalidInputError: empty direction, an officer of another agency, a day in the past.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.

        Source: Decree 30/2020/NĐ-CP, Art. 23.
        """
        said = clean_remark(direction, field="direction", max_chars=2000)
        now = self.clock.now()
        today = local(now).date()
        if due_on is not None and due_on < today:
            raise InvalidInputError("deadline in the past", field="due_on")
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="direct_delivery")
            delivery = work.deliveries.get(DeliveryId(task.business_key))
            post = next(
                (
                    post
                    for post in work.organisation.list_posts_of(handler_id, today)
                    if post.agency_id == delivery.recipient_id and post.unit_id
                ),
                None,
            )
            if post is None:
                raise InvalidInputError(
                    f"{handler_id} has no post here",
                    code=ErrorCode.INPUT_INVALID,
                    field="handler_id",
                )
            delivery.direction = said
            delivery.unit_id = post.unit_id
            delivery.handler_id = handler_id
            delivery.due_on = due_on
            work.processes.complete(
                task_id,
                actor,
                use_case="direct_delivery",
                now=now,
                outcome="directed",
                comment=said,
                writes={
                    "unit_id": post.unit_id,
                    "handler_id": handler_id,
                    "due_at": end_of_day(due_on).isoformat() if due_on else None,
                },
            )
            if delivery.status is DeliveryStatus.IN_PROGRESS:
                # The officer had begun and returned it: the sender's codes never go back.
                delivery.updated_at = now
                work.deliveries.save(delivery)
            else:
                answer_sender(work, delivery, DeliveryStatus.ASSIGNED, actor=actor, now=now)
            record_delivery(
                work,
                AuditEvent.DELIVERY_DIRECT,
                delivery,
                actor=actor,
                now=now,
                handler=handler_id,
                due_on=due_on.isoformat() if due_on else "",
            )
            work.commit()
