"""Compose what the paper of a week says."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from engine.model.organisation import Actor, AgencyId, PersonId, Post, Role
from engine.model.schedule import (
    Week,
)
from engine.model.schedule_entries import ScheduleEntry
from engine.ports import UnitOfWork
from engine.ports_schedules import SchedulePaper
from workflows.schedule.weeks import list_leaders


def compose_paper(work: UnitOfWork, week: Week, *, approver: str, at: datetime) -> SchedulePaper:
    """Return the paper of a version, with the names of everybody its entries concern."""
    agency_id = week.schedule.agency_id
    leaders = list_leaders(work, agency_id, at)
    return SchedulePaper(
        agency=work.organisation.get_agency(agency_id),
        week=week,
        leaders=[(post.person_id, post.title) for post in leaders],
        names=name_people(work, leaders, (*week.entries, *week.base)),
        approver=approver,
        at=at,
    )


def name_people(
    work: UnitOfWork, leaders: Sequence[Post], entries: Iterable[ScheduleEntry]
) -> Mapping[PersonId, str]:
    """Return how leaders, and everybody the entries concern, are named: title and full name."""
    titles = {post.person_id: post.title for post in leaders}
    wanted = set(titles).union(*(entry.text.leader_ids for entry in entries))
    # Somebody who is no leader is named without a title.
    return {
        person.id: f"{titles.get(person.id, '')} {person.full_name}".strip()
        for person in work.organisation.list_people(wanted)
    }


def approver_line(work: UnitOfWork, actor: Actor, agency_id: AgencyId) -> str:
    """Return who approves a week, as its paper names them: title and full name.

    Whoever does it for a leader who is away, as found when the task was, is named with them.
    """
    stand_in = work.deputies.find(actor.person_id)
    if stand_in is not None:
        giver = f"{stand_in.post.title} {stand_in.giver_name}"
        return f"{actor.full_name} (thực hiện thay {giver})"
    for post in actor.posts:
        if post.agency_id == agency_id and post.role is Role.LEADER:
            return f"{post.title} {actor.full_name}"
    return actor.full_name
