"""Complete or give up a signature that a token at the official's own computer was asked for."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, NotFoundError
from engine.model.document import DocumentId
from engine.model.organisation import Actor
from engine.model.parking import ParkedItem, ParkedSignature
from engine.originals import OriginalReader
from engine.ports import StartWork, UnitOfWork
from engine.ports_pdf import PdfSigner, PreparedSignature, SignatureAct, SignedPdf
from engine.ports_signing import CertificateId, IssuedCertificate, SignatureField
from engine.undertaking import check_not_stopped, void_undertaking
from workflows.outgoing.ceremonies import Ceremonies, Kept, Undertaken


@dataclass(frozen=True, kw_only=True)
class CompleteDeferred:
    """Use case: a person comes back with what their token signed."""

    start_work: StartWork
    ceremonies: Ceremonies
    signer: PdfSigner
    read_original: OriginalReader
    clock: Clock

    def __call__(
        self,
        document_id: DocumentId,
        park_id: str,
        nonce: str,
        values: Sequence[bytes],
        actor: Actor,
    ) -> Kept:
        """Check every value, finish the files and move the process on.

        Whoever comes back uses up what is parked, whatever follows: a failure voids the
        undertaking with its reason, and the task is free again.

        Args:
            document_id: the person means to sign.
            values: raw signatures over the attributes of each item, in their order.

        Returns:
            The signed revision, PAdES B-T, or that its time-stamp is awaited.

        Raises:
            NotFoundError: code PARKED_NOT_YOURS; nothing is parked under this id for this
                person.
            ConflictError: codes PARKED_USED, PARKED_EXPIRED; PARKED_MISMATCH when the nonce,
                the document or the number of values is another.
            CertificateRejectedError: the certificate was revoked or suspended meanwhile.
            SigningError: code SIGNATURE_VALUE_WRONG; a value is not by the certificate's key.

        Source: ETSI EN 319 142-1, clause 6; threat P8.
        """
        parked, undertaken = self._take(park_id, actor)
        # No transaction is open while the files are finished and stamped.
        with self.ceremonies.or_void(undertaken, actor):
            self._check(parked, undertaken, document_id, nonce, values)
            signed = self._finished(parked, undertaken, values, actor)
            return self.ceremonies.keep(undertaken, signed, actor)

    def _take(self, park_id: str, actor: Actor) -> tuple[ParkedSignature, Undertaken]:
        """Use up what is parked; of two who come at once the row lets one through."""
        now = self.clock.now()
        with self.start_work() as work:
            parked = take_parked(work, park_id, actor, now)
            undertaken = _undertaken(work, parked)
            work.commit()
        return parked, undertaken

    def _check(
        self,
        parked: ParkedSignature,
        undertaken: Undertaken,
        document_id: DocumentId,
        nonce: str,
        values: Sequence[bytes],
    ) -> None:
        now = self.clock.now()
        # (1) In its time.
        if now > parked.expires_at:
            raise ConflictError(f"{parked.id} has expired", code=ErrorCode.PARKED_EXPIRED)
        # (2) By the page it was given to, for the document it was made for.
        if not parked.has_nonce(nonce):
            raise _mismatch(parked, "nonce")
        if document_id != parked.document_id:
            raise _mismatch(parked, "document")
        # (3) The document is as it was, and the undertaking still stands.
        undertaken.intent.check_open(now)
        newest = undertaken.document.current_revision().digest
        if not hmac.compare_digest(parked.digest, newest):
            raise _mismatch(parked, "digest")
        # (4) One value for each file.
        if len(values) != len(parked.items):
            raise _mismatch(parked, "count")
        # (5) The certificate was not taken out of use while the token was asked.
        with self.start_work() as work:
            check_not_stopped(work, undertaken.act.certificate.id)

    def _finished(
        self,
        parked: ParkedSignature,
        undertaken: Undertaken,
        values: Sequence[bytes],
        actor: Actor,
    ) -> list[SignedPdf]:
        certificate = undertaken.act.certificate
        return [
            self.signer.finish(
                PreparedSignature(
                    pdf=self.read_original(item.prepared, parked.document_id, actor),
                    attributes=item.attributes,
                    value_start=item.value_start,
                    value_end=item.value_end,
                ),
                _act(item, certificate, parked.begun_at),
                value,
            )
            for item, value in zip(parked.items, values, strict=True)
        ]


@dataclass(frozen=True, kw_only=True)
class CancelDeferred:
    """Use case: a person gives up what their token was asked for; the task is free at once."""

    start_work: StartWork
    clock: Clock

    def __call__(self, park_id: str, actor: Actor) -> None:
        """Void the undertaking behind `park_id`.

        Raises:
            NotFoundError: code PARKED_NOT_YOURS; nothing is parked under this id for this
                person.
            ConflictError: code PARKED_USED; it was completed or given up before.
        """
        now = self.clock.now()
        with self.start_work() as work:
            parked = take_parked(work, park_id, actor, now)
            intent = work.intents.get(parked.intent_id)
            void_undertaking(work, intent, reason=ErrorCode.PARKED_CANCELLED, actor=actor, now=now)
            work.commit()


def take_parked(work: UnitOfWork, park_id: str, actor: Actor, now: datetime) -> ParkedSignature:
    """Return what is parked for `actor` under `park_id`, used up; a refusal leaves a leaf.

    Raises:
        NotFoundError: code PARKED_NOT_YOURS; there is none, or it is another person's.
        ConflictError: code PARKED_USED.
    """
    parked = work.parking.find(park_id)
    if parked is None:
        raise NotFoundError(f"nothing parked as {park_id!r}", code=ErrorCode.PARKED_NOT_YOURS)
    if parked.person_id != actor.person_id:
        _record_refusal(work, parked, actor, ErrorCode.PARKED_NOT_YOURS, now)
        raise NotFoundError(
            f"{park_id} waits for {parked.person_id}", code=ErrorCode.PARKED_NOT_YOURS
        )
    if not work.parking.take(park_id, now):
        _record_refusal(work, parked, actor, ErrorCode.PARKED_USED, now)
        raise ConflictError(f"{park_id} was used before", code=ErrorCode.PARKED_USED)
    return parked


def _record_refusal(
    work: UnitOfWork, parked: ParkedSignature, actor: Actor, reason: ErrorCode, now: datetime
) -> None:
    """Leave a leaf of the refusal; it is all this transaction writes, so it is committed."""
    work.audit.record(
        AuditEvent.PARKED_REFUSE,
        subject=f"document:{parked.document_id}",
        group=parked.document_id,
        actor=actor,
        at=now,
        details={"reason": reason},
    )
    work.commit()


def _undertaken(work: UnitOfWork, parked: ParkedSignature) -> Undertaken:
    intent = work.intents.get(parked.intent_id)
    certificate = work.certificates.get(CertificateId(intent.certificate_id))
    return Undertaken(
        document=work.documents.get(parked.document_id),
        intent=intent,
        act=_act(parked.items[0], certificate, parked.begun_at),
    )


def _act(item: ParkedItem, certificate: IssuedCertificate, at: datetime) -> SignatureAct:
    """Return the act a file was prepared for; what it looks like is in the file already."""
    return SignatureAct(
        field=SignatureField(item.field),
        certificate=certificate,
        appearance=b"",
        reason=item.reason,
        at=at,
    )


def _mismatch(parked: ParkedSignature, what: str) -> ConflictError:
    return ConflictError(f"{parked.id}: another {what}", code=ErrorCode.PARKED_MISMATCH)
