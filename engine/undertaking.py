"""Undertake to sign, then keep or void the undertaking: the steps signing and sealing share.

The undertaking is committed before the signature is made, because a signature cannot be undone.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    ErrorCode,
    SigningError,
    TrinhKyError,
)
from engine.model.document import Digest, Document, PlacedSignature, Stage
from engine.model.organisation import SYSTEM, Actor
from engine.model.signing_intent import INTENT_LIFETIME, OPEN_STATES, SigningIntent
from engine.model.verification import Verdict
from engine.ports import ObjectStore, StartWork, UnitOfWork
from engine.ports_pdf import PdfSigner
from engine.ports_signing import (
    CertificateId,
    DocumentStage,
    ExpectedSignatures,
    HolderKind,
    IssuedCertificate,
    Verifier,
)
from engine.records import record_document
from engine.telling import tell_signing_stopped


@dataclass(frozen=True, kw_only=True)
class StageEvents:
    """Hold the audit events of one kind of signature."""

    begin: AuditEvent
    park: AuditEvent
    complete: AuditEvent
    fail: AuditEvent


SIGNING_EVENTS = StageEvents(
    begin=AuditEvent.DOCUMENT_SIGN_BEGIN,
    park=AuditEvent.DOCUMENT_SIGN_PARK,
    complete=AuditEvent.DOCUMENT_SIGN,
    fail=AuditEvent.DOCUMENT_SIGN_FAIL,
)
SEALING_EVENTS = StageEvents(
    begin=AuditEvent.DOCUMENT_SEAL_BEGIN,
    park=AuditEvent.DOCUMENT_SEAL_PARK,
    complete=AuditEvent.DOCUMENT_SEAL,
    fail=AuditEvent.DOCUMENT_SEAL_FAIL,
)
STAGES = {Stage.SIGNED: DocumentStage.SIGNED, Stage.SEALED: DocumentStage.SEALED}
EVENTS = {Stage.SIGNED: SIGNING_EVENTS, Stage.SEALED: SEALING_EVENTS}


@dataclass(frozen=True, kw_only=True)
class SignedRevision:
    """Hold a revision that was signed, verified and stored, and is not yet on record."""

    digest: Digest
    size_bytes: int
    signature: PlacedSignature


def get_certificate(
    work: UnitOfWork, kind: HolderKind, holder_id: str, now: datetime
) -> IssuedCertificate:
    """Return the holder's certificate; the rest of what it may do is the signer's to judge.

    Raises:
        CertificateRejectedError: the holder has none, or it is revoked or suspended.
    """
    certificate = work.certificates.find_current(kind, holder_id, now)
    if certificate is None:
        raise CertificateRejectedError(
            f"no certificate for {kind}:{holder_id}", code=ErrorCode.CERTIFICATE_MISSING
        )
    check_not_stopped(work, certificate.id)
    return certificate


def check_not_stopped(work: UnitOfWork, certificate_id: str) -> None:
    """Check that the register has the certificate neither revoked nor suspended.

    The lists that the gate reads are written after the rows, and may be for a while behind.

    Raises:
        CertificateRejectedError: code CERTIFICATE_REVOKED.
    """
    register, key = work.certificates, CertificateId(certificate_id)
    if register.find_hold(key) is not None or register.find_revocation(key) is not None:
        raise CertificateRejectedError(
            f"{certificate_id} is revoked or suspended", code=ErrorCode.CERTIFICATE_REVOKED
        )


def check_not_underway(work: UnitOfWork, document: Document, now: datetime) -> None:
    """Check that nobody is signing the document; void what a crash left behind.

    Raises:
        ConflictError: somebody is, `params` say who and since when.
    """
    intent = work.intents.find_open(document.id)
    if intent is None:
        return
    if now <= intent.expires_at:
        raise ConflictError(
            f"intent {intent.id} is {intent.state}",
            code=ErrorCode.TIMESTAMP_AWAITED
            if intent.awaits_stamp
            else ErrorCode.SIGNING_UNDERWAY,
            by=work.organisation.get_person(intent.actor_id).full_name,
            at=f"{local(intent.begun_at):%d/%m/%Y %H:%M}",
        )
    void_expired(work, intent, now)


def begin_signing(
    work: UnitOfWork,
    document: Document,
    *,
    stage: Stage,
    certificate: IssuedCertificate,
    actor: Actor,
    now: datetime,
    task_id: str,
) -> SigningIntent:
    """Record the undertaking of `actor` to sign the document's current revision.

    Raises:
        ConflictError: somebody is signing it at this moment.
    """
    check_not_underway(work, document, now)
    intent = SigningIntent(
        id=secrets.token_hex(16),
        document_id=document.id,
        stage=stage,
        digest=document.current_revision().digest,
        certificate_id=certificate.id,
        actor_id=actor.person_id,
        nonce=secrets.token_hex(16),
        begun_at=now,
        expires_at=now + INTENT_LIFETIME,
        task_id=task_id,
    )
    work.intents.add(intent)
    record_document(
        work,
        EVENTS[stage].begin,
        document,
        actor=actor,
        now=now,
        certificate=certificate.id,
        digest=intent.digest,
        nonce=intent.nonce,
    )
    return intent


def store_signed(
    signed: bytes,
    intent: SigningIntent,
    earlier: Sequence[PlacedSignature],
    *,
    signer: PdfSigner,
    verifier: Verifier,
    originals: ObjectStore,
    now: datetime,
) -> SignedRevision:
    """Verify a freshly signed revision as a recipient would, then store it.

    Args:
        earlier: signatures the document carried before.

    Raises:
        SigningError: what was just made does not verify; it is not stored.
        StoreUnavailableError: nothing was acknowledged.
    """
    signature = check_signed(
        signed,
        intent.certificate_id,
        earlier,
        stage=STAGES[intent.stage],
        signer=signer,
        verifier=verifier,
        now=now,
    )
    return SignedRevision(
        digest=originals.add(signed), size_bytes=len(signed), signature=signature
    )


def check_signed(
    pdf: bytes,
    certificate_id: str,
    earlier: Sequence[PlacedSignature] = (),
    *,
    stage: DocumentStage = DocumentStage.SEALED,
    signer: PdfSigner,
    verifier: Verifier,
    now: datetime,
) -> PlacedSignature:
    """Check a freshly signed file as a recipient would, and return its newest signature.

    Args:
        certificate_id: of the signature that was just made.
        earlier: signatures the file carried before; with the new one they are all it holds.

    Raises:
        SigningError: what was just made does not verify; it is neither stored nor parked.
    """
    newest = signer.cms_digests(pdf)[-1]
    signature = PlacedSignature(
        field=newest.field,
        certificate_id=certificate_id,
        cms_sha256=newest.sha256,
        made_at=now,
    )
    check_revision(verifier, pdf, [*earlier, signature], stage=stage)
    return signature


def park_signing(
    work: UnitOfWork,
    document: Document,
    intent: SigningIntent,
    parked: Sequence[Digest],
    *,
    actor: Actor,
    now: datetime,
    grace: timedelta,
) -> None:
    """Record that the signature is made and its time-stamp is awaited.

    Args:
        parked: digests of the signed files in the object store, the document's first.
        grace: how long after the act it may wait.

    Raises:
        ConflictError: the undertaking was voided meanwhile.
    """
    current = work.intents.get(intent.id)
    current.check_open(now)
    work.intents.save(current.waiting(parked, until=intent.begun_at + grace))
    record_document(
        work,
        EVENTS[intent.stage].park,
        document,
        actor=actor,
        now=now,
        certificate=intent.certificate_id,
        nonce=intent.nonce,
        parked=",".join(parked),
    )


def complete_signing(
    work: UnitOfWork,
    document: Document,
    intent: SigningIntent,
    revision: SignedRevision,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Record that the undertaking was kept; the new revision is the document's newest.

    Raises:
        ConflictError: the undertaking was voided meanwhile.
    """
    current = work.intents.get(intent.id)
    current.check_open(now)
    document.add_revision(
        intent.stage,
        revision.digest,
        size_bytes=revision.size_bytes,
        by=actor.person_id,
        at=now,
    )
    document.signatures.append(revision.signature)
    work.intents.save(current.completed())
    record_document(
        work,
        EVENTS[intent.stage].complete,
        document,
        actor=actor,
        now=now,
        certificate=intent.certificate_id,
        cms=revision.signature.cms_sha256,
        digest=revision.digest,
        nonce=intent.nonce,
        signed_digest=intent.digest,
    )


def void_expired(work: UnitOfWork, intent: SigningIntent, now: datetime) -> None:
    """Void an undertaking past its time, saying what it waited for."""
    reason = ErrorCode.TIMESTAMP_GRACE_OVER if intent.awaits_stamp else "expired"
    void_undertaking(work, intent, reason=reason, actor=None, now=now)
    tell_signing_stopped(work, intent, now)


def void_undertaking(
    work: UnitOfWork, intent: SigningIntent, *, reason: str, actor: Actor | None, now: datetime
) -> None:
    """Void an undertaking, with a leaf; one that was kept or voided already stays as it is.

    Args:
        actor: who failed; None when nobody came back to say.
    """
    if work.intents.get(intent.id).state not in OPEN_STATES:
        return
    work.intents.save(intent.voided(reason))
    work.audit.record(
        EVENTS[intent.stage].fail,
        subject=f"document:{intent.document_id}",
        group=intent.document_id,
        actor=actor or SYSTEM,
        at=now,
        details={"nonce": intent.nonce, "reason": reason},
    )


@dataclass(frozen=True, kw_only=True)
class VoidOnError:
    """Void the undertaking when the block fails, so that the task is free at once.

    Use as a context manager around everything that follows the undertaking's commit.
    """

    start_work: StartWork
    clock: Clock
    intent: SigningIntent
    actor: Actor

    def __enter__(self) -> "VoidOnError":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        # Whatever stops the process itself leaves it open; the sweep voids it when it expires.
        if not isinstance(error, Exception):
            return
        reason = error.code if isinstance(error, TrinhKyError) else ErrorCode.UNEXPECTED
        with self.start_work() as work:
            void_undertaking(
                work, self.intent, reason=reason, actor=self.actor, now=self.clock.now()
            )
            work.commit()


def expected_signatures(placed: Sequence[PlacedSignature]) -> ExpectedSignatures:
    """Return what a file with these signatures must hold, in their order."""
    return ExpectedSignatures(
        fields=tuple(signature.field for signature in placed),
        cms_sha256=tuple(signature.cms_sha256 for signature in placed),
        certificate_ids=tuple(CertificateId(signature.certificate_id) for signature in placed),
    )


def check_revision(
    verifier: Verifier, pdf: bytes, placed: Sequence[PlacedSignature], *, stage: DocumentStage
) -> None:
    """Check a revision before it is recorded: it must hold these signatures and pass.

    Raises:
        SigningError: what was just made does not verify; it is not recorded.
    """
    report = verifier.verify(pdf, expected=expected_signatures(placed), stage=stage)
    if report.verdict is not Verdict.PASSED:
        raise SigningError(f"new revision is {report.verdict} {report.reason}: {report.message}")
