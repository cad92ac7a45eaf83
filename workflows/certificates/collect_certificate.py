"""Collect a certificate that was allowed: the holder chooses the PIN, or brings a key.

The claim is committed first: a certificate that was made cannot be unmade, and two browsers must
not make two.
"""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError, PinRejectedError, TrinhKyError
from engine.model.certification import (
    Application,
    ApplicationId,
    KeyPlan,
    check_new_pin,
)
from engine.model.keys import KeyHome
from engine.model.organisation import Actor, AgencyId
from engine.model.pin import MAX_PIN_TRIES
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork, UnitOfWork
from engine.ports_keys import KeyMaker
from engine.ports_signing import (
    CertificateAuthority,
    CertificateId,
    CertificateRequest,
    HolderKind,
    IssuedCertificate,
)
from engine.presence import with_posts_today
from engine.process.model import TaskId
from workflows.certificates.people import (
    Holder,
    certificate_request,
    holder_of_agency,
    holder_of_person,
)
from workflows.certificates.records import record_application


@dataclass(frozen=True, kw_only=True)
class Collection:
    """Hold what the holder gives; none of it is kept.

    Args:
        pin: chosen for a software key, or of the token the key is made on.
        pin_again: the same, typed once more; for a software key only.
        csr: PKCS#10 request, DER or PEM, for a key at the client or at a remote service.
    """

    pin: str = ""
    pin_again: str = ""
    csr: bytes = b""

    def __repr__(self) -> str:
        return "Collection(…)"

    def check(self, home: KeyHome) -> None:
        """Check that what a key at `home` needs is there.

        Raises:
            InvalidInputError: a PIN that is missing or too plain, or no request.
        """
        if home is KeyHome.SOFTWARE:
            check_new_pin(self.pin, self.pin_again)
        elif home is KeyHome.TOKEN and not self.pin:
            raise InvalidInputError("no PIN", code=ErrorCode.INPUT_MISSING, field="pin")
        elif home in (KeyHome.CLIENT, KeyHome.REMOTE) and not self.csr:
            raise InvalidInputError("no request", code=ErrorCode.INPUT_MISSING, field="csr")


@dataclass(frozen=True, kw_only=True)
class CollectCertificate:
    """Use case: the holder, or the clerk for a seal, takes the certificate into use."""

    start_work: StartWork
    authority: CertificateAuthority
    keys: KeyMaker
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, given: Collection) -> CertificateId:
        """Make key and certificate, and let every earlier certificate step back.

        Raises:
            InvalidInputError: PIN or request cannot be used, or the key is not of the kind that
                was allowed, or has a certificate already; the task stays open.
            NotPermittedError: not this person's task, or they serve no more.
            PinRejectedError: wrong PIN of the token.
            SignerUnavailableError: token or authority cannot be reached.
            ConflictError: the task is closed, or it is being collected at this moment.

        Source: RFC 2986 (proof of possession); domain rule: nobody but the holder knows the PIN.
        """
        application, request = self._claim(task_id, actor, given)
        # No transaction is open while keys are made.
        try:
            certificate, public_key = self._make(application.plan, request, given)
        except Exception as error:
            self._give_up(application, actor, error)
            raise
        return self._record(application, certificate, public_key, task_id, actor)

    def _claim(
        self, task_id: TaskId, actor: Actor, given: Collection
    ) -> tuple[Application, CertificateRequest]:
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            task = work.processes.check_may_complete(
                task_id, serving, use_case="collect_certificate"
            )
            application = work.certification.get(ApplicationId(task.business_key))
            given.check(application.plan.home)
            _check_tries(work, application)
            holder = _check_holder(work, application, serving)
            claimed = application.claimed(now)
            work.certification.save(claimed)
            record_application(
                work, AuditEvent.CERTIFICATE_COLLECT_BEGIN, claimed, actor=actor, now=now
            )
            request = certificate_request(work, holder, now)
            work.commit()
        return claimed, request

    def _make(
        self, plan: KeyPlan, request: CertificateRequest, given: Collection
    ) -> tuple[IssuedCertificate, bytes]:
        """Return the certificate, and its public key in DER if that was made elsewhere."""
        if plan.home is KeyHome.SOFTWARE:
            issued = self.authority.issue(
                (request,), pin=given.pin, key_type=plan.key_type, days=plan.days
            )
            return next(iter(issued)), b""
        if plan.home is KeyHome.TOKEN:
            name = plan.key_name or f"{request.holder_kind}-{request.holder_id}"
            made = self.keys.make(plan.home, plan.key_type, name=name, pin=given.pin)
            public_key, key_ref = made.public_key_der, made.key_ref
        else:
            public_key, key_ref = self.authority.check_csr(given.csr), plan.key_name
        with self.start_work() as work:
            certified = work.certificates.list_der()
        self.authority.check_new_key(public_key, plan.key_type, certified)
        certificate = self.authority.certify(
            request, public_key, days=plan.days, key_home=plan.home, key_ref=key_ref
        )
        return certificate, public_key

    def _record(
        self,
        application: Application,
        certificate: IssuedCertificate,
        public_key: bytes,
        task_id: TaskId,
        actor: Actor,
    ) -> CertificateId:
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            if public_key:
                # Another application may have brought the same key at the same moment.
                certified = work.certificates.list_der()
                self.authority.check_new_key(public_key, application.plan.key_type, certified)
            work.certificates.add(certificate)
            earlier = work.certification.supersede(
                certificate.holder_kind, certificate.holder_id, certificate.id, now
            )
            issued = application.issued(certificate.id, now)
            work.certification.save(issued)
            work.processes.complete(
                task_id,
                serving,
                use_case="collect_certificate",
                now=now,
                outcome="issued",
                comment=certificate.id,
            )
            record_application(
                work,
                AuditEvent.CERTIFICATE_COLLECT,
                issued,
                actor=actor,
                now=now,
                certificate=certificate.id,
                key_home=certificate.key_home,
                superseded=" ".join(earlier),
            )
            work.commit()
        return certificate.id

    def _give_up(self, application: Application, actor: Actor, error: Exception) -> None:
        now = self.clock.now()
        reason = error.code if isinstance(error, TrinhKyError) else ErrorCode.UNEXPECTED
        with self.start_work() as work:
            work.certification.save(application.unclaimed())
            record_application(
                work,
                AuditEvent.CERTIFICATE_COLLECT_FAIL,
                application,
                actor=actor,
                now=now,
                reason=reason,
            )
            work.commit()


def _check_tries(work: UnitOfWork, application: Application) -> None:
    """Check that the PIN of a token was not wrong too often; the claim lets one try at a time.

    There is no certificate yet whose count could tell, so the audit trail does.

    Raises:
        PinRejectedError: as a wrong PIN; the application has to be made anew.
    """
    wrong = [
        leaf
        for leaf in work.audit.list_group(application.id)
        if leaf.event is AuditEvent.CERTIFICATE_COLLECT_FAIL
        and leaf.details.get("reason") == ErrorCode.PIN_REJECTED
    ]
    if len(wrong) >= MAX_PIN_TRIES:
        raise PinRejectedError(f"application {application.id} is used up")


def _check_holder(work: UnitOfWork, application: Application, actor: Actor) -> Holder:
    holder = (
        holder_of_agency(work.organisation.get_agency(AgencyId(application.holder_id)))
        if application.holder_kind is HolderKind.AGENCY
        else holder_of_person(actor)
    )
    check_permitted(Permission.CERTIFICATE_REQUEST, actor, holder.subject)
    return holder
