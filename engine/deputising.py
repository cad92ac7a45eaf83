"""Act for somebody who is away, without lending keys: who may, and how both names get on record.

A delegate completes a task of the giver under their own name. Use cases need not know: they pass
the actor on. Whether the actor has a task by delegation is decided where a task's right is
checked (`engine.process.stepping`), and noted here for the transaction; the line of history, and
each audit leaf that the same person leaves in the same transaction, then carries both names.

Whoever has left an agency for good leaves what waited for them by name to its leaders: nobody is
asked to delegate it, and both names are on record in the same way.

What is checked is the delegation as it stands in this transaction, not as it stood when the page
was opened: one that was ended in between opens nothing any more.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.errors import ErrorCode, NotPermittedError
from engine.model.organisation import (
    POWERS_OF_LEAVERS,
    Actor,
    AgencyId,
    DelegationId,
    PersonId,
    Post,
    Power,
    Role,
    StandIn,
    UnitId,
)

#: Details of a leaf that say for whom somebody acted.
ON_BEHALF_OF = "on_behalf_of"
ON_BEHALF_OF_NAME = "on_behalf_of_name"
DELEGATION = "delegation"

IsInForce = Callable[[DelegationId, date | None], bool]


def refuse_all(delegation_id: DelegationId, day: date | None) -> bool:  # noqa: ARG001 a stand-in
    """Say that no delegation is in force: where none are kept, nobody acts for another."""
    return False


@dataclass
class Deputies:
    """Know, within one transaction, for whom people act.

    Args:
        is_in_force: tells whether a delegation lasts; on a day, or not ended yet for None.
    """

    is_in_force: IsInForce = refuse_all
    _acting: dict[PersonId, StandIn] = field(default_factory=dict)

    def note(self, actor: Actor, stand_in: StandIn | None) -> None:
        """Note for whom the actor acts from here on in this transaction; None is themselves."""
        if stand_in is None:
            self._acting.pop(actor.person_id, None)
        else:
            self._acting[actor.person_id] = stand_in

    def find(self, person_id: PersonId) -> StandIn | None:
        """Return for whom a person acts in this transaction, None when for themselves."""
        return self._acting.get(person_id)

    def details(self, person_id: PersonId) -> Mapping[str, str]:
        """Return what a leaf of the person says besides; empty when they act for themselves."""
        stand_in = self.find(person_id)
        if stand_in is None:
            return {}
        names = {ON_BEHALF_OF: stand_in.giver_id, ON_BEHALF_OF_NAME: stand_in.giver_name}
        by = stand_in.delegation_id
        return names | ({DELEGATION: by} if by else {})

    def find_stand_in(
        self,
        actor: Actor,
        *,
        power: Power | None,
        agency_id: AgencyId,
        person_id: PersonId | None,
        role: Role,
        unit_id: UnitId | None,
        read_kind: Callable[[], str],
        day: date | None,
    ) -> StandIn | None:
        """Return for whom the actor may do work that waits for another: absent, or gone.

        Args:
            power: the work takes.
            person_id: whom it waits for by name; None when for `role`, of `unit_id` if given.
            read_kind: asked only when a delegation is limited to kinds of document.
            day: of the act; None checks no more than that the delegation was not ended.
        """
        for stand_in in actor.stands_in:
            if (
                stand_in.covers(power)
                and waits_for_giver(stand_in, agency_id, person_id, role, unit_id)
                # Whoever has left the agency acts for nobody there.
                and agency_id in actor.agency_ids()
                and self.is_in_force(stand_in.delegation_id, day)
                and stand_in.covers_kind(read_kind() if stand_in.kinds else "")
            ):
                return stand_in
        return next(
            (
                each
                for each in actor.succeeds
                if each.covers(power)
                and falls_to_leader(each, agency_id, person_id)
                and actor.has_role(Role.LEADER, agency_id)
            ),
            None,
        )

    def act_for(
        self,
        actor: Actor,
        giver_id: PersonId,
        *,
        power: Power,
        agency_id: AgencyId,
        day: date,
        kind: str = "",
    ) -> StandIn:
        """Check that the actor may act for `giver_id` outside of any task, and note that they do.

        Raises:
            NotPermittedError: no delegation of `power` covers it; code DELEGATION_MISSING.
        """
        for stand_in in actor.stands_in:
            if (
                stand_in.giver_id == giver_id
                and stand_in.covers(power)
                and stand_in.post.agency_id == agency_id
                and agency_id in actor.agency_ids()
                and stand_in.covers_kind(kind)
                and self.is_in_force(stand_in.delegation_id, day)
            ):
                self.note(actor, stand_in)
                return stand_in
        raise NotPermittedError(
            f"{actor.person_id} does not stand in for {giver_id}: {power}",
            code=ErrorCode.DELEGATION_MISSING,
            predicate="stands_in_for",
        )


def list_stand_ins(actor: Actor, power: Power, agency_id: AgencyId) -> Iterator[StandIn]:
    """Yield for whom the actor may use `power` in an agency today, for forms that offer it."""
    for stand_in in actor.stands_in:
        if stand_in.covers(power) and stand_in.post.agency_id == agency_id:
            yield stand_in


def leaver(post: Post, name: str) -> StandIn:
    """Return who has left an agency, as one its leaders decide for.

    Args:
        post: the last one held there.
    """
    return StandIn(
        delegation_id=DelegationId(""),
        giver_id=post.person_id,
        giver_name=name,
        post=post,
        powers=POWERS_OF_LEAVERS,
        until=date.max,
    )


def falls_to_leader(gone: StandIn, agency_id: AgencyId, person_id: PersonId | None) -> bool:
    """Tell whether work waits by name for somebody who has left the agency."""
    return person_id == gone.giver_id and gone.post.agency_id == agency_id


def waits_for_giver(
    stand_in: StandIn,
    agency_id: AgencyId,
    person_id: PersonId | None,
    role: Role,
    unit_id: UnitId | None,
) -> bool:
    """Tell whether work waits for the giver by name, or for the role of the delegated post."""
    post = stand_in.post
    if post.agency_id != agency_id:
        return False
    if person_id is not None:
        return person_id == stand_in.giver_id
    return post.role is role and unit_id in {None, post.unit_id}
