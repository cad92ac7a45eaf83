"""Return a document to an earlier step with a reason; the approvals after it lapse."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import Plain, TaskId, WorkItem
from engine.process.nodes import Node
from engine.process.runtime import Processes
from engine.records import record_document
from engine.telling import list_doers, tell_of_document
from engine.undertaking import check_not_underway
from workflows.outgoing.procedure import PROCEDURE
from workflows.outgoing.stages import IN_APPROVAL, document_of, follow

USE_CASE = "return_document"
OUTCOME = "returned"
#: Rules of the tasks a document may go back to: nothing of it is signed there.
_EARLIER = frozenset({"draft", "review", "check_form"})


def list_targets(processes: Processes, task_id: TaskId) -> list[Node]:
    """Return the steps a document may go back to from a task; where a refusal leads is first."""
    task = processes.get_task(task_id)
    drawn = _drawn_target(processes, task)
    others = [
        node
        for node in processes.reassignment.list_ways_back(task)
        if drawn is None or node.id != drawn.id
    ]
    return [*([drawn] if drawn else []), *others]


@dataclass(frozen=True, kw_only=True)
class ReturnDocument:
    """Use case: a reviewer, the clerk or the leader returns the document."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, reason: str, *, to: str = "") -> None:
        """Send the document back to the drafter, or to another earlier step.

        Args:
            to: element id of the step; "" is where the drawn way of a refusal leads.

        Raises:
            InvalidInputError: no reason given; or it does not go back there, code
                PROCESS_RETURN.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed, or a signature is being made at this moment.
        """
        said = clean_remark(reason, field="reason", max_chars=2000)
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case=USE_CASE)
            document = document_of(work, task)
            document.check_status(*IN_APPROVAL)
            check_not_underway(work, document, now)
            drawn = _drawn_target(work.processes, task)
            if drawn is None and not to:
                raise InvalidInputError(
                    f"no way leads back from {task.node_id}", code=ErrorCode.PROCESS_RETURN
                )
            if drawn is not None and to in {"", drawn.id}:
                step = work.processes.complete(
                    task_id,
                    actor,
                    use_case=USE_CASE,
                    now=now,
                    outcome=OUTCOME,
                    comment=said,
                    writes=_refusal(task),
                )
            else:
                step = work.processes.reassignment.send_back(
                    task_id, to, actor, use_case=USE_CASE, now=now, outcome=OUTCOME, comment=said
                )
            follow(document, step, now)
            work.documents.save(document)
            record_document(
                work,
                AuditEvent.DOCUMENT_RETURN,
                document,
                actor=actor,
                now=now,
                step=task.node_id,
                to=step.opened[0].node_id if step.opened else "",
                reason=said,
            )
            doers = [person for item in step.opened for person in list_doers(work, item, now)]
            tell_of_document(
                work,
                NoticeKind.DOCUMENT_RETURNED,
                [document.drafter_id, *doers],
                document,
                now=now,
                actor=actor,
            )
            work.commit()


def _drawn_target(processes: Processes, task: WorkItem) -> Node | None:
    """Return the task a refusal leads to as it is drawn; None when that is no earlier one."""
    try:
        opened = processes.reassignment.foresee(task, _refusal(task))
    except InvalidInputError:
        return None
    rules = [node.work.rule if node.work is not None else "" for node in opened]
    return opened[0] if len(rules) == 1 and rules[0] in _EARLIER else None


def _refusal(task: WorkItem) -> dict[str, Plain]:
    """Return what a refusal writes, so that the gateway behind the task leads back as drawn."""
    return {PROCEDURE.tasks[task.rule].decides: False}
