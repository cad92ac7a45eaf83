"""Describe what one recipient does with a document: receipt, register, direction, handling.

Source: QCVN 102:2016/BTTTT (status codes); Decree 30/2020/NĐ-CP, Art. 20-24.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from engine.errors import ConflictError, ErrorCode
from engine.model.document import Digest, DocumentId
from engine.model.organisation import AgencyId, PersonId, UnitId

DeliveryId = NewType("DeliveryId", str)


class DeliveryStatus(StrEnum):
    """Name the status codes a recipient answers with; `00` waits to be sent."""

    QUEUED = "00"
    ARRIVED = "01"
    REFUSED = "02"
    REGISTERED = "03"
    ASSIGNED = "04"
    IN_PROGRESS = "05"
    COMPLETED = "06"


_NEXT = {
    DeliveryStatus.QUEUED: {DeliveryStatus.ARRIVED},
    DeliveryStatus.ARRIVED: {DeliveryStatus.REGISTERED, DeliveryStatus.REFUSED},
    DeliveryStatus.REGISTERED: {DeliveryStatus.ASSIGNED},
    DeliveryStatus.ASSIGNED: {DeliveryStatus.IN_PROGRESS, DeliveryStatus.COMPLETED},
    DeliveryStatus.IN_PROGRESS: {DeliveryStatus.COMPLETED},
    DeliveryStatus.REFUSED: set(),
    DeliveryStatus.COMPLETED: set(),
}

#: A recipient has answered once the document is in its register or sent back.
ANSWERED = frozenset(DeliveryStatus) - {DeliveryStatus.QUEUED, DeliveryStatus.ARRIVED}


@dataclass(frozen=True, kw_only=True)
class StatusMessage:
    """Hold one answer to the sender."""

    status: DeliveryStatus
    at: datetime
    actor_id: PersonId
    actor_name: str
    reason: str = ""


@dataclass(kw_only=True)
class Delivery:
    """Hold one copy of a document at one recipient.

    Args:
        digest: of the original; the same at every hop.
        verdict: `PASSED`, `INDETERMINATE` or `FAILED`; "" before the check.
        verdict_reason: sub-indication or rule; "" when passed.
        direction: text of the leader's bút phê.
        result: what the handler reports.
    """

    id: DeliveryId
    document_id: DocumentId
    sender_id: AgencyId
    recipient_id: AgencyId
    digest: Digest
    status: DeliveryStatus
    sent_at: datetime
    updated_at: datetime
    version: int = 0
    arrival_number: int | None = None
    arrival_year: int | None = None
    registered_at: datetime | None = None
    verdict: str = ""
    verdict_reason: str = ""
    refusal_reason: str = ""
    leader_id: PersonId | None = None
    direction: str = ""
    unit_id: UnitId | None = None
    handler_id: PersonId | None = None
    due_on: date | None = None
    result: str = ""
    messages: list[StatusMessage] = field(default_factory=list)

    def answer(
        self,
        status: DeliveryStatus,
        *,
        actor_id: PersonId,
        actor_name: str,
        at: datetime,
        reason: str = "",
    ) -> bool:
        """Move to `status` and note the message; return False when it was already there.

        Raises:
            ConflictError: the step is not allowed from here; codes only grow.
        """
        if status is self.status:
            return False
        if status not in _NEXT[self.status]:
            raise ConflictError(
                f"delivery {self.id}: {self.status} -> {status}", code=ErrorCode.DOCUMENT_STATE
            )
        self.status = status
        self.updated_at = at
        self.messages.append(
            StatusMessage(
                status=status, at=at, actor_id=actor_id, actor_name=actor_name, reason=reason
            )
        )
        return True
