"""Leave the audit leaf of an act on an application."""

from datetime import datetime

from engine.audit import AuditEvent
from engine.model.certification import Application
from engine.model.organisation import Actor
from engine.ports import UnitOfWork


def record_application(
    work: UnitOfWork,
    event: AuditEvent,
    application: Application,
    *,
    actor: Actor,
    now: datetime,
    **details: str,
) -> None:
    """Append one leaf; all leaves of an application are one group."""
    work.audit.record(
        event,
        subject=f"application:{application.id}",
        group=application.id,
        actor=actor,
        at=now,
        details={
            "kind": application.kind,
            "holder": f"{application.holder_kind}:{application.holder_id}",
            **details,
        },
    )
