"""Describe an undertaking to sign: on record before the signature is made."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from engine.errors import ConflictError, ErrorCode
from engine.model.document import Digest, DocumentId, Stage
from engine.model.organisation import PersonId

#: How long an undertaking stands before the worker voids it and the task is free again.
INTENT_LIFETIME = timedelta(minutes=5)


class IntentState(StrEnum):
    """Name what became of an undertaking."""

    BEGUN = "begun"
    COMPLETED = "completed"
    VOIDED = "voided"


@dataclass(frozen=True, kw_only=True)
class SigningIntent:
    """Hold what one person undertook to do to one exact PDF.

    Args:
        digest: of the PDF before the act.
        nonce: random, unique; binds the act to this record.
        reason: why it was voided.
    """

    id: str
    document_id: DocumentId
    stage: Stage
    digest: Digest
    certificate_id: str
    actor_id: PersonId
    nonce: str
    begun_at: datetime
    expires_at: datetime
    state: IntentState = IntentState.BEGUN
    reason: str = ""

    def check_open(self, now: datetime) -> None:
        """Check that the act may still be completed.

        Raises:
            ConflictError: completed, voided or too old.
        """
        if self.state is not IntentState.BEGUN or now > self.expires_at:
            raise ConflictError(
                f"intent {self.id} is {self.state}", code=ErrorCode.DOCUMENT_CHANGED
            )

    def completed(self) -> "SigningIntent":
        """Return the undertaking as completed."""
        return replace(self, state=IntentState.COMPLETED)

    def voided(self, reason: str) -> "SigningIntent":
        """Return the undertaking as voided for `reason`."""
        return replace(self, state=IntentState.VOIDED, reason=reason)
