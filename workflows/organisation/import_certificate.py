"""Bind a certificate of another authority to one of our people or agencies."""

from dataclasses import dataclass, replace

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotFoundError
from engine.model.keys import KeyHome
from engine.model.organisation import Actor
from engine.model.trust import CertificateImport, Refusal
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork, UnitOfWork
from engine.ports_signing import HolderKind, IssuedCertificate
from engine.ports_trust import CertificateHolder, ForeignCertificate, TrustFiles
from engine.text import clean_line

MAX_CHARS = 200


@dataclass(frozen=True, kw_only=True)
class ImportCertificate:
    """Use case: an administrator enters somebody's certificate of another authority."""

    start_work: StartWork
    files: TrustFiles
    clock: Clock

    def __call__(
        self, content: bytes, holder: CertificateHolder, actor: Actor
    ) -> IssuedCertificate:
        """Bind the certificate in `content`, PEM or DER; its key stays where it is.

        Raises:
            NotPermittedError: not an administrator.
            InvalidInputError: no basis, no such holder, or an unfit file (TRUST_REFUSED).
            ConflictError: code CERTIFICATE_KNOWN.
        """
        now = self.clock.now()
        check_permitted(Permission.TRUST_ADMINISTER, actor)
        wanted = _checked(holder)
        with self.start_work() as work:
            trust = work.trust.read()
        foreign = self.files.read_holder(content, wanted, trust, now)
        with self.start_work() as work:
            _check_holder(work, wanted, self.clock)
            _check_new(work, foreign)
            work.certificates.add(foreign.certificate)
            work.trust.add_import(
                CertificateImport(
                    certificate_id=foreign.certificate.id,
                    authority_id=foreign.authority_id,
                    bound_from=wanted.bound_from,
                    basis=wanted.basis,
                    imported_at=now,
                    imported_by=actor.person_id,
                )
            )
            work.audit.record(
                AuditEvent.CERTIFICATE_IMPORT,
                subject=f"certificate:{foreign.certificate.id}",
                actor=actor,
                at=now,
                details={
                    "holder": f"{wanted.kind}:{wanted.id}",
                    "sha256": foreign.certificate.sha256,
                    "authority": foreign.authority_id,
                    "key_home": wanted.key_home,
                    "basis": wanted.basis,
                },
            )
            work.commit()
        return foreign.certificate


def _checked(holder: CertificateHolder) -> CertificateHolder:
    basis = clean_line(holder.basis, field="basis", max_chars=MAX_CHARS)
    # A file of this installation never holds the key of another authority's certificate.
    if holder.key_home is KeyHome.SOFTWARE:
        raise InvalidInputError("key home", field="key_home")
    if holder.key_home in {KeyHome.TOKEN, KeyHome.REMOTE} and not holder.key_ref:
        raise InvalidInputError("key ref", code=ErrorCode.INPUT_MISSING, field="key_ref")
    if holder.kind is HolderKind.TSA:
        raise _unknown(holder)
    return replace(holder, basis=basis)


def _check_holder(work: UnitOfWork, holder: CertificateHolder, clock: Clock) -> None:
    today = local(clock.now()).date()
    if holder.kind is HolderKind.AGENCY:
        if not any(agency.id == holder.id for agency in work.organisation.list_agencies(today)):
            raise _unknown(holder)
    elif not any(person.id == holder.id for person in work.organisation.list_people()):
        raise _unknown(holder)


def _check_new(work: UnitOfWork, foreign: ForeignCertificate) -> None:
    try:
        work.certificates.get(foreign.certificate.id)
    except NotFoundError:
        return
    # A register that names certificates by serial cannot hold two with the same one.
    raise ConflictError(foreign.certificate.id, code=ErrorCode.CERTIFICATE_KNOWN)


def _unknown(holder: CertificateHolder) -> InvalidInputError:
    return InvalidInputError(
        f"no {holder.kind}:{holder.id}",
        code=ErrorCode.TRUST_REFUSED,
        field="holder",
        why=Refusal.HOLDER_UNKNOWN,
    )
