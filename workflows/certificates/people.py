"""Find who the holder of a certificate is, and who decides on an application."""

from dataclasses import dataclass
from datetime import datetime

from engine.clock import local
from engine.errors import ConflictError, ErrorCode
from engine.model.certification import Application, ApplicationState
from engine.model.organisation import Actor, Agency, AgencyId, Post, Role
from engine.permissions import Permission, Subject, is_permitted
from engine.ports import UnitOfWork
from engine.ports_signing import CertificateRequest, HolderKind, IssuedCertificate

#: Characters of X.520 names.
MAX_NAME_CHARS = 64


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Hold whose certificate it is.

    Args:
        agency_id: of the person's first post today, or the agency itself; None for a person who
            holds no post.
    """

    kind: HolderKind
    id: str
    name: str
    agency_id: AgencyId | None

    @property
    def subject(self) -> Subject:
        """Return what permissions look at."""
        person = self.id if self.kind is HolderKind.PERSON else None
        return Subject(agency_id=self.agency_id, person_id=person)  # type: ignore[arg-type] # its id


def holder_of_person(actor: Actor) -> Holder:
    """Return `actor` as a holder."""
    agency_id = actor.posts[0].agency_id if actor.posts else None
    return Holder(
        kind=HolderKind.PERSON, id=actor.person_id, name=actor.full_name, agency_id=agency_id
    )


def holder_of_agency(agency: Agency) -> Holder:
    """Return an agency as the holder of its seal certificate."""
    return Holder(kind=HolderKind.AGENCY, id=agency.id, name=agency.name, agency_id=agency.id)


def find_holder(work: UnitOfWork, certificate: IssuedCertificate, now: datetime) -> Holder:
    """Return the holder of a certificate as they stand today."""
    if certificate.holder_kind is HolderKind.AGENCY:
        return holder_of_agency(work.organisation.get_agency(AgencyId(certificate.holder_id)))
    person = work.organisation.get_person(certificate.holder_id)  # type: ignore[arg-type] # its id
    posts = work.organisation.list_posts_of(person.id, local(now).date())
    return holder_of_person(
        Actor(person_id=person.id, full_name=person.full_name, posts=tuple(posts))
    )


def may_withdraw(application: Application, actor: Actor) -> bool:
    """Tell whether `actor` may end an application for a certificate that is still open."""
    keeps_the_seal = application.holder_kind is HolderKind.AGENCY and is_permitted(
        Permission.CERTIFICATE_REQUEST, actor, Subject(agency_id=application.agency_id)
    )
    return (
        application.asked_by == actor.person_id
        or keeps_the_seal
        or is_permitted(Permission.CERTIFICATE_ADMINISTER, actor)
    )


def find_approvers(work: UnitOfWork, agency_id: AgencyId, actor: Actor, now: datetime) -> AgencyId:
    """Return the agency whose leaders decide on what `actor` asks: the nearest with another one.

    Raises:
        ConflictError: code APPLICATION_NOBODY; nobody else leads it, nor any above.
    """
    day = local(now).date()
    seen: set[AgencyId] = set()
    nearest: AgencyId | None = agency_id
    while nearest is not None and nearest not in seen:
        seen.add(nearest)
        leaders = work.organisation.list_posts(nearest, day, role=Role.LEADER)
        if any(post.person_id != actor.person_id for post in leaders):
            return nearest
        nearest = work.organisation.get_agency(nearest).parent_id
    raise _nobody(Role.LEADER)


def find_administration(work: UnitOfWork, now: datetime, *, besides: frozenset[str]) -> AgencyId:
    """Return an agency with an administrator who is none of `besides`.

    Raises:
        ConflictError: code APPLICATION_NOBODY; there is none.
    """
    found = work.certification.find_administration(now, besides=besides)
    if found is None:
        raise _nobody(Role.ADMINISTRATOR)
    return found


def find_deciders(work: UnitOfWork, application: Application, now: datetime) -> list[str]:
    """Return the names of those who may decide on an application next, none if nobody may."""
    asker = Actor(person_id=application.asked_by, full_name=application.asked_by_name, posts=())
    besides = frozenset({application.asked_by, application.approved_by, application.holder_id})
    try:
        if application.state is ApplicationState.APPROVED:
            agency_id, role = find_administration(work, now, besides=besides), Role.ADMINISTRATOR
        else:
            agency_id = find_approvers(work, application.agency_id, asker, now)
            role = Role.LEADER
    except ConflictError:
        return []
    posts = work.organisation.list_posts(agency_id, local(now).date(), role=role)
    return sorted(
        work.organisation.get_person(each).full_name
        for each in {post.person_id for post in posts}
        if application.may_decide(each)
    )


def _nobody(role: Role) -> ConflictError:
    return ConflictError(f"no other {role}", code=ErrorCode.APPLICATION_NOBODY)


def certificate_request(work: UnitOfWork, holder: Holder, now: datetime) -> CertificateRequest:
    """Return what a certificate says of its holder today."""
    agency = work.organisation.get_agency(holder.agency_id) if holder.agency_id else None
    return CertificateRequest(
        holder_kind=holder.kind,
        holder_id=holder.id,
        common_name=holder.name[:MAX_NAME_CHARS],
        organisation=agency.name[:MAX_NAME_CHARS] if agency else "",
        title=_title(work, holder, now),
    )


def _title(work: UnitOfWork, holder: Holder, now: datetime) -> str:
    if holder.kind is not HolderKind.PERSON:
        return ""
    posts: list[Post] = list(
        work.organisation.list_posts_of(holder.id, local(now).date())  # type: ignore[arg-type] # its id
    )
    return posts[0].title[:MAX_NAME_CHARS] if posts else ""
