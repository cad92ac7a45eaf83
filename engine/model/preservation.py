"""Describe how a sealed original is kept provable after its certificates have ended.

The original itself never changes. What keeps it provable is its archival copy: an incremental
update that begins with the original, byte for byte.

Source: ETSI EN 319 142-1, clause 6 (B-LT, B-LTA); ETSI EN 319 102-1, clause 5.6.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from engine.errors import ErrorCode
from engine.model.document import Digest, DocumentId


class PreservationLevel(StrEnum):
    """Name what an original's archival copy holds; the values are those of PAdES."""

    STAMPED = "B-T"  # the original alone, there is no copy yet
    EVIDENCED = "B-LT"  # certificates and revocation data, made after the signatures
    ARCHIVED = "B-LTA"  # a time-stamp over all of it


class PreservationState(StrEnum):
    """Say what the next step waits for."""

    DUE_LATER = "due_later"  # its time
    TRY_LATER = "try_later"  # something outside, such as newer revocation data
    FAILED = "failed"  # somebody who looks at the reason; it is tried again meanwhile


@dataclass(frozen=True, kw_only=True)
class PreservationPlan:
    """Hold the times of an installation.

    Args:
        evidence_grace: after the seal, before revocation data is collected; what was revoked
            about the time of signing is on the lists by then.
        archive_after: after the seal, before the first archive time-stamp.
        renewal_margin: before the time-stamp authority's certificate ends.
        at_risk: what ends within this time is shown.
    """

    evidence_grace: timedelta = timedelta(hours=24)
    archive_after: timedelta = timedelta(days=30)
    renewal_margin: timedelta = timedelta(days=365)
    at_risk: timedelta = timedelta(days=730)


#: How long after a failure a step is tried again: longer each time.
RETRY_FIRST = timedelta(hours=1)
RETRY_MOST = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Preservation:
    """Hold how far one original has come.

    Args:
        original: digest of the sealed original.
        copy: digest of the archival copy; None while there is none.
        evidence_at: when the copy's newest evidence was collected.
        renew_by: end of the certificate behind the newest archive time-stamp.
        due_at: when the next step is looked at.
        reason: code of what went wrong at the last try, or "".
        tries: failed ones since the last step that succeeded.
    """

    document_id: DocumentId
    original: Digest
    sealed_at: datetime
    due_at: datetime
    updated_at: datetime
    copy: Digest | None = None
    level: PreservationLevel = PreservationLevel.STAMPED
    evidence_at: datetime | None = None
    renew_by: datetime | None = None
    state: PreservationState = PreservationState.DUE_LATER
    reason: str = ""
    tries: int = 0

    @classmethod
    def planned(
        cls, document_id: DocumentId, original: Digest, sealed_at: datetime, plan: PreservationPlan
    ) -> "Preservation":
        """Return the start of an original that was sealed at `sealed_at`."""
        return cls(
            document_id=document_id,
            original=original,
            sealed_at=sealed_at,
            due_at=sealed_at + plan.evidence_grace,
            updated_at=sealed_at,
        )

    @property
    def source(self) -> Digest:
        """Return the digest of what the next step extends."""
        return self.copy or self.original

    def evidenced(self, copy: Digest, now: datetime, plan: PreservationPlan) -> "Preservation":
        """Return it with a copy that holds the evidence; archiving is next."""
        due_at = max(now, self.sealed_at + plan.archive_after)
        return replace(
            self._done(now, due_at),
            copy=copy,
            level=PreservationLevel.EVIDENCED,
            evidence_at=now,
        )

    def archived(
        self, copy: Digest, now: datetime, *, renew_by: datetime, plan: PreservationPlan
    ) -> "Preservation":
        """Return it with a copy under a new archive time-stamp; renewal is next."""
        return replace(
            self._done(now, renew_by - plan.renewal_margin),
            copy=copy,
            level=PreservationLevel.ARCHIVED,
            evidence_at=now,
            renew_by=renew_by,
        )

    def failed(self, reason: ErrorCode, now: datetime, *, try_later: bool) -> "Preservation":
        """Return it as it was, with the reason and the time of the next try.

        Args:
            try_later: nothing is wrong with the file; what is missing comes from outside.
        """
        wait = min(RETRY_FIRST * 2 ** min(self.tries, 10), RETRY_MOST)
        return replace(
            self,
            state=PreservationState.TRY_LATER if try_later else PreservationState.FAILED,
            reason=reason.value,
            tries=self.tries + 1,
            due_at=now + wait,
            updated_at=now,
        )

    def postponed(self, now: datetime) -> "Preservation":
        """Return it as it was, looked at again in a day: the document has not left yet."""
        return replace(self, due_at=now + RETRY_MOST, updated_at=now)

    def hurried(self, now: datetime) -> "Preservation":
        """Return it with its next step due at once, as somebody asked."""
        return replace(self, due_at=now, updated_at=now)

    def _done(self, now: datetime, due_at: datetime) -> "Preservation":
        return replace(
            self,
            state=PreservationState.DUE_LATER,
            reason="",
            tries=0,
            due_at=due_at,
            updated_at=now,
        )
