"""Describe an undertaking to sign: on record before the signature is made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from engine.errors import ConflictError, ErrorCode
from engine.model.document import Digest, DocumentId, Stage
from engine.model.organisation import PersonId

#: How long an undertaking stands before the worker voids it and the task is free again.
INTENT_LIFETIME = timedelta(minutes=5)
#: How long a signature may wait for its time-stamp, at most: the verifier's rules on the time a
#: signer claims allow no more. An installation may set less.
TIMESTAMP_GRACE = timedelta(hours=4)


class IntentState(StrEnum):
    """Name what became of an undertaking."""

    BEGUN = "begun"
    AWAITING_STAMP = "awaiting_stamp"  # signed and parked; only the time-stamp is missing
    COMPLETED = "completed"
    VOIDED = "voided"


#: Nobody else may sign the document meanwhile.
OPEN_STATES = (IntentState.BEGUN, IntentState.AWAITING_STAMP)


@dataclass(frozen=True, kw_only=True)
class SigningIntent:
    """Hold what one person undertook to do to one exact PDF.

    Args:
        digest: of the PDF before the act.
        nonce: random, unique; binds the act to this record.
        reason: why it was voided, or still waits for its time-stamp; else "".
        task_id: of the task that the signature completes.
        parked: digests of the signed PDFs that wait for their time-stamps, the document's first.
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
    task_id: str = ""
    parked: tuple[Digest, ...] = ()

    def check_open(self, now: datetime) -> None:
        """Check that the act may still be completed.

        Raises:
            ConflictError: completed, voided or too old.
        """
        if self.state not in OPEN_STATES or now > self.expires_at:
            raise ConflictError(
                f"intent {self.id} is {self.state}", code=ErrorCode.DOCUMENT_CHANGED
            )

    @property
    def awaits_stamp(self) -> bool:
        """Tell whether the signature is made and only its time-stamp is missing."""
        return self.state is IntentState.AWAITING_STAMP

    def waiting(self, parked: Sequence[Digest], *, until: datetime) -> "SigningIntent":
        """Return the undertaking as signed, its files parked until their time-stamps come."""
        return replace(
            self,
            state=IntentState.AWAITING_STAMP,
            parked=tuple(parked),
            expires_at=until,
            reason=ErrorCode.TIMESTAMP_UNAVAILABLE,
        )

    def completed(self) -> "SigningIntent":
        """Return the undertaking as completed."""
        return replace(self, state=IntentState.COMPLETED, reason="")

    def voided(self, reason: str) -> "SigningIntent":
        """Return the undertaking as voided for `reason`."""
        return replace(self, state=IntentState.VOIDED, reason=reason)
