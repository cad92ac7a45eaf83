"""Name what delegation needs from the world: rows."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from engine.model.delegation import Delegation
from engine.model.organisation import AgencyId, DelegationId, PersonId, StandIn
from engine.paging import Page


class Delegations(Protocol):
    """Keep what people leave to others while they are away."""

    def add(self, delegation: Delegation) -> None: ...
    def get(self, delegation_id: DelegationId) -> Delegation:
        """Return the delegation.

        Raises:
            NotFoundError: code DELEGATION_NOT_FOUND.
        """
        ...

    def end(self, delegation: Delegation) -> None:
        """Write who ended it and when, once; nothing else of it ever changes.

        Raises:
            ConflictError: code DELEGATION_CLOSED; somebody was first.
        """
        ...

    def list_open(self, agency_id: AgencyId, day: date) -> Sequence[Delegation]:
        """Return the delegations of an agency that give something on `day` or later."""
        ...

    def list_given(self, giver_id: PersonId, limit: int = 50) -> Sequence[Delegation]:
        """Return the newest of those a person gave."""
        ...

    def list_received(self, delegate_id: PersonId, limit: int = 50) -> Sequence[Delegation]:
        """Return the newest of those a person received."""
        ...

    def list_of_agency(
        self, agency_id: AgencyId, *, cursor: str = "", limit: int = 50
    ) -> Page[Delegation]:
        """Return one page of an agency's delegations, the last given first."""
        ...

    def list_stand_ins(self, delegate_id: PersonId, day: date) -> Sequence[StandIn]:
        """Return for whom a person acts on `day`, while the giver still holds the post."""
        ...

    def list_leavers(self, agency_ids: Sequence[AgencyId], day: date) -> Sequence[StandIn]:
        """Return who left the agencies before `day` with work that falls to their leaders."""
        ...

    def find_leaver(self, person_id: PersonId, agency_id: AgencyId, day: date) -> StandIn | None:
        """Return a person as one who has left an agency; None while they hold a post there."""
        ...

    def is_in_force(self, delegation_id: DelegationId, day: date | None) -> bool:
        """Tell whether a delegation gives something on `day`; None: has nobody ended it."""
        ...
