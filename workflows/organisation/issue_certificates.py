"""Give every agency a seal certificate and every person a certificate of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.keys import KeyType
from engine.model.organisation import SYSTEM
from engine.ports import Progress, StartWork
from engine.ports_signing import (
    CertificateAuthority,
    CertificateRequest,
    HolderKind,
    IssuedCertificate,
)
from workflows.organisation.city_tables import City


@dataclass(frozen=True, kw_only=True)
class IssueCertificates:
    """Use case: an administrator issues the evaluation certificates of a new installation."""

    start_work: StartWork
    authority: CertificateAuthority
    clock: Clock

    def __call__(self, city: City, *, pin: str, key_type: KeyType, progress: Progress) -> int:
        """Issue one certificate a holder and return how many.

        Args:
            pin: protects every software key; a short PIN gives no protection against somebody
                who has the files, so software keys are for evaluation only.
        """
        requests = _requests(city)
        issued: list[IssuedCertificate] = []
        for certificate in self.authority.issue(requests, pin=pin, key_type=key_type):
            issued.append(certificate)
            progress(certificate.common_name, len(issued), len(requests))
        now = self.clock.now()
        with self.start_work() as work:
            for certificate in issued:
                work.certificates.add(certificate)
            work.audit.record(
                AuditEvent.CERTIFICATES_ISSUE,
                subject="installation",
                actor=SYSTEM,
                at=now,
                details={"count": str(len(issued)), "key_type": key_type},
            )
            work.commit()
        return len(issued)


def _requests(city: City) -> Sequence[CertificateRequest]:
    agencies = {agency.id: agency for agency in city.agencies}
    posts = {post.person_id: post for post in reversed(city.posts)}
    seals = [
        CertificateRequest(
            holder_kind=HolderKind.AGENCY,
            holder_id=agency.id,
            common_name=agency.name[:64],
            organisation=agency.name[:64],
        )
        for agency in city.agencies
    ]
    people = [
        CertificateRequest(
            holder_kind=HolderKind.PERSON,
            holder_id=person.id,
            common_name=person.full_name,
            organisation=agencies[posts[person.id].agency_id].name[:64],
            title=posts[person.id].title,
        )
        for person in city.people
        if person.id in posts
    ]
    return seals + people
