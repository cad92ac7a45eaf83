"""Seal a numbered document with the agency's key; from here on its bytes never change."""

from dataclasses import dataclass

from engine.clock import Clock
from engine.model.document import Digest, Document, DocumentStatus, Stage
from engine.model.organisation import Actor, Agency
from engine.model.signing_intent import SigningIntent
from engine.originals import OriginalReader
from engine.ports import ObjectStore, Stamps, StartWork
from engine.ports_signing import HolderKind, IssuedCertificate, PdfSigner, Verifier
from engine.process.model import TaskId
from engine.undertaking import (
    SignedRevision,
    VoidOnError,
    begin_signing,
    complete_signing,
    get_certificate,
    store_signed,
)
from workflows.outgoing.number_document import get_bound_entry
from workflows.outgoing.stages import document_of


@dataclass(frozen=True, kw_only=True)
class _Begun:
    """Hold what the first transaction found and undertook."""

    document: Document
    agency: Agency
    certificate: IssuedCertificate
    intent: SigningIntent


@dataclass(frozen=True, kw_only=True)
class SealDocument:
    """Use case: the clerk seals the document and it goes out."""

    start_work: StartWork
    read_original: OriginalReader
    originals: ObjectStore
    signer: PdfSigner
    verifier: Verifier
    stamps: Stamps
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, pin: str) -> Digest:
        """Seal the document behind `task_id`; dispatch follows as a job.

        Args:
            pin: of the agency's key, kept by the clerk; passed through, never kept.

        Returns:
            Digest of the original: the only object sent, received and archived.

        Raises:
            NotPermittedError: not this person's task.
            PinRejectedError: wrong PIN; the task stays open.
            CertificateRejectedError: missing, expired or revoked certificate.
            ConflictError: the task is closed, sealing is under way, or the number is void.

        Source: Decree 30/2020/NĐ-CP, Art. 14 and 33; ETSI EN 319 142-1, clause 6.
        """
        begun = self._begin(task_id, actor)
        undertaking = VoidOnError(
            start_work=self.start_work, clock=self.clock, intent=begun.intent, actor=actor
        )
        # No transaction is open while the key works.
        with undertaking:
            revision = self._seal(begun, actor, pin)
            self._issue(task_id, begun, revision, actor)
        return revision.digest

    def _begin(self, task_id: TaskId, actor: Actor) -> _Begun:
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="seal_document")
            document = document_of(work, task)
            document.check_status(DocumentStatus.NUMBERED)
            get_bound_entry(work, document)
            agency = work.organisation.get_agency(document.agency_id)
            certificate = get_certificate(work, HolderKind.AGENCY, agency.id, now)
            intent = begin_signing(
                work,
                document,
                stage=Stage.SEALED,
                certificate=certificate,
                actor=actor,
                now=now,
            )
            work.commit()
        return _Begun(document=document, agency=agency, certificate=certificate, intent=intent)

    def _seal(self, begun: _Begun, actor: Actor, pin: str) -> SignedRevision:
        sealed = self.signer.seal(
            self.read_original(begun.intent.digest, begun.document.id, actor),
            certificate=begun.certificate,
            pin=pin,
            appearance=self.stamps.seal(begun.agency),
            reason=begun.agency.name,
            at=begun.intent.begun_at,
        )
        return store_signed(
            sealed,
            begun.intent,
            begun.document.signatures,
            signer=self.signer,
            verifier=self.verifier,
            originals=self.originals,
            now=self.clock.now(),
        )

    def _issue(
        self, task_id: TaskId, begun: _Begun, revision: SignedRevision, actor: Actor
    ) -> None:
        now = self.clock.now()
        with self.start_work() as work:
            work.processes.complete(
                task_id, actor, use_case="seal_document", now=now, outcome="sealed"
            )
            document = work.documents.get(begun.document.id)
            document.check_status(DocumentStatus.NUMBERED)
            complete_signing(work, document, begun.intent, revision, actor=actor, now=now)
            document.move(DocumentStatus.SEALED, now)
            work.documents.save(document)
            work.registers.save(get_bound_entry(work, document).issued())
            work.commit()
