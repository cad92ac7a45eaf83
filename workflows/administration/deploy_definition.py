"""Put a version of a procedure into force."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork
from engine.process.deployment import check_files
from engine.process.model import DefinitionSource, StoredDefinition


@dataclass(frozen=True, kw_only=True)
class DeployDefinition:
    """Use case: an administrator changes how documents go."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        xml: bytes,
        dmn: bytes,
        actor: Actor,
        *,
        source: DefinitionSource,
        note: str,
    ) -> StoredDefinition:
        """Put a version into force; running instances keep theirs.

        Args:
            xml: BPMN file, at most 2 MB; hostile.
            dmn: its decision tables, b"" for none.
            note: why, in the administrator's words; may be empty.

        Raises:
            NotPermittedError: not an administrator.
            DiagramRefusedError: the linter refuses it; nothing is stored.
        """
        check_permitted(Permission.PROCESS_ADMINISTER, actor)
        said = clean_remark(note, field="note", max_chars=500, required=False)
        now = self.clock.now()
        with self.start_work() as work:
            procedures = work.processes.procedures
        # A drawing may take seconds to look at: nobody waits for a lock meanwhile.
        files = check_files(xml, dmn, procedures)
        with self.start_work() as work:
            stored = work.processes.deployment.deploy(
                files, actor=actor, now=now, source=source, note=said
            )
            work.audit.record(
                AuditEvent.PROCESS_DEPLOY,
                subject=f"procedure:{stored.procedure_id}",
                actor=actor,
                at=now,
                details={
                    "digest": stored.digest,
                    "number": str(stored.number),
                    "source": source,
                    "note": said,
                },
            )
            work.commit()
        return stored
