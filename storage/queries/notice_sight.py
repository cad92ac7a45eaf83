"""Tell which notices are about things that their reader may still see, and which are restricted.

One statement for each kind of thing, whatever the number of notices; every kind has a rule.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from engine.model.delivery import DeliveryStatus
from engine.model.document import Circulation
from engine.model.notice import Notice, NoticeId, SubjectKind
from engine.model.organisation import Actor, AgencyId, Role
from engine.model.schedule import WeekState
from engine.ports_signing import HolderKind
from storage.tables.batches import signing_batch
from storage.tables.delegation import delegation
from storage.tables.direction import assignment, assignment_party
from storage.tables.documents import delivery, document
from storage.tables.meetings import invitee, meeting
from storage.tables.organisation import issued_certificate, post
from storage.tables.schedules import work_schedule

_Rule = Callable[[Actor, Sequence[str]], sa.Select[Any]]


def find_visible(
    connection: sa.Connection, actor: Actor, notices: Sequence[Notice]
) -> frozenset[NoticeId]:
    """Return which of the notices are about things the actor may see now."""
    if not actor.posts:
        return frozenset()
    return _of_things(connection, notices, lambda kind: partial(_SEEN[kind], actor))


def find_restricted(connection: sa.Connection, notices: Sequence[Notice]) -> frozenset[NoticeId]:
    """Return which of the notices are about documents for internal circulation."""
    return _of_things(connection, notices, _RESTRICTED.get)


def _of_things(
    connection: sa.Connection,
    notices: Sequence[Notice],
    find_rule: Callable[[SubjectKind], Callable[[Sequence[str]], sa.Select[Any]] | None],
) -> frozenset[NoticeId]:
    """Return the notices whose things a rule of their kind finds; none where there is no rule."""
    found: set[NoticeId] = set()
    for kind in {notice.subject_kind for notice in notices}:
        own = [notice for notice in notices if notice.subject_kind is kind]
        rule = find_rule(kind)
        if rule is not None:
            ids = sorted({notice.subject_id for notice in own})
            hits = frozenset(connection.execute(rule(ids)).scalars())
            found |= {notice.id for notice in own if notice.subject_id in hits}
    return frozenset(found)


def _document(actor: Actor, ids: Sequence[str]) -> sa.Select[Any]:
    agencies = sorted(actor.agency_ids())
    received = (
        sa.select(delivery.c.id)
        .where(
            delivery.c.document_id == document.c.id,
            delivery.c.recipient_id.in_(agencies),
            delivery.c.status != DeliveryStatus.QUEUED,
        )
        .exists()
    )
    mine = sa.or_(document.c.agency_id.in_(agencies), received)
    return sa.select(document.c.id).where(document.c.id.in_(ids), mine)


def _delivery(actor: Actor, ids: Sequence[str]) -> sa.Select[Any]:
    agencies = sorted(actor.agency_ids())
    return sa.select(delivery.c.id).where(
        delivery.c.id.in_(ids),
        sa.or_(delivery.c.recipient_id.in_(agencies), delivery.c.sender_id.in_(agencies)),
    )


def _assignment(actor: Actor, ids: Sequence[str]) -> sa.Select[Any]:
    agencies = sorted(actor.agency_ids())
    takes_part = (
        sa.select(assignment_party.c.assignment_id)
        .where(
            assignment_party.c.assignment_id == assignment.c.id,
            assignment_party.c.agency_id.in_(agencies),
        )
        .exists()
    )
    mine = sa.or_(
        assignment.c.agency_id.in_(agencies),
        assignment.c.lead_agency_id.in_(agencies),
        takes_part,
    )
    return sa.select(assignment.c.id).where(assignment.c.id.in_(ids), mine)


def _meeting(actor: Actor, ids: Sequence[str]) -> sa.Select[Any]:
    agencies, own = sorted(actor.agency_ids()), actor.person_id
    invited = (
        sa.select(invitee.c.id)
        .where(
            invitee.c.meeting_id == meeting.c.id,
            sa.or_(
                invitee.c.agency_id.in_(agencies),
                invitee.c.person_id == own,
                invitee.c.substitute_id == own,
            ),
        )
        .exists()
    )
    mine = sa.or_(meeting.c.agency_id.in_(agencies), meeting.c.chair_id == own, invited)
    return sa.select(meeting.c.id).where(meeting.c.id.in_(ids), mine)


def _delegation(actor: Actor, ids: Sequence[str]) -> sa.Select[Any]:
    mine = sa.or_(
        delegation.c.giver_id == actor.person_id,
        delegation.c.delegate_id == actor.person_id,
        delegation.c.agency_id.in_(sorted(actor.agency_ids())),
    )
    return sa.select(delegation.c.id).where(delegation.c.id.in_(ids), mine)


def _batch(actor: Actor, ids: Sequence[str]) -> sa.Select[Any]:
    own = signing_batch.c.person_id == actor.person_id
    return sa.select(signing_batch.c.id).where(signing_batch.c.id.in_(ids), own)


def _schedule(actor: Actor, ids: Sequence[str]) -> sa.Select[Any]:
    """Return weeks of the actor's own agencies, and sealed ones that are for the whole city."""
    in_force = work_schedule.alias()
    is_public = (
        sa.select(in_force.c.id)
        .where(
            in_force.c.agency_id == work_schedule.c.agency_id,
            in_force.c.monday == work_schedule.c.monday,
            in_force.c.state == WeekState.PUBLISHED,
            in_force.c.to_city,
        )
        .exists()
    )
    for_the_city = sa.and_(work_schedule.c.to_city, work_schedule.c.digest.is_not(None), is_public)
    own = work_schedule.c.agency_id.in_(sorted(actor.agency_ids()))
    return sa.select(work_schedule.c.id).where(
        work_schedule.c.id.in_(ids), sa.or_(own, for_the_city)
    )


def _certificate(actor: Actor, ids: Sequence[str]) -> sa.Select[Any]:
    """Return certificates of the actor or a seal they keep, and those they decide on.

    The leaders of an agency decide for it and for who holds a post there, administrators for all.
    """
    shown = issued_certificate.c.id.in_(ids)
    if any(held.role is Role.ADMINISTRATOR for held in actor.posts):
        return sa.select(issued_certificate.c.id).where(shown)
    led, kept = _agencies_as(actor, Role.LEADER), _agencies_as(actor, Role.CLERK)
    serves_the_led = (
        sa.select(post.c.id)
        .where(
            post.c.person_id == issued_certificate.c.holder_id,
            post.c.agency_id.in_(sorted(led)),
            post.c.until.is_(None),
        )
        .exists()
    )
    of_person = sa.and_(
        issued_certificate.c.holder_kind == HolderKind.PERSON,
        sa.or_(issued_certificate.c.holder_id == actor.person_id, serves_the_led),
    )
    of_agency = sa.and_(
        issued_certificate.c.holder_kind == HolderKind.AGENCY,
        issued_certificate.c.holder_id.in_(sorted(led | kept)),
    )
    return sa.select(issued_certificate.c.id).where(shown, sa.or_(of_person, of_agency))


def _agencies_as(actor: Actor, role: Role) -> frozenset[AgencyId]:
    return frozenset(held.agency_id for held in actor.posts if held.role is role)


_SEEN: Mapping[SubjectKind, _Rule] = {
    SubjectKind.DOCUMENT: _document,
    SubjectKind.DELIVERY: _delivery,
    SubjectKind.ASSIGNMENT: _assignment,
    SubjectKind.MEETING: _meeting,
    SubjectKind.DELEGATION: _delegation,
    SubjectKind.BATCH: _batch,
    SubjectKind.SCHEDULE: _schedule,
    SubjectKind.CERTIFICATE: _certificate,
}


def _restricted_documents(ids: Sequence[str]) -> sa.Select[Any]:
    limited = document.c.circulation == Circulation.INTERNAL
    return sa.select(document.c.id).where(document.c.id.in_(ids), limited)


def _restricted_deliveries(ids: Sequence[str]) -> sa.Select[Any]:
    limited = document.c.circulation == Circulation.INTERNAL
    return (
        sa.select(delivery.c.id)
        .join(document, document.c.id == delivery.c.document_id)
        .where(delivery.c.id.in_(ids), limited)
    )


def _restricted_meetings(ids: Sequence[str]) -> sa.Select[Any]:
    """Return meetings whose giấy mời or conclusion notice is for internal circulation."""
    papers = (meeting.c.invitation_id, meeting.c.conclusion_id)
    about = sa.or_(*(document.c.id == paper for paper in papers))
    limited = document.c.circulation == Circulation.INTERNAL
    return (
        sa.select(meeting.c.id)
        .distinct()
        .join(document, about)
        .where(meeting.c.id.in_(ids), limited)
    )


def _restricted_assignments(ids: Sequence[str]) -> sa.Select[Any]:
    limited = document.c.circulation == Circulation.INTERNAL
    return (
        sa.select(assignment.c.id)
        .join(document, document.c.id == assignment.c.document_id)
        .where(assignment.c.id.in_(ids), limited)
    )


_RESTRICTED: Mapping[SubjectKind, Callable[[Sequence[str]], sa.Select[Any]]] = {
    SubjectKind.DOCUMENT: _restricted_documents,
    SubjectKind.DELIVERY: _restricted_deliveries,
    SubjectKind.ASSIGNMENT: _restricted_assignments,
    SubjectKind.MEETING: _restricted_meetings,
}
