"""Gather what the pages about certificates show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.clock import Clock, local
from engine.model.certification import (
    Application,
    ApplicationId,
    CertificateState,
    warning_of,
)
from engine.model.organisation import Actor, Agency, AgencyId, Person, PersonId, Post, Role
from engine.paging import Page
from engine.permissions import Permission, Subject, check_permitted, is_permitted
from engine.ports import StartWork, UnitOfWork
from engine.ports_certification import (
    Attention,
    CertificateFilter,
    CertificateRow,
    ExpiringRow,
    LockedPin,
)
from engine.ports_signing import CertificateId, HolderKind
from engine.process.model import InstanceId
from engine.queries import StepRow, WorkRow
from workflows.certificates.people import find_deciders, may_withdraw

Holders = frozenset[tuple[HolderKind, str]]


@dataclass(frozen=True, kw_only=True)
class ShownCertificate:
    """Hold one certificate with what its reader should know.

    Args:
        warning_days: nearest threshold before its end that has passed; None while it is far off.
        may_stop: the reader may suspend it now.
    """

    row: CertificateRow
    warning_days: int | None
    may_stop: bool


@dataclass(frozen=True, kw_only=True)
class OwnCertificates:
    """Hold what a person's own page shows.

    Args:
        certificates: of the person, and of the agencies whose seal they keep; those in use first.
        applications: about the same holders, newest first.
        sealed_agencies: agencies whose seal certificate the person may ask for.
        locked: PINs that the person may release, as a leader.
    """

    certificates: Sequence[ShownCertificate]
    applications: Sequence[Application]
    sealed_agencies: Sequence[Agency]
    locked: Sequence[LockedPin]

    def is_asked(self, holder_id: str) -> bool:
        """Tell whether a certificate is asked for already."""
        return any(
            each.is_open and not each.kind.is_stop and each.holder_id == holder_id
            for each in self.applications
        )

    def has_current(self, holder_id: str) -> bool:
        """Tell whether the holder has a certificate that a new one would take the place of."""
        gone = (CertificateState.REVOKED, CertificateState.SUPERSEDED)
        return any(
            each.row.holder_id == holder_id and each.row.state not in gone
            for each in self.certificates
        )


@dataclass(frozen=True, kw_only=True)
class ApplicationView:
    """Hold one application with its steps and the reader's tasks.

    Args:
        tasks: what the reader may do; not what they may not decide, having acted on it before.
        deciders: names of those who may decide instead.
    """

    application: Application
    agency: Agency
    instance_id: InstanceId
    steps: Sequence[StepRow]
    tasks: Sequence[WorkRow]
    may_withdraw: bool
    deciders: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class RegistryView:
    """Hold what administrators see: every certificate, and what needs looking at."""

    page: Page[CertificateRow]
    attention: Attention
    locked: Sequence[LockedPin]
    thresholds: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class PersonView:
    """Hold one person's posts and certificates, for whoever ends a post."""

    person: Person
    posts: Sequence[tuple[Post, Agency]]
    certificates: Sequence[CertificateRow]


@dataclass(frozen=True, kw_only=True)
class ViewCertificates:
    """Use case: somebody looks at certificates, each at those they have to do with."""

    start_reading: StartWork
    clock: Clock

    def __call__(self, actor: Actor) -> OwnCertificates:
        """Return the actor's certificates, and those of the agencies whose seal they keep."""
        now = self.clock.now()
        with self.start_reading() as work:
            kept = _kept_agency_ids(actor)
            agencies = [work.organisation.get_agency(each) for each in kept]
            holders = _holders(actor, kept)
            return OwnCertificates(
                certificates=_shown(work, holders, actor, now),
                applications=work.certification.list_of(holders),
                sealed_agencies=agencies,
                locked=[
                    each for each in work.certification.list_locked() if _may_release(actor, each)
                ],
            )

    def notices(self, actor: Actor) -> Sequence[ExpiringRow]:
        """Return the actor's certificates that end soon, the first to end before the others."""
        holders = _holders(actor, _kept_agency_ids(actor))
        with self.start_reading() as work:
            return work.certification.list_expiring(holders, self.clock.now())

    def certificate(self, certificate_id: CertificateId, actor: Actor) -> CertificateRow:
        """Return one certificate, for whoever is about to stop it.

        Raises:
            NotFoundError: there is none.
            NotPermittedError: the actor may not stop it.
        """
        now = self.clock.now()
        with self.start_reading() as work:
            certificate = work.certificates.get(certificate_id)
            holder = (certificate.holder_kind, certificate.holder_id)
            wanted = CertificateFilter(holders=frozenset({holder}))
            rows = work.certification.list_certificates(wanted, now, limit=1000).rows
        row = next(each for each in rows if each.certificate_id == certificate_id)
        check_permitted(Permission.CERTIFICATE_STOP, actor, _subject(row))
        return row

    def application(self, application_id: ApplicationId, actor: Actor) -> ApplicationView:
        """Return an application with its steps.

        Raises:
            NotFoundError: there is none.
            NotPermittedError: the actor has nothing to do with it.
        """
        with self.start_reading() as work:
            application = work.certification.get(application_id)
            tasks = work.queries.list_tasks_on(actor, application.id)
            if not tasks:
                _check_may_see(application, actor)
            barred = [each for each in tasks if not _may_decide(application, each, actor)]
            return ApplicationView(
                application=application,
                agency=work.organisation.get_agency(application.agency_id),
                instance_id=work.processes.get_instance_id(
                    application.procedure_id, application.id
                ),
                steps=work.queries.list_steps(application.procedure_id, application.id),
                tasks=[each for each in tasks if each not in barred],
                deciders=find_deciders(work, application, self.clock.now()) if barred else (),
                may_withdraw=application.is_open
                and not application.kind.is_stop
                and may_withdraw(application, actor),
            )

    def registry(
        self, wanted: CertificateFilter, actor: Actor, *, cursor: str = ""
    ) -> RegistryView:
        """Return certificates of the installation and what needs looking at.

        Raises:
            NotPermittedError: not an administrator.
        """
        check_permitted(Permission.CERTIFICATE_ADMINISTER, actor)
        now = self.clock.now()
        with self.start_reading() as work:
            return RegistryView(
                page=work.certification.list_certificates(wanted, now, cursor=cursor),
                attention=work.certification.count_attention(now),
                locked=work.certification.list_locked(),
                thresholds=work.certification.list_thresholds(),
            )

    def attention(self, actor: Actor) -> Attention:
        """Return what needs looking at.

        Raises:
            NotPermittedError: not an administrator.
        """
        check_permitted(Permission.CERTIFICATE_ADMINISTER, actor)
        with self.start_reading() as work:
            return work.certification.count_attention(self.clock.now())

    def person(self, person_id: PersonId, actor: Actor) -> PersonView:
        """Return a person's posts of today and their certificates.

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: there is no such person.
        """
        check_permitted(Permission.CERTIFICATE_ADMINISTER, actor)
        now = self.clock.now()
        with self.start_reading() as work:
            person = work.organisation.get_person(person_id)
            posts = work.organisation.list_posts_of(person_id, local(now).date())
            wanted = CertificateFilter(holders=frozenset({(HolderKind.PERSON, str(person_id))}))
            return PersonView(
                person=person,
                posts=[(post, work.organisation.get_agency(post.agency_id)) for post in posts],
                certificates=work.certification.list_certificates(wanted, now).rows,
            )


def _kept_agency_ids(actor: Actor) -> list[AgencyId]:
    """Return the agencies whose seal the actor keeps."""
    return sorted({post.agency_id for post in actor.posts if post.role is Role.CLERK})


def _holders(actor: Actor, kept: Sequence[AgencyId]) -> Holders:
    own = {(HolderKind.PERSON, str(actor.person_id))}
    return frozenset(own | {(HolderKind.AGENCY, str(each)) for each in kept})


def _shown(
    work: UnitOfWork, holders: Holders, actor: Actor, now: datetime
) -> list[ShownCertificate]:
    thresholds = work.certification.list_thresholds()
    found = work.certification.list_certificates(CertificateFilter(holders=holders), now).rows
    # The one that signs comes first, then those that end last.
    rows = list(reversed(found))
    rows.sort(key=lambda row: row.state is not CertificateState.IN_USE)
    return [
        ShownCertificate(
            row=row,
            warning_days=warning_of(row.not_after, now, thresholds)
            if row.state is CertificateState.IN_USE
            else None,
            may_stop=row.state is CertificateState.IN_USE
            and is_permitted(Permission.CERTIFICATE_STOP, actor, _subject(row)),
        )
        for row in rows
    ]


def _subject(row: CertificateRow) -> Subject:
    person = PersonId(row.holder_id) if row.holder_kind is HolderKind.PERSON else None
    return Subject(agency_id=AgencyId(row.agency_id) if row.agency_id else None, person_id=person)


def _may_release(actor: Actor, locked: LockedPin) -> bool:
    agency_id = AgencyId(locked.agency_id) if locked.agency_id else None
    subject = Subject(agency_id=agency_id, person_id=locked.person_id)
    return is_permitted(Permission.PIN_RELEASE, actor, subject)


def _may_decide(application: Application, task: WorkRow, actor: Actor) -> bool:
    return task.rule not in ("approve", "allow") or application.may_decide(actor.person_id)


def _check_may_see(application: Application, actor: Actor) -> None:
    """Let see those who asked or hold it, clerk and leaders of the agency, administrators."""
    person = (
        PersonId(application.holder_id)
        if application.holder_kind is HolderKind.PERSON
        else application.asked_by
    )
    subject = Subject(agency_id=application.agency_id, person_id=person)
    check_permitted(Permission.APPLICATION_VIEW, actor, subject)
