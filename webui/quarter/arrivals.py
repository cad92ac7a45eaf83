"""Live the life of an arrival: registered or refused, presented, directed, answered."""

from engine.model.assignment import Party, SourceKind
from engine.model.organisation import AgencyId, Power, UnitId
from engine.queries import DeliveryRow
from webui.quarter import orders
from webui.quarter.matters import DIRECTIONS, REASONS_TO_REFUSE
from webui.quarter.story import Life, Story

_REFUSED = 0.03
_ANSWERED = 0.35
_TO_A_UNIT = 0.4


def live(story: Story, row: DeliveryRow, *, is_answer: bool = False) -> Life:
    """Take one arrival to its direction; what is directed becomes an assignment.

    Args:
        is_answer: it answers a letter of the recipient's own, so nobody answers it again.
    """
    cases, town = story.house.use_cases, story.town
    clerk = town.clerk(row.recipient_id)
    task = town.task(clerk, row.delivery_id)
    if story.happens(_REFUSED):
        cases.refuse_delivery(task, clerk, story.chance.choice(REASONS_TO_REFUSE))
        story.note("refused")
        return
    cases.register_delivery(task, clerk)
    story.note("registered")
    yield story.chance.uniform(0.3, 3)
    leader = town.leader(row.recipient_id)
    cases.present_delivery(town.task(clerk, row.delivery_id), clerk, leader.person_id)
    yield story.chance.uniform(0.5, 9)
    _direct(story, row)
    story.note("directed")
    with story.house.start_reading() as work:
        found = work.assignments.list_on_source(SourceKind.DELIVERY, row.delivery_id)
    wants_answer = not is_answer and story.happens(_ANSWERED)
    answer = orders.Answer(agency_id=_sender(story, row), subject=row.subject)
    for assignment in found:
        story.note("assignments")
        yield from orders.do(story, assignment.id, answer if wants_answer else None)


def _direct(story: Story, row: DeliveryRow) -> None:
    """Write the direction: one lead, a unit or an officer, sometimes a second unit with it."""
    chance, town = story.chance, story.town
    teams = chance.sample(town.teams(row.recipient_id), 1 + story.happens(0.2))
    lead = _party(story, row, teams[0].unit_id)
    leader = town.acting(town.leader(row.recipient_id).person_id, Power.DIRECT)
    due_on = orders.some_deadline(story)
    story.house.use_cases.direct_delivery(
        town.task(leader, row.delivery_id),
        leader,
        direction=chance.choice(DIRECTIONS),
        lead=lead,
        cooperators=tuple(
            Party(agency_id=row.recipient_id, unit_id=team.unit_id) for team in teams[1:]
        ),
        due_on=due_on,
        no_deadline=due_on is None,
    )


def _party(story: Story, row: DeliveryRow, unit_id: UnitId) -> Party:
    team = story.town.team_of(row.recipient_id, unit_id)
    person_id = None
    if team is not None and not story.happens(_TO_A_UNIT):
        person_id = story.chance.choice(team.officers)
    return Party(agency_id=row.recipient_id, unit_id=unit_id, person_id=person_id)


def _sender(story: Story, row: DeliveryRow) -> AgencyId:
    with story.house.start_reading() as work:
        return work.documents.get(row.document_id).agency_id
