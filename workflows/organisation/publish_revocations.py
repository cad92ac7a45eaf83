"""Publish the revocation list: on each revocation, and before the old list grows stale."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.clock import Clock
from engine.ports import StartWork
from engine.ports_signing import CertificateAuthority

#: Job that publishes the lists again, should publishing them at once have failed.
PUBLISH_JOB = "refresh_revocations"


def publish_revocations(
    start_work: StartWork, authority: CertificateAuthority, clock: Clock
) -> None:
    """Publish everything revoked so far, and what is suspended now."""
    # The write lock makes lists leave in the order of what they hold.
    with start_work() as work:
        authority.publish_crl(work.certificates.list_published(), clock.now())


@dataclass(frozen=True, kw_only=True)
class RefreshRevocations:
    """Job: nightly and at start, so that a list is never older than its nextUpdate."""

    start_work: StartWork
    authority: CertificateAuthority
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:  # noqa: ARG002 every job takes one
        """Publish what is revoked today, and renew who answers for it."""
        publish_revocations(self.start_work, self.authority, self.clock)
        self.authority.renew_services(self.clock.now())
