"""Note when a service falls silent and when it answers again; stop signing in time.

A signature may wait for its time-stamp for a named grace period. Once the authority has been
silent for longer, nothing new is signed: it would only wait to be void.
"""

from datetime import datetime, timedelta

from engine.audit import AuditEvent
from engine.clock import local
from engine.errors import ErrorCode, SignerUnavailableError
from engine.model.organisation import SYSTEM
from engine.model.outage import Outage, Service
from engine.ports import UnitOfWork


def check_stamps_come(work: UnitOfWork, now: datetime, grace: timedelta) -> None:
    """Check that a signature made now has a chance of its time-stamp.

    Raises:
        SignerUnavailableError: code TIMESTAMP_GRACE_OVER; the authority has been silent for
            longer than `grace`.
    """
    outage = work.outages.find(Service.TIMESTAMP)
    if outage is not None and now > outage.since + grace:
        raise SignerUnavailableError(
            f"no time-stamps since {outage.since.isoformat()}",
            code=ErrorCode.TIMESTAMP_GRACE_OVER,
            at=f"{local(outage.since):%d/%m/%Y %H:%M}",
        )


def note_answer(work: UnitOfWork, service: Service, now: datetime, *, answers: bool) -> None:
    """Record what a service did when it was asked; only a change leaves a leaf."""
    if answers:
        changed, event = work.outages.end(service), AuditEvent.OUTAGE_END
    else:
        changed = work.outages.begin(Outage(service=service, since=now))
        event = AuditEvent.OUTAGE_BEGIN
    if changed:
        work.audit.record(event, subject=f"service:{service}", actor=SYSTEM, at=now)
