"""Seal a numbered document with the agency's key; from here on its bytes never change."""

from dataclasses import dataclass

from engine.clock import Clock
from engine.errors import ErrorCode, NotFoundError
from engine.model.document import Digest, Document, DocumentId, DocumentStatus, Stage
from engine.model.organisation import Actor
from engine.model.register import RegisterBook
from engine.model.signing_intent import SigningIntent
from engine.ports import ObjectStore, Stamps, StartWork
from engine.ports_signing import HolderKind, PdfSigner, Verifier
from engine.process.model import TaskId
from engine.undertaking import (
    SEALING_EVENTS,
    VoidOnError,
    begin_signing,
    check_revision,
    complete_signing,
    get_certificate,
)


@dataclass(frozen=True, kw_only=True)
class SealDocument:
    """Use case: the clerk seals the document and it goes out."""

    start_work: StartWork
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
            ConflictError: the task is closed, or sealing is under way.

        Source: Decree 30/2020/NĐ-CP, Art. 14 and 33; ETSI EN 319 142-1, clause 6.
        """
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="seal_document")
            document = work.documents.get(DocumentId(task.business_key))
            document.check_status(DocumentStatus.NUMBERED)
            agency = work.organisation.get_agency(document.agency_id)
            certificate = get_certificate(work, HolderKind.AGENCY, agency.id, now)
            intent = begin_signing(
                work,
                document,
                stage=Stage.SEALED,
                certificate=certificate,
                actor=actor,
                now=now,
                events=SEALING_EVENTS,
            )
            work.commit()

        with VoidOnError(
            start_work=self.start_work,
            clock=self.clock,
            intent=intent,
            actor=actor,
            events=SEALING_EVENTS,
        ):
            sealed = self.signer.seal(
                self.originals.read(intent.digest),
                certificate=certificate,
                pin=pin,
                appearance=self.stamps.seal(agency),
                reason=agency.name,
                at=now,
            )
            check_revision(self.verifier, sealed, signatures=2)
            digest = self.originals.add(sealed)

        self._issue(task_id, document, intent, actor=actor, digest=digest, size_bytes=len(sealed))
        return digest

    def _issue(
        self,
        task_id: TaskId,
        sealed: Document,
        intent: SigningIntent,
        *,
        actor: Actor,
        digest: Digest,
        size_bytes: int,
    ) -> None:
        with self.start_work() as work:
            now = self.clock.now()
            document = work.documents.get(sealed.id)
            document.check_status(DocumentStatus.NUMBERED)
            document.add_revision(
                Stage.SEALED, digest, size_bytes=size_bytes, by=actor.person_id, at=now
            )
            document.move(DocumentStatus.SEALED, now)
            work.documents.save(document)
            entry = work.registers.find_for(RegisterBook.OUTGOING, document.id)
            if entry is None:
                raise NotFoundError(
                    f"no register entry for {document.id}", code=ErrorCode.REGISTER_ENTRY_CLOSED
                )
            work.registers.save(entry.issued())
            complete_signing(work, document, intent, actor=actor, now=now, events=SEALING_EVENTS)
            work.processes.complete(
                task_id, actor, use_case="seal_document", now=now, outcome="sealed"
            )
            work.jobs.enqueue("dispatch", f"dispatch:{document.id}", {"document_id": document.id})
            work.commit()
