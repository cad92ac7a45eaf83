"""Open a draft: the first task of the procedure lands on the drafter's list."""

import uuid
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError, NotPermittedError
from engine.model.document import Document, DocumentId, DocumentStatus, DraftContent
from engine.model.kinds import COMPOSABLE_KINDS, DocumentKind, get_kind
from engine.model.organisation import Actor, AgencyId, Role, UnitId
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from engine.records import record_document


@dataclass(frozen=True, kw_only=True)
class CreateDraft:
    """Use case: a desk officer opens a draft for an agency they serve."""

    start_work: StartWork
    clock: Clock

    def __call__(self, actor: Actor, agency_id: AgencyId, kind: DocumentKind) -> DocumentId:
        """Open an empty draft of `kind` and return its id.

        Raises:
            NotPermittedError: the actor does not draft for the agency.
            InvalidInputError: a kind that has no form.
        """
        get_kind(kind)
        if kind not in COMPOSABLE_KINDS:
            raise InvalidInputError(kind, code=ErrorCode.DOCUMENT_KIND_UNKNOWN, kind=kind)
        check_permitted(Permission.DOCUMENT_DRAFT, actor, Subject(agency_id=agency_id))
        unit_id = _drafting_unit(actor, agency_id)
        now = self.clock.now()
        document = Document(
            id=DocumentId(uuid.uuid4().hex),
            agency_id=agency_id,
            unit_id=unit_id,
            drafter_id=actor.person_id,
            content=DraftContent(kind=kind),
            status=DocumentStatus.DRAFT,
            created_at=now,
            updated_at=now,
        )
        with self.start_work() as work:
            work.documents.add(document)
            work.processes.start(
                "outgoing",
                business_key=document.id,
                data={
                    "agency_id": agency_id,
                    "unit_id": unit_id,
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
            work.commit()
        return document.id


def _drafting_unit(actor: Actor, agency_id: AgencyId) -> UnitId:
    for post in actor.posts:
        if post.agency_id == agency_id and post.role is Role.DESK_OFFICER and post.unit_id:
            return post.unit_id
    raise NotPermittedError(f"{actor.person_id} has no unit", predicate="drafts_in_a_unit")
