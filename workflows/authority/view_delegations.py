"""Show delegations: one's own, and those of the agency one leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.clock import Clock, local
from engine.model.delegation import POWERS_OF_ROLE, Delegation
from engine.model.organisation import Actor, AgencyId, DelegationId, Post, Power
from engine.paging import Page
from engine.permissions import Permission, Subject, check_permitted, is_permitted
from engine.ports import StartWork, UnitOfWork
from workflows.authority.end_delegation import about


@dataclass(frozen=True, kw_only=True)
class OwnDelegations:
    """Hold what a person gave and received.

    Args:
        posts: the person's own that have something to leave, each with its powers.
        overseen: agencies whose delegations they may look at.
    """

    day: date
    given: Sequence[Delegation]
    received: Sequence[Delegation]
    posts: Sequence[tuple[Post, frozenset[Power]]]
    overseen: Sequence[AgencyId]


@dataclass(frozen=True, kw_only=True)
class DelegationView:
    """Hold one delegation with what the reader may do about it."""

    delegation: Delegation
    post: Post
    day: date
    may_end: bool


@dataclass(frozen=True, kw_only=True)
class ViewDelegations:
    """Use case: somebody looks at delegations."""

    start_reading: StartWork
    clock: Clock

    def __call__(self, delegation_id: DelegationId, actor: Actor) -> DelegationView:
        """Return one delegation.

        Raises:
            NotFoundError: no such delegation.
            NotPermittedError: neither giver nor delegate, leader nor administrator.
        """
        day = self.today()
        with self.start_reading() as work:
            delegation = work.delegations.get(delegation_id)
            subject = about(delegation)
            check_permitted(Permission.DELEGATION_VIEW, actor, subject)
            return DelegationView(
                delegation=delegation,
                post=work.organisation.get_post(delegation.post_id),
                day=day,
                may_end=delegation.is_open(day)
                and is_permitted(Permission.DELEGATION_END, actor, subject),
            )

    def today(self) -> date:
        """Return the day delegations are looked at for."""
        return local(self.clock.now()).date()

    def own(self, actor: Actor) -> OwnDelegations:
        """Return what the actor gave and received, the latest first."""
        day = self.today()
        with self.start_reading() as work:
            powers = [(post, _powers_of(work, post, day)) for post in actor.posts]
            return OwnDelegations(
                day=day,
                given=work.delegations.list_given(actor.person_id),
                received=work.delegations.list_received(actor.person_id),
                posts=[(post, own) for post, own in powers if own],
                overseen=[
                    agency_id
                    for agency_id in sorted(actor.agency_ids())
                    if is_permitted(
                        Permission.DELEGATION_OVERSEE, actor, Subject(agency_id=agency_id)
                    )
                ],
            )

    def of_agency(self, agency_id: AgencyId, actor: Actor, cursor: str = "") -> Page[Delegation]:
        """Return one page of an agency's delegations, the last given first.

        Raises:
            NotPermittedError: neither a leader of the agency nor an administrator.
        """
        check_permitted(Permission.DELEGATION_OVERSEE, actor, Subject(agency_id=agency_id))
        with self.start_reading() as work:
            return work.delegations.list_of_agency(agency_id, cursor=cursor)


def _powers_of(work: UnitOfWork, post: Post, day: date) -> frozenset[Power]:
    """Return what a post has to leave: by its role, and signing by its authority."""
    signs = any(
        each.post_id == post.id for each in work.organisation.list_authorities(post.agency_id, day)
    )
    return POWERS_OF_ROLE[post.role] | (frozenset({Power.SIGN}) if signs else frozenset())
