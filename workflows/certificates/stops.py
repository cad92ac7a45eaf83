"""Take a certificate out of use at once, and put the question of what follows on a list."""

import uuid
from datetime import datetime

from engine.audit import AuditEvent
from engine.errors import ConflictError, ErrorCode
from engine.model.certification import (
    SUSPENSION_PROCEDURE,
    Application,
    ApplicationId,
    ApplicationKind,
    ApplicationState,
)
from engine.model.organisation import Actor, AgencyId
from engine.ports import UnitOfWork
from engine.ports_signing import CertificateHold, IssuedCertificate
from workflows.certificates.people import Holder, find_administration
from workflows.certificates.records import record_application
from workflows.organisation.publish_revocations import PUBLISH_JOB


def stop_certificate(
    work: UnitOfWork,
    certificate: IssuedCertificate,
    holder: Holder,
    *,
    kind: ApplicationKind,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Application:
    """Suspend a certificate; after the commit the lists must be published.

    Args:
        holder: as they stand today; who serves nobody any more may be stopped as well.
        kind: what is wished in the end, suspended only or revoked.

    Raises:
        ConflictError: it is revoked or suspended already, or nobody could settle it.
    """
    is_revoked = work.certificates.find_revocation(certificate.id) is not None
    hold = CertificateHold(certificate_id=certificate.id, held_at=now, reason=reason)
    if is_revoked or not work.certificates.add_hold(hold):
        raise ConflictError(
            f"{certificate.id} is stopped already", code=ErrorCode.CERTIFICATE_STATE
        )
    administration_id = _find_settlers(work, holder, actor, now)
    application = Application(
        id=ApplicationId(uuid.uuid4().hex),
        kind=kind,
        state=ApplicationState.HELD,
        holder_kind=holder.kind,
        holder_id=holder.id,
        holder_name=holder.name,
        # Of somebody who has left, it is the administration's own affair.
        agency_id=holder.agency_id or administration_id,
        reason=reason,
        asked_by=actor.person_id,
        asked_by_name=actor.full_name,
        asked_at=now,
        certificate_id=certificate.id,
    )
    work.certification.add(application)
    work.processes.start(
        SUSPENSION_PROCEDURE,
        business_key=application.id,
        data={"agency_id": application.agency_id, "administration_id": administration_id},
        actor=actor,
        now=now,
    )
    record_application(
        work,
        AuditEvent.CERTIFICATE_SUSPEND,
        application,
        actor=actor,
        now=now,
        certificate=certificate.id,
        reason=reason,
    )
    work.jobs.enqueue(PUBLISH_JOB, f"publish:{application.id}", {})
    return application


def _find_settlers(work: UnitOfWork, holder: Holder, actor: Actor, now: datetime) -> AgencyId:
    """Return whose administrators settle it: where there is one who may also resume it.

    Raises:
        ConflictError: nobody but the holder administers anything.
    """
    others = frozenset({holder.id, actor.person_id})
    # Where nobody else is, who asked for the stop can still make it a revocation.
    return work.certification.find_administration(now, besides=others) or find_administration(
        work, now, besides=frozenset({holder.id})
    )
