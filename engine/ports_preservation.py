"""Name what long-term preservation needs: rows, evidence, archive time-stamps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.model.document import Digest, DocumentId
from engine.model.organisation import AgencyId
from engine.model.outage import Outage, Service
from engine.model.preservation import Preservation, PreservationLevel, PreservationState


class Outages(Protocol):
    """Keep since when services are silent, so that every process says the same."""

    def begin(self, outage: Outage) -> bool:
        """Record that a service is silent; return False when that is known."""
        ...

    def end(self, service: Service) -> bool:
        """Record that a service answers again; return False when it was not silent."""
        ...

    def find(self, service: Service) -> Outage | None: ...
    def list_current(self) -> Sequence[Outage]: ...


@dataclass(frozen=True, kw_only=True)
class SealedOriginal:
    """Hold an original whose preservation is not planned yet."""

    document_id: DocumentId
    digest: Digest
    sealed_at: datetime


@dataclass(frozen=True, kw_only=True)
class PreservationRow:
    """Hold one line of the page on long-term storage."""

    preservation: Preservation
    agency_name: str
    symbol: str
    subject: str


class Preservations(Protocol):
    """Keep how far each original has come."""

    def add(self, preservation: Preservation) -> bool:
        """Plan an original; return False when it is planned already."""
        ...

    def get(self, document_id: DocumentId) -> Preservation:
        """Return how far the original of a document has come.

        Raises:
            NotFoundError: nothing is planned for it.
        """
        ...

    def find(self, document_id: DocumentId) -> Preservation | None: ...
    def save(self, preservation: Preservation, *, seen: Preservation) -> None:
        """Write the next state if nobody wrote one since `seen` was read.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        ...

    def list_unplanned(self, limit: int) -> Sequence[SealedOriginal]:
        """Return sealed originals without a plan, oldest first."""
        ...

    def list_due(self, now: datetime, limit: int) -> Sequence[Preservation]:
        """Return what is due, the longest due first."""
        ...

    def list_rows(
        self,
        *,
        agency_ids: frozenset[AgencyId] | None = None,
        states: Sequence[PreservationState] = (),
        ends_before: datetime | None = None,
        level: PreservationLevel | None = None,
    ) -> Sequence[PreservationRow]:
        """Return at most 200 lines, what ends first or waits longest first.

        Args:
            agency_ids: of these agencies' documents only; None for all.
            states: in one of these; any when empty.
            ends_before: archived, and to be renewed before this time.
            level: at this level only; None for any.
        """
        ...

    def count_levels(
        self, agency_ids: frozenset[AgencyId] | None = None
    ) -> dict[PreservationLevel, int]:
        """Return how many originals stand at each level, absent ones as 0."""
        ...


@dataclass(frozen=True, kw_only=True)
class ArchivedPdf:
    """Hold an archival copy under a new archive time-stamp.

    Args:
        renew_by: end of the certificate behind it.
    """

    content: bytes
    renew_by: datetime


class Preserver(Protocol):
    """Extend a signed PDF by what proves it later; its own bytes stay the first of the result."""

    def add_evidence(self, pdf: bytes, *, at: datetime) -> bytes:
        """Return `pdf` with certificates and revocation data of every signature in it.

        Raises:
            SignerUnavailableError: code EVIDENCE_TOO_OLD; the revocation data at hand is from
                before a signature, so newer must be waited for.
            SigningError: code EVIDENCE_MISSING; there is none at all for some certificate.
        """
        ...

    def check_lasts(self, pdf: bytes, *, at: datetime) -> None:
        """Check that `pdf`, time-stamped at `at`, needs nothing from outside ever after.

        Raises:
            SigningError: code EVIDENCE_INSUFFICIENT.
        """
        ...

    def stamp(self, pdf: bytes) -> ArchivedPdf:
        """Return `pdf` under a new archive time-stamp.

        Raises:
            SignerUnavailableError: code TIMESTAMP_UNAVAILABLE.
        """
        ...

    def answers(self) -> bool:
        """Tell whether the time-stamp authority gives time-stamps now."""
        ...

    def has_current_lists(self, at: datetime) -> bool:
        """Tell whether the house's revocation data is in its time at `at`."""
        ...
