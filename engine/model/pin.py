"""Count wrong PINs, one count for each certificate and person."""

from dataclasses import dataclass, replace
from datetime import datetime

from engine.model.organisation import PersonId

#: Wrong PINs in a row after which a second person must release the key.
MAX_PIN_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class PinCounter:
    """Hold how often a person gave a wrong PIN for a certificate since the last right one.

    A try counts from before the key is asked, so neither a crash nor many tries at once win any.

    Args:
        locked_at: when the last try was used up; None while the key may be opened.
    """

    certificate_id: str
    person_id: PersonId
    tries: int = 0
    locked_at: datetime | None = None

    @property
    def is_locked(self) -> bool:
        """Tell whether no PIN is tried any more."""
        return self.tries >= MAX_PIN_TRIES

    def tried(self, now: datetime) -> "PinCounter":
        """Return the count with one more try."""
        tries = self.tries + 1
        return replace(self, tries=tries, locked_at=now if tries >= MAX_PIN_TRIES else None)

    def given_back(self) -> "PinCounter":
        """Return the count without the last try, which did not reach the key."""
        return replace(self, tries=max(self.tries - 1, 0), locked_at=None)

    def cleared(self) -> "PinCounter":
        """Return an empty count: the PIN was right, or a second person released the key."""
        return replace(self, tries=0, locked_at=None)
