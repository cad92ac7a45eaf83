"""Present a registered document to a leader for direction."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.delivery import DeliveryId
from engine.model.organisation import Actor, PersonId, Role
from engine.ports import StartWork
from engine.process.model import TaskId
from engine.records import record_delivery


@dataclass(frozen=True, kw_only=True)
class PresentDelivery:
    """Use case: the clerk presents the document (trình lãnh đạo)."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, leader_id: PersonId) -> None:
        """Put the document on the list of `leader_id`.

        Raises:
            InvalidInputError: that person does not lead the agency today.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.

        Source: Decree 30/2020/NĐ-CP, Art. 23.
        """
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="present_delivery")
            delivery = work.deliveries.get(DeliveryId(task.business_key))
            leaders = work.organisation.list_posts(
                delivery.recipient_id, local(now).date(), role=Role.LEADER
            )
            if leader_id not in {post.person_id for post in leaders}:
                raise InvalidInputError(
                    f"{leader_id} does not lead", code=ErrorCode.INPUT_INVALID, field="leader_id"
                )
            delivery.leader_id = leader_id
            delivery.updated_at = now
            work.deliveries.save(delivery)
            work.processes.complete(
                task_id,
                actor,
                use_case="present_delivery",
                now=now,
                outcome="presented",
                writes={"leader_id": leader_id},
            )
            record_delivery(
                work,
                AuditEvent.DELIVERY_PRESENT,
                delivery,
                actor=actor,
                now=now,
                leader=leader_id,
            )
            work.commit()
