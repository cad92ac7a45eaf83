"""Keep outgoing documents, their revisions and the versions of their drafts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.document import (
    Document,
    DocumentId,
    DocumentNumber,
    DraftContent,
    InvitationContent,
    PlacedSignature,
    Revision,
)
from engine.model.organisation import PersonId
from storage.repositories.base import Repository, by_key, missing
from storage.search_index import SearchIndex
from storage.tables import documents as tables
from storage.work_list import set_document_urgency

_document = tables.document
_recipient = tables.document_recipient
_revision = tables.document_revision
_signature = tables.document_signature
_draft = tables.draft_version

_NUMBER_FIELDS = ("series", "year", "number", "suffix", "symbol", "issued_on")
_GET = sa.select(_document).where(by_key(_document.c.id))
_GET_URGENCY = sa.select(_document.c.urgency).where(by_key(_document.c.id))
_SAVE = sa.update(_document).where(
    by_key(_document.c.id), _document.c.version == sa.bindparam("seen_version")
)
_LIST_RECIPIENTS = (
    sa.select(_recipient.c.agency_id)
    .where(by_key(_recipient.c.document_id))
    .order_by(_recipient.c.position)
)
_LIST_REVISIONS = (
    sa.select(*(column for column in _revision.c if column.name != "document_id"))
    .where(by_key(_revision.c.document_id))
    .order_by(_revision.c.sequence)
)
_LIST_SIGNATURES = (
    sa.select(
        *(column for column in _signature.c if column.name not in {"document_id", "position"})
    )
    .where(by_key(_signature.c.document_id))
    .order_by(_signature.c.position)
)
_COUNT_KEPT = sa.select(
    *(
        sa.select(sa.func.count()).where(by_key(table.c.document_id)).scalar_subquery()
        for table in (_revision, _signature)
    )
)

_CONTENT_FIELDS = (
    "kind",
    "subject",
    "body",
    "urgency",
    "signatory_id",
    "circulation",
    "field_id",
)


class SqlDocuments(Repository):
    """Keep documents; what search reads is written in the same transaction."""

    def add(self, document: Document) -> None:
        """Add a new document."""
        self._insert(_document, {"id": document.id, **_values(document)})
        self._add_recipients(document)
        self._add_kept(document, revisions=0, signatures=0)
        SearchIndex(self._connection).add(document)
        set_document_urgency(self._connection, document.id, document.content.urgency)

    def get(self, document_id: DocumentId) -> Document:
        """Return the document.

        Raises:
            NotFoundError: code DOCUMENT_NOT_FOUND.
        """
        row = self._connection.execute(_GET, {"key": document_id}).mappings().first()
        if row is None:
            missing("document", document_id)
        return Document(
            id=document_id,
            agency_id=row["agency_id"],
            unit_id=row["unit_id"],
            drafter_id=row["drafter_id"],
            content=self._content(document_id, row),
            status=row["status"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            version=row["version"],
            authority_id=row["authority_id"],
            number=_number(row),
            revisions=self._list(Revision, _LIST_REVISIONS, key=document_id),
            signatures=self._list(PlacedSignature, _LIST_SIGNATURES, key=document_id),
            page_count=row["page_count"],
        )

    def save(self, document: Document) -> None:
        """Write the document if nobody wrote it since it was read; `version` grows by one.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        before = self._connection.execute(_GET_URGENCY, {"key": document.id}).first()
        written = {**_values(document), "version": document.version + 1}
        seen = {"key": document.id, "seen_version": document.version}
        changed = self._changed(_SAVE, {**written, **seen})
        if before is None or changed == 0:
            raise ConflictError(
                f"document {document.id}: {document.version} is not the newest",
                code=ErrorCode.DOCUMENT_CHANGED,
            )
        document.version += 1
        if self._list_recipients(document.id) != document.content.recipients:
            self._connection.execute(
                sa.delete(_recipient).where(_recipient.c.document_id == document.id)
            )
            self._add_recipients(document)
        revisions, signatures = self._connection.execute(_COUNT_KEPT, {"key": document.id}).one()
        self._add_kept(document, revisions=revisions, signatures=signatures)
        SearchIndex(self._connection).replace(document)
        if before.urgency is not document.content.urgency:
            set_document_urgency(self._connection, document.id, document.content.urgency)

    def add_draft_version(self, document: Document, author: PersonId, at: datetime) -> int:
        """Keep the content as a numbered version with its author; unchanged text adds none."""
        content = _plain(document.content)
        newest = self._connection.execute(
            sa.select(_draft.c.number, _draft.c.content)
            .where(_draft.c.document_id == document.id)
            .order_by(_draft.c.number.desc())
            .limit(1)
        ).first()
        if newest is not None and newest.content == content:
            return int(newest.number)
        number = 1 if newest is None else newest.number + 1
        self._insert(
            _draft,
            {
                "document_id": document.id,
                "number": number,
                "content": content,
                "author_id": author,
                "at": at,
            },
        )
        return int(number)

    def _content(self, document_id: DocumentId, row: sa.RowMapping) -> DraftContent:
        return DraftContent(
            **{name: row[name] for name in _CONTENT_FIELDS},
            recipients=self._list_recipients(document_id),
            invitation=InvitationContent(**row["invitation"]),
        )

    def _list_recipients(self, document_id: DocumentId) -> tuple[Any, ...]:
        return tuple(self._connection.execute(_LIST_RECIPIENTS, {"key": document_id}).scalars())

    def _add_recipients(self, document: Document) -> None:
        if document.content.recipients:
            self._insert(
                _recipient,
                [
                    {"document_id": document.id, "position": position, "agency_id": agency_id}
                    for position, agency_id in enumerate(document.content.recipients)
                ],
            )

    def _add_kept(self, document: Document, *, revisions: int, signatures: int) -> None:
        """Add what came after the first ones, which are kept already and never change."""
        made = [
            {"document_id": document.id, **vars(revision)}
            for revision in document.revisions[revisions:]
        ]
        if made:
            self._insert(_revision, made)
        placed = [
            {"document_id": document.id, "position": position, **vars(signature)}
            for position, signature in enumerate(document.signatures[signatures:], signatures)
        ]
        if placed:
            self._insert(_signature, placed)


def _values(document: Document) -> dict[str, Any]:
    content, number = document.content, document.number
    return {
        "agency_id": document.agency_id,
        "unit_id": document.unit_id,
        "drafter_id": document.drafter_id,
        **{name: getattr(content, name) for name in _CONTENT_FIELDS},
        "invitation": dict(vars(content.invitation)),
        "status": document.status,
        "created_at": document.created_at,
        "updated_at": document.updated_at,
        "version": document.version,
        "authority_id": document.authority_id,
        **{name: getattr(number, name, None) for name in _NUMBER_FIELDS},
        "page_count": document.page_count,
    }


def _number(row: sa.RowMapping) -> DocumentNumber | None:
    if row["number"] is None:
        return None
    return DocumentNumber(**{name: row[name] for name in _NUMBER_FIELDS})


def _plain(content: DraftContent) -> dict[str, Any]:
    return {
        **{name: getattr(content, name) for name in _CONTENT_FIELDS},
        "urgency": content.urgency.value,
        "circulation": content.circulation.value,
        "recipients": list(content.recipients),
        "invitation": dict(vars(content.invitation)),
    }
