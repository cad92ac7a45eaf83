"""Receive a copy of a document: hash, verify, and start the recipient's procedure."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.answers import answer_sender
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.delivery import Delivery, DeliveryId, DeliveryStatus
from engine.model.organisation import SYSTEM
from engine.model.verification import FileReport
from engine.originals import OriginalReader
from engine.ports import StartWork
from engine.ports_signing import Verifier
from engine.records import record_delivery
from engine.undertaking import expected_signatures
from workflows.incoming.enclosures import EnclosureJudge, worst_of


@dataclass(frozen=True, kw_only=True)
class ReceiveDocument:
    """Job: a document arrives at one recipient, exactly once."""

    start_work: StartWork
    start_reading: StartWork
    read_original: OriginalReader
    verifier: Verifier
    judge_enclosures: EnclosureJudge
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:
        """Take the delivery in with status 01; running it again does nothing.

        Args:
            payload: `delivery_id`.

        Raises:
            DigestMismatchError: the stored original was changed; reported, never delivered.
        """
        delivery_id = DeliveryId(payload["delivery_id"])
        with self.start_reading() as work:
            delivery = work.deliveries.get(delivery_id)
        if delivery.status is not DeliveryStatus.QUEUED:
            return
        report = self._judge(delivery)
        receipts = self.judge_enclosures(delivery)
        now = self.clock.now()
        with self.start_work() as work:
            delivery = work.deliveries.get(delivery_id)
            if delivery.status is not DeliveryStatus.QUEUED:
                return
            kinds = {
                each.id: each.kind for each in work.attachments.list_for(delivery.document_id)
            }
            verdict, delivery.verdict_reason = worst_of(report, receipts, kinds)
            delivery.verdict = verdict
            work.attachments.add_receipts(delivery.id, receipts)
            answer_sender(work, delivery, DeliveryStatus.ARRIVED, actor=SYSTEM, now=now)
            content = work.documents.get(delivery.document_id).content
            started = work.processes.start(
                "incoming",
                business_key=delivery.id,
                data={
                    "agency_id": delivery.recipient_id,
                    "leader_id": None,
                    "unit_id": None,
                    "handler_id": None,
                    "kind": content.kind,
                    "urgency": content.urgency.value,
                },
                actor=SYSTEM,
                now=now,
                parent_id=work.processes.get_instance_id("outgoing", delivery.document_id),
            )
            work.processes.complete_operation(
                started.instance_id, "verify", now=now, outcome=verdict
            )
            record_delivery(
                work,
                AuditEvent.DELIVERY_ARRIVE,
                delivery,
                actor=SYSTEM,
                now=now,
                verdict=verdict,
                attachments=str(len(receipts)),
            )
            work.commit()

    def _judge(self, delivery: Delivery) -> FileReport:
        """Return the verdict on the bytes, remembered by file, policy and revocations."""
        content = self.read_original(delivery.digest, delivery.document_id, SYSTEM)
        policy, epoch = self.verifier.policy_version, self.verifier.revocation_epoch()
        with self.start_reading() as work:
            known = work.verdicts.find(delivery.digest, policy, epoch)
            document = work.documents.get(delivery.document_id)
        if known is not None:
            return known
        report = self.verifier.verify(content, expected=expected_signatures(document.signatures))
        with self.start_work() as work:
            work.verdicts.add(report, policy=policy, epoch=epoch, at=self.clock.now())
            work.commit()
        return report
