"""Begin a ceremony: fix the list of what is to be signed, with the digest of every PDF."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.clock import Clock, local
from engine.composition import get_printed_authority
from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    TrinhKyError,
)
from engine.model.batch import (
    MAX_BATCH_ITEMS,
    Batch,
    BatchId,
    BatchItem,
    BatchState,
    ItemState,
    root_of,
)
from engine.model.document import Digest, Document, DocumentStatus
from engine.model.keys import KeyHome
from engine.model.kinds import DocumentKind
from engine.model.organisation import Actor, AgencyId
from engine.ports import StartWork, UnitOfWork
from engine.ports_keys import SigningKeys
from engine.ports_signing import HolderKind, IssuedCertificate
from engine.process.model import TaskId
from engine.undertaking import get_certificate
from workflows.batch.weeding import USE_CASE
from workflows.outgoing.stages import PROCEDURE_ID, document_of


@dataclass(frozen=True, kw_only=True)
class BeginBatch:
    """Use case: a signatory ticks documents and is shown what one PIN will sign."""

    start_work: StartWork
    keys: SigningKeys
    clock: Clock

    def __call__(self, task_ids: Sequence[TaskId], actor: Actor) -> BatchId:
        """Fix the list of the documents behind `task_ids`; nothing is signed yet.

        What cannot be signed now is on the list with its reason and is left out of the ceremony.

        Args:
            task_ids: 1 to 200; a task named twice counts once.

        Raises:
            InvalidInputError: none, or too many.
            CertificateRejectedError: the actor has no certificate, or its key lives at the
                actor's own computer, where each signature asks for itself.
            SigningError: code SIGNER_SIGNS_ONCE; the key is a service's and wants a one-time
                password for each signature.
            SignerUnavailableError: that service cannot be asked.
        """
        wanted = list(dict.fromkeys(task_ids))
        _check_count(len(wanted))
        now = self.clock.now()
        with self.start_work() as work:
            certificate = _get_server_certificate(work, actor, self.clock)
        # No transaction is open while a service is asked; each run looks at the certificate anew.
        self.keys.check_signs_many(certificate)
        with self.start_work() as work:
            items = _numbered([self._item(work, task_id, actor) for task_id in wanted])
            signable = [item for item in items if item.state is ItemState.WAITING]
            batch = Batch(
                id=BatchId(secrets.token_hex(16)),
                person_id=actor.person_id,
                agency_id=_agency_of(work, signable, actor),
                certificate_id=certificate.id,
                merkle_root=root_of(signable),
                created_at=now,
                # A list of refusals alone is shown, and there is nothing to give a PIN for.
                state=BatchState.PREPARED if signable else BatchState.FINISHED,
                finished_at=None if signable else now,
            )
            work.batches.add(batch, items)
            work.commit()
        return batch.id

    def _item(self, work: UnitOfWork, task_id: TaskId, actor: Actor) -> BatchItem:
        now = self.clock.now()
        item = BatchItem(
            position=0,
            task_id=task_id,
            document_id=None,
            digest=Digest(""),
            page_count=0,
            kind=DocumentKind(""),
            subject="",
            unit_name="",
            drafter_name="",
        )
        try:
            task = work.processes.check_may_complete(task_id, actor, use_case=USE_CASE)
            document = document_of(work, task)
        except (NotFoundError, NotPermittedError) as error:
            # What is not the person's task is not described either.
            return item.moved(ItemState.SKIPPED, now, reason=error.code)
        except ConflictError as error:
            closed = _closed(work, item, task_id, actor)
            return closed.moved(ItemState.SKIPPED, now, reason=error.code)
        described = _described(work, item, document)
        try:
            self._check_signable(work, document, actor)
        except TrinhKyError as error:
            return described.moved(ItemState.SKIPPED, now, reason=error.code)
        return described

    def _check_signable(self, work: UnitOfWork, document: Document, actor: Actor) -> None:
        """Check what the ceremony will check again, so that the list says it beforehand."""
        now = self.clock.now()
        document.check_status(DocumentStatus.AWAITING_SIGNATURE)
        document.current_revision()
        if document.content.signatory_id != actor.person_id:
            stands_in = work.deputies.find(actor.person_id) is not None
            code = ErrorCode.DEPUTY_SIGNS_AS_SELF if stands_in else ErrorCode.TASK_NOT_YOURS
            raise NotPermittedError("not the signatory", code=code)
        get_printed_authority(work.organisation, document, local(now).date())
        intent = work.intents.find_open(document.id)
        if intent is not None and now <= intent.expires_at:
            awaited = ErrorCode.TIMESTAMP_AWAITED
            code = awaited if intent.awaits_stamp else ErrorCode.SIGNING_UNDERWAY
            raise ConflictError(f"intent {intent.id}", code=code)
        if work.batches.list_taken([document.id]):
            raise ConflictError(f"document {document.id}", code=ErrorCode.BATCH_ELSEWHERE)


def _check_count(count: int) -> None:
    if count == 0:
        raise InvalidInputError("no task", code=ErrorCode.BATCH_EMPTY)
    if count > MAX_BATCH_ITEMS:
        raise InvalidInputError(
            f"{count} tasks",
            code=ErrorCode.BATCH_TOO_LARGE,
            count=str(count),
            most=str(MAX_BATCH_ITEMS),
        )


def _numbered(items: Sequence[BatchItem]) -> list[BatchItem]:
    """Return the items as they are printed: those to be signed first, in the order ticked."""
    ordered = sorted(items, key=lambda item: item.state is not ItemState.WAITING)
    return [replace(item, position=place) for place, item in enumerate(ordered, start=1)]


def _get_server_certificate(work: UnitOfWork, actor: Actor, clock: Clock) -> IssuedCertificate:
    certificate = get_certificate(work, HolderKind.PERSON, actor.person_id, clock.now())
    if certificate.key_home is KeyHome.CLIENT:
        raise CertificateRejectedError(
            f"key of {certificate.id} is at the client", code=ErrorCode.BATCH_KEY_AT_CLIENT
        )
    return certificate


def _closed(work: UnitOfWork, item: BatchItem, task_id: TaskId, actor: Actor) -> BatchItem:
    """Describe a task that somebody has done meanwhile, to people of the agency."""
    task = work.processes.store.get_work_item(task_id)
    if task.procedure_id != PROCEDURE_ID or task.agency_id not in actor.agency_ids():
        return item
    return _described(work, item, document_of(work, task))


def _described(work: UnitOfWork, item: BatchItem, document: Document) -> BatchItem:
    revision = document.revisions[-1] if document.revisions else None
    return replace(
        item,
        document_id=document.id,
        digest=revision.digest if revision else Digest(""),
        page_count=document.page_count,
        kind=document.content.kind,
        subject=document.content.subject,
        unit_name=work.organisation.get_unit(document.unit_id).name,
        drafter_name=work.organisation.get_person(document.drafter_id).full_name,
    )


def _agency_of(work: UnitOfWork, items: Sequence[BatchItem], actor: Actor) -> AgencyId:
    """Return whose letterhead the list bears: the first document's, else the person's own."""
    for item in items:
        if item.document_id is not None:
            return work.documents.get(item.document_id).agency_id
    return actor.posts[0].agency_id
