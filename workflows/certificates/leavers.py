"""Suspend what somebody who has left could sign with: at once, or when the day has come."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.clock import Clock, local
from engine.errors import ConflictError
from engine.model.certification import (
    ApplicationId,
    ApplicationKind,
    CertificateState,
    LaterStop,
)
from engine.model.organisation import Actor, PersonId
from engine.ports import StartWork, UnitOfWork
from engine.ports_certification import CertificateFilter
from engine.ports_signing import CertificateAuthority, HolderKind
from workflows.certificates.people import find_holder
from workflows.certificates.stops import stop_certificate
from workflows.organisation.publish_revocations import publish_revocations

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class StopLeavers:
    """Job: suspend the certificates of those whose post has ended, where that was asked for.

    Running it again is harmless: a wish goes with the suspension, in one transaction.
    """

    start_work: StartWork
    authority: CertificateAuthority
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:  # noqa: ARG002 every job takes one
        """Suspend what is due, one person after the other."""
        now = self.clock.now()
        with self.start_work() as work:
            due = work.certification.list_due_stops(now)
        for stop in due:
            try:
                self._stop(stop, now)
            except ConflictError as error:
                # The certificates stay on the list of those whose holder has left.
                _log.warning("nobody could settle the stop for post %s: %s", stop.post_id, error)
                with self.start_work() as work:
                    work.certification.drop_stop(stop.post_id)
                    work.commit()
        if due:
            publish_revocations(self.start_work, self.authority, self.clock)

    def _stop(self, stop: LaterStop, now: datetime) -> None:
        with self.start_work() as work:
            if stop not in work.certification.list_due_stops(now):
                return
            work.certification.drop_stop(stop.post_id)
            post = work.organisation.get_post(stop.post_id)
            person = work.organisation.get_person(stop.asked_by)
            # They asked while they were in office; whether they still are does not matter.
            actor = Actor(person_id=person.id, full_name=person.full_name, posts=())
            stop_all(work, post.person_id, stop.reason, actor, now)
            work.commit()


def stop_all(
    work: UnitOfWork, person_id: PersonId, reason: str, actor: Actor, now: datetime
) -> list[ApplicationId]:
    """Suspend what the person could sign with, unless another post remains."""
    if work.organisation.list_posts_of(person_id, local(now).date()):
        return []
    wanted = CertificateFilter(
        holders=frozenset({(HolderKind.PERSON, str(person_id))}),
        state=CertificateState.IN_USE,
    )
    stopped = []
    for row in work.certification.list_certificates(wanted, now).rows:
        certificate = work.certificates.get(row.certificate_id)
        application = stop_certificate(
            work,
            certificate,
            find_holder(work, certificate, now),
            kind=ApplicationKind.REVOKE,
            reason=reason,
            actor=actor,
            now=now,
        )
        stopped.append(application.id)
    return stopped
