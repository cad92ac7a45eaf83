"""Live the life of an assignment: accepted or returned, reported, extended, confirmed, or late."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from engine.model.assignment import Assignment, AssignmentId, Order, Party
from engine.model.document import DocumentId
from engine.model.organisation import Actor, AgencyId, PersonId
from engine.model.urgency import Urgency
from webui.quarter import letters
from webui.quarter.matters import MATTERS
from webui.quarter.story import Life, Story
from webui.quarter.town import Team

_RETURNED = 0.03
_FORGOTTEN = 0.07
_SLOW = 0.16
_ASKS_FOR_TIME = 0.45
_GRANTED = 0.8
_GIVEN_ON = 0.5
_SENT_BACK = 0.06
_PRODUCTS = ("văn bản trả lời", "báo cáo", "kế hoạch", "")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Hold to whom the lead of an assignment writes an answer, as its evidence."""

    agency_id: AgencyId
    subject: str


def live(story: Story, agency_id: AgencyId) -> Life:
    """Let a leader give an assignment of their own; then live it.

    The city's committee gives to agencies, an agency to its units and officers.
    """
    is_city = agency_id == story.town.committee()
    lead, *helpers = _agencies(story) if is_city else _units(story, agency_id)
    due_on = some_deadline(story)
    matter = story.chance.choice(MATTERS)
    assignment_id = story.house.use_cases.give_assignment(
        story.town.leader(agency_id),
        Order(
            content=f"{matter.asks[0].upper()}{matter.asks[1:]}.",
            lead=lead,
            cooperators=tuple(helpers),
            due_on=due_on,
            no_deadline=due_on is None,
            product=story.chance.choice(_PRODUCTS),
            urgency=story.chance.choice((Urgency.NORMAL, Urgency.NORMAL, Urgency.URGENT)),
        ),
    )
    story.note("assignments")
    yield from do(story, assignment_id)


def _agencies(story: Story) -> list[Party]:
    """Return one agency that leads and up to two that help."""
    committee = story.town.committee()
    below = [each.id for each in story.town.agencies() if each.parent_id == committee]
    chosen = story.chance.sample(below, story.chance.choice((1, 2, 3)))
    return [Party(agency_id=each) for each in chosen]


def _units(story: Story, agency_id: AgencyId) -> list[Party]:
    """Return a unit or an officer who leads, and sometimes a unit that helps."""
    teams = story.chance.sample(list(story.town.teams(agency_id)), 1 + story.happens(0.35))
    first, *others = teams
    officer = story.chance.choice(first.officers) if story.happens(0.3) else None
    return [
        Party(agency_id=agency_id, unit_id=first.unit_id, person_id=officer),
        *(Party(agency_id=agency_id, unit_id=each.unit_id) for each in others),
    ]


def some_deadline(story: Story) -> date | None:
    """Return a working day to come, or None where there is none on purpose."""
    if story.happens(0.08):
        return None
    day = story.day() + timedelta(days=story.chance.randint(4, 24))
    while not story.calendar.is_working_day(day):
        day += timedelta(days=1)
    return day


def do(story: Story, assignment_id: AssignmentId, answer: Answer | None = None) -> Life:
    """Live an assignment that has been given, by whoever leads it."""
    cases = story.house.use_cases
    _begin_helpers(story, assignment_id)
    yield story.chance.uniform(0.5, 7)
    if story.happens(_RETURNED):
        yield from _return(story, assignment_id)
    cases.accept_assignment(assignment_id, lead_of(story, assignment_id))
    if story.happens(_FORGOTTEN):
        story.note("forgotten")
        return
    yield from _give_on(story, assignment_id)
    yield from _work(story, assignment_id)
    evidence = ""
    if answer is not None:
        sent: list[DocumentId] = []
        yield from letters.live(story, _answer_letter(story, assignment_id, answer, sent.append))
        evidence = sent[0]
    yield from _finish(story, assignment_id, evidence)


def lead_of(story: Story, assignment_id: AssignmentId) -> Actor:
    """Return who acts for the lead of an assignment now."""
    lead = assignment_of(story, assignment_id).lead
    return story.town.actor(_holder(story, lead))


def assignment_of(story: Story, assignment_id: AssignmentId) -> Assignment:
    """Return an assignment as it is now."""
    with story.house.start_reading() as work:
        return work.assignments.get(assignment_id)


def _holder(story: Story, party: Party) -> PersonId:
    if party.person_id is not None:
        return party.person_id
    if party.unit_id is not None:
        return _team(story, party).head
    return story.town.leader(party.agency_id).person_id


def _team(story: Story, party: Party) -> Team:
    team = story.town.team_of(party.agency_id, party.unit_id) if party.unit_id else None
    return team or story.town.teams(party.agency_id)[0]


def _begin_helpers(story: Story, assignment_id: AssignmentId) -> None:
    for party in assignment_of(story, assignment_id).cooperators:
        story.follow(_help(story, assignment_id, party))


def _help(story: Story, assignment_id: AssignmentId, party: Party) -> Life:
    yield story.chance.uniform(6, 50)
    if assignment_of(story, assignment_id).completed_at is None and story.happens(0.85):
        helper = story.town.actor(_holder(story, party))
        text = "Đã gửi số liệu và ý kiến thuộc lĩnh vực phụ trách."
        story.house.use_cases.contribute(assignment_id, helper, text)
        story.note("contributions")


def _return(story: Story, assignment_id: AssignmentId) -> Life:
    """Return it as another's business; the assigner insists a little later."""
    cases = story.house.use_cases
    reason = "Nội dung không thuộc chức năng, nhiệm vụ được giao."
    cases.return_assignment(assignment_id, lead_of(story, assignment_id), reason)
    story.note("assignments returned")
    yield story.chance.uniform(1, 10)
    assigner = story.town.actor(assignment_of(story, assignment_id).assigner_id)
    insists = "Đúng chức năng theo quy chế làm việc, đề nghị thực hiện."
    cases.reopen_assignment(assignment_id, assigner, insists)
    yield story.chance.uniform(1, 6)


def _give_on(story: Story, assignment_id: AssignmentId) -> Life:
    """Let a head give the work, or an agency's leader a unit a part of it, and wait for it."""
    assignment = assignment_of(story, assignment_id)
    lead = assignment.lead
    is_over = assignment.due_on is not None and assignment.due_on <= story.day()
    is_kept = lead.unit_id is not None and not story.happens(_GIVEN_ON)
    if lead.person_id is not None or is_over or is_kept:
        return
    team = _team(story, lead)
    person_id = story.chance.choice(team.officers) if lead.unit_id is not None else None
    part = Party(agency_id=lead.agency_id, unit_id=team.unit_id, person_id=person_id)
    child = story.house.use_cases.give_assignment(
        lead_of(story, assignment_id),
        Order(
            content=f"Tham mưu thực hiện: {assignment.content}"[:1900],
            lead=part,
            due_on=assignment.due_on,
            no_deadline=assignment.due_on is None,
            parent_id=assignment_id,
        ),
    )
    story.note("assignments")
    yield from do(story, child)
    while assignment_of(story, child).completed_at is None:
        # Whoever forgot is reminded by the deadline of the whole; some are later than that.
        yield 16.0
        if story.happens(0.3):
            yield from _finish(story, child, "")


def _work(story: Story, assignment_id: AssignmentId) -> Life:
    """Work until the deadline nears or, for the slow, is over."""
    assignment = assignment_of(story, assignment_id)
    left = (assignment.due_on - story.day()).days if assignment.due_on else 15
    is_slow = story.happens(_SLOW)
    days = max(left, 0) + story.chance.randint(1, 12) if is_slow else max(left, 1) * 0.6
    hours = days * 8 * 5 / 7
    yield hours * 0.5
    _report(story, assignment_id, 50)
    if is_slow and assignment.due_on is not None and story.happens(_ASKS_FOR_TIME):
        yield from _ask_for_time(story, assignment_id)
    yield hours * 0.5


def _report(story: Story, assignment_id: AssignmentId, percent: int) -> None:
    text = "Đã tổng hợp số liệu của các đơn vị, đang hoàn thiện dự thảo."
    lead = lead_of(story, assignment_id)
    story.house.use_cases.report_progress(assignment_id, lead, text, percent=percent)
    story.note("reports")


def _ask_for_time(story: Story, assignment_id: AssignmentId) -> Life:
    """Ask for more time, as long as the deadline is not over."""
    assignment = assignment_of(story, assignment_id)
    due_on = assignment.due_on
    # A part is never given longer than the whole.
    if due_on is None or story.day() > due_on or assignment.parent_id is not None:
        return
    new_day = due_on + timedelta(days=story.chance.randint(5, 12))
    while not story.calendar.is_working_day(new_day):
        new_day += timedelta(days=1)
    cases = story.house.use_cases
    reason = "Số liệu của một số đơn vị gửi chậm, cần thêm thời gian đối chiếu."
    lead = lead_of(story, assignment_id)
    extension_id = cases.ask_extension(assignment_id, lead, reason, new_due_on=new_day)
    story.note("extensions asked")
    yield story.chance.uniform(1, 8)
    assigner = story.town.actor(assignment.assigner_id)
    granted = story.happens(_GRANTED)
    cases.decide_extension(
        extension_id,
        assigner,
        granted=granted,
        due_on=new_day if granted else None,
        note="" if granted else "Việc gấp, đề nghị bảo đảm thời hạn.",
    )
    story.note("extensions granted" if granted else "extensions refused")


def _finish(story: Story, assignment_id: AssignmentId, evidence: str) -> Life:
    """Report it done and let the assigner confirm; some are sent back once."""
    cases, town = story.house.use_cases, story.town
    done = "Đã hoàn thành, kết quả gửi kèm." if evidence else "Đã hoàn thành theo yêu cầu."
    cases.report_completion(assignment_id, lead_of(story, assignment_id), done, evidence=evidence)
    yield story.chance.uniform(0.5, 12)
    assigner = town.actor(assignment_of(story, assignment_id).assigner_id)
    if story.happens(_SENT_BACK):
        cases.reopen_assignment(assignment_id, assigner, "Bổ sung số liệu của các đơn vị.")
        story.note("assignments sent back")
        yield story.chance.uniform(4, 16)
        cases.report_completion(
            assignment_id, lead_of(story, assignment_id), done, evidence=evidence
        )
        yield story.chance.uniform(0.5, 6)
    cases.confirm_completion(assignment_id, assigner)
    story.note("assignments completed")


def _answer_letter(
    story: Story,
    assignment_id: AssignmentId,
    answer: Answer,
    then: Callable[[DocumentId], None],
) -> letters.Letter:
    """Return the letter that answers what the assignment came from."""
    lead = assignment_of(story, assignment_id).lead
    team = _team(story, lead)
    officer = lead.person_id if lead.person_id in team.officers else team.officers[0]
    return letters.answer(
        story,
        lead.agency_id,
        team,
        officer,
        to=answer.agency_id,
        subject=answer.subject,
        then=then,
    )
