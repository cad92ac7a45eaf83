"""Publish the revocation list anew before it grows stale."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.clock import Clock
from engine.ports import StartWork
from engine.ports_signing import CertificateAuthority


@dataclass(frozen=True, kw_only=True)
class RefreshRevocations:
    """Job: nightly and at start, so that a list is never older than its nextUpdate."""

    start_reading: StartWork
    authority: CertificateAuthority
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:  # noqa: ARG002 every job takes one
        """Publish what is revoked today."""
        with self.start_reading() as work:
            revocations = work.certificates.list_revocations()
        self.authority.publish_crl(revocations, self.clock.now())
