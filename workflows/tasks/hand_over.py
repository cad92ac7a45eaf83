"""Give a task to another person of the same role (chuyển xử lý)."""

from dataclasses import dataclass
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.model.organisation import Actor, PersonId
from engine.model.remarks import clean_remark
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork, UnitOfWork
from engine.process.model import TaskId, WorkItem
from workflows.tasks.people import check_holder
from workflows.tasks.subjects import TaskSubject, find_subject


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """Use case: the holder of a task, or a superior, gives it to somebody else."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        task_id: TaskId,
        person_id: PersonId,
        actor: Actor,
        *,
        reason: str,
        as_superior: bool = False,
    ) -> None:
        """Put the task on the list of `person_id`; its deadline stays.

        Args:
            person_id: holds the role of the task in its agency, and in its unit if it has one.
            as_superior: the head of the unit, a leader or an administrator acts, whoever has
                the task now.

        Raises:
            InvalidInputError: no reason, or a person of another role or unit.
            NotPermittedError: neither the actor's task nor below them; code TASK_STAYS, this
                kind of task stays with the person it names.
            ConflictError: the task is closed.
        """
        said = clean_remark(reason, field="reason", max_chars=2000)
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.get_task(task_id)
            if as_superior:
                subject = Subject(agency_id=task.agency_id, unit_id=task.unit_id)
                check_permitted(Permission.TASK_REASSIGN, actor, subject)
            name = work.organisation.get_person(person_id).full_name
            work.processes.reassignment.hand_over(
                task_id,
                person_id,
                actor=actor,
                now=now,
                reason=f"{name}. {said}",
                as_superior=as_superior,
            )
            check_holder(work.organisation, task, person_id, local(now).date())
            about = find_subject(work, task)
            _follow(work, about, task, person_id, now)
            about.record(
                work,
                AuditEvent.TASK_HAND_OVER,
                actor=actor,
                now=now,
                reason=said,
                step=task.node_id,
                handler=person_id,
            )
            work.commit()


def _follow(
    work: UnitOfWork, about: TaskSubject, task: WorkItem, person_id: PersonId, now: datetime
) -> None:
    """Let a draft name its new drafter, an arrival its new leader or officer."""
    if about.delivery is None:
        if task.rule == "draft":
            about.document.drafter_id = person_id
            about.document.updated_at = now
            work.documents.save(about.document)
        return
    if task.rule == "direct":
        about.delivery.leader_id = person_id
    elif task.rule == "handle":
        about.delivery.handler_id = person_id
    else:
        return
    about.delivery.updated_at = now
    work.deliveries.save(about.delivery)
