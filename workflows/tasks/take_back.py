"""Take one's own last step back as long as nobody has acted on it (rút lại)."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from engine.process.model import TaskId
from engine.undertaking import check_not_underway
from workflows.incoming.stages import check_not_begun, undo
from workflows.outgoing.stages import IN_APPROVAL, follow
from workflows.tasks.subjects import find_subject


@dataclass(frozen=True, kw_only=True)
class TakeBack:
    """Use case: whoever made the last step undoes it."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, comment: str = "") -> None:
        """Put the document back to the actor's own task.

        Args:
            task_id: task the step led to, still open.

        Raises:
            NotPermittedError: not a person of the agency any more.
            ConflictError: somebody has acted since: the task is closed or asked about, a
                signature is being made, or the handling has begun.
        """
        said = clean_remark(comment, field="comment", max_chars=2000, required=False)
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.get_task(task_id)
            check_permitted(Permission.REGISTER_VIEW, actor, Subject(agency_id=task.agency_id))
            about = find_subject(work, task)
            if about.delivery is not None:
                check_not_begun(about.delivery, task)
            else:
                # A signature, a number or a seal is never taken back.
                about.document.check_status(*IN_APPROVAL)
                check_not_underway(work, about.document, now)
            step = work.processes.reassignment.take_back(task_id, actor, now=now, comment=said)
            if about.delivery is not None:
                undo(about.delivery, step, now)
                work.deliveries.save(about.delivery)
            else:
                follow(about.document, step, now)
                work.documents.save(about.document)
            about.record(
                work,
                AuditEvent.TASK_TAKE_BACK,
                actor=actor,
                now=now,
                reason=said,
                step=task.node_id,
            )
            work.commit()
