"""Open a draft with what is known of it already: empty, or written out from a meeting."""

import uuid
from datetime import datetime

from engine.audit import AuditEvent
from engine.errors import ErrorCode, InvalidInputError, NotPermittedError
from engine.model.document import Document, DocumentId, DocumentStatus, DraftContent
from engine.model.kinds import COMPOSABLE_KINDS, get_kind
from engine.model.organisation import Actor, AgencyId, Role, UnitId
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import UnitOfWork
from engine.records import record_document


def open_draft(
    work: UnitOfWork, actor: Actor, agency_id: AgencyId, content: DraftContent, now: datetime
) -> Document:
    """Open a draft with `content` on the actor's list, in this transaction.

    Args:
        content: clean; nothing in it need be complete.

    Raises:
        NotPermittedError: the actor does not draft for the agency.
        InvalidInputError: a kind that has no form.
    """
    kind = content.kind
    get_kind(kind)
    if kind not in COMPOSABLE_KINDS:
        raise InvalidInputError(kind, code=ErrorCode.DOCUMENT_KIND_UNKNOWN, kind=kind)
    check_permitted(Permission.DOCUMENT_DRAFT, actor, Subject(agency_id=agency_id))
    document = Document(
        id=DocumentId(uuid.uuid4().hex),
        agency_id=agency_id,
        unit_id=_drafting_unit(actor, agency_id),
        drafter_id=actor.person_id,
        content=content,
        status=DocumentStatus.DRAFT,
        created_at=now,
        updated_at=now,
    )
    work.documents.add(document)
    if content != DraftContent(kind=kind):
        work.documents.add_draft_version(document, actor.person_id, now)
    work.processes.start(
        "outgoing",
        business_key=document.id,
        data={
            "agency_id": agency_id,
            "unit_id": document.unit_id,
            "drafter_id": actor.person_id,
            "signatory_id": None,
        },
        actor=actor,
        now=now,
    )
    record_document(
        work,
        AuditEvent.DOCUMENT_CREATE,
        document,
        actor=actor,
        now=now,
        agency=agency_id,
        kind=kind,
    )
    return document


def _drafting_unit(actor: Actor, agency_id: AgencyId) -> UnitId:
    for post in actor.posts:
        if post.agency_id == agency_id and post.role is Role.DESK_OFFICER and post.unit_id:
            return post.unit_id
    raise NotPermittedError(f"{actor.person_id} has no unit", predicate="drafts_in_a_unit")
