"""Gather what the page of one document shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.audit import AuditLeaf
from engine.clock import Clock, local
from engine.composition import compose_form
from engine.errors import InvalidInputError, NotPermittedError
from engine.layout.lint import Finding, check_form
from engine.model.attachment import Attachment, AttachmentId, AttachmentReceipt
from engine.model.delivery import Delivery, DeliveryId, DeliveryStatus
from engine.model.document import Document, DocumentId, DocumentStatus
from engine.model.organisation import Actor, Agency, Field, Person, Unit
from engine.model.preservation import Preservation
from engine.model.register import RegisterBook
from engine.model.signing_intent import SigningIntent
from engine.model.verification import FileReport
from engine.permissions import Permission, Subject, check_permitted, is_permitted
from engine.ports import StartWork, UnitOfWork
from engine.process.model import InstanceId
from engine.queries import DeliveryRow, StepRow, WorkRow


@dataclass(frozen=True, kw_only=True)
class DocumentView:
    """Hold one document with its steps, tasks of the reader, and lights.

    Args:
        instance_id: of the flow; None for a reader of a receiving agency.
        tasks: open tasks the reader may complete now.
        bound_symbol: number kept for the document and not yet in its PDF; "" usually.
        findings: advice on the form, for those who review and check it.
        deliveries: lights of the dispatch board; empty for a reader of a receiving agency.
        own_deliveries: the copies that the reader's agencies received.
        attachments: files of their own that go with the document, in their order.
        awaiting: the signature that waits for its time-stamp, if one does.
        preservation: how far its original is preserved; None before the first look at it.
        work_field: field of work it belongs to, None when none was chosen.
    """

    document: Document
    agency: Agency
    unit: Unit
    drafter: Person
    signatory: Person | None
    instance_id: InstanceId | None
    steps: Sequence[StepRow]
    tasks: Sequence[WorkRow]
    findings: Sequence[Finding]
    bound_symbol: str
    deliveries: Sequence[DeliveryRow]
    own_deliveries: Sequence[DeliveryId]
    recipients: Sequence[Agency]
    attachments: Sequence[Attachment] = ()
    awaiting: SigningIntent | None = None
    preservation: Preservation | None = None
    work_field: Field | None = None


#: The form is looked over while it can still be mended.
_CHECKED_STAGES = frozenset({DocumentStatus.IN_REVIEW, DocumentStatus.IN_CHECK})


@dataclass(frozen=True, kw_only=True)
class BoardView:
    """Hold the lights of one document."""

    document: Document
    deliveries: Sequence[DeliveryRow]
    recipients: Sequence[Agency]


def reader_subject(work: UnitOfWork, document: Document) -> Subject:
    """Return what decides who may see the document: its agency, and recipients once it is out."""
    readers = (
        frozenset(
            delivery.recipient_id for delivery in work.deliveries.list_for_document(document.id)
        )
        if document.status is DocumentStatus.DISPATCHED
        else frozenset()
    )
    return Subject(agency_id=document.agency_id, reader_ids=readers)


@dataclass(frozen=True, kw_only=True)
class ViewDocument:
    """Use case: a person of the issuing or of a receiving agency opens a document."""

    start_reading: StartWork
    clock: Clock

    def __call__(self, document_id: DocumentId, actor: Actor) -> DocumentView:
        """Return everything the page shows.

        Raises:
            NotFoundError: no such document.
            NotPermittedError: neither the agency's nor a recipient's person.
        """
        with self.start_reading() as work:
            document = work.documents.get(document_id)
            subject = reader_subject(work, document)
            check_permitted(Permission.DOCUMENT_VIEW, actor, subject)
            own = is_permitted(Permission.REGISTER_VIEW, actor, subject)
            organisation = work.organisation
            signatory_id = document.content.signatory_id
            field_id = document.content.field_id
            tasks = work.queries.list_tasks_on(actor, document_id)
            return DocumentView(
                document=document,
                agency=organisation.get_agency(document.agency_id),
                unit=organisation.get_unit(document.unit_id),
                drafter=organisation.get_person(document.drafter_id),
                signatory=organisation.get_person(signatory_id) if signatory_id else None,
                work_field=organisation.find_field(field_id) if field_id else None,
                instance_id=work.processes.get_instance_id("outgoing", document_id)
                if own
                else None,
                steps=work.queries.list_steps("outgoing", document_id) if own else (),
                tasks=tasks,
                findings=self._findings(work, document) if tasks else (),
                bound_symbol=_bound_symbol(work, document) if tasks else "",
                deliveries=work.queries.list_board(document_id) if own else (),
                own_deliveries=_own_deliveries(work, document, actor),
                recipients=self._recipients(work, document),
                attachments=work.attachments.list_for(document_id),
                awaiting=_awaiting(work, document),
                preservation=work.preservations.find(document_id),
            )

    def board(self, document_id: DocumentId, actor: Actor) -> BoardView:
        """Return the lights alone, for a page that asks again and again.

        Raises:
            NotPermittedError: not a person of the issuing agency.
        """
        with self.start_reading() as work:
            document = work.documents.get(document_id)
            check_permitted(Permission.REGISTER_VIEW, actor, Subject(agency_id=document.agency_id))
            return BoardView(
                document=document,
                deliveries=work.queries.list_board(document_id),
                recipients=self._recipients(work, document),
            )

    def trail(self, document_id: DocumentId, actor: Actor) -> Sequence[AuditLeaf]:
        """Return the audit trail of a document of the actor's agency.

        Raises:
            NotPermittedError: not a person of the issuing agency.
        """
        with self.start_reading() as work:
            document = work.documents.get(document_id)
            check_permitted(Permission.REGISTER_VIEW, actor, Subject(agency_id=document.agency_id))
            return work.audit.list_group(document_id)

    def _recipients(self, work: UnitOfWork, document: Document) -> tuple[Agency, ...]:
        agencies = {
            agency.id: agency
            for agency in work.organisation.list_agencies(local(self.clock.now()).date())
        }
        return tuple(agencies[r] for r in document.content.recipients if r in agencies)

    def _findings(self, work: UnitOfWork, document: Document) -> tuple[Finding, ...]:
        if document.status not in _CHECKED_STAGES:
            return ()
        try:
            composed = compose_form(
                work.organisation,
                document.content,
                agency_id=document.agency_id,
                unit_id=document.unit_id,
                day=local(self.clock.now()).date(),
            )
        except (InvalidInputError, NotPermittedError):
            # What no longer fits the organisation is refused by the step itself, with its reason.
            return ()
        return check_form(composed.form)


def _awaiting(work: UnitOfWork, document: Document) -> SigningIntent | None:
    intent = work.intents.find_open(document.id)
    return intent if intent is not None and intent.awaits_stamp else None


def _bound_symbol(work: UnitOfWork, document: Document) -> str:
    if document.status is not DocumentStatus.SIGNED:
        return ""
    entry = work.registers.find_for(RegisterBook.OUTGOING, document.id)
    return entry.symbol if entry else ""


def _own_deliveries(work: UnitOfWork, document: Document, actor: Actor) -> tuple[DeliveryId, ...]:
    mine = actor.agency_ids() & set(document.content.recipients)
    found = (work.deliveries.find(document.id, recipient) for recipient in sorted(mine))
    return tuple(delivery.id for delivery in found if delivery is not None)


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    """Hold one arrival with its document, steps and the reader's tasks.

    Args:
        report: what the verification found; None before it.
        attachments: files of their own that came with the document, in their order.
        receipts: what was found of each of them; empty before the check.
    """

    delivery: Delivery
    document: Document
    sender: Agency
    recipient: Agency
    leader: Person | None
    handler: Person | None
    unit: Unit | None
    instance_id: InstanceId | None
    steps: Sequence[StepRow]
    tasks: Sequence[WorkRow]
    report: FileReport | None
    attachments: Sequence[Attachment] = ()
    receipts: Mapping[AttachmentId, AttachmentReceipt] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ViewDelivery:
    """Use case: a person of the receiving agency opens an arrival."""

    start_reading: StartWork

    def __call__(self, delivery_id: DeliveryId, actor: Actor) -> DeliveryView:
        """Return everything the page shows.

        Raises:
            NotFoundError: no such delivery.
            NotPermittedError: not a person of the receiving agency.
        """
        with self.start_reading() as work:
            delivery = work.deliveries.get(delivery_id)
            check_permitted(
                Permission.DOCUMENT_VIEW, actor, Subject(agency_id=delivery.recipient_id)
            )
            organisation = work.organisation
            return DeliveryView(
                delivery=delivery,
                document=work.documents.get(delivery.document_id),
                sender=organisation.get_agency(delivery.sender_id),
                recipient=organisation.get_agency(delivery.recipient_id),
                leader=organisation.get_person(delivery.leader_id) if delivery.leader_id else None,
                handler=organisation.get_person(delivery.handler_id)
                if delivery.handler_id
                else None,
                unit=organisation.get_unit(delivery.unit_id) if delivery.unit_id else None,
                instance_id=None
                if delivery.status is DeliveryStatus.QUEUED
                else work.processes.get_instance_id("incoming", delivery_id),
                steps=work.queries.list_steps("incoming", delivery_id),
                tasks=work.queries.list_tasks_on(actor, delivery_id),
                report=work.verdicts.find_latest(delivery.digest),
                attachments=work.attachments.list_for(delivery.document_id),
                receipts=work.attachments.list_receipts(delivery_id),
            )
