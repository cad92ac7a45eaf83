"""Live the life of a meeting: planned, answered, held, concluded; its conclusions are assigned."""

from dataclasses import replace
from datetime import datetime, timedelta

from engine.clock import VIETNAM
from engine.errors import ConflictError
from engine.model.assignment import Order
from engine.model.meeting import (
    MEETING_PROCEDURE,
    Answer,
    Guest,
    Invitee,
    Meeting,
    MeetingId,
    MeetingPlan,
    Substitute,
)
from engine.model.organisation import Actor, AgencyId
from webui.quarter import letters, orders
from webui.quarter.matters import MATTERS
from webui.quarter.story import Life, Story
from workflows.meeting.conclude_meeting import propose_orders

_CANCELLED = 0.06
_SILENT = 0.1
_DECLINED = 0.08
_SUBSTITUTED = 0.2
_DECIDES = 0.5


def live(story: Story, agency_id: AgencyId) -> Life:
    """Plan a meeting of units or agencies, invite, hold it and write down what came of it."""
    town, cases = story.town, story.house.use_cases.meetings
    planner = town.actor(story.chance.choice(town.teams(agency_id)).head)
    meeting_id = _plan(story, agency_id, planner)
    story.note("meetings")
    yield story.chance.uniform(0.5, 3)
    cases.invite(town.task(planner, meeting_id, MEETING_PROCEDURE), planner, confirm_clash=True)
    for invitee in _invitees(story, meeting_id):
        story.follow(_reply(story, invitee))
    if story.happens(_CANCELLED):
        yield 8.0
        cases.cancel(
            town.task(planner, meeting_id, MEETING_PROCEDURE),
            planner,
            "Lãnh đạo chủ trì họp đột xuất.",
        )
        story.note("meetings cancelled")
        return
    yield _meeting(story, meeting_id).plan.ends_at + timedelta(minutes=30)
    yield from _conclude(story, meeting_id, planner)


def _plan(story: Story, agency_id: AgencyId, planner: Actor) -> MeetingId:
    chance, town = story.chance, story.town
    starts_at = _some_time(story)
    matter = chance.choice(MATTERS)
    return story.house.use_cases.meetings.plan(
        planner,
        MeetingPlan(
            agency_id=agency_id,
            unit_id=planner.posts[0].unit_id,
            title=f"Họp về {matter.subject}",
            chair_id=town.leader(agency_id).person_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=chance.choice((1, 2, 3))),
            reply_by=starts_at - timedelta(hours=16),
            place="Trụ sở cơ quan",
            room=f"Phòng họp số {chance.randint(1, 4)}",
        ),
        _guests(story, agency_id),
        confirm_clash=True,
    )


def _some_time(story: Story) -> datetime:
    day = story.day() + timedelta(days=story.chance.randint(3, 7))
    while not story.calendar.is_working_day(day):
        day += timedelta(days=1)
    return datetime(
        day.year, day.month, day.day, story.chance.choice((8, 9, 14)), 0, tzinfo=VIETNAM
    )


def _guests(story: Story, agency_id: AgencyId) -> tuple[Guest, ...]:
    """Return units of the agency, and for some meetings other agencies too."""
    chance, town = story.chance, story.town
    guests = [Guest(agency_id=agency_id, unit_id=team.unit_id) for team in town.teams(agency_id)]
    if story.happens(0.4):
        others = [each.id for each in town.agencies() if each.id != agency_id]
        guests += [Guest(agency_id=each) for each in chance.sample(others, 3)]
    return tuple(guests)


def _meeting(story: Story, meeting_id: MeetingId) -> Meeting:
    with story.house.start_reading() as work:
        return work.meetings.get(meeting_id)


def _invitees(story: Story, meeting_id: MeetingId) -> list[Invitee]:
    with story.house.start_reading() as work:
        return list(work.meetings.list_invitees(meeting_id))


def _reply(story: Story, invitee: Invitee) -> Life:
    yield story.chance.uniform(0.5, 10)
    if story.happens(_SILENT):
        return
    actor = _who_answers(story, invitee)
    reply = story.house.use_cases.meetings.reply
    try:
        if story.happens(_DECLINED):
            reply(invitee.id, actor, Answer.DECLINE, reason="Trùng lịch công tác.")
        elif story.happens(_SUBSTITUTED):
            someone = Substitute(name="Phó Trưởng phòng", title="cử dự thay", phone="")
            reply(invitee.id, actor, Answer.SUBSTITUTE, substitute=someone, confirm_clash=True)
        else:
            reply(invitee.id, actor, Answer.ATTEND, confirm_clash=True)
    except ConflictError:
        # It was cancelled, or has begun, before they came to answer: the page says so too.
        story.note("replies too late")
        return
    story.note("replies")


def _who_answers(story: Story, invitee: Invitee) -> Actor:
    if invitee.unit_id is None:
        return story.town.leader(invitee.agency_id)
    team = story.town.team_of(invitee.agency_id, invitee.unit_id)
    if team is None:
        raise ValueError(f"nobody answers for {invitee.unit_id}")
    return story.town.actor(team.head)


def _conclude(story: Story, meeting_id: MeetingId, planner: Actor) -> Life:
    """Write the minutes; where something was decided, issue its notice and give its orders."""
    town, cases = story.town, story.house.use_cases.meetings
    decides = story.happens(_DECIDES)
    cases.record_minutes(
        town.task(planner, meeting_id, MEETING_PROCEDURE),
        planner,
        minutes="Các đơn vị báo cáo kết quả thực hiện, nêu khó khăn và kiến nghị.",
        conclusions=_conclusions(story, meeting_id) if decides else "",
        present={each.id for each in _invitees(story, meeting_id) if each.comes()},
        confirm_empty=True,
    )
    story.note("meetings held")
    yield story.chance.uniform(1, 6)
    if decides:
        yield from letters.live(story, _notice(story, meeting_id, planner))
    cases.conclude(town.task(planner, meeting_id, MEETING_PROCEDURE), planner)
    if decides:
        yield story.chance.uniform(0.5, 6)
        _give_orders(story, meeting_id)


def _notice(story: Story, meeting_id: MeetingId, planner: Actor) -> letters.Letter:
    town, agency_id = story.town, _meeting(story, meeting_id).plan.agency_id
    unit_id = planner.posts[0].unit_id
    team = (town.team_of(agency_id, unit_id) if unit_id else None) or town.teams(agency_id)[0]
    officer = team.officers[0]
    drafted = story.house.use_cases.meetings.draft_conclusion(meeting_id, town.actor(officer))
    content = letters.document_of(story, drafted).content
    others = [each.id for each in town.agencies() if each.id != agency_id]
    return letters.Letter(
        agency_id=agency_id,
        team=team,
        officer=officer,
        content=replace(
            content,
            recipients=content.recipients or (story.chance.choice(others),),
            signatory_id=town.signatory(agency_id, content.kind, story.chance),
        ),
        document_id=drafted,
        is_answer=True,
    )


def _give_orders(story: Story, meeting_id: MeetingId) -> None:
    """Let the chair confirm what the notice gives to others, with a deadline where it has none."""
    meeting = _meeting(story, meeting_id)
    chair = story.town.actor(meeting.plan.chair_id)
    with story.house.start_reading() as work:
        proposed = propose_orders(work, meeting)
    given = story.house.use_cases.meetings.give_orders(
        story.town.task(chair, meeting_id, MEETING_PROCEDURE),
        chair,
        [
            Order(
                content=each.content,
                quoted=each.text,
                lead=each.lead,
                cooperators=each.cooperators,
                due_on=each.due_on,
                no_deadline=each.due_on is None,
            )
            for each in proposed
            if each.lead is not None
        ],
        left_reason="Đơn vị chủ trì chưa rõ." if any(not each.lead for each in proposed) else "",
    )
    for assignment_id in given:
        story.note("assignments")
        story.follow(orders.do(story, assignment_id))


def _conclusions(story: Story, meeting_id: MeetingId) -> str:
    """Return what was decided: each paragraph that begins with “Giao” is to become a task."""
    agency_id = _meeting(story, meeting_id).plan.agency_id
    day = story.day() + timedelta(days=story.chance.randint(10, 20))
    while not story.calendar.is_working_day(day):
        day += timedelta(days=1)
    with story.house.start_reading() as work:
        units = work.organisation.list_units(agency_id, story.day())
    lead, helper = story.chance.sample(list(units), 2)
    return (
        f"1. Giao {lead.name} chủ trì, phối hợp với {helper.name} tổng hợp báo cáo, trình lãnh "
        f"đạo cơ quan trước ngày {day.day:02d} tháng {day.month} năm {day.year}.\n"
        f"2. Giao {helper.name} rà soát, cập nhật số liệu, bảo đảm chính xác."
    )
