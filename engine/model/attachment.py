"""Describe what goes out with a document in files of its own.

Source: Decree 30/2020/NĐ-CP, Art. 25 and 26, Appendix I, part I (attachments of e-documents: a
text mark and the agency's signature on each file, no image of the seal).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.document import Digest, DocumentId, PlacedSignature
from engine.model.organisation import PersonId

AttachmentId = NewType("AttachmentId", str)

MAX_ATTACHMENTS = 20
#: Of all files of a document together: each recipient keeps and hashes every one of them.
MAX_TOTAL_BYTES = 100 * 1024 * 1024
MAX_TITLE_CHARS = 200


class AttachmentKind(StrEnum):
    """Say what becomes of a file when the agency seals the document.

    An enclosure is marked and signed by the agency. An electronic original carries the signatures
    of others already: it goes out as it came, because any mark would be a change after signing.
    """

    ENCLOSURE = "enclosure"
    ORIGINAL = "original"


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """Hold one file beside a document.

    Args:
        position: 1 is first.
        digest: of the file as it was taken in.
        sealed_digest: of what goes out; None before the document is sealed. An electronic
            original goes out under the digest it came with.
        signature: the agency's, on an enclosure that is sealed.
    """

    id: AttachmentId
    document_id: DocumentId
    position: int
    title: str
    kind: AttachmentKind
    digest: Digest
    size_bytes: int
    page_count: int
    added_at: datetime
    added_by: PersonId
    sealed_digest: Digest | None = None
    sealed_size_bytes: int | None = None
    signature: PlacedSignature | None = None

    @property
    def current_digest(self) -> Digest:
        """Return the digest of the file as it is now."""
        return self.sealed_digest or self.digest

    @property
    def current_size_bytes(self) -> int:
        """Return the size of the file as it is now."""
        return self.sealed_size_bytes or self.size_bytes

    def sealed(
        self, digest: Digest, *, size_bytes: int, signature: PlacedSignature | None
    ) -> "Attachment":
        """Return the attachment as it goes out.

        Raises:
            ConflictError: its bytes are fixed already.
        """
        if self.sealed_digest is not None:
            raise ConflictError(f"attachment {self.id} is sealed", code=ErrorCode.DOCUMENT_STATE)
        return replace(
            self, sealed_digest=digest, sealed_size_bytes=size_bytes, signature=signature
        )


@dataclass(frozen=True, kw_only=True)
class AttachmentReceipt:
    """Hold what a recipient found of one attachment.

    Args:
        digest: of the bytes that arrived.
        verdict: `PASSED`, `INDETERMINATE` or `FAILED`.
        verdict_reason: sub-indication or rule; "" when passed.
    """

    attachment_id: AttachmentId
    digest: Digest
    verdict: str
    verdict_reason: str


def check_room(others: Sequence[Attachment], size_bytes: int) -> None:
    """Check that a file may be added to the files beside a document.

    Raises:
        InvalidInputError: code ATTACHMENT_LIMIT, there are too many; or ATTACHMENT_ROOM, they
            would be too large together.
    """
    count, total = len(others), sum(each.size_bytes for each in others) + size_bytes
    if count >= MAX_ATTACHMENTS:
        raise InvalidInputError(
            f"{count} attachments", code=ErrorCode.ATTACHMENT_LIMIT, max_files=str(MAX_ATTACHMENTS)
        )
    if total > MAX_TOTAL_BYTES:
        raise InvalidInputError(
            f"{total} bytes of attachments",
            code=ErrorCode.ATTACHMENT_ROOM,
            max_mib=str(MAX_TOTAL_BYTES // 1024 // 1024),
        )
