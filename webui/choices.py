"""List what people choose from: signatories, recipients, leaders, officers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.model.kinds import DocumentKind
from engine.model.organisation import Agency, AgencyId, AgencyKind, PersonId, Role
from engine.ports import UnitOfWork
from engine.text import name_sort_key
from webui.i18n import say
from webui.words import GROUPS

Choice = tuple[str, str]


@dataclass(frozen=True)
class RecipientGroup:
    """Hold the agencies of one kind as the form shows them."""

    label: str
    agencies: Sequence[Agency]


def list_signatories(
    work: UnitOfWork, agency_id: AgencyId, kind: DocumentKind, day: date
) -> list[Choice]:
    """Return who may sign `kind` for the agency on `day`, heads first, with form and fields."""
    names = {each.id: each.name for each in work.organisation.list_fields(agency_id, day)}
    people = {post.id: post.person_id for post in work.organisation.list_posts(agency_id, day)}
    chosen: dict[PersonId, str] = {}
    for authority in work.organisation.list_authorities(agency_id, day):
        person_id = people.get(authority.post_id)
        if person_id is None or person_id in chosen or not authority.allows(kind, day):
            continue
        name = work.organisation.get_person(person_id).full_name
        fields = "; ".join(sorted(names[each] for each in authority.fields if each in names))
        label = f"{name} — {', '.join(authority.lines)}"
        chosen[person_id] = f"{label} ({fields})" if fields else label
    return list(chosen.items())


def list_fields(work: UnitOfWork, agency_id: AgencyId, day: date) -> list[Choice]:
    """Return the agency's fields of work on `day`, by name."""
    return [(each.id, each.name) for each in work.organisation.list_fields(agency_id, day)]


def group_recipients(work: UnitOfWork, sender_id: AgencyId, day: date) -> list[RecipientGroup]:
    """Return every agency but the sender, by kind, in the order of codes."""
    agencies = [a for a in work.organisation.list_agencies(day) if a.id != sender_id]
    groups = [
        RecipientGroup(say(GROUPS[kind]), [a for a in agencies if a.kind is kind])
        for kind in AgencyKind
    ]
    return [group for group in groups if group.agencies]


def list_leaders(work: UnitOfWork, agency_id: AgencyId, day: date) -> list[Choice]:
    """Return the leaders of the agency with their titles, the head first."""
    order = [each.post_id for each in work.organisation.list_authorities(agency_id, day)]
    posts = sorted(
        work.organisation.list_posts(agency_id, day, role=Role.LEADER),
        key=lambda post: order.index(post.id) if post.id in order else len(order),
    )
    return [
        (
            post.person_id,
            f"{work.organisation.get_person(post.person_id).full_name} — {post.title}",
        )
        for post in posts
    ]


def group_officers(
    work: UnitOfWork, agency_id: AgencyId, day: date
) -> Mapping[str, Sequence[Choice]]:
    """Return who may be told to handle something, by unit, in the order of given names."""
    names = {person.id: person.full_name for person in work.organisation.list_people()}
    posts = work.organisation.list_posts(agency_id, day)
    groups: dict[str, list[Choice]] = {}
    for unit in work.organisation.list_units(agency_id, day):
        members = sorted(
            (post for post in posts if post.unit_id == unit.id),
            key=lambda post: name_sort_key(names[post.person_id]),
        )
        if members:
            groups[unit.name] = [
                (post.person_id, f"{names[post.person_id]} — {post.title}") for post in members
            ]
    return groups
