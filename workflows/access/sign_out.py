"""Sign out: the session ends on the server."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.organisation import Actor
from engine.ports import StartWork
from workflows.access.identify import token_digest


@dataclass(frozen=True, kw_only=True)
class SignOut:
    """Use case: a person signs out."""

    start_work: StartWork
    clock: Clock

    def __call__(self, token: str, actor: Actor) -> None:
        """End the session; the token is worth nothing afterwards."""
        with self.start_work() as work:
            work.accounts.close_session(token_digest(token))
            work.audit.record(
                AuditEvent.SESSION_CLOSE,
                subject=f"person:{actor.person_id}",
                actor=actor,
                at=self.clock.now(),
            )
            work.commit()
