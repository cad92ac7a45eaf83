"""Know whom a meeting invites: their names, who hears of it for them, and who is asked how."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from engine.clock import local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.meeting import (
    INVITATION_PROCEDURE,
    MAX_INVITEES,
    Guest,
    Invitee,
    InviteeId,
    Meeting,
    MeetingId,
)
from engine.model.organisation import Actor, PersonId, Power, Role, StandIn
from engine.permissions import Permission, Subject, check_permitted, is_permitted
from engine.ports import Organisation, UnitOfWork
from engine.process.model import InstanceStatus, TaskId, WorkItem
from workflows.meeting.times import reminder_before, reply_reminder


def list_guests(
    organisation: Organisation, guests: Sequence[Guest], meeting_id: MeetingId, day: date
) -> list[Invitee]:
    """Return the invitees of a plan, each once, in its order.

    Raises:
        InvalidInputError: too many, or one that does not exist or belongs elsewhere.
        NotFoundError: an unknown agency, unit or person.
    """
    chosen = list(dict.fromkeys(guests))
    if len(chosen) > MAX_INVITEES:
        raise InvalidInputError(f"{len(chosen)} invitees", field="guests")
    names = _names(organisation, chosen, day)
    return [
        Invitee(
            id=InviteeId(uuid.uuid4().hex),
            meeting_id=meeting_id,
            position=position,
            agency_id=guest.agency_id,
            unit_id=guest.unit_id,
            person_id=guest.person_id,
            name=names[guest],
            call_id=uuid.uuid4().hex,
        )
        for position, guest in enumerate(chosen)
    ]


def _names(organisation: Organisation, guests: Sequence[Guest], day: date) -> Mapping[Guest, str]:
    """Return what each guest is called; agencies, units and posts are read once each."""
    agencies = {agency.id: agency for agency in organisation.list_agencies(day)}
    for guest in guests:
        if guest.agency_id not in agencies:
            raise _unknown(guest)
    units = {
        unit.id: unit
        for agency_id in {guest.agency_id for guest in guests if guest.unit_id}
        for unit in organisation.list_units(agency_id, day)
    }
    posts = {
        (post.agency_id, post.person_id): post
        for agency_id in {guest.agency_id for guest in guests if guest.person_id}
        for post in organisation.list_posts(agency_id, day)
    }
    names: dict[Guest, str] = {}
    for guest in guests:
        agency = agencies[guest.agency_id].name
        if guest.person_id is not None:
            post = posts.get((guest.agency_id, guest.person_id))
            if post is None:
                raise _unknown(guest)
            full_name = organisation.get_person(guest.person_id).full_name
            names[guest] = f"{full_name}, {post.title}, {agency}"
        elif guest.unit_id is not None:
            unit = units.get(guest.unit_id)
            if unit is None or unit.agency_id != guest.agency_id:
                raise _unknown(guest)
            names[guest] = f"{unit.name}, {agency}"
        else:
            names[guest] = agency
    return names


def _unknown(guest: Guest) -> InvalidInputError:
    name = guest.person_id or guest.unit_id or guest.agency_id
    return InvalidInputError(
        f"no guest {name}", code=ErrorCode.RECIPIENT_UNKNOWN, field="guests", recipient=name
    )


def list_told(organisation: Organisation, invitee: Invitee, day: date) -> list[PersonId]:
    """Return who hears of what concerns an invitee: the person, or who answers for them."""
    if invitee.person_id is not None:
        return [invitee.person_id]
    if invitee.unit_id is not None:
        heads = organisation.list_posts(invitee.agency_id, day, role=Role.DIVISION_HEAD)
        return [post.person_id for post in heads if post.unit_id == invitee.unit_id]
    clerks = organisation.list_posts(invitee.agency_id, day, role=Role.CLERK)
    leaders = organisation.list_posts(invitee.agency_id, day, role=Role.LEADER)
    return [post.person_id for post in (*leaders, *clerks)]


def list_going(organisation: Organisation, invitee: Invitee, day: date) -> list[PersonId]:
    """Return who is reminded of the meeting itself for an invitee who comes."""
    reply = invitee.reply
    if reply is None or not invitee.comes():
        return []
    if reply.substitute is not None and reply.substitute.person_id is not None:
        return [reply.substitute.person_id]
    return list_told(organisation, invitee, day)


def reply_subject(invitee: Invitee) -> Subject:
    """Return what is looked at to tell who answers for an invitee."""
    return Subject(
        agency_id=invitee.agency_id, unit_id=invitee.unit_id, person_id=invitee.person_id
    )


def answers_for(work: UnitOfWork, actor: Actor, invitee: Invitee, day: date) -> bool:
    """Tell whether the actor answers for an invitee: by right, or for who is away or has left."""
    own = is_permitted(Permission.MEETING_REPLY, actor, reply_subject(invitee))
    return own or _find_stand_in(work, actor, invitee, day) is not None


def check_answers(work: UnitOfWork, invitee: Invitee, actor: Actor, day: date) -> StandIn | None:
    """Check the same, and return for whom they answer; None is by their own right.

    From here on in this transaction the record has both names.

    Raises:
        NotPermittedError: they do not answer for the invitee.
    """
    subject = reply_subject(invitee)
    if is_permitted(Permission.MEETING_REPLY, actor, subject):
        return None
    stand_in = _find_stand_in(work, actor, invitee, day)
    if stand_in is None:
        check_permitted(Permission.MEETING_REPLY, actor, subject)
    work.deputies.note(actor, stand_in)
    return stand_in


def _find_stand_in(work: UnitOfWork, actor: Actor, invitee: Invitee, day: date) -> StandIn | None:
    """Return whose calendar the actor keeps, when it is the invitee's: only a person has one."""
    if invitee.person_id is None:
        return None
    return work.deputies.find_stand_in(
        actor,
        power=Power.SCHEDULE,
        agency_id=invitee.agency_id,
        person_id=invitee.person_id,
        # Not looked at where somebody is named.
        role=Role.DESK_OFFICER,
        unit_id=None,
        read_kind=lambda: "",
        day=day,
    )


def ask(
    work: UnitOfWork,
    meeting: Meeting,
    invitees: Sequence[Invitee],
    held: WorkItem,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Start the invitation of each invitee, below the task that waits for the meeting."""
    plan = meeting.plan
    remind_at = reply_reminder(work.processes.calendar, now, plan.reply_by)
    for invitee in invitees:
        work.processes.start(
            INVITATION_PROCEDURE,
            business_key=invitee.call_id,
            data={
                "agency_id": invitee.agency_id,
                "unit_id": invitee.unit_id,
                "person_id": invitee.person_id,
                "reply_by": plan.reply_by.isoformat(),
                "starts_at": plan.starts_at.isoformat(),
                "remind_at": remind_at.isoformat(),
                "before_at": reminder_before(now, plan.starts_at).isoformat(),
            },
            actor=actor,
            now=now,
            parent_id=held.instance_id,
            parent_task_id=held.id,
        )


def stop_asking(
    work: UnitOfWork, invitee: Invitee, *, actor: Actor, now: datetime, reason: str
) -> None:
    """End the invitation of somebody who is no longer asked, if it still runs."""
    instance_id = work.processes.get_instance_id(INVITATION_PROCEDURE, invitee.call_id)
    if work.processes.store.get_instance(instance_id).status is InstanceStatus.RUNNING:
        work.processes.cancel(instance_id, actor=actor, now=now, reason=reason)


def find_asked(work: UnitOfWork, invitee: Invitee) -> TaskId | None:
    """Return the open task that waits for an answer, None when it was answered or is over."""
    instance_id = work.processes.get_instance_id(INVITATION_PROCEDURE, invitee.call_id)
    items = work.processes.store.list_open_work_items(instance_id)
    return next((item.id for item in items), None)


def today(now: datetime) -> date:
    """Return the day it is in Việt Nam."""
    return local(now).date()
