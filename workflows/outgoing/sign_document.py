"""Sign a document: the leader's certification signature on the PDF everybody reviewed."""

from dataclasses import dataclass

from engine.clock import Clock, local
from engine.model.document import Digest, DocumentId, DocumentStatus, Stage
from engine.model.organisation import Actor
from engine.ports import ObjectStore, Stamps, StartWork
from engine.ports_signing import HolderKind, PdfSigner, Verifier
from engine.process.model import TaskId
from engine.undertaking import (
    SIGNING_EVENTS,
    VoidOnError,
    begin_signing,
    check_revision,
    complete_signing,
    get_certificate,
)
from workflows.outgoing.form import get_authority


@dataclass(frozen=True, kw_only=True)
class SignDocument:
    """Use case: the signatory approves a document and signs its PDF."""

    start_work: StartWork
    originals: ObjectStore
    signer: PdfSigner
    verifier: Verifier
    stamps: Stamps
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, pin: str) -> Digest:
        """Sign the document behind `task_id` and move its process on.

        Args:
            pin: of the actor's key; passed through, never kept.

        Returns:
            Digest of the signed revision, PAdES B-T.

        Raises:
            NotPermittedError: not this person's task, or no authority for this kind today.
            PinRejectedError: wrong PIN; the task stays open.
            CertificateRejectedError: missing, expired or revoked certificate.
            ConflictError: the task is closed, or signing is under way.

        Source: Decree 30/2020/NĐ-CP, Art. 13; ETSI EN 319 142-1, clause 6.
        """
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="sign_document")
            document = work.documents.get(DocumentId(task.business_key))
            document.check_status(DocumentStatus.AWAITING_SIGNATURE)
            authority = get_authority(
                work.organisation,
                agency_id=document.agency_id,
                person_id=actor.person_id,
                content=document.content,
                day=local(now).date(),
            )
            certificate = get_certificate(work, HolderKind.PERSON, actor.person_id, now)
            intent = begin_signing(
                work,
                document,
                stage=Stage.SIGNED,
                certificate=certificate,
                actor=actor,
                now=now,
                events=SIGNING_EVENTS,
            )
            work.commit()

        with VoidOnError(
            start_work=self.start_work,
            clock=self.clock,
            intent=intent,
            actor=actor,
            events=SIGNING_EVENTS,
        ):
            signed = self.signer.certify(
                self.originals.read(intent.digest),
                certificate=certificate,
                pin=pin,
                appearance=self.stamps.signature(actor.full_name),
                reason=" ".join(authority.lines),
                at=now,
            )
            check_revision(self.verifier, signed, signatures=1)
            digest = self.originals.add(signed)

        with self.start_work() as work:
            done_at = self.clock.now()
            document = work.documents.get(document.id)
            document.check_status(DocumentStatus.AWAITING_SIGNATURE)
            document.authority_id = authority.id
            document.add_revision(
                Stage.SIGNED, digest, size_bytes=len(signed), by=actor.person_id, at=done_at
            )
            document.move(DocumentStatus.SIGNED, done_at)
            work.documents.save(document)
            complete_signing(
                work, document, intent, actor=actor, now=done_at, events=SIGNING_EVENTS
            )
            work.processes.complete(
                task_id,
                actor,
                use_case="sign_document",
                now=done_at,
                outcome="signed",
                writes={"signed": True},
            )
            work.commit()
        return digest
