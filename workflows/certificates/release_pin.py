"""Release a PIN that was locked after too many wrong tries."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ConflictError, ErrorCode
from engine.model.organisation import Actor, PersonId
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from engine.ports_signing import CertificateId
from engine.presence import with_posts_today


@dataclass(frozen=True, kw_only=True)
class ReleasePin:
    """Use case: a second person, an administrator or a leader, lets somebody try again.

    The PIN itself is known to nobody but the holder and stays as it is.
    """

    start_work: StartWork
    clock: Clock

    def __call__(self, certificate_id: CertificateId, person_id: PersonId, actor: Actor) -> None:
        """Empty the count of wrong PINs of a person for a certificate.

        Raises:
            NotPermittedError: the person who is locked out, or neither administrator nor leader.
            ConflictError: code PIN_NOT_LOCKED; somebody released it before.
            NotFoundError: no such person.

        Source: NIST SP 800-63B-4, clause 3.2.2; OWASP ASVS 5.0, 2.3.5.
        """
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            person = work.organisation.get_person(person_id)
            posts = work.organisation.list_posts_of(person.id, local(now).date())
            agency_id = posts[0].agency_id if posts else None
            check_permitted(
                Permission.PIN_RELEASE, serving, Subject(agency_id=agency_id, person_id=person.id)
            )
            counter = work.pins.get(certificate_id, person.id)
            if not counter.is_locked:
                raise ConflictError(
                    f"{certificate_id} is not locked for {person.id}",
                    code=ErrorCode.PIN_NOT_LOCKED,
                )
            work.pins.save(counter.cleared())
            work.audit.record(
                AuditEvent.PIN_RELEASE,
                subject=f"certificate:{certificate_id}",
                actor=actor,
                at=now,
                details={"person": person.id},
            )
            work.commit()
