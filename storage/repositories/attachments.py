"""Keep the files beside documents, and what recipients found of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.attachment import Attachment, AttachmentId, AttachmentReceipt
from engine.model.delivery import DeliveryId
from engine.model.document import DocumentId, PlacedSignature
from engine.ports_signing import SignatureField
from storage.repositories.base import Repository, missing
from storage.tables.copies import attachment as _attachment
from storage.tables.copies import attachment_receipt as _receipt

_OPEN = _attachment.c.sealed_digest.is_(None)


class SqlAttachments(Repository):
    """Keep attachments; what has gone out never changes."""

    def add(self, attachment: Attachment) -> None:
        """Add an attachment."""
        self._insert(_attachment, _values(attachment))

    def get(self, attachment_id: AttachmentId) -> Attachment:
        """Return the attachment.

        Raises:
            NotFoundError: there is no such attachment.
        """
        query = sa.select(_attachment).where(_attachment.c.id == attachment_id)
        return self._find(_made, query) or missing(
            "attachment", attachment_id, ErrorCode.ATTACHMENT_NOT_FOUND
        )

    def list_for(self, document_id: DocumentId) -> Sequence[Attachment]:
        """Return the attachments of a document, in their order."""
        query = (
            sa.select(_attachment)
            .where(_attachment.c.document_id == document_id)
            .order_by(_attachment.c.position, _attachment.c.id)
        )
        return self._list(_made, query)

    def remove(self, attachment_id: AttachmentId) -> None:
        """Forget an attachment of a draft.

        Raises:
            ConflictError: it has gone out.
        """
        statement = sa.delete(_attachment).where(_attachment.c.id == attachment_id, _OPEN)
        if self._connection.execute(statement).rowcount == 0:
            raise _gone_out(attachment_id)

    def arrange(self, positions: Mapping[AttachmentId, int]) -> None:
        """Give attachments of one document their places.

        Raises:
            ConflictError: one of them has gone out.
        """
        for attachment_id, position in positions.items():
            statement = sa.update(_attachment).where(_attachment.c.id == attachment_id, _OPEN)
            if self._changed(statement.values(position=position)) == 0:
                raise _gone_out(attachment_id)

    def save_sealed(self, attachment: Attachment) -> None:
        """Write what goes out, once.

        Raises:
            ConflictError: it has gone out already.
        """
        values = _values(attachment)
        names = ("sealed_digest", "sealed_size_bytes", "certificate_id", "cms_sha256", "signed_at")
        statement = sa.update(_attachment).where(_attachment.c.id == attachment.id, _OPEN)
        if self._changed(statement.values({name: values[name] for name in names})) == 0:
            raise _gone_out(attachment.id)

    def add_receipts(self, delivery_id: DeliveryId, receipts: Sequence[AttachmentReceipt]) -> None:
        """Add what a recipient found."""
        for receipt in receipts:
            self._insert(_receipt, {**vars(receipt), "delivery_id": delivery_id})

    def list_receipts(self, delivery_id: DeliveryId) -> Mapping[AttachmentId, AttachmentReceipt]:
        """Return what a recipient found, by attachment."""
        columns = [column for column in _receipt.c if column.name != "delivery_id"]
        query = sa.select(*columns).where(_receipt.c.delivery_id == delivery_id)
        return {each.attachment_id: each for each in self._list(AttachmentReceipt, query)}


def _gone_out(attachment_id: str) -> ConflictError:
    return ConflictError(f"attachment {attachment_id} is fixed", code=ErrorCode.DOCUMENT_STATE)


def _values(attachment: Attachment) -> dict[str, Any]:
    values = dict(vars(attachment))
    signature = values.pop("signature")
    return values | {
        "certificate_id": signature.certificate_id if signature else None,
        "cms_sha256": signature.cms_sha256 if signature else None,
        "signed_at": signature.made_at if signature else None,
    }


def _made(
    *, certificate_id: str | None, cms_sha256: str | None, signed_at: Any, **values: Any
) -> Attachment:
    signature = None
    if certificate_id is not None and cms_sha256 is not None:
        signature = PlacedSignature(
            field=SignatureField.MARK,
            certificate_id=certificate_id,
            cms_sha256=cms_sha256,
            made_at=signed_at,
        )
    return Attachment(**values, signature=signature)
