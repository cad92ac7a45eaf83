"""Say who may do what: one map from permission to predicate, and nothing else decides.

The same predicate hides the button, guards the call and explains the refusal. What is not in the
map is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.errors import NotPermittedError
from engine.model.organisation import Actor, AgencyId, PersonId, Power, Role, UnitId


class Permission(StrEnum):
    """Name every right that is checked."""

    PUBLIC = "public"
    IDENTIFIED = "identified"
    SIGNED_IN = "signed_in"
    DOCUMENT_DRAFT = "document.draft"
    DOCUMENT_VIEW = "document.view"
    DOCUMENT_EDIT = "document.edit"
    REGISTER_VIEW = "register.view"
    REPORT_VIEW = "report.view"
    REPORT_CITY = "report.city"
    REPORT_ASSUME = "report.assume"
    NUMBER_VOID = "register.number.void"
    TASK_COMPLETE = "task.complete"
    TASK_REASSIGN = "task.reassign"
    BATCH_SIGN = "batch.sign"
    FILE_VERIFY = "file.verify"
    CERTIFICATE_REVOKE = "certificate.revoke"
    CERTIFICATE_REQUEST = "certificate.request"
    CERTIFICATE_STOP = "certificate.stop"
    CERTIFICATE_ADMINISTER = "certificate.administer"
    APPLICATION_VIEW = "certificate.application.view"
    PIN_RELEASE = "pin.release"
    POST_END = "post.end"
    TRUST_ADMINISTER = "trust.administer"
    DOCUMENT_CANCEL = "document.cancel"
    COPY_REQUEST = "copy.request"
    COPY_VIEW = "copy.view"
    SCHEDULE_VIEW = "schedule.view"
    SCHEDULE_ENTER = "schedule.enter"
    SCHEDULE_COMPILE = "schedule.compile"
    MEETING_PLAN = "meeting.plan"
    MEETING_VIEW = "meeting.view"
    MEETING_REPLY = "meeting.reply"
    INSTALLATION_VIEW = "installation.view"
    PRESERVATION_VIEW = "preservation.view"
    PRESERVATION_ACT = "preservation.act"
    PROCESS_ADMINISTER = "process.administer"
    AUTHORITY_ADMINISTER = "authority.administer"
    DELEGATION_GIVE = "delegation.give"
    DELEGATION_VIEW = "delegation.view"
    DELEGATION_END = "delegation.end"
    DELEGATION_OVERSEE = "delegation.oversee"
    ASSIGNMENT_GIVE = "assignment.give"
    ASSIGNMENT_VIEW = "assignment.view"
    BOARD_VIEW = "board.view"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Hold what a predicate may look at.

    Args:
        agency_id: agency that owns the thing.
        reader_ids: agencies that have received it.
        person_id: person it belongs to, such as the drafter.
        unit_id: unit whose work it is, None when it is the whole agency's.
        people: whom it concerns, when it is more than one.
    """

    agency_id: AgencyId | None = None
    reader_ids: frozenset[AgencyId] = field(default_factory=frozenset)
    person_id: PersonId | None = None
    unit_id: UnitId | None = None
    people: frozenset[PersonId] = frozenset()


Predicate = Callable[[Actor, Subject], bool]


def anyone(actor: Actor, subject: Subject) -> bool:  # noqa: ARG001 a predicate takes both
    """Allow everybody, signed in or not."""
    return True


def holds_a_post(actor: Actor, subject: Subject) -> bool:  # noqa: ARG001 a predicate takes both
    """Allow a person who holds a post today."""
    return bool(actor.posts)


def serves_agency(actor: Actor, subject: Subject) -> bool:
    """Allow a person of the agency that owns the thing."""
    return subject.agency_id in actor.agency_ids()


def serves_agency_or_recipient(actor: Actor, subject: Subject) -> bool:
    """Allow a person of the owning agency or of one that has received it."""
    return serves_agency(actor, subject) or bool(actor.agency_ids() & subject.reader_ids)


def drafts_for_agency(actor: Actor, subject: Subject) -> bool:
    """Allow a desk officer of the agency."""
    return subject.agency_id is not None and actor.has_role(Role.DESK_OFFICER, subject.agency_id)


def is_the_drafter(actor: Actor, subject: Subject) -> bool:
    """Allow the person the draft belongs to, as long as they serve the agency."""
    return actor.person_id == subject.person_id and serves_agency(actor, subject)


def is_the_signer(actor: Actor, subject: Subject) -> bool:
    """Allow the person whose ceremony it is, as long as they hold a post."""
    return actor.person_id == subject.person_id and bool(actor.posts)


def keeps_the_books(actor: Actor, subject: Subject) -> bool:
    """Allow the agency's clerk."""
    return subject.agency_id is not None and actor.has_role(Role.CLERK, subject.agency_id)


def may_ask_for_copies(actor: Actor, subject: Subject) -> bool:
    """Allow a desk officer or a clerk of the agency."""
    return drafts_for_agency(actor, subject) or keeps_the_books(actor, subject)


def keeps_the_schedule(actor: Actor, subject: Subject) -> bool:
    """Allow the clerk, or the head of the office they belong to, which is the subject's unit."""
    if subject.agency_id is None:
        return False
    heads_office = subject.unit_id is not None and actor.has_role(
        Role.DIVISION_HEAD, subject.agency_id, subject.unit_id
    )
    return heads_office or keeps_the_books(actor, subject)


def works_for_agency(actor: Actor, subject: Subject) -> bool:
    """Allow a person of the agency with work of its own; an auditor only looks."""
    working = frozenset(Role) - {Role.AUDITOR, Role.ADMINISTRATOR}
    return any(
        post.agency_id == subject.agency_id and post.role in working for post in actor.posts
    )


def watches_the_city(actor: Actor, subject: Subject) -> bool:
    """Allow a leader, auditor or administrator of an agency that leads the city.

    `reader_ids` of the subject are those agencies.
    """
    roles = {Role.LEADER, Role.AUDITOR, Role.ADMINISTRATOR}
    return any(post.role in roles and post.agency_id in subject.reader_ids for post in actor.posts)


def administers(actor: Actor, subject: Subject) -> bool:  # noqa: ARG001 a predicate takes both
    """Allow an administrator."""
    return any(post.role is Role.ADMINISTRATOR for post in actor.posts)


def watches_the_archive(actor: Actor, subject: Subject) -> bool:  # noqa: ARG001 a predicate takes both
    """Allow an administrator and every clerk, who sees their own agency's originals."""
    return any(post.role in {Role.ADMINISTRATOR, Role.CLERK} for post in actor.posts)


def keeps_the_originals(actor: Actor, subject: Subject) -> bool:
    """Allow an administrator, or the clerk of the agency whose original it is."""
    return administers(actor, subject) or keeps_the_books(actor, subject)


def oversees_the_work(actor: Actor, subject: Subject) -> bool:
    """Allow the head of the unit, a leader of the agency, or an administrator."""
    if subject.agency_id is None:
        return False
    heads_unit = subject.unit_id is not None and actor.has_role(
        Role.DIVISION_HEAD, subject.agency_id, subject.unit_id
    )
    leads = actor.has_role(Role.LEADER, subject.agency_id)
    return heads_unit or leads or administers(actor, subject)


def asks_for_a_certificate(actor: Actor, subject: Subject) -> bool:
    """Allow the holder, while they hold a post; for the seal of an agency its clerk."""
    if subject.person_id is not None:
        return actor.person_id == subject.person_id and serves_agency(actor, subject)
    return keeps_the_books(actor, subject)


def stops_a_certificate(actor: Actor, subject: Subject) -> bool:
    """Allow the holder, the clerk for a seal, a leader of the agency, or an administrator."""
    leads = subject.agency_id is not None and actor.has_role(Role.LEADER, subject.agency_id)
    return asks_for_a_certificate(actor, subject) or leads or administers(actor, subject)


def has_to_do_with_it(actor: Actor, subject: Subject) -> bool:
    """Allow the person it belongs to, a leader or clerk of the agency, or an administrator."""
    is_own = subject.person_id is not None and actor.person_id == subject.person_id
    return is_own or keeps_the_books(actor, subject) or stops_a_certificate(actor, subject)


def arranges_meetings(actor: Actor, subject: Subject) -> bool:
    """Allow whoever works for the agency in a procedure: officers, heads, clerks, leaders."""
    roles = (Role.DESK_OFFICER, Role.DIVISION_HEAD, Role.CLERK, Role.LEADER)
    agency_id = subject.agency_id
    return agency_id is not None and any(actor.has_role(role, agency_id) for role in roles)


def has_part_in_the_meeting(actor: Actor, subject: Subject) -> bool:
    """Allow a person of the organiser or of an invited agency, or one who goes there."""
    is_own = subject.person_id is not None and actor.person_id == subject.person_id
    return is_own or serves_agency_or_recipient(actor, subject)


def answers_the_invitation(actor: Actor, subject: Subject) -> bool:
    """Allow the person invited; for a unit its head, for it and its agency a leader or clerk."""
    if subject.person_id is not None:
        return actor.person_id == subject.person_id
    if subject.agency_id is None:
        return False
    heads_unit = subject.unit_id is not None and actor.has_role(
        Role.DIVISION_HEAD, subject.agency_id, subject.unit_id
    )
    leads = actor.has_role(Role.LEADER, subject.agency_id)
    return heads_unit or leads or actor.has_role(Role.CLERK, subject.agency_id)


def releases_a_pin(actor: Actor, subject: Subject) -> bool:
    """Allow an administrator or a leader of the agency; never the person who is locked out."""
    leads = subject.agency_id is not None and actor.has_role(Role.LEADER, subject.agency_id)
    return actor.person_id != subject.person_id and (leads or administers(actor, subject))


def gives_assignments(actor: Actor, subject: Subject) -> bool:  # noqa: ARG001 a predicate takes both
    """Allow a leader, the head of a unit, and who directs in the name of one.

    To whom each may give what is checked with the order itself.
    """
    posts = list(actor.posts)
    posts += [each.post for each in actor.stands_in if each.covers(Power.DIRECT)]
    return any(post.role in {Role.LEADER, Role.DIVISION_HEAD} for post in posts)


def watches_the_board(actor: Actor, subject: Subject) -> bool:
    """Allow whose work it is, the head of the unit, and leaders and clerks above them.

    Whoever directs in a person's name sees what that person gave. `reader_ids` of the subject
    are the agencies that lead the city.
    """
    is_own = subject.person_id is not None and (
        subject.person_id == actor.person_id
        or any(
            each.giver_id == subject.person_id and each.covers(Power.DIRECT)
            for each in actor.stands_in
        )
    )
    heads_unit = (
        subject.agency_id is not None
        and subject.unit_id is not None
        and actor.has_role(Role.DIVISION_HEAD, subject.agency_id, subject.unit_id)
    )
    above = subject.reader_ids | ({subject.agency_id} if subject.agency_id else set())
    is_above = any(
        post.role in {Role.LEADER, Role.CLERK} and post.agency_id in above for post in actor.posts
    )
    return is_own or heads_unit or is_above


def leads_or_administers(actor: Actor, subject: Subject) -> bool:
    """Allow a leader of the agency, or an administrator."""
    leads = subject.agency_id is not None and actor.has_role(Role.LEADER, subject.agency_id)
    return leads or administers(actor, subject)


def is_party_or_leads(actor: Actor, subject: Subject) -> bool:
    """Allow those it concerns, a leader of the agency, or an administrator."""
    return actor.person_id in subject.people or leads_or_administers(actor, subject)


PERMISSION_MAP: Mapping[Permission, Predicate] = {
    Permission.PUBLIC: anyone,
    # Somebody is signed in, with a post or without: the way out is open to everybody.
    Permission.IDENTIFIED: anyone,
    Permission.SIGNED_IN: holds_a_post,
    Permission.DOCUMENT_DRAFT: drafts_for_agency,
    Permission.DOCUMENT_VIEW: serves_agency_or_recipient,
    Permission.DOCUMENT_EDIT: is_the_drafter,
    Permission.REGISTER_VIEW: serves_agency,
    Permission.REPORT_VIEW: holds_a_post,
    Permission.REPORT_CITY: watches_the_city,
    Permission.REPORT_ASSUME: administers,
    Permission.NUMBER_VOID: keeps_the_books,
    # The task itself names who may complete it; see engine.process.runtime.
    Permission.TASK_COMPLETE: holds_a_post,
    Permission.TASK_REASSIGN: oversees_the_work,
    Permission.BATCH_SIGN: is_the_signer,
    Permission.FILE_VERIFY: holds_a_post,
    Permission.CERTIFICATE_REVOKE: administers,
    Permission.CERTIFICATE_REQUEST: asks_for_a_certificate,
    Permission.CERTIFICATE_STOP: stops_a_certificate,
    Permission.CERTIFICATE_ADMINISTER: administers,
    Permission.APPLICATION_VIEW: has_to_do_with_it,
    # A leader may, so that an administrator who is locked out has somebody to turn to.
    Permission.PIN_RELEASE: releases_a_pin,
    Permission.POST_END: administers,
    Permission.TRUST_ADMINISTER: administers,
    Permission.DOCUMENT_CANCEL: keeps_the_books,
    Permission.COPY_REQUEST: may_ask_for_copies,
    Permission.COPY_VIEW: serves_agency,
    # Who else the city's agencies are is told by the subject: readers of what is published to all.
    Permission.SCHEDULE_VIEW: serves_agency_or_recipient,
    Permission.SCHEDULE_ENTER: works_for_agency,
    Permission.SCHEDULE_COMPILE: keeps_the_schedule,
    Permission.MEETING_PLAN: arranges_meetings,
    Permission.MEETING_VIEW: has_part_in_the_meeting,
    Permission.MEETING_REPLY: answers_the_invitation,
    Permission.INSTALLATION_VIEW: administers,
    Permission.PROCESS_ADMINISTER: administers,
    Permission.AUTHORITY_ADMINISTER: administers,
    # One's own work only; what else it must satisfy is checked with its terms.
    Permission.DELEGATION_GIVE: is_the_drafter,
    Permission.DELEGATION_VIEW: is_party_or_leads,
    Permission.DELEGATION_END: is_party_or_leads,
    Permission.DELEGATION_OVERSEE: leads_or_administers,
    Permission.ASSIGNMENT_GIVE: gives_assignments,
    # Whoever gave it, leads it or works on it, with their agencies; see engine.assigning.
    Permission.ASSIGNMENT_VIEW: serves_agency_or_recipient,
    Permission.BOARD_VIEW: watches_the_board,
    Permission.PRESERVATION_VIEW: watches_the_archive,
    Permission.PRESERVATION_ACT: keeps_the_originals,
}


def is_permitted(permission: Permission, actor: Actor, subject: Subject | None = None) -> bool:
    """Tell whether `actor` has `permission` on `subject`."""
    predicate = PERMISSION_MAP.get(permission)
    return predicate is not None and predicate(actor, subject or Subject())


def check_permitted(permission: Permission, actor: Actor, subject: Subject | None = None) -> None:
    """Check that `actor` has `permission` on `subject`.

    Raises:
        NotPermittedError: `params["predicate"]` names the rule that failed.
    """
    if not is_permitted(permission, actor, subject):
        predicate = PERMISSION_MAP.get(permission)
        raise NotPermittedError(
            f"{actor.person_id} lacks {permission}",
            predicate=predicate.__name__ if predicate else "deny",
        )
