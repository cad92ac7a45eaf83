"""Tell who holds an overdue step, and who looks after them, once."""

from datetime import datetime

from engine.model.notice import NoticeKind
from engine.model.opinion import OPINION_PROCEDURE
from engine.ports import UnitOfWork
from engine.process.model import Alert, TaskId
from engine.telling import list_doers, list_holders, show_due, tell_of_delivery, tell_of_document
from workflows.tasks.subjects import INCOMING, find_subject

OUTGOING = "outgoing"
#: Steps about documents; what is due in another procedure is told by that procedure itself.
TOLD = frozenset({OUTGOING, INCOMING, OPINION_PROCEDURE})


def tell_overdue(work: UnitOfWork, task_id: TaskId, now: datetime) -> None:
    """Tell of a step that has just become overdue."""
    item = work.processes.get_task(task_id)
    is_late = item.closed_at is None and item.alert is Alert.OVERDUE
    if not is_late or item.procedure_id not in TOLD:
        return
    people = list(list_doers(work, item, now))
    if item.escalated_role is not None:
        people += list_holders(
            work, item.escalated_role, item.agency_id, item.escalated_unit_id, now
        )
    subject = find_subject(work, item)
    kind, due = NoticeKind.TASK_OVERDUE, show_due(item.due_at)
    if subject.delivery is not None:
        tell_of_delivery(work, kind, people, subject.delivery, now=now, step=item.name, due=due)
    else:
        tell_of_document(work, kind, people, subject.document, now=now, step=item.name, due=due)
