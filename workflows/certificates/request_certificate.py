"""Ask for a certificate: a first one, or a new one in place of the present one."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode
from engine.model.certification import (
    CERTIFICATE_PROCEDURE,
    Application,
    ApplicationId,
    ApplicationKind,
    ApplicationState,
)
from engine.model.organisation import Actor, AgencyId
from engine.model.remarks import clean_remark
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork, UnitOfWork
from engine.ports_signing import IssuedCertificate
from engine.presence import with_posts_today
from workflows.certificates.people import (
    Holder,
    find_administration,
    find_approvers,
    holder_of_agency,
    holder_of_person,
)
from workflows.certificates.records import record_application

MAX_REASON_CHARS = 1000


@dataclass(frozen=True, kw_only=True)
class RequestCertificate:
    """Use case: a person asks for a certificate of their own, a clerk for the agency's seal."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self, actor: Actor, reason: str, *, seal_of: AgencyId | None = None
    ) -> ApplicationId:
        """Put the application on the list of a leader.

        Args:
            reason: 1 to 1000 characters.
            seal_of: the agency whose seal certificate is asked for; None asks for one's own.

        Raises:
            NotPermittedError: no post, or not the agency's clerk.
            ConflictError: one is asked for already, or nobody could decide on it.
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            holder = (
                holder_of_person(serving)
                if seal_of is None
                else holder_of_agency(work.organisation.get_agency(seal_of))
            )
            check_permitted(Permission.CERTIFICATE_REQUEST, serving, holder.subject)
            application = _ask(work, holder, serving, said, now)
            work.commit()
        return application.id


def _ask(
    work: UnitOfWork, holder: Holder, actor: Actor, reason: str, now: datetime
) -> Application:
    if holder.agency_id is None:
        raise ConflictError(f"{holder.id} serves nobody", code=ErrorCode.APPLICATION_NOBODY)
    renewed = _find_renewed(work, holder, now)
    application = Application(
        id=ApplicationId(uuid.uuid4().hex),
        kind=ApplicationKind.RENEW if renewed else ApplicationKind.NEW,
        state=ApplicationState.ASKED,
        holder_kind=holder.kind,
        holder_id=holder.id,
        holder_name=holder.name,
        agency_id=holder.agency_id,
        reason=reason,
        asked_by=actor.person_id,
        asked_by_name=actor.full_name,
        asked_at=now,
        certificate_id=renewed.id if renewed else "",
    )
    work.certification.add(application)
    work.processes.start(
        CERTIFICATE_PROCEDURE,
        business_key=application.id,
        data={
            "agency_id": application.agency_id,
            "approver_agency_id": find_approvers(work, application.agency_id, actor, now),
            "administration_id": find_administration(
                work, now, besides=frozenset({actor.person_id})
            ),
            "collector_id": actor.person_id,
        },
        actor=actor,
        now=now,
    )
    record_application(work, AuditEvent.APPLICATION_ASK, application, actor=actor, now=now)
    return application


def _find_renewed(work: UnitOfWork, holder: Holder, now: datetime) -> IssuedCertificate | None:
    """Return the certificate that a new one takes the place of; a revoked one has none."""
    current = work.certificates.find_current(holder.kind, holder.id, now)
    if current is None or work.certificates.find_revocation(current.id) is not None:
        return None
    return current
