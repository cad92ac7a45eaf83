"""Judge the files that come with a document, as the recipient, before anything is registered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.clock import Clock
from engine.model.attachment import Attachment, AttachmentId, AttachmentKind, AttachmentReceipt
from engine.model.delivery import Delivery
from engine.model.organisation import SYSTEM
from engine.model.verification import FileReport, Verdict
from engine.originals import OriginalReader
from engine.ports import FileJudge, StartWork
from engine.ports_signing import Verifier
from engine.undertaking import expected_signatures

#: Reason of a delivery with an electronic original whose signatures do not hold.
ORIGINAL_FAILED = "ORIGINAL_FAILED"


@dataclass(frozen=True, kw_only=True)
class EnclosureJudge:
    """Hash and verify each file that came with a document.

    Args:
        verifier: judges what this house signed.
        judge: judges what others signed: an electronic original is nobody's we trust.
    """

    start_work: StartWork
    start_reading: StartWork
    read_original: OriginalReader
    verifier: Verifier
    judge: FileJudge
    clock: Clock

    def __call__(self, delivery: Delivery) -> tuple[AttachmentReceipt, ...]:
        """Return what was found of each attachment, in their order.

        Raises:
            DigestMismatchError: stored bytes were changed; reported, never delivered.
            NotFoundError: a file is gone.
            SignerUnavailableError: a file could not be judged now; the job is tried again.
        """
        with self.start_reading() as work:
            attachments = work.attachments.list_for(delivery.document_id)
        return tuple(self._receipt(each, delivery) for each in attachments)

    def _receipt(self, attachment: Attachment, delivery: Delivery) -> AttachmentReceipt:
        digest = attachment.current_digest
        # Hashed again at this hop, also when the verdict is known already.
        content = self.read_original(digest, delivery.document_id, SYSTEM)
        policy, epoch = self.verifier.policy_version, self.verifier.revocation_epoch()
        with self.start_reading() as work:
            report = work.verdicts.find(digest, policy, epoch)
        if report is None:
            report = self._report(attachment, content)
            with self.start_work() as work:
                work.verdicts.add(report, policy=policy, epoch=epoch, at=self.clock.now())
                work.commit()
        return AttachmentReceipt(
            attachment_id=attachment.id,
            digest=digest,
            verdict=report.verdict,
            verdict_reason=report.reason or "",
        )

    def _report(self, attachment: Attachment, content: bytes) -> FileReport:
        if attachment.kind is AttachmentKind.ORIGINAL:
            return self.judge.verify(content)
        placed = [attachment.signature] if attachment.signature else []
        return self.verifier.verify(content, expected=expected_signatures(placed))


def worst_of(
    report: FileReport,
    receipts: Sequence[AttachmentReceipt],
    kinds: Mapping[AttachmentId, AttachmentKind],
) -> tuple[Verdict, str]:
    """Return the verdict on a delivery: the document's, lowered by what the sender enclosed.

    Who passes on an electronic original of others does not answer for it, so one that cannot be
    told lowers nothing. One that failed leaves the delivery undecided: it is never shown as good.
    """
    rank = {Verdict.FAILED: 0, Verdict.INDETERMINATE: 1, Verdict.PASSED: 2}
    found = [(report.verdict, report.reason or "")]
    for each in receipts:
        verdict = Verdict(each.verdict)
        if kinds[each.attachment_id] is AttachmentKind.ENCLOSURE:
            found.append((verdict, each.verdict_reason))
        elif verdict is Verdict.FAILED:
            found.append((Verdict.INDETERMINATE, ORIGINAL_FAILED))
    return min(found, key=lambda each: rank[each[0]])
