"""Say who may do what: one map from permission to predicate, and nothing else decides.

The same predicate hides the button, guards the call and explains the refusal. What is not in the
map is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.errors import NotPermittedError
from engine.model.organisation import Actor, AgencyId, PersonId, Role, UnitId


class Permission(StrEnum):
    """Name every right that is checked."""

    PUBLIC = "public"
    IDENTIFIED = "identified"
    SIGNED_IN = "signed_in"
    DOCUMENT_DRAFT = "document.draft"
    DOCUMENT_VIEW = "document.view"
    DOCUMENT_EDIT = "document.edit"
    REGISTER_VIEW = "register.view"
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
    INSTALLATION_VIEW = "installation.view"
    PRESERVATION_VIEW = "preservation.view"
    PRESERVATION_ACT = "preservation.act"
    PROCESS_ADMINISTER = "process.administer"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Hold what a predicate may look at.

    Args:
        agency_id: agency that owns the thing.
        reader_ids: agencies that have received it.
        person_id: person it belongs to, such as the drafter.
        unit_id: unit whose work it is, None when it is the whole agency's.
    """

    agency_id: AgencyId | None = None
    reader_ids: frozenset[AgencyId] = field(default_factory=frozenset)
    person_id: PersonId | None = None
    unit_id: UnitId | None = None


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


def releases_a_pin(actor: Actor, subject: Subject) -> bool:
    """Allow an administrator or a leader of the agency; never the person who is locked out."""
    leads = subject.agency_id is not None and actor.has_role(Role.LEADER, subject.agency_id)
    return actor.person_id != subject.person_id and (leads or administers(actor, subject))


PERMISSION_MAP: Mapping[Permission, Predicate] = {
    Permission.PUBLIC: anyone,
    # Somebody is signed in, with a post or without: the way out is open to everybody.
    Permission.IDENTIFIED: anyone,
    Permission.SIGNED_IN: holds_a_post,
    Permission.DOCUMENT_DRAFT: drafts_for_agency,
    Permission.DOCUMENT_VIEW: serves_agency_or_recipient,
    Permission.DOCUMENT_EDIT: is_the_drafter,
    Permission.REGISTER_VIEW: serves_agency,
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
    Permission.INSTALLATION_VIEW: administers,
    Permission.PROCESS_ADMINISTER: administers,
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
