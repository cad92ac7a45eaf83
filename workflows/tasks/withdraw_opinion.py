"""Take a question back that needs no answer any more."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.opinion import OPINION_PROCEDURE, OpinionId
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from engine.process.model import TaskId
from workflows.tasks.ask_opinion import record_opinion


@dataclass(frozen=True, kw_only=True)
class WithdrawOpinion:
    """Use case: the asker, or who has the task now, withdraws a question."""

    start_work: StartWork
    clock: Clock

    def __call__(self, opinion_id: OpinionId, actor: Actor, reason: str) -> None:
        """Take the question off the list of who was asked; the reason stays on record.

        Raises:
            InvalidInputError: no reason.
            NotPermittedError: neither the asker's question nor the actor's task.
            ConflictError: it is answered, withdrawn or over already.
        """
        said = clean_remark(reason, field="reason", max_chars=2000)
        now = self.clock.now()
        with self.start_work() as work:
            opinion = work.opinions.get(opinion_id)
            check_permitted(Permission.REGISTER_VIEW, actor, Subject(agency_id=opinion.agency_id))
            opinion.check_open(now)
            if opinion.asked_by != actor.person_id:
                work.processes.reassignment.check_holder(TaskId(opinion.task_id), actor)
            work.processes.cancel(
                work.processes.get_instance_id(OPINION_PROCEDURE, opinion_id),
                actor=actor,
                now=now,
                reason=said,
            )
            work.opinions.save(opinion.withdrawn(said, actor=actor, now=now))
            record_opinion(
                work, AuditEvent.OPINION_WITHDRAW, opinion, actor=actor, now=now, text=said
            )
            work.commit()
