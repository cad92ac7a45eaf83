"""Archive an original at once, or try a step again that failed."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode
from engine.model.document import DocumentId
from engine.model.organisation import Actor
from engine.model.preservation import Preservation, PreservationLevel, PreservationPlan
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from engine.records import record_document
from workflows.archive.plan_preservation import enqueue_step


@dataclass(frozen=True, kw_only=True)
class ArchiveNow:
    """Use case: the clerk or an administrator does not wait for the time that was planned.

    Args:
        plan: the times of the installation.
    """

    start_work: StartWork
    clock: Clock
    plan: PreservationPlan

    def __call__(self, document_id: DocumentId, actor: Actor) -> None:
        """Let a job archive the original now; one that is archived is tried again if it failed.

        Raises:
            NotPermittedError: neither the agency's clerk nor an administrator.
            ConflictError: the document has no original yet.
        """
        now = self.clock.now()
        with self.start_work() as work:
            document = work.documents.get(document_id)
            check_permitted(
                Permission.PRESERVATION_ACT, actor, Subject(agency_id=document.agency_id)
            )
            row = work.preservations.find(document_id)
            if row is None:
                original = document.original_digest()
                if original is None:
                    raise ConflictError("no original", code=ErrorCode.DOCUMENT_STATE)
                row = Preservation.planned(document_id, original, document.updated_at, self.plan)
                work.preservations.add(row)
            hurried = row.hurried(now)
            work.preservations.save(hurried, seen=row)
            enqueue_step(work, hurried, archive=row.level is not PreservationLevel.ARCHIVED)
            record_document(
                work,
                AuditEvent.ARCHIVE_RETRY,
                document,
                actor=actor,
                now=now,
                level=row.level,
            )
            work.commit()
