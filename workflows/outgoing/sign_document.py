"""Sign a document: the leader's certification signature on the PDF everybody reviewed."""

from dataclasses import dataclass

from engine.model.document import Stage
from engine.model.organisation import Actor
from engine.pin_guard import PinGuard
from engine.ports_pdf import PdfSigner
from engine.process.model import TaskId
from workflows.outgoing.ceremonies import Ceremonies, Kept


@dataclass(frozen=True, kw_only=True)
class SignDocument:
    """Use case: the signatory approves a document and signs its PDF with a PIN."""

    ceremonies: Ceremonies
    pins: PinGuard
    signer: PdfSigner

    def __call__(self, task_id: TaskId, actor: Actor, pin: str) -> Kept:
        """Sign the document behind `task_id` and move its process on.

        Args:
            pin: of the actor's key; passed through, never kept.

        Returns:
            The signed revision, PAdES B-T, or that its time-stamp is awaited.

        Raises:
            NotPermittedError: not this person's task, or no authority for this kind today.
            PinRejectedError: wrong PIN, or locked; the task stays open.
            CertificateRejectedError: missing, expired or revoked certificate.
            ConflictError: the task is closed, signing is under way, or the authority printed
                above the signature is no longer the signatory's.

        Source: Decree 30/2020/NĐ-CP, Art. 13; ETSI EN 319 142-1, clause 6.
        """
        undertaken = self.ceremonies.begin(Stage.SIGNED, task_id, actor)
        # No transaction is open while the key works.
        with self.ceremonies.or_void(undertaken, actor):
            files = self.ceremonies.list_signable(undertaken, actor)
            with self.pins.open(undertaken.act.certificate, pin, actor) as key:
                signed = [self.signer.sign(each.content, each.act, key) for each in files]
            return self.ceremonies.keep(undertaken, signed, actor)
