"""Revoke a certificate and publish the revocation at once."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, NotFoundError
from engine.model.organisation import Actor
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork
from engine.ports_signing import CertificateAuthority, CertificateId, HolderKind, Revocation
from workflows.organisation.publish_revocations import PUBLISH_JOB, publish_revocations


@dataclass(frozen=True, kw_only=True)
class RevokeCertificate:
    """Use case: an administrator revokes a certificate."""

    start_work: StartWork
    authority: CertificateAuthority
    clock: Clock

    def __call__(self, certificate_id: CertificateId, actor: Actor, reason: str) -> None:
        """Revoke the certificate from now on; what was sealed before stays valid.

        Nobody signs with it from the commit on, whether or not the lists can be published.

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: no such certificate.
        """
        now = self.clock.now()
        check_permitted(Permission.CERTIFICATE_REVOKE, actor)
        with self.start_work() as work:
            certificate = work.certificates.get(certificate_id)
            work.certificates.add_revocation(
                Revocation(certificate_id=certificate.id, revoked_at=now, reason=reason)
            )
            work.audit.record(
                AuditEvent.CERTIFICATE_REVOKE,
                subject=f"certificate:{certificate.id}",
                actor=actor,
                at=now,
                details={"holder": certificate.holder_id, "reason": reason},
            )
            work.jobs.enqueue(PUBLISH_JOB, f"publish:{certificate.id}:revoked", {})
            work.commit()
        publish_revocations(self.start_work, self.authority, self.clock)

    def of_holder(self, holder: str, actor: Actor, reason: str) -> None:
        """Revoke the current certificate of a person (by login) or an agency (by name).

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: nobody is called `holder`, or they hold no certificate.
        """
        with self.start_work() as work:
            account = work.accounts.find(holder)
            agency = None if account else work.organisation.find_agency(holder)
            certificate = None
            if account is not None:
                certificate = work.certificates.find_current(
                    HolderKind.PERSON, account.person_id, self.clock.now()
                )
            elif agency is not None:
                certificate = work.certificates.find_current(
                    HolderKind.AGENCY, agency.id, self.clock.now()
                )
        if certificate is None:
            raise NotFoundError(f"no certificate of {holder}", code=ErrorCode.CERTIFICATE_MISSING)
        self(certificate.id, actor, reason)
