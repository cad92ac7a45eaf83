"""Put a file beside a draft: an enclosure, or an electronic original that is passed on."""

import uuid
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError
from engine.layout.marks import time_line
from engine.markable import MarkTrial
from engine.model.attachment import (
    MAX_TITLE_CHARS,
    Attachment,
    AttachmentId,
    AttachmentKind,
    check_room,
)
from engine.model.document import Document, DocumentId, DocumentStatus
from engine.model.organisation import Actor
from engine.model.remarks import check_unclassified
from engine.model.verification import Integrity, Verdict
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import FileJudge, ObjectStore, StartWork, UnitOfWork
from engine.ports_copies import PdfIntake, Purpose
from engine.records import record_document
from engine.text import clean_line

#: Stands for the number and symbol that the file will bear: they are not known yet.
_LONGEST_SYMBOL = "000000/UBND-VPUBND"
#: How far a signature reaches: the whole file, or the revision that only evidence was added to.
_COVERS = frozenset({"whole_file", "revision"})


def get_own_draft(work: UnitOfWork, document_id: DocumentId, actor: Actor) -> Document:
    """Return a draft whose files the actor may change.

    Raises:
        NotPermittedError: the actor is not the drafter.
        ConflictError: it is no draft any more.
    """
    document = work.documents.get(document_id)
    subject = Subject(agency_id=document.agency_id, person_id=document.drafter_id)
    check_permitted(Permission.DOCUMENT_EDIT, actor, subject)
    document.check_status(DocumentStatus.DRAFT)
    return document


@dataclass(frozen=True, kw_only=True)
class AddAttachment:
    """Use case: the drafter adds a file to a draft."""

    start_work: StartWork
    start_reading: StartWork
    intake: PdfIntake
    judge: FileJudge
    try_mark: MarkTrial
    originals: ObjectStore
    clock: Clock

    def __call__(
        self, document_id: DocumentId, title: str, pdf: bytes, actor: Actor
    ) -> AttachmentId:
        """Take a PDF in and put it last.

        A file with a signature that holds is kept byte for byte and goes out so; one that only
        claims to be signed is refused. Any other is rewritten once, and marked and signed when
        the document is sealed.

        Args:
            title: what the recipients read; 1 to 200 characters.

        Raises:
            InvalidInputError: no title, classified, 20 files or 100 MiB already, or a file that
                may not enter, cannot be marked, or whose signatures do not hold; nothing is
                stored.
            NotPermittedError: the actor is not the drafter.
            ConflictError: the draft was submitted.
            SignerUnavailableError: the file could not be looked at now.
        """
        named = clean_line(title, field="title", max_chars=MAX_TITLE_CHARS)
        check_unclassified(named)
        with self.start_reading() as work:
            get_own_draft(work, document_id, actor)
            check_room(work.attachments.list_for(document_id), len(pdf))
        # The file is looked at in a child process; no transaction is open meanwhile.
        taken = self.intake.take_in(pdf, Purpose.ATTACHMENT)
        now = self.clock.now()
        if taken.is_signed:
            self._check_signed(taken.pdf)
        else:
            self.try_mark(taken.pdf, (_LONGEST_SYMBOL, time_line(now)))
        digest = self.originals.add(taken.pdf)

        with self.start_work() as work:
            document = get_own_draft(work, document_id, actor)
            others = work.attachments.list_for(document_id)
            check_room(others, len(taken.pdf))
            attachment = Attachment(
                id=AttachmentId(uuid.uuid4().hex),
                document_id=document_id,
                position=max((each.position for each in others), default=0) + 1,
                title=named,
                kind=AttachmentKind.ORIGINAL if taken.is_signed else AttachmentKind.ENCLOSURE,
                digest=digest,
                size_bytes=len(taken.pdf),
                page_count=taken.page_count,
                added_at=now,
                added_by=actor.person_id,
            )
            work.attachments.add(attachment)
            record_document(
                work,
                AuditEvent.ATTACHMENT_ADD,
                document,
                actor=actor,
                now=now,
                attachment=attachment.id,
                title=named,
                file_kind=attachment.kind,
                digest=digest,
            )
            work.commit()
        return attachment.id

    def _check_signed(self, pdf: bytes) -> None:
        """Check that somebody did sign the file: it escapes our mark and signature by that.

        Raises:
            InvalidInputError: code UPLOAD_SIGNATURE_BROKEN; `params` name the reason.
            SignerUnavailableError: it could not be judged now.
        """
        report = self.judge.verify(pdf)
        holds = any(
            each.verdict is not Verdict.FAILED and each.coverage in _COVERS
            for each in report.signatures
        )
        is_intact = report.integrity is Integrity.INTACT and report.verdict is not Verdict.FAILED
        if not (holds and is_intact):
            reason = report.reason or report.integrity.value
            raise InvalidInputError(
                f"no signature holds: {reason}",
                code=ErrorCode.UPLOAD_SIGNATURE_BROKEN,
                reason=reason,
            )
