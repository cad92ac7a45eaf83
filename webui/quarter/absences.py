"""Let leaders and heads be away for some days and leave their work to a colleague."""

from datetime import timedelta

from engine.model.organisation import Actor, AgencyId, Power, Role
from webui.quarter.story import Life, Story
from workflows.authority.delegate import DelegationTerms

_ENDED_EARLY = 0.2


def live(story: Story, agency_id: AgencyId) -> Life:
    """Let a deputy stand in for the head of the agency, or an officer's head for another head."""
    chance, town = story.chance, story.town
    role = chance.choice((Role.LEADER, Role.DIVISION_HEAD))
    giver_id, *others = town.holders(agency_id, role)
    if not others:
        return
    giver = town.actor(giver_id)
    first = story.day() + timedelta(days=1)
    terms = DelegationTerms(
        post_id=giver.posts[0].id,
        delegate_id=chance.choice(others),
        powers=frozenset({Power.DIRECT} if role is Role.LEADER else {Power.REVIEW, Power.HANDLE}),
        since=first,
        until=first + timedelta(days=chance.randint(1, 4)),
        basis="Đi công tác theo kế hoạch.",
    )
    if _is_away(story, terms, giver):
        return
    delegation_id = story.house.use_cases.authority.delegate(terms, giver)
    story.note("delegations")
    yield 8.0
    if story.day() <= terms.until and story.happens(_ENDED_EARLY):
        story.house.use_cases.authority.end_delegation(
            delegation_id, giver, "Kết thúc công tác sớm."
        )
        story.note("delegations ended early")


def _is_away(story: Story, terms: DelegationTerms, giver: Actor) -> bool:
    """Tell whether the giver left work to somebody for one of the days already."""
    with story.house.start_reading() as work:
        given = work.delegations.list_given(giver.person_id)
    return any(each.since <= terms.until and terms.since <= each.until for each in given)
