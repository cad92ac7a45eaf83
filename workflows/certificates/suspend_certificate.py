"""Suspend a certificate, or ask for its revocation: in both cases it is out of use at once."""

from dataclasses import dataclass

from engine.clock import Clock
from engine.errors import ConflictError
from engine.model.certification import ApplicationId, ApplicationKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork
from engine.ports_signing import CertificateAuthority, CertificateId
from engine.presence import with_posts_today
from workflows.certificates.people import find_holder
from workflows.certificates.stops import stop_certificate
from workflows.organisation.publish_revocations import publish_revocations

MAX_REASON_CHARS = 1000


@dataclass(frozen=True, kw_only=True)
class SuspendCertificate:
    """Use case: the holder, a leader, the clerk for a seal or an administrator stops a key.

    Whoever fears for a key waits for nobody: a second person is needed to give power, not to
    take it away.
    """

    start_work: StartWork
    authority: CertificateAuthority
    clock: Clock

    def __call__(
        self,
        certificate_id: CertificateId,
        actor: Actor,
        reason: str,
        *,
        kind: ApplicationKind = ApplicationKind.SUSPEND,
    ) -> ApplicationId:
        """Stop the certificate now, and put the rest on an administrator's list.

        Args:
            kind: `SUSPEND`, or `REVOKE` to ask that it be revoked for good.

        Raises:
            InvalidInputError: no reason.
            NotPermittedError: none of those who may.
            NotFoundError: no such certificate.
            ConflictError: it is suspended or revoked already; the lists are published again.

        Source: RFC 5280, clause 5.3.1 (certificateHold).
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS)
        try:
            application_id = self._stop(certificate_id, actor, said, kind)
        except ConflictError:
            # Whoever asks again may have seen the first time fail at the lists.
            publish_revocations(self.start_work, self.authority, self.clock)
            raise
        publish_revocations(self.start_work, self.authority, self.clock)
        return application_id

    def _stop(
        self, certificate_id: CertificateId, actor: Actor, said: str, kind: ApplicationKind
    ) -> ApplicationId:
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            certificate = work.certificates.get(certificate_id)
            holder = find_holder(work, certificate, now)
            check_permitted(Permission.CERTIFICATE_STOP, serving, holder.subject)
            application = stop_certificate(
                work, certificate, holder, kind=kind, reason=said, actor=actor, now=now
            )
            work.commit()
        return application.id
