"""Sign a document: the leader's certification signature on the PDF everybody reviewed."""

from dataclasses import dataclass

from engine.clock import Clock, local
from engine.composition import get_printed_authority
from engine.errors import ErrorCode, NotPermittedError
from engine.model.document import Digest, Document, DocumentStatus, Stage
from engine.model.organisation import Actor, Authority
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
from workflows.outgoing.stages import document_of


@dataclass(frozen=True, kw_only=True)
class _Begun:
    """Hold what the first transaction found and undertook."""

    document: Document
    authority: Authority
    certificate: IssuedCertificate
    intent: SigningIntent


@dataclass(frozen=True, kw_only=True)
class SignDocument:
    """Use case: the signatory approves a document and signs its PDF."""

    start_work: StartWork
    read_original: OriginalReader
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
            ConflictError: the task is closed, signing is under way, or the authority printed
                above the signature is no longer the signatory's.

        Source: Decree 30/2020/NĐ-CP, Art. 13; ETSI EN 319 142-1, clause 6.
        """
        begun = self._begin(task_id, actor)
        undertaking = VoidOnError(
            start_work=self.start_work, clock=self.clock, intent=begun.intent, actor=actor
        )
        # No transaction is open while the key works.
        with undertaking:
            revision = self._sign(begun, actor, pin)
            self._record(task_id, begun, revision, actor)
        return revision.digest

    def _begin(self, task_id: TaskId, actor: Actor) -> _Begun:
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.check_may_complete(task_id, actor, use_case="sign_document")
            document = document_of(work, task)
            document.check_status(DocumentStatus.AWAITING_SIGNATURE)
            _check_signatory(document, actor)
            authority = get_printed_authority(work.organisation, document, local(now).date())
            certificate = get_certificate(work, HolderKind.PERSON, actor.person_id, now)
            intent = begin_signing(
                work,
                document,
                stage=Stage.SIGNED,
                certificate=certificate,
                actor=actor,
                now=now,
            )
            work.commit()
        return _Begun(
            document=document, authority=authority, certificate=certificate, intent=intent
        )

    def _sign(self, begun: _Begun, actor: Actor, pin: str) -> SignedRevision:
        signed = self.signer.certify(
            self.read_original(begun.intent.digest, begun.document.id, actor),
            certificate=begun.certificate,
            pin=pin,
            appearance=self.stamps.signature(actor.full_name),
            reason=" ".join(begun.authority.lines),
            at=begun.intent.begun_at,
        )
        return store_signed(
            signed,
            begun.intent,
            begun.document.signatures,
            signer=self.signer,
            verifier=self.verifier,
            originals=self.originals,
            now=self.clock.now(),
        )

    def _record(
        self, task_id: TaskId, begun: _Begun, revision: SignedRevision, actor: Actor
    ) -> None:
        now = self.clock.now()
        with self.start_work() as work:
            work.processes.complete(
                task_id,
                actor,
                use_case="sign_document",
                now=now,
                outcome="signed",
                writes={"signed": True},
            )
            document = work.documents.get(begun.document.id)
            document.check_status(DocumentStatus.AWAITING_SIGNATURE)
            complete_signing(work, document, begun.intent, revision, actor=actor, now=now)
            document.move(DocumentStatus.SIGNED, now)
            work.documents.save(document)
            work.commit()


def _check_signatory(document: Document, actor: Actor) -> None:
    """Check that the person whose name the document bears signs it.

    Raises:
        NotPermittedError: somebody else has the task; the name is under the text already.
    """
    if document.content.signatory_id != actor.person_id:
        raise NotPermittedError(
            f"{actor.person_id} is not the signatory of {document.id}",
            code=ErrorCode.TASK_NOT_YOURS,
            predicate="is_the_signatory",
        )
