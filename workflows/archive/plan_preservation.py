"""Plan the preservation of sealed originals, and begin what is due."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.clock import Clock
from engine.model.outage import Service
from engine.model.preservation import Preservation, PreservationPlan
from engine.outages import note_answer
from engine.ports import StartWork, UnitOfWork
from engine.ports_preservation import Preserver

#: Of each kind, in one transaction; the next sweep takes the next ones.
BATCH = 200


def enqueue_step(work: UnitOfWork, row: Preservation, *, archive: bool = False) -> None:
    """Enqueue the next step of an original; the same step is enqueued once."""
    goal = "archive" if archive else "due"
    key = f"preserve:{row.document_id}:{row.due_at.isoformat()}:{row.tries}:{goal}"
    work.jobs.enqueue("preserve", key, {"document_id": row.document_id, "goal": goal})


@dataclass(frozen=True, kw_only=True)
class PlanPreservation:
    """Job of the sweep: one row for each original, one job for each step that is due.

    Args:
        plan: the times of the installation.
    """

    start_work: StartWork
    clock: Clock
    preserver: Preserver
    plan: PreservationPlan

    def __call__(self, payload: Mapping[str, str]) -> None:  # noqa: ARG002 every job takes one
        """Plan what is sealed, and enqueue what is due."""
        now = self.clock.now()
        has_lists = self.preserver.has_current_lists(now)
        with self.start_work() as work:
            note_answer(work, Service.REVOCATION, now, answers=has_lists)
            for found in work.preservations.list_unplanned(BATCH):
                work.preservations.add(
                    Preservation.planned(
                        found.document_id, found.digest, found.sealed_at, self.plan
                    )
                )
            for row in work.preservations.list_due(now, BATCH):
                enqueue_step(work, row)
            work.commit()
