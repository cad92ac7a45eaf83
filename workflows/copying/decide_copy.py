"""Decide on a copy as the head of the agency: approve it, or return it with a reason."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.copy import CopyStatus
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import TaskId
from workflows.copying.requests import find_task, record_copy


@dataclass(frozen=True, kw_only=True)
class ApproveCopy:
    """Use case: a leader approves the copy; the clerk certifies it."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor) -> None:
        """Approve the copy behind `task_id`.

        Raises:
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.

        Source: Decree 30/2020/NĐ-CP, Art. 27.
        """
        now = self.clock.now()
        with self.start_work() as work:
            copy = find_task(work, task_id, actor, use_case="approve_copy")
            copy.check_status(CopyStatus.AWAITING_APPROVAL)
            copy.approved_by, copy.approved_at = actor.person_id, now
            copy.move(CopyStatus.APPROVED, now)
            work.copies.save(copy)
            work.processes.complete(
                task_id,
                actor,
                use_case="approve_copy",
                now=now,
                outcome="approved",
                writes={"approved": True},
            )
            record_copy(work, AuditEvent.COPY_APPROVE, copy, actor=actor, now=now)
            work.commit()


@dataclass(frozen=True, kw_only=True)
class ReturnCopy:
    """Use case: a leader returns the request to who made it."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, reason: str) -> None:
        """Return the copy behind `task_id`.

        Raises:
            InvalidInputError: no reason given.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.
        """
        said = clean_remark(reason, field="reason", max_chars=2000)
        now = self.clock.now()
        with self.start_work() as work:
            copy = find_task(work, task_id, actor, use_case="return_copy")
            copy.check_status(CopyStatus.AWAITING_APPROVAL)
            copy.move(CopyStatus.RETURNED, now, reason=said)
            work.copies.save(copy)
            work.processes.complete(
                task_id,
                actor,
                use_case="return_copy",
                now=now,
                outcome="returned",
                comment=said,
                writes={"approved": False},
            )
            record_copy(work, AuditEvent.COPY_RETURN, copy, actor=actor, now=now, reason=said)
            work.commit()
