"""Mark and sign what goes out with a document in files of its own.

The agency's key signs the enclosures in the same act as the document's seal. An electronic
original, which carries the signatures of others, goes out as it came.

Source: Decree 30/2020/NĐ-CP, Appendix I, part I (attachments: the number and symbol of the
document and the time of signing at the top right, the agency's signature, no seal).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, SigningError
from engine.layout.marks import time_line
from engine.model.attachment import Attachment, AttachmentKind
from engine.model.document import Document
from engine.model.organisation import Actor
from engine.originals import OriginalReader
from engine.ports import ObjectStore, StartWork, UnitOfWork
from engine.ports_copies import Mark, Marks, PageReader
from engine.ports_pdf import PdfSigner, SignatureAct, SignedPdf
from engine.ports_signing import SignatureField, Verifier
from engine.records import record_document
from engine.undertaking import check_signed


@dataclass(frozen=True, kw_only=True)
class Enclosures:
    """Prepare enclosures for the agency's key, and keep what it signed."""

    start_reading: StartWork
    read_original: OriginalReader
    originals: ObjectStore
    signer: PdfSigner
    verifier: Verifier
    marks: Marks
    pages: PageReader
    clock: Clock

    def list_files(
        self, document: Document, seal: SignatureAct, actor: Actor
    ) -> Iterator[tuple[str, bytes, SignatureAct]]:
        """Yield title, marked file and act of each enclosure, in their order.

        Args:
            seal: the act on the document itself; the enclosures get its certificate and time.

        Raises:
            DigestMismatchError: the stored bytes were changed.
            SigningError: code ATTACHMENT_UNSEALABLE; a file cannot be marked, and only
                cancelling the document is left.
        """
        if document.number is None:
            raise ConflictError(f"{document.id} has no number", code=ErrorCode.DOCUMENT_STATE)
        for attachment in self._list(document):
            content = self.read_original(attachment.digest, document.id, actor)
            if attachment.kind is AttachmentKind.ORIGINAL:
                continue
            mark, placed = self._marked(
                attachment, content, (document.number.symbol, time_line(seal.at))
            )
            act = replace(seal, field=SignatureField.MARK, appearance=mark.appearance)
            yield attachment.title, placed, act

    def _marked(
        self, attachment: Attachment, content: bytes, lines: tuple[str, str]
    ) -> tuple[Mark, bytes]:
        try:
            mark = self.marks.draw(lines, self.pages.first_page(content))
            return mark, self.signer.place(content, SignatureField.MARK, mark.box)
        except SigningError as error:
            raise SigningError(
                f"attachment {attachment.id}: {error.detail}",
                code=ErrorCode.ATTACHMENT_UNSEALABLE,
                title=attachment.title,
            ) from error

    def store(
        self, document: Document, certificate_id: str, signed: Sequence[SignedPdf]
    ) -> tuple[Attachment, ...]:
        """Verify and store what the key signed; return all attachments as they go out.

        Args:
            signed: one for each of `list_files`, in its order.

        Raises:
            SigningError: what was just made does not verify.
            ConflictError: there are not as many files as enclosures.
        """
        attachments = self._list(document)
        enclosures = [each for each in attachments if each.kind is AttachmentKind.ENCLOSURE]
        if len(enclosures) != len(signed):
            raise ConflictError(
                f"{len(signed)} files for {len(enclosures)} enclosures",
                code=ErrorCode.DOCUMENT_CHANGED,
            )
        files = iter(signed)
        return tuple(
            self._stored(each, certificate_id, next(files))
            if each.kind is AttachmentKind.ENCLOSURE
            else each.sealed(each.digest, size_bytes=each.size_bytes, signature=None)
            for each in attachments
        )

    def _stored(self, attachment: Attachment, certificate_id: str, file: SignedPdf) -> Attachment:
        signature = check_signed(
            file.content,
            certificate_id,
            signer=self.signer,
            verifier=self.verifier,
            now=self.clock.now(),
        )
        return attachment.sealed(
            self.originals.add(file.content), size_bytes=len(file.content), signature=signature
        )

    def _list(self, document: Document) -> Sequence[Attachment]:
        with self.start_reading() as work:
            return work.attachments.list_for(document.id)


def record_sealed(
    work: UnitOfWork,
    document: Document,
    sealed: Sequence[Attachment],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Record what goes out with a document, in the transaction that records its seal.

    Raises:
        ConflictError: it has gone out already.
    """
    for attachment in sealed:
        work.attachments.save_sealed(attachment)
        record_document(
            work,
            AuditEvent.ATTACHMENT_SEAL,
            document,
            actor=actor,
            now=now,
            attachment=attachment.id,
            title=attachment.title,
            digest=attachment.current_digest,
            cms=attachment.signature.cms_sha256 if attachment.signature else "",
        )
