"""Settle what becomes of a suspended certificate: in use again, or revoked for good."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, NotPermittedError
from engine.model.certification import Application, ApplicationId, RevocationReason
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork, UnitOfWork
from engine.ports_signing import CertificateAuthority, CertificateId, HolderKind, Revocation
from engine.presence import with_posts_today
from engine.process.model import TaskId
from workflows.certificates.people import find_holder
from workflows.certificates.records import record_application
from workflows.organisation.publish_revocations import PUBLISH_JOB, publish_revocations

MAX_COMMENT_CHARS = 1000


@dataclass(frozen=True, kw_only=True)
class SettleSuspension:
    """Use case: an administrator who is not the holder decides on a suspended certificate.

    Nor may who asked for the suspension end it: giving power back needs a second person.
    """

    start_work: StartWork
    authority: CertificateAuthority
    clock: Clock

    def __call__(
        self,
        task_id: TaskId,
        actor: Actor,
        *,
        revoke_for: RevocationReason | None,
        comment: str = "",
    ) -> None:
        """End the suspension behind `task_id`; the lists are published at once.

        Args:
            revoke_for: why it is revoked; None lets it be used again.

        Raises:
            NotPermittedError: not this person's task, or their own certificate; or they asked
                for the suspension that they would end.
            ConflictError: the task is closed; or it shall be used again by somebody who serves
                no more, or was revoked meanwhile.
        """
        said = clean_remark(comment, field="comment", max_chars=MAX_COMMENT_CHARS, required=False)
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            task = work.processes.check_may_complete(
                task_id, serving, use_case="settle_suspension"
            )
            application = work.certification.get(ApplicationId(task.business_key))
            _check_second(application, actor)
            certificate_id = CertificateId(application.certificate_id)
            if revoke_for is None:
                self._check_resumable(work, certificate_id)
                _check_did_not_ask(application, actor)
                work.certificates.end_hold(certificate_id, now)
            else:
                # The suspension stays on record: the revocation counts from its day on.
                work.certificates.add_revocation(
                    Revocation(
                        certificate_id=certificate_id, revoked_at=now, reason=revoke_for.value
                    )
                )
            work.certification.save(application.settled(now, revoked=revoke_for is not None))
            work.processes.complete(
                task_id,
                serving,
                use_case="settle_suspension",
                now=now,
                outcome="resumed" if revoke_for is None else "revoked",
                comment=said,
                writes={"revoked": revoke_for is not None},
            )
            record_application(
                work,
                AuditEvent.CERTIFICATE_RESUME
                if revoke_for is None
                else AuditEvent.CERTIFICATE_REVOKE,
                application,
                actor=actor,
                now=now,
                certificate=certificate_id,
                reason=revoke_for.value if revoke_for else said,
            )
            work.jobs.enqueue(PUBLISH_JOB, f"publish:{application.id}:settled", {})
            work.commit()
        publish_revocations(self.start_work, self.authority, self.clock)

    def _check_resumable(self, work: UnitOfWork, certificate_id: CertificateId) -> None:
        certificate = work.certificates.get(certificate_id)
        holder = find_holder(work, certificate, self.clock.now())
        is_revoked = work.certificates.find_revocation(certificate_id) is not None
        if is_revoked or holder.agency_id is None:
            raise ConflictError(
                f"{certificate_id} cannot be used again", code=ErrorCode.CERTIFICATE_STATE
            )


def _check_did_not_ask(application: Application, actor: Actor) -> None:
    if application.asked_by == actor.person_id:
        raise NotPermittedError(
            f"{actor.person_id} asked for the suspension",
            code=ErrorCode.RESUME_BY_ANOTHER,
            predicate="is_second_person",
        )


def _check_second(application: Application, actor: Actor) -> None:
    is_own = (
        application.holder_kind is HolderKind.PERSON and application.holder_id == actor.person_id
    )
    if is_own:
        raise NotPermittedError(
            f"{actor.person_id} holds it",
            code=ErrorCode.SECOND_PERSON_NEEDED,
            predicate="is_second_person",
        )
