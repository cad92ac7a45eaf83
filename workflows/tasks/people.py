"""Check whom a task may be given to, and whose opinion may be asked."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from engine.errors import ErrorCode, InvalidInputError
from engine.model.organisation import Actor, AgencyId, PersonId, Post, Role, UnitId
from engine.ports import Organisation
from engine.process.model import WorkItem


class Unsuitable(StrEnum):
    """Name why a person or a unit is not the one."""

    ONESELF = "oneself"
    ASKED_ALREADY = "asked_already"
    NO_POST = "no_post"
    NO_HEAD = "no_head"
    HAS_IT_ALREADY = "has_it_already"
    OTHER_ROLE = "other_role"


def unsuitable(why: Unsuitable, name: str, *, field: str) -> InvalidInputError:
    """Return the error that refuses somebody, with their name and why."""
    return InvalidInputError(
        f"{name}: {why}", code=ErrorCode.PERSON_UNSUITABLE, name=name, why=why, field=field
    )


def list_holders(organisation: Organisation, task: WorkItem, day: date) -> Iterator[Post]:
    """Yield the posts whose holders may be given a task: its role, agency and unit."""
    for post in organisation.list_posts(task.agency_id, day, role=task.role):
        is_of_unit = task.unit_id is None or post.unit_id == task.unit_id
        if is_of_unit and post.person_id != task.person_id:
            yield post


def check_holder(
    organisation: Organisation, task: WorkItem, person_id: PersonId, day: date
) -> None:
    """Check that a person may be given a task.

    Raises:
        InvalidInputError: code PERSON_UNSUITABLE; they have it already, or hold another role.
    """
    name = organisation.get_person(person_id).full_name
    if person_id == task.person_id:
        raise unsuitable(Unsuitable.HAS_IT_ALREADY, name, field="person_id")
    if person_id not in {post.person_id for post in list_holders(organisation, task, day)}:
        raise unsuitable(Unsuitable.OTHER_ROLE, name, field="person_id")


def check_person_asked(
    organisation: Organisation,
    agency_id: AgencyId,
    person_id: PersonId,
    *,
    asker: Actor,
    day: date,
) -> str:
    """Check that a person of the agency may be asked; return their name.

    Raises:
        InvalidInputError: code PERSON_UNSUITABLE; the asker, or not of the agency today.
        NotFoundError: there is no such person.
    """
    name = organisation.get_person(person_id).full_name
    if person_id == asker.person_id:
        raise unsuitable(Unsuitable.ONESELF, name, field="people")
    posts = organisation.list_posts_of(person_id, day)
    if not any(post.agency_id == agency_id for post in posts):
        raise unsuitable(Unsuitable.NO_POST, name, field="people")
    return name


def check_unit_asked(
    organisation: Organisation, agency_id: AgencyId, unit_id: UnitId, *, asker: Actor, day: date
) -> str:
    """Check that a unit of the agency may be asked; return its name.

    Raises:
        InvalidInputError: code PERSON_UNSUITABLE; a unit of another agency, one nobody heads
            today, or the one the asker heads.
        NotFoundError: there is no such unit.
    """
    unit = organisation.get_unit(unit_id)
    if unit.agency_id != agency_id or not unit.validity.covers(day):
        raise unsuitable(Unsuitable.NO_POST, unit.name, field="units")
    if asker.has_role(Role.DIVISION_HEAD, agency_id, unit_id):
        raise unsuitable(Unsuitable.ONESELF, unit.name, field="units")
    heads = organisation.list_posts(agency_id, day, role=Role.DIVISION_HEAD)
    if not any(post.unit_id == unit_id for post in heads):
        raise unsuitable(Unsuitable.NO_HEAD, unit.name, field="units")
    return unit.name
