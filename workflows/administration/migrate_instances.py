"""Move running instances from one version of a procedure to another."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, InvalidInputError
from engine.model.organisation import Actor
from engine.permissions import Permission, check_permitted
from engine.ports import Progress, StartWork, UnitOfWork
from engine.process.migration import MigrationPlan
from engine.process.model import InstanceId, StoredInstance

_log = logging.getLogger(__name__)

#: Instances in one transaction: others wait so long at most.
BATCH = 100


@dataclass(frozen=True, kw_only=True)
class MigrationReport:
    """Hold what a migration did.

    Args:
        moved: instances that run on the new version now.
        stayed: plans of those that did not move, with their problems.
        overtaken: instances that somebody moved meanwhile; a second run takes them.
    """

    moved: Sequence[InstanceId]
    stayed: Sequence[MigrationPlan]
    overtaken: Sequence[InstanceId]


@dataclass(frozen=True, kw_only=True)
class MigrateInstances:
    """Use case: an administrator takes running instances along to a new version."""

    start_work: StartWork
    start_reading: StartWork
    clock: Clock

    def plan(self, old: str, new: str, actor: Actor) -> Sequence[MigrationPlan]:
        """Return what would happen to each instance; nothing is written.

        Args:
            old: digest of the version they run on; `new` of the one they would move to.

        Raises:
            NotPermittedError: not an administrator.
            InvalidInputError: there is no such version.
        """
        check_permitted(Permission.PROCESS_ADMINISTER, actor)
        with self.start_reading() as work:
            return [
                work.processes.migration.plan(instance, new)
                for batch in _batches(work, old)
                for instance in batch
            ]

    def __call__(
        self, old: str, new: str, actor: Actor, *, progress: Progress | None = None
    ) -> MigrationReport:
        """Move every instance that can move, in batches; each batch is one transaction.

        Raises:
            NotPermittedError: not an administrator.
            InvalidInputError: there is no such version, or it is the same.
        """
        check_permitted(Permission.PROCESS_ADMINISTER, actor)
        if old == new:
            raise InvalidInputError("the same version", field="version")
        planned = self.plan(old, new, actor)
        moved: list[InstanceId] = []
        overtaken: list[InstanceId] = []
        possible = [plan.instance_id for plan in planned if plan.is_possible]
        for start in range(0, len(possible), BATCH):
            batch = possible[start : start + BATCH]
            done = self._move(batch, old, new, actor)
            moved += done
            overtaken += [each for each in batch if each not in done]
            if progress is not None:
                progress("migrate", start + len(batch), len(possible))
        return MigrationReport(
            moved=moved,
            stayed=[plan for plan in planned if not plan.is_possible],
            overtaken=overtaken,
        )

    def _move(
        self, batch: Sequence[InstanceId], old: str, new: str, actor: Actor
    ) -> list[InstanceId]:
        now = self.clock.now()
        moved: list[InstanceId] = []
        with self.start_work() as work:
            for instance_id in batch:
                instance = work.processes.store.get_instance(instance_id)
                if instance.definition_digest != old:
                    continue
                try:
                    work.processes.migration.migrate(instance, new, actor=actor, now=now)
                except ConflictError as error:
                    # It was refused before anything of it was written: the others go on.
                    _log.info("instance %s stays: %s", instance_id, error)
                    continue
                moved.append(instance_id)
            work.audit.record(
                AuditEvent.PROCESS_MIGRATE,
                subject=f"definition:{new}",
                actor=actor,
                at=now,
                details={"from": old, "moved": str(len(moved))},
            )
            work.commit()
        return moved


def _batches(work: UnitOfWork, digest: str) -> Iterator[Sequence[StoredInstance]]:
    after: InstanceId | None = None
    while batch := work.processes.store.list_running(digest, after=after, limit=BATCH):
        yield batch
        after = batch[-1].id
