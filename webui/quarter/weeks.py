"""Live the weekly work schedule of the city's committee: gathered, approved, sealed, published."""

from datetime import date, datetime, time, timedelta

from engine.clock import VIETNAM
from engine.model.organisation import AgencyId, PersonId, Role
from engine.model.schedule_entries import DayPart, EntryText, ScheduleId, find_clashes
from webui.quarter.matters import MATTERS
from webui.quarter.story import Life, Story

_CHANGED = 0.4
_RETURNED = 0.2


def live(story: Story) -> Life:
    """Prepare each week in the week before, for as long as the story lasts."""
    while True:
        monday = story.day() + timedelta(days=7 - story.day().weekday())
        yield datetime.combine(monday - timedelta(days=4), time(8), VIETNAM)
        story.follow(_one_week(story, story.town.committee(), monday))
        yield datetime.combine(monday, time(7), VIETNAM)


def _one_week(story: Story, agency_id: AgencyId, monday: date) -> Life:
    cases, town = story.house.use_cases.schedules, story.town
    clerk = town.clerk(agency_id)
    schedule_id = cases.open(agency_id, monday, clerk)
    leaders = town.holders(agency_id, Role.LEADER)
    for _each in range(story.chance.randint(6, 10)):
        _add(story, schedule_id, monday, leaders)
    yield 3.0
    yield from _publish(story, schedule_id, may_return=True)
    story.note("schedules")
    if story.happens(_CHANGED):
        yield datetime.combine(monday + timedelta(days=1), time(8, 30), VIETNAM)
        changed = cases.change(schedule_id, clerk, "Lãnh đạo họp đột xuất.")
        _add(story, changed, monday, leaders)
        yield 1.0
        yield from _publish(story, changed, may_return=False)
        story.note("schedules republished")


def _publish(story: Story, schedule_id: ScheduleId, *, may_return: bool) -> Life:
    cases, town = story.house.use_cases.schedules, story.town
    agency_id = town.committee()
    clerk, leader = town.clerk(agency_id), town.leader(agency_id)
    _submit(story, schedule_id)
    yield story.chance.uniform(0.5, 2)
    if may_return and story.happens(_RETURNED):
        reason = "Bổ sung đơn vị chuẩn bị nội dung."
        cases.send_back(town.task(leader, schedule_id), leader, reason)
        story.note("schedules returned")
        yield 1.0
        _submit(story, schedule_id)
        yield 0.5
    cases.approve(town.task(leader, schedule_id), leader)
    yield 0.5
    cases.publish(town.task(clerk, schedule_id), clerk, story.pin)


def _submit(story: Story, schedule_id: ScheduleId) -> None:
    clerk = story.town.clerk(story.town.committee())
    with story.house.start_reading() as work:
        week = work.schedules.read_week(schedule_id)
    clashes = frozenset(each.id for each in find_clashes(week.entries))
    story.house.use_cases.schedules.submit(
        story.town.task(clerk, schedule_id), clerk, confirmed=clashes, to_city=True
    )


def _add(story: Story, schedule_id: ScheduleId, monday: date, leaders: list[PersonId]) -> None:
    chance, town = story.chance, story.town
    team = chance.choice(town.teams(town.committee()))
    part = chance.choice(list(DayPart))
    hour = chance.choice((8, 9) if part is DayPart.MORNING else (14, 15))
    story.house.use_cases.schedules.add_entry(
        schedule_id,
        EntryText(
            day=monday + timedelta(days=chance.randint(0, 4)),
            part=part,
            starts_at=time(hour),
            content=f"Làm việc về {chance.choice(MATTERS).subject}",
            leader_ids=(chance.choice(leaders),),
            participants="Lãnh đạo các cơ quan liên quan",
            place=f"Phòng họp số {chance.randint(1, 4)}",
            preparing="Văn phòng",
        ),
        town.actor(team.head),
    )
