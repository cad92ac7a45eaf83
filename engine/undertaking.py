"""Undertake to sign, then keep or void the undertaking: the steps signing and sealing share.

The undertaking is committed before the signature is made, because a signature cannot be undone.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import CertificateRejectedError, ErrorCode, SigningError, TrinhKyError
from engine.model.document import Document, Stage
from engine.model.organisation import Actor
from engine.model.signing_intent import INTENT_LIFETIME, SigningIntent
from engine.model.verification import Verdict
from engine.ports import StartWork, UnitOfWork
from engine.ports_signing import HolderKind, IssuedCertificate, Verifier


@dataclass(frozen=True, kw_only=True)
class StageEvents:
    """Hold the audit events of one kind of signature."""

    begin: AuditEvent
    complete: AuditEvent
    fail: AuditEvent


SIGNING_EVENTS = StageEvents(
    begin=AuditEvent.DOCUMENT_SIGN_BEGIN,
    complete=AuditEvent.DOCUMENT_SIGN,
    fail=AuditEvent.DOCUMENT_SIGN_FAIL,
)
SEALING_EVENTS = StageEvents(
    begin=AuditEvent.DOCUMENT_SEAL_BEGIN,
    complete=AuditEvent.DOCUMENT_SEAL,
    fail=AuditEvent.DOCUMENT_SEAL_FAIL,
)


def document_subject(document: Document) -> str:
    """Return the audit subject of a document."""
    return f"document:{document.id}"


def get_certificate(
    work: UnitOfWork, kind: HolderKind, holder_id: str, now: datetime
) -> IssuedCertificate:
    """Return the holder's certificate; whether it may be used now is the signer's to judge.

    Raises:
        CertificateRejectedError: the holder has none.
    """
    certificate = work.certificates.find_current(kind, holder_id, now)
    if certificate is None:
        raise CertificateRejectedError(
            f"no certificate for {kind}:{holder_id}", code=ErrorCode.CERTIFICATE_MISSING
        )
    return certificate


def begin_signing(
    work: UnitOfWork,
    document: Document,
    *,
    stage: Stage,
    certificate: IssuedCertificate,
    actor: Actor,
    now: datetime,
    events: StageEvents,
) -> SigningIntent:
    """Record the undertaking of `actor` to sign the document's current revision.

    Raises:
        ConflictError: somebody is signing it at this moment.
    """
    for stale in work.intents.list_expired(now):
        work.intents.save(stale.voided("expired"))
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
    )
    work.intents.add(intent)
    work.audit.record(
        events.begin,
        subject=document_subject(document),
        group=document.id,
        actor=actor,
        at=now,
        details={
            "certificate": certificate.id,
            "digest": intent.digest,
            "nonce": intent.nonce,
        },
    )
    return intent


def complete_signing(
    work: UnitOfWork,
    document: Document,
    intent: SigningIntent,
    *,
    actor: Actor,
    now: datetime,
    events: StageEvents,
) -> None:
    """Record that the undertaking was kept; the new revision is the document's newest.

    Raises:
        ConflictError: the undertaking was voided meanwhile.
    """
    work.intents.get(intent.id).check_open(now)
    work.intents.save(intent.completed())
    work.audit.record(
        events.complete,
        subject=document_subject(document),
        group=document.id,
        actor=actor,
        at=now,
        details={
            "certificate": intent.certificate_id,
            "digest": document.current_revision().digest,
            "from": intent.digest,
            "nonce": intent.nonce,
        },
    )


@dataclass(frozen=True, kw_only=True)
class VoidOnError:
    """Void the undertaking when the block fails, so that the task is free at once.

    Use as a context manager around what is done between the two transactions.
    """

    start_work: StartWork
    clock: Clock
    intent: SigningIntent
    actor: Actor
    events: StageEvents

    def __enter__(self) -> "VoidOnError":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        # A crash of the process leaves the undertaking open; the worker voids it when it expires.
        if not isinstance(error, TrinhKyError):
            return
        now = self.clock.now()
        with self.start_work() as work:
            work.intents.save(self.intent.voided(error.code))
            work.audit.record(
                self.events.fail,
                subject=f"document:{self.intent.document_id}",
                group=self.intent.document_id,
                actor=self.actor,
                at=now,
                details={"nonce": self.intent.nonce, "reason": error.code},
            )
            work.commit()


def check_revision(verifier: Verifier, pdf: bytes, *, signatures: int) -> None:
    """Check a revision before it is recorded: every signature in it must pass.

    Raises:
        SigningError: what was just made does not verify; it is not recorded.
    """
    report = verifier.verify(pdf)
    if report.verdict is not Verdict.PASSED or len(report.signatures) != signatures:
        raise SigningError(f"new revision is {report.verdict} {report.reason}: {report.message}")
