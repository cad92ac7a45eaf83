"""Undo on an arrival what a step wrote that has been taken back or returned."""

from datetime import datetime

from engine.errors import ConflictError, ErrorCode
from engine.model.delivery import Delivery, DeliveryStatus
from engine.process.model import StepResult, WorkItem


def check_not_begun(delivery: Delivery, task: WorkItem) -> None:
    """Check that nobody works on an arrival already.

    Raises:
        ConflictError: the officer has told the sender that handling has begun.
    """
    if task.rule == "handle" and delivery.status is not DeliveryStatus.ASSIGNED:
        raise ConflictError(f"delivery {delivery.id} is handled", code=ErrorCode.DOCUMENT_STATE)


def undo(delivery: Delivery, step: StepResult, now: datetime) -> None:
    """Clear what the tasks that a step has opened again will write anew.

    The status code the sender has seen stays: codes only grow.
    """
    rules = {item.rule for item in step.opened}
    if rules & {"present", "direct"}:
        delivery.direction = ""
        delivery.unit_id = None
        delivery.handler_id = None
        delivery.due_on = None
    if "present" in rules:
        delivery.leader_id = None
    delivery.updated_at = now
