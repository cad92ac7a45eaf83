"""Seal a numbered document with the agency's key; from here on its bytes never change."""

from dataclasses import dataclass

from engine.model.document import Stage
from engine.model.organisation import Actor
from engine.pin_guard import PinGuard
from engine.ports_pdf import PdfSigner
from engine.process.model import TaskId
from workflows.outgoing.ceremonies import Ceremonies, Kept


@dataclass(frozen=True, kw_only=True)
class SealDocument:
    """Use case: the clerk seals the document with a PIN and it goes out."""

    ceremonies: Ceremonies
    pins: PinGuard
    signer: PdfSigner

    def __call__(self, task_id: TaskId, actor: Actor, pin: str) -> Kept:
        """Seal the document behind `task_id`; dispatch follows as a job.

        Args:
            pin: of the agency's key, kept by the clerk; passed through, never kept.

        Returns:
            The original, the only object sent and received, or that its time-stamp is awaited.

        Raises:
            NotPermittedError: not this person's task.
            PinRejectedError: wrong PIN, or locked; the task stays open.
            CertificateRejectedError: missing, expired or revoked certificate.
            ConflictError: the task is closed, sealing is under way, or the number is void.

        Source: Decree 30/2020/NĐ-CP, Art. 14 and 33; ETSI EN 319 142-1, clause 6.
        """
        undertaken = self.ceremonies.begin(Stage.SEALED, task_id, actor)
        # No transaction is open while the key works.
        with self.ceremonies.or_void(undertaken, actor):
            files = self.ceremonies.list_signable(undertaken, actor)
            with self.pins.open(undertaken.act.certificate, pin, actor) as key:
                signed = [self.signer.sign(each.content, each.act, key) for each in files]
            return self.ceremonies.keep(undertaken, signed, actor)
