"""Put a person's step that the process could not make on the administrators' list."""

import logging
from dataclasses import dataclass

from engine.clock import Clock
from engine.errors import TrinhKyError
from engine.ports import StartWork
from engine.process.steps import StepFailedError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class NoteIncident:
    """Use case of the edge: called where an error of a step is turned into an answer."""

    start_work: StartWork
    clock: Clock

    def __call__(self, error: BaseException) -> str:
        """Note the failure if a process failed; return the incident's id, "" if none did.

        Never raises for want of a database: the person is told of the first error.
        """
        if not isinstance(error, StepFailedError):
            return ""
        try:
            with self.start_work() as work:
                incident = work.processes.schedule.note_step(
                    error.instance_id, error.node_id, error, self.clock.now()
                )
                work.commit()
        except TrinhKyError:
            _log.exception("an incident of %s cannot be written", error.instance_id)
            return ""
        return incident.id
