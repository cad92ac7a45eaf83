"""Name what keeps the signatures that wait for a token at the official's computer."""

from datetime import datetime
from typing import Protocol

from engine.model.document import DocumentId
from engine.model.organisation import PersonId
from engine.model.parking import ParkedSignature


class Parking(Protocol):
    """Keep prepared signatures until their values come back, once."""

    def add(self, parked: ParkedSignature) -> None: ...
    def find(self, park_id: str) -> ParkedSignature | None: ...
    def find_waiting(self, document_id: DocumentId, person_id: PersonId) -> ParkedSignature | None:
        """Return the newest one of this person on this document that nobody came back with."""
        ...

    def take(self, park_id: str, at: datetime) -> bool:
        """Mark it as used; return False when it was used before, whoever asks at once."""
        ...

    def has_older(self, than: datetime) -> bool:
        """Tell whether anything is left that expired before `than`."""
        ...

    def delete_older(self, than: datetime) -> None:
        """Delete what expired before `than`, used or not."""
        ...
