"""Check an order before it becomes an assignment: who gives it, to whom, and by when.

Who may give what to whom: a leader of an agency to its units and its people; a leader of a body
above, such as the city's committee, to the agencies below; a head of a unit to the people of the
unit. Whoever leads an assignment may give parts of it on, within the same reach.

Source: Decree 30/2020/NĐ-CP, Art. 23; Decision 42/2014/QĐ-TTg.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from engine.calendar.working_time import WorkingCalendar
from engine.clock import local
from engine.errors import ErrorCode, InvalidInputError, NotPermittedError
from engine.model.assignment import (
    MAX_CONTENT_CHARS,
    Assignment,
    AssignmentState,
    Order,
    Party,
)
from engine.model.organisation import Actor, AgencyId, PersonId, Post, Power, Role
from engine.model.remarks import clean_remark
from engine.ports import Organisation, UnitOfWork

MAX_PRODUCT_CHARS = 300
#: A deadline further off is a mistake.
_LONGEST = timedelta(days=366 * 5)
#: Agencies that may stand above one another; a table that says more is in a circle.
_MAX_LEVELS = 8
_TRACKERS = frozenset({Role.DESK_OFFICER, Role.DIVISION_HEAD})
_GIVERS = frozenset({Role.LEADER, Role.DIVISION_HEAD})


@dataclass(frozen=True, kw_only=True)
class Giver:
    """Hold in whose name, and by which post, an assignment is given."""

    person_id: PersonId
    full_name: str
    post: Post


def one_lead(parties: Sequence[Party]) -> Party:
    """Return the one lead of those named as leads.

    Raises:
        InvalidInputError: code ASSIGNMENT_LEAD_MISSING for none, ASSIGNMENT_LEADS for several.
    """
    if not parties:
        raise InvalidInputError("no lead", code=ErrorCode.ASSIGNMENT_LEAD_MISSING, field="lead")
    if len(parties) > 1:
        raise InvalidInputError("two leads", code=ErrorCode.ASSIGNMENT_LEADS, field="lead")
    return parties[0]


def clean_order(order: Order) -> Order:
    """Return an order with its words as they may be stored, and its parties looked over.

    Raises:
        InvalidInputError: no content, too long, classified; codes of `Order.check_parties`.
    """
    order.check_parties()
    return replace(
        order,
        content=clean_remark(order.content, field="content", max_chars=MAX_CONTENT_CHARS),
        quoted=clean_remark(
            order.quoted, field="quoted", max_chars=MAX_CONTENT_CHARS, required=False
        ),
        product=clean_remark(
            order.product, field="product", max_chars=MAX_PRODUCT_CHARS, required=False
        ),
    )


def find_giver(
    work: UnitOfWork,
    order: Order,
    actor: Actor,
    day: date,
    *,
    agency_id: AgencyId | None = None,
) -> Giver:
    """Return in whose name the actor may give an order.

    What is done with a task of somebody they stand in for is given in that person's name; their
    own name comes first otherwise.

    Args:
        agency_id: agency it is given for; None when any post of theirs will do.

    Raises:
        NotPermittedError: code ASSIGNMENT_REACH; neither they nor whom they stand in for may
            give this lead and these co-operators something.
    """

    def reaches_all(post: Post) -> bool:
        parties = (order.lead, *order.cooperators)
        return agency_id in {None, post.agency_id} and all(
            reaches(work.organisation, post, party, day) for party in parties
        )

    noted = work.deputies.find(actor.person_id)
    # Whoever has left the agency gives nothing new: who succeeds them does, by an own post.
    if noted is not None and not (noted.delegation_id and noted.covers(Power.DIRECT)):
        noted = None
    for post in actor.posts if noted is None else ():
        if reaches_all(post):
            return Giver(person_id=actor.person_id, full_name=actor.full_name, post=post)
    for stand_in in actor.stands_in if noted is None else (noted,):
        if stand_in.covers(Power.DIRECT) and reaches_all(stand_in.post):
            if noted is None:
                work.deputies.act_for(
                    actor,
                    stand_in.giver_id,
                    power=Power.DIRECT,
                    agency_id=stand_in.post.agency_id,
                    day=day,
                )
            return Giver(
                person_id=stand_in.giver_id,
                full_name=stand_in.giver_name,
                post=stand_in.post,
            )
    raise NotPermittedError(
        f"{actor.person_id} may not give this",
        code=ErrorCode.ASSIGNMENT_REACH,
        predicate="reaches_party",
    )


def may_give(actor: Actor) -> bool:
    """Tell whether the actor may give anything to anybody, in their own name or another's."""
    return any(post.role in _GIVERS for post in actor.posts) or any(
        stand_in.covers(Power.DIRECT) and stand_in.post.role in _GIVERS
        for stand_in in actor.stands_in
    )


def reaches(organisation: Organisation, post: Post, party: Party, day: date) -> bool:
    """Tell whether the holder of a post may give something to a party."""
    if post.role is Role.DIVISION_HEAD:
        return (
            party.person_id is not None
            and party.agency_id == post.agency_id
            and post.unit_id is not None
            and any(
                each.unit_id == post.unit_id
                for each in organisation.list_posts_of(party.person_id, day)
            )
        )
    if post.role is not Role.LEADER:
        return False
    is_whole_agency = party.unit_id is None and party.person_id is None
    if party.agency_id == post.agency_id:
        # The agency as a whole is those who lead it: nobody gives that to themselves.
        return not is_whole_agency
    return is_whole_agency and post.agency_id in _list_above(organisation, party.agency_id)


def fit_party(organisation: Organisation, party: Party, giver: Giver, day: date) -> Party:
    """Return a party with the unit of its person filled in, once it is sure somebody is there.

    Raises:
        InvalidInputError: code ASSIGNMENT_NOBODY; there is nobody to do it. Code
            PERSON_UNSUITABLE; it is the giver, or nobody but the giver acts for it.
        NotFoundError: there is no such agency, unit or person.
    """
    name = party_name(organisation, party)
    holders = list_holders(organisation, party, day)
    if giver.person_id == party.person_id or holders == [giver.person_id]:
        raise InvalidInputError(
            "the giver is the one asked",
            code=ErrorCode.PERSON_UNSUITABLE,
            name=giver.full_name,
            why="oneself",
            field="lead",
        )
    if not holders:
        raise InvalidInputError(
            f"nobody holds {name}", code=ErrorCode.ASSIGNMENT_NOBODY, name=name, field="lead"
        )
    if party.person_id is None:
        return party
    posts = [
        post
        for post in organisation.list_posts_of(party.person_id, day)
        if post.agency_id == party.agency_id
    ]
    units = [post.unit_id for post in posts]
    return replace(party, unit_id=party.unit_id if party.unit_id in units else units[0])


def party_name(organisation: Organisation, party: Party) -> str:
    """Return how a party is named to people."""
    if party.person_id is not None:
        return organisation.get_person(party.person_id).full_name
    if party.unit_id is not None:
        return organisation.get_unit(party.unit_id).name
    return organisation.get_agency(party.agency_id).name


def list_holders(organisation: Organisation, party: Party, day: date) -> list[PersonId]:
    """Return who acts for a party: the leaders, the heads of the unit, or the person."""
    if party.person_id is not None:
        posts = organisation.list_posts_of(party.person_id, day)
        is_there = any(post.agency_id == party.agency_id for post in posts)
        return [party.person_id] if is_there else []
    role = Role.LEADER if party.unit_id is None else Role.DIVISION_HEAD
    return list(
        dict.fromkeys(
            post.person_id
            for post in organisation.list_posts(party.agency_id, day, role=role)
            if party.unit_id is None or post.unit_id == party.unit_id
        )
    )


def check_deadline(
    due_on: date | None, *, no_deadline: bool, now: datetime, calendar: WorkingCalendar
) -> None:
    """Check that a deadline is a working day to come, or that there is none on purpose.

    Raises:
        InvalidInputError: codes ASSIGNMENT_DEADLINE_MISSING, _PAST and _OFF; the latter two name
            the next working day as `next`.
    """
    today = local(now).date()
    if (due_on is None) != no_deadline:
        raise InvalidInputError(
            "a deadline or none", code=ErrorCode.ASSIGNMENT_DEADLINE_MISSING, field="due_on"
        )
    if due_on is None:
        return
    if due_on > today + _LONGEST:
        raise InvalidInputError(f"deadline {due_on}", field="due_on")
    if due_on < today:
        raise _bad_day(ErrorCode.ASSIGNMENT_DEADLINE_PAST, due_on, today, calendar)
    if not calendar.is_working_day(due_on):
        raise _bad_day(ErrorCode.ASSIGNMENT_DEADLINE_OFF, due_on, due_on, calendar)


def check_parent(parent: Assignment, order: Order, giver: Giver) -> None:
    """Check that an order may be given as a part of another assignment.

    Raises:
        ConflictError: code ASSIGNMENT_STATE; the other is over or reported done.
        NotPermittedError: code ASSIGNMENT_PARENT; the giver does not lead it.
        InvalidInputError: code ASSIGNMENT_DEADLINE_PARENT; it would end later than the whole.
    """
    parent.check_state(AssignmentState.GIVEN, AssignmentState.ACCEPTED)
    post = giver.post
    leads_agency = parent.lead.unit_id is None and post.role is Role.LEADER
    leads_unit = parent.lead.unit_id is not None and post.unit_id == parent.lead.unit_id
    is_lead = parent.lead.person_id is None and parent.lead.agency_id == post.agency_id
    if not (is_lead and (leads_agency or leads_unit)):
        raise NotPermittedError(
            f"{giver.person_id} does not lead {parent.id}",
            code=ErrorCode.ASSIGNMENT_PARENT,
            predicate="leads_parent",
        )
    check_within(parent, order.due_on, field="due_on")


def check_within(parent: Assignment, due_on: date | None, *, field: str) -> None:
    """Check that a part of an assignment ends no later than the whole.

    Raises:
        InvalidInputError: code ASSIGNMENT_DEADLINE_PARENT; `latest` is the day of the whole.
    """
    if parent.due_on is not None and (due_on is None or due_on > parent.due_on):
        raise InvalidInputError(
            f"{due_on} is beyond {parent.due_on}",
            code=ErrorCode.ASSIGNMENT_DEADLINE_PARENT,
            latest=parent.due_on.strftime("%d/%m/%Y"),
            field=field,
        )


def check_tracker(
    organisation: Organisation, tracker_id: PersonId | None, giver: Giver, day: date
) -> None:
    """Check that whoever follows an assignment up works in the giver's agency.

    Raises:
        InvalidInputError: code PERSON_UNSUITABLE; they are no officer and no head of a unit there.
    """
    if tracker_id is None:
        return
    posts = organisation.list_posts_of(tracker_id, day)
    if not any(
        post.agency_id == giver.post.agency_id and post.role in _TRACKERS for post in posts
    ):
        named = organisation.list_people({tracker_id}) if posts else ()
        raise InvalidInputError(
            f"{tracker_id[:64]} tracks nothing here",
            code=ErrorCode.PERSON_UNSUITABLE,
            name=named[0].full_name if named else "–",
            why="no_post",
            field="tracker_id",
        )


def next_working_day(day: date, calendar: WorkingCalendar) -> date:
    """Return `day`, or the next working day after it."""
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return day


def _bad_day(
    code: ErrorCode, due_on: date, since: date, calendar: WorkingCalendar
) -> InvalidInputError:
    return InvalidInputError(
        f"deadline {due_on}",
        code=code,
        due_on=due_on.strftime("%d/%m/%Y"),
        next=next_working_day(since, calendar).strftime("%d/%m/%Y"),
        field="due_on",
    )


def _list_above(organisation: Organisation, agency_id: AgencyId) -> Iterator[AgencyId]:
    """Yield the agencies above one, the nearest first."""
    above = organisation.get_agency(agency_id).parent_id
    for _level in range(_MAX_LEVELS):
        if above is None:
            return
        yield above
        above = organisation.get_agency(above).parent_id
