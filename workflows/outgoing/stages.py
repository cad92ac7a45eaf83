"""Let the status of a document follow the tasks its flow opens.

An administrator may redraw the flow: leave out a review, add one, change the order. So what comes
next is never written into a use case: it is read from the step that was made.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from engine.errors import ErrorCode, NotPermittedError
from engine.model.document import Document, DocumentId, DocumentStatus
from engine.ports import UnitOfWork
from engine.process.model import InstanceId, StepResult, WorkItem

PROCEDURE_ID = "outgoing"

#: By the rule of the task that waits.
_STATUSES: Mapping[str, DocumentStatus] = {
    "draft": DocumentStatus.DRAFT,
    "review": DocumentStatus.IN_REVIEW,
    "check_form": DocumentStatus.IN_CHECK,
    "sign": DocumentStatus.AWAITING_SIGNATURE,
}
#: While any of these holds, the PDF is fixed and nobody has signed it.
IN_APPROVAL = (
    DocumentStatus.IN_REVIEW,
    DocumentStatus.IN_CHECK,
    DocumentStatus.AWAITING_SIGNATURE,
)


def status_of(rule: str) -> DocumentStatus | None:
    """Return the status of a document that waits at a task; None once it is signed."""
    return _STATUSES.get(rule)


def document_of(work: UnitOfWork, task: WorkItem) -> Document:
    """Return the document a task is about.

    Raises:
        NotPermittedError: the task belongs to another agency than the document: whatever a
            redrawn flow says, nobody numbers or seals for others.
    """
    document = work.documents.get(DocumentId(task.business_key))
    if task.agency_id != document.agency_id:
        raise NotPermittedError(
            f"task {task.id} of {task.agency_id} on a document of {document.agency_id}",
            code=ErrorCode.TASK_NOT_YOURS,
            predicate="is_of_the_agency",
        )
    return document


def follow(document: Document, step: StepResult, now: datetime) -> None:
    """Move a document to the status of the tasks that a step has opened."""
    _move(document, step.opened, now)


def follow_open(work: UnitOfWork, instance_id: InstanceId, now: datetime) -> None:
    """Move a document along after a step nobody made: a timer, a message, the end of a wait."""
    instance = work.processes.store.get_instance(instance_id)
    if instance.procedure_id != PROCEDURE_ID:
        return
    document = work.documents.get(DocumentId(instance.business_key))
    before = document.status
    if before in {DocumentStatus.DRAFT, *IN_APPROVAL}:
        _move(document, work.processes.store.list_open_work_items(instance_id), now)
    if document.status is not before:
        work.documents.save(document)


def _move(document: Document, opened: Iterable[WorkItem], now: datetime) -> None:
    for item in opened:
        status = status_of(item.rule)
        if status is not None:
            document.move(status, now)
            return
